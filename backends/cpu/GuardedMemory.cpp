#include "backends/cpu/GuardedMemory.h"

#include "core/runtime/HostMemory.h"
#include "core/support/Units.h"

#include <algorithm>
#include <bit>
#include <cerrno>
#include <cstring>
#include <sys/mman.h>
#include <unistd.h>
#include <utility>

namespace lapidary {

// What a slack holds: no two places alike, so that what a kernel computes from it is not it again.
static std::byte patternAt(const std::byte *place) {
  return static_cast<std::byte>(reinterpret_cast<std::uintptr_t>(place) * 0x9e3779b97f4a7c15u >>
                                56);
}
static void fillPattern(std::byte *begin, std::byte *end) {
  for (; begin != end; ++begin)
    *begin = patternAt(begin);
}
static constexpr std::size_t hugePage = std::size_t(2) << 20;
// 32-bit offsets of wide elements reach far; where address space is limited, a smaller guard must
// do.
static constexpr std::size_t widestGuard = std::size_t(1) << 30, narrowestGuard = std::size_t(64)
                                                                                  << 10;

static std::uintptr_t roundUp(std::uintptr_t value, std::uintptr_t multiple) {
  return (value + multiple - 1) / multiple * multiple;
}

Result<GuardedMemory> GuardedMemory::allocate(std::int64_t bytes, std::int64_t alignment) {
  constexpr std::int64_t largestAlignment = std::int64_t(1) << 30;
  if (bytes < 0 || alignment < 1 || alignment > largestAlignment ||
      !std::has_single_bit(static_cast<std::uint64_t>(alignment)))
    return fail(ErrorCode::InvalidInput,
                "a storage of " + std::to_string(bytes) + " bytes at alignment " +
                    std::to_string(alignment) +
                    " cannot be had: the alignment must be a power of two up to 1 GiB");
  std::int64_t available = availableHostMemory();
  if (bytes > available)
    return fail(ErrorCode::OutOfResource, "needs " + formatBytes(bytes) + " of memory, " +
                                              formatBytes(available) + " are available");

  std::size_t page = static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
  std::size_t size = static_cast<std::size_t>(bytes), step = static_cast<std::size_t>(alignment);
  std::size_t inner = roundUp(size + 2 * step, page);
  // Large storages end at a large page's end, so that the kernel can back them with such pages.
  std::size_t granule = size >= hugePage ? hugePage : page;

  GuardedMemory made;
  void *mapped = MAP_FAILED;
  for (std::size_t guard = widestGuard; mapped == MAP_FAILED && guard >= narrowestGuard;
       guard /= 4) {
    made.mappingBytes = guard + inner + granule + guard;
    mapped = mmap(nullptr, made.mappingBytes, PROT_NONE,
                  MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (mapped != MAP_FAILED) {
      made.mapping = static_cast<std::byte *>(mapped);
      auto lowest = reinterpret_cast<std::uintptr_t>(mapped) + guard + inner;
      made.end = reinterpret_cast<std::byte *>(roundUp(lowest, granule));
      made.begin = made.end - inner;
    }
  }
  if (mapped == MAP_FAILED || mprotect(made.begin, inner, PROT_READ | PROT_WRITE) != 0)
    return fail(ErrorCode::OutOfResource,
                "needs " + formatBytes(bytes) + " of memory: " + std::strerror(errno));
  if (granule == hugePage)
    madvise(made.begin, inner, MADV_HUGEPAGE);

  std::uintptr_t period = 2 * step, last = reinterpret_cast<std::uintptr_t>(made.end) - size;
  std::uintptr_t address = (last - step) / period * period + step;
  made.storage = reinterpret_cast<std::byte *>(address);
  made.bytes = bytes;
  fillPattern(made.begin, made.storage);
  fillPattern(made.storage + size, made.end);
  return made;
}

std::string GuardedMemory::damage() {
  std::byte *storageEnd = storage + bytes;
  for (std::byte *place = storageEnd; place != end; ++place)
    if (*place != patternAt(place)) {
      fillPattern(storageEnd, end);
      return "was written " + std::to_string(place - storageEnd) + " bytes past its end";
    }
  for (std::byte *place = storage; place-- != begin;)
    if (*place != patternAt(place)) {
      fillPattern(begin, storage);
      return "was written " + std::to_string(storage - place) + " bytes before its start";
    }
  return {};
}

GuardedMemory::GuardedMemory(GuardedMemory &&other) noexcept {
  *this = std::move(other);
}

GuardedMemory &GuardedMemory::operator=(GuardedMemory &&other) noexcept {
  std::swap(mapping, other.mapping);
  std::swap(mappingBytes, other.mappingBytes);
  std::swap(begin, other.begin);
  std::swap(end, other.end);
  std::swap(storage, other.storage);
  std::swap(bytes, other.bytes);
  return *this;
}

GuardedMemory::~GuardedMemory() {
  if (mapping)
    munmap(mapping, mappingBytes);
}

} // namespace lapidary
