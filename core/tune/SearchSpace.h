// What is tuned over: parameters with their values, and constraints between them.
//
// A space is never written out: a configuration is a number, its digits (one for each parameter,
// the first changes slowest) are the positions of its values, so 10^15 configurations cost nothing.
// Constraints are Python expressions over the parameters and over what else the caller knows (the
// launch's arguments), evaluated when a configuration is looked at. The values of an autotune
// decorator are a list, not a product: then only the listed configurations are allowed, and
// strategies see them in the same product.
//
//   auto space = SearchSpace::create({{"BLOCK", {makeInt(256), makeInt(512)}},
//                                     {"num_warps", {makeInt(4), makeInt(8)}}},
//                                    {"BLOCK >= 64 * num_warps"});
//   space->size();                    // 4
//   space->allowed(1);                // false: BLOCK 256, num_warps 8
//   space->configuration(3);          // {{"BLOCK", 512}, {"num_warps", 8}}
//
// Immutable once made; safe from any thread.
#pragma once

#include "core/bench/Random.h"
#include "core/source/KernelFile.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <unordered_set>
#include <vector>

namespace lapidary {

struct TuneParameter {
  std::string name;
  std::vector<Value> values; // distinct; numbers are put in order
  bool isOrdered() const;    // all are numbers: a next larger one means something
};

using Configuration = std::vector<std::pair<std::string, Value>>;

// {"BLOCK": 256, "num_warps": 4}: the identity of a configuration in the store and in reports.
Json configurationJson(const Configuration &configuration);
// Errors: InvalidInput.
Result<Configuration> configurationFromJson(const Json &json);
std::string configurationText(const Configuration &configuration); // "BLOCK=256 num_warps=4"

class SearchSpace {
public:
  using Index = std::uint64_t;
  using Digits = std::vector<std::uint32_t>;
  static constexpr Index enumerable = 1 << 16; // spaces up to this size are looked through whole

  // `names` resolves what a constraint says beside the parameters. Errors: InvalidInput: no
  // parameter, one without values, a value given twice, more than 2^62 configurations, a constraint
  // that does not parse or that nothing fulfils (the message names it, or the two that contradict
  // each other).
  static Result<SearchSpace> create(std::vector<TuneParameter> parameters,
                                    std::vector<std::string> constraints,
                                    Evaluator::Lookup names = {});
  // Only these; what one leaves out is None in it. Errors: InvalidInput (there are none).
  static Result<SearchSpace> listed(const std::vector<Configuration> &configurations);

  const std::vector<TuneParameter> &parameters() const { return axes; }
  const std::vector<std::string> &constraints() const { return texts; }
  Index size() const { return count; } // of the product, constraints left aside

  Digits digits(Index index) const;
  Index index(const Digits &digits) const;
  Configuration configuration(Index index) const;
  // The index of a configuration, allowed or not; nothing when a value is not the space's.
  std::optional<Index> find(const Configuration &configuration) const;

  bool allowed(Index index) const { return !violated(index); }
  // What forbids it: a constraint's text; nothing when it is allowed. A constraint that cannot be
  // evaluated for a configuration (a division by zero) forbids it.
  std::optional<std::string> violated(Index index) const;

  // All that are allowed, in order, where the space is listed or no larger than `enumerable`.
  const std::vector<Index> *everything() const { return known ? &*known : nullptr; }
  // An allowed one, each as likely as the others; nothing when chance finds none.
  std::optional<Index> draw(RandomSequence &random) const;
  // Allowed configurations that differ in one parameter: by one step where its values are ordered.
  std::vector<Index> neighbours(Index index) const;

private:
  struct Constraint {
    std::string text;
    ast::ExprPtr expression;
    std::vector<std::size_t> mentions; // parameters
  };

  Result<void> addConstraint(const std::string &text);
  Result<Value> evaluate(const Constraint &constraint, const Digits &digits) const;
  bool holds(const Constraint &constraint, const Digits &digits) const;
  Result<void> checkThatSomethingIsAllowed() const;
  bool holdTogether(std::span<const Constraint *const> some, Error &problem) const;

  std::vector<TuneParameter> axes;
  std::vector<std::string> texts;
  std::vector<Constraint> rules;
  Evaluator::Lookup otherNames;
  std::shared_ptr<const KernelFile> functions; // what expressions may call: cdiv, min, ...
  Index count = 1;
  std::unordered_set<Index> members; // of a listed space
  std::optional<std::vector<Index>> known;
};

} // namespace lapidary
