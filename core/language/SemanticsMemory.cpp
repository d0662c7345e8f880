// Loads, stores and atomics.
#include "core/language/Semantics.h"

#include <fmt/format.h>

namespace lapidary::language {

// A pointer to bool is a pointer to bytes.
Tensor Semantics::bytePointer(Tensor pointer) {
  Element element = pointer.type.element;
  if (element.pointerDepth != 1 || element.dtype != DType::Int1)
    return pointer;
  element.dtype = DType::Int8;
  return castPointer(pointer, element);
}

Tensor Semantics::load(Tensor pointer, Tensor mask, Tensor other, const Access &access) {
  if (!pointer.type.isPointer()) {
    hints.shouldPoint(pointer);
    return fail(fmt::format("tl.load needs a pointer, got {}", text(pointer.type)));
  }
  if (other && !mask)
    return fail("`other` is what masked elements are, so it needs a mask");
  if (pointer.type.isScalar()) {
    for (const Tensor *extra : {&mask, &other})
      if (*extra && extra->type.isTile())
        return fail(fmt::format("a scalar pointer takes a scalar mask and other, got {}",
                                text(extra->type)));
  } else {
    // The pointer follows the mask's shape where the mask is larger.
    if (mask) {
      Pair pair = broadcast(pointer, mask);
      pointer = pair.left;
      mask = pair.right;
    }
    if (pointer && other) {
      Pair pair = broadcast(pointer, other);
      pointer = pair.left;
      other = pair.right;
    }
    if (!pointer)
      return {};
    if (mask)
      mask = broadcastTo(mask, pointer.type.shape);
  }
  if (mask && (!mask.type.isNumber() || mask.type.dtype() != DType::Int1)) {
    hints.shouldBe(mask, DType::Int1);
    return fail(fmt::format("a mask must be boolean, got {}", text(mask.type)));
  }
  bool isBool = pointer.type.element.pointerDepth == 1 && pointer.type.dtype() == DType::Int1;
  pointer = bytePointer(pointer);
  Type type = pointer.type.withElement(pointer.type.element.pointee());
  if (other) {
    other = cast(other, type.element);
    if (!other)
      return {};
  }
  Tensor result{create<tt::LoadOp>(toMlir(type), pointer.handle, mask.handle, other.handle,
                                   llvm::ArrayRef<std::int32_t>{}, tt::PaddingOptionAttr(),
                                   access.cache, access.eviction, access.isVolatile),
                type};
  return isBool ? cast(result, DType::Int1) : result;
}

bool Semantics::store(Tensor pointer, Tensor value, Tensor mask, const Access &access) {
  auto refuse = [&](std::string message) { return bool(fail(std::move(message))); };
  if (!pointer.type.isPointer()) {
    hints.shouldPoint(pointer);
    return refuse(fmt::format("tl.store needs a pointer, got {}", text(pointer.type)));
  }
  if (pointer.type.element.isConst)
    return refuse("nothing can be stored through a pointer to constant data");
  if (pointer.type.isScalar()) {
    for (const Tensor *extra : {&value, &mask})
      if (*extra && extra->type.isTile())
        return refuse(fmt::format("a scalar pointer stores a scalar, got {}", text(extra->type)));
  } else {
    Shape shape = pointer.type.shape;
    Pair pair = broadcast(pointer, value);
    if (pair && mask) {
      Pair masked = broadcast(pair.left, mask);
      pair.left = masked.left;
      mask = masked.right;
      if (masked)
        pair = broadcast(pair.left, pair.right);
    }
    if (!pair)
      return false;
    if (pair.left.type.shape != shape) {
      const Type &wide = value.type.shape != shape ? value.type : mask.type;
      return refuse(fmt::format("the pointer has shape {}, but what is stored needs {}",
                                text(shape), text(wide.shape)));
    }
    value = pair.right;
  }
  if (mask && (!mask.type.isNumber() || mask.type.dtype() != DType::Int1)) {
    hints.shouldBe(mask, DType::Int1);
    return refuse(fmt::format("a mask must be boolean, got {}", text(mask.type)));
  }
  pointer = bytePointer(pointer);
  value = cast(value, pointer.type.element.pointee());
  if (!value)
    return false;
  create<tt::StoreOp>(pointer.handle, value.handle, mask.handle, llvm::ArrayRef<std::int32_t>{},
                      access.cache, access.eviction);
  return true;
}

// ---- atomics ----

Tensor Semantics::rmw(tt::AtomicOp op, Tensor pointer, Tensor value, Tensor mask,
                      Ordering ordering) {
  return {create<tt::AtomicRMWOp>(toMlir(value.type), op, pointer.handle, value.handle, mask.handle,
                                  ordering.semantic, ordering.scope),
          value.type};
}

Tensor Semantics::atomic(const std::string &op, Tensor pointer, Tensor value, Tensor mask,
                         Ordering ordering) {
  if (!pointer.type.isPointer()) {
    hints.shouldPoint(pointer);
    return fail(fmt::format("tl.atomic_{} needs a pointer, got {}", op, text(pointer.type)));
  }
  if (pointer.type.element.isConst)
    return fail("nothing can be stored through a pointer to constant data");
  Element element = pointer.type.element.pointee();
  DType type = element.dtype;
  bool half = type == DType::Fp16 || type == DType::BF16;
  bool tooNarrow = !element.isPointer() && dtypeBits(type) < 32 && !half;
  bool bitwise = op == "and" || op == "or" || op == "xor";
  if (tooNarrow || (half && op != "add") || (bitwise && isFloating(type)))
    return fail(fmt::format("tl.atomic_{} does not work on {}", op, text(element)));
  if (pointer.type.isTile()) {
    value = broadcastTo(value, pointer.type.shape);
    if (mask)
      mask = broadcastTo(mask, pointer.type.shape);
  }
  value = cast(value, element);
  if (!value)
    return {};
  if (value.type.shape != pointer.type.shape)
    return fail(fmt::format("a scalar pointer takes a scalar value, got {}", text(value.type)));
  if (!mask) {
    mask = constant(Value{true}, DType::Int1);
    mask = broadcastTo(mask, pointer.type.shape);
  }
  if (!mask || mask.type.dtype() != DType::Int1 || mask.type.shape != pointer.type.shape)
    return mask ? fail(fmt::format("a mask must be boolean and of the pointer's shape, got {}",
                                   text(mask.type)))
                : Tensor{};
  bool isFloat = !element.isPointer() && isFloating(type), isUnsigned = isUnsignedOrBool(type);
  if (op == "max" || op == "min") {
    bool isMax = op == "max";
    if (isFloat)
      return atomicFloatMinMax(isMax, pointer, value, mask, ordering);
    auto kind = isMax        ? isUnsigned ? tt::AtomicOp::UMax : tt::AtomicOp::Max
                : isUnsigned ? tt::AtomicOp::UMin
                             : tt::AtomicOp::Min;
    return rmw(kind, pointer, value, mask, ordering);
  }
  auto kind = op == "add"   ? isFloat ? tt::AtomicOp::FAdd : tt::AtomicOp::Add
              : op == "and" ? tt::AtomicOp::And
              : op == "or"  ? tt::AtomicOp::Or
              : op == "xor" ? tt::AtomicOp::Xor
                            : tt::AtomicOp::Xchg;
  return rmw(kind, pointer, value, mask, ordering);
}

// The bits of floats order like signed integers where the sign is +, like unsigned ones reversed
// where it is -: so one integer atomic on each side of zero.
Tensor Semantics::atomicFloatMinMax(bool isMax, Tensor pointer, Tensor value, Tensor mask,
                                    Ordering ordering) {
  int bits = dtypeBits(value.type.dtype());
  DType isSigned = integerOfWidth(bits, true), isUnsigned = integerOfWidth(bits, false);
  auto pointerTo = [&](DType type) {
    Element element = pointer.type.element;
    element.dtype = type;
    return castPointer(pointer, element);
  };
  Tensor signedValue = bitcast(value, Element{isSigned});
  Tensor signedPointer = pointerTo(isSigned);
  Tensor unsignedValue = bitcast(value, Element{isUnsigned});
  Tensor unsignedPointer = pointerTo(isUnsigned);
  Tensor negative = cast(binary(">>", unsignedValue, Object::integer(bits - 1)), DType::Int1);
  Tensor positive = unary("not", negative);
  Tensor above = rmw(isMax ? tt::AtomicOp::Max : tt::AtomicOp::Min, signedPointer, signedValue,
                     binary("&", mask, positive), ordering);
  Tensor below = rmw(isMax ? tt::AtomicOp::UMin : tt::AtomicOp::UMax, unsignedPointer,
                     unsignedValue, binary("&", mask, negative), ordering);
  below.type = above.type;
  return bitcast(select(positive, above, below), value.type.element);
}

Tensor Semantics::compareAndSwap(Tensor pointer, Tensor expected, Tensor value, Ordering ordering) {
  if (!pointer.type.isPointer()) {
    hints.shouldPoint(pointer);
    return fail(fmt::format("tl.atomic_cas needs a pointer, got {}", text(pointer.type)));
  }
  Element element = pointer.type.element.pointee();
  int bits = element.isPointer() ? 64 : dtypeBits(element.dtype);
  if (bits < 16)
    return fail(fmt::format("tl.atomic_cas works on 16, 32 and 64 bits, not on {}", text(element)));
  expected = broadcastTo(cast(expected, element), pointer.type.shape);
  value = broadcastTo(cast(value, element), pointer.type.shape);
  if (!expected || !value)
    return {};
  return {create<tt::AtomicCASOp>(toMlir(value.type), pointer.handle, expected.handle, value.handle,
                                  ordering.semantic, ordering.scope),
          value.type};
}

} // namespace lapidary::language
