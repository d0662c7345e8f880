#include "core/bench/Initializer.h"

#include "core/bench/Npy.h"
#include "core/support/FloatFormat.h"
#include "core/support/Hash.h"

#include <cmath>
#include <cstring>
#include <fstream>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <numeric>
#include <set>

using namespace lapidary;
using testing::HasSubstr;

namespace {

TensorArgument tensorOf(DType type, std::vector<std::int64_t> shape, const std::string &init) {
  TensorArgument tensor;
  tensor.dtype = type;
  tensor.shape = std::move(shape);
  std::int64_t count = 1;
  tensor.strides.resize(tensor.shape.size());
  for (std::size_t d = tensor.shape.size(); d-- > 0; count *= tensor.shape[d])
    tensor.strides[d] = count;
  tensor.storage = count * dtypeBytes(type);
  tensor.init = init;
  return tensor;
}

std::vector<std::byte> filled(const TensorArgument &tensor, std::uint64_t seed = 1,
                              const std::string &name = "x") {
  std::vector<std::byte> bytes(static_cast<std::size_t>(tensor.storage));
  Result<void> result = initializeTensor(tensor, name, seed, bytes);
  EXPECT_TRUE(result) << result.error().message;
  return bytes;
}

std::vector<double> values(const TensorArgument &tensor, std::uint64_t seed = 1) {
  std::vector<std::byte> bytes = filled(tensor, seed);
  std::size_t size = static_cast<std::size_t>(dtypeBytes(tensor.dtype));
  std::vector<double> numbers(bytes.size() / size);
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    std::uint64_t bits = 0;
    std::memcpy(&bits, bytes.data() + i * size, size);
    int unused = 64 - static_cast<int>(size) * 8;
    numbers[i] = isFloating(tensor.dtype) ? decodeFloat(tensor.dtype, bits)
                 : isSignedInteger(tensor.dtype)
                     ? static_cast<double>(static_cast<std::int64_t>(bits << unused) >> unused)
                     : static_cast<double>(bits);
  }
  return numbers;
}

std::string errorOf(const TensorArgument &tensor) {
  std::vector<std::byte> bytes(static_cast<std::size_t>(tensor.storage));
  Result<void> result = initializeTensor(tensor, "weights", 1, bytes);
  return result ? "" : result.error().message;
}

std::string fingerprint(const TensorArgument &tensor) {
  std::vector<std::byte> bytes = filled(tensor, 42);
  return sha256({reinterpret_cast<const char *>(bytes.data()), bytes.size()}).substr(0, 16);
}

} // namespace

TEST(Initializer, NormalHasTheMomentsOfANormal) {
  std::vector<double> x = values(tensorOf(DType::Fp32, {200000}, "normal"));
  double mean = 0, square = 0, fourth = 0, within = 0;
  for (double value : x) {
    mean += value;
    square += value * value;
    fourth += value * value * value * value;
    within += std::abs(value) < 1;
  }
  double n = static_cast<double>(x.size());
  EXPECT_NEAR(mean / n, 0, 0.01);
  EXPECT_NEAR(square / n, 1, 0.015);
  EXPECT_NEAR(fourth / n, 2.9, 0.06); // 3 - 6/5/12 for the sum of twelve uniform numbers
  EXPECT_NEAR(within / n, 0.683, 0.01);
}

TEST(Initializer, EveryFloatingTypeHoldsTheSameNumbersRounded) {
  std::vector<double> wide = values(tensorOf(DType::Fp64, {1000}, "normal"));
  for (DType type : {DType::Fp32, DType::Fp16, DType::BF16, DType::Fp8E4NV, DType::Fp8E5}) {
    std::vector<double> narrow = values(tensorOf(type, {1000}, "normal"));
    for (std::size_t i = 0; i < wide.size(); ++i)
      ASSERT_EQ(narrow[i], decodeFloat(type, encodeFloat(type, wide[i]))) << dtypeName(type) << i;
  }
}

TEST(Initializer, UniformFillsItsRange) {
  std::vector<double> x = values(tensorOf(DType::Fp32, {50000}, "uniform"));
  double mean = 0;
  for (double value : x) {
    ASSERT_GE(value, 0);
    ASSERT_LE(value, 1);
    mean += value / 50000;
  }
  EXPECT_NEAR(mean, 0.5, 0.01);
  std::vector<double> bytes = values(tensorOf(DType::UInt8, {50000}, "uniform"));
  EXPECT_NEAR(std::accumulate(bytes.begin(), bytes.end(), 0.0) / 50000, 127.5, 1.5);
}

// Computed from the formulas by another program. A change would invalidate every recorded seed.
TEST(Initializer, TheSameBytesOnEveryMachine) {
  EXPECT_EQ(fingerprint(tensorOf(DType::Fp32, {100, 100}, "normal")), "4c5c9446919d1ec0");
  EXPECT_EQ(fingerprint(tensorOf(DType::BF16, {100, 100}, "normal")), "f3311520ccdeb849");
  EXPECT_EQ(fingerprint(tensorOf(DType::Fp16, {100, 100}, "uniform")), "83352a40c2bf91a5");
  EXPECT_EQ(fingerprint(tensorOf(DType::Int32, {100, 100}, "randint:0:1000")), "344d7217a96eb036");
}

TEST(Initializer, SeedAndNameDecideTheNumbers) {
  TensorArgument tensor = tensorOf(DType::Fp32, {100}, "normal");
  EXPECT_EQ(filled(tensor, 5, "x"), filled(tensor, 5, "x"));
  EXPECT_NE(filled(tensor, 5, "x"), filled(tensor, 6, "x"));
  EXPECT_NE(filled(tensor, 5, "x"), filled(tensor, 5, "y"));
}

TEST(Initializer, ALongArrayStartsLikeAShortOne) {
  std::vector<std::byte> small = filled(tensorOf(DType::Fp32, {1000}, "normal"));
  std::vector<std::byte> large = filled(tensorOf(DType::Fp32, {300000}, "normal"));
  EXPECT_EQ(std::memcmp(small.data(), large.data(), small.size()), 0) << "threads change nothing";
}

TEST(Initializer, RandomIntegersStayInTheirRange) {
  std::vector<double> x = values(tensorOf(DType::Int32, {10000}, "randint:-3:4"));
  EXPECT_EQ(*std::ranges::min_element(x), -3);
  EXPECT_EQ(*std::ranges::max_element(x), 3);
  for (double value : values(tensorOf(DType::Fp16, {1000}, "randint:0:5")))
    EXPECT_EQ(value, std::floor(value));
  EXPECT_THAT(errorOf(tensorOf(DType::Int8, {4}, "randint:0:300")),
              HasSubstr("i8, which holds -128 to 127"));
  EXPECT_THAT(errorOf(tensorOf(DType::Int32, {4}, "randint:9")), HasSubstr("randint:0:100"));
  EXPECT_THAT(errorOf(tensorOf(DType::Int32, {4}, "randint:5:5")),
              HasSubstr("the first below the second"));
}

TEST(Initializer, ConstantsAndSequences) {
  EXPECT_THAT(values(tensorOf(DType::Fp16, {3}, "zeros")), testing::Each(0));
  EXPECT_THAT(values(tensorOf(DType::BF16, {3}, "ones")), testing::Each(1));
  EXPECT_THAT(values(tensorOf(DType::Int64, {2, 3}, "arange")),
              testing::ElementsAre(0, 1, 2, 3, 4, 5));
  std::vector<double> rows = values(tensorOf(DType::Fp32, {50, 8}, "onehot"));
  std::set<int> places;
  for (int row = 0; row < 50; ++row) {
    auto begin = rows.begin() + row * 8;
    EXPECT_EQ(std::accumulate(begin, begin + 8, 0.0), 1);
    places.insert(static_cast<int>(std::ranges::find(begin, begin + 8, 1.0) - begin));
  }
  EXPECT_GT(places.size(), 4u);
}

TEST(Initializer, StridesAndOffsetPlaceElements) {
  TensorArgument tensor = tensorOf(DType::Int32, {2, 2}, "arange");
  tensor.strides = {1, 3};
  tensor.offset = 1;
  tensor.storage = 6 * 4;
  EXPECT_THAT(values(tensor), testing::ElementsAre(0, 0, 2, 0, 1, 3));
}

TEST(Initializer, UnknownNamesAreExplained) {
  EXPECT_THAT(errorOf(tensorOf(DType::Fp32, {4}, "gaussian")),
              testing::AllOf(HasSubstr("argument weights"), HasSubstr("gaussian"),
                             HasSubstr("normal, uniform")));
  EXPECT_THAT(errorOf(tensorOf(DType::Fp32, {4}, "file:/nowhere.npy")), HasSubstr("/nowhere.npy"));
}

TEST(Initializer, PoisonIsNotANumberAndTwoDiffer) {
  for (DType type : {DType::Fp64, DType::Fp32, DType::Fp16, DType::BF16, DType::Fp8E4NV,
                     DType::Fp8E5, DType::Int32, DType::Int8}) {
    std::vector<std::byte> device(8), reference(8);
    poisonElements(type, Poison::Device, device);
    poisonElements(type, Poison::Reference, reference);
    EXPECT_NE(device, reference) << dtypeName(type);
    if (isFloating(type)) {
      double value = 0;
      decodeFloats(type, device.data(), &value, 1);
      EXPECT_TRUE(std::isnan(value)) << dtypeName(type);
    }
  }
}

namespace {

std::string npy(const std::string &descr, const std::string &shape, const std::string &data,
                bool fortran = false) {
  std::string header = "{'descr': '" + descr +
                       "', 'fortran_order': " + (fortran ? "True" : "False") +
                       ", 'shape': " + shape + ", }\n";
  std::string bytes("\x93NUMPY\x01\0", 8);
  bytes += static_cast<char>(header.size());
  bytes += static_cast<char>(header.size() >> 8);
  return bytes + header + data;
}

template <typename T> std::string raw(std::vector<T> numbers) {
  return {reinterpret_cast<const char *>(numbers.data()), numbers.size() * sizeof(T)};
}

} // namespace

TEST(Npy, ReadsNumbers) {
  auto array = parseNpy(npy("<f4", "(2, 3)", raw<float>({1, 2, 3, 4, 5, 6.5})), "a.npy");
  ASSERT_TRUE(array) << array.error().message;
  EXPECT_THAT(array->shape, testing::ElementsAre(2, 3));
  EXPECT_EQ(decodeFloat(DType::Fp16, array->element(5, DType::Fp16)), 6.5);
  EXPECT_EQ(decodeFloat(DType::Fp32, array->element(1, DType::Fp32)), 2);

  array = parseNpy(npy("<i2", "(3,)", raw<std::int16_t>({-5, 0, 7})), "a.npy");
  ASSERT_TRUE(array);
  EXPECT_EQ(static_cast<std::int32_t>(array->element(0, DType::Int32)), -5);
  EXPECT_EQ(decodeFloat(DType::BF16, array->element(0, DType::BF16)), -5);
}

TEST(Npy, FortranOrder) {
  auto array = parseNpy(npy("<f8", "(2, 3)", raw<double>({1, 4, 2, 5, 3, 6}), true), "a.npy");
  ASSERT_TRUE(array);
  for (int i = 0; i < 6; ++i)
    EXPECT_EQ(decodeFloat(DType::Fp64, array->element(i, DType::Fp64)), i + 1);
}

TEST(Npy, RefusesWhatItCannotRead) {
  auto message = [](const std::string &bytes) { return parseNpy(bytes, "a.npy").error().message; };
  EXPECT_THAT(message("hello"), HasSubstr("a.npy: this is not a NumPy .npy file"));
  EXPECT_THAT(message(npy(">f4", "(1,)", "abcd")), HasSubstr("big-endian"));
  EXPECT_THAT(message(npy("|O", "(1,)", "abcd")), HasSubstr("not read"));
  EXPECT_THAT(message(npy("<c8", "(1,)", "abcdabcd")), HasSubstr("'<c8' are not read"));
  EXPECT_THAT(message(npy("<f4", "(4,)", "abcd")), HasSubstr("ends after 4 of 16 bytes"));
  EXPECT_THAT(message(npy("<f4", "(99999999999, 99999999999)", "")), HasSubstr("no shape"));
  EXPECT_THAT(message(npy("<f4", "(4,)", "").substr(0, 20)), HasSubstr("inside its header"));
}

TEST(Npy, FillsATensorAndChecksItsShape) {
  std::string path = testing::TempDir() + "/fill.npy";
  std::ofstream(path) << npy("<f4", "(2, 2)", raw<float>({1, 2, 3, 4}));
  EXPECT_THAT(values(tensorOf(DType::Fp16, {2, 2}, "file:" + path)),
              testing::ElementsAre(1, 2, 3, 4));
  EXPECT_THAT(errorOf(tensorOf(DType::Fp32, {4}, "file:" + path)),
              HasSubstr("an array of shape (2, 2), the tensor has shape (4)"));
  EXPECT_THAT(errorOf(tensorOf(DType::Int32, {2, 2}, "file:" + path)), HasSubstr("floating point"));
}
