#include "core/compiler/lowering/FloatConversions.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/IR/TypeUtilities.h"

#include <cmath>

namespace lapidary {

using namespace mlir;

namespace {

// An 8-bit format: a sign, exponent and mantissa bits.
struct Format {
  int mantissa, bias;
  float largest;    // finite
  bool hasInfinity; // the last exponent is infinity and NaN
  int nan;          // its code
  bool hasMinusZero;
};

std::optional<Format> formatOf(FloatType type) {
  if (isa<Float8E4M3FNType>(type))
    return Format{3, 7, 448, false, 0x7f, true};
  if (isa<Float8E5M2Type>(type))
    return Format{2, 15, 57344, true, 0x7f, true};
  if (isa<Float8E4M3FNUZType>(type))
    return Format{3, 8, 240, false, 0x80, false};
  if (isa<Float8E5M2FNUZType>(type))
    return Format{2, 16, 57344, false, 0x80, false};
  return std::nullopt;
}

// 32-bit arithmetic in the shape of one value.
class Bits {
public:
  Bits(OpBuilder &builder, Location loc, Type like)
      : builder(builder), loc(loc), shape(dyn_cast<VectorType>(like)) {}

  Type typed(Type element) { return shape ? Type(shape.clone(element)) : element; }
  Type i32() { return typed(builder.getI32Type()); }
  Type f32() { return typed(builder.getF32Type()); }
  Value constant(std::int64_t value) {
    return splat(builder.getI32IntegerAttr(static_cast<std::int32_t>(value)));
  }
  Value real(double value) { return splat(builder.getF32FloatAttr(static_cast<float>(value))); }
  template <typename Op> Value make(Value a, Value b) { return Op::create(builder, loc, a, b); }
  template <typename Op> Value cast(Type to, Value a) { return Op::create(builder, loc, to, a); }
  Value asInteger(Value a) { return cast<arith::BitcastOp>(i32(), a); }
  Value asReal(Value a) { return cast<arith::BitcastOp>(f32(), a); }
  Value select(Value which, Value a, Value b) {
    return arith::SelectOp::create(builder, loc, which, a, b);
  }
  Value compare(arith::CmpIPredicate p, Value a, Value b) {
    return arith::CmpIOp::create(builder, loc, p, a, b);
  }
  Value compare(arith::CmpFPredicate p, Value a, Value b) {
    return arith::CmpFOp::create(builder, loc, p, a, b);
  }

private:
  Value splat(TypedAttr value) {
    if (shape)
      return arith::ConstantOp::create(
          builder, loc, DenseElementsAttr::get(shape.clone(value.getType()), Attribute(value)));
    return arith::ConstantOp::create(builder, loc, value);
  }
  OpBuilder &builder;
  Location loc;
  VectorType shape;
};

using IntegerPredicate = arith::CmpIPredicate;
using FloatPredicate = arith::CmpFPredicate;

// The magnitude's bits, put where f32 has them, are the number times a power of two; subnormal
// codes become subnormal numbers, which the multiplication makes normal.
Value decode(Bits bits, Value code, const Format &format) {
  Value wide = bits.cast<arith::ExtUIOp>(bits.i32(), code);
  Value magnitude = bits.make<arith::AndIOp>(wide, bits.constant(0x7f));
  Value placed = bits.make<arith::ShLIOp>(magnitude, bits.constant(23 - format.mantissa));
  Value number =
      bits.make<arith::MulFOp>(bits.asReal(placed), bits.real(std::ldexp(1.0, 127 - format.bias)));
  Value result = bits.asInteger(number);
  if (format.hasInfinity) {
    const int infinity = ((1 << (7 - format.mantissa)) - 1) << format.mantissa;
    Value special = bits.compare(IntegerPredicate::uge, magnitude, bits.constant(infinity));
    result =
        bits.select(special, bits.make<arith::OrIOp>(placed, bits.constant(0x7f800000)), result);
  }
  Value sign = bits.make<arith::ShLIOp>(bits.make<arith::AndIOp>(wide, bits.constant(0x80)),
                                        bits.constant(24));
  result = bits.make<arith::OrIOp>(result, sign);
  if (!format.hasInfinity) {
    // A format without minus zero has its one NaN there; the others have it in either sign.
    Value isNan = bits.compare(IntegerPredicate::eq, format.hasMinusZero ? magnitude : wide,
                               bits.constant(format.nan));
    result = bits.select(isNan, bits.constant(0x7fc00000), result);
  }
  return bits.asReal(result);
}

Value encode(Bits bits, Value number, const Format &format) {
  Value all = bits.asInteger(number);
  Value sign = bits.make<arith::AndIOp>(bits.make<arith::ShRUIOp>(all, bits.constant(24)),
                                        bits.constant(0x80));
  Value size = bits.asReal(bits.make<arith::AndIOp>(all, bits.constant(0x7fffffff)));
  if (!format.hasInfinity) {
    Value beyond = bits.compare(FloatPredicate::OGT, size, bits.real(format.largest));
    size = bits.select(beyond, bits.real(format.largest), size);
  }
  // Normal results: half of the last place is added, less one when that place is even.
  const int dropped = 23 - format.mantissa;
  Value magnitude = bits.asInteger(size);
  Value last = bits.make<arith::AndIOp>(
      bits.make<arith::ShRUIOp>(magnitude, bits.constant(dropped)), bits.constant(1));
  Value rounded = bits.make<arith::AddIOp>(
      bits.make<arith::AddIOp>(magnitude, bits.constant((1 << (dropped - 1)) - 1)), last);
  Value code =
      bits.make<arith::SubIOp>(bits.make<arith::ShRUIOp>(rounded, bits.constant(dropped)),
                               bits.constant(std::int64_t(127 - format.bias) << format.mantissa));
  if (format.hasInfinity) {
    const int infinity = ((1 << (7 - format.mantissa)) - 1) << format.mantissa;
    code = bits.make<arith::MinUIOp>(code, bits.constant(infinity));
  }
  // Subnormal results: adding a number whose last place is the format's smallest rounds to it.
  const int smallest = 1 - format.bias - format.mantissa;
  Value magic = bits.real(std::ldexp(1.0, 23 + smallest));
  Value subnormal = bits.make<arith::SubIOp>(bits.asInteger(bits.make<arith::AddFOp>(size, magic)),
                                             bits.asInteger(magic));
  Value isSmall =
      bits.compare(FloatPredicate::OLT, size, bits.real(std::ldexp(1.0, 1 - format.bias)));
  code = bits.select(isSmall, subnormal, code);
  Value signedCode = bits.make<arith::OrIOp>(code, sign);
  if (!format.hasMinusZero)
    signedCode =
        bits.select(bits.compare(IntegerPredicate::eq, code, bits.constant(0)), code, signedCode);
  Value isNan = bits.compare(FloatPredicate::UNO, number, number);
  Value nan = format.hasMinusZero ? bits.make<arith::OrIOp>(sign, bits.constant(format.nan))
                                  : bits.constant(format.nan);
  return bits.select(isNan, nan, signedCode);
}

// One step back where rounding went away from zero.
Value roundTowardsZero(OpBuilder &builder, Location loc, Bits bits, Value number, FloatType to) {
  Value nearest = bits.cast<arith::TruncFOp>(bits.typed(to), number);
  Value back = bits.cast<arith::ExtFOp>(bits.f32(), nearest);
  Value over = bits.compare(FloatPredicate::OGT, math::AbsFOp::create(builder, loc, back),
                            math::AbsFOp::create(builder, loc, number));
  Type integers = bits.typed(builder.getIntegerType(to.getWidth()));
  Value step = bits.cast<arith::ExtUIOp>(integers, over);
  Value code = bits.cast<arith::BitcastOp>(integers, nearest);
  return bits.cast<arith::BitcastOp>(nearest.getType(), bits.make<arith::SubIOp>(code, step));
}

// A double as the float beside it, towards zero, whose last bit says that something was cut off:
// rounding that to 16 bits or fewer gives what rounding the double gives (Boldo and Melquiond,
// 2008).
Value roundToOdd(OpBuilder &builder, Location loc, Bits bits, Value number) {
  Value nearest = bits.cast<arith::TruncFOp>(bits.f32(), number);
  Value back = bits.cast<arith::ExtFOp>(number.getType(), nearest);
  Value over = bits.compare(FloatPredicate::OGT, math::AbsFOp::create(builder, loc, back),
                            math::AbsFOp::create(builder, loc, number));
  Value code = bits.make<arith::SubIOp>(bits.asInteger(nearest),
                                        bits.cast<arith::ExtUIOp>(bits.i32(), over));
  Value isExact = bits.compare(FloatPredicate::UEQ, back, number);
  Value odd = bits.make<arith::OrIOp>(code, bits.constant(1));
  return bits.asReal(bits.select(isExact, bits.asInteger(nearest), odd));
}

} // namespace

Value convertFloat(OpBuilder &builder, Location loc, Value value, FloatType from, FloatType to,
                   bool towardsZero) {
  Bits bits(builder, loc, value.getType());
  Value number = value;
  if (auto format = formatOf(from))
    number = decode(bits, value, *format);
  else if (from.getWidth() < 32)
    number = bits.cast<arith::ExtFOp>(bits.f32(), value);
  else if (from.getWidth() > 32 && to.getWidth() < 32)
    number = roundToOdd(builder, loc, bits, value);
  else if (from.getWidth() > 32 && to.getWidth() == 32)
    number = bits.cast<arith::TruncFOp>(bits.f32(), value);
  if (auto format = formatOf(to)) {
    if (towardsZero)
      return {};
    return bits.cast<arith::TruncIOp>(bits.typed(builder.getI8Type()),
                                      encode(bits, number, *format));
  }
  if (to.getWidth() == 16)
    return towardsZero ? roundTowardsZero(builder, loc, bits, number, to)
                       : bits.cast<arith::TruncFOp>(bits.typed(to), number);
  if (towardsZero && from.getWidth() > to.getWidth())
    return {};
  if (to.isF64() && !from.isF64())
    return bits.cast<arith::ExtFOp>(bits.typed(to), number);
  return number;
}

} // namespace lapidary
