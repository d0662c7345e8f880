// Shapes, ranges and matrix products.
#include "core/language/Semantics.h"

#include <algorithm>
#include <fmt/format.h>

namespace lapidary::language {

bool Semantics::checkShape(const Shape &shape) {
  std::int64_t count = 1;
  for (std::int64_t size : shape) {
    if (size <= 0 || (size & (size - 1)) != 0) {
      fail(fmt::format("every dimension of a tile must be a power of two, got {}", text(shape)));
      return false;
    }
    if (size > tt::largestTile || (count *= size) > tt::largestTile) {
      fail(fmt::format("a tile has at most {} elements, got {}", tt::largestTile, text(shape)));
      return false;
    }
  }
  return true;
}

Tensor Semantics::arange(__int128 start, __int128 end) {
  if (start < INT32_MIN || end > INT32_MAX)
    return fail("the bounds of tl.arange must fit 32 bits");
  if (end <= start)
    return fail(fmt::format("tl.arange needs its end, {}, above its start, {}", std::int64_t(end),
                            std::int64_t(start)));
  std::int64_t size = static_cast<std::int64_t>(end - start);
  if ((size & (size - 1)) != 0)
    return fail(fmt::format("the length of tl.arange must be a power of two, got {}", size),
                {"pad it with triton.next_power_of_2 and mask what is too much"});
  if (!checkShape({size}))
    return {};
  Type type{{DType::Int32}, {size}};
  return {create<tt::MakeRangeOp>(toMlir(type), static_cast<std::uint32_t>(start),
                                  static_cast<std::uint32_t>(end)),
          type};
}

Tensor Semantics::expandDims(Tensor value, int axis) {
  Type type = value.type;
  type.shape.insert(type.shape.begin() + axis, 1);
  if (value.type.isScalar())
    return broadcastTo(value, type.shape);
  return {create<tt::ExpandDimsOp>(value.handle, axis), type};
}

Tensor Semantics::reshape(Tensor value, const Shape &shape, bool canReorder) {
  if (!checkShape(shape))
    return {};
  Type type = value.type.withShape(shape);
  if (type.elementCount() != value.type.elementCount()) {
    hints.shouldHold(value, type.elementCount());
    return fail(fmt::format("{} has {} elements and {} has {}: a reshape keeps their number",
                            text(value.type), value.type.elementCount(), text(shape),
                            type.elementCount()));
  }
  if (value.type.isScalar())
    return broadcastTo(value, shape);
  if (shape.empty())
    return unsplat(value);
  return {create<tt::ReshapeOp>(toMlir(type), value.handle, canReorder, false), type};
}

Tensor Semantics::permute(Tensor value, const std::vector<std::int64_t> &order) {
  std::vector<std::int64_t> sorted = order;
  std::ranges::sort(sorted);
  for (std::size_t d = 0; d < sorted.size(); ++d)
    if (sorted[d] != static_cast<std::int64_t>(d) || sorted.size() != value.type.shape.size())
      return fail(fmt::format("{} is no permutation of the {} dimensions of {}", text(order),
                              value.type.shape.size(), text(value.type)));
  if (sorted.size() != value.type.shape.size())
    return fail(fmt::format("{} has no dimensions to permute", text(value.type)));
  Type type = value.type;
  llvm::SmallVector<std::int32_t> dimensions;
  for (std::size_t d = 0; d < order.size(); ++d) {
    type.shape[d] = value.type.shape[static_cast<std::size_t>(order[d])];
    dimensions.push_back(static_cast<std::int32_t>(order[d]));
  }
  return {create<tt::TransOp>(value.handle, dimensions), type};
}

Tensor Semantics::unsplat(Tensor value) {
  if (value.type.isScalar())
    return value;
  if (value.type.elementCount() != 1)
    return fail(fmt::format("only a tile of one element is a scalar, got {}", text(value.type)));
  Type type = value.type.scalar();
  return {create<tt::UnsplatOp>(toMlir(type), value.handle), type};
}

Tensor Semantics::join(Tensor left, Tensor right) {
  Pair pair = broadcast(left, right);
  if (!pair)
    return {};
  if (pair.left.type.element != pair.right.type.element)
    return fail(fmt::format("tl.join needs one element type, got {} and {}", text(left.type),
                            text(right.type)));
  bool scalars = pair.left.type.isScalar();
  if (scalars)
    pair = {expandDims(pair.left, 0), expandDims(pair.right, 0)};
  Type type = pair.left.type;
  type.shape.push_back(2);
  if (!checkShape(type.shape))
    return {};
  Tensor joined{create<tt::JoinOp>(toMlir(type), pair.left.handle, pair.right.handle), type};
  return scalars ? reshape(joined, {2}, false) : joined;
}

Semantics::Pair Semantics::split(Tensor value) {
  if (value.type.shape.empty() || value.type.shape.back() != 2) {
    fail(fmt::format("tl.split needs a last dimension of 2, got {}", text(value.type)));
    return {};
  }
  bool rankOne = value.type.shape.size() == 1;
  if (rankOne)
    value = expandDims(value, 0);
  Type type = value.type;
  type.shape.pop_back();
  auto op = create<tt::SplitOp>(toMlir(type), toMlir(type), value.handle);
  Pair halves{{op.getOutLHS(), type}, {op.getOutRHS(), type}};
  if (rankOne)
    halves = {unsplat(halves.left), unsplat(halves.right)};
  return halves;
}

Tensor Semantics::concatenate(Tensor left, Tensor right) {
  if (left.type.shape.size() != 1 || left.type != right.type)
    return fail(fmt::format("tl.cat joins two tiles of one type and rank 1, got {} and {}",
                            text(left.type), text(right.type)));
  Type type = left.type.withShape({2 * left.type.shape[0]});
  if (!checkShape(type.shape))
    return {};
  return {create<tt::CatOp>(toMlir(type), left.handle, right.handle), type};
}

Tensor Semantics::gather(Tensor source, Tensor index, int axis) {
  if (!index.type.isNumber() || !isInteger(index.type.dtype()))
    return fail(fmt::format("the index of tl.gather must be integers, got {}", text(index.type)));
  std::size_t rank = source.type.shape.size();
  if (rank == 0 || index.type.shape.size() != rank)
    return fail(fmt::format("tl.gather needs source and index of one rank, got {} and {}",
                            text(source.type), text(index.type)));
  for (std::size_t d = 0; d < rank; ++d)
    if (d != static_cast<std::size_t>(axis) && source.type.shape[d] != index.type.shape[d])
      return fail(
          fmt::format("source and index of tl.gather may differ along axis {} only, got {} and {}",
                      axis, text(source.type), text(index.type)));
  Type type = source.type.withShape(index.type.shape);
  return {create<tt::GatherOp>(toMlir(type), source.handle, index.handle,
                               static_cast<std::uint32_t>(axis), false),
          type};
}

// The accumulator's type for operands of `type` when the caller asks for `wanted`; nothing when the
// operands do not multiply.
static std::optional<DType> accumulatorType(DType type, DType wanted) {
  if (type == DType::Int8)
    return DType::Int32;
  if (type == DType::Fp32 || type == DType::BF16)
    return DType::Fp32;
  if (type == DType::Fp64)
    return DType::Fp64;
  if (type == DType::Fp16 || isFp8(type))
    return wanted;
  return std::nullopt;
}

Tensor Semantics::dot(Tensor left, Tensor right, const Tensor &accumulator,
                      tt::InputPrecision precision, int maxImprecise, DType outType) {
  std::vector<std::string> types = {fmt::format("the left operand is {}", text(left.type)),
                                    fmt::format("the right operand is {}", text(right.type))};
  std::size_t rank = left.type.shape.size();
  if (!left.type.isTile() || !right.type.isTile() || rank < 2 || right.type.shape.size() != rank)
    return fail("tl.dot multiplies two tiles of one rank, 2 or more", types);
  DType a = left.type.dtype(), b = right.type.dtype();
  bool bothFp8 = isFp8(a) && isFp8(b);
  if (left.type.isPointer() || right.type.isPointer() || (a != b && !bothFp8)) {
    hints.shouldAgree(left, right);
    return fail("tl.dot needs operands of one type; cast one of them", types);
  }
  if (outType == DType::BF16)
    return fail("tl.dot does not accumulate in bf16; use fp32 and cast the result", types);
  std::optional<DType> result = accumulatorType(a, outType);
  if (!result)
    return fail(fmt::format("tl.dot does not multiply {}", dtypeName(a)), types);
  Shape product = left.type.shape;
  product.back() = right.type.shape.back();
  bool sameBatch =
      std::equal(left.type.shape.begin(), left.type.shape.end() - 2, right.type.shape.begin());
  if (!sameBatch || left.type.shape.back() != right.type.shape[rank - 2])
    return fail(fmt::format("shapes {} and {} do not multiply", text(left.type.shape),
                            text(right.type.shape)),
                types);
  Type type{{*result}, product};
  Tensor sum = accumulator;
  if (!sum) {
    sum = broadcastTo(constant(Value{Integer(0)}, *result), product);
  } else if (sum.type != type) {
    types.push_back(fmt::format("the accumulator is {}", text(sum.type)));
    return fail(fmt::format("the accumulator of this product must be {}", text(type)), types);
  }
  bool flattened = rank > 3;
  auto batched = [&](const Tensor &value) {
    Shape shape = value.type.shape;
    std::int64_t batch = 1;
    for (std::size_t d = 0; d + 2 < shape.size(); ++d)
      batch *= shape[d];
    return reshape(value, {batch, shape[shape.size() - 2], shape.back()}, false);
  };
  if (flattened) {
    left = batched(left);
    right = batched(right);
    sum = batched(sum);
  }
  Tensor out{create<tt::DotOp>(toMlir(sum.type), left.handle, right.handle, sum.handle, precision,
                               static_cast<std::uint32_t>(maxImprecise)),
             sum.type};
  return flattened ? reshape(out, product, false) : out;
}

} // namespace lapidary::language
