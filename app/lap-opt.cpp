// The IR tool of the lit tests: our dialects, the MLIR dialects that Triton IR uses, and their
// passes.
#include "core/compiler/dialect/tt/TtOps.h"
#include "core/compiler/dialect/tt/TtPasses.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/ControlFlow/IR/ControlFlow.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/UB/IR/UBOps.h"
#include "mlir/Tools/mlir-opt/MlirOptMain.h"
#include "mlir/Transforms/Passes.h"

int main(int argc, char **argv) {
  mlir::DialectRegistry registry;
  registry.insert<lapidary::tt::TtDialect, mlir::arith::ArithDialect, mlir::cf::ControlFlowDialect,
                  mlir::LLVM::LLVMDialect, mlir::math::MathDialect, mlir::scf::SCFDialect,
                  mlir::ub::UBDialect>();
  mlir::registerTransformsPasses();
  lapidary::tt::registerTtPasses();
  return mlir::asMainReturnCode(mlir::MlirOptMain(argc, argv, "Lapidary's IR tool\n", registry));
}
