// The verbs, synchronous: what the command line calls and what the workbench's jobs call. Each takes
// values and returns values with a JSON form; none keeps state but the Services it is given.
#pragma once

#include "core/bench/MeasureJob.h"
#include "core/compiler/Compiler.h"
#include "core/runtime/Driver.h"
#include "core/specialize/Specialization.h"
#include "core/store/ArtifactCache.h"
#include "core/store/Store.h"

#include <functional>
#include <memory>

namespace lapidary {

// What a program sets up once and hands to every operation.
struct Services {
  std::shared_ptr<const BackendRegistry> backends;
  std::shared_ptr<const RuleSets> rules;
  std::filesystem::path storePath;               // empty: nothing is kept
  std::shared_ptr<ArtifactCache> cache;          // may be null
  std::vector<std::string> workerCommand;        // {"/path/to/lap", "worker"}
};
Result<Services> makeServices(std::shared_ptr<const BackendRegistry> backends);

struct KernelChoice {
  std::shared_ptr<const KernelFile> file;
  const JitFunction *kernel = nullptr; // into *file
  Launch launch;                       // bound
};
// Opens FILE (.py; .ttir and .mlir are opened by openTtir), picks the kernel (empty name: the only
// one), binds the launch (empty: guessed).
Result<KernelChoice> choose(const std::string &file, const std::string &kernel,
                            const std::string &launchPathOrText);

struct Progress {
  std::string phase;   // "compile", "reference", "measure specialized", ...
  double fraction = -1; // negative: unknown
};
using OnProgress = std::function<void(const Progress &)>;

// A variant and everything needed to compile, run and name it.
struct Variant {
  std::string label;
  Specialization specialization; // after the mask
  PropertyMask mask;
  Target target;
  std::vector<std::pair<std::string, Value>> options;
  std::string ttir;
  CompileResult compiled;
  std::string cacheKey;
  Json keyParts; // what the cache key is made of, by name
};

// Elaborates and compiles (or takes it from the cache). What is wrong with the kernel stands in
// `compiled.diagnostics`; an Error is for everything else.
Result<Variant> compileVariant(const Services &services, const KernelChoice &choice,
                               const Target &target, const std::string &ruleSet,
                               const PropertyMask &mask, const std::string &stopAfter,
                               const CancelToken &cancel);

struct CompareResult {
  std::string run; // id in the store; empty when nothing is kept
  std::vector<Variant> variants; // specialized first
  MeasureReport report;
};
// Measures the masks against each other; two masks (all, none) are `lap compare`, one is `lap bench`.
Result<CompareResult> measureVariants(const Services &services, const KernelChoice &choice,
                                      const DeviceTarget &target, const std::string &ruleSet,
                                      const std::vector<PropertyMask> &masks,
                                      const MeasureOptions &options, const OnProgress &progress,
                                      const std::function<void(const SampleEvent &)> &onSample,
                                      const CancelToken &cancel);

Json compareJson(const KernelChoice &choice, const CompareResult &result);
Json benchJson(const KernelChoice &choice, const CompareResult &result);

// Every backend's devices or the reason there are none.
struct BackendState {
  std::string backend;
  std::vector<DeviceInfo> devices;
  std::string problem; // why there are none
};
std::vector<BackendState> listDevices(const Services &services);

// What is missing on this machine and how to get it.
struct DoctorLine { std::string subject; bool ok; std::string finding, remedy; };
std::vector<DoctorLine> runDoctor(const Services &services);

} // namespace lapidary
