// Loads, stores and atomics: every access is checked against the buffer that its pointer belongs to.
#include "core/compiler/reference/Machine.h"
#include "core/compiler/reference/Narrow.h"
#include "core/compiler/reference/Pointers.h"
#include "core/compiler/reference/TileMath.h"

#include <algorithm>
#include <cstring>
#include <fmt/format.h>
#include <limits>

namespace lapidary::reference {

std::int64_t Machine::fromAddress(std::int64_t address) const {
  for (std::size_t i = 0; i < buffers.size(); ++i) {
    std::int64_t offset = address - reinterpret_cast<std::int64_t>(buffers[i].base);
    if (offset >= 0 && offset < buffers[i].bytes)
      return makePointer(static_cast<int>(i), offset);
  }
  return makePointer(-1, address);
}

std::int64_t Machine::toAddress(std::int64_t pointer) const {
  int buffer = bufferOf(pointer);
  std::int64_t offset = offsetOf(pointer);
  if (buffer < 0 || static_cast<std::size_t>(buffer) >= buffers.size())
    return offset;
  return reinterpret_cast<std::int64_t>(buffers[static_cast<std::size_t>(buffer)].base) + offset;
}

bool Machine::outside(const Instruction &at, AccessKind kind, std::int64_t pointer, std::size_t element,
                      std::size_t count, std::int64_t bytes) {
  const char *verb = kind == AccessKind::Load ? "loads" : kind == AccessKind::Store ? "stores" : "updates";
  std::string what = count > 1 ? fmt::format("{} element {} of its tile", verb, element) : std::string(verb);
  int buffer = bufferOf(pointer);
  if (buffer < 0 || static_cast<std::size_t>(buffer) >= buffers.size())
    return fail(at, what + " through a pointer that belongs to no argument");
  const ReferenceBuffer &owner = buffers[static_cast<std::size_t>(buffer)];
  std::int64_t offset = offsetOf(pointer);
  std::string place =
      offset < 0 ? fmt::format("{} bytes before the start of {}", -offset, owner.name)
      : offset >= owner.bytes
          ? fmt::format("{} bytes past the end of {}", offset - owner.bytes, owner.name)
          : fmt::format("across the end of {}", owner.name);
  return fail(at, fmt::format("{} {} ({} bytes)", what, place, owner.bytes));
}

// The longest run of elements from `begin` on that are next to each other in memory and not masked
// out; `begin` is not.
bool Machine::locate(const Instruction &at, AccessKind kind, const std::int64_t *pointers,
                     const std::int64_t *mask, std::size_t begin, std::size_t count, std::int64_t bytes,
                     Access &access) {
  std::size_t end = begin + 1;
  if (mask)
    while (end < count && mask[end] && pointers[end] == pointers[end - 1] + bytes)
      ++end;
  else
    while (end < count && pointers[end] == pointers[end - 1] + bytes)
      ++end;
  std::int64_t pointer = pointers[begin];
  auto buffer = static_cast<std::size_t>(bufferOf(pointer));
  std::int64_t offset = offsetOf(pointer), run = static_cast<std::int64_t>(end - begin);
  if (buffer >= buffers.size())
    return outside(at, kind, pointer, begin, count, bytes);
  std::int64_t size = buffers[buffer].bytes;
  if (offset < 0 || offset > size - run * bytes) {
    std::int64_t inside = offset < 0 ? 0 : std::max<std::int64_t>((size - offset) / bytes, 0);
    return outside(at, kind, pointer + inside * bytes, begin + static_cast<std::size_t>(inside), count, bytes);
  }
  if (kind != AccessKind::Store)
    read[buffer] = true;
  if (kind != AccessKind::Load)
    written[buffer] = true;
  access = {buffers[buffer].base + offset, end - begin};
  return true;
}

bool Machine::load(const Instruction &instruction) {
  int result = instruction.results[0], mask = instruction.operands[1], other = instruction.operands[2];
  const ValueInfo &held = info(result);
  const std::int64_t *pointers = data(instruction.operands[0]);
  const std::int64_t *enabled = mask >= 0 ? data(mask) : nullptr;
  std::size_t count = static_cast<std::size_t>(held.count);
  std::size_t size = static_cast<std::size_t>(storageBytes(held.element));
  std::int64_t bytes = info(instruction.operands[0]).pointeeBytes;
  std::byte *out = data<std::byte>(result);
  if (enabled && other >= 0)
    std::memcpy(out, data(other), bytesOf(result));
  else if (enabled)
    std::memset(out, 0, bytesOf(result));
  for (std::size_t i = 0; i < count;) {
    if (enabled && !enabled[i]) {
      ++i;
      continue;
    }
    Access access;
    if (!locate(instruction, AccessKind::Load, pointers, enabled, i, count, bytes, access))
      return false;
    loadElements(held.element, access.count, access.memory, out + i * size);
    i += access.count;
  }
  if (held.element == Element::Pointer)
    for (std::size_t i = 0; i < count; ++i)
      if (!enabled || enabled[i])
        data(result)[i] = fromAddress(data(result)[i]);
  return true;
}

bool Machine::store(const Instruction &instruction) {
  int value = instruction.operands[1], mask = instruction.operands[2];
  const ValueInfo &held = info(value);
  const std::int64_t *pointers = data(instruction.operands[0]);
  const std::int64_t *enabled = mask >= 0 ? data(mask) : nullptr;
  std::size_t count = static_cast<std::size_t>(held.count);
  std::size_t size = static_cast<std::size_t>(storageBytes(held.element));
  std::int64_t bytes = info(instruction.operands[0]).pointeeBytes;
  for (std::size_t i = 0; i < count;) {
    if (enabled && !enabled[i]) {
      ++i;
      continue;
    }
    Access access;
    if (!locate(instruction, AccessKind::Store, pointers, enabled, i, count, bytes, access))
      return false;
    if (held.element == Element::Pointer) {
      for (std::size_t k = 0; k < access.count; ++k) {
        std::int64_t address = toAddress(data(value)[i + k]);
        std::memcpy(access.memory + k * sizeof address, &address, sizeof address);
      }
    } else {
      storeElements(held.element, access.count, data<std::byte>(value) + i * size, access.memory);
    }
    i += access.count;
  }
  return true;
}

namespace {

// Replaces what stands at `memory` by f(it), atomically; the result is what stood there.
template <typename Bits, typename F> std::uint64_t updateAs(std::byte *memory, const F &f) {
  auto *at = reinterpret_cast<Bits *>(memory);
  Bits old = __atomic_load_n(at, __ATOMIC_SEQ_CST);
  while (!__atomic_compare_exchange_n(at, &old, static_cast<Bits>(f(old)), false, __ATOMIC_SEQ_CST,
                                      __ATOMIC_SEQ_CST)) {
  }
  return old;
}

template <typename F> std::uint64_t update(std::byte *memory, std::int64_t bytes, const F &f) {
  switch (bytes) {
  case 1:
    return updateAs<std::uint8_t>(memory, f);
  case 2:
    return updateAs<std::uint16_t>(memory, f);
  case 4:
    return updateAs<std::uint32_t>(memory, f);
  default:
    return updateAs<std::uint64_t>(memory, f);
  }
}

// tt.atomic_rmw's numbering: 1 and, 2 or, 3 xor, 4 add, 5 fadd, 6 max, 7 min, 8 umax, 9 umin, 10 exch.
Opcode atomicOpcode(std::int64_t operation, bool isFloating) {
  switch (operation) {
  case 1:
    return Opcode::AndI;
  case 2:
    return Opcode::OrI;
  case 3:
    return Opcode::XorI;
  case 4:
    return Opcode::AddI;
  case 5:
    return Opcode::AddF;
  case 6:
    return isFloating ? Opcode::MaxNumF : Opcode::MaxSI;
  case 7:
    return isFloating ? Opcode::MinNumF : Opcode::MinSI;
  case 8:
    return Opcode::MaxUI;
  default:
    return Opcode::MinUI;
  }
}

std::uint64_t combineBits(std::int64_t operation, Element element, std::uint64_t old, std::uint64_t operand) {
  constexpr std::int64_t exchange = 10;
  if (operation == exchange)
    return operand;
  Opcode opcode = atomicOpcode(operation, isFloat(element));
  double x, y, out; // room for any storage
  elementFromBits(element, old, &x, 0);
  elementFromBits(element, operand, &y, 0);
  if (isFloat(element)) {
    const void *operands[] = {&x, &y};
    computeFloat(opcode, element, 0, 1, operands, &out);
    return elementToBits(element, &out, 0);
  }
  std::int64_t a, b, result;
  std::memcpy(&a, &x, sizeof a);
  std::memcpy(&b, &y, sizeof b);
  const std::int64_t *operands[] = {&a, &b};
  computeInteger(opcode, element, 0, 1, operands, &result);
  return elementToBits(element, &result, 0);
}

bool isAligned(const std::byte *memory, std::int64_t bytes) {
  return reinterpret_cast<std::uintptr_t>(memory) % static_cast<std::uintptr_t>(bytes) == 0;
}

} // namespace

// operands: pointer, value, mask or -1. numbers: the operation.
bool Machine::atomicRmw(const Instruction &instruction) {
  int value = instruction.operands[1], mask = instruction.operands[2], result = instruction.results[0];
  Element element = info(value).element;
  const std::int64_t *pointers = data(instruction.operands[0]);
  std::int64_t bytes = info(instruction.operands[0]).pointeeBytes;
  std::memset(data(result), 0, bytesOf(result)); // what is masked out comes back as zero
  for (std::size_t i = 0; i < static_cast<std::size_t>(info(value).count); ++i) {
    if (mask >= 0 && !data(mask)[i])
      continue;
    Access access;
    if (!locate(instruction, AccessKind::Atomic, pointers + i, nullptr, 0, 1, bytes, access))
      return false;
    if (!isAligned(access.memory, bytes))
      return fail(instruction, fmt::format("updates an address that is not a multiple of {}", bytes));
    std::uint64_t operand = elementToBits(element, data(value), i);
    std::uint64_t old = update(access.memory, bytes, [&](std::uint64_t bits) {
      return combineBits(instruction.numbers[0], element, bits, operand);
    });
    elementFromBits(element, old, data(result), i);
  }
  return true;
}

// operands: pointer, the value expected, the new value.
bool Machine::atomicCas(const Instruction &instruction) {
  int expected = instruction.operands[1], value = instruction.operands[2], result = instruction.results[0];
  Element element = info(value).element;
  const std::int64_t *pointers = data(instruction.operands[0]);
  std::int64_t bytes = info(instruction.operands[0]).pointeeBytes;
  for (std::size_t i = 0; i < static_cast<std::size_t>(info(value).count); ++i) {
    Access access;
    if (!locate(instruction, AccessKind::Atomic, pointers + i, nullptr, 0, 1, bytes, access))
      return false;
    if (!isAligned(access.memory, bytes))
      return fail(instruction, fmt::format("updates an address that is not a multiple of {}", bytes));
    std::uint64_t when = elementToBits(element, data(expected), i), then = elementToBits(element, data(value), i);
    std::uint64_t old =
        update(access.memory, bytes, [&](std::uint64_t bits) { return bits == when ? then : bits; });
    elementFromBits(element, old, data(result), i);
  }
  return true;
}

// ---- block pointers and descriptors: base, shape, strides, offsets, padding ----

// operands: base, shape, strides and, of a block pointer, offsets. numbers: rank, padding.
void Machine::makeBlockPointer(const Instruction &instruction) {
  std::int64_t *out = data(instruction.results[0]);
  auto rank = static_cast<std::size_t>(instruction.numbers[0]);
  std::fill_n(out, 2 + 3 * rank, 0);
  for (std::size_t i = 0; i < instruction.operands.size(); ++i)
    out[i] = *data(instruction.operands[i]);
  out[1 + 3 * rank] = instruction.numbers[1];
}

void Machine::advance(const Instruction &instruction) {
  std::int64_t *out = data(instruction.results[0]);
  std::memcpy(out, data(instruction.operands[0]), bytesOf(instruction.results[0]));
  std::size_t rank = instruction.operands.size() - 1;
  for (std::size_t d = 0; d < rank; ++d)
    out[1 + 2 * rank + d] = wrapInteger(Element::I32, out[1 + 2 * rank + d] + *data(instruction.operands[1 + d]));
}

// BlockLoad: result; BlockStore and BlockReduce: operand 1 is the value. Further operands are a
// descriptor's indices. numbers: rank, dimensions that are checked (bits), padding (0: the
// descriptor's own; 1 zero, 2 NaN), and of BlockReduce the atomic operation.
bool Machine::blockAccess(const Instruction &instruction) {
  bool isLoad = instruction.opcode == Opcode::BlockLoad;
  int tile = isLoad ? instruction.results[0] : instruction.operands[1];
  auto rank = static_cast<std::size_t>(instruction.numbers[0]);
  std::int64_t checked = instruction.numbers[1];
  const std::int64_t *block = data(instruction.operands[0]);
  const std::int64_t *shape = block + 1, *strides = shape + rank;
  std::vector<std::int64_t> offsets(strides + rank, strides + 2 * rank);
  std::size_t firstIndex = isLoad ? 1 : 2;
  for (std::size_t d = 0; firstIndex + d < instruction.operands.size(); ++d)
    offsets[d] = *data(instruction.operands[firstIndex + d]);
  std::int64_t padding = instruction.numbers[2] ? instruction.numbers[2] : block[1 + 3 * rank];

  const ValueInfo &held = info(tile);
  std::int64_t bytes = info(instruction.operands[0]).pointeeBytes;
  std::size_t size = static_cast<std::size_t>(storageBytes(held.element));
  std::vector<std::int64_t> index(rank, 0);
  for (std::size_t i = 0; i < static_cast<std::size_t>(held.count); ++i) {
    bool inside = true;
    std::int64_t offset = 0;
    for (std::size_t d = 0; d < rank; ++d) {
      std::int64_t at = offsets[d] + index[d];
      inside &= !(checked >> d & 1) || (at >= 0 && at < shape[d]);
      offset += at * strides[d];
    }
    std::byte *element = data<std::byte>(tile) + i * size;
    std::int64_t pointer = block[0] + offset * bytes;
    Access access;
    AccessKind kind = isLoad ? AccessKind::Load
                      : instruction.opcode == Opcode::BlockStore ? AccessKind::Store
                                                                 : AccessKind::Atomic;
    if (inside && !locate(instruction, kind, &pointer, nullptr, 0, 1, bytes, access))
      return false;
    if (isLoad && inside)
      loadElements(held.element, 1, access.memory, element);
    else if (isLoad && isFloat(held.element)) {
      double fill = padding == 2 ? std::numeric_limits<double>::quiet_NaN() : 0;
      elementFromBits(held.element, encodeFloat(dtypeOf(held.element), fill), element, 0);
    } else if (isLoad)
      *reinterpret_cast<std::int64_t *>(element) = 0;
    else if (inside && kind == AccessKind::Store)
      storeElements(held.element, 1, element, access.memory);
    else if (inside) {
      std::uint64_t operand = elementToBits(held.element, element, 0);
      update(access.memory, bytes, [&](std::uint64_t bits) {
        return combineBits(instruction.numbers[3], held.element, bits, operand);
      });
    }
    for (std::size_t d = rank; d-- > 0;) {
      if (++index[d] < held.shape[d])
        break;
      index[d] = 0;
    }
  }
  return true;
}

} // namespace lapidary::reference
