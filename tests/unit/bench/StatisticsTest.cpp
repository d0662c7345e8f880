#include "core/bench/Statistics.h"

#include "core/bench/Random.h"

#include <cmath>
#include <gtest/gtest.h>
#include <vector>

using namespace lapidary;

namespace {

// Normal by Box and Muller; good enough to try statistics on.
std::vector<double> normalSamples(std::size_t count, double mean, double deviation,
                                  std::uint64_t seed) {
  RandomSequence random(seed);
  auto uniform = [&] { return (static_cast<double>(random.next() >> 11) + 0.5) * 0x1p-53; };
  std::vector<double> values(count);
  for (double &value : values)
    value =
        mean + deviation * std::sqrt(-2 * std::log(uniform())) * std::cos(6.283185307 * uniform());
  return values;
}

} // namespace

TEST(Statistics, Median) {
  EXPECT_EQ(median(std::vector<double>{}), 0);
  EXPECT_EQ(median(std::vector<double>{7}), 7);
  EXPECT_EQ(median(std::vector<double>{9, 1, 5}), 5);
  EXPECT_EQ(median(std::vector<double>{9, 1, 5, 6}), 5.5);
}

TEST(Statistics, BootstrapOfEqualSamplesHasNoWidth) {
  Estimate estimate = bootstrapMedian(std::vector<double>(20, 3.5));
  EXPECT_EQ(estimate.value, 3.5);
  EXPECT_EQ(estimate.low, 3.5);
  EXPECT_EQ(estimate.high, 3.5);
  EXPECT_EQ(relativeError(estimate), 0);
}

TEST(Statistics, BootstrapIsTheSameEveryTime) {
  std::vector<double> samples = normalSamples(101, 10, 1, 4);
  Estimate first = bootstrapMedian(samples), second = bootstrapMedian(samples);
  EXPECT_EQ(first.low, second.low);
  EXPECT_EQ(first.high, second.high);
}

// The standard error of a normal sample's median is 1.2533 deviation / sqrt(n); 95 % lie
// within 1.96.
TEST(Statistics, BootstrapWidthMatchesTheory) {
  double width = 0;
  for (int trial = 0; trial < 40; ++trial) {
    Estimate estimate = bootstrapMedian(normalSamples(400, 100, 5, 1000 + trial));
    width += (estimate.high - estimate.low) / 40;
  }
  EXPECT_NEAR(width, 2 * 1.96 * 1.2533 * 5 / 20, 0.15);
}

TEST(Statistics, IntervalCoversTheTruthAboutNineteenTimesInTwenty) {
  for (std::size_t count : {30u, 31u, 200u}) {
    int covered = 0;
    for (int trial = 0; trial < 400; ++trial) {
      Estimate estimate = bootstrapMedian(normalSamples(count, 50, 3, 77 + trial));
      covered += estimate.low <= 50 && 50 <= estimate.high;
    }
    EXPECT_GE(covered, 400 * 0.91) << count;
    EXPECT_LE(covered, 400 * 0.985) << count;
  }
}

TEST(Statistics, PairedRatioCancelsWhatBothShare) {
  std::vector<double> drift = normalSamples(60, 100, 20, 3), later(60);
  std::vector<double> jitter = normalSamples(60, 1, 0.001, 5);
  for (int i = 0; i < 60; ++i)
    later[i] = drift[i] * 1.02 * jitter[i];
  Estimate ratio = pairedRatio(later, drift);
  EXPECT_NEAR(ratio.value, 1.02, 0.001);
  EXPECT_LT(ratio.high - ratio.low, 0.002) << "the shared 20 % must not widen the interval";
  EXPECT_STREQ(verdict(ratio, 0.001), "slower");
  EXPECT_STREQ(verdict(pairedRatio(drift, later), 0.001), "faster");
  EXPECT_STREQ(verdict(ratio, 0.05), "tie") << "within the noise floor";
}

TEST(Statistics, UnequalCountsPairTheShorter) {
  Estimate ratio = pairedRatio(std::vector<double>{2, 2, 2}, std::vector<double>{1, 1, 1, 50, 50});
  EXPECT_EQ(ratio.value, 2);
}

TEST(Statistics, VerdictNeedsTheIntervalOffOne) {
  EXPECT_STREQ(verdict({0.9, 0.7, 1.1}, 0), "tie");
  EXPECT_STREQ(verdict({0.9, 0.85, 0.95}, 0), "faster");
  EXPECT_STREQ(verdict({1.1, 1.05, 1.2}, 0), "slower");
}

TEST(Statistics, NoiseFloorIsTheFarEndOfTheInterval) {
  EXPECT_NEAR(noiseFloorOf({1.001, 0.996, 1.002}), 0.004, 1e-12);
  EXPECT_NEAR(noiseFloorOf({1.001, 0.999, 1.006}), 0.006, 1e-12);
}
