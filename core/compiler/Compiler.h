// From Triton IR to a code object, through an ordered list of named stages. MLIR stays behind this
// header. One compile runs in one MLIRContext on the calling thread; any number run at once.
#pragma once

#include "core/support/Cancellation.h"
#include "core/support/Diagnostic.h"
#include "core/support/Json.h"
#include "core/support/Target.h"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace lapidary {

// One step of a compile: what the window shows, the command line dumps and golden tests diff.
struct StageArtifact {
  std::string name;     // "ttir", "axis", "loops", "llir", "asm", "binary", ...
  std::string contents; // text, or bytes when isText is false
  bool isText = true;
  std::int64_t nanoseconds = 0;
};

// A memory operation and what decided its width.
struct MemoryAccess {
  SourceRange range;
  std::string kind;               // "load", "store", "atomic"
  int bits = 0;                   // of the widest contiguous access chosen
  std::string limit;              // what limits it, as a sentence; empty: nothing
  std::string argument, property; // what would lift the limit, when a property would; else empty
};

struct ResourceUsage {
  std::vector<std::pair<std::string, std::int64_t>>
      values; // "registers", "spills", "shared", "code_bytes", "widest_load_bits", ...
};

struct CompileOptions {
  Target target;
  int numWarps = 4, numStages = 3;
  std::vector<std::pair<std::string, std::string>> extra; // options a backend understands
  std::string stopAfter;                                  // a stage's name; empty: all
};

struct CompileResult {
  std::vector<StageArtifact> stages;
  std::vector<MemoryAccess> accesses;
  ResourceUsage resources;
  std::vector<Diagnostic> diagnostics;
  std::string entry; // the symbol to launch
  bool ok = false;   // every stage asked for was made

  const StageArtifact *stage(const std::string &name) const;
};

class TargetHook; // TargetHook.h; what a backend gives to the compiler

// `ttir` is the text of a module with one public tt.func; `file` is named in diagnostics about it.
CompileResult compileTtir(const std::string &ttir, const std::string &file, const TargetHook &hook,
                          const CompileOptions &options, const CancelToken &cancel = {});

// Identifies this compiler in cache keys: our version and LLVM's.
std::string compilerVersion();

Json toJson(const CompileResult &result);

} // namespace lapidary
