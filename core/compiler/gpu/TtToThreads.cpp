#include "core/compiler/Passes.h"
#include "core/compiler/gpu/ThreadEmitter.h"

namespace lapidary {

#define GEN_PASS_DEF_TTTOTHREADSPASS
#define GEN_PASS_DEF_REPORTLAYOUTSPASS
#include "core/compiler/Passes.h.inc"

namespace {

struct TtToThreads : impl::TtToThreadsPassBase<TtToThreads> {
  using TtToThreadsPassBase::TtToThreadsPassBase;

  void runOnOperation() override {
    auto code = gpuCode(architecture, numWarps);
    if (!code) {
      getOperation().emitError() << "there is no GPU architecture '" << architecture << "'";
      return signalPassFailure();
    }
    for (auto kernel : llvm::make_early_inc_range(getOperation().getOps<tt::FuncOp>())) {
      if (kernel.isPublic() && !kernel.isExternal()) {
        ThreadEmitter emitter(kernel, *code);
        if (!emitter.emit())
          return signalPassFailure();
        mlir::Builder builder(&getContext());
        getOperation()->setAttr(accessBitsAttribute,
                                builder.getDenseI32ArrayAttr(emitter.accessBits()));
        getOperation()->setAttr(sharedBytesAttribute,
                                builder.getI64IntegerAttr(emitter.sharedBytes()));
      }
      kernel.erase();
    }
  }
};

struct ReportLayouts : impl::ReportLayoutsPassBase<ReportLayouts> {
  using ReportLayoutsPassBase::ReportLayoutsPassBase;

  void runOnOperation() override {
    if (auto code = gpuCode(architecture, numWarps)) {
      AxisAnalysis axis(getOperation());
      llvm::outs() << LayoutAssignment(getOperation(), axis, code->shape).text();
    }
  }
};

} // namespace

std::unique_ptr<GpuCode> gpuCode(llvm::StringRef architecture, int numWarps) {
  if (architecture.starts_with("gfx"))
    return amdCode(architecture, numWarps);
  int capability = 0;
  llvm::StringRef digits = architecture.take_while([](char c) { return c >= '0' && c <= '9'; });
  if (digits.empty() || digits.getAsInteger(10, capability))
    return nullptr;
  return nvidiaCode(capability, numWarps);
}

} // namespace lapidary
