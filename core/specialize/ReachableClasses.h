// The classes that one argument can be in, given what it may be.
#pragma once

#include "core/specialize/Engine.h"
#include "core/specialize/Variants.h"

namespace lapidary {

struct ReachableSet {
  VariantCount count;
  std::vector<Value> examples; // one a class, as many as are listed
  std::uint16_t rules = 0;     // that fire for some value
};

// `fallback` is the launch's value: tensors take their element type from it. Errors: InvalidInput,
// a value that the release refuses, or a range that does not fit the kind of the argument.
Result<ReachableSet> reachableClasses(const Engine &engine, std::size_t parameter,
                                      const Value &fallback, const ArgumentRange &range);

// Values of an arithmetic progression that are in every class that any of its values is in: what
// the rules can tell apart, neither more nor much less. `isComplete` is cleared when the rules'
// divisors have a common multiple too large to search.
std::vector<__int128> representatives(const std::vector<Rule> &rules, ArgumentKind kind,
                                      __int128 low, __int128 high, __int128 step, bool &isComplete);

} // namespace lapidary
