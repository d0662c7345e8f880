// Operations of a kernel that are about one value each.
#include "core/compiler/lowering/TileEmitter.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/UB/IR/UBOps.h"
#include "llvm/ADT/TypeSwitch.h"

namespace lapidary {

using namespace mlir;

bool TileEmitter::emitScalar(Operation *op) {
  auto bind = [&](Value from, Value to) {
    if (to)
      scalars[from] = to;
    return static_cast<bool>(to);
  };
  return llvm::TypeSwitch<Operation *, bool>(op)
      .Case([&](arith::ConstantOp o) {
        Type type = elementType(o.getType());
        auto number = dyn_cast<FloatAttr>(o.getValue());
        TypedAttr value = cast<TypedAttr>(o.getValue());
        if (number && type.isInteger())
          value = builder.getIntegerAttr(type, number.getValue().bitcastToAPInt());
        return bind(o, arith::ConstantOp::create(builder, locationOf(o), value));
      })
      .Case([&](ub::PoisonOp o) { return bind(o, zero(elementType(o.getType()))); })
      .Case([&](tt::UnsplatOp o) {
        Place first;
        first.at.assign(shapeOf(o.getSrc().getType()).size(), Index{});
        return bind(o, at(o.getSrc(), first));
      })
      .Case([&](tt::LoadOp o) { return bind(o, evaluateLoad(o, Place{})); })
      .Case([&](tt::StoreOp o) {
        if (!prepare(o, Place{}))
          return false;
        store(o, Place{});
        return true;
      })
      .Default([&](Operation *o) {
        if (o->getNumRegions() != 0 || o->getNumResults() == 0 || !isMemoryEffectFree(o) ||
            !isa<tt::TtDialect, arith::ArithDialect, math::MathDialect>(o->getDialect()) ||
            llvm::any_of(o->getOperandTypes(), llvm::IsaPred<RankedTensorType>))
          return unsupported(o);
        llvm::SmallVector<Value> operands;
        for (Value operand : o->getOperands()) {
          operands.push_back(scalar(operand));
          if (!operands.back())
            return unsupported(o);
        }
        for (OpResult result : o->getResults())
          if (!bind(result, elementwise(o, result.getResultNumber(), operands)))
            return false;
        return true;
      });
}

} // namespace lapidary
