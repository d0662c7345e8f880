// A kernel that was opened as Triton IR: the text becomes a module again, with what one launch says
// about its arguments.
#pragma once

#include "core/source/KernelFile.h"
#include "core/specialize/Specialization.h"

#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/OwningOpRef.h"

namespace lapidary::language {

// Operations stand at their lines in the file, not where they once came from. The arguments carry
// the properties of `specialization` and no others; those that it folds are constants in the body,
// and no arguments. Null after an error in `diagnostics`.
mlir::OwningOpRef<mlir::ModuleOp> ttirKernel(const KernelFile &file, const JitFunction &kernel,
                                             const Specialization &specialization,
                                             mlir::MLIRContext *context,
                                             std::vector<Diagnostic> &diagnostics);

} // namespace lapidary::language
