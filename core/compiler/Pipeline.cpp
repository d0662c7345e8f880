#include "core/compiler/Pipeline.h"

#include "core/compiler/Passes.h"
#include "core/compiler/analysis/AccessReport.h"
#include "core/compiler/analysis/Locations.h"
#include "core/compiler/dialect/tt/TtOps.h"

#include "mlir/Conversion/ArithToLLVM/ArithToLLVM.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/ControlFlow/IR/ControlFlow.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/UB/IR/UBOps.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/Parser/Parser.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Target/LLVMIR/Dialect/Builtin/BuiltinToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Dialect/LLVMIR/LLVMToLLVMIRTranslation.h"
#include "mlir/Transforms/Passes.h"

#include <fmt/format.h>

namespace lapidary {

void registerCompilerDialects(mlir::DialectRegistry &registry) {
  registry.insert<tt::TtDialect, mlir::arith::ArithDialect, mlir::cf::ControlFlowDialect,
                  mlir::func::FuncDialect, mlir::gpu::GPUDialect, mlir::LLVM::LLVMDialect,
                  mlir::math::MathDialect, mlir::scf::SCFDialect, mlir::ub::UBDialect, mlir::vector::VectorDialect>();
  mlir::registerBuiltinDialectTranslation(registry);
  mlir::registerLLVMDialectTranslation(registry);
}

namespace {

mlir::DialectRegistry makeRegistry() {
  mlir::DialectRegistry registry;
  registerCompilerDialects(registry);
  return registry;
}

} // namespace

CompileJob::CompileJob(const TargetHook &hook, const CompileOptions &options,
                       const CancelToken &cancel)
    : hook(hook), options(options), cancel(cancel),
      context(makeRegistry(), mlir::MLIRContext::Threading::DISABLED) {
  context.loadAllAvailableDialects();
  context.printOpOnDiagnostic(false);
  context.getDiagEngine().registerHandler([this](mlir::Diagnostic &diagnostic) {
    diagnostics.push_back(toDiagnostic(diagnostic));
    return mlir::success();
  });
}

CompileJob::~CompileJob() = default;

std::string CompileJob::moduleText() {
  std::string text;
  llvm::raw_string_ostream stream(text);
  mlir::OpPrintingFlags flags;
  flags.enableDebugInfo(true, false);
  module->print(stream, flags);
  return text;
}

std::unexpected<Error> CompileJob::kernelError(const std::string &step) {
  if (!hasErrors(diagnostics))
    diagnostics.push_back({.message = fmt::format("{} failed", step)});
  return fail(ErrorCode::CompileFailed, fmt::format("{} failed", step), entry);
}

Result<void> runPasses(CompileJob &job, const std::string &step, mlir::PassManager &passes) {
  if (job.cancel.cancelled())
    return fail(ErrorCode::Cancelled, "the compile was cancelled", job.entry);
  if (mlir::failed(passes.run(*job.module)))
    return job.kernelError(step);
  return {};
}

namespace {

// The one public function with a body. Diagnoses anything else.
tt::FuncOp findKernel(CompileJob &job) {
  tt::FuncOp kernel;
  for (auto function : job.module->getOps<tt::FuncOp>()) {
    if (!function.isPublic() || function.isExternal())
      continue;
    if (kernel) {
      function.emitError()
          << "a second public tt.func: a module holds one kernel; make helpers private";
      return nullptr;
    }
    kernel = function;
  }
  if (!kernel)
    job.module->emitError() << "no public tt.func in this module: there is no kernel to compile";
  return kernel;
}

} // namespace

Result<std::string> runTtirStage(CompileJob &job, const std::string &ttir,
                                 const std::string &file) {
  mlir::ParserConfig config(&job.context);
  job.module = mlir::parseSourceString<mlir::ModuleOp>(ttir, config, file);
  if (!job.module)
    return job.kernelError("reading the Triton IR");
  tt::FuncOp kernel = findKernel(job);
  if (!kernel)
    return job.kernelError("reading the Triton IR");
  job.entry = kernel.getSymName().str();
  if (kernel.getFunctionType().getNumResults() != 0) {
    kernel.emitError() << "a kernel returns nothing; this one has results";
    return job.kernelError("reading the Triton IR");
  }

  mlir::PassManager passes(&job.context);
  addTtirPasses(passes);
  if (auto done = runPasses(job, "preparing the Triton IR", passes); !done)
    return std::unexpected(done.error());
  return job.moduleText();
}

Result<std::string> runAxisStage(CompileJob &job) {
  AccessReport report = reportAccesses(findKernel(job), job.hook.accessTraits());
  job.accesses = std::move(report.accesses);
  return report.text;
}

void takeAccessBits(CompileJob &job, const std::string &narrower) {
  auto widths = (*job.module)->getAttrOfType<mlir::DenseI32ArrayAttr>(accessBitsAttribute);
  if (!widths)
    return;
  for (auto [access, bits] : llvm::zip(job.accesses, widths.asArrayRef())) {
    if (bits > 0 && bits < access.bits && access.limit.empty())
      access.limit = fmt::format("{} {} bits of it at a time", narrower, bits);
    if (bits > 0)
      access.bits = bits;
  }
  (*job.module)->removeAttr(accessBitsAttribute);
}

} // namespace lapidary
