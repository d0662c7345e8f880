// AMD GPUs through the HIP runtime: the devices there are and the hook for their architectures;
// measuring on them is refused with Unsupported.
//
// Twin: backends/cuda/Driver.h.
#pragma once

#include "backends/hip/Symbols.h"
#include "core/runtime/Driver.h"

namespace lapidary {

// Loads the runtime anew for each call, so one installed meanwhile is found; any thread.
class HipBackend : public Backend {
public:
  explicit HipBackend(std::vector<std::string> libraries = hipLibraries());

  std::string name() const override { return "hip"; }
  Result<std::shared_ptr<const TargetHook>> targetHook(const Target &target) const override;
  // Errors: NotFound (no runtime, or no device behind it), Unsupported (the runtime is too old),
  // Unreadable (the runtime refuses, in its own words).
  Result<std::vector<DeviceInfo>> devices() const override;
  Result<std::unique_ptr<Device>> open(int ordinal) const override;

private:
  std::vector<std::string> libraries;
};

} // namespace lapidary
