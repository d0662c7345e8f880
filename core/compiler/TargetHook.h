// What a backend gives to the compiler, and all that it gives: how wide memory is accessed, and the
// stages behind the shared ones.
//
// Every compile begins with the shared stages "ttir" (inlined, canonical) and "axis" (what is known
// of every memory access, as text). The stages that follow are the backend's: it names them in
// order, each a function over the CompileJob (Pipeline.h) that returns what the stage shows. Most
// are one call of a shared step, so that a backend is a list:
//
//   std::vector<CompileStage> CpuTarget::stages() const {
//     return {{"loops", true, [](CompileJob &job) { return lowerToLoops(job, ...); }}, ...};
//   }
//
// A hook is immutable after construction; compiles on any number of threads share one.
#pragma once

#include "core/compiler/Compiler.h"

#include <functional>
#include <string>
#include <vector>

namespace lapidary {

class CompileJob; // Pipeline.h: the module on its way, with its context; needs MLIR

// How a thread of the target accesses memory, as far as the axis analysis asks.
struct AccessTraits {
  int maxBits = 128;          // of one access of one thread
  bool needsAlignment = true; // an access must be aligned to its own width
};

struct CompileStage {
  std::string name;   // stable: the command line and golden tests say it
  bool isText = true; // of what `run` returns
  // Does the step and returns what to show of it. What is wrong with the kernel goes to the job's
  // diagnostics (and the result is an Error of CompileFailed); other errors are the program's.
  std::function<Result<std::string>(CompileJob &)> run;
};

class TargetHook {
public:
  virtual ~TargetHook() = default;
  virtual Target target() const = 0;
  // Everything that changes the code beside the options: processor, features, tool versions. Part
  // of the cache key.
  virtual std::string fingerprint() const = 0;
  virtual AccessTraits accessTraits() const = 0;
  virtual std::vector<CompileStage> stages() const = 0;
};

} // namespace lapidary
