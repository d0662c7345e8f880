// The CPU as a target: this machine's processor, or a named one for golden tests.
#pragma once

#include "core/compiler/TargetHook.h"

#include <memory>

namespace lapidary {

struct CpuProcessor {
  std::string name;     // LLVM's: "sapphirerapids", "x86-64-v3"; empty: this machine's
  std::string features; // "+avx2,-avx512f"; used when `name` is given
};

// Errors: Unsupported (LLVM has no code generator for the processor).
Result<std::shared_ptr<const TargetHook>> makeCpuTarget(const CpuProcessor &processor = {});

} // namespace lapidary
