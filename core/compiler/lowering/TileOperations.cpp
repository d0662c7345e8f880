// Operations on tiles that have loops of their own: matrix products, scans, atomics, histograms.
#include "core/compiler/lowering/KernelEmitter.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

namespace lapidary {

using namespace mlir;

namespace {

// Adds the coordinate `index` before `dim`.
Place withDim(Place place, int dim, Index index) {
  place.at.insert(place.at.begin() + dim, index);
  return place;
}

} // namespace

bool KernelEmitter::forEachElement(ArrayRef<std::int64_t> shape,
                                   llvm::function_ref<bool(const Place &)> body) {
  Place place;
  place.at.assign(shape.size(), Index{});
  OpBuilder::InsertionGuard guard(builder);
  Location loc = builder.getUnknownLoc();
  std::size_t entered = 0;
  for (auto [dim, size] : llvm::enumerate(shape)) {
    if (size == 1)
      continue;
    auto loop =
        scf::ForOp::create(builder, loc, tiles.integer(0), tiles.integer(size), tiles.integer(1));
    tiles.enter(loop, loop.getInductionVar());
    ++entered;
    place.at[dim] = {loop.getInductionVar(), 0, true};
    builder.setInsertionPoint(loop.getBody()->getTerminator());
  }
  const bool ok = body(place);
  while (entered-- > 0)
    tiles.leave();
  tiles.forget();
  return ok;
}

// ---- atomics ----

Value KernelEmitter::atomicAt(Operation *op, const Place &place) {
  Location loc = tiles.locationOf(op);
  auto swap = dyn_cast<tt::AtomicCASOp>(op);
  Value pointer = tiles.at(op->getOperand(0), place), value = tiles.at(op->getOperand(1), place);
  if (!pointer || !value)
    return {};
  if (swap) {
    Value desired = tiles.at(swap.getVal(), place);
    if (!desired)
      return {};
    Type type = value.getType(), integer = type;
    if (isa<FloatType>(type)) {
      integer = builder.getIntegerType(type.getIntOrFloatBitWidth());
      value = arith::BitcastOp::create(builder, loc, integer, value);
      desired = arith::BitcastOp::create(builder, loc, integer, desired);
    }
    Value pair =
        LLVM::AtomicCmpXchgOp::create(builder, loc, pointer, value, desired,
                                      LLVM::AtomicOrdering::seq_cst, LLVM::AtomicOrdering::seq_cst);
    Value old = LLVM::ExtractValueOp::create(builder, loc, pair, 0);
    return integer == type ? old : arith::BitcastOp::create(builder, loc, type, old);
  }
  auto rmw = cast<tt::AtomicRMWOp>(op);
  using T = tt::AtomicOp;
  using L = LLVM::AtomicBinOp;
  const bool isFloat = isa<FloatType>(value.getType());
  auto kind = [&] {
    switch (rmw.getAtomicRmwOp()) {
    case T::And:
      return L::_and;
    case T::Or:
      return L::_or;
    case T::Xor:
      return L::_xor;
    case T::Add:
      return L::add;
    case T::FAdd:
      return L::fadd;
    case T::Max:
      return isFloat ? L::fmax : L::max;
    case T::Min:
      return isFloat ? L::fmin : L::min;
    case T::UMax:
      return L::umax;
    case T::UMin:
      return L::umin;
    case T::Xchg:
      return L::xchg;
    }
    return L::xchg;
  }();
  return LLVM::AtomicRMWOp::create(builder, loc, kind, pointer, value,
                                   LLVM::AtomicOrdering::seq_cst);
}

bool KernelEmitter::emitAtomic(Operation *op) {
  Value result = op->getResult(0);
  auto tile = dyn_cast<RankedTensorType>(result.getType());
  std::optional<Buffer> kept;
  if (tile && !result.use_empty())
    kept = allocate(result);
  auto rmw = dyn_cast<tt::AtomicRMWOp>(op);
  Location loc = tiles.locationOf(op);
  const bool ok = forEachElement(shapeOf(result.getType()), [&](const Place &place) {
    Value old;
    if (rmw && rmw.getMask()) {
      Value mask = tiles.at(rmw.getMask(), place);
      // Operands are evaluated before the branch, in which only the access lies.
      if (!mask || !tiles.at(op->getOperand(0), place) || !tiles.at(op->getOperand(1), place))
        return false;
      Type type = tiles.elementType(result.getType());
      auto branch = scf::IfOp::create(builder, loc, type, mask, true, true);
      OpBuilder::InsertionGuard guard(builder);
      builder.setInsertionPointToEnd(branch.elseBlock());
      scf::YieldOp::create(builder, loc, tiles.zero(type));
      builder.setInsertionPointToEnd(branch.thenBlock());
      Value inside = atomicAt(op, place);
      if (!inside)
        return false;
      scf::YieldOp::create(builder, loc, inside);
      old = branch.getResult(0);
    } else {
      old = atomicAt(op, place);
    }
    if (!old)
      return false;
    if (kept)
      tiles.store(*kept, place, old, loc);
    else if (!tile)
      tiles.scalars[result] = old;
    return true;
  });
  if (kept)
    bindTiles({result}, {*kept});
  return ok;
}

// ---- scans ----

bool KernelEmitter::emitScan(tt::ScanOp op) {
  Targets results = allocateTiles(op.getResults());
  llvm::SmallVector<std::pair<Value, Buffer>> fills;
  for (auto [source, result] : llvm::zip(op.getSrcs(), results))
    fills.emplace_back(source, result);
  if (!fillTiles(fills))
    return false;
  Block &block = op.getCombineOp().front();
  if (llvm::any_of(block.without_terminator(), [](Operation &each) {
        return each.getNumRegions() != 0 || !isMemoryEffectFree(&each);
      })) {
    op.emitError()
        << "a scan whose combination branches or calls cannot be compiled for the CPU yet";
    return false;
  }
  const int dim = static_cast<int>(op.getAxis());
  llvm::SmallVector<std::int64_t, 4> shape = shapeOf(op.getSrcs()[0].getType());
  const std::int64_t size = shape[dim];
  shape.erase(shape.begin() + dim);
  Location loc = tiles.locationOf(op);
  const bool ok = forEachElement(shape, [&](const Place &outer) {
    auto placeAt = [&](Index index) { return withDim(outer, dim, index); };
    llvm::SmallVector<Value> first;
    for (const Buffer &buffer : results)
      first.push_back(
          tiles.load(buffer, placeAt({Value(), op.getReverse() ? size - 1 : 0, true}), loc));
    if (size == 1)
      return true;
    auto loop = scf::ForOp::create(builder, loc, tiles.integer(1), tiles.integer(size),
                                   tiles.integer(1), first);
    OpBuilder::InsertionGuard guard(builder);
    builder.setInsertionPointToEnd(loop.getBody());
    Value step = loop.getInductionVar();
    if (op.getReverse())
      step = arith::SubIOp::create(builder, loc, tiles.integer(size - 1), step);
    const Place place = placeAt({step, 0, true});
    llvm::SmallVector<Value> now;
    for (const Buffer &buffer : results)
      now.push_back(tiles.load(buffer, place, loc));
    IRMapping mapping;
    // Stored as bytes, combined as bits.
    auto asValue = [&](Value stored, BlockArgument like) -> Value {
      return like.getType().isInteger(1) && !stored.getType().isInteger(1)
                 ? arith::TruncIOp::create(builder, loc, like.getType(), stored).getResult()
                 : stored;
    };
    const std::size_t count = results.size();
    for (std::size_t i = 0; i < count; ++i) {
      mapping.map(block.getArgument(i), asValue(loop.getRegionIterArg(i), block.getArgument(i)));
      mapping.map(block.getArgument(count + i), asValue(now[i], block.getArgument(count + i)));
    }
    for (Operation &each : block.without_terminator()) {
      if (each.hasTrait<OpTrait::ConstantLike>()) {
        builder.clone(each, mapping);
        continue;
      }
      llvm::SmallVector<Value> operands;
      for (Value operand : each.getOperands()) {
        Value inside = mapping.lookupOrNull(operand);
        operands.push_back(inside ? inside : tiles.scalar(operand));
      }
      for (OpResult result : each.getResults()) {
        Value value = tiles.elementwise(&each, result.getResultNumber(), operands);
        if (!value)
          return false;
        mapping.map(result, value);
      }
    }
    llvm::SmallVector<Value> next;
    for (auto [value, buffer] : llvm::zip(block.getTerminator()->getOperands(), results)) {
      Value combined = mapping.lookupOrNull(value);
      if (!combined)
        combined = tiles.scalar(value);
      tiles.store(buffer, place, combined, loc);
      if (combined.getType() != buffer.element)
        combined = arith::ExtUIOp::create(builder, loc, buffer.element, combined);
      next.push_back(combined);
    }
    scf::YieldOp::create(builder, loc, next);
    return true;
  });
  bindTiles(op.getResults(), results);
  return ok;
}

// ---- histograms, joins ----

bool KernelEmitter::emitHistogram(tt::HistogramOp op) {
  Value result = op.getResult();
  Buffer counts = allocate(result);
  Location loc = tiles.locationOf(op);
  forEachElement(counts.shape, [&](const Place &place) {
    tiles.store(counts, place, tiles.zero(counts.element), loc);
    return true;
  });
  const bool ok = forEachElement(shapeOf(op.getSrc().getType()), [&](const Place &place) {
    Value bin = tiles.at(op.getSrc(), place);
    Value mask = bin && op.getMask() ? tiles.at(op.getMask(), place) : Value();
    if (!bin || (op.getMask() && !mask))
      return false;
    if (bin.getType().getIntOrFloatBitWidth() < 64)
      bin = arith::ExtUIOp::create(builder, loc, builder.getI64Type(), bin);
    Value inside = arith::CmpIOp::create(builder, loc, arith::CmpIPredicate::ult, bin,
                                         tiles.integer(counts.shape[0]));
    if (mask)
      inside = arith::AndIOp::create(builder, loc, inside, mask);
    auto branch = scf::IfOp::create(builder, loc, inside, false);
    OpBuilder::InsertionGuard guard(builder);
    builder.setInsertionPoint(branch.thenBlock()->getTerminator());
    Place at;
    at.at.push_back({bin, 0, true});
    Value one = arith::ConstantOp::create(builder, loc, builder.getIntegerAttr(counts.element, 1));
    Value sum = arith::AddIOp::create(builder, loc, tiles.load(counts, at, loc), one);
    tiles.store(counts, at, sum, loc);
    return true;
  });
  bindTiles({result}, {counts});
  return ok;
}

// join puts a dimension of size 2 last; cat puts one tile after the other.
bool KernelEmitter::emitJoin(Operation *op) {
  Value result = op->getResult(0);
  Buffer joined = allocate(result);
  Location loc = tiles.locationOf(op);
  const auto shape = shapeOf(op->getOperand(0).getType());
  const bool ok = forEachElement(shape, [&](const Place &place) {
    for (int side : {0, 1}) {
      Value value = tiles.at(op->getOperand(side), place);
      if (!value)
        return false;
      Place to = place;
      if (isa<tt::JoinOp>(op))
        to.at.push_back({Value(), side, true});
      else
        to.at[0].offset += side * shape[0];
      tiles.store(joined, to, value, loc);
    }
    return true;
  });
  bindTiles({result}, {joined});
  return ok;
}

// ---- matrix products ----

namespace {

constexpr std::int64_t rowsAtOnce = 4;    // of the result in registers
constexpr std::int64_t vectorsAtOnce = 4; // of lanes in each of those rows

} // namespace

// The buffer of the loop-carried tile that the product's accumulator comes from, when nothing else
// needs that tile: then the product may be computed in it.
std::optional<Buffer> KernelEmitter::accumulator(tt::DotOp op) {
  auto yield = dyn_cast<scf::YieldOp>(op->getBlock()->getTerminator());
  auto loop = yield ? dyn_cast<scf::ForOp>(yield->getParentOp()) : scf::ForOp();
  if (!loop || !op.getD().hasOneUse() || *op.getD().user_begin() != yield)
    return std::nullopt;
  Value carried = loop.getRegionIterArgs()[op.getD().use_begin()->getOperandNumber()];
  llvm::SmallVector<Value> readers{carried};
  while (!readers.empty()) {
    Value each = readers.pop_back_val();
    for (OpOperand &use : each.getUses()) {
      Operation *user = use.getOwner();
      if (user == op && use.getOperandNumber() == 2)
        continue;
      if (user->getBlock() != op->getBlock() || !isExpression(user) || movesElements(user) ||
          tiles.buffers.contains(user->getResult(0)))
        return std::nullopt;
      readers.push_back(user->getResult(0));
    }
  }
  return tiles.buffers.lookup(carried);
}

bool KernelEmitter::emitDot(tt::DotOp op) {
  auto type = cast<RankedTensorType>(op.getD().getType());
  Type element = type.getElementType();
  if (!element.isF32() && !element.isF64() && !element.isInteger(32) && !element.isF16()) {
    op.emitError() << "a matrix product that accumulates in " << element
                   << " cannot be compiled for the CPU yet";
    return false;
  }
  std::optional<Buffer> carried = accumulator(op);
  Buffer sum = carried ? *carried : allocate(op.getD());
  auto kept = tiles.buffers.find(op.getC());
  if (kept == tiles.buffers.end() || kept->second.pointer != sum.pointer)
    if (!fillTiles({{op.getC(), sum}}))
      return false;
  // Operands are packed in the accumulator's type, so that the inner loop converts nothing.
  Location loc = tiles.locationOf(op);
  llvm::SmallVector<Buffer> packed;
  for (Value operand : {op.getA(), op.getB()}) {
    auto there = tiles.buffers.find(operand);
    if (there != tiles.buffers.end() && there->second.element == element) {
      packed.push_back(there->second);
      continue;
    }
    Buffer buffer = allocate(shapeOf(operand.getType()), element);
    if (!fillTiles({{operand, buffer}}))
      return false;
    packed.push_back(buffer);
  }
  tiles.forget();
  auto part = [&](const Buffer &buffer, Value batch) {
    if (buffer.shape.size() == 2)
      return buffer;
    Buffer matrix{buffer.pointer, {buffer.shape[1], buffer.shape[2]}, buffer.element};
    Value offset = arith::MulIOp::create(builder, loc, batch,
                                         tiles.integer(buffer.shape[1] * buffer.shape[2]));
    matrix.pointer = tiles.elementPointer(buffer.element, buffer.pointer, {offset, 0, true});
    return matrix;
  };
  bool ok = true;
  if (type.getRank() == 2) {
    ok = emitDotTile(packed[0], packed[1], sum);
  } else {
    OpBuilder::InsertionGuard guard(builder);
    auto loop = scf::ForOp::create(builder, loc, tiles.integer(0),
                                   tiles.integer(type.getShape()[0]), tiles.integer(1));
    builder.setInsertionPoint(loop.getBody()->getTerminator());
    Value batch = loop.getInductionVar();
    ok = emitDotTile(part(packed[0], batch), part(packed[1], batch), part(sum, batch));
  }
  bindTiles({op.getD()}, {sum});
  return ok;
}

// sum[m, n] += a[m, k] * b[k, n], a few rows and vectors of the result in registers over all of k.
bool KernelEmitter::emitDotTile(const Buffer &a, const Buffer &b, const Buffer &sum) {
  Location loc = builder.getUnknownLoc();
  const std::int64_t m = sum.shape[0], n = sum.shape[1], k = a.shape[1];
  const int bits = static_cast<int>(sum.element.getIntOrFloatBitWidth());
  const std::int64_t lanes = std::min<std::int64_t>(tiles.traits.bits / bits, n);
  const std::int64_t vectors = std::min(vectorsAtOnce, n / lanes), rows = std::min(rowsAtOnce, m);
  auto loopOver = [&](std::int64_t size, std::int64_t step, ValueRange carried) {
    return scf::ForOp::create(builder, loc, tiles.integer(0), tiles.integer(size),
                              tiles.integer(step), carried);
  };
  auto placeOf = [&](Value row, std::int64_t rowOffset, Value column, std::int64_t columnOffset,
                     bool vector) {
    Place place;
    place.at = {{row, rowOffset, true}, {column, columnOffset, true}};
    if (vector && lanes > 1) {
      place.laneDim = 1;
      place.lanes = lanes;
    }
    return place;
  };
  const bool isInteger = sum.element.isInteger();
  OpBuilder::InsertionGuard guard(builder);
  auto columns = loopOver(n, lanes * vectors, {});
  builder.setInsertionPoint(columns.getBody()->getTerminator());
  auto rowLoop = loopOver(m, rows, {});
  builder.setInsertionPoint(rowLoop.getBody()->getTerminator());
  Value column = columns.getInductionVar(), row = rowLoop.getInductionVar();
  llvm::SmallVector<Value> sums;
  for (std::int64_t r = 0; r < rows; ++r)
    for (std::int64_t v = 0; v < vectors; ++v)
      sums.push_back(tiles.load(sum, placeOf(row, r, column, v * lanes, true), loc));
  auto inner = loopOver(k, 1, sums);
  {
    OpBuilder::InsertionGuard innerGuard(builder);
    builder.setInsertionPointToEnd(inner.getBody());
    Value step = inner.getInductionVar();
    llvm::SmallVector<Value> right, next;
    for (std::int64_t v = 0; v < vectors; ++v)
      right.push_back(tiles.load(b, placeOf(step, 0, column, v * lanes, true), loc));
    for (std::int64_t r = 0; r < rows; ++r) {
      Value left = tiles.splat(tiles.load(a, placeOf(row, r, step, 0, false), loc), lanes);
      for (std::int64_t v = 0; v < vectors; ++v) {
        Value before = inner.getRegionIterArg(static_cast<unsigned>(r * vectors + v));
        if (isInteger)
          next.push_back(arith::AddIOp::create(
              builder, loc, before, arith::MulIOp::create(builder, loc, left, right[v])));
        else
          next.push_back(math::FmaOp::create(builder, loc, left, right[v], before));
      }
    }
    scf::YieldOp::create(builder, loc, next);
  }
  std::size_t at = 0;
  for (std::int64_t r = 0; r < rows; ++r)
    for (std::int64_t v = 0; v < vectors; ++v)
      tiles.store(sum, placeOf(row, r, column, v * lanes, true),
                  inner.getResult(static_cast<unsigned>(at++)), loc);
  return true;
}

} // namespace lapidary
