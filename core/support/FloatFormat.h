// Triton's floating types as bits: what a buffer of fp16, bf16 or one of the fp8 kinds holds.
//
// Decoding is exact. Encoding rounds to nearest, ties to even, from the double in one step. What a
// type cannot hold: fp64, fp32, fp16, bf16 and fp8e5 become infinite; the fp8 types without an
// infinity keep their largest finite value, as NVIDIA's saturating conversions do. NaN stays NaN,
// except in fp8e4b15, which has none and takes its largest value.
#pragma once

#include "core/support/DType.h"

#include <cstddef>
#include <cstdint>

namespace lapidary {

// `type` must be floating; bits beyond its width are ignored.
double decodeFloat(DType type, std::uint64_t bits);
std::uint64_t encodeFloat(DType type, double value);

// `count` elements of `type`, packed, at any alignment.
void decodeFloats(DType type, const std::byte *from, double *to, std::size_t count);
void encodeFloats(DType type, const double *from, std::byte *to, std::size_t count);

} // namespace lapidary
