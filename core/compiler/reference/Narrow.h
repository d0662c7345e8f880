// Rounding a float to a narrower type in place, as the vectoriser likes it: no branches.
#pragma once

#include "core/compiler/reference/Program.h"
#include "core/support/FloatFormat.h"

#include <bit>
#include <cmath>
#include <limits>

namespace lapidary::reference {

inline float roundToBf16(float value) {
  auto bits = std::bit_cast<std::uint32_t>(value);
  std::uint32_t rounded = (bits + 0x7fff + (bits >> 16 & 1)) & 0xffff0000u;
  return std::bit_cast<float>(value != value ? 0x7fc00000u : rounded);
}

inline float roundToFp16(float value) {
  auto bits = std::bit_cast<std::uint32_t>(value);
  std::uint32_t sign = bits & 0x80000000u, magnitude = bits & 0x7fffffffu;
  std::uint32_t normal = (magnitude + 0xfff + (magnitude >> 13 & 1)) & ~0x1fffu;
  // Below 2^-14 the spacing is 2^-24, which is that of floats in [0.5, 1).
  std::uint32_t subnormal = std::bit_cast<std::uint32_t>((std::bit_cast<float>(magnitude) + 0.5f) - 0.5f);
  std::uint32_t rounded = magnitude < 0x38800000u ? subnormal : normal;
  rounded = rounded >= 0x47800000u ? 0x7f800000u : rounded; // 65536 and up
  rounded = magnitude > 0x7f800000u ? 0x7fc00000u : rounded;
  return std::bit_cast<float>(rounded | sign);
}

inline DType dtypeOf(Element element) {
  switch (element) {
  case Element::F8E4NV:
    return DType::Fp8E4NV;
  case Element::F8E5:
    return DType::Fp8E5;
  case Element::F8E4B8:
    return DType::Fp8E4B8;
  case Element::F8E5B16:
    return DType::Fp8E5B16;
  case Element::F16:
    return DType::Fp16;
  case Element::BF16:
    return DType::BF16;
  case Element::F64:
    return DType::Fp64;
  default:
    return DType::Fp32;
  }
}

inline float roundToFp8(Element element, float value) {
  DType type = dtypeOf(element);
  return static_cast<float>(decodeFloat(type, encodeFloat(type, value)));
}

// Rounds an array of Storage::Float to its element type.
inline void roundElements(Element element, std::size_t count, float *values) {
  if (element == Element::F32)
    return;
  if (element == Element::BF16) {
    for (std::size_t i = 0; i < count; ++i)
      values[i] = roundToBf16(values[i]);
  } else if (element == Element::F16) {
    for (std::size_t i = 0; i < count; ++i)
      values[i] = roundToFp16(values[i]);
  } else {
    for (std::size_t i = 0; i < count; ++i)
      values[i] = roundToFp8(element, values[i]);
  }
}

} // namespace lapidary::reference
