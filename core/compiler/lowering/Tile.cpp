#include "core/compiler/lowering/Tile.h"

#include "core/compiler/dialect/tt/TtOps.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "llvm/ADT/TypeSwitch.h"

#include <numeric>

namespace lapidary {

using namespace mlir;

llvm::SmallVector<std::int64_t, 4> shapeOf(Type type) {
  if (auto tile = dyn_cast<RankedTensorType>(type))
    return llvm::SmallVector<std::int64_t, 4>(tile.getShape());
  return {};
}

Place normalized(Place place, llvm::ArrayRef<std::int64_t> shape) {
  for (auto [dim, size] : llvm::enumerate(shape))
    if (size == 1) {
      place.at[dim] = Index{};
      if (place.laneDim == static_cast<int>(dim)) {
        place.laneDim = -1;
        place.lanes = 1;
      }
    }
  return place;
}

bool movesElements(Operation *op) {
  return isa<tt::SplatOp, tt::BroadcastOp, tt::ExpandDimsOp, tt::TransOp, tt::ReshapeOp,
             tt::SplitOp>(op);
}

namespace {

Place insertDim(const Place &place, int dim, Index index) {
  Place result = place;
  result.at.insert(result.at.begin() + dim, index);
  if (result.laneDim >= dim)
    ++result.laneDim;
  return result;
}

Place removeDim(const Place &place, int dim) {
  Place result = place;
  result.at.erase(result.at.begin() + dim);
  if (result.laneDim == dim) {
    result.laneDim = -1;
    result.lanes = 1;
  } else if (result.laneDim > dim) {
    --result.laneDim;
  }
  return result;
}

Index scaled(const Index &index, std::int64_t factor, OpBuilder &builder, Location loc) {
  if (!index.variable || factor == 0)
    return {Value(), index.offset * factor, true};
  Value by = arith::ConstantIntOp::create(builder, loc, factor, 64);
  return {builder.createOrFold<arith::MulIOp>(loc, index.variable, by), index.offset * factor,
          true};
}

Index added(const Index &a, const Index &b, OpBuilder &builder, Location loc) {
  Index sum{a.variable ? a.variable : b.variable, a.offset + b.offset, true};
  if (a.variable && b.variable)
    sum.variable = builder.createOrFold<arith::AddIOp>(loc, a.variable, b.variable);
  return sum;
}

// The row-major number of the element at `place`, divided back into coordinates of `shape`.
llvm::SmallVector<Index, 4> renumbered(const Place &place, llvm::ArrayRef<std::int64_t> from,
                                       llvm::ArrayRef<std::int64_t> to, OpBuilder &builder,
                                       Location loc) {
  Index linear;
  for (auto [dim, size] : llvm::enumerate(from))
    linear = added(scaled(linear, size, builder, loc), place.at[dim], builder, loc);
  llvm::SmallVector<Index, 4> result(to.size());
  if (!linear.variable) {
    for (int dim = static_cast<int>(to.size()) - 1; dim >= 0; --dim) {
      result[dim].offset = linear.offset % to[dim];
      linear.offset /= to[dim];
    }
    return result;
  }
  auto constant = [&](std::int64_t value) {
    return arith::ConstantIntOp::create(builder, loc, value, 64).getResult();
  };
  Value rest = linear.variable;
  if (linear.offset != 0)
    rest = builder.createOrFold<arith::AddIOp>(loc, rest, constant(linear.offset));
  for (int dim = static_cast<int>(to.size()) - 1; dim > 0; --dim) {
    result[dim].variable = builder.createOrFold<arith::RemUIOp>(loc, rest, constant(to[dim]));
    rest = builder.createOrFold<arith::DivUIOp>(loc, rest, constant(to[dim]));
  }
  if (!to.empty())
    result[0].variable = rest;
  return result;
}

std::optional<Place> reshapeSource(tt::ReshapeOp op, const Place &place, OpBuilder *builder) {
  auto to = shapeOf(op.getResult().getType()), from = shapeOf(op.getSrc().getType());
  Place source{{}, -1, 1};
  if (place.isVector()) {
    // Lanes stay side by side where both last dimensions hold whole chunks of them.
    if (place.laneDim != static_cast<int>(to.size()) - 1 || from.back() % place.lanes != 0)
      return std::nullopt;
    source.laneDim = static_cast<int>(from.size()) - 1;
    source.lanes = place.lanes;
  }
  if (builder)
    source.at = renumbered(place, to, from, *builder, op.getLoc());
  else
    source.at.assign(from.size(), Index{Value(), 0, false});
  return source;
}

} // namespace

std::optional<Place> sourcePlace(Operation *op, Value result, const Place &place,
                                 OpBuilder *builder) {
  std::optional<Place> source =
      llvm::TypeSwitch<Operation *, std::optional<Place>>(op)
          .Case([&](tt::SplatOp) { return Place{}; })
          .Case([&](tt::BroadcastOp) { return place; })
          .Case([&](tt::ExpandDimsOp o) { return removeDim(place, static_cast<int>(o.getAxis())); })
          .Case([&](tt::TransOp o) {
            Place permuted = place;
            for (auto [to, from] : llvm::enumerate(o.getOrder())) {
              permuted.at[from] = place.at[to];
              if (place.laneDim == static_cast<int>(to))
                permuted.laneDim = from;
            }
            return permuted;
          })
          .Case([&](tt::SplitOp o) {
            return insertDim(place, static_cast<int>(place.at.size()),
                             Index{Value(), result == o.getOutRHS() ? 1 : 0, true});
          })
          .Case([&](tt::ReshapeOp o) { return reshapeSource(o, place, builder); })
          .Default([](Operation *) { return std::nullopt; });
  if (!source)
    return std::nullopt;
  return normalized(*source, shapeOf(op->getOperand(0).getType()));
}

} // namespace lapidary
