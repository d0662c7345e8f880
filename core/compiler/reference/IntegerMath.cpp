#include "core/compiler/reference/TileMath.h"

#include <algorithm>
#include <bit>
#include <limits>

namespace lapidary::reference {

Storage storageOf(Element element) {
  return !isFloat(element)         ? Storage::Integer
         : element == Element::F64 ? Storage::Double
                                   : Storage::Float;
}

int bitsOf(Element element) {
  switch (element) {
  case Element::I1:
    return 1;
  case Element::I8:
  case Element::F8E4NV:
  case Element::F8E5:
  case Element::F8E4B8:
  case Element::F8E5B16:
    return 8;
  case Element::I16:
  case Element::F16:
  case Element::BF16:
    return 16;
  case Element::I32:
  case Element::F32:
    return 32;
  default:
    return 64;
  }
}

std::int64_t wrapInteger(Element element, std::int64_t value) {
  if (element == Element::I1)
    return value & 1;
  int unused = 64 - bitsOf(element);
  return static_cast<std::int64_t>(static_cast<std::uint64_t>(value) << unused) >> unused;
}

namespace {

using I = std::int64_t;
using U = std::uint64_t;

// `signedOf` and `unsignedOf` turn storage into the value meant; i1 is stored as 0 or 1, but its signed
// value of true is -1.
template <int bits> I signedOf(I value) {
  if constexpr (bits == 1)
    return -value;
  return value;
}
template <int bits> U unsignedOf(I value) {
  if constexpr (bits == 64)
    return static_cast<U>(value);
  else
    return static_cast<U>(value) & ((U(1) << bits) - 1);
}
template <int bits> I stored(U value) {
  if constexpr (bits == 1)
    return static_cast<I>(value & 1);
  return static_cast<I>(value << (64 - bits)) >> (64 - bits);
}

template <int bits> I divideSigned(I x, I y) {
  if (y == 0)
    return -1;
  return y == -1 ? static_cast<I>(U(0) - static_cast<U>(x)) : x / y;
}
template <int bits> I remainderSigned(I x, I y) { return y == 0 ? x : y == -1 ? 0 : x % y; }

template <int bits> I floorDivide(I x, I y) {
  if (y == 0 || y == -1)
    return divideSigned<bits>(x, y);
  I quotient = x / y;
  return quotient - (x % y != 0 && (x < 0) != (y < 0));
}
template <int bits> I ceilDivide(I x, I y) {
  if (y == 0 || y == -1)
    return divideSigned<bits>(x, y);
  I quotient = x / y;
  return quotient + (x % y != 0 && (x < 0) == (y < 0));
}

template <int bits> struct Integers {
  std::size_t count;
  const I *const *in;
  I *out;

  template <typename F> void storedUnary(const F &f) const {
    for (std::size_t i = 0; i < count; ++i)
      out[i] = stored<bits>(f(in[0][i]));
  }
  template <typename F> void signedBinary(const F &f) const {
    for (std::size_t i = 0; i < count; ++i)
      out[i] = stored<bits>(static_cast<U>(f(signedOf<bits>(in[0][i]), signedOf<bits>(in[1][i]))));
  }
  template <typename F> void unsignedBinary(const F &f) const {
    for (std::size_t i = 0; i < count; ++i)
      out[i] = stored<bits>(f(unsignedOf<bits>(in[0][i]), unsignedOf<bits>(in[1][i])));
  }
  template <typename F> void signedTest(const F &f) const {
    for (std::size_t i = 0; i < count; ++i)
      out[i] = f(signedOf<bits>(in[0][i]), signedOf<bits>(in[1][i]));
  }
  template <typename F> void unsignedTest(const F &f) const {
    for (std::size_t i = 0; i < count; ++i)
      out[i] = f(unsignedOf<bits>(in[0][i]), unsignedOf<bits>(in[1][i]));
  }

  // arith.cmpi's numbering: eq, ne, slt, sle, sgt, sge, ult, ule, ugt, uge.
  void compare(int predicate) const {
    switch (predicate) {
    case 0:
      return signedTest([](I x, I y) { return x == y; });
    case 1:
      return signedTest([](I x, I y) { return x != y; });
    case 2:
      return signedTest([](I x, I y) { return x < y; });
    case 3:
      return signedTest([](I x, I y) { return x <= y; });
    case 4:
      return signedTest([](I x, I y) { return x > y; });
    case 5:
      return signedTest([](I x, I y) { return x >= y; });
    case 6:
      return unsignedTest([](U x, U y) { return x < y; });
    case 7:
      return unsignedTest([](U x, U y) { return x <= y; });
    case 8:
      return unsignedTest([](U x, U y) { return x > y; });
    default:
      return unsignedTest([](U x, U y) { return x >= y; });
    }
  }

  bool arithmetic(Opcode opcode) const {
    switch (opcode) {
    case Opcode::AddI:
      return unsignedBinary([](U x, U y) { return x + y; }), true;
    case Opcode::SubI:
      return unsignedBinary([](U x, U y) { return x - y; }), true;
    case Opcode::MulI:
      return unsignedBinary([](U x, U y) { return x * y; }), true;
    case Opcode::DivSI:
      return signedBinary(divideSigned<bits>), true;
    case Opcode::DivUI:
      return unsignedBinary([](U x, U y) { return y == 0 ? ~U(0) : x / y; }), true;
    case Opcode::RemSI:
      return signedBinary(remainderSigned<bits>), true;
    case Opcode::RemUI:
      return unsignedBinary([](U x, U y) { return y == 0 ? x : x % y; }), true;
    case Opcode::CeilDivSI:
      return signedBinary(ceilDivide<bits>), true;
    case Opcode::FloorDivSI:
      return signedBinary(floorDivide<bits>), true;
    case Opcode::CeilDivUI:
      return unsignedBinary([](U x, U y) { return y == 0 ? ~U(0) : x / y + (x % y != 0); }), true;
    case Opcode::MulHiUI:
      return unsignedBinary([](U x, U y) {
               return static_cast<U>(static_cast<unsigned __int128>(x) * y >> bits);
             }), true;
    case Opcode::MulHiSI:
      return signedBinary([](I x, I y) { return static_cast<I>(static_cast<__int128>(x) * y >> bits); }), true;
    case Opcode::MaxSI:
      return signedBinary([](I x, I y) { return x > y ? x : y; }), true;
    case Opcode::MinSI:
      return signedBinary([](I x, I y) { return x < y ? x : y; }), true;
    case Opcode::MaxUI:
      return unsignedBinary([](U x, U y) { return x > y ? x : y; }), true;
    case Opcode::MinUI:
      return unsignedBinary([](U x, U y) { return x < y ? x : y; }), true;
    case Opcode::AbsI:
      return storedUnary([](I x) { return static_cast<U>(signedOf<bits>(x) < 0 ? -static_cast<U>(x) : x); }),
             true;
    default:
      return false;
    }
  }

  void bitwise(Opcode opcode) const {
    static constexpr U width = bits;
    switch (opcode) {
    case Opcode::AndI:
      return unsignedBinary([](U x, U y) { return x & y; });
    case Opcode::OrI:
      return unsignedBinary([](U x, U y) { return x | y; });
    case Opcode::XorI:
      return unsignedBinary([](U x, U y) { return x ^ y; });
    case Opcode::ShlI:
      return unsignedBinary([](U x, U y) { return y >= width ? 0 : x << y; });
    case Opcode::ShrUI:
      return unsignedBinary([](U x, U y) { return y >= width ? 0 : x >> y; });
    case Opcode::ShrSI:
      for (std::size_t i = 0; i < count; ++i) {
        U shift = std::min(unsignedOf<bits>(in[1][i]), width - 1);
        out[i] = stored<bits>(static_cast<U>(signedOf<bits>(in[0][i]) >> shift));
      }
      return;
    case Opcode::CtPop:
      return storedUnary([](I x) { return static_cast<U>(std::popcount(unsignedOf<bits>(x))); });
    case Opcode::Ctlz:
      return storedUnary([](I x) {
        return static_cast<U>(std::countl_zero(unsignedOf<bits>(x)) - (64 - bits));
      });
    case Opcode::Cttz:
      return storedUnary([](I x) {
        return std::min(static_cast<U>(std::countr_zero(unsignedOf<bits>(x))), width);
      });
    default:
      return;
    }
  }

  void run(Opcode opcode, int predicate) const {
    if (opcode == Opcode::CmpI)
      return compare(predicate);
    if (!arithmetic(opcode))
      bitwise(opcode);
  }
};

} // namespace

void computeInteger(Opcode opcode, Element element, int predicate, std::size_t count,
                    const std::int64_t *const *in, std::int64_t *out) {
  switch (bitsOf(element)) {
  case 1:
    return Integers<1>{count, in, out}.run(opcode, predicate);
  case 8:
    return Integers<8>{count, in, out}.run(opcode, predicate);
  case 16:
    return Integers<16>{count, in, out}.run(opcode, predicate);
  case 32:
    return Integers<32>{count, in, out}.run(opcode, predicate);
  default:
    return Integers<64>{count, in, out}.run(opcode, predicate);
  }
}

} // namespace lapidary::reference
