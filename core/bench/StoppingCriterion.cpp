#include "core/bench/StoppingCriterion.h"

#include "core/bench/Statistics.h"

#include <algorithm>

namespace lapidary {

bool PrecisionCriterion::reached(const RunningMeasurement &running) {
  return relativeError(running.median) < target;
}

bool PlateauCriterion::reached(const RunningMeasurement &running) {
  constexpr std::size_t firstCount = 64; // below this the width itself is mostly chance
  std::size_t count = running.samples.size();
  if (count < std::max(firstCount, nextCount))
    return false;
  double error = relativeError(running.median);
  if (nextCount > 0)
    stalled = error > 0.9 * lastError ? stalled + 1 : 0;
  lastError = error;
  nextCount = count * 2;
  return stalled >= 2;
}

bool TimeCriterion::reached(const RunningMeasurement &running) {
  return running.elapsedSeconds >= seconds;
}

bool CountCriterion::reached(const RunningMeasurement &running) {
  return running.samples.size() >= count;
}

StoppingRule StoppingRule::fromOptions(const MeasureOptions &options, double timeLimitSeconds) {
  StoppingRule rule;
  rule.minimum = static_cast<std::size_t>(std::max(options.minimumSamples, 1));
  std::size_t maximum = static_cast<std::size_t>(std::max(options.maximumSamples, 1));
  rule.criteria.push_back(std::make_unique<PrecisionCriterion>(options.targetError));
  rule.criteria.push_back(std::make_unique<PlateauCriterion>());
  rule.criteria.push_back(std::make_unique<CountCriterion>(std::max(maximum, rule.minimum)));
  rule.timeLimit = std::make_unique<TimeCriterion>(timeLimitSeconds);
  return rule;
}

std::optional<std::string> StoppingRule::check(const RunningMeasurement &running) {
  constexpr std::size_t minimumUnderTimeLimit = 3;
  if (running.samples.size() >= minimum)
    for (const std::unique_ptr<StoppingCriterion> &criterion : criteria)
      if (criterion->reached(running))
        return criterion->name();
  if (running.samples.size() >= std::min(minimumUnderTimeLimit, minimum) &&
      timeLimit->reached(running))
    return timeLimit->name();
  return std::nullopt;
}

} // namespace lapidary
