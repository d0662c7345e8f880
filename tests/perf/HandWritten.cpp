// Vectors of the compiler's vector extension, four at a time so that no chain of additions is
// waited for; rows are read from memory once and kept as floats.
#include "tests/perf/HandWritten.h"

#include <cmath>
#include <cstring>
#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace handwritten {

namespace {

#if defined(__AVX512F__)
constexpr int lanes = 16;
#elif defined(__AVX__)
constexpr int lanes = 8;
#else
constexpr int lanes = 4;
#endif
typedef float Vector __attribute__((vector_size(lanes * 4), aligned(4)));
typedef std::int32_t Integers __attribute__((vector_size(lanes * 4), aligned(4)));
constexpr int unroll = 4;
constexpr std::int64_t step = lanes * unroll;

Vector load(const float *from) {
  return *reinterpret_cast<const Vector *>(from);
}
void store(float *to, Vector value) {
  *reinterpret_cast<Vector *>(to) = value;
}

Vector load(const Half *from) {
#if defined(__AVX512F__)
  return _mm512_cvtph_ps(_mm256_loadu_si256(reinterpret_cast<const __m256i *>(from)));
#elif defined(__F16C__)
  return _mm256_cvtph_ps(_mm_loadu_si128(reinterpret_cast<const __m128i *>(from)));
#else
  Vector result;
  for (int i = 0; i < lanes; ++i) { // normal numbers only
    const std::uint32_t bits = (from[i] & 0x8000U) << 16 |
                               (((from[i] & 0x7fffU) << 13) + (from[i] & 0x7fff ? 112U << 23 : 0));
    std::memcpy(reinterpret_cast<char *>(&result) + 4 * i, &bits, 4);
  }
  return result;
#endif
}

void store(Half *to, Vector value) {
#if defined(__AVX512F__)
  _mm256_storeu_si256(reinterpret_cast<__m256i *>(to), _mm512_cvtps_ph(value, 0));
#elif defined(__F16C__)
  _mm_storeu_si128(reinterpret_cast<__m128i *>(to), _mm256_cvtps_ph(value, 0));
#else
  for (int i = 0; i < lanes; ++i) {
    std::uint32_t bits;
    std::memcpy(&bits, reinterpret_cast<const char *>(&value) + 4 * i, 4);
    to[i] = Half(bits >> 16 & 0x8000U) | Half(((bits & 0x7fffffffU) - (112U << 23)) >> 13);
  }
#endif
}

// e^x for x <= 0, as softmax needs it: no overflow, what is below 2^-126 becomes 0.
inline Vector exponential(Vector x) {
  x = x < -87.0F ? Vector{} - 87.0F : x;
  const Vector magic = Vector{} + 12582912.0F;
  Vector n = x * 1.44269504F + magic;
  const Integers exponent = reinterpret_cast<Integers>(n) << 23;
  n -= magic;
  const Vector r = (x - n * 0.693359375F) + n * 2.12194440e-4F;
  Vector p = r * 1.3814539e-3F + 8.3687454e-3F;
  p = p * r + 4.1668389e-2F;
  p = p * r + 0.16666521F;
  p = p * r + 0.49999994F;
  p = p * (r * r) + r + 1.0F;
  return reinterpret_cast<Vector>(reinterpret_cast<Integers>(p) + exponent);
}

float sumOf(Vector value) {
  float sum = 0;
  for (int i = 0; i < lanes; ++i)
    sum += value[i];
  return sum;
}

template <typename T> void softmaxRow(const T *in, T *out, std::int64_t columns, float *row) {
  Vector most[unroll];
  for (Vector &each : most)
    each = Vector{} - INFINITY;
  for (std::int64_t i = 0; i < columns; i += step)
    for (int u = 0; u < unroll; ++u) {
      const Vector x = load(in + i + u * lanes);
      store(row + i + u * lanes, x);
      most[u] = x > most[u] ? x : most[u];
    }
  float largest = -INFINITY;
  for (const Vector &each : most)
    for (int i = 0; i < lanes; ++i)
      largest = each[i] > largest ? each[i] : largest;
  Vector sums[unroll] = {};
  for (std::int64_t i = 0; i < columns; i += step)
    for (int u = 0; u < unroll; ++u) {
      const Vector e = exponential(load(row + i + u * lanes) - largest);
      store(row + i + u * lanes, e);
      sums[u] += e;
    }
  const float scale = 1 / sumOf(sums[0] + sums[1] + (sums[2] + sums[3]));
  for (std::int64_t i = 0; i < columns; i += step)
    for (int u = 0; u < unroll; ++u)
      store(out + i + u * lanes, load(row + i + u * lanes) * scale);
}

template <typename T>
void layerNormRow(const T *x, T *y, const T *w, const T *b, std::int64_t columns, float eps,
                  float *row) {
  Vector sums[unroll] = {};
  for (std::int64_t i = 0; i < columns; i += step)
    for (int u = 0; u < unroll; ++u) {
      const Vector value = load(x + i + u * lanes);
      store(row + i + u * lanes, value);
      sums[u] += value;
    }
  const float mean = sumOf(sums[0] + sums[1] + (sums[2] + sums[3])) / static_cast<float>(columns);
  Vector squares[unroll] = {};
  for (std::int64_t i = 0; i < columns; i += step)
    for (int u = 0; u < unroll; ++u) {
      const Vector centred = load(row + i + u * lanes) - mean;
      squares[u] += centred * centred;
    }
  const float variance =
      sumOf(squares[0] + squares[1] + (squares[2] + squares[3])) / static_cast<float>(columns);
  const float scale = 1 / std::sqrt(variance + eps);
  for (std::int64_t i = 0; i < columns; i += step)
    for (int u = 0; u < unroll; ++u) {
      const std::int64_t at = i + u * lanes;
      store(y + at, (load(row + at) - mean) * scale * load(w + at) + load(b + at));
    }
}

} // namespace

void vectorAdd(const float *x, const float *y, float *out, std::int64_t begin, std::int64_t end) {
  for (std::int64_t i = begin; i < end; ++i)
    out[i] = x[i] + y[i];
}

void softmax(const float *in, float *out, std::int64_t columns, float *row, std::int64_t begin,
             std::int64_t end) {
  for (std::int64_t i = begin; i < end; ++i)
    softmaxRow(in + i * columns, out + i * columns, columns, row);
}

void softmax(const Half *in, Half *out, std::int64_t columns, float *row, std::int64_t begin,
             std::int64_t end) {
  for (std::int64_t i = begin; i < end; ++i)
    softmaxRow(in + i * columns, out + i * columns, columns, row);
}

void layerNorm(const Half *x, Half *y, const Half *w, const Half *b, std::int64_t columns,
               float eps, float *row, std::int64_t begin, std::int64_t end) {
  for (std::int64_t i = begin; i < end; ++i)
    layerNormRow(x + i * columns, y + i * columns, w, b, columns, eps, row);
}

void layerNorm(const float *x, float *y, const float *w, const float *b, std::int64_t columns,
               float eps, float *row, std::int64_t begin, std::int64_t end) {
  for (std::int64_t i = begin; i < end; ++i)
    layerNormRow(x + i * columns, y + i * columns, w, b, columns, eps, row);
}

} // namespace handwritten
