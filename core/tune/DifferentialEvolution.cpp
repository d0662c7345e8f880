#include "core/tune/Strategies.h"

#include <algorithm>
#include <cmath>

namespace lapidary {

namespace {

constexpr std::size_t populationSize = 12;
constexpr double weight = 0.7, crossover = 0.8;

} // namespace

std::optional<Strategy::Index> DifferentialEvolution::trial(std::size_t target) {
  const auto member = [&] {
    return space.digits(population[random.below(population.size())].second);
  };
  const SearchSpace::Digits a = member(), b = member(), c = member();
  SearchSpace::Digits digits = space.digits(population[target].second);
  const std::size_t always = random.below(digits.size());
  for (std::size_t i = 0; i < digits.size(); ++i) {
    if (i != always && drawUnit() >= crossover)
      continue;
    const double last = static_cast<double>(space.parameters()[i].values.size() - 1);
    // A half by chance, so that differences of one step are not always lost in rounding.
    const double position = a[i] + weight * (double(b[i]) - double(c[i])) + drawUnit() - 0.5;
    digits[i] = static_cast<std::uint32_t>(std::lround(std::clamp(position, 0.0, last)));
  }
  const Index index = space.index(digits);
  return isNew(index) && space.allowed(index) ? std::optional(index) : std::nullopt;
}

std::optional<Strategy::Index> DifferentialEvolution::propose() {
  if (population.size() < populationSize)
    return drawNew();
  constexpr int attempts = 50;
  for (int attempt = 0; attempt < attempts; ++attempt) {
    const std::size_t target = turn++ % population.size();
    if (const auto index = trial(target)) {
      targets[*index] = target;
      return index;
    }
  }
  return drawNew();
}

void DifferentialEvolution::learn(Index index, double cost) {
  if (cost == failed)
    return;
  if (population.size() < populationSize) {
    population.emplace_back(cost, index);
    return;
  }
  const auto target = targets.find(index);
  const auto worst = std::ranges::max_element(population) - population.begin();
  const std::size_t against =
      target == targets.end() ? static_cast<std::size_t>(worst) : target->second;
  if (cost <= population[against].first)
    population[against] = {cost, index};
}

} // namespace lapidary
