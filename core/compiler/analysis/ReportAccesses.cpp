#include "core/compiler/Passes.h"
#include "core/compiler/analysis/AccessReport.h"

namespace lapidary {

#define GEN_PASS_DEF_REPORTACCESSESPASS
#include "core/compiler/Passes.h.inc"

namespace {

struct ReportAccesses : impl::ReportAccessesPassBase<ReportAccesses> {
  using ReportAccessesPassBase::ReportAccessesPassBase;
  void runOnOperation() override {
    llvm::outs() << reportAccesses(getOperation(), {maxBits, needsAlignment}).text;
    markAllAnalysesPreserved();
  }
};

} // namespace

} // namespace lapidary
