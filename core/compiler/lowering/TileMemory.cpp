// The memory side of TileEmitter: loads, stores, masks and addresses.
#include "core/compiler/lowering/TileEmitter.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/IR/Matchers.h"

#include <numeric>

namespace lapidary {

using namespace mlir;

namespace {

constexpr std::int64_t smallestPiece =
    4; // a run shorter than this is not worth an access of its own

int bytesOf(Type stored) {
  return stored.isIntOrFloat() ? static_cast<int>(stored.getIntOrFloatBitWidth() + 7) / 8 : 8;
}

} // namespace

TileEmitter::Mask TileEmitter::maskAt(Value mask, const Place &place) {
  if (!mask)
    return {};
  Value value = at(mask, place);
  if (!value)
    return {Mask::Kind::Uniform, {}};
  if (!isa<VectorType>(value.getType()))
    return {matchPattern(value, m_One()) ? Mask::Kind::True : Mask::Kind::Uniform, value};
  return {Mask::Kind::Lanes, value};
}

Value TileEmitter::runPointer(Value pointer, const Place &place, Type element) {
  Place first = place.lane(0);
  const std::int64_t run = axis.of(pointer).contiguity[place.laneDim];
  const std::int64_t size = shapeOf(pointer.getType())[place.laneDim];
  Index &index = first.at[place.laneDim];
  Index distance;
  if (run >= size) {
    std::swap(index, distance);
  } else {
    const std::int64_t group = index.variable ? std::min(run, laneStep) : run;
    distance.offset = index.offset % group;
    index.offset -= distance.offset;
  }
  Value base = at(pointer, first);
  return base ? elementPointer(element, base, distance) : base;
}

// How the lanes of a load or store are addressed, noted for the report.
TileEmitter::Addresses TileEmitter::addressesAt(Operation *op, const Place &place, Type element,
                                                bool masked) {
  using Kind = Addresses::Kind;
  Value pointer = op->getOperand(0);
  Addresses result;
  const std::int64_t run =
      place.isVector() ? std::gcd(axis.of(pointer).contiguity[place.laneDim], place.lanes) : 1;
  if (!place.isVector()) {
    result.pointers.push_back(at(pointer, place));
  } else if (run == place.lanes) {
    result.piece = run;
    result.pointers.push_back(runPointer(pointer, place, element));
  } else if (run >= smallestPiece && !masked) {
    result.kind = Kind::Pieces;
    result.piece = run;
    for (std::int64_t lane = 0; lane < place.lanes; lane += run) {
      Place piece = place;
      piece.at[place.laneDim].offset += lane;
      piece.lanes = run;
      result.pointers.push_back(runPointer(pointer, piece, element));
    }
  } else if (masked || (traits.hasGather && bytesOf(element) >= 4)) {
    result.kind = Kind::Vector;
    result.pointers.push_back(lanesAt(pointer, place));
  } else {
    result.kind = Kind::Pieces;
    for (std::int64_t lane = 0; lane < place.lanes; ++lane)
      result.pointers.push_back(at(pointer, place.lane(lane)));
  }
  int &bits = accessBits[op];
  bits = std::max(bits, static_cast<int>(result.piece) * bytesOf(element) * 8);
  return result;
}

Value TileEmitter::loadPlainly(OpBuilder &b, const Addresses &addresses, Type type, Location loc) {
  Type element = getElementTypeOrSelf(type);
  const int bytes = bytesOf(element);
  if (addresses.kind == Addresses::Kind::Run)
    return LLVM::LoadOp::create(b, loc, type, addresses.pointers[0], bytes);
  if (addresses.kind == Addresses::Kind::Vector) {
    auto all = VectorType::get(cast<VectorType>(type).getShape(), b.getI1Type());
    Value mask = arith::ConstantOp::create(b, loc, DenseElementsAttr::get(all, true));
    return LLVM::masked_gather::create(b, loc, type, addresses.pointers[0], mask, ValueRange{},
                                       b.getI32IntegerAttr(bytes));
  }
  llvm::SmallVector<Value> parts;
  for (Value pointer : addresses.pointers) {
    Type part = addresses.piece == 1 ? element : VectorType::get({addresses.piece}, element);
    parts.push_back(LLVM::LoadOp::create(b, loc, part, pointer, bytes));
  }
  if (addresses.piece == 1)
    return vector::FromElementsOp::create(b, loc, cast<VectorType>(type), parts);
  Value result = LLVM::UndefOp::create(b, loc, type);
  for (auto [number, part] : llvm::enumerate(parts))
    result = vector::InsertStridedSliceOp::create(
        b, loc, part, result, static_cast<std::int64_t>(number) * addresses.piece, 1);
  return result;
}

void TileEmitter::storePlainly(OpBuilder &b, const Addresses &addresses, Value value,
                               Location loc) {
  const int bytes = bytesOf(getElementTypeOrSelf(value.getType()));
  if (addresses.kind == Addresses::Kind::Run) {
    LLVM::StoreOp::create(b, loc, value, addresses.pointers[0], bytes);
    return;
  }
  if (addresses.kind == Addresses::Kind::Vector) {
    auto all = VectorType::get(cast<VectorType>(value.getType()).getShape(), b.getI1Type());
    Value mask = arith::ConstantOp::create(b, loc, DenseElementsAttr::get(all, true));
    LLVM::masked_scatter::create(b, loc, value, addresses.pointers[0], mask,
                                 b.getI32IntegerAttr(bytes));
    return;
  }
  for (auto [number, pointer] : llvm::enumerate(addresses.pointers)) {
    const std::int64_t first = static_cast<std::int64_t>(number) * addresses.piece;
    Value part;
    if (addresses.piece == 1)
      part = vector::ExtractOp::create(b, loc, value, first);
    else
      part = vector::ExtractStridedSliceOp::create(b, loc, value, first, addresses.piece, 1);
    LLVM::StoreOp::create(b, loc, part, pointer, bytes);
  }
}

Value TileEmitter::loadLanes(tt::LoadOp op, const Place &place, const Mask &mask, Value other) {
  Location loc = locationOf(op);
  Type element = storedType(op.getType());
  const Addresses addresses = addressesAt(op, place, element, mask.kind == Mask::Kind::Lanes);
  if (llvm::is_contained(addresses.pointers, Value()))
    return {};
  Type type = element;
  if (place.isVector())
    type = VectorType::get({place.lanes}, element);
  if (mask.kind == Mask::Kind::True)
    return loadPlainly(builder, addresses, type, loc);
  other = other ? splat(toStored(other), place.lanes) : zero(type);
  if (mask.kind == Mask::Kind::Uniform)
    return scf::IfOp::create(
               builder, loc, mask.value,
               [&](OpBuilder &b, Location at) {
                 scf::YieldOp::create(b, at, loadPlainly(b, addresses, type, loc));
               },
               [&](OpBuilder &b, Location at) { scf::YieldOp::create(b, at, other); })
        .getResult(0);
  IntegerAttr alignment = builder.getI32IntegerAttr(bytesOf(element));
  if (addresses.kind == Addresses::Kind::Run)
    return LLVM::MaskedLoadOp::create(builder, loc, type, addresses.pointers[0], mask.value, other,
                                      alignment, UnitAttr());
  return LLVM::masked_gather::create(builder, loc, type, addresses.pointers[0], mask.value,
                                     ValueRange{other}, alignment);
}

void TileEmitter::storeLanes(tt::StoreOp op, const Place &place, Value value, const Mask &mask) {
  Location loc = locationOf(op);
  value = splat(toStored(value), place.lanes);
  Type element = getElementTypeOrSelf(value.getType());
  const Addresses addresses = addressesAt(op, place, element, mask.kind == Mask::Kind::Lanes);
  if (llvm::is_contained(addresses.pointers, Value()))
    return;
  IntegerAttr alignment = builder.getI32IntegerAttr(bytesOf(element));
  if (mask.kind == Mask::Kind::True) {
    storePlainly(builder, addresses, value, loc);
  } else if (mask.kind == Mask::Kind::Uniform) {
    auto branch = scf::IfOp::create(builder, loc, mask.value, false);
    OpBuilder inside = branch.getThenBodyBuilder();
    storePlainly(inside, addresses, value, loc);
  } else if (addresses.kind == Addresses::Kind::Run) {
    LLVM::MaskedStoreOp::create(builder, loc, value, addresses.pointers[0], mask.value, alignment);
  } else {
    LLVM::masked_scatter::create(builder, loc, value, addresses.pointers[0], mask.value, alignment);
  }
}

Value TileEmitter::evaluateLoad(tt::LoadOp op, const Place &place) {
  if (tt::isBlockPointer(op.getPtr().getType())) {
    unsupported(op, " through a block pointer cannot be compiled for the CPU yet");
    return {};
  }
  const Mask mask = maskAt(op.getMask(), place);
  if (mask.kind != Mask::Kind::True && !mask.value)
    return {};
  Value other;
  if (op.getOther() && mask.kind != Mask::Kind::True && !(other = at(op.getOther(), place)))
    return {};
  Value loaded = loadLanes(op, place, mask, other);
  return loaded ? fromStored(loaded, op.getType()) : loaded;
}

bool TileEmitter::prepare(tt::StoreOp op, const Place &asked) {
  const Place place = normalized(asked, shapeOf(op.getPtr().getType()));
  const Mask mask = maskAt(op.getMask(), place);
  if ((mask.kind != Mask::Kind::True && !mask.value) || !at(op.getValue(), place))
    return false;
  const Addresses addresses =
      addressesAt(op, place, storedType(op.getValue().getType()), mask.kind == Mask::Kind::Lanes);
  return !llvm::is_contained(addresses.pointers, Value());
}

void TileEmitter::store(tt::StoreOp op, const Place &asked) {
  const Place place = normalized(asked, shapeOf(op.getPtr().getType()));
  const Mask mask = maskAt(op.getMask(), place);
  Value value = at(op.getValue(), place);
  if (value && (mask.kind == Mask::Kind::True || mask.value))
    storeLanes(op, place, value, mask);
}

// ---- buffers ----

namespace {

std::int64_t strideOf(const Buffer &buffer, int dim) {
  std::int64_t stride = 1;
  for (std::size_t d = dim + 1; d < buffer.shape.size(); ++d)
    stride *= buffer.shape[d];
  return stride;
}

} // namespace

// The element's number in the buffer, as a pointer to it.
Value TileEmitter::linear(const Buffer &buffer, const Place &place) {
  Index sum;
  for (std::size_t dim = 0; dim < place.at.size(); ++dim) {
    const std::int64_t stride = strideOf(buffer, static_cast<int>(dim));
    sum.offset += place.at[dim].offset * stride;
    Value variable = place.at[dim].variable;
    if (!variable)
      continue;
    Location loc = variable.getLoc();
    if (stride != 1)
      variable = builder.createOrFold<arith::MulIOp>(loc, variable, integer(stride));
    sum.variable =
        sum.variable ? builder.createOrFold<arith::AddIOp>(loc, sum.variable, variable) : variable;
  }
  return elementPointer(buffer.element, buffer.pointer, sum);
}

Value TileEmitter::load(const Buffer &buffer, const Place &asked, Location loc) {
  const Place place = normalized(asked, buffer.shape);
  Value pointer = linear(buffer, place);
  const int bytes = bytesOf(buffer.element);
  if (!place.isVector())
    return LLVM::LoadOp::create(builder, loc, buffer.element, pointer, bytes);
  const std::int64_t stride = strideOf(buffer, place.laneDim);
  if (stride == 1)
    return LLVM::LoadOp::create(builder, loc, VectorType::get({place.lanes}, buffer.element),
                                pointer, bytes);
  llvm::SmallVector<Value> values;
  for (std::int64_t lane = 0; lane < place.lanes; ++lane)
    values.push_back(LLVM::LoadOp::create(
        builder, loc, buffer.element,
        elementPointer(buffer.element, pointer, {Value(), lane * stride}), bytes));
  return vector::FromElementsOp::create(builder, loc,
                                        VectorType::get({place.lanes}, buffer.element), values);
}

// A buffer may hold its tile in a wider type.
Value TileEmitter::converted(Value value, Type element, Location loc) {
  Type from = getElementTypeOrSelf(value.getType());
  if (from == element)
    return value;
  Type type = element;
  if (auto vector = dyn_cast<VectorType>(value.getType()))
    type = vector.clone(element);
  if (isa<FloatType>(element) && isa<FloatType>(from))
    return from.getIntOrFloatBitWidth() < element.getIntOrFloatBitWidth()
               ? arith::ExtFOp::create(builder, loc, type, value).getResult()
               : arith::TruncFOp::create(builder, loc, type, value).getResult();
  return arith::ExtSIOp::create(builder, loc, type, value);
}

void TileEmitter::store(const Buffer &buffer, const Place &asked, Value value, Location loc) {
  const Place place = normalized(asked, buffer.shape);
  Value pointer = linear(buffer, place);
  const int bytes = bytesOf(buffer.element);
  value = splat(converted(toStored(value), buffer.element, loc), place.lanes);
  if (!place.isVector() || strideOf(buffer, place.laneDim) == 1) {
    LLVM::StoreOp::create(builder, loc, value, pointer, bytes);
    return;
  }
  const std::int64_t stride = strideOf(buffer, place.laneDim);
  for (std::int64_t lane = 0; lane < place.lanes; ++lane)
    LLVM::StoreOp::create(builder, loc, laneOf(value, lane),
                          elementPointer(buffer.element, pointer, {Value(), lane * stride}), bytes);
}

Value TileEmitter::evaluateGather(tt::GatherOp op, const Place &place) {
  auto kept = buffers.find(op.getSrc());
  if (kept == buffers.end()) {
    unsupported(op, " needs its source in memory");
    return {};
  }
  const Buffer &source = kept->second;
  const int gathered = static_cast<int>(op.getAxis());
  Location loc = locationOf(op);
  llvm::SmallVector<Value> lanes;
  for (std::int64_t lane = 0; lane < place.lanes; ++lane) {
    Place single = place.lane(lane);
    Value index = at(op.getIndices(), single);
    if (!index)
      return {};
    if (index.getType().getIntOrFloatBitWidth() < 64)
      index = arith::ExtSIOp::create(builder, loc, builder.getI64Type(), index);
    single.at[gathered] = {index, 0, true};
    lanes.push_back(load(source, single, loc));
  }
  Value value = lanes[0];
  if (place.isVector())
    value = vector::FromElementsOp::create(builder, loc,
                                           VectorType::get({place.lanes}, source.element), lanes);
  return fromStored(value, op.getType());
}

} // namespace lapidary
