#include "backends/sim/Target.h"

#include "backends/sim/TargetReader.h"
#include "core/compiler/Pipeline.h"
#include "core/compiler/gpu/GpuCode.h"

#include "mlir/Parser/Parser.h"

#include <fmt/format.h>

#include <charconv>

namespace lapidary {

namespace {

constexpr const char *threadsAttribute = "lap.threads", *warpAttribute = "lap.warp_size",
                     *bytesAttribute = "lap.bytes";

// "90" of "sm90", "gfx942" of itself.
std::string codeArchitecture(const std::string &architecture) {
  return architecture.starts_with("sm") ? architecture.substr(2) : architecture;
}

class SimTarget : public TargetHook {
public:
  explicit SimTarget(std::string architecture)
      : architecture(std::move(architecture)),
        gpu{codeArchitecture(this->architecture), 1024, 64 * 1024} {
    if (this->architecture.starts_with("sm"))
      gpu.sharedBytes = 227 * 1024;
  }

  Target target() const override { return {"sim", architecture}; }
  std::string fingerprint() const override { return "sim " + architecture; }
  AccessTraits accessTraits() const override { return {.maxBits = 128, .needsAlignment = true}; }

  std::vector<CompileStage> stages() const override {
    return {
        {"layout", true, [this](CompileJob &job) { return reportLayouts(job, gpu); }},
        {"threads", true, [this](CompileJob &job) { return lowerToThreads(job, gpu); }},
        {"binary", false, [this](CompileJob &job) { return codeObject(job); }},
    };
  }

private:
  Result<std::string> codeObject(CompileJob &job) const {
    auto code = gpuCode(gpu.architecture, job.options.numWarps);
    mlir::Builder builder(&job.context);
    mlir::Operation *module = job.module->getOperation();
    std::int64_t bytes = 0;
    for (const auto &[name, value] : job.resources.values)
      if (name == "shared")
        bytes = value;
    module->setAttr(threadsAttribute, builder.getI64IntegerAttr(code->shape.threads()));
    module->setAttr(warpAttribute, builder.getI64IntegerAttr(code->shape.warpSize));
    module->setAttr(bytesAttribute, builder.getI64IntegerAttr(bytes));
    std::string text;
    llvm::raw_string_ostream stream(text);
    module->print(stream);
    return text;
  }

  std::string architecture;
  GpuMachine gpu;
};

} // namespace

Result<std::shared_ptr<const TargetHook>> makeSimTarget(const std::string &architecture) {
  const bool isNamed = architecture.starts_with("sm") || architecture.starts_with("gfx");
  if (!isNamed || !gpuCode(codeArchitecture(architecture), 1))
    return fail(
        ErrorCode::Unsupported,
        fmt::format("there is no simulated GPU '{}'; write sim:sm90 or sim:gfx942", architecture),
        "sim:" + architecture);
  return std::make_shared<SimTarget>(architecture);
}

Result<SimProgram> readSimProgram(std::string_view codeObject, const std::string &entry) {
  mlir::DialectRegistry registry;
  registerCompilerDialects(registry);
  mlir::MLIRContext context(registry, mlir::MLIRContext::Threading::DISABLED);
  auto module = mlir::parseSourceString<mlir::ModuleOp>(llvm::StringRef(codeObject),
                                                        mlir::ParserConfig(&context));
  auto function =
      module ? module->lookupSymbol<mlir::LLVM::LLVMFuncOp>(entry) : mlir::LLVM::LLVMFuncOp();
  auto number = [&](const char *name) -> std::int64_t {
    auto attribute = (*module)->getAttrOfType<mlir::IntegerAttr>(name);
    return attribute ? attribute.getInt() : 0;
  };
  if (!function || number(threadsAttribute) <= 0)
    return fail(ErrorCode::InvalidInput, "this is no code object of the simulated GPU", entry);
  SimProgram program;
  program.threads = static_cast<int>(number(threadsAttribute));
  program.warpSize = static_cast<int>(number(warpAttribute));
  program.sharedBytes = number(bytesAttribute);
  if (auto done = SimReader(program).read(function); !done)
    return std::unexpected(done.error());
  return program;
}

} // namespace lapidary
