// The measuring service on both sides of the worker's pipe.
#pragma once

#include "core/bench/MeasureJob.h"
#include "core/compiler/Reference.h"
#include "core/runtime/WorkerChannel.h"

namespace lapidary {

// What results are compared with: runReference (core/compiler/Reference.h). Handed in, so that this
// room and its tests build without MLIR.
using ReferenceRunner = std::function<decltype(runReference)>;

// Serves measuring requests until end of input; `lap worker` is
//   serveWorker(*registerAllBackends(), runReference, STDIN_FILENO, STDOUT_FILENO).
// Standard output is kept free of whatever else writes to it. Returns the exit code.
int serveWorker(const BackendRegistry &backends, const ReferenceRunner &reference, int inputFd,
                int outputFd);

// The parent's side. Owner: one thread.
class WorkerClient {
public:
  explicit WorkerClient(std::vector<std::string> command) : process(std::move(command)) {}

  using OnSample = std::function<void(const SampleEvent &)>;
  using OnPhase =
      std::function<void(const std::string &phase)>; // "reference", "verify", "warm-up", ...
  // Runs a measuring job to its end. A wrong result is not an Error: it stands in the report. When
  // the worker dies under one variant, that variant's report says why and the others are measured.
  Result<MeasureReport> measure(const MeasureJob &job, const OnSample &onSample,
                                const OnPhase &onPhase, const CancelToken &cancel);
  Result<std::vector<DeviceInfo>> devices(const std::string &backend);

private:
  WorkerProcess process;
};

} // namespace lapidary
