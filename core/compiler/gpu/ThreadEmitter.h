// Writes the program of one thread from a kernel over tiles: what lies behind tt-to-threads.
//
// Of each tile a thread holds some elements, one in a register, as the tile's layout says
// (Layouts.h). Elements are computed where they are first asked for: `at(tile, layout, register)`
// evaluates the operation that makes the tile, for that element alone, and remembers the result.
// What happens once, or together with other threads (accesses of memory, reductions, scans, loops,
// whatever goes through shared memory), is written when the walk over the kernel reaches it, and
// its results are bound to their home layout. Asked for in another layout, a tile that has a home
// is converted; one without is computed there again.
//
// What is written is scf, arith and math on scalars, with LLVM's operations for memory; passes
// that MLIR has take it to LLVM alone.
//
// Evaluated values belong to the block in which their operation stands. A value of an outer block
// that is first needed inside a loop is written before the loop.
//
// One use, one thread.
#pragma once

#include "core/compiler/analysis/AxisInfo.h"
#include "core/compiler/gpu/GpuCode.h"
#include "core/compiler/gpu/Layouts.h"

#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/Builders.h"

#include <deque>
#include <map>

namespace lapidary {

class ThreadEmitter {
public:
  ThreadEmitter(tt::FuncOp kernel, const GpuCode &code);
  // Writes the function beside the kernel, which stays. False: an error was diagnosed.
  bool emit();
  std::int64_t sharedBytes() const { return sharedSize; }
  // Of each memory operation in program order, the bits of its widest access.
  llvm::SmallVector<std::int32_t> accessBits() const;

private:
  using Registers = llvm::SmallVector<mlir::Value>;
  static constexpr int scalarLayout = -1;

  // A block that is being written, and what is known in it.
  struct Level {
    mlir::Block *block;               // of the kernel
    mlir::Operation *inner = nullptr; // the operation written for the next level
    llvm::DenseMap<std::pair<mlir::Value, int>, Registers> known;
  };
  // The part of an index that depends on the thread; `moved` are the bits it may set.
  struct ThreadIndex {
    mlir::Value value; // i32
    std::int64_t moved = 0;
  };

  // A layout in use, with the coordinates that each register adds to the thread's.
  struct Placement {
    LinearLayout map;
    std::vector<std::vector<std::int64_t>> registers;
    std::map<std::vector<std::int64_t>, int> registerAt;
  };
  // The tile that an element is moved from: in which layout, and in which register for each.
  struct Source {
    mlir::Value tile;
    int layout = scalarLayout;
    llvm::SmallVector<int> registers;
  };

  // ---- values: ThreadEmitter.cpp ----
  int idOf(const LinearLayout &layout);
  const LinearLayout &layoutOf(int id) const {
    return placements[static_cast<std::size_t>(id)].map;
  }
  const Placement &placementOf(int id) const { return placements[static_cast<std::size_t>(id)]; }
  int registersOf(int id) const {
    return id == scalarLayout ? 1 : static_cast<int>(placementOf(id).registers.size());
  }
  mlir::Value scalar(mlir::Value value) { return at(value, scalarLayout, 0); }
  mlir::Value at(mlir::Value value, int layout, int reg);
  int representative(mlir::Value value, int layout, int reg);
  Registers all(mlir::Value value, int layout);
  void bind(mlir::Value value, int layout, Registers registers);
  void bindHome(mlir::Value value, Registers registers);
  int homeId(mlir::Value value); // scalarLayout for a scalar
  Level &levelOf(mlir::Value value);
  mlir::Value evaluate(mlir::OpResult value, int layout, int reg);
  // i32s of the thread's number, and of linear functions of its bits.
  mlir::Value threadNumber();
  ThreadIndex threadIndex(llvm::ArrayRef<std::int64_t> imagesOfBits);
  ThreadIndex threadCoordinate(int layout, int dim);
  mlir::Value plus(const ThreadIndex &index, std::int64_t constant, mlir::Location loc);
  mlir::Value coordinate(int layout, int reg, int dim, mlir::Location loc);
  mlir::Value isOwner(int layout, mlir::Location loc); // null: every thread is
  bool unsupported(mlir::Operation *op, const llvm::Twine &why = "");

  bool declareFunction();
  void finishShared();

  // ---- control: ThreadControl.cpp ----
  bool visit(mlir::Block &block);
  bool visit(mlir::Operation *op);
  bool emitFor(mlir::scf::ForOp op);
  bool emitWhile(mlir::scf::WhileOp op);
  bool emitIf(mlir::scf::IfOp op);
  bool emitMap(tt::MapElementwiseOp op);
  bool emitAssert(tt::AssertOp op);
  bool enter(mlir::Block &block, mlir::Operation *writtenFor); // pushes a level
  void leave();
  bool yields(mlir::ValueRange values, mlir::ValueRange homes, Registers &to);
  void appendTypes(mlir::Value value, llvm::SmallVectorImpl<mlir::Type> &types);
  void bindFlat(mlir::ValueRange values, mlir::ValueRange registers);

  // ---- elements: Elements.cpp ----
  // By how much an element of an integer tile exceeds that of the layout's first register in the
  // same thread, where that is a constant.
  std::optional<std::int64_t> stepOf(mlir::Value tile, int layout, int reg);
  mlir::Value uniformStepOf(mlir::Value tile, int layout, int reg);
  mlir::Value elementwise(mlir::Operation *op, unsigned result, Registers operands);
  mlir::Value viaFloat32(mlir::Operation *op, Registers operands);
  const Source &sourceOf(mlir::Operation *op, mlir::Value tile, int layout);
  Source findSource(mlir::Operation *op, mlir::Value tile, int layout);
  mlir::Value evaluateConstant(mlir::arith::ConstantOp op, int layout, int reg);
  mlir::Value evaluateJoin(mlir::Operation *op, int dim, std::int64_t bit, int layout, int reg);
  bool emitInlineAsm(tt::ElementwiseInlineAsmOp op);
  // Elements side by side in words of so many bits, and back.
  Registers toWords(mlir::ValueRange elements, int wordBits, mlir::Location loc);
  Registers fromWords(mlir::ValueRange words, mlir::Type element, int count, mlir::Location loc);
  mlir::Value toBits(mlir::Value value, mlir::Location loc);
  mlir::Value fromBits(mlir::Value bits, mlir::Type element, mlir::Location loc);

  // ---- global memory: GlobalMemory.cpp ----
  struct Vectors {
    int width = 1;                                    // elements
    llvm::SmallVector<llvm::SmallVector<int>> groups; // registers in the order of memory
  };
  Vectors vectorsOf(mlir::Value pointer, mlir::Value mask, int layout);
  GlobalAccess accessOf(mlir::Value pointer, int layout, int reg, int width, mlir::Location loc);
  mlir::Value predicateOf(mlir::Value mask, int layout, int reg);
  struct OffsetTerm {
    mlir::Value offset;
    int layout, reg;
  };
  struct OffsetParts {
    llvm::SmallVector<mlir::Value> scalars;
    llvm::SmallVector<OffsetTerm> terms;
  };
  void splitOffset(mlir::Value offset, int layout, int reg, OffsetParts &parts);
  bool boundedOffset(mlir::Value pointer, int layout, int reg, GlobalAccess &access,
                     mlir::Location loc);
  bool emitLoad(tt::LoadOp op);
  bool emitStore(tt::StoreOp op);
  bool emitAtomic(mlir::Operation *op, mlir::Value pointer, mlir::Value mask);
  mlir::Value atomicOne(mlir::Operation *op, mlir::Value pointer, int layout, int reg);

  // ---- between threads: Reductions.cpp, Exchange.cpp, Products.cpp ----
  bool emitReduce(tt::ReduceOp op);
  bool emitScan(tt::ScanOp op);
  Registers combine(mlir::Region &region, mlir::ValueRange left, mlir::ValueRange right,
                    mlir::Location loc);
  mlir::Value shuffle(mlir::Value value, int amount, bool isXor, mlir::Location loc);
  // In shared memory, for each tile: what each warp has of each element beside the dimension that
  // is reduced or scanned, the warps of an element side by side.
  struct WarpTable {
    mlir::Value base;
    std::vector<std::int64_t> shape; // of the tiles without the dimension
    int layout = scalarLayout;       // of those elements
    std::int64_t warps = 1;
    llvm::SmallVector<std::int64_t> begins, elementBytes; // of each tile
  };
  WarpTable warpTable(mlir::ValueRange tiles, int layout, int dim, std::int64_t warps,
                      mlir::Location loc);
  // The index of the first warp's for a register of table.layout; the place of an index.
  mlir::Value rowOf(const WarpTable &table, int reg, mlir::Location loc);
  mlir::Value placeIn(const WarpTable &table, mlir::Value index, std::size_t tile,
                      mlir::Location loc);
  bool reduceLanes(tt::ReduceOp op, int layout, llvm::SmallVector<Registers> &sums);
  bool reduceWarps(tt::ReduceOp op, int layout, llvm::SmallVector<Registers> &sums);
  // Shared memory for one use: `bytes` from the result on, free of what other threads may still
  // read. After writing, `sync`.
  mlir::Value sharedRegion(std::int64_t bytes, mlir::Location loc);
  void sync(mlir::Location loc);
  void forgetShared() { sharedUnknown = true; }
  mlir::Value sharedAt(mlir::Value base, mlir::Value byteOffset, std::int64_t constant,
                       mlir::Location loc);
  void whenTrue(mlir::Value condition, mlir::Location loc, llvm::function_ref<void()> body);
  bool convert(mlir::Value value, int from, int to, Registers &registers, mlir::Location loc);
  Registers throughShared(const Registers &values, int from, int to, mlir::Type element,
                          mlir::Location loc, mlir::Value writers = {});
  bool emitGather(tt::GatherOp op);
  bool emitHistogram(tt::HistogramOp op);
  bool emitDot(tt::DotOp op);
  // Row-major in shared memory, at `base`; the result of `writeTile` is the row length in bytes.
  std::int64_t writeTile(mlir::Value tile, mlir::Value base, mlir::Location loc);
  static std::int64_t tileBytes(mlir::Value tile);

  tt::FuncOp kernel;
  const GpuCode &code;
  AxisAnalysis axis;
  LayoutAssignment layouts;
  mlir::OpBuilder builder;
  mlir::LLVM::LLVMFuncOp function;
  mlir::LLVM::GlobalOp shared;

  std::deque<Placement> placements;
  std::map<std::tuple<mlir::Operation *, unsigned, int>, Source> sources;
  std::deque<Level> levels;
  mlir::Value thread;
  mlir::Operation *entryEnd = nullptr; // what depends on the thread's number alone stands before it
  llvm::DenseMap<std::pair<int, int>, ThreadIndex> coordinates;
  llvm::DenseMap<int, mlir::Value> owners;
  llvm::DenseMap<mlir::Operation *, int> emittedBits;

  // Shared memory: what has been read since the last barrier, and where the next use goes.
  struct Interval {
    std::int64_t begin, end;
  };
  llvm::SmallVector<Interval> unfinished;
  bool sharedUnknown = false; // what was read in blocks before, or in the last round of a loop
  bool sharedOutside = false; // the use at hand stands before the block that is being written
  std::int64_t sharedNext = 0, sharedSize = 0;
};

bool isTile(mlir::Value value);
std::vector<std::int64_t> tileShape(mlir::Value tile);
// What a register holds of an element of a tile: !llvm.ptr<1>, integers, floats; 8-bit floats as
// i8.
mlir::Type registerType(mlir::Type type);
// Bits of an element in memory.
int memoryBits(mlir::Type type);

} // namespace lapidary
