#include "core/support/FloatFormat.h"

#include <array>
#include <cmath>
#include <gtest/gtest.h>
#include <limits>
#include <string>
#include <vector>

using namespace lapidary;

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr std::array narrowTypes = {DType::Fp16,    DType::BF16,     DType::Fp8E4NV, DType::Fp8E5,
                                    DType::Fp8E4B8, DType::Fp8E5B16, DType::Fp8E4B15};

std::uint32_t patterns(DType type) {
  return 1u << dtypeBits(type);
}

// Finite values with their bits, ascending; of the two zeros the positive one.
std::vector<std::pair<double, std::uint32_t>> finiteValues(DType type) {
  std::vector<std::pair<double, std::uint32_t>> values;
  for (std::uint32_t half : {1u, 0u})
    for (std::uint32_t i = 0; i < patterns(type) / 2; ++i) {
      std::uint32_t bits = half ? patterns(type) - 1 - i : i;
      double value = decodeFloat(type, bits);
      if (std::isfinite(value) && !(half && value == 0))
        values.emplace_back(value, bits);
    }
  return values;
}

} // namespace

TEST(FloatFormat, EveryPatternSurvivesTheRoundTrip) {
  for (DType type : narrowTypes)
    for (std::uint32_t bits = 0; bits < patterns(type); ++bits) {
      double value = decodeFloat(type, bits);
      if (std::isnan(value))
        EXPECT_TRUE(std::isnan(decodeFloat(type, encodeFloat(type, value))));
      else
        EXPECT_EQ(encodeFloat(type, value), bits) << dtypeName(type) << " " << value;
    }
}

TEST(FloatFormat, RoundsToNearestTiesToEven) {
  for (DType type : narrowTypes) {
    auto values = finiteValues(type);
    for (std::size_t i = 0; i + 1 < values.size(); ++i) {
      auto [low, lowBits] = values[i];
      auto [high, highBits] = values[i + 1];
      ASSERT_LT(low, high);
      double middle = low + (high - low) / 2;
      double even = lowBits & 1 ? high : low;
      EXPECT_EQ(decodeFloat(type, encodeFloat(type, middle)), even) << dtypeName(type) << middle;
      EXPECT_EQ(decodeFloat(type, encodeFloat(type, std::nextafter(middle, -infinity))), low);
      EXPECT_EQ(decodeFloat(type, encodeFloat(type, std::nextafter(middle, infinity))), high);
    }
  }
}

TEST(FloatFormat, KnownPatterns) {
  EXPECT_EQ(encodeFloat(DType::Fp16, 1.0), 0x3c00u);
  EXPECT_EQ(encodeFloat(DType::Fp16, 65504.0), 0x7bffu);
  EXPECT_EQ(encodeFloat(DType::Fp16, -5.9604644775390625e-08), 0x8001u);
  EXPECT_EQ(encodeFloat(DType::BF16, 1.0), 0x3f80u);
  EXPECT_EQ(decodeFloat(DType::BF16, 0xc049), -3.140625);
  EXPECT_EQ(decodeFloat(DType::Fp8E4NV, 0x7e), 448.0);
  EXPECT_EQ(decodeFloat(DType::Fp8E5, 0x7b), 57344.0);
  EXPECT_EQ(decodeFloat(DType::Fp8E4B8, 0x7f), 240.0);
  EXPECT_EQ(decodeFloat(DType::Fp8E5B16, 0x7f), 57344.0);
  EXPECT_EQ(decodeFloat(DType::Fp8E4B15, 0x7f), 1.875);
  EXPECT_TRUE(std::isnan(decodeFloat(DType::Fp8E4B8, 0x80)));
  EXPECT_TRUE(std::isnan(decodeFloat(DType::Fp8E4NV, 0xff)));
}

TEST(FloatFormat, WhatDoesNotFit) {
  EXPECT_EQ(decodeFloat(DType::Fp16, encodeFloat(DType::Fp16, 65519.0)), 65504.0);
  EXPECT_EQ(decodeFloat(DType::Fp16, encodeFloat(DType::Fp16, 65520.0)), infinity);
  EXPECT_EQ(decodeFloat(DType::BF16, encodeFloat(DType::BF16, -1e39)), -infinity);
  EXPECT_EQ(decodeFloat(DType::Fp8E5, encodeFloat(DType::Fp8E5, 1e9)), infinity);
  EXPECT_EQ(decodeFloat(DType::Fp8E4NV, encodeFloat(DType::Fp8E4NV, -1e9)), -448.0);
  EXPECT_EQ(decodeFloat(DType::Fp8E4NV, encodeFloat(DType::Fp8E4NV, infinity)), 448.0);
  EXPECT_EQ(encodeFloat(DType::Fp8E4B8, -0.0), 0u) << "there is no negative zero";
  EXPECT_EQ(encodeFloat(DType::Fp8E4B8, -1e-30), 0u);
  EXPECT_EQ(encodeFloat(DType::Fp16, -1e-30), 0x8000u);
  EXPECT_EQ(encodeFloat(DType::Fp16, 1e-320), 0u);
}

TEST(FloatFormat, ArraysAtAnyAlignment) {
  std::vector<double> values = {0.5, -2, 1.25, 1024, 3e-5};
  for (DType type : {DType::Fp16, DType::BF16, DType::Fp32, DType::Fp64, DType::Fp8E5}) {
    std::vector<std::byte> bytes(1 + values.size() * 8);
    encodeFloats(type, values.data(), bytes.data() + 1, values.size());
    std::vector<double> back(values.size());
    decodeFloats(type, bytes.data() + 1, back.data(), values.size());
    for (std::size_t i = 0; i < values.size(); ++i)
      EXPECT_EQ(back[i], decodeFloat(type, encodeFloat(type, values[i]))) << dtypeName(type);
    EXPECT_EQ(back[0], 0.5);
  }
}
