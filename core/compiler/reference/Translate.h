// Triton IR text to the reference's Program. MLIR's part of the reference, and all of it.
#pragma once

#include "core/compiler/reference/Program.h"
#include "core/support/Result.h"

namespace lapidary::reference {

// `ttir`: a module with one public tt.func. Errors: CompileFailed (it does not parse or verify),
// Unsupported (an operation or type that the reference does not know; named with its line).
Result<Program> translate(const std::string &ttir);

} // namespace lapidary::reference
