// The walk over the module; see Translate.h for what comes of it. Includes MLIR: for this folder's
// Translate*.cpp alone.
#pragma once

#include "core/compiler/dialect/tt/TtOps.h"
#include "core/compiler/reference/MemoryPlan.h"
#include "core/compiler/reference/Program.h"
#include "core/support/Result.h"

#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/StringMap.h"

#include <optional>
#include <set>

namespace lapidary::reference {

class Translator {
public:
  explicit Translator(mlir::ModuleOp module) : module(module) {}
  Result<Program> run();

private:
  // All but `run` return false (or -1) when something is not known; `error` then says what.
  bool unsupported(mlir::Operation *op, const std::string &what);
  int lineOf(mlir::Operation *op);

  std::optional<ValueInfo> describe(mlir::Type type) const;
  int declare(mlir::Operation *at, mlir::Type type); // a value without a place
  int define(mlir::Operation *at, mlir::Value value); // with one, known from now on
  void takePlace(int value);
  // For what is computed once a machine: a place that nothing else ever has.
  void takePlaceForGood(int value);
  void release(int value);
  int use(mlir::Value value); // its number; in lane mode an outer scalar becomes lanes
  std::vector<int> use(mlir::ValueRange values);

  bool translateRegion(mlir::Operation *at, mlir::Region &source, Region &out);
  bool translateBlock(mlir::Block &source, Block &out, bool alone);
  bool translate(mlir::Operation *op, std::vector<Instruction> &out);
  bool elementwise(mlir::Operation *op, Opcode opcode, std::vector<Instruction> &out);
  bool arithmetic(mlir::Operation *op, std::vector<Instruction> &out);
  bool extendedArithmetic(mlir::Operation *op, std::vector<Instruction> &out);
  bool constant(mlir::Operation *op);
  bool tritonOperation(mlir::Operation *op, std::vector<Instruction> &out);
  bool conversion(mlir::Operation *op, std::vector<Instruction> &out);
  bool shape(mlir::Operation *op, std::vector<Instruction> &out);
  bool strided(mlir::Operation *op, std::vector<Instruction> &out);
  bool wholeTile(mlir::Operation *op, std::vector<Instruction> &out);
  bool memory(mlir::Operation *op, std::vector<Instruction> &out);
  bool blockPointer(mlir::Operation *op, std::vector<Instruction> &out);
  bool descriptor(mlir::Operation *op, std::vector<Instruction> &out);
  bool combining(mlir::Operation *op, Opcode opcode, std::vector<std::int64_t> numbers,
                 std::int64_t lanes, std::vector<Instruction> &out);
  bool mapElementwise(tt::MapElementwiseOp op, std::vector<Instruction> &out);
  bool control(mlir::Operation *op, std::vector<Instruction> &out);
  bool withRegions(mlir::Operation *op, Opcode opcode, std::vector<std::int64_t> numbers,
                   llvm::MutableArrayRef<mlir::Region> regions, std::vector<Instruction> &out);
  bool terminator(mlir::Operation *op, std::vector<Instruction> &out);
  bool call(tt::CallOp op, std::vector<Instruction> &out);

  // An instruction with the op's operands and freshly defined results.
  std::optional<Instruction> instructionFor(mlir::Operation *op, Opcode opcode,
                                            std::vector<std::int64_t> numbers = {});
  bool emit(mlir::Operation *op, Opcode opcode, std::vector<std::int64_t> numbers,
            std::vector<Instruction> &out);

  mlir::ModuleOp module;
  Program program;
  MemoryPlan plan;
  llvm::DenseMap<mlir::Value, int> known;
  llvm::StringMap<int> lines;
  std::vector<std::vector<int>> scopes; // values to release when the operation around them ends
  std::vector<int> forGood;             // values placed behind the plan when its size is known
  std::set<int> placed;                 // values with a place that is to be given back
  // Within a lanewise region: how many lanes its values have room for, and where outer scalars that
  // it uses are spread over them.
  std::int64_t laneCapacity = 0;
  mlir::Region *laneRegion = nullptr;
  std::vector<Instruction> *laneBody = nullptr;
  int callDepth = 0;
  std::optional<Error> error;
};

// Elementwise operations by their MLIR name, where operands and results are taken as they stand.
std::optional<Opcode> elementwiseOpcode(llvm::StringRef operation);
// Functions of the vendors' device libraries: "__nv_tanhf", "__ocml_exp_f32".
std::optional<Opcode> libraryOpcode(llvm::StringRef symbol);
// One block of elementwise operations and constants.
bool isLanewise(mlir::Region &region);

} // namespace lapidary::reference
