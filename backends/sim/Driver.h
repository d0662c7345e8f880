// A simulated GPU on the CPU: the code lowered for NVIDIA or AMD, thread by thread, with every
// access and every exchange between threads checked (Block.h). Slow; it proves code, its times say
// nothing about a GPU.
#pragma once

#include "backends/sim/Block.h"
#include "core/runtime/Driver.h"

namespace lapidary {

// Stateless; any thread.
class SimBackend : public Backend {
public:
  std::string name() const override { return "sim"; }
  Result<std::shared_ptr<const TargetHook>> targetHook(const Target &target) const override;
  Result<std::vector<DeviceInfo>> devices() const override; // sim:sm90 and sim:gfx942
  Result<std::unique_ptr<Device>> open(int ordinal) const override;
};

// Owner: the worker's main thread.
class SimDevice : public Device {
public:
  explicit SimDevice(DeviceInfo info) : info(std::move(info)) {}
  Result<DeviceAddress> allocate(std::int64_t bytes, std::int64_t alignment,
                                 const std::string &name) override;
  void release(DeviceAddress address) override;
  Result<void> copyIn(DeviceAddress to, std::span<const std::byte> from) override;
  Result<void> copyOut(std::span<std::byte> to, DeviceAddress from) override;
  Result<std::uint64_t> load(std::span<const std::byte> binary, const std::string &entry) override;
  // Errors: Crashed saying what a thread did and where.
  Result<double> launch(const LaunchRequest &request, int count) override;
  Result<void> flushCaches() override { return {}; }
  Result<DeviceInfo> state() override { return info; }

private:
  struct Memory {
    std::vector<std::byte> bytes; // with room for the alignment
    SimStorage storage;
  };

  DeviceInfo info;
  std::vector<Memory> memories;
  std::vector<SimProgram> programs;
};

} // namespace lapidary
