#include "backends/hip/Symbols.h"

#include <cstring>
#include <fmt/format.h>

namespace lapidary {

namespace {
// hipDeviceProp_t of ROCm 5 and of ROCm 6 on: its size, and where its field gcnArchName begins
// (both in bytes). The field has 256 bytes in both.
struct PropertiesLayout {
  const char *function;
  std::size_t size, architecture;
};
constexpr PropertiesLayout layouts[] = {{"hipGetDevicePropertiesR0600", 1472, 1160},
                                        {"hipGetDeviceProperties", 792, 396}};
constexpr std::size_t architectureBytes = 256;
} // namespace

std::vector<std::string> hipLibraries() {
  return driverLibraries("LAPIDARY_HIP_LIBRARY",
                         {"libamdhip64.so.7", "libamdhip64.so.6", "libamdhip64.so.5",
                          "libamdhip64.so", "/opt/rocm/lib/libamdhip64.so",
                          "/opt/rocm/hip/lib/libamdhip64.so"});
}

// 60032830 is HIP 6.0.32830.
static std::string versionText(int version) {
  return fmt::format("HIP {}.{}.{}", version / 10'000'000, version / 100'000 % 100,
                     version % 100'000);
}

// "gfx942" of "gfx942:sramecc+:xnack-", which stands in the details.
static Result<std::string> architecture(const GpuDriver &driver, int device, Json &details) {
  using GetProperties = GpuResult(void *properties, int ordinal);
  for (const PropertiesLayout &layout : layouts) {
    auto *get = reinterpret_cast<GetProperties *>(driver.library.symbol(layout.function));
    if (!get)
      continue;
    // Twice the size that is known: a later runtime may have grown the structure at its end.
    std::vector<std::max_align_t> storage(2 * layout.size / sizeof(std::max_align_t));
    char *properties = reinterpret_cast<char *>(storage.data());
    if (GpuResult error = get(properties, device))
      return std::unexpected(driver.error(layout.function, error));
    const char *text = properties + layout.architecture;
    const std::string whole(text, strnlen(text, architectureBytes));
    details["architecture"] = whole;
    return whole.substr(0, whole.find(':'));
  }
  return std::unexpected(driver.tooOld("hipGetDeviceProperties"));
}

static std::string errorWords(const GpuDriver &driver, GpuResult error) {
  using GetErrorString = const char *(GpuResult error);
  auto *words = reinterpret_cast<GetErrorString *>(driver.library.symbol("hipGetErrorString"));
  const char *text = words ? words(error) : nullptr;
  return text ? text : "";
}

const GpuVendor &hipVendor() {
  static const GpuVendor vendor{
      .backend = "hip",
      .maker = "AMD",
      .driver = "ROCm runtime",
      .update = "update ROCm",
      .unseen = "is HIP_VISIBLE_DEVICES set; may this user open /dev/kfd?",
      .names = {.init = "hipInit",
                .version = "hipRuntimeGetVersion",
                .deviceCount = "hipGetDeviceCount",
                .deviceGet = "hipDeviceGet",
                .deviceName = "hipDeviceGetName",
                .deviceMemory = "hipDeviceTotalMem",
                .deviceAttribute = "hipDeviceGetAttribute",
                .devicePciBusId = "hipDeviceGetPCIBusId",
                .memoryInfo = "hipMemGetInfo",
                .allocate = "hipMalloc",
                .release = "hipFree",
                .copyIn = "hipMemcpyHtoD",
                .copyOut = "hipMemcpyDtoH",
                .fill = "hipMemsetD32Async",
                .moduleLoad = "hipModuleLoadDataEx",
                .moduleUnload = "hipModuleUnload",
                .moduleFunction = "hipModuleGetFunction",
                .launch = "hipModuleLaunchKernel",
                .eventCreate = "hipEventCreateWithFlags",
                .eventDestroy = "hipEventDestroy",
                .eventRecord = "hipEventRecord",
                .eventSynchronize = "hipEventSynchronize",
                .eventElapsed = "hipEventElapsedTime",
                .deviceSet = "hipSetDevice"},
      // hipDeviceAttribute_t
      .attributes = {.clockKilohertz = 5,
                     .memoryClockKilohertz = 60,
                     .memoryBusBits = 59,
                     .l2Bytes = 19,
                     .multiprocessors = 63,
                     .eccEnabled = 0,
                     .sharedBytes = 74,
                     .warpSize = 87,
                     .threadsPerBlock = 56,
                     .gridX = 29,
                     .gridY = 30,
                     .gridZ = 31},
      .versionText = versionText,
      .architecture = architecture,
      .errorWords = errorWords,
      .launchSizesShared = false,
      .mostThreads = 4294967295, // a dispatch counts the work-items of an axis in 32 bits
  };
  return vendor;
}

} // namespace lapidary
