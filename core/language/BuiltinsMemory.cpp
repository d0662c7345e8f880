// Loads, stores, atomics and block pointers.
#include "core/language/BuiltinHelpers.h"

#include <set>

namespace lapidary::language {
namespace {

using Cache = tt::CacheModifier;
using Eviction = tt::EvictionPolicy;

// Dimensions to check against the tensor's bounds, of a block pointer of this rank.
bool readBoundaryCheck(Call &call, std::size_t index, std::size_t rank,
                       std::vector<std::int32_t> &out) {
  if (!call.has(index))
    return true;
  Place place(call.elaborator.site, call.ranges[index]);
  auto dimensions = call.elaborator.integers(call[index], "boundary_check");
  if (!dimensions)
    return false;
  std::set<std::int32_t> sorted;
  for (std::int64_t dimension : *dimensions) {
    if (dimension < 0 || dimension >= std::int64_t(rank))
      return call.elaborator
          .fail(fmt::format("boundary_check names dimension {} of a block of rank {}", dimension,
                            rank))
          .isValid();
    sorted.insert(static_cast<std::int32_t>(dimension));
  }
  out.assign(sorted.begin(), sorted.end());
  return true;
}

std::optional<Eviction> evictionArgument(Call &call, std::size_t index) {
  return choiceArgument<Eviction>(call, index, "eviction policy",
                                  {{"evict_normal", Eviction::Normal},
                                   {"evict_first", Eviction::First},
                                   {"evict_last", Eviction::Last}},
                                  Eviction::Normal);
}

// pointer, mask=, other=, boundary_check=, padding_option=, cache_modifier=, eviction_policy=,
// volatile=
Object load(Call &call) {
  bool ok = true;
  Tensor pointer = tensorArgument(call, 0);
  Tensor mask = optionalTensor(call, 1, ok), other = optionalTensor(call, 2, ok);
  if (!pointer || !ok)
    return {};
  Semantics::Access access;
  auto cache = choiceArgument<Cache>(call, 5, "cache modifier",
                                     {{".ca", Cache::Ca}, {".cg", Cache::Cg}, {".cv", Cache::Cv}},
                                     Cache::None);
  auto eviction = evictionArgument(call, 6);
  auto padding = choiceArgument<std::optional<tt::PaddingOption>>(
      call, 4, "padding option",
      {{"zero", tt::PaddingOption::Zero}, {"nan", tt::PaddingOption::NaN}}, std::nullopt);
  if (!cache || !eviction || !padding ||
      !readBoundaryCheck(call, 3, pointer.type.shape.size(), access.boundaryCheck))
    return {};
  access.cache = *cache;
  access.eviction = *eviction;
  access.padding = *padding;
  access.isVolatile = flagArgument(call, 7, false);
  return call.elaborator.semantics.load(pointer, mask, other, access);
}

// pointer, value, mask=, boundary_check=, cache_modifier=, eviction_policy=
Object store(Call &call) {
  bool ok = true;
  Tensor pointer = tensorArgument(call, 0), value = tensorArgument(call, 1);
  Tensor mask = optionalTensor(call, 2, ok);
  if (!pointer || !value || !ok)
    return {};
  Semantics::Access access;
  auto cache = choiceArgument<Cache>(
      call, 4, "cache modifier",
      {{".wb", Cache::Wb}, {".cg", Cache::Cg}, {".cs", Cache::Cs}, {".wt", Cache::Wt}},
      Cache::None);
  auto eviction = evictionArgument(call, 5);
  if (!cache || !eviction ||
      !readBoundaryCheck(call, 3, pointer.type.shape.size(), access.boundaryCheck))
    return {};
  access.cache = *cache;
  access.eviction = *eviction;
  bool stored = call.elaborator.semantics.store(pointer, value, mask, access);
  return stored ? Object::none() : Object();
}

std::optional<Semantics::Ordering> orderingArguments(Call &call, std::size_t sem,
                                                     std::size_t scope) {
  auto semantic = choiceArgument<tt::MemSemantic>(call, sem, "memory semantic",
                                                  {{"acquire", tt::MemSemantic::Acquire},
                                                   {"release", tt::MemSemantic::Release},
                                                   {"acq_rel", tt::MemSemantic::AcquireRelease},
                                                   {"relaxed", tt::MemSemantic::Relaxed}},
                                                  tt::MemSemantic::AcquireRelease);
  auto reach = choiceArgument<tt::MemScope>(
      call, scope, "memory scope",
      {{"gpu", tt::MemScope::Gpu}, {"cta", tt::MemScope::Cta}, {"sys", tt::MemScope::System}},
      tt::MemScope::Gpu);
  if (!semantic || !reach)
    return std::nullopt;
  return Semantics::Ordering{*semantic, *reach};
}

// pointer, val, mask=, sem=, scope=
Object atomic(Call &call) {
  bool ok = true;
  Tensor pointer = tensorArgument(call, 0), value = tensorArgument(call, 1);
  Tensor mask = optionalTensor(call, 2, ok);
  auto ordering = orderingArguments(call, 3, 4);
  if (!pointer || !value || !ok || !ordering)
    return {};
  std::string op = std::string(call.entry.name).substr(std::string("atomic_").size());
  return call.elaborator.semantics.atomic(op, pointer, value, mask, *ordering);
}

// pointer, cmp, val, sem=, scope=
Object compareAndSwap(Call &call) {
  Tensor pointer = tensorArgument(call, 0), expected = tensorArgument(call, 1);
  Tensor value = tensorArgument(call, 2);
  auto ordering = orderingArguments(call, 3, 4);
  if (!pointer || !expected || !value || !ordering)
    return {};
  return call.elaborator.semantics.compareAndSwap(pointer, expected, value, *ordering);
}

// A list of scalars as integers of one width; `what` names it.
bool scalarList(Call &call, std::size_t index, const char *what, DType type, std::size_t rank,
                llvm::SmallVectorImpl<mlir::Value> &out) {
  Elaborator &elaborator = call.elaborator;
  Place place(elaborator.site, call.ranges[index]);
  const Tuple *tuple = call[index].tuple();
  std::vector<Object> single = {call[index]};
  const std::vector<Object> &items = tuple ? tuple->items : single;
  if (items.size() != rank) {
    elaborator.fail(
        fmt::format("{} has {} entries, but the block has rank {}", what, items.size(), rank));
    return false;
  }
  for (const Object &item : items) {
    Tensor value;
    if (std::optional<__int128> constant = item.asInteger()) {
      if (*constant < smallestInteger(type) || *constant > largestInteger(type)) {
        elaborator.fail(
            fmt::format("{} does not fit {}", toString(Integer(*constant)), dtypeName(type)));
        return false;
      }
      value = elaborator.semantics.integer(*constant, type);
    } else {
      value = elaborator.semantics.toTensor(item);
    }
    if (!value)
      return false;
    bool tooWide = type == DType::Int32 && dtypeBits(value.type.dtype()) > 32;
    if (!value.type.isScalar() || !value.type.isNumber() || !isInteger(value.type.dtype()) ||
        tooWide) {
      elaborator.fail(fmt::format("{} must hold integers of at most {} bits, got {}", what,
                                  dtypeBits(type), text(value.type)));
      return false;
    }
    out.push_back(elaborator.semantics.cast(value, type).handle);
  }
  return true;
}

// base, shape, strides, offsets, block_shape, order
Object makeBlockPointer(Call &call) {
  Elaborator &elaborator = call.elaborator;
  Semantics &semantics = elaborator.semantics;
  Tensor base = tensorArgument(call, 0);
  auto block = elaborator.integers(call[4], "block_shape");
  auto order = elaborator.integers(call[5], "order");
  if (!base || !block || !order || !semantics.checkShape(*block))
    return {};
  if (!base.type.isScalar() || !base.type.isPointer())
    return elaborator.fail(
        fmt::format("tl.make_block_ptr needs a pointer, got {}", text(base.type)));
  std::vector<std::int64_t> sorted = *order;
  std::ranges::sort(sorted);
  for (std::size_t d = 0; d < sorted.size(); ++d)
    if (sorted[d] != std::int64_t(d) || sorted.size() != block->size())
      return elaborator.fail(
          fmt::format("order must be a permutation of the {} dimensions", block->size()));
  llvm::SmallVector<mlir::Value> shape, strides, offsets;
  if (!scalarList(call, 1, "shape", DType::Int64, block->size(), shape) ||
      !scalarList(call, 2, "strides", DType::Int64, block->size(), strides) ||
      !scalarList(call, 3, "offsets", DType::Int32, block->size(), offsets))
    return {};
  Element element = base.type.element.pointee();
  if (!element.isPointer() && element.dtype == DType::Int1) {
    element.dtype = DType::Int8;
    base = semantics.cast(base, element.pointerTo());
  }
  Type type{element, *block, Type::Form::BlockPointer};
  llvm::SmallVector<std::int32_t> order32(order->begin(), order->end());
  return Tensor{semantics.create<tt::MakeTensorPtrOp>(semantics.toMlir(type), base.handle, shape,
                                                      strides, offsets, order32),
                type};
}

// base, offsets
Object advance(Call &call) {
  Semantics &semantics = call.elaborator.semantics;
  Tensor base = tensorArgument(call, 0);
  if (!base)
    return {};
  if (!base.type.isBlockPointer())
    return call.elaborator.fail(
        fmt::format("tl.advance moves a block pointer, not {}", text(base.type)));
  llvm::SmallVector<mlir::Value> offsets;
  if (!scalarList(call, 1, "offsets", DType::Int32, base.type.shape.size(), offsets))
    return {};
  return Tensor{semantics.create<tt::AdvanceOp>(semantics.toMlir(base.type), base.handle, offsets),
                base.type};
}

constexpr const char *atomicParameters = "pointer, val, mask=, sem=, scope=";
constexpr BuiltinEntry table[] = {
    {"load",
     "pointer, mask=, other=, boundary_check=, padding_option=, cache_modifier=, eviction_policy=, "
     "volatile=",
     load},
    {"store", "pointer, value, mask=, boundary_check=, cache_modifier=, eviction_policy=", store,
     true},
    {"atomic_add", atomicParameters, atomic, true},
    {"atomic_max", atomicParameters, atomic, true},
    {"atomic_min", atomicParameters, atomic, true},
    {"atomic_and", atomicParameters, atomic, true},
    {"atomic_or", atomicParameters, atomic, true},
    {"atomic_xor", atomicParameters, atomic, true},
    {"atomic_xchg", atomicParameters, atomic, true},
    {"atomic_cas", "pointer, cmp, val, sem=, scope=", compareAndSwap, true},
    {"make_block_ptr", "base, shape, strides, offsets, block_shape, order", makeBlockPointer},
    {"advance", "base, offsets", advance, true},
};

} // namespace

std::span<const BuiltinEntry> memoryBuiltins() {
  return table;
}

} // namespace lapidary::language
