// One variant by two compilers: ours and the Triton that is installed, from the same text, measured
// against each other in one process.
//
//   chooseCompiler(services, "triton");
//   Result<Twin> twin = measureTwin(services, *choice, {{"cuda", "90"}}, defaultRuleSet,
//                                   {PropertyMask::Kind::All}, options, {}, {});
#pragma once

#include "core/session/Operations.h"

namespace lapidary {

struct Twin {
  std::string kernel, launch; // the launch's name; may be empty
  std::string mask;           // "specialized" or "generic", or the mask's items
  Variant native, triton;
  std::vector<std::string> changes; // how Triton's code differs from ours
  // Nothing when the target is not attached: then `notRun` says why, and there are no times.
  std::optional<CompareResult> measured; // its variants are "native" and "triton"
  std::string notRun;

  // Triton's time over ours, with its interval: above 1, ours is faster.
  std::optional<Estimate> ratio() const;
  bool ok() const; // both compiled, and what was measured is correct
};

// `services` must have Triton chosen. Errors: InvalidInput (it has not), and those of
// compileVariant and measureCompiled; a compiler that refuses the kernel is a result.
Result<Twin> measureTwin(const Services &services, const KernelChoice &choice,
                         const DeviceTarget &target, const std::string &ruleSet,
                         const PropertyMask &mask, const MeasureOptions &options,
                         const OnProgress &progress, const CancelToken &cancel);

// The geometric mean of the ratios there are; nothing when there are none.
std::optional<double> geometricMean(const std::vector<Twin> &twins);

Json twinsJson(const std::vector<Twin> &twins); // the form of `lap twins --json`

} // namespace lapidary
