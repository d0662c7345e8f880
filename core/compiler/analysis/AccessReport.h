// How wide each memory operation of a kernel can be on a target, and what keeps it from being
// wider: the axis analysis as a person reads it.
#pragma once

#include "core/compiler/TargetHook.h"
#include "core/compiler/analysis/AxisInfo.h"
#include "core/compiler/dialect/tt/TtOps.h"

namespace lapidary {

// What limits something, and the property of an argument that would lift it (empty: none would).
struct Limit {
  std::string sentence;
  std::string argument, property;
};

// The width of one access by the facts alone.
struct AccessWidth {
  int dim = 0;               // along which elements are contiguous
  std::int64_t elements = 1; // in one access
  int bits = 0;
};

// The widest access of `pointer` (a tile or a scalar) that the facts and the target allow.
AccessWidth widestAccess(const AxisAnalysis &axis, mlir::Value pointer, const AccessTraits &traits);

struct AccessReport {
  std::vector<MemoryAccess> accesses; // in program order
  std::string text;
};

AccessReport reportAccesses(tt::FuncOp kernel, const AccessTraits &traits);

// Whether the report has a line for it: a load, store or atomic.
bool isMemoryOperation(mlir::Operation *op);

// The name of the function's parameter: from its location, else "argument 2".
std::string argumentName(mlir::BlockArgument argument);

} // namespace lapidary
