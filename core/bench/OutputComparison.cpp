#include "core/bench/OutputComparison.h"

#include "core/support/FloatFormat.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <fmt/format.h>

namespace lapidary {

double toleranceFor(DType type) {
  switch (type) {
  case DType::Fp64:
    return 1e-9;
  case DType::Fp32:
    return 1e-4;
  case DType::Fp16:
    return 4e-3;
  case DType::BF16:
    return 3.2e-2;
  case DType::Fp8E5:
  case DType::Fp8E5B16:
    return 0.3;
  case DType::Fp8E4NV:
  case DType::Fp8E4B8:
  case DType::Fp8E4B15:
    return 0.15;
  default:
    return 0;
  }
}

namespace {

constexpr std::size_t chunk = 1024;

// Elements as doubles, for the arithmetic of the comparison; equality of integers is decided on
// bits.
void decodeElements(DType type, const std::byte *from, double *to, std::size_t count) {
  if (isFloating(type))
    return decodeFloats(type, from, to, count);
  int size = dtypeBytes(type), unused = 64 - size * 8;
  for (std::size_t i = 0; i < count; ++i) {
    std::uint64_t bits = 0;
    std::memcpy(&bits, from + i * size, static_cast<std::size_t>(size));
    to[i] = isSignedInteger(type)
                ? static_cast<double>(static_cast<std::int64_t>(bits << unused) >> unused)
                : static_cast<double>(bits);
  }
}

class Comparison {
public:
  Comparison(DType type, std::span<const std::byte> expected, std::span<const std::byte> actual,
             bool poisoned)
      : type(type), size(static_cast<std::size_t>(dtypeBytes(type))), expected(expected),
        actual(actual), count(std::min(expected.size(), actual.size()) / size), poisoned(poisoned),
        tolerance(toleranceFor(type)) {
    poisonElements(type, Poison::Reference, std::span(referencePoison).first(size));
    poisonElements(type, Poison::Device, std::span(devicePoison).first(size));
  }

  void run() {
    measureReference();
    std::array<double, chunk> reference, output;
    for (std::size_t begin = 0; begin < count; begin += chunk) {
      std::size_t n = std::min(chunk, count - begin);
      const std::byte *want = expected.data() + begin * size, *got = actual.data() + begin * size;
      if (std::memcmp(want, got, n * size) == 0)
        continue;
      decodeElements(type, want, reference.data(), n);
      decodeElements(type, got, output.data(), n);
      for (std::size_t i = 0; i < n; ++i)
        if (std::memcmp(want + i * size, got + i * size, size) != 0)
          element(begin + i, reference[i], output[i]);
    }
  }

  OutputCheck report(const std::string &argument, std::int64_t offset) const {
    OutputCheck check;
    check.argument = argument;
    check.ok = wrong == 0;
    check.maxAbsolute = maxAbsolute;
    check.maxRelative = maxRelative;
    check.normRelative = squaredReference > 0 ? std::sqrt(squaredDifference / squaredReference)
                                              : std::sqrt(squaredDifference);
    check.tolerance = tolerance;
    if (wrong > 0) {
      check.firstWrong = static_cast<std::int64_t>(firstWrong) - offset;
      std::string got = neverWritten ? "was never written" : fmt::format("is {:.9g}", firstOutput);
      std::string want = writtenBeyond ? "should not have been written"
                                       : fmt::format("should be {:.9g}", firstReference);
      check.message = fmt::format("{}[{}] {} and {}; {} of {} elements differ by more than the "
                                  "tolerance {:g}",
                                  argument, check.firstWrong, got, want, wrong, count, tolerance);
    }
    return check;
  }

private:
  void measureReference() {
    std::array<double, chunk> reference;
    std::size_t finite = 0;
    for (std::size_t begin = 0; begin < count; begin += chunk) {
      std::size_t n = std::min(chunk, count - begin);
      decodeElements(type, expected.data() + begin * size, reference.data(), n);
      for (std::size_t i = 0; i < n; ++i)
        if (std::isfinite(reference[i]) && !isPoison(expected, begin + i, referencePoison)) {
          squaredReference += reference[i] * reference[i];
          ++finite;
        }
    }
    rms = finite > 0 ? std::sqrt(squaredReference / static_cast<double>(finite)) : 0;
  }

  bool isPoison(std::span<const std::byte> storage, std::size_t index,
                const std::array<std::byte, 8> &pattern) const {
    return poisoned && std::memcmp(storage.data() + index * size, pattern.data(), size) == 0;
  }

  void element(std::size_t index, double reference, double output) {
    bool outputIsPoison = isPoison(actual, index, devicePoison);
    bool referenceIsPoison = isPoison(expected, index, referencePoison);
    if (outputIsPoison && referenceIsPoison)
      return;
    bool ok = !outputIsPoison && !referenceIsPoison && agrees(reference, output);
    if (ok)
      return;
    if (wrong++ == 0) {
      firstWrong = index;
      firstReference = reference;
      firstOutput = output;
      neverWritten = outputIsPoison;
      writtenBeyond = referenceIsPoison;
    }
  }

  bool agrees(double reference, double output) {
    if (std::isnan(reference) || std::isnan(output))
      return std::isnan(reference) && std::isnan(output);
    if (reference == output)
      return isFloating(type); // integers got here because their bits differ
    if (std::isinf(reference) || std::isinf(output))
      return false;
    double difference = std::abs(output - reference), magnitude = std::abs(reference);
    maxAbsolute = std::max(maxAbsolute, difference);
    if (magnitude > 0)
      maxRelative = std::max(maxRelative, difference / magnitude);
    squaredDifference += difference * difference;
    return difference <= tolerance * (magnitude + rms);
  }

  DType type;
  std::size_t size;
  std::span<const std::byte> expected, actual;
  std::size_t count;
  bool poisoned;
  double tolerance;
  std::array<std::byte, 8> referencePoison{}, devicePoison{};

  double rms = 0, squaredReference = 0, squaredDifference = 0, maxAbsolute = 0, maxRelative = 0;
  std::int64_t wrong = 0;
  std::size_t firstWrong = 0;
  double firstReference = 0, firstOutput = 0;
  bool neverWritten = false, writtenBeyond = false;
};

} // namespace

OutputCheck compareOutput(const std::string &argument, DType type,
                          std::span<const std::byte> expected, std::span<const std::byte> actual,
                          bool poisoned, std::int64_t offset) {
  Comparison comparison(type, expected, actual, poisoned);
  comparison.run();
  return comparison.report(argument, offset);
}

} // namespace lapidary
