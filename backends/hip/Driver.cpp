#include "backends/hip/Driver.h"

#ifdef LAPIDARY_HIP_TARGET
#include "backends/hip/Target.h"
#endif

#include <algorithm>
#include <fmt/format.h>

namespace lapidary {

namespace {
// hipDeviceAttribute_t, as the runtime's interface numbers them.
enum Attribute {
  eccEnabled = 0,
  clockKilohertz = 5,
  l2Bytes = 19,
  memoryBusBits = 59,
  memoryClockKilohertz = 60,
  multiprocessors = 63,
  sharedBytes = 74,
  warpSize = 87,
};
constexpr HipResult errorNoDevice = 100;
} // namespace

static std::unexpected<Error> driverError(const HipSymbols &hip, const char *what,
                                          HipResult error) {
  return fail(ErrorCode::Unreadable,
              fmt::format("the ROCm runtime {} failed in {}: {}", hip.library.path(), what,
                          hip.errorText(error)),
              "hip");
}

static std::unexpected<Error> noDevice(const HipSymbols &hip) {
  return fail(
      ErrorCode::NotFound,
      fmt::format(
          "the ROCm runtime {} is there, but it sees no GPU (is HIP_VISIBLE_DEVICES set; may "
          "this user open /dev/kfd?)",
          hip.library.path()),
      "hip");
}

static Result<DeviceInfo> describeDevice(const HipSymbols &hip, int ordinal,
                                         const std::string &driver) {
  HipDevice device = 0;
  char name[256] = {};
  std::size_t memory = 0;
  std::string architecture;
  if (HipResult error = hip.deviceGet(&device, ordinal))
    return driverError(hip, "hipDeviceGet", error);
  if (HipResult error = hip.deviceGetName(name, sizeof name - 1, device))
    return driverError(hip, "hipDeviceGetName", error);
  if (HipResult error = hip.deviceTotalMem(&memory, device))
    return driverError(hip, "hipDeviceTotalMem", error);
  if (HipResult error = hip.architecture(ordinal, architecture))
    return driverError(hip, "hipGetDeviceProperties", error);
  // An attribute that this runtime does not know reads as 0.
  auto attribute = [&](Attribute which) {
    int value = 0;
    return hip.deviceGetAttribute(&value, which, ordinal) == 0 ? value : 0;
  };

  DeviceInfo info;
  info.target = {"hip", architecture.substr(0, architecture.find(':'))};
  info.ordinal = ordinal;
  info.name = name;
  info.driver = driver;
  info.memoryBytes = static_cast<std::int64_t>(memory);
  info.cacheBytes = attribute(l2Bytes);
  info.units = attribute(multiprocessors);
  info.details = {{"architecture", architecture},
                  {"clock_khz", attribute(clockKilohertz)},
                  {"memory_clock_khz", attribute(memoryClockKilohertz)},
                  {"memory_bus_bits", attribute(memoryBusBits)},
                  {"shared_bytes_per_block", attribute(sharedBytes)},
                  {"warp_size", attribute(warpSize)},
                  {"ecc", attribute(eccEnabled) != 0}};
  char bus[32] = {};
  if (hip.deviceGetPciBusId && hip.deviceGetPciBusId(bus, sizeof bus - 1, ordinal) == 0)
    info.details["pci_bus_id"] = bus;
  return info;
}

HipBackend::HipBackend(std::vector<std::string> libraries) : libraries(std::move(libraries)) {}

Result<std::vector<DeviceInfo>> HipBackend::devices() const {
  Result<HipSymbols> hip = HipSymbols::load(libraries);
  if (!hip)
    return std::unexpected(hip.error());
  if (HipResult error = hip->init(0))
    return error == errorNoDevice ? noDevice(*hip) : driverError(*hip, "hipInit", error);
  int version = 0, count = 0;
  if (HipResult error = hip->runtimeGetVersion(&version))
    return driverError(*hip, "hipRuntimeGetVersion", error);
  if (HipResult error = hip->getDeviceCount(&count); error && error != errorNoDevice)
    return driverError(*hip, "hipGetDeviceCount", error);
  if (count == 0)
    return noDevice(*hip);

  // 60032830 is HIP 6.0.32830.
  std::string driver =
      fmt::format("HIP {}.{}.{}", version / 10'000'000, version / 100'000 % 100, version % 100'000);
  std::vector<DeviceInfo> devices;
  for (int ordinal = 0; ordinal < count; ++ordinal) {
    Result<DeviceInfo> device = describeDevice(*hip, ordinal, driver);
    if (!device)
      return std::unexpected(device.error());
    devices.push_back(std::move(*device));
  }
  return devices;
}

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

Result<std::unique_ptr<Device>> HipBackend::open(int ordinal) const {
  Result<std::vector<DeviceInfo>> present = devices();
  if (!present)
    return std::unexpected(present.error());
  if (ordinal < 0 || ordinal >= static_cast<int>(present->size()))
    return fail(ErrorCode::NotFound,
                fmt::format("there is no AMD GPU number {}; this machine has {}, counted from 0",
                            ordinal, present->size()),
                "hip");
  return fail(
      ErrorCode::Unsupported,
      fmt::format("this version of Lapidary does not run kernels on AMD GPUs ({} is attached); it "
                  "measures on cpu",
                  (*present)[static_cast<std::size_t>(ordinal)].name),
      "hip");
}

} // namespace lapidary
