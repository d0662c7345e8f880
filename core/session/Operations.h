// The verbs, synchronous: what the command line calls and what the workbench's jobs call. Each
// takes values and returns values with a JSON form; none keeps state but the Services it is given.
// Safe from any thread.
//
//   Result<Services> services = makeServices(registerAllBackends(), compiler);
//   Result<KernelChoice> choice = choose("kernels.py", "strided_copy", "square.launch.json");
//   Result<CompareResult> result = measureVariants(*services, *choice, {{"cpu", ""}}, "triton-3.6",
//                                                  {{PropertyMask::Kind::All},
//                                                  {PropertyMask::Kind::None}}, ...);
#pragma once

#include "core/bench/MeasureJob.h"
#include "core/compiler/Compiler.h"
#include "core/language/Elaborate.h"
#include "core/runtime/Driver.h"
#include "core/session/StoreThread.h"
#include "core/specialize/Specialization.h"
#include "core/store/ArtifactCache.h"
#include "core/triton/TritonCompiler.h"

#include <functional>
#include <memory>

namespace lapidary {

// The calls that need MLIR, handed in by app/: so this room, and everything that is built on it, is
// built and tested without. `version` is compilerVersion().
struct KernelCompiler {
  std::function<decltype(lapidary::elaborate)> elaborate;
  std::function<decltype(compileTtir)> compile;
  std::string version;
};

// What a program sets up once and hands to every operation.
struct Services {
  std::shared_ptr<const BackendRegistry> backends;
  std::shared_ptr<const RuleSets> rules;
  KernelCompiler compiler;
  std::shared_ptr<TritonCompiler> triton; // compiles in place of `compiler`; null: it does not
  std::shared_ptr<StoreThread> store;     // null: nothing is kept
  std::shared_ptr<ArtifactCache> cache;   // null: everything is compiled anew
  std::vector<std::string> workerCommand; // {"/path/to/lap", "worker"}
};
// Everything in its default place (Paths.h). Errors: NotFound (no resources), InvalidInput (a rule
// set that does not read).
Result<Services> makeServices(std::shared_ptr<const BackendRegistry> backends,
                              KernelCompiler compiler);

// Which compiler makes the code: "native", "triton", or "triton=PYTHON", an interpreter or the folder
// of its virtual environment. Errors: InvalidInput (another name), NotFound (no Triton that can be
// used; every place that was tried is told).
Result<void> chooseCompiler(Services &services, const std::string &name);
// As it enters cache keys, runs and messages: "lapidary 0.1 ..." or "triton 3.6.0".
std::string compilerName(const Services &services);

// A kernel and one launch of it.
struct KernelChoice {
  std::shared_ptr<const KernelFile> file;
  const JitFunction *kernel = nullptr; // into *file
  Launch launch;                       // bound
};
// Opens FILE, picks the kernel (empty name: the only one), binds the launch (a path or the JSON
// text; empty: guessed, which `launch.guessed` tells). Errors: NotFound, Unreadable, InvalidInput;
// a name that is not there comes with those that are.
Result<KernelChoice> choose(const std::string &file, const std::string &kernel,
                            const std::string &launchPathOrText);

struct Progress {
  std::string phase;    // "compile", "reference", "measure specialized", ...
  double fraction = -1; // of the whole operation; negative: unknown
};
using OnProgress = std::function<void(const Progress &)>;

// A variant and everything needed to compile, run and name it.
struct Variant {
  std::string label;             // "specialized", "generic", or the mask's items
  Specialization specialization; // after the mask
  PropertyMask mask;
  Target target;
  std::vector<std::pair<std::string, Value>> options;
  std::string ttir;                  // empty: the kernel does not elaborate, see the diagnostics
  std::vector<std::string> storedTo; // arguments whose memory the kernel writes
  CompileResult compiled;            // diagnostics of the elaboration included
  // Why there is no code although the kernel has no errors: the backend cannot compile for the
  // target. The stages before the backend's own are there all the same.
  std::optional<Error> problem;
  std::string cacheKey;
  Json keyParts; // what the cache key is made of, by name
  bool ok() const { return compiled.ok && !problem; }
};

// Elaborates and compiles (or takes it from the cache) up to `stopAfter` (a stage; empty: all).
// What is wrong with the kernel stands in `compiled.diagnostics`; an Error is for everything else:
// an unknown rule set, backend, or item of the mask, an option that is not a number, Cancelled.
Result<Variant> compileVariant(const Services &services, const KernelChoice &choice,
                               const Target &target, const std::string &ruleSet,
                               const PropertyMask &mask, const std::string &stopAfter,
                               const CancelToken &cancel);

// The same for a specialization that is there already, out of a key for instance; of the choice's
// launch only the options are used.
Result<Variant> compileSpecialized(const Services &services, const KernelChoice &choice,
                                   const Specialization &specialization, const PropertyMask &mask,
                                   const std::string &stopAfter, const CancelToken &cancel);

struct CompareResult {
  std::string run;               // id in the store; empty when nothing is kept
  std::vector<Variant> variants; // parallel to report.variants; as the masks were given
  std::string mode = "hot";      // the one that decides: the first of the options
  MeasureReport report;
};
// Measures the masks against each other; two masks (all, none) are `lap compare`, one is `lap
// bench`. The reference is the generic Triton IR of the same launch. Every sample is in the store
// before `onSample` is called with it; callbacks come from the calling thread. A variant that does
// not compile, crashes or is wrong has no time and says why in the report. A store that cannot be
// written is a warning in the report, and the measuring goes on. Errors: whatever leaves nothing to
// report.
Result<CompareResult> measureVariants(const Services &services, const KernelChoice &choice,
                                      const DeviceTarget &target, const std::string &ruleSet,
                                      const std::vector<PropertyMask> &masks,
                                      const MeasureOptions &options, const OnProgress &progress,
                                      const std::function<void(const SampleEvent &)> &onSample,
                                      const CancelToken &cancel);

// The same for variants that are compiled already, by whatever compiler; their labels must differ.
Result<CompareResult> measureCompiled(const Services &services, const KernelChoice &choice,
                                      const DeviceTarget &target, const std::string &ruleSet,
                                      std::vector<Variant> variants, const MeasureOptions &options,
                                      const OnProgress &progress,
                                      const std::function<void(const SampleEvent &)> &onSample,
                                      const CancelToken &cancel);

// The forms of `lap compile|compare|bench --json`.
Json compileJson(const KernelChoice &choice, const Variant &variant);
Json compareJson(const KernelChoice &choice, const CompareResult &result);
Json benchJson(const KernelChoice &choice, const CompareResult &result);
// The form of `lap show --json`: a stored run with its samples.
Json runJson(const RunRecord &run, const std::vector<SampleRecord> &samples);

// Every backend's devices or the reason there are none.
struct BackendState {
  std::string backend;
  std::vector<DeviceInfo> devices;
  std::string problem;     // why there are none
  std::string problemCode; // its ErrorCode's name: "not found", "unsupported" (a driver too old)
};
std::vector<BackendState> listDevices(const Services &services);

// Why nothing of the target is attached; nothing when something is.
std::optional<Error> whyAbsent(const Services &services, const DeviceTarget &target);

// A target without its architecture ("cuda", "cuda@1") with that of the device it means: the one of
// that number, else the first. One that can be compiled for stays as it is. Errors: NotFound.
Result<DeviceTarget> completeTarget(const Services &services, const DeviceTarget &target);

// What is missing on this machine and how to get it.
struct DoctorLine {
  std::string subject;
  bool ok = false;
  std::string finding;   // what was found, or every place that was looked at
  std::string remedy;    // empty when ok
  bool required = false; // false: Lapidary works without it
};
std::vector<DoctorLine> runDoctor(const Services &services);

} // namespace lapidary
