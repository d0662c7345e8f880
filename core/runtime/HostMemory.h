// How much memory this machine can still give without swapping or being killed for it.
#pragma once

#include <cstdint>

namespace lapidary {

// Bytes: the kernel's MemAvailable, or what the process's control group (version 2) leaves if that
// is less. A large number where neither is known.
std::int64_t availableHostMemory();

} // namespace lapidary
