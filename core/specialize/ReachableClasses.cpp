#include "core/specialize/ReachableClasses.h"

#include "core/specialize/Arguments.h"
#include "core/specialize/Report.h"

#include <algorithm>
#include <fmt/format.h>
#include <numeric>
#include <set>

namespace lapidary {
namespace {

using Wide = __int128;
constexpr Wide one = 1;

Wide floorRemainder(Wide value, Wide divisor) {
  return ((value % divisor) + divisor) % divisor;
}

// The smallest k >= 0 with (first + k * step) divisible by 2^exponent; nothing when there is none.
std::optional<Wide> stepsToMultiple(Wide first, Wide step, int exponent) {
  Wide power = one << exponent;
  int common = 0; // power of two in the step
  while (common < exponent && step % (one << (common + 1)) == 0)
    ++common;
  if (floorRemainder(first, one << common) != 0)
    return std::nullopt;
  Wide modulus = power >> common;
  if (modulus == 1)
    return 0;
  Wide odd = floorRemainder(step >> common, modulus), inverse = 1;
  for (int i = 0; i < 7; ++i) // Newton: each turn doubles the correct bits
    inverse = floorRemainder(
        inverse * floorRemainder(2 - floorRemainder(odd * inverse, modulus), modulus), modulus);
  return floorRemainder(-floorRemainder(first >> common, modulus) * inverse, modulus);
}

// Where the class of an integer can change for another reason than divisibility: first values.
std::vector<Wide> breakPoints(const std::vector<Rule> &rules, ArgumentKind kind) {
  std::vector<Wide> points = {0};
  if (kind == ArgumentKind::Int)
    points.insert(points.end(), {-(one << 63), -(one << 31), one << 31, one << 63, one << 64});
  for (const Rule &rule : rules) {
    Wide low = rule.predicate.low, high = rule.predicate.high;
    if (rule.predicate.kind == PredicateKind::EqualTo)
      points.insert(points.end(), {low, low + 1});
    if (rule.predicate.kind == PredicateKind::WithinRange)
      points.insert(points.end(), {low, high + 1});
  }
  std::ranges::sort(points);
  return points;
}

std::vector<std::int64_t> storageCandidates(const std::vector<Rule> &rules) {
  std::vector<std::int64_t> result = {1};
  for (const Rule &rule : rules)
    if (rule.predicate.kind == PredicateKind::StorageAtMost) {
      result.push_back(rule.predicate.low);
      if (rule.predicate.low < INT64_MAX)
        result.push_back(rule.predicate.low + 1);
    }
  return result;
}

// Distinct words, with the value that gave them.
class Collector {
public:
  Collector(const Engine &engine, std::size_t parameter) : engine(engine), parameter(parameter) {}

  std::optional<Error> add(const Value &value) {
    BoundArguments arguments;
    ArgumentValue argument = arguments.convert(value);
    std::vector<std::uint64_t> words(Engine::wordsNeeded({&argument, 1}));
    KeyResult key = engine.evaluateOne(parameter, argument, words);
    if (key.status != KeyStatus::Done) {
      auto described = describeArgument(
          engine, parameter, engine.signature().parameters[parameter].name, value, argument);
      return described ? Error{ErrorCode::Internal, "a value without a key", {}}
                       : described.error();
    }
    words.resize(key.words);
    ArgumentClass found{words[0]};
    rules |= found.keyRules() | found.properties();
    if (seen.insert(std::move(words)).second && examples.size() < listedClasses)
      examples.push_back(value);
    return std::nullopt;
  }
  ReachableSet result() { return {{seen.size(), true}, std::move(examples), rules}; }

private:
  const Engine &engine;
  std::size_t parameter;
  std::set<std::vector<std::uint64_t>> seen;
  std::vector<Value> examples;
  std::uint16_t rules = 0;
};

Result<ReachableSet> integerClasses(const Engine &engine, std::size_t parameter,
                                    const ArgumentRange &range) {
  Wide last = range.low + (range.high - range.low) / range.step * range.step;
  if (engine.signature().parameters[parameter].isConstexpr) {
    ReachableSet result;
    result.count.value =
        (unsigned __int128)((last - range.low) / range.step) + 1 + range.isOptional;
    for (Wide value = range.low; value <= last && result.examples.size() < listedClasses;
         value += range.step)
      result.examples.push_back(Value{Integer(value)});
    return result;
  }
  bool isComplete = true;
  std::vector<Wide> values = representatives(engine.rules()->rules, ArgumentKind::Int, range.low,
                                             last, range.step, isComplete);
  // The example of a class is its value nearest to zero.
  std::ranges::stable_sort(values, {}, [](Wide value) { return value < 0 ? -value : value; });
  Collector collector(engine, parameter);
  for (Wide value : values)
    if (std::optional<Error> error = collector.add(Value{Integer(value)}))
      return std::unexpected(*error);
  if (range.isOptional)
    if (std::optional<Error> error = collector.add(Value{NoneValue{}}))
      return std::unexpected(*error);
  ReachableSet result = collector.result();
  result.count.isExact = isComplete;
  return result;
}

Result<ReachableSet> tensorClasses(const Engine &engine, std::size_t parameter,
                                   const TensorArgument &like, const ArgumentRange &range) {
  bool isComplete = true;
  std::vector<std::int64_t> alignments = range.alignments, storages = range.storages;
  if (alignments.empty()) {
    Wide size = dtypeBytes(like.dtype);
    for (Wide address : representatives(engine.rules()->rules, ArgumentKind::Tensor, size,
                                        (one << 47) / size * size, size, isComplete))
      alignments.push_back(std::int64_t(address));
  }
  if (storages.empty())
    storages = storageCandidates(engine.rules()->rules);
  Collector collector(engine, parameter);
  for (std::int64_t storage : storages)
    for (std::int64_t alignment : alignments) {
      TensorArgument tensor = like;
      tensor.alignment = alignment;
      tensor.offset = 0;
      tensor.storage = storage;
      if (std::optional<Error> error = collector.add(Value{tensor}))
        return std::unexpected(*error);
    }
  if (range.isOptional)
    if (std::optional<Error> error = collector.add(Value{NoneValue{}}))
      return std::unexpected(*error);
  ReachableSet result = collector.result();
  result.count.isExact = isComplete;
  return result;
}

} // namespace

std::vector<__int128> representatives(const std::vector<Rule> &rules, ArgumentKind kind,
                                      __int128 low, __int128 high, __int128 step,
                                      bool &isComplete) {
  constexpr Wide longestSearch = 1 << 14;
  int exponents = 0;
  Wide odd = 1;
  for (const Rule &rule : rules) {
    if (rule.predicate.kind == PredicateKind::PowerOfTwoDivisor && rule.applies(kind))
      exponents = std::max(exponents, std::countr_zero(std::uint64_t(rule.predicate.high)));
    if (rule.predicate.kind != PredicateKind::DivisibleBy || !rule.applies(kind))
      continue;
    int power = std::countr_zero(std::uint64_t(rule.predicate.low));
    exponents = std::max(exponents, power);
    Wide part = rule.predicate.low >> power;
    odd = std::min(odd / Wide(std::gcd(std::int64_t(odd), std::int64_t(part))) * part,
                   longestSearch + 1);
  }
  if (odd > longestSearch) {
    isComplete = false;
    odd = longestSearch;
  }
  std::vector<Wide> starts = {low}, values;
  for (Wide point : breakPoints(rules, kind))
    if (point > starts.back() && point <= high)
      starts.push_back(point);
  for (std::size_t i = 0; i < starts.size(); ++i) {
    Wide begin = starts[i], end = i + 1 < starts.size() ? starts[i + 1] - 1 : high;
    Wide first = low + (begin - low + step - 1) / step * step;
    // Among the multiples of 2^e, 2 * odd in a row show every combination with the odd divisors,
    // those that are not multiples of 2^(e+1) among them.
    for (int exponent = 0; exponent <= exponents && first <= end; ++exponent) {
      std::optional<Wide> skip = stepsToMultiple(first, step, exponent);
      if (!skip)
        break;
      Wide stride = step;
      while (stride % (one << exponent) != 0)
        stride *= 2;
      Wide value = first + *skip * step;
      for (Wide n = 0; n < 2 * odd && value <= end; ++n, value += stride)
        values.push_back(value);
    }
  }
  std::ranges::sort(values);
  values.erase(std::unique(values.begin(), values.end()), values.end());
  return values;
}

Result<ReachableSet> reachableClasses(const Engine &engine, std::size_t parameter,
                                      const Value &fallback, const ArgumentRange &range) {
  const std::string &name = engine.signature().parameters[parameter].name;
  switch (range.kind) {
  case ArgumentRange::Kind::Integers:
    if (fallback.as<TensorArgument>() || fallback.as<TensorDescriptorValue>() ||
        fallback.as<TupleValue>())
      return fail(ErrorCode::InvalidInput,
                  fmt::format("the range of '{}' is for an integer; the launch has {} there", name,
                              showValue(fallback)),
                  name);
    return integerClasses(engine, parameter, range);
  case ArgumentRange::Kind::Tensors:
    if (const TensorArgument *tensor = fallback.as<TensorArgument>())
      return tensorClasses(engine, parameter, *tensor, range);
    return fail(ErrorCode::InvalidInput,
                fmt::format("the range of '{}' is for a tensor; the launch has {} there", name,
                            showValue(fallback)),
                name);
  case ArgumentRange::Kind::Values:
    break;
  }
  Collector collector(engine, parameter);
  for (const Value &value : range.values)
    if (std::optional<Error> error = collector.add(value))
      return std::unexpected(*error);
  return collector.result();
}

} // namespace lapidary
