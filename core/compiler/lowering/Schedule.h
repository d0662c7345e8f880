// The order in which a block's tiles are computed, and in which loops.
//
// Most operations on tiles have no loop of their own: they are expressions, evaluated wherever an
// element is needed. What needs a loop is a root: a store, a reduction, or the filling of a buffer
// with a tile that is better kept than computed again. Roots over the same shape whose inputs do
// not depend on each other's results share one loop nest (a group): softmax is three groups, the
// maximum, the exponentials with their sum, the quotient with its store.
//
// A tile is kept (gets a buffer) when
//   - it costs much and more than one group, or a loop around its use, or a broadcast, would
//   compute
//     it again;
//   - it holds loads that a write lies after, and it is needed later than that write;
//   - an operation needs the whole of it (gather, a reshape that tears lanes apart).
//
// Order of memory: groups and other operations run in program order. Inside a group, the elements
// of a store are written as the loop goes: this is right because a group's loads come before its
// stores in the program, and a load and a store based on the same argument share a group only when
// they access the same element. Loads and stores through different arguments are taken not to
// overlap at different elements within one statement's tile, which Triton does not order either.
#pragma once

#include "core/compiler/analysis/AxisInfo.h"
#include "core/compiler/dialect/tt/TtOps.h"

#include <vector>

namespace lapidary {

struct Root {
  enum class Kind { Store, Reduce, Fill };
  Kind kind = Kind::Store;
  mlir::Operation *op = nullptr; // the store or reduction; null for Fill
  mlir::Value tile;              // what Fill fills a buffer with
};

struct Group {
  std::vector<Root> roots; // fills before what reads them
  llvm::SmallVector<std::int64_t, 4> shape;
  int reduceAxis = -1; // of every reduction in it
};

// One thing to emit: a group of loops, or an operation by itself (scalar, control flow, atomic,
// matrix product, terminator).
struct Step {
  mlir::Operation *op = nullptr; // null: the group
  Group group;
};

class Scheduler {
public:
  explicit Scheduler(const AxisAnalysis &axis) : axis(axis) {}

  // Steps of `block`, its terminator last. Tiles found worth keeping are in isKept from now on.
  std::vector<Step> schedule(mlir::Block &block);

  bool isKept(mlir::Value tile) const { return kept.contains(tile); }
  void keep(mlir::Value tile) { kept.insert(tile); }
  // What computing one element costs, in simple instructions.
  int cost(mlir::Value tile);

private:
  const AxisAnalysis &axis;
  llvm::DenseSet<mlir::Value> kept;
  llvm::DenseMap<mlir::Value, int> costs;
};

// A tile with no loop of its own: computed where it is needed.
bool isExpression(mlir::Operation *op);
// Reads or writes memory that other operations see; nested operations count.
bool mayWrite(mlir::Operation *op);
bool mayRead(mlir::Operation *op);
// The function's argument that a pointer is based on; null when it is not plain to see.
mlir::Value basePointer(mlir::Value pointer);

} // namespace lapidary
