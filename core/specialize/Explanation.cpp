#include "core/specialize/Explanation.h"

#include "core/specialize/Report.h"
#include "core/support/Units.h"

#include <algorithm>
#include <fmt/format.h>
#include <fmt/ranges.h>

namespace lapidary {
namespace {

std::vector<std::pair<std::string, Value>> allOptionsOn(const RuleSet &rules) {
  std::vector<std::pair<std::string, Value>> options;
  for (const Rule &rule : rules.rules)
    if (!rule.option.empty())
      options.emplace_back(rule.option, Value{true});
  return options;
}

std::string join(const std::vector<std::string> &parts, const char *separator) {
  return fmt::format("{}", fmt::join(parts, separator));
}

std::string showInteger(__int128 value) {
  return toString(Integer(value));
}

// One clause: the predicate of `rule` holds, or does not and by how much it misses.
std::string clause(const Rule &rule, const ArgumentValue &argument, bool holds) {
  std::int64_t low = rule.predicate.low, high = rule.predicate.high;
  bool isTensor = argument.kind == ArgumentKind::Tensor;
  std::string shown = argument.kind == ArgumentKind::Bool   ? (argument.low ? "True" : "False")
                      : argument.kind == ArgumentKind::None ? "None"
                                                            : showInteger(argument.asInteger());
  switch (rule.predicate.kind) {
  case PredicateKind::Always:
    return fmt::format("every {} has {}", argumentKindName(argument.kind), rule.name);
  case PredicateKind::DivisibleBy: {
    if (argument.kind == ArgumentKind::None)
      return fmt::format("None counts as divisible by {}", low);
    if (isTensor && holds)
      return fmt::format("its first element lies at a multiple of {} bytes", low);
    if (isTensor)
      return fmt::format("its first element lies {} bytes past a multiple of {}",
                         argument.low % low, low);
    if (holds)
      return fmt::format("{} is divisible by {}", shown, low);
    __int128 remainder = (argument.asInteger() % low + low) % low;
    return fmt::format("{} is not divisible by {} (remainder {})", shown, low,
                       showInteger(remainder));
  }
  case PredicateKind::EqualTo:
    return holds ? fmt::format("its value is {}", low) : fmt::format("{} is not {}", shown, low);
  case PredicateKind::WithinRange:
    return fmt::format("{} is {}within {} .. {}", shown, holds ? "" : "not ", low, high);
  case PredicateKind::StorageAtMost: {
    std::string storage = formatBytes(std::int64_t(argument.high));
    if (holds)
      return fmt::format("its storage of {} is within {} bytes", storage, low);
    return fmt::format("its storage of {} is {} over {} bytes", storage,
                       formatBytes(std::int64_t(argument.high) - low), low);
  }
  case PredicateKind::PowerOfTwoDivisor: {
    const std::string what = isTensor ? "its address" : shown;
    if (!holds)
      return fmt::format("{} is not divisible by {}", what, low);
    const std::uint64_t divisor =
        argument.low ? std::min(argument.low & (~argument.low + 1), std::uint64_t(high)) : high;
    return fmt::format("{} is divisible by {}, the largest power of two up to {}", what, divisor,
                       high);
  }
  case PredicateKind::TypeWidth:
    return fmt::format("its type has {}{} to {} bits", holds ? "" : "not ", low, high);
  }
  return {};
}

} // namespace

// What the engine says of a value, with and without opt-outs and options.
struct Explainer::Finding {
  KeyStatus status = KeyStatus::Done;
  ArgumentClass actual, free;
  std::uint16_t fired() const { return actual.keyRules() | actual.properties(); }
  std::uint16_t couldFire() const { return free.keyRules() | free.properties(); }
};

Explainer::Explainer(const Engine &engine,
                     const std::vector<std::pair<std::string, Value>> &options)
    : engine(engine),
      unrestricted(Engine::compile(engine.rules(), {}, allOptionsOn(*engine.rules()))) {}

Explainer::Finding Explainer::look(std::size_t index, const ArgumentValue &argument) const {
  Finding finding;
  finding.status = engine.classify(index, argument, finding.actual);
  unrestricted.classify(Engine::itemOfTuple, argument, finding.free);
  return finding;
}

// "divisible by 16 (D)", "the constant 1", "generic"; the type too where it is another one.
std::string Explainer::describeClass(std::size_t index, const ArgumentValue &argument,
                                     const ArgumentValue &comparedTo) const {
  Finding finding = look(index, argument), compared = look(index, comparedTo);
  if (finding.status == KeyStatus::IntegerTooWide)
    return "too wide for any type";
  std::vector<std::string> parts;
  const std::vector<Rule> &rules = engine.rules()->rules;
  for (std::size_t i = 0; i < rules.size(); ++i) {
    if (!(finding.fired() >> i & 1))
      continue;
    if (rules[i].constant)
      return fmt::format("the constant {}", rules[i].predicate.low);
    std::string letter = rules[i].letter;
    if (rules[i].predicate.kind == PredicateKind::PowerOfTwoDivisor)
      letter += fmt::format("{}", finding.actual.divisor());
    parts.push_back(letter);
  }
  static constexpr const char *types[] = {"None", "constexpr", "bool", "i32", "i64", "u64", "fp32"};
  std::string type;
  if (finding.actual.type() != compared.actual.type() && !compared.actual.has(classFolded) &&
      finding.actual.type() < std::size(types))
    type = fmt::format("{} ", types[finding.actual.type()]);
  if (parts.empty())
    return type.empty() ? "generic" : fmt::format("an {}without a property", type);
  return fmt::format("{}{}", type, join(parts, " and "));
}

// "lose D", "gain S", "lose D and gain E": what a tensor's class would change by.
std::string Explainer::describeChange(std::size_t index, const ArgumentValue &from,
                                      const ArgumentValue &to) const {
  Finding before = look(index, from), after = look(index, to);
  std::string lost, gained;
  const std::vector<Rule> &rules = engine.rules()->rules;
  for (std::size_t i = 0; i < rules.size(); ++i) {
    bool had = before.fired() >> i & 1, has = after.fired() >> i & 1;
    if (had && !has)
      lost += (lost.empty() ? "" : ", ") + rules[i].letter;
    if (has && !had)
      gained += (gained.empty() ? "" : ", ") + rules[i].letter;
  }
  if (lost.empty() && gained.empty())
    return fmt::format("be divisible by {} at most", after.actual.divisor());
  return fmt::format("{}{}{}", lost.empty() ? "" : "lose " + lost,
                     lost.empty() || gained.empty() ? "" : " and ",
                     gained.empty() ? "" : "gain " + gained);
}

std::string Explainer::integerFlip(std::size_t index, const ArgumentValue &argument) const {
  using Wide = __int128;
  Wide value = argument.asInteger();
  std::vector<Wide> candidates;
  auto around = [&](Wide at) {
    for (Wide step : {-1, 0, 1})
      candidates.push_back(at + step);
  };
  around(value);
  around(-(Wide(1) << 31));
  around((Wide(1) << 31) - 1);
  around(-(Wide(1) << 63));
  around((Wide(1) << 63) - 1);
  around((Wide(1) << 64) - 1);
  for (const Rule &rule : engine.rules()->rules) {
    Wide low = rule.predicate.low, high = rule.predicate.high;
    if (rule.predicate.kind == PredicateKind::DivisibleBy) {
      Wide floor = value - ((value % low) + low) % low;
      candidates.insert(candidates.end(), {floor, floor - low, floor + low});
    } else if (rule.predicate.kind == PredicateKind::PowerOfTwoDivisor) {
      for (Wide power = low; power <= high; power *= 2) {
        Wide floor = value - ((value % power) + power) % power;
        candidates.insert(candidates.end(), {floor, floor - power, floor + power});
      }
    } else if (rule.predicate.kind == PredicateKind::EqualTo ||
               rule.predicate.kind == PredicateKind::WithinRange) {
      around(low);
      around(high);
    }
  }
  std::optional<Wide> below, above;
  Finding here = look(index, argument);
  for (Wide candidate : candidates) {
    Finding there = look(index, ArgumentValue::integer(candidate));
    if (candidate == value ||
        (there.status == here.status && there.actual.word == here.actual.word))
      continue;
    if (candidate < value && (!below || candidate > *below))
      below = candidate;
    if (candidate > value && (!above || candidate < *above))
      above = candidate;
  }
  auto shown = [&](Wide other) {
    Wide distance = other < value ? value - other : other - value;
    if (distance > 1'000'000)
      return showInteger(other);
    return fmt::format("{} ({} {})", showInteger(other), showInteger(distance),
                       other < value ? "less" : "more");
  };
  auto what = [&](Wide other) {
    return describeClass(index, ArgumentValue::integer(other), argument);
  };
  if (!below && !above)
    return "no other integer is in another class";
  if (below && above && what(*below) == what(*above))
    return fmt::format("{} or {} would be {}", shown(*below), shown(*above), what(*below));
  std::vector<std::string> sides;
  for (const std::optional<Wide> &side : {below, above})
    if (side)
      sides.push_back(fmt::format("{} would be {}", shown(*side), what(*side)));
  return join(sides, "; ");
}

std::string Explainer::tensorFlip(std::size_t index, const TensorArgument &tensor,
                                  const ArgumentValue &argument) const {
  Finding here = look(index, argument);
  std::int64_t size = dtypeBytes(tensor.dtype);
  auto moved = [&](std::int64_t elements) {
    ArgumentValue other = argument;
    other.low += std::uint64_t(elements * size);
    return other;
  };
  auto differs = [&](const ArgumentValue &other) {
    return look(index, other).actual.word != here.actual.word;
  };
  std::vector<std::string> parts;
  constexpr std::int64_t farthest = 4096;
  for (std::int64_t steps = 1; steps <= farthest && parts.empty(); ++steps)
    for (std::int64_t way : {1, -1})
      if (parts.empty() && differs(moved(way * steps)))
        parts.push_back(fmt::format("a view that starts {} element{} ({}) {} would {}", steps,
                                    steps == 1 ? "" : "s", formatBytes(steps * size),
                                    way > 0 ? "later" : "earlier",
                                    describeChange(index, argument, moved(way * steps))));
  if (ArgumentValue aligned = argument; parts.empty() && (aligned.low = 4096, differs(aligned)))
    parts.push_back(
        fmt::format("no view of it changes class; a storage with a coarser alignment would {}",
                    describeChange(index, argument, aligned)));
  for (const Rule &rule : engine.rules()->rules) {
    if (rule.predicate.kind != PredicateKind::StorageAtMost)
      continue;
    ArgumentValue other = argument;
    std::uint64_t limit = std::uint64_t(rule.predicate.low);
    bool fits = argument.high <= limit;
    other.high = fits ? limit + 1 : limit;
    if (!differs(other))
      continue;
    std::int64_t distance =
        std::int64_t(fits ? other.high - argument.high : argument.high - other.high);
    parts.push_back(fmt::format("{} {} of storage would {}", formatBytes(distance),
                                fits ? "more" : "less", describeChange(index, argument, other)));
  }
  return parts.empty() ? "no address and no size is in another class" : join(parts, "; ");
}

void Explainer::explainByRules(std::size_t index, const Value &value, const ArgumentValue &argument,
                               ArgumentSpecialization &result) const {
  const std::vector<Rule> &rules = engine.rules()->rules;
  std::uint8_t optOuts =
      index == Engine::itemOfTuple ? 0 : engine.signature().parameters[index].optOuts;
  Finding finding = look(index, argument);
  std::vector<std::string> names, reasons, misses, missed, blocked;
  for (std::size_t i = 0; i < rules.size(); ++i) {
    const Rule &rule = rules[i];
    if (!rule.applies(argument.kind))
      continue;
    bool fired = finding.fired() >> i & 1, couldFire = finding.couldFire() >> i & 1;
    if (fired) {
      names.push_back(rule.name);
      if (rule.constant && !finding.actual.has(classFolded))
        reasons.push_back(fmt::format("{}, which is a variant of its own, although the annotation "
                                      "keeps it an argument",
                                      clause(rule, argument, true)));
      else
        reasons.push_back(
            rule.constant ? fmt::format("{}: {}", clause(rule, argument, true), rule.explanation)
                          : fmt::format("{} ({}): {}", clause(rule, argument, true), rule.letter,
                                        rule.explanation));
      if (!(finding.actual.properties() >> i & 1) && !rule.constant && rule.optOuts & optOuts)
        result.suppressed.push_back(rule.attribute.empty() ? rule.name : rule.attribute);
    } else if (couldFire) {
      bool byOption = engine.rulesSwitchedOff() >> i & 1;
      blocked.push_back(fmt::format("{}, but {}", clause(rule, argument, true),
                                    byOption ? fmt::format("{} is off", rule.option)
                                    : rule.optOuts & optOuts & optOutOfValue
                                        ? "do_not_specialize switches that off"
                                        : "do_not_specialize_on_alignment switches that off"));
      result.suppressed.push_back(rule.attribute.empty() ? rule.name : rule.attribute);
    } else if (!finding.actual.has(classKeyIsValue)) {
      missed.push_back(rule.name);
      misses.push_back(clause(rule, argument, false));
    }
  }
  reasons.insert(reasons.end(), blocked.begin(), blocked.end());
  // What did not fire is worth saying for tensors beside what did, for integers only when nothing
  // did.
  if (reasons.empty() || argument.kind == ArgumentKind::Tensor)
    reasons.insert(reasons.end(), misses.begin(), misses.end());
  result.rule = !names.empty() ? join(names, ", ") : missed.empty() ? "" : missed.front();
  result.reason = join(reasons, "; ");
  if (argument.kind == ArgumentKind::Int)
    result.flip = integerFlip(index, argument);
  else if (const TensorArgument *tensor = value.as<TensorArgument>())
    result.flip = tensorFlip(index, *tensor, argument);
  else if (argument.kind == ArgumentKind::Bool)
    result.flip =
        fmt::format("{} would be {}", argument.low ? "False" : "True",
                    describeClass(index, ArgumentValue::boolean(!argument.low), argument));
  else
    result.flip = "a tensor or an integer would be another type";
}

void Explainer::explain(std::size_t index, const Value &value, const ArgumentValue &argument,
                        ArgumentSpecialization &result) const {
  const SignatureParameter *parameter =
      index == Engine::itemOfTuple ? nullptr : &engine.signature().parameters[index];
  if (result.isDeclaredConstexpr) {
    result.rule = "constexpr";
    result.reason = fmt::format("declared tl.constexpr: {} is compiled in", result.value);
    result.flip = "any other value is another variant";
    return;
  }
  if (parameter && parameter->skipsValue) {
    result.rule = "annotated";
    result.reason =
        fmt::format("annotated {}: passed at run time without a look at the value", result.type);
    result.flip = "no value changes it";
    return;
  }
  if (result.isTuple) {
    for (std::size_t i = 0; i < result.items.size(); ++i)
      explain(Engine::itemOfTuple, value.as<TupleValue>()->items[i], argument.items[i],
              result.items[i]);
    result.rule = "tuple";
    result.reason = "each item is specialized on its own; opt-outs do not reach inside a tuple";
    result.flip = "see the items; another number of items is another type";
    return;
  }
  bool anyRule = std::ranges::any_of(engine.rules()->rules,
                                     [&](const Rule &rule) { return rule.applies(argument.kind); });
  if (anyRule) {
    explainByRules(index, value, argument, result);
    return;
  }
  result.rule = argumentKindName(argument.kind);
  if (parameter && !parameter->annotatedType.empty() && !result.constant) {
    result.reason = fmt::format("annotated {}: passed at run time as that", result.type);
    result.flip = "nothing else of its kind is another variant";
    return;
  }
  switch (argument.kind) {
  case ArgumentKind::None:
    result.reason = "None is a constant: the branch that tests for it is folded";
    result.flip = "a tensor or a number in its place is another variant";
    break;
  case ArgumentKind::Function:
    result.reason = "a jit function is a constant: its body is compiled in";
    result.flip = "another function, or a change in its source, is another variant";
    break;
  case ArgumentKind::Descriptor:
    result.reason = "a tensor descriptor's element type and block shape are its type";
    result.flip = "another element type or block shape is another variant";
    break;
  default:
    result.reason = fmt::format("no rule looks at a {}: passed at run time as {}",
                                argumentKindName(argument.kind), result.type);
    result.flip = "no value changes it";
  }
}

} // namespace lapidary
