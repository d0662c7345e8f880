// What a worker is asked to do, and what it answers. Plain values with a JSON form.
#pragma once

#include "core/bench/Measurement.h"
#include "core/runtime/Driver.h"
#include "core/source/Launch.h"

#include <map>

namespace lapidary {

// One compiled variant, ready to load.
struct CodeObject {
  std::string label; // "specialized", "generic", "without x_ptr:tt.divisibility"
  std::string cacheKey;
  std::string binary;
  std::string entry;
  std::vector<std::string> parameters; // runtime parameters in order; folded ones are absent
  std::vector<std::string> types;      // parallel: "*fp32", "i32", "fp32", ...
  int numWarps = 4;
  std::int64_t sharedBytes = 0;
  // Pointers behind the parameters that the compiler added, and the bytes of memory that each wants
  // for one program (0: a null pointer does).
  int hiddenPointers = 0;
  std::vector<std::int64_t> scratchBytes;
  int clusterBlocks = 1;
  bool cooperative = false;
};

struct MeasureJob {
  DeviceTarget device;
  std::vector<CodeObject> variants; // 1: bench; 2 or more: compared, the first is the baseline
  std::vector<std::pair<std::string, Value>> arguments; // the bound launch
  std::array<std::int64_t, 3> grid{1, 1, 1};
  std::vector<std::string> outputs; // arguments to verify
  std::string referenceTtir;        // generic TTIR, run by the reference; empty: do not verify
  std::vector<std::string> referenceParameters;
  std::vector<std::string> referenceTypes;
  std::uint64_t seed = 1;
  MeasureOptions options;
};

// How one output compared with the reference.
struct OutputCheck {
  std::string argument;
  bool ok = false;
  double maxAbsolute = 0, maxRelative = 0, normRelative = 0; // ||out-ref|| / ||ref||
  double tolerance = 0;
  std::int64_t firstWrong = -1; // element index, -1: none
  std::string message;
};

// What there was too little of, in bytes.
struct Shortage {
  std::string resource; // "device memory", "host memory"
  std::int64_t needed = 0, available = 0;
};

struct VariantReport {
  std::string label, cacheKey;
  std::optional<bool> correct; // nothing: not verified
  std::vector<OutputCheck> checks;
  std::string error; // why it has no time, else empty
  // An ErrorCode's name, or a fault's (faultName): "illegal address", "misaligned address", "trap".
  std::string errorCode;
  std::optional<Shortage> shortage;       // of "out of resource", where it is known
  std::map<std::string, SampleSet> modes; // "hot", "cold", "batched"
};

struct MeasureReport {
  DeviceInfo device;
  std::vector<VariantReport> variants;
  double noiseFloor = 0; // of the A/A run, relative: 0.008 is 0.8 %
  // Paired ratio of every later variant over the first that could be measured: time of it / time of
  // the first. The verdict speaks of the later one: "slower" when it takes longer.
  struct Ratio {
    std::string label;
    Estimate value;
    std::string verdict;
  }; // faster | slower | tie
  std::vector<Ratio> ratios;
  std::vector<std::string> warnings; // drift, throttling, modes that disagree
  std::uint64_t seed = 0;
  std::string stoppedBy;
};

Json toJson(const MeasureJob &job); // without the binaries, which travel as bytes
Result<MeasureJob> measureJobFromJson(const Json &json);
// Runtime arguments: tensors, numbers, bool and None, exactly; others become their text.
Json toJson(const Value &value);
Result<Value> valueFromJson(const Json &json);
Json toJson(const MeasureReport &report);
Result<MeasureReport> measureReportFromJson(const Json &json);

} // namespace lapidary
