// Whole kernels, as Triton writes them, against sums done here.
#include "ReferenceRunner.h"

#include "core/support/FloatFormat.h"

#include <chrono>
#include <cmath>
#include <fstream>
#include <sstream>

using namespace lapidary;

namespace {

std::string kernelText(const std::string &name) {
  std::ifstream file(std::string(LAPIDARY_SOURCE_DIR) + "/tests/lit/ttir/" + name + ".ttir");
  std::stringstream text;
  text << file.rdbuf();
  EXPECT_FALSE(text.str().empty()) << name;
  return text.str();
}

double wave(std::size_t i) { return std::sin(static_cast<double>(i) * 0.7) * 3; }

std::vector<std::uint16_t> halves(std::size_t n, double scale = 1, double shift = 0) {
  std::vector<std::uint16_t> values(n);
  for (std::size_t i = 0; i < n; ++i)
    values[i] = static_cast<std::uint16_t>(encodeFloat(DType::Fp16, wave(i) * scale + shift));
  return values;
}
double half(std::uint16_t bits) { return decodeFloat(DType::Fp16, bits); }

} // namespace

TEST(ReferenceKernel, SoftmaxOfRows) {
  constexpr std::size_t rows = 5, columns = 1000, stride = 1024;
  std::vector<std::uint16_t> x = halves(rows * stride);
  Launch launch;
  launch.buffer("out_ptr", std::vector<std::uint16_t>(rows * columns)).buffer("in_ptr", x);
  launch.scalar(std::int64_t(stride)).scalar(std::int64_t(columns)).scalar(std::int64_t(columns)).grid(rows);
  launch.expectRuns(kernelText("softmax_rows"));
  std::vector<std::uint16_t> out = launch.contents<std::uint16_t>(0);
  for (std::size_t row = 0; row < rows; ++row) {
    double sum = 0, high = -1e9;
    for (std::size_t c = 0; c < columns; ++c)
      high = std::max(high, half(x[row * stride + c]));
    for (std::size_t c = 0; c < columns; ++c)
      sum += std::exp(half(x[row * stride + c]) - high);
    for (std::size_t c = 0; c < columns; ++c) {
      double expected = std::exp(half(x[row * stride + c]) - high) / sum;
      ASSERT_NEAR(half(out[row * columns + c]), expected, 1e-3 * expected + 1e-6) << row << " " << c;
    }
  }
}

TEST(ReferenceKernel, StridedCopy) {
  constexpr std::int64_t rows = 70, columns = 45, from = 48, to = 64;
  std::vector<std::uint16_t> source = halves(rows * from);
  Launch launch;
  launch.buffer("src", source).buffer("dst", std::vector<std::uint16_t>(rows * to, 0x1234));
  for (std::int64_t scalar : {rows, columns, from, to})
    launch.scalar(scalar);
  launch.grid(2, 1);
  launch.expectRuns(kernelText("strided_copy"));
  std::vector<std::uint16_t> copy = launch.contents<std::uint16_t>(1);
  for (std::int64_t r = 0; r < rows; ++r)
    for (std::int64_t c = 0; c < to; ++c)
      ASSERT_EQ(copy[static_cast<std::size_t>(r * to + c)],
                c < columns ? source[static_cast<std::size_t>(r * from + c)] : 0x1234);
}

TEST(ReferenceKernel, LayerNorm) {
  constexpr std::size_t rows = 3, columns = 3000;
  constexpr double eps = 1e-5;
  std::vector<std::uint16_t> x = halves(rows * columns, 2, 5), w = halves(columns, 0.3, 1), b = halves(columns, 0.1);
  Launch launch;
  launch.buffer("x_ptr", x).buffer("y_ptr", std::vector<std::uint16_t>(rows * columns)).buffer("w_ptr", w);
  launch.buffer("b_ptr", b).scalar(std::int64_t(columns)).scalar(std::int64_t(columns)).scalar(eps).grid(rows);
  launch.expectRuns(kernelText("layer_norm"));
  std::vector<std::uint16_t> y = launch.contents<std::uint16_t>(1);
  for (std::size_t row = 0; row < rows; ++row) {
    double mean = 0, variance = 0;
    for (std::size_t c = 0; c < columns; ++c)
      mean += half(x[row * columns + c]) / columns;
    for (std::size_t c = 0; c < columns; ++c)
      variance += std::pow(half(x[row * columns + c]) - mean, 2) / columns;
    for (std::size_t c = 0; c < columns; ++c) {
      double expected = (half(x[row * columns + c]) - mean) / std::sqrt(variance + eps) * half(w[c]) + half(b[c]);
      ASSERT_NEAR(half(y[row * columns + c]), expected, 1e-3 * std::abs(expected) + 1e-3) << row << " " << c;
    }
  }
}

TEST(ReferenceKernel, Matmul) {
  constexpr std::size_t m = 130, n = 70, k = 100;
  std::vector<std::uint16_t> a = halves(m * k, 0.3), b = halves(k * n, 0.2, 0.1);
  Launch launch;
  launch.buffer("a_ptr", a).buffer("b_ptr", b).buffer("c_ptr", std::vector<std::uint16_t>(m * n));
  for (std::size_t scalar : {m, n, k, k, n, n})
    launch.scalar(static_cast<std::int64_t>(scalar));
  launch.grid(2);
  launch.expectRuns(kernelText("matmul"));
  std::vector<std::uint16_t> c = launch.contents<std::uint16_t>(2);
  for (std::size_t i = 0; i < m; ++i)
    for (std::size_t j = 0; j < n; ++j) {
      double sum = 0;
      for (std::size_t l = 0; l < k; ++l)
        sum += half(a[i * k + l]) * half(b[l * n + j]);
      ASSERT_NEAR(half(c[i * n + j]), sum, 2e-3 * std::abs(sum) + 2e-3) << i << " " << j;
    }
}

TEST(ReferenceKernel, SixteenMillionElementsInSeconds) {
  constexpr std::size_t n = 16 << 20;
  std::vector<float> x(n), y(n);
  for (std::size_t i = 0; i < n; ++i) {
    x[i] = static_cast<float>(i % 1000);
    y[i] = static_cast<float>(i % 7);
  }
  Launch launch;
  launch.buffer("x_ptr", x).buffer("y_ptr", y).buffer("out_ptr", std::vector<float>(n));
  launch.scalar(std::int64_t(n - 5)).grid(n / 1024);
  auto start = std::chrono::steady_clock::now();
  launch.expectRuns(kernelText("vector_add"));
  double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  RecordProperty("seconds", std::to_string(seconds));
  std::printf("16 Mi elements: %.2f s\n", seconds);
  EXPECT_LT(seconds, 20) << "even on a busy machine";
  std::vector<float> out = launch.contents<float>(2);
  for (std::size_t i = 0; i < n - 5; ++i)
    ASSERT_EQ(out[i], x[i] + y[i]) << i;
  EXPECT_EQ(out[n - 1], 0);
}
