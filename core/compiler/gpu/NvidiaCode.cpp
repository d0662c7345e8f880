// NVIDIA: PTX through LLVM's NVPTX. Predicated accesses are inline assembly, because LLVM has no
// predicated load: a branch round each access would cost more than the access.
#include "core/compiler/gpu/GpuCode.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "llvm/ADT/TypeSwitch.h"

#include <fmt/format.h>
#include <numbers>

namespace lapidary {

using namespace mlir;

Value intrinsic(OpBuilder &builder, Location loc, llvm::StringRef name, Type result,
                ValueRange operands) {
  auto call = LLVM::CallIntrinsicOp::create(builder, loc, result ? TypeRange(result) : TypeRange(),
                                            builder.getStringAttr(name), operands,
                                            LLVM::FastmathFlagsAttr());
  return result ? call.getResults() : Value();
}

Value integer(OpBuilder &builder, Location loc, int bits, std::int64_t value) {
  return arith::ConstantOp::create(builder, loc,
                                   builder.getIntegerAttr(builder.getIntegerType(bits), value));
}

namespace {

constexpr const char *axisNames = "xyz";

// How an operand of so many bits is written in an inline assembly's constraints.
const char *registerClass(int bits) {
  return bits == 64 ? "l" : bits == 32 ? "r" : "h";
}

// PTX has no registers of 8 bits.
int registerBits(int bits) {
  return std::max(16, bits);
}

std::string vectorSuffix(const GlobalAccess &access) {
  return fmt::format("{}.b{}", access.words > 1 ? fmt::format(".v{}", access.words) : "",
                     access.word);
}

std::string evictSuffix(tt::EvictionPolicy policy) {
  return policy == tt::EvictionPolicy::First  ? ".L1::evict_first"
         : policy == tt::EvictionPolicy::Last ? ".L1::evict_last"
                                              : "";
}

// Registers $first .. as an operand of an access.
std::string operandList(int first, int count) {
  std::string list;
  for (int i = 0; i < count; ++i)
    list += fmt::format("{}${}", i ? ", " : "", first + i);
  return count > 1 ? "{" + list + "}" : list;
}

class NvidiaCode : public GpuCode {
public:
  NvidiaCode(int capability, int numWarps) : capability(capability) {
    shape = {.warpSize = 32, .numWarps = numWarps, .accessBits = 128};
  }

  Value threadId(OpBuilder &builder, Location loc) const override {
    return intrinsic(builder, loc, "llvm.nvvm.read.ptx.sreg.tid.x", builder.getI32Type());
  }
  Value programId(OpBuilder &builder, Location loc, int axis) const override {
    return intrinsic(builder, loc, fmt::format("llvm.nvvm.read.ptx.sreg.ctaid.{}", axisNames[axis]),
                     builder.getI32Type());
  }
  Value programCount(OpBuilder &builder, Location loc, int axis) const override {
    return intrinsic(builder, loc,
                     fmt::format("llvm.nvvm.read.ptx.sreg.nctaid.{}", axisNames[axis]),
                     builder.getI32Type());
  }
  void barrier(OpBuilder &builder, Location loc) const override {
    intrinsic(builder, loc, "llvm.nvvm.barrier.cta.sync.aligned.all", {},
              {integer(builder, loc, 32, 0)});
  }
  Value shuffleXor(OpBuilder &builder, Location loc, Value value, int mask) const override {
    return intrinsic(builder, loc, "llvm.nvvm.shfl.sync.bfly.i32", builder.getI32Type(),
                     {integer(builder, loc, 32, -1), value, integer(builder, loc, 32, mask),
                      integer(builder, loc, 32, 31)});
  }
  Value shuffleUp(OpBuilder &builder, Location loc, Value value, int delta) const override {
    // The last operand clamps: at lane 0 going up, at lane 31 going down.
    const bool up = delta > 0;
    return intrinsic(
        builder, loc, up ? "llvm.nvvm.shfl.sync.up.i32" : "llvm.nvvm.shfl.sync.down.i32",
        builder.getI32Type(),
        {integer(builder, loc, 32, -1), value, integer(builder, loc, 32, std::abs(delta)),
         integer(builder, loc, 32, up ? 0 : 31)});
  }

  llvm::SmallVector<Value> load(OpBuilder &builder, Location loc, const GlobalAccess &access,
                                ValueRange other) const override {
    const std::string cache = cacheSuffix(access.cache, true);
    const std::string modifiers =
        access.isVolatile ? ".volatile" : cache + (cache.empty() ? evictSuffix(access.evict) : "");
    if (!access.predicate && modifiers.empty())
      return plainLoad(builder, loc, access);
    const int bits = registerBits(access.word);
    Type word = builder.getIntegerType(bits);
    llvm::SmallVector<Type> types(access.words, word);
    Type result =
        access.words > 1 ? LLVM::LLVMStructType::getLiteral(builder.getContext(), types) : word;
    std::string code, constraints;
    llvm::SmallVector<Value> operands;
    for (int i = 0; i < access.words; ++i)
      constraints += fmt::format("={},", registerClass(bits));
    constraints += "l";
    operands.push_back(access.pointer);
    std::string predicate;
    if (access.predicate) {
      predicate = fmt::format("@${} ", access.words + 1);
      constraints += ",b";
      operands.push_back(access.predicate);
    }
    // The registers hold the other value before. Where there is none they hold 0: to ptxas a
    // register that only a predicated instruction writes is alive from the kernel's start.
    for (int i = 0; access.predicate && i < access.words; ++i) {
      constraints += fmt::format(",{}", i);
      operands.push_back(other.empty() ? integer(builder, loc, bits, 0)
                                       : widened(builder, loc, other[i], bits));
    }
    code = fmt::format("{}ld.global{}{} {}, [${}];", predicate, modifiers, vectorSuffix(access),
                       operandList(0, access.words), access.words);
    Value all = inlineAsm(builder, loc, result, operands, code, constraints);
    llvm::SmallVector<Value> words;
    for (int i = 0; i < access.words; ++i) {
      Value each =
          access.words > 1
              ? LLVM::ExtractValueOp::create(builder, loc, all, std::int64_t(i)).getResult()
              : all;
      words.push_back(narrowed(builder, loc, each, access.word));
    }
    return words;
  }

  void store(OpBuilder &builder, Location loc, const GlobalAccess &access,
             ValueRange words) const override {
    const std::string cache = cacheSuffix(access.cache, false);
    const std::string modifiers = cache + (cache.empty() ? evictSuffix(access.evict) : "");
    const int bits = registerBits(access.word);
    llvm::SmallVector<Value> operands{access.pointer};
    std::string constraints = "l";
    for (Value word : words) {
      constraints += fmt::format(",{}", registerClass(bits));
      operands.push_back(widened(builder, loc, word, bits));
    }
    std::string predicate;
    if (access.predicate) {
      predicate = fmt::format("@${} ", access.words + 1);
      constraints += ",b";
      operands.push_back(access.predicate);
    }
    inlineAsm(builder, loc, {}, operands,
              fmt::format("{}st.global{}{} [$0], {};", predicate, modifiers, vectorSuffix(access),
                          operandList(1, access.words)),
              constraints);
  }

  bool launchSizesShared() const override { return true; }

  Value compute(OpBuilder &builder, Location loc, Operation *op,
                ValueRange operands) const override {
    if (op->getNumResults() != 1 || !getElementTypeOrSelf(op->getResult(0).getType()).isF32())
      return {};
    Type f32 = builder.getF32Type();
    auto call = [&](llvm::StringRef name, ValueRange values) {
      return intrinsic(builder, loc, name, f32, values);
    };
    return llvm::TypeSwitch<Operation *, Value>(op)
        .Case([&](math::ExpOp) {
          Value scale = arith::ConstantOp::create(
              builder, loc, builder.getF32FloatAttr(std::numbers::log2e_v<float>));
          Value scaled = arith::MulFOp::create(builder, loc, operands[0], scale);
          return call("llvm.nvvm.ex2.approx", scaled);
        })
        .Case([&](math::Exp2Op) { return call("llvm.nvvm.ex2.approx.ftz", operands); })
        .Case([&](math::SqrtOp) { return call("llvm.nvvm.sqrt.approx.ftz.f", operands); })
        .Case([&](math::RsqrtOp) { return call("llvm.nvvm.rsqrt.approx.ftz.f", operands); })
        .Case([&](arith::DivFOp) { return call("llvm.nvvm.div.full", operands); })
        .Default([](Operation *) { return Value(); });
  }

  void declare(LLVM::LLVMFuncOp function) const override {
    Builder builder(function.getContext());
    function.setCConv(LLVM::CConv::PTX_Kernel);
    const std::string threads = std::to_string(shape.threads());
    function.setPassthroughAttr(
        builder.getArrayAttr({builder.getStrArrayAttr({"nvvm.reqntid", threads})}));
  }

  llvm::StringRef memoryScope(tt::MemScope scope) const override {
    return scope == tt::MemScope::Cta ? "block" : scope == tt::MemScope::Gpu ? "device" : "";
  }

private:
  static std::string cacheSuffix(tt::CacheModifier cache, bool isLoad) {
    switch (cache) {
    case tt::CacheModifier::Ca:
      return isLoad ? ".ca" : "";
    case tt::CacheModifier::Cg:
      return ".cg";
    case tt::CacheModifier::Cs:
      return ".cs";
    case tt::CacheModifier::Cv:
      return isLoad ? ".cv" : "";
    case tt::CacheModifier::Wb:
      return isLoad ? "" : ".wb";
    case tt::CacheModifier::Wt:
      return isLoad ? "" : ".wt";
    case tt::CacheModifier::None:
      return "";
    }
    return "";
  }

  static Value widened(OpBuilder &builder, Location loc, Value value, int bits) {
    Type type = builder.getIntegerType(bits);
    return value.getType() == type ? value
                                   : arith::ExtUIOp::create(builder, loc, type, value).getResult();
  }
  static Value narrowed(OpBuilder &builder, Location loc, Value value, int bits) {
    Type type = builder.getIntegerType(bits);
    return value.getType() == type ? value
                                   : arith::TruncIOp::create(builder, loc, type, value).getResult();
  }

  static Value inlineAsm(OpBuilder &builder, Location loc, Type result, ValueRange operands,
                         const std::string &code, const std::string &constraints) {
    auto op = LLVM::InlineAsmOp::create(
        builder, loc, result ? TypeRange(result) : TypeRange(), operands, code, constraints,
        /*has_side_effects=*/true, /*is_align_stack=*/false, LLVM::TailCallKind::None,
        LLVM::AsmDialectAttr(), ArrayAttr());
    return result ? op.getResult(0) : Value();
  }

  static llvm::SmallVector<Value> plainLoad(OpBuilder &builder, Location loc,
                                            const GlobalAccess &access) {
    Type word = builder.getIntegerType(access.word);
    const unsigned alignment = static_cast<unsigned>(access.words * access.word / 8);
    Type type = access.words > 1 ? Type(VectorType::get({access.words}, word)) : word;
    Value all = LLVM::LoadOp::create(builder, loc, type, access.pointer, alignment);
    if (access.words == 1)
      return {all};
    llvm::SmallVector<Value> words;
    for (int i = 0; i < access.words; ++i)
      words.push_back(
          LLVM::ExtractElementOp::create(builder, loc, all, integer(builder, loc, 32, i)));
    return words;
  }

  int capability;
};

} // namespace

std::unique_ptr<GpuCode> nvidiaCode(int capability, int numWarps) {
  return std::make_unique<NvidiaCode>(capability, numWarps);
}

} // namespace lapidary
