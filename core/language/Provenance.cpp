#include "core/language/Provenance.h"

#include "mlir/Dialect/SCF/IR/SCF.h"
#include "llvm/ADT/DenseSet.h"
#include "llvm/ADT/TypeSwitch.h"

namespace lapidary::language {
namespace {

bool mayHoldAddress(mlir::Type type) {
  mlir::Type element = mlir::getElementTypeOrSelf(type);
  return mlir::isa<tt::PointerType, tt::TensorDescType>(element) || element.isInteger(64);
}

class Walk {
public:
  explicit Walk(mlir::Block &entry) : entry(entry) {}
  std::set<unsigned> arguments;

  void from(mlir::Value value) {
    pending.push_back(value);
    while (!pending.empty()) {
      mlir::Value next = pending.pop_back_val();
      if (!mayHoldAddress(next.getType()) || !seen.insert(next).second)
        continue;
      if (auto argument = mlir::dyn_cast<mlir::BlockArgument>(next))
        intoBlock(argument);
      else
        intoResult(mlir::cast<mlir::OpResult>(next));
    }
  }

private:
  void intoBlock(mlir::BlockArgument argument) {
    mlir::Block *block = argument.getOwner();
    if (block == &entry) {
      arguments.insert(argument.getArgNumber());
      return;
    }
    mlir::Operation *parent = block->getParentOp();
    unsigned index = argument.getArgNumber();
    if (auto loop = mlir::dyn_cast<mlir::scf::ForOp>(parent)) {
      if (index > 0) { // 0 is the counter
        pending.push_back(loop.getInitArgs()[index - 1]);
        pending.push_back(loop.getYieldedValues()[index - 1]);
      }
    } else if (auto loop = mlir::dyn_cast<mlir::scf::WhileOp>(parent)) {
      if (block->getParent() == &loop.getBefore()) {
        pending.push_back(loop.getInits()[index]);
        pending.push_back(loop.getYieldedValues()[index]);
      } else {
        pending.push_back(loop.getConditionOp().getArgs()[index]);
      }
    } else {
      pending.append(parent->operand_begin(), parent->operand_end());
    }
    for (mlir::Block *before : block->getPredecessors())
      pending.append(before->getTerminator()->operand_begin(),
                     before->getTerminator()->operand_end());
  }

  void intoResult(mlir::OpResult result) {
    mlir::Operation *op = result.getOwner();
    unsigned index = result.getResultNumber();
    if (auto branch = mlir::dyn_cast<mlir::scf::IfOp>(op)) {
      pending.push_back(branch.thenYield().getOperand(index));
      pending.push_back(branch.elseYield().getOperand(index));
    } else if (auto loop = mlir::dyn_cast<mlir::scf::ForOp>(op)) {
      pending.push_back(loop.getInitArgs()[index]);
      pending.push_back(loop.getYieldedValues()[index]);
    } else if (auto loop = mlir::dyn_cast<mlir::scf::WhileOp>(op)) {
      pending.push_back(loop.getConditionOp().getArgs()[index]);
    } else if (auto offset = mlir::dyn_cast<tt::AddPtrOp>(op)) {
      pending.push_back(offset.getPtr());
    } else if (auto block = mlir::dyn_cast<tt::MakeTensorPtrOp>(op)) {
      pending.push_back(block.getBase());
    } else if (auto descriptor = mlir::dyn_cast<tt::MakeTensorDescOp>(op)) {
      pending.push_back(descriptor.getBase());
    } else if (!mlir::isa<tt::LoadOp, tt::AtomicRMWOp, tt::AtomicCASOp>(op)) {
      pending.append(op->operand_begin(), op->operand_end());
    }
  }

  mlir::Block &entry;
  llvm::SmallVector<mlir::Value> pending;
  llvm::DenseSet<mlir::Value> seen;
};

} // namespace

std::set<unsigned> argumentsStoredTo(tt::FuncOp function) {
  Walk walk(function.getBody().front());
  function.walk([&](mlir::Operation *op) {
    llvm::TypeSwitch<mlir::Operation *>(op)
        .Case<tt::StoreOp, tt::AtomicRMWOp, tt::AtomicCASOp>(
            [&](auto access) { walk.from(access.getPtr()); })
        .Case<tt::DescriptorStoreOp, tt::DescriptorReduceOp, tt::DescriptorScatterOp>(
            [&](auto access) { walk.from(access.getDesc()); });
  });
  return walk.arguments;
}

} // namespace lapidary::language
