#include "core/session/PriceAdvice.h"

#include "core/specialize/RuleSet.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <map>

namespace lapidary {

namespace {

constexpr const char *byValue = "do_not_specialize";
constexpr const char *byAlignment = "do_not_specialize_on_alignment";

// The rule behind an item, and the argument it fired for.
struct Fired {
  const ArgumentSpecialization *argument = nullptr;
  const Rule *rule = nullptr;
};

Fired findFired(const std::string &item, const Specialization &specialization) {
  const std::size_t colon = item.rfind(':');
  Fired fired;
  fired.argument = specialization.find(item.substr(0, colon));
  if (fired.argument && specialization.ruleSet)
    for (const FiredRule &each : fired.argument->fired) {
      const std::string name = item.substr(colon + 1);
      if (name == each.name || name == each.letter || name == each.attribute ||
          (each.constant && name == "constant"))
        fired.rule = specialization.ruleSet->findRule(each.name);
    }
  return fired;
}

// The opt-outs that switch off the rule of `item` and none of a needed one of the same argument.
std::string harmlessOptOut(const std::string &item, const std::vector<std::string> &needed,
                           const Specialization &specialization) {
  const Fired fired = findFired(item, specialization);
  if (!fired.rule)
    return {};
  std::uint8_t harmful = 0;
  for (const std::string &other : needed)
    if (const Fired kept = findFired(other, specialization);
        kept.rule && kept.argument == fired.argument)
      harmful |= kept.rule->optOuts;
  const auto harmless = static_cast<std::uint8_t>(fired.rule->optOuts & ~harmful);
  // Of a number the whole value can go; of a pointer the alignment only, which says what is meant.
  const bool isPointer = fired.argument->type.starts_with('*');
  if (harmless & optOutOfAlignment && (isPointer || !(harmless & optOutOfValue)))
    return byAlignment;
  return harmless & optOutOfValue ? byValue : "";
}

std::map<std::string, int> widths(const Variant &variant) {
  std::map<std::string, int> result;
  for (const MemoryAccess &access : variant.compiled.accesses) {
    const std::string place = fmt::format("{} at line {}", access.kind, access.range.line);
    const auto [found, isNew] = result.emplace(place, access.bits);
    if (!isNew)
      found->second = std::min(found->second, access.bits);
  }
  return result;
}

// "2047 is not a multiple of 16: pad it to 2048", as far as the argument says so.
std::string remedyFor(const MemoryAccess &access, const Specialization &specialization) {
  const ArgumentSpecialization *argument = specialization.find(access.argument);
  if (!argument)
    return {};
  const Rule *rule =
      specialization.ruleSet ? specialization.ruleSet->findRule(access.property) : nullptr;
  const std::int64_t divisor =
      rule && rule->predicate.kind == PredicateKind::DivisibleBy ? rule->predicate.low : 0;
  if (!argument->suppressed.empty())
    return fmt::format("{} is opted out of specialization; take it out of the decorator's list",
                       argument->name);
  if (divisor < 2)
    return fmt::format("{} does not have {}", argument->name, access.property);
  std::int64_t value = 0;
  const char *end = argument->value.data() + argument->value.size();
  if (auto [last, error] = std::from_chars(argument->value.data(), end, value);
      error == std::errc() && last == end && value > 0)
    return fmt::format("{} is {}: pad it to {}, the next multiple of {}", argument->name, value,
                       (value + divisor - 1) / divisor * divisor, divisor);
  return fmt::format("{}: let its first element lie at a multiple of {} bytes", argument->name,
                     divisor);
}

std::string adviceFor(const PropertyPrice &property, const std::string &attributeOfNeeded) {
  if (!property.without.ratio)
    return "not measured: the variant without it has no time";
  if (property.needed)
    return property.together ? "keep: pays together with the other properties that are kept"
                             : "keep";
  if (property.optOut.empty())
    return attributeOfNeeded.empty()
               ? "free, but no opt-out of this release switches it off alone"
               : fmt::format("free, but every opt-out would take {} with it", attributeOfNeeded);
  return fmt::format("free: {} makes {:.3g} times fewer variants reachable", property.optOut,
                     property.variants);
}

} // namespace

PropertyPrice describeItem(const std::string &item, const Specialization &specialization) {
  PropertyPrice property;
  property.item = item;
  property.argument = item.substr(0, item.rfind(':'));
  const Fired fired = findFired(item, specialization);
  property.property = !fired.rule            ? item.substr(item.rfind(':') + 1)
                      : fired.rule->constant ? "constant"
                                             : fired.rule->attribute;
  return property;
}

std::vector<std::string> codeChanges(const Variant &before, const Variant &after) {
  std::vector<std::string> changes;
  const auto later = widths(after);
  for (const auto &[place, bits] : widths(before))
    if (const auto found = later.find(place); found != later.end() && found->second != bits)
      changes.push_back(fmt::format("{}: {} -> {} bit", place, bits, found->second));
  for (const auto &[name, value] : before.compiled.resources.values)
    for (const auto &[other, changed] : after.compiled.resources.values)
      if (name == other && value != changed && !name.starts_with("widest"))
        changes.push_back(fmt::format("{}: {} -> {}", name, value, changed));
  return changes;
}

void advise(PriceList &list, const JitFunction &kernel, const Variant &specialized) {
  const Specialization &specialization = specialized.specialization;
  OptOuts optOuts;
  for (PropertyPrice &property : list.properties) {
    property.needed = std::ranges::find(list.needed, property.item) != list.needed.end();
    property.together = property.needed && property.alone.verdict != "slower";
    std::string sibling; // a needed property of the same argument
    for (const std::string &other : list.needed)
      if (findFired(other, specialization).argument ==
          findFired(property.item, specialization).argument)
        sibling = other;
    if (!property.needed)
      property.optOut = harmlessOptOut(property.item, list.needed, specialization);
    property.advice = adviceFor(property, sibling);
    auto &names = property.optOut == byValue ? optOuts.value : optOuts.alignment;
    if (!property.optOut.empty() && std::ranges::find(names, property.argument) == names.end())
      names.push_back(property.argument);
  }
  list.edit = addOptOuts(kernel, optOuts);
  for (const MemoryAccess &access : specialized.compiled.accesses)
    if (!access.argument.empty())
      if (const std::string remedy = remedyFor(access, specialization); !remedy.empty())
        list.missing.push_back(fmt::format("{} at line {} is {} bits wide, {}; {}", access.kind,
                                           access.range.line, access.bits, access.limit, remedy));
}

} // namespace lapidary
