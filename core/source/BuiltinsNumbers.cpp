// Numbers: Python's conversions and rounding, math, and Triton's host-side arithmetic.
#include "core/source/Builtins.h"

#include <cmath>
#include <utility>

namespace lapidary {

namespace {

Value toInteger(const BuiltinCall &call) {
  if (!call.count(0, 1))
    return {};
  if (call.values.empty())
    return makeInt(0);
  if (const auto *text = call.values[0].as<std::string>()) {
    std::size_t first = text->find_first_not_of(" \t\n"), last = text->find_last_not_of(" \t\n");
    std::string digits = first == std::string::npos ? "" : text->substr(first, last - first + 1);
    bool prefixed = digits.size() > 1 && digits[0] == '0' && (digits[1] < '0' || digits[1] > '9');
    std::optional<Integer> number = parseInteger(digits);
    return number && !prefixed ? Value{*number}
                               : call.raise(repr(call.values[0]) + " is no integer");
  }
  if (const double *real = call.values[0].as<double>()) {
    if (!std::isfinite(*real) || std::fabs(*real) >= 0x1p126)
      return call.raise(repr(call.values[0]) + " has no integer that fits");
    return makeInt(static_cast<__int128>(*real));
  }
  return makeInt(call.integer(0));
}

// torch.finfo(dtype), torch.iinfo(dtype): the limits of a type.
Value limitsOf(const BuiltinCall &call) {
  const DType *type = call.count(1, 1) ? call.values[0].as<DType>() : nullptr;
  const bool floating = call.name.ends_with("finfo") && !call.name.ends_with("iinfo");
  if (!type || isFloating(*type) != floating)
    return call.raise("a dtype of the other kind was given");
  ObjectValue limits{call.name, {{"bits", makeInt(dtypeBits(*type))}}};
  if (!floating) {
    const bool isSigned = isSignedInteger(*type);
    const int bits = dtypeBits(*type) - isSigned;
    limits.fields.emplace_back("max", makeInt((__int128{1} << bits) - 1));
    limits.fields.emplace_back("min", makeInt(isSigned ? -(__int128{1} << bits) : 0));
    return Value{std::move(limits)};
  }
  struct Format {
    DType type;
    double max, eps, tiny;
  };
  constexpr Format formats[] = {
      {DType::Fp16, 65504, 0x1p-10, 0x1p-14},
      {DType::BF16, 0x1.fep127, 0x1p-7, 0x1p-126},
      {DType::Fp32, 0x1.fffffep127, 0x1p-23, 0x1p-126},
      {DType::Fp64, std::numeric_limits<double>::max(), 0x1p-52, 0x1p-1022},
      {DType::Fp8E4NV, 448, 0x1p-3, 0x1p-6},
      {DType::Fp8E5, 57344, 0x1p-2, 0x1p-14},
      {DType::Fp8E4B8, 240, 0x1p-3, 0x1p-7},
      {DType::Fp8E5B16, 57344, 0x1p-2, 0x1p-15}};
  for (const Format &format : formats)
    if (format.type == *type) {
      limits.fields.insert(limits.fields.end(), {{"max", Value{format.max}},
                                                 {"min", Value{-format.max}},
                                                 {"eps", Value{format.eps}},
                                                 {"tiny", Value{format.tiny}},
                                                 {"smallest_normal", Value{format.tiny}}});
      return Value{std::move(limits)};
    }
  return call.raise("the limits of this dtype are not known");
}

// tl.get_int_dtype(bitwidth, signed)
Value integerType(const BuiltinCall &call) {
  if (!call.count(2, 2))
    return {};
  const __int128 bits = call.integer(0);
  const bool isSigned = call.integer(1) != 0;
  if (bits == 1)
    return Value{DType::Int1};
  for (DType type : {DType::Int8, DType::Int16, DType::Int32, DType::Int64, DType::UInt8,
                     DType::UInt16, DType::UInt32, DType::UInt64})
    if (dtypeBits(type) == bits && isSignedInteger(type) == isSigned)
      return Value{type};
  return call.raise("there is no integer type of this width");
}

Value toFloat(const BuiltinCall &call) {
  if (!call.count(0, 1))
    return {};
  if (call.values.empty())
    return Value{0.0};
  const auto *text = call.values[0].as<std::string>();
  if (!text)
    return Value{call.real(0)};
  std::string word;
  for (char c : *text)
    if (c != ' ' && c != '\t' && c != '\n')
      word += static_cast<char>(c >= 'A' && c <= 'Z' ? c + 32 : c);
  bool negative = word.starts_with('-');
  std::string bare = word.substr(word.starts_with('-') || word.starts_with('+') ? 1 : 0);
  std::optional<double> number;
  if (bare == "inf" || bare == "infinity")
    number = std::numeric_limits<double>::infinity();
  else if (bare == "nan")
    number = std::numeric_limits<double>::quiet_NaN();
  else if (!bare.empty() && bare.find_first_not_of("0123456789._e+-") == std::string::npos) {
    char *end = nullptr;
    std::string digits = bare;
    std::erase(digits, '_');
    double parsed = std::strtod(digits.c_str(), &end);
    if (end == digits.c_str() + digits.size())
      number = parsed;
  }
  return number ? Value{negative ? -*number : *number}
                : call.raise(repr(call.values[0]) + " is no number");
}

Value roundNumber(const BuiltinCall &call) {
  if (!call.count(1, 2))
    return {};
  if (call.values.size() == 2 && !call.values[1].isNone()) {
    if (!call.values[0].as<double>())
      return makeInt(call.integer(0));
    __int128 digits = call.integer(1);
    if (digits < 0 || digits > 15)
      return call.raise("rounds to 0 to 15 digits");
    double value = call.real(0);
    if (!std::isfinite(value))
      return Value{value};
    return Value{
        std::strtod(fmt::format("{:.{}f}", value, static_cast<int>(digits)).c_str(), nullptr)};
  }
  if (!call.values[0].as<double>())
    return makeInt(call.integer(0));
  double value = std::nearbyint(call.real(0)); // half to even, the default rounding mode
  if (!std::isfinite(value) || std::fabs(value) >= 0x1p126)
    return call.raise("the value has no integer that fits");
  return makeInt(static_cast<__int128>(value));
}

Value cdiv(const BuiltinCall &call) {
  if (!call.count(2, 2))
    return {};
  // -(-x // y): what triton.cdiv computes, without its intermediate sum.
  Value negated = call.interpreter.checked(Evaluator::unary("-", call.values[0]));
  return call.interpreter.checked(
      Evaluator::unary("-", applyBinary(call, "//", negated, call.values[1])));
}

Value nextPowerOf2(const BuiltinCall &call) {
  if (!call.count(1, 1))
    return {};
  __int128 n = call.integer(0);
  if (n <= 0)
    return makeInt(0); // as triton's bit tricks have it
  if (n > (static_cast<__int128>(1) << 62))
    return call.raise("the number is too large");
  __int128 power = 1;
  while (power < n)
    power *= 2;
  return makeInt(power);
}

Value power(const BuiltinCall &call) {
  return call.count(2, 2) ? applyBinary(call, "**", call.values[0], call.values[1]) : Value{};
}

Value divideWithRest(const BuiltinCall &call) {
  if (!call.count(2, 2))
    return {};
  Value quotient = applyBinary(call, "//", call.values[0], call.values[1]);
  return Value{TupleValue{{quotient, applyBinary(call, "%", call.values[0], call.values[1])}}};
}

Value absolute(const BuiltinCall &call) {
  if (!call.count(1, 1))
    return {};
  if (const double *real = call.values[0].as<double>())
    return Value{std::fabs(*real)};
  Value zero = makeInt(0), value = makeInt(call.integer(0));
  return truthy(applyBinary(call, "<", value, zero)) ? applyBinary(call, "-", zero, value) : value;
}

template <double (*Function)(double)> Value realFunction(const BuiltinCall &call) {
  if (!call.count(1, 1))
    return {};
  double argument = call.real(0), result = Function(argument);
  if (call.interpreter.failed())
    return {};
  if (std::isnan(result) && !std::isnan(argument))
    return call.raise("math domain error");
  if (std::isinf(result) && std::isfinite(argument))
    return call.raise("math range error");
  return Value{result};
}

Value logarithm(const BuiltinCall &call) {
  if (!call.count(1, 2))
    return {};
  if (call.real(0) <= 0 || (call.values.size() == 2 && call.real(1) <= 0))
    return call.raise("math domain error");
  double value = std::log(call.real(0));
  if (call.values.size() == 2 && std::log(call.real(1)) == 0)
    return call.raise("division by zero");
  return Value{call.values.size() == 2 ? value / std::log(call.real(1)) : value};
}

template <double (*Function)(double)> Value toWhole(const BuiltinCall &call) {
  if (!call.count(1, 1))
    return {};
  if (!call.values[0].as<double>())
    return makeInt(call.integer(0));
  double value = Function(call.real(0));
  if (!std::isfinite(value) || std::fabs(value) >= 0x1p126)
    return call.raise("the value has no integer that fits");
  return makeInt(static_cast<__int128>(value));
}

Value squareRootDown(const BuiltinCall &call) {
  if (!call.count(1, 1))
    return {};
  __int128 n = call.integer(0);
  if (n < 0)
    return call.raise("the number is negative");
  __int128 low = 0, high = static_cast<__int128>(1) << 63;
  while (low < high) {
    __int128 middle = low + (high - low + 1) / 2;
    if (middle <= n / middle)
      low = middle;
    else
      high = middle - 1;
  }
  return makeInt(low);
}

Value greatestDivisor(const BuiltinCall &call) {
  __int128 result = 0;
  for (std::size_t i = 0; i < call.values.size(); ++i) {
    __int128 value = call.integer(i);
    for (value = value < 0 ? -value : value; value != 0;)
      result = std::exchange(value, result % value);
  }
  return makeInt(result);
}

Value leastMultiple(const BuiltinCall &call) {
  Value result = makeInt(1);
  for (std::size_t i = 0; i < call.values.size(); ++i) {
    Value divisor = greatestDivisor({call.interpreter, call.name, {result, call.values[i]}, {}});
    if (call.interpreter.failed() || !truthy(divisor))
      return makeInt(0);
    result = applyBinary(call, "*", applyBinary(call, "//", result, divisor), call.values[i]);
  }
  return absolute({call.interpreter, call.name, {result}, {}});
}

Value multiplied(const BuiltinCall &call) {
  if (!call.count(1, 1))
    return {};
  const Value *start = call.keyword("start");
  Value total = start ? *start : makeInt(1);
  for (const Value &item : call.interpreter.iterate(call.values[0]))
    total = applyBinary(call, "*", total, item);
  return total;
}

} // namespace

const BuiltinTable &numberBuiltins() {
  static const BuiltinTable table = {
      {"abs", absolute},
      {"divmod", divideWithRest},
      {"float", toFloat},
      {"int", toInteger},
      {"pow", power},
      {"round", roundNumber},
      {"math.ceil", toWhole<std::ceil>},
      {"math.floor", toWhole<std::floor>},
      {"math.trunc", toWhole<std::trunc>},
      {"math.sqrt", realFunction<std::sqrt>},
      {"math.exp", realFunction<std::exp>},
      {"math.exp2", realFunction<std::exp2>},
      {"math.log2", realFunction<std::log2>},
      {"math.log10", realFunction<std::log10>},
      {"math.fabs", realFunction<std::fabs>},
      {"math.sin", realFunction<std::sin>},
      {"math.cos", realFunction<std::cos>},
      {"math.log", logarithm},
      {"math.pow",
       [](const BuiltinCall &call) {
         return call.count(2, 2) ? applyBinary(call, "**", Value{call.real(0)}, Value{call.real(1)})
                                 : Value{};
       }},
      {"math.isqrt", squareRootDown},
      {"math.gcd", greatestDivisor},
      {"math.lcm", leastMultiple},
      {"math.prod", multiplied},
      {"math.isnan",
       [](const BuiltinCall &call) {
         return call.count(1, 1) ? Value{std::isnan(call.real(0))} : Value{};
       }},
      {"math.isinf",
       [](const BuiltinCall &call) {
         return call.count(1, 1) ? Value{std::isinf(call.real(0))} : Value{};
       }},
      {"cdiv", cdiv},
      {"triton.cdiv", cdiv},
      {"triton.language.cdiv", cdiv},
      {"triton.language.get_int_dtype", integerType},
      {"triton.language.core.get_int_dtype", integerType},
      {"torch.finfo", limitsOf},
      {"torch.iinfo", limitsOf},
      {"next_power_of_2", nextPowerOf2},
      {"triton.next_power_of_2", nextPowerOf2}};
  return table;
}

} // namespace lapidary
