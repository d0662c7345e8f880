// NVIDIA GPUs through the CUDA driver: the compiler's hook for their architectures. Devices and
// launches are those of every GPU (backends/gpu).
//
// Twin: backends/hip/Driver.h.
#pragma once

#include "backends/cuda/Symbols.h"
#include "backends/gpu/GpuBackend.h"

namespace lapidary {

// Any thread.
class CudaBackend : public GpuBackend {
public:
  explicit CudaBackend(std::vector<std::string> libraries = cudaLibraries())
      : GpuBackend(cudaVendor(), std::move(libraries)) {}
  Result<std::shared_ptr<const TargetHook>> targetHook(const Target &target) const override;
};

} // namespace lapidary
