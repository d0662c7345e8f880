// Plain values of measuring: what to do, what came out. Times in nanoseconds.
#pragma once

#include "core/support/Json.h"

#include <string>
#include <vector>

namespace lapidary {

// A value with its 95 % bootstrap interval.
struct Estimate {
  double value = 0, low = 0, high = 0;
};

struct MeasureOptions {
  std::vector<std::string> modes = {"hot"}; // hot | cold | batched; the first one decides
  double warmupSeconds = 0.15;
  int minimumSamples = 10;
  int maximumSamples = 2000;
  double targetError = 0.005;  // relative width of the median's interval, halved
  double timeLimitSeconds = 5; // for each mode of each variant
  double hangSeconds = 60;     // a single launch longer than this is a hang
  bool verify = true;
};

struct SampleSet {
  std::vector<double> samples; // raw, in order of measuring, nanoseconds a launch
  Estimate median;
  int batch = 1;         // launches a sample; over 1 where one is too short for the clock
  int discarded = 0;     // taken while throttled
  std::string stoppedBy; // "precision" | "plateau" | "time" | "count" | "cancelled"
};

struct SampleEvent {
  std::string label; // the variant
  std::string mode;
  int index = 0;
  double nanoseconds = 0;
};

Json toJson(const Estimate &estimate); // {"value", "interval": [low, high]}
Result<Estimate> estimateFromJson(const Json &json);
Json toJson(const SampleSet &set, bool withSamples = true);
Result<SampleSet> sampleSetFromJson(const Json &json);
Json toJson(const MeasureOptions &options);
Result<MeasureOptions> measureOptionsFromJson(const Json &json); // fields that are absent: defaults

} // namespace lapidary
