// One GPU: memory, modules, launches, all through its vendor's driver.
//
// A kernel that faults (an address that is not mapped or not aligned, an assertion, a trap) takes
// its context with it: the driver answers every further call with the same error, and only a new
// process helps. The fault is kept (Device::fault) for whoever runs this process to end it.
#pragma once

#include "backends/gpu/GpuDriver.h"

#include <map>

namespace lapidary {

// Owner: the worker's main thread.
class GpuDevice : public Device {
public:
  // `info` describes the device number `info.ordinal`. Errors: Unreadable (the driver refuses, in
  // its own words).
  static Result<std::unique_ptr<Device>> open(GpuDriver driver, const DeviceInfo &info);
  ~GpuDevice() override;

  Result<DeviceAddress> allocate(std::int64_t bytes, std::int64_t alignment,
                                 const std::string &name) override;
  void release(DeviceAddress address) override;
  Result<void> copyIn(DeviceAddress to, std::span<const std::byte> from) override;
  Result<void> copyOut(std::span<std::byte> to, DeviceAddress from) override;
  // `binary`: machine code, or text that the driver compiles. Errors: Unsupported (the driver does
  // not take it, with what it says).
  Result<std::uint64_t> load(std::span<const std::byte> binary, const std::string &entry) override;
  // Errors: InvalidInput (a grid or block beyond the device's limits), OutOfResource, Crashed (a
  // fault), Unreadable.
  Result<double> launch(const LaunchRequest &request, int count) override;
  // Four times the L2's size is written; the launch that follows waits for it on the device.
  Result<void> flushCaches() override;
  Result<DeviceInfo> state() override;

private:
  struct Kernel {
    GpuHandle module = nullptr, function = nullptr;
    std::int64_t sharedLimit = 48 * 1024; // bytes; more has to be asked for
  };

  GpuDevice(GpuDriver driver, DeviceInfo info);
  const GpuVendor::Names &names() const { return driver.vendor->names; }
  Result<void> enter();
  Result<void> check(const char *function, GpuResult error);
  Result<void> checkSize(const LaunchRequest &request) const;
  Result<void> allowShared(Kernel &kernel, std::int64_t bytes);
  std::int64_t warpSize() const;

  GpuDriver driver;
  DeviceInfo description;
  int device = 0;
  GpuHandle context = nullptr, begin = nullptr, end = nullptr;
  std::map<DeviceAddress, DeviceAddress> allocations; // what allocate() gave, and the driver's own
  std::vector<Kernel> kernels;
  DeviceAddress flushed = 0; // what flushCaches() writes
  std::size_t flushedBytes = 0;
};

} // namespace lapidary
