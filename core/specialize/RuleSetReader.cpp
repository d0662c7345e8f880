#include "core/specialize/RuleSetReader.h"

#include <algorithm>
#include <cctype>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <initializer_list>
#include <map>

namespace lapidary {
namespace {

// One field of a document, knowing where it stands ("rules[1].when"), so that every message can say
// so. The first problem is kept and everything after it is skipped.
class Reader {
public:
  explicit Reader(std::string file) : file(std::move(file)) {}

  void problem(const std::string &where, const std::string &what) {
    if (!failed)
      failed = Error{ErrorCode::InvalidInput,
                     where.empty() ? what : fmt::format("field '{}': {}", where, what), file};
  }
  bool ok() const { return !failed; }
  std::optional<Error> error() const { return failed; }

  bool isObject(const Json &json, const std::string &where) {
    if (!json.is_object())
      problem(where, fmt::format("expected an object, got {}", json.type_name()));
    return ok();
  }
  void knownFields(const Json &json, const std::string &where,
                   std::initializer_list<std::string_view> known) {
    for (auto it = json.begin(); ok() && it != json.end(); ++it)
      if (std::ranges::find(known, it.key()) == known.end())
        problem(join(where, it.key()),
                fmt::format("unknown field; known here: {}", fmt::join(known, ", ")));
  }
  static std::string join(const std::string &where, const std::string &field) {
    return where.empty() ? field : where + "." + field;
  }

  std::string text(const Json &json, const std::string &where) {
    if (json.is_string() && !json.get_ref<const std::string &>().empty())
      return json.get<std::string>();
    problem(where, fmt::format("expected a text that is not empty, got {}", dumpJson(json)));
    return {};
  }
  std::int64_t integer(const Json &json, const std::string &where, std::int64_t low,
                       std::int64_t high) {
    bool isInteger = json.is_number_unsigned()
                         ? json.get<std::uint64_t>() <= std::uint64_t(INT64_MAX)
                         : json.is_number_integer();
    std::int64_t value = isInteger ? json.get<std::int64_t>() : 0;
    if (!isInteger || value < low || value > high)
      problem(where,
              fmt::format("expected an integer from {} to {}, got {}", low, high, dumpJson(json)));
    return value;
  }
  bool boolean(const Json &json, const std::string &where) {
    if (json.is_boolean())
      return json.get<bool>();
    problem(where, fmt::format("expected true or false, got {}", dumpJson(json)));
    return false;
  }
  std::vector<std::string> texts(const Json &json, const std::string &where) {
    std::vector<std::string> result;
    if (!json.is_array())
      problem(where, fmt::format("expected a list of texts, got {}", dumpJson(json)));
    for (std::size_t i = 0; ok() && i < json.size(); ++i)
      result.push_back(text(json[i], fmt::format("{}[{}]", where, i)));
    return result;
  }
  // The index of the text in `choices`.
  int choice(const Json &json, const std::string &where,
             std::initializer_list<std::string_view> choices) {
    auto found = json.is_string() ? std::ranges::find(choices, json.get_ref<const std::string &>())
                                  : choices.end();
    if (found == choices.end()) {
      problem(where,
              fmt::format("expected one of {}, got {}", fmt::join(choices, ", "), dumpJson(json)));
      return 0;
    }
    return int(found - choices.begin());
  }

private:
  std::string file;
  std::optional<Error> failed;
};

struct Document {
  std::string file;
  Json json;
  std::string name, extends;
  enum { Waiting, Open, Done } state = Waiting;
  RuleSet set;
};

// "tt.divisibility": what the generated code's parameters can carry.
bool isAttributeName(std::string_view name) {
  bool startsWord = true, hasDot = false;
  for (char c : name) {
    bool isLetter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
    if (startsWord ? !isLetter : !(isLetter || c == '.' || (c >= '0' && c <= '9')))
      return false;
    hasDot |= c == '.';
    startsWord = c == '.';
  }
  return hasDot && !startsWord;
}

Predicate readPredicate(Reader &reader, const Json &json, const std::string &where) {
  Predicate predicate;
  if (!reader.isObject(json, where))
    return predicate;
  if (json.size() != 1) {
    reader.problem(where, "expected exactly one predicate");
    return predicate;
  }
  std::string name = json.begin().key();
  const Json &value = json.begin().value();
  std::string field = Reader::join(where, name);
  auto range = [&](std::int64_t low, std::int64_t high) {
    if (!value.is_array() || value.size() != 2) {
      reader.problem(field, fmt::format("expected [lowest, highest], got {}", dumpJson(value)));
      return;
    }
    predicate.low = reader.integer(value[0], field + "[0]", low, high);
    predicate.high = reader.integer(value[1], field + "[1]", low, high);
    if (reader.ok() && predicate.low > predicate.high)
      reader.problem(
          field, fmt::format("the range from {} to {} is empty", predicate.low, predicate.high));
  };
  if (name == "divisible-by") {
    predicate = {PredicateKind::DivisibleBy, reader.integer(value, field, 2, std::int64_t(1) << 62),
                 0};
  } else if (name == "equal-to") {
    predicate = {PredicateKind::EqualTo, reader.integer(value, field, INT64_MIN, INT64_MAX), 0};
  } else if (name == "storage-at-most") {
    predicate = {PredicateKind::StorageAtMost, reader.integer(value, field, 0, INT64_MAX), 0};
  } else if (name == "within-range") {
    predicate.kind = PredicateKind::WithinRange;
    range(INT64_MIN, INT64_MAX);
  } else if (name == "type-width") {
    predicate.kind = PredicateKind::TypeWidth;
    range(1, 64);
  } else if (name == "power-of-two-divisor") {
    predicate.kind = PredicateKind::PowerOfTwoDivisor;
    range(2, std::int64_t(1) << 30); // the divisor becomes an i32 attribute
    if (reader.ok() &&
        (predicate.low & (predicate.low - 1) || predicate.high & (predicate.high - 1)))
      reader.problem(field, "both ends must be powers of two");
  } else if (name == "always") {
    if (!reader.boolean(value, field) && reader.ok())
      reader.problem(field, "a rule that never fires is left out, or removed with \"remove\"");
  } else {
    reader.problem(field, "unknown predicate; known: divisible-by, equal-to, within-range, "
                          "storage-at-most, power-of-two-divisor, type-width, always");
  }
  return predicate;
}

std::uint8_t readOptOuts(Reader &reader, const Json &json, const std::string &where) {
  std::uint8_t result = 0;
  for (const std::string &name : reader.texts(json, where)) {
    if (name == "do_not_specialize")
      result |= optOutOfValue;
    else if (name == "do_not_specialize_on_alignment")
      result |= optOutOfAlignment;
    else
      reader.problem(where, fmt::format("unknown opt-out '{}'; known: do_not_specialize, "
                                        "do_not_specialize_on_alignment",
                                        name));
  }
  return result;
}

std::uint16_t readKinds(Reader &reader, const Json &json, const std::string &where) {
  std::uint16_t kinds = 0;
  for (const std::string &name : reader.texts(json, where)) {
    int kind = 0;
    while (kind < argumentKindCount && name != argumentKindName(ArgumentKind(kind)))
      ++kind;
    if (kind > int(ArgumentKind::Descriptor))
      reader.problem(where,
                     fmt::format("unknown argument kind '{}'; known: none, bool, int, float, "
                                 "tensor, descriptor",
                                 name));
    kinds |= 1u << kind;
  }
  if (reader.ok() && kinds == 0)
    reader.problem(where, "a rule must look at one kind of argument at least");
  return kinds;
}

// The kinds that a predicate can be asked of.
std::uint16_t kindsOf(PredicateKind predicate) {
  auto bit = [](ArgumentKind kind) { return 1u << int(kind); };
  std::uint16_t integers = bit(ArgumentKind::Int) | bit(ArgumentKind::Bool);
  switch (predicate) {
  case PredicateKind::DivisibleBy:
    return integers | bit(ArgumentKind::Tensor) | bit(ArgumentKind::None);
  case PredicateKind::EqualTo:
  case PredicateKind::WithinRange:
    return integers;
  case PredicateKind::StorageAtMost:
    return bit(ArgumentKind::Tensor);
  case PredicateKind::PowerOfTwoDivisor:
    return bit(ArgumentKind::Int) | bit(ArgumentKind::Tensor);
  case PredicateKind::TypeWidth:
    return bit(ArgumentKind::Int) | bit(ArgumentKind::Tensor) | bit(ArgumentKind::Descriptor);
  case PredicateKind::Always:
    break;
  }
  return 0xffff;
}

// `unless` is read into names first: the rules it names may come later in the document.
struct PendingRule {
  Rule rule;
  std::vector<std::string> unless;
  std::string where;
};

PendingRule readRule(Reader &reader, const Json &json, const std::string &where) {
  PendingRule pending{{}, {}, where};
  Rule &rule = pending.rule;
  if (!reader.isObject(json, where))
    return pending;
  reader.knownFields(json, where,
                     {"name", "letter", "kinds", "when", "attribute", "constant", "opt-outs",
                      "key-opt-outs", "option", "unless", "explanation"});
  for (const char *required : {"name", "letter", "kinds", "when", "explanation"})
    if (!json.contains(required))
      reader.problem(where, fmt::format("a rule needs the field '{}'", required));
  if (!reader.ok())
    return pending;
  rule.name = reader.text(json["name"], where + ".name");
  rule.letter = reader.text(json["letter"], where + ".letter");
  if (reader.ok() &&
      (rule.letter.size() != 1 || !std::isalnum(static_cast<unsigned char>(rule.letter[0])) ||
       rule.letter == "N"))
    reader.problem(where + ".letter",
                   fmt::format("expected one ASCII letter or digit other than N, which "
                               "stands for no property; got '{}'",
                               rule.letter));
  rule.kinds = readKinds(reader, json["kinds"], where + ".kinds");
  rule.predicate = readPredicate(reader, json["when"], where + ".when");
  if (reader.ok() && rule.kinds & ~kindsOf(rule.predicate.kind))
    reader.problem(where + ".kinds",
                   "the predicate in 'when' cannot be asked of all of these kinds");
  rule.explanation = reader.text(json["explanation"], where + ".explanation");
  if (json.contains("constant"))
    rule.constant = reader.boolean(json["constant"], where + ".constant");
  if (reader.ok() && rule.constant && rule.predicate.kind != PredicateKind::EqualTo)
    reader.problem(where + ".constant",
                   "only a rule with the predicate equal-to knows the value to fold");
  if (json.contains("attribute")) {
    const Json &attribute = json["attribute"];
    std::string place = where + ".attribute";
    if (reader.isObject(attribute, place))
      reader.knownFields(attribute, place, {"name", "value"});
    if (reader.ok() && !attribute.contains("name"))
      reader.problem(place, "needs the field 'name'");
    if (reader.ok()) {
      rule.attribute = reader.text(attribute["name"], place + ".name");
      if (reader.ok() && !isAttributeName(rule.attribute))
        reader.problem(
            place + ".name",
            fmt::format("expected a name in a dialect, such as tt.divisibility, got '{}'",
                        rule.attribute));
      bool computed = rule.predicate.kind == PredicateKind::PowerOfTwoDivisor;
      if (attribute.contains("value") == computed)
        reader.problem(place, computed ? "the value is the divisor itself; leave 'value' out"
                                       : "needs the field 'value'");
      else if (!computed)
        // An i32 on the kernel's parameter; those of Triton's own dialect count something.
        rule.value = reader.integer(
            attribute["value"], place + ".value",
            rule.attribute.starts_with("tt.") && !rule.constant ? 1 : INT32_MIN, INT32_MAX);
    }
  }
  if (json.contains("opt-outs"))
    rule.optOuts = readOptOuts(reader, json["opt-outs"], where + ".opt-outs");
  rule.keyOptOuts = json.contains("key-opt-outs")
                        ? readOptOuts(reader, json["key-opt-outs"], where + ".key-opt-outs")
                        : rule.optOuts;
  if (json.contains("option")) {
    std::string place = where + ".option";
    if (reader.isObject(json["option"], place))
      reader.knownFields(json["option"], place, {"name", "default"});
    if (reader.ok() && (!json["option"].contains("name") || !json["option"].contains("default")))
      reader.problem(place, "needs the fields 'name' and 'default'");
    if (reader.ok()) {
      rule.option = reader.text(json["option"]["name"], place + ".name");
      rule.optionDefault = reader.boolean(json["option"]["default"], place + ".default");
    }
  }
  if (json.contains("unless"))
    pending.unless = reader.texts(json["unless"], where + ".unless");
  return pending;
}

void checkUnless(Reader &reader, std::vector<PendingRule> &rules) {
  auto indexOf = [&](const std::string &name) {
    auto found = std::ranges::find(rules, name, [](const PendingRule &p) { return p.rule.name; });
    return found == rules.end() ? -1 : int(found - rules.begin());
  };
  enum : char { Unseen, Open, Done };
  std::vector<char> state(rules.size(), Unseen);
  auto visit = [&](auto &self, int index) -> void {
    state[index] = Open;
    for (const std::string &name : rules[index].unless) {
      int other = indexOf(name);
      if (other < 0)
        reader.problem(rules[index].where + ".unless",
                       fmt::format("there is no rule '{}' in this set", name));
      else if (state[other] == Open)
        reader.problem(
            rules[index].where + ".unless",
            fmt::format("cycle: '{}' and '{}' wait for each other", rules[index].rule.name, name));
      if (!reader.ok())
        return;
      if (state[other] == Unseen)
        self(self, other);
      if (other > index)
        reader.problem(rules[index].where + ".unless",
                       fmt::format("'{}' must stand before '{}', which waits for it", name,
                                   rules[index].rule.name));
      rules[index].rule.unless |= 1u << std::max(other, 0);
    }
    state[index] = Done;
  };
  for (std::size_t i = 0; i < rules.size() && reader.ok(); ++i)
    if (state[i] == Unseen)
      visit(visit, int(i));
}

void readRules(Reader &reader, const Json &json, RuleSet &set) {
  std::vector<PendingRule> rules;
  for (const Rule &inherited : set.rules) {
    PendingRule pending{inherited, {}, inherited.name};
    for (std::size_t i = 0; i < set.rules.size(); ++i)
      if (inherited.unless >> i & 1)
        pending.unless.push_back(set.rules[i].name);
    pending.rule.unless = 0;
    rules.push_back(std::move(pending));
  }
  auto named = [&](const std::string &name) {
    return std::ranges::find(rules, name, [](const PendingRule &p) { return p.rule.name; });
  };
  if (json.contains("remove"))
    for (const std::string &name : reader.texts(json["remove"], "remove")) {
      auto found = named(name);
      if (found == rules.end())
        reader.problem("remove", fmt::format("there is no rule '{}' in the extended set", name));
      else
        rules.erase(found);
    }
  if (json.contains("rules")) {
    if (!json["rules"].is_array())
      reader.problem("rules", "expected a list of rules");
    std::vector<std::string> own;
    for (std::size_t i = 0; reader.ok() && i < json["rules"].size(); ++i) {
      PendingRule rule = readRule(reader, json["rules"][i], fmt::format("rules[{}]", i));
      if (reader.ok() && std::ranges::find(own, rule.rule.name) != own.end())
        reader.problem(rule.where + ".name",
                       fmt::format("the rule '{}' is defined twice", rule.rule.name));
      own.push_back(rule.rule.name);
      auto found = named(rule.rule.name);
      if (found == rules.end())
        rules.push_back(std::move(rule));
      else
        *found = std::move(rule);
    }
  }
  if (reader.ok() && rules.size() > maximumRules)
    reader.problem("rules",
                   fmt::format("{} rules; a set holds at most {}", rules.size(), maximumRules));
  int divisors = 0;
  for (std::size_t i = 0; reader.ok() && i < rules.size(); ++i) {
    divisors += rules[i].rule.predicate.kind == PredicateKind::PowerOfTwoDivisor;
    if (divisors > 1)
      reader.problem(rules[i].where + ".when", "a set holds at most one power-of-two-divisor rule");
    for (std::size_t j = 0; j < i; ++j)
      if (rules[i].rule.letter == rules[j].rule.letter)
        reader.problem(rules[i].where + ".letter",
                       fmt::format("'{}' and '{}' both use the key letter '{}'", rules[j].rule.name,
                                   rules[i].rule.name, rules[i].rule.letter));
  }
  if (reader.ok())
    checkUnless(reader, rules);
  set.rules.clear();
  for (PendingRule &pending : rules)
    set.rules.push_back(std::move(pending.rule));
}

void readKey(Reader &reader, const Json &key, RuleSet &set) {
  if (!reader.isObject(key, "key"))
    return;
  reader.knownFields(key, "key", {"form", "class", "options", "functions", "constexpr-attributes"});
  if (key.contains("form"))
    set.form = KeyForm(reader.choice(key["form"], "key.form", {"descriptor", "list"}));
  if (key.contains("class"))
    set.descriptorClass = reader.text(key["class"], "key.class");
  if (key.contains("functions"))
    set.functionsByCacheKey =
        reader.choice(key["functions"], "key.functions", {"name", "cache-key"}) == 1;
  if (key.contains("constexpr-attributes"))
    set.constexprAttributes = ConstexprAttributes(reader.choice(
        key["constexpr-attributes"], "key.constexpr-attributes", {"from-text", "empty"}));
  if (!key.contains("options") || !reader.isObject(key["options"], "key.options"))
    return;
  set.keyOptions.clear();
  for (auto it = key["options"].begin(); it != key["options"].end(); ++it) {
    std::string where = Reader::join("key.options", it.key());
    Value value;
    if (it->is_boolean())
      value.data = it->get<bool>();
    else if (it->is_string())
      value.data = it->get<std::string>();
    else if (it->is_null())
      value.data = NoneValue{};
    else
      value.data = Integer(reader.integer(*it, where, INT64_MIN, INT64_MAX));
    set.keyOptions.emplace_back(it.key(), std::move(value));
  }
}

void readTypes(Reader &reader, const Json &types, RuleSet &set) {
  if (!reader.isObject(types, "types"))
    return;
  reader.knownFields(
      types, "types",
      {"bool", "none", "wide-integers", "annotations", "tuples", "tensor-descriptors"});
  if (types.contains("bool"))
    set.boolType = reader.text(types["bool"], "types.bool");
  if (types.contains("none"))
    set.noneType = reader.text(types["none"], "types.none");
  if (types.contains("wide-integers"))
    set.wideIntegersAreI64 =
        reader.choice(types["wide-integers"], "types.wide-integers", {"error", "i64"}) == 1;
  if (types.contains("annotations"))
    set.annotations = AnnotationStyle(
        reader.choice(types["annotations"], "types.annotations", {"integer-names", "canonical"}));
  if (types.contains("tuples"))
    set.tuples = reader.boolean(types["tuples"], "types.tuples");
  if (types.contains("tensor-descriptors"))
    set.tensorDescriptors = reader.boolean(types["tensor-descriptors"], "types.tensor-descriptors");
}

// What a document says beside its name and what it extends; fields it leaves out keep the parent's.
void readBody(Reader &reader, const Document &document, RuleSet &set) {
  const Json &json = document.json;
  set.name = document.name;
  set.file = document.file;
  set.targets = reader.texts(json.at("targets"), "targets");
  if (reader.ok() && set.targets.empty())
    reader.problem("targets", "a set must be for one target at least");
  set.aliases = json.contains("aliases") ? reader.texts(json["aliases"], "aliases")
                                         : std::vector<std::string>();
  set.title = json.contains("title") ? reader.text(json["title"], "title") : set.name;
  if (json.contains("key"))
    readKey(reader, json["key"], set);
  if (json.contains("types"))
    readTypes(reader, json["types"], set);
  readRules(reader, json, set);
  if (reader.ok() && set.form == KeyForm::Descriptor && set.descriptorClass.empty())
    reader.problem("key.class", "the descriptor form needs the name of its class");
}

Document *findParent(std::vector<Document> &documents, const std::string &reference) {
  std::size_t slash = reference.rfind('/');
  if (slash == std::string::npos)
    return nullptr;
  std::string name = reference.substr(0, slash), target = reference.substr(slash + 1);
  for (Document &document : documents) {
    const Json &targets = document.json["targets"];
    if (document.name == name && targets.is_array() &&
        std::ranges::find(targets, Json(target)) != targets.end())
      return &document;
  }
  return nullptr;
}

std::optional<Error> resolve(std::vector<Document> &documents, Document &document) {
  Reader reader(document.file);
  document.state = Document::Open;
  if (!document.extends.empty()) {
    Document *parent = findParent(documents, document.extends);
    if (!parent)
      reader.problem("extends",
                     fmt::format("there is no rule set '{}'; the form is \"name/target\", "
                                 "\"triton-3.6/cuda\"",
                                 document.extends));
    else if (parent->state == Document::Open)
      reader.problem("extends",
                     fmt::format("cycle: '{}' ends up extending itself", document.extends));
    if (!reader.ok())
      return reader.error();
    if (parent->state == Document::Waiting)
      if (std::optional<Error> error = resolve(documents, *parent))
        return error;
    document.set = parent->set;
  }
  readBody(reader, document, document.set);
  document.state = Document::Done;
  return reader.error();
}

} // namespace

Result<std::vector<RuleSet>>
readRuleSets(const std::vector<std::pair<std::string, std::string>> &sources) {
  std::vector<Document> documents;
  for (const auto &[file, text] : sources) {
    Result<Json> json = parseJson(text, file);
    if (!json)
      return std::unexpected(json.error());
    Reader reader(file);
    if (reader.isObject(*json, ""))
      reader.knownFields(*json, "",
                         {"$schema", "name", "aliases", "targets", "title", "extends", "key",
                          "types", "remove", "rules"});
    for (const char *required : {"name", "targets"})
      if (reader.ok() && !json->contains(required))
        reader.problem("", fmt::format("a rule set needs the field '{}'", required));
    Document document{file, std::move(*json), {}, {}, Document::Waiting, {}};
    if (reader.ok())
      document.name = reader.text(document.json["name"], "name");
    if (reader.ok() && document.json.contains("extends"))
      document.extends = reader.text(document.json["extends"], "extends");
    if (!reader.ok())
      return std::unexpected(*reader.error());
    documents.push_back(std::move(document));
  }
  for (Document &document : documents)
    if (document.state == Document::Waiting)
      if (std::optional<Error> error = resolve(documents, document))
        return std::unexpected(*error);

  std::vector<RuleSet> sets;
  std::map<std::string, std::string> owners; // "name/target" -> file
  for (Document &document : documents) {
    std::vector<std::string> names = document.set.aliases;
    names.push_back(document.set.name);
    for (const std::string &name : names)
      for (const std::string &target : document.set.targets) {
        auto [owner, isNew] = owners.emplace(name + "/" + target, document.file);
        if (!isNew)
          return fail(
              ErrorCode::InvalidInput,
              fmt::format("'{}' for {} is already defined in {}; give this set a name of its own",
                          name, target, owner->second),
              document.file);
      }
    sets.push_back(std::move(document.set));
  }
  return sets;
}

} // namespace lapidary
