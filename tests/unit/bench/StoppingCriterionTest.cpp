#include "core/bench/StoppingCriterion.h"

#include "core/bench/Random.h"
#include "core/bench/Statistics.h"

#include <functional>
#include <gtest/gtest.h>

using namespace lapidary;

namespace {

double uniform(RandomSequence &random) {
  return static_cast<double>(random.next() >> 11) * 0x1p-53;
}

struct Outcome {
  std::string stoppedBy;
  std::size_t samples = 0;
};

// Draws until the rule ends it; every sample takes `secondsEach` of pretended time.
Outcome run(StoppingRule rule, const std::function<double(std::size_t)> &draw, double secondsEach) {
  std::vector<double> samples;
  while (samples.size() < 20000) {
    samples.push_back(draw(samples.size()));
    if (samples.size() > 100 && samples.size() % 16)
      continue;
    if (auto by = rule.check({samples, bootstrapMedian(samples), secondsEach * samples.size()}))
      return {*by, samples.size()};
  }
  return {"never", samples.size()};
}

} // namespace

TEST(StoppingCriterion, QuietSamplesEndByPrecisionAtTheMinimum) {
  RandomSequence random(1);
  Outcome outcome = run(
      StoppingRule::fromOptions({}, 100), [&](std::size_t) { return 1000 + uniform(random); },
      1e-6);
  EXPECT_EQ(outcome.stoppedBy, "precision");
  EXPECT_EQ(outcome.samples, 10u);
}

TEST(StoppingCriterion, NoisySamplesTakeMoreUntilPrecise) {
  RandomSequence random(2);
  MeasureOptions options;
  options.maximumSamples = 10000;
  std::vector<double> kept;
  Outcome outcome = run(
      StoppingRule::fromOptions(options, 100),
      [&](std::size_t) {
        kept.push_back(1000 + 100 * uniform(random));
        return kept.back();
      },
      1e-6);
  EXPECT_EQ(outcome.stoppedBy, "precision");
  EXPECT_GT(outcome.samples, 40u);
  EXPECT_LT(relativeError(bootstrapMedian(kept)), options.targetError);
}

TEST(StoppingCriterion, AMedianBetweenTwoModesEndsOnThePlateau) {
  RandomSequence random(3);
  MeasureOptions options;
  options.maximumSamples = 15000;
  // Alternately around 1000 and 1200: the median jumps between them however many are taken.
  Outcome outcome = run(
      StoppingRule::fromOptions(options, 100),
      [&](std::size_t i) { return (i % 2 ? 1000 : 1200) + uniform(random); }, 1e-6);
  EXPECT_EQ(outcome.stoppedBy, "plateau");
  EXPECT_GE(outcome.samples, 256u);
}

TEST(StoppingCriterion, SlowSamplesEndByTimeBeforeTheMinimum) {
  RandomSequence random(4);
  Outcome outcome = run(
      StoppingRule::fromOptions({}, 5), [&](std::size_t) { return 1000 * (1 + uniform(random)); },
      2.0);
  EXPECT_EQ(outcome.stoppedBy, "time");
  EXPECT_EQ(outcome.samples, 3u);
}

TEST(StoppingCriterion, TheCountEndsWhatNothingElseEnds) {
  RandomSequence random(5);
  MeasureOptions options;
  options.maximumSamples = 50;
  options.targetError = 1e-9;
  Outcome outcome = run(
      StoppingRule::fromOptions(options, 100),
      [&](std::size_t) { return 1000 * (1 + uniform(random)); }, 1e-6);
  EXPECT_EQ(outcome.stoppedBy, "count");
  EXPECT_EQ(outcome.samples, 50u);
}

TEST(StoppingCriterion, EachAlone) {
  std::vector<double> samples(10, 1.0);
  EXPECT_TRUE(PrecisionCriterion(0.01).reached({samples, {100, 99.5, 100.5}, 0}));
  EXPECT_FALSE(PrecisionCriterion(0.01).reached({samples, {100, 98, 102}, 0}));
  EXPECT_TRUE(TimeCriterion(2).reached({samples, {}, 2.0}));
  EXPECT_FALSE(TimeCriterion(2).reached({samples, {}, 1.9}));
  EXPECT_TRUE(CountCriterion(10).reached({samples, {}, 0}));
  EXPECT_FALSE(CountCriterion(11).reached({samples, {}, 0}));

  PlateauCriterion plateau;
  auto at = [&](std::size_t count, double error) {
    std::vector<double> many(count, 1.0);
    return plateau.reached({many, {1, 1 - error, 1 + error}, 0});
  };
  EXPECT_FALSE(at(10, 0.1));
  EXPECT_FALSE(at(64, 0.1));
  EXPECT_FALSE(at(100, 0.1)) << "not yet twice as many";
  EXPECT_FALSE(at(128, 0.099));
  EXPECT_FALSE(at(256, 0.05)) << "it narrowed again";
  EXPECT_FALSE(at(512, 0.05));
  EXPECT_TRUE(at(1024, 0.049));
}
