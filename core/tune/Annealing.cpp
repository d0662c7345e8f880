#include "core/tune/Strategies.h"

#include <cmath>

namespace lapidary {

namespace {

constexpr double hottest = 0.5, cooling = 0.96; // a step to 1.65 times the cost at e^-1
constexpr int stepsToCold = 120;

} // namespace

std::optional<Strategy::Index> Annealing::propose() {
  if (!current)
    return drawNew();
  // A few steps away when everything near is known.
  Index at = *current;
  constexpr int longestWalk = 8;
  for (int i = 0; i < longestWalk; ++i) {
    const std::vector<Index> near = space.neighbours(at);
    if (near.empty())
      break;
    at = near[random.below(near.size())];
    if (isNew(at))
      return at;
  }
  return drawNew();
}

void Annealing::learn(Index index, double cost) {
  const double temperature = hottest * std::pow(cooling, step++);
  const double rise = std::log(cost) - std::log(currentCost);
  if (!current || !(rise > 0) || drawUnit() < std::exp(-rise / temperature)) {
    if (cost != failed) {
      current = index;
      currentCost = cost;
    }
  }
  if (step >= stepsToCold) {
    step = 0;
    current.reset();
    currentCost = failed;
  }
}

} // namespace lapidary
