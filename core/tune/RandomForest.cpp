#include "core/tune/RandomForest.h"

#include <algorithm>
#include <cmath>

namespace lapidary {

namespace {

constexpr int treeCount = 40;

struct Spread {
  double count = 0, sum = 0, squares = 0;
  void add(double value) {
    ++count;
    sum += value;
    squares += value * value;
  }
  double deviations() const { return count > 0 ? std::max(0.0, squares - sum * sum / count) : 0; }
};

double unit(RandomSequence &random) {
  return static_cast<double>(random.next() >> 11) * 0x1p-53;
}

} // namespace

void RandomForest::fit(const std::vector<Row> &newRows, const std::vector<double> &newValues,
                       RandomSequence &newRandom) {
  trees.clear();
  rows = &newRows;
  values = &newValues;
  random = &newRandom;
  for (int i = 0; i < treeCount && !newRows.empty(); ++i) {
    std::vector<std::size_t> members(newRows.size());
    for (std::size_t member = 0; member < members.size(); ++member)
      members[member] = member;
    grow(trees.emplace_back(), members);
  }
  rows = nullptr;
  values = nullptr;
  random = nullptr;
}

// One threshold by chance for each feature; the one that leaves the least spread.
RandomForest::Split RandomForest::chooseSplit(const std::vector<std::size_t> &members) {
  Split best;
  const std::size_t features = rows->front().size();
  for (std::size_t feature = 0; feature < features; ++feature) {
    double low = (*rows)[members.front()][feature], high = low;
    for (const std::size_t member : members) {
      low = std::min(low, (*rows)[member][feature]);
      high = std::max(high, (*rows)[member][feature]);
    }
    if (low == high)
      continue;
    const double threshold = low + (high - low) * (1 - unit(*random)); // above `low`
    Spread below, above;
    for (const std::size_t member : members)
      ((*rows)[member][feature] < threshold ? below : above).add((*values)[member]);
    const double spread = below.deviations() + above.deviations();
    if (best.feature < 0 || spread < best.spread)
      best = {static_cast<int>(feature), threshold, spread};
  }
  return best;
}

std::int32_t RandomForest::grow(Tree &tree, std::vector<std::size_t> &members) {
  const auto at = static_cast<std::int32_t>(tree.size());
  tree.emplace_back();
  Spread all;
  for (const std::size_t member : members)
    all.add((*values)[member]);
  tree[static_cast<std::size_t>(at)].value = all.sum / all.count;
  if (members.size() < 2 || all.deviations() < 1e-12)
    return at;
  const Split split = chooseSplit(members);
  if (split.feature < 0)
    return at;
  const auto middle = std::partition(members.begin(), members.end(), [&](std::size_t member) {
    return (*rows)[member][static_cast<std::size_t>(split.feature)] < split.threshold;
  });
  std::vector<std::size_t> below(members.begin(), middle), above(middle, members.end());
  if (below.empty() || above.empty())
    return at;
  const std::int32_t left = grow(tree, below), right = grow(tree, above);
  Node &node = tree[static_cast<std::size_t>(at)];
  node.feature = split.feature;
  node.threshold = split.threshold;
  node.below = left;
  node.above = right;
  return at;
}

RandomForest::Prediction RandomForest::predict(const Row &row) const {
  Spread all;
  for (const Tree &tree : trees) {
    std::size_t at = 0;
    while (tree[at].feature >= 0)
      at = static_cast<std::size_t>(
          row[static_cast<std::size_t>(tree[at].feature)] < tree[at].threshold ? tree[at].below
                                                                               : tree[at].above);
    all.add(tree[at].value);
  }
  if (trees.empty())
    return {};
  return {all.sum / all.count, std::sqrt(all.deviations() / all.count)};
}

} // namespace lapidary
