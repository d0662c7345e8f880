// AMD GPUs through the HIP runtime: the compiler's hook for their architectures. Devices and
// launches are those of every GPU (backends/gpu).
//
// Twin: backends/cuda/Driver.h.
#pragma once

#include "backends/gpu/GpuBackend.h"
#include "backends/hip/Symbols.h"

namespace lapidary {

// Any thread.
class HipBackend : public GpuBackend {
public:
  explicit HipBackend(std::vector<std::string> libraries = hipLibraries())
      : GpuBackend(hipVendor(), std::move(libraries)) {}
  Result<std::shared_ptr<const TargetHook>> targetHook(const Target &target) const override;
};

} // namespace lapidary
