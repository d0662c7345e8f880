// Loads, stores and atomics.
#include "core/language/BuiltinHelpers.h"

#include <set>

namespace lapidary::language {
namespace {

using Cache = tt::CacheModifier;
using Eviction = tt::EvictionPolicy;

// Dimensions to check against the tensor's bounds, of a block pointer of this rank.
bool readBoundaryCheck(Call &call, std::size_t index, std::size_t rank,
                       std::vector<std::int32_t> &out) {
  Place place(call.elaborator.site, call.ranges[index]);
  if (!call.has(index))
    return true;
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

Object noBoundaryCheck(Call &call) {
  return call.elaborator.fail(
      "boundary_check and padding_option belong to block pointers; use a mask here");
}

std::optional<Eviction> evictionArgument(Call &call, std::size_t index) {
  return choiceArgument<Eviction>(call, index, "eviction policy",
                                  {{"evict_normal", Eviction::Normal},
                                   {"evict_first", Eviction::First},
                                   {"evict_last", Eviction::Last}},
                                  Eviction::Normal);
}

// The block pointer among the pointers that tl.load and tl.store take; null for a plain pointer.
const Window *blockPointer(const Object &object) {
  const Window *window = object.window();
  return window && window->type.isBlockPointer() ? window : nullptr;
}

// pointer, mask=, other=, boundary_check=, padding_option=, cache_modifier=, eviction_policy=,
// volatile=
Object load(Call &call) {
  Elaborator &elaborator = call.elaborator;
  const Window *block = blockPointer(call[0]);
  bool ok = true;
  Tensor pointer = block ? block->base : tensorArgument(call, 0);
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
  if (!cache || !eviction || !padding)
    return {};
  access.cache = *cache;
  access.eviction = *eviction;
  access.padding = *padding;
  access.isVolatile = flagArgument(call, 7, false);
  if (!block) {
    if (*padding || call.has(3))
      return noBoundaryCheck(call);
    return elaborator.semantics.load(pointer, mask, other, access);
  }
  if (mask || other)
    return elaborator.fail(
        "a block pointer takes boundary_check and padding_option, not a mask or other");
  if (*padding == tt::PaddingOption::NaN && isInteger(block->type.dtype()))
    return elaborator.fail("integers cannot be padded with NaN");
  if (!readBoundaryCheck(call, 3, block->type.shape.size(), access.boundaryCheck))
    return {};
  return elaborator.semantics.loadBlock(*block, block->offsets, access);
}

// pointer, value, mask=, boundary_check=, cache_modifier=, eviction_policy=
Object store(Call &call) {
  Elaborator &elaborator = call.elaborator;
  const Window *block = blockPointer(call[0]);
  bool ok = true;
  Tensor pointer = block ? block->base : tensorArgument(call, 0), value = tensorArgument(call, 1);
  Tensor mask = optionalTensor(call, 2, ok);
  if (!pointer || !value || !ok)
    return {};
  Semantics::Access access;
  auto cache = choiceArgument<Cache>(
      call, 4, "cache modifier",
      {{".wb", Cache::Wb}, {".cg", Cache::Cg}, {".cs", Cache::Cs}, {".wt", Cache::Wt}},
      Cache::None);
  auto eviction = evictionArgument(call, 5);
  if (!cache || !eviction)
    return {};
  access.cache = *cache;
  access.eviction = *eviction;
  if (!block) {
    if (call.has(3))
      return noBoundaryCheck(call);
    return elaborator.semantics.store(pointer, value, mask, access) ? Object::none() : Object();
  }
  if (mask)
    return elaborator.fail("a block pointer takes boundary_check, not a mask");
  if (!readBoundaryCheck(call, 3, block->type.shape.size(), access.boundaryCheck))
    return {};
  if (value.type.isTile() && value.type.shape != block->type.shape)
    return elaborator.fail(
        fmt::format("the block is {}, the value {}", text(block->type), text(value.type)));
  return elaborator.semantics.storeBlock(*block, block->offsets, value, access) ? Object::none()
                                                                                : Object();
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
};

} // namespace

std::span<const BuiltinEntry> memoryBuiltins() {
  return table;
}

} // namespace lapidary::language
