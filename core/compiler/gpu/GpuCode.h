// What differs between the makers of GPUs when code for one thread is written: ids, barriers,
// shuffles, access to global memory, fast mathematics. Everything else is shared.
//
// All values are of LLVM's types. Functions write at the builder's insertion point. The makers'
// functions are intrinsics of LLVM by name, or inline assembly, so that no dialect of theirs is
// needed.
#pragma once

#include "core/compiler/dialect/tt/TtOps.h"
#include "core/compiler/gpu/Layouts.h"

#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/IR/Builders.h"

#include <memory>

namespace lapidary {

// One access of one thread: `words` machine words of `word` bits (8 to 64; together at most 128
// bits) from `pointer` on, aligned to all of them, where `predicate` (null: always) is true.
struct GlobalAccess {
  mlir::Value pointer;   // !llvm.ptr<1>
  mlir::Value predicate; // i1, or null
  int words = 1, word = 32;
  tt::CacheModifier cache = tt::CacheModifier::None;
  tt::EvictionPolicy evict = tt::EvictionPolicy::Normal;
  bool isVolatile = false;
  // On hardware with bounded buffers, when known: pointer = base + offset bytes, base the same in
  // all threads, offset an i32 that is not negative.
  mlir::Value base, offset;
};

class GpuCode {
public:
  virtual ~GpuCode() = default;
  GpuShape shape;

  virtual mlir::Value threadId(mlir::OpBuilder &builder, mlir::Location loc) const = 0;
  virtual mlir::Value programId(mlir::OpBuilder &builder, mlir::Location loc, int axis) const = 0;
  virtual mlir::Value programCount(mlir::OpBuilder &builder, mlir::Location loc,
                                   int axis) const = 0;
  virtual void barrier(mlir::OpBuilder &builder, mlir::Location loc) const = 0;
  // The i32 `value` of lane (own ^ mask), and of lane (own - delta) (own + delta when negative; any
  // value where there is no such lane).
  virtual mlir::Value shuffleXor(mlir::OpBuilder &builder, mlir::Location loc, mlir::Value value,
                                 int mask) const = 0;
  virtual mlir::Value shuffleUp(mlir::OpBuilder &builder, mlir::Location loc, mlir::Value value,
                                int delta) const = 0;

  // The words read, each an integer; `other` (as many, or none: any value) where not.
  virtual llvm::SmallVector<mlir::Value> load(mlir::OpBuilder &builder, mlir::Location loc,
                                              const GlobalAccess &access,
                                              mlir::ValueRange other) const = 0;
  virtual void store(mlir::OpBuilder &builder, mlir::Location loc, const GlobalAccess &access,
                     mlir::ValueRange words) const = 0;
  // Whether `base` and `offset` of an access are of use.
  virtual bool hasBuffers() const { return false; }

  // Whether the launch says how much shared memory there is; else the code object does.
  virtual bool launchSizesShared() const = 0;

  // A scalar operation of math or arith in the target's own way; null: the shared lowering does it.
  virtual mlir::Value compute(mlir::OpBuilder &builder, mlir::Location loc, mlir::Operation *op,
                              mlir::ValueRange operands) const = 0;
  // Calling convention and launch bounds. `arguments`: the kernel's, for their attributes.
  virtual void declare(mlir::LLVM::LLVMFuncOp function) const = 0;
  virtual llvm::StringRef memoryScope(tt::MemScope scope) const = 0;
};

std::unique_ptr<GpuCode> nvidiaCode(int capability, int numWarps);
std::unique_ptr<GpuCode> amdCode(llvm::StringRef processor, int numWarps);
// `architecture`: "90" or "90a" of NVIDIA, "gfx942" of AMD; null for any other.
std::unique_ptr<GpuCode> gpuCode(llvm::StringRef architecture, int numWarps);

// An LLVM intrinsic by name.
mlir::Value intrinsic(mlir::OpBuilder &builder, mlir::Location loc, llvm::StringRef name,
                      mlir::Type result, mlir::ValueRange operands = {});
mlir::Value integer(mlir::OpBuilder &builder, mlir::Location loc, int bits, std::int64_t value);

} // namespace lapidary
