#include "core/language/Hints.h"

#include "core/compiler/dialect/tt/TtOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "llvm/ADT/DenseSet.h"
#include "llvm/ADT/SmallVector.h"

#include <algorithm>

namespace lapidary::language {
namespace {

constexpr unsigned longestWalk = 4096;

// The name of the function's argument that `value` is; empty when it is none.
std::string argumentName(mlir::Value value) {
  auto argument = mlir::dyn_cast<mlir::BlockArgument>(value);
  if (!argument || !mlir::isa_and_nonnull<tt::FuncOp>(argument.getOwner()->getParentOp()))
    return {};
  auto name = mlir::dyn_cast<mlir::NameLoc>(argument.getLoc());
  return name ? name.getName().str() : std::string();
}

// What a loop's argument holds before the first round; null for anything else.
mlir::Value initialValue(mlir::Value value) {
  auto argument = mlir::dyn_cast<mlir::BlockArgument>(value);
  mlir::Operation *parent = argument ? argument.getOwner()->getParentOp() : nullptr;
  unsigned index = argument ? argument.getArgNumber() : 0;
  if (auto loop = mlir::dyn_cast_or_null<mlir::scf::ForOp>(parent))
    return index > 0 ? loop.getInitArgs()[index - 1] : mlir::Value();
  if (auto loop = mlir::dyn_cast_or_null<mlir::scf::WhileOp>(parent))
    return index < loop.getInits().size() ? loop.getInits()[index] : mlir::Value();
  return {};
}

// What the operation's result is computed from. A loop is entered by what it starts with.
void operandsOf(mlir::OpResult result, llvm::SmallVectorImpl<mlir::Value> &out) {
  mlir::Operation *op = result.getOwner();
  if (auto loop = mlir::dyn_cast<mlir::scf::ForOp>(op)) {
    out.push_back(loop.getInitArgs()[result.getResultNumber()]);
    return;
  }
  if (mlir::isa<mlir::scf::IfOp>(op)) {
    for (mlir::Region &region : op->getRegions())
      if (!region.empty() && region.front().mightHaveTerminator())
        out.push_back(region.front().getTerminator()->getOperand(result.getResultNumber()));
    return;
  }
  out.append(op->operand_begin(), op->operand_end());
}

// The arguments that an address is made from: of a choice all, else the leftmost, since offsets
// stand to the right of what they are added to.
void basesOf(mlir::Value address, std::vector<std::string> &names, unsigned &steps) {
  if (!address || ++steps > longestWalk)
    return;
  if (std::string name = argumentName(address); !name.empty()) {
    names.push_back(std::move(name));
    return;
  }
  if (mlir::Value initial = initialValue(address))
    return basesOf(initial, names, steps);
  auto result = mlir::dyn_cast<mlir::OpResult>(address);
  if (!result)
    return;
  llvm::SmallVector<mlir::Value> operands;
  operandsOf(result, operands);
  const bool isSelect = mlir::isa<mlir::arith::SelectOp>(result.getOwner());
  if (isSelect)
    operands.erase(operands.begin());
  const bool isChoice = isSelect || mlir::isa<mlir::scf::IfOp>(result.getOwner());
  for (mlir::Value operand : operands) {
    const std::size_t before = names.size();
    basesOf(operand, names, steps);
    if (names.size() > before && !isChoice)
      return;
  }
}

std::vector<std::string> basesOf(mlir::Value address) {
  std::vector<std::string> names;
  unsigned steps = 0;
  basesOf(address, names, steps);
  return names;
}

bool isFloatingValue(mlir::Value value) {
  return mlir::isa<mlir::FloatType>(mlir::getElementTypeOrSelf(value.getType()));
}
bool isNumberValue(mlir::Value value) {
  return mlir::getElementTypeOrSelf(value.getType()).isIntOrFloat();
}

// Whether a cast gives the float type, whatever is cast; operations on the shape are passed over.
bool isCast(mlir::Value value) {
  for (unsigned steps = 0; steps < longestWalk; ++steps) {
    mlir::Operation *op = value.getDefiningOp();
    if (mlir::isa_and_nonnull<mlir::arith::ExtFOp, mlir::arith::TruncFOp, tt::FpToFpOp>(op))
      return true;
    if (!mlir::isa_and_nonnull<tt::TransOp, tt::ReshapeOp, tt::ExpandDimsOp, tt::BroadcastOp,
                               tt::SplatOp>(op))
      return false;
    value = op->getOperand(0);
  }
  return false;
}

} // namespace

void Hints::add(LaunchHint hint) {
  if (!hint.parameter.empty() && std::ranges::find(all, hint) == all.end())
    all.push_back(std::move(hint));
}

void Hints::addAll(LaunchHint::Kind kind, mlir::Value address, DType dtype) {
  for (std::string &name : basesOf(address))
    add({kind, std::move(name), dtype});
}

void Hints::shouldHold(const Tensor &tile, std::int64_t count) {
  if (auto load = tile.handle.getDefiningOp<tt::DescriptorLoadOp>())
    for (std::string &name : basesOf(load.getDesc()))
      add({LaunchHint::Kind::Block, std::move(name), tile.type.dtype(), count});
}

bool Hints::shouldBe(const Tensor &value, DType dtype) {
  const std::size_t before = all.size();
  llvm::SmallVector<mlir::Value> pending;
  llvm::DenseSet<mlir::Value> seen;
  if (value && value.type.isNumber())
    pending.push_back(value.handle);
  const bool floating = !pending.empty() && isFloatingValue(pending[0]);
  while (!pending.empty() && seen.size() < longestWalk) {
    mlir::Value next = pending.pop_back_val();
    if (!isNumberValue(next) || isFloatingValue(next) != floating || !seen.insert(next).second)
      continue;
    if (std::string name = argumentName(next); !name.empty()) {
      add({LaunchHint::Kind::Number, std::move(name), dtype});
    } else if (mlir::Value initial = initialValue(next)) {
      pending.push_back(initial);
    } else if (auto load = next.getDefiningOp<tt::LoadOp>()) {
      addAll(LaunchHint::Kind::Elements, load.getPtr(), dtype);
    } else if (auto block = next.getDefiningOp<tt::DescriptorLoadOp>()) {
      addAll(LaunchHint::Kind::Elements, block.getDesc(), dtype);
    } else if (auto result = mlir::dyn_cast<mlir::OpResult>(next)) {
      operandsOf(result, pending);
    }
  }
  return all.size() > before;
}

void Hints::shouldAgree(const Tensor &first, const Tensor &second) {
  if (!first || !second || !first.type.isNumber() || !second.type.isNumber())
    return;
  DType a = first.type.dtype(), b = second.type.dtype();
  if (a == b)
    return;
  if (isFloating(a) && isFloating(b)) {
    const bool widen = dtypeBits(a) < dtypeBits(b);
    const Tensor &narrow = widen ? first : second, &wide = widen ? second : first;
    const bool wideFirst = isCast(narrow.handle) && !isCast(wide.handle);
    const Tensor &likely = wideFirst ? wide : narrow, &other = wideFirst ? narrow : wide;
    if (!shouldBe(likely, other.type.dtype()))
      shouldBe(other, likely.type.dtype());
  } else if (!shouldBe(second, a)) {
    shouldBe(first, b);
  }
}

void Hints::shouldPoint(const Tensor &value) {
  if (value && !value.type.isPointer())
    addAll(LaunchHint::Kind::Pointer, value.handle, DType::Fp32);
}

void Hints::shouldCount(const Tensor &value) {
  if (value && value.type.isPointer())
    addAll(LaunchHint::Kind::Number, value.handle, DType::Int32);
}

} // namespace lapidary::language
