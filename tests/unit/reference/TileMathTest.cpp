#include "core/compiler/reference/TileMath.h"

#include "core/compiler/reference/Narrow.h"
#include "core/support/Hash.h"

#include <cmath>
#include <gtest/gtest.h>
#include <limits>

using namespace lapidary;
using namespace lapidary::reference;

namespace {

constexpr float infinity = std::numeric_limits<float>::infinity();

float fp(Opcode opcode, Element element, float x, float y = 0, int predicate = 0) {
  const void *operands[] = {&x, &y};
  float out = 0;
  computeFloat(opcode, element, predicate, 1, operands, &out);
  return out;
}

std::int64_t compareFloats(int predicate, float x, float y) {
  const void *operands[] = {&x, &y};
  std::int64_t out = -1;
  computeFloat(Opcode::CmpF, Element::F32, predicate, 1, operands, &out);
  return out;
}

std::int64_t integer(Opcode opcode, Element element, std::int64_t x, std::int64_t y = 0, int predicate = 0) {
  const std::int64_t *operands[] = {&x, &y};
  std::int64_t out = 0;
  computeInteger(opcode, element, predicate, 1, operands, &out);
  return out;
}

template <typename To, typename From> To cast(Opcode opcode, Element from, Element to, From value) {
  To out{};
  convert(opcode, from, to, 1, &value, &out);
  return out;
}

} // namespace

TEST(TileMath, NarrowRoundingAgreesWithTheFormats) {
  auto same = [](float a, float b) { return (a != a && b != b) || std::bit_cast<std::uint32_t>(a) == std::bit_cast<std::uint32_t>(b); };
  auto check = [&](float value) {
    ASSERT_TRUE(same(roundToFp16(value), static_cast<float>(decodeFloat(DType::Fp16, encodeFloat(DType::Fp16, value)))))
        << value;
    ASSERT_TRUE(same(roundToBf16(value), static_cast<float>(decodeFloat(DType::BF16, encodeFloat(DType::BF16, value)))))
        << value;
  };
  for (std::uint64_t i = 0; i < 200000; ++i)
    check(std::bit_cast<float>(static_cast<std::uint32_t>(stableHash("bits", i))));
  for (std::uint32_t bits = 0; bits < 1 << 16; ++bits) { // every fp16 and what lies halfway to the next
    float value = static_cast<float>(decodeFloat(DType::Fp16, bits));
    for (float near : {value, std::nextafter(value, infinity), std::nextafter(value, -infinity)})
      check(near);
    check(std::bit_cast<float>(std::bit_cast<std::uint32_t>(value) + 0x1000));
  }
}

TEST(TileMath, FloatResultsAreRoundedToTheirType) {
  EXPECT_EQ(fp(Opcode::AddF, Element::F32, 16777216.0f, 1.0f), 16777216.0f);
  EXPECT_EQ(fp(Opcode::AddF, Element::F16, 2048.0f, 1.0f), 2048.0f);
  EXPECT_EQ(fp(Opcode::AddF, Element::F16, 2048.0f, 3.0f), 2052.0f);
  EXPECT_EQ(fp(Opcode::AddF, Element::BF16, 256.0f, 1.0f), 256.0f);
  EXPECT_EQ(fp(Opcode::MulF, Element::F16, 300.0f, 300.0f), infinity);
  EXPECT_EQ(fp(Opcode::MulF, Element::BF16, 300.0f, 300.0f), 90112.0f);
}

TEST(TileMath, MinimaAndMaximaOfNan) {
  float nan = std::nanf("");
  EXPECT_TRUE(std::isnan(fp(Opcode::MaximumF, Element::F32, nan, 1)));
  EXPECT_TRUE(std::isnan(fp(Opcode::MinimumF, Element::F32, 1, nan)));
  EXPECT_EQ(fp(Opcode::MaxNumF, Element::F32, nan, 1), 1);
  EXPECT_EQ(fp(Opcode::MinNumF, Element::F32, 1, nan), 1);
  EXPECT_FALSE(std::signbit(fp(Opcode::MaximumF, Element::F32, -0.0f, 0.0f)));
  EXPECT_TRUE(std::signbit(fp(Opcode::MinimumF, Element::F32, 0.0f, -0.0f)));
}

TEST(TileMath, FloatPredicates) {
  float nan = std::nanf("");
  //                          false oeq ogt oge olt ole one ord ueq ugt uge ult ule une uno true
  const int whenLess[] = {0, 0, 0, 0, 1, 1, 1, 1, 0, 0, 0, 1, 1, 1, 0, 1};
  const int whenEqual[] = {0, 1, 0, 1, 0, 1, 0, 1, 1, 0, 1, 0, 1, 0, 0, 1};
  const int whenNan[] = {0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1};
  for (int p = 0; p < 16; ++p) {
    EXPECT_EQ(compareFloats(p, 1, 2), whenLess[p]) << p;
    EXPECT_EQ(compareFloats(p, 2, 2), whenEqual[p]) << p;
    EXPECT_EQ(compareFloats(p, nan, 2), whenNan[p]) << p;
  }
}

TEST(TileMath, IntegersWrapAtTheirWidth) {
  EXPECT_EQ(integer(Opcode::AddI, Element::I8, 127, 1), -128);
  EXPECT_EQ(integer(Opcode::MulI, Element::I16, 300, 300), 24464);
  EXPECT_EQ(integer(Opcode::SubI, Element::I32, INT32_MIN, 1), INT32_MAX);
  EXPECT_EQ(integer(Opcode::AddI, Element::I64, INT64_MAX, 1), INT64_MIN);
  EXPECT_EQ(integer(Opcode::AddI, Element::I1, 1, 1), 0);
}

TEST(TileMath, DivisionTruncatesAndIsAlwaysDefined) {
  EXPECT_EQ(integer(Opcode::DivSI, Element::I32, -7, 2), -3);
  EXPECT_EQ(integer(Opcode::RemSI, Element::I32, -7, 2), -1);
  EXPECT_EQ(integer(Opcode::FloorDivSI, Element::I32, -7, 2), -4);
  EXPECT_EQ(integer(Opcode::CeilDivSI, Element::I32, 7, 2), 4);
  EXPECT_EQ(integer(Opcode::CeilDivSI, Element::I32, -7, 2), -3);
  EXPECT_EQ(integer(Opcode::DivSI, Element::I32, INT32_MIN, -1), INT32_MIN);
  EXPECT_EQ(integer(Opcode::RemSI, Element::I64, INT64_MIN, -1), 0);
  EXPECT_EQ(integer(Opcode::DivSI, Element::I32, 5, 0), -1);
  EXPECT_EQ(integer(Opcode::RemUI, Element::I32, 5, 0), 5);
  EXPECT_EQ(integer(Opcode::DivUI, Element::I32, -1, 2), INT32_MAX);
  EXPECT_EQ(integer(Opcode::DivUI, Element::I8, -2, 2), 127);
}

TEST(TileMath, ShiftsBeyondTheWidth) {
  EXPECT_EQ(integer(Opcode::ShlI, Element::I32, 1, 31), INT32_MIN);
  EXPECT_EQ(integer(Opcode::ShlI, Element::I32, 1, 32), 0);
  EXPECT_EQ(integer(Opcode::ShrUI, Element::I32, -1, 28), 15);
  EXPECT_EQ(integer(Opcode::ShrUI, Element::I8, -1, 9), 0);
  EXPECT_EQ(integer(Opcode::ShrSI, Element::I16, -5, 40), -1);
  EXPECT_EQ(integer(Opcode::ShrSI, Element::I32, -8, 1), -4);
}

TEST(TileMath, SignedAndUnsignedViews) {
  EXPECT_EQ(integer(Opcode::CmpI, Element::I8, -1, 1, 2), 1) << "slt";
  EXPECT_EQ(integer(Opcode::CmpI, Element::I8, -1, 1, 6), 0) << "ult";
  EXPECT_EQ(integer(Opcode::CmpI, Element::I1, 1, 0, 2), 1) << "a signed true is -1";
  EXPECT_EQ(integer(Opcode::MaxUI, Element::I32, -1, 1), -1);
  EXPECT_EQ(integer(Opcode::MinSI, Element::I32, -1, 1), -1);
  EXPECT_EQ(integer(Opcode::MulHiUI, Element::I32, -1, -1), -2);
  EXPECT_EQ(integer(Opcode::MulHiSI, Element::I32, INT32_MIN, 2), -1);
  EXPECT_EQ(integer(Opcode::MulHiUI, Element::I64, -1, 2), 1);
}

TEST(TileMath, CountingBits) {
  EXPECT_EQ(integer(Opcode::CtPop, Element::I8, -1), 8);
  EXPECT_EQ(integer(Opcode::Ctlz, Element::I16, 1), 15);
  EXPECT_EQ(integer(Opcode::Ctlz, Element::I32, 0), 32);
  EXPECT_EQ(integer(Opcode::Cttz, Element::I32, 0), 32);
  EXPECT_EQ(integer(Opcode::Cttz, Element::I64, 8), 3);
  EXPECT_EQ(integer(Opcode::AbsI, Element::I32, -5), 5);
  EXPECT_EQ(integer(Opcode::AbsI, Element::I8, -128), -128);
}

TEST(TileMath, ConversionsBetweenKinds) {
  EXPECT_EQ(cast<std::int64_t>(Opcode::ExtSI, Element::I1, Element::I32, std::int64_t(1)), -1);
  EXPECT_EQ(cast<std::int64_t>(Opcode::ExtUI, Element::I1, Element::I32, std::int64_t(1)), 1);
  EXPECT_EQ(cast<std::int64_t>(Opcode::ExtUI, Element::I8, Element::I32, std::int64_t(-1)), 255);
  EXPECT_EQ(cast<std::int64_t>(Opcode::TruncI, Element::I64, Element::I8, std::int64_t(0x1ff)), -1);
  EXPECT_EQ(cast<float>(Opcode::SiToF, Element::I1, Element::F32, std::int64_t(1)), -1);
  EXPECT_EQ(cast<float>(Opcode::UiToF, Element::I32, Element::F32, std::int64_t(-1)), 4294967296.0f);
  EXPECT_EQ(cast<float>(Opcode::SiToF, Element::I32, Element::F16, std::int64_t(2049)), 2048);
  EXPECT_EQ(cast<std::int64_t>(Opcode::FToSi, Element::F32, Element::I32, -2.9f), -2);
  EXPECT_EQ(cast<std::int64_t>(Opcode::FToSi, Element::F32, Element::I8, 1000.0f), 127);
  EXPECT_EQ(cast<std::int64_t>(Opcode::FToSi, Element::F32, Element::I32, -infinity), INT32_MIN);
  EXPECT_EQ(cast<std::int64_t>(Opcode::FToSi, Element::F32, Element::I32, std::nanf("")), 0);
  EXPECT_EQ(cast<std::int64_t>(Opcode::FToUi, Element::F32, Element::I8, 300.0f), -1);
  EXPECT_EQ(cast<std::int64_t>(Opcode::FToUi, Element::F32, Element::I32, -3.0f), 0);
  EXPECT_EQ(cast<float>(Opcode::FloatCast, Element::F64, Element::F32, 0.1), 0.1f);
  EXPECT_EQ(cast<double>(Opcode::FloatCast, Element::F32, Element::F64, 0.1f), static_cast<double>(0.1f));
  // Between two fp16, a hair above the middle: rounding to fp32 first would make it a tie.
  EXPECT_EQ(cast<float>(Opcode::FloatCast, Element::F64, Element::F16, 1 + 0x1p-11 + 0x1p-40), 1 + 0x1p-10f);
}

TEST(TileMath, RoundingTowardZero) {
  EXPECT_EQ(cast<float>(Opcode::FloatCastTowardZero, Element::F32, Element::F16, 2051.0f), 2050);
  EXPECT_EQ(cast<float>(Opcode::FloatCastTowardZero, Element::F32, Element::F16, -2051.0f), -2050);
  EXPECT_EQ(cast<float>(Opcode::FloatCastTowardZero, Element::F32, Element::F16, 1e6f), 65504);
  EXPECT_EQ(cast<float>(Opcode::FloatCastTowardZero, Element::F32, Element::BF16, 1.9999f), 1.9921875f);
  EXPECT_EQ(cast<float>(Opcode::FloatCastTowardZero, Element::F32, Element::F16, infinity), infinity);
}

TEST(TileMath, BitcastsKeepBits) {
  EXPECT_EQ(cast<std::int64_t>(Opcode::Bitcast, Element::F32, Element::I32, -1.0f), static_cast<std::int32_t>(0xbf800000));
  EXPECT_EQ(cast<float>(Opcode::Bitcast, Element::I16, Element::F16, std::int64_t(0x3c00)), 1);
  EXPECT_EQ(cast<float>(Opcode::Bitcast, Element::I16, Element::BF16, std::int64_t(-16512)), -1);
  EXPECT_EQ(cast<double>(Opcode::Bitcast, Element::I64, Element::F64, std::int64_t(0x3ff0000000000000)), 1);
  EXPECT_EQ(cast<std::int64_t>(Opcode::Bitcast, Element::F8E5, Element::I8, 1.0f), 0x3c);
}

TEST(TileMath, MemoryFormsRoundTrip) {
  for (Element element : {Element::I1, Element::I8, Element::I16, Element::I32, Element::I64}) {
    std::int64_t values[] = {0, 1, wrapInteger(element, -1), wrapInteger(element, 100)}, back[4] = {};
    std::byte memory[33];
    storeElements(element, 4, values, memory + 1);
    loadElements(element, 4, memory + 1, back);
    EXPECT_TRUE(std::equal(values, values + 4, back)) << bitsOf(element);
  }
  for (Element element : {Element::F8E4NV, Element::F8E5, Element::F16, Element::BF16, Element::F32}) {
    float values[] = {0, 1.5f, -2, 0.25f}, back[4] = {};
    std::byte memory[17];
    storeElements(element, 4, values, memory + 1);
    loadElements(element, 4, memory + 1, back);
    EXPECT_TRUE(std::equal(values, values + 4, back)) << bitsOf(element);
  }
}
