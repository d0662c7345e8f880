// Ranges of arguments: from JSON, and what is meant where none is given.
#include "core/specialize/KeyString.h"
#include "core/specialize/Variants.h"

#include <fmt/format.h>

namespace lapidary {
namespace {

constexpr __int128 lowestInteger = -(__int128(1) << 63);
constexpr __int128 highestInteger = (__int128(1) << 64) - 1;

class RangeReader {
public:
  explicit RangeReader(std::string context) : context(std::move(context)) {}

  std::unexpected<Error> wrong(const std::string &name, const std::string &what) const {
    return fail(ErrorCode::InvalidInput, fmt::format("range of '{}': {}", name, what), context);
  }

  Result<ArgumentRange> read(const std::string &name, const Json &json) const {
    if (json.is_array())
      return list(name, json);
    if (json == "any")
      return ArgumentRange{
          ArgumentRange::Kind::Integers, lowestInteger, highestInteger, 1, {}, {}, {}, false};
    if (!json.is_object())
      return wrong(name,
                   fmt::format("expected a list, an object or \"any\", got {}", dumpJson(json)));
    if (json.contains("from") || json.contains("to"))
      return integers(name, json);
    return tensors(name, json);
  }

private:
  Result<ArgumentRange> list(const std::string &name, const Json &json) const {
    ArgumentRange range;
    for (const Json &item : json) {
      Value value;
      if (item.is_null())
        value.data = NoneValue{};
      else if (item.is_boolean())
        value.data = item.get<bool>();
      else if (item.is_number_unsigned())
        value.data = Integer(item.get<std::uint64_t>());
      else if (item.is_number_integer())
        value.data = Integer(item.get<std::int64_t>());
      else if (item.is_number_float())
        value.data = item.get<double>();
      else if (item.is_string())
        value.data = item.get<std::string>();
      else
        return wrong(name, fmt::format("a list holds numbers, texts, true, false and null, got {}",
                                       dumpJson(item)));
      range.values.push_back(std::move(value));
    }
    if (range.values.empty())
      return wrong(name, "an empty list: no launch is possible");
    return range;
  }

  Result<__int128> integer(const std::string &name, const Json &json, const char *field) const {
    if (json[field].is_number_unsigned())
      return json[field].get<std::uint64_t>();
    if (json[field].is_number_integer())
      return json[field].get<std::int64_t>();
    return wrong(name, fmt::format("'{}' must be an integer from -2^63 to 2^64-1, got {}", field,
                                   dumpJson(json[field])));
  }

  Result<ArgumentRange> integers(const std::string &name, const Json &json) const {
    ArgumentRange range{ArgumentRange::Kind::Integers, 0, 0, 1, {}, {}, {}, false};
    for (auto it = json.begin(); it != json.end(); ++it)
      if (it.key() != "from" && it.key() != "to" && it.key() != "step" && it.key() != "optional")
        return wrong(name,
                     fmt::format("unknown field '{}'; known: from, to, step, optional", it.key()));
    for (auto [field, place] :
         {std::pair{"from", &range.low}, {"to", &range.high}, {"step", &range.step}}) {
      if (!json.contains(field)) {
        if (place == &range.step)
          continue;
        return wrong(name, fmt::format("'{}' is missing", field));
      }
      Result<__int128> value = integer(name, json, field);
      if (!value)
        return std::unexpected(value.error());
      *place = *value;
    }
    if (range.step < 1)
      return wrong(name, "'step' must be at least 1");
    if (range.low > range.high)
      return wrong(name, fmt::format("from {} to {} is empty: no launch is possible",
                                     toString(Integer(range.low)), toString(Integer(range.high))));
    return optional(name, json, std::move(range));
  }

  Result<ArgumentRange> tensors(const std::string &name, const Json &json) const {
    ArgumentRange range{ArgumentRange::Kind::Tensors, 0, 0, 1, {}, {}, {}, false};
    for (auto it = json.begin(); it != json.end(); ++it) {
      if (it.key() == "optional")
        continue;
      bool isAlignment = it.key() == "alignment";
      if (!isAlignment && it.key() != "storage")
        return wrong(
            name,
            fmt::format("unknown field '{}'; known: from, to, step; alignment, storage; optional",
                        it.key()));
      Json items = it->is_array() ? *it : Json::array({*it});
      for (const Json &item : items) {
        bool isGood = item.is_number_integer() &&
                      (!item.is_number_unsigned() || item.get<std::uint64_t>() <= INT64_MAX) &&
                      item.get<std::int64_t>() >= (isAlignment ? 1 : 0);
        if (!isGood)
          return wrong(name, fmt::format("'{}' must list bytes, got {}", it.key(), dumpJson(item)));
        (isAlignment ? range.alignments : range.storages).push_back(item.get<std::int64_t>());
      }
      if (items.empty())
        return wrong(name, fmt::format("'{}' is an empty list: no launch is possible", it.key()));
    }
    return optional(name, json, std::move(range));
  }

  Result<ArgumentRange> optional(const std::string &name, const Json &json,
                                 ArgumentRange range) const {
    if (!json.contains("optional"))
      return range;
    if (!json["optional"].is_boolean())
      return wrong(name, fmt::format("'optional' must be true or false, got {}",
                                     dumpJson(json["optional"])));
    range.isOptional = json["optional"].get<bool>();
    return range;
  }

  std::string context;
};

} // namespace

Result<ArgumentRanges> parseArgumentRanges(std::string_view text, const std::string &context) {
  Result<Json> json = parseJson(text, context);
  if (!json)
    return std::unexpected(json.error());
  if (!json->is_object())
    return fail(ErrorCode::InvalidInput, "expected an object: argument to range", context);
  RangeReader reader(context);
  ArgumentRanges ranges;
  for (auto it = json->begin(); it != json->end(); ++it) {
    Result<ArgumentRange> range = reader.read(it.key(), *it);
    if (!range)
      return std::unexpected(range.error());
    ranges[it.key()] = std::move(*range);
  }
  return ranges;
}

ArgumentRange freeRange(const Value &value, bool isConstexpr) {
  if (!isConstexpr && value.as<Integer>())
    return {ArgumentRange::Kind::Integers, lowestInteger, highestInteger, 1, {}, {}, {}, false};
  if (!isConstexpr && value.as<TensorArgument>())
    return {ArgumentRange::Kind::Tensors, 0, 0, 1, {}, {}, {}, false};
  ArgumentRange range;
  range.values.push_back(value);
  return range;
}

std::string toString(const VariantCount &count) {
  std::string digits;
  unsigned __int128 rest = count.value;
  do
    digits.insert(digits.begin(), char('0' + int(rest % 10)));
  while (rest /= 10);
  return count.isExact ? digits : "more than " + digits;
}

} // namespace lapidary
