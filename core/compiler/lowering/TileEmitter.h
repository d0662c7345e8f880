// Evaluates tiles at places: the value of an expression for one element, or for lanes side by side,
// as scalar or vector operations of arith, math, vector and llvm.
//
// A value that is the same in all lanes is evaluated once as a scalar. A value that does not depend
// on the inner loops is evaluated outside of them. A load whose lanes are contiguous is one vector
// access from the address of the first; the axis analysis says so.
#pragma once

#include "core/compiler/analysis/AxisInfo.h"
#include "core/compiler/dialect/tt/TtOps.h"
#include "core/compiler/lowering/Tile.h"

#include "mlir/Dialect/LLVMIR/LLVMTypes.h"

namespace lapidary {

// What the code may use of the processor.
struct VectorTraits {
  int bits = 128;         // of a vector register
  bool hasGather = false; // of 32 and 64-bit elements
};

// A tile in memory, row-major.
struct Buffer {
  mlir::Value pointer;
  llvm::SmallVector<std::int64_t, 4> shape;
  mlir::Type element; // as stored: i1 as i8
};

// A mask known to hold wherever the loop variables of its dimensions are these.
struct AssumedMask {
  mlir::Value mask;
  Place place;             // at the first lane of the first chunk
  std::int64_t extent = 1; // lanes from there on
};

class TileEmitter {
public:
  TileEmitter(mlir::OpBuilder &builder, const AxisAnalysis &axis, const VectorTraits &traits,
              llvm::StringRef file)
      : builder(builder), axis(axis), traits(traits), file(file) {
    levels.emplace_back();
  }

  // ---- what is known ----

  llvm::DenseMap<mlir::Value, mlir::Value> scalars; // scalar of the kernel -> emitted
  llvm::DenseMap<mlir::Value, Buffer> buffers;      // tile -> where it is kept
  mlir::Value scalar(mlir::Value value) const { return scalars.lookup(value); }
  // Bits of the widest contiguous access emitted for a load, store or atomic of the kernel.
  llvm::DenseMap<mlir::Operation *, int> accessBits;

  // ---- evaluation ----

  // The tile's elements at the place; a vector only where lanes differ. Null after a diagnostic.
  mlir::Value at(mlir::Value tile, const Place &place);
  // The same, as a vector of the place's lanes even where they are equal (a scalar for one
  // element).
  mlir::Value lanesAt(mlir::Value tile, const Place &place);
  // Whether the mask holds at all of `extent` lanes from the place on: an i1.
  mlir::Value allTrue(mlir::Value mask, const Place &place, std::int64_t extent);

  // Evaluates all that the store needs, so that `store` only writes. False after a diagnostic.
  bool prepare(tt::StoreOp op, const Place &place);
  void store(tt::StoreOp op, const Place &place);
  mlir::Value load(const Buffer &buffer, const Place &place, mlir::Location loc);
  void store(const Buffer &buffer, const Place &place, mlir::Value value, mlir::Location loc);

  // One scalar operation outside of tiles. False after a diagnostic.
  bool emitScalar(mlir::Operation *op);
  // The operation again with other operands, in the type that they have: scalars or vectors.
  mlir::Value elementwise(mlir::Operation *op, unsigned result, mlir::ValueRange operands);
  mlir::Value onNarrowFloats(mlir::Operation *op, unsigned result, mlir::ValueRange operands);

  // ---- loops being emitted, outermost first ----

  // Code that depends on `variable` belongs into its body from here on. `loop` is the operation
  // before which code of the enclosing level goes.
  void enter(mlir::Operation *loop, mlir::Value variable, bool isBranch = false);
  void leave();
  // In a branch taken when the masks hold everywhere, or when they do not: what depends on them is
  // evaluated in the branch.
  void assume(std::vector<AssumedMask> masks, bool hold);
  // Forgets what is evaluated: memory has changed, or another block begins.
  void forget();
  // Lane variables are multiples of this.
  std::int64_t laneStep = 1;

  // ---- types and small pieces ----

  mlir::Type elementType(mlir::Type type) const; // of the emitted value: pointers as !llvm.ptr
  mlir::Type storedType(mlir::Type type) const;  // as in memory: i1 as i8
  mlir::Location locationOf(mlir::Operation *op) const;
  mlir::Value integer(std::int64_t value, int bits = 64);
  mlir::Value value(const Index &index); // as i64
  mlir::Value zero(mlir::Type type);
  mlir::Value splat(mlir::Value value, std::int64_t lanes);
  mlir::Value laneOf(mlir::Value vector, std::int64_t lane);
  mlir::Value elementPointer(mlir::Type element, mlir::Value pointer, const Index &index);
  mlir::OpBuilder &builder;
  const AxisAnalysis &axis;
  const VectorTraits traits;

private:
  struct Level {
    mlir::Operation *inner = nullptr; // the loop inside this level; null for the innermost
    mlir::Value variable;
    bool isBranch = false;
    llvm::DenseMap<std::pair<mlir::Value, Place>, mlir::Value> known;
  };

  // A mask where it is used: known true, one bit for all lanes, or a bit a lane.
  struct Mask {
    enum class Kind { True, Uniform, Lanes } kind = Kind::True;
    mlir::Value value;
  };

  std::size_t levelOf(mlir::Value tile, const Place &place);
  bool usesAssumed(mlir::Value tile);
  bool isAssumed(mlir::Value mask, const Place &place) const;
  mlir::Value evaluate(mlir::Value tile, const Place &place);
  mlir::Value evaluateLoad(tt::LoadOp op, const Place &place);
  mlir::Value evaluateRange(tt::MakeRangeOp op, const Place &place);
  mlir::Value evaluateConstant(mlir::Value tile, const Place &place);
  mlir::Value evaluateGather(tt::GatherOp op, const Place &place);
  mlir::Value laneByLane(mlir::Value tile, const Place &place);
  mlir::Value callDeviceFunction(tt::ExternElementwiseOp op, mlir::ValueRange operands,
                                 mlir::Type type);
  mlir::Value callCLibrary(llvm::StringRef name, mlir::ValueRange operands, mlir::Location loc);
  mlir::Value addPointer(mlir::Type element, mlir::Value pointer, mlir::Value offset);
  Mask maskAt(mlir::Value mask, const Place &place);
  mlir::Value loadLanes(tt::LoadOp op, const Place &place, const Mask &mask, mlir::Value other);
  void storeLanes(tt::StoreOp op, const Place &place, mlir::Value value, const Mask &mask);
  // The address of the first element, by way of the first of the contiguous run that it lies in.
  mlir::Value runPointer(mlir::Value pointer, const Place &place, mlir::Type element);
  // How to access the lanes of a tile of pointers; evaluated before any branch around the access.
  struct Addresses {
    enum class Kind { Run, Pieces, Vector } kind = Kind::Run;
    std::int64_t piece = 1;                  // elements side by side behind each pointer
    llvm::SmallVector<mlir::Value> pointers; // one; one a piece; one vector of them
  };
  Addresses addressesAt(mlir::Operation *op, const Place &place, mlir::Type element, bool masked);
  mlir::Value loadPlainly(mlir::OpBuilder &at, const Addresses &addresses, mlir::Type type,
                          mlir::Location loc);
  void storePlainly(mlir::OpBuilder &at, const Addresses &addresses, mlir::Value value,
                    mlir::Location loc);
  mlir::Value fromStored(mlir::Value value, mlir::Type type);
  mlir::Value toStored(mlir::Value value);
  mlir::Value converted(mlir::Value value, mlir::Type element, mlir::Location loc);
  mlir::Value linear(const Buffer &buffer, const Place &place);
  bool unsupported(mlir::Operation *op, const std::string &why = {});

  llvm::StringRef file;
  std::vector<Level> levels;
  std::vector<AssumedMask> assumed;
  bool assumptionHolds = false;
  llvm::DenseMap<mlir::Value, bool> assumedUses;
};

} // namespace lapidary
