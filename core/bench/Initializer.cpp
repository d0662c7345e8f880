#include "core/bench/Initializer.h"

#include "core/bench/Npy.h"
#include "core/bench/Random.h"
#include "core/support/FloatFormat.h"
#include "core/support/Hash.h"
#include "core/support/Parallel.h"

#include <charconv>
#include <cmath>
#include <cstring>
#include <fmt/format.h>
#include <vector>

namespace lapidary {

static constexpr std::int64_t fillGrain = 1 << 16;

// Mean 0, deviation 1, a multiple of 2^-22, below 6 in magnitude: twelve uniform numbers of 21 bits
// (three to a draw), summed. Uses draws 4n to 4n + 3.
static double normalNumber(std::uint64_t seed, std::uint64_t n) {
  constexpr std::uint64_t field = (1 << 21) - 1;
  std::int64_t sum = 0;
  for (std::uint64_t draw = 0; draw < 4; ++draw) {
    std::uint64_t bits = randomBits(seed, 4 * n + draw);
    sum += static_cast<std::int64_t>((bits & field) + (bits >> 21 & field) + (bits >> 42 & field));
  }
  return static_cast<double>(2 * sum + 12 - 12 * (std::int64_t(1) << 21)) * 0x1p-22;
}

static double uniformNumber(std::uint64_t seed, std::uint64_t n) {
  return static_cast<double>(randomBits(seed, n) >> 11) * 0x1p-53;
}

static void storeBits(std::byte *at, std::uint64_t bits, int size) {
  std::memcpy(at, &bits, size);
}

// Stores bitsAt(index) into every element of the storage, on all cores.
template <typename BitsAt>
static void fillElements(std::span<std::byte> storage, int size, const BitsAt &bitsAt) {
  std::int64_t count = static_cast<std::int64_t>(storage.size()) / size;
  parallelRanges(count, fillGrain, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t i = begin; i < end; ++i)
      storeBits(storage.data() + i * size, bitsAt(static_cast<std::uint64_t>(i)), size);
  });
}

static std::uint64_t encodeInteger(DType type, std::int64_t value) {
  return isFloating(type)      ? encodeFloat(type, static_cast<double>(value))
         : type == DType::Int1 ? value != 0
                               : static_cast<std::uint64_t>(value);
}

static void fillNormal(DType type, std::uint64_t seed, std::span<std::byte> storage) {
  int size = dtypeBytes(type);
  if (isFloating(type))
    fillElements(storage, size,
                 [=](std::uint64_t i) { return encodeFloat(type, normalNumber(seed, i)); });
  else if (type == DType::Int1)
    fillElements(storage, size, [=](std::uint64_t i) { return randomBits(seed, i) >> 63; });
  else
    fillElements(storage, size, [=](std::uint64_t i) {
      auto value = static_cast<std::int64_t>(std::nearbyint(4 * normalNumber(seed, i)));
      return static_cast<std::uint64_t>(isUnsignedInteger(type) ? std::abs(value) : value);
    });
}

static void fillUniform(DType type, std::uint64_t seed, std::span<std::byte> storage) {
  int size = dtypeBytes(type);
  if (isFloating(type))
    fillElements(storage, size,
                 [=](std::uint64_t i) { return encodeFloat(type, uniformNumber(seed, i)); });
  else if (type == DType::Int1)
    fillElements(storage, size, [=](std::uint64_t i) { return randomBits(seed, i) >> 63; });
  else
    fillElements(storage, size, [=](std::uint64_t i) { return randomBits(seed, i); });
}

static Result<void> fillRandomIntegers(const std::string &bounds, DType type, std::uint64_t seed,
                                       std::span<std::byte> storage) {
  std::int64_t low = 0, high = 0;
  const char *end = bounds.data() + bounds.size();
  auto first = std::from_chars(bounds.data(), end, low);
  bool ok = first.ec == std::errc() && first.ptr != end && *first.ptr == ':';
  if (ok) {
    auto second = std::from_chars(first.ptr + 1, end, high);
    ok = second.ec == std::errc() && second.ptr == end;
  }
  if (!ok || low >= high)
    return fail(ErrorCode::InvalidInput,
                "randint needs two whole numbers, the first below the second: randint:0:100");
  int bits = dtypeBits(type);
  if (!isFloating(type) && bits < 64) {
    std::int64_t smallest = isSignedInteger(type) ? -(std::int64_t(1) << (bits - 1)) : 0;
    std::int64_t largest = (std::int64_t(1) << (isSignedInteger(type) ? bits - 1 : bits)) - 1;
    if (low < smallest || high - 1 > largest)
      return fail(ErrorCode::InvalidInput,
                  fmt::format("randint:{}:{} does not fit {}, which holds {} to {}", low, high,
                              dtypeName(type), smallest, largest));
  }
  std::uint64_t range = static_cast<std::uint64_t>(high) - static_cast<std::uint64_t>(low);
  fillElements(storage, dtypeBytes(type), [=](std::uint64_t i) {
    auto wide = static_cast<unsigned __int128>(randomBits(seed, i)) * range;
    return encodeInteger(type, low + static_cast<std::int64_t>(wide >> 64));
  });
  return {};
}

// Calls visit(row-major index, element offset from the storage's start) for the whole shape.
template <typename Visit>
static void forEachElement(const TensorArgument &tensor, const Visit &visit) {
  std::size_t rank = tensor.shape.size();
  std::vector<std::int64_t> index(rank, 0);
  for (std::int64_t extent : tensor.shape)
    if (extent == 0)
      return;
  std::int64_t position = tensor.offset;
  for (std::int64_t linear = 0;; ++linear) {
    visit(linear, position);
    std::size_t d = rank;
    while (d > 0) {
      --d;
      position += tensor.strides[d];
      if (++index[d] < tensor.shape[d])
        break;
      position -= tensor.strides[d] * tensor.shape[d];
      index[d] = 0;
      if (d == 0)
        return;
    }
    if (rank == 0)
      return;
  }
}

static void fillOneHot(const TensorArgument &tensor, std::uint64_t seed,
                       std::span<std::byte> storage) {
  std::int64_t columns = tensor.shape.empty() ? 1 : tensor.shape.back();
  int size = dtypeBytes(tensor.dtype);
  std::uint64_t one = encodeInteger(tensor.dtype, 1);
  forEachElement(tensor, [&](std::int64_t linear, std::int64_t position) {
    auto row = static_cast<std::uint64_t>(linear / columns);
    auto wide =
        static_cast<unsigned __int128>(randomBits(seed, row)) * static_cast<std::uint64_t>(columns);
    if (linear % columns == static_cast<std::int64_t>(wide >> 64))
      storeBits(storage.data() + position * size, one, size);
  });
}

static Result<void> fillFromFile(const TensorArgument &tensor, const std::string &path,
                                 std::span<std::byte> storage) {
  Result<NpyArray> array = readNpy(path);
  if (!array)
    return std::unexpected(array.error());
  if (array->shape != tensor.shape)
    return fail(ErrorCode::InvalidInput,
                fmt::format("{} holds an array of shape ({}), the tensor has shape ({})", path,
                            fmt::join(array->shape, ", "), fmt::join(tensor.shape, ", ")));
  int size = dtypeBytes(tensor.dtype);
  Result<void> convertible = array->checkConversion(tensor.dtype);
  if (!convertible)
    return convertible;
  forEachElement(tensor, [&](std::int64_t linear, std::int64_t position) {
    storeBits(storage.data() + position * size, array->element(linear, tensor.dtype), size);
  });
  return {};
}

static Result<void> fill(const TensorArgument &tensor, std::uint64_t seed,
                         std::span<std::byte> storage) {
  const std::string &init = tensor.init;
  int size = dtypeBytes(tensor.dtype);
  if (init == "normal") {
    fillNormal(tensor.dtype, seed, storage);
    return {};
  }
  if (init == "uniform") {
    fillUniform(tensor.dtype, seed, storage);
    return {};
  }
  if (init == "ones") {
    std::uint64_t one = encodeInteger(tensor.dtype, 1);
    fillElements(storage, size, [=](std::uint64_t) { return one; });
    return {};
  }
  if (init.starts_with("randint:"))
    return fillRandomIntegers(init.substr(8), tensor.dtype, seed, storage);

  std::memset(storage.data(), 0, storage.size());
  if (init == "zeros")
    return {};
  if (init == "arange") {
    forEachElement(tensor, [&](std::int64_t linear, std::int64_t position) {
      storeBits(storage.data() + position * size, encodeInteger(tensor.dtype, linear), size);
    });
    return {};
  }
  if (init == "onehot") {
    fillOneHot(tensor, seed, storage);
    return {};
  }
  if (init.starts_with("file:"))
    return fillFromFile(tensor, init.substr(5), storage);
  return fail(
      ErrorCode::InvalidInput,
      "unknown init '" + init +
          "'; known are normal, uniform, zeros, ones, arange, randint:LO:HI, onehot, file:PATH");
}

Result<void> initializeTensor(const TensorArgument &tensor, const std::string &name,
                              std::uint64_t seed, std::span<std::byte> storage) {
  Result<void> filled = fill(tensor, stableHash(name, seed), storage);
  if (!filled) {
    Error error = filled.error();
    error.message = "argument " + name + ": " + error.message;
    error.context = name;
    return std::unexpected(std::move(error));
  }
  return filled;
}

static std::uint64_t poisonBits(DType type, Poison kind) {
  bool device = kind == Poison::Device;
  switch (type) {
  case DType::Fp64:
    return device ? 0x7ff8dead7ff8deadu : 0x7ffabad07ffabad0u;
  case DType::Fp32:
    return device ? 0x7fc0deadu : 0x7fdabad0u;
  case DType::Fp16:
    return device ? 0x7eadu : 0x7f52u;
  case DType::BF16:
    return device ? 0x7feau : 0x7fd5u;
  case DType::Fp8E5:
    return device ? 0x7fu : 0xfeu;
  case DType::Fp8E4NV:
    return device ? 0x7fu : 0xffu;
  default: // one NaN or none at all: an improbable value
    return device ? 0xadadadadadadadadu : 0x5252525252525252u;
  }
}

void poisonElements(DType type, Poison kind, std::span<std::byte> storage) {
  std::uint64_t bits = poisonBits(type, kind);
  fillElements(storage, dtypeBytes(type), [=](std::uint64_t) { return bits; });
}

} // namespace lapidary
