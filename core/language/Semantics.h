// The meaning of the language's operations on runtime values: which types they take, how operands
// are promoted and broadcast, and which operations of Triton IR they become. Errors are reported to
// the Site and give an invalid Tensor; an invalid operand gives an invalid result in silence.
//
// The rules are Triton 3.6's. Owner: one Elaborator, one thread.
#pragma once

#include "core/language/Hints.h"
#include "core/language/Site.h"

#include "core/compiler/dialect/tt/TtOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/IR/Builders.h"

namespace lapidary::language {

class Semantics {
public:
  Semantics(mlir::OpBuilder &builder, Site &site) : builder(builder), site(site) {}

  mlir::OpBuilder &builder;
  Site &site;
  Hints hints;

  template <typename Op, typename... Arguments> Op create(Arguments &&...arguments) {
    return Op::create(builder, site.location(), std::forward<Arguments>(arguments)...);
  }
  mlir::Type toMlir(const Type &type) { return language::toMlir(type, builder.getContext()); }
  // Reports and gives an invalid value.
  Tensor fail(std::string message, std::vector<std::string> notes = {}, std::string feature = {});

  // ---- constants: SemanticsTypes.cpp ----

  // A constant number as a scalar of the type that Python's value alone has: i1, i32 (else u32,
  // i64, u64), fp32 (else fp64). Runtime values pass through.
  Tensor toTensor(const Object &object);
  // `number` (int, bool or float) as a scalar of `type`.
  Tensor constant(const Value &number, DType type);
  Tensor integer(__int128 value, DType type) { return constant(Value{Integer(value)}, type); }
  Tensor full(const Shape &shape, const Object &value, DType type);

  // ---- types ----

  enum class Pointers { None, Left, Both };
  struct Pair {
    Tensor left, right;
    explicit operator bool() const { return left && right; }
  };
  // Both operands in one type and one shape. Constant numbers are literals (see promote).
  Pair unify(const Object &left, const Object &right, Pointers pointers = Pointers::None,
             bool division = false, bool arithmetic = true);
  Pair broadcast(Tensor left, Tensor right);
  Tensor broadcastTo(Tensor value, const Shape &shape);

  Tensor cast(Tensor value, Element to, std::optional<tt::RoundingMode> rounding = {});
  Tensor cast(Tensor value, DType to) { return cast(std::move(value), Element{to}); }
  Tensor bitcast(Tensor value, Element to);
  // i1, by comparing with zero what is none yet. Only for scalars and tiles of numbers.
  Tensor toBool(Tensor value) { return cast(std::move(value), DType::Int1); }

  // ---- arithmetic: SemanticsArithmetic.cpp ----

  // "+" "-" "*" "/" "//" "%" "&" "|" "^" "<<" ">>" with at least one runtime operand.
  Tensor binary(const std::string &op, const Object &left, const Object &right);
  // "<" "<=" ">" ">=" "==" "!="
  Tensor compare(const std::string &op, const Object &left, const Object &right);
  // "-" "+" "~" "not"
  Tensor unary(const std::string &op, Tensor value);
  Tensor logical(bool isAnd, Tensor left, Tensor right);
  Tensor select(const Object &condition, const Object &then, const Object &otherwise);
  Tensor minimumOrMaximum(bool minimum, const Object &left, const Object &right, bool propagateNan);
  Tensor clamp(const Object &x, const Object &low, const Object &high, bool propagateNan);
  Tensor floatDivide(const Object &left, const Object &right); // tl.fdiv

  // ---- shapes: SemanticsShapes.cpp ----

  Tensor arange(__int128 start, __int128 end);
  Tensor expandDims(Tensor value, int axis); // axis in 0..rank
  Tensor reshape(Tensor value, const Shape &shape, bool canReorder);
  Tensor permute(Tensor value, const std::vector<std::int64_t> &order);
  Tensor unsplat(Tensor value);
  Tensor join(Tensor left, Tensor right);
  Pair split(Tensor value);
  Tensor concatenate(Tensor left, Tensor right);
  Tensor gather(Tensor source, Tensor index, int axis);
  Tensor dot(Tensor left, Tensor right, const Tensor &accumulator, tt::InputPrecision precision,
             int maxImprecise, DType outType);
  // Whether `shape` is a tile's: powers of two, not too many. Reports what is wrong with it.
  bool checkShape(const Shape &shape);

  // ---- memory: SemanticsMemory.cpp ----

  struct Access {
    tt::CacheModifier cache = tt::CacheModifier::None;
    tt::EvictionPolicy eviction = tt::EvictionPolicy::Normal;
    bool isVolatile = false;
    std::vector<std::int32_t> boundaryCheck;
    std::optional<tt::PaddingOption> padding;
  };
  Tensor load(Tensor pointer, Tensor mask, Tensor other, const Access &access);
  bool store(Tensor pointer, Tensor value, Tensor mask, const Access &access);
  // The block of a window at these offsets (its own, for a block pointer). access.boundaryCheck
  // names the dimensions that may lie outside the tensor.
  Tensor loadBlock(const Window &window, const std::vector<Tensor> &offsets, const Access &access);
  bool storeBlock(const Window &window, const std::vector<Tensor> &offsets, Tensor value,
                  const Access &access);
  struct Ordering {
    tt::MemSemantic semantic = tt::MemSemantic::AcquireRelease;
    tt::MemScope scope = tt::MemScope::Gpu;
  };
  // `op`: "add", "and", "or", "xor", "xchg", "max", "min"
  Tensor atomic(const std::string &op, Tensor pointer, Tensor value, Tensor mask,
                Ordering ordering);
  // The addresses of a window's block, and where it lies inside the tensor along `checked`; without
  // a mask when none is.
  Tensor blockAddresses(const Window &window, const std::vector<Tensor> &offsets);
  Tensor blockMask(const Window &window, const std::vector<Tensor> &offsets,
                   const std::vector<std::int32_t> &checked);
  Tensor compareAndSwap(Tensor pointer, Tensor expected, Tensor value, Ordering ordering);

private:
  Tensor literal(const Value &number, DType type);
  Tensor addPointer(Tensor pointer, Tensor offset);
  Tensor castNumber(Tensor value, DType to, std::optional<tt::RoundingMode> rounding);
  Tensor castPointer(Tensor value, Element to);
  Tensor placesAlong(const Window &window, const std::vector<Tensor> &offsets,
                     std::size_t dimension);
  Tensor atomicFloatMinMax(bool isMax, Tensor pointer, Tensor value, Tensor mask,
                           Ordering ordering);
  Tensor rmw(tt::AtomicOp op, Tensor pointer, Tensor value, Tensor mask, Ordering ordering);
  Tensor bytePointer(Tensor pointer); // bool is stored as a byte

  template <typename Op> Tensor sameType(const Tensor &left, const Tensor &right) {
    return {create<Op>(left.handle, right.handle), left.type};
  }
  template <typename Op> Tensor convert(const Tensor &value, const Type &to) {
    return {create<Op>(toMlir(to), value.handle), to};
  }
};

} // namespace lapidary::language
