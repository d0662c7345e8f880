// A whole kernel: its function, blocks and control flow around the groups of loops.
//
// Tiles that cross control flow live in buffers of the scratch memory that the caller passes. A
// loop-carried tile is updated in place where every element depends on itself alone, else through a
// second buffer.
#pragma once

#include "core/compiler/lowering/GroupEmitter.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

namespace lapidary {

class KernelEmitter {
public:
  KernelEmitter(tt::FuncOp kernel, const VectorTraits &traits);
  // Puts the entry function, the function of one program and the size of the scratch memory before
  // the kernel. False after a diagnostic.
  bool emit();
  // Bits of the widest access emitted for each memory operation, in program order.
  llvm::SmallVector<int> accessBits();

private:
  // Where the terminator of a region puts its operands: tiles into these buffers, in order.
  using Targets = llvm::SmallVector<Buffer>;

  bool emitProgram();
  void emitEntry();
  bool emitBlock(mlir::Block &block);
  bool emitStep(mlir::Operation *op);
  bool emitGroup(const Group &group);
  bool emitTerminator(mlir::Operation *op);
  bool emitBranch(mlir::Operation *op);
  bool emitJump(mlir::Location loc, mlir::Block *to, mlir::ValueRange values);

  // ControlFlow.cpp
  bool emitFor(mlir::scf::ForOp op);
  bool emitIf(mlir::scf::IfOp op);
  bool emitWhile(mlir::scf::WhileOp op);
  // Tiles of `values` into `targets`, as if all at once.
  bool assignTiles(mlir::ValueRange values, llvm::ArrayRef<Buffer> targets);
  bool fillTiles(llvm::ArrayRef<std::pair<mlir::Value, Buffer>> fills);
  llvm::SmallVector<mlir::Value> scalarsOf(mlir::ValueRange values);
  Targets allocateTiles(mlir::ValueRange values);
  void bindTiles(mlir::ValueRange values, llvm::ArrayRef<Buffer> buffers);

  // TileOperations.cpp: operations with loops of their own.
  bool emitDot(tt::DotOp op);
  bool emitDotTile(const Buffer &a, const Buffer &b, const Buffer &sum);
  bool emitScan(tt::ScanOp op);
  bool emitAtomic(mlir::Operation *op);
  mlir::Value atomicAt(mlir::Operation *op, const Place &place);
  bool emitHistogram(tt::HistogramOp op);
  bool emitJoin(mlir::Operation *op);
  // Runs body(place) in loops over every element of the shape, row-major.
  bool forEachElement(llvm::ArrayRef<std::int64_t> shape,
                      llvm::function_ref<bool(const Place &)> body);
  // The buffer of a loop-carried accumulator that this product may be computed in.
  std::optional<Buffer> accumulator(tt::DotOp op);

  Buffer allocate(llvm::ArrayRef<std::int64_t> shape, mlir::Type element);
  Buffer allocate(mlir::Value tile);

  tt::FuncOp kernel;
  AxisAnalysis axis;
  Scheduler scheduler;
  mlir::OpBuilder builder;
  TileEmitter tiles;
  mlir::func::FuncOp program;
  std::int64_t scratchBytes = 0;
  llvm::SmallVector<Targets> targets; // of the regions being emitted, innermost last
  llvm::DenseMap<mlir::Block *, mlir::Block *> blocks;
};

} // namespace lapidary
