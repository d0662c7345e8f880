// Conversions between float types that processors lack: the 8-bit formats, and rounding towards
// zero.
#pragma once

#include "mlir/IR/Builders.h"
#include "mlir/IR/BuiltinTypes.h"

namespace lapidary {

// `value`, a scalar or vector of `from` (8-bit formats as i8), as `to`. Rounds to nearest, ties to
// even, or towards zero (to fp16 and bf16 alone). 8-bit formats without an infinity saturate. Null:
// a rounding that there is not.
mlir::Value convertFloat(mlir::OpBuilder &builder, mlir::Location loc, mlir::Value value,
                         mlir::FloatType from, mlir::FloatType to, bool towardsZero);

} // namespace lapidary
