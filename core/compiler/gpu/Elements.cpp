// Elements: arithmetic on one of them, and which element of its operand an operation moves.
#include "core/compiler/gpu/ThreadEmitter.h"
#include "core/compiler/lowering/FloatConversions.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/IR/IRMapping.h"
#include "llvm/ADT/TypeSwitch.h"

namespace lapidary {

using namespace mlir;

// ---- moving ----

const ThreadEmitter::Source &ThreadEmitter::sourceOf(Operation *op, Value tile, int layout) {
  const auto key = std::tuple(op, cast<OpResult>(tile).getResultNumber(), layout);
  auto found = sources.find(key);
  if (found == sources.end())
    found = sources.emplace(key, findSource(op, tile, layout)).first;
  return found->second;
}

ThreadEmitter::Source ThreadEmitter::findSource(Operation *op, Value tile, int layout) {
  Source source{op->getOperand(0), scalarLayout, {}};
  if (!isTile(source.tile)) {
    source.registers.assign(static_cast<std::size_t>(registersOf(layout)), 0);
    return source;
  }
  const std::vector<std::int64_t> shape = tileShape(source.tile);
  if (layout == scalarLayout) { // of a tile of one element
    source.layout = homeId(source.tile);
    source.registers = {0};
    return source;
  }
  const LinearLayout wanted = layoutOf(layout);
  // From the coordinates of an element of the result to those of the source.
  std::function<std::vector<std::int64_t>(std::vector<std::int64_t>)> from;
  llvm::TypeSwitch<Operation *>(op)
      .Case([&](tt::BroadcastOp) {
        source.layout = idOf(projectedLayout(wanted, shape));
        from = [&](std::vector<std::int64_t> at) {
          for (auto [d, size] : llvm::enumerate(shape))
            at[d] = size == 1 ? 0 : at[d];
          return at;
        };
      })
      .Case([&](tt::ExpandDimsOp o) {
        const int dim = static_cast<int>(o.getAxis());
        source.layout = idOf(slicedLayout(wanted, dim));
        from = [dim](std::vector<std::int64_t> at) {
          at.erase(at.begin() + dim);
          return at;
        };
      })
      .Case([&](tt::TransOp o) { source.layout = idOf(untransposedLayout(wanted, o.getOrder())); })
      .Case([&](tt::SplitOp o) {
        const std::int64_t half = cast<OpResult>(tile).getResultNumber();
        const int last = static_cast<int>(shape.size()) - 1;
        from = [half](std::vector<std::int64_t> at) {
          at.push_back(half);
          return at;
        };
        if (const LinearLayout *home = layouts.home(o.getSrc())) {
          const int id = idOf(*home);
          if (slicedLayout(*home, last) == wanted &&
              placementOf(id).registerAt.contains(from(placementOf(layout).registers[0])))
            source.layout = id;
        }
        if (source.layout == scalarLayout)
          source.layout = idOf(withRegisterBit(insertedDim(wanted, last), last, 1, 2));
      })
      .Default([&](Operation *) { source.layout = idOf(reshapedLayout(wanted, shape)); });

  for (int reg = 0; reg < registersOf(layout); ++reg)
    source.registers.push_back(
        from ? placementOf(source.layout).registerAt.at(from(placementOf(layout).registers[reg]))
             : reg);
  return source;
}

// The operand whose element it is, by one bit of the coordinate along `dim`.
Value ThreadEmitter::evaluateJoin(Operation *op, int dim, std::int64_t bit, int layout, int reg) {
  const bool isCat = isa<tt::CatOp>(op);
  const LinearLayout wanted = layoutOf(layout);
  const int source = idOf(isCat ? wanted.modulo(dimName(0), bit).withoutCopies("register")
                                : slicedLayout(wanted, dim));
  std::vector<std::int64_t> at = placementOf(layout).registers[reg];
  const bool second = at[dim] & bit;
  if (isCat)
    at[dim] &= bit - 1;
  else
    at.erase(at.begin() + dim);
  const int from = placementOf(source).registerAt.at(at);
  const ThreadIndex index = threadCoordinate(layout, dim);
  if (!(index.moved & bit))
    return this->at(op->getOperand(second), source, from);
  Location loc = op->getLoc();
  Value left = this->at(op->getOperand(second), source, from),
        right = this->at(op->getOperand(!second), source, from);
  if (!left || !right)
    return {};
  Value part = arith::AndIOp::create(builder, loc, index.value, integer(builder, loc, 32, bit));
  Value isLeft = arith::CmpIOp::create(builder, loc, arith::CmpIPredicate::eq, part,
                                       integer(builder, loc, 32, 0));
  return arith::SelectOp::create(builder, loc, isLeft, left, right);
}

Value ThreadEmitter::evaluateConstant(arith::ConstantOp op, int layout, int reg) {
  Type type = registerType(op.getType());
  auto converted = [&](Attribute element) -> TypedAttr {
    if (auto number = dyn_cast<FloatAttr>(element); number && type.isInteger())
      return builder.getIntegerAttr(type, number.getValue().bitcastToAPInt());
    return cast<TypedAttr>(element);
  };
  auto dense = dyn_cast<DenseElementsAttr>(op.getValue());
  if (!dense)
    return arith::ConstantOp::create(builder, op.getLoc(), converted(op.getValue()));
  if (dense.isSplat())
    return arith::ConstantOp::create(builder, op.getLoc(),
                                     converted(dense.getSplatValue<Attribute>()));
  // Equal elements are found by comparing with each index: tables in kernels are short.
  Location loc = op.getLoc();
  const std::vector<std::int64_t> shape = tileShape(op);
  Value index = integer(builder, loc, 32, 0);
  for (auto [d, size] : llvm::enumerate(shape)) {
    index = arith::MulIOp::create(builder, loc, index, integer(builder, loc, 32, size));
    index = arith::AddIOp::create(builder, loc, index,
                                  coordinate(layout, reg, static_cast<int>(d), loc));
  }
  Value result;
  for (auto [i, element] : llvm::enumerate(dense.getValues<Attribute>())) {
    Value each = arith::ConstantOp::create(builder, loc, converted(element));
    Value here = arith::CmpIOp::create(builder, loc, arith::CmpIPredicate::eq, index,
                                       integer(builder, loc, 32, static_cast<std::int64_t>(i)));
    result = result ? arith::SelectOp::create(builder, loc, here, each, result).getResult() : each;
  }
  return result;
}

// ---- bits ----

Value ThreadEmitter::toBits(Value value, Location loc) {
  Type type = value.getType();
  if (type.isInteger(1))
    return arith::ExtUIOp::create(builder, loc, builder.getI8Type(), value);
  if (isa<IntegerType>(type))
    return value;
  if (isa<LLVM::LLVMPointerType>(type))
    return LLVM::PtrToIntOp::create(builder, loc, builder.getI64Type(), value);
  return arith::BitcastOp::create(builder, loc,
                                  builder.getIntegerType(type.getIntOrFloatBitWidth()), value);
}

Value ThreadEmitter::fromBits(Value bits, Type element, Location loc) {
  Type type = registerType(element);
  if (type == bits.getType())
    return bits;
  if (type.isInteger(1))
    return arith::CmpIOp::create(builder, loc, arith::CmpIPredicate::ne, bits,
                                 integer(builder, loc, 8, 0));
  if (isa<LLVM::LLVMPointerType>(type))
    return LLVM::IntToPtrOp::create(builder, loc, type, bits);
  return arith::BitcastOp::create(builder, loc, type, bits);
}

ThreadEmitter::Registers ThreadEmitter::toWords(ValueRange elements, int wordBits, Location loc) {
  Registers words;
  const int bits = memoryBits(elements[0].getType());
  const int each = wordBits / bits;
  Type word = builder.getIntegerType(wordBits);
  for (std::size_t first = 0; first < elements.size(); first += static_cast<std::size_t>(each)) {
    if (each == 1) {
      words.push_back(toBits(elements[first], loc));
      continue;
    }
    Type element = elements[0].getType();
    const bool asIs = element.isIntOrFloat() && !element.isInteger(1);
    auto type = VectorType::get({each}, asIs ? element : builder.getIntegerType(bits));
    Value packed = LLVM::UndefOp::create(builder, loc, type);
    for (int i = 0; i < each; ++i) {
      Value value = elements[first + static_cast<std::size_t>(i)];
      packed = LLVM::InsertElementOp::create(
          builder, loc, packed, asIs ? value : toBits(value, loc), integer(builder, loc, 32, i));
    }
    words.push_back(LLVM::BitcastOp::create(builder, loc, word, packed));
  }
  return words;
}

ThreadEmitter::Registers ThreadEmitter::fromWords(ValueRange words, Type element, int count,
                                                  Location loc) {
  Registers elements;
  const int bits = memoryBits(element);
  const int each = count / static_cast<int>(words.size());
  Type type = registerType(element);
  const bool asIs = type.isIntOrFloat() && !type.isInteger(1);
  for (Value word : words) {
    if (each == 1) {
      elements.push_back(fromBits(word, element, loc));
      continue;
    }
    auto vector = VectorType::get({each}, asIs ? type : builder.getIntegerType(bits));
    Value packed = LLVM::BitcastOp::create(builder, loc, vector, word);
    for (int i = 0; i < each; ++i) {
      Value value =
          LLVM::ExtractElementOp::create(builder, loc, packed, integer(builder, loc, 32, i));
      elements.push_back(asIs ? value : fromBits(value, element, loc));
    }
  }
  return elements;
}

// ---- steps ----

std::optional<std::int64_t> ThreadEmitter::stepOf(Value tile, int layout, int reg) {
  if (reg == 0 || layout == scalarLayout)
    return 0;
  Operation *op = tile.getDefiningOp();
  if (!op || layouts.home(tile))
    return std::nullopt;
  return llvm::TypeSwitch<Operation *, std::optional<std::int64_t>>(op)
      .Case([&](tt::SplatOp) { return 0; })
      .Case([&](tt::MakeRangeOp) -> std::optional<std::int64_t> {
        const std::int64_t step = placementOf(layout).registers[static_cast<std::size_t>(reg)][0];
        if (threadCoordinate(layout, 0).moved & step)
          return std::nullopt;
        return step;
      })
      .Case([&](arith::AddIOp) -> std::optional<std::int64_t> {
        auto left = stepOf(op->getOperand(0), layout, reg),
             right = stepOf(op->getOperand(1), layout, reg);
        if (!left || !right)
          return std::nullopt;
        return *left + *right;
      })
      .Case<tt::BroadcastOp, tt::ExpandDimsOp, tt::TransOp>(
          [&](auto) -> std::optional<std::int64_t> {
            const Source source = sourceOf(op, tile, layout);
            auto here = stepOf(source.tile, source.layout, source.registers[reg]),
                 first = stepOf(source.tile, source.layout, source.registers[0]);
            if (!here || !first)
              return std::nullopt;
            return *here - *first;
          })
      .Default([](Operation *) { return std::nullopt; });
}

// As stepOf, but scalars may be part of it: null where nothing is known, an i64 that all threads
// share otherwise. In 64 bits: an offset that does not fit 32 bits is not one that anyone meant.
Value ThreadEmitter::uniformStepOf(Value tile, int layout, int reg) {
  Location loc = tile.getLoc();
  if (auto step = stepOf(tile, layout, reg))
    return integer(builder, loc, 64, *step);
  Operation *op = tile.getDefiningOp();
  if (!op || layouts.home(tile))
    return {};
  if (isa<tt::SplatOp>(op))
    return integer(builder, loc, 64, 0);
  if (isa<tt::AddPtrOp, arith::AddIOp>(op)) {
    Value left = uniformStepOf(op->getOperand(0), layout, reg),
          right = left ? uniformStepOf(op->getOperand(1), layout, reg) : Value();
    return right ? arith::AddIOp::create(builder, loc, left, right).getResult() : Value();
  }
  if (isa<tt::BroadcastOp, tt::ExpandDimsOp, tt::TransOp>(op)) {
    const Source source = sourceOf(op, tile, layout);
    return source.registers[0] == 0
               ? uniformStepOf(source.tile, source.layout, source.registers[reg])
               : Value();
  }
  if (!isa<arith::MulIOp>(op) || !getElementTypeOrSelf(tile.getType()).isInteger(32))
    return {};
  for (unsigned side : {0u, 1u}) {
    auto factor = op->getOperand(side).getDefiningOp<tt::SplatOp>();
    const auto step = factor ? stepOf(op->getOperand(1 - side), layout, reg) : std::nullopt;
    Value scale = step ? scalar(factor.getSrc()) : Value();
    if (!scale)
      continue;
    scale = arith::ExtSIOp::create(builder, loc, builder.getI64Type(), scale);
    return arith::MulIOp::create(builder, loc, scale, integer(builder, loc, 64, *step));
  }
  return {};
}

// ---- arithmetic ----

namespace {

bool isNarrowFloat(Type type) {
  return isa<FloatType>(type) && type.getIntOrFloatBitWidth() == 16;
}

// Computed in 32 bits and rounded: what has no instruction in 16, as Triton does.
bool needsFloat32(Operation *op) {
  if (!llvm::any_of(op->getResultTypes(),
                    [](Type type) { return isNarrowFloat(getElementTypeOrSelf(type)); }))
    return false;
  if (isa<arith::DivFOp, arith::RemFOp, tt::PreciseDivFOp, tt::PreciseSqrtOp>(op))
    return true;
  return isa<math::MathDialect>(op->getDialect()) && !isa<math::AbsFOp, math::FmaOp>(op);
}

template <typename Op> Value floatOperation(OpBuilder &builder, Location loc, ValueRange values) {
  return Op::create(builder, loc, values);
}

} // namespace

Value ThreadEmitter::viaFloat32(Operation *op, Registers operands) {
  Location loc = op->getLoc();
  Type f32 = builder.getF32Type();
  for (Value &operand : operands)
    if (isNarrowFloat(operand.getType()))
      operand = arith::ExtFOp::create(builder, loc, f32, operand);
  IRMapping mapping;
  OwningOpRef<Operation *> wide(op->cloneWithoutRegions());
  for (OpResult result : wide->getResults())
    if (isNarrowFloat(getElementTypeOrSelf(result.getType())))
      result.setType(f32);
  Value result = elementwise(wide.get(), 0, std::move(operands));
  return result ? arith::TruncFOp::create(builder, loc, registerType(op->getResult(0).getType()),
                                          result)
                : Value();
}

Value ThreadEmitter::elementwise(Operation *op, unsigned result, Registers operands) {
  Location loc = op->getLoc();
  if (needsFloat32(op))
    return viaFloat32(op, std::move(operands));
  if (Value own = code.compute(builder, loc, op, operands))
    return own;
  Type type = registerType(op->getResult(result).getType());
  return llvm::TypeSwitch<Operation *, Value>(op)
      .Case([&](tt::AddPtrOp o) {
        auto pointer = cast<tt::PointerType>(getElementTypeOrSelf(o.getPtr().getType()));
        Type element = builder.getIntegerType(memoryBits(pointer.getPointeeType()));
        return LLVM::GEPOp::create(builder, loc, type, element, operands[0],
                                   ValueRange{operands[1]});
      })
      .Case<tt::BitcastOp, tt::IntToPtrOp, tt::PtrToIntOp, arith::BitcastOp>([&](auto) -> Value {
        Value from = operands[0];
        if (from.getType() == type)
          return from;
        if (isa<LLVM::LLVMPointerType>(from.getType()) && isa<LLVM::LLVMPointerType>(type))
          return LLVM::AddrSpaceCastOp::create(builder, loc, type, from);
        if (isa<LLVM::LLVMPointerType>(from.getType()))
          return LLVM::PtrToIntOp::create(builder, loc, type, from);
        if (isa<LLVM::LLVMPointerType>(type))
          return LLVM::IntToPtrOp::create(builder, loc, type, from);
        return arith::BitcastOp::create(builder, loc, type, from);
      })
      .Case([&](tt::PreciseSqrtOp) { return intrinsic(builder, loc, "llvm.sqrt", type, operands); })
      .Case([&](tt::PreciseDivFOp) {
        return LLVM::FDivOp::create(builder, loc, operands[0], operands[1]);
      })
      .Case([&](tt::MulhiUIOp) {
        return arith::MulUIExtendedOp::create(builder, loc, operands[0], operands[1]).getHigh();
      })
      .Case([&](tt::FpToFpOp o) -> Value {
        Value converted = convertFloat(builder, loc, operands[0],
                                       cast<FloatType>(getElementTypeOrSelf(o.getSrc().getType())),
                                       cast<FloatType>(getElementTypeOrSelf(o.getType())),
                                       o.getRounding() == tt::RoundingMode::TowardZero);
        if (!converted)
          unsupported(o, " with this rounding cannot be compiled for GPUs yet");
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
        const bool isKnown = isa<arith::ArithDialect, math::MathDialect>(o->getDialect());
        const bool float8 = llvm::any_of(o->getOperandTypes(), [&](Type t) {
          Type element = getElementTypeOrSelf(t);
          return isa<FloatType>(element) && element.getIntOrFloatBitWidth() == 8;
        });
        if (!isKnown || (float8 && !isa<arith::SelectOp>(o))) {
          unsupported(o, float8 ? " on 8-bit floats cannot be compiled for GPUs yet" : "");
          return {};
        }
        IRMapping mapping;
        for (auto [from, to] : llvm::zip(o->getOperands(), operands))
          mapping.map(from, to);
        Operation *clone = o->cloneWithoutRegions();
        clone->setOperands(operands);
        for (OpResult each : clone->getResults())
          each.setType(registerType(each.getType()));
        for (NamedAttribute attribute : llvm::to_vector(clone->getDiscardableAttrs()))
          clone->removeDiscardableAttr(attribute.getName());
        builder.insert(clone);
        return clone->getResult(result);
      });
}

bool ThreadEmitter::emitInlineAsm(tt::ElementwiseInlineAsmOp op) {
  Location loc = op.getLoc();
  const int home = homeId(op.getResult()[0]);
  const int pack = static_cast<int>(op.getPackedElement()), count = registersOf(home);
  if (count % pack != 0)
    return unsupported(op, " takes more elements at once than a thread holds");
  auto wordBits = [&](Type type) {
    return std::min(std::max(32, memoryBits(type)), pack * memoryBits(type));
  };
  llvm::SmallVector<Type> types;
  for (Value result : op.getResult())
    for (int i = 0; i < pack * memoryBits(result.getType()) / wordBits(result.getType()); ++i)
      types.push_back(builder.getIntegerType(wordBits(result.getType())));
  Type type = types.size() == 1
                  ? types[0]
                  : Type(LLVM::LLVMStructType::getLiteral(builder.getContext(), types));
  llvm::SmallVector<Registers> results(op.getNumResults());
  for (int first = 0; first < count; first += pack) {
    Registers operands;
    for (Value argument : op.getArgs()) {
      Registers elements;
      for (int i = 0; i < pack; ++i)
        elements.push_back(at(argument, home, first + i));
      if (llvm::is_contained(elements, Value()))
        return false;
      operands.append(toWords(elements, wordBits(argument.getType()), loc));
    }
    auto call = LLVM::InlineAsmOp::create(
        builder, loc, type, operands, op.getAsmString(), op.getConstraints(), !op.getPure(), false,
        LLVM::TailCallKind::None, LLVM::AsmDialectAttr(), ArrayAttr());
    std::size_t next = 0;
    for (auto [i, result] : llvm::enumerate(op.getResult())) {
      Registers words;
      for (int w = 0; w < pack * memoryBits(result.getType()) / wordBits(result.getType()); ++w) {
        words.push_back(types.size() == 1
                            ? call.getResult(0)
                            : LLVM::ExtractValueOp::create(builder, loc, call.getResult(0),
                                                           static_cast<std::int64_t>(next))
                                  .getResult());
        ++next;
      }
      results[i].append(fromWords(words, result.getType(), pack, loc));
    }
  }
  for (auto [result, registers] : llvm::zip(op.getResult(), results))
    bind(result, home, registers);
  return true;
}

} // namespace lapidary
