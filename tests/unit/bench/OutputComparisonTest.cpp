#include "core/bench/OutputComparison.h"

#include "core/support/FloatFormat.h"

#include <cstring>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <limits>

using namespace lapidary;
using testing::HasSubstr;

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr double notANumber = std::numeric_limits<double>::quiet_NaN();

std::vector<std::byte> floats(DType type, std::vector<double> numbers) {
  std::vector<std::byte> bytes(numbers.size() * static_cast<std::size_t>(dtypeBytes(type)));
  encodeFloats(type, numbers.data(), bytes.data(), numbers.size());
  return bytes;
}

OutputCheck compare(DType type, std::vector<double> expected, std::vector<double> actual) {
  return compareOutput("out", type, floats(type, std::move(expected)),
                       floats(type, std::move(actual)), false);
}

template <typename T> std::vector<std::byte> integers(std::vector<T> numbers) {
  std::vector<std::byte> bytes(numbers.size() * sizeof(T));
  std::memcpy(bytes.data(), numbers.data(), bytes.size());
  return bytes;
}

} // namespace

TEST(OutputComparison, EqualOutputsAgree) {
  OutputCheck check =
      compare(DType::Fp32, {1, -2, 0, infinity, notANumber}, {1, -2, 0, infinity, notANumber});
  EXPECT_TRUE(check.ok);
  EXPECT_EQ(check.maxAbsolute, 0);
  EXPECT_EQ(check.normRelative, 0);
  EXPECT_EQ(check.firstWrong, -1);
  EXPECT_EQ(check.message, "");
}

TEST(OutputComparison, ReportsTheErrorsOfWhatAgrees) {
  OutputCheck check = compare(DType::Fp64, {3, 4}, {3, 4 * (1 + 1e-10)});
  EXPECT_TRUE(check.ok);
  EXPECT_NEAR(check.maxAbsolute, 4e-10, 1e-14);
  EXPECT_NEAR(check.maxRelative, 1e-10, 1e-14);
  EXPECT_NEAR(check.normRelative, 4e-10 / 5, 1e-14);
}

TEST(OutputComparison, TheToleranceFollowsTheType) {
  for (DType type : {DType::Fp64, DType::Fp32, DType::Fp16, DType::BF16, DType::Fp8E4NV}) {
    std::vector<double> reference(64, 1.0), inside = reference, outside = reference;
    inside[9] += toleranceFor(type); // allowed: twice that, as |ref| and rms are 1
    outside[9] += toleranceFor(type) * 4;
    EXPECT_TRUE(compare(type, reference, inside).ok) << dtypeName(type);
    OutputCheck check = compare(type, reference, outside);
    EXPECT_FALSE(check.ok) << dtypeName(type);
    EXPECT_EQ(check.firstWrong, 9);
  }
}

TEST(OutputComparison, ElementsNearZeroAreJudgedByTheirNeighbours) {
  EXPECT_TRUE(compare(DType::Fp32, {1000, 1000, 1e-6}, {1000, 1000, 2e-3}).ok);
  EXPECT_FALSE(compare(DType::Fp32, {1e-6, 1e-6, 1e-6}, {1e-6, 1e-6, 2e-6}).ok);
}

TEST(OutputComparison, NanAndInfinityMustStandInTheSamePlaces) {
  EXPECT_FALSE(compare(DType::Fp32, {1, 2}, {1, notANumber}).ok);
  EXPECT_FALSE(compare(DType::Fp32, {1, notANumber}, {1, 2}).ok);
  EXPECT_FALSE(compare(DType::Fp32, {infinity}, {-infinity}).ok);
  EXPECT_FALSE(compare(DType::Fp16, {65504}, {infinity}).ok);
}

TEST(OutputComparison, SignedZerosAgree) {
  EXPECT_TRUE(compare(DType::Fp32, {0.0}, {-0.0}).ok);
}

TEST(OutputComparison, IntegersMustBeEqual) {
  OutputCheck check = compareOutput("out", DType::Int64, integers<std::int64_t>({1, 1LL << 60, 3}),
                                    integers<std::int64_t>({1, (1LL << 60) + 1, 3}), false);
  EXPECT_FALSE(check.ok) << "although both are the same double";
  EXPECT_EQ(check.firstWrong, 1);
  check = compareOutput("out", DType::Int8, integers<std::int8_t>({-1, 5}),
                        integers<std::int8_t>({-1, 7}), false);
  EXPECT_EQ(check.maxAbsolute, 2);
  EXPECT_THAT(check.message, HasSubstr("out[1] is 7 and should be 5; 1 of 2 elements"));
}

TEST(OutputComparison, PoisonTellsWhatWasNotWritten) {
  for (DType type : {DType::Fp32, DType::BF16, DType::Int32, DType::Int8}) {
    std::size_t size = static_cast<std::size_t>(dtypeBytes(type));
    std::vector<std::byte> expected(4 * size), actual(4 * size);
    poisonElements(type, Poison::Reference, expected);
    poisonElements(type, Poison::Device, actual);
    EXPECT_TRUE(compareOutput("out", type, expected, actual, true).ok) << "written by neither";

    std::memset(expected.data() + size, 0, size); // the reference wrote element 1
    OutputCheck check = compareOutput("out", type, expected, actual, true);
    EXPECT_EQ(check.firstWrong, 1);
    EXPECT_THAT(check.message, HasSubstr("out[1] was never written"));

    std::memset(actual.data() + size, 0, 2 * size); // the variant wrote elements 1 and 2
    check = compareOutput("out", type, expected, actual, true);
    EXPECT_EQ(check.firstWrong, 2) << dtypeName(type);
    EXPECT_THAT(check.message, HasSubstr("should not have been written"));
  }
}

TEST(OutputComparison, PlacesCountFromThePointer) {
  OutputCheck check = compareOutput("out", DType::Fp32, floats(DType::Fp32, {0, 0, 1, 2}),
                                    floats(DType::Fp32, {0, 0, 1, 3}), false, 2);
  EXPECT_EQ(check.firstWrong, 1);
}
