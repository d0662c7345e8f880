#include "core/layout/LinearLayout.h"

#include "core/layout/Span.h"

#include <algorithm>
#include <bit>
#include <cassert>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <numeric>

namespace lapidary {

static constexpr int maximumBits = 62;

int Axis::bits() const {
  return std::countr_zero(static_cast<std::uint64_t>(size));
}

// --- axes and the bits they take
// -----------------------------------------------------------------------

static int totalBits(const std::vector<Axis> &axes) {
  return std::accumulate(axes.begin(), axes.end(), 0,
                         [](int bits, const Axis &axis) { return bits + axis.bits(); });
}

// The place of an axis and of its lowest bit; place -1 when there is no such axis.
struct Place {
  int index = -1, offset = 0, bits = 0;
};
static Place placeOf(const std::vector<Axis> &axes, std::string_view name) {
  Place place;
  for (std::size_t i = 0; i < axes.size(); ++i) {
    place.bits = axes[i].bits();
    if (axes[i].name == name) {
      place.index = static_cast<int>(i);
      return place;
    }
    place.offset += place.bits;
  }
  return {};
}

static Place existingPlace(const std::vector<Axis> &axes, std::string_view name) {
  Place place = placeOf(axes, name);
  assert(place.index >= 0 && "no axis of that name");
  return place;
}

static std::uint64_t lowBits(int count) {
  return (std::uint64_t{1} << count) - 1;
}

// The bits of one axis out of a mask over all of them, in the lowest place.
static std::uint64_t field(std::uint64_t mask, const Place &place) {
  return mask >> place.offset & lowBits(place.bits);
}

// A mask over the bits of `from` as one over the bits of `to`, axis by axis; `shift` says for an
// axis of `to` how far its bits move up. Axes that `to` lacks are dropped.
template <typename Shift>
static std::uint64_t moveFields(std::uint64_t mask, const std::vector<Axis> &from,
                                const std::vector<Axis> &to, Shift shift) {
  std::uint64_t moved = 0;
  for (const Axis &axis : from) {
    Place source = placeOf(from, axis.name), target = placeOf(to, axis.name);
    if (target.index >= 0)
      moved |= field(mask, source) << (target.offset + shift(axis.name));
  }
  return moved;
}

static std::uint64_t moveFields(std::uint64_t mask, const std::vector<Axis> &from,
                                const std::vector<Axis> &to) {
  return moveFields(mask, from, to, [](std::string_view) { return 0; });
}

static std::vector<Axis> ordered(const std::vector<Axis> &axes,
                                 const std::vector<std::string> &names) {
  assert(axes.size() == names.size() && "an order names every axis once");
  std::vector<Axis> result;
  for (const std::string &name : names)
    result.push_back(axes[static_cast<std::size_t>(existingPlace(axes, name).index)]);
  return result;
}

// --- making
// ------------------------------------------------------------------------------------------

static std::string checkAxes(const std::vector<Axis> &axes) {
  for (std::size_t i = 0; i < axes.size(); ++i) {
    if (axes[i].size < 1 || !std::has_single_bit(static_cast<std::uint64_t>(axes[i].size)))
      return fmt::format("the size {} of axis {} is no power of two", axes[i].size, axes[i].name);
    for (std::size_t j = 0; j < i; ++j)
      if (axes[i].name == axes[j].name)
        return fmt::format("two axes are called {}", axes[i].name);
    if (totalBits({axes.begin(), axes.begin() + static_cast<long>(i) + 1}) > maximumBits)
      return fmt::format("a layout has at most {} bits on a side", maximumBits);
  }
  return {};
}

Result<LinearLayout> LinearLayout::make(const std::vector<Images> &inputs,
                                        std::vector<Axis> outputs) {
  std::vector<Axis> in;
  for (const Images &images : inputs) {
    if (images.ofPowers.size() > maximumBits)
      return fail(ErrorCode::InvalidInput, fmt::format("axis {} has too many bits", images.axis));
    in.push_back({images.axis, std::int64_t{1} << images.ofPowers.size()});
  }
  for (const std::vector<Axis> *axes : {&in, &outputs})
    if (std::string problem = checkAxes(*axes); !problem.empty())
      return fail(ErrorCode::InvalidInput, problem);

  std::vector<std::uint64_t> columns;
  for (const Images &images : inputs)
    for (const std::vector<std::int64_t> &image : images.ofPowers) {
      if (image.size() != outputs.size())
        return fail(ErrorCode::InvalidInput,
                    fmt::format("an image along {} has {} coordinates, not {}", images.axis,
                                image.size(), outputs.size()));
      std::uint64_t column = 0;
      int offset = 0;
      for (std::size_t i = 0; i < outputs.size(); ++i) {
        if (image[i] < 0 || image[i] >= outputs[i].size)
          return fail(ErrorCode::InvalidInput,
                      fmt::format("an image along {} lies at {} of {}, which has size {}",
                                  images.axis, image[i], outputs[i].name, outputs[i].size));
        column |= static_cast<std::uint64_t>(image[i]) << offset;
        offset += outputs[i].bits();
      }
      columns.push_back(column);
    }
  return LinearLayout(std::move(in), std::move(outputs), std::move(columns));
}

LinearLayout LinearLayout::identity(std::int64_t size, std::string_view input,
                                    std::string_view output) {
  Axis from{std::string(input), size}, to{std::string(output), size};
  assert(checkAxes({from}).empty());
  std::vector<std::uint64_t> columns;
  for (int bit = 0; bit < from.bits(); ++bit)
    columns.push_back(std::uint64_t{1} << bit);
  return LinearLayout({from}, {to}, std::move(columns));
}

LinearLayout LinearLayout::zeros(std::int64_t size, std::string_view input, std::string_view output,
                                 std::int64_t outputSize) {
  Axis from{std::string(input), size}, to{std::string(output), outputSize};
  assert(checkAxes({from}).empty() && checkAxes({to}).empty());
  return LinearLayout({from}, {to},
                      std::vector<std::uint64_t>(static_cast<std::size_t>(from.bits())));
}

// --- reading
// -----------------------------------------------------------------------------------------

bool LinearLayout::hasInput(std::string_view name) const {
  return placeOf(in, name).index >= 0;
}
bool LinearLayout::hasOutput(std::string_view name) const {
  return placeOf(out, name).index >= 0;
}
std::int64_t LinearLayout::inputSize(std::string_view name) const {
  return std::int64_t{1} << existingPlace(in, name).bits;
}
std::int64_t LinearLayout::outputSize(std::string_view name) const {
  return std::int64_t{1} << existingPlace(out, name).bits;
}
int LinearLayout::inputBits() const {
  return totalBits(in);
}
int LinearLayout::outputBits() const {
  return totalBits(out);
}

std::vector<std::int64_t> LinearLayout::image(std::string_view input, int bit) const {
  std::vector<std::int64_t> coordinates;
  for (const Axis &axis : out)
    coordinates.push_back(image(input, bit, axis.name));
  return coordinates;
}

std::int64_t LinearLayout::image(std::string_view input, int bit, std::string_view output) const {
  Place from = existingPlace(in, input);
  assert(bit >= 0 && bit < from.bits);
  std::uint64_t column = columns[static_cast<std::size_t>(from.offset + bit)];
  return static_cast<std::int64_t>(field(column, existingPlace(out, output)));
}

std::uint64_t LinearLayout::applyFlat(std::uint64_t at) const {
  std::uint64_t result = 0;
  for (std::uint64_t column : columns) {
    if (at & 1)
      result ^= column;
    at >>= 1;
  }
  return result;
}

Coordinates LinearLayout::apply(const Coordinates &at) const {
  std::uint64_t flat = 0;
  for (const auto &[name, value] : at) {
    Place place = existingPlace(in, name);
    assert(value >= 0 && static_cast<std::uint64_t>(value) <= lowBits(place.bits));
    flat |= static_cast<std::uint64_t>(value) << place.offset;
  }
  std::uint64_t image = applyFlat(flat);
  Coordinates result;
  for (const Axis &axis : out)
    result.emplace_back(axis.name,
                        static_cast<std::int64_t>(field(image, placeOf(out, axis.name))));
  return result;
}

// --- shape
// -------------------------------------------------------------------------------------------

LinearLayout LinearLayout::withInputOrder(const std::vector<std::string> &names) const {
  std::vector<Axis> axes = ordered(in, names);
  std::vector<std::uint64_t> moved;
  for (const Axis &axis : axes) {
    auto first = columns.begin() + placeOf(in, axis.name).offset;
    moved.insert(moved.end(), first, first + axis.bits());
  }
  return LinearLayout(std::move(axes), out, std::move(moved));
}

LinearLayout LinearLayout::withOutputOrder(const std::vector<std::string> &names) const {
  std::vector<Axis> axes = ordered(out, names);
  std::vector<std::uint64_t> moved;
  for (std::uint64_t column : columns)
    moved.push_back(moveFields(column, out, axes));
  return LinearLayout(in, std::move(axes), std::move(moved));
}

LinearLayout LinearLayout::withInputs(std::vector<Axis> axes) const {
  assert(checkAxes(axes).empty() && totalBits(axes) == inputBits());
  return LinearLayout(std::move(axes), out, columns);
}

LinearLayout LinearLayout::withOutputs(std::vector<Axis> axes) const {
  assert(checkAxes(axes).empty() && totalBits(axes) == outputBits());
  return LinearLayout(in, std::move(axes), columns);
}

LinearLayout LinearLayout::renamed(std::string_view from, std::string_view to) const {
  LinearLayout result = *this;
  for (std::vector<Axis> *axes : {&result.in, &result.out})
    if (Place place = placeOf(*axes, from); place.index >= 0)
      (*axes)[static_cast<std::size_t>(place.index)].name = to;
  assert(checkAxes(result.in).empty() && checkAxes(result.out).empty());
  return result;
}

LinearLayout LinearLayout::sublayout(const std::vector<std::string> &inputs,
                                     const std::vector<std::string> &outputs) const {
  auto kept = [](const std::vector<Axis> &axes, const std::vector<std::string> &names) {
    std::vector<Axis> result;
    for (const Axis &axis : axes)
      if (std::ranges::find(names, axis.name) != names.end())
        result.push_back(axis);
    assert(result.size() == names.size() && "no axis of that name");
    return result;
  };
  std::vector<Axis> newIn = kept(in, inputs), newOut = kept(out, outputs);
  std::vector<std::uint64_t> newColumns;
  for (const Axis &axis : newIn) {
    Place place = placeOf(in, axis.name);
    for (int bit = 0; bit < place.bits; ++bit)
      newColumns.push_back(
          moveFields(columns[static_cast<std::size_t>(place.offset + bit)], out, newOut));
  }
  return LinearLayout(std::move(newIn), std::move(newOut), std::move(newColumns));
}

bool LinearLayout::isZero(const std::vector<std::string> &inputs,
                          const std::vector<std::string> &outputs) const {
  return std::ranges::all_of(sublayout(inputs, outputs).columns,
                             [](std::uint64_t column) { return column == 0; });
}

LinearLayout LinearLayout::modulo(std::string_view output, std::int64_t size) const {
  Place place = existingPlace(out, output);
  assert(size >= 1 && std::has_single_bit(static_cast<std::uint64_t>(size)));
  LinearLayout result = *this;
  Axis &axis = result.out[static_cast<std::size_t>(place.index)];
  axis.size = std::min(axis.size, size);
  std::uint64_t keep = ~(lowBits(place.bits) << place.offset) | lowBits(axis.bits())
                                                                    << place.offset;
  for (std::uint64_t &column : result.columns)
    column = moveFields(column & keep, out, result.out);
  return result;
}

LinearLayout LinearLayout::withoutCopies(std::string_view input) const {
  Place place = existingPlace(in, input);
  LinearLayout result = *this;
  auto first = result.columns.begin() + place.offset;
  auto end = std::remove(first, first + place.bits, 0u);
  result.in[static_cast<std::size_t>(place.index)].size = std::int64_t{1} << (end - first);
  result.columns.erase(end, first + place.bits);
  return result;
}

// --- algebra
// -----------------------------------------------------------------------------------------

// The axes of both sides, those of `left` first; sizes multiplied.
static std::vector<Axis> product(const std::vector<Axis> &left, const std::vector<Axis> &right) {
  std::vector<Axis> axes = left;
  for (const Axis &axis : right) {
    if (Place place = placeOf(axes, axis.name); place.index >= 0)
      axes[static_cast<std::size_t>(place.index)].size *= axis.size;
    else
      axes.push_back(axis);
  }
  assert(checkAxes(axes).empty());
  return axes;
}

LinearLayout operator*(const LinearLayout &left, const LinearLayout &right) {
  std::vector<Axis> in = product(left.in, right.in), out = product(left.out, right.out);
  std::vector<std::uint64_t> columns;
  auto above = [&](std::string_view axis) {
    Place place = placeOf(left.out, axis);
    return place.index >= 0 ? place.bits : 0;
  };
  for (const Axis &axis : in) {
    Place low = placeOf(left.in, axis.name), high = placeOf(right.in, axis.name);
    for (int bit = 0; low.index >= 0 && bit < low.bits; ++bit)
      columns.push_back(
          moveFields(left.columns[static_cast<std::size_t>(low.offset + bit)], left.out, out));
    for (int bit = 0; high.index >= 0 && bit < high.bits; ++bit)
      columns.push_back(moveFields(right.columns[static_cast<std::size_t>(high.offset + bit)],
                                   right.out, out, above));
  }
  return LinearLayout(std::move(in), std::move(out), std::move(columns));
}

LinearLayout LinearLayout::then(const LinearLayout &next) const {
  assert(std::ranges::all_of(out, [&](const Axis &axis) {
    return next.hasInput(axis.name) && axis.size <= next.inputSize(axis.name);
  }));
  std::vector<std::uint64_t> composed;
  for (std::uint64_t column : columns)
    composed.push_back(next.applyFlat(moveFields(column, out, next.in)));
  return LinearLayout(in, next.out, std::move(composed));
}

namespace {
struct Halves {
  std::vector<Axis> in, out;
  std::vector<std::uint64_t> columns;
};
} // namespace

// Whether two layouts are one but for the order of their axes and for axes of size 1.
static bool sameMap(const LinearLayout &a, const LinearLayout &b) {
  auto canonical = [](const LinearLayout &layout) {
    auto names = [](const std::vector<Axis> &axes) {
      std::vector<std::string> result;
      for (const Axis &axis : axes)
        if (axis.size > 1)
          result.push_back(axis.name);
      std::ranges::sort(result);
      return result;
    };
    std::vector<std::string> in = names(layout.inputs()), out = names(layout.outputs());
    return layout.sublayout(in, out).withInputOrder(in).withOutputOrder(out);
  };
  return canonical(a) == canonical(b);
}

// Cuts each axis in two: the `low` bits that are given for it, and those above. Nothing when a low
// input reaches a high output or the other way round.
template <typename LowBits>
static std::optional<std::pair<Halves, Halves>>
cut(const std::vector<Axis> &in, const std::vector<Axis> &out,
    const std::vector<std::uint64_t> &columns, LowBits lowIn, LowBits lowOut) {
  Halves low, high;
  std::uint64_t lowMask = 0;
  int offset = 0;
  for (const Axis &axis : out) {
    int bits = lowOut(axis);
    low.out.push_back({axis.name, std::int64_t{1} << bits});
    high.out.push_back({axis.name, axis.size >> bits});
    lowMask |= lowBits(bits) << offset;
    offset += axis.bits();
  }
  auto upper = [&](std::uint64_t column) {
    std::uint64_t moved = 0;
    for (const Axis &axis : out)
      moved |= field(column, placeOf(out, axis.name)) >> lowOut(axis)
                                                             << placeOf(high.out, axis.name).offset;
    return moved;
  };
  offset = 0;
  for (const Axis &axis : in) {
    int bits = lowIn(axis);
    low.in.push_back({axis.name, std::int64_t{1} << bits});
    high.in.push_back({axis.name, axis.size >> bits});
    for (int bit = 0; bit < axis.bits(); ++bit) {
      std::uint64_t column = columns[static_cast<std::size_t>(offset + bit)];
      if (column & (bit < bits ? ~lowMask : lowMask))
        return std::nullopt;
      if (bit < bits)
        low.columns.push_back(moveFields(column, out, low.out));
      else
        high.columns.push_back(upper(column));
    }
    offset += axis.bits();
  }
  return std::pair{std::move(low), std::move(high)};
}

// The divisor's bits of an axis; -1 when it has more than the dividend.
static bool divides(const std::vector<Axis> &divisor, const std::vector<Axis> &dividend) {
  return std::ranges::all_of(divisor, [&](const Axis &axis) {
    Place place = placeOf(dividend, axis.name);
    return axis.bits() <= (place.index >= 0 ? place.bits : 0);
  });
}

std::optional<LinearLayout> LinearLayout::dividedByLeft(const LinearLayout &divisor) const {
  if (!divides(divisor.in, in) || !divides(divisor.out, out))
    return std::nullopt;
  auto bitsIn = [](const std::vector<Axis> &axes) {
    return [&axes](const Axis &axis) {
      Place place = placeOf(axes, axis.name);
      return place.index >= 0 ? place.bits : 0;
    };
  };
  auto halves = cut(in, out, columns, bitsIn(divisor.in), bitsIn(divisor.out));
  if (!halves)
    return std::nullopt;
  auto &[low, high] = *halves;
  if (!sameMap(LinearLayout(low.in, low.out, low.columns), divisor))
    return std::nullopt;
  return LinearLayout(high.in, high.out, high.columns);
}

std::optional<LinearLayout> LinearLayout::dividedByRight(const LinearLayout &divisor) const {
  if (!divides(divisor.in, in) || !divides(divisor.out, out))
    return std::nullopt;
  auto bitsBelow = [](const std::vector<Axis> &axes) {
    return [&axes](const Axis &axis) {
      Place place = placeOf(axes, axis.name);
      return axis.bits() - (place.index >= 0 ? place.bits : 0);
    };
  };
  auto halves = cut(in, out, columns, bitsBelow(divisor.in), bitsBelow(divisor.out));
  if (!halves)
    return std::nullopt;
  auto &[low, high] = *halves;
  if (!sameMap(LinearLayout(high.in, high.out, high.columns), divisor))
    return std::nullopt;
  return LinearLayout(low.in, low.out, low.columns);
}

static Span spanOf(const std::vector<std::uint64_t> &columns) {
  Span span;
  for (std::size_t i = 0; i < columns.size(); ++i)
    span.add(columns[i], std::uint64_t{1} << i);
  return span;
}

int LinearLayout::rank() const {
  return spanOf(columns).rank();
}

std::optional<LinearLayout> LinearLayout::inverse() const {
  return inputBits() == outputBits() ? rightInverse() : std::nullopt;
}

std::optional<LinearLayout> LinearLayout::rightInverse() const {
  Span span = spanOf(columns);
  std::vector<std::uint64_t> inverted;
  for (int bit = 0; bit < outputBits(); ++bit) {
    std::optional<std::uint64_t> inputs = span.combine(std::uint64_t{1} << bit);
    if (!inputs)
      return std::nullopt;
    inverted.push_back(*inputs);
  }
  return LinearLayout(out, in, std::move(inverted));
}

std::optional<LinearLayout> LinearLayout::leftInverse() const {
  Span span = spanOf(columns);
  if (span.rank() != inputBits())
    return std::nullopt;
  // What no input reaches goes to 0.
  for (int bit = 0; bit < outputBits(); ++bit)
    span.add(std::uint64_t{1} << bit, 0);
  std::vector<std::uint64_t> inverted;
  for (int bit = 0; bit < outputBits(); ++bit)
    inverted.push_back(*span.combine(std::uint64_t{1} << bit));
  return LinearLayout(out, in, std::move(inverted));
}

std::optional<LinearLayout> LinearLayout::conversionTo(const LinearLayout &target) const {
  assert(out.size() == target.out.size() && std::ranges::all_of(out, [&](const Axis &axis) {
           return target.hasOutput(axis.name) && target.outputSize(axis.name) == axis.size;
         }));
  Span span = spanOf(target.columns);
  std::vector<std::uint64_t> converted;
  for (std::uint64_t column : columns) {
    std::optional<std::uint64_t> inputs = span.combine(moveFields(column, out, target.out));
    if (!inputs)
      return std::nullopt;
    converted.push_back(*inputs);
  }
  return LinearLayout(in, target.in, std::move(converted));
}

std::vector<std::pair<std::string, std::uint64_t>> LinearLayout::redundantBits() const {
  std::vector<std::pair<std::string, std::uint64_t>> result;
  Span span;
  auto column = columns.begin();
  for (const Axis &axis : in) {
    std::uint64_t redundant = 0;
    for (int bit = 0; bit < axis.bits(); ++bit)
      if (!span.add(*column++, 0))
        redundant |= std::uint64_t{1} << bit;
    result.emplace_back(axis.name, redundant);
  }
  return result;
}

std::int64_t LinearLayout::consecutive(std::string_view input, std::string_view output) const {
  Place from = existingPlace(in, input), to = existingPlace(out, output);
  int bit = 0;
  while (bit < from.bits && bit < to.bits &&
         columns[static_cast<std::size_t>(from.offset + bit)] == std::uint64_t{1}
                                                                     << (to.offset + bit))
    ++bit;
  return std::int64_t{1} << bit;
}

std::string LinearLayout::toString() const {
  std::vector<std::string> inputTexts, outputTexts;
  for (const Axis &axis : in) {
    std::vector<std::string> images;
    for (int bit = 0; bit < axis.bits(); ++bit)
      images.push_back(fmt::format("{} -> ({})", std::int64_t{1} << bit,
                                   fmt::join(image(axis.name, bit), ", ")));
    inputTexts.push_back(images.empty()
                             ? axis.name + ": alone"
                             : fmt::format("{}: {}", axis.name, fmt::join(images, ", ")));
  }
  for (const Axis &axis : out)
    outputTexts.push_back(fmt::format("{}: {}", axis.name, axis.size));
  return fmt::format("{} | {}", fmt::join(inputTexts, "; "), fmt::join(outputTexts, ", "));
}

} // namespace lapidary
