// The one place that names every backend. A new backend is one line in All.cpp.
#pragma once

#include "core/runtime/Driver.h"

#include <memory>

namespace lapidary {

// In the order in which they are shown: cpu, cuda, hip. No driver is loaded by this.
std::shared_ptr<BackendRegistry> registerAllBackends();

} // namespace lapidary
