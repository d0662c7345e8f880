#include "core/specialize/Specialization.h"

#include "core/specialize/Explanation.h"
#include "core/specialize/KeyString.h"
#include "core/specialize/Report.h"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>

namespace lapidary {
namespace {

// Keyword arguments of the launch that are not parameters, then what the release always adds.
std::vector<std::pair<std::string, Value>>
keyOptions(const RuleSet &rules, const KernelSignature &signature, const Launch &launch) {
  std::vector<std::pair<std::string, Value>> options;
  auto isRuleOption = [&](const std::string &name) {
    return std::ranges::any_of(rules.rules, [&](const Rule &rule) { return rule.option == name; });
  };
  for (const auto &option : launch.options)
    if (!isRuleOption(option.first))
      options.push_back(option);
  for (const auto &[name, value] : rules.keyOptions) {
    bool isThere =
        std::ranges::any_of(options, [&](const auto &option) { return option.first == name; });
    if (!isThere)
      options.emplace_back(name, name == "debug" && signature.debug ? Value{true} : value);
  }
  return options;
}

Json argumentToJson(const ArgumentSpecialization &argument) {
  Json properties = Json::object();
  for (const Property &property : argument.properties)
    properties[property.name] = property.value;
  Json json = {{"name", argument.name},
               {"value", argument.value},
               {"type", argument.type},
               {"key", argument.key ? Json(*argument.key) : Json()},
               {"properties", std::move(properties)},
               {"constant", argument.constant ? scalarToJson(*argument.constant) : Json()},
               {"constexpr", argument.isDeclaredConstexpr},
               {"suppressed", argument.suppressed},
               {"rule", argument.rule},
               {"reason", argument.reason},
               {"flip", argument.flip}};
  if (argument.isTuple) {
    json["items"] = Json::array();
    for (const ArgumentSpecialization &item : argument.items)
      json["items"].push_back(argumentToJson(item));
  }
  return json;
}

} // namespace

const ArgumentSpecialization *Specialization::find(const std::string &name) const {
  auto found = std::ranges::find(arguments, name, &ArgumentSpecialization::name);
  return found == arguments.end() ? nullptr : &*found;
}

Result<Specialization> specialize(const RuleSets &sets, const std::string &ruleSet,
                                  const Target &target, const JitFunction &kernel,
                                  const Launch &launch) {
  Result<std::shared_ptr<const RuleSet>> rules = sets.find(ruleSet, target);
  if (!rules)
    return std::unexpected(rules.error());
  KernelSignature signature = makeSignature(kernel, **rules);
  Result<BoundArguments> arguments = BoundArguments::bind(signature, launch);
  if (!arguments)
    return std::unexpected(arguments.error());
  Engine engine = Engine::compile(*rules, signature, launch.options);
  Explainer explainer(engine, launch.options);

  Specialization result;
  result.kernel = kernel.name;
  result.target = target;
  result.rules = ruleSet;
  result.ruleSet = *rules;
  result.keyOptions = keyOptions(**rules, signature, launch);
  result.warnings = checkOptOuts(kernel, signature);
  for (std::size_t i = 0; i < signature.parameters.size(); ++i) {
    const Value &value = *arguments->sources()[i];
    Result<ArgumentSpecialization> argument =
        describeArgument(engine, i, signature.parameters[i].name, value, arguments->values()[i]);
    if (!argument)
      return std::unexpected(argument.error());
    explainer.explain(i, value, arguments->values()[i], *argument);
    result.arguments.push_back(std::move(*argument));
  }
  result.key = printKey(result);
  return result;
}

Json toJson(const Specialization &specialization) {
  Json json = {{"kernel", specialization.kernel}, {"target", toString(specialization.target)},
               {"rules", specialization.rules},   {"key", specialization.key},
               {"arguments", Json::array()},      {"warnings", Json::array()}};
  for (const ArgumentSpecialization &argument : specialization.arguments)
    json["arguments"].push_back(argumentToJson(argument));
  for (const Diagnostic &warning : specialization.warnings)
    json["warnings"].push_back(toJson(warning));
  return json;
}

} // namespace lapidary
