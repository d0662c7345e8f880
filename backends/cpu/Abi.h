// How compiled CPU code is called. Target.cpp's code keeps it, Driver.cpp relies on it.
//
// The object exports two symbols for a kernel `name`: the function `name` of type CpuEntry, and the
// 64-bit integer `name.scratch_bytes`.
//
//   args     one 8-byte slot for each runtime parameter, in order. A pointer, and an integer or a
//            float in the low bytes of its slot, as memory holds it on a little-endian machine.
//   first, last   the programs to run, first included, last not, by linear id: x runs fastest,
//            id = x + gx * (y + gy * z).
//   gx, gy, gz    the grid.
//   scratch  `scratch_bytes` bytes aligned to 64, of this call alone; null when that is 0. What
//            it holds before and after means nothing.
//
// Any number of threads may call at once with disjoint ranges and scratch of their own.
#pragma once

#include <cstdint>
#include <string>

namespace lapidary {

using CpuEntry = void(const void *args, std::int64_t first, std::int64_t last, std::int64_t gx,
                      std::int64_t gy, std::int64_t gz, void *scratch);

inline std::string cpuScratchSymbol(const std::string &entry) {
  return entry + ".scratch_bytes";
}

} // namespace lapidary
