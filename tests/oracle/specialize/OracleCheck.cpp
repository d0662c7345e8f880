// Compares what this program concludes with what an installed Triton answered: one JSON object a
// line on stdin, as triton_answers.py writes them. Prints the first differences and a summary; exit
// code 0 when everything is equal, 1 when something differs, 2 when a line cannot be read.
//
//   triton_answers.py hip ... | oracle_check RULES_FOLDER triton-3.6 hip:gfx942
#include "core/specialize/Arguments.h"
#include "core/specialize/AstSource.h"
#include "core/specialize/AttrsDescriptor.h"
#include "core/specialize/Engine.h"
#include "core/specialize/KeyString.h"
#include "core/specialize/Specialization.h"

#include <charconv>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <iostream>
#include <map>

using namespace lapidary;

namespace {

Value readValue(const Json &json) {
  const std::string &kind = json.begin().key();
  const Json &data = json.begin().value();
  if (kind == "int") {
    std::string text = data;
    bool isNegative = text.starts_with("-");
    Integer integer = *parseInteger(text.substr(isNegative));
    return Value{isNegative ? Integer(-integer.value) : integer};
  }
  if (kind == "tensor") {
    TensorArgument tensor;
    tensor.dtype = *parseDType(data[0].get<std::string>());
    tensor.alignment = std::stoll(data[1].get<std::string>()); // the address itself
    tensor.storage = std::stoll(data[2].get<std::string>());
    return Value{tensor};
  }
  if (kind == "bool")
    return Value{data.get<bool>()};
  if (kind == "float")
    return Value{std::stod(data.get<std::string>())};
  if (kind == "text")
    return Value{data.get<std::string>()};
  if (kind == "dtype")
    return Value{*parseDType(data.get<std::string>())};
  if (kind == "function")
    return Value{FunctionValue{data[0], data[1]}};
  if (kind == "descriptor") {
    TensorDescriptorValue descriptor;
    descriptor.base.dtype = *parseDType(data[0].get<std::string>());
    descriptor.blockShape = data[1].get<std::vector<std::int64_t>>();
    return Value{descriptor};
  }
  if (kind == "tuple") {
    TupleValue tuple;
    for (const Json &item : data)
      tuple.items.push_back(readValue(item));
    return Value{std::move(tuple)};
  }
  return Value{NoneValue{}};
}

void readCase(const Json &json, JitFunction &function, Launch &launch) {
  function.name = "kernel";
  for (std::size_t i = 0; i < json["parameters"].size(); ++i) {
    const Json &description = json["parameters"][i];
    KernelParameter parameter;
    parameter.name = description["name"];
    if (!description["annotation"].is_null())
      parameter.annotation = description["annotation"];
    for (const Json &optOut : description["optOuts"])
      (optOut == "do_not_specialize" ? function.options.doNotSpecialize
                                     : function.options.doNotSpecializeOnAlignment)
          .push_back(parameter.name);
    launch.arguments.emplace_back(parameter.name, readValue(json["values"][i]));
    function.parameters.push_back(std::move(parameter));
  }
  for (auto it = json["options"].begin(); it != json["options"].end(); ++it)
    launch.options.emplace_back(it.key(), it->is_boolean()
                                              ? Value{it->get<bool>()}
                                              : Value{Integer(it->get<std::int64_t>())});
}

std::string attributesText(const AttrsDescriptor &descriptor) {
  std::vector<std::string> entries;
  for (const auto &[parameter, attributes] : descriptor.functionAttributes()) {
    std::vector<std::string> list;
    for (const Property &property : attributes)
      list.push_back(fmt::format("('{}', {})", property.name, property.value));
    entries.push_back(fmt::format("{}: [{}]", parameter, fmt::join(list, ", ")));
  }
  return fmt::format("{{{}}}", fmt::join(entries, ", "));
}

std::string foldedText(const AttrsDescriptor &descriptor) {
  std::vector<std::string> entries;
  for (auto [parameter, value] : descriptor.constants())
    entries.push_back(fmt::format("{}: {}", parameter, value));
  return fmt::format("{{{}}}", fmt::join(entries, ", "));
}

// What the release was asked for, from our side, under the same names.
std::map<std::string, std::string> answers(const Specialization &specialization,
                                           const Json &expected) {
  AstSource source = makeAstSource(specialization);
  std::map<std::string, std::string> ours = {{"key", specialization.key},
                                             {"types", source.signatureText()},
                                             {"constants", source.constantsText()},
                                             {"attributes", source.attributesText()},
                                             {"hash", source.hash(expected["cacheKey"])}};
  if (!expected.contains("descriptor"))
    return ours;
  AttrsDescriptor descriptor = AttrsDescriptor::fromSpecialization(specialization);
  auto readBack = AttrsDescriptor::fromJson(*specialization.ruleSet, descriptor.toJson());
  ours["attributes"] = attributesText(descriptor);
  ours["foldedByRule"] = foldedText(descriptor);
  ours["descriptor"] = dumpJson(descriptor.toJson());
  ours["descriptorHash"] =
      readBack && readBack->toJson() == descriptor.toJson() ? readBack->hash() : "not read back";
  return ours;
}

// Two launches of one kernel have equal words in the engine exactly when Triton gives them one key.
class WordsAndKeys {
public:
  std::string compare(const RuleSet &rules, const JitFunction &function, const Launch &launch,
                      const std::string &parameters, const std::string &key) {
    KernelSignature signature = makeSignature(function, rules);
    auto bound = BoundArguments::bind(signature, launch);
    if (!bound)
      return "  engine: " + bound.error().message + "\n";
    Engine engine = Engine::compile(std::make_shared<const RuleSet>(rules), std::move(signature),
                                    launch.options);
    std::vector<std::uint64_t> words(Engine::wordsNeeded(bound->values()));
    KeyResult result = engine.evaluate(bound->values(), words);
    if (result.status != KeyStatus::Done)
      return "  engine: no words for what Triton takes\n";
    words.resize(result.words);
    auto [byKey, isNewKey] = keys.emplace(std::pair(parameters, key), words);
    auto [byWords, isNewWords] = wordsSeen.emplace(std::pair(parameters, words), key);
    if (byKey->second != words)
      return fmt::format("  engine: two lists of words for the key {}\n", key);
    if (byWords->second != key)
      return fmt::format("  engine: the same words for {} and {}\n", key, byWords->second);
    return {};
  }

private:
  std::map<std::pair<std::string, std::string>, std::vector<std::uint64_t>> keys;
  std::map<std::pair<std::string, std::vector<std::uint64_t>>, std::string> wordsSeen;
};

// The differences, empty when there are none.
std::string compare(const RuleSets &sets, const std::string &rules, const Target &target,
                    const Json &json, WordsAndKeys &wordsAndKeys) {
  JitFunction function;
  Launch launch;
  readCase(json, function, launch);
  const Json &expected = json["expect"];
  auto specialization = specialize(sets, rules, target, function, launch);
  if (!specialization || expected.contains("error")) {
    if (!specialization && expected.contains("error"))
      return {};
    return fmt::format("  ours: {}\n  triton: {}\n",
                       specialization ? specialization->key : specialization.error().message,
                       dumpJson(expected));
  }
  std::string differences;
  std::map<std::string, std::string> ours = answers(*specialization, expected);
  for (auto &[name, text] : ours) {
    std::string theirs = expected.value(name, std::string("(nothing)"));
    // Serialised forms are compared as JSON: both sides may space them as they like.
    bool isEqual = name == "descriptor" ? Json::parse(text) == Json::parse(theirs) : text == theirs;
    if (!isEqual)
      differences += fmt::format("  {}: ours {}\n  {}: triton {}\n", name, text, name, theirs);
  }
  // The options behind the key are not the engine's.
  std::string key = expected["key"];
  std::size_t options = key.rfind(specialization->ruleSet->form == KeyForm::List ? "]{" : ", {");
  differences += wordsAndKeys.compare(*specialization->ruleSet, function, launch,
                                      dumpJson(json["parameters"]), key.substr(0, options));
  // A key that is read back and printed again is the same key.
  if (specialization->ruleSet->form == KeyForm::List) {
    auto parsed = parseKeyString(specialization->key);
    if (!parsed || printKeyString(*parsed) != specialization->key)
      differences += fmt::format("  key is not read back: {}\n", specialization->key);
  }
  return differences;
}

} // namespace

int main(int count, char **words) {
  if (count != 4) {
    std::cerr << "usage: oracle_check RULES_FOLDER RULE_SET TARGET < answers.jsonl\n";
    return 2;
  }
  auto sets = loadRuleSets(words[1]);
  auto target = parseTarget(words[3]);
  if (!sets || !target) {
    std::cerr << (sets ? target.error() : sets.error()).message << '\n';
    return 2;
  }
  std::size_t launches = 0, arguments = 0, refused = 0, different = 0;
  WordsAndKeys wordsAndKeys;
  std::string line;
  while (std::getline(std::cin, line)) {
    auto json = parseJson(line, fmt::format("line {}", launches + 1));
    if (!json || !json->contains("expect")) {
      std::cerr << "not an answer: " << line.substr(0, 200) << '\n';
      return 2;
    }
    ++launches;
    arguments += (*json)["parameters"].size();
    refused += (*json)["expect"].contains("error");
    std::string differences = compare(**sets, words[2], *target, *json, wordsAndKeys);
    if (!differences.empty() && ++different <= 10) {
      json->erase("expect");
      std::cout << dumpJson(*json) << '\n' << differences;
    }
  }
  fmt::print("{} {}: {} launches, {} arguments, {} refused by Triton, {} different\n", words[2],
             words[3], launches, arguments, refused, different);
  return launches == 0 ? 2 : different ? 1 : 0;
}
