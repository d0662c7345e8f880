// What a person writes in C++ for the sample kernels when it must be fast: the yardstick of
// CpuBench. Each function does the rows or elements [begin, end).
#pragma once

#include <cstdint>

namespace handwritten {

using Half = std::uint16_t;

void vectorAdd(const float *x, const float *y, float *out, std::int64_t begin, std::int64_t end);
// `row` has room for `columns` floats.
void softmax(const float *in, float *out, std::int64_t columns, float *row, std::int64_t begin,
             std::int64_t end);
void softmax(const Half *in, Half *out, std::int64_t columns, float *row, std::int64_t begin,
             std::int64_t end);
void layerNorm(const Half *x, Half *y, const Half *w, const Half *b, std::int64_t columns,
               float eps, float *row, std::int64_t begin, std::int64_t end);
void layerNorm(const float *x, float *y, const float *w, const float *b, std::int64_t columns,
               float eps, float *row, std::int64_t begin, std::int64_t end);

} // namespace handwritten
