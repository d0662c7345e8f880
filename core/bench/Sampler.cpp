#include "core/bench/Sampler.h"

#include "core/bench/Statistics.h"

#include <algorithm>
#include <cmath>
#include <ranges>

namespace lapidary {

using Clock = std::chrono::steady_clock;

static double secondsSince(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

bool isMeasuringMode(const std::string &mode) {
  return mode == "hot" || mode == "cold" || mode == "batched";
}

Result<double> Sampler::launch(const Lane &lane, int count) {
  return events.launch(device, lane.variant, lane.request, count);
}

double Sampler::clockNow() {
  Result<DeviceInfo> info = device.state();
  if (!info)
    return 0;
  auto clock = info->details.find("clock_mhz");
  return clock != info->details.end() && clock->is_number() ? clock->get<double>() : 0;
}

void Sampler::warmUp(Lane &lane, const std::string &mode) {
  constexpr double roundNanoseconds = 1e6;
  constexpr int largestBatch = 100'000;
  double each = roundNanoseconds;
  Clock::time_point start = Clock::now();
  do {
    int count = static_cast<int>(
        std::clamp(roundNanoseconds / std::max(each, 1.0), 1.0, double(largestBatch)));
    Result<double> nanoseconds = launch(lane, count);
    if (!nanoseconds) {
      lane.error = nanoseconds.error();
      return;
    }
    each = *nanoseconds / count;
  } while (secondsSince(start) < options.warmupSeconds);

  double sampleNanoseconds = mode == "hot" ? 20e3 : mode == "batched" ? 1e6 : 0;
  lane.set.batch = static_cast<int>(
      std::clamp(std::ceil(sampleNanoseconds / std::max(each, 1.0)), 1.0, double(largestBatch)));
  if (startClock == 0)
    startClock = clockNow();
}

void Sampler::sampleOnce(Lane &lane, const std::string &mode, bool record) {
  if (mode == "cold")
    if (Result<void> flushed = device.flushCaches(); !flushed) {
      lane.error = flushed.error();
      return;
    }
  Result<double> nanoseconds = launch(lane, lane.set.batch);
  if (!nanoseconds) {
    lane.error = nanoseconds.error();
    return;
  }
  lane.set.samples.push_back(*nanoseconds / lane.set.batch);
  if (record)
    events.sample(lane.variant, mode, static_cast<int>(lane.set.samples.size()) - 1,
                  lane.set.samples.back());
}

// Samples taken since the clock was last looked at go when it has fallen under 75 % of the start's.
void Sampler::discardThrottled(std::vector<Lane> &lanes) {
  if (startClock == 0)
    return;
  double clock = clockNow();
  bool throttled = clock > 0 && clock < 0.75 * startClock;
  std::size_t rounds = 0;
  for (Lane &lane : lanes) {
    if (lane.error)
      continue;
    std::size_t kept = std::min(roundsAtLastClock, lane.set.samples.size());
    if (throttled) {
      lane.set.discarded += static_cast<int>(lane.set.samples.size() - kept);
      lane.set.samples.resize(kept);
    }
    rounds = lane.set.samples.size();
  }
  roundsAtLastClock = rounds;
}

bool Sampler::enough(std::vector<Lane> &lanes, double elapsedSeconds) {
  bool all = true;
  for (Lane &lane : lanes) {
    if (lane.error)
      continue;
    lane.set.median = bootstrapMedian(lane.set.samples);
    if (!lane.done)
      if (auto by = lane.rule.check({lane.set.samples, lane.set.median, elapsedSeconds})) {
        lane.done = true;
        lane.set.stoppedBy = *by;
      }
    all &= lane.done;
  }
  return all;
}

void Sampler::interleave(std::vector<Lane> &lanes, const std::string &mode, bool record) {
  constexpr auto clockInterval = std::chrono::milliseconds(50);
  double patience = 3 * options.timeLimitSeconds * static_cast<double>(lanes.size()) + 1;
  roundsAtLastClock = 0;
  Clock::time_point start = Clock::now(), lastClock = start;
  std::size_t nextCheck = 1;
  for (std::size_t round = 0;; ++round) {
    auto one = [&](Lane &lane) {
      if (!lane.error)
        sampleOnce(lane, mode, record);
    };
    if (round % 2 == 0)
      std::ranges::for_each(lanes, one);
    else
      std::ranges::for_each(lanes | std::views::reverse, one);

    if (Clock::now() - lastClock > clockInterval) {
      discardThrottled(lanes);
      lastClock = Clock::now();
    }
    if (round + 1 < nextCheck)
      continue;
    nextCheck = round + 2 + (round + 1) / 10;
    double elapsed = secondsSince(start);
    if (enough(lanes, elapsed))
      break;
    if (elapsed > patience) { // all but everything was discarded
      for (Lane &lane : lanes)
        if (!lane.done)
          lane.set.stoppedBy = "time";
      break;
    }
  }
  discardThrottled(lanes);
  for (Lane &lane : lanes) {
    lane.set.median = bootstrapMedian(lane.set.samples);
    if (!lane.error && lane.set.samples.empty())
      lane.error =
          Error{ErrorCode::Timeout,
                "no sample could be kept: the clock stayed under 75 % of what it was at the start",
                {}};
  }
  events.flushSamples();
}

} // namespace lapidary
