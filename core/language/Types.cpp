#include "core/language/Types.h"

#include "core/compiler/dialect/tt/TtDialect.h"

#include <charconv>
#include <fmt/format.h>
#include <fmt/ranges.h>

namespace lapidary::language {

std::int64_t Type::elementCount() const {
  std::int64_t count = 1;
  for (std::int64_t size : shape)
    count *= size;
  return count;
}

std::string text(const Element &element) {
  std::string stars(static_cast<std::size_t>(element.pointerDepth), '*');
  return fmt::format("{}{}{}", stars, element.isConst ? "const " : "", dtypeName(element.dtype));
}

std::string text(const Shape &shape) {
  return fmt::format("[{}]", fmt::join(shape, ", "));
}

std::string text(const Type &type) {
  std::string value = text(type.element);
  if (!type.shape.empty())
    value = fmt::format("tensor<{}x{}>", fmt::join(type.shape, "x"), value);
  switch (type.form) {
  case Type::Form::Value:
    return value;
  case Type::Form::BlockPointer:
    return "block pointer to " + value;
  case Type::Form::Descriptor:
    return "descriptor of " + value;
  }
  return value;
}

static mlir::Type scalarToMlir(DType type, mlir::MLIRContext *context) {
  switch (type) {
  case DType::Fp8E4NV:
    return mlir::Float8E4M3FNType::get(context);
  case DType::Fp8E5:
    return mlir::Float8E5M2Type::get(context);
  case DType::Fp8E4B8:
    return mlir::Float8E4M3FNUZType::get(context);
  case DType::Fp8E5B16:
    return mlir::Float8E5M2FNUZType::get(context);
  case DType::Fp16:
    return mlir::Float16Type::get(context);
  case DType::BF16:
    return mlir::BFloat16Type::get(context);
  case DType::Fp32:
    return mlir::Float32Type::get(context);
  case DType::Fp64:
    return mlir::Float64Type::get(context);
  default: // integers are signless; fp8e4b15 has no MLIR type and travels as its bits
    return mlir::IntegerType::get(context, static_cast<unsigned>(dtypeBits(type)));
  }
}

mlir::Type toMlir(const Element &element, mlir::MLIRContext *context) {
  if (!element.isPointer())
    return scalarToMlir(element.dtype, context);
  return tt::PointerType::get(toMlir(element.pointee(), context), element.addressSpace);
}

mlir::Type toMlir(const Type &type, mlir::MLIRContext *context) {
  mlir::Type element = toMlir(type.element, context);
  if (type.isScalar())
    return element;
  auto tile = mlir::RankedTensorType::get(type.shape, element);
  switch (type.form) {
  case Type::Form::Value:
    return tile;
  case Type::Form::BlockPointer:
    return tt::PointerType::get(tile);
  case Type::Form::Descriptor:
    return tt::TensorDescType::get(context, tile);
  }
  return tile;
}

// "fp16[128, 64]" of a tensordesc.
static std::optional<Type> parseDescriptor(std::string_view inside) {
  std::size_t bracket = inside.find('[');
  if (bracket == std::string_view::npos || !inside.ends_with(']'))
    return std::nullopt;
  std::optional<DType> dtype = parseDType(inside.substr(0, bracket));
  if (!dtype)
    return std::nullopt;
  Type type{{*dtype}, {}, Type::Form::Descriptor};
  std::string_view sizes = inside.substr(bracket + 1, inside.size() - bracket - 2);
  while (!sizes.empty()) {
    std::int64_t size = 0;
    auto [end, error] = std::from_chars(sizes.data(), sizes.data() + sizes.size(), size);
    if (error != std::errc() || size <= 0)
      return std::nullopt;
    type.shape.push_back(size);
    sizes.remove_prefix(static_cast<std::size_t>(end - sizes.data()));
    while (!sizes.empty() && (sizes.front() == ',' || sizes.front() == ' '))
      sizes.remove_prefix(1);
  }
  if (type.shape.empty())
    return std::nullopt;
  return type;
}

std::optional<Type> parseSignatureType(std::string_view spelling) {
  constexpr std::string_view descriptor = "tensordesc<";
  if (spelling.starts_with(descriptor) && spelling.ends_with('>'))
    return parseDescriptor(
        spelling.substr(descriptor.size(), spelling.size() - descriptor.size() - 1));
  Element element;
  while (spelling.starts_with('*')) {
    ++element.pointerDepth;
    spelling.remove_prefix(1);
    if (spelling.starts_with('k')) {
      element.isConst = true;
      spelling.remove_prefix(1);
    }
  }
  if (spelling == "u1")
    spelling = "i1";
  std::optional<DType> dtype = parseDType(spelling);
  if (!dtype)
    return std::nullopt;
  element.dtype = *dtype;
  return Type{element, {}};
}

bool isInteger(DType type) {
  return !isFloating(type);
}
bool isUnsignedOrBool(DType type) {
  return type == DType::Int1 || isUnsignedInteger(type);
}

bool isFp8(DType type) {
  return isFloating(type) && dtypeBits(type) == 8;
}

bool isStandardFloat(DType type) {
  return isFloating(type) && !isFp8(type);
}

int mantissaBits(DType type) {
  switch (type) {
  case DType::Fp8E4NV:
  case DType::Fp8E4B8:
  case DType::Fp8E4B15:
    return 3;
  case DType::Fp8E5:
  case DType::Fp8E5B16:
    return 2;
  case DType::Fp16:
    return 10;
  case DType::BF16:
    return 7;
  case DType::Fp32:
    return 23;
  default:
    return 52;
  }
}

__int128 smallestInteger(DType type) {
  return isUnsignedOrBool(type) ? 0 : -(__int128(1) << (dtypeBits(type) - 1));
}

__int128 largestInteger(DType type) {
  int bits = dtypeBits(type) - (isUnsignedOrBool(type) ? 0 : 1);
  return (__int128(1) << bits) - 1;
}

DType integerOfWidth(int bits, bool isSigned) {
  switch (bits) {
  case 8:
    return isSigned ? DType::Int8 : DType::UInt8;
  case 16:
    return isSigned ? DType::Int16 : DType::UInt16;
  case 32:
    return isSigned ? DType::Int32 : DType::UInt32;
  default:
    return isSigned ? DType::Int64 : DType::UInt64;
  }
}

DType promoteIntegers(DType a, DType b) {
  int aBits = dtypeBits(a), bBits = dtypeBits(b);
  if (isUnsignedOrBool(a) == isUnsignedOrBool(b))
    return aBits > bBits ? a : b;
  if (isUnsignedOrBool(a))
    return aBits >= bBits ? a : b;
  return bBits >= aBits ? b : a;
}

// bool < integer < float
static int kind(DType type) {
  return type == DType::Int1 ? 0 : isFloating(type) ? 2 : 1;
}

std::optional<DType> promote(DType a, bool aIsLiteral, DType b, bool bIsLiteral, bool division) {
  auto either = [&](DType type) { return a == type || b == type; };
  if (aIsLiteral != bIsLiteral) {
    DType literal = aIsLiteral ? a : b, other = aIsLiteral ? b : a;
    if (kind(literal) <= kind(other)) {
      // 16-bit division is computed in fp32.
      if (division && (other == DType::Fp16 || other == DType::BF16))
        return DType::Fp32;
      return other;
    }
  }
  if (either(DType::Fp64))
    return DType::Fp64;
  if (either(DType::Fp32))
    return DType::Fp32;
  if (either(DType::Fp16))
    return division ? DType::Fp32 : DType::Fp16;
  if (a == DType::BF16 && b == DType::BF16)
    return division ? DType::Fp32 : DType::BF16;
  if (either(DType::BF16))
    return DType::Fp32;
  if (isFp8(a) && isFp8(b))
    return a == b ? a : DType::Fp16;
  if (!isInteger(a) || !isInteger(b))
    return std::nullopt;
  if (division && isUnsignedOrBool(a) != isUnsignedOrBool(b))
    return std::nullopt;
  return promoteIntegers(a, b);
}

} // namespace lapidary::language
