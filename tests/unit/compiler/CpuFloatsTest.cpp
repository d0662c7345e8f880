// Numbers that processors do not compute with themselves.
#include "tests/unit/compiler/CpuKernel.h"
#include "tests/unit/compiler/KernelText.h"

#include <cmath>
#include <gtest/gtest.h>

using namespace lapidary;

namespace {

// 1 + 2^-11 + 2^-40 lies above the middle of two halves; as a float it would be that middle.
TEST(CpuFloats, DoublesBecomeHalvesInOneRounding) {
  CpuKernel kernel(kernelText("%in: !tt.ptr<f64>, %out: !tt.ptr<f16>",
                              pointers("p", "in", 8, "f64") + pointers("q", "out", 8, "f16") + R"(
    %x = tt.load %p : tensor<8x!tt.ptr<f64>>
    %h = arith.truncf %x : tensor<8xf64> to tensor<8xf16>
    tt.store %q, %h : tensor<8x!tt.ptr<f16>>)"));
  ASSERT_TRUE(kernel.ok()) << kernel.messages();
  const double above = 1 + std::ldexp(1.0, -11) + std::ldexp(1.0, -40);
  std::vector<double> in = {above,    -above, 1 + std::ldexp(1.0, -11), 1e300, -1e300, 0,
                            INFINITY, NAN};
  std::vector<std::uint16_t> out(8);
  kernel.run({1, 1, 1}, in.data(), out.data());
  out[7] &= 0x7e00;
  EXPECT_EQ(
      out, (std::vector<std::uint16_t>{0x3c01, 0xbc01, 0x3c00, 0x7c00, 0xfc00, 0, 0x7c00, 0x7e00}));
}

TEST(CpuFloats, EightBitFloatsAddAndMultiply) {
  CpuKernel kernel(
      kernelText("%in: !tt.ptr<f8E5M2>, %out: !tt.ptr<f8E5M2>",
                 pointers("p", "in", 8, "f8E5M2") + pointers("q", "out", 8, "f8E5M2") + R"(
    %x = tt.load %p : tensor<8x!tt.ptr<f8E5M2>>
    %s = arith.addf %x, %x : tensor<8xf8E5M2>
    %t = arith.mulf %s, %x : tensor<8xf8E5M2>
    %less = arith.cmpf olt, %x, %t : tensor<8xf8E5M2>
    %r = arith.select %less, %t, %x : tensor<8xi1>, tensor<8xf8E5M2>
    tt.store %q, %r : tensor<8x!tt.ptr<f8E5M2>>)"));
  ASSERT_TRUE(kernel.ok()) << kernel.messages();
  // 1, 2, -1, 0.25, 1.75, 0, infinity, the largest
  std::vector<std::uint8_t> in = {0x3c, 0x40, 0xbc, 0x34, 0x3f, 0x00, 0x7c, 0x7b}, out(8);
  kernel.run({1, 1, 1}, in.data(), out.data());
  EXPECT_EQ(out, (std::vector<std::uint8_t>{0x40, 0x48, 0x40, 0x34, 0x46, 0x00, 0x7c, 0x7c}));
}

TEST(CpuFloats, EightBitFloatsMultiplyAsMatrices) {
  CpuKernel kernel(
      kernelText("%in: !tt.ptr<f8E4M3FN>, %out: !tt.ptr<f32>",
                 pointers("p", "in", 256, "f8E4M3FN") + pointers("q", "out", 256, "f32") + R"(
    %x = tt.load %p : tensor<256x!tt.ptr<f8E4M3FN>>
    %a = tt.reshape %x : tensor<256xf8E4M3FN> -> tensor<16x16xf8E4M3FN>
    %zero = arith.constant dense<0.0> : tensor<16x16xf32>
    %d = tt.dot %a, %a, %zero : tensor<16x16xf8E4M3FN> * tensor<16x16xf8E4M3FN> -> tensor<16x16xf32>
    %flat = tt.reshape %d : tensor<16x16xf32> -> tensor<256xf32>
    tt.store %q, %flat : tensor<256x!tt.ptr<f32>>)"));
  ASSERT_TRUE(kernel.ok()) << kernel.messages();
  std::vector<std::uint8_t> in(256, 0x3c); // 1.5
  std::vector<float> out(256);
  kernel.run({1, 1, 1}, in.data(), out.data());
  EXPECT_EQ(out, std::vector<float>(256, 36.0f));
}

TEST(CpuFloats, SineAndCosineOfOneNumber) {
  CpuKernel kernel(kernelText("%in: !tt.ptr<f64>, %out: !tt.ptr<f64>",
                              pointers("p", "in", 8, "f64") + pointers("q", "out", 8, "f64") + R"(
    %x = tt.load %p : tensor<8x!tt.ptr<f64>>
    %s = math.sin %x : tensor<8xf64>
    %c = math.cos %x : tensor<8xf64>
    %r = arith.addf %s, %c : tensor<8xf64>
    tt.store %q, %r : tensor<8x!tt.ptr<f64>>)"));
  ASSERT_TRUE(kernel.ok()) << kernel.messages();
  std::vector<double> in = {0, 1, 2, 3, 4, 5, 6, 7}, out(8);
  kernel.run({1, 1, 1}, in.data(), out.data());
  for (std::size_t i = 0; i < in.size(); ++i)
    EXPECT_NEAR(out[i], std::sin(in[i]) + std::cos(in[i]), 1e-14);
}

} // namespace
