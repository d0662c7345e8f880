#include "core/compiler/lowering/TileEmitter.h"

#include "core/compiler/analysis/Locations.h"
#include "core/compiler/lowering/FloatConversions.h"
#include "core/compiler/lowering/Schedule.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/IR/Matchers.h"
#include "llvm/ADT/TypeSwitch.h"

namespace lapidary {

using namespace mlir;

namespace {

bool isTrue(Value value) {
  return value && matchPattern(value, m_One());
}

} // namespace

// ---- types and small pieces ----

Type TileEmitter::elementType(Type type) const {
  Type element = getElementTypeOrSelf(type);
  if (isa<tt::PointerType>(element))
    return LLVM::LLVMPointerType::get(builder.getContext());
  if (isa<FloatType>(element) && element.getIntOrFloatBitWidth() == 8)
    return builder.getI8Type();
  return element;
}

Type TileEmitter::storedType(Type type) const {
  Type element = elementType(type);
  return element.isInteger(1) ? builder.getI8Type() : element;
}

Location TileEmitter::locationOf(Operation *op) const {
  if (auto place = placeIn(op->getLoc(), file))
    return FileLineColLoc::get(builder.getContext(), place->file, place->range.line,
                               place->range.column);
  return op->getLoc();
}

Value TileEmitter::integer(std::int64_t value, int bits) {
  return arith::ConstantIntOp::create(builder, builder.getUnknownLoc(), value, bits);
}

Value TileEmitter::value(const Index &index) {
  if (!index.variable)
    return integer(index.offset);
  if (index.offset == 0)
    return index.variable;
  return builder.createOrFold<arith::AddIOp>(index.variable.getLoc(), index.variable,
                                             integer(index.offset));
}

Value TileEmitter::zero(Type type) {
  Location loc = builder.getUnknownLoc();
  if (isa<LLVM::LLVMPointerType>(getElementTypeOrSelf(type)))
    return LLVM::ZeroOp::create(builder, loc, type);
  return arith::ConstantOp::create(builder, loc, builder.getZeroAttr(type));
}

Value TileEmitter::splat(Value value, std::int64_t lanes) {
  if (lanes == 1 || isa<VectorType>(value.getType()))
    return value;
  auto type = VectorType::get({lanes}, value.getType());
  Attribute constant;
  if (matchPattern(value, m_Constant(&constant)) && isa<TypedAttr>(constant))
    return arith::ConstantOp::create(builder, value.getLoc(),
                                     DenseElementsAttr::get(type, constant));
  return vector::BroadcastOp::create(builder, value.getLoc(), type, value);
}

Value TileEmitter::laneOf(Value vector, std::int64_t lane) {
  if (!isa<VectorType>(vector.getType()))
    return vector;
  return vector::ExtractOp::create(builder, vector.getLoc(), vector, lane);
}

Value TileEmitter::elementPointer(Type element, Value pointer, const Index &index) {
  auto type = pointer.getType();
  if (index.variable)
    pointer = LLVM::GEPOp::create(builder, pointer.getLoc(), type, element, pointer,
                                  ArrayRef<LLVM::GEPArg>{index.variable});
  if (index.offset != 0)
    pointer = LLVM::GEPOp::create(builder, pointer.getLoc(), type, element, pointer,
                                  ArrayRef<LLVM::GEPArg>{static_cast<std::int32_t>(index.offset)});
  return pointer;
}

Value TileEmitter::fromStored(Value value, Type type) {
  if (!elementType(type).isInteger(1))
    return value;
  return arith::CmpIOp::create(builder, value.getLoc(), arith::CmpIPredicate::ne, value,
                               zero(value.getType()));
}

Value TileEmitter::toStored(Value value) {
  if (!getElementTypeOrSelf(value.getType()).isInteger(1))
    return value;
  Type type = builder.getI8Type();
  if (auto vector = dyn_cast<VectorType>(value.getType()))
    type = vector.clone(type);
  return arith::ExtUIOp::create(builder, value.getLoc(), type, value);
}

bool TileEmitter::unsupported(Operation *op, const std::string &why) {
  op->emitError() << op->getName() << (why.empty() ? " cannot be compiled for the CPU yet" : why);
  return false;
}

// ---- loops ----

void TileEmitter::enter(Operation *loop, Value variable, bool isBranch) {
  levels.back().inner = loop;
  Level level;
  level.variable = variable;
  level.isBranch = isBranch;
  levels.push_back(std::move(level));
}

void TileEmitter::leave() {
  levels.pop_back();
  levels.back().inner = nullptr;
}

void TileEmitter::assume(std::vector<AssumedMask> masks, bool hold) {
  assumed = std::move(masks);
  assumptionHolds = hold;
  assumedUses.clear();
}

void TileEmitter::forget() {
  for (Level &level : levels)
    level.known.clear();
}

bool TileEmitter::isAssumed(Value mask, const Place &place) const {
  if (!assumptionHolds)
    return false;
  return llvm::any_of(assumed, [&](const AssumedMask &each) {
    if (each.mask != mask || each.place.at.size() != place.at.size())
      return false;
    for (std::size_t dim = 0; dim < place.at.size(); ++dim) {
      const Index &from = each.place.at[dim], &to = place.at[dim];
      if (from.variable != to.variable || !from.isKnown || !to.isKnown)
        return false;
      const bool isLane = each.place.laneDim == static_cast<int>(dim);
      const std::int64_t room = isLane ? each.extent : 1;
      const std::int64_t needed = place.laneDim == static_cast<int>(dim) ? place.lanes : 1;
      if (to.offset < from.offset || to.offset + needed > from.offset + room)
        return false;
    }
    return true;
  });
}

bool TileEmitter::usesAssumed(Value tile) {
  if (assumed.empty())
    return false;
  if (auto found = assumedUses.find(tile); found != assumedUses.end())
    return found->second;
  bool uses = llvm::any_of(assumed, [&](const AssumedMask &each) { return each.mask == tile; });
  if (Operation *op = tile.getDefiningOp();
      !uses && op && !buffers.contains(tile) && isExpression(op))
    for (Value operand : op->getOperands())
      uses = uses || usesAssumed(operand);
  return assumedUses[tile] = uses;
}

std::size_t TileEmitter::levelOf(Value tile, const Place &place) {
  const std::size_t innermost = levels.size() - 1;
  if (usesAssumed(tile))
    return innermost;
  std::size_t level = 0;
  for (const Index &index : place.at)
    if (index.variable) {
      std::size_t at = innermost;
      for (std::size_t i = 0; i < levels.size(); ++i)
        if (levels[i].variable == index.variable)
          at = i;
      level = std::max(level, at);
    }
  // What only a branch may need is evaluated in the branch.
  while (level < innermost && levels[level + 1].isBranch)
    ++level;
  return level;
}

// ---- evaluation ----

Value TileEmitter::at(Value tile, const Place &asked) {
  if (!isa<RankedTensorType>(tile.getType()))
    return scalar(tile);
  Place place = normalized(asked, shapeOf(tile.getType()));
  if (getElementTypeOrSelf(tile.getType()).isInteger(1) && isAssumed(tile, place))
    return integer(1, 1);
  if (place.isVector() && axis.of(tile).constancy[place.laneDim] % place.lanes == 0)
    place = place.lane(0);
  const auto key = std::pair(tile, place);
  for (const Level &level : levels)
    if (auto found = level.known.find(key); found != level.known.end())
      return found->second;

  const std::size_t level = levelOf(tile, place);
  OpBuilder::InsertionGuard guard(builder);
  if (levels[level].inner)
    builder.setInsertionPoint(levels[level].inner);
  Value value = evaluate(tile, place);
  if (value)
    levels[level].known[key] = value;
  return value;
}

Value TileEmitter::lanesAt(Value tile, const Place &place) {
  Value value = at(tile, place);
  return value ? splat(value, place.lanes) : value;
}

Value TileEmitter::evaluate(Value tile, const Place &place) {
  Operation *op = tile.getDefiningOp();
  if (auto kept = buffers.find(tile); kept != buffers.end())
    return fromStored(load(kept->second, place, op ? locationOf(op) : tile.getLoc()),
                      tile.getType());
  if (!op || !isExpression(op)) {
    emitError(tile.getLoc()) << "a tile is used before it is computed";
    return {};
  }
  if (movesElements(op)) {
    if (auto source = sourcePlace(op, tile, place, &builder))
      return at(op->getOperand(0), *source);
    if (auto kept = buffers.find(op->getOperand(0));
        kept != buffers.end() && isa<tt::ReshapeOp>(op)) {
      Buffer view{kept->second.pointer, shapeOf(tile.getType()), kept->second.element};
      return fromStored(load(view, place, locationOf(op)), tile.getType());
    }
    return laneByLane(tile, place);
  }
  if (auto load = dyn_cast<tt::LoadOp>(op))
    return evaluateLoad(load, place);
  if (auto range = dyn_cast<tt::MakeRangeOp>(op))
    return evaluateRange(range, place);
  if (isa<arith::ConstantOp>(op))
    return evaluateConstant(tile, place);
  if (auto gather = dyn_cast<tt::GatherOp>(op))
    return evaluateGather(gather, place);

  llvm::SmallVector<Value> operands;
  for (Value operand : op->getOperands()) {
    Value value = at(operand, place);
    if (!value)
      return {};
    operands.push_back(value);
  }
  // What an assumption decides is not computed.
  if (isa<arith::SelectOp>(op) && isTrue(operands[0]))
    return operands[1];
  if (isa<arith::AndIOp>(op) && getElementTypeOrSelf(tile.getType()).isInteger(1)) {
    if (isTrue(operands[0]))
      return operands[1];
    if (isTrue(operands[1]))
      return operands[0];
  }
  if (llvm::any_of(operands, [](Value v) { return isa<VectorType>(v.getType()); }))
    for (Value &operand : operands)
      operand = splat(operand, place.lanes);
  return elementwise(op, cast<OpResult>(tile).getResultNumber(), operands);
}

Value TileEmitter::evaluateRange(tt::MakeRangeOp op, const Place &place) {
  Location loc = locationOf(op);
  Type type = elementType(op.getType());
  Index index = place.at[0];
  index.offset += static_cast<std::int32_t>(op.getStart());
  const int bits = static_cast<int>(type.getIntOrFloatBitWidth());
  Value first = value(index);
  if (bits < 64)
    first = builder.createOrFold<arith::TruncIOp>(loc, type, first);
  if (!place.isVector())
    return first;
  llvm::SmallVector<Attribute> steps;
  for (std::int64_t lane = 0; lane < place.lanes; ++lane)
    steps.push_back(builder.getIntegerAttr(type, lane));
  Value lanes = arith::ConstantOp::create(
      builder, loc, DenseElementsAttr::get(VectorType::get({place.lanes}, type), steps));
  return arith::AddIOp::create(builder, loc, splat(first, place.lanes), lanes);
}

Value TileEmitter::laneByLane(Value tile, const Place &place) {
  llvm::SmallVector<Value> lanes;
  for (std::int64_t lane = 0; lane < place.lanes; ++lane) {
    Value value = at(tile, place.lane(lane));
    if (!value)
      return {};
    lanes.push_back(value);
  }
  auto type = VectorType::get({place.lanes}, lanes[0].getType());
  return vector::FromElementsOp::create(builder, tile.getLoc(), type, lanes);
}

Value TileEmitter::allTrue(Value mask, const Place &asked, std::int64_t extent) {
  Place place = normalized(asked, shapeOf(mask.getType()));
  if (!place.isVector())
    return at(mask, place);
  const int dim = place.laneDim;
  if (axis.of(mask).constancy[dim] % extent == 0)
    return at(mask, place.lane(0));
  Operation *op = buffers.contains(mask) ? nullptr : mask.getDefiningOp();
  Location loc = op ? locationOf(op) : mask.getLoc();
  if (op && isa<arith::AndIOp>(op)) {
    Value left = allTrue(op->getOperand(0), place, extent);
    Value right = left ? allTrue(op->getOperand(1), place, extent) : Value();
    return right ? builder.createOrFold<arith::AndIOp>(loc, left, right) : Value();
  }
  if (op && movesElements(op)) {
    Place whole = place;
    whole.lanes = extent;
    if (auto source = sourcePlace(op, mask, whole, &builder)) {
      source->lanes = source->isVector() ? place.lanes : 1;
      return allTrue(op->getOperand(0), *source, extent);
    }
  }
  if (auto compare = dyn_cast_or_null<arith::CmpIOp>(op)) {
    using P = arith::CmpIPredicate;
    const P p = compare.getPredicate();
    const bool below = p == P::slt || p == P::sle || p == P::ult || p == P::ule;
    const bool above = p == P::sgt || p == P::sge || p == P::ugt || p == P::uge;
    const AxisInfo left = axis.of(compare.getLhs()), right = axis.of(compare.getRhs());
    const bool leftRuns = left.contiguity[dim] % extent == 0 && right.constancy[dim] % extent == 0;
    const bool rightRuns = right.contiguity[dim] % extent == 0 && left.constancy[dim] % extent == 0;
    // Of elements that count up, the last decides against an upper bound, the first against a
    // lower.
    if ((below && leftRuns) || (above && rightRuns))
      return at(mask, place.lane(extent - 1));
    if ((above && leftRuns) || (below && rightRuns))
      return at(mask, place.lane(0));
  }
  Value all;
  for (std::int64_t first = 0; first < extent; first += place.lanes) {
    Place chunk = place;
    chunk.at[dim].offset += first;
    Value lanes = lanesAt(mask, chunk);
    if (!lanes)
      return {};
    all = all ? arith::AndIOp::create(builder, loc, all, lanes).getResult() : lanes;
  }
  return isa<VectorType>(all.getType())
             ? vector::ReductionOp::create(builder, loc, vector::CombiningKind::AND, all)
                   .getResult()
             : all;
}

Value TileEmitter::evaluateConstant(Value tile, const Place &place) {
  auto dense = cast<DenseElementsAttr>(tile.getDefiningOp<arith::ConstantOp>().getValue());
  Type type = elementType(tile.getType());
  Location loc = tile.getLoc();
  auto converted = [&](Attribute element) -> TypedAttr {
    if (auto number = dyn_cast<FloatAttr>(element); number && type.isInteger())
      return builder.getIntegerAttr(type, number.getValue().bitcastToAPInt());
    return cast<TypedAttr>(element);
  };
  if (dense.isSplat())
    return arith::ConstantOp::create(builder, loc, converted(dense.getSplatValue<Attribute>()));

  // A table in memory, read as a buffer is.
  Type stored = storedType(tile.getType());
  llvm::SmallVector<Attribute> values;
  for (Attribute element : dense.getValues<Attribute>()) {
    if (auto number = dyn_cast<IntegerAttr>(element); number && type.isInteger(1))
      values.push_back(builder.getIntegerAttr(stored, number.getInt() != 0));
    else
      values.push_back(converted(element));
  }
  auto function = builder.getInsertionBlock()->getParentOp();
  while (!isa<ModuleOp>(function->getParentOp()))
    function = function->getParentOp();
  LLVM::GlobalOp table;
  {
    OpBuilder::InsertionGuard guard(builder);
    builder.setInsertionPoint(function);
    const auto count = static_cast<std::int64_t>(values.size());
    std::string name = "table" + std::to_string(buffers.size());
    table = LLVM::GlobalOp::create(
        builder, loc, LLVM::LLVMArrayType::get(stored, count), true, LLVM::Linkage::Internal, name,
        DenseElementsAttr::get(RankedTensorType::get({count}, stored), values));
  }
  Value pointer = LLVM::AddressOfOp::create(builder, loc, table);
  Buffer buffer{pointer, shapeOf(tile.getType()), stored};
  return fromStored(load(buffer, place, loc), tile.getType());
}

// ---- operations ----

Value TileEmitter::addPointer(Type element, Value pointer, Value offset) {
  Type result = pointer.getType();
  if (auto lanes = dyn_cast<VectorType>(offset.getType()))
    result = lanes.clone(getElementTypeOrSelf(result));
  return LLVM::GEPOp::create(builder, offset.getLoc(), result, element, pointer,
                             ValueRange{offset});
}

// x / y over lanes that share y, as x times its reciprocal; nothing for other operations. Triton
// lets a 32-bit division be 2 units in the last place off (it becomes PTX's div.full.f32), which is
// room enough, and one scalar division is left, outside the loop.
static Value divideByShared(OpBuilder &builder, Operation *op, ValueRange operands) {
  if (!isa<arith::DivFOp>(op) || !getElementTypeOrSelf(op->getResult(0).getType()).isF32())
    return {};
  auto shared = operands[1].getDefiningOp<vector::BroadcastOp>();
  if (!shared || !shared.getSource().getType().isF32())
    return {};
  Location loc = operands[1].getLoc();
  Value one = arith::ConstantOp::create(builder, loc, builder.getF32FloatAttr(1));
  Value reciprocal = arith::DivFOp::create(builder, loc, one, shared.getSource());
  Value lanes = vector::BroadcastOp::create(builder, loc, shared.getType(), reciprocal);
  return arith::MulFOp::create(builder, loc, operands[0], lanes);
}

// Null for all types that processors compute in, or convert between, themselves.
static FloatType narrowFloat(Type type) {
  auto element = dyn_cast<FloatType>(getElementTypeOrSelf(type));
  return element && element.getWidth() == 8 ? element : FloatType();
}

// Operations on 8-bit floats are those on the same numbers in single precision.
Value TileEmitter::onNarrowFloats(Operation *op, unsigned result, ValueRange operands) {
  Location loc = locationOf(op);
  const FloatType wide = builder.getF32Type();
  IRMapping mapping;
  VectorType vector;
  for (auto [from, to] : llvm::zip(op->getOperands(), operands)) {
    const FloatType narrow = narrowFloat(from.getType());
    mapping.map(from, narrow ? convertFloat(builder, loc, to, narrow, wide, false) : to);
    if (auto shape = dyn_cast<VectorType>(to.getType()))
      vector = shape;
  }
  Operation *clone = op->cloneWithoutRegions(mapping);
  clone->setLoc(loc);
  clone->setDiscardableAttrs(DictionaryAttr::get(builder.getContext()));
  for (OpResult each : clone->getResults()) {
    Type element = narrowFloat(each.getType()) ? Type(wide) : elementType(each.getType());
    each.setType(vector ? vector.clone(element) : element);
  }
  builder.insert(clone);
  Value value = clone->getResult(result);
  const FloatType narrow = narrowFloat(op->getResult(result).getType());
  return narrow ? convertFloat(builder, loc, value, wide, narrow, false) : value;
}

Value TileEmitter::elementwise(Operation *op, unsigned result, ValueRange operands) {
  Location loc = locationOf(op);
  if (isa<arith::ExtFOp, arith::TruncFOp>(op)) {
    auto from = cast<FloatType>(getElementTypeOrSelf(op->getOperand(0).getType()));
    auto to = cast<FloatType>(getElementTypeOrSelf(op->getResult(0).getType()));
    if (narrowFloat(from) || narrowFloat(to) || (from.isF64() && to.getWidth() < 32))
      return convertFloat(builder, loc, operands[0], from, to, false);
  } else if (isa<arith::ArithDialect, math::MathDialect>(op->getDialect()) &&
             !isa<arith::BitcastOp>(op) &&
             (narrowFloat(op->getResult(result).getType()) ||
              llvm::any_of(op->getOperandTypes(), narrowFloat))) {
    return onNarrowFloats(op, result, operands);
  }
  if (Value quotient = divideByShared(builder, op, operands))
    return quotient;
  Type type = elementType(op->getResult(result).getType());
  for (Value operand : operands)
    if (auto vector = dyn_cast<VectorType>(operand.getType()))
      type = vector.clone(getElementTypeOrSelf(type));
  auto same = [&](Value value) -> Value {
    if (value.getType() == type)
      return value;
    const bool fromPointer = isa<LLVM::LLVMPointerType>(getElementTypeOrSelf(value.getType()));
    const bool toPointer = isa<LLVM::LLVMPointerType>(getElementTypeOrSelf(type));
    if (fromPointer)
      return LLVM::PtrToIntOp::create(builder, loc, type, value);
    if (toPointer)
      return LLVM::IntToPtrOp::create(builder, loc, type, value);
    return arith::BitcastOp::create(builder, loc, type, value);
  };
  return llvm::TypeSwitch<Operation *, Value>(op)
      .Case([&](tt::AddPtrOp o) {
        auto pointer = cast<tt::PointerType>(getElementTypeOrSelf(o.getPtr().getType()));
        return addPointer(storedType(pointer.getPointeeType()), operands[0], operands[1]);
      })
      .Case<tt::BitcastOp, tt::IntToPtrOp, tt::PtrToIntOp>([&](auto) { return same(operands[0]); })
      .Case([&](tt::PreciseSqrtOp) { return math::SqrtOp::create(builder, loc, operands[0]); })
      .Case([&](tt::PreciseDivFOp) {
        return arith::DivFOp::create(builder, loc, operands[0], operands[1]);
      })
      .Case([&](tt::MulhiUIOp) {
        return arith::MulUIExtendedOp::create(builder, loc, operands[0], operands[1]).getHigh();
      })
      .Case([&](tt::ExternElementwiseOp o) { return callDeviceFunction(o, operands, type); })
      .Case([&](tt::FpToFpOp o) -> Value {
        Value converted = convertFloat(builder, loc, operands[0],
                                       cast<FloatType>(getElementTypeOrSelf(o.getSrc().getType())),
                                       cast<FloatType>(getElementTypeOrSelf(o.getType())),
                                       o.getRounding() == tt::RoundingMode::TowardZero);
        if (!converted)
          unsupported(o, " with this rounding cannot be compiled for the CPU yet");
        return converted;
      })
      .Case([&](tt::ClampFOp o) -> Value {
        if (o.getPropagateNan() == tt::PropagateNan::All) {
          Value low = arith::MaximumFOp::create(builder, loc, operands[0], operands[1]);
          return arith::MinimumFOp::create(builder, loc, low, operands[2]);
        }
        Value low = arith::MaxNumFOp::create(builder, loc, operands[0], operands[1]);
        return arith::MinNumFOp::create(builder, loc, low, operands[2]);
      })
      .Default([&](Operation *o) -> Value {
        if (!isa<arith::ArithDialect, math::MathDialect>(o->getDialect())) {
          unsupported(o);
          return {};
        }
        IRMapping mapping;
        for (auto [from, to] : llvm::zip(o->getOperands(), operands))
          mapping.map(from, to);
        Operation *clone = o->cloneWithoutRegions(mapping);
        clone->setLoc(loc);
        for (OpResult each : clone->getResults()) {
          Type element = elementType(each.getType());
          auto vector = dyn_cast<VectorType>(type);
          each.setType(vector ? vector.clone(element) : element);
        }
        for (NamedAttribute attribute : llvm::to_vector(clone->getDiscardableAttrs()))
          clone->removeDiscardableAttr(attribute.getName());
        builder.insert(clone);
        return clone->getResult(result);
      });
}

} // namespace lapidary
