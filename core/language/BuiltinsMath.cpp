// Elementwise mathematics and selection.
#include "core/language/BuiltinHelpers.h"

namespace lapidary::language {
namespace {

// Which floats a function takes. 16-bit ones are cast by the user, as on the device.
bool checkFloat(Call &call, const Tensor &value, bool only32 = false) {
  DType type = value.type.dtype();
  if (value.type.isNumber() && (type == DType::Fp32 || (type == DType::Fp64 && !only32)))
    return true;
  call.elaborator.semantics.hints.shouldBe(value, DType::Fp32);
  call.elaborator.fail(fmt::format("tl.{} works on fp32{}, got {}", call.entry.name,
                                   only32 ? "" : " and fp64", text(value.type)),
                       {"cast it with .to(tl.float32)"});
  return false;
}

template <typename Op> Object unary(Call &call) {
  Tensor x = tensorArgument(call, 0);
  if (!x || !checkFloat(call, x))
    return {};
  return Tensor{call.elaborator.semantics.create<Op>(x.handle), x.type};
}

Object preciseSqrt(Call &call) {
  Tensor x = tensorArgument(call, 0);
  if (!x || !checkFloat(call, x, true))
    return {};
  return Tensor{call.elaborator.semantics.create<tt::PreciseSqrtOp>(x.handle.getType(), x.handle),
                x.type};
}

Object preciseDivide(Call &call) {
  Tensor x = tensorArgument(call, 0), y = tensorArgument(call, 1);
  if (!x || !y || !checkFloat(call, x, true) || !checkFloat(call, y, true))
    return {};
  Semantics::Pair pair = call.elaborator.semantics.unify(x, y);
  if (!pair)
    return {};
  return Tensor{call.elaborator.semantics.create<tt::PreciseDivFOp>(
                    pair.left.handle.getType(), pair.left.handle, pair.right.handle),
                pair.left.type};
}

Object absolute(Call &call) {
  Tensor x = tensorArgument(call, 0);
  if (!x)
    return {};
  if (!x.type.isNumber())
    return call.elaborator.fail(fmt::format("tl.abs works on numbers, got {}", text(x.type)));
  if (isFloating(x.type.dtype()))
    return Tensor{call.elaborator.semantics.create<mlir::math::AbsFOp>(x.handle), x.type};
  if (isUnsignedOrBool(x.type.dtype()))
    return x;
  return Tensor{call.elaborator.semantics.create<mlir::math::AbsIOp>(x.handle), x.type};
}

Object upperProduct(Call &call) {
  Tensor x = tensorArgument(call, 0), y = tensorArgument(call, 1);
  Semantics::Pair pair = x && y ? call.elaborator.semantics.unify(x, y) : Semantics::Pair{};
  if (!pair)
    return {};
  if (!isInteger(pair.left.type.dtype()) || dtypeBits(pair.left.type.dtype()) < 32)
    return call.elaborator.fail(
        fmt::format("tl.umulhi works on integers of 32 and 64 bits, got {}", text(pair.left.type)));
  return Tensor{call.elaborator.semantics.create<tt::MulhiUIOp>(
                    pair.left.handle.getType(), pair.left.handle, pair.right.handle),
                pair.left.type};
}

Object fusedMultiplyAdd(Call &call) {
  Semantics &semantics = call.elaborator.semantics;
  Tensor x = tensorArgument(call, 0), y = tensorArgument(call, 1), z = tensorArgument(call, 2);
  if (!x || !y || !z)
    return {};
  Semantics::Pair xy = semantics.unify(x, y);
  Semantics::Pair zx = xy ? semantics.unify(z, xy.left) : Semantics::Pair{};
  Semantics::Pair zy = zx ? semantics.unify(zx.left, xy.right) : Semantics::Pair{};
  if (!zy)
    return {};
  if (!isFloating(zy.left.type.dtype()))
    return call.elaborator.fail(fmt::format("tl.fma works on floats, got {}", text(zy.left.type)));
  return Tensor{
      semantics.create<mlir::math::FmaOp>(zx.right.handle, zy.right.handle, zy.left.handle),
      zy.left.type};
}

bool propagatesNan(Call &call, std::size_t index) {
  auto *mode = call[index].as<Enumerator>();
  return mode && mode->name == "PropagateNan.ALL";
}

// x, y, propagate_nan=
Object minimumOrMaximum(Call &call) {
  bool minimum = std::string_view(call.entry.name) == "minimum";
  return call.elaborator.semantics.minimumOrMaximum(minimum, call[0], call[1],
                                                    propagatesNan(call, 2));
}

// x, min, max, propagate_nan=
Object clamp(Call &call) {
  return call.elaborator.semantics.clamp(call[0], call[1], call[2], propagatesNan(call, 3));
}

Object where(Call &call) {
  return call.elaborator.semantics.select(call[0], call[1], call[2]);
}

Object divide(Call &call) {
  return call.elaborator.semantics.floatDivide(call[0], call[1]);
}

// tl.add(x, y), tl.sub, tl.mul: the operators as functions.
Object arithmetic(Call &call) {
  std::string_view name = call.entry.name;
  return call.elaborator.binaryOperation(name == "add"   ? "+"
                                         : name == "sub" ? "-"
                                                         : "*",
                                         call[0], call[1]);
}

// x.logical_and(y), x.logical_or(y)
Object logical(Call &call) {
  const bool isAnd = std::string_view(call.entry.name) == "logical_and";
  Semantics &semantics = call.elaborator.semantics;
  return semantics.logical(isAnd, semantics.toTensor(call[0]), semantics.toTensor(call[1]));
}

constexpr BuiltinEntry table[] = {
    {"exp", "x", unary<mlir::math::ExpOp>, true},
    {"exp2", "x", unary<mlir::math::Exp2Op>, true},
    {"log", "x", unary<mlir::math::LogOp>, true},
    {"log2", "x", unary<mlir::math::Log2Op>, true},
    {"sin", "x", unary<mlir::math::SinOp>, true},
    {"cos", "x", unary<mlir::math::CosOp>, true},
    {"sqrt", "x", unary<mlir::math::SqrtOp>, true},
    {"rsqrt", "x", unary<mlir::math::RsqrtOp>, true},
    {"erf", "x", unary<mlir::math::ErfOp>, true},
    {"floor", "x", unary<mlir::math::FloorOp>, true},
    {"ceil", "x", unary<mlir::math::CeilOp>, true},
    {"sqrt_rn", "x", preciseSqrt},
    {"div_rn", "x, y", preciseDivide},
    {"abs", "x", absolute, true},
    {"umulhi", "x, y", upperProduct},
    {"fma", "x, y, z", fusedMultiplyAdd},
    {"minimum", "x, y, propagate_nan=", minimumOrMaximum},
    {"maximum", "x, y, propagate_nan=", minimumOrMaximum},
    {"clamp", "x, min, max, propagate_nan=", clamp},
    {"where", "condition, x, y", where},
    {"logical_and", "input, other", logical, true},
    {"logical_or", "input, other", logical, true},
    {"fdiv", "x, y, ieee_rounding=", divide},
    {"add", "x, y, sanitize_overflow=", arithmetic},
    {"sub", "x, y, sanitize_overflow=", arithmetic},
    {"mul", "x, y, sanitize_overflow=", arithmetic},
};

} // namespace

std::span<const BuiltinEntry> mathBuiltins() {
  return table;
}

} // namespace lapidary::language
