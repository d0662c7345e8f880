#include "core/compiler/reference/Narrow.h"
#include "core/compiler/reference/TileMath.h"

#include <algorithm>
#include <cmath>

namespace lapidary::reference {

namespace {

template <typename T, typename F>
void unary(std::size_t count, const void *const *operands, void *out, const F &f) {
  const T *x = static_cast<const T *>(operands[0]);
  T *to = static_cast<T *>(out);
  for (std::size_t i = 0; i < count; ++i)
    to[i] = f(x[i]);
}

template <typename T, typename F>
void binary(std::size_t count, const void *const *operands, void *out, const F &f) {
  const T *x = static_cast<const T *>(operands[0]), *y = static_cast<const T *>(operands[1]);
  T *to = static_cast<T *>(out);
  for (std::size_t i = 0; i < count; ++i)
    to[i] = f(x[i], y[i]);
}

template <typename T, typename F>
void ternary(std::size_t count, const void *const *operands, void *out, const F &f) {
  const T *x = static_cast<const T *>(operands[0]), *y = static_cast<const T *>(operands[1]),
          *z = static_cast<const T *>(operands[2]);
  T *to = static_cast<T *>(out);
  for (std::size_t i = 0; i < count; ++i)
    to[i] = f(x[i], y[i], z[i]);
}

template <typename T, typename F>
void test(std::size_t count, const void *const *operands, void *out, const F &f) {
  const T *x = static_cast<const T *>(operands[0]);
  auto *to = static_cast<std::int64_t *>(out);
  for (std::size_t i = 0; i < count; ++i)
    to[i] = f(x[i]);
}

template <typename T, typename F>
void compareWith(std::size_t count, const void *const *operands, void *out, const F &f) {
  const T *x = static_cast<const T *>(operands[0]), *y = static_cast<const T *>(operands[1]);
  auto *to = static_cast<std::int64_t *>(out);
  for (std::size_t i = 0; i < count; ++i)
    to[i] = f(x[i], y[i]);
}

// arith.cmpf's numbering: false, oeq, ogt, oge, olt, ole, one, ord, ueq, ugt, uge, ult, ule, une, uno, true.
template <typename T> void compare(int predicate, std::size_t count, const void *const *ops, void *out) {
  auto run = [&](auto f) { compareWith<T>(count, ops, out, f); };
  auto unordered = [](T x, T y) { return x != x || y != y; };
  switch (predicate) {
  case 1:
    return run([](T x, T y) { return x == y; });
  case 2:
    return run([](T x, T y) { return x > y; });
  case 3:
    return run([](T x, T y) { return x >= y; });
  case 4:
    return run([](T x, T y) { return x < y; });
  case 5:
    return run([](T x, T y) { return x <= y; });
  case 6:
    return run([](T x, T y) { return x < y || x > y; });
  case 7:
    return run([=](T x, T y) { return !unordered(x, y); });
  case 8:
    return run([=](T x, T y) { return unordered(x, y) || x == y; });
  case 9:
    return run([](T x, T y) { return !(x <= y); });
  case 10:
    return run([](T x, T y) { return !(x < y); });
  case 11:
    return run([](T x, T y) { return !(x >= y); });
  case 12:
    return run([](T x, T y) { return !(x > y); });
  case 13:
    return run([](T x, T y) { return x != y; });
  case 14:
    return run(unordered);
  default:
    return run([=](T, T) { return predicate != 0; });
  }
}

template <typename T> T maximum(T x, T y) { // NaN wins, -0 < +0
  if (x != x || y != y)
    return x + y;
  return x == y ? (std::signbit(x) ? y : x) : (x > y ? x : y);
}
template <typename T> T minimum(T x, T y) {
  if (x != x || y != y)
    return x + y;
  return x == y ? (std::signbit(x) ? x : y) : (x < y ? x : y);
}
template <typename T> T maxNum(T x, T y) { return x != x ? y : y != y ? x : (x > y ? x : y); }
template <typename T> T minNum(T x, T y) { return x != x ? y : y != y ? x : (x < y ? x : y); }

template <typename T> bool basicMath(Opcode opcode, std::size_t n, const void *const *in, void *out) {
  switch (opcode) {
  case Opcode::AddF:
    return binary<T>(n, in, out, [](T x, T y) { return x + y; }), true;
  case Opcode::SubF:
    return binary<T>(n, in, out, [](T x, T y) { return x - y; }), true;
  case Opcode::MulF:
    return binary<T>(n, in, out, [](T x, T y) { return x * y; }), true;
  case Opcode::DivF:
    return binary<T>(n, in, out, [](T x, T y) { return x / y; }), true;
  case Opcode::RemF:
    return binary<T>(n, in, out, [](T x, T y) { return std::fmod(x, y); }), true;
  case Opcode::MaximumF:
    return binary<T>(n, in, out, maximum<T>), true;
  case Opcode::MinimumF:
    return binary<T>(n, in, out, minimum<T>), true;
  case Opcode::MaxNumF:
    return binary<T>(n, in, out, maxNum<T>), true;
  case Opcode::MinNumF:
    return binary<T>(n, in, out, minNum<T>), true;
  case Opcode::PowF:
    return binary<T>(n, in, out, [](T x, T y) { return std::pow(x, y); }), true;
  case Opcode::Atan2:
    return binary<T>(n, in, out, [](T x, T y) { return std::atan2(x, y); }), true;
  case Opcode::CopySign:
    return binary<T>(n, in, out, [](T x, T y) { return std::copysign(x, y); }), true;
  case Opcode::NegF:
    return unary<T>(n, in, out, [](T x) { return -x; }), true;
  case Opcode::AbsF:
    return unary<T>(n, in, out, [](T x) { return std::fabs(x); }), true;
  case Opcode::Sqrt:
    return unary<T>(n, in, out, [](T x) { return std::sqrt(x); }), true;
  case Opcode::Rsqrt:
    return unary<T>(n, in, out, [](T x) { return T(1) / std::sqrt(x); }), true;
  case Opcode::Floor:
    return unary<T>(n, in, out, [](T x) { return std::floor(x); }), true;
  case Opcode::Ceil:
    return unary<T>(n, in, out, [](T x) { return std::ceil(x); }), true;
  case Opcode::Trunc:
    return unary<T>(n, in, out, [](T x) { return std::trunc(x); }), true;
  case Opcode::Round:
    return unary<T>(n, in, out, [](T x) { return std::round(x); }), true;
  case Opcode::RoundEven:
    return unary<T>(n, in, out, [](T x) { return std::nearbyint(x); }), true;
  case Opcode::Fma:
    return ternary<T>(n, in, out, [](T x, T y, T z) { return std::fma(x, y, z); }), true;
  default:
    return false;
  }
}

template <typename T> bool transcendental(Opcode opcode, std::size_t n, const void *const *in, void *out) {
  auto run = [&](auto f) { return unary<T>(n, in, out, f), true; };
  switch (opcode) {
  case Opcode::Exp:
    return run([](T x) { return std::exp(x); });
  case Opcode::Exp2:
    return run([](T x) { return std::exp2(x); });
  case Opcode::ExpM1:
    return run([](T x) { return std::expm1(x); });
  case Opcode::Log:
    return run([](T x) { return std::log(x); });
  case Opcode::Log2:
    return run([](T x) { return std::log2(x); });
  case Opcode::Log10:
    return run([](T x) { return std::log10(x); });
  case Opcode::Log1p:
    return run([](T x) { return std::log1p(x); });
  case Opcode::Cbrt:
    return run([](T x) { return std::cbrt(x); });
  case Opcode::Sin:
    return run([](T x) { return std::sin(x); });
  case Opcode::Cos:
    return run([](T x) { return std::cos(x); });
  case Opcode::Tan:
    return run([](T x) { return std::tan(x); });
  case Opcode::Asin:
    return run([](T x) { return std::asin(x); });
  case Opcode::Acos:
    return run([](T x) { return std::acos(x); });
  case Opcode::Atan:
    return run([](T x) { return std::atan(x); });
  case Opcode::Sinh:
    return run([](T x) { return std::sinh(x); });
  case Opcode::Cosh:
    return run([](T x) { return std::cosh(x); });
  case Opcode::Tanh:
    return run([](T x) { return std::tanh(x); });
  case Opcode::Asinh:
    return run([](T x) { return std::asinh(x); });
  case Opcode::Acosh:
    return run([](T x) { return std::acosh(x); });
  case Opcode::Atanh:
    return run([](T x) { return std::atanh(x); });
  case Opcode::Erf:
    return run([](T x) { return std::erf(x); });
  case Opcode::Erfc:
    return run([](T x) { return std::erfc(x); });
  default:
    return false;
  }
}

template <typename T>
void floats(Opcode opcode, int predicate, std::size_t n, const void *const *in, void *out) {
  if (basicMath<T>(opcode, n, in, out) || transcendental<T>(opcode, n, in, out))
    return;
  switch (opcode) {
  case Opcode::CmpF:
    return compare<T>(predicate, n, in, out);
  case Opcode::IsNan:
    return test<T>(n, in, out, [](T x) { return x != x; });
  case Opcode::IsInf:
    return test<T>(n, in, out, [](T x) { return std::isinf(x); });
  case Opcode::IsFinite:
    return test<T>(n, in, out, [](T x) { return std::isfinite(x); });
  case Opcode::ClampF: // predicate: whether NaN propagates
    if (predicate)
      return ternary<T>(n, in, out, [](T x, T low, T high) { return minimum(maximum(x, low), high); });
    return ternary<T>(n, in, out, [](T x, T low, T high) { return minNum(maxNum(x, low), high); });
  case Opcode::FpowI: { // the exponent is an integer tile
    const T *x = static_cast<const T *>(in[0]);
    const auto *power = static_cast<const std::int64_t *>(in[1]);
    for (std::size_t i = 0; i < n; ++i)
      static_cast<T *>(out)[i] = std::pow(x[i], static_cast<T>(power[i]));
    return;
  }
  default:
    return;
  }
}

bool isPredicate(Opcode opcode) { return opcode >= Opcode::IsNan && opcode <= Opcode::CmpF; }

} // namespace

void computeFloat(Opcode opcode, Element element, int predicate, std::size_t count,
                  const void *const *operands, void *out) {
  if (element == Element::F64)
    return floats<double>(opcode, predicate, count, operands, out);
  floats<float>(opcode, predicate, count, operands, out);
  if (!isPredicate(opcode))
    roundElements(element, count, static_cast<float *>(out));
}

} // namespace lapidary::reference
