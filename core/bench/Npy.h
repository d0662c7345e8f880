// Reads NumPy's .npy format, versions 1 to 3 (numpy.lib.format), for `init: file:PATH`.
#pragma once

#include "core/support/DType.h"
#include "core/support/Result.h"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace lapidary {

struct NpyArray {
  std::vector<std::int64_t> shape;
  char kind = 'f'; // 'f', 'i', 'u', 'b', and 'V': raw elements, as ml_dtypes writes bf16 and fp8
  int itemBytes = 4;
  bool fortranOrder = false;
  std::string data; // little-endian elements

  // Whether elements become `type` without surprise: numbers of any kind do (floats are rounded,
  // integers must not lose bits by their width), raw ones only where the width agrees.
  Result<void> checkConversion(DType type) const;
  // The element at a row-major index, as the bits of `type`.
  std::uint64_t element(std::int64_t rowMajorIndex, DType type) const;
};

// Errors: NotFound, Unreadable, InvalidInput (not .npy, truncated, big-endian, objects).
Result<NpyArray> readNpy(const std::filesystem::path &path);
Result<NpyArray> parseNpy(std::string bytes, const std::string &context);

} // namespace lapidary
