#include "core/specialize/AttrsDescriptor.h"

#include "core/support/Hash.h"

#include <algorithm>
#include <fmt/format.h>
#include <fmt/ranges.h>

namespace lapidary {

AttrsDescriptor::AttrsDescriptor(const RuleSet &rules) : className(rules.descriptorClass) {
  for (const Rule &rule : rules.rules)
    if (!rule.attribute.empty() &&
        std::ranges::find(entries, rule.attribute, &Entry::name) == entries.end())
      entries.push_back({rule.attribute, rule.value, rule.constant, true, {}});
}

AttrsDescriptor AttrsDescriptor::fromSpecialization(const Specialization &specialization) {
  AttrsDescriptor descriptor(*specialization.ruleSet);
  for (Entry &entry : descriptor.entries)
    for (std::size_t i = 0; i < specialization.arguments.size(); ++i)
      if (std::ranges::any_of(specialization.arguments[i].fired, [&](const FiredRule &rule) {
            return rule.asProperty && rule.attribute == entry.name;
          }))
        entry.parameters.push_back(int(i));
  return descriptor;
}

AttrsDescriptor AttrsDescriptor::fromHints(const RuleSet &rules,
                                           const std::map<int, std::int64_t> &hints) {
  AttrsDescriptor descriptor(rules);
  for (Entry &entry : descriptor.entries)
    for (auto [parameter, value] : hints)
      if (value == entry.value)
        entry.parameters.push_back(parameter);
  return descriptor;
}

Result<AttrsDescriptor> AttrsDescriptor::fromJson(const RuleSet &rules, const Json &json) {
  auto wrong = [](const std::string &what) {
    return fail(ErrorCode::InvalidInput, "not a descriptor: " + what);
  };
  if (!json.is_object() || !json.contains("cls") || !json.contains("arg_properties") ||
      !json["arg_properties"].is_object())
    return wrong("expected {\"arg_properties\": {...}, \"cls\": ...}");
  if (json["cls"] != rules.descriptorClass)
    return wrong(fmt::format("its class is {}, the rule set's is \"{}\"", dumpJson(json["cls"]),
                             rules.descriptorClass));
  AttrsDescriptor descriptor(rules);
  std::vector<Entry> listed;
  for (auto it = json["arg_properties"].begin(); it != json["arg_properties"].end(); ++it) {
    auto entry = std::ranges::find(descriptor.entries, it.key(), &Entry::name);
    if (entry == descriptor.entries.end())
      return wrong(fmt::format("unknown property '{}'", it.key()));
    for (const Json &number : *it) {
      if (!it->is_array() || !number.is_number_integer() || number < 0 || number > 1'000'000)
        return wrong(
            fmt::format("'{}' must list parameter numbers, got {}", it.key(), dumpJson(*it)));
      entry->parameters.push_back(number.get<int>());
    }
    listed.push_back(*entry);
    descriptor.entries.erase(entry);
  }
  for (Entry &entry : descriptor.entries)
    entry.isListed = false;
  descriptor.entries.insert(descriptor.entries.begin(), listed.begin(), listed.end());
  return descriptor;
}

Json AttrsDescriptor::toJson() const {
  Json properties = Json::object();
  for (const Entry &entry : entries)
    if (entry.isListed)
      properties[entry.name] = entry.parameters;
  return {{"arg_properties", std::move(properties)}, {"cls", className}};
}

std::vector<AttrsDescriptor::ParameterAttributes> AttrsDescriptor::functionAttributes() const {
  std::vector<ParameterAttributes> result;
  for (const Entry &entry : entries)
    for (int parameter : entry.parameters) {
      auto found = std::ranges::find(result, parameter, &ParameterAttributes::parameter);
      if (found == result.end())
        found = result.insert(result.end(), {parameter, {}});
      found->attributes.push_back({entry.name, entry.value});
    }
  return result;
}

std::map<int, std::int64_t> AttrsDescriptor::constants() const {
  std::map<int, std::int64_t> result;
  for (const Entry &entry : entries)
    if (entry.isConstant)
      for (int parameter : entry.parameters)
        result[parameter] = entry.value;
  return result;
}

std::string AttrsDescriptor::hash() const {
  std::vector<std::vector<int>> lists;
  std::vector<std::int64_t> values;
  std::vector<std::string> constantNames;
  for (const Entry &entry : entries) {
    if (entry.isListed)
      lists.push_back(entry.parameters);
    values.push_back(entry.value);
    if (entry.isConstant)
      constantNames.push_back(fmt::format("'{}'", entry.name));
  }
  std::ranges::sort(lists);
  std::ranges::sort(values);
  std::ranges::sort(constantNames);
  std::string text;
  for (const std::vector<int> &list : lists)
    text += fmt::format("{}[{}]", text.empty() ? "" : ", ", fmt::join(list, ", "));
  return sha256(fmt::format("[[{}], [{}], [{}]]", text, fmt::join(values, ", "),
                            fmt::join(constantNames, ", ")));
}

const std::vector<int> &AttrsDescriptor::parametersWith(const std::string &property) const {
  static const std::vector<int> none;
  auto found = std::ranges::find(entries, property, &Entry::name);
  return found == entries.end() ? none : found->parameters;
}

} // namespace lapidary
