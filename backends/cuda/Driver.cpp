#include "backends/cuda/Driver.h"

#include "backends/cuda/Device.h"

#ifdef LAPIDARY_CUDA_TARGET
#include "backends/cuda/Target.h"
#endif

#include <algorithm>
#include <fmt/format.h>

namespace lapidary {

namespace {
// CUdevice_attribute, as the driver's interface numbers them.
enum Attribute {
  warpSize = 10,
  clockKilohertz = 13,
  multiprocessors = 16,
  eccEnabled = 32,
  memoryClockKilohertz = 36,
  memoryBusBits = 37,
  l2Bytes = 38,
  capabilityMajor = 75,
  capabilityMinor = 76,
  sharedBytesOptIn = 97,
};
constexpr CudaResult errorNoDevice = 100;
} // namespace

static std::unexpected<Error> driverError(const CudaSymbols &cuda, const char *what,
                                          CudaResult error) {
  return fail(ErrorCode::Unreadable,
              fmt::format("the NVIDIA driver {} failed in {}: {}", cuda.library.path(), what,
                          cuda.errorText(error)),
              "cuda");
}

static std::unexpected<Error> noDevice(const CudaSymbols &cuda) {
  return fail(
      ErrorCode::NotFound,
      fmt::format(
          "the NVIDIA driver {} is there, but it sees no GPU (is CUDA_VISIBLE_DEVICES set?)",
          cuda.library.path()),
      "cuda");
}

static Result<DeviceInfo> describeDevice(const CudaSymbols &cuda, int ordinal,
                                         const std::string &driver) {
  CudaDevice device = 0;
  char name[256] = {};
  std::size_t memory = 0;
  if (CudaResult error = cuda.deviceGet(&device, ordinal))
    return driverError(cuda, "cuDeviceGet", error);
  if (CudaResult error = cuda.deviceGetName(name, sizeof name - 1, device))
    return driverError(cuda, "cuDeviceGetName", error);
  if (CudaResult error = cuda.deviceTotalMem(&memory, device))
    return driverError(cuda, "cuDeviceTotalMem", error);
  // An attribute that this driver does not know reads as 0.
  auto attribute = [&](Attribute which) {
    int value = 0;
    return cuda.deviceGetAttribute(&value, which, device) == 0 ? value : 0;
  };

  int major = attribute(capabilityMajor), minor = attribute(capabilityMinor);
  DeviceInfo info;
  info.target = {"cuda", fmt::format("{}{}", major, minor)};
  info.ordinal = ordinal;
  info.name = name;
  info.driver = driver;
  info.memoryBytes = static_cast<std::int64_t>(memory);
  info.cacheBytes = attribute(l2Bytes);
  info.units = attribute(multiprocessors);
  info.details = {{"compute_capability", fmt::format("{}.{}", major, minor)},
                  {"clock_khz", attribute(clockKilohertz)},
                  {"memory_clock_khz", attribute(memoryClockKilohertz)},
                  {"memory_bus_bits", attribute(memoryBusBits)},
                  {"shared_bytes_per_block", attribute(sharedBytesOptIn)},
                  {"warp_size", attribute(warpSize)},
                  {"ecc", attribute(eccEnabled) != 0}};
  char bus[32] = {};
  if (cuda.deviceGetPciBusId && cuda.deviceGetPciBusId(bus, sizeof bus - 1, device) == 0)
    info.details["pci_bus_id"] = bus;
  return info;
}

CudaBackend::CudaBackend(std::vector<std::string> libraries) : libraries(std::move(libraries)) {}

Result<std::vector<DeviceInfo>> CudaBackend::devices() const {
  Result<CudaSymbols> cuda = CudaSymbols::load(libraries);
  if (!cuda)
    return std::unexpected(cuda.error());
  if (CudaResult error = cuda->init(0))
    return error == errorNoDevice ? noDevice(*cuda) : driverError(*cuda, "cuInit", error);
  int version = 0, count = 0;
  if (CudaResult error = cuda->driverGetVersion(&version))
    return driverError(*cuda, "cuDriverGetVersion", error);
  if (CudaResult error = cuda->deviceGetCount(&count))
    return driverError(*cuda, "cuDeviceGetCount", error);
  if (count == 0)
    return noDevice(*cuda);

  // 12040 is CUDA 12.4.
  std::string driver = fmt::format("CUDA {}.{}", version / 1000, version % 1000 / 10);
  std::vector<DeviceInfo> devices;
  for (int ordinal = 0; ordinal < count; ++ordinal) {
    Result<DeviceInfo> device = describeDevice(*cuda, ordinal, driver);
    if (!device)
      return std::unexpected(device.error());
    devices.push_back(std::move(*device));
  }
  return devices;
}

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

Result<std::unique_ptr<Device>> CudaBackend::open(int ordinal) const {
  Result<std::vector<DeviceInfo>> present = devices();
  if (!present)
    return std::unexpected(present.error());
  if (ordinal < 0 || ordinal >= static_cast<int>(present->size()))
    return fail(ErrorCode::NotFound,
                fmt::format("there is no NVIDIA GPU number {}; this machine has {}, counted from 0",
                            ordinal, present->size()),
                "cuda");
  Result<CudaSymbols> cuda = CudaSymbols::load(libraries);
  if (!cuda)
    return std::unexpected(cuda.error());
  return CudaGpu::open(std::move(*cuda), (*present)[static_cast<std::size_t>(ordinal)]);
}

} // namespace lapidary
