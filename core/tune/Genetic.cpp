#include "core/tune/Strategies.h"

#include <algorithm>

namespace lapidary {

namespace {

constexpr std::size_t populationSize = 16;

} // namespace

SearchSpace::Digits Genetic::parent() {
  std::size_t best = population.size();
  for (int i = 0; i < 3; ++i)
    best = std::min<std::size_t>(best, random.below(population.size()));
  return space.digits(population[best].second);
}

std::optional<Strategy::Index> Genetic::propose() {
  if (population.size() < 2 || countTold() + waitingFor() < populationSize)
    return drawNew();
  constexpr int attempts = 50;
  for (int attempt = 0; attempt < attempts; ++attempt) {
    SearchSpace::Digits child = parent();
    const SearchSpace::Digits other = parent();
    for (std::size_t i = 0; i < child.size(); ++i) {
      if (random.below(2) == 0)
        child[i] = other[i];
      if (random.below(child.size()) == 0)
        child[i] = random.below(space.parameters()[i].values.size());
    }
    if (const Index index = space.index(child); isNew(index) && space.allowed(index))
      return index;
  }
  return drawNew();
}

void Genetic::learn(Index index, double cost) {
  if (cost == failed)
    return;
  const std::pair<double, Index> member{cost, index};
  population.insert(std::ranges::lower_bound(population, member), member);
  if (population.size() > populationSize)
    population.pop_back();
}

} // namespace lapidary
