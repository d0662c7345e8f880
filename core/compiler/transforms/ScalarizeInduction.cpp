#include "core/compiler/Passes.h"

#include "mlir/Transforms/RegionUtils.h"

namespace lapidary {

#define GEN_PASS_DEF_SCALARIZEINDUCTIONPASS
#include "core/compiler/Passes.h.inc"

using namespace mlir;

namespace {

// One carried tile: yielded as itself plus `step`.
struct Induction {
  unsigned number;  // of the iteration argument
  Operation *sum;   // the addition that is yielded
  Value step;       // what is added: a tile
  Value scalarStep; // the scalar that `step` repeats; null: a tile from outside of the loop
};

std::optional<Induction> findInduction(scf::ForOp loop, unsigned number) {
  Value carried = loop.getRegionIterArgs()[number];
  if (!isa<RankedTensorType>(carried.getType()))
    return std::nullopt;
  Operation *sum = loop.getYieldedValues()[number].getDefiningOp();
  if (!sum || !isa<tt::AddPtrOp, arith::AddIOp>(sum) || sum->getBlock() != loop.getBody())
    return std::nullopt;
  Value step;
  if (sum->getOperand(0) == carried)
    step = sum->getOperand(1);
  else if (isa<arith::AddIOp>(sum) && sum->getOperand(1) == carried)
    step = sum->getOperand(0);
  if (!step)
    return std::nullopt;
  if (auto splat = step.getDefiningOp<tt::SplatOp>())
    return Induction{number, sum, step, splat.getSrc()};
  if (auto constant = step.getDefiningOp<arith::ConstantOp>())
    if (auto splat = dyn_cast<SplatElementsAttr>(constant.getValue()))
      return Induction{number, sum, step, Value()};
  if (loop.isDefinedOutsideOfLoop(step))
    return Induction{number, sum, step, Value()};
  return std::nullopt;
}

Type scalarType(Value tile) {
  return cast<RankedTensorType>(tile.getType()).getElementType();
}

Value splatOf(OpBuilder &builder, Location loc, Value scalar, Type like) {
  return tt::SplatOp::create(builder, loc, cast<RankedTensorType>(like).clone(scalar.getType()),
                             scalar);
}

// base + offset, in tiles, of the kind that the loop's addition is.
Value add(OpBuilder &builder, Operation *like, Value base, Value offset) {
  if (isa<tt::AddPtrOp>(like))
    return tt::AddPtrOp::create(builder, like->getLoc(), base.getType(), base, offset);
  return arith::AddIOp::create(builder, like->getLoc(), base, offset);
}

// How far the tile has moved, as a tile: from the scalar carried beside it.
Value distance(OpBuilder &builder, const Induction &induction, Value scalar) {
  Location loc = induction.sum->getLoc();
  Value repeated = splatOf(builder, loc, scalar, induction.step.getType());
  if (induction.scalarStep)
    return repeated;
  return arith::MulIOp::create(builder, loc, induction.step, repeated);
}

// Replaces carried tiles by scalars: the sum of the steps so far, or the number of steps.
bool rewrite(scf::ForOp loop) {
  llvm::SmallVector<Induction> inductions;
  for (unsigned i = 0; i < loop.getNumRegionIterArgs(); ++i)
    if (auto induction = findInduction(loop, i))
      inductions.push_back(*induction);
  if (inductions.empty())
    return false;

  OpBuilder builder(loop);
  llvm::SmallVector<Value> inits;
  for (const Induction &each : inductions) {
    Type type = scalarType(each.step);
    inits.push_back(
        arith::ConstantOp::create(builder, each.sum->getLoc(), builder.getIntegerAttr(type, 0)));
  }
  const unsigned before = loop.getNumRegionIterArgs();
  IRRewriter rewriter(builder);
  auto yields = [&](OpBuilder &b, Location loc, ArrayRef<BlockArgument> added) {
    llvm::SmallVector<Value> next;
    for (auto [each, argument] : llvm::zip(inductions, added)) {
      Value step = each.scalarStep;
      if (!step)
        step = arith::ConstantOp::create(b, loc, b.getIntegerAttr(argument.getType(), 1));
      next.push_back(arith::AddIOp::create(b, each.sum->getLoc(), argument, step));
    }
    return next;
  };
  auto replaced = loop.replaceWithAdditionalYields(rewriter, inits, false, yields);
  if (failed(replaced))
    return false;
  auto wider = cast<scf::ForOp>(replaced->getOperation());
  for (auto [at, each] : llvm::enumerate(inductions)) {
    const unsigned scalarAt = before + static_cast<unsigned>(at);
    Value init = wider.getInitArgs()[each.number];
    builder.setInsertionPointToStart(wider.getBody());
    Value inside =
        add(builder, each.sum, init, distance(builder, each, wider.getRegionIterArg(scalarAt)));
    wider.getRegionIterArg(each.number).replaceAllUsesWith(inside);
    builder.setInsertionPointAfter(wider);
    Value after = add(builder, each.sum, init, distance(builder, each, wider.getResult(scalarAt)));
    wider.getResult(each.number).replaceAllUsesWith(after);
    // The tile is carried unchanged now; canonicalization drops it.
    wider.getBody()->getTerminator()->setOperand(each.number, wider.getRegionIterArg(each.number));
  }
  return true;
}

struct ScalarizeInduction : impl::ScalarizeInductionPassBase<ScalarizeInduction> {
  void runOnOperation() override {
    llvm::SmallVector<scf::ForOp> loops;
    getOperation().walk([&](scf::ForOp loop) { loops.push_back(loop); });
    for (scf::ForOp loop : loops)
      rewrite(loop);
  }
};

} // namespace

} // namespace lapidary
