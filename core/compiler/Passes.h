// The compiler's passes and the sequences of passes that stages are made of. Needs MLIR.
#pragma once

#include "core/compiler/dialect/tt/TtOps.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/ControlFlow/IR/ControlFlow.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/Pass/Pass.h"

namespace lapidary {

#define GEN_PASS_DECL
#include "core/compiler/Passes.h.inc"

// Calls inlined, canonical, loops carrying scalars where they can: what stage "ttir" shows.
void addTtirPasses(mlir::OpPassManager &passes);

// From loops over vectors to the LLVM dialect. `hasScale`: see approximate-math.
void addLoopsToLlvmPasses(mlir::OpPassManager &passes, bool hasScale);

// From the program of a thread to the LLVM dialect. `debugSections`: whole line tables, else
// directives alone (what PTX takes without switching optimisation off).
void addThreadsToLlvmPasses(mlir::OpPassManager &passes, bool debugSections);

// On a module after tt-to-threads: the bytes of shared memory that a block needs.
inline constexpr const char *sharedBytesAttribute = "lap.shared_bytes";

// On a module after tt-to-loops or tt-to-threads: the bits of the widest access of each memory
// operation of the kernel (analysis/AccessReport.h), in program order; 0 for one that is never
// executed.
inline constexpr const char *accessBitsAttribute = "lap.access_bits";

// For lap-opt.
void registerLapidaryPasses();

} // namespace lapidary
