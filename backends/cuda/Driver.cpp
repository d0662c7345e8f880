#include "backends/cuda/Driver.h"

#ifdef LAPIDARY_CUDA_TARGET
#include "backends/cuda/Target.h"
#endif

#include <algorithm>
#include <fmt/format.h>

namespace lapidary {

// "90", "90a", "120f".
static bool isArchitecture(std::string_view text) {
  if (text.ends_with('a') || text.ends_with('f'))
    text.remove_suffix(1);
  return (text.size() == 2 || text.size() == 3) &&
         std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

Result<std::shared_ptr<const TargetHook>> CudaBackend::targetHook(const Target &target) const {
  if (!isArchitecture(target.architecture))
    return fail(
        ErrorCode::InvalidInput,
        fmt::format("'{}' names no NVIDIA architecture; write the compute capability without its "
                    "point, for example cuda:90",
                    toString(target)),
        toString(target));
#ifdef LAPIDARY_CUDA_TARGET
  return makeCudaTarget(target.architecture);
#else
  return fail(ErrorCode::Unsupported,
              "this program was built without the compiler: it compiles nothing", toString(target));
#endif
}

} // namespace lapidary
