// Where each tile of a kernel lives on a GPU: a distributed layout from (register, lane, warp) to
// the tile's coordinates.
//
// Memory decides. A load or store gets the layout in which its threads take the widest vectors that
// the axis analysis allows and neighbouring lanes take neighbouring vectors (its access layout).
// What is computed from a loaded tile stays where the tile is: its home. Tiles that follow from
// scalars alone (ranges, splats, masks, addresses) have no home: they are computed wherever they
// are asked for, which costs a few integer operations and saves every conversion. A value that is
// asked for in another layout than its home is converted.
//
//   LayoutAssignment layouts(kernel, axis, {.warpSize = 32, .numWarps = 4});
//   layouts.home(tile)       // null: none
//   layouts.access(storeOp)  // the layout of a memory operation on a tile
#pragma once

#include "core/compiler/analysis/AxisInfo.h"
#include "core/compiler/dialect/tt/TtOps.h"
#include "core/layout/FragmentLayouts.h"

#include "mlir/Dialect/SCF/IR/SCF.h"
#include "llvm/ADT/DenseMap.h"

namespace lapidary {

struct GpuShape {
  int warpSize = 32, numWarps = 4;
  int accessBits = 128; // the widest access of one thread
  int threads() const { return warpSize * numWarps; }
};

// The boxes of `perThread` neighbours along order[0], lanes and then warps beside each other in
// `order` (the fastest dimension first), as Triton distributes blocked tiles.
LinearLayout distribute(llvm::ArrayRef<std::int64_t> shape, std::int64_t perThread,
                        llvm::ArrayRef<int> order, const GpuShape &gpu);

// The layout of a tile whose threads hold whole runs along `axis` and are, in that dimension, in
// the order of the elements: registers lowest, then lanes, then warps.
LinearLayout distributeForScan(llvm::ArrayRef<std::int64_t> shape, int axis, const GpuShape &gpu);

// Layout of the source of an operation that moves elements, when the result is wanted in `layout`,
// and the other way round. Null when there is none.
LinearLayout transposedLayout(const LinearLayout &layout, llvm::ArrayRef<std::int32_t> order);
LinearLayout untransposedLayout(const LinearLayout &layout, llvm::ArrayRef<std::int32_t> order);
LinearLayout reshapedLayout(const LinearLayout &layout, llvm::ArrayRef<std::int64_t> shape);
LinearLayout insertedDim(const LinearLayout &layout, int dim, std::int64_t size = 1);
// Coordinates along the dimensions of size 1 in `shape` dropped to 0, registers that become copies
// gone.
LinearLayout projectedLayout(LinearLayout layout, llvm::ArrayRef<std::int64_t> shape);
// `layout` with a further, highest register bit that goes to 2^bit along `dim`.
LinearLayout withRegisterBit(const LinearLayout &layout, int dim, std::int64_t image,
                             std::int64_t size);

class LayoutAssignment {
public:
  LayoutAssignment(tt::FuncOp kernel, const AxisAnalysis &axis, const GpuShape &gpu);

  const LinearLayout *home(mlir::Value tile) const;
  const LinearLayout &access(mlir::Operation *op) const { return accesses.find(op)->second; }
  // The layout of a tile of which nothing is known.
  LinearLayout plain(mlir::Value tile) const;
  // Where the operands of a matrix product of this shape are accumulated.
  LinearLayout accumulator(llvm::ArrayRef<std::int64_t> shape) const;

  // Every memory operation and home, one a line.
  std::string text() const;

private:
  void visit(mlir::Block &block);
  void visit(mlir::Operation *op);
  void visitLoop(mlir::scf::ForOp loop);
  void visitWhile(mlir::scf::WhileOp loop);
  void visitIf(mlir::scf::IfOp branch);
  void visitStore(mlir::Operation *op, mlir::Value pointer, mlir::Value value);
  void setAll(mlir::Value value, const std::optional<LinearLayout> &layout);
  std::optional<LinearLayout> homeOf(mlir::Value value) const;
  std::optional<LinearLayout> demanded(mlir::Value value) const;
  std::optional<LinearLayout> homeOfResult(mlir::Operation *op) const;
  LinearLayout coalesced(mlir::Operation *op, mlir::Value pointer) const;
  bool suits(const LinearLayout &layout, const LinearLayout &wanted, mlir::Value pointer) const;

  tt::FuncOp kernel;
  const AxisAnalysis &axis;
  GpuShape gpu;
  llvm::DenseMap<mlir::Value, LinearLayout> homes;
  llvm::DenseMap<mlir::Operation *, LinearLayout> accesses;
  llvm::DenseMap<mlir::Operation *, std::int64_t> perThread; // elements, shared by related accesses
};

} // namespace lapidary
