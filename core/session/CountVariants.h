// The verb `variants`: how many variants of a kernel a program can ask for, what multiplies them,
// which opt-outs bring the number down, and what a Triton cache directory holds of them.
//
//   VariantQuery query{.ranges = R"({"n": {"from": 1, "to": 4096}})", .bound = 4};
//   Result<VariantAnswer> answer = countVariants(*services, *choice, {"cuda", "90"}, "triton-3.6",
//   query);
#pragma once

#include "core/session/Operations.h"
#include "core/specialize/TritonCache.h"
#include "core/specialize/Variants.h"

#include <optional>

namespace lapidary {

// Where the launches come from: at most one of the three; none of them means that every argument is
// free to be anything of its kind.
struct VariantQuery {
  std::string ranges = {};   // a file, or JSON text (starts with '{'): parseArgumentRanges
  std::string launches = {}; // a file of launches, one JSON object a line
  std::string log = {};      // a file with keys in its lines
  std::optional<std::uint64_t> bound = {}; // find the opt-outs that stay under it
  std::string cache = {};                  // a Triton cache directory
};

struct VariantAnswer {
  ReachableVariants report;
  std::optional<OptOutPlan> plan;
  std::optional<CacheCoverage> coverage;
};

// Launches of other kernels in the file are passed over. Errors: InvalidInput (two sources, a bound
// over a log, a line that does not read: with its number), NotFound (no launch of the kernel),
// Unreadable, and those of core/specialize/Variants.h.
Result<VariantAnswer> countVariants(const Services &services, const KernelChoice &choice,
                                    const Target &target, const std::string &ruleSet,
                                    const VariantQuery &query);

Json toJson(const VariantAnswer &answer);

} // namespace lapidary
