#include "core/compiler/reference/Narrow.h"
#include "core/compiler/reference/TileMath.h"

#include <cmath>
#include <cstring>
#include <limits>

namespace lapidary::reference {

namespace {

using I = std::int64_t;
using U = std::uint64_t;

U unsignedValue(Element element, I value) {
  int bits = bitsOf(element);
  return bits == 64 ? static_cast<U>(value) : static_cast<U>(value) & ((U(1) << bits) - 1);
}

// Truncated toward zero; beyond the range its nearest end; NaN is 0.
I toSigned(Element to, double value) {
  int bits = bitsOf(to);
  double high = std::ldexp(1.0, bits - 1);
  if (value != value)
    return 0;
  if (value >= high)
    return wrapInteger(to, static_cast<I>((U(1) << (bits - 1)) - 1));
  if (value < -high)
    return wrapInteger(to, static_cast<I>(U(1) << (bits - 1)));
  return wrapInteger(to, static_cast<I>(value));
}

I toUnsigned(Element to, double value) {
  int bits = bitsOf(to);
  if (!(value > 0))
    return 0;
  if (value >= std::ldexp(1.0, bits))
    return wrapInteger(to, -1);
  return wrapInteger(to, static_cast<I>(static_cast<U>(value)));
}

double floatValue(Element element, const void *in, std::size_t i) {
  return element == Element::F64 ? static_cast<const double *>(in)[i]
                                 : static_cast<double>(static_cast<const float *>(in)[i]);
}

// Toward zero: the nearest, or its neighbour on zero's side where the nearest is larger.
double truncateTo(Element element, double value) {
  if (element == Element::F64)
    return value;
  DType type = dtypeOf(element);
  U bits = encodeFloat(type, value);
  double nearest = decodeFloat(type, bits);
  bool infinite = std::isinf(value);
  if (!infinite && std::fabs(nearest) > std::fabs(value))
    nearest = decodeFloat(type, bits - 1);
  return nearest;
}

void castFloats(Element from, Element to, std::size_t count, const void *in, void *out) {
  if (to == Element::F64) {
    for (std::size_t i = 0; i < count; ++i)
      static_cast<double *>(out)[i] = floatValue(from, in, i);
    return;
  }
  auto *narrow = static_cast<float *>(out);
  if (from != Element::F64) {
    std::memcpy(narrow, in, count * sizeof(float));
    return roundElements(to, count, narrow);
  }
  // In one step: rounding to fp32 first could round twice.
  DType type = dtypeOf(to);
  for (std::size_t i = 0; i < count; ++i)
    narrow[i] = static_cast<float>(decodeFloat(type, encodeFloat(type, static_cast<const double *>(in)[i])));
}

template <typename Get> void integersToFloats(Element to, std::size_t count, void *out, const Get &get) {
  if (to == Element::F64) {
    for (std::size_t i = 0; i < count; ++i)
      static_cast<double *>(out)[i] = static_cast<double>(get(i));
    return;
  }
  // fp32 directly from the integer; the narrow types from fp64, which holds all that they can tell
  // apart up to 2^53, beyond which every one of them is infinite or far coarser.
  auto *narrow = static_cast<float *>(out);
  DType type = dtypeOf(to);
  for (std::size_t i = 0; i < count; ++i)
    narrow[i] = to == Element::F32
                    ? static_cast<float>(get(i))
                    : static_cast<float>(decodeFloat(type, encodeFloat(type, static_cast<double>(get(i)))));
}

template <int bytes, bool isSigned> void loadIntegers(std::size_t count, const std::byte *memory, I *out) {
  for (std::size_t i = 0; i < count; ++i) {
    U bits = 0;
    std::memcpy(&bits, memory + i * bytes, bytes);
    if constexpr (isSigned)
      out[i] = static_cast<I>(bits << (64 - bytes * 8)) >> (64 - bytes * 8);
    else
      out[i] = static_cast<I>(bits);
  }
}

template <int bytes> void storeIntegers(std::size_t count, const I *in, std::byte *memory) {
  for (std::size_t i = 0; i < count; ++i)
    std::memcpy(memory + i * bytes, &in[i], bytes);
}

} // namespace

void convert(Opcode opcode, Element from, Element to, std::size_t count, const void *in, void *out) {
  const auto *integers = static_cast<const I *>(in);
  auto *result = static_cast<I *>(out);
  switch (opcode) {
  case Opcode::ExtSI:
    for (std::size_t i = 0; i < count; ++i)
      result[i] = wrapInteger(to, from == Element::I1 ? -integers[i] : integers[i]);
    return;
  case Opcode::ExtUI:
    for (std::size_t i = 0; i < count; ++i)
      result[i] = wrapInteger(to, static_cast<I>(unsignedValue(from, integers[i])));
    return;
  case Opcode::TruncI:
    for (std::size_t i = 0; i < count; ++i)
      result[i] = wrapInteger(to, integers[i]);
    return;
  case Opcode::SiToF:
    return integersToFloats(to, count, out,
                            [&](std::size_t i) { return from == Element::I1 ? -integers[i] : integers[i]; });
  case Opcode::UiToF:
    return integersToFloats(to, count, out, [&](std::size_t i) { return unsignedValue(from, integers[i]); });
  case Opcode::FToSi:
    for (std::size_t i = 0; i < count; ++i)
      result[i] = toSigned(to, floatValue(from, in, i));
    return;
  case Opcode::FToUi:
    for (std::size_t i = 0; i < count; ++i)
      result[i] = toUnsigned(to, floatValue(from, in, i));
    return;
  case Opcode::FloatCast:
    return castFloats(from, to, count, in, out);
  case Opcode::FloatCastTowardZero:
    for (std::size_t i = 0; i < count; ++i) {
      double value = truncateTo(to, floatValue(from, in, i));
      if (to == Element::F64)
        static_cast<double *>(out)[i] = value;
      else
        static_cast<float *>(out)[i] = static_cast<float>(value);
    }
    return;
  default: // Bitcast
    for (std::size_t i = 0; i < count; ++i)
      elementFromBits(to, elementToBits(from, in, i), out, i);
    return;
  }
}

void loadElements(Element element, std::size_t count, const std::byte *memory, void *storage) {
  auto *integers = static_cast<I *>(storage);
  switch (element) {
  case Element::F32:
  case Element::F64:
    std::memcpy(storage, memory, count * static_cast<std::size_t>(bitsOf(element) / 8));
    return;
  case Element::I1: // any byte but 0 is true
    for (std::size_t i = 0; i < count; ++i)
      integers[i] = memory[i] != std::byte{0};
    return;
  case Element::I8:
    return loadIntegers<1, true>(count, memory, integers);
  case Element::I16:
    return loadIntegers<2, true>(count, memory, integers);
  case Element::I32:
    return loadIntegers<4, true>(count, memory, integers);
  case Element::I64:
  case Element::Pointer:
    return loadIntegers<8, false>(count, memory, integers);
  default: {
    DType type = dtypeOf(element);
    std::size_t size = static_cast<std::size_t>(bitsOf(element) / 8);
    for (std::size_t i = 0; i < count; ++i) {
      U bits = 0;
      std::memcpy(&bits, memory + i * size, size);
      static_cast<float *>(storage)[i] = static_cast<float>(decodeFloat(type, bits));
    }
    return;
  }
  }
}

void storeElements(Element element, std::size_t count, const void *storage, std::byte *memory) {
  const auto *integers = static_cast<const I *>(storage);
  switch (element) {
  case Element::F32:
  case Element::F64:
    std::memcpy(memory, storage, count * static_cast<std::size_t>(bitsOf(element) / 8));
    return;
  case Element::I1:
  case Element::I8:
    return storeIntegers<1>(count, integers, memory);
  case Element::I16:
    return storeIntegers<2>(count, integers, memory);
  case Element::I32:
    return storeIntegers<4>(count, integers, memory);
  case Element::I64:
  case Element::Pointer:
    return storeIntegers<8>(count, integers, memory);
  default: {
    DType type = dtypeOf(element);
    std::size_t size = static_cast<std::size_t>(bitsOf(element) / 8);
    for (std::size_t i = 0; i < count; ++i) {
      U bits = encodeFloat(type, static_cast<const float *>(storage)[i]);
      std::memcpy(memory + i * size, &bits, size);
    }
    return;
  }
  }
}

std::uint64_t elementToBits(Element element, const void *storage, std::size_t index) {
  if (isFloat(element))
    return encodeFloat(dtypeOf(element), floatValue(element, storage, index));
  return unsignedValue(element, static_cast<const I *>(storage)[index]);
}

void elementFromBits(Element element, std::uint64_t bits, void *storage, std::size_t index) {
  if (element == Element::F64)
    static_cast<double *>(storage)[index] = decodeFloat(DType::Fp64, bits);
  else if (isFloat(element))
    static_cast<float *>(storage)[index] = static_cast<float>(decodeFloat(dtypeOf(element), bits));
  else
    static_cast<I *>(storage)[index] = wrapInteger(element, static_cast<I>(bits));
}

} // namespace lapidary::reference
