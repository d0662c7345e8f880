// NVIDIA GPUs as targets: PTX by LLVM, machine code by ptxas where it is installed (else the driver
// makes it when a kernel is loaded).
//
// Twin: backends/hip/Target.h.
#pragma once

#include "core/compiler/TargetHook.h"

#include <memory>
#include <string>

namespace lapidary {

// `architecture`: "90", "90a". Errors: Unsupported naming the architectures there are.
Result<std::shared_ptr<const TargetHook>> makeCudaTarget(const std::string &architecture);

} // namespace lapidary
