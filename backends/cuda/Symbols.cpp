#include "backends/cuda/Symbols.h"

#include <fmt/format.h>

namespace lapidary {

std::vector<std::string> cudaLibraries() {
  return driverLibraries("LAPIDARY_CUDA_LIBRARY",
                         {"libcuda.so.1", "/usr/lib/x86_64-linux-gnu/libcuda.so.1",
                          "/usr/lib64/libcuda.so.1", "/usr/local/nvidia/lib64/libcuda.so.1",
                          "/usr/lib/wsl/lib/libcuda.so.1"});
}

// 12040 is CUDA 12.4.
static std::string versionText(int version) {
  return fmt::format("CUDA {}.{}", version / 1000, version % 1000 / 10);
}

static Result<std::string> architecture(const GpuDriver &driver, int device, Json &details) {
  constexpr int capabilityMajor = 75, capabilityMinor = 76; // CUdevice_attribute
  int major = 0, minor = 0;
  if (GpuResult error = driver.deviceAttribute(&major, capabilityMajor, device))
    return std::unexpected(driver.error("cuDeviceGetAttribute", error));
  if (GpuResult error = driver.deviceAttribute(&minor, capabilityMinor, device))
    return std::unexpected(driver.error("cuDeviceGetAttribute", error));
  details["compute_capability"] = fmt::format("{}.{}", major, minor);
  return fmt::format("{}{}", major, minor);
}

static std::string errorWords(const GpuDriver &driver, GpuResult error) {
  using GetErrorString = GpuResult(GpuResult error, const char **text);
  auto *words = reinterpret_cast<GetErrorString *>(driver.library.symbol("cuGetErrorString"));
  const char *text = nullptr;
  return words && words(error, &text) == 0 && text ? text : "";
}

const GpuVendor &cudaVendor() {
  static const GpuVendor vendor{
      .backend = "cuda",
      .maker = "NVIDIA",
      .driver = "NVIDIA driver",
      .update = "update the driver",
      .unseen = "is CUDA_VISIBLE_DEVICES set?",
      .names = {.init = "cuInit",
                .version = "cuDriverGetVersion",
                .deviceCount = "cuDeviceGetCount",
                .deviceGet = "cuDeviceGet",
                .deviceName = "cuDeviceGetName",
                .deviceMemory = "cuDeviceTotalMem_v2",
                .deviceAttribute = "cuDeviceGetAttribute",
                .devicePciBusId = "cuDeviceGetPCIBusId",
                .memoryInfo = "cuMemGetInfo_v2",
                .allocate = "cuMemAlloc_v2",
                .release = "cuMemFree_v2",
                .copyIn = "cuMemcpyHtoD_v2",
                .copyOut = "cuMemcpyDtoH_v2",
                .fill = "cuMemsetD32Async",
                .moduleLoad = "cuModuleLoadDataEx",
                .moduleUnload = "cuModuleUnload",
                .moduleFunction = "cuModuleGetFunction",
                .launch = "cuLaunchKernel",
                .eventCreate = "cuEventCreate",
                .eventDestroy = "cuEventDestroy_v2",
                .eventRecord = "cuEventRecord",
                .eventSynchronize = "cuEventSynchronize",
                .eventElapsed = "cuEventElapsedTime",
                .contextRetain = "cuDevicePrimaryCtxRetain",
                .contextRelease = "cuDevicePrimaryCtxRelease_v2",
                .contextSet = "cuCtxSetCurrent",
                .functionSet = "cuFuncSetAttribute"},
      // CUdevice_attribute
      .attributes = {.clockKilohertz = 13,
                     .memoryClockKilohertz = 36,
                     .memoryBusBits = 37,
                     .l2Bytes = 38,
                     .multiprocessors = 16,
                     .eccEnabled = 32,
                     .sharedBytes = 97, // opted in to
                     .warpSize = 10,
                     .threadsPerBlock = 1,
                     .gridX = 5,
                     .gridY = 6,
                     .gridZ = 7},
      .versionText = versionText,
      .architecture = architecture,
      .errorWords = errorWords,
      .launchSizesShared = true,
      .mostThreads = 0,
  };
  return vendor;
}

} // namespace lapidary
