// What this machine is: its processor, cores, caches and, where the system tells, its clock.
#pragma once

#include "core/runtime/Driver.h"

#include <vector>

namespace lapidary {

// Numbers of the cores that this process may run on: its affinity, and no more of them than a
// control group's quota pays for. Never empty.
std::vector<int> usableCores();

// Bytes of the largest cache of the first core; 0 when the system does not tell.
std::int64_t largestCacheBytes();

// The CPU as a device. details: "clock_mhz", "governor", "temperature_c" where the system tells
// them, and always "load" (the mean number of running tasks over the last minute).
DeviceInfo hostDeviceInfo();

} // namespace lapidary
