// Masks: which of the properties that fired a variant keeps.
#include "core/specialize/KeyString.h"
#include "core/specialize/Report.h"
#include "core/specialize/Specialization.h"

#include <algorithm>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <set>

namespace lapidary {
namespace {

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && text.front() == ' ')
    text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ')
    text.remove_suffix(1);
  return text;
}

// "P8" is a letter with the divisor that was found.
std::string_view bareLetter(std::string_view letter) {
  return letter.substr(0, 1);
}

bool ruleMatches(const FiredRule &rule, std::string_view item) {
  return item == rule.name || item == rule.letter || item == bareLetter(rule.letter) ||
         (!rule.attribute.empty() && item == rule.attribute);
}

// "argument", "property" or "argument:property" against one rule of one argument.
bool itemMatches(std::string_view item, std::string_view argument, const FiredRule &rule) {
  if (item == argument || ruleMatches(rule, item))
    return true;
  return item.size() > argument.size() + 1 && item.starts_with(argument) &&
         item[argument.size()] == ':' && ruleMatches(rule, item.substr(argument.size() + 1));
}

// Walks the arguments that a mask speaks of, items of tuples under the tuple's name and their own.
template <typename Argument, typename Function>
void forEachFired(Argument &argument, const std::string &root, const Function &function) {
  if (argument.isDeclaredConstexpr)
    return;
  for (auto &item : argument.items)
    forEachFired(item, root, function);
  if (!argument.isTuple)
    function(argument, root);
}

std::string maskName(const FiredRule &rule) {
  return rule.attribute.empty() ? rule.name : rule.attribute;
}

void keepOnly(const RuleSet &rules, ArgumentSpecialization &argument,
              const std::vector<FiredRule> &kept) {
  if (kept.size() == argument.fired.size())
    return;
  bool wasFolded = std::ranges::any_of(argument.fired, &FiredRule::constant);
  bool isFolded = std::ranges::any_of(kept, &FiredRule::constant);
  argument.fired = kept;
  argument.properties = propertiesOf(kept);
  if (wasFolded && !isFolded) {
    argument.constant.reset();
    argument.type = argument.genericType;
  }
  if (argument.key)
    argument.key = letters(rules, kept);
}

} // namespace

Result<PropertyMask> parsePropertyMask(const std::string &text) {
  PropertyMask mask;
  std::string_view rest = trimmed(text);
  if (rest == "all")
    return mask;
  if (rest == "none") {
    mask.kind = PropertyMask::Kind::None;
    return mask;
  }
  mask.kind = PropertyMask::Kind::Some;
  while (true) {
    std::size_t comma = rest.find(',');
    std::string_view item = trimmed(rest.substr(0, comma));
    if (item.empty() || item == "all" || item == "none")
      return fail(
          ErrorCode::InvalidInput,
          fmt::format(
              "'{}' is not a property mask: expected all, none, or a list of argument, property or "
              "argument:property, such as \"x_ptr:tt.divisibility, n\"",
              text),
          text);
    mask.items.emplace_back(item);
    if (comma == std::string_view::npos)
      return mask;
    rest.remove_prefix(comma + 1);
  }
}

std::string toString(const PropertyMask &mask) {
  switch (mask.kind) {
  case PropertyMask::Kind::All:
    return "all";
  case PropertyMask::Kind::None:
    return "none";
  case PropertyMask::Kind::Some:
    break;
  }
  return fmt::format("{}", fmt::join(mask.items, ","));
}

std::vector<std::string> firedProperties(const Specialization &specialization) {
  std::vector<std::string> result;
  for (const ArgumentSpecialization &argument : specialization.arguments)
    forEachFired(argument, argument.name,
                 [&](const ArgumentSpecialization &value, const std::string &) {
                   for (const FiredRule &rule : value.fired)
                     if (rule.asProperty)
                       result.push_back(fmt::format("{}:{}", value.name, maskName(rule)));
                 });
  return result;
}

Result<Specialization> applyMask(const Specialization &specialization, const PropertyMask &mask) {
  Specialization result = specialization;
  if (mask.kind == PropertyMask::Kind::All)
    return result;
  std::set<std::string> unused(mask.items.begin(), mask.items.end());
  for (ArgumentSpecialization &argument : result.arguments)
    forEachFired(argument, argument.name,
                 [&](ArgumentSpecialization &value, const std::string &root) {
                   std::vector<FiredRule> kept;
                   for (const FiredRule &rule : value.fired) {
                     bool keep = false;
                     for (const std::string &item : mask.items)
                       if (itemMatches(item, value.name, rule) || itemMatches(item, root, rule)) {
                         keep = true;
                         unused.erase(item);
                       }
                     if (keep)
                       kept.push_back(rule);
                   }
                   keepOnly(*result.ruleSet, value, kept);
                 });
  if (!unused.empty())
    return fail(ErrorCode::NotFound,
                fmt::format("the mask names {}, which fired nowhere; what fired: {}",
                            fmt::join(unused, ", "),
                            fmt::join(firedProperties(specialization), ", ")),
                *unused.begin());
  result.key = printKey(result);
  return result;
}

} // namespace lapidary
