#include "core/bench/Statistics.h"

#include "core/bench/Random.h"

#include <algorithm>
#include <cmath>
#include <vector>

namespace lapidary {

static constexpr int resamples = 1000;
static constexpr std::uint64_t bootstrapSeed = 0x6c61706964617279;

static double medianOfSorted(std::span<const double> sorted) {
  std::size_t half = sorted.size() / 2;
  return sorted.size() % 2 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
}

double median(std::span<const double> values) {
  if (values.empty())
    return 0;
  std::vector<double> sorted(values.begin(), values.end());
  std::ranges::sort(sorted);
  return medianOfSorted(sorted);
}

// The median of one resample, drawn as how often each sorted value occurs in it.
static double resampledMedian(std::span<const double> sorted, std::vector<std::uint32_t> &counts,
                              RandomSequence &random) {
  std::size_t n = sorted.size();
  std::ranges::fill(counts, 0);
  for (std::size_t i = 0; i < n; ++i)
    ++counts[random.below(n)];
  std::size_t seen = 0, low = (n - 1) / 2, i = 0;
  while ((seen += counts[i]) <= low)
    ++i;
  if (n % 2 || seen > low + 1)
    return sorted[i];
  std::size_t next = i + 1;
  while (counts[next] == 0)
    ++next;
  return (sorted[i] + sorted[next]) / 2;
}

Estimate bootstrapMedian(std::span<const double> samples) {
  if (samples.empty())
    return {};
  std::vector<double> sorted(samples.begin(), samples.end());
  std::ranges::sort(sorted);
  RandomSequence random(bootstrapSeed);
  std::vector<std::uint32_t> counts(sorted.size());
  std::vector<double> medians(resamples);
  for (double &value : medians)
    value = resampledMedian(sorted, counts, random);
  std::ranges::sort(medians);
  return {medianOfSorted(sorted), medians[resamples * 25 / 1000],
          medians[resamples * 975 / 1000 - 1]};
}

double relativeError(const Estimate &estimate) {
  return estimate.value > 0 ? (estimate.high - estimate.low) / 2 / estimate.value : 0;
}

Estimate pairedRatio(std::span<const double> later, std::span<const double> first) {
  std::vector<double> ratios(std::min(later.size(), first.size()));
  for (std::size_t i = 0; i < ratios.size(); ++i)
    ratios[i] = first[i] > 0 ? later[i] / first[i] : 1;
  return bootstrapMedian(ratios);
}

double noiseFloorOf(const Estimate &ratio) {
  return std::max(std::abs(ratio.low - 1), std::abs(ratio.high - 1));
}

const char *verdict(const Estimate &ratio, double noiseFloor) {
  bool withinInterval = ratio.low <= 1 && ratio.high >= 1;
  if (withinInterval || std::abs(ratio.value - 1) <= noiseFloor)
    return "tie";
  return ratio.value < 1 ? "faster" : "slower";
}

} // namespace lapidary
