#include "backends/cpu/Target.h"

#include "core/compiler/Passes.h"
#include "core/compiler/Pipeline.h"

#include "mlir/Pass/PassManager.h"
#include "mlir/Transforms/Passes.h"
#include "llvm/MC/MCSubtargetInfo.h"
#include "llvm/TargetParser/Host.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

namespace lapidary {

namespace {

std::string hostFeatures() {
  std::vector<std::string> features;
  for (const auto &feature : llvm::sys::getHostCPUFeatures())
    features.push_back((feature.second ? "+" : "-") + feature.first().str());
  std::sort(features.begin(), features.end());
  return fmt::format("{}", fmt::join(features, ","));
}

int vectorBitsOf(const llvm::TargetMachine &machine) {
  const llvm::MCSubtargetInfo &subtarget = *machine.getMCSubtargetInfo();
  if (!machine.getTargetTriple().isX86())
    return 128;
  if (subtarget.checkFeatures("+avx512f") && subtarget.checkFeatures("+avx512vl"))
    return 512;
  return subtarget.checkFeatures("+avx2") ? 256 : 128;
}

Result<std::string> lowerToLoops(CompileJob &job, int vectorBits) {
  mlir::PassManager passes(&job.context);
  TtToLoopsPassOptions options;
  options.vectorBits = vectorBits;
  options.hasGather = vectorBits == 512;
  passes.addPass(createTtToLoopsPass(options));
  passes.addPass(mlir::createCanonicalizerPass());
  passes.addPass(mlir::createCSEPass());
  if (auto done = runPasses(job, "lowering to loops", passes); !done)
    return std::unexpected(done.error());
  takeAccessBits(job, "the loop that it stands in takes");
  return job.moduleText();
}

Result<std::string> lowerToLlvm(CompileJob &job, llvm::TargetMachine &machine, int vectorBits) {
  mlir::PassManager passes(&job.context);
  addLoopsToLlvmPasses(passes, vectorBits == 512);
  if (auto done = runPasses(job, "lowering to LLVM", passes); !done)
    return std::unexpected(done.error());
  return translateToLlvm(job, machine);
}

class CpuTarget : public TargetHook {
public:
  CpuTarget(MachineSpec spec, int vectorBits) : spec(std::move(spec)), vectorBits(vectorBits) {}

  Target target() const override { return {"cpu", ""}; }

  std::string fingerprint() const override {
    return fmt::format("{} {} {}", spec.triple, spec.processor, spec.features);
  }

  AccessTraits accessTraits() const override {
    return {.maxBits = vectorBits, .needsAlignment = false};
  }

  std::vector<CompileStage> stages() const override {
    // A TargetMachine serves one compile at a time; it is made by the first stage that needs it.
    auto machine = std::make_shared<std::unique_ptr<llvm::TargetMachine>>();
    return {
        {"loops", true, [this](CompileJob &job) { return lowerToLoops(job, vectorBits); }},
        {"llir", true,
         [this, machine](CompileJob &job) -> Result<std::string> {
           auto made = makeTargetMachine(spec);
           if (!made)
             return std::unexpected(made.error());
           *machine = std::move(*made);
           return lowerToLlvm(job, **machine, vectorBits);
         }},
        {"asm", true,
         [machine](CompileJob &job) -> Result<std::string> {
           if (auto done = emitObject(job, **machine); !done)
             return std::unexpected(done.error());
           return disassembleObject(job, **machine);
         }},
        {"binary", false, [](CompileJob &job) -> Result<std::string> { return job.object; }},
    };
  }

private:
  MachineSpec spec;
  int vectorBits;
};

} // namespace

Result<std::shared_ptr<const TargetHook>> makeCpuTarget(const CpuProcessor &processor) {
  initializeLlvm();
  MachineSpec spec;
  spec.triple = llvm::sys::getProcessTriple();
  spec.processor = processor.name.empty() ? llvm::sys::getHostCPUName().str() : processor.name;
  spec.features = processor.name.empty() ? hostFeatures() : processor.features;
  auto machine = makeTargetMachine(spec);
  if (!machine)
    return std::unexpected(machine.error());
  return std::make_shared<CpuTarget>(spec, vectorBitsOf(**machine));
}

} // namespace lapidary
