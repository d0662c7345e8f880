#include "backends/hip/Driver.h"

#ifdef LAPIDARY_HIP_TARGET
#include "backends/hip/Target.h"
#endif

#include <algorithm>
#include <fmt/format.h>

namespace lapidary {

// "gfx942", "gfx90a", "gfx942:sramecc+:xnack-".
static bool isArchitecture(std::string_view text) {
  text = text.substr(0, text.find(':'));
  if (!text.starts_with("gfx") || text.size() < 6 || text.size() > 7)
    return false;
  return std::ranges::all_of(
      text.substr(3), [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

Result<std::shared_ptr<const TargetHook>> HipBackend::targetHook(const Target &target) const {
  if (!isArchitecture(target.architecture))
    return fail(
        ErrorCode::InvalidInput,
        fmt::format(
            "'{}' names no AMD architecture; write LLVM's name of the processor, for example "
            "hip:gfx942",
            toString(target)),
        toString(target));
#ifdef LAPIDARY_HIP_TARGET
  return makeHipTarget(target.architecture);
#else
  return fail(ErrorCode::Unsupported,
              "this program was built without the compiler: it compiles nothing", toString(target));
#endif
}

} // namespace lapidary
