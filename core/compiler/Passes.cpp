#include "core/compiler/Passes.h"

#include "mlir/Conversion/ArithToLLVM/ArithToLLVM.h"
#include "mlir/Conversion/ControlFlowToLLVM/ControlFlowToLLVM.h"
#include "mlir/Conversion/FuncToLLVM/ConvertFuncToLLVMPass.h"
#include "mlir/Conversion/MathToLLVM/MathToLLVM.h"
#include "mlir/Conversion/MathToLibm/MathToLibm.h"
#include "mlir/Conversion/ReconcileUnrealizedCasts/ReconcileUnrealizedCasts.h"
#include "mlir/Conversion/SCFToControlFlow/SCFToControlFlow.h"
#include "mlir/Conversion/VectorToLLVM/ConvertVectorToLLVMPass.h"
#include "mlir/Dialect/LLVMIR/Transforms/Passes.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Pass/PassRegistry.h"
#include "mlir/Transforms/Passes.h"

namespace lapidary {

#define GEN_PASS_REGISTRATION
#include "core/compiler/Passes.h.inc"

void addTtirPasses(mlir::OpPassManager &passes) {
  passes.addPass(mlir::createInlinerPass());
  passes.addPass(mlir::createSymbolDCEPass());
  passes.addPass(mlir::createCanonicalizerPass());
  passes.addPass(mlir::createCSEPass());
  passes.addNestedPass<tt::FuncOp>(createRewriteBlockPointersPass());
  passes.addNestedPass<tt::FuncOp>(createScalarizeInductionPass());
  passes.addPass(mlir::createCanonicalizerPass());
  passes.addPass(mlir::createCSEPass());
}

void addLoopsToLlvmPasses(mlir::OpPassManager &passes, bool hasScale) {
  passes.addPass(createApproximateMathPass({hasScale}));
  passes.addPass(mlir::createConvertVectorToLLVMPass());
  passes.addPass(mlir::createSCFToControlFlowPass());
  passes.addPass(mlir::createConvertMathToLLVMPass());
  passes.addPass(mlir::createConvertMathToLibmPass());
  passes.addPass(mlir::createConvertVectorToLLVMPass());
  passes.addPass(mlir::createArithToLLVMConversionPass());
  passes.addPass(mlir::createConvertFuncToLLVMPass());
  passes.addPass(mlir::createConvertControlFlowToLLVMPass());
  passes.addPass(mlir::createReconcileUnrealizedCastsPass());
  mlir::LLVM::DIScopeForLLVMFuncOpPassOptions lines;
  lines.emissionKind = mlir::LLVM::DIEmissionKind::LineTablesOnly;
  passes.addPass(mlir::LLVM::createDIScopeForLLVMFuncOpPass(lines));
}

void addThreadsToLlvmPasses(mlir::OpPassManager &passes, bool debugSections) {
  ApproximateMathPassOptions functions;
  functions.everything = true;
  passes.addPass(createApproximateMathPass(functions));
  passes.addPass(mlir::createSCFToControlFlowPass());
  passes.addPass(mlir::createConvertMathToLLVMPass());
  passes.addPass(mlir::createArithToLLVMConversionPass());
  passes.addPass(mlir::createConvertControlFlowToLLVMPass());
  passes.addPass(mlir::createReconcileUnrealizedCastsPass());
  mlir::LLVM::DIScopeForLLVMFuncOpPassOptions lines;
  lines.emissionKind = debugSections ? mlir::LLVM::DIEmissionKind::LineTablesOnly
                                     : mlir::LLVM::DIEmissionKind::DebugDirectivesOnly;
  passes.addPass(mlir::LLVM::createDIScopeForLLVMFuncOpPass(lines));
}

void registerLapidaryPasses() {
  registerPasses();
  mlir::PassPipelineRegistration<>("tt-prepare", "what stage ttir does", addTtirPasses);
  mlir::PassPipelineRegistration<>(
      "loops-to-llvm", "loops over vectors to the LLVM dialect",
      [](mlir::OpPassManager &passes) { addLoopsToLlvmPasses(passes, false); });
  mlir::PassPipelineRegistration<>(
      "threads-to-llvm", "the program of a thread to the LLVM dialect",
      [](mlir::OpPassManager &passes) { addThreadsToLlvmPasses(passes, true); });
}

} // namespace lapidary
