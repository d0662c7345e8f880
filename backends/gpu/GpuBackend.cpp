#include "backends/gpu/GpuBackend.h"

#include "backends/gpu/GpuDevice.h"

#include <fmt/format.h>

namespace lapidary {

static constexpr GpuResult errorNoDevice = 100;

static std::unexpected<Error> noDevice(const GpuDriver &driver) {
  return fail(ErrorCode::NotFound,
              fmt::format("the {} {} is there, but it sees no GPU ({})", driver.vendor->driver,
                          driver.library.path(), driver.vendor->unseen),
              driver.vendor->backend);
}

static Json detailsOf(const GpuDriver &driver, int device, DeviceInfo &info) {
  const GpuVendor::Attributes &numbers = driver.vendor->attributes;
  // An attribute that this driver does not know reads as 0.
  auto attribute = [&](int which) {
    int value = 0;
    return driver.deviceAttribute(&value, which, device) == 0 ? value : 0;
  };
  info.cacheBytes = attribute(numbers.l2Bytes);
  info.units = attribute(numbers.multiprocessors);
  return {{"clock_khz", attribute(numbers.clockKilohertz)},
          {"memory_clock_khz", attribute(numbers.memoryClockKilohertz)},
          {"memory_bus_bits", attribute(numbers.memoryBusBits)},
          {"shared_bytes_per_block", attribute(numbers.sharedBytes)},
          {"warp_size", attribute(numbers.warpSize)},
          {"threads_per_block", attribute(numbers.threadsPerBlock)},
          {"grid", {attribute(numbers.gridX), attribute(numbers.gridY), attribute(numbers.gridZ)}},
          {"ecc", attribute(numbers.eccEnabled) != 0}};
}

static Result<DeviceInfo> describeDevice(const GpuDriver &driver, int ordinal,
                                         const std::string &version) {
  const GpuVendor::Names &names = driver.vendor->names;
  int device = 0;
  char name[256] = {};
  std::size_t memory = 0;
  DeviceInfo info;
  info.target.backend = driver.vendor->backend;
  info.ordinal = ordinal;
  info.driver = version;
  if (GpuResult error = driver.deviceGet(&device, ordinal))
    return std::unexpected(driver.error(names.deviceGet, error));
  if (GpuResult error = driver.deviceName(name, sizeof name - 1, device))
    return std::unexpected(driver.error(names.deviceName, error));
  if (GpuResult error = driver.deviceMemory(&memory, device))
    return std::unexpected(driver.error(names.deviceMemory, error));
  info.name = name;
  info.memoryBytes = static_cast<std::int64_t>(memory);
  info.details = detailsOf(driver, device, info);
  Result<std::string> architecture = driver.vendor->architecture(driver, device, info.details);
  if (!architecture)
    return std::unexpected(architecture.error());
  info.target.architecture = std::move(*architecture);
  char bus[32] = {};
  if (driver.devicePciBusId && driver.devicePciBusId(bus, sizeof bus - 1, device) == 0)
    info.details["pci_bus_id"] = bus;
  return info;
}

static Result<std::vector<DeviceInfo>> devicesOf(const GpuDriver &driver) {
  const GpuVendor::Names &names = driver.vendor->names;
  int version = 0, count = 0;
  if (GpuResult error = driver.init(0); error && error != errorNoDevice)
    return std::unexpected(driver.error(names.init, error));
  else if (error)
    return noDevice(driver);
  if (GpuResult error = driver.version(&version))
    return std::unexpected(driver.error(names.version, error));
  if (GpuResult error = driver.deviceCount(&count); error && error != errorNoDevice)
    return std::unexpected(driver.error(names.deviceCount, error));
  if (count == 0)
    return noDevice(driver);
  std::vector<DeviceInfo> devices;
  for (int ordinal = 0; ordinal < count; ++ordinal) {
    Result<DeviceInfo> device =
        describeDevice(driver, ordinal, driver.vendor->versionText(version));
    if (!device)
      return std::unexpected(device.error());
    devices.push_back(std::move(*device));
  }
  return devices;
}

Result<std::vector<DeviceInfo>> GpuBackend::devices() const {
  Result<GpuDriver> driver = GpuDriver::load(vendor, libraries);
  if (!driver)
    return std::unexpected(driver.error());
  return devicesOf(*driver);
}

Result<std::unique_ptr<Device>> GpuBackend::open(int ordinal) const {
  Result<GpuDriver> driver = GpuDriver::load(vendor, libraries);
  if (!driver)
    return std::unexpected(driver.error());
  Result<std::vector<DeviceInfo>> present = devicesOf(*driver);
  if (!present)
    return std::unexpected(present.error());
  if (ordinal < 0 || ordinal >= static_cast<int>(present->size()))
    return fail(ErrorCode::NotFound,
                fmt::format("there is no {} GPU number {}; this machine has {}, counted from 0",
                            vendor.maker, ordinal, present->size()),
                vendor.backend);
  if (Result<void> runs = driver->checkRuns(); !runs)
    return std::unexpected(runs.error());
  return GpuDevice::open(std::move(*driver), (*present)[static_cast<std::size_t>(ordinal)]);
}

} // namespace lapidary
