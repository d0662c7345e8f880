#include "core/compiler/dialect/tt/TtOps.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/ControlFlow/IR/ControlFlowOps.h"
#include "mlir/IR/DialectImplementation.h"
#include "mlir/Transforms/InliningUtils.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;

#include "core/compiler/dialect/tt/TtDialect.cpp.inc"
#include "core/compiler/dialect/tt/TtEnums.cpp.inc"
#define GET_TYPEDEF_CLASSES
#include "core/compiler/dialect/tt/TtTypes.cpp.inc"

namespace lapidary::tt {
namespace {

// Every function can be inlined anywhere; its return hands over its operands.
struct InlineCalls : DialectInlinerInterface {
  using DialectInlinerInterface::DialectInlinerInterface;

  bool isLegalToInline(Operation *, Operation *, bool) const final { return true; }
  bool isLegalToInline(Region *, Region *, bool, IRMapping &) const final { return true; }
  bool isLegalToInline(Operation *, Region *, bool, IRMapping &) const final { return true; }

  void handleTerminator(Operation *op, ValueRange values) const final {
    if (auto end = dyn_cast<tt::ReturnOp>(op))
      for (auto [value, source] : llvm::zip(values, end.getSrcs()))
        value.replaceAllUsesWith(source);
  }
  void handleTerminator(Operation *op, Block *next) const final {
    auto end = dyn_cast<tt::ReturnOp>(op);
    if (!end)
      return;
    OpBuilder builder(op);
    cf::BranchOp::create(builder, op->getLoc(), next, end.getSrcs());
    op->erase();
  }
};

} // namespace

void TtDialect::initialize() {
  addTypes<
#define GET_TYPEDEF_LIST
#include "core/compiler/dialect/tt/TtTypes.cpp.inc"
      >();
  registerOperations();
  addInterfaces<InlineCalls>();
}

Operation *TtDialect::materializeConstant(OpBuilder &builder, Attribute value, Type type,
                                          Location loc) {
  return arith::ConstantOp::materialize(builder, value, type, loc);
}

LogicalResult TtDialect::verifyRegionArgAttribute(Operation *op, unsigned, unsigned argument,
                                                  NamedAttribute attribute) {
  llvm::StringRef name = attribute.getName();
  if (name != "tt.divisibility" && name != "tt.pointer_range" && name != "tt.contiguity" &&
      name != "tt.constancy")
    return success();
  auto value = dyn_cast<IntegerAttr>(attribute.getValue());
  if (!value || !value.getType().isSignlessInteger(32))
    return op->emitOpError() << name << " of argument " << argument << " must be an i32, got "
                             << attribute.getValue();
  if (value.getInt() <= 0)
    return op->emitOpError() << name << " of argument " << argument << " must be positive, got "
                             << value.getInt();
  return success();
}

Type PointerType::parse(AsmParser &parser) {
  Type pointee;
  int addressSpace = 1;
  llvm::SMLoc place = parser.getCurrentLocation();
  if (parser.parseLess() || parser.parseType(pointee))
    return {};
  if (succeeded(parser.parseOptionalComma()) && parser.parseInteger(addressSpace))
    return {};
  if (parser.parseGreater())
    return {};
  return parser.getChecked<PointerType>(place, parser.getContext(), pointee, addressSpace);
}

void PointerType::print(AsmPrinter &printer) const {
  printer << '<' << getPointeeType();
  if (getAddressSpace() != 1)
    printer << ", " << getAddressSpace();
  printer << '>';
}

LogicalResult PointerType::verify(function_ref<InFlightDiagnostic()> emitError, Type pointee,
                                  int addressSpace) {
  if (!isa<IntegerType, FloatType, PointerType, RankedTensorType, TensorDescType>(pointee))
    return emitError() << "a pointer points to a scalar, a pointer or a tile, not to " << pointee;
  if (addressSpace < 0)
    return emitError() << "an address space cannot be negative, got " << addressSpace;
  return success();
}

bool isBlockPointer(Type type) {
  auto pointer = dyn_cast<PointerType>(type);
  return pointer && isa<RankedTensorType>(pointer.getPointeeType());
}

Type blockPointerBase(Type type) {
  auto pointer = dyn_cast<PointerType>(type);
  auto tile = pointer ? dyn_cast<RankedTensorType>(pointer.getPointeeType()) : RankedTensorType();
  return tile ? PointerType::get(tile.getElementType(), pointer.getAddressSpace()) : Type();
}

Type withElement(Type type, Type element) {
  auto tile = dyn_cast<RankedTensorType>(type);
  return tile ? tile.clone(element) : element;
}

Type loadedType(Type type) {
  auto pointer = dyn_cast<PointerType>(getElementTypeOrSelf(type));
  return pointer ? withElement(type, pointer.getPointeeType()) : Type();
}

Type maskType(Type type) {
  Type loaded = loadedType(type);
  return loaded ? withElement(loaded, IntegerType::get(type.getContext(), 1)) : Type();
}

LogicalResult verifyTileSizes(Operation *op) {
  auto check = [&](Type type) -> LogicalResult {
    if (auto pointer = dyn_cast<PointerType>(type))
      type = pointer.getPointeeType();
    auto tile = dyn_cast<RankedTensorType>(type);
    if (!tile)
      return success();
    if (!tile.hasStaticShape())
      return op->emitOpError() << "a tile must have a static shape, got " << tile;
    std::int64_t elements = 1;
    for (std::int64_t size : tile.getShape()) {
      if (!llvm::isPowerOf2_64(size))
        return op->emitOpError() << "every dimension of a tile must be a power of two, got "
                                 << tile;
      if (size > largestTile || (elements *= size) > largestTile)
        return op->emitOpError() << "a tile has at most " << largestTile << " elements, got "
                                 << tile;
    }
    return success();
  };
  for (Type type : op->getOperandTypes())
    if (failed(check(type)))
      return failure();
  for (Type type : op->getResultTypes())
    if (failed(check(type)))
      return failure();
  return success();
}

} // namespace lapidary::tt
