// The simulated GPU as a target: code is lowered for NVIDIA ("sm90") or AMD ("gfx942") up to the
// program of a thread, and that program is what the simulator runs.
#pragma once

#include "backends/sim/Block.h"
#include "core/compiler/TargetHook.h"

#include <memory>
#include <string>
#include <string_view>

namespace lapidary {

// Errors: Unsupported.
Result<std::shared_ptr<const TargetHook>> makeSimTarget(const std::string &architecture);

// The code object, read for running. Errors: Unsupported (an operation that the simulator does not
// know, named), InvalidInput.
Result<SimProgram> readSimProgram(std::string_view codeObject, const std::string &entry);

} // namespace lapidary
