#include "core/compiler/lowering/KernelEmitter.h"

#include "core/compiler/analysis/AccessReport.h"
#include "core/compiler/analysis/Locations.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/ControlFlow/IR/ControlFlowOps.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/UB/IR/UBOps.h"
#include "llvm/ADT/PostOrderIterator.h"
#include "llvm/ADT/TypeSwitch.h"

namespace lapidary {

using namespace mlir;

namespace {

// Beyond this a launch on every core would not fit into memory.
constexpr std::int64_t mostScratch = std::int64_t(1) << 27;

llvm::StringRef fileOf(tt::FuncOp kernel) {
  for (Location location = kernel.getLoc();;) {
    if (auto at = dyn_cast<FileLineColRange>(location))
      return at.getFilename();
    if (auto named = dyn_cast<NameLoc>(location))
      location = named.getChildLoc();
    else
      return {};
  }
}

// Runtime parameters beside the kernel's own: this program's ids, the grid, the scratch memory.
constexpr unsigned extraParameters = 7;

} // namespace

KernelEmitter::KernelEmitter(tt::FuncOp kernel, const VectorTraits &traits)
    : kernel(kernel), axis(kernel), scheduler(axis), builder(kernel.getContext()),
      tiles(builder, axis, traits, fileOf(kernel)) {}

Buffer KernelEmitter::allocate(ArrayRef<std::int64_t> shape, Type element) {
  std::int64_t bytes = element.isIntOrFloat() ? (element.getIntOrFloatBitWidth() + 7) / 8 : 8;
  for (std::int64_t size : shape)
    bytes *= size;
  OpBuilder::InsertionGuard guard(builder);
  Block &entry = program.getBody().front();
  builder.setInsertionPointToStart(&entry);
  Value scratch = entry.getArgument(entry.getNumArguments() - 1);
  Value pointer =
      LLVM::GEPOp::create(builder, kernel.getLoc(), scratch.getType(), builder.getI8Type(), scratch,
                          ArrayRef<LLVM::GEPArg>{static_cast<std::int32_t>(scratchBytes)});
  scratchBytes += (bytes + 63) / 64 * 64;
  return {pointer, llvm::SmallVector<std::int64_t, 4>(shape), element};
}

Buffer KernelEmitter::allocate(Value tile) {
  return allocate(shapeOf(tile.getType()), tiles.storedType(tile.getType()));
}

bool KernelEmitter::emit() {
  builder.setInsertionPoint(kernel);
  if (!emitProgram())
    return false;
  builder.setInsertionPoint(kernel);
  emitEntry();
  return true;
}

llvm::SmallVector<int> KernelEmitter::accessBits() {
  llvm::SmallVector<int> bits;
  kernel.walk([&](Operation *op) {
    if (isMemoryOperation(op))
      bits.push_back(tiles.accessBits.lookup(op));
  });
  return bits;
}

bool KernelEmitter::emitProgram() {
  llvm::SmallVector<Type> types;
  for (Type type : kernel.getArgumentTypes()) {
    if (isa<tt::TensorDescType>(type) || isa<RankedTensorType>(type)) {
      kernel.emitError() << "a parameter of type " << type << " cannot be passed on the CPU yet";
      return false;
    }
    types.push_back(tiles.elementType(type));
  }
  Type pointer = LLVM::LLVMPointerType::get(builder.getContext());
  types.append(6, builder.getI32Type());
  types.push_back(pointer);
  program = func::FuncOp::create(builder, kernel.getLoc(), kernel.getName().str() + ".program",
                                 builder.getFunctionType(types, {}));
  program.setPrivate();
  program->setAttr("llvm.linkage",
                   LLVM::LinkageAttr::get(builder.getContext(), LLVM::Linkage::Internal));
  program.setArgAttr(types.size() - 1, "llvm.noalias", builder.getUnitAttr());

  Block *first = program.addEntryBlock();
  for (auto [from, to] : llvm::zip(kernel.getArguments(), first->getArguments()))
    tiles.scalars[from] = to;

  Region &body = kernel.getBody();
  blocks[&body.front()] = first;
  for (Block &block : llvm::drop_begin(body)) {
    Block *copy = builder.createBlock(&program.getBody(), program.getBody().end());
    blocks[&block] = copy;
    for (BlockArgument argument : block.getArguments()) {
      if (isa<RankedTensorType>(argument.getType())) {
        tiles.buffers[argument] = allocate(argument);
        scheduler.keep(argument);
      } else {
        tiles.scalars[argument] =
            copy->addArgument(tiles.elementType(argument.getType()), argument.getLoc());
      }
    }
  }
  llvm::ReversePostOrderTraversal<Region *> ordered(&body);
  for (Block *block : ordered) {
    builder.setInsertionPointToEnd(blocks[block]);
    if (!emitBlock(*block))
      return false;
  }
  for (Block &block : body) // what is never reached
    if (Block *copy = blocks[&block]; copy->empty()) {
      builder.setInsertionPointToEnd(copy);
      func::ReturnOp::create(builder, kernel.getLoc());
    }
  if (scratchBytes > mostScratch) {
    kernel.emitError() << "the tiles that must be kept in memory take " << scratchBytes
                       << " bytes a program, more than the " << mostScratch
                       << " that fit; use smaller tiles";
    return false;
  }
  return true;
}

// Calls the program for every linear id of a range; x runs fastest.
void KernelEmitter::emitEntry() {
  Location loc = kernel.getLoc();
  Type pointer = LLVM::LLVMPointerType::get(builder.getContext()), i64 = builder.getI64Type(),
       i32 = builder.getI32Type();
  auto entry = func::FuncOp::create(
      builder, loc, kernel.getName(),
      builder.getFunctionType({pointer, i64, i64, i64, i64, i64, pointer}, {}));
  kernel.setName(kernel.getName().str() + ".tt");
  entry.setArgAttr(6, "llvm.noalias", builder.getUnitAttr());
  LLVM::GlobalOp::create(builder, loc, i64, true, LLVM::Linkage::External,
                         entry.getName().str() + ".scratch_bytes",
                         builder.getI64IntegerAttr(scratchBytes));

  Block *block = entry.addEntryBlock();
  builder.setInsertionPointToEnd(block);
  auto argument = [&](unsigned at) -> Value { return block->getArgument(at); };
  llvm::SmallVector<Value> operands;
  const unsigned count = program.getNumArguments() - extraParameters;
  for (unsigned i = 0; i < count; ++i) {
    Value slot = tiles.elementPointer(i64, argument(0), {Value(), static_cast<std::int64_t>(i)});
    Type type = program.getArgumentTypes()[i];
    Value value =
        LLVM::LoadOp::create(builder, loc, type.isInteger(1) ? builder.getI8Type() : type, slot, 8);
    if (type.isInteger(1))
      value = arith::TruncIOp::create(builder, loc, type, value);
    operands.push_back(value);
  }
  llvm::SmallVector<Value> sizes;
  for (unsigned axisNumber = 0; axisNumber < 3; ++axisNumber)
    sizes.push_back(arith::TruncIOp::create(builder, loc, i32, argument(3 + axisNumber)));
  Value first = argument(1), gx = argument(3), gy = argument(4);
  Value x = arith::RemUIOp::create(builder, loc, first, gx),
        row = arith::DivUIOp::create(builder, loc, first, gx);
  Value y = arith::RemUIOp::create(builder, loc, row, gy),
        z = arith::DivUIOp::create(builder, loc, row, gy);
  auto narrow = [&](Value value) {
    return arith::TruncIOp::create(builder, loc, i32, value).getResult();
  };
  Value zero = tiles.integer(0, 32);
  auto loop = scf::ForOp::create(builder, loc, first, argument(2), tiles.integer(1),
                                 ValueRange{narrow(x), narrow(y), narrow(z)});
  {
    OpBuilder::InsertionGuard guard(builder);
    builder.setInsertionPointToEnd(loop.getBody());
    llvm::append_range(operands, loop.getRegionIterArgs());
    llvm::append_range(operands, sizes);
    operands.push_back(argument(6));
    func::CallOp::create(builder, loc, program, operands);
    // The next id: x counts, and carries into y, and y into z.
    auto count32 = [&](Value value, Value size, Value carry, Value &wrapped) {
      Value next = arith::AddIOp::create(builder, loc, value,
                                         arith::ExtUIOp::create(builder, loc, i32, carry));
      wrapped = arith::CmpIOp::create(builder, loc, arith::CmpIPredicate::eq, next, size);
      return arith::SelectOp::create(builder, loc, wrapped, zero, next).getResult();
    };
    Value wrapX, wrapY, always = tiles.integer(1, 1);
    Value nextX = count32(loop.getRegionIterArg(0), sizes[0], always, wrapX);
    Value nextY = count32(loop.getRegionIterArg(1), sizes[1], wrapX, wrapY);
    Value carry = arith::AndIOp::create(builder, loc, wrapX, wrapY);
    Value nextZ = arith::AddIOp::create(builder, loc, loop.getRegionIterArg(2),
                                        arith::ExtUIOp::create(builder, loc, i32, carry));
    scf::YieldOp::create(builder, loc, ValueRange{nextX, nextY, nextZ});
  }
  func::ReturnOp::create(builder, loc);
}

bool KernelEmitter::emitBlock(Block &block) {
  for (Step &step : scheduler.schedule(block))
    if (!(step.op ? emitStep(step.op) : emitGroup(step.group)))
      return false;
  return true;
}

bool KernelEmitter::emitGroup(const Group &group) {
  return GroupEmitter(tiles, group, [&](Value tile) { return allocate(tile); }).emit();
}

bool KernelEmitter::emitStep(Operation *op) {
  tiles.forget();
  return llvm::TypeSwitch<Operation *, bool>(op)
      .Case([&](scf::ForOp o) { return emitFor(o); })
      .Case([&](scf::IfOp o) { return emitIf(o); })
      .Case([&](scf::WhileOp o) { return emitWhile(o); })
      .Case([&](tt::DotOp o) { return emitDot(o); })
      .Case([&](tt::ScanOp o) { return emitScan(o); })
      .Case([&](tt::HistogramOp o) { return emitHistogram(o); })
      .Case<tt::JoinOp, tt::CatOp>([&](Operation *o) { return emitJoin(o); })
      .Case<tt::AtomicRMWOp, tt::AtomicCASOp>([&](Operation *o) { return emitAtomic(o); })
      .Case<tt::PrintOp, tt::AssertOp>([&](Operation *o) {
        o->emitWarning() << o->getName() << " has no effect on the CPU yet";
        return true;
      })
      .Case([&](LLVM::AssumeOp o) { // a promise to the analyses, which have heard it
        return true;
      })
      .Case([&](tt::GetProgramIdOp o) {
        tiles.scalars[o] = program.getArgument(kernel.getNumArguments() + o.axisIndex());
        return true;
      })
      .Case([&](tt::GetNumProgramsOp o) {
        tiles.scalars[o] = program.getArgument(kernel.getNumArguments() + 3 + o.axisIndex());
        return true;
      })
      .Default([&](Operation *o) {
        return o->hasTrait<OpTrait::IsTerminator>() ? emitTerminator(o) : tiles.emitScalar(o);
      });
}

bool KernelEmitter::emitTerminator(Operation *op) {
  if (isa<cf::BranchOp, cf::CondBranchOp>(op))
    return emitBranch(op);
  if (isa<tt::ReturnOp>(op)) {
    func::ReturnOp::create(builder, tiles.locationOf(op));
    return true;
  }
  auto condition = dyn_cast<scf::ConditionOp>(op);
  if (!condition && !isa<scf::YieldOp>(op)) {
    op->emitError() << op->getName() << " cannot be compiled for the CPU yet";
    return false;
  }
  ValueRange values = condition ? ValueRange(condition.getArgs()) : ValueRange(op->getOperands());
  if (!assignTiles(values, targets.back()))
    return false;
  llvm::SmallVector<Value> scalars = scalarsOf(values);
  if (condition)
    scf::ConditionOp::create(builder, tiles.locationOf(op), tiles.scalar(condition.getCondition()),
                             scalars);
  else
    scf::YieldOp::create(builder, tiles.locationOf(op), scalars);
  return true;
}

// Passes tiles through the destination's buffers, then jumps.
bool KernelEmitter::emitJump(Location loc, Block *to, ValueRange values) {
  llvm::SmallVector<Buffer> buffers;
  for (BlockArgument argument : to->getArguments())
    if (isa<RankedTensorType>(argument.getType()))
      buffers.push_back(tiles.buffers[argument]);
  if (!assignTiles(values, buffers))
    return false;
  cf::BranchOp::create(builder, loc, blocks[to], scalarsOf(values));
  return true;
}

bool KernelEmitter::emitBranch(Operation *op) {
  Location loc = tiles.locationOf(op);
  if (auto branch = dyn_cast<cf::BranchOp>(op))
    return emitJump(loc, branch.getDest(), branch.getDestOperands());
  // Each way gets a block of its own, so that its tiles are passed only when it is taken.
  auto branch = cast<cf::CondBranchOp>(op);
  Value condition = tiles.scalar(branch.getCondition());
  Block *here = builder.getInsertionBlock();
  auto way = [&](Block *to, ValueRange values) -> Block * {
    Block *block = builder.createBlock(here->getParent(), here->getParent()->end());
    tiles.forget();
    return emitJump(loc, to, values) ? block : nullptr;
  };
  Block *whenTrue = way(branch.getTrueDest(), branch.getTrueDestOperands());
  Block *whenFalse = way(branch.getFalseDest(), branch.getFalseDestOperands());
  if (!whenTrue || !whenFalse)
    return false;
  builder.setInsertionPointToEnd(here);
  cf::CondBranchOp::create(builder, loc, condition, whenTrue, ValueRange(), whenFalse,
                           ValueRange());
  return true;
}

} // namespace lapidary
