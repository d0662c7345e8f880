// One NVIDIA GPU: memory, modules, launches, all through the driver.
//
// After a fault in a kernel (an address that is not mapped, one that is not aligned, a trap) the
// driver answers every further call with the same error, and only a new process helps. So the
// process is ended there, with the driver's words on stderr: it is a worker, and whoever started it
// reports the variant that was running.
#pragma once

#include "backends/cuda/Symbols.h"
#include "core/runtime/Driver.h"

#include <map>

namespace lapidary {

// Owner: the worker's main thread.
class CudaGpu : public Device {
public:
  // `info` describes the device number `info.ordinal`. Errors: Unsupported (the driver is too old),
  // Unreadable (it refuses, in its own words).
  static Result<std::unique_ptr<Device>> open(CudaSymbols symbols, const DeviceInfo &info);
  ~CudaGpu() override;

  Result<DeviceAddress> allocate(std::int64_t bytes, std::int64_t alignment,
                                 const std::string &name) override;
  void release(DeviceAddress address) override;
  Result<void> copyIn(DeviceAddress to, std::span<const std::byte> from) override;
  Result<void> copyOut(std::span<std::byte> to, DeviceAddress from) override;
  // `binary`: machine code, or PTX that the driver compiles.
  Result<std::uint64_t> load(std::span<const std::byte> binary, const std::string &entry) override;
  // Errors: InvalidInput (a grid beyond the limits), OutOfResource, Unreadable.
  Result<double> launch(const LaunchRequest &request, int count) override;
  // Four times the L2's size is written; the launch that follows waits for it on the device.
  Result<void> flushCaches() override;
  Result<DeviceInfo> state() override { return description; }

private:
  struct Kernel {
    CudaHandle module = nullptr, function = nullptr;
    std::string name;
    std::int64_t sharedLimit = 48 * 1024; // bytes; more has to be asked for
  };

  CudaGpu(CudaSymbols symbols, CudaRunSymbols run, DeviceInfo info);
  Result<void> check(const char *what, CudaResult error) const;

  CudaSymbols cuda;
  CudaRunSymbols run;
  DeviceInfo description;
  CudaDevice device = 0;
  CudaHandle context = nullptr, begin = nullptr, end = nullptr;
  std::map<DeviceAddress, CudaAddress> allocations; // what allocate() gave, and the driver's own
  std::vector<Kernel> kernels;
  CudaAddress flushed = 0; // what flushCaches() writes
  std::size_t flushedBytes = 0;
};

} // namespace lapidary
