// Loads, stores and atomics: the registers that one access of a thread takes together.
#include "core/compiler/analysis/AccessReport.h"
#include "core/compiler/gpu/ThreadEmitter.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/IR/Matchers.h"
#include "llvm/ADT/TypeSwitch.h"

#include <numeric>

namespace lapidary {

using namespace mlir;

ThreadEmitter::Vectors ThreadEmitter::vectorsOf(Value pointer, Value mask, int layout) {
  Vectors vectors;
  if (layout == scalarLayout) {
    vectors.groups = {{0}};
    return vectors;
  }
  const AccessWidth width = widestAccess(axis, pointer, {code.shape.accessBits, true});
  std::int64_t most = width.elements;
  if (mask)
    most = std::gcd(most, axis.of(mask).constancy[width.dim]);
  // The register bits that count up along the dimension.
  const Placement &placement = placementOf(layout);
  std::vector<std::int64_t> step(placement.registers[0].size(), 0);
  llvm::SmallVector<int> bits;
  int inVector = 0;
  for (std::int64_t size = 1; size < most; size *= 2) {
    step[width.dim] = size;
    auto found = placement.registerAt.find(step);
    if (found == placement.registerAt.end())
      break;
    bits.push_back(found->second);
    inVector |= found->second;
  }
  vectors.width = 1 << bits.size();
  for (int first = 0; first < registersOf(layout); ++first) {
    if (first & inVector)
      continue;
    llvm::SmallVector<int> group{first};
    for (int bit : bits)
      for (std::size_t i = 0, count = group.size(); i < count; ++i)
        group.push_back(group[i] ^ bit);
    vectors.groups.push_back(std::move(group));
  }
  return vectors;
}

namespace {

// The least and the largest element that an integer tile can be shown to hold.
struct Range {
  std::int64_t least, largest;
};

std::optional<Range> rangeOf(Value value, int depth = 0) {
  APInt constant;
  if (matchPattern(value, m_ConstantInt(&constant)))
    return Range{constant.getSExtValue(), constant.getSExtValue()};
  Operation *op = value.getDefiningOp();
  if (!op || depth > 12)
    return std::nullopt;
  auto operand = [&](unsigned i) { return rangeOf(op->getOperand(i), depth + 1); };
  if (auto range = dyn_cast<tt::MakeRangeOp>(op))
    return Range{range.getStart(), static_cast<std::int64_t>(range.getEnd()) - 1};
  if (isa<tt::SplatOp, tt::BroadcastOp, tt::ExpandDimsOp, tt::TransOp, tt::ReshapeOp,
          arith::ExtSIOp>(op))
    return operand(0);
  if (!isa<arith::AddIOp, arith::MulIOp, arith::RemUIOp>(op))
    return std::nullopt;
  auto left = operand(0), right = operand(1);
  if (!left || !right || left->least < 0 || right->least < 0)
    return std::nullopt;
  Range result =
      isa<arith::AddIOp>(op)   ? Range{left->least + right->least, left->largest + right->largest}
      : isa<arith::MulIOp>(op) ? Range{left->least * right->least, left->largest * right->largest}
                               : Range{0, std::min(left->largest, right->largest)};
  // Beyond 31 bits the computation itself may have wrapped.
  return result.largest < (std::int64_t(1) << 31) ? std::optional(result) : std::nullopt;
}

// The argument that a scalar pointer is.
bool fitsBuffer(Value pointer) {
  auto argument = dyn_cast<BlockArgument>(pointer);
  if (!argument)
    return false;
  auto function = dyn_cast<tt::FuncOp>(argument.getOwner()->getParentOp());
  if (!function)
    return false;
  auto range = function.getArgAttrOfType<IntegerAttr>(argument.getArgNumber(), "tt.pointer_range");
  return range && range.getInt() == 32;
}

} // namespace

// An offset as scalars, which go to the base, and terms that differ between elements.
void ThreadEmitter::splitOffset(Value offset, int layout, int reg, OffsetParts &parts) {
  Operation *op = offset.getDefiningOp();
  if (auto splat = dyn_cast_or_null<tt::SplatOp>(op)) {
    parts.scalars.push_back(splat.getSrc());
  } else if (isa_and_nonnull<arith::AddIOp>(op)) {
    for (Value operand : op->getOperands())
      splitOffset(operand, layout, reg, parts);
  } else if (isa_and_nonnull<tt::BroadcastOp, tt::ExpandDimsOp, tt::TransOp>(op)) {
    const Source &source = sourceOf(op, offset, layout);
    splitOffset(source.tile, source.layout, source.registers[reg], parts);
  } else {
    parts.terms.push_back({offset, layout, reg});
  }
}

// Whether the pointer is one scalar plus offsets that a buffer instruction takes: below 2^31 bytes
// and not negative in all, because the storage is that small or because the offsets are. Of the
// latter, scalars are added to the base in 64 bits.
bool ThreadEmitter::boundedOffset(Value pointer, int layout, int reg, GlobalAccess &access,
                                  Location loc) {
  const int bytes = memoryBits(tt::loadedType(pointer.getType())) / 8;
  OffsetParts all, small; // `small` as long as it is
  std::int64_t largest = 16;
  bool isSmall = true;
  Value at = pointer, base; // the latter with what follows it known to be small
  OffsetParts behindBase;
  while (true) {
    if (!isTile(at) && isSmall) {
      base = at;
      behindBase = small;
    }
    Operation *op = at.getDefiningOp();
    if (auto add = dyn_cast_or_null<tt::AddPtrOp>(op)) {
      if (!getElementTypeOrSelf(add.getOffset().getType()).isInteger(32))
        break;
      all.terms.push_back({add.getOffset(), layout, reg});
      if (isTile(at)) {
        OffsetParts parts;
        splitOffset(add.getOffset(), layout, reg, parts);
        small.scalars.append(parts.scalars);
        for (const OffsetTerm &term : parts.terms) {
          auto range = rangeOf(term.offset);
          largest += range ? range->largest : 0;
          isSmall =
              isSmall && range && range->least >= 0 && largest * bytes < (std::int64_t(1) << 31);
          small.terms.push_back(term);
        }
      } else {
        isSmall = false; // the base is what this made
      }
      at = add.getPtr();
    } else if (isa_and_nonnull<tt::SplatOp, tt::BroadcastOp, tt::ExpandDimsOp, tt::TransOp,
                               tt::ReshapeOp>(op)) {
      const Source &source = sourceOf(op, at, layout);
      at = source.tile;
      reg = source.registers[reg];
      layout = source.layout;
    } else {
      break;
    }
  }
  if (!isTile(at) && fitsBuffer(at)) {
    base = at;
    behindBase = all;
  }
  if (!base || behindBase.terms.empty())
    return false;
  access.base = scalar(base);
  for (Value each : behindBase.scalars)
    if (Value offset = scalar(each); offset && access.base)
      access.base =
          LLVM::GEPOp::create(builder, loc, access.base.getType(),
                              builder.getIntegerType(8 * bytes), access.base, ValueRange{offset});
  Value sum;
  for (const OffsetTerm &term : llvm::reverse(behindBase.terms)) {
    Value offset = this->at(term.offset, term.layout, term.reg);
    if (!offset)
      return false;
    sum = sum ? arith::AddIOp::create(builder, loc, sum, offset).getResult() : offset;
  }
  access.offset = arith::MulIOp::create(builder, loc, sum, integer(builder, loc, 32, bytes));
  return access.base != nullptr;
}

GlobalAccess ThreadEmitter::accessOf(Value pointer, int layout, int reg, int width, Location loc) {
  GlobalAccess access;
  const int bits = memoryBits(tt::loadedType(pointer.getType()));
  access.word = bits >= 32 ? bits : std::min(32, bits * width);
  access.words = bits * width / access.word;
  if (code.hasBuffers() && layout != scalarLayout) {
    if (boundedOffset(pointer, layout, reg, access, loc))
      return access;
    // One address in vector registers, from which the others lie at distances in scalar ones.
    if (Value step = reg == 0 ? Value() : uniformStepOf(pointer, layout, reg)) {
      Value first = at(pointer, layout, 0);
      access.pointer =
          first ? LLVM::GEPOp::create(builder, loc, first.getType(), builder.getIntegerType(bits),
                                      first, ValueRange{step})
                : Value();
      return access;
    }
  }
  access.pointer = at(pointer, layout, reg);
  return access;
}

Value ThreadEmitter::predicateOf(Value mask, int layout, int reg) {
  if (!mask || matchPattern(mask, m_One()))
    return {};
  return at(mask, layout, reg);
}

bool ThreadEmitter::emitLoad(tt::LoadOp op) {
  Location loc = op.getLoc();
  const bool tile = isTile(op.getPtr());
  const int layout = tile ? idOf(layouts.access(op)) : scalarLayout;
  const Vectors vectors = vectorsOf(op.getPtr(), op.getMask(), layout);
  const int bits = memoryBits(op.getType());
  Registers results(static_cast<std::size_t>(registersOf(layout)));
  for (const auto &group : vectors.groups) {
    GlobalAccess access = accessOf(op.getPtr(), layout, group[0], vectors.width, loc);
    access.cache = op.getCache();
    access.evict = op.getEvict();
    access.isVolatile = op.getIsVolatile();
    access.predicate = predicateOf(op.getMask(), layout, group[0]);
    if ((!access.pointer && !access.base) ||
        (op.getMask() && !matchPattern(op.getMask(), m_One()) && !access.predicate))
      return false;
    Registers other;
    if (op.getOther() && access.predicate) {
      Registers elements;
      for (int reg : group)
        elements.push_back(at(op.getOther(), layout, reg));
      if (llvm::is_contained(elements, Value()))
        return false;
      other = toWords(elements, access.word, loc);
    }
    Registers words = code.load(builder, loc, access, other);
    Registers elements = fromWords(words, op.getType(), vectors.width, loc);
    for (auto [reg, element] : llvm::zip(group, elements))
      results[reg] = element;
  }
  emittedBits[op] = vectors.width * bits;
  bind(op.getResult(), layout, std::move(results));
  return true;
}

bool ThreadEmitter::emitStore(tt::StoreOp op) {
  Location loc = op.getLoc();
  const bool tile = isTile(op.getPtr());
  const int layout = tile ? idOf(layouts.access(op)) : scalarLayout;
  const Vectors vectors = vectorsOf(op.getPtr(), op.getMask(), layout);
  const Value owner = isOwner(layout, loc);
  // What has to go through other threads does so before any thread's predicate is known.
  if (all(op.getValue(), layout).empty())
    return false;
  for (const auto &group : vectors.groups) {
    GlobalAccess access = accessOf(op.getPtr(), layout, group[0], vectors.width, loc);
    access.cache = op.getCache();
    access.evict = op.getEvict();
    access.predicate = predicateOf(op.getMask(), layout, group[0]);
    if ((!access.pointer && !access.base) ||
        (op.getMask() && !matchPattern(op.getMask(), m_One()) && !access.predicate))
      return false;
    if (owner)
      access.predicate =
          access.predicate
              ? arith::AndIOp::create(builder, loc, access.predicate, owner).getResult()
              : owner;
    Registers elements;
    for (int reg : group)
      elements.push_back(at(op.getValue(), layout, reg));
    code.store(builder, loc, access, toWords(elements, access.word, loc));
  }
  emittedBits[op] = vectors.width * memoryBits(op.getValue().getType());
  return true;
}

// ---- atomics ----

namespace {

LLVM::AtomicOrdering orderingOf(tt::MemSemantic semantic) {
  switch (semantic) {
  case tt::MemSemantic::Relaxed:
    return LLVM::AtomicOrdering::monotonic;
  case tt::MemSemantic::Acquire:
    return LLVM::AtomicOrdering::acquire;
  case tt::MemSemantic::Release:
    return LLVM::AtomicOrdering::release;
  case tt::MemSemantic::AcquireRelease:
    return LLVM::AtomicOrdering::acq_rel;
  }
  return LLVM::AtomicOrdering::acq_rel;
}

LLVM::AtomicBinOp binaryOf(tt::AtomicOp op) {
  switch (op) {
  case tt::AtomicOp::And:
    return LLVM::AtomicBinOp::_and;
  case tt::AtomicOp::Or:
    return LLVM::AtomicBinOp::_or;
  case tt::AtomicOp::Xor:
    return LLVM::AtomicBinOp::_xor;
  case tt::AtomicOp::Add:
    return LLVM::AtomicBinOp::add;
  case tt::AtomicOp::FAdd:
    return LLVM::AtomicBinOp::fadd;
  case tt::AtomicOp::Max:
    return LLVM::AtomicBinOp::max;
  case tt::AtomicOp::Min:
    return LLVM::AtomicBinOp::min;
  case tt::AtomicOp::UMax:
    return LLVM::AtomicBinOp::umax;
  case tt::AtomicOp::UMin:
    return LLVM::AtomicBinOp::umin;
  case tt::AtomicOp::Xchg:
    return LLVM::AtomicBinOp::xchg;
  }
  return LLVM::AtomicBinOp::xchg;
}

} // namespace

Value ThreadEmitter::atomicOne(Operation *op, Value pointer, int layout, int reg) {
  Location loc = op->getLoc();
  if (auto add = dyn_cast<tt::AtomicRMWOp>(op))
    return LLVM::AtomicRMWOp::create(builder, loc, binaryOf(add.getAtomicRmwOp()), pointer,
                                     at(add.getVal(), layout, reg), orderingOf(add.getSem()),
                                     code.memoryScope(add.getScope()));
  auto swap = cast<tt::AtomicCASOp>(op);
  const auto ordering = orderingOf(swap.getSem());
  const bool releases =
      ordering == LLVM::AtomicOrdering::release || ordering == LLVM::AtomicOrdering::acq_rel;
  Value pair = LLVM::AtomicCmpXchgOp::create(
      builder, loc, pointer, toBits(at(swap.getCmp(), layout, reg), loc),
      toBits(at(swap.getVal(), layout, reg), loc), ordering,
      releases ? LLVM::AtomicOrdering::acquire : ordering, code.memoryScope(swap.getScope()));
  Value old = LLVM::ExtractValueOp::create(builder, loc, pair, std::int64_t(0));
  return fromBits(old, swap.getType(), loc);
}

bool ThreadEmitter::emitAtomic(Operation *op, Value pointer, Value mask) {
  Location loc = op->getLoc();
  const bool tile = isTile(pointer);
  const int layout = tile ? idOf(layouts.access(op)) : scalarLayout;
  const Value owner = isOwner(layout, loc);
  const bool used = !op->getResult(0).use_empty();
  for (Value operand : op->getOperands())
    if (all(operand, layout).empty())
      return false;
  // What the program's other threads have written comes before a scalar that may release it.
  if (!tile)
    code.barrier(builder, loc);
  Registers results;
  Type type = registerType(op->getResult(0).getType());
  for (int reg = 0; reg < registersOf(layout); ++reg) {
    Value predicate = predicateOf(mask, layout, reg);
    if (owner)
      predicate =
          predicate ? arith::AndIOp::create(builder, loc, predicate, owner).getResult() : owner;
    Value address = at(pointer, layout, reg);
    if (!predicate) {
      results.push_back(atomicOne(op, address, layout, reg));
      continue;
    }
    auto branch = scf::IfOp::create(builder, loc, type, predicate, /*withElseRegion=*/true);
    OpBuilder::InsertionGuard guard(builder);
    builder.setInsertionPointToStart(branch.thenBlock());
    scf::YieldOp::create(builder, loc, atomicOne(op, address, layout, reg));
    builder.setInsertionPointToStart(branch.elseBlock());
    scf::YieldOp::create(
        builder, loc,
        fromBits(integer(builder, loc, memoryBits(type), 0), op->getResult(0).getType(), loc));
    results.push_back(branch.getResult(0));
  }
  if (owner && used)
    results = throughShared(results, layout, layout, op->getResult(0).getType(), loc, owner);
  emittedBits[op] = memoryBits(op->getResult(0).getType());
  bind(op->getResult(0), layout, std::move(results));
  return true;
}

} // namespace lapidary
