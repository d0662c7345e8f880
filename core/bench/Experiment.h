// One measuring job inside the worker, from the device to the report: reference, verification of
// every variant, noise floor, samples, ratios.
//
// Owner: the worker's main thread.
#pragma once

#include "core/bench/LaunchBuffers.h"
#include "core/bench/ReferenceRun.h"
#include "core/bench/Sampler.h"
#include "core/bench/Worker.h"

namespace lapidary {

class Experiment {
public:
  Experiment(const BackendRegistry &backends, const ReferenceRunner &reference,
             const MeasureJob &job, WorkerEvents &events)
      : backends(backends), reference(reference), job(job), events(events) {}

  // Errors are of the job as a whole: no such device, no such argument. What is wrong with a
  // variant stands in its report; too little memory is wrong with all of them.
  Result<MeasureReport> run();

private:
  struct Loaded { // a variant that can be launched
    int index;
    LaunchRequest request;
  };

  Result<void> prepare();
  bool fits();
  void blameMemory(const std::string &resource, std::int64_t needed, std::int64_t available);
  Result<bool> place();
  Result<void> runReference();
  void blameAll(const Error &error);
  void loadVariants();
  // Behind the arguments of the launch, those that the compiler of the code added.
  Result<void> addHiddenPointers(const CodeObject &object,
                                 std::vector<std::pair<LaunchArgument, int>> &arguments);
  void verifyVariants();
  Result<void> verify(const Loaded &loaded);
  Result<void> measureVariants();
  void measure();
  Estimate measureNoiseFloor(Sampler &sampler, std::vector<double> &baseline);
  void checkDrift(Sampler &sampler, const std::vector<double> &baselineBefore);
  void measureMode(Sampler &sampler, const std::string &mode);
  void reportRatios();
  void reportModesThatDisagree();
  void failVariant(int index, const Error &error);

  const BackendRegistry &backends;
  const ReferenceRunner &reference;
  const MeasureJob &job;
  WorkerEvents &events;
  std::unique_ptr<Device> device;
  std::optional<LaunchBuffers> buffers; // after `device`: it gives memory back to it
  ReferenceOutcome expected;
  std::vector<Loaded> loaded;
  MeasureReport report;
};

} // namespace lapidary
