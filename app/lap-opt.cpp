// The IR tool of the lit tests: our dialects and passes, the MLIR dialects that kernels pass through.
#include "core/compiler/Passes.h"
#include "core/compiler/Pipeline.h"
#include "core/compiler/dialect/tt/TtPasses.h"

#include "mlir/Tools/mlir-opt/MlirOptMain.h"
#include "mlir/Transforms/Passes.h"

int main(int argc, char **argv) {
  mlir::DialectRegistry registry;
  lapidary::registerCompilerDialects(registry);
  lapidary::registerLapidaryPasses();
  lapidary::tt::registerTtPasses();
  mlir::registerTransformsPasses();
  return mlir::asMainReturnCode(mlir::MlirOptMain(argc, argv, "Lapidary's IR tool\n", registry));
}
