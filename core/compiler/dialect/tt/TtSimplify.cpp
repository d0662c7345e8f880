#include "core/compiler/dialect/tt/TtOps.h"
#include "core/compiler/dialect/tt/TtPasses.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/IR/Matchers.h"
#include "mlir/IR/PatternMatch.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"

using namespace mlir;

namespace lapidary::tt {
namespace {

bool isZero(Value value) {
  return matchPattern(value, m_Zero()) || matchPattern(value, m_AnyZeroFloat());
}

// The sum of a product without accumulator and anything else. The product must have no other use,
// or it would be computed twice.
template <typename Add> struct AccumulateInDot : OpRewritePattern<Add> {
  using OpRewritePattern<Add>::OpRewritePattern;
  LogicalResult matchAndRewrite(Add add, PatternRewriter &rewriter) const override {
    for (auto [product, other] :
         {std::pair{add.getLhs(), add.getRhs()}, std::pair{add.getRhs(), add.getLhs()}}) {
      auto dot = product.template getDefiningOp<DotOp>();
      if (!dot || !isZero(dot.getC()) || !dot->hasOneUse() || dot.getMaxNumImpreciseAcc() != 0)
        continue;
      rewriter.replaceOpWithNewOp<DotOp>(add, add.getType(), dot.getA(), dot.getB(), other,
                                         dot.getInputPrecision(), dot.getMaxNumImpreciseAcc());
      return success();
    }
    return failure();
  }
};

struct AddConstantOffsets : OpRewritePattern<AddPtrOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(AddPtrOp op, PatternRewriter &rewriter) const override {
    auto inner = op.getPtr().getDefiningOp<AddPtrOp>();
    Attribute first, second;
    if (!inner || inner.getOffset().getType() != op.getOffset().getType() ||
        !matchPattern(inner.getOffset(), m_Constant(&first)) ||
        !matchPattern(op.getOffset(), m_Constant(&second)))
      return failure();
    Value sum = arith::AddIOp::create(rewriter, op.getLoc(), inner.getOffset(), op.getOffset());
    rewriter.replaceOpWithNewOp<AddPtrOp>(op, op.getType(), inner.getPtr(), sum);
    return success();
  }
};

// An elementwise operation that may run on other shapes: pure, one result, tiles only.
bool isMovable(Operation *op) {
  return op->hasTrait<OpTrait::Elementwise>() && isMemoryEffectFree(op) &&
         op->getNumResults() == 1 && op->getNumOperands() > 0 && op->getNumRegions() == 0 &&
         isa<RankedTensorType>(op->getResult(0).getType()) &&
         llvm::all_of(op->getOperandTypes(), llvm::IsaPred<RankedTensorType>);
}

SplatElementsAttr uniformConstant(Value value) {
  SplatElementsAttr splat;
  return matchPattern(value, m_Constant(&splat)) ? splat : SplatElementsAttr();
}

// The same operation on other operands, its result of `type`.
Value recreate(Operation *op, ValueRange operands, Type type, PatternRewriter &rewriter) {
  OperationState state(op->getLoc(), op->getName(), operands, type, op->getAttrs());
  return rewriter.create(state)->getResult(0);
}

struct SplatAfterElementwise : RewritePattern {
  explicit SplatAfterElementwise(MLIRContext *context)
      : RewritePattern(MatchAnyOpTypeTag(), 1, context) {}
  LogicalResult matchAndRewrite(Operation *op, PatternRewriter &rewriter) const override {
    if (!isMovable(op))
      return failure();
    bool anySplat = false;
    for (Value operand : op->getOperands()) {
      auto splat = operand.getDefiningOp<SplatOp>();
      if (!splat && !uniformConstant(operand))
        return failure();
      if (splat && isa<RankedTensorType>(splat.getSrc().getType()))
        return failure();
      anySplat |= bool(splat);
    }
    if (!anySplat)
      return failure();
    llvm::SmallVector<Value> scalars;
    for (Value operand : op->getOperands()) {
      if (auto splat = operand.getDefiningOp<SplatOp>()) {
        scalars.push_back(splat.getSrc());
        continue;
      }
      auto value = cast<TypedAttr>(uniformConstant(operand).getSplatValue<Attribute>());
      scalars.push_back(arith::ConstantOp::create(rewriter, operand.getLoc(), value));
    }
    auto type = cast<RankedTensorType>(op->getResult(0).getType());
    Value scalar = recreate(op, scalars, type.getElementType(), rewriter);
    rewriter.replaceOpWithNewOp<SplatOp>(op, type, scalar);
    return success();
  }
};

struct BroadcastAfterElementwise : RewritePattern {
  explicit BroadcastAfterElementwise(MLIRContext *context)
      : RewritePattern(MatchAnyOpTypeTag(), 1, context) {}
  LogicalResult matchAndRewrite(Operation *op, PatternRewriter &rewriter) const override {
    if (!isMovable(op))
      return failure();
    llvm::ArrayRef<std::int64_t> shape;
    for (Value operand : op->getOperands()) {
      auto broadcast = operand.getDefiningOp<BroadcastOp>();
      if (!broadcast && !operand.getDefiningOp<SplatOp>() && !uniformConstant(operand))
        return failure();
      if (!broadcast)
        continue;
      auto source = cast<RankedTensorType>(broadcast.getSrc().getType()).getShape();
      if (!shape.empty() && shape != source)
        return failure();
      shape = source;
    }
    if (shape.empty())
      return failure();
    llvm::SmallVector<Value> narrow;
    for (Value operand : op->getOperands()) {
      auto type = RankedTensorType::get(shape, getElementTypeOrSelf(operand));
      if (auto broadcast = operand.getDefiningOp<BroadcastOp>())
        narrow.push_back(broadcast.getSrc());
      else if (auto splat = operand.getDefiningOp<SplatOp>())
        narrow.push_back(SplatOp::create(rewriter, operand.getLoc(), type, splat.getSrc()));
      else
        narrow.push_back(arith::ConstantOp::create(
            rewriter, operand.getLoc(),
            SplatElementsAttr::get(type, uniformConstant(operand).getSplatValue<Attribute>())));
    }
    auto type = cast<RankedTensorType>(op->getResult(0).getType());
    Value value = recreate(op, narrow, type.clone(shape), rewriter);
    rewriter.replaceOpWithNewOp<BroadcastOp>(op, type, value);
    return success();
  }
};

struct Simplify : PassWrapper<Simplify, OperationPass<>> {
  MLIR_DEFINE_EXPLICIT_INTERNAL_INLINE_TYPE_ID(Simplify)
  llvm::StringRef getArgument() const final { return "tt-simplify"; }
  llvm::StringRef getDescription() const final {
    return "Accumulate in tt.dot, join constant offsets, move splat and broadcast after arithmetic";
  }
  void getDependentDialects(DialectRegistry &registry) const final {
    registry.insert<arith::ArithDialect, TtDialect>();
  }
  void runOnOperation() final {
    RewritePatternSet patterns(&getContext());
    patterns.add<AccumulateInDot<arith::AddFOp>, AccumulateInDot<arith::AddIOp>, AddConstantOffsets,
                 SplatAfterElementwise, BroadcastAfterElementwise>(&getContext());
    for (OperationName name : {OperationName(BroadcastOp::getOperationName(), &getContext()),
                               OperationName(SplatOp::getOperationName(), &getContext()),
                               OperationName(ExpandDimsOp::getOperationName(), &getContext())})
      name.getCanonicalizationPatterns(patterns, &getContext());
    if (failed(applyPatternsGreedily(getOperation(), std::move(patterns))))
      signalPassFailure();
  }
};

} // namespace

std::unique_ptr<Pass> createSimplifyPass() {
  return std::make_unique<Simplify>();
}

void registerTtPasses() {
  PassRegistration<Simplify>();
}

} // namespace lapidary::tt
