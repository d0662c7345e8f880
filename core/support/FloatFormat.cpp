#include "core/support/FloatFormat.h"

#include <bit>
#include <cmath>
#include <cstring>
#include <limits>

namespace lapidary {

namespace {

// One format narrower than fp32.
struct Format {
  int exponentBits, mantissaBits, bias;
  std::uint32_t largest; // bits of the largest finite value, without the sign
  bool hasInfinity;      // its bits follow `largest`
  std::uint32_t nan;     // bits of the NaN written; 0: there is none
  bool negativeZero;     // false: the sign bit alone is the NaN
};

constexpr Format fp16{5, 10, 15, 0x7bff, true, 0x7e00, true};
constexpr Format bf16{8, 7, 127, 0x7f7f, true, 0x7fc0, true};
constexpr Format fp8e4nv{4, 3, 7, 0x7e, false, 0x7f, true};
constexpr Format fp8e5{5, 2, 15, 0x7b, true, 0x7e, true};
constexpr Format fp8e4b8{4, 3, 8, 0x7f, false, 0x80, false};
constexpr Format fp8e5b16{5, 2, 16, 0x7f, false, 0x80, false};
constexpr Format fp8e4b15{4, 3, 15, 0x7f, false, 0, true};

const Format &formatOf(DType type) {
  switch (type) {
  case DType::BF16:
    return bf16;
  case DType::Fp8E4NV:
    return fp8e4nv;
  case DType::Fp8E5:
    return fp8e5;
  case DType::Fp8E4B8:
    return fp8e4b8;
  case DType::Fp8E5B16:
    return fp8e5b16;
  case DType::Fp8E4B15:
    return fp8e4b15;
  default:
    return fp16;
  }
}

double decode(const Format &format, std::uint32_t bits) {
  int signBit = format.exponentBits + format.mantissaBits;
  std::uint32_t magnitude = bits & ((1u << signBit) - 1);
  bool negative = bits >> signBit & 1;
  if (!format.negativeZero && negative && magnitude == 0)
    return std::numeric_limits<double>::quiet_NaN();
  if (magnitude > format.largest)
    return format.hasInfinity && magnitude == format.largest + 1
               ? (negative ? -1 : 1) * std::numeric_limits<double>::infinity()
               : std::numeric_limits<double>::quiet_NaN();
  int exponent = static_cast<int>(magnitude >> format.mantissaBits);
  std::uint32_t mantissa = magnitude & ((1u << format.mantissaBits) - 1);
  if (exponent > 0)
    mantissa |= 1u << format.mantissaBits;
  else
    exponent = 1;
  int power = exponent - format.bias - format.mantissaBits;
  double value = mantissa * std::bit_cast<double>(static_cast<std::uint64_t>(power + 1023) << 52);
  return negative ? -value : value;
}

std::uint32_t encode(const Format &format, double value) {
  std::uint64_t bits = std::bit_cast<std::uint64_t>(value);
  std::uint32_t sign = static_cast<std::uint32_t>(bits >> 63)
                       << (format.exponentBits + format.mantissaBits);
  if (std::isnan(value))
    return format.nan ? format.nan : format.largest;

  int exponent = static_cast<int>(bits >> 52 & 0x7ff) - 1023;
  std::uint64_t mantissa = (bits & ((std::uint64_t(1) << 52) - 1)) | std::uint64_t(1) << 52;
  int smallest = 1 - format.bias; // exponent of the smallest normal value
  int shift = 52 - format.mantissaBits;
  std::uint64_t exponentField = 0;
  if (exponent >= smallest)
    exponentField = static_cast<std::uint64_t>(exponent + format.bias - 1) << format.mantissaBits;
  else
    shift += smallest - exponent;

  // A carry out of the mantissa runs into the exponent, as it should.
  std::uint64_t magnitude = exponentField;
  if (shift < 64) {
    std::uint64_t half = std::uint64_t(1) << (shift - 1);
    std::uint64_t kept = mantissa >> shift, rest = mantissa & ((half << 1) - 1);
    magnitude += kept + (rest > half || (rest == half && (kept & 1)));
  }
  if (magnitude > format.largest)
    magnitude = format.hasInfinity ? format.largest + 1 : format.largest;
  if (magnitude == 0 && !format.negativeZero)
    return 0;
  return sign | static_cast<std::uint32_t>(magnitude);
}

} // namespace

double decodeFloat(DType type, std::uint64_t bits) {
  if (type == DType::Fp64)
    return std::bit_cast<double>(bits);
  if (type == DType::Fp32)
    return std::bit_cast<float>(static_cast<std::uint32_t>(bits));
  if (type == DType::BF16)
    return std::bit_cast<float>(static_cast<std::uint32_t>(bits & 0xffff) << 16);
  return decode(formatOf(type), static_cast<std::uint32_t>(bits));
}

std::uint64_t encodeFloat(DType type, double value) {
  if (type == DType::Fp64)
    return std::bit_cast<std::uint64_t>(value);
  if (type == DType::Fp32)
    return std::bit_cast<std::uint32_t>(static_cast<float>(value));
  return encode(formatOf(type), value);
}

void decodeFloats(DType type, const std::byte *from, double *to, std::size_t count) {
  std::size_t size = static_cast<std::size_t>(dtypeBytes(type));
  for (std::size_t i = 0; i < count; ++i) {
    std::uint64_t bits = 0;
    std::memcpy(&bits, from + i * size, size);
    to[i] = decodeFloat(type, bits);
  }
}

void encodeFloats(DType type, const double *from, std::byte *to, std::size_t count) {
  std::size_t size = static_cast<std::size_t>(dtypeBytes(type));
  for (std::size_t i = 0; i < count; ++i) {
    std::uint64_t bits = encodeFloat(type, from[i]);
    std::memcpy(to + i * size, &bits, size);
  }
}

} // namespace lapidary
