#include "core/specialize/AotSignature.h"

#include "core/specialize/KeyString.h"
#include "core/specialize/Report.h"
#include "core/support/Hash.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <fmt/format.h>

namespace lapidary {
namespace {

std::unexpected<Error> wrong(std::size_t position, const std::string &expected,
                             std::string_view found) {
  return fail(ErrorCode::InvalidInput,
              fmt::format("position {}: expected {}, found {}", position + 1, expected,
                          found.empty() ? "nothing" : fmt::format("'{}'", found.substr(0, 24))));
}

std::string_view trimmed(std::string_view text, std::size_t &offset) {
  while (!text.empty() && text.front() == ' ') {
    text.remove_prefix(1);
    ++offset;
  }
  while (!text.empty() && text.back() == ' ')
    text.remove_suffix(1);
  return text;
}

bool isType(std::string_view text) {
  while (text.starts_with("*"))
    text.remove_prefix(1);
  if (text.starts_with("k") && parseDType(text.substr(1)))
    return true;
  return text == "u1" || (parseDType(text) && dtypeName(*parseDType(text)) == text) ||
         text == "nvTmaDesc";
}

std::optional<double> parseFloat(std::string_view text) {
  double value = 0;
  auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (failure != std::errc() || end != text.data() + text.size())
    return std::nullopt;
  return value;
}

std::optional<Integer> parseSigned(std::string_view text) {
  bool isNegative = text.starts_with("-");
  text.remove_prefix(isNegative || text.starts_with("+"));
  if (text.empty() || text.find_first_not_of("0123456789_") != std::string_view::npos)
    return std::nullopt;
  std::optional<Integer> value = parseInteger(std::string(text));
  if (value && !value->fits)
    return std::nullopt; // beyond 127 bits values could not be told apart
  if (value && isNegative)
    value->value = -value->value;
  return value;
}

std::string printEntry(const AotEntry &entry) {
  if (const Integer *integer = std::get_if<Integer>(&entry.constant))
    return toString(*integer);
  if (const double *number = std::get_if<double>(&entry.constant))
    return printPython(Value{*number});
  return entry.hint ? fmt::format("{}:{}", entry.type, *entry.hint) : entry.type;
}

} // namespace

Result<AotSignature> parseAotSignature(std::string_view text) {
  AotSignature signature;
  if (text.find_first_not_of(' ') == std::string_view::npos)
    return wrong(0, "a signature such as \"*fp32:16, i32:16, 1024, i32\"", "");
  for (std::size_t at = 0; at <= text.size();) {
    std::size_t comma = std::min(text.find(',', at), text.size());
    std::size_t start = at;
    std::string_view item = trimmed(text.substr(at, comma - at), start);
    at = comma + 1;
    AotEntry entry;
    const bool isWhole = item.find_first_not_of("+-0123456789_") == std::string_view::npos;
    if (std::optional<Integer> integer = parseSigned(item)) {
      entry.constant = *integer;
    } else if (std::optional<double> number = parseFloat(item); number && !isWhole) {
      entry.constant = *number;
    } else {
      std::size_t colon = std::min(item.find(':'), item.size());
      entry.type = item.substr(0, colon);
      if (!isType(entry.type))
        return wrong(start, "a type (*fp16, i32, ...) or a number", item);
      if (colon < item.size()) {
        std::string_view hint = item.substr(colon + 1);
        if (hint != "1" && hint != "16")
          return wrong(start + colon + 1, "the hint 1 or 16", hint);
        entry.hint = hint == "1" ? 1 : 16;
      }
    }
    signature.entries.push_back(std::move(entry));
  }
  return signature;
}

std::string printAotSignature(const AotSignature &signature) {
  std::string text;
  for (const AotEntry &entry : signature.entries)
    text += (text.empty() ? "" : ", ") + printEntry(entry);
  return text;
}

Result<AotTarget> parseAotTarget(std::string_view text) {
  std::size_t first = text.find(':'), last = text.rfind(':');
  if (first == std::string_view::npos || last == first)
    return wrong(0, "backend:architecture:warp size, such as cuda:80:32 or hip:gfx942:64", text);
  AotTarget result{
      {std::string(text.substr(0, first)), std::string(text.substr(first + 1, last - first - 1))},
      0};
  std::string_view warp = text.substr(last + 1);
  auto [end, failure] = std::from_chars(warp.data(), warp.data() + warp.size(), result.warpSize);
  if (failure != std::errc() || end != warp.data() + warp.size() ||
      (result.warpSize != 32 && result.warpSize != 64))
    return wrong(last + 1, "a warp size of 32 or 64", warp);
  if (Result<Target> target = parseTarget(text.substr(0, last)); !target)
    return std::unexpected(target.error());
  return result;
}

std::string printAotTarget(const AotTarget &target) {
  return fmt::format("{}:{}:{}", target.target.backend, target.target.architecture,
                     target.warpSize);
}

Result<AotSignature> aotSignature(const Specialization &specialization) {
  AotSignature signature;
  for (const ArgumentSpecialization &argument : specialization.arguments) {
    AotEntry entry;
    const Integer *integer = argument.constant ? argument.constant->as<Integer>() : nullptr;
    const double *number = argument.constant ? argument.constant->as<double>() : nullptr;
    bool isFoldedOne = !argument.isDeclaredConstexpr && integer && integer->value == 1;
    if (argument.isTuple || (argument.constant && !integer && !(number && std::isfinite(*number))))
      return fail(ErrorCode::Unsupported,
                  fmt::format("argument '{}' = {} has no form in an ahead-of-time signature: "
                              "constants there are numbers",
                              argument.name, argument.value),
                  argument.name);
    if (isFoldedOne) {
      entry.type = argument.genericType;
      entry.hint = 1;
    } else if (integer) {
      entry.constant = *integer;
    } else if (number) {
      entry.constant = *number;
    } else {
      entry.type = argument.type;
      if (std::ranges::find(argument.properties, Property{"tt.divisibility", 16}) !=
          argument.properties.end())
        entry.hint = 16;
    }
    signature.entries.push_back(std::move(entry));
  }
  return signature;
}

Result<Specialization> specializationFromAot(const RuleSets &sets, const std::string &ruleSet,
                                             const Target &target, const JitFunction &kernel,
                                             const AotSignature &signature) {
  Result<std::shared_ptr<const RuleSet>> rules = sets.find(ruleSet, target);
  if (!rules)
    return std::unexpected(rules.error());
  if (signature.entries.size() != kernel.parameters.size())
    return fail(ErrorCode::InvalidInput,
                fmt::format("the signature has {} entries; {} has {} parameters",
                            signature.entries.size(), kernel.name, kernel.parameters.size()));
  Specialization result;
  result.kernel = kernel.name;
  result.target = target;
  result.rules = ruleSet;
  result.ruleSet = *rules;
  result.keyOptions = (*rules)->keyOptions;
  for (std::size_t i = 0; i < signature.entries.size(); ++i) {
    const AotEntry &entry = signature.entries[i];
    ArgumentSpecialization argument;
    argument.name = kernel.parameters[i].name;
    argument.type = argument.genericType = entry.type;
    argument.key = "";
    if (entry.type.empty()) {
      const Integer *integer = std::get_if<Integer>(&entry.constant);
      argument.constant = integer ? Value{*integer} : Value{std::get<double>(entry.constant)};
      argument.type = argument.genericType = "constexpr";
      argument.key = printPython(*argument.constant);
      argument.isDeclaredConstexpr = true;
    }
    for (const Rule &rule : (*rules)->rules) {
      bool isHint = entry.hint && (rule.constant ? rule.predicate.low == *entry.hint
                                                 : rule.attribute == "tt.divisibility" &&
                                                       rule.value == *entry.hint);
      if (!isHint)
        continue;
      argument.fired.push_back({rule.name, rule.letter, rule.attribute,
                                rule.constant ? rule.predicate.low : rule.value, true, true,
                                rule.constant});
      if (rule.constant) {
        argument.constant = Value{Integer(rule.predicate.low)};
        if ((*rules)->form == KeyForm::List)
          argument.type = "constexpr";
      }
    }
    if (entry.hint && argument.fired.empty())
      return fail(ErrorCode::InvalidInput, fmt::format("no rule of {} gives '{}' the hint {}",
                                                       ruleSet, argument.name, *entry.hint));
    argument.properties = propertiesOf(argument.fired);
    if (!argument.isDeclaredConstexpr)
      argument.key = letters(**rules, argument.fired);
    argument.value = printEntry(entry);
    result.arguments.push_back(std::move(argument));
  }
  result.key = printKey(result);
  return result;
}

std::string aotSignatureHash(const AotSignature &signature, int warps, int stages) {
  std::string text;
  for (const AotEntry &entry : signature.entries)
    text += printEntry(entry) + " ";
  return sha256(fmt::format("{}warps{}xstages{}", text, warps, stages)).substr(0, 8);
}

} // namespace lapidary
