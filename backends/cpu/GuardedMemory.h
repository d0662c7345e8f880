// Storage for one argument, laid out so that a kernel which leaves it is caught.
//
//   | guard: faults | front slack | storage | back slack | guard: faults |
//
// The storage lies as far back as its alignment allows: the back slack is shorter than twice the
// alignment. Both slacks hold a pattern that damage() looks for, so that an overrun too short to
// reach the guard is found after the launch. The guards are address space only; they take no
// memory.
//
// The first byte's address is a multiple of the alignment and of no larger power of two.
// Owner: the device. Kernels of any thread use the storage.
#pragma once

#include "core/support/Result.h"

#include <cstddef>
#include <cstdint>
#include <string>

namespace lapidary {

class GuardedMemory {
public:
  // `bytes` from 0, `alignment` a power of two up to 1 GiB. Errors: InvalidInput, OutOfResource
  // with the bytes needed and available.
  static Result<GuardedMemory> allocate(std::int64_t bytes, std::int64_t alignment);
  GuardedMemory(GuardedMemory &&other) noexcept;
  GuardedMemory &operator=(GuardedMemory &&other) noexcept;
  ~GuardedMemory();

  std::byte *data() const { return storage; }
  std::int64_t size() const { return bytes; }

  // What was written around the storage, as words that follow a name ("was written 4 bytes past its
  // end"), or empty. The pattern is put back.
  std::string damage();

private:
  GuardedMemory() = default;

  std::byte *mapping = nullptr; // the guards included
  std::size_t mappingBytes = 0;
  std::byte *begin = nullptr, *end = nullptr; // between the guards
  std::byte *storage = nullptr;
  std::int64_t bytes = 0;
};

} // namespace lapidary
