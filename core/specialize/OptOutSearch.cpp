#include "core/specialize/OptOutSearch.h"

#include <algorithm>
#include <cmath>
#include <queue>

namespace lapidary {
namespace {

OptOutPlan makePlan(const std::vector<ArgumentChoices> &arguments, const std::vector<int> &chosen,
                    VariantCount count, std::uint64_t bound) {
  OptOutPlan plan;
  plan.count = count;
  plan.reachesBound = count.isExact && count.value <= bound;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const ArgumentChoices::Choice &choice = arguments[i].list[chosen[i]];
    plan.cost += choice.cost;
    if (choice.optOut)
      plan.optOuts.push_back(
          {arguments[i].name,
           choice.optOut == optOutOfValue ? "do_not_specialize" : "do_not_specialize_on_alignment",
           choice.cost});
  }
  return plan;
}

} // namespace

OptOutPlan cheapestOfProduct(const std::vector<ArgumentChoices> &arguments, std::uint64_t bound) {
  // best[c]: the smallest product for a total cost of c, over the arguments so far.
  struct State {
    VariantCount count;
    std::vector<int> chosen;
    bool isThere = false;
  };
  std::vector<State> best(1);
  best[0].isThere = true;
  auto isLess = [](const VariantCount &a, const VariantCount &b) {
    return a.isExact != b.isExact ? a.isExact : a.value < b.value;
  };
  for (const ArgumentChoices &argument : arguments) {
    int dearest = 0;
    for (const auto &choice : argument.list)
      dearest = std::max(dearest, choice.cost);
    std::vector<State> next(best.size() + dearest);
    for (std::size_t cost = 0; cost < best.size(); ++cost)
      for (std::size_t i = 0; best[cost].isThere && i < argument.list.size(); ++i) {
        VariantCount count = multiply(best[cost].count, argument.list[i].count);
        State &state = next[cost + argument.list[i].cost];
        if (state.isThere && !isLess(count, state.count))
          continue;
        state.count = count;
        state.chosen = best[cost].chosen;
        state.chosen.push_back(int(i));
        state.isThere = true;
      }
    best = std::move(next);
  }
  const State *smallest = nullptr;
  for (const State &state : best) {
    if (!state.isThere)
      continue;
    if (state.count.isExact && state.count.value <= bound)
      return makePlan(arguments, state.chosen, state.count, bound);
    if (!smallest || isLess(state.count, smallest->count))
      smallest = &state;
  }
  return makePlan(arguments, smallest->chosen, smallest->count, bound);
}

OptOutPlan cheapestOfCounts(const std::vector<ArgumentChoices> &arguments, std::uint64_t bound,
                            const std::function<std::uint64_t(const std::vector<int> &)> &count,
                            std::size_t budget) {
  struct Node {
    int cost;
    std::size_t next; // arguments before it are decided
    std::vector<int> chosen;
  };
  auto dearer = [](const Node &a, const Node &b) { return a.cost > b.cost; };
  std::priority_queue<Node, std::vector<Node>, decltype(dearer)> open(dearer);
  std::vector<int> none(arguments.size(), 0);
  open.push({0, 0, none});
  // Every choice at its strongest: when that is too many, nothing is enough.
  std::vector<int> all(arguments.size());
  for (std::size_t i = 0; i < arguments.size(); ++i)
    all[i] = int(std::ranges::min_element(arguments[i].list, {},
                                          [](const auto &choice) { return choice.count.value; }) -
                 arguments[i].list.begin());
  std::uint64_t fewest = count(all);
  std::uint64_t goal = std::max(bound, fewest);
  for (std::size_t tried = 0; !open.empty() && tried < budget; ++tried) {
    Node node = open.top();
    open.pop();
    if (std::uint64_t reached = count(node.chosen); reached <= goal)
      return makePlan(arguments, node.chosen, {reached, true}, bound);
    for (std::size_t i = node.next; i < arguments.size(); ++i)
      for (std::size_t choice = 1; choice < arguments[i].list.size(); ++choice) {
        Node child{node.cost + arguments[i].list[choice].cost, i + 1, node.chosen};
        child.chosen[i] = int(choice);
        open.push(std::move(child));
      }
  }
  std::vector<int> chosen = none;
  std::uint64_t reached = count(chosen);
  while (reached > goal) {
    double bestGain = -1;
    std::vector<int> bestChosen;
    std::uint64_t bestReached = reached;
    for (std::size_t i = 0; i < arguments.size(); ++i)
      for (std::size_t choice = 1; choice < arguments[i].list.size(); ++choice) {
        std::vector<int> step = chosen;
        if (step[i] == int(choice))
          continue;
        step[i] = int(choice);
        std::uint64_t count_ = count(step);
        int price = arguments[i].list[choice].cost - arguments[i].list[chosen[i]].cost;
        double gain = std::log(double(reached) / double(count_)) / std::max(price, 1);
        if (count_ <= reached && gain > bestGain && price >= 0) {
          bestGain = gain;
          bestChosen = step;
          bestReached = count_;
        }
      }
    if (bestChosen.empty()) {
      chosen = all;
      reached = fewest;
      break;
    }
    chosen = bestChosen;
    reached = bestReached;
  }
  OptOutPlan plan = makePlan(arguments, chosen, {reached, true}, bound);
  plan.isCheapest = false;
  return plan;
}

} // namespace lapidary
