// From the LLVM dialect to a code object: translation, LLVM's O3 pipeline, code generation.
#include "core/compiler/Pipeline.h"

#include "mlir/Target/LLVMIR/Export.h"
#include "llvm/IR/LegacyPassManager.h"
#include "llvm/IR/Verifier.h"
#include "llvm/MC/TargetRegistry.h"
#include "llvm/Passes/PassBuilder.h"
#include "llvm/Support/TargetSelect.h"

#include <fmt/format.h>

#include <mutex>

namespace lapidary {

void initializeLlvm() {
  static std::once_flag once;
  std::call_once(once, [] {
    llvm::InitializeAllTargetInfos();
    llvm::InitializeAllTargets();
    llvm::InitializeAllTargetMCs();
    llvm::InitializeAllAsmPrinters();
    llvm::InitializeAllAsmParsers();
    llvm::InitializeAllDisassemblers();
  });
}

Result<std::unique_ptr<llvm::TargetMachine>> makeTargetMachine(const MachineSpec &spec) {
  initializeLlvm();
  const llvm::Triple triple(spec.triple);
  std::string message;
  const llvm::Target *target = llvm::TargetRegistry::lookupTarget(triple, message);
  if (!target)
    return fail(ErrorCode::Unsupported, message, spec.triple);
  llvm::TargetOptions options;
  if (spec.fuseMultiplyAdd)
    options.AllowFPOpFusion = llvm::FPOpFusion::Fast;
  options.EmitStackSizeSection = !triple.isNVPTX(); // PTX has no such sections
  std::unique_ptr<llvm::TargetMachine> machine(
      target->createTargetMachine(triple, spec.processor, spec.features, options, llvm::Reloc::PIC_,
                                  std::nullopt, llvm::CodeGenOptLevel::Aggressive));
  if (!machine)
    return fail(ErrorCode::Unsupported,
                fmt::format("LLVM has no code generator for {}", spec.triple), spec.processor);
  return machine;
}

Result<std::string> translateToLlvm(CompileJob &job, llvm::TargetMachine &machine) {
  job.llvmContext = std::make_unique<llvm::LLVMContext>();
  job.llvmModule = mlir::translateModuleToLLVMIR(*job.module, *job.llvmContext, job.entry);
  if (!job.llvmModule)
    return job.kernelError("translation to LLVM IR");
  llvm::Module &module = *job.llvmModule;
  module.setTargetTriple(machine.getTargetTriple());
  module.setDataLayout(machine.createDataLayout());
  for (llvm::Function &function : module)
    if (!function.isDeclaration()) {
      function.addFnAttr("target-cpu", machine.getTargetCPU());
      function.addFnAttr("target-features", machine.getTargetFeatureString());
    }

  llvm::LoopAnalysisManager loops;
  llvm::FunctionAnalysisManager functions;
  llvm::CGSCCAnalysisManager callGraphs;
  llvm::ModuleAnalysisManager modules;
  llvm::PipelineTuningOptions tuning;
  // Kernels arrive vectorised by construction; what is left scalar has a reason to be.
  tuning.LoopVectorization = false;
  tuning.SLPVectorization = false;
  llvm::PassBuilder builder(&machine, tuning);
  builder.registerModuleAnalyses(modules);
  builder.registerCGSCCAnalyses(callGraphs);
  builder.registerFunctionAnalyses(functions);
  builder.registerLoopAnalyses(loops);
  builder.crossRegisterProxies(loops, functions, callGraphs, modules);
  builder.buildPerModuleDefaultPipeline(llvm::OptimizationLevel::O3).run(module, modules);

  std::string text;
  llvm::raw_string_ostream stream(text);
  if (llvm::verifyModule(module, &stream))
    return fail(ErrorCode::Internal,
                fmt::format("LLVM IR of {} is malformed: {}", job.entry, text));
  module.print(stream, nullptr);
  return text;
}

Result<void> emitObject(CompileJob &job, llvm::TargetMachine &machine) {
  llvm::SmallVector<char, 0> bytes;
  llvm::raw_svector_ostream stream(bytes);
  llvm::legacy::PassManager passes;
  if (machine.addPassesToEmitFile(passes, stream, nullptr, llvm::CodeGenFileType::ObjectFile))
    return fail(ErrorCode::Unsupported, "LLVM emits no object for this target",
                machine.getTargetTriple().str());
  passes.run(*job.llvmModule);
  job.object.assign(bytes.begin(), bytes.end());
  return {};
}

} // namespace lapidary
