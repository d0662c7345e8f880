// NVIDIA GPUs through the CUDA driver: the devices there are, the compiler's hook for their
// architectures, and running kernels (Device.h).
//
// Twin: backends/hip/Driver.h.
#pragma once

#include "backends/cuda/Symbols.h"
#include "core/runtime/Driver.h"

namespace lapidary {

// Loads the driver anew for each call, so a driver installed meanwhile is found; any thread.
class CudaBackend : public Backend {
public:
  explicit CudaBackend(std::vector<std::string> libraries = cudaLibraries());

  std::string name() const override { return "cuda"; }
  Result<std::shared_ptr<const TargetHook>> targetHook(const Target &target) const override;
  // Errors: NotFound (no driver, or no device behind it), Unsupported (the driver is too old),
  // Unreadable (the driver refuses, in its own words).
  Result<std::vector<DeviceInfo>> devices() const override;
  Result<std::unique_ptr<Device>> open(int ordinal) const override;

private:
  std::vector<std::string> libraries;
};

} // namespace lapidary
