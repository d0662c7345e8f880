// Arguments as people type them. Tensors are checked by the reader of launch files, so that a form
// and a file accept the same.
#include "core/session/ArgumentText.h"

#include "core/source/Launch.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <cstdint>

namespace lapidary {

namespace {

constexpr const char *expected =
    "expected a number, True, False, None, a \"string\", a type (fp32), a [list], or a tensor: "
    "fp16 "
    "1024x1024, with any of: strides 1024x1, offset 1, align 4, storage 4096, init normal, const";

std::vector<std::string> words(const std::string &text) {
  std::vector<std::string> found;
  std::size_t at = 0;
  while ((at = text.find_first_not_of(" \t\r\n", at)) != std::string::npos) {
    const std::size_t end = std::min(text.find_first_of(" \t\r\n", at), text.size());
    found.push_back(text.substr(at, end - at));
    at = end;
  }
  return found;
}

std::unexpected<Error> unclear(const std::string &text) {
  return fail(ErrorCode::InvalidInput, fmt::format("'{}' is not an argument: {}", text, expected),
              text);
}

std::optional<std::int64_t> number(const std::string &word) {
  const auto integer = parseInteger(word);
  if (!integer || !integer->fits || integer->value > INT64_MAX || integer->value < INT64_MIN)
    return std::nullopt;
  return static_cast<std::int64_t>(integer->value);
}

// "16384x64" as a list.
std::optional<Json> extents(const std::string &word) {
  Json list = Json::array();
  std::size_t at = 0;
  while (at <= word.size()) {
    const std::size_t end = std::min(word.find('x', at), word.size());
    const auto extent = number(word.substr(at, end - at));
    if (!extent)
      return std::nullopt;
    list.push_back(*extent);
    at = end + 1;
  }
  return list;
}

// The value of argument "value" in a launch with this JSON in its place.
Result<Value> throughLaunch(const Json &argument, const std::string &text) {
  const Json launch = {{"kernel", "k"}, {"grid", {"1"}}, {"arguments", {{"value", argument}}}};
  const auto read = parseLaunch(dumpJson(launch), text);
  if (!read)
    return std::unexpected(read.error());
  const Value *value = read->argument("value");
  return value ? Result<Value>(*value) : unclear(text);
}

Result<Value> parseTensor(const std::vector<std::string> &parts, const std::string &text) {
  Json tensor = Json::object();
  tensor["dtype"] = parts[0];
  const auto shape = extents(parts[1]);
  if (!shape)
    return unclear(text);
  tensor["shape"] = *shape;
  for (std::size_t i = 2; i < parts.size(); ++i) {
    const std::string &word = parts[i];
    if (word == "const") {
      tensor["const"] = true;
      continue;
    }
    if (i + 1 >= parts.size())
      return unclear(text);
    const std::string &argument = parts[++i];
    if (word == "init") {
      tensor["init"] = argument;
    } else if (word == "strides") {
      const auto strides = extents(argument);
      if (!strides)
        return unclear(text);
      tensor["strides"] = *strides;
    } else if (word == "offset" || word == "align" || word == "storage") {
      const auto value = number(argument);
      if (!value)
        return unclear(text);
      tensor[word == "align" ? "alignment" : word] = *value;
    } else {
      return unclear(text);
    }
  }
  return throughLaunch({{"tensor", tensor}}, text);
}

std::optional<double> floating(const std::string &word) {
  double value = 0;
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), value);
  if (error != std::errc() || end != word.data() + word.size())
    return std::nullopt;
  return value;
}

} // namespace

Result<Value> parseArgumentText(const std::string &text) {
  const std::vector<std::string> parts = words(text);
  if (parts.empty())
    return unclear(text);
  const std::string &first = parts.front();
  if (first.front() == '"' || first.front() == '[') {
    const auto json = parseJson(text, "the argument");
    if (!json)
      return unclear(text);
    return json->is_string() ? Result<Value>(makeString(json->get<std::string>()))
                             : throughLaunch(*json, text);
  }
  if (parts.size() > 1)
    return parseDType(first) ? parseTensor(parts, text) : unclear(text);
  if (first == "True" || first == "true")
    return Value{true};
  if (first == "False" || first == "false")
    return Value{false};
  if (first == "None" || first == "none" || first == "null")
    return Value{NoneValue{}};
  if (const auto integer = parseInteger(first))
    return Value{*integer};
  if (const auto value = floating(first))
    return Value{*value};
  if (const auto type = parseDType(first))
    return Value{*type};
  return unclear(text);
}

std::string argumentText(const Value &value) {
  if (const auto *type = value.as<DType>())
    return std::string(dtypeName(*type));
  if (const auto *string = value.as<std::string>())
    return dumpJson(Json(*string));
  const auto *tensor = value.as<TensorArgument>();
  if (!tensor)
    return repr(value);
  std::string text = fmt::format("{} {}", dtypeName(tensor->dtype), fmt::join(tensor->shape, "x"));
  // Only what differs from a tensor of this type and shape alone.
  const auto plain = parseArgumentText(text);
  const TensorArgument standard =
      plain && plain->as<TensorArgument>() ? *plain->as<TensorArgument>() : TensorArgument{};
  if (tensor->strides != standard.strides)
    text += fmt::format(" strides {}", fmt::join(tensor->strides, "x"));
  if (tensor->offset != standard.offset)
    text += fmt::format(" offset {}", tensor->offset);
  if (tensor->alignment != standard.alignment)
    text += fmt::format(" align {}", tensor->alignment);
  if (const auto same = parseArgumentText(text);
      !same || !same->as<TensorArgument>() ||
      same->as<TensorArgument>()->storage != tensor->storage)
    text += fmt::format(" storage {}", tensor->storage);
  if (tensor->init != standard.init)
    text += " init " + tensor->init;
  if (tensor->isConst)
    text += " const";
  return text;
}

} // namespace lapidary
