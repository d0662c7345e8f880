#include "backends/cpu/Driver.h"

#include "backends/cpu/Abi.h"
#include "backends/cpu/HostInfo.h"
#include "backends/cpu/Target.h"
#include "core/compiler/ObjectLoader.h"

#include <chrono>
#include <cstring>
#include <fmt/format.h>
#include <new>

namespace lapidary {

Result<std::shared_ptr<const TargetHook>> CpuBackend::targetHook(const Target &target) const {
  return makeCpuTarget({target.architecture, {}});
}

Result<std::vector<DeviceInfo>> CpuBackend::devices() const {
  return std::vector<DeviceInfo>{hostDeviceInfo()};
}

Result<std::unique_ptr<Device>> CpuBackend::open(int ordinal) const {
  if (ordinal != 0)
    return fail(ErrorCode::NotFound,
                fmt::format("there is no device cpu@{}; the processor is cpu@0", ordinal));
  return std::make_unique<CpuDevice>();
}

namespace {

// Cache lines of 64 bytes on every processor this runs on.
constexpr std::size_t lineBytes = 64;

struct FreeAligned {
  void operator()(std::byte *memory) const {
    ::operator delete[](memory, std::align_val_t(lineBytes));
  }
};
using AlignedBytes = std::unique_ptr<std::byte[], FreeAligned>;

struct LaunchContext {
  CpuEntry *entry;
  const std::uint64_t *slots;
  std::array<std::int64_t, 3> grid;
  std::byte *scratch; // of all threads
  std::size_t scratchEach;
};

void runPrograms(void *opaque, std::int64_t begin, std::int64_t end, int thread) {
  const auto &launch = *static_cast<LaunchContext *>(opaque);
  std::byte *scratch = launch.scratch
                           ? launch.scratch + launch.scratchEach * static_cast<std::size_t>(thread)
                           : nullptr;
  launch.entry(launch.slots, begin, end, launch.grid[0], launch.grid[1], launch.grid[2], scratch);
}

} // namespace

struct CpuDevice::Kernel {
  ObjectLoader object;
  CpuEntry *entry = nullptr;
  AlignedBytes scratch;
  std::size_t scratchEach = 0; // a thread; a multiple of a cache line
};

CpuDevice::CpuDevice() = default;
CpuDevice::~CpuDevice() = default;

Result<DeviceAddress> CpuDevice::allocate(std::int64_t bytes, std::int64_t alignment,
                                          const std::string &name) {
  Result<GuardedMemory> memory = GuardedMemory::allocate(bytes, alignment);
  if (!memory)
    return std::unexpected(memory.error());
  auto address = reinterpret_cast<DeviceAddress>(memory->data());
  buffers.emplace(address, Buffer{std::move(*memory), name});
  return address;
}

void CpuDevice::release(DeviceAddress address) {
  buffers.erase(address);
}

Result<void> CpuDevice::copyIn(DeviceAddress to, std::span<const std::byte> from) {
  if (!from.empty())
    std::memcpy(reinterpret_cast<void *>(to), from.data(), from.size());
  return {};
}

Result<void> CpuDevice::copyOut(std::span<std::byte> to, DeviceAddress from) {
  if (!to.empty())
    std::memcpy(to.data(), reinterpret_cast<const void *>(from), to.size());
  return {};
}

Result<std::uint64_t> CpuDevice::load(std::span<const std::byte> binary, const std::string &entry) {
  Result<ObjectLoader> object = ObjectLoader::load(binary);
  if (!object)
    return std::unexpected(object.error());
  Result<void *> function = object->symbol(entry);
  if (!function)
    return std::unexpected(function.error());
  Result<void *> scratchBytes = object->symbol(cpuScratchSymbol(entry));
  if (!scratchBytes)
    return std::unexpected(scratchBytes.error());

  if (!pool)
    pool = std::make_unique<ThreadPool>();
  auto kernel = std::make_unique<Kernel>(std::move(*object));
  kernel->entry = reinterpret_cast<CpuEntry *>(*function);
  std::int64_t needed = *static_cast<const std::int64_t *>(*scratchBytes);
  if (needed > 0) {
    kernel->scratchEach =
        (static_cast<std::size_t>(needed) + lineBytes - 1) / lineBytes * lineBytes;
    std::size_t all = kernel->scratchEach * static_cast<std::size_t>(pool->size());
    kernel->scratch.reset(new (std::align_val_t(lineBytes), std::nothrow) std::byte[all]);
    if (!kernel->scratch)
      return fail(ErrorCode::OutOfResource,
                  fmt::format("the kernel needs {} bytes of scratch memory on each of "
                              "{} threads",
                              kernel->scratchEach, pool->size()));
  }
  kernels.push_back(std::move(kernel));
  return kernels.size() - 1;
}

Result<double> CpuDevice::launch(const LaunchRequest &request, int count) {
  if (request.kernel >= kernels.size())
    return fail(ErrorCode::Internal, fmt::format("no kernel {} is loaded", request.kernel));
  std::int64_t programs = 1;
  for (std::int64_t extent : request.grid)
    if (extent < 1 || __builtin_mul_overflow(programs, extent, &programs))
      return fail(ErrorCode::InvalidInput, fmt::format("a grid of {} programs cannot be launched",
                                                       fmt::join(request.grid, " x ")));

  std::vector<std::uint64_t> slots;
  for (const auto &[argument, bytes] : request.arguments)
    slots.push_back(slotOf(argument, bytes));
  const Kernel &kernel = *kernels[request.kernel];
  LaunchContext context{kernel.entry, slots.data(), request.grid, kernel.scratch.get(),
                        kernel.scratchEach};

  auto start = std::chrono::steady_clock::now();
  for (int i = 0; i < count; ++i)
    pool->run(programs, runPrograms, &context);
  std::chrono::duration<double, std::nano> elapsed = std::chrono::steady_clock::now() - start;

  if (Result<void> intact = checkSurroundings(); !intact)
    return std::unexpected(intact.error());
  return elapsed.count();
}

Result<void> CpuDevice::checkSurroundings() {
  for (auto &[address, buffer] : buffers)
    if (std::string damage = buffer.memory.damage(); !damage.empty())
      return fail(
          ErrorCode::Crashed,
          fmt::format("argument {} {} ({} bytes)", buffer.name, damage, buffer.memory.size()),
          buffer.name);
  return {};
}

#if defined(__x86_64__)
Result<void> CpuDevice::flushCaches() {
  if (!pool)
    return {};
  auto flush = [](void *base, std::int64_t begin, std::int64_t end, int) {
    for (std::int64_t line = begin; line < end; ++line)
      __builtin_ia32_clflush(static_cast<std::byte *>(base) + line * std::int64_t(lineBytes));
  };
  for (auto &[address, buffer] : buffers) {
    DeviceAddress first = address / lineBytes;
    DeviceAddress end =
        (address + static_cast<DeviceAddress>(buffer.memory.size()) + lineBytes - 1) / lineBytes;
    pool->run(static_cast<std::int64_t>(end - first), flush,
              reinterpret_cast<void *>(first * lineBytes));
  }
  __builtin_ia32_mfence();
  return {};
}
#else
Result<void> CpuDevice::flushCaches() {
  if (!pool)
    return {};
  constexpr std::int64_t least = std::int64_t(128) << 20, most = std::int64_t(256) << 20;
  std::int64_t size = std::clamp(2 * largestCacheBytes(), least, most);
  if (streamed.size() != static_cast<std::size_t>(size))
    streamed.assign(static_cast<std::size_t>(size), std::byte{1});
  auto touch = [](void *base, std::int64_t begin, std::int64_t end, int) {
    for (std::int64_t line = begin; line < end; ++line)
      static_cast<volatile std::byte *>(base)[line * std::int64_t(lineBytes)] = std::byte{2};
  };
  pool->run(size / std::int64_t(lineBytes), touch, streamed.data());
  return {};
}
#endif

Result<DeviceInfo> CpuDevice::state() {
  DeviceInfo info = hostDeviceInfo();
  if (pool)
    info.units = pool->size(); // the owner's own affinity is one core now
  return info;
}

} // namespace lapidary
