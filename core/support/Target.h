// What to compile for: a backend's name and an architecture, "cuda:90", "hip:gfx942", "cpu".
// For measuring, a device of it: "cuda:90@1".
#pragma once

#include "core/support/Result.h"

#include <string>
#include <string_view>

namespace lapidary {

struct Target {
  std::string backend;      // "cuda", "hip", "cpu", "sim"
  std::string architecture; // "90", "gfx942", empty for cpu
  bool operator==(const Target &) const = default;
  auto operator<=>(const Target &) const = default;
};

struct DeviceTarget {
  Target target;
  int ordinal = -1; // -1: the first attached device of that kind
};

std::string toString(const Target &target);

// Checks the spelling only; whether a backend compiles for it is the backend's word.
Result<Target> parseTarget(std::string_view text);
Result<DeviceTarget> parseDeviceTarget(std::string_view text);

} // namespace lapidary
