#include "core/tune/Strategies.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace lapidary {

namespace {

constexpr std::size_t initialDesign = 8;
constexpr std::size_t mostCandidates = 2048;

// E[max(best - X, 0)] of a normal X.
double expectedImprovement(double best, RandomForest::Prediction at) {
  const double deviation = std::max(at.deviation, 1e-9);
  const double z = (best - at.mean) / deviation;
  const double density = std::exp(-z * z / 2) / std::sqrt(2 * std::numbers::pi);
  const double below = std::erfc(-z / std::numbers::sqrt2) / 2;
  return deviation * (z * below + density);
}

} // namespace

// Positions of the values, and their sum: tiles multiply, so their logarithms add up.
RandomForest::Row Surrogate::features(Index index) const {
  RandomForest::Row row;
  double sum = 0;
  const SearchSpace::Digits digits = space.digits(index);
  for (std::size_t i = 0; i < digits.size(); ++i) {
    row.push_back(digits[i]);
    sum += space.parameters()[i].isOrdered() ? digits[i] : 0;
  }
  row.push_back(sum);
  return row;
}

// What failed costs as much as the worst: to be avoided, without hiding all differences.
void Surrogate::fit() {
  std::vector<RandomForest::Row> rows;
  std::vector<double> values;
  for (const auto &[index, cost] : data) {
    rows.push_back(features(index));
    values.push_back(std::log(cost == failed ? worst : cost));
  }
  forest.fit(rows, values, random);
  fitted = data.size();
}

std::vector<Strategy::Index> Surrogate::candidates() {
  std::vector<Index> all;
  if (const auto *known = space.everything(); known && known->size() <= mostCandidates) {
    std::ranges::copy_if(*known, std::back_inserter(all), [&](Index i) { return isNew(i); });
    return all;
  }
  std::vector<std::pair<double, Index>> ranked;
  for (const auto &[index, cost] : data)
    ranked.emplace_back(cost, index);
  std::ranges::sort(ranked);
  for (std::size_t i = 0; i < std::min<std::size_t>(ranked.size(), 6); ++i)
    for (const Index near : space.neighbours(ranked[i].second))
      if (isNew(near))
        all.push_back(near);
  for (std::size_t i = 0; i < mostCandidates / 4; ++i)
    if (const auto drawn = drawNew())
      all.push_back(*drawn);
  std::ranges::sort(all);
  all.erase(std::ranges::unique(all).begin(), all.end());
  return all;
}

std::optional<Strategy::Index> Surrogate::propose() {
  if (countTold() < initialDesign || best == failed)
    return drawNew();
  if (fitted != data.size())
    fit();
  std::optional<Index> chosen;
  double most = -1;
  for (const Index index : candidates())
    if (const double gain = expectedImprovement(std::log(best), forest.predict(features(index)));
        gain > most) {
      most = gain;
      chosen = index;
    }
  return chosen;
}

void Surrogate::learn(Index index, double cost) {
  data.emplace_back(index, cost);
  if (cost == failed)
    return;
  best = std::min(best, cost);
  worst = std::max(worst, cost);
}

} // namespace lapidary
