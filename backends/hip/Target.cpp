#include "backends/hip/Target.h"

#include "core/compiler/Pipeline.h"
#include "core/compiler/codegen/AmdCodeObject.h"

#include "llvm/MC/MCSubtargetInfo.h"

#include <fmt/format.h>

namespace lapidary {

namespace {

// "sramecc+:xnack-" as LLVM writes it, "+sramecc,-xnack".
std::string featuresOf(std::string_view settings) {
  std::string features;
  while (!settings.empty()) {
    const std::size_t end = std::min(settings.find(':'), settings.size());
    const std::string_view each = settings.substr(0, end);
    if (each.size() > 1)
      features += fmt::format("{}{}{}", features.empty() ? "" : ",", each.back(),
                              each.substr(0, each.size() - 1));
    settings.remove_prefix(std::min(end + 1, settings.size()));
  }
  return features;
}

class HipTarget : public TargetHook {
public:
  HipTarget(std::string architecture, MachineSpec spec)
      : architecture(std::move(architecture)), spec(std::move(spec)),
        gpu{this->spec.processor, 1024, ldsBytes(this->spec.processor)} {}

  Target target() const override { return {"hip", architecture}; }
  std::string fingerprint() const override {
    return fmt::format("{} {} {}", spec.triple, spec.processor, spec.features);
  }
  AccessTraits accessTraits() const override { return {.maxBits = 128, .needsAlignment = true}; }

  std::vector<CompileStage> stages() const override {
    auto machine = std::make_shared<std::unique_ptr<llvm::TargetMachine>>();
    return {
        {"layout", true, [this](CompileJob &job) { return reportLayouts(job, gpu); }},
        {"threads", true, [this](CompileJob &job) { return lowerToThreads(job, gpu); }},
        {"llir", true,
         [this, machine](CompileJob &job) -> Result<std::string> {
           auto made = makeTargetMachine(spec);
           if (!made)
             return std::unexpected(made.error());
           *machine = std::move(*made);
           return lowerThreadsToLlvm(job, **machine, /*debugSections=*/true);
         }},
        {"amdgcn", true,
         [machine](CompileJob &job) -> Result<std::string> {
           if (auto done = emitObject(job, **machine); !done)
             return std::unexpected(done.error());
           return disassembleObject(job, **machine);
         }},
        {"hsaco", false, [](CompileJob &job) { return link(job); }},
    };
  }

private:
  // Of a workgroup, in bytes: AMD's ISA manuals, "LDS".
  static std::int64_t ldsBytes(std::string_view processor) {
    return processor == "gfx950" ? 160 * 1024 : 64 * 1024;
  }

  static Result<std::string> link(CompileJob &job) {
    auto codeObject = linkCodeObject(job.object);
    if (!codeObject)
      return codeObject;
    auto resources = codeObjectResources(*codeObject, job.entry);
    if (!resources)
      return std::unexpected(resources.error());
    auto &values = job.resources.values;
    values.insert(values.end(), resources->begin(), resources->end());
    return codeObject;
  }

  std::string architecture;
  MachineSpec spec;
  GpuMachine gpu;
};

} // namespace

Result<std::shared_ptr<const TargetHook>> makeHipTarget(const std::string &architecture) {
  initializeLlvm();
  const std::size_t colon = std::min(architecture.find(':'), architecture.size());
  MachineSpec spec;
  spec.triple = "amdgcn-amd-amdhsa";
  spec.processor = architecture.substr(0, colon);
  spec.features = featuresOf(std::string_view(architecture).substr(colon));
  auto generic = makeTargetMachine({spec.triple, "", ""});
  if (!generic)
    return std::unexpected(generic.error());
  if (!(*generic)->getMCSubtargetInfo()->isCPUStringValid(spec.processor))
    return fail(ErrorCode::Unsupported,
                fmt::format("LLVM knows no AMD architecture '{}'; write one like gfx90a, gfx942, "
                            "gfx1100",
                            spec.processor),
                "hip:" + architecture);
  return std::make_shared<HipTarget>(architecture, spec);
}

} // namespace lapidary
