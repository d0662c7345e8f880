// Why a fact of the axis analysis is not stronger: walks from a value to the argument, constant or
// operation that limits it.
#pragma once

#include "core/compiler/analysis/AccessReport.h"

namespace lapidary {

// Why `value` does not count up over `wanted` elements along `dim`.
Limit explainContiguity(const AxisAnalysis &axis, mlir::Value value, int dim, std::int64_t wanted);
// Why `value` is not known to be divisible by `wanted`.
Limit explainDivisibility(const AxisAnalysis &axis, mlir::Value value, int dim,
                          std::int64_t wanted);
// Why `value` (a mask) may change within `wanted` elements along `dim`.
Limit explainConstancy(const AxisAnalysis &axis, mlir::Value value, int dim, std::int64_t wanted);

} // namespace lapidary
