// How the reference represents a pointer: the number of its buffer in the upper 16 bits, the offset in
// bytes, biased to stay positive, in the lower 48. Adding to a pointer keeps its buffer, so that an
// access which strays into a neighbour's storage is still found to be outside its own.
//
// Buffer 0 is none: null, and integers turned into pointers that lie in no buffer; the offset is then
// the address.
#pragma once

#include <cstdint>

namespace lapidary::reference {

inline constexpr std::int64_t offsetBias = std::int64_t(1) << 47;

inline std::int64_t makePointer(int buffer, std::int64_t offset) {
  auto high = static_cast<std::uint64_t>(buffer + 1) << 48;
  return static_cast<std::int64_t>(high + static_cast<std::uint64_t>(offset + offsetBias));
}
// -1: none.
inline int bufferOf(std::int64_t pointer) {
  return static_cast<int>(static_cast<std::uint64_t>(pointer) >> 48) - 1;
}
inline std::int64_t offsetOf(std::int64_t pointer) {
  return (pointer & ((std::int64_t(1) << 48) - 1)) - offsetBias;
}

} // namespace lapidary::reference
