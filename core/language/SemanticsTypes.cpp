// Constants, promotion, broadcasting and casts.
#include "core/language/Semantics.h"

#include <cmath>
#include <fmt/format.h>

namespace lapidary::language {

Tensor Semantics::fail(std::string message, std::vector<std::string> notes, std::string feature) {
  site.error(std::move(message), std::move(notes), std::move(feature));
  return {};
}

// ---- constants ----

static bool isNumber(const Value &value) {
  return value.as<bool>() || value.as<Integer>() || value.as<double>();
}

// The type of a Python number on its own; nothing when an integer fits none.
static std::optional<DType> typeOfNumber(const Value &number) {
  if (number.as<bool>())
    return DType::Int1;
  if (auto *value = number.as<double>()) {
    double magnitude = std::fabs(*value);
    bool single = std::isnan(*value) || std::isinf(*value) || magnitude == 0 ||
                  (magnitude >= 0x1p-126 && magnitude <= 0x1.fffffep127);
    return single ? DType::Fp32 : DType::Fp64;
  }
  const Integer &integer = *number.as<Integer>();
  if (integer.fits)
    for (DType type : {DType::Int32, DType::UInt32, DType::Int64, DType::UInt64})
      if (integer.value >= smallestInteger(type) && integer.value <= largestInteger(type))
        return type;
  return std::nullopt;
}

Tensor Semantics::constant(const Value &number, DType type) {
  mlir::Type mlirType = toMlir(Type{{type}, {}});
  const Integer *integer = number.as<Integer>();
  const bool *boolean = number.as<bool>();
  mlir::TypedAttr attribute;
  if (auto floatType = mlir::dyn_cast<mlir::FloatType>(mlirType)) {
    double value = integer   ? static_cast<double>(integer->value)
                   : boolean ? double(*boolean)
                             : *number.as<double>();
    attribute = mlir::FloatAttr::get(floatType, value);
  } else {
    __int128 value = integer   ? integer->value
                     : boolean ? __int128(*boolean)
                               : static_cast<__int128>(*number.as<double>());
    if (type == DType::Int1)
      value = value != 0;
    attribute = mlir::IntegerAttr::get(
        mlirType,
        llvm::APInt(64, static_cast<std::uint64_t>(value)).trunc(unsigned(dtypeBits(type))));
  }
  return {mlir::arith::ConstantOp::create(builder, site.unnamedLocation(), attribute),
          Type{{type}, {}}};
}

Tensor Semantics::toTensor(const Object &object) {
  if (const Tensor *tensor = object.tensor())
    return *tensor;
  if (!object.isValid())
    return {};
  const Value *value = object.constant();
  if (!value || !isNumber(*value))
    return fail(
        fmt::format("a runtime value or a number is needed here, not {}", describe(object)));
  std::optional<DType> type = typeOfNumber(*value);
  if (!type)
    return fail(fmt::format("{} does not fit any integer type", repr(*value)));
  return constant(*value, *type);
}

Tensor Semantics::full(const Shape &shape, const Object &value, DType type) {
  Tensor scalar;
  if (const Tensor *tensor = value.tensor()) {
    Tensor single = *tensor;
    if (!single.type.isScalar()) {
      if (single.type.elementCount() != 1)
        return fail(
            fmt::format("the value of tl.full must be a scalar, got {}", text(single.type)));
      single = unsplat(single);
    }
    scalar = cast(single, type);
  } else if (const Value *number = value.constant(); number && isNumber(*number)) {
    scalar = constant(*number, type);
  } else if (value.isValid()) {
    return fail(fmt::format("the value of tl.full must be a number, got {}", describe(value)));
  }
  return scalar && checkShape(shape) ? broadcastTo(scalar, shape) : Tensor{};
}

// ---- promotion ----

// A literal in the type that promotion chose for it; reports what does not fit.
Tensor Semantics::literal(const Value &number, DType type) {
  if (isFp8(type) && truthy(number))
    return fail(fmt::format("{} takes no part in arithmetic with numbers; cast it to fp32",
                            dtypeName(type)));
  if (isInteger(type)) {
    __int128 value = 0;
    if (auto *integer = number.as<Integer>())
      value = integer->fits ? integer->value : largestInteger(DType::UInt64) + 1;
    else if (auto *boolean = number.as<bool>())
      value = *boolean;
    if (value < 0 && isUnsignedOrBool(type))
      return fail(fmt::format("{} is negative and {} is unsigned; cast one of them", repr(number),
                              dtypeName(type)));
    if (value < smallestInteger(type) || value > largestInteger(type))
      return fail(fmt::format("{} is out of range for {}", repr(number), dtypeName(type)));
  }
  return constant(number, type);
}

Semantics::Pair Semantics::unify(const Object &leftObject, const Object &rightObject,
                                 Pointers pointers, bool division, bool arithmetic) {
  auto literalOf = [](const Object &object) {
    const Value *value = object.constant();
    return value && isNumber(*value) ? value : nullptr;
  };
  const Value *leftLiteral = literalOf(leftObject), *rightLiteral = literalOf(rightObject);
  auto typeOf = [&](const Object &object, const Value *number) -> std::optional<Type> {
    if (const Tensor *tensor = object.tensor())
      return tensor->type;
    if (!number) {
      toTensor(object);
      return std::nullopt;
    }
    std::optional<DType> type = typeOfNumber(*number);
    if (!type) {
      fail(fmt::format("{} does not fit any integer type", repr(*number)));
      return std::nullopt;
    }
    return Type{{*type}, {}};
  };
  std::optional<Type> left = typeOf(leftObject, leftLiteral);
  std::optional<Type> right = typeOf(rightObject, rightLiteral);
  if (!left || !right)
    return {};

  auto incompatible = [&](const std::string &reason) {
    fail(reason, {fmt::format("the left operand is {}", describe(leftObject)),
                  fmt::format("the right operand is {}", describe(rightObject))});
    return Pair{};
  };
  if (left->form != Type::Form::Value || right->form != Type::Form::Value)
    return incompatible("block pointers and descriptors take no part in arithmetic");
  for (auto [a, b, allowed] : {std::tuple{&*left, &*right, pointers != Pointers::None},
                               std::tuple{&*right, &*left, pointers == Pointers::Both}}) {
    if (!a->isPointer())
      continue;
    if (!allowed) {
      hints.shouldCount(a == &*left ? *leftObject.tensor() : *rightObject.tensor());
      return incompatible("this operation does not take a pointer");
    }
    if (const Tensor *offset = (b == &*left ? leftObject : rightObject).tensor())
      if (!b->isPointer() && isFloating(b->dtype()))
        hints.shouldBe(*offset, DType::Int64);
    if (b->isPointer() ? a->element != b->element : isFloating(b->dtype()))
      return incompatible(
          fmt::format("{} and {} do not go together", text(a->element), text(b->element)));
  }

  Tensor a = leftLiteral ? Tensor{} : *leftObject.tensor();
  Tensor b = rightLiteral ? Tensor{} : *rightObject.tensor();
  if (arithmetic && !left->isPointer() && !right->isPointer()) {
    std::optional<DType> common =
        promote(left->dtype(), leftLiteral, right->dtype(), rightLiteral, division);
    if (!common) {
      if (isFloating(left->dtype()) || isFloating(right->dtype()))
        return incompatible(fmt::format("{} and {} have no common type; cast one of them",
                                        dtypeName(left->dtype()), dtypeName(right->dtype())));
      return incompatible(fmt::format("{} and {} differ in sign; cast one of them before dividing",
                                      dtypeName(left->dtype()), dtypeName(right->dtype())));
    }
    a = leftLiteral ? literal(*leftLiteral, *common) : cast(a, *common);
    b = rightLiteral ? literal(*rightLiteral, *common) : cast(b, *common);
  } else {
    if (leftLiteral)
      a = constant(*leftLiteral, left->dtype());
    if (rightLiteral)
      b = constant(*rightLiteral, right->dtype());
  }
  return a && b ? broadcast(a, b) : Pair{};
}

// ---- broadcasting ----

Semantics::Pair Semantics::broadcast(Tensor left, Tensor right) {
  if (!left || !right)
    return {};
  if (left.type.shape == right.type.shape)
    return {left, right};
  if (right.type.isScalar())
    return {left, broadcastTo(right, left.type.shape)};
  if (left.type.isScalar())
    return {broadcastTo(left, right.type.shape), right};
  Type leftType = left.type, rightType = right.type;
  while (left.type.shape.size() < right.type.shape.size())
    left = expandDims(left, 0);
  while (right.type.shape.size() < left.type.shape.size())
    right = expandDims(right, 0);
  Shape common;
  for (std::size_t d = 0; d < left.type.shape.size(); ++d) {
    std::int64_t a = left.type.shape[d], b = right.type.shape[d];
    if (a != b && a != 1 && b != 1) {
      fail(fmt::format("shapes {} and {} do not broadcast: dimension {} is {} and {}",
                       text(leftType.shape), text(rightType.shape), d, a, b),
           {fmt::format("the left operand is {}", text(leftType)),
            fmt::format("the right operand is {}", text(rightType))});
      return {};
    }
    common.push_back(a == 1 ? b : a);
  }
  return {broadcastTo(left, common), broadcastTo(right, common)};
}

Tensor Semantics::broadcastTo(Tensor value, const Shape &shape) {
  if (!value || value.type.shape == shape)
    return value;
  Type type = value.type.withShape(shape);
  if (value.type.isScalar())
    return convert<tt::SplatOp>(value, type);
  bool fits = value.type.shape.size() == shape.size();
  for (std::size_t d = 0; fits && d < shape.size(); ++d)
    fits = value.type.shape[d] == shape[d] || value.type.shape[d] == 1;
  if (!fits)
    return fail(fmt::format("{} does not broadcast to shape {}", text(value.type), text(shape)));
  if (!checkShape(shape))
    return {};
  return convert<tt::BroadcastOp>(value, type);
}

// ---- casts ----

Tensor Semantics::bitcast(Tensor value, Element to) {
  if (!value || value.type.element == to)
    return value;
  if (value.type.isPointer() || to.isPointer())
    return castPointer(value, to);
  int from = dtypeBits(value.type.dtype()), bits = dtypeBits(to.dtype);
  if (from != bits)
    return fail(fmt::format("{} has {} bits and {} has {}: they cannot share their bits",
                            dtypeName(value.type.dtype()), from, dtypeName(to.dtype), bits));
  return convert<tt::BitcastOp>(value, value.type.withElement(to));
}

Tensor Semantics::cast(Tensor value, Element to, std::optional<tt::RoundingMode> rounding) {
  if (!value || value.type.element == to)
    return value;
  if (value.type.form != Type::Form::Value)
    return fail(fmt::format("{} cannot be cast", text(value.type)));
  if (value.type.isPointer() || to.isPointer())
    return castPointer(value, to);
  return castNumber(value, to.dtype, rounding);
}

Tensor Semantics::castPointer(Tensor value, Element to) {
  Type type = value.type.withElement(to);
  bool fromPointer = value.type.isPointer();
  if (fromPointer && to.isPointer())
    return convert<tt::BitcastOp>(value, type);
  if (to.isPointer()) {
    if (!isInteger(value.type.dtype())) {
      hints.shouldBe(value, DType::Int64);
      return fail(fmt::format("{} cannot become a pointer", text(value.type)));
    }
    Tensor address = castNumber(value, DType::Int64, {});
    return convert<tt::IntToPtrOp>(address, type);
  }
  if (isInteger(to.dtype) && dtypeBits(to.dtype) == 64)
    return convert<tt::PtrToIntOp>(value, type);
  if (to.dtype == DType::Int1) {
    Tensor address = convert<tt::PtrToIntOp>(value, value.type.withDType(DType::Int64));
    return compare("!=", address, Object::integer(0));
  }
  return fail(fmt::format("a pointer can become a 64-bit integer, not {}", dtypeName(to.dtype)));
}

Tensor Semantics::castNumber(Tensor value, DType to, std::optional<tt::RoundingMode> rounding) {
  namespace arith = mlir::arith;
  DType from = value.type.dtype();
  if (from == to)
    return value;
  Type type = value.type.withDType(to);
  bool narrows = isFloating(from) && isFloating(to) && dtypeBits(to) < dtypeBits(from);
  if (rounding && !narrows)
    return fail(
        fmt::format("a rounding mode belongs to a narrowing float conversion, not to {} -> {}",
                    dtypeName(from), dtypeName(to)));
  if (from == DType::Fp8E4B15 || to == DType::Fp8E4B15)
    return fail("conversions of fp8e4b15 are not supported", {}, "dtype:float8e4b15");
  bool unusualRounding = rounding && *rounding != tt::RoundingMode::NearestEven;
  if (isFloating(from) && isFloating(to) && (isFp8(from) || isFp8(to) || unusualRounding)) {
    tt::RoundingModeAttr mode;
    if (narrows)
      mode = tt::RoundingModeAttr::get(builder.getContext(),
                                       rounding.value_or(tt::RoundingMode::NearestEven));
    return {create<tt::FpToFpOp>(toMlir(type), value.handle, mode), type};
  }
  // 16-bit floats convert by way of fp32.
  if ((from == DType::Fp16 || from == DType::BF16) && to != DType::Fp32)
    return castNumber(castNumber(value, DType::Fp32, {}), to, {});
  if (isFloating(from) && isFloating(to))
    return narrows ? convert<arith::TruncFOp>(value, type) : convert<arith::ExtFOp>(value, type);
  if (to == DType::Int1 && !isFp8(from))
    return compare("!=", value, constant(Value{Integer(0)}, from));
  if (isInteger(from) && isInteger(to)) {
    int fromBits = dtypeBits(from), toBits = dtypeBits(to);
    if (fromBits == toBits)
      return {value.handle, type};
    if (toBits < fromBits)
      return convert<arith::TruncIOp>(value, type);
    return isUnsignedOrBool(from) ? convert<arith::ExtUIOp>(value, type)
                                  : convert<arith::ExtSIOp>(value, type);
  }
  if (isFp8(from) || isFp8(to))
    return fail(fmt::format("{} does not convert to {}; cast it to fp32 first", dtypeName(from),
                            dtypeName(to)));
  if (isInteger(to))
    return isUnsignedOrBool(to) ? convert<arith::FPToUIOp>(value, type)
                                : convert<arith::FPToSIOp>(value, type);
  return isUnsignedOrBool(from) ? convert<arith::UIToFPOp>(value, type)
                                : convert<arith::SIToFPOp>(value, type);
}

} // namespace lapidary::language
