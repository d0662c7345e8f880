// Arithmetic of one thread.
#include "backends/sim/TargetReader.h"
#include "core/support/FloatFormat.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/UB/IR/UBOps.h"
#include "llvm/ADT/TypeSwitch.h"

#include <algorithm>
#include <cmath>

namespace lapidary {

using namespace mlir;

SimFloat simFloat(Type type) {
  return type.isF16()    ? SimFloat::Half
         : type.isBF16() ? SimFloat::Bfloat
         : type.isF32()  ? SimFloat::Single
         : type.isF64()  ? SimFloat::Double
                         : SimFloat::None;
}

double simToDouble(SimFloat kind, std::uint64_t bits) {
  if (kind == SimFloat::Single)
    return std::bit_cast<float>(static_cast<std::uint32_t>(bits));
  if (kind == SimFloat::Double)
    return std::bit_cast<double>(bits);
  return decodeFloat(kind == SimFloat::Half ? DType::Fp16 : DType::BF16, bits);
}

std::uint64_t simFromDouble(SimFloat kind, double value) {
  if (kind == SimFloat::Single)
    return std::bit_cast<std::uint32_t>(static_cast<float>(value));
  if (kind == SimFloat::Double)
    return std::bit_cast<std::uint64_t>(value);
  return encodeFloat(kind == SimFloat::Half ? DType::Fp16 : DType::BF16, value);
}

// In single precision where the type is, in double otherwise, rounded once at the end.
template <typename Function>
void SimReader::floatUnary(Type type, Value result, int a, Function function) {
  if (type.isF32())
    return unary(result, a, [function](std::uint64_t x) -> std::uint64_t {
      return std::bit_cast<std::uint32_t>(
          float(function(std::bit_cast<float>(static_cast<std::uint32_t>(x)))));
    });
  unary(result, a, [function, kind = simFloat(type)](std::uint64_t x) {
    return simFromDouble(kind, function(simToDouble(kind, x)));
  });
}

template <typename Function>
void SimReader::floatBinary(Type type, Value result, int a, int b, Function function) {
  if (type.isF32())
    return binary(result, a, b, [function](std::uint64_t x, std::uint64_t y) -> std::uint64_t {
      return std::bit_cast<std::uint32_t>(
          float(function(std::bit_cast<float>(static_cast<std::uint32_t>(x)),
                         std::bit_cast<float>(static_cast<std::uint32_t>(y)))));
    });
  binary(result, a, b, [function, kind = simFloat(type)](std::uint64_t x, std::uint64_t y) {
    return simFromDouble(kind, function(simToDouble(kind, x), simToDouble(kind, y)));
  });
}

bool SimReader::readConstant(Operation *op) {
  if (isa<ub::PoisonOp>(op)) {
    define(op->getResult(0));
    return true;
  }
  auto constant = dyn_cast<arith::ConstantOp>(op);
  if (!constant)
    return false;
  std::uint64_t value = 0;
  if (auto integer = dyn_cast<IntegerAttr>(constant.getValue()))
    value = integer.getValue().getZExtValue();
  else if (auto number = dyn_cast<FloatAttr>(constant.getValue()))
    value = number.getValue().bitcastToAPInt().getZExtValue();
  else
    return false;
  program.constants.emplace_back(define(Value(constant.getResult()))[0], value);
  return true;
}

bool SimReader::readInteger(Operation *op) {
  if (op->getNumOperands() != 2 || op->getNumResults() != 1 ||
      !op->getResult(0).getType().isIntOrIndex())
    return false;
  const int bits = simBits(op->getResult(0).getType());
  const std::uint64_t mask = simMask(bits);
  auto make = [&](auto function) {
    binary(op->getResult(0), slotOf(op->getOperand(0)), slotOf(op->getOperand(1)),
           [function, mask](std::uint64_t x, std::uint64_t y) -> std::uint64_t {
             return static_cast<std::uint64_t>(function(x, y)) & mask;
           });
    return true;
  };
  auto makeSigned = [&](auto function) {
    return make([function, bits](std::uint64_t x, std::uint64_t y) {
      return function(simSigned(x, bits), simSigned(y, bits));
    });
  };
  using U = std::uint64_t;
  using S = std::int64_t;
  return llvm::TypeSwitch<Operation *, bool>(op)
      .Case([&](arith::AddIOp) { return make([](U x, U y) { return x + y; }); })
      .Case([&](arith::SubIOp) { return make([](U x, U y) { return x - y; }); })
      .Case([&](arith::MulIOp) { return make([](U x, U y) { return x * y; }); })
      .Case([&](arith::AndIOp) { return make([](U x, U y) { return x & y; }); })
      .Case([&](arith::OrIOp) { return make([](U x, U y) { return x | y; }); })
      .Case([&](arith::XOrIOp) { return make([](U x, U y) { return x ^ y; }); })
      .Case([&](arith::ShLIOp) { return make([](U x, U y) { return y < 64 ? x << y : 0; }); })
      .Case([&](arith::ShRUIOp) { return make([](U x, U y) { return y < 64 ? x >> y : 0; }); })
      .Case([&](arith::ShRSIOp) {
        return makeSigned([](S x, S y) { return x >> (y < 0 || y > 63 ? 63 : y); });
      })
      .Case([&](arith::DivUIOp) { return make([](U x, U y) { return y ? x / y : 0; }); })
      .Case([&](arith::RemUIOp) { return make([](U x, U y) { return y ? x % y : 0; }); })
      .Case([&](arith::DivSIOp) {
        return makeSigned([](S x, S y) { return y == -1 ? S(0 - U(x)) : y ? x / y : 0; });
      })
      .Case([&](arith::RemSIOp) {
        return makeSigned([](S x, S y) { return y == 0 || y == -1 ? 0 : x % y; });
      })
      .Case([&](arith::MaxSIOp) { return makeSigned([](S x, S y) { return std::max(x, y); }); })
      .Case([&](arith::MinSIOp) { return makeSigned([](S x, S y) { return std::min(x, y); }); })
      .Case([&](arith::MaxUIOp) { return make([](U x, U y) { return std::max(x, y); }); })
      .Case([&](arith::MinUIOp) { return make([](U x, U y) { return std::min(x, y); }); })
      .Default([](Operation *) { return false; });
}

bool SimReader::readIntegerPairs(Operation *op) {
  if (auto product = dyn_cast<arith::MulUIExtendedOp>(op)) {
    const int bits = simBits(product.getLow().getType());
    const int a = slotOf(product.getLhs()), b = slotOf(product.getRhs());
    binary(product.getLow(), a, b,
           [bits](std::uint64_t x, std::uint64_t y) { return (x * y) & simMask(bits); });
    binary(product.getHigh(), a, b, [bits](std::uint64_t x, std::uint64_t y) {
      return static_cast<std::uint64_t>((static_cast<unsigned __int128>(x) * y) >> bits) &
             simMask(bits);
    });
    return true;
  }
  if (op->getNumOperands() != 1 || op->getNumResults() != 1 ||
      !op->getResult(0).getType().isIntOrIndex())
    return false;
  const int bits = simBits(op->getResult(0).getType()), a = slotOf(op->getOperand(0));
  auto make = [&](auto function) {
    unary(op->getResult(0), a, [=](std::uint64_t x) -> std::uint64_t {
      return static_cast<std::uint64_t>(function(x)) & simMask(bits);
    });
    return true;
  };
  using U = std::uint64_t;
  return llvm::TypeSwitch<Operation *, bool>(op)
      .Case(
          [&](math::AbsIOp) { return make([bits](U x) { return std::abs(simSigned(x, bits)); }); })
      .Case([&](math::CountLeadingZerosOp) {
        return make([bits](U x) { return std::countl_zero(x) - (64 - bits); });
      })
      .Case([&](math::CountTrailingZerosOp) {
        return make([bits](U x) { return std::min(std::countr_zero(x), bits); });
      })
      .Case([&](math::CtPopOp) { return make([](U x) { return std::popcount(x); }); })
      .Default([](Operation *) { return false; });
}

bool SimReader::readCompare(Operation *op) {
  if (auto select = dyn_cast<arith::SelectOp>(op)) {
    const int c = slotOf(select.getCondition());
    const Slots yes = slotsOf(select.getTrueValue()), no = slotsOf(select.getFalseValue());
    const Slots to = define(Value(select.getResult()));
    push([=](SimBlock &block) {
      for (std::size_t part = 0; part < to.size(); ++part)
        for (int i = 0; i < block.threads; ++i)
          block.of(to[part])[i] =
              block.of(c)[i] & 1 ? block.of(yes[part])[i] : block.of(no[part])[i];
    });
    return true;
  }
  if (auto compare = dyn_cast<arith::CmpIOp>(op)) {
    const int bits = simBits(compare.getLhs().getType());
    const auto predicate = compare.getPredicate();
    binary(compare.getResult(), slotOf(compare.getLhs()), slotOf(compare.getRhs()),
           [=](std::uint64_t x, std::uint64_t y) -> std::uint64_t {
             return arith::applyCmpPredicate(predicate, llvm::APInt(unsigned(bits), x, false, true),
                                             llvm::APInt(unsigned(bits), y, false, true));
           });
    return true;
  }
  auto compare = dyn_cast<arith::CmpFOp>(op);
  if (!compare)
    return false;
  const SimFloat kind = simFloat(compare.getLhs().getType());
  const auto predicate = compare.getPredicate();
  binary(compare.getResult(), slotOf(compare.getLhs()), slotOf(compare.getRhs()),
         [=](std::uint64_t x, std::uint64_t y) -> std::uint64_t {
           return arith::applyCmpPredicate(predicate, llvm::APFloat(simToDouble(kind, x)),
                                           llvm::APFloat(simToDouble(kind, y)));
         });
  return true;
}

namespace {

template <typename T> T maximum(T x, T y) {
  return std::isnan(x) ? x : std::isnan(y) ? y : std::max(x, y);
}
template <typename T> T minimum(T x, T y) {
  return std::isnan(x) ? x : std::isnan(y) ? y : std::min(x, y);
}

} // namespace

bool SimReader::readFloat(Operation *op) {
  if (op->getNumResults() != 1 || !isa<FloatType>(op->getResult(0).getType()) ||
      !llvm::all_of(op->getOperandTypes(), [&](Type t) { return t == op->getResult(0).getType(); }))
    return false;
  const Type type = op->getResult(0).getType();
  Value result = op->getResult(0);
  auto one = [&](auto function) {
    floatUnary(type, result, slotOf(op->getOperand(0)), function);
    return true;
  };
  auto two = [&](auto function) {
    floatBinary(type, result, slotOf(op->getOperand(0)), slotOf(op->getOperand(1)), function);
    return true;
  };
  return llvm::TypeSwitch<Operation *, bool>(op)
      .Case([&](arith::AddFOp) { return two([](auto x, auto y) { return x + y; }); })
      .Case([&](arith::SubFOp) { return two([](auto x, auto y) { return x - y; }); })
      .Case([&](arith::MulFOp) { return two([](auto x, auto y) { return x * y; }); })
      .Case<arith::DivFOp, LLVM::FDivOp>(
          [&](auto) { return two([](auto x, auto y) { return x / y; }); })
      .Case([&](arith::RemFOp) { return two([](auto x, auto y) { return std::fmod(x, y); }); })
      .Case([&](arith::MaximumFOp) { return two([](auto x, auto y) { return maximum(x, y); }); })
      .Case([&](arith::MinimumFOp) { return two([](auto x, auto y) { return minimum(x, y); }); })
      .Case([&](arith::MaxNumFOp) { return two([](auto x, auto y) { return std::fmax(x, y); }); })
      .Case([&](arith::MinNumFOp) { return two([](auto x, auto y) { return std::fmin(x, y); }); })
      .Case([&](arith::NegFOp) { return one([](auto x) { return -x; }); })
      .Case([&](math::AbsFOp) { return one([](auto x) { return std::fabs(x); }); })
      .Case([&](math::ExpOp) { return one([](auto x) { return std::exp(x); }); })
      .Case([&](math::Exp2Op) { return one([](auto x) { return std::exp2(x); }); })
      .Case([&](math::ExpM1Op) { return one([](auto x) { return std::expm1(x); }); })
      .Case([&](math::LogOp) { return one([](auto x) { return std::log(x); }); })
      .Case([&](math::Log2Op) { return one([](auto x) { return std::log2(x); }); })
      .Case([&](math::Log10Op) { return one([](auto x) { return std::log10(x); }); })
      .Case([&](math::Log1pOp) { return one([](auto x) { return std::log1p(x); }); })
      .Case([&](math::SqrtOp) { return one([](auto x) { return std::sqrt(x); }); })
      .Case([&](math::RsqrtOp) { return one([](auto x) { return 1 / std::sqrt(x); }); })
      .Case([&](math::CbrtOp) { return one([](auto x) { return std::cbrt(x); }); })
      .Case([&](math::SinOp) { return one([](auto x) { return std::sin(x); }); })
      .Case([&](math::CosOp) { return one([](auto x) { return std::cos(x); }); })
      .Case([&](math::TanOp) { return one([](auto x) { return std::tan(x); }); })
      .Case([&](math::TanhOp) { return one([](auto x) { return std::tanh(x); }); })
      .Case([&](math::ErfOp) { return one([](auto x) { return std::erf(x); }); })
      .Case([&](math::FloorOp) { return one([](auto x) { return std::floor(x); }); })
      .Case([&](math::CeilOp) { return one([](auto x) { return std::ceil(x); }); })
      .Case([&](math::TruncOp) { return one([](auto x) { return std::trunc(x); }); })
      .Case([&](math::RoundEvenOp) { return one([](auto x) { return std::nearbyint(x); }); })
      .Case([&](math::RoundOp) { return one([](auto x) { return std::round(x); }); })
      .Case([&](math::PowFOp) { return two([](auto x, auto y) { return std::pow(x, y); }); })
      .Case([&](math::Atan2Op) { return two([](auto x, auto y) { return std::atan2(x, y); }); })
      .Case(
          [&](math::CopySignOp) { return two([](auto x, auto y) { return std::copysign(x, y); }); })
      .Case([&](math::FmaOp o) {
        const int a = slotOf(o.getA()), b = slotOf(o.getB()), c = slotOf(o.getC());
        const int to = define(result)[0];
        const SimFloat kind = simFloat(type);
        push([=](SimBlock &block) {
          for (int i = 0; i < block.threads; ++i)
            block.of(to)[i] =
                kind == SimFloat::Single
                    ? std::bit_cast<std::uint32_t>(
                          std::fma(std::bit_cast<float>(std::uint32_t(block.of(a)[i])),
                                   std::bit_cast<float>(std::uint32_t(block.of(b)[i])),
                                   std::bit_cast<float>(std::uint32_t(block.of(c)[i]))))
                    : simFromDouble(kind, std::fma(simToDouble(kind, block.of(a)[i]),
                                                   simToDouble(kind, block.of(b)[i]),
                                                   simToDouble(kind, block.of(c)[i])));
        });
        return true;
      })
      .Default([](Operation *) { return false; });
}

bool SimReader::readCast(Operation *op) {
  if (op->getNumOperands() != 1 || op->getNumResults() != 1)
    return false;
  Value result = op->getResult(0);
  const SimFloat from = simFloat(op->getOperand(0).getType()), to = simFloat(result.getType());
  const int a = slotOf(op->getOperand(0)), fromBits = simBits(op->getOperand(0).getType()),
            bits = simBits(result.getType());
  const std::uint64_t mask = simMask(bits);
  return llvm::TypeSwitch<Operation *, bool>(op)
      .Case<arith::ExtUIOp, arith::BitcastOp, arith::IndexCastUIOp>([&](auto) {
        alias(result, slotsOf(op->getOperand(0)));
        return true;
      })
      .Case<arith::ExtSIOp, arith::IndexCastOp>([&](auto) {
        unary(result, a, [=](std::uint64_t x) {
          return static_cast<std::uint64_t>(simSigned(x, fromBits)) & mask;
        });
        return true;
      })
      .Case([&](arith::TruncIOp) {
        unary(result, a, [mask](std::uint64_t x) { return x & mask; });
        return true;
      })
      .Case<arith::ExtFOp, arith::TruncFOp>([&](auto) {
        unary(result, a, [=](std::uint64_t x) { return simFromDouble(to, simToDouble(from, x)); });
        return true;
      })
      .Case([&](arith::SIToFPOp) {
        const bool single = to == SimFloat::Single;
        unary(result, a, [=](std::uint64_t x) -> std::uint64_t {
          const std::int64_t number = simSigned(x, fromBits);
          return single ? std::bit_cast<std::uint32_t>(static_cast<float>(number))
                        : simFromDouble(to, static_cast<double>(number));
        });
        return true;
      })
      .Case([&](arith::UIToFPOp) {
        const bool single = to == SimFloat::Single;
        unary(result, a, [=](std::uint64_t x) -> std::uint64_t {
          return single ? std::bit_cast<std::uint32_t>(static_cast<float>(x))
                        : simFromDouble(to, static_cast<double>(x));
        });
        return true;
      })
      .Case<arith::FPToSIOp, arith::FPToUIOp>([&](auto) {
        const bool isSigned = isa<arith::FPToSIOp>(op);
        unary(result, a, [=](std::uint64_t x) -> std::uint64_t {
          const double number = simToDouble(from, x);
          const double low = isSigned ? -std::ldexp(1.0, bits - 1) : 0,
                       high = std::ldexp(1.0, isSigned ? bits - 1 : bits);
          if (!(number > low - 1) || !(number < high)) // any value: it does not fit
            return number < 0 ? static_cast<std::uint64_t>(low < 0 ? 1ull << (bits - 1) : 0) & mask
                              : (isSigned ? mask >> 1 : mask);
          return (number < 0 ? static_cast<std::uint64_t>(static_cast<std::int64_t>(number))
                             : static_cast<std::uint64_t>(number)) &
                 mask;
        });
        return true;
      })
      .Default([](Operation *) { return false; });
}

} // namespace lapidary
