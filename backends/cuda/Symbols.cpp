#include "backends/cuda/Symbols.h"

#include <fmt/format.h>

namespace lapidary {

std::vector<std::string> cudaLibraries() {
  return {"libcuda.so.1", "/usr/lib/x86_64-linux-gnu/libcuda.so.1", "/usr/lib64/libcuda.so.1",
          "/usr/local/nvidia/lib64/libcuda.so.1", "/usr/lib/wsl/lib/libcuda.so.1"};
}

Result<CudaSymbols> CudaSymbols::load(const std::vector<std::string> &libraries) {
  Result<DynamicLibrary> library = DynamicLibrary::open(libraries);
  if (!library)
    return fail(ErrorCode::NotFound,
                "there is no NVIDIA driver on this machine: " + library.error().message, "cuda");

  CudaSymbols cuda{.library = std::move(*library)};
  std::string missing;
#define LAPIDARY_OPTIONAL(member, exported, ...)                                                   \
  cuda.member = reinterpret_cast<std::add_pointer_t<__VA_ARGS__>>(cuda.library.symbol(exported));
#define LAPIDARY_REQUIRED(member, exported, ...)                                                   \
  LAPIDARY_OPTIONAL(member, exported, __VA_ARGS__)                                                 \
  if (!cuda.member)                                                                                \
    missing += missing.empty() ? exported : std::string(", ") + exported;
  LAPIDARY_CUDA_SYMBOLS(LAPIDARY_REQUIRED, LAPIDARY_OPTIONAL)
#undef LAPIDARY_REQUIRED
#undef LAPIDARY_OPTIONAL
  if (!missing.empty())
    return fail(ErrorCode::Unsupported,
                fmt::format("the NVIDIA driver in {} is too old: it lacks {}; update the driver",
                            cuda.library.path(), missing),
                "cuda");
  return cuda;
}

Result<CudaRunSymbols> CudaRunSymbols::find(const DynamicLibrary &driver) {
  CudaRunSymbols cuda;
  std::string missing;
#define LAPIDARY_REQUIRED(member, exported, ...)                                                   \
  cuda.member = reinterpret_cast<std::add_pointer_t<__VA_ARGS__>>(driver.symbol(exported));        \
  if (!cuda.member)                                                                                \
    missing += missing.empty() ? exported : std::string(", ") + exported;
  LAPIDARY_CUDA_RUN_SYMBOLS(LAPIDARY_REQUIRED)
#undef LAPIDARY_REQUIRED
  if (!missing.empty())
    return fail(ErrorCode::Unsupported,
                fmt::format("the NVIDIA driver in {} cannot run kernels: it lacks {}; update the "
                            "driver",
                            driver.path(), missing),
                "cuda");
  return cuda;
}

std::string CudaSymbols::errorText(CudaResult error) const {
  const char *text = nullptr;
  if (getErrorString && getErrorString(error, &text) == 0 && text)
    return fmt::format("{} (error {})", text, error);
  return fmt::format("error {}", error);
}

} // namespace lapidary
