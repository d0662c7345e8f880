// Rule set x signature to the engine's program.
#include "core/specialize/Engine.h"

#include <algorithm>
#include <optional>
#include <tuple>

namespace lapidary {
namespace {

constexpr std::uint64_t keyBit(std::size_t rule) {
  return std::uint64_t(1) << (16 + rule);
}
constexpr std::uint64_t propertyBit(std::size_t rule) {
  return std::uint64_t(1) << (32 + rule);
}
constexpr std::uint64_t flagBits(unsigned flags) {
  return std::uint64_t(flags) << 8;
}
constexpr std::uint64_t payload(unsigned words) {
  return flagBits(words << classPayloadShift);
}
// Letters, properties and the divisor: what a folded value has none of.
constexpr std::uint64_t ruleBits = 0x00ff'ffff'ffff'0000;

bool hasSameProgram(const SignatureParameter &a, const SignatureParameter &b) {
  auto traits = [](const SignatureParameter &p) {
    return std::tuple(p.isConstexpr, p.isConst, p.skipsValue, p.annotatedType.empty(), p.optOuts);
  };
  return traits(a) == traits(b);
}

} // namespace

Engine Engine::compile(std::shared_ptr<const RuleSet> rules, KernelSignature signature,
                       const std::vector<std::pair<std::string, Value>> &options) {
  Engine engine;
  engine.ruleSet = std::move(rules);
  engine.kernel = std::move(signature);
  for (std::size_t i = 0; i < engine.ruleSet->rules.size(); ++i) {
    const Rule &rule = engine.ruleSet->rules[i];
    if (rule.option.empty())
      continue;
    auto given =
        std::ranges::find(options, rule.option, [](const auto &option) { return option.first; });
    if (given == options.end() ? !rule.optionDefault : !truthy(given->second))
      engine.switchedOff |= 1u << i;
  }
  const std::vector<SignatureParameter> &parameters = engine.kernel.parameters;
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    auto alike = std::ranges::find_if(parameters, [&](const SignatureParameter &other) {
      return hasSameProgram(other, parameters[i]);
    });
    std::size_t known = std::size_t(alike - parameters.begin());
    engine.programs.push_back(known < i ? engine.programs[known]
                                        : engine.makeProgram(parameters[i]));
  }
  engine.programs.push_back(engine.makeProgram({}));
  return engine;
}

std::uint32_t Engine::makeProgram(const SignatureParameter &parameter) {
  std::uint32_t first = std::uint32_t(kinds.size());
  for (int i = 0; i < argumentKindCount; ++i) {
    ArgumentKind kind = ArgumentKind(i);
    KindProgram program = makeKind(parameter, kind);
    bool isKeyed = false;
    std::vector<Step> rules = makeSteps(parameter, kind, isKeyed);
    if (isKeyed)
      program.words[0] |= flagBits(classHasKey);
    emit(rules, kind, program);
    kinds.push_back(program);
  }
  return first;
}

// Type, payload and what is refused: everything but the rules.
Engine::KindProgram Engine::makeKind(const SignatureParameter &parameter, ArgumentKind kind) const {
  bool isDescriptor = ruleSet->form == KeyForm::Descriptor;
  KindProgram program;
  std::uint64_t &base = program.words[0];
  if (parameter.isConstexpr) {
    base = std::uint64_t(TypeCode::Constexpr) | flagBits(classIsDeclared) | payload(1) |
           std::uint64_t(kind) << 56;
    if (isDescriptor && kind == ArgumentKind::Function)
      program.status = KeyStatus::UnsupportedConstexpr;
    return program;
  }
  bool isAnnotated = !parameter.annotatedType.empty();
  // Where the value is not looked at, and in the descriptor form, an annotation is the type
  // whatever the value is.
  if (parameter.skipsValue || (isAnnotated && isDescriptor)) {
    base = std::uint64_t(TypeCode::Annotated);
    return program;
  }
  std::uint64_t type = 0;
  switch (kind) {
  case ArgumentKind::None:
    type = std::uint64_t(TypeCode::None);
    break;
  case ArgumentKind::Bool:
    type = std::uint64_t(TypeCode::Bool);
    break;
  case ArgumentKind::Float:
    type = std::uint64_t(TypeCode::Fp32);
    break;
  case ArgumentKind::Int:
    type = std::uint64_t(TypeCode::I32);
    program.typeMask = 0xff;
    program.checksWidth = !ruleSet->wideIntegersAreI64;
    break;
  case ArgumentKind::Tensor:
    type = parameter.isConst ? constPointerType : pointerType;
    program.typeMask = parameter.isConst ? pointerType - 1 : 2 * pointerType - 1;
    break;
  case ArgumentKind::Descriptor:
    type = std::uint64_t(TypeCode::Descriptor) | payload(2);
    if (!ruleSet->tensorDescriptors)
      program.status = KeyStatus::UnsupportedKind;
    break;
  case ArgumentKind::Function:
    type = std::uint64_t(TypeCode::Constexpr) | flagBits(classHasKey) | payload(1);
    if (isDescriptor)
      program.status = KeyStatus::UnsupportedKind;
    break;
  case ArgumentKind::Tuple:
    type = std::uint64_t(TypeCode::Tuple) | flagBits(classHasKey) | payload(1);
    if (!ruleSet->tuples)
      program.status = KeyStatus::UnsupportedKind;
    break;
  case ArgumentKind::Other:
    program.status = KeyStatus::UnsupportedKind;
    break;
  }
  if (isAnnotated) {
    // Of a descriptor nothing is left to say then; tuples and functions keep their keys.
    std::uint64_t dropped = kind == ArgumentKind::Descriptor ? payload(2) | 0xff : 0xff;
    type = (type & ~dropped) | std::uint64_t(TypeCode::Annotated);
    program.typeMask = 0;
  }
  base = type;
  return program;
}

// The rules that apply, in their order, and whether there is a key at all.
std::vector<Engine::Step> Engine::makeSteps(const SignatureParameter &parameter, ArgumentKind kind,
                                            bool &isKeyed) const {
  std::vector<Step> result;
  bool isDescriptor = ruleSet->form == KeyForm::Descriptor;
  if (parameter.skipsValue || (parameter.isConstexpr && !isDescriptor))
    return result;
  isKeyed = isDescriptor && !parameter.isConstexpr && !(parameter.optOuts & optOutOfValue);
  std::uint32_t folding = 0; // rules that fold: nothing else fires after one
  for (std::size_t i = 0; i < ruleSet->rules.size(); ++i) {
    const Rule &rule = ruleSet->rules[i];
    if (!rule.applies(kind))
      continue;
    // In the list form a value that some rule may look at has a key, if only an empty one.
    isKeyed |= !isDescriptor && !(rule.keyOptOuts & parameter.optOuts & optOutOfValue);
    bool inKey = !(rule.keyOptOuts & parameter.optOuts) && !parameter.isConstexpr;
    bool asProperty = !(rule.optOuts & parameter.optOuts);
    if (!(inKey || asProperty) || switchedOff >> i & 1)
      continue;
    Step step{rule.predicate, (inKey ? keyBit(i) : 0) | (asProperty ? propertyBit(i) : 0), 0,
              1u << i, rule.unless | folding};
    if (rule.constant && isDescriptor) {
      step.set |= flagBits(classFolded);
    } else if (rule.constant) {
      // The value stands in the key, and nothing else does; an annotated parameter keeps its type.
      step.clear = ruleBits;
      step.set = keyBit(i) | flagBits(classKeyIsValue);
      if (parameter.annotatedType.empty()) {
        step.clear |= 0xff;
        step.set |= std::uint64_t(TypeCode::Constexpr) | flagBits(classFolded);
      }
      folding |= step.bit;
    }
    result.push_back(step);
  }
  return result;
}

namespace {

// The words to compare with; nothing for a predicate that is no such comparison.
template <typename Comparison>
std::optional<Comparison> comparisonFor(const Predicate &predicate, ArgumentKind kind) {
  Comparison comparison{.mask = 0, .pattern = 0};
  std::uint64_t low = std::uint64_t(predicate.low);
  switch (predicate.kind) {
  case PredicateKind::Always:
    return comparison;
  case PredicateKind::DivisibleBy:
    if (kind == ArgumentKind::None) // the null pointer
      return comparison;
    if (!std::has_single_bit(low))
      return std::nullopt;
    comparison.mask = low - 1;
    return comparison;
  case PredicateKind::EqualTo:
    comparison.mask = ~std::uint64_t(0);
    comparison.pattern = low;
    return comparison;
  case PredicateKind::StorageAtMost:
    comparison.span = low;
    return comparison;
  default:
    return std::nullopt;
  }
}

} // namespace

void Engine::emit(const std::vector<Step> &rules, ArgumentKind kind, KindProgram &program) {
  program.stepsBegin = std::uint16_t(steps.size());
  steps.insert(steps.end(), rules.begin(), rules.end());
  program.stepsEnd = std::uint16_t(steps.size());
  if (rules.size() > mostComparisons || program.status != KeyStatus::Done)
    return;
  for (std::size_t i = 0; i < rules.size(); ++i) {
    const Step &rule = rules[i];
    auto comparison = comparisonFor<Comparison>(rule.predicate, kind);
    // The type of a folded constant is not the sum of the table's and the value's.
    bool isNarrow = rule.predicate.low == std::int32_t(rule.predicate.low);
    if (!comparison || (rule.clear != 0 && !isNarrow))
      return;
    program.comparisons[i] = *comparison;
  }
  program.isPlain = true;
  std::uint64_t base = program.words[0];
  for (std::size_t held = 0; held < std::size(program.words); ++held) {
    std::uint64_t word = base;
    std::uint32_t fired = 0;
    for (std::size_t i = 0; i < rules.size(); ++i)
      if (held >> i & 1 && !(fired & rules[i].unless)) {
        fired |= rules[i].bit;
        word = (word & ~rules[i].clear) | rules[i].set;
      }
    program.words[held] = word;
  }
}

} // namespace lapidary
