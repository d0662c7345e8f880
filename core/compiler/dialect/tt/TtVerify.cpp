// Verifiers. A message says what is required and what was found, in that order.
#include "core/compiler/dialect/tt/TtOps.h"

#include "llvm/ADT/SmallBitVector.h"

using namespace mlir;

namespace lapidary::tt {
namespace {

using Shape = llvm::ArrayRef<std::int64_t>;

std::string shapeText(Shape shape) {
  std::string text = "[";
  for (auto [index, size] : llvm::enumerate(shape))
    text += (index ? ", " : "") + std::to_string(size);
  return text + "]";
}

Shape shapeOf(Value value) {
  return cast<RankedTensorType>(value.getType()).getShape();
}

LogicalResult expectShape(Operation *op, llvm::StringRef what, Shape expected, Shape found) {
  if (expected == found)
    return success();
  return op->emitOpError() << what << " must have shape " << shapeText(expected) << ", got "
                           << shapeText(found);
}

LogicalResult checkAxis(Operation *op, std::int64_t axis, std::int64_t rank) {
  if (axis >= 0 && axis < rank)
    return success();
  return op->emitOpError() << "axis must be in 0.." << rank - 1 << ", got " << axis;
}

unsigned bitWidth(Type type) {
  type = getElementTypeOrSelf(type);
  return isa<PointerType>(type) ? 64 : type.getIntOrFloatBitWidth();
}

// Boundary checks and padding belong to block pointers, masks to plain pointers.
template <typename Op> LogicalResult verifyAccess(Op op) {
  auto pointer = dyn_cast<PointerType>(op.getPtr().getType());
  bool block = pointer && isBlockPointer(pointer);
  if (!block && !op.getBoundaryCheck().empty())
    return op.emitOpError("boundaryCheck needs a block pointer, got ") << op.getPtr().getType();
  if (!block)
    return success();
  if (op.getMask())
    return op.emitOpError("a block pointer takes boundaryCheck, not a mask");
  std::int64_t rank = cast<RankedTensorType>(pointer.getPointeeType()).getRank();
  for (std::int32_t dimension : op.getBoundaryCheck())
    if (dimension < 0 || dimension >= rank)
      return op.emitOpError("boundaryCheck names dimension ")
             << dimension << " of a block of rank " << rank;
  return success();
}

} // namespace

LogicalResult LoadOp::verify() {
  if (getOther() && !getMask())
    return emitOpError("`other` needs a mask");
  if (getPadding() && !isBlockPointer(getPtr().getType()))
    return emitOpError("padding needs a block pointer, got ") << getPtr().getType();
  return verifyAccess(*this);
}

LogicalResult StoreOp::verify() {
  return verifyAccess(*this);
}

LogicalResult AtomicRMWOp::verify() {
  if (getMask() && getMask().getType() != maskType(getPtr().getType()))
    return emitOpError("mask must be ")
           << maskType(getPtr().getType()) << ", got " << getMask().getType();
  Type element = getElementTypeOrSelf(getVal().getType());
  AtomicOp kind = getAtomicRmwOp();
  bool bitwise = kind == AtomicOp::Xchg;
  if (kind == AtomicOp::FAdd ? !isa<FloatType>(element) : !bitwise && !element.isInteger())
    return emitOpError() << "atomic " << stringifyAtomicOp(kind) << " does not work on " << element;
  return success();
}

LogicalResult BitcastOp::verify() {
  unsigned from = bitWidth(getSrc().getType()), to = bitWidth(getResult().getType());
  if (from != to)
    return emitOpError("needs types of one width, got ") << from << " and " << to << " bits";
  return success();
}

LogicalResult FpToFpOp::verify() {
  unsigned from = bitWidth(getSrc().getType()), to = bitWidth(getResult().getType());
  if (from > to && !getRounding())
    return emitOpError("a narrowing conversion needs a rounding mode");
  if (from < to && getRounding())
    return emitOpError("a widening conversion is exact and takes no rounding mode");
  return success();
}

LogicalResult ElementwiseInlineAsmOp::verify() {
  if (getPackedElement() == 0)
    return emitOpError("packed_element must be positive");
  Shape first;
  for (Value value : llvm::concat<Value>(llvm::to_vector(getArgs()), llvm::to_vector(getResult())))
    if (auto tile = dyn_cast<RankedTensorType>(value.getType())) {
      if (first.empty())
        first = tile.getShape();
      else if (failed(expectShape(*this, "every tile", first, tile.getShape())))
        return failure();
    }
  return success();
}

LogicalResult MakeTensorPtrOp::verify() {
  std::size_t rank =
      cast<RankedTensorType>(cast<PointerType>(getResult().getType()).getPointeeType()).getRank();
  if (getShape().size() != rank || getOrder().size() != rank)
    return emitOpError("shape, strides, offsets and order must each have the block's rank, ")
           << rank;
  llvm::SmallBitVector seen(rank);
  for (std::int32_t dimension : getOrder()) {
    if (dimension < 0 || dimension >= std::int32_t(rank) || seen.test(dimension))
      return emitOpError("order must be a permutation of the dimensions");
    seen.set(dimension);
  }
  return success();
}

LogicalResult AdvanceOp::verify() {
  std::size_t rank =
      cast<RankedTensorType>(cast<PointerType>(getPtr().getType()).getPointeeType()).getRank();
  if (getOffsets().size() != rank)
    return emitOpError("needs an offset for each of ")
           << rank << " dimensions, got " << getOffsets().size();
  return success();
}

LogicalResult SplatOp::verify() {
  auto tile = dyn_cast<RankedTensorType>(getSrc().getType());
  if (tile && tile.getNumElements() != 1)
    return emitOpError("source must be a scalar or a tile of one element, got ") << tile;
  return success();
}

LogicalResult UnsplatOp::verify() {
  auto tile = cast<RankedTensorType>(getSrc().getType());
  if (tile.getNumElements() != 1)
    return emitOpError("source must be a tile of one element, got ") << tile;
  return success();
}

LogicalResult ExpandDimsOp::verify() {
  llvm::SmallVector<std::int64_t> shape(shapeOf(getSrc()));
  if (failed(checkAxis(*this, getAxis(), shape.size() + 1)))
    return failure();
  shape.insert(shape.begin() + getAxis(), 1);
  return expectShape(*this, "result", shape, shapeOf(getResult()));
}

LogicalResult ReshapeOp::verify() {
  auto from = cast<RankedTensorType>(getSrc().getType());
  auto to = cast<RankedTensorType>(getResult().getType());
  if (from.getNumElements() != to.getNumElements())
    return emitOpError("must keep the number of elements: ")
           << from << " has " << from.getNumElements() << ", " << to << " has "
           << to.getNumElements();
  return success();
}

LogicalResult BroadcastOp::verify() {
  Shape from = shapeOf(getSrc()), to = shapeOf(getResult());
  if (from.size() != to.size())
    return emitOpError("must keep the rank, got ") << shapeText(from) << " and " << shapeText(to);
  for (auto [dimension, sizes] : llvm::enumerate(llvm::zip(from, to)))
    if (auto [before, after] = sizes; before != after && before != 1)
      return emitOpError("can only repeat a dimension of size 1, but dimension ")
             << dimension << " goes from " << before << " to " << after;
  return success();
}

LogicalResult CatOp::verify() {
  Shape from = shapeOf(getLhs()), to = shapeOf(getResult());
  if (from.size() != 1 || to.size() != 1)
    return emitOpError("joins tiles of rank 1, got ")
           << shapeText(from) << " and " << shapeText(to);
  return expectShape(*this, "result", {2 * from[0]}, to);
}

LogicalResult JoinOp::verify() {
  llvm::SmallVector<std::int64_t> shape(shapeOf(getLhs()));
  shape.push_back(2);
  return expectShape(*this, "result", shape, shapeOf(getResult()));
}

LogicalResult SplitOp::verify() {
  Shape from = shapeOf(getSrc());
  if (from.empty() || from.back() != 2)
    return emitOpError("the last dimension of the source must have size 2, got ")
           << shapeText(from);
  return expectShape(*this, "results", from.drop_back(), shapeOf(getOutLHS()));
}

LogicalResult TransOp::verify() {
  Shape from = shapeOf(getSrc());
  llvm::SmallBitVector seen(from.size());
  llvm::SmallVector<std::int64_t> shape;
  for (std::int32_t dimension : getOrder()) {
    if (dimension < 0 || dimension >= std::int32_t(from.size()) || seen.test(dimension))
      return emitOpError("order must be a permutation of the source's ")
             << from.size() << " dimensions";
    seen.set(dimension);
    shape.push_back(from[dimension]);
  }
  if (shape.size() != from.size())
    return emitOpError("order must name each of the source's ") << from.size() << " dimensions";
  return expectShape(*this, "result", shape, shapeOf(getResult()));
}

LogicalResult MakeRangeOp::verify() {
  std::int64_t start = getStartAttr().getInt(), end = getEndAttr().getInt();
  auto type = cast<RankedTensorType>(getResult().getType());
  if (end <= start)
    return emitOpError("end must be greater than start, got ") << start << " and " << end;
  if (!type.getElementType().isInteger(32))
    return emitOpError("gives a tile of i32, got ") << type;
  return expectShape(*this, "result", {end - start}, type.getShape());
}

LogicalResult GatherOp::verify() {
  Shape source = shapeOf(getSrc()), indices = shapeOf(getIndices());
  if (source.size() != indices.size())
    return emitOpError("source and indices must have one rank, got ")
           << shapeText(source) << " and " << shapeText(indices);
  if (failed(checkAxis(*this, getAxis(), source.size())))
    return failure();
  for (std::size_t d = 0; d < source.size(); ++d)
    if (d != getAxis() && source[d] != indices[d])
      return emitOpError("source and indices may differ along the axis only, but differ along ")
             << d;
  if (getElementTypeOrSelf(getSrc()) != getElementTypeOrSelf(getResult()))
    return emitOpError("result must have the source's element type");
  return expectShape(*this, "result", indices, shapeOf(getResult()));
}

LogicalResult HistogramOp::verify() {
  if (shapeOf(getSrc()).size() != 1 || shapeOf(getResult()).size() != 1)
    return emitOpError("counts a tile of rank 1 into a tile of rank 1");
  return success();
}

LogicalResult DotOp::verify() {
  Shape a = shapeOf(getA()), b = shapeOf(getB()), c = shapeOf(getC());
  if (a.size() < 2 || a.size() > 3 || b.size() != a.size() || c.size() != a.size())
    return emitOpError("operands must all have rank 2 or all rank 3, got ")
           << shapeText(a) << ", " << shapeText(b) << " and " << shapeText(c);
  if (a.drop_back(2) != b.drop_back(2) || a.back() != b[b.size() - 2])
    return emitOpError("shapes do not multiply: ") << shapeText(a) << " and " << shapeText(b);
  llvm::SmallVector<std::int64_t> product(a.drop_back());
  product.push_back(b.back());
  if (failed(expectShape(*this, "accumulator", product, c)))
    return failure();
  if (bitWidth(getA().getType()) != bitWidth(getB().getType()))
    return emitOpError("operands must have one width, got ")
           << getA().getType() << " and " << getB().getType();
  return success();
}

// ---- reductions ----

template <typename Op> static LogicalResult verifyCombination(Op op) {
  Block &block = op.getCombineOp().front();
  std::size_t count = op.getSrcs().size();
  if (block.getNumArguments() != 2 * count)
    return op.emitOpError("the combination of ") << count << " tiles takes " << 2 * count
                                                 << " arguments, got " << block.getNumArguments();
  for (auto [index, argument] : llvm::enumerate(block.getArguments()))
    if (argument.getType() != getElementTypeOrSelf(op.getSrcs()[index % count].getType()))
      return op.emitOpError("argument ")
             << index << " of the combination must be "
             << getElementTypeOrSelf(op.getSrcs()[index % count].getType()) << ", got "
             << argument.getType();
  if (!block.mightHaveTerminator() || block.getTerminator()->getNumOperands() != count)
    return op.emitOpError("the combination must return ") << count << " values";
  for (auto [index, value] : llvm::enumerate(block.getTerminator()->getOperands()))
    if (value.getType() != block.getArgument(index).getType())
      return op.emitOpError("value ")
             << index << " returned by the combination must be "
             << block.getArgument(index).getType() << ", got " << value.getType();
  return success();
}

LogicalResult ReduceOp::verify() {
  if (getSrcs().empty())
    return emitOpError("needs a tile to reduce");
  auto first = cast<RankedTensorType>(getSrcs().front().getType());
  if (failed(checkAxis(*this, getAxis(), first.getRank())))
    return failure();
  if (getResult().size() != getSrcs().size())
    return emitOpError("needs a result for each of ") << getSrcs().size() << " tiles";
  llvm::SmallVector<std::int64_t> shape(first.getShape());
  shape.erase(shape.begin() + getAxis());
  for (auto [source, result] : llvm::zip(getSrcs(), getResult())) {
    Type element = getElementTypeOrSelf(source.getType());
    Type expected = shape.empty() ? element : Type(RankedTensorType::get(shape, element));
    if (result.getType() != expected)
      return emitOpError("result must be ") << expected << ", got " << result.getType();
  }
  return success();
}
LogicalResult ReduceOp::verifyRegions() {
  return verifyCombination(*this);
}

LogicalResult ScanOp::verify() {
  if (getSrcs().empty())
    return emitOpError("needs a tile to scan");
  if (failed(checkAxis(*this, getAxis(), shapeOf(getSrcs().front()).size())))
    return failure();
  if (getSrcs().getTypes() != getResult().getTypes())
    return emitOpError("results must have the types of the tiles");
  return success();
}
LogicalResult ScanOp::verifyRegions() {
  return verifyCombination(*this);
}

// ---- tensor descriptors ----

static LogicalResult verifyDescriptorAccess(Operation *op, TensorDescType descriptor, Type tile,
                                            std::size_t indices) {
  auto block = descriptor.getBlockType();
  auto found = cast<RankedTensorType>(tile);
  if (indices != std::size_t(block.getRank()))
    return op->emitOpError("needs ") << block.getRank() << " indices, got " << indices;
  if (found.getElementType() != block.getElementType() ||
      found.getNumElements() != block.getNumElements())
    return op->emitOpError("the tile must match the descriptor's block ")
           << block << ", got " << found;
  return success();
}

LogicalResult MakeTensorDescOp::verify() {
  std::size_t rank = getResult().getType().getBlockType().getRank();
  if (getShape().size() != rank)
    return emitOpError("shape and strides must each have the block's rank, ") << rank;
  return success();
}
LogicalResult DescriptorLoadOp::verify() {
  return verifyDescriptorAccess(*this, getDesc().getType(), getResult().getType(),
                                getIndices().size());
}
LogicalResult DescriptorStoreOp::verify() {
  return verifyDescriptorAccess(*this, getDesc().getType(), getSrc().getType(),
                                getIndices().size());
}
LogicalResult DescriptorReduceOp::verify() {
  return verifyDescriptorAccess(*this, getDesc().getType(), getSrc().getType(),
                                getIndices().size());
}

// ---- functions ----

LogicalResult CallOp::verifySymbolUses(SymbolTableCollection &symbols) {
  auto function = symbols.lookupNearestSymbolFrom<FuncOp>(*this, getCalleeAttr());
  if (!function)
    return emitOpError("calls @") << getCallee() << ", which this module does not have";
  FunctionType type = function.getFunctionType();
  if (type.getInputs() != llvm::ArrayRef<Type>(llvm::to_vector(getOperandTypes())) ||
      type.getResults() != llvm::ArrayRef<Type>(llvm::to_vector(getResultTypes())))
    return emitOpError("calls @") << getCallee() << ", whose type is " << type << ", as "
                                  << FunctionType::get(getContext(), getOperandTypes(),
                                                       getResultTypes());
  return success();
}

LogicalResult ReturnOp::verify() {
  auto function = cast<FuncOp>((*this)->getParentOp());
  llvm::ArrayRef<Type> expected = function.getFunctionType().getResults();
  if (expected != llvm::ArrayRef<Type>(llvm::to_vector(getOperandTypes())))
    return emitOpError("@") << function.getName() << " returns (" << expected << "), got ("
                            << getOperandTypes() << ")";
  return success();
}

} // namespace lapidary::tt
