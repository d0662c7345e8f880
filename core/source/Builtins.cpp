// The functions that evaluation knows by their full names.
#include "core/source/Interpreter.h"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <functional>
#include <limits>
#include <numbers>
#include <unordered_map>

namespace lapidary {

namespace {

using Keywords = Evaluator::Keywords;

// One call: checked access to its arguments. A miss raises and gives a harmless value.
struct Arguments {
  Interpreter &interpreter;
  const std::string &name;
  const ValueList &values;
  const Keywords &keywords;

  Value raise(const std::string &message) const {
    return interpreter.raise(name + "(): " + message);
  }
  bool count(std::size_t least, std::size_t most) const {
    if (values.size() >= least && values.size() <= most)
      return true;
    raise(fmt::format("{} arguments given", values.size()));
    return false;
  }
  const Value *keyword(std::string_view wanted) const {
    for (const auto &[key, value] : keywords)
      if (key == wanted)
        return &value;
    return nullptr;
  }
  // The `index`th, or the keyword of that name; null when absent.
  const Value *find(std::size_t index, std::string_view wanted) const {
    return index < values.size() ? &values[index] : keyword(wanted);
  }
  __int128 integer(std::size_t index) const {
    const Value &value = values[index];
    if (const bool *flag = value.as<bool>())
      return *flag ? 1 : 0;
    const Integer *number = value.as<Integer>();
    if (number && number->fits)
      return number->value;
    raise(number ? "the integer has more than 128 bits"
                 : fmt::format("an integer is expected, not a {}", kindName(value)));
    return 1;
  }
  double real(std::size_t index) const {
    if (const double *number = values[index].as<double>())
      return *number;
    return static_cast<double>(integer(index));
  }
};

using Builtin = Value (*)(const Arguments &);

Value binary(const Arguments &call, const char *op, const Value &left, const Value &right) {
  return call.interpreter.checked(Evaluator::binary(op, left, right));
}

ValueList operands(const Arguments &call) {
  return call.values.size() == 1 ? call.interpreter.iterate(call.values[0]) : call.values;
}

Value extreme(const Arguments &call, const char *op) {
  if (!call.count(1, 100000))
    return {};
  ValueList items = operands(call);
  const Value *key = call.keyword("key"), *fallback = call.keyword("default");
  if (items.empty())
    return fallback ? *fallback : call.raise("there is nothing to choose from");
  Value best = items[0];
  Value bestKey = key ? call.interpreter.apply(*key, {best}) : best;
  for (std::size_t i = 1; i < items.size() && !call.interpreter.failed(); ++i) {
    Value itemKey = key ? call.interpreter.apply(*key, {items[i]}) : items[i];
    if (truthy(binary(call, op, itemKey, bestKey))) {
      best = items[i];
      bestKey = std::move(itemKey);
    }
  }
  return best;
}

Value range(const Arguments &call) {
  if (!call.count(1, 3))
    return {};
  __int128 begin = call.values.size() > 1 ? call.integer(0) : 0;
  __int128 end = call.integer(call.values.size() > 1 ? 1 : 0);
  __int128 step = call.values.size() > 2 ? call.integer(2) : 1;
  if (step == 0)
    return call.raise("the step is zero");
  ListValue result;
  while ((step > 0 ? begin < end : begin > end) && call.interpreter.charge(1)) {
    result.items.push_back(makeInt(begin));
    if (__builtin_add_overflow(begin, step, &begin))
      break;
  }
  return Value{std::move(result)};
}

Value sum(const Arguments &call) {
  if (!call.count(1, 2))
    return {};
  const Value *start = call.find(1, "start");
  Value total = start ? *start : makeInt(0);
  for (const Value &item : call.interpreter.iterate(call.values[0])) {
    total = binary(call, "+", total, item);
    if (!call.interpreter.charge(weight(total)))
      return {};
  }
  return total;
}

Value sorted(const Arguments &call) {
  if (!call.count(1, 1))
    return {};
  ValueList items = call.interpreter.iterate(call.values[0]);
  const Value *key = call.keyword("key"), *reverse = call.keyword("reverse");
  struct Keyed {
    Value key, item;
  };
  std::vector<Keyed> keyed;
  for (Value &item : items)
    keyed.push_back({key ? call.interpreter.apply(*key, {item}) : item, item});
  bool descending = reverse && truthy(*reverse);
  // A failing comparison gives false throughout, which is an order too.
  std::ranges::stable_sort(keyed, [&](const Keyed &a, const Keyed &b) {
    if (!call.interpreter.charge(1 + weight(a.key) / 16))
      return false;
    return descending ? truthy(binary(call, "<", b.key, a.key))
                      : truthy(binary(call, "<", a.key, b.key));
  });
  ListValue result;
  for (Keyed &entry : keyed)
    result.items.push_back(std::move(entry.item));
  return Value{std::move(result)};
}

Value toInteger(const Arguments &call) {
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

Value toFloat(const Arguments &call) {
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

Value roundNumber(const Arguments &call) {
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

Value distinct(const Arguments &call) {
  if (!call.count(0, 1))
    return {};
  ListValue result;
  for (Value &item : call.values.empty() ? ValueList{} : call.interpreter.iterate(call.values[0])) {
    if (!call.interpreter.charge(1 + result.items.size() / 16))
      break;
    bool seen = std::ranges::any_of(
        result.items, [&](const Value &other) { return truthy(binary(call, "==", other, item)); });
    if (!seen)
      result.items.push_back(std::move(item));
  }
  return Value{std::move(result)};
}

Value toDictionary(const Arguments &call) {
  if (!call.count(0, 1))
    return {};
  Value result{DictValue{}};
  if (!call.values.empty() && call.values[0].as<DictValue>())
    result = call.values[0];
  else if (!call.values.empty())
    for (const Value &pair : call.interpreter.iterate(call.values[0])) {
      ValueList both = call.interpreter.iterate(pair);
      if (both.size() != 2)
        return call.raise("pairs are expected");
      if (!call.interpreter.charge(weight(result)))
        return {};
      result = binary(call, "|", result, Value{DictValue{{{both[0], both[1]}}}});
    }
  for (const auto &[key, value] : call.keywords)
    result = binary(call, "|", result, Value{DictValue{{{makeString(key), value}}}});
  return result;
}

// Rows of the transposed arguments; `longest` false stops at the shortest.
Value zip(const Arguments &call) {
  std::vector<ValueList> columns;
  std::size_t shortest = std::numeric_limits<std::size_t>::max();
  for (const Value &value : call.values) {
    columns.push_back(call.interpreter.iterate(value));
    shortest = std::min(shortest, columns.back().size());
  }
  ListValue rows;
  for (std::size_t i = 0; !columns.empty() && i < shortest; ++i) {
    if (!call.interpreter.charge(columns.size()))
      break;
    TupleValue row;
    for (const ValueList &column : columns)
      row.items.push_back(column[i]);
    rows.items.push_back(Value{std::move(row)});
  }
  return Value{std::move(rows)};
}

Value enumerate(const Arguments &call) {
  if (!call.count(1, 2))
    return {};
  const Value *start = call.find(1, "start");
  std::int64_t at = start ? toInt64(*start).value_or(0) : 0;
  ListValue rows;
  for (Value &item : call.interpreter.iterate(call.values[0]))
    rows.items.push_back(Value{TupleValue{{makeInt(at++), std::move(item)}}});
  return Value{std::move(rows)};
}

Value mapItems(const Arguments &call) {
  if (!call.count(2, 100))
    return {};
  ListValue result;
  Value rows = zip({call.interpreter, call.name,
                    ValueList(call.values.begin() + 1, call.values.end()), call.keywords});
  for (const Value &row : call.interpreter.iterate(rows)) {
    if (call.interpreter.failed())
      break;
    result.items.push_back(call.interpreter.apply(call.values[0], row.as<TupleValue>()->items));
  }
  return Value{std::move(result)};
}

Value filterItems(const Arguments &call) {
  if (!call.count(2, 2))
    return {};
  ListValue result;
  for (Value &item : call.interpreter.iterate(call.values[1])) {
    bool keep = call.values[0].isNone() ? truthy(item)
                                        : truthy(call.interpreter.apply(call.values[0], {item}));
    if (call.interpreter.failed())
      break;
    if (keep)
      result.items.push_back(std::move(item));
  }
  return Value{std::move(result)};
}

Value product(const Arguments &call) {
  std::vector<ValueList> pools;
  const Value *times = call.keyword("repeat");
  std::int64_t repeat = times ? toInt64(*times).value_or(1) : 1;
  if (repeat < 0 || repeat > 64)
    return call.raise("repeat must be 0 to 64");
  for (std::int64_t i = 0; i < repeat; ++i)
    for (const Value &value : call.values)
      pools.push_back(call.interpreter.iterate(value));
  std::vector<ValueList> rows{{}};
  for (const ValueList &pool : pools) {
    std::vector<ValueList> longer;
    for (const ValueList &row : rows)
      for (const Value &item : pool) {
        if (!call.interpreter.charge(weight(Value{TupleValue{row}}) + weight(item)))
          return {};
        longer.push_back(row);
        longer.back().push_back(item);
      }
    rows = std::move(longer);
  }
  ListValue result;
  for (ValueList &row : rows)
    result.items.push_back(Value{TupleValue{std::move(row)}});
  return Value{std::move(result)};
}

// Every way to pick `count` of the pool by position, in order of position; with permutations, in
// every order.
void choose(const Arguments &call, const ValueList &pool, std::size_t count, bool ordered,
            std::vector<std::size_t> &picked, ListValue &out) {
  if (!call.interpreter.charge(1))
    return;
  if (picked.size() == count) {
    TupleValue row;
    for (std::size_t index : picked)
      if (call.interpreter.charge(weight(pool[index])))
        row.items.push_back(pool[index]);
    out.items.push_back(Value{std::move(row)});
    return;
  }
  std::size_t first = ordered || picked.empty() ? 0 : picked.back() + 1;
  for (std::size_t i = first; i < pool.size() && !call.interpreter.failed(); ++i) {
    if (ordered && std::ranges::find(picked, i) != picked.end())
      continue;
    picked.push_back(i);
    choose(call, pool, count, ordered, picked, out);
    picked.pop_back();
  }
}

Value choices(const Arguments &call, bool ordered) {
  if (!call.count(1, 2))
    return {};
  ValueList pool = call.interpreter.iterate(call.values[0]);
  __int128 count = call.values.size() > 1 ? call.integer(1) : static_cast<__int128>(pool.size());
  if (count < 0 || count > 64)
    return call.raise("picks 0 to 64 items");
  ListValue result;
  std::vector<std::size_t> picked;
  choose(call, pool, static_cast<std::size_t>(count), ordered, picked, result);
  return Value{std::move(result)};
}

Value chain(const Arguments &call) {
  ListValue result;
  for (const Value &value : call.values)
    for (Value &item : call.interpreter.iterate(value))
      result.items.push_back(std::move(item));
  return Value{std::move(result)};
}

Value reduce(const Arguments &call) {
  if (!call.count(2, 3))
    return {};
  ValueList items = call.interpreter.iterate(call.values[1]);
  if (call.values.size() == 3)
    items.insert(items.begin(), call.values[2]);
  if (items.empty())
    return call.raise("there is nothing to reduce");
  Value total = items[0];
  for (std::size_t i = 1; i < items.size() && !call.interpreter.failed(); ++i)
    total = call.interpreter.apply(call.values[0], {total, items[i]});
  return total;
}

Value cdiv(const Arguments &call) {
  if (!call.count(2, 2))
    return {};
  // -(-x // y): what triton.cdiv computes, without its intermediate sum.
  Value negated = call.interpreter.checked(Evaluator::unary("-", call.values[0]));
  return call.interpreter.checked(
      Evaluator::unary("-", binary(call, "//", negated, call.values[1])));
}

Value nextPowerOf2(const Arguments &call) {
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

Value makeConfig(const Arguments &call) {
  static constexpr std::string_view names[] = {"kwargs",  "num_warps", "num_stages", "num_ctas",
                                               "maxnreg", "pre_hook",  "ir_override"};
  if (!call.count(0, std::size(names)))
    return {};
  ObjectValue config{"triton.Config", {}};
  for (std::size_t i = 0; i < call.values.size(); ++i)
    config.fields.emplace_back(names[i], call.values[i]);
  for (const auto &[name, value] : call.keywords)
    config.fields.emplace_back(name, value);
  const Value *kwargs = config.field("kwargs");
  if (!kwargs || !kwargs->as<DictValue>())
    return call.raise("the parameters must be a dictionary");
  return Value{std::move(config)};
}

Value isInstance(const Arguments &call) {
  if (!call.count(2, 2))
    return {};
  ValueList types = call.values[1].as<TupleValue>() ? call.values[1].as<TupleValue>()->items
                                                    : ValueList{call.values[1]};
  std::string kind = kindName(call.values[0]);
  for (const Value &type : types) {
    const auto *name = type.as<FunctionValue>();
    if (!name)
      return call.raise("the type is not known");
    if (name->name == kind || (kind == "bool" && name->name == "int"))
      return Value{true};
  }
  return Value{false};
}

Value asString(const Arguments &call) {
  return call.count(0, 1) ? makeString(call.values.empty() ? "" : display(call.values[0]))
                          : Value{};
}

Value length(const Arguments &call) {
  if (!call.count(1, 1))
    return {};
  if (const auto *text = call.values[0].as<std::string>())
    return makeInt(static_cast<__int128>(text->size()));
  return makeInt(static_cast<__int128>(call.interpreter.iterate(call.values[0]).size()));
}

Value power(const Arguments &call) {
  return call.count(2, 2) ? binary(call, "**", call.values[0], call.values[1]) : Value{};
}

Value divideWithRest(const Arguments &call) {
  if (!call.count(2, 2))
    return {};
  Value quotient = binary(call, "//", call.values[0], call.values[1]);
  return Value{TupleValue{{quotient, binary(call, "%", call.values[0], call.values[1])}}};
}

Value absolute(const Arguments &call) {
  if (!call.count(1, 1))
    return {};
  if (const double *real = call.values[0].as<double>())
    return Value{std::fabs(*real)};
  Value zero = makeInt(0), value = makeInt(call.integer(0));
  return truthy(binary(call, "<", value, zero)) ? binary(call, "-", zero, value) : value;
}

Value every(const Arguments &call) {
  return call.count(1, 1)
             ? Value{std::ranges::all_of(call.interpreter.iterate(call.values[0]), truthy)}
             : Value{};
}
Value some(const Arguments &call) {
  return call.count(1, 1)
             ? Value{std::ranges::any_of(call.interpreter.iterate(call.values[0]), truthy)}
             : Value{};
}

Value identity(const Arguments &call) {
  return call.count(1, 1) ? call.values[0] : Value{};
}

Value environment(const Arguments &call) {
  if (!call.count(1, 2))
    return {};
  const Value *fallback = call.find(1, "default");
  return fallback ? *fallback : Value{};
}

Value makeDType(const Arguments &call) {
  if (!call.count(1, 1))
    return {};
  const auto *name = call.values[0].as<std::string>();
  std::optional<DType> type = name ? parseDType(*name) : std::nullopt;
  return type ? Value{*type} : call.raise(repr(call.values[0]) + " is no type");
}

template <double (*Function)(double)> Value realFunction(const Arguments &call) {
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

Value logarithm(const Arguments &call) {
  if (!call.count(1, 2))
    return {};
  if (call.real(0) <= 0 || (call.values.size() == 2 && call.real(1) <= 0))
    return call.raise("math domain error");
  double value = std::log(call.real(0));
  if (call.values.size() == 2 && std::log(call.real(1)) == 0)
    return call.raise("division by zero");
  return Value{call.values.size() == 2 ? value / std::log(call.real(1)) : value};
}

template <double (*Function)(double)> Value toWhole(const Arguments &call) {
  if (!call.count(1, 1))
    return {};
  if (!call.values[0].as<double>())
    return makeInt(call.integer(0));
  double value = Function(call.real(0));
  if (!std::isfinite(value) || std::fabs(value) >= 0x1p126)
    return call.raise("the value has no integer that fits");
  return makeInt(static_cast<__int128>(value));
}

Value squareRootDown(const Arguments &call) {
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

Value greatestDivisor(const Arguments &call) {
  __int128 result = 0;
  for (std::size_t i = 0; i < call.values.size(); ++i) {
    __int128 value = call.integer(i);
    for (value = value < 0 ? -value : value; value != 0;)
      result = std::exchange(value, result % value);
  }
  return makeInt(result);
}

Value leastMultiple(const Arguments &call) {
  Value result = makeInt(1);
  for (std::size_t i = 0; i < call.values.size(); ++i) {
    Value divisor = greatestDivisor({call.interpreter, call.name, {result, call.values[i]}, {}});
    if (call.interpreter.failed() || !truthy(divisor))
      return makeInt(0);
    result = binary(call, "*", binary(call, "//", result, divisor), call.values[i]);
  }
  return absolute({call.interpreter, call.name, {result}, {}});
}

Value multiplied(const Arguments &call) {
  if (!call.count(1, 1))
    return {};
  const Value *start = call.keyword("start");
  Value total = start ? *start : makeInt(1);
  for (const Value &item : call.interpreter.iterate(call.values[0]))
    total = binary(call, "*", total, item);
  return total;
}

const std::unordered_map<std::string_view, Builtin> &builtins() {
  static const std::unordered_map<std::string_view, Builtin> table = {
      {"abs", absolute},
      {"all", every},
      {"any", some},
      {"bool",
       [](const Arguments &call) {
         return call.count(0, 1) ? Value{!call.values.empty() && truthy(call.values[0])} : Value{};
       }},
      {"dict", toDictionary},
      {"divmod", divideWithRest},
      {"enumerate", enumerate},
      {"filter", filterItems},
      {"float", toFloat},
      {"frozenset", distinct},
      {"int", toInteger},
      {"isinstance", isInstance},
      {"len", length},
      {"list",
       [](const Arguments &call) {
         return call.count(0, 1) ? Value{ListValue{call.values.empty()
                                                       ? ValueList{}
                                                       : call.interpreter.iterate(call.values[0])}}
                                 : Value{};
       }},
      {"map", mapItems},
      {"max", [](const Arguments &call) { return extreme(call, ">"); }},
      {"min", [](const Arguments &call) { return extreme(call, "<"); }},
      {"pow", power},
      {"print", [](const Arguments &) { return Value{}; }},
      {"range", range},
      {"repr",
       [](const Arguments &call) {
         return call.count(1, 1) ? makeString(repr(call.values[0])) : Value{};
       }},
      {"reversed",
       [](const Arguments &call) {
         if (!call.count(1, 1))
           return Value{};
         ValueList items = call.interpreter.iterate(call.values[0]);
         return Value{ListValue{ValueList(items.rbegin(), items.rend())}};
       }},
      {"round", roundNumber},
      {"set", distinct},
      {"sorted", sorted},
      {"str", asString},
      {"sum", sum},
      {"tuple",
       [](const Arguments &call) {
         return call.count(0, 1) ? Value{TupleValue{call.values.empty()
                                                        ? ValueList{}
                                                        : call.interpreter.iterate(call.values[0])}}
                                 : Value{};
       }},
      {"zip", zip},
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
       [](const Arguments &call) {
         return call.count(2, 2) ? binary(call, "**", Value{call.real(0)}, Value{call.real(1)})
                                 : Value{};
       }},
      {"math.isqrt", squareRootDown},
      {"math.gcd", greatestDivisor},
      {"math.lcm", leastMultiple},
      {"math.prod", multiplied},
      {"math.isnan",
       [](const Arguments &call) {
         return call.count(1, 1) ? Value{std::isnan(call.real(0))} : Value{};
       }},
      {"math.isinf",
       [](const Arguments &call) {
         return call.count(1, 1) ? Value{std::isinf(call.real(0))} : Value{};
       }},
      {"itertools.product", product},
      {"itertools.chain", chain},
      {"itertools.chain.from_iterable",
       [](const Arguments &call) {
         return call.count(1, 1) ? chain({call.interpreter,
                                          call.name,
                                          call.interpreter.iterate(call.values[0]),
                                          {}})
                                 : Value{};
       }},
      {"itertools.combinations", [](const Arguments &call) { return choices(call, false); }},
      {"itertools.permutations", [](const Arguments &call) { return choices(call, true); }},
      {"functools.reduce", reduce},
      {"copy.copy", identity},
      {"copy.deepcopy", identity},
      {"os.getenv", environment},
      {"os.environ.get", environment},
      {"cdiv", cdiv},
      {"triton.cdiv", cdiv},
      {"triton.language.cdiv", cdiv},
      {"next_power_of_2", nextPowerOf2},
      {"triton.next_power_of_2", nextPowerOf2},
      {"triton.Config", makeConfig},
      {"triton.runtime.Config", makeConfig},
      {"triton.runtime.autotuner.Config", makeConfig},
      {"triton.language.constexpr", identity},
      {"triton.language.core.constexpr", identity},
      {"triton.language.dtype", makeDType},
  };
  return table;
}

} // namespace

std::optional<Value> callBuiltin(Interpreter &interpreter, const std::string &fullName,
                                 const ValueList &arguments, const Keywords &keywords) {
  auto found = builtins().find(fullName);
  if (found == builtins().end())
    return std::nullopt;
  Value value = found->second({interpreter, fullName, arguments, keywords});
  interpreter.charge(weight(value));
  return value;
}

bool Evaluator::isBuiltin(std::string_view fullName) {
  return builtins().contains(fullName);
}

std::optional<Value> Evaluator::builtinConstant(std::string_view fullName) {
  if (fullName == "math.pi")
    return Value{std::numbers::pi};
  if (fullName == "math.e")
    return Value{std::numbers::e};
  if (fullName == "math.inf")
    return Value{std::numeric_limits<double>::infinity()};
  if (fullName == "math.nan")
    return Value{std::numeric_limits<double>::quiet_NaN()};
  if (fullName == "os.environ")
    return Value{DictValue{}};
  if (fullName == "typing.TYPE_CHECKING" || fullName == "TYPE_CHECKING")
    return Value{false};
  for (std::string_view prefix :
       {"triton.language.core.", "triton.language.", "tl.", "torch.", "numpy.", "np."})
    if (fullName.starts_with(prefix)) {
      std::optional<DType> type = parseDType(fullName.substr(prefix.size()));
      return type ? std::optional(Value{*type}) : std::nullopt;
    }
  return std::nullopt;
}

Evaluator::Evaluator(Lookup lookup, Functions functions, int stepLimit, ForeignCall foreign)
    : resolveName(std::move(lookup)), resolveFunction(std::move(functions)),
      callForeign(std::move(foreign)), stepsLeft(stepLimit) {}

Result<Value> Evaluator::evaluate(const ast::Expr &expression) {
  Interpreter interpreter(resolveName, resolveFunction, callForeign, stepsLeft);
  return interpreter.result(interpreter.evaluate(expression));
}

Result<Value> Evaluator::call(const ast::Lambda &lambda, const std::vector<Value> &arguments) {
  Interpreter interpreter(resolveName, resolveFunction, callForeign, stepsLeft);
  return interpreter.result(interpreter.callLambda(lambda, arguments));
}

Result<Value> Evaluator::call(const ast::FunctionDef &function, const std::vector<Value> &arguments,
                              const Keywords &keywords) {
  Interpreter interpreter(resolveName, resolveFunction, callForeign, stepsLeft);
  return interpreter.result(interpreter.callFunction(function, arguments, keywords));
}

} // namespace lapidary
