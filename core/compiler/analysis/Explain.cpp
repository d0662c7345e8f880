#include "core/compiler/analysis/Explain.h"

#include "core/compiler/analysis/Locations.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "llvm/ADT/TypeSwitch.h"

#include <fmt/format.h>

namespace lapidary {

using namespace mlir;

std::string argumentName(BlockArgument argument) {
  std::string name = nameOf(argument.getLoc());
  return name.empty() ? fmt::format("argument {}", argument.getArgNumber()) : name;
}

namespace {

// What the property tt.divisibility promises.
constexpr std::int64_t specializedDivisor = 16;

// A value whose facts are followed along one dimension of its own.
struct Followed {
  Value value;
  int dim;
};

std::string describe(Value value) {
  std::string name = nameOf(value.getLoc());
  Operation *op = value.getDefiningOp();
  std::string what = op ? op->getName().getStringRef().str() : "a loop-carried value";
  return name.empty() ? fmt::format("the result of {}", what) : fmt::format("{} ({})", name, what);
}

bool isKernelArgument(Value value) {
  auto argument = dyn_cast<BlockArgument>(value);
  return argument && isa<tt::FuncOp>(argument.getOwner()->getParentOp());
}

// Through the operations that move elements about without changing them. Null: `from` is no such
// operation, or it repeats elements along the dimension.
std::optional<Followed> throughShape(Followed from) {
  Operation *op = from.value.getDefiningOp();
  if (!op)
    return std::nullopt;
  return llvm::TypeSwitch<Operation *, std::optional<Followed>>(op)
      .Case([&](tt::SplatOp o) { return Followed{o.getSrc(), 0}; })
      .Case([&](tt::BroadcastOp o) { return Followed{o.getSrc(), from.dim}; })
      .Case([&](tt::ExpandDimsOp o) {
        const int at = static_cast<int>(o.getAxis());
        return Followed{o.getSrc(), from.dim > at ? from.dim - 1 : std::min(from.dim, at)};
      })
      .Case([&](tt::TransOp o) { return Followed{o.getSrc(), o.getOrder()[from.dim]}; })
      .Case<arith::ExtSIOp, arith::ExtUIOp, arith::TruncIOp, arith::IndexCastOp>(
          [&](auto o) { return Followed{o.getIn(), from.dim}; })
      .Case<tt::IntToPtrOp, tt::PtrToIntOp, tt::BitcastOp>(
          [&](auto o) { return Followed{o.getSrc(), from.dim}; })
      .Default([](Operation *) { return std::nullopt; });
}

int clampDim(Value value, int dim) {
  auto tile = dyn_cast<RankedTensorType>(value.getType());
  return tile ? std::clamp<int>(dim, 0, static_cast<int>(tile.getRank()) - 1) : 0;
}

// The initial and the yielded value of a loop-carried one.
std::optional<std::pair<Value, Value>> carried(Value value) {
  auto argument = dyn_cast<BlockArgument>(value);
  if (!argument)
    return std::nullopt;
  auto loop = dyn_cast<scf::ForOp>(argument.getOwner()->getParentOp());
  if (!loop || argument.getArgNumber() == 0)
    return std::nullopt;
  const unsigned at = argument.getArgNumber() - 1;
  return std::pair(loop.getInitArgs()[at], loop.getYieldedValues()[at]);
}

class Explainer {
public:
  Explainer(const AxisAnalysis &axis, std::int64_t wanted) : axis(axis), wanted(wanted) {}

  Limit contiguity(Followed at) {
    if (!enter(at))
      return other(at);
    if (auto loop = carried(at.value))
      return contiguity(
          {facts(loop->first, at).contiguity[at.dim] < wanted ? loop->first : loop->second,
           at.dim});
    if (auto next = throughShape(at)) {
      if (facts(at.value, at).constancy[at.dim] >= wanted)
        return {"every lane accesses the same element", "", ""};
      return contiguity(*next);
    }
    Operation *op = at.value.getDefiningOp();
    if (!op)
      return other(at);
    if (isa<arith::AddIOp, arith::SubIOp, tt::AddPtrOp>(op))
      return contiguity({varying(op, at), at.dim});
    if (isa<arith::MulIOp>(op))
      return stride(op, at);
    if (isa<arith::RemSIOp, arith::RemUIOp>(op)) {
      Value divisor = op->getOperand(1), run = op->getOperand(0);
      return divisibility(
          {facts(divisor, at).divisibility[at.dim] < wanted ? divisor : run, at.dim});
    }
    if (isa<tt::LoadOp>(op))
      return {"the offsets are read from memory", "", ""};
    return other(at);
  }

  Limit divisibility(Followed at) {
    if (!enter(at))
      return other(at);
    if (isKernelArgument(at.value)) {
      std::string name = argumentName(cast<BlockArgument>(at.value));
      if (const std::int64_t known = axis.of(at.value).divisibility[0]; known >= specializedDivisor)
        return {fmt::format("{} is known to be divisible by {} only", name, known), "", ""};
      return {fmt::format("{} is not known to be divisible by {}", name,
                          std::min(wanted, specializedDivisor)),
              name, "tt.divisibility"};
    }
    if (auto loop = carried(at.value))
      return divisibility(
          {facts(loop->first, at).divisibility[at.dim] < wanted ? loop->first : loop->second,
           at.dim});
    if (auto next = throughShape(at))
      return divisibility(*next);
    Operation *op = at.value.getDefiningOp();
    if (!op)
      return {"a loop's counter is not known to be a multiple of it", "", ""};
    if (auto value = axis.of(at.value).constant)
      return {fmt::format("the constant {} is not divisible by {}", *value, wanted), "", ""};
    if (isa<tt::GetProgramIdOp, tt::GetNumProgramsOp>(op))
      return {fmt::format("a program id is not divisible by {}", wanted), "", ""};
    if (isa<arith::MulIOp>(op)) {
      // Either factor would do; an argument's property is one that can be had.
      for (Value operand : op->getOperands())
        if (Limit limit = divisibility({operand, at.dim}); !limit.argument.empty())
          return limit;
      return divisibility({op->getOperand(0), at.dim});
    }
    if (op->getNumOperands() == 2)
      return divisibility({weaker(op, at), at.dim});
    return other(at);
  }

  Limit constancy(Followed at) {
    if (!enter(at))
      return other(at);
    if (auto next = throughShape(at))
      return constancy(*next);
    Operation *op = at.value.getDefiningOp();
    if (!op)
      return other(at);
    if (isa<arith::AndIOp, arith::OrIOp, arith::XOrIOp>(op)) {
      Value left = op->getOperand(0), right = op->getOperand(1);
      return constancy({facts(left, at).constancy[at.dim] < wanted ? left : right, at.dim});
    }
    if (auto compare = dyn_cast<arith::CmpIOp>(op))
      return boundary(compare, at);
    if (isa<tt::LoadOp>(op))
      return {"the mask is read from memory", "", ""};
    return other(at);
  }

private:
  // Chains are as long as the kernel; a value met again ends the walk.
  bool enter(Followed &at) {
    at.dim = clampDim(at.value, at.dim);
    return visited.insert(at.value).second;
  }

  AxisInfo facts(Value value, Followed at) {
    AxisInfo info = axis.of(value);
    return at.dim < info.rank() ? info : AxisInfo::unknown(value);
  }

  Limit other(Followed at) {
    return {fmt::format("nothing is known of {}", describe(at.value)), "", ""};
  }

  // The operand of a sum that changes along the dimension.
  Value varying(Operation *op, Followed at) {
    return facts(op->getOperand(0), at).constancy[at.dim] < wanted ? op->getOperand(0)
                                                                   : op->getOperand(1);
  }

  Value weaker(Operation *op, Followed at) {
    return facts(op->getOperand(0), at).divisibilityAt(at.dim, wanted) < wanted ? op->getOperand(0)
                                                                                : op->getOperand(1);
  }

  // A product counts up only when its factor is 1.
  Limit stride(Operation *op, Followed at) {
    Value varies = varying(op, at);
    Value factor = varies == op->getOperand(0) ? op->getOperand(1) : op->getOperand(0);
    Followed root{factor, clampDim(factor, at.dim)};
    if (auto constant = axis.of(factor).constant)
      return {fmt::format("elements lie {} apart", *constant), "", ""};
    while (auto next = throughShape(root))
      root = {next->value, clampDim(next->value, next->dim)};
    if (!isKernelArgument(root.value))
      return {fmt::format("the stride, {}, is not known to be 1", describe(root.value)), "", ""};
    std::string name = argumentName(cast<BlockArgument>(root.value));
    return {fmt::format("{} is not known to be 1", name), name, "tt.equal_to"};
  }

  // offsets < bound changes within a group unless both are multiples of it.
  Limit boundary(arith::CmpIOp compare, Followed at) {
    for (Value side : {compare.getRhs(), compare.getLhs()})
      if (facts(side, at).constancy[at.dim] >= wanted &&
          facts(side, at).divisibility[at.dim] < wanted)
        return divisibility({side, at.dim});
    for (Value side : {compare.getLhs(), compare.getRhs()})
      if (facts(side, at).divisibility[at.dim] < wanted)
        return divisibility({side, at.dim});
    return other(at);
  }

  const AxisAnalysis &axis;
  std::int64_t wanted;
  llvm::DenseSet<Value> visited;
};

} // namespace

Limit explainContiguity(const AxisAnalysis &axis, Value value, int dim, std::int64_t wanted) {
  return Explainer(axis, wanted).contiguity({value, dim});
}

Limit explainDivisibility(const AxisAnalysis &axis, Value value, int dim, std::int64_t wanted) {
  return Explainer(axis, wanted).divisibility({value, dim});
}

Limit explainConstancy(const AxisAnalysis &axis, Value value, int dim, std::int64_t wanted) {
  return Explainer(axis, wanted).constancy({value, dim});
}

} // namespace lapidary
