#include "core/compiler/lowering/GroupEmitter.h"
#include "core/compiler/lowering/FloatConversions.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/IR/Matchers.h"

#include <numeric>

namespace lapidary {

using namespace mlir;

namespace {

// Chunks of one step: enough to hide the latency of a chain of additions, fewer of a long body.
constexpr std::int64_t mostChunks = 4;
constexpr int longBody = 60, longestBody = 200; // operations of one chunk

// Calls visit(op, place) for every expression that a value evaluates at a place, once each.
void walkPlaces(const TileEmitter &tiles, Value tile, const Place &asked,
                llvm::DenseSet<std::pair<Value, Place>> &seen,
                llvm::function_ref<void(Value, const Place &)> visit) {
  if (!isa<RankedTensorType>(tile.getType()))
    return;
  const Place place = normalized(asked, shapeOf(tile.getType()));
  if (!seen.insert({tile, place}).second)
    return;
  visit(tile, place);
  Operation *op = tile.getDefiningOp();
  if (!op || tiles.buffers.contains(tile) || !isExpression(op))
    return;
  if (movesElements(op)) {
    if (auto source = sourcePlace(op, tile, place, nullptr))
      walkPlaces(tiles, op->getOperand(0), *source, seen, visit);
    return;
  }
  for (Value operand : op->getOperands())
    walkPlaces(tiles, operand, place, seen, visit);
}

// What doing an operation in lanes is worth beside an access of memory.
double arithmeticWeight(Operation *op) {
  if (!op || !isa<FloatType>(getElementTypeOrSelf(op->getResult(0).getType())))
    return 0;
  if (isa<math::MathDialect>(op->getDialect()) && !isa<math::AbsFOp, math::FmaOp>(op))
    return 4;
  return isa<arith::ArithDialect>(op->getDialect()) && !isa<arith::ConstantOp>(op) ? 0.25 : 0;
}

llvm::SmallVector<Value> inputsOf(const Root &root) {
  if (!root.op)
    return {root.tile};
  return llvm::to_vector(root.op->getOperands());
}

// The block argument's operation repeated on vectors: only straight code of arith and math.
bool isStraight(Block &block) {
  return llvm::all_of(block.without_terminator(), [](Operation &op) {
    return op.getNumRegions() == 0 && op.getNumResults() == 1 && isMemoryEffectFree(&op);
  });
}

} // namespace

GroupEmitter::GroupEmitter(TileEmitter &tiles, const Group &group,
                           llvm::function_ref<Buffer(Value)> bufferFor)
    : tiles(tiles), builder(tiles.builder), group(group), reduceAxis(group.reduceAxis) {
  for (const Root &root : group.roots) {
    if (root.kind == Root::Kind::Fill)
      fillBuffers.push_back(bufferFor(root.tile));
    auto reduce = dyn_cast_or_null<tt::ReduceOp>(root.op);
    if (!reduce)
      continue;
    for (Value result : reduce.getResult())
      if (isa<RankedTensorType>(result.getType()))
        resultBuffers[result] = bufferFor(result);
    reductions.push_back({reduce, {}});
  }
}

// ---- which dimension runs in lanes, and how many ----

int GroupEmitter::widestElement() const {
  int widest = 8;
  llvm::DenseSet<std::pair<Value, Place>> seen;
  Place place;
  place.at.assign(group.shape.size(), Index{Value(), 0, false});
  for (const Root &root : group.roots)
    for (Value input : inputsOf(root))
      walkPlaces(tiles, input, place, seen, [&](Value tile, const Place &) {
        Type element = getElementTypeOrSelf(tile.getType());
        Operation *op = tile.getDefiningOp();
        const bool isData = isa<FloatType>(element) || isa_and_nonnull<tt::LoadOp>(op) ||
                            tiles.buffers.contains(tile) || is_contained(inputsOf(root), tile);
        if (isData && element.isIntOrFloat())
          widest = std::max(widest, static_cast<int>(element.getIntOrFloatBitWidth()));
      });
  return widest;
}

// What `count` lanes along `dim` are worth: wide accesses good, scattered ones bad, stores more so.
double GroupEmitter::score(int dim, std::int64_t count) const {
  double sum = 0;
  Place place;
  place.at.assign(group.shape.size(), Index{Value(), 0, false});
  place.laneDim = dim;
  place.lanes = count;
  auto rate = [&](Value pointer, const Place &at, double weight) {
    if (!at.isVector())
      return;
    const bool wide = tiles.axis.of(pointer).contiguity[at.laneDim] % at.lanes == 0;
    sum += wide ? weight : -weight;
  };
  llvm::DenseSet<std::pair<Value, Place>> seen;
  for (const Root &root : group.roots) {
    if (auto store = dyn_cast_or_null<tt::StoreOp>(root.op))
      rate(store.getPtr(), normalized(place, group.shape), 3);
    for (Value input : inputsOf(root))
      walkPlaces(tiles, input, place, seen, [&](Value tile, const Place &at) {
        if (auto load = tile.getDefiningOp<tt::LoadOp>(); load && !tiles.buffers.contains(tile))
          rate(load.getPtr(), at, 2);
        else if (tiles.buffers.contains(tile) && at.isVector())
          sum += at.laneDim == static_cast<int>(at.at.size()) - 1 ? 2 : -2;
        else if (at.isVector())
          sum += arithmeticWeight(tile.getDefiningOp());
      });
    if (root.kind == Root::Kind::Fill)
      sum += dim == static_cast<int>(group.shape.size()) - 1 ? 2 : -2;
  }
  // Lanes left empty make up for nothing.
  return sum * static_cast<double>(count);
}

int GroupEmitter::bodySize() const {
  int size = 0;
  llvm::DenseSet<std::pair<Value, Place>> seen;
  Place place;
  place.at.assign(group.shape.size(), Index{Value(), 0, false});
  for (const Root &root : group.roots)
    for (Value input : inputsOf(root))
      walkPlaces(tiles, input, place, seen, [&](Value tile, const Place &) {
        Operation *op = tile.getDefiningOp();
        if (op && !movesElements(op) && !isa<arith::ConstantOp>(op))
          size += isa<math::MathDialect>(op->getDialect()) ? 12 : 1;
      });
  return size;
}

void GroupEmitter::chooseLanes() {
  const auto rank = static_cast<int>(group.shape.size());
  if (rank == 0)
    return;
  const std::int64_t widest = std::max<std::int64_t>(1, tiles.traits.bits / widestElement());
  double best = 0;
  for (int dim = rank - 1; dim >= 0; --dim) {
    const std::int64_t count = std::min(widest, group.shape[dim]);
    if (count == 1)
      continue;
    // A hair for the lanes themselves: arithmetic without memory still wants them.
    const double value = score(dim, count) + 0.01 * static_cast<double>(count);
    if (laneDim < 0 || value > best) {
      best = value;
      laneDim = dim;
      lanes = count;
    }
  }
  if (laneDim < 0)
    return;
  if (best < 0) // scattered memory and little else: lanes would only be taken apart again
    lanes = 1;
  const int size = bodySize();
  const std::int64_t most = size > longestBody ? 1 : size > longBody ? 2 : mostChunks;
  chunks = std::min(most, group.shape[laneDim] / lanes);
}

// ---- loops ----

bool GroupEmitter::emit() {
  tiles.forget();
  chooseLanes();
  here.at.assign(group.shape.size(), Index{});
  here.laneDim = lanes > 1 ? laneDim : -1;
  here.lanes = lanes;
  for (int dim = 0; dim < static_cast<int>(group.shape.size()); ++dim)
    if (dim != laneDim && dim != reduceAxis)
      outerDims.push_back(dim);
  if (laneDim >= 0 && !reducesLanes())
    outerDims.push_back(laneDim);
  tiles.laneStep = lanes * chunks;
  if (!emitDims(0) || failed)
    return false;
  std::size_t fill = 0;
  for (const Root &root : group.roots)
    if (root.kind == Root::Kind::Fill)
      tiles.buffers[root.tile] = fillBuffers[fill++];
  for (auto &[result, buffer] : resultBuffers)
    tiles.buffers[result] = buffer;
  for (auto &[result, value] : resultScalars)
    tiles.scalars[result] = value;
  tiles.forget();
  return true;
}

bool GroupEmitter::emitDims(std::size_t next) {
  if (next == outerDims.size())
    return emitReductionLoop();
  const int dim = outerDims[next];
  const std::int64_t step = dim == laneDim ? lanes * chunks : 1;
  if (group.shape[dim] == step)
    return emitDims(next + 1);
  Location loc = builder.getUnknownLoc();
  auto loop = scf::ForOp::create(builder, loc, tiles.integer(0), tiles.integer(group.shape[dim]),
                                 tiles.integer(step));
  tiles.enter(loop, loop.getInductionVar());
  bool ok;
  {
    OpBuilder::InsertionGuard guard(builder);
    builder.setInsertionPoint(loop.getBody()->getTerminator());
    here.at[dim] = {loop.getInductionVar(), 0, true};
    ok = emitDims(next + 1);
    here.at[dim] = Index{};
  }
  tiles.leave();
  return ok;
}

std::vector<Value> GroupEmitter::initialValues() {
  std::vector<Value> values;
  for (Accumulators &each : reductions) {
    Block &block = each.op.getCombineOp().front();
    each.neutral.clear();
    // One operation that has a neutral element begins with it; others begin with the first value.
    Operation *only = block.without_terminator().begin() == block.without_terminator().end()
                          ? nullptr
                          : &*block.without_terminator().begin();
    const bool single = only && llvm::hasSingleElement(block.without_terminator()) &&
                        block.getTerminator()->getNumOperands() == 1 &&
                        block.getTerminator()->getOperand(0).getDefiningOp() == only;
    // 8-bit floats are held as their codes, which no constant of theirs is.
    auto type = only ? dyn_cast<FloatType>(only->getResult(0).getType()) : FloatType();
    const bool isCode = type && type.getWidth() == 8;
    std::optional<TypedAttr> neutral =
        single && !isCode ? arith::getNeutralElement(only) : std::nullopt;
    for (Value source : each.op.getSrcs()) {
      Type element = tiles.elementType(source.getType());
      Value scalar =
          neutral ? arith::ConstantOp::create(builder, each.op.getLoc(), *neutral).getResult()
                  : tiles.zero(element);
      each.neutral.push_back(neutral ? scalar : Value());
      for (std::int64_t chunk = 0; chunk < chunks; ++chunk)
        values.push_back(tiles.splat(scalar, lanes));
    }
  }
  return values;
}

// The loop that carries accumulators: along the reduction's axis, or no loop without reductions.
bool GroupEmitter::emitReductionLoop() {
  const std::int64_t step = reducesLanes() ? lanes * chunks : 1;
  const std::int64_t size = reduceAxis < 0 ? 1 : group.shape[reduceAxis];
  Location loc = builder.getUnknownLoc();
  if (reduceAxis < 0 || size == step) {
    std::vector<Value> values = initialValues();
    values = emitStep(std::move(values), tiles.integer(1, 1));
    return !failed && finish(values);
  }
  std::vector<Value> values = initialValues();
  auto loop = scf::ForOp::create(builder, loc, tiles.integer(0), tiles.integer(size),
                                 tiles.integer(step), values);
  tiles.enter(loop, loop.getInductionVar());
  {
    OpBuilder::InsertionGuard guard(builder);
    builder.setInsertionPointToEnd(loop.getBody());
    Value isFirst = arith::CmpIOp::create(builder, loc, arith::CmpIPredicate::eq,
                                          loop.getInductionVar(), tiles.integer(0));
    here.at[reduceAxis] = {loop.getInductionVar(), 0, true};
    std::vector<Value> carried(loop.getRegionIterArgs().begin(), loop.getRegionIterArgs().end());
    values = emitStep(std::move(carried), isFirst);
    if (!failed)
      scf::YieldOp::create(builder, loc, values);
    here.at[reduceAxis] = Index{};
  }
  tiles.leave();
  if (failed)
    return false;
  values.assign(loop.getResults().begin(), loop.getResults().end());
  return finish(values);
}

// Every mask of the step's loads and stores, where it is used.
std::vector<AssumedMask> GroupEmitter::masksOf() {
  std::vector<AssumedMask> masks;
  auto add = [&](Value mask, const Place &place) {
    if (!mask || llvm::any_of(place.at, [](const Index &index) { return !index.isKnown; }))
      return;
    AssumedMask each{mask, normalized(place, shapeOf(mask.getType())), lanes * chunks};
    if (!llvm::any_of(
            masks, [&](const AssumedMask &m) { return m.mask == mask && m.place == each.place; }))
      masks.push_back(std::move(each));
  };
  llvm::DenseSet<std::pair<Value, Place>> seen;
  for (const Root &root : group.roots) {
    if (auto store = dyn_cast_or_null<tt::StoreOp>(root.op))
      add(store.getMask(), here);
    for (Value input : inputsOf(root))
      walkPlaces(tiles, input, here, seen, [&](Value tile, const Place &place) {
        if (auto load = tile.getDefiningOp<tt::LoadOp>(); load && !tiles.buffers.contains(tile))
          add(load.getMask(), place);
      });
  }
  return masks;
}

// What follows from masks that hold: both sides of a conjunction, the source of a broadcast.
static std::vector<AssumedMask> withConsequences(std::vector<AssumedMask> masks) {
  for (std::size_t i = 0; i < masks.size(); ++i) {
    const AssumedMask each = masks[i];
    Operation *op = each.mask.getDefiningOp();
    if (!op)
      continue;
    if (isa<arith::AndIOp>(op)) {
      for (Value side : op->getOperands())
        masks.push_back({side, normalized(each.place, shapeOf(side.getType())), each.extent});
    } else if (isa<tt::BroadcastOp, tt::ExpandDimsOp, tt::TransOp>(op)) {
      if (auto source = sourcePlace(op, each.mask, each.place, nullptr))
        masks.push_back({op->getOperand(0), *source, each.extent});
    }
  }
  return masks;
}

std::vector<Value> GroupEmitter::emitStep(std::vector<Value> values, Value isFirst) {
  const std::vector<AssumedMask> masks = masksOf();
  Value all;
  for (const AssumedMask &each : masks) {
    Value holds = tiles.allTrue(each.mask, each.place, each.place.isVector() ? each.extent : 1);
    if (!holds) {
      failed = true;
      return {};
    }
    all = all ? builder.createOrFold<arith::AndIOp>(holds.getLoc(), all, holds) : holds;
  }
  if (!all)
    return emitChunks(std::move(values), isFirst);

  llvm::SmallVector<Type> types;
  for (Value value : values)
    types.push_back(value.getType());
  auto branch = scf::IfOp::create(builder, all.getLoc(), types, all, true, true);
  tiles.enter(branch, Value(), true);
  for (bool hold : {true, false}) {
    OpBuilder::InsertionGuard guard(builder);
    Block *block = hold ? branch.thenBlock() : branch.elseBlock();
    builder.setInsertionPointToEnd(block);
    if (!block->empty() && block->back().hasTrait<OpTrait::IsTerminator>())
      builder.setInsertionPoint(&block->back());
    tiles.assume(withConsequences(masks), hold);
    std::vector<Value> after = emitChunks(values, isFirst);
    if (block->empty() || !block->back().hasTrait<OpTrait::IsTerminator>())
      scf::YieldOp::create(builder, all.getLoc(), after);
    if (hold) { // what the branch evaluated is its own
      tiles.leave();
      tiles.enter(branch, Value(), true);
    }
  }
  tiles.leave();
  tiles.assume({}, false);
  return {branch.getResults().begin(), branch.getResults().end()};
}

std::vector<Value> GroupEmitter::emitChunks(std::vector<Value> values, Value isFirst) {
  for (int chunk = 0; chunk < chunks; ++chunk) {
    Place place = here;
    if (laneDim >= 0)
      place.at[laneDim].offset += chunk * lanes;
    if (!emitChunk(place, chunk, values, isFirst))
      failed = true;
  }
  return values;
}

// ---- roots ----

// All roots at one place: first every input is evaluated, then memory is written, so that a root
// sees the elements as they were.
bool GroupEmitter::emitChunk(const Place &place, int chunk, std::vector<Value> &values,
                             Value isFirst) {
  std::vector<Value> fills;
  std::size_t at = 0;
  for (const Root &root : group.roots) {
    if (root.kind == Root::Kind::Store) {
      if (!tiles.prepare(cast<tt::StoreOp>(root.op), place))
        return false;
      continue;
    }
    if (root.kind == Root::Kind::Fill) {
      fills.push_back(tiles.at(root.tile, place));
      if (!fills.back())
        return false;
      // 8-bit floats that a matrix product takes are kept as what it accumulates in.
      auto narrow = dyn_cast<FloatType>(getElementTypeOrSelf(root.tile.getType()));
      auto kept = dyn_cast<FloatType>(fillBuffers[fills.size() - 1].element);
      if (narrow && kept && narrow.getWidth() == 8)
        fills.back() = convertFloat(builder, root.tile.getLoc(), fills.back(), narrow, kept, false);
      continue;
    }
    auto reduce = cast<tt::ReduceOp>(root.op);
    const auto &neutral =
        llvm::find_if(reductions, [&](const Accumulators &a) { return a.op == reduce; })->neutral;
    std::vector<Value> before, now;
    for (auto [number, source] : llvm::enumerate(reduce.getSrcs())) {
      before.push_back(values[at + number * chunks + chunk]);
      now.push_back(tiles.lanesAt(source, place));
      if (!now.back())
        return false;
    }
    std::vector<Value> after = combine(reduce, before, now);
    if (after.empty())
      return false;
    for (std::size_t number = 0; number < after.size(); ++number) {
      Value &value = values[at + number * chunks + chunk];
      value = neutral[number] ? after[number]
                              : builder.createOrFold<arith::SelectOp>(reduce.getLoc(), isFirst,
                                                                      now[number], after[number]);
    }
    at += reduce.getSrcs().size() * chunks;
  }
  std::size_t fill = 0;
  for (const Root &root : group.roots)
    if (root.kind == Root::Kind::Store) {
      tiles.store(cast<tt::StoreOp>(root.op), place);
    } else if (root.kind == Root::Kind::Fill) {
      tiles.store(fillBuffers[fill], place, fills[fill], root.tile.getLoc());
      ++fill;
    }
  return true;
}

std::vector<Value> GroupEmitter::combine(tt::ReduceOp op, ValueRange a, ValueRange b) {
  Block &block = op.getCombineOp().front();
  if (!isStraight(block)) {
    op.emitError()
        << "a reduction whose combination branches or calls cannot be compiled for the CPU yet";
    return {};
  }
  const std::size_t count = a.size();
  llvm::DenseMap<Value, Value> inside;
  for (std::size_t i = 0; i < count; ++i) {
    inside[block.getArgument(i)] = a[i];
    inside[block.getArgument(i + count)] = b[i];
  }
  auto vector = dyn_cast<VectorType>(a[0].getType());
  auto known = [&](Value value) {
    Value found = inside.lookup(value);
    return found ? found : tiles.scalar(value);
  };
  for (Operation &each : block.without_terminator()) {
    if (each.hasTrait<OpTrait::ConstantLike>()) {
      inside[each.getResult(0)] = builder.clone(each)->getResult(0);
      continue;
    }
    llvm::SmallVector<Value> operands;
    for (Value operand : each.getOperands()) {
      Value value = known(operand);
      operands.push_back(vector ? tiles.splat(value, vector.getNumElements()) : value);
    }
    Value result = tiles.elementwise(&each, 0, operands);
    if (!result)
      return {};
    inside[each.getResult(0)] = result;
  }
  std::vector<Value> results;
  for (Value value : block.getTerminator()->getOperands()) {
    Value result = known(value);
    results.push_back(vector ? tiles.splat(result, vector.getNumElements()) : result);
  }
  return results;
}

// Accumulators -> results: across chunks and lanes when the axis runs in lanes, then into scalars
// or the results' tiles.
bool GroupEmitter::finish(const std::vector<Value> &values) {
  std::size_t at = 0;
  for (Accumulators &each : reductions) {
    tt::ReduceOp op = each.op;
    const std::size_t count = op.getSrcs().size();
    std::vector<std::vector<Value>> partial(chunks);
    for (std::int64_t chunk = 0; chunk < chunks; ++chunk)
      for (std::size_t number = 0; number < count; ++number)
        partial[chunk].push_back(values[at + number * chunks + chunk]);
    at += count * chunks;
    if (reducesLanes()) {
      for (std::int64_t half = chunks / 2; half >= 1; half /= 2)
        for (std::int64_t chunk = 0; chunk < half; ++chunk)
          if ((partial[chunk] = combine(op, partial[chunk], partial[chunk + half])).empty())
            return false;
      partial.resize(1);
      for (std::int64_t width = lanes / 2; width >= 1; width /= 2) {
        std::vector<Value> low, high;
        auto half = [&](Value value, std::int64_t first) -> Value {
          if (width == 1)
            return tiles.laneOf(value, first);
          return vector::ExtractStridedSliceOp::create(builder, op.getLoc(), value, first, width,
                                                       1);
        };
        for (Value value : partial[0]) {
          low.push_back(half(value, 0));
          high.push_back(half(value, width));
        }
        if ((partial[0] = combine(op, low, high)).empty())
          return false;
      }
      for (Value &value : partial[0])
        value = tiles.laneOf(value, 0);
    }
    for (auto [chunk, results] : llvm::enumerate(partial)) {
      Place place = here;
      if (laneDim >= 0 && !reducesLanes())
        place.at[laneDim].offset += static_cast<std::int64_t>(chunk) * lanes;
      if (reducesLanes())
        place = place.lane(0);
      place.at.erase(place.at.begin() + reduceAxis);
      if (place.laneDim > reduceAxis)
        --place.laneDim;
      for (auto [number, result] : llvm::enumerate(op.getResult())) {
        if (auto buffer = resultBuffers.find(result); buffer != resultBuffers.end())
          tiles.store(buffer->second, place, results[number], tiles.locationOf(op));
        else
          resultScalars[result] = results[number];
      }
    }
  }
  return true;
}

} // namespace lapidary
