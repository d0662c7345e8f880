// The plain reference: runs Triton IR operation by operation over whole tiles, with no optimisation
// and every access checked against the buffers it is given. What the optimised code of every backend
// is compared with. Independent of the lowerings on purpose.
#pragma once

#include "core/compiler/Compiler.h"

#include <array>
#include <span>
#include <variant>

namespace lapidary {

struct ReferenceBuffer {
  std::byte *base = nullptr; // first byte of the storage
  std::int64_t bytes = 0;
  std::string name;          // the argument, for messages
  // Set by runReference, also when it fails: whether any element was loaded, stored to (atomics both).
  bool read = false, written = false;
};

// One runtime argument of the function, in order: a pointer into a buffer, or a scalar. Floats of 4 and
// 8 bytes are doubles; narrower ones come as an integer, their bits.
struct ReferencePointer { int buffer = -1; std::int64_t byteOffset = 0; };
using ReferenceArgument = std::variant<ReferencePointer, std::int64_t, double>;

// Runs the whole grid. Errors: InvalidInput (an access outside every buffer: message with source
// line, program id, element and buffer), Unsupported (an operation it does not know), Cancelled.
Result<void> runReference(const std::string &ttir, std::span<ReferenceBuffer> buffers,
                          std::span<const ReferenceArgument> arguments,
                          std::array<std::int64_t, 3> grid, const CancelToken &cancel = {});

} // namespace lapidary
