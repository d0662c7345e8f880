// From the program of a thread, as tt-to-threads writes it, to steps over all threads of a block.
// The files TargetReader*.cpp are one class; only they see MLIR.
#pragma once

#include "backends/sim/Block.h"
#include "core/support/Result.h"

#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/BuiltinOps.h"
#include "llvm/ADT/DenseMap.h"

#include <bit>

namespace lapidary {

class SimReader {
public:
  SimReader(SimProgram &program) : program(program) {}
  Result<void> read(mlir::LLVM::LLVMFuncOp function);

private:
  using Slots = llvm::SmallVector<int>;
  using Value = mlir::Value;

  // A slot for each number that a value is made of: a vector's elements, a structure's fields.
  const Slots &slotsOf(Value value) { return known.find(value)->second; }
  int slotOf(Value value) { return slotsOf(value)[0]; }
  Slots &define(Value value);
  int newSlot() { return program.slots++; }
  void alias(Value value, Slots slots) { known[value] = std::move(slots); }
  void push(SimStep step) { steps->push_back(std::move(step)); }
  bool unknown(mlir::Operation *op);

  bool readBlock(mlir::Block &block, std::vector<SimStep> &to);
  bool readOperation(mlir::Operation *op);
  bool readIf(mlir::scf::IfOp op);
  bool readFor(mlir::scf::ForOp op);
  bool readWhile(mlir::scf::WhileOp op);
  void pushCopies(const Slots &from, const Slots &to);
  void appendSlots(mlir::ValueRange values, Slots &to);

  // TargetReaderMath.cpp
  bool readConstant(mlir::Operation *op);
  bool readInteger(mlir::Operation *op);
  bool readIntegerPairs(mlir::Operation *op);
  bool readCompare(mlir::Operation *op);
  bool readFloat(mlir::Operation *op);
  bool readCast(mlir::Operation *op);
  template <typename Function> void unary(Value result, int a, Function function) {
    const int to = define(result)[0];
    push([=](SimBlock &block) {
      const std::uint64_t *x = block.of(a);
      std::uint64_t *z = block.of(to);
      for (int i = 0; i < block.threads; ++i)
        z[i] = function(x[i]);
    });
  }
  template <typename Function> void binary(Value result, int a, int b, Function function) {
    const int to = define(result)[0];
    push([=](SimBlock &block) {
      const std::uint64_t *x = block.of(a), *y = block.of(b);
      std::uint64_t *z = block.of(to);
      for (int i = 0; i < block.threads; ++i)
        z[i] = function(x[i], y[i]);
    });
  }
  template <typename Function>
  void floatUnary(mlir::Type type, Value result, int a, Function function);
  template <typename Function>
  void floatBinary(mlir::Type type, Value result, int a, int b, Function function);

  // TargetReaderMemory.cpp
  bool readMemory(mlir::Operation *op);
  bool readPointers(mlir::Operation *op);
  bool readVectors(mlir::Operation *op);
  bool readAtomic(mlir::LLVM::AtomicRMWOp op);
  bool readSwap(mlir::LLVM::AtomicCmpXchgOp op);
  bool readAssembly(mlir::LLVM::InlineAsmOp op);
  bool readIntrinsic(mlir::LLVM::CallIntrinsicOp op);
  bool readThreadIntrinsic(llvm::StringRef name, mlir::LLVM::CallIntrinsicOp op);
  bool readBuffer(llvm::StringRef name, mlir::LLVM::CallIntrinsicOp op);
  void pushRead(SimSpace space, int pointer, int predicate, const Slots &to, const Slots &other,
                int bits, int alignment);
  void pushWrite(SimSpace space, int pointer, int predicate, const Slots &from, int bits,
                 int alignment);

  SimProgram &program;
  llvm::DenseMap<Value, Slots> known;
  std::vector<SimStep> *steps = nullptr;
  std::string problem;
};

// Bits of a number in its slot; pointers have 64.
int simBits(mlir::Type type);
inline std::uint64_t simMask(int bits) {
  return bits >= 64 ? ~std::uint64_t(0) : (std::uint64_t(1) << bits) - 1;
}
inline std::int64_t simSigned(std::uint64_t value, int bits) {
  return bits >= 64 ? static_cast<std::int64_t>(value)
                    : static_cast<std::int64_t>(value << (64 - bits)) >> (64 - bits);
}

// What a step keeps of a type: MLIR's own go with the context that was read.
enum class SimFloat { None, Half, Bfloat, Single, Double };
SimFloat simFloat(mlir::Type type);
double simToDouble(SimFloat kind, std::uint64_t bits);
std::uint64_t simFromDouble(SimFloat kind, double value);

} // namespace lapidary
