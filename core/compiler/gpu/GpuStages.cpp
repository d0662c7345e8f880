// The stages of a GPU's compile that all makers share: layouts as text, the program of a thread,
// LLVM's dialect, assembly.
#include "core/compiler/Passes.h"
#include "core/compiler/Pipeline.h"
#include "core/compiler/gpu/GpuCode.h"
#include "core/compiler/gpu/Layouts.h"

#include "mlir/Pass/PassManager.h"
#include "mlir/Transforms/Passes.h"
#include "llvm/ADT/SmallString.h"
#include "llvm/IR/LegacyPassManager.h"
#include "llvm/Transforms/Utils/Cloning.h"

#include <fmt/format.h>

namespace lapidary {

namespace {

tt::FuncOp kernelOf(CompileJob &job) {
  return job.module->lookupSymbol<tt::FuncOp>(job.entry);
}

// Diagnoses a block of more threads than the device takes.
bool blockFits(CompileJob &job, const GpuMachine &gpu) {
  auto code = gpuCode(gpu.architecture, job.options.numWarps);
  if (!code) {
    kernelOf(job).emitError() << "there is no code generator for the architecture '"
                              << gpu.architecture << "'";
    return false;
  }
  if (code->shape.threads() <= gpu.maxThreads)
    return true;
  kernelOf(job).emitError() << "num_warps = " << job.options.numWarps << " asks for "
                            << code->shape.threads() << " threads a block; "
                            << toString(job.hook.target()) << " has at most " << gpu.maxThreads
                            << ": num_warps can be " << gpu.maxThreads / code->shape.warpSize
                            << " here";
  return false;
}

bool sharedFits(CompileJob &job, const GpuMachine &gpu, mlir::Location where) {
  auto needed = (*job.module)->getAttrOfType<mlir::IntegerAttr>(sharedBytesAttribute);
  const std::int64_t bytes = needed ? needed.getInt() : 0;
  (*job.module)->removeAttr(sharedBytesAttribute);
  job.resources.values.emplace_back("shared", bytes);
  if (bytes <= gpu.sharedBytes)
    return true;
  std::int64_t factor = 2;
  while (bytes / factor > gpu.sharedBytes)
    factor *= 2;
  mlir::emitError(where) << "the tiles need " << bytes << " bytes of shared memory a block; "
                         << toString(job.hook.target()) << " has " << gpu.sharedBytes
                         << ": tiles of 1/" << factor << " of the size fit";
  return false;
}

} // namespace

Result<std::string> reportLayouts(CompileJob &job, const GpuMachine &gpu) {
  if (!blockFits(job, gpu))
    return job.kernelError("choosing layouts");
  tt::FuncOp kernel = kernelOf(job);
  AxisAnalysis axis(kernel);
  return LayoutAssignment(kernel, axis, gpuCode(gpu.architecture, job.options.numWarps)->shape)
      .text();
}

Result<std::string> lowerToThreads(CompileJob &job, const GpuMachine &gpu) {
  const mlir::Location where = kernelOf(job).getLoc();
  mlir::PassManager passes(&job.context);
  TtToThreadsPassOptions options;
  options.architecture = gpu.architecture;
  options.numWarps = job.options.numWarps;
  passes.addPass(createTtToThreadsPass(options));
  if (auto done = runPasses(job, "lowering to threads", passes); !done)
    return std::unexpected(done.error());
  takeAccessBits(job, "as the tile lies over the threads, each takes");
  if (!sharedFits(job, gpu, where))
    return job.kernelError("placing tiles in shared memory");
  mlir::PassManager cleaning(&job.context);
  cleaning.addPass(mlir::createCanonicalizerPass());
  cleaning.addPass(mlir::createCSEPass());
  if (auto done = runPasses(job, "cleaning up", cleaning); !done)
    return std::unexpected(done.error());
  return job.moduleText();
}

Result<std::string> lowerThreadsToLlvm(CompileJob &job, llvm::TargetMachine &machine,
                                       bool debugSections) {
  mlir::PassManager passes(&job.context);
  addThreadsToLlvmPasses(passes, debugSections);
  if (auto done = runPasses(job, "lowering to LLVM", passes); !done)
    return std::unexpected(done.error());
  return translateToLlvm(job, machine);
}

Result<std::string> emitAssembly(CompileJob &job, llvm::TargetMachine &machine) {
  llvm::SmallString<0> text;
  llvm::raw_svector_ostream stream(text);
  llvm::legacy::PassManager passes;
  // Code generation changes the module, and an object may be made of it after this.
  auto copy = llvm::CloneModule(*job.llvmModule);
  if (machine.addPassesToEmitFile(passes, stream, nullptr, llvm::CodeGenFileType::AssemblyFile))
    return fail(ErrorCode::Unsupported, "LLVM emits no assembly for this target",
                machine.getTargetTriple().str());
  passes.run(*copy);
  return text.str().str();
}

} // namespace lapidary
