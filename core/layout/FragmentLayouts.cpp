#include "core/layout/FragmentLayouts.h"

#include <algorithm>
#include <bit>
#include <cassert>
#include <fmt/format.h>

namespace lapidary {

std::string dimName(std::size_t dim) {
  return fmt::format("dim{}", dim);
}

static bool isPowerOfTwo(std::int64_t value) {
  return value >= 1 && std::has_single_bit(static_cast<std::uint64_t>(value));
}

static std::string checkSizes(std::string_view what, const std::vector<std::int64_t> &sizes,
                              std::size_t rank) {
  if (sizes.size() != rank)
    return fmt::format("{} has {} dimensions, not {}", what, sizes.size(), rank);
  for (std::int64_t size : sizes)
    if (!isPowerOfTwo(size))
      return fmt::format("{} has a size of {}, which is no power of two", what, size);
  return {};
}

static std::string checkOrder(const std::vector<int> &order, std::size_t rank) {
  std::vector<int> sorted = order;
  std::ranges::sort(sorted);
  for (std::size_t i = 0; i < sorted.size(); ++i)
    if (sorted[i] != static_cast<int>(i))
      sorted.clear();
  if (sorted.size() != rank || order.size() != rank)
    return fmt::format("the order does not name each of {} dimensions once", rank);
  return {};
}

static std::vector<std::string> dimNames(std::size_t rank) {
  std::vector<std::string> names;
  for (std::size_t dim = 0; dim < rank; ++dim)
    names.push_back(dimName(dim));
  return names;
}

// A box of `sizes` numbered by `input`, the first dimension of `order` fastest.
static LinearLayout box(std::string_view input, const std::vector<std::int64_t> &sizes,
                        const std::vector<int> &order) {
  LinearLayout result;
  for (int dim : order) {
    auto index = static_cast<std::size_t>(dim);
    result = result * LinearLayout::identity(sizes[index], input, dimName(index));
  }
  return result;
}

LinearLayout coverShape(LinearLayout layout, const std::vector<std::int64_t> &shape,
                        const std::vector<int> &order) {
  assert(checkSizes("the tensor", shape, shape.size()).empty() &&
         checkOrder(order, shape.size()).empty());
  std::vector<std::int64_t> repeats(shape.size(), 1);
  for (std::size_t dim = 0; dim < shape.size(); ++dim) {
    std::string name = dimName(dim);
    std::int64_t size = layout.hasOutput(name) ? layout.outputSize(name) : 1;
    if (size > shape[dim])
      layout = layout.modulo(name, shape[dim]);
    else
      repeats[dim] = shape[dim] / size;
  }
  return (layout * box("register", repeats, order)).withOutputOrder(dimNames(shape.size()));
}

Result<LinearLayout> blockedLayout(const std::vector<std::int64_t> &shape,
                                   const BlockedTile &tile) {
  std::size_t rank = shape.size();
  for (std::string problem :
       {checkSizes("the tensor", shape, rank),
        checkSizes("the box of a thread", tile.sizePerThread, rank),
        checkSizes("the lanes of a warp", tile.threadsPerWarp, rank),
        checkSizes("the warps of a block", tile.warpsPerBlock, rank), checkOrder(tile.order, rank)})
    if (!problem.empty())
      return fail(ErrorCode::InvalidInput, "blocked layout: " + problem);
  return coverShape(box("register", tile.sizePerThread, tile.order) *
                        box("lane", tile.threadsPerWarp, tile.order) *
                        box("warp", tile.warpsPerBlock, tile.order),
                    shape, tile.order);
}

LinearLayout slicedLayout(const LinearLayout &layout, int dim) {
  std::vector<std::string> inputs, outputs;
  for (const Axis &axis : layout.inputs())
    inputs.push_back(axis.name);
  for (const Axis &axis : layout.outputs())
    if (axis.name != dimName(static_cast<std::size_t>(dim)))
      outputs.push_back(axis.name);
  LinearLayout result = layout.sublayout(inputs, outputs);
  for (std::size_t above = static_cast<std::size_t>(dim) + 1; result.hasOutput(dimName(above));
       ++above)
    result = result.renamed(dimName(above), dimName(above - 1));
  return result.hasInput("register") ? result.withoutCopies("register") : result;
}

Result<LinearLayout> swizzledLayout(const std::vector<std::int64_t> &shape,
                                    const std::vector<int> &order, const Swizzle &swizzle) {
  for (std::string problem :
       {checkSizes("the tensor", shape, 2), checkOrder(order, 2),
        checkSizes("the swizzle", {swizzle.vector, swizzle.rowsPerPhase, swizzle.phases}, 3)})
    if (!problem.empty())
      return fail(ErrorCode::InvalidInput, "swizzled layout: " + problem);

  auto columnDim = static_cast<std::size_t>(order[0]), rowDim = static_cast<std::size_t>(order[1]);
  std::int64_t columns = shape[columnDim], rows = shape[rowDim];
  LinearLayout::Images offset{"offset", {}};
  auto add = [&](std::int64_t row, std::int64_t column) {
    std::vector<std::int64_t> at(2);
    at[rowDim] = row;
    at[columnDim] = column;
    offset.ofPowers.push_back(at);
  };
  for (std::int64_t column = 1; column < columns; column *= 2)
    add(0, column);
  for (std::int64_t row = 1; row < rows; row *= 2)
    add(row, row / swizzle.rowsPerPhase % swizzle.phases * swizzle.vector % columns);
  return LinearLayout::make({offset}, {{dimName(0), shape[0]}, {dimName(1), shape[1]}});
}

// --- matrix instructions
// -------------------------------------------------------------------------------

// A fragment that is written down below; it is right by construction.
static LinearLayout fragment(std::vector<std::vector<std::int64_t>> registers,
                             std::vector<std::vector<std::int64_t>> lanes, std::int64_t rows,
                             std::int64_t columns) {
  return LinearLayout::make({{"register", std::move(registers)}, {"lane", std::move(lanes)}},
                            {{dimName(0), rows}, {dimName(1), columns}})
      .value();
}

LinearLayout nvidiaAccumulator() {
  return fragment({{0, 1}, {8, 0}}, {{0, 2}, {0, 4}, {1, 0}, {2, 0}, {4, 0}}, 16, 8);
}

LinearLayout nvidiaOperand(Operand operand, int bits) {
  assert(bits >= 4 && bits <= 32 && std::has_single_bit(static_cast<unsigned>(bits)));
  // Neighbours in a register, then the four lanes of a group along k; the groups along the other
  // dimension; then A's second half of rows, then the second half of k.
  std::int64_t packed = 32 / bits, k = 8 * packed;
  std::vector<std::vector<std::int64_t>> registers, lanes;
  auto place = [&](std::int64_t outer, std::int64_t along) {
    return operand == Operand::A ? std::vector{outer, along} : std::vector{along, outer};
  };
  for (std::int64_t step = 1; step < packed; step *= 2)
    registers.push_back(place(0, step));
  if (operand == Operand::A)
    registers.push_back(place(8, 0));
  registers.push_back(place(0, 4 * packed));
  for (std::int64_t step : {packed, 2 * packed})
    lanes.push_back(place(0, step));
  for (std::int64_t step : {1, 2, 4})
    lanes.push_back(place(step, 0));
  return operand == Operand::A ? fragment(registers, lanes, 16, k)
                               : fragment(registers, lanes, k, 8);
}

LinearLayout mfmaAccumulator(int size) {
  assert(size == 16 || size == 32);
  if (size == 16)
    return fragment({{1, 0}, {2, 0}}, {{0, 1}, {0, 2}, {0, 4}, {0, 8}, {4, 0}, {8, 0}}, 16, 16);
  return fragment({{1, 0}, {2, 0}, {8, 0}, {16, 0}},
                  {{0, 1}, {0, 2}, {0, 4}, {0, 8}, {0, 16}, {4, 0}}, 32, 32);
}

LinearLayout wmmaAccumulator(int generation) {
  assert(generation == 3 || generation == 4);
  if (generation == 3)
    return fragment({{2, 0}, {4, 0}, {8, 0}}, {{0, 1}, {0, 2}, {0, 4}, {0, 8}, {1, 0}}, 16, 16);
  return fragment({{1, 0}, {2, 0}, {4, 0}}, {{0, 1}, {0, 2}, {0, 4}, {0, 8}, {8, 0}}, 16, 16);
}

} // namespace lapidary
