// Loops and conditionals of a kernel, and the tiles that pass through them.
#include "core/compiler/lowering/KernelEmitter.h"

#include "mlir/Dialect/Arith/IR/Arith.h"

namespace lapidary {

using namespace mlir;

namespace {

bool isTile(Value value) {
  return isa<RankedTensorType>(value.getType());
}

Place everywhere(ArrayRef<std::int64_t> shape) {
  Place place;
  for (std::size_t dim = 0; dim < shape.size(); ++dim)
    place.at.push_back({Value(), static_cast<std::int64_t>(dim), false});
  return normalized(place, shape);
}

// Whether computing `tile` reads the buffer at `pointer`: no, at the element computed alone, or
// somewhere else too.
enum class Reads { Nothing, Itself, Others };

Reads readsOf(const TileEmitter &tiles, Value tile, const Place &place, Value pointer,
              bool moved = false) {
  if (!isTile(tile))
    return Reads::Nothing;
  if (auto kept = tiles.buffers.find(tile); kept != tiles.buffers.end()) {
    if (kept->second.pointer != pointer)
      return Reads::Nothing;
    return moved ? Reads::Others : Reads::Itself;
  }
  Operation *op = tile.getDefiningOp();
  if (!op || !isExpression(op))
    return Reads::Nothing;
  Reads result = Reads::Nothing;
  for (Value operand : op->getOperands())
    result = std::max(result, readsOf(tiles, operand, place, pointer,
                                      moved || movesElements(op) || isa<tt::GatherOp>(op)));
  return result;
}

} // namespace

llvm::SmallVector<Value> KernelEmitter::scalarsOf(ValueRange values) {
  llvm::SmallVector<Value> scalars;
  for (Value value : values)
    if (!isTile(value))
      scalars.push_back(tiles.scalar(value));
  return scalars;
}

KernelEmitter::Targets KernelEmitter::allocateTiles(ValueRange values) {
  Targets buffers;
  for (Value value : values)
    if (isTile(value))
      buffers.push_back(allocate(value));
  return buffers;
}

void KernelEmitter::bindTiles(ValueRange values, ArrayRef<Buffer> buffers) {
  for (Value value : values)
    if (isTile(value)) {
      tiles.buffers[value] = buffers.front();
      scheduler.keep(value);
      buffers = buffers.drop_front();
    }
}

// Fills of the same shape share a loop; each element is read before any is written.
bool KernelEmitter::fillTiles(ArrayRef<std::pair<Value, Buffer>> fills) {
  llvm::SmallVector<bool> done(fills.size(), false);
  for (std::size_t i = 0; i < fills.size(); ++i) {
    if (done[i])
      continue;
    Group group;
    group.shape = fills[i].second.shape;
    llvm::SmallVector<Buffer> buffers;
    for (std::size_t j = i; j < fills.size(); ++j)
      if (!done[j] && ArrayRef(fills[j].second.shape) == ArrayRef(group.shape)) {
        group.roots.push_back({Root::Kind::Fill, nullptr, fills[j].first});
        buffers.push_back(fills[j].second);
        done[j] = true;
      }
    // The tiles stay where they are: these are copies.
    auto before = tiles.buffers;
    std::size_t next = 0;
    GroupEmitter loops(tiles, group, [&](Value) { return buffers[next++]; });
    if (!loops.emit())
      return false;
    tiles.buffers = std::move(before);
  }
  return true;
}

bool KernelEmitter::assignTiles(ValueRange values, ArrayRef<Buffer> buffers) {
  llvm::SmallVector<std::pair<Value, Buffer>> assignments;
  for (Value value : values)
    if (isTile(value)) {
      auto kept = tiles.buffers.find(value);
      const bool isThere =
          kept != tiles.buffers.end() && kept->second.pointer == buffers.front().pointer;
      if (!isThere)
        assignments.emplace_back(value, buffers.front());
      buffers = buffers.drop_front();
    }
  llvm::SmallVector<std::pair<Value, Buffer>> direct, aside, back;
  for (auto &[value, target] : assignments) {
    bool mustWait = false;
    for (auto &[other, otherTarget] : assignments) {
      const Reads reads = readsOf(tiles, other, everywhere(target.shape), target.pointer);
      const bool sameLoop = ArrayRef(otherTarget.shape) == ArrayRef(target.shape);
      mustWait |= reads == Reads::Others || (reads == Reads::Itself && !sameLoop);
    }
    if (!mustWait) {
      direct.emplace_back(value, target);
      continue;
    }
    Buffer copy = allocate(target.shape, target.element);
    aside.emplace_back(value, copy);
    back.emplace_back(value, target);
  }
  if (!fillTiles(aside) || !fillTiles(direct))
    return false;
  // The copies are the values now.
  auto before = tiles.buffers;
  for (auto &[value, copy] : aside)
    tiles.buffers[value] = copy;
  if (!fillTiles(back))
    return false;
  tiles.buffers = std::move(before);
  return true;
}

bool KernelEmitter::emitFor(scf::ForOp op) {
  Location loc = tiles.locationOf(op);
  Targets carried = allocateTiles(op.getInitArgs());
  if (!assignTiles(op.getInitArgs(), carried))
    return false;
  auto loop = scf::ForOp::create(builder, loc, tiles.scalar(op.getLowerBound()),
                                 tiles.scalar(op.getUpperBound()), tiles.scalar(op.getStep()),
                                 scalarsOf(op.getInitArgs()));
  tiles.scalars[op.getInductionVar()] = loop.getInductionVar();
  unsigned next = 0;
  for (Value argument : op.getRegionIterArgs())
    if (!isTile(argument))
      tiles.scalars[argument] = loop.getRegionIterArg(next++);
  bindTiles(op.getRegionIterArgs(), carried);
  {
    OpBuilder::InsertionGuard guard(builder);
    Block *body = loop.getBody();
    if (!body->empty())
      body->back().erase();
    builder.setInsertionPointToEnd(body);
    targets.push_back(carried);
    const bool ok = emitBlock(*op.getBody());
    targets.pop_back();
    if (!ok)
      return false;
  }
  next = 0;
  for (Value result : op.getResults())
    if (!isTile(result))
      tiles.scalars[result] = loop.getResult(next++);
  bindTiles(op.getResults(), carried);
  return true;
}

bool KernelEmitter::emitIf(scf::IfOp op) {
  llvm::SmallVector<Type> types;
  for (Value result : op.getResults())
    if (!isTile(result))
      types.push_back(tiles.elementType(result.getType()));
  Targets results = allocateTiles(op.getResults());
  const bool hasElse = !op.getElseRegion().empty();
  auto branch = scf::IfOp::create(builder, tiles.locationOf(op), types,
                                  tiles.scalar(op.getCondition()), true, hasElse);
  for (auto [from, to] : llvm::zip(op->getRegions(), branch->getRegions())) {
    if (from.empty())
      continue;
    OpBuilder::InsertionGuard guard(builder);
    Block &block = to.front();
    if (!block.empty())
      block.back().erase();
    builder.setInsertionPointToEnd(&block);
    targets.push_back(results);
    const bool ok = emitBlock(from.front());
    targets.pop_back();
    if (!ok)
      return false;
  }
  unsigned next = 0;
  for (Value result : op.getResults())
    if (!isTile(result))
      tiles.scalars[result] = branch.getResult(next++);
  bindTiles(op.getResults(), results);
  return true;
}

bool KernelEmitter::emitWhile(scf::WhileOp op) {
  Targets before = allocateTiles(op.getInits());
  Targets after = allocateTiles(op.getResults());
  if (!assignTiles(op.getInits(), before))
    return false;
  llvm::SmallVector<Type> types;
  for (Value result : op.getResults())
    if (!isTile(result))
      types.push_back(tiles.elementType(result.getType()));
  auto loop = scf::WhileOp::create(builder, tiles.locationOf(op), types, scalarsOf(op.getInits()));
  auto emitRegion = [&](Region &from, Region &to, const Targets &arguments,
                        const Targets &yielded) {
    OpBuilder::InsertionGuard guard(builder);
    Block *block = builder.createBlock(&to);
    for (BlockArgument argument : from.front().getArguments())
      if (!isTile(argument))
        tiles.scalars[argument] =
            block->addArgument(tiles.elementType(argument.getType()), argument.getLoc());
    bindTiles(from.front().getArguments(), arguments);
    targets.push_back(yielded);
    const bool ok = emitBlock(from.front());
    targets.pop_back();
    return ok;
  };
  if (!emitRegion(op.getBefore(), loop.getBefore(), before, after) ||
      !emitRegion(op.getAfter(), loop.getAfter(), after, before))
    return false;
  unsigned next = 0;
  for (Value result : op.getResults())
    if (!isTile(result))
      tiles.scalars[result] = loop.getResult(next++);
  bindTiles(op.getResults(), after);
  return true;
}

} // namespace lapidary
