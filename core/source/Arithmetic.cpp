// Evaluator::binary and unary: Python's operators on values, exact to the error.
#include "core/source/Interpreter.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <fmt/format.h>

namespace lapidary {

namespace {

using Int = __int128;

constexpr std::size_t maximumStringBytes = 1u << 20;
constexpr std::size_t maximumItems = 100000;

std::unexpected<Error> invalid(std::string message) {
  return fail(ErrorCode::InvalidInput, std::move(message));
}
std::unexpected<Error> tooLarge(std::string message) {
  return fail(ErrorCode::OutOfResource, std::move(message));
}
std::unexpected<Error> wrongTypes(const std::string &op, const Value &left, const Value &right) {
  return invalid(fmt::format("unsupported operand types for {}: {} and {}", op, kindName(left),
                             kindName(right)));
}
std::unexpected<Error> overflow(const std::string &op) {
  return tooLarge(fmt::format("the result of {} has more than 128 bits", op));
}

// A bool, int or float as a number; `integer` says which member holds it.
struct Number {
  bool integer = true;
  bool fits = true;
  Int whole = 0;
  double real = 0;
  double asDouble() const { return integer ? static_cast<double>(whole) : real; }
};

std::optional<Number> asNumber(const Value &value) {
  if (const bool *flag = value.as<bool>())
    return Number{true, true, *flag ? 1 : 0, 0};
  if (const Integer *integer = value.as<Integer>())
    return Number{true, integer->fits, integer->value, 0};
  if (const double *real = value.as<double>())
    return Number{false, true, 0, *real};
  return std::nullopt;
}

Int floorDivide(Int left, Int right) {
  Int quotient = left / right;
  return left % right != 0 && (left < 0) != (right < 0) ? quotient - 1 : quotient;
}
Int floorModulo(Int left, Int right) {
  Int rest = left % right;
  return rest != 0 && (rest < 0) != (right < 0) ? rest + right : rest;
}

// CPython's float_divmod: the remainder has the divisor's sign, the quotient is a whole number.
std::pair<double, double> divideModulo(double left, double right) {
  double rest = std::fmod(left, right);
  double quotient = (left - rest) / right;
  if (rest != 0) {
    if ((right < 0) != (rest < 0)) {
      rest += right;
      quotient -= 1;
    }
  } else {
    rest = std::copysign(0.0, right);
  }
  if (quotient == 0)
    return {std::copysign(0.0, left / right), rest};
  double whole = std::floor(quotient);
  return {quotient - whole > 0.5 ? whole + 1 : whole, rest};
}

Result<Value> integerPower(Int base, Int exponent) {
  if (exponent < 0) {
    if (base == 0)
      return invalid("0 cannot be raised to a negative power");
    return Value{std::pow(static_cast<double>(base), static_cast<double>(exponent))};
  }
  if (base == 0 || base == 1)
    return makeInt(exponent == 0 ? 1 : base);
  if (base == -1)
    return makeInt(exponent % 2 == 0 ? 1 : -1);
  if (exponent > 127)
    return overflow("**");
  Int result = 1;
  for (Int i = 0; i < exponent; ++i)
    if (__builtin_mul_overflow(result, base, &result))
      return overflow("**");
  return makeInt(result);
}

Result<Value> shift(const std::string &op, Int left, Int count) {
  if (count < 0)
    return invalid("negative shift count");
  if (op == ">>")
    return makeInt(count > 126 ? (left < 0 ? -1 : 0) : left >> static_cast<int>(count));
  if (left == 0)
    return makeInt(0);
  if (count > 126)
    return overflow(op);
  Int scale = static_cast<Int>(1) << static_cast<int>(count), result = 0;
  if (__builtin_mul_overflow(left, scale, &result))
    return overflow(op);
  return makeInt(result);
}

Result<Value> integerArithmetic(const std::string &op, Int left, Int right) {
  Int result = 0;
  if (op == "+")
    return __builtin_add_overflow(left, right, &result) ? Result<Value>(overflow(op))
                                                        : makeInt(result);
  if (op == "-")
    return __builtin_sub_overflow(left, right, &result) ? Result<Value>(overflow(op))
                                                        : makeInt(result);
  if (op == "*")
    return __builtin_mul_overflow(left, right, &result) ? Result<Value>(overflow(op))
                                                        : makeInt(result);
  if (op == "**")
    return integerPower(left, right);
  if (op == "<<" || op == ">>")
    return shift(op, left, right);
  if (op == "&")
    return makeInt(left & right);
  if (op == "|")
    return makeInt(left | right);
  if (op == "^")
    return makeInt(left ^ right);
  if (right == 0)
    return invalid(op == "/" ? "division by zero" : "integer division or modulo by zero");
  if (op == "/") // one rounding for everything that 64 bits hold
    return Value{static_cast<double>(static_cast<long double>(left) / right)};
  if (right == -1 && op == "//")
    return integerArithmetic("-", 0, left);
  if (right == -1 && op == "%")
    return makeInt(0);
  if (op == "//")
    return makeInt(floorDivide(left, right));
  if (op == "%")
    return makeInt(floorModulo(left, right));
  return invalid(fmt::format("unknown operator {}", op));
}

Result<Value> floatArithmetic(const std::string &op, double left, double right) {
  if (op == "+")
    return Value{left + right};
  if (op == "-")
    return Value{left - right};
  if (op == "*")
    return Value{left * right};
  if (op == "**") {
    if (left == 0 && right < 0)
      return invalid("0.0 cannot be raised to a negative power");
    if (left < 0 && std::isfinite(left) && std::isfinite(right) && right != std::floor(right))
      return invalid("a negative number raised to a fraction is complex");
    double result = std::pow(left, right);
    if (std::isinf(result) && std::isfinite(left) && std::isfinite(right))
      return tooLarge("the result of ** is too large for a float");
    return Value{result};
  }
  if (right == 0)
    return invalid(op == "/" ? "float division by zero" : "float floor division or modulo by zero");
  if (op == "/")
    return Value{left / right};
  auto [quotient, rest] = divideModulo(left, right);
  return Value{op == "//" ? quotient : rest};
}

bool isArithmetic(const std::string &op) {
  static constexpr std::array names = {"+", "-", "*", "/", "//", "%", "**"};
  return std::ranges::find(names, op) != names.end();
}
bool isBitwise(const std::string &op) {
  static constexpr std::array names = {"&", "|", "^", "<<", ">>"};
  return std::ranges::find(names, op) != names.end();
}

const ValueList *sequenceItems(const Value &value) {
  if (const auto *tuple = value.as<TupleValue>())
    return &tuple->items;
  if (const auto *list = value.as<ListValue>())
    return &list->items;
  return nullptr;
}

Value sameSequence(const Value &like, ValueList items) {
  return like.as<TupleValue>() ? Value{TupleValue{std::move(items)}}
                               : Value{ListValue{std::move(items)}};
}

Result<Value> repeat(const Value &sequence, Int count) {
  count = std::max<Int>(count, 0);
  if (const auto *text = sequence.as<std::string>()) {
    if (!text->empty() && count > static_cast<Int>(maximumStringBytes / text->size()))
      return tooLarge("the string would be longer than a mebibyte");
    std::string result;
    for (Int i = 0; !text->empty() && i < count; ++i)
      result += *text;
    return Value{std::move(result)};
  }
  const ValueList &items = *sequenceItems(sequence);
  if (!items.empty() && count > static_cast<Int>(maximumItems / weight(sequence)))
    return tooLarge(
        fmt::format("the {} would hold more than {} values", kindName(sequence), maximumItems));
  ValueList result;
  for (Int i = 0; !items.empty() && i < count; ++i)
    result.insert(result.end(), items.begin(), items.end());
  return sameSequence(sequence, std::move(result));
}

Result<Value> concatenate(const Value &left, const Value &right) {
  if (const auto *text = left.as<std::string>()) {
    const auto &other = *right.as<std::string>();
    if (text->size() + other.size() > maximumStringBytes)
      return tooLarge("the string would be longer than a mebibyte");
    return Value{*text + other};
  }
  ValueList items = *sequenceItems(left);
  const ValueList &more = *sequenceItems(right);
  if (weight(left) + weight(right) > maximumItems)
    return tooLarge(
        fmt::format("the {} would hold more than {} values", kindName(left), maximumItems));
  items.insert(items.end(), more.begin(), more.end());
  return sameSequence(left, std::move(items));
}

Result<Value> mergeDictionaries(const DictValue &left, const DictValue &right);

Result<Value> arithmetic(const std::string &op, const Value &left, const Value &right) {
  std::optional<Number> a = asNumber(left), b = asNumber(right);
  if (a && b) {
    if (!a->fits || !b->fits)
      return tooLarge(fmt::format("an operand of {} has more than 128 bits", op));
    bool whole = a->integer && b->integer;
    if (whole && left.as<bool>() && right.as<bool>() && (op == "&" || op == "|" || op == "^"))
      return Value{op == "&"   ? (a->whole & b->whole) != 0
                   : op == "|" ? (a->whole | b->whole) != 0
                               : a->whole != b->whole};
    if (whole)
      return integerArithmetic(op, a->whole, b->whole);
    if (isBitwise(op))
      return wrongTypes(op, left, right);
    return floatArithmetic(op, a->asDouble(), b->asDouble());
  }
  bool sequences =
      left.data.index() == right.data.index() && (left.as<std::string>() || sequenceItems(left));
  if (op == "+" && sequences)
    return concatenate(left, right);
  if (op == "*" && (a || b)) {
    const Value &sequence = a ? right : left;
    const Number &count = a ? *a : *b;
    if (count.integer && count.fits && (sequence.as<std::string>() || sequenceItems(sequence)))
      return repeat(sequence, count.whole);
    if (count.integer && (sequence.as<std::string>() || sequenceItems(sequence)))
      return tooLarge("the repeat count has more than 128 bits");
  }
  if (op == "|" && left.as<DictValue>() && right.as<DictValue>())
    return mergeDictionaries(*left.as<DictValue>(), *right.as<DictValue>());
  return wrongTypes(op, left, right);
}

// Exact, as Python compares an int with a float: -1, 0, 1; nothing for NaN.
std::optional<int> compareNumbers(const Number &left, const Number &right) {
  auto sign = [](auto a, auto b) { return a < b ? -1 : a > b ? 1 : 0; };
  if (left.integer && right.integer)
    return sign(left.whole, right.whole);
  if (!left.integer && !right.integer)
    return std::isnan(left.real) || std::isnan(right.real)
               ? std::nullopt
               : std::optional(sign(left.real, right.real));
  if (!left.integer) {
    std::optional<int> mirrored = compareNumbers(right, left);
    return mirrored ? std::optional(-*mirrored) : std::nullopt;
  }
  if (std::isnan(right.real))
    return std::nullopt;
  constexpr double limit = 0x1p126;
  if (right.real >= limit)
    return -1;
  if (right.real <= -limit)
    return 1;
  double whole = std::floor(right.real);
  int bySize = sign(left.whole, static_cast<Int>(whole));
  return bySize != 0 ? bySize : sign(whole, right.real);
}

bool equalValues(const Value &left, const Value &right) {
  std::optional<Number> a = asNumber(left), b = asNumber(right);
  if (a && b) {
    if (!a->fits || !b->fits)
      return !a->fits && !b->fits && left == right;
    std::optional<int> order = compareNumbers(*a, *b);
    return order && *order == 0;
  }
  if (left.data.index() != right.data.index())
    return false;
  if (const ValueList *items = sequenceItems(left))
    return std::ranges::equal(*items, *sequenceItems(right), equalValues);
  const auto *dict = left.as<DictValue>();
  if (!dict)
    return left == right;
  const auto *other = right.as<DictValue>();
  return dict->items.size() == other->items.size() &&
         std::ranges::all_of(dict->items, [&](const auto &item) {
           return std::ranges::any_of(other->items, [&](const auto &candidate) {
             return equalValues(item.first, candidate.first) &&
                    equalValues(item.second, candidate.second);
           });
         });
}

Result<Value> mergeDictionaries(const DictValue &left, const DictValue &right) {
  DictValue merged = left;
  for (const auto &[key, value] : right.items) {
    auto found = std::ranges::find_if(
        merged.items, [&](const auto &item) { return equalValues(item.first, key); });
    if (found != merged.items.end())
      found->second = value;
    else
      merged.items.emplace_back(key, value);
  }
  return Value{std::move(merged)};
}

// -1, 0, 1; nothing when not ordered (NaN), an error when the types have no order.
Result<std::optional<int>> order(const std::string &op, const Value &left, const Value &right) {
  std::optional<Number> a = asNumber(left), b = asNumber(right);
  if (a && b) {
    if (!a->fits || !b->fits)
      return tooLarge(fmt::format("an operand of {} has more than 128 bits", op));
    return compareNumbers(*a, *b);
  }
  if (left.data.index() == right.data.index()) {
    if (const auto *text = left.as<std::string>()) {
      int byBytes = text->compare(*right.as<std::string>());
      return byBytes < 0 ? -1 : byBytes > 0 ? 1 : 0;
    }
    if (const ValueList *items = sequenceItems(left)) {
      const ValueList &others = *sequenceItems(right);
      for (std::size_t i = 0; i < std::min(items->size(), others.size()); ++i)
        if (!equalValues((*items)[i], others[i]))
          return order(op, (*items)[i], others[i]);
      return items->size() < others.size() ? -1 : items->size() > others.size() ? 1 : 0;
    }
  }
  return wrongTypes(op, left, right);
}

Result<bool> contains(const Value &container, const Value &item) {
  if (const ValueList *items = sequenceItems(container))
    return std::ranges::any_of(*items,
                               [&](const Value &entry) { return equalValues(entry, item); });
  if (const auto *dict = container.as<DictValue>())
    return std::ranges::any_of(dict->items,
                               [&](const auto &entry) { return equalValues(entry.first, item); });
  const auto *text = container.as<std::string>();
  const auto *part = item.as<std::string>();
  if (text && part)
    return text->find(*part) != std::string::npos;
  return wrongTypes("in", item, container);
}

// Values have no identity here; what Python makes one object of (None, bools, types, equal small
// numbers) is what equal values of one kind come to.
bool identical(const Value &left, const Value &right) {
  return left.data.index() == right.data.index() && equalValues(left, right);
}

} // namespace

Result<Value> Evaluator::binary(const std::string &op, const Value &left, const Value &right) {
  if (isArithmetic(op) || isBitwise(op))
    return arithmetic(op, left, right);
  if (op == "==" || op == "!=")
    return Value{equalValues(left, right) == (op == "==")};
  if (op == "is" || op == "is not")
    return Value{identical(left, right) == (op == "is")};
  if (op == "and")
    return truthy(left) ? right : left;
  if (op == "or")
    return truthy(left) ? left : right;
  if (op == "in" || op == "not in") {
    Result<bool> found = contains(right, left);
    if (!found)
      return std::unexpected(found.error());
    return Value{*found == (op == "in")};
  }
  if (op == "<" || op == "<=" || op == ">" || op == ">=") {
    Result<std::optional<int>> ordered = order(op, left, right);
    if (!ordered)
      return std::unexpected(ordered.error());
    if (!*ordered)
      return Value{false};
    int sign = **ordered;
    return Value{op == "<" ? sign < 0 : op == "<=" ? sign <= 0 : op == ">" ? sign > 0 : sign >= 0};
  }
  return invalid(fmt::format("unknown operator {}", op));
}

Result<Value> Evaluator::unary(const std::string &op, const Value &operand) {
  if (op == "not")
    return Value{!truthy(operand)};
  std::optional<Number> number = asNumber(operand);
  if (!number || (op == "~" && !number->integer))
    return invalid(fmt::format("bad operand type for unary {}: {}", op, kindName(operand)));
  if (!number->fits)
    return tooLarge(fmt::format("the operand of {} has more than 128 bits", op));
  if (op == "~")
    return makeInt(~number->whole);
  if (op == "+")
    return number->integer ? makeInt(number->whole) : Value{number->real};
  if (op != "-")
    return invalid(fmt::format("unknown operator {}", op));
  return number->integer ? integerArithmetic("-", 0, number->whole) : Value{-number->real};
}

} // namespace lapidary
