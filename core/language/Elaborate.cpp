#include "core/language/Elaborate.h"

#include "core/language/Elaborator.h"
#include "core/language/Provenance.h"
#include "core/language/TtirKernel.h"

#include "core/compiler/dialect/tt/TtPasses.h"

#include "mlir/Dialect/ControlFlow/IR/ControlFlowOps.h"
#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/UB/IR/UBOps.h"
#include "mlir/IR/Diagnostics.h"
#include "mlir/IR/Verifier.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Transforms/Passes.h"

#include <fmt/format.h>

namespace lapidary {
namespace {

std::string print(mlir::ModuleOp module) {
  std::string text;
  llvm::raw_string_ostream stream(text);
  mlir::OpPrintingFlags flags;
  flags.enableDebugInfo(true, /*prettyForm=*/false);
  flags.printNameLocAsPrefix(true);
  module.print(stream, flags);
  return text;
}

// What MLIR says about IR that the language emitted is a defect of the language, told as one.
Diagnostic internalDefect(const JitFunction &kernel, const std::string &detail) {
  return {Severity::Error,
          kernel.file,
          kernel.nameRange,
          fmt::format("a defect of this program: the IR made for {} is not valid ({})", kernel.name,
                      detail),
          {},
          {}};
}

} // namespace

Elaboration elaborate(const KernelFile &file, const JitFunction &kernel,
                      const Specialization &specialization) {
  Elaboration result;
  mlir::MLIRContext context(mlir::MLIRContext::Threading::DISABLED);
  context.loadDialect<tt::TtDialect, mlir::arith::ArithDialect, mlir::math::MathDialect,
                      mlir::scf::SCFDialect, mlir::cf::ControlFlowDialect, mlir::ub::UBDialect,
                      mlir::LLVM::LLVMDialect, mlir::gpu::GPUDialect>();
  std::string said;
  mlir::ScopedDiagnosticHandler handler(&context, [&](mlir::Diagnostic &diagnostic) {
    if (said.empty())
      said = diagnostic.str();
    return mlir::success();
  });
  mlir::OwningOpRef<mlir::ModuleOp> module;
  if (!kernel.definition) {
    module = language::ttirKernel(file, kernel, specialization, &context, result.diagnostics);
    if (!module)
      return result;
  } else {
    module = mlir::ModuleOp::create(
        mlir::FileLineColLoc::get(&context, kernel.file, unsigned(kernel.nameRange.line), 0));
    language::Elaborator elaborator(file, specialization, &context, result.diagnostics);
    elaborator.kernel(kernel, *module);
    if (hasErrors(result.diagnostics)) {
      result.hints = std::move(elaborator.semantics.hints.all);
      return result;
    }
  }
  if (mlir::failed(mlir::verify(*module))) {
    result.diagnostics.push_back(internalDefect(kernel, said));
    return result;
  }
  module->walk([&](tt::FuncOp function) {
    for (unsigned index : language::argumentsStoredTo(function)) {
      auto name = mlir::dyn_cast<mlir::NameLoc>(function.getArgument(index).getLoc());
      if (name)
        result.storedTo.push_back(name.getName().str());
    }
  });
  mlir::PassManager passes(&context);
  passes.addPass(mlir::createCanonicalizerPass());
  passes.addPass(tt::createSimplifyPass());
  passes.addPass(mlir::createCSEPass());
  if (mlir::failed(passes.run(*module))) {
    result.diagnostics.push_back(internalDefect(kernel, said));
    return result;
  }
  result.ttir = print(*module);
  return result;
}

} // namespace lapidary
