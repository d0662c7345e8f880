#include "core/compiler/dialect/tt/TtOps.h"

#include "mlir/IR/Builders.h"
#include "mlir/IR/DialectImplementation.h"
#include "mlir/Interfaces/FunctionImplementation.h"

using namespace mlir;
using namespace lapidary::tt;

#define GET_OP_CLASSES
#include "core/compiler/dialect/tt/TtOps.cpp.inc"

namespace lapidary::tt {

void TtDialect::registerOperations() {
  addOperations<
#define GET_OP_LIST
#include "core/compiler/dialect/tt/TtOps.cpp.inc"
      >();
}

// ---- builders ----

static RankedTensorType withoutAxis(RankedTensorType type, int axis) {
  llvm::SmallVector<std::int64_t> shape(type.getShape());
  shape.erase(shape.begin() + axis);
  return RankedTensorType::get(shape, type.getElementType());
}

void ExpandDimsOp::build(OpBuilder &builder, OperationState &state, Value source, int axis) {
  auto type = cast<RankedTensorType>(source.getType());
  llvm::SmallVector<std::int64_t> shape(type.getShape());
  shape.insert(shape.begin() + axis, 1);
  build(builder, state, RankedTensorType::get(shape, type.getElementType()), source,
        builder.getI32IntegerAttr(axis));
}

void TransOp::build(OpBuilder &builder, OperationState &state, Value source,
                    llvm::ArrayRef<int32_t> order) {
  auto type = cast<RankedTensorType>(source.getType());
  llvm::SmallVector<std::int64_t> shape;
  for (int32_t dimension : order)
    shape.push_back(type.getDimSize(dimension));
  build(builder, state, RankedTensorType::get(shape, type.getElementType()), source,
        builder.getDenseI32ArrayAttr(order));
}

void ReduceOp::build(OpBuilder &builder, OperationState &state, ValueRange sources, int axis) {
  llvm::SmallVector<Type> results;
  for (Value source : sources) {
    auto type = cast<RankedTensorType>(source.getType());
    results.push_back(type.getRank() == 1 ? type.getElementType() : withoutAxis(type, axis));
  }
  build(builder, state, results, sources, builder.getI32IntegerAttr(axis));
}

void ScanOp::build(OpBuilder &builder, OperationState &state, ValueRange sources, int axis,
                   bool reverse) {
  build(builder, state, llvm::SmallVector<Type>(sources.getTypes()), sources,
        builder.getI32IntegerAttr(axis), builder.getBoolAttr(reverse));
}

// ---- memory effects ----

void LoadOp::getEffects(
    llvm::SmallVectorImpl<SideEffects::EffectInstance<MemoryEffects::Effect>> &effects) {
  effects.emplace_back(MemoryEffects::Read::get(), &getPtrMutable(), GlobalMemory::get());
  if (getIsVolatile())
    effects.emplace_back(MemoryEffects::Write::get(), GlobalMemory::get());
}

static void effectsUnlessPure(
    bool pure, llvm::SmallVectorImpl<SideEffects::EffectInstance<MemoryEffects::Effect>> &effects) {
  if (pure)
    return;
  effects.emplace_back(MemoryEffects::Read::get(), GlobalMemory::get());
  effects.emplace_back(MemoryEffects::Write::get(), GlobalMemory::get());
}

static Speculation::Speculatability speculatableWhen(bool pure) {
  return pure ? Speculation::Speculatable : Speculation::NotSpeculatable;
}

void ExternElementwiseOp::getEffects(
    llvm::SmallVectorImpl<SideEffects::EffectInstance<MemoryEffects::Effect>> &effects) {
  effectsUnlessPure(getPure(), effects);
}
Speculation::Speculatability ExternElementwiseOp::getSpeculatability() {
  return speculatableWhen(getPure());
}

void ElementwiseInlineAsmOp::getEffects(
    llvm::SmallVectorImpl<SideEffects::EffectInstance<MemoryEffects::Effect>> &effects) {
  effectsUnlessPure(getPure(), effects);
}
Speculation::Speculatability ElementwiseInlineAsmOp::getSpeculatability() {
  return speculatableWhen(getPure());
}

// ---- functions ----

void FuncOp::build(OpBuilder &builder, OperationState &state, llvm::StringRef name,
                   FunctionType type, llvm::ArrayRef<NamedAttribute> attributes,
                   llvm::ArrayRef<DictionaryAttr> argumentAttributes) {
  state.addAttribute(SymbolTable::getSymbolAttrName(), builder.getStringAttr(name));
  state.addAttribute(getFunctionTypeAttrName(state.name), TypeAttr::get(type));
  state.attributes.append(attributes.begin(), attributes.end());
  state.addRegion();
  if (!argumentAttributes.empty())
    call_interface_impl::addArgAndResultAttrs(builder, state, argumentAttributes, {},
                                              getArgAttrsAttrName(state.name),
                                              getResAttrsAttrName(state.name));
}

ParseResult FuncOp::parse(OpAsmParser &parser, OperationState &result) {
  auto makeType = [](Builder &builder, llvm::ArrayRef<Type> arguments, llvm::ArrayRef<Type> results,
                     function_interface_impl::VariadicFlag,
                     std::string &) { return builder.getFunctionType(arguments, results); };
  return function_interface_impl::parseFunctionOp(
      parser, result, /*allowVariadic=*/false, getFunctionTypeAttrName(result.name), makeType,
      getArgAttrsAttrName(result.name), getResAttrsAttrName(result.name));
}

void FuncOp::print(OpAsmPrinter &printer) {
  function_interface_impl::printFunctionOp(printer, *this, /*isVariadic=*/false,
                                           getFunctionTypeAttrName(), getArgAttrsAttrName(),
                                           getResAttrsAttrName());
}

} // namespace lapidary::tt
