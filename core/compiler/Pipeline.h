// What a backend's stages work on, and the shared steps they are made of. For backends' Target
// files and this room only: it needs MLIR and LLVM.
#pragma once

#include "core/compiler/TargetHook.h"

#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/MLIRContext.h"
#include "mlir/IR/OwningOpRef.h"
#include "llvm/IR/LLVMContext.h"
#include "llvm/IR/Module.h"
#include "llvm/Target/TargetMachine.h"

namespace mlir {
class DialectRegistry;
class PassManager;
} // namespace mlir

namespace lapidary {

class AxisAnalysis; // analysis/AxisInfo.h

// One compile: its own MLIRContext and LLVMContext, used by one thread. `module` holds the dialect
// of the last stage run; when it has become LLVM IR, `llvmModule` does, later `object`.
class CompileJob {
public:
  CompileJob(const TargetHook &hook, const CompileOptions &options, const CancelToken &cancel);
  ~CompileJob();

  const TargetHook &hook;
  const CompileOptions &options;
  const CancelToken &cancel;

  mlir::MLIRContext context;
  mlir::OwningOpRef<mlir::ModuleOp> module;
  std::unique_ptr<llvm::LLVMContext> llvmContext;
  std::unique_ptr<llvm::Module> llvmModule;
  std::string object;

  std::string entry; // the kernel's symbol
  std::vector<MemoryAccess> accesses;
  ResourceUsage resources;
  std::vector<Diagnostic> diagnostics; // everything MLIR said lands here by itself

  // The text of the module with locations, as a stage shows it.
  std::string moduleText();
  // What a step returns when the kernel is at fault: CompileFailed. When no error was diagnosed,
  // says which step gave up.
  std::unexpected<Error> kernelError(const std::string &step);
};

// Every dialect, interface and translation that a compile may meet.
void registerCompilerDialects(mlir::DialectRegistry &registry);

// Runs passes over job.module. Errors: CompileFailed (see the diagnostics), Cancelled.
Result<void> runPasses(CompileJob &job, const std::string &step, mlir::PassManager &passes);

// Parses and prepares: calls inlined, block pointers turned into tiles of pointers, canonical.
Result<std::string> runTtirStage(CompileJob &job, const std::string &ttir, const std::string &file);
// The axis analysis as text by source line; fills job.accesses.
Result<std::string> runAxisStage(CompileJob &job);

// After tt-to-loops or tt-to-threads: job.accesses get the widths that were emitted. `narrower`:
// who took less than the facts allow, "the loop that it stands in takes".
void takeAccessBits(CompileJob &job, const std::string &narrower);

// ---- steps shared by backends; codegen/ ----

// Initialises LLVM's targets, once a process.
void initializeLlvm();

struct MachineSpec {
  std::string triple, processor, features;
  // Rounding differences of one fused multiply-add are allowed, as Triton's own backends allow
  // them.
  bool fuseMultiplyAdd = true;
};
// Errors: Unsupported, in LLVM's words.
Result<std::unique_ptr<llvm::TargetMachine>> makeTargetMachine(const MachineSpec &spec);

// job.module in the LLVM dialect -> job.llvmModule, optimised at O3 for the machine; its text.
Result<std::string> translateToLlvm(CompileJob &job, llvm::TargetMachine &machine);
// job.llvmModule -> job.object.
Result<void> emitObject(CompileJob &job, llvm::TargetMachine &machine);
// The text section of job.object in the machine's own syntax, source lines as comments; fills
// job.resources with what is counted over the instructions.
Result<std::string> disassembleObject(CompileJob &job, llvm::TargetMachine &machine);

// ---- steps shared by GPUs; gpu/ ----

// What a block may take, and whose code is generated.
struct GpuMachine {
  std::string architecture;     // "90", "gfx942"
  int maxThreads = 1024;        // a block
  std::int64_t sharedBytes = 0; // a block
};

// The layout of every memory operation as text. Diagnoses a block of too many threads.
Result<std::string> reportLayouts(CompileJob &job, const GpuMachine &gpu);
// Tiles -> the program of a thread; fills in the accesses' widths and the resource "shared".
// Diagnoses tiles that exceed shared memory.
Result<std::string> lowerToThreads(CompileJob &job, const GpuMachine &gpu);
// -> job.llvmModule, optimised; its text. `debugSections`: see addThreadsToLlvmPasses.
Result<std::string> lowerThreadsToLlvm(CompileJob &job, llvm::TargetMachine &machine,
                                       bool debugSections);
// job.llvmModule as the machine's assembly; the module stays as it is.
Result<std::string> emitAssembly(CompileJob &job, llvm::TargetMachine &machine);

} // namespace lapidary
