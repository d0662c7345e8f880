// Containers, iteration, types, triton.Config: the functions that evaluation knows by full name.
#include "core/source/Builtins.h"

#include <algorithm>
#include <limits>

namespace lapidary {

namespace {

ValueList operands(const BuiltinCall &call) {
  return call.values.size() == 1 ? call.interpreter.iterate(call.values[0]) : call.values;
}

Value extreme(const BuiltinCall &call, const char *op) {
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
    if (truthy(applyBinary(call, op, itemKey, bestKey))) {
      best = items[i];
      bestKey = std::move(itemKey);
    }
  }
  return best;
}

Value range(const BuiltinCall &call) {
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

Value sum(const BuiltinCall &call) {
  if (!call.count(1, 2))
    return {};
  const Value *start = call.find(1, "start");
  Value total = start ? *start : makeInt(0);
  for (const Value &item : call.interpreter.iterate(call.values[0])) {
    total = applyBinary(call, "+", total, item);
    if (!call.interpreter.charge(weight(total)))
      return {};
  }
  return total;
}

Value sorted(const BuiltinCall &call) {
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
    return descending ? truthy(applyBinary(call, "<", b.key, a.key))
                      : truthy(applyBinary(call, "<", a.key, b.key));
  });
  ListValue result;
  for (Keyed &entry : keyed)
    result.items.push_back(std::move(entry.item));
  return Value{std::move(result)};
}

Value distinct(const BuiltinCall &call) {
  if (!call.count(0, 1))
    return {};
  ListValue result;
  for (Value &item : call.values.empty() ? ValueList{} : call.interpreter.iterate(call.values[0])) {
    if (!call.interpreter.charge(1 + result.items.size() / 16))
      break;
    bool seen = std::ranges::any_of(result.items, [&](const Value &other) {
      return truthy(applyBinary(call, "==", other, item));
    });
    if (!seen)
      result.items.push_back(std::move(item));
  }
  return Value{std::move(result)};
}

Value toDictionary(const BuiltinCall &call) {
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
      result = applyBinary(call, "|", result, Value{DictValue{{{both[0], both[1]}}}});
    }
  for (const auto &[key, value] : call.keywords)
    result = applyBinary(call, "|", result, Value{DictValue{{{makeString(key), value}}}});
  return result;
}

// Rows of the transposed arguments; `longest` false stops at the shortest.
Value zip(const BuiltinCall &call) {
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

Value enumerate(const BuiltinCall &call) {
  if (!call.count(1, 2))
    return {};
  const Value *start = call.find(1, "start");
  std::int64_t at = start ? toInt64(*start).value_or(0) : 0;
  ListValue rows;
  for (Value &item : call.interpreter.iterate(call.values[0]))
    rows.items.push_back(Value{TupleValue{{makeInt(at++), std::move(item)}}});
  return Value{std::move(rows)};
}

Value mapItems(const BuiltinCall &call) {
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

Value filterItems(const BuiltinCall &call) {
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

Value product(const BuiltinCall &call) {
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
void choose(const BuiltinCall &call, const ValueList &pool, std::size_t count, bool ordered,
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

Value choices(const BuiltinCall &call, bool ordered) {
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

Value chain(const BuiltinCall &call) {
  ListValue result;
  for (const Value &value : call.values)
    for (Value &item : call.interpreter.iterate(value))
      result.items.push_back(std::move(item));
  return Value{std::move(result)};
}

Value reduce(const BuiltinCall &call) {
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

Value makeConfig(const BuiltinCall &call) {
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

Value isInstance(const BuiltinCall &call) {
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

Value asString(const BuiltinCall &call) {
  return call.count(0, 1) ? makeString(call.values.empty() ? "" : display(call.values[0]))
                          : Value{};
}

Value length(const BuiltinCall &call) {
  if (!call.count(1, 1))
    return {};
  if (const auto *text = call.values[0].as<std::string>())
    return makeInt(static_cast<__int128>(text->size()));
  return makeInt(static_cast<__int128>(call.interpreter.iterate(call.values[0]).size()));
}

Value every(const BuiltinCall &call) {
  return call.count(1, 1)
             ? Value{std::ranges::all_of(call.interpreter.iterate(call.values[0]), truthy)}
             : Value{};
}
Value some(const BuiltinCall &call) {
  return call.count(1, 1)
             ? Value{std::ranges::any_of(call.interpreter.iterate(call.values[0]), truthy)}
             : Value{};
}

Value identity(const BuiltinCall &call) {
  return call.count(1, 1) ? call.values[0] : Value{};
}

Value environment(const BuiltinCall &call) {
  if (!call.count(1, 2))
    return {};
  const Value *fallback = call.find(1, "default");
  return fallback ? *fallback : Value{};
}

Value makeDType(const BuiltinCall &call) {
  if (!call.count(1, 1))
    return {};
  const auto *name = call.values[0].as<std::string>();
  std::optional<DType> type = name ? parseDType(*name) : std::nullopt;
  return type ? Value{*type} : call.raise(repr(call.values[0]) + " is no type");
}

} // namespace

const BuiltinTable &containerBuiltins() {
  static const BuiltinTable table = {
      {"all", every},
      {"any", some},
      {"bool",
       [](const BuiltinCall &call) {
         return call.count(0, 1) ? Value{!call.values.empty() && truthy(call.values[0])} : Value{};
       }},
      {"dict", toDictionary},
      {"enumerate", enumerate},
      {"filter", filterItems},
      {"frozenset", distinct},
      {"isinstance", isInstance},
      {"len", length},
      {"list",
       [](const BuiltinCall &call) {
         return call.count(0, 1) ? Value{ListValue{call.values.empty()
                                                       ? ValueList{}
                                                       : call.interpreter.iterate(call.values[0])}}
                                 : Value{};
       }},
      {"map", mapItems},
      {"max", [](const BuiltinCall &call) { return extreme(call, ">"); }},
      {"min", [](const BuiltinCall &call) { return extreme(call, "<"); }},
      {"print", [](const BuiltinCall &) { return Value{}; }},
      {"range", range},
      {"repr",
       [](const BuiltinCall &call) {
         return call.count(1, 1) ? makeString(repr(call.values[0])) : Value{};
       }},
      {"reversed",
       [](const BuiltinCall &call) {
         if (!call.count(1, 1))
           return Value{};
         ValueList items = call.interpreter.iterate(call.values[0]);
         return Value{ListValue{ValueList(items.rbegin(), items.rend())}};
       }},
      {"set", distinct},
      {"sorted", sorted},
      {"str", asString},
      {"sum", sum},
      {"tuple",
       [](const BuiltinCall &call) {
         return call.count(0, 1) ? Value{TupleValue{call.values.empty()
                                                        ? ValueList{}
                                                        : call.interpreter.iterate(call.values[0])}}
                                 : Value{};
       }},
      {"zip", zip},
      {"itertools.product", product},
      {"itertools.chain", chain},
      {"itertools.chain.from_iterable",
       [](const BuiltinCall &call) {
         return call.count(1, 1) ? chain({call.interpreter,
                                          call.name,
                                          call.interpreter.iterate(call.values[0]),
                                          {}})
                                 : Value{};
       }},
      {"itertools.combinations", [](const BuiltinCall &call) { return choices(call, false); }},
      {"itertools.permutations", [](const BuiltinCall &call) { return choices(call, true); }},
      {"functools.reduce", reduce},
      {"copy.copy", identity},
      {"copy.deepcopy", identity},
      {"os.getenv", environment},
      {"os.environ.get", environment},
      {"triton.Config", makeConfig},
      {"triton.runtime.Config", makeConfig},
      {"triton.runtime.autotuner.Config", makeConfig},
      {"triton.language.constexpr", identity},
      {"triton.language.core.constexpr", identity},
      {"triton.language.dtype", makeDType}};
  return table;
}

} // namespace lapidary
