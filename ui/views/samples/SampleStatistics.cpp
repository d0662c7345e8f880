#include "ui/views/samples/SampleStatistics.h"

#include <algorithm>
#include <cmath>

namespace lapidary::ui {

namespace {
double quantile(const std::vector<double> &sorted, double fraction) {
  double position = fraction * double(sorted.size() - 1);
  std::size_t below = std::size_t(std::floor(position));
  std::size_t above = std::min(below + 1, sorted.size() - 1);
  return std::lerp(sorted[below], sorted[above], position - double(below));
}
BoxSummary boxOf(const std::vector<double> &sorted) {
  BoxSummary box;
  box.lowerQuartile = quantile(sorted, 0.25);
  box.median = quantile(sorted, 0.5);
  box.upperQuartile = quantile(sorted, 0.75);
  double reach = 1.5 * (box.upperQuartile - box.lowerQuartile);
  auto inside = [&](double value) {
    return value >= box.lowerQuartile - reach && value <= box.upperQuartile + reach;
  };
  box.low = box.high = box.median;
  for (double value : sorted) {
    if (inside(value)) {
      box.low = std::min(box.low, value);
      box.high = std::max(box.high, value);
    } else {
      box.outliers << value;
    }
  }
  return box;
}

Distribution distributionOf(const std::vector<double> &sorted, std::size_t most) {
  std::size_t count = sorted.size(), steps = std::min(count, most);
  Distribution distribution;
  for (std::size_t i = 0; i < steps; ++i) {
    std::size_t rank = steps == count || steps < 2 ? i : i * (count - 1) / (steps - 1);
    distribution.values << sorted[rank];
    distribution.fractions << double(rank + 1) / double(count);
  }
  return distribution;
}

} // namespace

SampleSummary summarize(std::vector<double> samples, std::size_t most) {
  std::sort(samples.begin(), samples.end());
  return {boxOf(samples), distributionOf(samples, most)};
}

} // namespace lapidary::ui
