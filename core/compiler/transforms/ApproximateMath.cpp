// Transcendental functions as vector arithmetic.
//
// exp, exp2, log and log2 are ours, right over all of f32: softmax, attention and losses spend
// their time in them. log1p, tanh, erf and the inverse functions come from MLIR; what is left goes
// to the C library, one lane at a time.
#include "core/compiler/Passes.h"

#include "mlir/Dialect/Math/Transforms/Passes.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/IR/TypeUtilities.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"
#include "llvm/ADT/StringSet.h"

#include <limits>

namespace lapidary {

#define GEN_PASS_DEF_APPROXIMATEMATHPASS
#include "core/compiler/Passes.h.inc"

using namespace mlir;

namespace {

// Arithmetic on f32, scalars or vectors alike.
class FloatBuilder {
public:
  FloatBuilder(OpBuilder &builder, Location loc, Type type)
      : builder(builder), loc(loc), type(type) {
    integers = builder.getI32Type();
    if (auto vector = dyn_cast<VectorType>(type))
      integers = vector.clone(integers);
  }
  Value constant(float value) { return splat(builder.getF32FloatAttr(value), type); }
  Value integer(int value) { return splat(builder.getI32IntegerAttr(value), integers); }
  Value multiply(Value a, Value b) { return arith::MulFOp::create(builder, loc, a, b); }
  Value add(Value a, Value b) { return arith::AddFOp::create(builder, loc, a, b); }
  Value subtract(Value a, Value b) { return arith::SubFOp::create(builder, loc, a, b); }
  Value fma(Value a, Value b, Value c) { return math::FmaOp::create(builder, loc, a, b, c); }
  Value round(Value a) { return math::RoundEvenOp::create(builder, loc, a); }
  Value toInteger(Value a) { return arith::FPToSIOp::create(builder, loc, integers, a); }
  Value minus(Value a, Value b) { return arith::SubIOp::create(builder, loc, a, b); }
  Value shiftLeft(Value a, int by) { return arith::ShLIOp::create(builder, loc, a, integer(by)); }
  Value shiftRight(Value a, int by) { return arith::ShRSIOp::create(builder, loc, a, integer(by)); }
  Value fromInteger(Value a) { return arith::SIToFPOp::create(builder, loc, type, a); }
  Value asInteger(Value a) { return arith::BitcastOp::create(builder, loc, integers, a); }
  Value asFloat(Value a) { return arith::BitcastOp::create(builder, loc, type, a); }
  Value select(Value which, Value a, Value b) {
    return arith::SelectOp::create(builder, loc, which, a, b);
  }
  Value compare(arith::CmpFPredicate predicate, Value a, float b) {
    return arith::CmpFOp::create(builder, loc, predicate, a, constant(b));
  }
  // A NaN in `a` stays: the comparison is false.
  Value atLeast(Value a, float bound) { return bounded(arith::CmpFPredicate::OLT, a, bound); }
  Value atMost(Value a, float bound) { return bounded(arith::CmpFPredicate::OGT, a, bound); }
  // c[0] + c[1] x + c[2] x^2 ...
  Value polynomial(Value x, ArrayRef<float> c) {
    Value sum = constant(c.back());
    for (float each : llvm::reverse(c.drop_back()))
      sum = fma(sum, x, constant(each));
    return sum;
  }
  // a * 2^n for whole n in [-252, 254], rounded once where the result is subnormal.
  Value scale(Value a, Value n, bool hasScale) {
    Value power = toInteger(n);
    if (hasScale)
      return LLVM::CallIntrinsicOp::create(builder, loc, type, builder.getStringAttr("llvm.ldexp"),
                                           ValueRange{a, power})
          .getResults();
    // 2^n as two factors that are both normal numbers.
    Value half = shiftRight(power, 1), rest = minus(power, half);
    return multiply(multiply(a, powerOfTwo(half)), powerOfTwo(rest));
  }

private:
  Value splat(TypedAttr value, Type to) {
    if (auto vector = dyn_cast<VectorType>(to))
      return arith::ConstantOp::create(builder, loc, DenseElementsAttr::get(vector, value));
    return arith::ConstantOp::create(builder, loc, value);
  }
  Value bounded(arith::CmpFPredicate predicate, Value a, float bound) {
    return select(compare(predicate, a, bound), constant(bound), a);
  }
  Value powerOfTwo(Value n) {
    Value biased = arith::AddIOp::create(builder, loc, n, integer(127));
    return asFloat(shiftLeft(biased, 23));
  }

  OpBuilder &builder;
  Location loc;
  Type type, integers;
};

// e^x = 2^n e^r with n = round(x / ln 2), |r| <= ln 2 / 2. ln 2 is subtracted in two parts (Cody
// and Waite), the first short enough for n times it to be exact. The polynomial is a minimax fit of
// (e^r - 1 - r) / r^2; its relative error is below 2^-28.
Value approximateExp(FloatBuilder &f, Value x, bool hasScale) {
  x = f.atMost(f.atLeast(x, -104.0f), 89.0f); // beyond: 0 and infinity, as at these bounds
  Value n = f.round(f.multiply(x, f.constant(1.44269504088896341f)));
  Value r = f.fma(n, f.constant(-0.693359375f), x);
  r = f.fma(n, f.constant(2.12194440e-4f), r);
  Value q = f.polynomial(r, {0.4999999403953552f, 0.1666652113199234f, 0.04166838899254799f,
                             0.00836874544620514f, 0.0013814539415761828f});
  Value p = f.fma(f.multiply(r, r), q, r);
  return f.scale(f.add(p, f.constant(1.0f)), n, hasScale);
}

// 2^x = 2^n 2^r with n = round(x): r is exact. A minimax fit of (2^r - 1) / r, error below 2^-28.
Value approximateExp2(FloatBuilder &f, Value x, bool hasScale) {
  x = f.atMost(f.atLeast(x, -151.0f), 129.0f);
  Value n = f.round(x);
  Value r = f.subtract(x, n);
  Value q =
      f.polynomial(r, {0.6931471824645996f, 0.24022647738456726f, 0.055503323674201965f,
                       0.00961843691766262f, 0.0013398875016719103f, 0.00015353361959569156f});
  return f.scale(f.fma(r, q, f.constant(1.0f)), n, hasScale);
}

// x = 2^e (1 + f) with 1 + f in [sqrt(1/2), sqrt(2)); y = log(1 + f) - f, a minimax fit of
// (log(1 + f) - f + f^2 / 2) / f^3 with a relative error of the sum below 2^-28.
struct Logarithm {
  Value e, f, y;
};

Logarithm splitLog(FloatBuilder &f, Value x) {
  // Subnormal numbers are scaled up to have an exponent.
  Value small = f.compare(arith::CmpFPredicate::OLT, x, 1.17549435e-38f);
  Value bits = f.asInteger(f.select(small, f.multiply(x, f.constant(8388608.0f)), x));
  Value e = f.shiftRight(f.minus(bits, f.integer(0x3f3504f3)), 23);
  Logarithm log;
  log.f = f.subtract(f.asFloat(f.minus(bits, f.shiftLeft(e, 23))), f.constant(1.0f));
  Value exponent = f.fromInteger(e);
  log.e = f.select(small, f.subtract(exponent, f.constant(23.0f)), exponent);
  Value q =
      f.polynomial(log.f, {0.3333331346511841f, -0.25000008940696716f, 0.20002134144306183f,
                           -0.16668008267879486f, 0.14219221472740173f, -0.12405113130807877f,
                           0.11890316754579544f, -0.11679777503013611f, 0.06746760755777359f});
  Value square = f.multiply(log.f, log.f);
  log.y = f.fma(square, f.constant(-0.5f), f.multiply(f.multiply(log.f, square), q));
  return log;
}

// What polynomials cannot give: log 0 = -infinity, log of less = NaN, log infinity = infinity.
Value withLimits(FloatBuilder &f, Value x, Value log) {
  constexpr float infinity = std::numeric_limits<float>::infinity();
  log = f.select(f.compare(arith::CmpFPredicate::OEQ, x, infinity), f.constant(infinity), log);
  log = f.select(f.compare(arith::CmpFPredicate::ULT, x, 0.0f),
                 f.constant(std::numeric_limits<float>::quiet_NaN()), log);
  return f.select(f.compare(arith::CmpFPredicate::OEQ, x, 0.0f), f.constant(-infinity), log);
}

Value approximateLog(FloatBuilder &f, Value x, bool) {
  Logarithm log = splitLog(f, x);
  Value sum = f.add(log.f, f.fma(log.e, f.constant(-2.12194440e-4f), log.y));
  return withLimits(f, x, f.fma(log.e, f.constant(0.693359375f), sum));
}

// log2(1 + f) = (f + y) (1 + c): the 1 is added apart, so that only c's product rounds.
Value approximateLog2(FloatBuilder &f, Value x, bool) {
  Logarithm log = splitLog(f, x);
  Value c = f.constant(0.44269504088896341f);
  Value sum = f.add(f.fma(log.f, c, f.multiply(log.y, c)), log.y);
  return withLimits(f, x, f.add(f.add(sum, log.f), log.e));
}

template <typename Op> struct ApproximateF32 : OpRewritePattern<Op> {
  using Approximation = Value (*)(FloatBuilder &, Value, bool);
  ApproximateF32(MLIRContext *context, Approximation approximation, bool hasScale)
      : OpRewritePattern<Op>(context, 2), approximation(approximation), hasScale(hasScale) {}
  LogicalResult matchAndRewrite(Op op, PatternRewriter &rewriter) const override {
    if (!getElementTypeOrSelf(op.getType()).isF32())
      return failure();
    FloatBuilder f(rewriter, op.getLoc(), op.getType());
    rewriter.replaceOp(op, approximation(f, op.getOperand(), hasScale));
    return success();
  }
  Approximation approximation;
  bool hasScale;
};

struct ApproximateMath : impl::ApproximateMathPassBase<ApproximateMath> {
  using ApproximateMathPassBase::ApproximateMathPassBase;

  void runOnOperation() override {
    RewritePatternSet patterns(&getContext());
    patterns.add<ApproximateF32<math::ExpOp>>(&getContext(), approximateExp, hasScale);
    patterns.add<ApproximateF32<math::Exp2Op>>(&getContext(), approximateExp2, hasScale);
    patterns.add<ApproximateF32<math::LogOp>>(&getContext(), approximateLog, hasScale);
    patterns.add<ApproximateF32<math::Log2Op>>(&getContext(), approximateLog2, hasScale);
    llvm::StringSet<> approximated = {"math.log1p", "math.tanh", "math.erf", "math.atan",
                                      "math.atan2", "math.asin", "math.acos"};
    if (everything) {
      for (const char *name : {"math.sin", "math.cos", "math.cbrt", "math.expm1", "math.erfc"})
        approximated.insert(name);
      math::populateExpansionPatterns(
          patterns, {"sinh", "cosh", "tan", "asinh", "acosh", "atanh", "powf", "ctlz", "rsqrt"});
    }
    const llvm::StringSet<> natively = {"math.absf",      "math.ceil",    "math.floor",
                                        "math.fma",       "math.sqrt",    "math.trunc",
                                        "math.roundeven", "math.copysign"};
    populateMathPolynomialApproximationPatterns(
        patterns, [&](StringRef name) { return approximated.contains(name); });
    // In 16 bits: computed in 32 and rounded, as Triton does.
    populateMathF32ExpansionPatterns(patterns,
                                     [&](StringRef name) { return !natively.contains(name); });
    if (failed(applyPatternsGreedily(getOperation(), std::move(patterns))))
      signalPassFailure();
  }
};

} // namespace

} // namespace lapidary
