// Passes that rewrite Triton IR into simpler Triton IR, for any producer and any consumer.
#pragma once

#include "mlir/Pass/Pass.h"

#include <memory>

namespace lapidary::tt {

// tt-simplify: what canonicalisation alone does not do.
//   dot(a, b, 0) + c                         -> dot(a, b, c)
//   addptr(addptr(p, constant), constant)    -> addptr(p, constant)
//   elementwise(splat(a), splat(b))          -> splat(elementwise(a, b))
//   elementwise(broadcast(a), broadcast(b))  -> broadcast(elementwise(a, b))
// The last two compute on fewer elements; uniform operands may be constants or splats.
std::unique_ptr<mlir::Pass> createSimplifyPass();

// Makes the passes known to lap-opt.
void registerTtPasses();

} // namespace lapidary::tt
