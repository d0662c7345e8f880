// This machine's processor as a device: host memory with guards around it, compiled objects linked
// into the process, programs of the grid spread over all cores. How compiled code is called: Abi.h.
//
// No twin of the GPUs' Symbols: there is no driver library to open.
#pragma once

#include "backends/cpu/GuardedMemory.h"
#include "backends/cpu/ThreadPool.h"
#include "core/runtime/Driver.h"

#include <map>

namespace lapidary {

// Stateless; any thread.
class CpuBackend : public Backend {
public:
  std::string name() const override { return "cpu"; }
  // "cpu" is this machine's processor; "cpu:x86-64-v3" one that LLVM knows by that name.
  Result<std::shared_ptr<const TargetHook>> targetHook(const Target &target) const override;
  Result<std::vector<DeviceInfo>> devices() const override; // always one
  Result<std::unique_ptr<Device>> open(int ordinal) const override;
};

// Owner: the worker's main thread, which is pinned to the first core from the first load() until
// the device goes; threads that it starts in between would inherit that.
class CpuDevice : public Device {
public:
  CpuDevice();
  ~CpuDevice() override;
  Result<DeviceAddress> allocate(std::int64_t bytes, std::int64_t alignment,
                                 const std::string &name) override;
  void release(DeviceAddress address) override;
  Result<void> copyIn(DeviceAddress to, std::span<const std::byte> from) override;
  Result<void> copyOut(std::span<std::byte> to, DeviceAddress from) override;
  Result<std::uint64_t> load(std::span<const std::byte> binary, const std::string &entry) override;
  // Errors: Crashed when something was written beside a storage, naming the argument and the place
  // (what lies farther out faults).
  Result<double> launch(const LaunchRequest &request, int count) override;
  // The storages' lines leave all caches; where the processor has no instruction for it, other
  // memory is streamed through them.
  Result<void> flushCaches() override;
  Result<DeviceInfo> state() override;

private:
  struct Buffer {
    GuardedMemory memory;
    std::string name;
  };
  struct Kernel;

  Result<void> checkSurroundings();

  std::map<DeviceAddress, Buffer> buffers;
  std::vector<std::unique_ptr<Kernel>> kernels;
  std::unique_ptr<ThreadPool> pool; // from the first load() on
  std::vector<std::byte> streamed;  // what flushCaches() streams where it must
};

} // namespace lapidary
