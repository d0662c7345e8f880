// Strategies compared without a device: every configuration of a space with its time, recorded
// once, and strategies run over it as often as one likes.
//
//   {"format": "lapidary-space", "schema": 1, "kernel": "matmul", "target": "cuda:90",
//    "device": "...", "made": "how, in one line", "parameters": {"BLOCK": [256, 512], ...},
//    "times": [1200, null, ...]}
//
// `times` in nanoseconds, in the order of the indices of the product (SearchSpace.h); null: it
// failed, or is not allowed.
#pragma once

#include "core/tune/Strategy.h"

#include <filesystem>

namespace lapidary {

struct RecordedSpace {
  std::string name; // the file's, without what follows the first dot
  std::string kernel, target, device, made;
  std::vector<TuneParameter> parameters;
  std::vector<std::optional<double>> times; // by index
};

Json toJson(const RecordedSpace &space);
// Errors: InvalidInput with the place.
Result<RecordedSpace> recordedSpaceFromJson(const Json &json, const std::string &context);
// A file, or every *.space.json of a folder, by name. Errors: also NotFound, Unreadable.
Result<std::vector<RecordedSpace>> readRecordedSpaces(const std::filesystem::path &path);

struct ReplayResult {
  std::uint64_t seed = 0;
  int evaluations = 0; // until one was within `tolerance` of the best; of the whole space if none
  bool reached = false;
  double best = 0; // nanoseconds, the best that it found
};

// One run of a strategy over a recorded space, one configuration at a time.
Result<ReplayResult> replay(const RecordedSpace &space, const std::string &strategy,
                            std::uint64_t seed, double tolerance);

struct ReplaySummary {
  std::string space, strategy;
  std::size_t configurations = 0; // that have a time
  double evaluations = 0;         // mean over the seeds
  double overRandom = 0;          // over random search's mean on the same space
};

// Every strategy over every space with the seeds 1 to `seeds`; random search is always run. Spaces
// are shared out among the cores.
Result<std::vector<ReplaySummary>> compareStrategies(const std::vector<RecordedSpace> &spaces,
                                                     const std::vector<std::string> &strategies,
                                                     int seeds, double tolerance);

} // namespace lapidary
