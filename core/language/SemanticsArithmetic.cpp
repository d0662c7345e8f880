// Operators, comparisons and selection.
#include "core/language/Semantics.h"

#include <fmt/format.h>

namespace lapidary::language {

namespace arith = mlir::arith;

// pointer + offset; a narrow unsigned offset is widened, since addptr takes it as signed.
Tensor Semantics::addPointer(Tensor pointer, Tensor offset) {
  DType type = offset.type.dtype();
  if (isUnsignedInteger(type) && dtypeBits(type) < 64)
    offset = convert<arith::ExtUIOp>(offset, offset.type.withDType(DType::Int64));
  return {create<tt::AddPtrOp>(toMlir(pointer.type), pointer.handle, offset.handle), pointer.type};
}

static Semantics::Pointers pointersAllowed(const std::string &op) {
  return op == "+"   ? Semantics::Pointers::Both
         : op == "-" ? Semantics::Pointers::Left
                     : Semantics::Pointers::None;
}

Tensor Semantics::binary(const std::string &op, const Object &leftObject,
                         const Object &rightObject) {
  bool division = op == "/" || op == "//" || op == "%";
  Pair pair = unify(leftObject, rightObject, pointersAllowed(op), division);
  if (!pair)
    return {};
  auto &[left, right] = pair;
  auto refuse = [&] {
    hints.shouldBe(left, DType::Int64);
    hints.shouldBe(right, DType::Int64);
    return fail(
        fmt::format("'{}' does not work on {} and {}", op, text(left.type), text(right.type)));
  };
  if (left.type.isPointer() || right.type.isPointer()) {
    if (left.type.isPointer() && right.type.isPointer())
      return refuse();
    if (op == "+")
      return left.type.isPointer() ? addPointer(left, right) : addPointer(right, left);
    Tensor negated = unary("-", right);
    return negated ? addPointer(left, negated) : Tensor{};
  }
  bool isFloat = isFloating(left.type.dtype()), isUnsigned = isUnsignedOrBool(left.type.dtype());
  if (op == "+")
    return isFloat ? sameType<arith::AddFOp>(left, right) : sameType<arith::AddIOp>(left, right);
  if (op == "-")
    return isFloat ? sameType<arith::SubFOp>(left, right) : sameType<arith::SubIOp>(left, right);
  if (op == "*")
    return isFloat ? sameType<arith::MulFOp>(left, right) : sameType<arith::MulIOp>(left, right);
  if (op == "/") {
    if (!isFloat) {
      left = cast(left, DType::Fp32);
      right = cast(right, DType::Fp32);
    }
    return sameType<arith::DivFOp>(left, right);
  }
  if (op == "%") {
    if (isFloat)
      return sameType<arith::RemFOp>(left, right);
    return isUnsigned ? sameType<arith::RemUIOp>(left, right)
                      : sameType<arith::RemSIOp>(left, right);
  }
  if (isFloat)
    return refuse();
  if (op == "//")
    return isUnsigned ? sameType<arith::DivUIOp>(left, right)
                      : sameType<arith::DivSIOp>(left, right);
  if (op == "&")
    return sameType<arith::AndIOp>(left, right);
  if (op == "|")
    return sameType<arith::OrIOp>(left, right);
  if (op == "^")
    return sameType<arith::XOrIOp>(left, right);
  if (op == "<<")
    return sameType<arith::ShLIOp>(left, right);
  if (op == ">>") {
    // Shifts in the sign of the shifted operand's own type, even where promotion changed it.
    const Tensor *own = leftObject.tensor() ? leftObject.tensor() : rightObject.tensor();
    return isUnsignedOrBool(own->type.dtype()) ? sameType<arith::ShRUIOp>(left, right)
                                               : sameType<arith::ShRSIOp>(left, right);
  }
  return fail(fmt::format("the operator '{}' does not work on runtime values", op), {},
              op == "**"  ? "op:Pow"
              : op == "@" ? "op:MatMult"
                          : "");
}

Tensor Semantics::compare(const std::string &op, const Object &leftObject,
                          const Object &rightObject) {
  // Numbers are taken with their own type here: an fp16 tile is compared with 0.5 in fp32.
  Pair pair = unify(toTensor(leftObject), toTensor(rightObject),
                    op == "==" || op == "!=" ? Pointers::Both : Pointers::None);
  if (!pair)
    return {};
  auto &[left, right] = pair;
  Type result = left.type.withElement({DType::Int1});
  if (left.type.isPointer() || right.type.isPointer()) {
    left = cast(left, DType::Int64);
    right = cast(right, DType::Int64);
  }
  if (isFloating(left.type.dtype())) {
    using Predicate = arith::CmpFPredicate;
    Predicate predicate = op == "<"    ? Predicate::OLT
                          : op == "<=" ? Predicate::OLE
                          : op == ">"  ? Predicate::OGT
                          : op == ">=" ? Predicate::OGE
                          : op == "==" ? Predicate::OEQ
                                       : Predicate::UNE;
    return {create<arith::CmpFOp>(predicate, left.handle, right.handle), result};
  }
  using Predicate = arith::CmpIPredicate;
  bool isUnsigned = isUnsignedOrBool(left.type.dtype());
  Predicate predicate = op == "<"    ? isUnsigned ? Predicate::ult : Predicate::slt
                        : op == "<=" ? isUnsigned ? Predicate::ule : Predicate::sle
                        : op == ">"  ? isUnsigned ? Predicate::ugt : Predicate::sgt
                        : op == ">=" ? isUnsigned ? Predicate::uge : Predicate::sge
                        : op == "==" ? Predicate::eq
                                     : Predicate::ne;
  return {create<arith::CmpIOp>(predicate, left.handle, right.handle), result};
}

Tensor Semantics::unary(const std::string &op, Tensor value) {
  if (!value)
    return value;
  if (op == "+")
    return fail("a tensor has no unary '+' in Triton", {"leave the sign out"});
  DType type = value.type.dtype();
  auto refuse = [&] { return fail(fmt::format("'{}' does not work on {}", op, text(value.type))); };
  if (value.type.form != Type::Form::Value || value.type.isPointer())
    return refuse();
  if (op == "-")
    return binary("-", constant(Value{Integer(0)}, type), value);
  if (op == "not") {
    if (type != DType::Int1)
      return fail(fmt::format("'not' needs a boolean, got {}", text(value.type)),
                  {"compare with 0 to make it one"});
    return unary("~", value);
  }
  if (isFloating(type)) {
    hints.shouldBe(value, DType::Int64);
    return refuse();
  }
  __int128 ones = type == DType::Int1 ? 1 : -1;
  mlir::Type scalar = toMlir(value.type.scalar());
  mlir::APInt bits(64, static_cast<std::uint64_t>(static_cast<std::int64_t>(ones)));
  mlir::TypedAttr attribute =
      mlir::IntegerAttr::get(scalar, bits.trunc(scalar.getIntOrFloatBitWidth()));
  return binary("^", value, Tensor{create<arith::ConstantOp>(attribute), value.type.scalar()});
}

Tensor Semantics::logical(bool isAnd, Tensor left, Tensor right) {
  if (!left || !right)
    return {};
  for (const Tensor *side : {&left, &right})
    if (!side->type.isNumber() || side->type.dtype() != DType::Int1)
      return fail(fmt::format("'{}' needs booleans, got {} and {}", isAnd ? "and" : "or",
                              text(left.type), text(right.type)),
                  {"compare with 0 to make a boolean of a number"});
  return binary(isAnd ? "&" : "|", left, right);
}

Tensor Semantics::select(const Object &conditionObject, const Object &then,
                         const Object &otherwise) {
  Tensor condition = toTensor(conditionObject);
  if (condition && !condition.type.isNumber())
    return fail(fmt::format("the condition must be a boolean, got {}", text(condition.type)));
  condition = cast(condition, DType::Int1);
  Pair arms = unify(then, otherwise, Pointers::Both);
  if (!condition || !arms)
    return {};
  if (condition.type.isTile()) {
    Pair shaped = broadcast(condition, arms.left);
    if (!shaped)
      return {};
    condition = shaped.left;
    arms = broadcast(shaped.right, arms.right);
  } else {
    condition = broadcast(condition, arms.left).left;
  }
  if (!condition || !arms)
    return {};
  return {create<arith::SelectOp>(condition.handle, arms.left.handle, arms.right.handle),
          arms.left.type};
}

Tensor Semantics::minimumOrMaximum(bool minimum, const Object &leftObject,
                                   const Object &rightObject, bool propagateNan) {
  Tensor a = toTensor(leftObject), b = toTensor(rightObject);
  // There is no bf16 form of these in hardware; Triton computes them in fp32.
  for (Tensor *side : {&a, &b})
    if (*side && side->type.isNumber() && side->type.dtype() == DType::BF16)
      *side = cast(*side, DType::Fp32);
  Pair pair = unify(a, b);
  if (!pair)
    return {};
  auto &[left, right] = pair;
  if (isFloating(left.type.dtype())) {
    if (propagateNan)
      return minimum ? sameType<arith::MinimumFOp>(left, right)
                     : sameType<arith::MaximumFOp>(left, right);
    return minimum ? sameType<arith::MinNumFOp>(left, right)
                   : sameType<arith::MaxNumFOp>(left, right);
  }
  if (isUnsignedOrBool(left.type.dtype()))
    return minimum ? sameType<arith::MinUIOp>(left, right) : sameType<arith::MaxUIOp>(left, right);
  return minimum ? sameType<arith::MinSIOp>(left, right) : sameType<arith::MaxSIOp>(left, right);
}

Tensor Semantics::clamp(const Object &xObject, const Object &lowObject, const Object &highObject,
                        bool propagateNan) {
  Tensor x = toTensor(xObject), low = toTensor(lowObject), high = toTensor(highObject);
  for (Tensor *side : {&x, &low, &high})
    if (*side && side->type.isNumber() && side->type.dtype() == DType::BF16)
      *side = cast(*side, DType::Fp32);
  Pair bounds = unify(low, high);
  Pair first = bounds ? unify(x, bounds.left) : Pair{};
  Pair second = first ? unify(first.left, bounds.right) : Pair{};
  if (!second)
    return {};
  if (!isFloating(second.left.type.dtype()))
    return fail(fmt::format("tl.clamp works on floats, got {}", text(second.left.type)));
  auto mode = propagateNan ? tt::PropagateNan::All : tt::PropagateNan::None;
  Type type = second.left.type;
  first.right = broadcastTo(cast(first.right, type.element), type.shape);
  return {create<tt::ClampFOp>(toMlir(type), second.left.handle, first.right.handle,
                               second.right.handle, mode),
          type};
}

Tensor Semantics::floatDivide(const Object &leftObject, const Object &rightObject) {
  Tensor left = toTensor(leftObject), right = toTensor(rightObject);
  if (!left || !right)
    return {};
  for (const Tensor *side : {&left, &right})
    if (!side->type.isNumber() || !isFloating(side->type.dtype()))
      return fail(
          fmt::format("tl.fdiv divides floats, got {} and {}", text(left.type), text(right.type)));
  if (left.type.dtype() != right.type.dtype())
    return fail(fmt::format("tl.fdiv needs operands of one type, got {} and {}", text(left.type),
                            text(right.type)));
  Pair pair = broadcast(left, right);
  return pair ? sameType<arith::DivFOp>(pair.left, pair.right) : Tensor{};
}

} // namespace lapidary::language
