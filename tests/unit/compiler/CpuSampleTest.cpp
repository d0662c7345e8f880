// The sample kernels as Triton itself elaborates them, compiled for this CPU and run on sizes that
// do not fit the tiles, against plain loops.
#include "core/support/FloatFormat.h"
#include "core/support/Paths.h"
#include "tests/unit/compiler/CpuKernel.h"

#include <cmath>
#include <gtest/gtest.h>
#include <random>

using namespace lapidary;

namespace {

std::string sample(const std::string &name) {
  auto text = readFile(LAPIDARY_SOURCE_DIR "/tests/lit/ttir/" + name + ".ttir");
  return text ? *text : std::string();
}

std::vector<float> randomFloats(std::size_t count, unsigned seed = 1) {
  std::mt19937 generator(seed);
  std::normal_distribution<float> normal;
  std::vector<float> values(count);
  for (float &value : values)
    value = normal(generator);
  return values;
}

using Half = std::uint16_t;
float fromHalf(Half value) {
  return static_cast<float>(decodeFloat(DType::Fp16, value));
}
Half toHalf(float value) {
  return static_cast<Half>(encodeFloat(DType::Fp16, value));
}
std::vector<Half> toHalves(const std::vector<float> &values) {
  std::vector<Half> result;
  for (float value : values)
    result.push_back(toHalf(value));
  return result;
}

} // namespace

TEST(CpuSample, VectorAddKeepsToItsMask) {
  CpuKernel kernel(sample("vector_add"));
  ASSERT_TRUE(kernel.ok()) << kernel.messages();
  const std::int32_t n = 3 * 1024 + 16; // the attribute promises a multiple of 16
  auto x = randomFloats(4096, 1), y = randomFloats(4096, 2);
  std::vector<float> out(4096, -7);
  kernel.run({4, 1, 1}, x.data(), y.data(), out.data(), n);
  for (std::int32_t i = 0; i < 4096; ++i)
    ASSERT_EQ(out[i], i < n ? x[i] + y[i] : -7) << i;
}

TEST(CpuSample, StridedCopyLeavesWhatLiesBetweenRows) {
  CpuKernel kernel(sample("strided_copy"));
  ASSERT_TRUE(kernel.ok()) << kernel.messages();
  const std::int32_t rows = 80, columns = 112, fromStride = 128, toStride = 160;
  auto from = toHalves(randomFloats(rows * fromStride));
  std::vector<Half> to(rows * toStride, 0x1234);
  kernel.run({2, 2, 1}, from.data(), to.data(), rows, columns, fromStride, toStride);
  for (int r = 0; r < rows; ++r)
    for (int c = 0; c < toStride; ++c)
      ASSERT_EQ(to[r * toStride + c], c < columns ? from[r * fromStride + c] : 0x1234)
          << r << " " << c;
}

TEST(CpuSample, SoftmaxOfRowsShorterThanTheTile) {
  CpuKernel kernel(sample("softmax_rows"));
  ASSERT_TRUE(kernel.ok()) << kernel.messages();
  const std::int32_t rows = 5, columns = 1003, stride = 1100;
  auto values = randomFloats(rows * stride);
  auto in = toHalves(values);
  std::vector<Half> out(rows * stride, 0x1234);
  kernel.run({rows, 1, 1}, out.data(), in.data(), stride, stride, columns);
  for (int r = 0; r < rows; ++r) {
    double most = -1e30, sum = 0;
    for (int c = 0; c < columns; ++c)
      most = std::max<double>(most, fromHalf(in[r * stride + c]));
    for (int c = 0; c < columns; ++c)
      sum += std::exp(fromHalf(in[r * stride + c]) - most);
    for (int c = 0; c < stride; ++c) {
      if (c >= columns) {
        ASSERT_EQ(out[r * stride + c], 0x1234);
        continue;
      }
      const double expected = std::exp(fromHalf(in[r * stride + c]) - most) / sum;
      ASSERT_NEAR(fromHalf(out[r * stride + c]), expected, 1e-3 * expected + 1e-7) << r << " " << c;
    }
  }
}

TEST(CpuSample, LayerNormOfRowsShorterThanTheTile) {
  CpuKernel kernel(sample("layer_norm"));
  ASSERT_TRUE(kernel.ok()) << kernel.messages();
  const std::int32_t rows = 3, n = 2000, stride = 4096;
  const float eps = 1e-5F;
  auto x = toHalves(randomFloats(rows * stride, 3)), w = toHalves(randomFloats(4096, 4)),
       b = toHalves(randomFloats(4096, 5));
  std::vector<Half> y(rows * stride, 0);
  kernel.run({rows, 1, 1}, x.data(), y.data(), w.data(), b.data(), stride, n, eps);
  for (int r = 0; r < rows; ++r) {
    double mean = 0, variance = 0;
    for (int c = 0; c < n; ++c)
      mean += fromHalf(x[r * stride + c]);
    mean /= n;
    for (int c = 0; c < n; ++c)
      variance += std::pow(fromHalf(x[r * stride + c]) - mean, 2);
    variance /= n;
    for (int c = 0; c < n; ++c) {
      const double expected =
          (fromHalf(x[r * stride + c]) - mean) / std::sqrt(variance + eps) * fromHalf(w[c]) +
          fromHalf(b[c]);
      ASSERT_NEAR(fromHalf(y[r * stride + c]), expected, 2e-3 * std::abs(expected) + 2e-3)
          << r << " " << c;
    }
  }
}

TEST(CpuSample, MatmulOfSizesThatDoNotFillTiles) {
  CpuKernel kernel(sample("matmul"));
  ASSERT_TRUE(kernel.ok()) << kernel.messages();
  const std::int32_t m = 144, n = 160, k = 80;
  auto a = toHalves(randomFloats(m * k, 6)), b = toHalves(randomFloats(k * n, 7));
  std::vector<Half> c(m * n, 0);
  kernel.run({4, 1, 1}, a.data(), b.data(), c.data(), m, n, k, k, n, n);
  for (int i = 0; i < m; ++i)
    for (int j = 0; j < n; ++j) {
      double expected = 0;
      for (int l = 0; l < k; ++l)
        expected += double(fromHalf(a[i * k + l])) * fromHalf(b[l * n + j]);
      ASSERT_NEAR(fromHalf(c[i * n + j]), expected, 2e-3 * std::abs(expected) + 2e-3)
          << i << " " << j;
    }
}

TEST(CpuSample, AttentionForward) {
  CpuKernel kernel(sample("attention_fwd"));
  ASSERT_TRUE(kernel.ok()) << kernel.messages();
  const std::int32_t context = 256, width = 64, heads = 2;
  const std::int32_t strideHead = context * width;
  const float scale = 0.125F;
  auto q = toHalves(randomFloats(heads * strideHead, 8)),
       k = toHalves(randomFloats(heads * strideHead, 9)),
       v = toHalves(randomFloats(heads * strideHead, 10));
  std::vector<Half> out(heads * strideHead, 0);
  kernel.run({context / 128, heads, 1}, q.data(), k.data(), v.data(), out.data(), scale, strideHead,
             width, context);
  for (int h = 0; h < heads; ++h)
    for (int i = 0; i < context; ++i) {
      const std::size_t base = std::size_t(h) * strideHead;
      std::vector<double> weights(context);
      double most = -1e30, sum = 0;
      for (int j = 0; j < context; ++j) {
        for (int d = 0; d < width; ++d)
          weights[j] +=
              double(fromHalf(q[base + i * width + d])) * fromHalf(k[base + j * width + d]);
        weights[j] *= scale;
        most = std::max(most, weights[j]);
      }
      for (double &weight : weights)
        sum += weight = std::exp(weight - most);
      for (int d = 0; d < width; ++d) {
        double expected = 0;
        for (int j = 0; j < context; ++j)
          expected += weights[j] / sum * fromHalf(v[base + j * width + d]);
        ASSERT_NEAR(fromHalf(out[base + i * width + d]), expected, 5e-3)
            << h << " " << i << " " << d;
      }
    }
}
