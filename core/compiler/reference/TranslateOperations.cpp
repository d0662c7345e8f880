// Operation by operation: what each becomes.
#include "core/compiler/reference/Translator.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/ControlFlow/IR/ControlFlowOps.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/UB/IR/UBOps.h"
#include "llvm/ADT/ScopeExit.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;

namespace lapidary::reference {

bool isLanewise(mlir::Region &region) {
  if (!region.hasOneBlock())
    return false;
  for (Operation &op : region.front()) {
    bool plain = elementwiseOpcode(op.getName().getStringRef()) || isa<arith::CmpFOp, arith::CmpIOp>(op) ||
                 isa<arith::ConstantOp, arith::TruncFOp, tt::FpToFpOp, tt::ClampFOp, tt::BitcastOp>(op) ||
                 isa<tt::ExternElementwiseOp>(op);
    if (!plain && !op.hasTrait<OpTrait::IsTerminator>())
      return false;
  }
  return true;
}

// ---- arithmetic ----

bool Translator::elementwise(Operation *op, Opcode opcode, std::vector<Instruction> &out) {
  return emit(op, opcode, {}, out);
}

// The product or sum in full: its lower half, and its upper half or carry.
bool Translator::extendedArithmetic(Operation *op, std::vector<Instruction> &out) {
  bool isSum = isa<arith::AddUIExtendedOp>(op);
  std::optional<Instruction> low = instructionFor(op, isSum ? Opcode::AddI : Opcode::MulI);
  if (!low)
    return false;
  Instruction high = *low;
  low->results.resize(1);
  high.results.erase(high.results.begin());
  if (isSum) { // carried when the sum is below a summand
    high.opcode = Opcode::CmpI;
    high.operands[0] = low->results[0];
    high.numbers = {static_cast<std::int64_t>(arith::CmpIPredicate::ult)};
  } else {
    high.opcode = isa<arith::MulSIExtendedOp>(op) ? Opcode::MulHiSI : Opcode::MulHiUI;
  }
  out.push_back(std::move(*low));
  out.push_back(std::move(high));
  return true;
}

// Made once a machine.
bool Translator::constant(Operation *op) {
  int number = declare(op, op->getResult(0).getType());
  if (number < 0)
    return false;
  takePlaceForGood(number);
  known[op->getResult(0)] = number;

  Instruction instruction{Opcode::Constant};
  instruction.line = lineOf(op);
  instruction.results = {number};
  auto add = [&](Attribute attribute) {
    if (auto integer = dyn_cast<IntegerAttr>(attribute)) {
      APInt bits = integer.getValue();
      instruction.numbers.push_back(bits.getBitWidth() == 1 ? bits.getZExtValue() : bits.getSExtValue());
    } else if (auto real = dyn_cast<FloatAttr>(attribute)) {
      instruction.reals.push_back(real.getValueAsDouble());
    }
  };
  Attribute attribute;
  if (auto held = dyn_cast<arith::ConstantOp>(op))
    attribute = held.getValue();
  if (auto elements = dyn_cast_or_null<DenseElementsAttr>(attribute)) {
    if (elements.isSplat())
      add(elements.getSplatValue<Attribute>());
    else
      for (Attribute element : elements.getValues<Attribute>())
        add(element);
  } else if (attribute) {
    add(attribute);
  } else { // ub.poison: any value will do
    instruction.reals.push_back(0);
    instruction.numbers.push_back(0);
  }
  if (instruction.numbers.empty() && instruction.reals.empty())
    return unsupported(op, "this kind of constant");
  program.constants.push_back(std::move(instruction));
  return true;
}

bool Translator::arithmetic(Operation *op, std::vector<Instruction> &out) {
  if (isa<arith::ConstantOp, ub::PoisonOp>(op))
    return constant(op);
  if (auto compare = dyn_cast<arith::CmpIOp>(op))
    return emit(op, Opcode::CmpI, {static_cast<std::int64_t>(compare.getPredicate())}, out);
  if (auto compare = dyn_cast<arith::CmpFOp>(op))
    return emit(op, Opcode::CmpF, {static_cast<std::int64_t>(compare.getPredicate())}, out);
  if (auto truncate = dyn_cast<arith::TruncFOp>(op)) {
    auto mode = truncate.getRoundingmode().value_or(arith::RoundingMode::to_nearest_even);
    if (mode == arith::RoundingMode::toward_zero)
      return emit(op, Opcode::FloatCastTowardZero, {}, out);
    if (mode == arith::RoundingMode::to_nearest_even)
      return emit(op, Opcode::FloatCast, {}, out);
    return unsupported(op, "arith.truncf with this rounding mode");
  }
  if (isa<arith::IndexCastOp, arith::IndexCastUIOp>(op)) {
    bool widens = isa<IndexType>(getElementTypeOrSelf(op->getResult(0).getType()));
    bool isSigned = isa<arith::IndexCastOp>(op);
    return emit(op, !widens ? Opcode::TruncI : isSigned ? Opcode::ExtSI : Opcode::ExtUI, {}, out);
  }
  if (isa<arith::MulSIExtendedOp, arith::MulUIExtendedOp, arith::AddUIExtendedOp>(op))
    return extendedArithmetic(op, out);
  return unsupported(op, op->getName().getStringRef().str());
}

bool Translator::conversion(Operation *op, std::vector<Instruction> &out) {
  if (auto cast = dyn_cast<tt::FpToFpOp>(op)) {
    bool towardZero = cast.getRounding() == tt::RoundingMode::TowardZero;
    return emit(op, towardZero ? Opcode::FloatCastTowardZero : Opcode::FloatCast, {}, out);
  }
  if (auto clamp = dyn_cast<tt::ClampFOp>(op))
    return emit(op, Opcode::ClampF, {clamp.getPropagateNan() == tt::PropagateNan::All}, out);
  if (auto library = dyn_cast<tt::ExternElementwiseOp>(op)) {
    std::optional<Opcode> opcode = libraryOpcode(library.getSymbol());
    if (!opcode)
      return unsupported(op, "the library function " + library.getSymbol().str());
    return emit(op, *opcode, {}, out);
  }
  auto isPointer = [](mlir::Value value) { return isa<tt::PointerType>(getElementTypeOrSelf(value.getType())); };
  bool from = isPointer(op->getOperand(0)), to = isPointer(op->getResult(0));
  return emit(op, from == to ? Opcode::Bitcast : from ? Opcode::PtrToInt : Opcode::IntToPtr, {}, out);
}

// ---- tiles ----

static std::vector<std::int64_t> rowMajorStrides(llvm::ArrayRef<std::int64_t> shape) {
  std::vector<std::int64_t> strides(shape.size(), 1);
  for (std::size_t d = shape.size(); d-- > 1;)
    strides[d - 1] = strides[d] * shape[d];
  return strides;
}

bool Translator::strided(Operation *op, std::vector<Instruction> &out) {
  auto source = cast<RankedTensorType>(op->getOperand(0).getType());
  std::vector<std::int64_t> strides = rowMajorStrides(source.getShape());
  if (auto transpose = dyn_cast<tt::TransOp>(op)) {
    std::vector<std::int64_t> permuted;
    for (std::int32_t d : transpose.getOrder())
      permuted.push_back(strides[static_cast<std::size_t>(d)]);
    return emit(op, Opcode::Strided, std::move(permuted), out);
  }
  for (std::size_t d = 0; d < strides.size(); ++d)
    if (source.getDimSize(static_cast<unsigned>(d)) == 1)
      strides[d] = 0;
  return emit(op, Opcode::Strided, std::move(strides), out);
}

bool Translator::shape(Operation *op, std::vector<Instruction> &out) {
  return llvm::TypeSwitch<Operation *, bool>(op)
      .Case([&](tt::SplatOp) { return emit(op, Opcode::Splat, {}, out); })
      .Case<tt::UnsplatOp, tt::ExpandDimsOp, tt::ReshapeOp>([&](auto) { return emit(op, Opcode::Copy, {}, out); })
      .Case<tt::BroadcastOp, tt::TransOp>([&](auto) { return strided(op, out); })
      .Case([&](tt::CatOp) { return emit(op, Opcode::Concatenate, {}, out); })
      .Case([&](tt::JoinOp) { return emit(op, Opcode::Join, {}, out); })
      .Case([&](tt::SplitOp) { return emit(op, Opcode::Split, {}, out); })
      .Case([&](tt::GatherOp gather) { return emit(op, Opcode::Gather, {gather.getAxis()}, out); })
      .Default([&](Operation *) { return wholeTile(op, out); });
}

bool Translator::wholeTile(Operation *op, std::vector<Instruction> &out) {
  if (auto range = dyn_cast<tt::MakeRangeOp>(op)) {
    int number = declare(op, range.getType());
    if (number < 0)
      return false;
    takePlaceForGood(number);
    known[range.getResult()] = number;
    Instruction instruction{Opcode::MakeRange};
    instruction.results = {number};
    instruction.numbers = {static_cast<std::int32_t>(range.getStart())};
    program.constants.push_back(std::move(instruction));
    return true;
  }
  if (auto histogram = dyn_cast<tt::HistogramOp>(op)) {
    std::optional<Instruction> instruction = instructionFor(op, Opcode::Histogram);
    if (!instruction)
      return false;
    instruction->operands.resize(2, -1);
    out.push_back(std::move(*instruction));
    return true;
  }
  if (auto reduce = dyn_cast<tt::ReduceOp>(op)) {
    auto tile = cast<RankedTensorType>(op->getOperand(0).getType());
    return combining(op, Opcode::Reduce, {reduce.getAxis()}, std::max<std::int64_t>(tile.getNumElements() / 2, 1),
                     out);
  }
  if (auto scan = dyn_cast<tt::ScanOp>(op)) {
    auto tile = cast<RankedTensorType>(op->getOperand(0).getType());
    return combining(op, Opcode::Scan, {scan.getAxis(), scan.getReverse()},
                     tile.getNumElements() / tile.getDimSize(scan.getAxis()), out);
  }
  if (isa<tt::DotOp>(op))
    return emit(op, Opcode::Dot, {}, out);
  if (auto map = dyn_cast<tt::MapElementwiseOp>(op))
    return mapElementwise(map, out);
  if (auto assertion = dyn_cast<tt::AssertOp>(op)) {
    std::optional<Instruction> instruction = instructionFor(op, Opcode::Assert);
    instruction->text = assertion.getMessage().str();
    out.push_back(std::move(*instruction));
    return true;
  }
  if (isa<tt::PrintOp>(op))
    return true; // says something, changes nothing
  return memory(op, out);
}

bool Translator::combining(Operation *op, Opcode opcode, std::vector<std::int64_t> numbers, std::int64_t lanes,
                           std::vector<Instruction> &out) {
  std::optional<Instruction> instruction = instructionFor(op, opcode, std::move(numbers));
  if (!instruction)
    return false;
  scopes.emplace_back();
  for (mlir::Value source : op->getOperands()) {
    int work = declare(op, source.getType());
    takePlace(work);
    instruction->numbers.push_back(work);
  }
  mlir::Region &source = op->getRegion(0);
  Region &region = instruction->regions.emplace_back();
  Block &block = region.blocks.emplace_back();
  region.lanewise = laneCapacity == 0 && isLanewise(source);
  auto outer = std::tuple(laneCapacity, laneRegion, laneBody);
  if (region.lanewise) {
    laneCapacity = lanes;
    laneRegion = &source;
    laneBody = &block.body;
  }
  llvm::scope_exit restore([&] { std::tie(laneCapacity, laneRegion, laneBody) = outer; });
  if (!source.hasOneBlock())
    return unsupported(op, "a combining region of several blocks");
  for (BlockArgument argument : source.getArguments()) { // the machine points them at its work
    int number = declare(op, argument.getType());
    if (number < 0)
      return false;
    known[argument] = number;
    block.arguments.push_back(number);
  }
  if (!translateBlock(source.front(), block, true))
    return false;
  for (int value : scopes.back())
    release(value);
  scopes.pop_back();
  out.push_back(std::move(*instruction));
  return true;
}

bool Translator::mapElementwise(tt::MapElementwiseOp op, std::vector<Instruction> &out) {
  return withRegions(op, Opcode::MapElementwise, {op.getPack()}, op->getRegions(), out);
}

// ---- memory ----

static std::int64_t boundaryBits(llvm::ArrayRef<std::int32_t> dimensions) {
  std::int64_t bits = 0;
  for (std::int32_t d : dimensions)
    bits |= std::int64_t(1) << d;
  return bits;
}

static std::int64_t rankOf(mlir::Type pointerOrDescriptor) {
  if (auto descriptor = dyn_cast<tt::TensorDescType>(pointerOrDescriptor))
    return descriptor.getBlockType().getRank();
  return cast<RankedTensorType>(cast<tt::PointerType>(pointerOrDescriptor).getPointeeType()).getRank();
}

bool Translator::memory(Operation *op, std::vector<Instruction> &out) {
  auto numberOf = [&](mlir::Value value) { return value ? use(value) : -1; };
  if (auto load = dyn_cast<tt::LoadOp>(op)) {
    if (tt::isBlockPointer(load.getPtr().getType()))
      return blockPointer(op, out);
    std::optional<Instruction> instruction = instructionFor(op, Opcode::Load);
    if (!instruction)
      return false;
    instruction->operands = {use(load.getPtr()), numberOf(load.getMask()), numberOf(load.getOther())};
    out.push_back(std::move(*instruction));
    return true;
  }
  if (auto store = dyn_cast<tt::StoreOp>(op)) {
    if (tt::isBlockPointer(store.getPtr().getType()))
      return blockPointer(op, out);
    std::optional<Instruction> instruction = instructionFor(op, Opcode::Store);
    instruction->operands = {use(store.getPtr()), use(store.getValue()), numberOf(store.getMask())};
    out.push_back(std::move(*instruction));
    return true;
  }
  if (auto update = dyn_cast<tt::AtomicRMWOp>(op)) {
    std::optional<Instruction> instruction =
        instructionFor(op, Opcode::AtomicRmw, {static_cast<std::int64_t>(update.getAtomicRmwOp())});
    if (!instruction)
      return false;
    instruction->operands = {use(update.getPtr()), use(update.getVal()), numberOf(update.getMask())};
    out.push_back(std::move(*instruction));
    return true;
  }
  if (isa<tt::AtomicCASOp>(op))
    return emit(op, Opcode::AtomicCas, {}, out);
  return blockPointer(op, out);
}

bool Translator::blockPointer(Operation *op, std::vector<Instruction> &out) {
  if (auto make = dyn_cast<tt::MakeTensorPtrOp>(op))
    return emit(op, Opcode::MakeBlockPointer, {rankOf(make.getType()), 1}, out);
  if (isa<tt::AdvanceOp>(op))
    return emit(op, Opcode::Advance, {}, out);
  if (auto load = dyn_cast<tt::LoadOp>(op)) {
    if (load.getMask())
      return unsupported(op, "a masked load through a block pointer");
    std::int64_t padding = static_cast<std::int64_t>(load.getPadding().value_or(tt::PaddingOption::Zero));
    return emit(op, Opcode::BlockLoad,
                {rankOf(load.getPtr().getType()), boundaryBits(load.getBoundaryCheck()), padding}, out);
  }
  if (auto store = dyn_cast<tt::StoreOp>(op)) {
    if (store.getMask())
      return unsupported(op, "a masked store through a block pointer");
    return emit(op, Opcode::BlockStore,
                {rankOf(store.getPtr().getType()), boundaryBits(store.getBoundaryCheck()), 0}, out);
  }
  return descriptor(op, out);
}

// tt.descriptor_reduce's kinds in the numbering of tt.atomic_rmw; -1: inc and dec have no equal there.
static std::int64_t atomicNumber(tt::DescriptorReduceKind kind, bool isFloating) {
  switch (kind) {
  case tt::DescriptorReduceKind::Add:
    return static_cast<std::int64_t>(isFloating ? tt::AtomicOp::FAdd : tt::AtomicOp::Add);
  case tt::DescriptorReduceKind::Min:
    return static_cast<std::int64_t>(tt::AtomicOp::Min);
  case tt::DescriptorReduceKind::Max:
    return static_cast<std::int64_t>(tt::AtomicOp::Max);
  case tt::DescriptorReduceKind::And:
    return static_cast<std::int64_t>(tt::AtomicOp::And);
  case tt::DescriptorReduceKind::Or:
    return static_cast<std::int64_t>(tt::AtomicOp::Or);
  case tt::DescriptorReduceKind::Xor:
    return static_cast<std::int64_t>(tt::AtomicOp::Xor);
  default:
    return -1;
  }
}

bool Translator::descriptor(Operation *op, std::vector<Instruction> &out) {
  constexpr std::int64_t everyDimension = -1;
  if (auto make = dyn_cast<tt::MakeTensorDescOp>(op))
    return emit(op, Opcode::MakeBlockPointer,
                {rankOf(make.getType()), static_cast<std::int64_t>(make.getPadding())}, out);
  if (auto load = dyn_cast<tt::DescriptorLoadOp>(op)) {
    if (load.getType().getShape() != load.getDesc().getType().getBlockType().getShape())
      return unsupported(op, "a descriptor load that changes the block's shape");
    return emit(op, Opcode::BlockLoad, {rankOf(load.getDesc().getType()), everyDimension, 0}, out);
  }
  if (auto store = dyn_cast<tt::DescriptorStoreOp>(op)) {
    if (store.getSrc().getType().getShape() != store.getDesc().getType().getBlockType().getShape())
      return unsupported(op, "a descriptor store that changes the block's shape");
    return emit(op, Opcode::BlockStore, {rankOf(store.getDesc().getType()), everyDimension, 0}, out);
  }
  if (auto reduce = dyn_cast<tt::DescriptorReduceOp>(op)) {
    bool isFloating = isa<FloatType>(reduce.getSrc().getType().getElementType());
    std::int64_t kind = atomicNumber(reduce.getKind(), isFloating);
    if (kind < 0)
      return unsupported(op, "tt.descriptor_reduce of this kind");
    return emit(op, Opcode::BlockReduce, {rankOf(reduce.getDesc().getType()), everyDimension, 0, kind}, out);
  }
  return unsupported(op, op->getName().getStringRef().str());
}

bool Translator::tritonOperation(Operation *op, std::vector<Instruction> &out) {
  if (auto query = dyn_cast<tt::GetProgramIdOp>(op))
    return emit(op, Opcode::ProgramId, {query.axisIndex()}, out);
  if (auto query = dyn_cast<tt::GetNumProgramsOp>(op))
    return emit(op, Opcode::NumPrograms, {query.axisIndex()}, out);
  if (isa<tt::FpToFpOp, tt::ClampFOp, tt::BitcastOp, tt::ExternElementwiseOp>(op))
    return conversion(op, out);
  if (auto invocation = dyn_cast<tt::CallOp>(op))
    return call(invocation, out);
  return shape(op, out);
}

// ---- control flow ----

bool Translator::withRegions(Operation *op, Opcode opcode, std::vector<std::int64_t> numbers,
                             llvm::MutableArrayRef<mlir::Region> regions, std::vector<Instruction> &out) {
  std::optional<Instruction> instruction = instructionFor(op, opcode, std::move(numbers));
  if (!instruction)
    return false;
  // Until all regions are done: what one hands to the next must not be overwritten on the way.
  scopes.emplace_back();
  for (mlir::Region &region : regions) {
    Region &made = instruction->regions.emplace_back();
    if (!region.empty() && !translateRegion(op, region, made))
      return false;
  }
  for (int value : scopes.back())
    release(value);
  scopes.pop_back();
  out.push_back(std::move(*instruction));
  return true;
}

bool Translator::control(Operation *op, std::vector<Instruction> &out) {
  if (auto loop = dyn_cast<scf::ForOp>(op))
    return withRegions(op, Opcode::For, {loop.getUnsignedCmp()}, op->getRegions(), out);
  if (isa<scf::IfOp>(op))
    return withRegions(op, Opcode::If, {}, op->getRegions(), out);
  if (isa<scf::WhileOp>(op))
    return withRegions(op, Opcode::While, {}, op->getRegions(), out);
  return unsupported(op, op->getName().getStringRef().str());
}

bool Translator::call(tt::CallOp op, std::vector<Instruction> &out) {
  constexpr int deepest = 64;
  auto callee = module.lookupSymbol<tt::FuncOp>(op.getCallee());
  if (!callee || callee.isDeclaration())
    return unsupported(op, "the function " + op.getCallee().str());
  if (callDepth == deepest)
    return unsupported(op, "a function that calls itself: " + op.getCallee().str());
  ++callDepth;
  bool ok = withRegions(op, Opcode::Call, {}, callee->getRegions(), out);
  --callDepth;
  return ok;
}

bool Translator::terminator(Operation *op, std::vector<Instruction> &out) {
  auto end = [&](Opcode opcode, std::vector<std::int64_t> numbers = {}) {
    Instruction instruction{opcode};
    instruction.line = lineOf(op);
    instruction.operands = use(op->getOperands());
    instruction.numbers = std::move(numbers);
    out.push_back(std::move(instruction));
    return true;
  };
  auto number = [](mlir::Block *block) { return static_cast<std::int64_t>(block->computeBlockNumber()); };
  return llvm::TypeSwitch<Operation *, bool>(op)
      .Case<scf::YieldOp, tt::ReduceReturnOp, tt::ScanReturnOp, tt::MapElementwiseReturnOp>(
          [&](auto) { return end(Opcode::Yield); })
      .Case([&](tt::ReturnOp) { return end(Opcode::Return); })
      .Case([&](scf::ConditionOp) { return end(Opcode::Condition); })
      .Case([&](cf::BranchOp branch) { return end(Opcode::Branch, {number(branch.getDest())}); })
      .Case([&](cf::CondBranchOp branch) {
        return end(Opcode::CondBranch, {number(branch.getTrueDest()), number(branch.getFalseDest()),
                                        static_cast<std::int64_t>(branch.getTrueDestOperands().size())});
      })
      .Default([&](Operation *) { return unsupported(op, op->getName().getStringRef().str()); });
}

} // namespace lapidary::reference
