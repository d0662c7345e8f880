// The types of the language: scalars, pointers, tiles of either, block pointers, tensor
// descriptors.
//
// They know more than MLIR's: signedness, and whether a pointer is to constant data. Value types.
//
//   Type tile{.element = {DType::Fp32, 1}, .shape = {128, 64}};   // text(tile) ==
//   "tensor<128x64x*fp32>"
#pragma once

#include "core/support/DType.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mlir {
class MLIRContext;
class Type;
} // namespace mlir

namespace lapidary::language {

// What one element is: a number, or a pointer (of some depth) to numbers.
struct Element {
  DType dtype = DType::Int32;
  int pointerDepth = 0;
  bool isConst = false; // of a pointer: nothing may be stored through it
  int addressSpace = 1;

  bool isPointer() const { return pointerDepth > 0; }
  Element pointee() const { return {dtype, pointerDepth - 1, false, 1}; }
  Element pointerTo() const { return {dtype, pointerDepth + 1, false, 1}; }
  bool operator==(const Element &) const = default;
};

using Shape = std::vector<std::int64_t>;

struct Type {
  enum class Form { Value, BlockPointer, Descriptor };
  Element element; // of a block pointer or descriptor: what the block is made of
  Shape shape;     // empty: a scalar; of a block pointer or descriptor: the block's
  Form form = Form::Value;

  bool isTile() const { return form == Form::Value && !shape.empty(); }
  bool isScalar() const { return form == Form::Value && shape.empty(); }
  bool isPointer() const { return form == Form::Value && element.isPointer(); }
  bool isBlockPointer() const { return form == Form::BlockPointer; }
  bool isNumber() const { return form == Form::Value && !element.isPointer(); }
  DType dtype() const { return element.dtype; }
  Type withElement(Element other) const { return {other, shape, form}; }
  Type withDType(DType other) const { return {{other}, shape, form}; }
  Type withShape(Shape other) const { return {element, std::move(other), form}; }
  Type scalar() const { return {element, {}, Form::Value}; }
  std::int64_t elementCount() const;
  bool operator==(const Type &) const = default;
};

// "i32", "*fp16", "tensor<128x64xfp32>", "block pointer to tensor<64x64xfp16>".
std::string text(const Element &element);
std::string text(const Type &type);
std::string text(const Shape &shape); // "[128, 64]"

mlir::Type toMlir(const Element &element, mlir::MLIRContext *context);
mlir::Type toMlir(const Type &type, mlir::MLIRContext *context);

// A signature's type: "*fp16", "*kfp32", "i32", "u1", "tensordesc<fp16[128, 64]>". Nothing when it
// is none of these.
std::optional<Type> parseSignatureType(std::string_view spelling);

// ---- what promotion asks of a scalar type ----

bool isInteger(DType type);        // bool included
bool isUnsignedOrBool(DType type); // bool behaves as a one-bit unsigned integer
bool isFp8(DType type);
bool isStandardFloat(DType type);     // fp16, bf16, fp32, fp64
int mantissaBits(DType type);         // of a floating type, the stored ones
__int128 smallestInteger(DType type); // of an integer type
__int128 largestInteger(DType type);
// The integer type of this width; bits is 8, 16, 32 or 64.
DType integerOfWidth(int bits, bool isSigned);

// The common type of two integers by C's usual arithmetic conversions, without widening to int
// first.
DType promoteIntegers(DType a, DType b);

// The type that `a op b` is computed in. A literal (a Python number in the source) of a kind not
// above the other operand's takes part in nothing: it takes the other's type. Nothing when the two
// do not mix: unsigned with signed under a division. `division`: /, // and %.
std::optional<DType> promote(DType a, bool aIsLiteral, DType b, bool bIsLiteral, bool division);

} // namespace lapidary::language
