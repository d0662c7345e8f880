#include "core/compiler/Passes.h"
#include "core/compiler/lowering/KernelEmitter.h"

namespace lapidary {

#define GEN_PASS_DEF_TTTOLOOPSPASS
#include "core/compiler/Passes.h.inc"

namespace {

struct TtToLoops : impl::TtToLoopsPassBase<TtToLoops> {
  using TtToLoopsPassBase::TtToLoopsPassBase;

  void runOnOperation() override {
    VectorTraits traits;
    traits.bits = vectorBits;
    traits.hasGather = hasGather;
    for (auto kernel : llvm::make_early_inc_range(getOperation().getOps<tt::FuncOp>())) {
      if (kernel.isPublic() && !kernel.isExternal()) {
        KernelEmitter emitter(kernel, traits);
        if (!emitter.emit())
          return signalPassFailure();
        getOperation()->setAttr(accessBitsAttribute,
                                mlir::DenseI32ArrayAttr::get(&getContext(), emitter.accessBits()));
      }
      kernel.erase();
    }
  }
};

} // namespace

} // namespace lapidary
