// Control flow: what a block does, in order, and loops and branches with their tiles as registers.
#include "core/compiler/gpu/ThreadEmitter.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Dialect/UB/IR/UBOps.h"
#include "llvm/ADT/TypeSwitch.h"

namespace lapidary {

using namespace mlir;

bool ThreadEmitter::visit(Block &block) {
  for (Operation &op : block)
    if (!op.hasTrait<OpTrait::IsTerminator>() && !visit(&op))
      return false;
  return true;
}

bool ThreadEmitter::visit(Operation *op) {
  return llvm::TypeSwitch<Operation *, bool>(op)
      .Case([&](tt::LoadOp o) { return emitLoad(o); })
      .Case([&](tt::StoreOp o) { return emitStore(o); })
      .Case([&](tt::AtomicRMWOp o) { return emitAtomic(o, o.getPtr(), o.getMask()); })
      .Case([&](tt::AtomicCASOp o) { return emitAtomic(o, o.getPtr(), Value()); })
      .Case([&](tt::ReduceOp o) { return emitReduce(o); })
      .Case([&](tt::ScanOp o) { return emitScan(o); })
      .Case([&](tt::GatherOp o) { return emitGather(o); })
      .Case([&](tt::HistogramOp o) { return emitHistogram(o); })
      .Case([&](tt::DotOp o) { return emitDot(o); })
      .Case([&](tt::MapElementwiseOp o) { return emitMap(o); })
      .Case([&](tt::ElementwiseInlineAsmOp o) { return emitInlineAsm(o); })
      .Case([&](scf::ForOp o) { return emitFor(o); })
      .Case([&](scf::WhileOp o) { return emitWhile(o); })
      .Case([&](scf::IfOp o) { return emitIf(o); })
      .Case([&](tt::AssertOp o) { return emitAssert(o); })
      .Case<tt::PrintOp>([](auto) { return true; })
      .Case([&](gpu::BarrierOp o) {
        code.barrier(builder, o.getLoc());
        return true;
      })
      .Default([&](Operation *o) {
        if (isMemoryEffectFree(o) && o->getNumRegions() == 0)
          return true; // evaluated where it is asked for
        if (o->getName().getStringRef() == "llvm.intr.assume")
          return true;
        if (o->getNumResults() != 0 && o->hasTrait<OpTrait::Elementwise>()) {
          for (OpResult result : o->getResults())
            if (all(result, homeId(result)).empty())
              return false;
          return true;
        }
        return unsupported(o);
      });
}

bool ThreadEmitter::enter(Block &block, Operation *writtenFor) {
  levels.back().inner = writtenFor;
  levels.push_back({&block});
  forgetShared();
  return true;
}

void ThreadEmitter::leave() {
  levels.pop_back();
  levels.back().inner = nullptr;
  forgetShared();
}

void ThreadEmitter::appendTypes(Value value, llvm::SmallVectorImpl<Type> &types) {
  types.append(registersOf(homeId(value)), registerType(value.getType()));
}

void ThreadEmitter::bindFlat(ValueRange values, ValueRange registers) {
  for (Value value : values) {
    const int home = homeId(value);
    const int count = registersOf(home);
    bind(value, home, Registers(registers.begin(), registers.begin() + count));
    registers = registers.drop_front(count);
  }
}

// `values` in the home layouts of `homes`, one after another.
bool ThreadEmitter::yields(ValueRange values, ValueRange homes, Registers &to) {
  for (auto [value, home] : llvm::zip(values, homes)) {
    Registers registers = all(value, homeId(home));
    if (registers.empty())
      return false;
    to.append(registers);
  }
  return true;
}

bool ThreadEmitter::emitFor(scf::ForOp op) {
  Location loc = op.getLoc();
  Value lower = scalar(op.getLowerBound()), upper = scalar(op.getUpperBound()),
        step = scalar(op.getStep());
  Registers inits;
  if (!lower || !upper || !step || !yields(op.getInitArgs(), op.getRegionIterArgs(), inits))
    return false;
  auto loop =
      scf::ForOp::create(builder, loc, lower, upper, step, inits, nullptr, op.getUnsignedCmp());
  enter(*op.getBody(), loop);
  OpBuilder::InsertionGuard guard(builder);
  if (!loop.getBody()->empty())
    loop.getBody()->getTerminator()->erase();
  builder.setInsertionPointToStart(loop.getBody());
  bind(op.getInductionVar(), scalarLayout, {loop.getInductionVar()});
  bindFlat(op.getRegionIterArgs(), loop.getRegionIterArgs());
  Registers next;
  if (!visit(*op.getBody()) ||
      !yields(op.getBody()->getTerminator()->getOperands(), op.getRegionIterArgs(), next))
    return false;
  scf::YieldOp::create(builder, loc, next);
  leave();
  bindFlat(op.getResults(), loop.getResults());
  return true;
}

bool ThreadEmitter::emitWhile(scf::WhileOp op) {
  Location loc = op.getLoc();
  Block &before = op.getBefore().front(), &after = op.getAfter().front();
  Registers inits;
  if (!yields(op.getInits(), before.getArguments(), inits))
    return false;
  llvm::SmallVector<Type> results;
  for (Value result : op.getResults())
    appendTypes(result, results);
  auto loop = scf::WhileOp::create(builder, loc, results, inits);
  OpBuilder::InsertionGuard guard(builder);
  auto makeBlock = [&](Region &region, TypeRange types) {
    llvm::SmallVector<Location> locations(types.size(), loc);
    return builder.createBlock(&region, region.end(), types, locations);
  };
  Block *first = makeBlock(loop.getBefore(), ValueRange(inits).getTypes());
  Block *second = makeBlock(loop.getAfter(), results);

  enter(before, loop);
  builder.setInsertionPointToStart(first);
  bindFlat(before.getArguments(), first->getArguments());
  Registers passed;
  if (!visit(before))
    return false;
  auto condition = op.getConditionOp();
  Value goesOn = scalar(condition.getCondition());
  if (!goesOn || !yields(condition.getArgs(), after.getArguments(), passed))
    return false;
  scf::ConditionOp::create(builder, loc, goesOn, passed);
  leave();

  enter(after, loop);
  builder.setInsertionPointToStart(second);
  bindFlat(after.getArguments(), second->getArguments());
  Registers next;
  if (!visit(after) || !yields(after.getTerminator()->getOperands(), before.getArguments(), next))
    return false;
  scf::YieldOp::create(builder, loc, next);
  leave();
  bindFlat(op.getResults(), loop.getResults());
  return true;
}

bool ThreadEmitter::emitIf(scf::IfOp op) {
  Location loc = op.getLoc();
  Value condition = scalar(op.getCondition());
  if (!condition)
    return false;
  llvm::SmallVector<Type> results;
  for (Value result : op.getResults())
    appendTypes(result, results);
  const bool hasElse = !op.getElseRegion().empty();
  auto branch = scf::IfOp::create(builder, loc, results, condition, /*addThenBlock=*/true,
                                  /*addElseBlock=*/hasElse);
  OpBuilder::InsertionGuard guard(builder);
  for (auto [from, to] : llvm::zip(op->getRegions(), branch->getRegions())) {
    if (from.empty())
      continue;
    Block &block = from.front();
    enter(block, branch);
    if (!to.front().empty())
      to.front().getTerminator()->erase();
    builder.setInsertionPointToStart(&to.front());
    Registers given;
    if (!visit(block) || !yields(block.getTerminator()->getOperands(), op.getResults(), given))
      return false;
    scf::YieldOp::create(builder, loc, given);
    leave();
  }
  bindFlat(op.getResults(), branch.getResults());
  return true;
}

// The region once for each group of `pack` registers.
bool ThreadEmitter::emitMap(tt::MapElementwiseOp op) {
  if (!op.getScalarOp().hasOneBlock())
    return unsupported(op, " with branches cannot be compiled for GPUs yet");
  const int home = homeId(op.getResult()[0]);
  const int count = registersOf(home);
  const int pack = static_cast<int>(op.getPack());
  if (count % pack != 0)
    return unsupported(op, " takes more elements at once than a thread holds");
  llvm::SmallVector<Registers> results(op.getNumResults());
  Block &body = op.getScalarOp().front();
  for (int first = 0; first < count; first += pack) {
    levels.push_back({&body});
    unsigned argument = 0;
    for (Value source : op.getSrcs())
      for (int i = 0; i < pack; ++i) {
        Value value = at(source, home, first + i);
        if (!value)
          return false;
        bind(body.getArgument(argument++), scalarLayout, {value});
      }
    if (!visit(body))
      return false;
    for (auto [i, value] : llvm::enumerate(body.getTerminator()->getOperands())) {
      Value element = scalar(value);
      if (!element)
        return false;
      results[i / pack].push_back(element);
    }
    levels.pop_back();
  }
  for (auto [result, registers] : llvm::zip(op.getResults(), results))
    bind(result, home, registers);
  return true;
}

bool ThreadEmitter::emitAssert(tt::AssertOp op) {
  const int home = homeId(op.getCondition());
  Registers conditions = all(op.getCondition(), home);
  if (conditions.empty())
    return false;
  Value holds;
  for (Value each : conditions)
    holds = holds ? arith::AndIOp::create(builder, op.getLoc(), holds, each).getResult() : each;
  Value fails =
      arith::XOrIOp::create(builder, op.getLoc(), holds, integer(builder, op.getLoc(), 1, 1));
  whenTrue(fails, op.getLoc(), [&] { intrinsic(builder, op.getLoc(), "llvm.trap", {}); });
  return true;
}

} // namespace lapidary
