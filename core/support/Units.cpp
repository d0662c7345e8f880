#include "core/support/Units.h"

#include <cmath>
#include <fmt/format.h>

namespace lapidary {

namespace {

struct Unit {
  double size;
  const char *name;
};

constexpr Unit timeUnits[] = {{1, "ns"}, {1e3, "us"}, {1e6, "ms"}, {1e9, "s"}};

// The largest unit in which the value, as it will be printed, is at least 1.
Unit unitFor(double nanoseconds) {
  Unit chosen = timeUnits[0];
  for (const Unit &unit : timeUnits)
    if (std::abs(nanoseconds) >= unit.size * 0.99995)
      chosen = unit;
  return chosen;
}

int decimalsFor(double value) {
  const double magnitude = std::abs(value);
  return magnitude < 9.9995 ? 3 : magnitude < 99.995 ? 2 : magnitude < 999.95 ? 1 : 0;
}

} // namespace

std::string formatTime(double nanoseconds) {
  const Unit unit = unitFor(nanoseconds);
  const double value = nanoseconds / unit.size;
  return fmt::format("{:.{}f} {}", value, decimalsFor(value), unit.name);
}

std::string formatTime(double nanoseconds, double low, double high) {
  const Unit unit = unitFor(nanoseconds);
  const double value = nanoseconds / unit.size;
  const int decimals = decimalsFor(value);
  return fmt::format("{:.{}f} {} ({:.{}f}..{:.{}f})", value, decimals, unit.name, low / unit.size,
                     decimals, high / unit.size, decimals);
}

std::string formatBytes(std::int64_t bytes) {
  static constexpr const char *names[] = {"B", "KiB", "MiB", "GiB", "TiB"};
  double value = static_cast<double>(bytes);
  int unit = 0;
  for (; std::abs(value) >= 1024 && unit < 4; ++unit)
    value /= 1024;
  const bool whole = value == std::floor(value);
  return fmt::format("{:.{}f} {}", value, whole ? 0 : 1, names[unit]);
}

std::string formatRatio(double ratio) {
  return fmt::format("{:.{}f}x", ratio, ratio < 99.995 ? 2 : 0);
}

std::string formatPercent(double fraction) {
  return fmt::format("{:.1f} %", fraction * 100);
}

} // namespace lapidary
