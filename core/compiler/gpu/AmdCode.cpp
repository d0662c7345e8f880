// AMD: machine code through LLVM's AMDGPU. Where the hardware checks bounds, a masked access is one
// whose offset lies outside; elsewhere a branch round the access masks it.
#include "core/compiler/gpu/GpuCode.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/Matchers.h"
#include "llvm/ADT/TypeSwitch.h"

#include <fmt/format.h>
#include <numbers>

namespace lapidary {

using namespace mlir;

namespace {

constexpr const char *axisNames = "xyz";

class AmdCode : public GpuCode {
public:
  AmdCode(llvm::StringRef processor, int numWarps) : isCdna(processor.starts_with("gfx9")) {
    shape = {.warpSize = isCdna ? 64 : 32, .numWarps = numWarps, .accessBits = 128};
  }

  Value threadId(OpBuilder &builder, Location loc) const override {
    return intrinsic(builder, loc, "llvm.amdgcn.workitem.id.x", builder.getI32Type());
  }
  Value programId(OpBuilder &builder, Location loc, int axis) const override {
    return intrinsic(builder, loc, fmt::format("llvm.amdgcn.workgroup.id.{}", axisNames[axis]),
                     builder.getI32Type());
  }
  // The first three words behind the kernel's arguments (code object version 5).
  Value programCount(OpBuilder &builder, Location loc, int axis) const override {
    Type pointer = LLVM::LLVMPointerType::get(builder.getContext(), 4);
    Value hidden = intrinsic(builder, loc, "llvm.amdgcn.implicitarg.ptr", pointer);
    Value at = LLVM::GEPOp::create(builder, loc, pointer, builder.getI32Type(), hidden,
                                   llvm::ArrayRef<LLVM::GEPArg>{axis});
    return LLVM::LoadOp::create(builder, loc, builder.getI32Type(), at, 4);
  }
  void barrier(OpBuilder &builder, Location loc) const override {
    LLVM::FenceOp::create(builder, loc, LLVM::AtomicOrdering::release, "workgroup");
    intrinsic(builder, loc, "llvm.amdgcn.s.barrier", {});
    LLVM::FenceOp::create(builder, loc, LLVM::AtomicOrdering::acquire, "workgroup");
  }

  Value shuffleXor(OpBuilder &builder, Location loc, Value value, int mask) const override {
    Type i32 = builder.getI32Type();
    // Within 32 lanes: lane' = ((lane & 31) ^ mask), by the LDS unit's crossbar alone.
    if (mask < 32)
      return intrinsic(builder, loc, "llvm.amdgcn.ds.swizzle", i32,
                       {value, integer(builder, loc, 32, mask << 10 | 31)});
    Value lane = arith::XOrIOp::create(builder, loc, threadId(builder, loc),
                                       integer(builder, loc, 32, mask));
    return fromLane(builder, loc, value, lane);
  }
  Value shuffleUp(OpBuilder &builder, Location loc, Value value, int delta) const override {
    Value lane = arith::SubIOp::create(builder, loc, threadId(builder, loc),
                                       integer(builder, loc, 32, delta));
    return fromLane(builder, loc, value, lane);
  }

  bool hasBuffers() const override { return true; }
  bool launchSizesShared() const override { return false; }

  llvm::SmallVector<Value> load(OpBuilder &builder, Location loc, const GlobalAccess &access,
                                ValueRange other) const override {
    Type word = builder.getIntegerType(access.word);
    Type type = access.words > 1 ? Type(VectorType::get({access.words}, word)) : word;
    if (access.base) {
      Value all = intrinsic(builder, loc, "llvm.amdgcn.raw.ptr.buffer.load", type,
                            bufferOperands(builder, loc, access));
      llvm::SmallVector<Value> words = wordsOf(builder, loc, all, access);
      if (access.predicate)
        for (auto [read, instead] : llvm::zip(words, other))
          if (!matchPattern(instead, m_Zero())) // outside of the bounds the hardware reads 0
            read = arith::SelectOp::create(builder, loc, access.predicate, read, instead);
      return words;
    }
    auto read = [&] {
      return LLVM::LoadOp::create(builder, loc, type, access.pointer,
                                  static_cast<unsigned>(access.words * access.word / 8),
                                  access.isVolatile, isStreaming(access))
          .getResult();
    };
    if (!access.predicate)
      return wordsOf(builder, loc, read(), access);
    auto branch = scf::IfOp::create(builder, loc, type, access.predicate, true);
    OpBuilder::InsertionGuard guard(builder);
    builder.setInsertionPointToStart(branch.thenBlock());
    scf::YieldOp::create(builder, loc, read());
    builder.setInsertionPointToStart(branch.elseBlock());
    scf::YieldOp::create(builder, loc, joined(builder, loc, type, other));
    builder.setInsertionPointAfter(branch);
    llvm::SmallVector<Value> words = wordsOf(builder, loc, branch.getResult(0), access);
    return words;
  }

  void store(OpBuilder &builder, Location loc, const GlobalAccess &access,
             ValueRange words) const override {
    Type word = builder.getIntegerType(access.word);
    Type type = access.words > 1 ? Type(VectorType::get({access.words}, word)) : word;
    Value all = joined(builder, loc, type, words);
    if (access.base) {
      llvm::SmallVector<Value> operands{all};
      operands.append(bufferOperands(builder, loc, access));
      intrinsic(builder, loc, "llvm.amdgcn.raw.ptr.buffer.store", {}, operands);
      return;
    }
    auto write = [&] {
      LLVM::StoreOp::create(builder, loc, all, access.pointer,
                            static_cast<unsigned>(access.words * access.word / 8), false,
                            isStreaming(access));
    };
    if (!access.predicate)
      return write();
    auto branch = scf::IfOp::create(builder, loc, access.predicate, false);
    OpBuilder::InsertionGuard guard(builder);
    builder.setInsertionPointToStart(branch.thenBlock());
    write();
  }

  Value compute(OpBuilder &builder, Location loc, Operation *op,
                ValueRange operands) const override {
    if (op->getNumResults() != 1 || !getElementTypeOrSelf(op->getResult(0).getType()).isF32())
      return {};
    Type f32 = builder.getF32Type();
    return llvm::TypeSwitch<Operation *, Value>(op)
        .Case([&](math::ExpOp) {
          Value scale = arith::ConstantOp::create(
              builder, loc, builder.getF32FloatAttr(std::numbers::log2e_v<float>));
          Value scaled = arith::MulFOp::create(builder, loc, operands[0], scale);
          return intrinsic(builder, loc, "llvm.amdgcn.exp2", f32, scaled);
        })
        .Case([&](math::Exp2Op) {
          return intrinsic(builder, loc, "llvm.amdgcn.exp2", f32, operands);
        })
        .Case([&](math::SqrtOp) {
          return intrinsic(builder, loc, "llvm.amdgcn.sqrt", f32, operands);
        })
        .Case([&](math::RsqrtOp) {
          return intrinsic(builder, loc, "llvm.amdgcn.rsq", f32, operands);
        })
        .Default([](Operation *) { return Value(); });
  }

  void declare(LLVM::LLVMFuncOp function) const override {
    Builder builder(function.getContext());
    function.setCConv(LLVM::CConv::AMDGPU_KERNEL);
    const std::string threads = fmt::format("{0},{0}", shape.threads());
    function.setPassthroughAttr(
        builder.getArrayAttr({builder.getStrArrayAttr({"amdgpu-flat-work-group-size", threads}),
                              builder.getStrArrayAttr({"uniform-work-group-size", "true"}),
                              builder.getStrArrayAttr({"denormal-fp-math-f32", "preserve-sign"})}));
  }

  llvm::StringRef memoryScope(tt::MemScope scope) const override {
    return scope == tt::MemScope::Cta ? "workgroup" : scope == tt::MemScope::Gpu ? "agent" : "";
  }

private:
  static Value fromLane(OpBuilder &builder, Location loc, Value value, Value lane) {
    // The unit takes byte addresses and wraps at the end of the warp.
    Value address = arith::ShLIOp::create(builder, loc, lane, integer(builder, loc, 32, 2));
    return intrinsic(builder, loc, "llvm.amdgcn.ds.bpermute", builder.getI32Type(),
                     {address, value});
  }

  static bool isStreaming(const GlobalAccess &access) {
    return access.cache == tt::CacheModifier::Cs || access.cache == tt::CacheModifier::Cv;
  }

  // Resource, offset, scalar offset, cache bits. The resource's words are in AMD's ISA manuals,
  // "Buffer Resource Descriptor": 2^31 - 2 bytes, raw, out of bounds means beyond the size.
  llvm::SmallVector<Value> bufferOperands(OpBuilder &builder, Location loc,
                                          const GlobalAccess &access) const {
    const std::int64_t flags = isCdna ? 0x27000 : 0x31027000;
    Type resource = LLVM::LLVMPointerType::get(builder.getContext(), 8);
    Value buffer =
        intrinsic(builder, loc, "llvm.amdgcn.make.buffer.rsrc", resource,
                  {access.base, integer(builder, loc, 16, 0), integer(builder, loc, 64, 0x7ffffffe),
                   integer(builder, loc, 32, flags)});
    Value offset = access.offset;
    if (access.predicate) {
      Value outside = integer(builder, loc, 32, std::numeric_limits<std::int32_t>::min());
      offset = arith::SelectOp::create(builder, loc, access.predicate, offset, outside);
    }
    const std::int64_t cache = isStreaming(access) ? 2 : 0; // slc, nt
    return {buffer, offset, integer(builder, loc, 32, 0), integer(builder, loc, 32, cache)};
  }

  static llvm::SmallVector<Value> wordsOf(OpBuilder &builder, Location loc, Value all,
                                          const GlobalAccess &access) {
    if (access.words == 1)
      return {all};
    llvm::SmallVector<Value> words;
    for (int i = 0; i < access.words; ++i)
      words.push_back(
          LLVM::ExtractElementOp::create(builder, loc, all, integer(builder, loc, 32, i)));
    return words;
  }

  // Words side by side; without words, any value.
  static Value joined(OpBuilder &builder, Location loc, Type type, ValueRange words) {
    if (words.size() == 1 && words[0].getType() == type)
      return words[0];
    Value all = LLVM::UndefOp::create(builder, loc, type);
    for (auto [i, word] : llvm::enumerate(words))
      all = LLVM::InsertElementOp::create(builder, loc, all, word,
                                          integer(builder, loc, 32, static_cast<std::int64_t>(i)));
    return all;
  }

  bool isCdna;
};

} // namespace

std::unique_ptr<GpuCode> amdCode(llvm::StringRef processor, int numWarps) {
  return std::make_unique<AmdCode>(processor, numWarps);
}

} // namespace lapidary
