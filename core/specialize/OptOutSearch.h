// The cheapest opt-outs under a bound on the number of variants. The price of an opt-out is the
// number of properties of its argument that can no longer hold: what the compiler loses.
#pragma once

#include "core/specialize/RuleSet.h"
#include "core/specialize/Variants.h"

#include <functional>

namespace lapidary {

struct ArgumentChoices {
  struct Choice {
    std::uint8_t optOut = 0; // optOutOfValue or optOutOfAlignment; 0: none
    VariantCount count;      // of the argument's classes
    int cost = 0;
  };
  std::string name;
  std::vector<Choice> list; // none first
};

VariantCount multiply(const VariantCount &left, const VariantCount &right);

// Arguments vary independently: the number is the product. Exact, by dynamic programming over the
// cost.
OptOutPlan cheapestOfProduct(const std::vector<ArgumentChoices> &arguments, std::uint64_t bound);

// The number is whatever `count` says for one choice an argument; it never grows with an opt-out.
// Plans are tried in the order of their cost, `budget` of them at most; then the best single step
// is taken again and again, and isCheapest is cleared.
OptOutPlan
cheapestOfCounts(const std::vector<ArgumentChoices> &arguments, std::uint64_t bound,
                 const std::function<std::uint64_t(const std::vector<int> &choices)> &count,
                 std::size_t budget);

} // namespace lapidary
