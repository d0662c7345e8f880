// Numbers with units as people read them: four significant digits, one unit for a value and its
// interval, so that columns line up.
#pragma once

#include <cstdint>
#include <string>

namespace lapidary {

std::string formatTime(double nanoseconds);                          // "1.921 ms"
std::string formatTime(double nanoseconds, double low, double high); // "1.921 ms (1.915..1.928)"
std::string formatBytes(std::int64_t bytes);                         // "4 MiB", "1.5 KiB", "17 B"
std::string formatRatio(double ratio);                               // "6.10x"
std::string formatPercent(double fraction);                          // 0.008: "0.8 %"

} // namespace lapidary
