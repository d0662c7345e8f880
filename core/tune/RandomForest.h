// A random forest for few rows: extremely randomized trees (Geurts, Ernst, Wehenkel, Machine
// Learning 63, 2006), whose disagreement says how sure the prediction is.
//
//   RandomForest forest;
//   forest.fit(rows, values, random);
//   auto [mean, deviation] = forest.predict({3, 1});
#pragma once

#include "core/bench/Random.h"

#include <cstddef>
#include <cstdint>
#include <vector>

namespace lapidary {

class RandomForest {
public:
  using Row = std::vector<double>;
  struct Prediction {
    double mean = 0, deviation = 0;
  };

  // Rows of one length, a value for each; replaces what was learnt before.
  void fit(const std::vector<Row> &rows, const std::vector<double> &values, RandomSequence &random);
  Prediction predict(const Row &row) const; // 0 before the first fit

private:
  struct Node {
    int feature = -1; // negative: a leaf
    double threshold = 0, value = 0;
    std::int32_t below = 0, above = 0; // of the row's feature under the threshold, or not
  };
  struct Split {
    int feature = -1;
    double threshold = 0, spread = 0; // sum of squared deviations on both sides
  };
  using Tree = std::vector<Node>;

  std::int32_t grow(Tree &tree, std::vector<std::size_t> &members);
  Split chooseSplit(const std::vector<std::size_t> &members);

  const std::vector<Row> *rows = nullptr; // while fitting
  const std::vector<double> *values = nullptr;
  RandomSequence *random = nullptr;
  std::vector<Tree> trees;
};

} // namespace lapidary
