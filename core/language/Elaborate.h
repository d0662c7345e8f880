// From a kernel's syntax tree and a specialization to Triton IR: types and constants from the
// launch, the dead arm of a constant `if` never typed, helpers inlined with their call chain in the
// locations.
//
// The result is the text of the module, in the spelling of Triton's own TTIR, because text is the
// contract between stages; MLIR stays behind this header.
#pragma once

#include "core/specialize/Specialization.h"

namespace lapidary {

struct Elaboration {
  std::string ttir; // empty when there were errors
  std::vector<Diagnostic> diagnostics;
  std::vector<std::string> storedTo; // parameters whose memory the kernel writes
  std::vector<LaunchHint> hints;     // after errors: arguments that may be of a wrong kind
};

// Never fails as such: what is wrong with the kernel stands in the diagnostics.
Elaboration elaborate(const KernelFile &file, const JitFunction &kernel,
                      const Specialization &specialization);

} // namespace lapidary
