#include "ReferenceRunner.h"

#include "core/support/FloatFormat.h"

#include <cmath>
#include <functional>
#include <limits>

using namespace lapidary;

namespace {

const std::vector<float> samples = {0.0f, 1.0f, -1.0f, 0.5f, 2.0f, -3.25f, 100.0f, 1e-3f};
const std::vector<float> others = {1.0f, 2.0f, 0.5f, -0.5f, 3.0f, 0.25f, -7.0f, 1e3f};

std::vector<float> runFloat(const std::string &body, const std::vector<float> &x, const std::vector<float> &y) {
  Launch launch;
  launch.buffer("x", x).buffer("y", y).buffer("out", std::vector<float>(x.size(), -99));
  launch.expectRuns(elementwiseKernel({"f32", "f32", "f32"}, body, static_cast<int>(x.size())));
  return launch.contents<float>(2);
}

} // namespace

TEST(ReferenceArithmetic, FloatOperationsOfTwo) {
  using F = std::function<float(float, float)>;
  const std::pair<const char *, F> operations[] = {
      {"arith.addf", [](float x, float y) { return x + y; }},
      {"arith.subf", [](float x, float y) { return x - y; }},
      {"arith.mulf", [](float x, float y) { return x * y; }},
      {"arith.divf", [](float x, float y) { return x / y; }},
      {"arith.remf", [](float x, float y) { return std::fmod(x, y); }},
      {"arith.maximumf", [](float x, float y) { return std::fmax(x, y); }},
      {"arith.minnumf", [](float x, float y) { return std::fmin(x, y); }},
      {"math.atan2", [](float x, float y) { return std::atan2(x, y); }},
      {"math.copysign", [](float x, float y) { return std::copysign(x, y); }},
      {"math.powf", [](float x, float y) { return std::pow(x, y); }},
      {"tt.precise_divf", [](float x, float y) { return x / y; }},
  };
  for (const auto &[name, expected] : operations) {
    std::vector<float> out = runFloat(std::string("  %r = ") + name + " %a0, %a1 : tensor<8xf32>", samples, others);
    for (std::size_t i = 0; i < out.size(); ++i) {
      float want = expected(samples[i], others[i]);
      EXPECT_TRUE(out[i] == want || (std::isnan(out[i]) && std::isnan(want))) << name << " " << i << " " << out[i];
    }
  }
}

TEST(ReferenceArithmetic, FloatOperationsOfOne) {
  const std::vector<float> positive = {0.5f, 1.0f, 0.25f, 0.75f, 2.0f, 3.25f, 100.0f, 1e-3f};
  using F = std::function<float(float)>;
  const std::pair<const char *, F> operations[] = {
      {"math.exp", [](float x) { return std::exp(x); }},      {"math.exp2", [](float x) { return std::exp2(x); }},
      {"math.log", [](float x) { return std::log(x); }},      {"math.log2", [](float x) { return std::log2(x); }},
      {"math.log1p", [](float x) { return std::log1p(x); }},  {"math.sqrt", [](float x) { return std::sqrt(x); }},
      {"math.rsqrt", [](float x) { return 1 / std::sqrt(x); }}, {"math.sin", [](float x) { return std::sin(x); }},
      {"math.cos", [](float x) { return std::cos(x); }},      {"math.tanh", [](float x) { return std::tanh(x); }},
      {"math.erf", [](float x) { return std::erf(x); }},      {"math.floor", [](float x) { return std::floor(x); }},
      {"math.ceil", [](float x) { return std::ceil(x); }},    {"math.absf", [](float x) { return std::fabs(x); }},
      {"arith.negf", [](float x) { return -x; }},             {"math.expm1", [](float x) { return std::expm1(x); }},
      {"math.roundeven", [](float x) { return std::nearbyint(x); }},
      {"tt.precise_sqrt", [](float x) { return std::sqrt(x); }},
  };
  for (const auto &[name, expected] : operations) {
    std::vector<float> out = runFloat(std::string("  %r = ") + name + " %a0 : tensor<8xf32>", positive, others);
    for (std::size_t i = 0; i < out.size(); ++i)
      EXPECT_EQ(out[i], expected(positive[i])) << name << " of " << positive[i];
  }
}

TEST(ReferenceArithmetic, FmaRoundsOnce) {
  std::vector<float> x(8, 1 + 0x1p-12f), y(8, 1 - 0x1p-12f);
  std::vector<float> out = runFloat("  %c = arith.constant dense<-1.0> : tensor<8xf32>\n"
                                    "  %r = math.fma %a0, %a1, %c : tensor<8xf32>", x, y);
  EXPECT_EQ(out[0], -0x1p-24f);
}

TEST(ReferenceArithmetic, ClampAndSelect) {
  std::vector<float> out = runFloat(
      "  %lo = arith.constant dense<-1.0> : tensor<8xf32>\n  %hi = arith.constant dense<1.5> : tensor<8xf32>\n"
      "  %r = tt.clampf %a0, %lo, %hi, propagateNan = none : tensor<8xf32>", samples, others);
  for (std::size_t i = 0; i < 8; ++i)
    EXPECT_EQ(out[i], std::min(std::max(samples[i], -1.0f), 1.5f));
  out = runFloat("  %m = arith.cmpf ogt, %a0, %a1 : tensor<8xf32>\n"
                 "  %r = arith.select %m, %a0, %a1 : tensor<8xi1>, tensor<8xf32>", samples, others);
  for (std::size_t i = 0; i < 8; ++i)
    EXPECT_EQ(out[i], samples[i] > others[i] ? samples[i] : others[i]);
}

TEST(ReferenceArithmetic, HalfPrecisionRoundsEveryOperation) {
  std::vector<std::uint16_t> x(8), y(8);
  for (std::size_t i = 0; i < 8; ++i) {
    x[i] = static_cast<std::uint16_t>(encodeFloat(DType::Fp16, 1000.5 + 3.7 * static_cast<double>(i)));
    y[i] = static_cast<std::uint16_t>(encodeFloat(DType::Fp16, 0.3 * static_cast<double>(i + 1)));
  }
  Launch launch;
  launch.buffer("x", x).buffer("y", y).buffer("out", std::vector<std::uint16_t>(8));
  launch.expectRuns(elementwiseKernel({"f16", "f16", "f16"},
                                      "  %t = arith.addf %a0, %a1 : tensor<8xf16>\n"
                                      "  %r = arith.subf %t, %a0 : tensor<8xf16>", 8));
  for (std::size_t i = 0; i < 8; ++i) {
    double sum = decodeFloat(DType::Fp16, encodeFloat(DType::Fp16, decodeFloat(DType::Fp16, x[i]) +
                                                                        decodeFloat(DType::Fp16, y[i])));
    EXPECT_EQ(launch.contents<std::uint16_t>(2)[i], encodeFloat(DType::Fp16, sum - decodeFloat(DType::Fp16, x[i])));
  }
}

TEST(ReferenceArithmetic, IntegersAndCasts) {
  Launch launch;
  launch.buffer("x", std::vector<std::int8_t>{-128, -1, 0, 1, 127, 5, -7, 100});
  launch.buffer("out", std::vector<std::int64_t>(8));
  launch.expectRuns(elementwiseKernel({"i8", "i64"},
                                      "  %u = arith.extui %a0 : tensor<8xi8> to tensor<8xi32>\n"
                                      "  %c = arith.constant dense<3> : tensor<8xi32>\n"
                                      "  %m = arith.muli %u, %c : tensor<8xi32>\n"
                                      "  %d = arith.remsi %m, %c : tensor<8xi32>\n"
                                      "  %s = arith.addi %m, %d : tensor<8xi32>\n"
                                      "  %r = arith.extsi %s : tensor<8xi32> to tensor<8xi64>", 8));
  EXPECT_THAT(launch.contents<std::int64_t>(1), testing::ElementsAre(384, 765, 0, 3, 381, 15, 747, 300));
}

TEST(ReferenceArithmetic, ExtendedProducts) {
  Launch launch;
  launch.buffer("x", std::vector<std::uint32_t>{0xffffffff, 1u << 31, 3, 0});
  launch.buffer("out", std::vector<std::uint32_t>(4));
  launch.expectRuns(elementwiseKernel({"i32", "i32"},
                                      "  %lo, %hi = arith.mului_extended %a0, %a0 : tensor<4xi32>\n"
                                      "  %r = arith.addi %lo, %hi : tensor<4xi32>", 4));
  EXPECT_THAT(launch.contents<std::uint32_t>(1), testing::ElementsAre(0xffffffff, 1u << 30, 9, 0));
}

TEST(ReferenceArithmetic, ConversionsThroughEightBits) {
  Launch launch;
  launch.buffer("x", std::vector<float>{1.0f, 1.06f, 500.0f, -0.07f});
  launch.buffer("out", std::vector<std::uint8_t>(4));
  launch.expectRuns(elementwiseKernel(
      {"f32", "f8E4M3FN"}, "  %r = tt.fp_to_fp %a0, rounding = rtne : tensor<4xf32> -> tensor<4xf8E4M3FN>", 4));
  for (std::size_t i = 0; i < 4; ++i)
    EXPECT_EQ(launch.contents<std::uint8_t>(1)[i],
              encodeFloat(DType::Fp8E4NV, std::vector<float>{1.0f, 1.06f, 500.0f, -0.07f}[i]));
}

TEST(ReferenceArithmetic, LibraryFunctions) {
  std::vector<float> out =
      runFloat("  %r = tt.extern_elementwise %a0 {libname = \"\", libpath = \"\", pure = true, symbol = "
               "\"__nv_tanhf\"} : (tensor<8xf32>) -> tensor<8xf32>", samples, others);
  for (std::size_t i = 0; i < 8; ++i)
    EXPECT_EQ(out[i], std::tanh(samples[i]));
}

TEST(ReferenceArithmetic, DenseConstants) {
  Launch launch;
  launch.buffer("out", std::vector<std::int32_t>(4));
  launch.expectRuns(elementwiseKernel({"i32"}, "  %r = arith.constant dense<[5, -1, 7, 2147483647]> : tensor<4xi32>", 4));
  EXPECT_THAT(launch.contents<std::int32_t>(0), testing::ElementsAre(5, -1, 7, 2147483647));
}
