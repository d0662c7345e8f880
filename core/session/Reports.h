// The reports of measuring with and without raw samples: scripts get them whole, the store keeps
// the samples in a table of their own.
#pragma once

#include "core/session/Operations.h"

namespace lapidary {

enum class Samples { With, Without };

Json compareReport(const KernelChoice &choice, const CompareResult &result, Samples samples);
Json benchReport(const KernelChoice &choice, const CompareResult &result, Samples samples);

} // namespace lapidary
