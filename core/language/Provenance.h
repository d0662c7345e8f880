// Which arguments of a function its stores and atomics may write through.
#pragma once

#include "core/compiler/dialect/tt/TtOps.h"

#include <set>

namespace lapidary::language {

// Indices of the arguments. Pointers are followed backwards through arithmetic, casts, shapes,
// selections, branches and loops; what comes out of memory is not followed.
std::set<unsigned> argumentsStoredTo(tt::FuncOp function);

} // namespace lapidary::language
