#include "core/specialize/Report.h"

#include "core/specialize/KeyString.h"
#include "core/support/Units.h"

#include <algorithm>
#include <fmt/format.h>
#include <fmt/ranges.h>

namespace lapidary {
namespace {

std::string scalarName(const RuleSet &rules, DType dtype) {
  return dtype == DType::Int1 ? rules.boolType : std::string(dtypeName(dtype));
}

std::string typeName(const Engine &engine, std::size_t index, ArgumentClass found,
                     const Value &value) {
  const RuleSet &rules = *engine.rules();
  std::uint8_t type = found.type();
  if (type >= constPointerType)
    return pointerName(rules, DType(type - constPointerType), true);
  if (type >= pointerType)
    return pointerName(rules, DType(type - pointerType), false);
  switch (TypeCode(type)) {
  case TypeCode::None:
    return rules.noneType;
  case TypeCode::Constexpr:
    return "constexpr";
  case TypeCode::Bool:
    return rules.boolType;
  case TypeCode::I32:
    return "i32";
  case TypeCode::I64:
    return "i64";
  case TypeCode::U64:
    return "u64";
  case TypeCode::Fp32:
    return "fp32";
  case TypeCode::Annotated:
    return engine.signature().parameters[index].annotatedType;
  case TypeCode::Descriptor: {
    const auto *descriptor = value.as<TensorDescriptorValue>();
    return fmt::format("tensordesc<{}[{}]>", scalarName(rules, descriptor->base.dtype),
                       fmt::join(descriptor->blockShape, ", "));
  }
  case TypeCode::Tuple:
    break;
  }
  return {};
}

std::vector<FiredRule> firedRules(const RuleSet &rules, ArgumentClass found) {
  std::vector<FiredRule> fired;
  for (std::size_t i = 0; i < rules.rules.size(); ++i) {
    bool inKey = found.keyRules() >> i & 1, asProperty = found.properties() >> i & 1;
    if (!inKey && !asProperty)
      continue;
    const Rule &rule = rules.rules[i];
    std::int64_t value =
        rule.predicate.kind == PredicateKind::PowerOfTwoDivisor ? found.divisor() : rule.value;
    fired.push_back({rule.name, rule.letter, rule.attribute, value, inKey,
                     asProperty || (rule.constant && found.has(classFolded)), rule.constant});
    if (rule.predicate.kind == PredicateKind::PowerOfTwoDivisor)
      fired.back().letter += fmt::format("{}", value);
    if (rule.constant)
      fired.back().value = rule.predicate.low;
  }
  return fired;
}

Error describeFailure(const Engine &engine, const std::string &name, const Value &value,
                      KeyStatus status) {
  const std::string &release = engine.rules()->name;
  const Integer *integer = value.as<Integer>();
  if (status == KeyStatus::IntegerTooWide || (integer && !integer->fits))
    return {
        ErrorCode::InvalidInput,
        fmt::format("argument '{}' = {} overflows: {} has no integer type beyond -2^63 .. 2^64-1",
                    name, showValue(value), release),
        name};
  if (status == KeyStatus::UnsupportedConstexpr)
    return {ErrorCode::InvalidInput,
            fmt::format("argument '{}' is a {}, which {} does not take, not even as a constexpr",
                        name, kindName(value), release),
            name};
  return {ErrorCode::InvalidInput,
          fmt::format(
              "argument '{}' is a {}, which {} takes only for a parameter declared tl.constexpr",
              name, kindName(value), release),
          name};
}

std::string tupleText(const std::vector<ArgumentSpecialization> &items) {
  std::string text;
  for (const ArgumentSpecialization &item : items)
    text += fmt::format("{}{}", text.empty() ? "" : ", ",
                        item.isTuple ? item.type : printPython(Value{item.type}));
  return fmt::format("({}{})", text, items.size() == 1 ? "," : "");
}

} // namespace

std::string pointerName(const RuleSet &rules, DType dtype, bool isConst) {
  return (isConst ? "*k" : "*") + scalarName(rules, dtype);
}

std::string showValue(const Value &value) {
  const TensorArgument *tensor = value.as<TensorArgument>();
  if (const auto *descriptor = value.as<TensorDescriptorValue>())
    return fmt::format("descriptor of {} in blocks of {}", showValue(Value{descriptor->base}),
                       fmt::join(descriptor->blockShape, "x"));
  if (!tensor)
    return printPython(value);
  std::string text = fmt::format(
      "{}{} {}", tensor->isConst ? "const " : "", dtypeName(tensor->dtype),
      tensor->shape.empty() ? "scalar" : fmt::format("{}", fmt::join(tensor->shape, "x")));
  if (tensor->offset != 0)
    text += fmt::format(" from element {}", tensor->offset);
  if (tensor->alignment < 16)
    text += fmt::format(" aligned to {}", tensor->alignment);
  return text;
}

std::optional<std::string> letters(const RuleSet &rules, const std::vector<FiredRule> &fired) {
  std::string text;
  for (const FiredRule &rule : fired)
    if (rule.inKey)
      text += rule.letter;
  if (text.empty() && rules.form == KeyForm::Descriptor)
    text = "N";
  return text;
}

std::vector<Property> propertiesOf(const std::vector<FiredRule> &fired) {
  std::vector<Property> properties;
  for (const FiredRule &rule : fired)
    if (rule.asProperty && !rule.constant && !rule.attribute.empty() &&
        std::ranges::find(properties, rule.attribute, &Property::name) == properties.end())
      properties.push_back({rule.attribute, rule.value});
  return properties;
}

Result<ArgumentSpecialization> describeArgument(const Engine &engine, std::size_t index,
                                                const std::string &name, const Value &value,
                                                const ArgumentValue &argument) {
  const RuleSet &rules = *engine.rules();
  ArgumentClass found;
  KeyStatus status = engine.classify(index, argument, found);
  ArgumentSpecialization result;
  result.name = name;
  result.value = showValue(value);
  result.isDeclaredConstexpr =
      index != Engine::itemOfTuple && engine.signature().parameters[index].isConstexpr;
  if (status != KeyStatus::Done)
    return std::unexpected(describeFailure(engine, name, value, status));
  result.fired = firedRules(rules, found);
  if (result.isDeclaredConstexpr) {
    if (const Integer *integer = value.as<Integer>(); integer && !integer->fits)
      return fail(ErrorCode::InvalidInput,
                  fmt::format("argument '{}': integers beyond 127 bits cannot be told apart here, "
                              "so they are no constexprs",
                              name),
                  name);
    result.type = result.genericType = "constexpr";
    result.constant = value;
    const FunctionValue *function = value.as<FunctionValue>();
    result.key =
        printPython(function && rules.functionsByCacheKey ? Value{function->cacheKey} : value);
    return result;
  }
  if (index != Engine::itemOfTuple && engine.signature().parameters[index].skipsValue) {
    result.type = result.genericType = engine.signature().parameters[index].annotatedType;
    return result;
  }
  // An annotation gives the parameter its type even where nothing is passed.
  const bool isAnnotated = TypeCode(found.type()) == TypeCode::Annotated;
  bool isFunction = value.as<FunctionValue>() && rules.form == KeyForm::List;
  if ((value.isNone() || isFunction) && !(isAnnotated && rules.form == KeyForm::List))
    result.constant = value;
  if (const TupleValue *tuple = value.as<TupleValue>(); tuple && rules.form == KeyForm::List) {
    result.isTuple = true;
    for (std::size_t i = 0; i < tuple->items.size(); ++i) {
      Result<ArgumentSpecialization> item =
          describeArgument(engine, Engine::itemOfTuple, fmt::format("{}[{}]", name, i),
                           tuple->items[i], argument.items[i]);
      if (!item)
        return item;
      result.items.push_back(std::move(*item));
    }
    result.type = isAnnotated ? typeName(engine, index, found, value) : tupleText(result.items);
    result.genericType = result.type;
    return result;
  }
  result.type = typeName(engine, index, found, value);
  result.genericType = result.type;
  if (isFunction) {
    result.key = value.as<FunctionValue>()->cacheKey;
    return result;
  }
  bool isFolded = found.has(classFolded);
  if (found.has(classHasKey))
    result.key = letters(rules, result.fired);
  if (isFolded)
    result.constant = value;
  // Folded away, an integer would have had the type that its value has.
  if (isFolded && rules.form == KeyForm::List)
    result.genericType = std::int64_t(argument.low) == std::int32_t(argument.low) ? "i32" : "i64";
  result.properties = propertiesOf(result.fired);
  return result;
}

} // namespace lapidary
