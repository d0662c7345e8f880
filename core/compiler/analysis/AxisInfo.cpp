#include "core/compiler/analysis/AxisInfo.h"

#include "core/compiler/dialect/tt/TtOps.h"

#include "mlir/Analysis/DataFlow/ConstantPropagationAnalysis.h"
#include "mlir/Analysis/DataFlow/DeadCodeAnalysis.h"
#include "mlir/Analysis/DataFlow/SparseAnalysis.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "llvm/ADT/TypeSwitch.h"

#include <numeric>

namespace lapidary {

using namespace mlir;

namespace {

constexpr std::int64_t largestDivisor = std::int64_t(1) << 30;

llvm::SmallVector<std::int64_t> shapeOf(Type type) {
  if (auto tile = dyn_cast<RankedTensorType>(type))
    if (tile.getRank() > 0)
      return llvm::to_vector(tile.getShape());
  return {1};
}

std::int64_t cap(std::int64_t divisor) {
  return std::min(divisor, largestDivisor);
}

// What one step of contiguity adds to a value of this type: the pointee's bytes, or 1.
std::int64_t unitOf(Type type) {
  if (auto pointer = dyn_cast<tt::PointerType>(getElementTypeOrSelf(type)))
    if (pointer.getPointeeType().isIntOrFloat())
      return std::max<std::int64_t>(1, pointer.getPointeeType().getIntOrFloatBitWidth() / 8);
  return 1;
}

} // namespace

std::int64_t powerOfTwoDivisor(std::int64_t value) {
  return value == 0 ? largestDivisor : cap(value & -value);
}

AxisInfo AxisInfo::unknown(Value value) {
  AxisInfo info;
  const std::size_t rank = shapeOf(value.getType()).size();
  info.contiguity.assign(rank, 1);
  info.divisibility.assign(rank, 1);
  info.constancy.assign(rank, 1);
  return info;
}

AxisInfo AxisInfo::ofConstant(Value value, std::int64_t constant) {
  AxisInfo info = unknown(value);
  info.constancy = shapeOf(value.getType());
  info.divisibility.assign(info.rank(), powerOfTwoDivisor(constant));
  info.constant = constant;
  return info;
}

AxisInfo AxisInfo::join(const AxisInfo &a, const AxisInfo &b) {
  if (a.isUnset())
    return b;
  if (b.isUnset())
    return a;
  AxisInfo info;
  for (int d = 0; d < a.rank(); ++d) {
    const std::int64_t contiguity = std::gcd(a.contiguity[d], b.contiguity[d]);
    info.contiguity.push_back(contiguity);
    info.constancy.push_back(std::gcd(a.constancy[d], b.constancy[d]));
    info.divisibility.push_back(
        std::gcd(a.divisibilityAt(d, contiguity), b.divisibilityAt(d, contiguity)));
  }
  if (a.constant && a.constant == b.constant)
    info.constant = a.constant;
  return info;
}

std::int64_t AxisInfo::divisibilityAt(int dim, std::int64_t step, std::int64_t unit) const {
  if (step % contiguity[dim] == 0)
    return divisibility[dim];
  return std::gcd(divisibility[dim], cap(step * unit));
}

void AxisInfo::print(llvm::raw_ostream &stream) const {
  stream << "contiguity [";
  llvm::interleaveComma(contiguity, stream);
  stream << "], divisibility [";
  llvm::interleaveComma(divisibility, stream);
  stream << "], constancy [";
  llvm::interleaveComma(constancy, stream);
  stream << "]";
  if (constant)
    stream << ", constant " << *constant;
}

namespace {

using AxisLattice = dataflow::Lattice<AxisInfo>;
using Operands = ArrayRef<const AxisInfo *>;

// The fallback for every elementwise operation: equal operands give equal results.
AxisInfo elementwise(Value result, Operands operands) {
  AxisInfo info = AxisInfo::unknown(result);
  info.constancy = shapeOf(result.getType());
  for (const AxisInfo *operand : operands)
    for (int d = 0; d < info.rank(); ++d)
      info.constancy[d] = std::gcd(info.constancy[d], operand->constancy[d]);
  return info;
}

// a + b, or pointer a + b elements.
AxisInfo sum(Value result, const AxisInfo &a, const AxisInfo &b, bool subtract) {
  AxisInfo info = elementwise(result, {&a, &b});
  const std::int64_t unit = unitOf(result.getType());
  for (int d = 0; d < info.rank(); ++d) {
    const std::int64_t ascending = std::gcd(a.contiguity[d], b.constancy[d]);
    const std::int64_t other = subtract ? 1 : std::gcd(a.constancy[d], b.contiguity[d]);
    const std::int64_t step = info.contiguity[d] = std::max(ascending, other);
    info.divisibility[d] =
        std::gcd(a.divisibilityAt(d, step, unit), cap(b.divisibilityAt(d, step) * unit));
  }
  if (a.constant && b.constant && unit == 1)
    return AxisInfo::ofConstant(result,
                                subtract ? *a.constant - *b.constant : *a.constant + *b.constant);
  return info;
}

AxisInfo product(Value result, const AxisInfo &a, const AxisInfo &b) {
  if (a.constant && b.constant)
    return AxisInfo::ofConstant(result, *a.constant * *b.constant);
  if (a.constant == 1)
    return b;
  if (b.constant == 1)
    return a;
  AxisInfo info = elementwise(result, {&a, &b});
  for (int d = 0; d < info.rank(); ++d)
    info.divisibility[d] = cap(a.divisibilityAt(d, 1) * b.divisibilityAt(d, 1));
  return info;
}

// Size of the groups in which a counts up from a multiple of what also divides b, b being constant
// over the group: within one, a / b and a < b do not change, and a % b counts up.
std::int64_t alignedRun(const AxisInfo &a, const AxisInfo &b, int d) {
  return std::gcd(std::gcd(a.contiguity[d], a.divisibility[d]),
                  std::gcd(b.constancy[d], b.divisibilityAt(d, 1)));
}

AxisInfo quotient(Value result, const AxisInfo &a, const AxisInfo &b) {
  if (b.constant == 1)
    return a;
  if (a.constant && b.constant && *b.constant != 0 && *b.constant != -1)
    return AxisInfo::ofConstant(result, *a.constant / *b.constant);
  AxisInfo info = elementwise(result, {&a, &b});
  for (int d = 0; d < info.rank(); ++d) {
    info.constancy[d] = std::max(info.constancy[d], alignedRun(a, b, d));
    const std::int64_t whole = a.divisibilityAt(d, 1);
    if (b.constant && powerOfTwoDivisor(*b.constant) == *b.constant && whole % *b.constant == 0)
      info.divisibility[d] = whole / *b.constant;
  }
  return info;
}

AxisInfo remainder(Value result, const AxisInfo &a, const AxisInfo &b) {
  AxisInfo info = elementwise(result, {&a, &b});
  for (int d = 0; d < info.rank(); ++d) {
    info.contiguity[d] = alignedRun(a, b, d);
    info.divisibility[d] =
        std::gcd(a.divisibilityAt(d, info.contiguity[d]), b.divisibilityAt(d, 1));
  }
  return info;
}

AxisInfo comparison(arith::CmpIOp op, const AxisInfo &a, const AxisInfo &b) {
  using P = arith::CmpIPredicate;
  AxisInfo info = elementwise(op.getResult(), {&a, &b});
  const P p = op.getPredicate();
  const bool leftRuns = p == P::slt || p == P::sge || p == P::ult || p == P::uge;
  const bool rightRuns = p == P::sgt || p == P::sle || p == P::ugt || p == P::ule;
  for (int d = 0; d < info.rank(); ++d) {
    if (leftRuns)
      info.constancy[d] = std::max(info.constancy[d], alignedRun(a, b, d));
    if (rightRuns)
      info.constancy[d] = std::max(info.constancy[d], alignedRun(b, a, d));
  }
  return info;
}

AxisInfo selection(Value result, const AxisInfo &condition, const AxisInfo &a, const AxisInfo &b) {
  if (condition.constant)
    return *condition.constant ? a : b;
  AxisInfo info = AxisInfo::join(a, b);
  // A scalar condition over tiles chooses one of them whole.
  if (condition.rank() != info.rank() || !isa<RankedTensorType>(result.getType()))
    return info;
  for (int d = 0; d < info.rank(); ++d) {
    info.contiguity[d] = std::gcd(info.contiguity[d], condition.constancy[d]);
    info.constancy[d] = std::gcd(info.constancy[d], condition.constancy[d]);
    info.divisibility[d] =
        std::gcd(a.divisibilityAt(d, info.contiguity[d]), b.divisibilityAt(d, info.contiguity[d]));
  }
  info.constant.reset();
  return info;
}

AxisInfo expanded(tt::ExpandDimsOp op, const AxisInfo &source) {
  AxisInfo info = source;
  if (!isa<RankedTensorType>(op.getSrc().getType()))
    return AxisInfo::unknown(op.getResult());
  const auto at = static_cast<int>(op.getAxis());
  std::int64_t every = source.divisibilityAt(0, 1);
  for (int d = 1; d < source.rank(); ++d)
    every = std::gcd(every, source.divisibilityAt(d, 1));
  info.contiguity.insert(info.contiguity.begin() + at, 1);
  info.constancy.insert(info.constancy.begin() + at, 1);
  info.divisibility.insert(info.divisibility.begin() + at, every);
  return info;
}

AxisInfo broadcast(tt::BroadcastOp op, const AxisInfo &source) {
  AxisInfo info = source;
  auto from = op.getSrc().getType().getShape(), to = op.getResult().getType().getShape();
  for (int d = 0; d < info.rank(); ++d)
    if (from[d] != to[d])
      info.constancy[d] = to[d];
  return info;
}

AxisInfo permuted(tt::TransOp op, const AxisInfo &source) {
  AxisInfo info = source;
  for (auto [to, from] : llvm::enumerate(op.getOrder())) {
    info.contiguity[to] = source.contiguity[from];
    info.constancy[to] = source.constancy[from];
    info.divisibility[to] = source.divisibility[from];
  }
  return info;
}

// Row-major reshape: runs along the last dimension stay runs as far as both last dimensions go.
AxisInfo reshaped(tt::ReshapeOp op, const AxisInfo &source) {
  AxisInfo info = AxisInfo::unknown(op.getResult());
  auto from = shapeOf(op.getSrc().getType()), to = shapeOf(op.getResult().getType());
  if (op.getAllowReorder())
    return info;
  std::int64_t every = source.divisibilityAt(0, 1);
  for (int d = 1; d < source.rank(); ++d)
    every = std::gcd(every, source.divisibilityAt(d, 1));
  info.divisibility.assign(info.rank(), every);
  const std::int64_t run = std::gcd(from.back(), to.back());
  const int last = info.rank() - 1, sourceLast = source.rank() - 1;
  info.contiguity[last] = std::gcd(source.contiguity[sourceLast], run);
  info.constancy[last] = std::gcd(source.constancy[sourceLast], run);
  info.divisibility[last] = source.divisibilityAt(sourceLast, info.contiguity[last]);
  if (source.constant)
    return AxisInfo::ofConstant(op.getResult(), *source.constant);
  return info;
}

AxisInfo shifted(arith::ShLIOp op, const AxisInfo &a, const AxisInfo &b) {
  if (b.constant && *b.constant >= 0 && *b.constant < 30)
    return product(op.getResult(), a,
                   AxisInfo::ofConstant(op.getRhs(), std::int64_t(1) << *b.constant));
  return elementwise(op.getResult(), {&a, &b});
}

AxisInfo shiftedRight(Value result, Value amount, const AxisInfo &a, const AxisInfo &b) {
  if (b.constant && *b.constant >= 0 && *b.constant < 30)
    return quotient(result, a, AxisInfo::ofConstant(amount, std::int64_t(1) << *b.constant));
  return elementwise(result, {&a, &b});
}

AxisInfo lesserOrGreater(Value result, const AxisInfo &a, const AxisInfo &b) {
  AxisInfo info = elementwise(result, {&a, &b});
  for (int d = 0; d < info.rank(); ++d)
    info.divisibility[d] = std::gcd(a.divisibilityAt(d, 1), b.divisibilityAt(d, 1));
  return info;
}

AxisInfo ofRange(tt::MakeRangeOp op) {
  AxisInfo info = AxisInfo::unknown(op.getResult());
  info.contiguity[0] =
      static_cast<std::int64_t>(op.getEnd()) - static_cast<std::int64_t>(op.getStart());
  info.divisibility[0] = powerOfTwoDivisor(op.getStart());
  return info;
}

AxisInfo ofConstantOp(arith::ConstantOp op) {
  if (auto integer = dyn_cast<IntegerAttr>(op.getValue()))
    return AxisInfo::ofConstant(
        op, integer.getValue().isSignedIntN(64) ? integer.getValue().getSExtValue() : 0);
  if (auto splat = dyn_cast<SplatElementsAttr>(op.getValue())) {
    if (isa<IntegerType>(splat.getElementType()))
      return AxisInfo::ofConstant(op, splat.getSplatValue<APInt>().getSExtValue());
    AxisInfo info = AxisInfo::unknown(op);
    info.constancy = shapeOf(op.getType());
    return info;
  }
  return AxisInfo::unknown(op);
}

AxisInfo splatted(tt::SplatOp op, const AxisInfo &source) {
  AxisInfo info = AxisInfo::unknown(op.getResult());
  info.constancy = shapeOf(op.getResult().getType());
  info.divisibility.assign(info.rank(), source.divisibility[0]);
  info.constant = source.constant;
  return info;
}

AxisInfo transfer(Operation *op, Operands in) {
  Value result = op->getResult(0);
  return llvm::TypeSwitch<Operation *, AxisInfo>(op)
      .Case([&](arith::ConstantOp o) { return ofConstantOp(o); })
      .Case([&](tt::MakeRangeOp o) { return ofRange(o); })
      .Case([&](tt::SplatOp o) { return splatted(o, *in[0]); })
      .Case([&](tt::ExpandDimsOp o) { return expanded(o, *in[0]); })
      .Case([&](tt::BroadcastOp o) { return broadcast(o, *in[0]); })
      .Case([&](tt::TransOp o) { return permuted(o, *in[0]); })
      .Case([&](tt::ReshapeOp o) { return reshaped(o, *in[0]); })
      .Case<arith::AddIOp, tt::AddPtrOp>([&](auto) { return sum(result, *in[0], *in[1], false); })
      .Case([&](arith::SubIOp) { return sum(result, *in[0], *in[1], true); })
      .Case([&](arith::MulIOp) { return product(result, *in[0], *in[1]); })
      .Case<arith::DivSIOp, arith::DivUIOp>([&](auto) { return quotient(result, *in[0], *in[1]); })
      .Case<arith::RemSIOp, arith::RemUIOp>([&](auto) { return remainder(result, *in[0], *in[1]); })
      .Case([&](arith::ShLIOp o) { return shifted(o, *in[0], *in[1]); })
      .Case<arith::ShRSIOp, arith::ShRUIOp>(
          [&](auto o) { return shiftedRight(result, o.getRhs(), *in[0], *in[1]); })
      .Case<arith::MaxSIOp, arith::MinSIOp, arith::MaxUIOp, arith::MinUIOp>(
          [&](auto) { return lesserOrGreater(result, *in[0], *in[1]); })
      .Case([&](arith::CmpIOp o) { return comparison(o, *in[0], *in[1]); })
      .Case([&](arith::SelectOp) { return selection(result, *in[0], *in[1], *in[2]); })
      .Case<arith::ExtSIOp, arith::ExtUIOp, arith::TruncIOp, arith::IndexCastOp, tt::IntToPtrOp,
            tt::PtrToIntOp>([&](auto) { return *in[0]; })
      .Case([&](tt::BitcastOp o) {
        return unitOf(result.getType()) == unitOf(o.getSrc().getType()) ? *in[0]
                                                                        : elementwise(result, in);
      })
      .Default([&](Operation *o) {
        const bool isElementwise = o->hasTrait<OpTrait::Elementwise>() || isa<tt::LoadOp>(o);
        const bool sameShape = llvm::all_of(in, [&](const AxisInfo *info) {
          return info->rank() == AxisInfo::unknown(result).rank();
        });
        return isElementwise && sameShape ? elementwise(result, in) : AxisInfo::unknown(result);
      });
}

// tl.multiple_of, tl.max_contiguous, tl.max_constancy: what the kernel's author promises.
void applyHints(Operation *op, AxisInfo &info) {
  auto apply = [&](StringRef name, llvm::SmallVectorImpl<std::int64_t> &values) {
    auto hint = dyn_cast_or_null<DenseElementsAttr>(op->getDiscardableAttr(name));
    if (!hint || !hint.getElementType().isInteger() ||
        hint.getNumElements() != static_cast<std::int64_t>(values.size()))
      return;
    for (auto [value, promised] : llvm::zip(values, hint.getValues<APInt>()))
      value = std::max(value, powerOfTwoDivisor(promised.getSExtValue()));
  };
  apply("tt.contiguity", info.contiguity);
  apply("tt.divisibility", info.divisibility);
  apply("tt.constancy", info.constancy);
}

class AxisDataflow : public dataflow::SparseForwardDataFlowAnalysis<AxisLattice> {
public:
  using SparseForwardDataFlowAnalysis::SparseForwardDataFlowAnalysis;

  LogicalResult visitOperation(Operation *op, ArrayRef<const AxisLattice *> operands,
                               ArrayRef<AxisLattice *> results) override {
    llvm::SmallVector<const AxisInfo *> known;
    for (const AxisLattice *operand : operands) {
      if (operand->getValue().isUnset())
        return success(); // visited again when it is known
      known.push_back(&operand->getValue());
    }
    for (AxisLattice *result : results) {
      AxisInfo info =
          results.size() == 1 ? transfer(op, known) : AxisInfo::unknown(result->getAnchor());
      applyHints(op, info);
      propagateIfChanged(result, result->join(info));
    }
    return success();
  }

  void visitNonControlFlowArguments(Operation *op, const RegionSuccessor &successor,
                                    ArrayRef<AxisLattice *> arguments,
                                    unsigned firstIndex) override {
    auto loop = dyn_cast<scf::ForOp>(op);
    if (!loop || successor.isParent())
      return SparseForwardDataFlowAnalysis::visitNonControlFlowArguments(op, successor, arguments,
                                                                         firstIndex);
    ProgramPoint *point = getProgramPointBefore(loop.getBody());
    const AxisInfo &lower = getLatticeElementFor(point, loop.getLowerBound())->getValue();
    const AxisInfo &step = getLatticeElementFor(point, loop.getStep())->getValue();
    if (lower.isUnset() || step.isUnset())
      return;
    AxisInfo info = AxisInfo::unknown(loop.getInductionVar());
    info.divisibility[0] = std::gcd(lower.divisibility[0], step.divisibility[0]);
    propagateIfChanged(arguments[0], arguments[0]->join(info));
  }

  void setToEntryState(AxisLattice *lattice) override {
    AxisInfo info = AxisInfo::unknown(lattice->getAnchor());
    if (auto argument = dyn_cast<BlockArgument>(lattice->getAnchor()))
      if (auto function = dyn_cast<tt::FuncOp>(argument.getOwner()->getParentOp());
          function && argument.getOwner()->isEntryBlock())
        if (auto divisor =
                function.getArgAttrOfType<IntegerAttr>(argument.getArgNumber(), "tt.divisibility"))
          info.divisibility.assign(info.rank(), powerOfTwoDivisor(divisor.getInt()));
    propagateIfChanged(lattice, lattice->join(info));
  }
};

} // namespace

struct AxisAnalysis::State {
  DataFlowSolver solver;
};

AxisAnalysis::AxisAnalysis(Operation *root) : state(std::make_unique<State>()) {
  state->solver.load<dataflow::DeadCodeAnalysis>();
  state->solver.load<dataflow::SparseConstantPropagation>();
  state->solver.load<AxisDataflow>();
  // Failure leaves values without a lattice, and they are unknown.
  (void)state->solver.initializeAndRun(root);
}

AxisAnalysis::~AxisAnalysis() = default;

AxisInfo AxisAnalysis::of(Value value) const {
  const auto *lattice = state->solver.lookupState<AxisLattice>(value);
  if (!lattice || lattice->getValue().isUnset())
    return AxisInfo::unknown(value);
  return lattice->getValue();
}

} // namespace lapidary
