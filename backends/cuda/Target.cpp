#include "backends/cuda/Target.h"

#include "backends/cuda/Ptxas.h"
#include "core/compiler/Pipeline.h"

#include "llvm/MC/MCSubtargetInfo.h"

#include <fmt/format.h>

#include <array>

namespace lapidary {

namespace {

constexpr std::int64_t kibibyte = 1024;

// What the CUDA programming guide, "Compute Capabilities", says of a block's shared memory, and the
// PTX version that first knew the architecture (PTX ISA, "Release Notes"), from that of CUDA 12.0
// on.
struct Architecture {
  int capability;
  int ptx;
  std::int64_t sharedBytes;
};
constexpr std::array architectures = {
    Architecture{75, 80, 64 * kibibyte},   Architecture{80, 80, 163 * kibibyte},
    Architecture{86, 80, 99 * kibibyte},   Architecture{87, 80, 163 * kibibyte},
    Architecture{89, 80, 99 * kibibyte},   Architecture{90, 80, 227 * kibibyte},
    Architecture{100, 86, 227 * kibibyte}, Architecture{103, 88, 227 * kibibyte},
    Architecture{110, 90, 227 * kibibyte}, Architecture{120, 87, 99 * kibibyte},
    Architecture{121, 88, 99 * kibibyte},
};

class CudaTarget : public TargetHook {
public:
  CudaTarget(std::string architecture, MachineSpec spec, std::int64_t sharedBytes)
      : architecture(std::move(architecture)), spec(std::move(spec)),
        gpu{this->architecture, 1024, sharedBytes}, ptxas(Ptxas::find()) {}

  Target target() const override { return {"cuda", architecture}; }

  std::string fingerprint() const override {
    return fmt::format("{} {} {} {}", spec.triple, spec.processor, spec.features,
                       ptxas ? ptxas->fingerprint() : "no ptxas");
  }

  AccessTraits accessTraits() const override { return {.maxBits = 128, .needsAlignment = true}; }

  std::vector<CompileStage> stages() const override {
    auto machine = std::make_shared<std::unique_ptr<llvm::TargetMachine>>();
    std::vector<CompileStage> stages = {
        {"layout", true, [this](CompileJob &job) { return reportLayouts(job, gpu); }},
        {"threads", true, [this](CompileJob &job) { return lowerToThreads(job, gpu); }},
        {"llir", true,
         [this, machine](CompileJob &job) -> Result<std::string> {
           auto made = makeTargetMachine(spec);
           if (!made)
             return std::unexpected(made.error());
           *machine = std::move(*made);
           return lowerThreadsToLlvm(job, **machine, /*debugSections=*/false);
         }},
        {"ptx", true, [machine](CompileJob &job) { return emitAssembly(job, **machine); }},
    };
    if (ptxas) {
      stages[3].run = [machine](CompileJob &job) -> Result<std::string> {
        auto ptx = emitAssembly(job, **machine);
        if (ptx)
          job.object = *ptx;
        return ptx;
      };
      stages.push_back({"cubin", false, [this](CompileJob &job) { return assemble(job); }});
    }
    return stages;
  }

private:
  Result<std::string> assemble(CompileJob &job) const {
    auto cubin = ptxas->assemble(job.object, spec.processor, job.cancel);
    if (!cubin)
      return std::unexpected(cubin.error());
    auto &values = job.resources.values;
    values.emplace_back("registers", cubin->registers);
    values.emplace_back("spills", cubin->spillStores + cubin->spillLoads);
    values.emplace_back("stack_bytes", cubin->stackBytes);
    return std::move(cubin->bytes);
  }

  std::string architecture;
  MachineSpec spec;
  GpuMachine gpu;
  std::optional<Ptxas> ptxas;
};

} // namespace

Result<std::shared_ptr<const TargetHook>> makeCudaTarget(const std::string &architecture) {
  initializeLlvm();
  const bool isNamed = architecture.ends_with('a') || architecture.ends_with('f');
  const std::string digits = architecture.substr(0, architecture.size() - (isNamed ? 1 : 0));
  for (const Architecture &each : architectures) {
    if (std::to_string(each.capability) != digits)
      continue;
    MachineSpec spec;
    spec.triple = "nvptx64-nvidia-cuda";
    // From 9.0 on some instructions are of one architecture alone; code is made for the one named.
    spec.processor =
        fmt::format("sm_{}{}", architecture, !isNamed && each.capability >= 90 ? "a" : "");
    spec.features =
        fmt::format("+ptx{}", architecture.ends_with('f') ? std::max(each.ptx, 88) : each.ptx);
    auto machine = makeTargetMachine(spec);
    if (!machine)
      return std::unexpected(machine.error());
    if (!(*machine)->getMCSubtargetInfo()->isCPUStringValid(spec.processor))
      break;
    return std::make_shared<CudaTarget>(architecture, spec, each.sharedBytes);
  }
  std::string known;
  for (const Architecture &each : architectures)
    known += fmt::format("{}{}", known.empty() ? "" : ", ", each.capability);
  return fail(ErrorCode::Unsupported,
              fmt::format("there is no code generator for cuda:{}; there is one for {}",
                          architecture, known),
              "cuda:" + architecture);
}

} // namespace lapidary
