// Takes the samples: warms up, finds how many launches make one sample long enough for the clock,
// and measures any number of variants in turn (A B, B A, A B, ...) until each has what its rule
// asks for. It knows devices and rules; what the samples mean is the experiment's business.
//
//   hot      launches back to back over the same buffers; a sample lasts at least 20 us
//   cold     the caches flushed before every launch, outside the timed region; one launch a sample
//   batched  as hot, a sample lasts at least 1 ms, which leaves next to nothing of the launch cost
//
// Owner: the worker's main thread.
#pragma once

#include "core/bench/StoppingCriterion.h"
#include "core/bench/WorkerEvents.h"
#include "core/runtime/Driver.h"

namespace lapidary {

bool isMeasuringMode(const std::string &mode);

// A variant being measured in one mode.
struct Lane {
  int variant = 0;
  LaunchRequest request;
  StoppingRule rule;
  SampleSet set;
  bool done = false;          // its rule is content; it is sampled on while others are not
  std::optional<Error> error; // a launch failed: sampled no more
};

class Sampler {
public:
  Sampler(Device &device, WorkerEvents &events, const MeasureOptions &options)
      : device(device), events(events), options(options) {}

  // Works for the options' warm-up time and sets the lane's batch.
  void warmUp(Lane &lane, const std::string &mode);
  // Samples all lanes in turn; `record` sends sample events. The order changes every round. All
  // lanes that did not fail end with the same number of samples.
  void interleave(std::vector<Lane> &lanes, const std::string &mode, bool record);

private:
  Result<double> launch(const Lane &lane, int count); // nanoseconds for all of them
  void sampleOnce(Lane &lane, const std::string &mode, bool record);
  bool enough(std::vector<Lane> &lanes, double elapsedSeconds);
  void discardThrottled(std::vector<Lane> &lanes);
  double clockNow();

  Device &device;
  WorkerEvents &events;
  const MeasureOptions &options;
  double startClock = 0; // MHz after the first warm-up; 0: the device does not say
  std::size_t roundsAtLastClock = 0;
};

} // namespace lapidary
