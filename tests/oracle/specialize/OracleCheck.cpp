// Compares what this program concludes with what an installed Triton answered: one JSON object a
// line on stdin, as triton_answers.py writes them. Prints the first differences and a summary; exit
// code 0 when everything is equal, 1 when something differs, 2 when a line cannot be read.
//
//   triton_answers.py hip ... | oracle_check RULES_FOLDER triton-3.6 hip:gfx942
#include "core/specialize/AotSignature.h"
#include "core/specialize/Arguments.h"
#include "core/specialize/AstSource.h"
#include "core/specialize/AttrsDescriptor.h"
#include "core/specialize/Engine.h"
#include "core/specialize/KeyString.h"
#include "core/specialize/Specialization.h"
#include "core/specialize/TritonCache.h"

#include <algorithm>
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

JitFunction readFunction(const Json &json) {
  JitFunction function;
  function.name = "kernel";
  for (const Json &description : json["parameters"]) {
    KernelParameter parameter;
    parameter.name = description["name"];
    if (!description["annotation"].is_null())
      parameter.annotation = description["annotation"];
    for (const Json &optOut : description["optOuts"])
      (optOut == "do_not_specialize" ? function.options.doNotSpecialize
                                     : function.options.doNotSpecializeOnAlignment)
          .push_back(parameter.name);
    function.parameters.push_back(std::move(parameter));
  }
  return function;
}

Launch readLaunch(const Json &json, const JitFunction &function) {
  Launch launch;
  for (std::size_t i = 0; i < function.parameters.size(); ++i)
    launch.arguments.emplace_back(function.parameters[i].name, readValue(json["values"][i]));
  for (auto it = json["options"].begin(); it != json["options"].end(); ++it)
    launch.options.emplace_back(it.key(), it->is_boolean()
                                              ? Value{it->get<bool>()}
                                              : Value{Integer(it->get<std::int64_t>())});
  return launch;
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

std::string difference(const std::string &name, const std::string &ours,
                       const std::string &theirs) {
  // Serialised forms are compared as JSON: both sides may space them as they like.
  const bool isEqual =
      name == "descriptor" ? Json::parse(ours) == Json::parse(theirs) : ours == theirs;
  return isEqual ? "" : fmt::format("  {}: ours {}\n  {}: triton {}\n", name, ours, name, theirs);
}

// The parameters that the release's own front end gives the kernel in its IR.
std::string compareModule(const Specialization &specialization, const std::string &line) {
  const std::size_t at = line.find('@') + 1;
  const auto theirs = parseModuleParameters(line, line.substr(at, line.find('(', at) - at));
  if (!theirs)
    return "  module: " + theirs.error().message + "\n";
  std::vector<ModuleParameter> ours;
  for (const ArgumentSpecialization &argument : specialization.arguments)
    std::ranges::move(moduleParameters(argument), std::back_inserter(ours));
  if (sameParameters(*theirs, ours))
    return {};
  std::string text;
  for (const ModuleParameter &parameter : ours)
    text += parameter.name + ": " + parameter.text + ", ";
  return fmt::format("  module: ours {}\n  module: triton {}\n", text, line);
}

// What the ahead-of-time tool makes of a signature, and Triton 3.2 of hints.
std::string compareTool(const RuleSets &sets, const std::string &rules, const Target &target,
                        const Json &json) {
  const Json &expected = json["expect"];
  std::map<std::string, std::string> ours;
  if (json.contains("hints")) {
    const auto ruleSet = sets.find(rules, target);
    const auto descriptor =
        AttrsDescriptor::fromHints(**ruleSet, json["hints"].get<std::map<int, std::int64_t>>());
    ours = {{"descriptor", dumpJson(descriptor.toJson())}, {"descriptorHash", descriptor.hash()}};
  } else {
    const std::string text = json["signature"];
    const auto signature = parseAotSignature(text);
    if (!signature)
      return "  " + signature.error().message + "\n";
    const auto variant = specializationFromAot(sets, rules, target, readFunction(json), *signature);
    if (!variant)
      return "  " + variant.error().message + "\n";
    const AstSource source = makeAotSource(*variant);
    ours = {{"types", source.signatureText()},
            {"constants", source.constantsText()},
            {"attributes", source.attributesText()},
            {"hash", source.hash(expected["cacheKey"])}};
    if ((*sets.find(rules, target))->form == KeyForm::Descriptor)
      ours["attributes"] = attributesText(AttrsDescriptor::fromSpecialization(*variant));
    if (printAotSignature(*signature) != text)
      return "  printed " + printAotSignature(*signature) + "\n";
    const auto again = aotSignature(*variant);
    if (!again || printAotSignature(*again) != text)
      return "  written back " + (again ? printAotSignature(*again) : again.error().message) + "\n";
  }
  std::string differences;
  for (const auto &[name, text] : ours)
    differences += difference(name, text, expected.value(name, std::string("(nothing)")));
  return differences;
}

// The differences, empty when there are none.
std::string compare(const RuleSets &sets, const std::string &rules, const Target &target,
                    const Json &json, WordsAndKeys &wordsAndKeys) {
  if (!json.contains("values"))
    return compareTool(sets, rules, target, json);
  const JitFunction function = readFunction(json);
  const Launch launch = readLaunch(json, function);
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
  for (auto &[name, text] : ours)
    differences += difference(name, text, expected.value(name, std::string("(nothing)")));
  if (expected.contains("module"))
    differences += compareModule(*specialization, expected["module"]);
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
  std::size_t launches = 0, arguments = 0, refused = 0, modules = 0, signatures = 0, different = 0;
  WordsAndKeys wordsAndKeys;
  std::string line;
  while (std::getline(std::cin, line)) {
    auto json = parseJson(line, fmt::format("line {}", launches + 1));
    if (!json || !json->contains("expect")) {
      std::cerr << "not an answer: " << line.substr(0, 200) << '\n';
      return 2;
    }
    launches += json->contains("values");
    signatures += !json->contains("values");
    arguments += json->contains("values") ? (*json)["parameters"].size() : 0;
    refused += (*json)["expect"].contains("error");
    modules += (*json)["expect"].contains("module");
    std::string differences = compare(**sets, words[2], *target, *json, wordsAndKeys);
    if (!differences.empty() && ++different <= 10) {
      json->erase("expect");
      std::cout << dumpJson(*json) << '\n' << differences;
    }
  }
  fmt::print(
      "{} {}: {} launches, {} arguments, {} refused by Triton, {} modules, {} signatures and "
      "hints; {} different\n",
      words[2], words[3], launches, arguments, refused, modules, signatures, different);
  if (modules == 0 && target->backend != "cpu") {
    std::cerr << "the release gave no module to compare\n";
    return 1;
  }
  return launches == 0 ? 2 : different ? 1 : 0;
}
