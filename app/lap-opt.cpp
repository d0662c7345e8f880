// The IR tool of the lit tests: our dialects and passes, the MLIR dialects that they use, and
// MLIR's general passes.
#include "core/compiler/Passes.h"
#include "core/compiler/dialect/tt/TtPasses.h"

#include "mlir/Dialect/UB/IR/UBOps.h"
#include "mlir/Tools/mlir-opt/MlirOptMain.h"
#include "mlir/Transforms/Passes.h"

int main(int argc, char **argv) {
  mlir::DialectRegistry registry;
  registry.insert<lapidary::tt::TtDialect, mlir::arith::ArithDialect, mlir::cf::ControlFlowDialect,
                  mlir::func::FuncDialect, mlir::LLVM::LLVMDialect, mlir::math::MathDialect,
                  mlir::scf::SCFDialect, mlir::ub::UBDialect, mlir::vector::VectorDialect>();
  mlir::registerTransformsPasses();
  lapidary::tt::registerTtPasses();
  lapidary::registerLapidaryPasses();
  return mlir::asMainReturnCode(mlir::MlirOptMain(argc, argv, "Lapidary's IR tool\n", registry));
}
