#include "backends/hip/Symbols.h"

#include <cstring>
#include <fmt/format.h>

namespace lapidary {

namespace {
// hipDeviceProp_t of ROCm 5 and of ROCm 6 on: its size, and where its field gcnArchName begins
// (both in bytes). The field has 256 bytes in both.
struct PropertiesLayout {
  std::size_t size, architecture;
};
constexpr PropertiesLayout rocm5{792, 396}, rocm6{1472, 1160};
constexpr std::size_t architectureBytes = 256;
} // namespace

std::vector<std::string> hipLibraries() {
  return {"libamdhip64.so.7",
          "libamdhip64.so.6",
          "libamdhip64.so.5",
          "libamdhip64.so",
          "/opt/rocm/lib/libamdhip64.so",
          "/opt/rocm/hip/lib/libamdhip64.so"};
}

Result<HipSymbols> HipSymbols::load(const std::vector<std::string> &libraries) {
  Result<DynamicLibrary> library = DynamicLibrary::open(libraries);
  if (!library)
    return fail(ErrorCode::NotFound,
                "there is no ROCm runtime on this machine: " + library.error().message, "hip");

  HipSymbols hip{.library = std::move(*library)};
  std::string missing;
#define LAPIDARY_OPTIONAL(member, exported, ...)                                                   \
  hip.member = reinterpret_cast<std::add_pointer_t<__VA_ARGS__>>(hip.library.symbol(exported));
#define LAPIDARY_REQUIRED(member, exported, ...)                                                   \
  LAPIDARY_OPTIONAL(member, exported, __VA_ARGS__)                                                 \
  if (!hip.member)                                                                                 \
    missing += missing.empty() ? exported : std::string(", ") + exported;
  LAPIDARY_HIP_SYMBOLS(LAPIDARY_REQUIRED, LAPIDARY_OPTIONAL)
#undef LAPIDARY_REQUIRED
#undef LAPIDARY_OPTIONAL
  if (!hip.getDevicePropertiesR0600 && !hip.getDeviceProperties)
    missing += missing.empty() ? "hipGetDeviceProperties" : ", hipGetDeviceProperties";
  if (!missing.empty())
    return fail(ErrorCode::Unsupported,
                fmt::format("the ROCm runtime in {} is too old: it lacks {}; update ROCm",
                            hip.library.path(), missing),
                "hip");
  return hip;
}

std::string HipSymbols::errorText(HipResult error) const {
  const char *text = getErrorString ? getErrorString(error) : nullptr;
  return text ? fmt::format("{} (error {})", text, error) : fmt::format("error {}", error);
}

HipResult HipSymbols::architecture(int ordinal, std::string &name) const {
  const PropertiesLayout &layout = getDevicePropertiesR0600 ? rocm6 : rocm5;
  // Twice the size that is known: a later runtime may have grown the structure at its end.
  std::vector<std::max_align_t> storage(2 * layout.size / sizeof(std::max_align_t));
  char *properties = reinterpret_cast<char *>(storage.data());
  HipResult error = getDevicePropertiesR0600 ? getDevicePropertiesR0600(properties, ordinal)
                                             : getDeviceProperties(properties, ordinal);
  if (error)
    return error;
  const char *text = properties + layout.architecture;
  name.assign(text, strnlen(text, architectureBytes));
  return 0;
}

} // namespace lapidary
