// GPUs of one vendor: the devices there are, and opening them. What remains for the vendor is its
// data and the compiler's hook.
#pragma once

#include "backends/gpu/GpuDriver.h"

namespace lapidary {

// Loads the driver anew for each call, so one installed meanwhile is found; any thread.
class GpuBackend : public Backend {
public:
  // `vendor` outlives this.
  GpuBackend(const GpuVendor &vendor, std::vector<std::string> libraries)
      : vendor(vendor), libraries(std::move(libraries)) {}

  std::string name() const override { return vendor.backend; }
  // Errors: NotFound (no driver, or no device behind it), Unsupported (the driver is too old),
  // Unreadable (the driver refuses, in its own words).
  Result<std::vector<DeviceInfo>> devices() const override;
  // Beside those: NotFound for a number that no device has, Unsupported for a driver that runs
  // nothing.
  Result<std::unique_ptr<Device>> open(int ordinal) const override;

private:
  const GpuVendor &vendor;
  std::vector<std::string> libraries;
};

} // namespace lapidary
