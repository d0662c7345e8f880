// NVIDIA's assembler, when it is installed: PTX to machine code, with the registers and spills that
// come of it, on a machine without a GPU. Without it the driver assembles when a kernel is loaded.
#pragma once

#include "core/support/Cancellation.h"
#include "core/support/Result.h"

#include <cstdint>
#include <optional>
#include <string>

namespace lapidary {

struct Cubin {
  std::string bytes;
  std::int64_t registers = 0;                   // a thread
  std::int64_t spillStores = 0, spillLoads = 0; // bytes
  std::int64_t stackBytes = 0;
};

class Ptxas {
public:
  // LAPIDARY_PTXAS, else ptxas in CUDA_HOME, CUDA_PATH, /usr/local/cuda and PATH.
  static std::optional<Ptxas> find();

  // Path, size and time of the program: part of what code was made by.
  const std::string &fingerprint() const { return identity; }
  // `processor`: "sm_90a". Errors: CompileFailed in its own words, Cancelled, Timeout.
  Result<Cubin> assemble(const std::string &ptx, const std::string &processor,
                         const CancelToken &cancel) const;

private:
  std::string path, identity;
};

} // namespace lapidary
