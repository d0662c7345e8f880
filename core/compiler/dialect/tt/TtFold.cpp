// Folders and canonicalisations: constants move through shape operations, shape operations cancel,
// and accesses whose mask is constant lose it.
#include "core/compiler/dialect/tt/TtOps.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/IR/Matchers.h"
#include "mlir/IR/PatternMatch.h"

using namespace mlir;

namespace lapidary::tt {
namespace {

// A splat constant in the shape of `type`; null when `constant` is none.
Attribute resplat(Attribute constant, Type type) {
  auto splat = dyn_cast_or_null<SplatElementsAttr>(constant);
  auto tile = dyn_cast<RankedTensorType>(type);
  if (!splat || !tile)
    return {};
  return SplatElementsAttr::get(tile, splat.getSplatValue<Attribute>());
}

// The one value of a constant mask; nothing when the mask is not constant or mixed.
std::optional<bool> constantMask(Value mask) {
  Attribute constant;
  if (!mask || !matchPattern(mask, m_Constant(&constant)))
    return std::nullopt;
  if (auto splat = dyn_cast<SplatElementsAttr>(constant))
    return splat.getSplatValue<bool>();
  if (auto scalar = dyn_cast<IntegerAttr>(constant))
    return !scalar.getValue().isZero();
  return std::nullopt;
}

struct LoadWithConstantMask : OpRewritePattern<LoadOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(LoadOp load, PatternRewriter &rewriter) const override {
    std::optional<bool> mask = constantMask(load.getMask());
    if (!mask)
      return failure();
    if (*mask) {
      rewriter.modifyOpInPlace(load, [&] {
        load.getOtherMutable().clear();
        load.getMaskMutable().clear();
      });
      return success();
    }
    if (!load.getOther() || load.getIsVolatile())
      return failure();
    rewriter.replaceOp(load, load.getOther());
    return success();
  }
};

struct StoreWithConstantMask : OpRewritePattern<StoreOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(StoreOp store, PatternRewriter &rewriter) const override {
    std::optional<bool> mask = constantMask(store.getMask());
    if (!mask)
      return failure();
    if (*mask)
      rewriter.modifyOpInPlace(store, [&] { store.getMaskMutable().clear(); });
    else
      rewriter.eraseOp(store);
    return success();
  }
};

// shape(splat(x)) -> splat(x) in the new shape.
template <typename Op> struct ShapeOfSplat : OpRewritePattern<Op> {
  using OpRewritePattern<Op>::OpRewritePattern;
  LogicalResult matchAndRewrite(Op op, PatternRewriter &rewriter) const override {
    auto splat = op.getSrc().template getDefiningOp<SplatOp>();
    if (!splat)
      return failure();
    rewriter.replaceOpWithNewOp<SplatOp>(op, op.getType(), splat.getSrc());
    return success();
  }
};

// outer(inner(x)) -> outer(x), for operations of which only the last shape counts.
template <typename Op> struct LastShapeCounts : OpRewritePattern<Op> {
  using OpRewritePattern<Op>::OpRewritePattern;
  LogicalResult matchAndRewrite(Op op, PatternRewriter &rewriter) const override {
    auto inner = op.getSrc().template getDefiningOp<Op>();
    if (!inner || inner->getAttrs() != op->getAttrs())
      return failure();
    rewriter.modifyOpInPlace(op, [&] { op.getSrcMutable().assign(inner.getSrc()); });
    return success();
  }
};

// expand_dims(broadcast(x)) -> broadcast(expand_dims(x)): less is computed in the smaller shape.
struct ExpandBeforeBroadcast : OpRewritePattern<ExpandDimsOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(ExpandDimsOp op, PatternRewriter &rewriter) const override {
    auto broadcast = op.getSrc().getDefiningOp<BroadcastOp>();
    if (!broadcast)
      return failure();
    Value expanded =
        ExpandDimsOp::create(rewriter, op.getLoc(), broadcast.getSrc(), int(op.getAxis()));
    rewriter.replaceOpWithNewOp<BroadcastOp>(op, op.getType(), expanded);
    return success();
  }
};

// trans(trans(x)) -> one trans.
struct TransOfTrans : OpRewritePattern<TransOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(TransOp op, PatternRewriter &rewriter) const override {
    auto inner = op.getSrc().getDefiningOp<TransOp>();
    if (!inner)
      return failure();
    llvm::SmallVector<std::int32_t> order;
    for (std::int32_t dimension : op.getOrder())
      order.push_back(inner.getOrder()[dimension]);
    rewriter.replaceOpWithNewOp<TransOp>(op, op.getType(), inner.getSrc(),
                                         rewriter.getDenseI32ArrayAttr(order));
    return success();
  }
};

} // namespace

void LoadOp::getCanonicalizationPatterns(RewritePatternSet &patterns, MLIRContext *context) {
  patterns.add<LoadWithConstantMask>(context);
}
void StoreOp::getCanonicalizationPatterns(RewritePatternSet &patterns, MLIRContext *context) {
  patterns.add<StoreWithConstantMask>(context);
}
void ExpandDimsOp::getCanonicalizationPatterns(RewritePatternSet &patterns, MLIRContext *context) {
  patterns.add<ShapeOfSplat<ExpandDimsOp>, ExpandBeforeBroadcast>(context);
}
void ReshapeOp::getCanonicalizationPatterns(RewritePatternSet &patterns, MLIRContext *context) {
  patterns.add<ShapeOfSplat<ReshapeOp>, LastShapeCounts<ReshapeOp>>(context);
}
void BroadcastOp::getCanonicalizationPatterns(RewritePatternSet &patterns, MLIRContext *context) {
  patterns.add<ShapeOfSplat<BroadcastOp>, LastShapeCounts<BroadcastOp>>(context);
}
void TransOp::getCanonicalizationPatterns(RewritePatternSet &patterns, MLIRContext *context) {
  patterns.add<ShapeOfSplat<TransOp>, TransOfTrans>(context);
}

OpFoldResult SplatOp::fold(FoldAdaptor adaptor) {
  Attribute value = adaptor.getSrc();
  if (auto elements = dyn_cast_or_null<SplatElementsAttr>(value))
    value = elements.getSplatValue<Attribute>();
  if (!isa_and_nonnull<FloatAttr, IntegerAttr>(value))
    return {};
  return SplatElementsAttr::get(getResult().getType(), value);
}

OpFoldResult ExpandDimsOp::fold(FoldAdaptor adaptor) {
  return resplat(adaptor.getSrc(), getResult().getType());
}

OpFoldResult ReshapeOp::fold(FoldAdaptor adaptor) {
  if (getSrc().getType() == getResult().getType() && !getAllowReorder())
    return getSrc();
  return resplat(adaptor.getSrc(), getResult().getType());
}

OpFoldResult BroadcastOp::fold(FoldAdaptor adaptor) {
  if (getSrc().getType() == getResult().getType())
    return getSrc();
  return resplat(adaptor.getSrc(), getResult().getType());
}

OpFoldResult TransOp::fold(FoldAdaptor adaptor) {
  bool identity = true;
  for (auto [index, dimension] : llvm::enumerate(getOrder()))
    identity &= std::int32_t(index) == dimension;
  if (identity)
    return getSrc();
  return resplat(adaptor.getSrc(), getResult().getType());
}

OpFoldResult MakeRangeOp::fold(FoldAdaptor) {
  if (getStartAttr().getInt() + 1 != getEndAttr().getInt())
    return {};
  return SplatElementsAttr::get(cast<ShapedType>(getResult().getType()), Attribute(getStartAttr()));
}

OpFoldResult AddPtrOp::fold(FoldAdaptor adaptor) {
  if (matchPattern(adaptor.getOffset(), m_Zero()))
    return getPtr();
  return {};
}

OpFoldResult AdvanceOp::fold(FoldAdaptor adaptor) {
  for (Attribute offset : adaptor.getOffsets())
    if (!matchPattern(offset, m_Zero()))
      return {};
  return getPtr();
}

OpFoldResult BitcastOp::fold(FoldAdaptor) {
  return getSrc().getType() == getResult().getType() ? getSrc() : Value();
}

OpFoldResult FpToFpOp::fold(FoldAdaptor adaptor) {
  if (getSrc().getType() == getResult().getType())
    return getSrc();
  Attribute source = adaptor.getSrc();
  auto splat = dyn_cast_or_null<SplatElementsAttr>(source);
  if (splat)
    source = splat.getSplatValue<Attribute>();
  auto number = dyn_cast_or_null<FloatAttr>(source);
  if (!number)
    return {};
  auto element = cast<FloatType>(getElementTypeOrSelf(getResult().getType()));
  llvm::APFloat value = number.getValue();
  bool inexact = false;
  auto rounding = getRounding() == RoundingMode::TowardZero ? llvm::RoundingMode::TowardZero
                                                            : llvm::RoundingMode::NearestTiesToEven;
  value.convert(element.getFloatSemantics(), rounding, &inexact);
  auto result = FloatAttr::get(element, value);
  if (splat)
    return SplatElementsAttr::get(cast<ShapedType>(getResult().getType()), Attribute(result));
  return result;
}

} // namespace lapidary::tt
