// Shapes, gathers, matrix products, reductions and scans.
#include "core/compiler/reference/Machine.h"
#include "core/compiler/reference/Narrow.h"
#include "core/compiler/reference/TileMath.h"

#include <algorithm>
#include <cstring>
#include <fmt/format.h>

namespace lapidary::reference {

namespace {

template <typename T>
void copyStridedAs(std::span<const std::int64_t> shape, std::span<const std::int64_t> strides, const T *in, T *out) {
  if (shape.empty()) {
    *out = *in;
    return;
  }
  std::int64_t extent = shape.back(), stride = strides.back();
  std::vector<std::int64_t> index(shape.size(), 0);
  while (true) {
    if (stride == 1)
      out = std::copy_n(in, extent, out);
    else if (stride == 0)
      out = std::fill_n(out, extent, *in);
    else
      for (std::int64_t i = 0; i < extent; ++i)
        *out++ = in[i * stride];
    std::size_t d = shape.size() - 1;
    while (d-- > 0) {
      in += strides[d];
      if (++index[d] < shape[d])
        break;
      in -= strides[d] * shape[d];
      index[d] = 0;
    }
    if (d == std::size_t(-1))
      return;
  }
}

// A tile seen as [outer][axis][inner].
struct AxisView {
  std::int64_t outer = 1, extent = 1, inner = 1;
  AxisView(std::span<const std::int64_t> shape, std::size_t axis) {
    for (std::size_t d = 0; d < shape.size(); ++d)
      (d < axis ? outer : d == axis ? extent : inner) *= shape[d];
  }
  std::int64_t others() const { return outer * inner; }
};

// [outer][axis][inner] to [axis][outer][inner], so that one step of a reduction takes whole blocks.
void axisFirst(const AxisView &view, std::int64_t elementBytes, const std::byte *in, std::byte *out) {
  std::int64_t shape[] = {view.extent, view.outer, view.inner};
  std::int64_t strides[] = {view.inner, view.extent * view.inner, 1};
  copyStrided(shape, strides, elementBytes, in, out);
}
void axisBack(const AxisView &view, std::int64_t elementBytes, const std::byte *in, std::byte *out) {
  std::int64_t shape[] = {view.outer, view.extent, view.inner};
  std::int64_t strides[] = {view.inner, view.others(), 1};
  copyStrided(shape, strides, elementBytes, in, out);
}

template <typename A, typename C>
void multiply(std::int64_t m, std::int64_t n, std::int64_t k, const A *a, const A *b, C *c) {
  for (std::int64_t i = 0; i < m; ++i)
    for (std::int64_t l = 0; l < k; ++l) {
      C factor = static_cast<C>(a[i * k + l]);
      const A *row = b + l * n;
      C *sums = c + i * n;
      for (std::int64_t j = 0; j < n; ++j)
        sums[j] += factor * static_cast<C>(row[j]);
    }
}

} // namespace

void copyStrided(std::span<const std::int64_t> shape, std::span<const std::int64_t> strides,
                 std::int64_t elementBytes, const std::byte *in, std::byte *out) {
  if (elementBytes == 4)
    copyStridedAs(shape, strides, reinterpret_cast<const std::uint32_t *>(in), reinterpret_cast<std::uint32_t *>(out));
  else
    copyStridedAs(shape, strides, reinterpret_cast<const std::uint64_t *>(in), reinterpret_cast<std::uint64_t *>(out));
}

void Machine::concatenate(const Instruction &instruction) {
  std::byte *out = data<std::byte>(instruction.results[0]);
  for (int operand : instruction.operands) {
    std::memcpy(out, data(operand), bytesOf(operand));
    out += bytesOf(operand);
  }
}

void Machine::join(const Instruction &instruction) {
  std::int64_t count = info(instruction.operands[0]).count;
  auto run = [&](auto *out) {
    using T = std::remove_pointer_t<decltype(out)>;
    const T *left = data<T>(instruction.operands[0]), *right = data<T>(instruction.operands[1]);
    for (std::int64_t i = 0; i < count; ++i) {
      out[2 * i] = left[i];
      out[2 * i + 1] = right[i];
    }
  };
  if (storageBytes(info(instruction.results[0]).element) == 4)
    run(data<std::uint32_t>(instruction.results[0]));
  else
    run(data<std::uint64_t>(instruction.results[0]));
}

void Machine::split(const Instruction &instruction) {
  std::int64_t count = info(instruction.results[0]).count;
  auto run = [&](const auto *in) {
    using T = std::remove_const_t<std::remove_pointer_t<decltype(in)>>;
    T *left = data<T>(instruction.results[0]), *right = data<T>(instruction.results[1]);
    for (std::int64_t i = 0; i < count; ++i) {
      left[i] = in[2 * i];
      right[i] = in[2 * i + 1];
    }
  };
  if (storageBytes(info(instruction.operands[0]).element) == 4)
    run(data<const std::uint32_t>(instruction.operands[0]));
  else
    run(data<const std::uint64_t>(instruction.operands[0]));
}

bool Machine::gather(const Instruction &instruction) {
  auto axis = static_cast<std::size_t>(instruction.numbers[0]);
  AxisView from(info(instruction.operands[0]).shape, axis), to(info(instruction.results[0]).shape, axis);
  const std::int64_t *indices = data(instruction.operands[1]);
  std::int64_t elementBytes = storageBytes(info(instruction.results[0]).element);
  const std::byte *in = data<std::byte>(instruction.operands[0]);
  std::byte *out = data<std::byte>(instruction.results[0]);
  for (std::int64_t i = 0; i < info(instruction.results[0]).count; ++i) {
    std::int64_t index = indices[i];
    if (index < 0 || index >= from.extent)
      return fail(instruction, fmt::format("gathers element {}, the tile has {}", index, from.extent));
    std::int64_t outer = i / (to.extent * to.inner), inner = i % to.inner;
    std::int64_t source = (outer * from.extent + index) * from.inner + inner;
    std::memcpy(out + i * elementBytes, in + source * elementBytes, static_cast<std::size_t>(elementBytes));
  }
  return true;
}

void Machine::histogram(const Instruction &instruction) {
  int result = instruction.results[0];
  std::int64_t bins = info(result).count;
  const std::int64_t *in = data(instruction.operands[0]);
  const std::int64_t *mask = instruction.operands[1] >= 0 ? data(instruction.operands[1]) : nullptr;
  std::fill_n(data(result), bins, 0);
  for (std::int64_t i = 0; i < info(instruction.operands[0]).count; ++i)
    if ((!mask || mask[i]) && in[i] >= 0 && in[i] < bins)
      ++data(result)[in[i]];
}

void Machine::dot(const Instruction &instruction) {
  int a = instruction.operands[0], b = instruction.operands[1], c = instruction.operands[2];
  int result = instruction.results[0];
  const std::vector<std::int64_t> &left = info(a).shape, &right = info(b).shape;
  std::size_t rank = left.size();
  std::int64_t m = left[rank - 2], k = left[rank - 1], n = right[rank - 1];
  std::int64_t batches = info(a).count / (m * k);
  std::memcpy(data(result), data(c), bytesOf(c));
  Element element = info(result).element;
  for (std::int64_t batch = 0; batch < batches; ++batch) {
    std::int64_t atA = batch * m * k, atB = batch * k * n, atC = batch * m * n;
    if (storageOf(element) == Storage::Integer)
      multiply(m, n, k, data(a) + atA, data(b) + atB, data(result) + atC);
    else if (storageOf(info(a).element) == Storage::Double)
      multiply(m, n, k, data<double>(a) + atA, data<double>(b) + atB, data<double>(result) + atC);
    else if (storageOf(element) == Storage::Double)
      multiply(m, n, k, data<float>(a) + atA, data<float>(b) + atB, data<double>(result) + atC);
    else
      multiply(m, n, k, data<float>(a) + atA, data<float>(b) + atB, data<float>(result) + atC);
  }
  std::size_t count = static_cast<std::size_t>(info(result).count);
  if (storageOf(element) == Storage::Float)
    roundElements(element, count, data<float>(result));
  else if (storageOf(element) == Storage::Integer)
    for (std::size_t i = 0; i < count; ++i)
      data(result)[i] = wrapInteger(element, data(result)[i]);
}

// out = region(left, right) over `count` elements of each value; out may be left or right.
bool Machine::combine(const Instruction &instruction, std::span<std::byte *const> left,
                      std::span<std::byte *const> right, std::span<std::byte *const> out, std::size_t count) {
  const Region &region = instruction.regions[0];
  const std::vector<int> &arguments = region.blocks.front().arguments;
  std::size_t values = left.size();
  auto place = [&](int value) -> std::byte *& { return places[static_cast<std::size_t>(value)]; };
  auto size = [&](std::size_t i) { return static_cast<std::size_t>(storageBytes(info(arguments[i]).element)); };

  // All lanes in one run, or one element a run where the region branches.
  std::size_t step = region.lanewise ? count : 1, lanesBefore = lanes;
  bool ok = true;
  for (std::size_t done = 0; done < count && ok; done += step) {
    for (std::size_t i = 0; i < values; ++i) {
      place(arguments[i]) = left[i] + done * size(i);
      place(arguments[values + i]) = right[i] + done * size(i);
    }
    lanes = region.lanewise ? count : 0;
    const Instruction *end = runRegion(region);
    lanes = lanesBefore;
    ok = end != nullptr;
    if (!ok)
      break;
    // A result may be an argument handed through: copied aside first when there are several.
    if (values == 1) {
      std::memmove(out[0] + done * size(0), place(end->operands[0]), step * size(0));
      continue;
    }
    std::size_t total = 0;
    for (std::size_t i = 0; i < values; ++i)
      total += step * size(i);
    staging.resize(total);
    std::byte *at = staging.data();
    for (std::size_t i = 0; i < values; ++i, at += step * size(i - 1))
      std::memcpy(at, place(end->operands[i]), step * size(i));
    at = staging.data();
    for (std::size_t i = 0; i < values; ++i, at += step * size(i - 1))
      std::memcpy(out[i] + done * size(i), at, step * size(i));
  }
  return ok;
}

// Halves of the axis are combined until one element is left: log2 steps, each over whole blocks, and
// the rounding errors of a pairwise sum. numbers: axis, then a work value for each source.
bool Machine::reduce(const Instruction &instruction) {
  std::size_t values = instruction.operands.size();
  AxisView view(info(instruction.operands[0]).shape, static_cast<std::size_t>(instruction.numbers[0]));
  std::vector<std::byte *> left(values), right(values);
  for (std::size_t i = 0; i < values; ++i) {
    left[i] = data<std::byte>(static_cast<int>(instruction.numbers[1 + i]));
    axisFirst(view, storageBytes(info(instruction.operands[i]).element), data<std::byte>(instruction.operands[i]),
              left[i]);
  }
  for (std::int64_t extent = view.extent; extent > 1; extent /= 2) {
    std::int64_t half = extent / 2 * view.others();
    for (std::size_t i = 0; i < values; ++i)
      right[i] = left[i] + half * storageBytes(info(instruction.operands[i]).element);
    if (!combine(instruction, left, right, left, static_cast<std::size_t>(half)))
      return false;
  }
  for (std::size_t i = 0; i < values; ++i)
    std::memcpy(data(instruction.results[i]), left[i], bytesOf(instruction.results[i]));
  return true;
}

// Along the axis one step after another. numbers: axis, whether reversed, then the work values.
bool Machine::scan(const Instruction &instruction) {
  std::size_t values = instruction.operands.size();
  AxisView view(info(instruction.operands[0]).shape, static_cast<std::size_t>(instruction.numbers[0]));
  bool reverse = instruction.numbers[1] != 0;
  std::vector<std::byte *> work(values), so_far(values), next(values);
  auto size = [&](std::size_t i) { return storageBytes(info(instruction.operands[i]).element); };
  for (std::size_t i = 0; i < values; ++i) {
    work[i] = data<std::byte>(static_cast<int>(instruction.numbers[2 + i]));
    axisFirst(view, size(i), data<std::byte>(instruction.operands[i]), work[i]);
  }
  for (std::int64_t step = 1; step < view.extent; ++step) {
    std::int64_t from = reverse ? view.extent - step : step - 1, to = reverse ? from - 1 : step;
    for (std::size_t i = 0; i < values; ++i) {
      so_far[i] = work[i] + from * view.others() * size(i);
      next[i] = work[i] + to * view.others() * size(i);
    }
    if (!combine(instruction, so_far, next, next, static_cast<std::size_t>(view.others())))
      return false;
  }
  for (std::size_t i = 0; i < values; ++i)
    axisBack(view, size(i), work[i], data<std::byte>(instruction.results[i]));
  return true;
}

// Groups of `pack` neighbours: arguments are source 0's elements, then source 1's, ... likewise results.
bool Machine::mapElementwise(const Instruction &instruction) {
  auto pack = static_cast<std::size_t>(instruction.numbers[0]);
  const Region &region = instruction.regions[0];
  const std::vector<int> &arguments = region.blocks.front().arguments;
  std::size_t count = static_cast<std::size_t>(info(instruction.operands[0]).count);
  auto copyElement = [&](std::byte *to, const std::byte *from, int value) {
    std::memcpy(to, from, static_cast<std::size_t>(storageBytes(info(value).element)));
  };
  auto element = [&](int value, std::size_t index) {
    return data<std::byte>(value) + index * static_cast<std::size_t>(storageBytes(info(value).element));
  };
  for (std::size_t group = 0; group < count; group += pack) {
    for (std::size_t s = 0; s < instruction.operands.size(); ++s)
      for (std::size_t i = 0; i < pack; ++i)
        copyElement(data<std::byte>(arguments[s * pack + i]), element(instruction.operands[s], group + i),
                    instruction.operands[s]);
    const Instruction *end = runRegion(region);
    if (!end)
      return false;
    for (std::size_t r = 0; r < instruction.results.size(); ++r)
      for (std::size_t i = 0; i < pack; ++i)
        copyElement(element(instruction.results[r], group + i), data<std::byte>(end->operands[r * pack + i]),
                    instruction.results[r]);
  }
  return true;
}

} // namespace lapidary::reference
