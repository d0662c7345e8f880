// AMD GPUs as targets: machine code by LLVM, linked by LLD in this process.
//
// Twin: backends/cuda/Target.h.
#pragma once

#include "core/compiler/TargetHook.h"

#include <memory>
#include <string>

namespace lapidary {

// `architecture`: "gfx942", "gfx942:sramecc+:xnack-". Errors: Unsupported when LLVM does not know
// it.
Result<std::shared_ptr<const TargetHook>> makeHipTarget(const std::string &architecture);

} // namespace lapidary
