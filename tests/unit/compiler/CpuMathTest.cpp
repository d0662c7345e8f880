// How precisely this CPU's code computes: functions, small floats, rounding.
#include "core/support/FloatFormat.h"
#include "tests/unit/compiler/CpuKernel.h"
#include "tests/unit/compiler/KernelText.h"

#include <cmath>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <numeric>

using namespace lapidary;
using testing::ElementsAre;
using testing::ElementsAreArray;

namespace {

// Largest distance from the C library's result in units of the last place, over `in`.
double worstUlps(const std::string &operation, double (*exact)(double),
                 const std::vector<float> &in, const CpuProcessor &processor = {}) {
  CpuKernel kernel(
      kernelText("%in: !tt.ptr<f32>, %out: !tt.ptr<f32>",
                 R"(
    %pid = tt.get_program_id x : i32
    %c = arith.constant 64 : i32
    %at = arith.muli %pid, %c : i32
    %from = tt.addptr %in, %at : !tt.ptr<f32>, i32
    %to = tt.addptr %out, %at : !tt.ptr<f32>, i32
)" + pointers("p", "from", 64, "f32") +
                     pointers("o", "to", 64, "f32") +
                     "%x = tt.load %p : tensor<64x!tt.ptr<f32>>\n%y = " + operation +
                     " %x : tensor<64xf32>\ntt.store %o, %y : tensor<64x!tt.ptr<f32>>"),
      processor);
  EXPECT_TRUE(kernel.ok()) << kernel.messages();
  if (!kernel.ok())
    return INFINITY;
  std::vector<float> out(in.size());
  kernel.run({std::int64_t(in.size() / 64), 1, 1}, in.data(), out.data());
  double worst = 0;
  for (std::size_t i = 0; i < in.size(); ++i) {
    const double expected = exact(in[i]);
    const auto rounded = static_cast<float>(expected);
    if (std::isnan(expected)) {
      EXPECT_TRUE(std::isnan(out[i])) << operation << " of " << in[i];
    } else if (std::isinf(rounded)) {
      EXPECT_EQ(out[i], rounded) << operation << " of " << in[i];
    } else {
      const double unit = std::max<double>(
          std::nextafter(std::fabs(rounded), INFINITY) - std::fabs(rounded), 1.5e-45);
      const double ulps = std::fabs(out[i] - expected) / unit;
      if (!(ulps <= worst))
        worst = ulps;
    }
  }
  return worst;
}

std::vector<float> sweep(float from, float to, std::size_t count = 1 << 16) {
  std::vector<float> values;
  for (std::size_t i = 0; i < count; ++i)
    values.push_back(from + (to - from) * (static_cast<float>(i) / static_cast<float>(count - 1)));
  for (float special : {0.0F, -0.0F, 1.0F, INFINITY, -INFINITY, NAN, 1e-40F, 3e38F, -3e38F})
    values.push_back(special);
  values.resize((values.size() + 63) / 64 * 64, 1.0F);
  return values;
}

} // namespace

TEST(CpuMath, FunctionsAreAsPreciseAsTheyClaim) {
  EXPECT_LE(worstUlps("math.exp", std::exp, sweep(-110, 95)), 1.1);
  EXPECT_LE(worstUlps("math.exp2", std::exp2, sweep(-155, 135)), 1.1);
  EXPECT_LE(worstUlps("math.log", std::log, sweep(0.3F, 3)), 1.1);
  EXPECT_LE(worstUlps("math.log", std::log, sweep(-1, 1e6F)), 1.1);
  EXPECT_LE(worstUlps("math.log", std::log, sweep(0, 1e-37F)), 1.1);
  EXPECT_LE(worstUlps("math.log2", std::log2, sweep(0.3F, 3)), 2);
  EXPECT_LE(worstUlps("math.log2", std::log2, sweep(0, 1e-37F)), 2);
  EXPECT_LE(worstUlps("math.tanh", std::tanh, sweep(-12, 12)), 8);
  EXPECT_LE(worstUlps("math.erf", std::erf, sweep(-5, 5)), 8);
  EXPECT_LE(worstUlps("math.sin", std::sin, sweep(-1000, 1000)), 1);
  EXPECT_LE(
      worstUlps("math.rsqrt", [](double x) { return 1 / std::sqrt(x); }, sweep(0.01F, 100)), 2);
}

// The way without a scaling instruction, on any x86 this test runs on.
TEST(CpuMath, ExponentialsOfAnOlderProcessor) {
  const CpuProcessor older{"x86-64-v3", ""};
  EXPECT_LE(worstUlps("math.exp", std::exp, sweep(-110, 95), older), 1.1);
  EXPECT_LE(worstUlps("math.exp2", std::exp2, sweep(-155, 135), older), 1.1);
}

TEST(CpuMath, DoublesGoThroughTheCLibrary) {
  CpuKernel kernel(kernelText("%in: !tt.ptr<f64>, %out: !tt.ptr<f64>",
                              pointers("p", "in", 16, "f64") + pointers("o", "out", 16, "f64") + R"(
    %x = tt.load %p : tensor<16x!tt.ptr<f64>>
    %y = math.exp %x : tensor<16xf64>
    %z = math.powf %y, %x : tensor<16xf64>
    tt.store %o, %z : tensor<16x!tt.ptr<f64>>)"));
  ASSERT_TRUE(kernel.ok()) << kernel.messages();
  std::vector<double> in(16), out(16);
  for (int i = 0; i < 16; ++i)
    in[i] = 0.1 * i;
  kernel.run({1, 1, 1}, in.data(), out.data());
  for (int i = 0; i < 16; ++i)
    EXPECT_NEAR(out[i], std::pow(std::exp(in[i]), in[i]), 1e-12 * out[i]);
}

TEST(CpuMath, EightBitFloatsRoundAsTheTableSays) {
  struct Case {
    const char *type;
    DType dtype;
  };
  for (const Case &each :
       {Case{"f8E4M3FN", DType::Fp8E4NV}, Case{"f8E5M2", DType::Fp8E5},
        Case{"f8E4M3FNUZ", DType::Fp8E4B8}, Case{"f8E5M2FNUZ", DType::Fp8E5B16}}) {
    const std::string type = each.type;
    CpuKernel decode(kernelText("%in: !tt.ptr<" + type + ">, %out: !tt.ptr<f32>",
                                pointers("p", "in", 256, type) + pointers("o", "out", 256, "f32") +
                                    fmt::format(R"(
    %x = tt.load %p : tensor<256x!tt.ptr<{0}>>
    %y = tt.fp_to_fp %x : tensor<256x{0}> -> tensor<256xf32>
    tt.store %o, %y : tensor<256x!tt.ptr<f32>>)",
                                                type)));
    ASSERT_TRUE(decode.ok()) << decode.messages();
    std::vector<std::uint8_t> codes(256);
    std::iota(codes.begin(), codes.end(), 0);
    std::vector<float> numbers(256);
    decode.run({1, 1, 1}, codes.data(), numbers.data());
    for (int code = 0; code < 256; ++code) {
      const double expected = decodeFloat(each.dtype, code);
      if (std::isnan(expected))
        ASSERT_TRUE(std::isnan(numbers[code])) << type << " " << code;
      else
        ASSERT_EQ(numbers[code], expected) << type << " " << code;
    }

    CpuKernel encode(kernelText("%in: !tt.ptr<f32>, %out: !tt.ptr<" + type + ">",
                                pointers("p", "in", 1024, "f32") +
                                    pointers("o", "out", 1024, type) +
                                    fmt::format(R"(
    %x = tt.load %p : tensor<1024x!tt.ptr<f32>>
    %y = tt.fp_to_fp %x, rounding = rtne : tensor<1024xf32> -> tensor<1024x{0}>
    tt.store %o, %y : tensor<1024x!tt.ptr<{0}>>)",
                                                type)));
    ASSERT_TRUE(encode.ok()) << encode.messages();
    std::vector<float> values;
    for (int i = 0; i < 500; ++i)
      values.push_back(std::ldexp(1.0F + static_cast<float>(i % 29) / 29.0F, i % 40 - 22) *
                       (i % 2 ? -1.0F : 1.0F));
    // Halfway between neighbours, where ties go to even, and beyond the largest.
    for (int code = 0; code < 127; ++code)
      values.push_back(static_cast<float>(
          (decodeFloat(each.dtype, code) + decodeFloat(each.dtype, code + 1)) / 2));
    for (float special : {0.0F, -0.0F, INFINITY, -INFINITY, NAN, 1e9F, -1e9F, 1e-30F})
      values.push_back(special);
    values.resize(1024, 1.0F);
    std::vector<std::uint8_t> encoded(1024);
    encode.run({1, 1, 1}, values.data(), encoded.data());
    for (std::size_t i = 0; i < values.size(); ++i) {
      const double expected = decodeFloat(each.dtype, encodeFloat(each.dtype, values[i]));
      const double actual = decodeFloat(each.dtype, encoded[i]);
      if (std::isnan(expected))
        ASSERT_TRUE(std::isnan(actual)) << type << " " << values[i];
      else
        ASSERT_EQ(actual, expected) << type << " " << values[i];
    }
  }
}

TEST(CpuMath, RoundsTowardsZeroWhereAsked) {
  CpuKernel kernel(kernelText("%in: !tt.ptr<f32>, %out: !tt.ptr<f16>",
                              pointers("p", "in", 16, "f32") + pointers("o", "out", 16, "f16") + R"(
    %x = tt.load %p : tensor<16x!tt.ptr<f32>>
    %y = tt.fp_to_fp %x, rounding = rtz : tensor<16xf32> -> tensor<16xf16>
    tt.store %o, %y : tensor<16x!tt.ptr<f16>>)"));
  ASSERT_TRUE(kernel.ok()) << kernel.messages();
  std::vector<float> in(16, 1.0F);
  in[0] = 1.0F + 0.9F / 1024;
  in[1] = -in[0];
  in[2] = 70000;
  in[3] = 2.5F;
  std::vector<std::uint16_t> out(16);
  kernel.run({1, 1, 1}, in.data(), out.data());
  EXPECT_EQ(decodeFloat(DType::Fp16, out[0]), 1);
  EXPECT_EQ(decodeFloat(DType::Fp16, out[1]), -1);
  EXPECT_EQ(decodeFloat(DType::Fp16, out[2]), 65504);
  EXPECT_EQ(decodeFloat(DType::Fp16, out[3]), 2.5);
}

TEST(CpuMath, LibraryFunctionsByName) {
  CpuKernel kernel(kernelText("%in: !tt.ptr<f32>, %out: !tt.ptr<f32>, %nan: !tt.ptr<i32>",
                              pointers("p", "in", 16, "f32") + pointers("o", "out", 16, "f32") +
                                  pointers("q", "nan", 16, "i32") + R"(
    %x = tt.load %p : tensor<16x!tt.ptr<f32>>
    %a = tt.extern_elementwise %x {libname = "", libpath = "", pure = true, symbol = "__nv_tgammaf"} : (tensor<16xf32>) -> tensor<16xf32>
    %b = tt.extern_elementwise %x, %a {libname = "", libpath = "", pure = true, symbol = "__nv_hypotf"} : (tensor<16xf32>, tensor<16xf32>) -> tensor<16xf32>
    %c = tt.extern_elementwise %b {libname = "", libpath = "", pure = true, symbol = "__nv_fast_logf"} : (tensor<16xf32>) -> tensor<16xf32>
    tt.store %o, %c : tensor<16x!tt.ptr<f32>>
    %d = tt.extern_elementwise %x {libname = "", libpath = "", pure = true, symbol = "__nv_isnanf"} : (tensor<16xf32>) -> tensor<16xi32>
    tt.store %q, %d : tensor<16x!tt.ptr<i32>>)"));
  ASSERT_TRUE(kernel.ok()) << kernel.messages();
  std::vector<float> in(16), out(16);
  for (int i = 0; i < 16; ++i)
    in[i] = 0.3F + 0.25F * static_cast<float>(i);
  in[15] = NAN;
  std::vector<std::int32_t> nan(16);
  kernel.run({1, 1, 1}, in.data(), out.data(), nan.data());
  for (int i = 0; i < 15; ++i) {
    EXPECT_NEAR(out[i], std::log(std::hypot(in[i], std::tgamma(in[i]))), 1e-6) << in[i];
    EXPECT_EQ(nan[i], 0);
  }
  EXPECT_EQ(nan[15], 1);
}
