#include "core/source/Value.h"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <limits>

namespace lapidary {

namespace {

constexpr __int128 int128Max = static_cast<__int128>(~static_cast<unsigned __int128>(0) >> 1);

int digitOf(char c) {
  if (c >= '0' && c <= '9')
    return c - '0';
  if (c >= 'a' && c <= 'z')
    return c - 'a' + 10;
  if (c >= 'A' && c <= 'Z')
    return c - 'A' + 10;
  return 99;
}

std::string joinRepr(const ValueList &items) {
  std::string text;
  for (const Value &item : items)
    text += (text.empty() ? "" : ", ") + repr(item);
  return text;
}

std::string reprOf(const NoneValue &) {
  return "None";
}
std::string reprOf(bool value) {
  return value ? "True" : "False";
}
std::string reprOf(const Integer &value) {
  return toString(value);
}

std::string reprOf(double value) {
  if (std::isnan(value))
    return "nan";
  std::string text = fmt::format("{}", value);
  if (text.find_first_of(".en") == std::string::npos)
    text += ".0";
  return text;
}

std::string reprOf(const std::string &value) {
  bool preferDouble = value.find('\'') != std::string::npos && value.find('"') == std::string::npos;
  char quote = preferDouble ? '"' : '\'';
  std::string text(1, quote);
  for (char c : value) {
    auto byte = static_cast<unsigned char>(c);
    if (c == quote || c == '\\')
      text += std::string("\\") + c;
    else if (c == '\n')
      text += "\\n";
    else if (c == '\r')
      text += "\\r";
    else if (c == '\t')
      text += "\\t";
    else if (byte < 0x20 || byte == 0x7f)
      text += fmt::format("\\x{:02x}", byte);
    else
      text += c;
  }
  return text + quote;
}

std::string reprOf(const TupleValue &value) {
  return "(" + joinRepr(value.items) + (value.items.size() == 1 ? ",)" : ")");
}
std::string reprOf(const ListValue &value) {
  return "[" + joinRepr(value.items) + "]";
}

std::string reprOf(const DictValue &value) {
  std::string text;
  for (const auto &[key, item] : value.items)
    text += (text.empty() ? "" : ", ") + repr(key) + ": " + repr(item);
  return "{" + text + "}";
}

std::string reprOf(const TensorArgument &value) {
  return fmt::format("{} {}", dtypeName(value.dtype), fmt::join(value.shape, "x"));
}
std::string reprOf(const TensorDescriptorValue &value) {
  return fmt::format("descriptor of {}, block {}", reprOf(value.base),
                     fmt::join(value.blockShape, "x"));
}
std::string reprOf(const FunctionValue &value) {
  return "<function " + value.name + ">";
}
std::string reprOf(DType value) {
  return "triton.language." + std::string(dtypeName(value));
}

std::string reprOf(const ObjectValue &value) {
  std::string text;
  for (const auto &[name, item] : value.fields)
    text += (text.empty() ? "" : ", ") + name + "=" + repr(item);
  return value.type + "(" + text + ")";
}

} // namespace

bool TupleValue::operator==(const TupleValue &) const = default;
bool ListValue::operator==(const ListValue &) const = default;
bool DictValue::operator==(const DictValue &) const = default;
bool ObjectValue::operator==(const ObjectValue &) const = default;

const Value *ObjectValue::field(const std::string &name) const {
  for (const auto &[key, value] : fields)
    if (key == name)
      return &value;
  return nullptr;
}

std::string toString(const Integer &integer) {
  if (!integer.fits)
    return integer.value < 0 ? "-2**127 or less" : "2**127 or more";
  if (integer.value == 0)
    return "0";
  bool negative = integer.value < 0;
  auto rest = static_cast<unsigned __int128>(integer.value);
  if (negative)
    rest = -rest;
  std::string digits;
  for (; rest != 0; rest /= 10)
    digits += static_cast<char>('0' + static_cast<int>(rest % 10));
  if (negative)
    digits += '-';
  std::reverse(digits.begin(), digits.end());
  return digits;
}

std::optional<Integer> parseInteger(const std::string &text) {
  std::size_t at = 0;
  bool negative = false;
  if (at < text.size() && (text[at] == '-' || text[at] == '+'))
    negative = text[at++] == '-';
  int base = 10;
  if (at + 1 < text.size() && text[at] == '0') {
    char letter = static_cast<char>(text[at + 1] | 0x20);
    base = letter == 'x' ? 16 : letter == 'o' ? 8 : letter == 'b' ? 2 : 10;
    if (base != 10)
      at += 2;
  }
  Integer result;
  bool any = false, lastUnderscore = base == 10;
  for (; at < text.size(); ++at) {
    if (text[at] == '_') {
      if (lastUnderscore)
        return std::nullopt;
      lastUnderscore = true;
      continue;
    }
    lastUnderscore = false;
    int digit = digitOf(text[at]);
    if (digit >= base)
      return std::nullopt;
    any = true;
    if (result.fits && result.value > (int128Max - digit) / base)
      result.fits = false;
    if (result.fits)
      result.value = result.value * base + digit;
  }
  if (!any || lastUnderscore)
    return std::nullopt;
  if (!result.fits)
    result.value = 1;
  if (negative)
    result.value = -result.value;
  return result;
}

Value makeInt(__int128 value) {
  return Value{Integer(value)};
}
Value makeString(std::string text) {
  return Value{std::move(text)};
}

std::optional<std::int64_t> toInt64(const Value &value) {
  if (const bool *flag = value.as<bool>())
    return *flag ? 1 : 0;
  const Integer *integer = value.as<Integer>();
  if (!integer || !integer->fits || integer->value > std::numeric_limits<std::int64_t>::max() ||
      integer->value < std::numeric_limits<std::int64_t>::min())
    return std::nullopt;
  return static_cast<std::int64_t>(integer->value);
}

bool truthy(const Value &value) {
  struct {
    bool operator()(const NoneValue &) const { return false; }
    bool operator()(bool v) const { return v; }
    bool operator()(const Integer &v) const { return !v.fits || v.value != 0; }
    bool operator()(double v) const { return v != 0; }
    bool operator()(const std::string &v) const { return !v.empty(); }
    bool operator()(const TupleValue &v) const { return !v.items.empty(); }
    bool operator()(const ListValue &v) const { return !v.items.empty(); }
    bool operator()(const DictValue &v) const { return !v.items.empty(); }
    bool operator()(const TensorArgument &) const { return true; }
    bool operator()(const TensorDescriptorValue &) const { return true; }
    bool operator()(const FunctionValue &) const { return true; }
    bool operator()(DType) const { return true; }
    bool operator()(const ObjectValue &) const { return true; }
  } visitor;
  return std::visit(visitor, value.data);
}

std::string repr(const Value &value) {
  return std::visit([](const auto &v) { return reprOf(v); }, value.data);
}

const char *kindName(const Value &value) {
  static constexpr const char *names[] = {
      "None",     "bool",  "int",   "float",  "str",
      "tuple",    "list",  "dict",  "tensor", "tensor descriptor",
      "function", "dtype", "object"};
  static_assert(std::size(names) == std::variant_size_v<decltype(Value::data)>);
  return names[value.data.index()];
}

} // namespace lapidary
