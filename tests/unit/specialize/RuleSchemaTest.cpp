// The schema of rule sets says what the reader takes: every document that loads satisfies it, and
// both know the same fields.
#include "core/support/Paths.h"
#include "tests/unit/specialize/Fixture.h"
#include "tests/unit/specialize/fuzz/Entries.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <random>
#include <regex>

using namespace lapidary;
using namespace lapidary::test;
using ::testing::HasSubstr;

namespace {

const Json &schema() {
  static const Json read = *parseJson(
      readFile(LAPIDARY_SOURCE_DIR "/resources/schemas/rules.schema.json").value_or("{}"),
      "schema");
  return read;
}

// The first thing in `json` that `rule` forbids; empty when it is satisfied. As much of JSON Schema
// as the document uses; a word it does not know fails the test.
std::string violation(const Json &json, const Json &rule, const std::string &where = "$") {
  auto wrong = [&](const std::string &word) { return fmt::format("{}: {}", where, word); };
  for (const auto &[word, value] : rule.items()) {
    if (word == "$ref") {
      const std::string name = value.get<std::string>().substr(std::string("#/$defs/").size());
      if (std::string found = violation(json, schema()["$defs"].at(name), where); !found.empty())
        return found;
    } else if (word == "type") {
      const Json types = value.is_array() ? value : Json::array({value});
      if (std::ranges::none_of(types, [&](const Json &type) {
            const std::string name = type;
            return name == "object"    ? json.is_object()
                   : name == "array"   ? json.is_array()
                   : name == "string"  ? json.is_string()
                   : name == "boolean" ? json.is_boolean()
                   : name == "null"    ? json.is_null()
                                       : json.is_number_integer();
          }))
        return wrong("type");
    } else if (word == "enum") {
      if (std::ranges::find(value, json) == value.end())
        return wrong("enum");
    } else if (word == "required") {
      for (const Json &name : value)
        if (json.is_object() && !json.contains(name.get<std::string>()))
          return wrong("required " + name.get<std::string>());
    } else if (word == "properties" || word == "additionalProperties") {
      if (!json.is_object())
        continue;
      for (const auto &[name, item] : json.items()) {
        const bool isNamed = rule.contains("properties") && rule["properties"].contains(name);
        if (word == "additionalProperties" && !isNamed && value.is_boolean() && !value)
          return wrong("unknown field " + name);
        const Json *of = word == "properties" && isNamed                         ? &value.at(name)
                         : word != "properties" && !isNamed && value.is_object() ? &value
                                                                                 : nullptr;
        if (std::string found = of ? violation(item, *of, where + "." + name) : ""; !found.empty())
          return found;
      }
    } else if (word == "items") {
      for (std::size_t i = 0; json.is_array() && i < json.size(); ++i)
        if (std::string found = violation(json[i], value, fmt::format("{}[{}]", where, i));
            !found.empty())
          return found;
    } else if (word == "minItems" || word == "maxItems") {
      if (json.is_array() && (word == "minItems" ? json.size() < value : json.size() > value))
        return wrong(word);
    } else if (word == "minProperties" || word == "maxProperties") {
      if (json.is_object() && (word == "minProperties" ? json.size() < value : json.size() > value))
        return wrong(word);
    } else if (word == "minimum" || word == "maximum") {
      if (json.is_number() && (word == "minimum" ? json < value : json > value))
        return wrong(word);
    } else if (word == "minLength") {
      if (json.is_string() && json.get_ref<const std::string &>().size() < value)
        return wrong(word);
    } else if (word == "pattern") {
      if (json.is_string() &&
          !std::regex_search(json.get<std::string>(), std::regex(value.get<std::string>())))
        return wrong(word);
    } else if (word != "description" && word != "title" && word != "$schema" && word != "$defs") {
      return "the schema uses " + word;
    }
  }
  return {};
}

std::string errorOf(const Json &json) {
  const auto sets = RuleSets::parse({{"test.json", dumpJson(json)}});
  return sets ? "fine" : sets.error().message;
}

TEST(RuleSchema, EveryReleaseSatisfiesIt) {
  int documents = 0;
  for (const auto &entry :
       std::filesystem::directory_iterator(LAPIDARY_SOURCE_DIR "/resources/rules"))
    if (entry.path().extension() == ".json") {
      ++documents;
      EXPECT_EQ(violation(*parseJson(*readFile(entry.path()), "rules"), schema()), "")
          << entry.path();
    }
  EXPECT_GE(documents, 15);
}

TEST(RuleSchema, KnowsTheFieldsOfTheReader) {
  const Json rule = Json::parse(R"({"name": "a", "letter": "D", "kinds": ["int"],
                                    "when": {"divisible-by": 16}, "explanation": "why"})");
  auto with = [&](const std::string &part, Json content) {
    Json json = {{"name", "mine"}, {"targets", {"cuda"}}};
    if (part.empty())
      json.update(content);
    else
      json[part] = std::move(content);
    return json;
  };
  auto withRule = [&](const std::string &field, const Json &content) {
    Json changed = rule;
    changed[field] = content;
    return with("rules", Json::array({changed}));
  };
  auto fields = [](const Json &rules) {
    std::vector<std::string> names;
    for (const auto &[name, ignored] : rules["properties"].items())
      names.push_back(name);
    return fmt::format("known here: {}", fmt::join(names, ", "));
  };
  const Json &parts = schema()["$defs"];
  const Json unknown = {{"colour", 1}};
  EXPECT_THAT(errorOf(with("", unknown)), HasSubstr(fields(schema())));
  EXPECT_THAT(errorOf(with("key", unknown)), HasSubstr(fields(parts["key"])));
  EXPECT_THAT(errorOf(with("types", unknown)), HasSubstr(fields(parts["types"])));
  EXPECT_THAT(errorOf(withRule("colour", 1)), HasSubstr(fields(parts["rule"])));
  EXPECT_THAT(errorOf(withRule("attribute", unknown)),
              HasSubstr(fields(parts["rule"]["properties"]["attribute"])));
  EXPECT_THAT(errorOf(withRule("option", unknown)),
              HasSubstr(fields(parts["rule"]["properties"]["option"])));
  for (const auto &[predicate, ignored] : parts["predicate"]["properties"].items())
    EXPECT_THAT(errorOf(withRule("when", unknown)), HasSubstr(predicate));
}

// Documents with one place changed: what the reader takes, the schema takes.
TEST(RuleSchema, WhatLoadsSatisfiesIt) {
  std::mt19937 random(5);
  const std::vector<Json> values = {0,
                                    1,
                                    -1,
                                    16,
                                    true,
                                    "x",
                                    "",
                                    nullptr,
                                    0.5,
                                    Json::array(),
                                    "DD",
                                    "letter9",
                                    "list",
                                    {1, 2},
                                    Json::array({"int"}),
                                    Json::object()};
  std::vector<Json> documents;
  for (const auto &entry :
       std::filesystem::directory_iterator(LAPIDARY_SOURCE_DIR "/resources/rules"))
    if (entry.path().extension() == ".json")
      documents.push_back(*parseJson(*readFile(entry.path()), "rules"));
  for (const std::string &seed : fuzz::findEntry("rule_set")->seeds)
    documents.push_back(Json::parse(seed));
  int loaded = 0, refused = 0;
  for (int round = 0; round < 2000; ++round) {
    Json json = documents[random() % documents.size()];
    json.erase("extends");
    json.erase("remove");
    const Json flat = json.flatten();
    const auto place = std::next(flat.begin(), std::ptrdiff_t(random() % flat.size()));
    json[Json::json_pointer(place.key())] = values[random() % values.size()];
    if (errorOf(json) != "fine") {
      ++refused;
      continue;
    }
    ++loaded;
    ASSERT_EQ(violation(json, schema()), "") << json;
  }
  EXPECT_GT(loaded, 150);
  EXPECT_GT(refused, 150);
}

} // namespace
