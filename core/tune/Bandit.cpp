#include "core/tune/Strategies.h"

#include <algorithm>
#include <cmath>

namespace lapidary {

namespace {

constexpr std::size_t window = 50;
constexpr double curiosity = 0.1;

} // namespace

Bandit::Bandit(const SearchSpace &space, std::uint64_t seed) : Strategy(space, seed) {
  const auto add = [&](std::unique_ptr<Strategy> strategy) {
    arms.push_back({std::move(strategy), {}});
  };
  add(std::make_unique<Surrogate>(space, randomBits(seed, 0)));
  add(std::make_unique<HillClimbing>(space, randomBits(seed, 1)));
  add(std::make_unique<Genetic>(space, randomBits(seed, 2)));
  add(std::make_unique<Annealing>(space, randomBits(seed, 3)));
  add(std::make_unique<DifferentialEvolution>(space, randomBits(seed, 4)));
}

// Later improvements weigh more: the i-th of n counts i of n(n+1)/2.
double Bandit::score(const Arm &arm) const {
  if (arm.improved.empty())
    return 1e9;
  double area = 0;
  const double n = static_cast<double>(arm.improved.size());
  for (std::size_t i = 0; i < arm.improved.size(); ++i)
    area += arm.improved[i] ? 2 * double(i + 1) / (n * (n + 1)) : 0;
  double all = 0;
  for (const Arm &one : arms)
    all += static_cast<double>(one.improved.size());
  return area + curiosity * std::sqrt(2 * std::log2(std::max(all, 2.0)) / n);
}

std::optional<Strategy::Index> Bandit::propose() {
  std::vector<std::pair<double, std::size_t>> order;
  for (std::size_t i = 0; i < arms.size(); ++i)
    order.emplace_back(-score(arms[i]), i);
  std::ranges::sort(order);
  for (const auto &[score, i] : order)
    if (const auto index = arms[i].strategy->ask()) {
      for (std::size_t other = 0; other < arms.size(); ++other)
        if (other != i)
          arms[other].strategy->exclude(*index);
      askedBy[*index] = i;
      return index;
    }
  return std::nullopt;
}

void Bandit::learn(Index index, double cost) {
  const bool better = cost < best;
  if (better)
    best = cost;
  if (const auto by = askedBy.find(index); by != askedBy.end()) {
    Arm &arm = arms[by->second];
    arm.improved.push_back(better);
    if (arm.improved.size() > window)
      arm.improved.pop_front();
  }
  for (Arm &arm : arms)
    arm.strategy->tell(index, cost);
}

} // namespace lapidary
