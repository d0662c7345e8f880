// Calls of NVIDIA's device library by name, as operations of math and arith or calls of the C
// library's function of that name.
#include "core/compiler/lowering/TileEmitter.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "llvm/ADT/StringSet.h"
#include "llvm/ADT/StringSwitch.h"

namespace lapidary {

using namespace mlir;

namespace {

// "__nv_expf" on fp32, "__nv_exp" on fp64 and "__nv_fast_expf" are all "exp".
llvm::StringRef functionName(llvm::StringRef symbol, Type element) {
  if (!symbol.consume_front("__nv_"))
    return {};
  llvm::StringRef special = llvm::StringSwitch<llvm::StringRef>(symbol)
                                .Cases({"fdiv_rn", "ddiv_rn", "fast_dividef"}, "div")
                                .Cases({"fsqrt_rn", "dsqrt_rn"}, "sqrt")
                                .Cases({"isnanf", "isnand"}, "isnan")
                                .Cases({"isinff", "isinfd"}, "isinf")
                                .Cases({"finitef", "isfinited"}, "isfinite")
                                .Cases({"signbitf", "signbitd"}, "signbit")
                                .Cases({"erff", "erf"}, "erf")
                                .Default("");
  if (!special.empty())
    return special;
  symbol.consume_front("fast_");
  if (element.isF32())
    symbol.consume_back("f");
  return symbol;
}

template <typename Op> Value unary(OpBuilder &builder, Location loc, ValueRange operands) {
  return Op::create(builder, loc, operands[0]);
}
template <typename Op> Value binary(OpBuilder &builder, Location loc, ValueRange operands) {
  return Op::create(builder, loc, operands[0], operands[1]);
}
// The conversion to LLVM knows no math.isinf.
Value isInfinite(OpBuilder &builder, Location loc, ValueRange operands) {
  Value magnitude = math::AbsFOp::create(builder, loc, operands[0]);
  Type type = magnitude.getType();
  auto element = cast<FloatType>(getElementTypeOrSelf(type));
  TypedAttr infinity =
      builder.getFloatAttr(element, llvm::APFloat::getInf(element.getFloatSemantics()));
  if (auto vector = dyn_cast<VectorType>(type))
    infinity = DenseElementsAttr::get(vector, infinity);
  Value limit = arith::ConstantOp::create(builder, loc, infinity);
  return arith::CmpFOp::create(builder, loc, arith::CmpFPredicate::OEQ, magnitude, limit);
}
using Maker = Value (*)(OpBuilder &, Location, ValueRange);

Maker makerOf(llvm::StringRef name) {
  return llvm::StringSwitch<Maker>(name)
      .Case("acos", unary<math::AcosOp>)
      .Case("acosh", unary<math::AcoshOp>)
      .Case("asin", unary<math::AsinOp>)
      .Case("asinh", unary<math::AsinhOp>)
      .Case("atan", unary<math::AtanOp>)
      .Case("atan2", binary<math::Atan2Op>)
      .Case("atanh", unary<math::AtanhOp>)
      .Case("cbrt", unary<math::CbrtOp>)
      .Case("ceil", unary<math::CeilOp>)
      .Case("copysign", binary<math::CopySignOp>)
      .Case("cos", unary<math::CosOp>)
      .Case("cosh", unary<math::CoshOp>)
      .Case("div", binary<arith::DivFOp>)
      .Case("erf", unary<math::ErfOp>)
      .Case("erfc", unary<math::ErfcOp>)
      .Case("exp", unary<math::ExpOp>)
      .Case("exp2", unary<math::Exp2Op>)
      .Case("expm1", unary<math::ExpM1Op>)
      .Case("fabs", unary<math::AbsFOp>)
      .Case("floor", unary<math::FloorOp>)
      .Case("fma",
            [](OpBuilder &b, Location loc, ValueRange v) -> Value {
              return math::FmaOp::create(b, loc, v[0], v[1], v[2]);
            })
      .Case("fmax", binary<arith::MaxNumFOp>)
      .Case("fmin", binary<arith::MinNumFOp>)
      .Case("fmod", binary<arith::RemFOp>)
      .Case("log", unary<math::LogOp>)
      .Case("log10", unary<math::Log10Op>)
      .Case("log1p", unary<math::Log1pOp>)
      .Case("log2", unary<math::Log2Op>)
      .Cases({"nearbyint", "rint", "llrint"}, unary<math::RoundEvenOp>)
      .Case("pow", binary<math::PowFOp>)
      .Cases({"round", "llround"}, unary<math::RoundOp>)
      .Case("rsqrt", unary<math::RsqrtOp>)
      .Case("sin", unary<math::SinOp>)
      .Case("sinh", unary<math::SinhOp>)
      .Case("sqrt", unary<math::SqrtOp>)
      .Case("tan", unary<math::TanOp>)
      .Case("tanh", unary<math::TanhOp>)
      .Case("trunc", unary<math::TruncOp>)
      .Case("isnan", unary<math::IsNaNOp>)
      .Case("isinf", isInfinite)
      .Case("isfinite", unary<math::IsFiniteOp>)
      .Default(nullptr);
}

// In the C library under the same name, and known to ObjectLoader.
const llvm::StringSet<> &cLibrary() {
  static const llvm::StringSet<> names = {"exp10",     "fdim",      "hypot",  "j0", "j1", "lgamma",
                                          "nextafter", "remainder", "tgamma", "y0", "y1"};
  return names;
}

} // namespace

// One scalar call a lane.
Value TileEmitter::callCLibrary(llvm::StringRef name, ValueRange operands, Location loc) {
  Type element = getElementTypeOrSelf(operands[0].getType());
  std::string symbol = name.str() + (element.isF32() ? "f" : "");
  auto module = builder.getInsertionBlock()->getParentOp()->getParentOfType<ModuleOp>();
  if (!module.lookupSymbol(symbol)) {
    OpBuilder::InsertionGuard guard(builder);
    builder.setInsertionPointToStart(module.getBody());
    llvm::SmallVector<Type> types(operands.size(), element);
    func::FuncOp::create(builder, loc, symbol, builder.getFunctionType(types, element))
        .setPrivate();
  }
  auto vector = dyn_cast<VectorType>(operands[0].getType());
  llvm::SmallVector<Value> results;
  for (std::int64_t lane = 0; lane < (vector ? vector.getNumElements() : 1); ++lane) {
    llvm::SmallVector<Value> scalars;
    for (Value operand : operands)
      scalars.push_back(laneOf(operand, lane));
    results.push_back(func::CallOp::create(builder, loc, symbol, element, scalars).getResult(0));
  }
  return vector ? vector::FromElementsOp::create(builder, loc, vector, results).getResult()
                : results[0];
}

Value TileEmitter::callDeviceFunction(tt::ExternElementwiseOp op, ValueRange operands, Type type) {
  Location loc = locationOf(op);
  Type element = operands.empty() ? Type() : getElementTypeOrSelf(operands[0].getType());
  if (!element || (!element.isF32() && !element.isF64()))
    return unsupported(op), Value();
  const llvm::StringRef name = functionName(op.getSymbol(), element);
  Value result;
  if (Maker maker = makerOf(name)) {
    result = maker(builder, loc, operands);
  } else if (name == "signbit") {
    Type bits = builder.getIntegerType(element.getIntOrFloatBitWidth());
    if (auto vector = dyn_cast<VectorType>(operands[0].getType()))
      bits = vector.clone(bits);
    Value pattern = arith::BitcastOp::create(builder, loc, bits, operands[0]);
    result = arith::CmpIOp::create(builder, loc, arith::CmpIPredicate::slt, pattern, zero(bits));
  } else if (cLibrary().contains(name)) {
    result = callCLibrary(name, operands, loc);
  } else {
    op.emitError() << "the library function " << op.getSymbol()
                   << " cannot be compiled for the CPU yet";
    return {};
  }
  if (result.getType() == type)
    return result;
  // Questions are answered, and whole numbers rounded to, in integers.
  if (getElementTypeOrSelf(result.getType()).isInteger(1))
    return arith::ExtUIOp::create(builder, loc, type, result);
  if (isa<IntegerType>(getElementTypeOrSelf(type)))
    return arith::FPToSIOp::create(builder, loc, type, result);
  op.emitError() << "the library function " << op.getSymbol() << " does not give " << op.getType();
  return {};
}

} // namespace lapidary
