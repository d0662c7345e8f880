// One group of roots as a loop nest.
//
// Dimensions that are kept run in the outer loops. The lane dimension runs in steps of several
// vectors of lanes (chunks), so that reductions have independent accumulators. When a reduction's
// axis is not the lane dimension, its loop is the innermost. Each step tests once whether all masks
// hold for all of it and has a body without masks for that case.
#pragma once

#include "core/compiler/lowering/Schedule.h"
#include "core/compiler/lowering/TileEmitter.h"

namespace lapidary {

class GroupEmitter {
public:
  // `fillTarget` gives the buffer of a Fill root, `resultBuffer` that of a reduction's tile result.
  // Both are asked before the loops are emitted.
  GroupEmitter(TileEmitter &tiles, const Group &group,
               llvm::function_ref<Buffer(mlir::Value tile)> bufferFor);

  // False after a diagnostic. Kept tiles and results are in the emitter's tables afterwards.
  bool emit();

private:
  struct Accumulators {
    tt::ReduceOp op;
    std::vector<mlir::Value> neutral; // an operand each; null: the first value begins
  };

  void chooseLanes();
  double score(int dim, std::int64_t lanes) const;
  int widestElement() const;
  int bodySize() const; // about how many operations one chunk takes
  bool emitDims(std::size_t next);
  bool emitReductionLoop();
  std::vector<mlir::Value> initialValues();
  // One step: the masks' test and the chunks in either branch. Returns the accumulators after it.
  std::vector<mlir::Value> emitStep(std::vector<mlir::Value> values, mlir::Value isFirst);
  std::vector<mlir::Value> emitChunks(std::vector<mlir::Value> values, mlir::Value isFirst);
  std::vector<AssumedMask> masksOf();
  bool emitChunk(const Place &place, int chunk, std::vector<mlir::Value> &values,
                 mlir::Value isFirst);
  std::vector<mlir::Value> combine(tt::ReduceOp op, mlir::ValueRange a, mlir::ValueRange b);
  bool finish(const std::vector<mlir::Value> &values);
  mlir::Value acrossLanes(tt::ReduceOp op, std::vector<mlir::Value> &values);
  bool reducesLanes() const { return reduceAxis >= 0 && reduceAxis == laneDim; }

  TileEmitter &tiles;
  mlir::OpBuilder &builder;
  const Group &group;
  llvm::SmallVector<Buffer> fillBuffers;
  llvm::DenseMap<mlir::Value, Buffer> resultBuffers;
  llvm::DenseMap<mlir::Value, mlir::Value> resultScalars;
  std::vector<Accumulators> reductions;
  int laneDim = -1, reduceAxis = -1;
  std::int64_t lanes = 1, chunks = 1;
  llvm::SmallVector<int> outerDims;
  Place here; // of the current step: its first lane
  bool failed = false;
};

} // namespace lapidary
