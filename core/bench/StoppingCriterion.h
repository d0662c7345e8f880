// When enough samples have been taken. A criterion looks at a running measurement and says whether
// it would end it; it neither measures nor reports. A StoppingRule asks several and names the first
// that says yes.
//
//   StoppingRule rule = StoppingRule::fromOptions(options, timeLimitSeconds);
//   if (std::optional<std::string> by = rule.check({samples, bootstrapMedian(samples), elapsed}))
//     set.stoppedBy = *by;                                  // "precision"
//
// One more criterion: a class here, a line in StoppingRule::fromOptions, a test with a synthetic
// distribution. Rules have memory: one for each sample set.
#pragma once

#include "core/bench/Measurement.h"

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace lapidary {

struct RunningMeasurement {
  std::span<const double> samples;
  Estimate median;
  double elapsedSeconds = 0; // since the first sample
};

class StoppingCriterion {
public:
  virtual ~StoppingCriterion() = default;
  virtual const char *name() const = 0;
  virtual bool reached(const RunningMeasurement &running) = 0;
};

// Half the relative width of the median's interval is under `target`.
class PrecisionCriterion : public StoppingCriterion {
public:
  explicit PrecisionCriterion(double target) : target(target) {}
  const char *name() const override { return "precision"; }
  bool reached(const RunningMeasurement &running) override;

private:
  double target;
};

// Twice the samples would narrow the interval to 0.71 of its width if they were independent; where
// two doublings in a row leave it wider than 0.9 of what it was, more of the same does not help.
class PlateauCriterion : public StoppingCriterion {
public:
  const char *name() const override { return "plateau"; }
  bool reached(const RunningMeasurement &running) override;

private:
  std::size_t nextCount = 0;
  double lastError = 0;
  int stalled = 0;
};

class TimeCriterion : public StoppingCriterion {
public:
  explicit TimeCriterion(double seconds) : seconds(seconds) {}
  const char *name() const override { return "time"; }
  bool reached(const RunningMeasurement &running) override;

private:
  double seconds;
};

class CountCriterion : public StoppingCriterion {
public:
  explicit CountCriterion(std::size_t count) : count(count) {}
  const char *name() const override { return "count"; }
  bool reached(const RunningMeasurement &running) override;

private:
  std::size_t count;
};

class StoppingRule {
public:
  static StoppingRule fromOptions(const MeasureOptions &options, double timeLimitSeconds);
  // The name of what ends the measurement, or nothing. The minimum of samples holds against every
  // criterion but time, which needs 3.
  std::optional<std::string> check(const RunningMeasurement &running);

private:
  std::size_t minimum = 10;
  std::vector<std::unique_ptr<StoppingCriterion>> criteria;
  std::unique_ptr<StoppingCriterion> timeLimit;
};

} // namespace lapidary
