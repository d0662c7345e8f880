#include "core/compiler/gpu/ThreadEmitter.h"

#include "core/compiler/analysis/AccessReport.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/UB/IR/UBOps.h"
#include "llvm/ADT/TypeSwitch.h"

namespace lapidary {

using namespace mlir;

bool isTile(Value value) {
  return isa<RankedTensorType>(value.getType());
}

std::vector<std::int64_t> tileShape(Value tile) {
  llvm::ArrayRef<std::int64_t> shape = cast<RankedTensorType>(tile.getType()).getShape();
  return {shape.begin(), shape.end()};
}

Type registerType(Type type) {
  Type element = getElementTypeOrSelf(type);
  if (auto pointer = dyn_cast<tt::PointerType>(element))
    return LLVM::LLVMPointerType::get(type.getContext(), pointer.getAddressSpace());
  if (isa<FloatType>(element) && element.getIntOrFloatBitWidth() == 8)
    return IntegerType::get(type.getContext(), 8);
  return element;
}

int memoryBits(Type type) {
  Type element = getElementTypeOrSelf(type);
  return element.isIntOrFloat() ? std::max(8, int(element.getIntOrFloatBitWidth())) : 64;
}

ThreadEmitter::ThreadEmitter(tt::FuncOp kernel, const GpuCode &code)
    : kernel(kernel), code(code), axis(kernel), layouts(kernel, axis, code.shape),
      builder(kernel.getContext()) {}

bool ThreadEmitter::unsupported(Operation *op, const llvm::Twine &why) {
  std::string reason = why.str();
  op->emitError() << op->getName().getStringRef()
                  << (reason.empty() ? std::string(" cannot be compiled for GPUs yet") : reason);
  return false;
}

bool ThreadEmitter::declareFunction() {
  builder.setInsertionPoint(kernel);
  shared = LLVM::GlobalOp::create(
      builder, kernel.getLoc(), LLVM::LLVMArrayType::get(builder.getI8Type(), 0), false,
      LLVM::Linkage::External, "shared_memory", Attribute(), /*alignment=*/16,
      /*addrSpace=*/3);
  llvm::SmallVector<Type> types;
  for (Type type : kernel.getArgumentTypes()) {
    if (!isa<IntegerType, FloatType, tt::PointerType>(type) || tt::isBlockPointer(type)) {
      kernel.emitError() << "a kernel's arguments are numbers and pointers; there is one of type "
                         << type;
      return false;
    }
    types.push_back(registerType(type));
  }
  auto type = LLVM::LLVMFunctionType::get(LLVM::LLVMVoidType::get(builder.getContext()), types);
  std::string name = kernel.getSymName().str();
  kernel.setSymName(name + ".tiles");
  function = LLVM::LLVMFuncOp::create(builder, kernel.getLoc(), name, type);
  code.declare(function);
  Block *entry = function.addEntryBlock(builder);
  builder.setInsertionPointToStart(entry);
  thread = code.threadId(builder, kernel.getLoc());
  auto end = LLVM::ReturnOp::create(builder, kernel.getLoc(), ValueRange());
  // Marks where what depends on the thread alone ends; it is a constant that nothing uses.
  builder.setInsertionPoint(end);
  entryEnd = integer(builder, kernel.getLoc(), 32, 0).getDefiningOp();
  builder.setInsertionPoint(end);
  return true;
}

bool ThreadEmitter::emit() {
  if (!declareFunction())
    return false;
  Block &body = kernel.getBody().front();
  levels.push_back({&body});
  for (auto [from, to] : llvm::zip(body.getArguments(), function.getArguments()))
    bind(from, scalarLayout, {to});
  if (!visit(body))
    return false;
  finishShared();
  return true;
}

// Where the size is part of the code object, the array gets it; elsewhere the launch says it.
void ThreadEmitter::finishShared() {
  if (sharedSize == 0) {
    shared.erase();
    return;
  }
  if (code.launchSizesShared())
    return;
  Type type = LLVM::LLVMArrayType::get(builder.getI8Type(), sharedSize);
  shared.setGlobalType(type);
  shared.setLinkage(LLVM::Linkage::Internal);
  OpBuilder::InsertionGuard guard(builder);
  builder.createBlock(&shared.getInitializerRegion());
  Value undefined = LLVM::UndefOp::create(builder, shared.getLoc(), type);
  LLVM::ReturnOp::create(builder, shared.getLoc(), undefined);
}

llvm::SmallVector<std::int32_t> ThreadEmitter::accessBits() const {
  llvm::SmallVector<std::int32_t> bits;
  kernel->walk([&](Operation *op) {
    if (isMemoryOperation(op))
      bits.push_back(emittedBits.lookup(op));
  });
  return bits;
}

// ---- layouts and registers ----

int ThreadEmitter::idOf(const LinearLayout &layout) {
  for (auto [id, each] : llvm::enumerate(placements))
    if (each.map == layout)
      return static_cast<int>(id);
  Placement placement{layout, {std::vector<std::int64_t>(layout.outputs().size(), 0)}, {}};
  for (int bit = 0; std::int64_t(1) << bit < layout.inputSize("register"); ++bit) {
    const std::vector<std::int64_t> image = layout.image("register", bit);
    const std::size_t count = placement.registers.size();
    for (std::size_t i = 0; i < count; ++i) {
      std::vector<std::int64_t> at = placement.registers[i];
      for (std::size_t d = 0; d < at.size(); ++d)
        at[d] ^= image[d];
      placement.registers.push_back(std::move(at));
    }
  }
  for (auto [i, at] : llvm::enumerate(placement.registers))
    placement.registerAt.emplace(at, static_cast<int>(i));
  placements.push_back(std::move(placement));
  return static_cast<int>(placements.size()) - 1;
}

int ThreadEmitter::homeId(Value value) {
  if (!isTile(value))
    return scalarLayout;
  const LinearLayout *home = layouts.home(value);
  return idOf(home ? *home : layouts.plain(value));
}

void ThreadEmitter::bind(Value value, int layout, Registers registers) {
  levels.back().known[{value, layout}] = std::move(registers);
}

void ThreadEmitter::bindHome(Value value, Registers registers) {
  bind(value, homeId(value), std::move(registers));
}

ThreadEmitter::Level &ThreadEmitter::levelOf(Value value) {
  Block *block = value.getParentBlock();
  for (Level &level : levels)
    if (level.block == block)
      return level;
  return levels.back();
}

ThreadEmitter::Registers ThreadEmitter::all(Value value, int layout) {
  Registers registers;
  for (int reg = 0; reg < registersOf(layout); ++reg) {
    registers.push_back(at(value, layout, reg));
    if (!registers.back())
      return {};
  }
  return registers;
}

// The register whose element is known to be the same, by the constancy of the tile: masks along a
// row, what is broadcast, are computed once for all of them.
int ThreadEmitter::representative(Value value, int layout, int reg) {
  if (layout == scalarLayout)
    return reg;
  const AxisInfo &info = axis.of(value);
  std::vector<std::int64_t> at = placementOf(layout).registers[static_cast<std::size_t>(reg)];
  if (info.constancy.size() != at.size())
    return reg;
  bool moves = false;
  for (auto [coordinate, constancy] : llvm::zip(at, info.constancy)) {
    const std::int64_t run = constancy & -constancy; // a power of two divides it
    moves = moves || (coordinate & (run - 1));
    coordinate &= ~(run - 1);
  }
  if (!moves)
    return reg;
  auto found = placementOf(layout).registerAt.find(at);
  return found == placementOf(layout).registerAt.end() ? reg : found->second;
}

Value ThreadEmitter::at(Value value, int layout, int reg) {
  if (!isTile(value)) {
    layout = scalarLayout;
    reg = 0;
  }
  reg = representative(value, layout, reg);
  const auto key = std::pair(value, layout);
  for (const Level &level : levels)
    if (auto found = level.known.find(key); found != level.known.end() && found->second[reg])
      return found->second[reg];

  Level &level = levelOf(value);
  OpBuilder::InsertionGuard guard(builder);
  const bool outside = level.inner;
  if (outside)
    builder.setInsertionPoint(level.inner);
  Location loc = value.getLoc();
  if (isTile(value))
    if (const LinearLayout *home = layouts.home(value); home && idOf(*home) != layout) {
      Registers converted;
      if (!convert(value, idOf(*home), layout, converted, loc))
        return {};
      Value result = converted[reg];
      level.known[key] = std::move(converted);
      return result;
    }
  auto result = dyn_cast<OpResult>(value);
  Value made = result ? evaluate(result, layout, reg) : Value();
  if (!made) {
    if (!result)
      emitError(loc) << "a value is used where it is not known";
    return {};
  }
  Registers &registers = level.known[key];
  registers.resize(static_cast<std::size_t>(registersOf(layout)));
  registers[reg] = made;
  return made;
}

Value ThreadEmitter::evaluate(OpResult value, int layout, int reg) {
  Operation *op = value.getOwner();
  Location loc = op->getLoc();
  return llvm::TypeSwitch<Operation *, Value>(op)
      .Case([&](tt::GetProgramIdOp o) { return code.programId(builder, loc, o.axisIndex()); })
      .Case([&](tt::GetNumProgramsOp o) { return code.programCount(builder, loc, o.axisIndex()); })
      .Case([&](arith::ConstantOp o) { return evaluateConstant(o, layout, reg); })
      .Case([&](ub::PoisonOp o) {
        return LLVM::UndefOp::create(builder, loc, registerType(o.getType()));
      })
      .Case([&](tt::SplatOp o) { return scalar(o.getSrc()); })
      .Case([&](tt::MakeRangeOp o) -> Value {
        Value index = coordinate(layout, reg, 0, loc);
        if (o.getStart() == 0)
          return index;
        return arith::AddIOp::create(builder, loc, index, integer(builder, loc, 32, o.getStart()));
      })
      .Case([&](tt::JoinOp o) {
        return evaluateJoin(o, static_cast<int>(tileShape(value).size()) - 1, 1, layout, reg);
      })
      .Case([&](tt::CatOp o) { return evaluateJoin(o, 0, tileShape(o.getLhs())[0], layout, reg); })
      .Case<tt::BroadcastOp, tt::ExpandDimsOp, tt::TransOp, tt::ReshapeOp, tt::SplitOp,
            tt::UnsplatOp>([&](auto) -> Value {
        const Source &source = sourceOf(op, value, layout);
        return at(source.tile, source.layout, source.registers[reg]);
      })
      .Default([&](Operation *o) -> Value {
        if (o->getNumRegions() != 0 ||
            !isa<tt::TtDialect, arith::ArithDialect, math::MathDialect>(o->getDialect()) ||
            !o->hasTrait<OpTrait::Elementwise>()) {
          unsupported(o);
          return {};
        }
        Registers operands;
        for (Value operand : o->getOperands()) {
          operands.push_back(at(operand, layout, reg));
          if (!operands.back())
            return {};
        }
        return elementwise(o, value.getResultNumber(), std::move(operands));
      });
}

// ---- functions of the thread's number ----

ThreadEmitter::ThreadIndex ThreadEmitter::threadIndex(llvm::ArrayRef<std::int64_t> images) {
  OpBuilder::InsertionGuard guard(builder);
  builder.setInsertionPoint(entryEnd);
  Location loc = kernel.getLoc();
  // Bits that move by the same distance move together.
  std::map<int, std::int64_t> masksByShift;
  std::int64_t moved = 0;
  bool disjoint = true;
  for (auto [bit, image] : llvm::enumerate(images))
    for (int to = 0; to < 31; ++to)
      if (image >> to & 1) {
        masksByShift[to - static_cast<int>(bit)] |= std::int64_t(1) << bit;
        disjoint = disjoint && !(moved >> to & 1);
        moved |= std::int64_t(1) << to;
      }
  Value sum;
  for (auto [shift, mask] : masksByShift) {
    Value part = thread;
    if (mask != code.shape.threads() - 1)
      part = arith::AndIOp::create(builder, loc, part, integer(builder, loc, 32, mask));
    Value distance = integer(builder, loc, 32, std::abs(shift));
    if (shift > 0)
      part = arith::ShLIOp::create(builder, loc, part, distance);
    else if (shift < 0)
      part = arith::ShRUIOp::create(builder, loc, part, distance);
    if (!sum)
      sum = part;
    else if (disjoint)
      sum = arith::OrIOp::create(builder, loc, sum, part);
    else
      sum = arith::XOrIOp::create(builder, loc, sum, part);
  }
  return {sum ? sum : integer(builder, loc, 32, 0), moved};
}

ThreadEmitter::ThreadIndex ThreadEmitter::threadCoordinate(int layout, int dim) {
  if (auto found = coordinates.find({layout, dim}); found != coordinates.end())
    return found->second;
  const LinearLayout &map = layoutOf(layout);
  llvm::SmallVector<std::int64_t> images;
  for (const char *input : {"lane", "warp"})
    for (int bit = 0; std::int64_t(1) << bit < map.inputSize(input); ++bit)
      images.push_back(map.image(input, bit)[dim]);
  return coordinates[{layout, dim}] = threadIndex(images);
}

Value ThreadEmitter::plus(const ThreadIndex &index, std::int64_t constant, Location loc) {
  if (constant == 0)
    return index.value;
  Value number = integer(builder, loc, 32, constant);
  if (index.moved & constant)
    return arith::XOrIOp::create(builder, loc, index.value, number);
  return arith::AddIOp::create(builder, loc, index.value, number,
                               arith::IntegerOverflowFlags::nsw | arith::IntegerOverflowFlags::nuw);
}

Value ThreadEmitter::coordinate(int layout, int reg, int dim, Location loc) {
  return plus(threadCoordinate(layout, dim), placementOf(layout).registers[reg][dim], loc);
}

Value ThreadEmitter::isOwner(int layout, Location loc) {
  if (auto found = owners.find(layout); found != owners.end())
    return found->second;
  std::int64_t copies = code.shape.threads() - 1;
  if (layout != scalarLayout) {
    copies = 0;
    for (const auto &[input, mask] : layoutOf(layout).redundantBits())
      if (input == "lane")
        copies |= static_cast<std::int64_t>(mask);
      else if (input == "warp")
        copies |= static_cast<std::int64_t>(mask) * code.shape.warpSize;
  }
  if (copies == 0)
    return owners[layout] = Value();
  OpBuilder::InsertionGuard guard(builder);
  builder.setInsertionPoint(entryEnd);
  Value part = arith::AndIOp::create(builder, loc, thread, integer(builder, loc, 32, copies));
  return owners[layout] = arith::CmpIOp::create(builder, loc, arith::CmpIPredicate::eq, part,
                                                integer(builder, loc, 32, 0));
}

} // namespace lapidary
