#include "backends/gpu/GpuDevice.h"

#include <algorithm>
#include <array>
#include <fmt/format.h>

namespace lapidary {

namespace {

// CUresult and hipError_t number these alike.
enum Code {
  outOfMemory = 2,
  invalidImage = 200,
  noBinaryForGpu = 209,
  eccUncorrectable = 214,
  invalidText = 218,
  unsupportedTextVersion = 222,
  illegalAddress = 700,
  launchOutOfResources = 701,
  launchTimeout = 702,
  assertion = 710,
  stackError = 714,
  illegalInstruction = 715,
  misalignedAddress = 716,
  invalidAddressSpace = 717,
  invalidProgramCounter = 718,
  launchFailed = 719,
};
constexpr int functionDynamicSharedBytes = 8;        // CUfunction_attribute
constexpr int jitErrorLog = 5, jitErrorLogBytes = 6; // CUjit_option

// After which errors the context is gone, and why.
std::optional<FaultKind> faultOf(GpuResult error) {
  switch (error) {
  case illegalAddress:
  case invalidAddressSpace:
    return FaultKind::IllegalAddress;
  case misalignedAddress:
    return FaultKind::MisalignedAddress;
  case assertion:
  case stackError:
  case illegalInstruction:
  case invalidProgramCounter:
  case launchFailed:
    return FaultKind::Trap;
  case launchTimeout:
    return FaultKind::Timeout;
  case eccUncorrectable:
    return FaultKind::Lost;
  default:
    return {};
  }
}

} // namespace

GpuDevice::GpuDevice(GpuDriver driver, DeviceInfo info)
    : driver(std::move(driver)), description(std::move(info)) {}

Result<std::unique_ptr<Device>> GpuDevice::open(GpuDriver driver, const DeviceInfo &info) {
  std::unique_ptr<GpuDevice> gpu(new GpuDevice(std::move(driver), info));
  if (Result<void> entered = gpu->enter(); !entered)
    return std::unexpected(entered.error());
  return gpu;
}

Result<void> GpuDevice::enter() {
  if (auto done = check(names().deviceGet, driver.deviceGet(&device, description.ordinal)); !done)
    return done;
  if (driver.deviceSet) {
    if (auto done = check(names().deviceSet, driver.deviceSet(device)); !done)
      return done;
  } else {
    if (auto done = check(names().contextRetain, driver.contextRetain(&context, device)); !done)
      return done;
    if (auto done = check(names().contextSet, driver.contextSet(context)); !done)
      return done;
  }
  for (GpuHandle *event : {&begin, &end})
    if (auto done = check(names().eventCreate, driver.eventCreate(event, 0)); !done)
      return done;
  return {};
}

GpuDevice::~GpuDevice() {
  for (const Kernel &kernel : kernels)
    driver.moduleUnload(kernel.module);
  for (const auto &[address, own] : allocations)
    driver.release(own);
  if (flushed)
    driver.release(flushed);
  for (GpuHandle event : {begin, end})
    if (event)
      driver.eventDestroy(event);
  if (context)
    driver.contextRelease(device);
}

Result<void> GpuDevice::check(const char *function, GpuResult error) {
  if (error == 0)
    return {};
  if (std::optional<FaultKind> kind = faultOf(error)) {
    if (!lost)
      lost = DeviceFault{
          *kind, fmt::format("the kernel failed on {}: {}", description.name, driver.words(error))};
    return fail(ErrorCode::Crashed, lost->message, description.name);
  }
  Error failed = driver.error(function, error);
  if (error == outOfMemory || error == launchOutOfResources)
    failed.code = ErrorCode::OutOfResource;
  return std::unexpected(std::move(failed));
}

Result<DeviceAddress> GpuDevice::allocate(std::int64_t bytes, std::int64_t alignment,
                                          const std::string &name) {
  // Room for the first multiple of `alignment` that is of no larger power of two.
  DeviceAddress own = 0;
  const auto wanted = static_cast<std::size_t>(bytes) + 2 * static_cast<std::size_t>(alignment);
  const GpuResult error = driver.allocate(&own, wanted);
  if (error == outOfMemory) {
    std::size_t available = 0, all = 0;
    driver.memoryInfo(&available, &all);
    return fail(ErrorCode::OutOfResource,
                fmt::format("{} bytes of device memory are needed, {} of {} are available", wanted,
                            available, all),
                name);
  }
  if (auto done = check(names().allocate, error); !done)
    return std::unexpected(done.error());
  const auto step = static_cast<DeviceAddress>(alignment);
  DeviceAddress address = (own + step - 1) / step * step;
  if (address / step % 2 == 0)
    address += step;
  allocations.emplace(address, own);
  return address;
}

void GpuDevice::release(DeviceAddress address) {
  if (auto found = allocations.find(address); found != allocations.end()) {
    driver.release(found->second);
    allocations.erase(found);
  }
}

Result<void> GpuDevice::copyIn(DeviceAddress to, std::span<const std::byte> from) {
  if (from.empty())
    return {};
  return check(names().copyIn, driver.copyIn(to, from.data(), from.size()));
}

Result<void> GpuDevice::copyOut(std::span<std::byte> to, DeviceAddress from) {
  if (to.empty())
    return {};
  return check(names().copyOut, driver.copyOut(to.data(), from, to.size()));
}

Result<std::uint64_t> GpuDevice::load(std::span<const std::byte> binary, const std::string &entry) {
  // Text ends with a zero for the driver.
  std::string image(reinterpret_cast<const char *>(binary.data()), binary.size());
  std::array<char, 4096> log{};
  std::array<int, 2> options{jitErrorLog, jitErrorLogBytes};
  std::array<void *, 2> values{log.data(), reinterpret_cast<void *>(log.size() - 1)};
  Kernel kernel;
  const GpuResult error =
      driver.moduleLoad(&kernel.module, image.c_str(), 2, options.data(), values.data());
  if (error == invalidImage || error == noBinaryForGpu || error == invalidText ||
      error == unsupportedTextVersion)
    return fail(ErrorCode::Unsupported,
                fmt::format("the {} ({}) does not take the code for {}: {}{}{}; {}, or compile for "
                            "an architecture that it knows",
                            driver.vendor->driver, description.driver, description.name,
                            driver.words(error), log[0] ? ": " : "", log.data(),
                            driver.vendor->update),
                entry);
  if (auto done = check(names().moduleLoad, error); !done)
    return std::unexpected(done.error());
  if (auto done = check(names().moduleFunction,
                        driver.moduleFunction(&kernel.function, kernel.module, entry.c_str()));
      !done) {
    driver.moduleUnload(kernel.module);
    return std::unexpected(done.error());
  }
  kernels.push_back(kernel);
  return kernels.size() - 1;
}

std::int64_t GpuDevice::warpSize() const {
  const std::int64_t said = description.details.value("warp_size", 0);
  return said > 0 ? said : 32;
}

Result<void> GpuDevice::checkSize(const LaunchRequest &request) const {
  const std::int64_t threads = warpSize() * request.numWarps;
  const std::int64_t most = description.details.value("threads_per_block", 0);
  if (request.numWarps < 1 || (most > 0 && threads > most))
    return fail(ErrorCode::InvalidInput,
                fmt::format("num_warps = {} asks for {} threads a block; {} takes 1 to {}: "
                            "num_warps can be {} at most",
                            request.numWarps, threads, description.name, most, most / warpSize()));
  // CUDA programming guide, "Technical Specifications per Compute Capability".
  std::array<std::int64_t, 3> programs{2147483647, 65535, 65535};
  const Json &said = description.details.value("grid", Json::array());
  for (std::size_t axis = 0; axis < 3; ++axis) {
    if (axis < said.size() && said[axis].is_number_integer() && said[axis] > 0)
      programs[axis] = said[axis].get<std::int64_t>();
    if (driver.vendor->mostThreads > 0)
      programs[axis] =
          std::min(programs[axis], driver.vendor->mostThreads / (axis == 0 ? threads : 1));
    if (request.grid[axis] < 1 || request.grid[axis] > programs[axis])
      return fail(ErrorCode::InvalidInput,
                  fmt::format("a grid of {} programs cannot be launched: axis {} takes 1 to {}",
                              fmt::join(request.grid, " x "), axis, programs[axis]));
  }
  return {};
}

Result<void> GpuDevice::allowShared(Kernel &kernel, std::int64_t bytes) {
  if (!driver.functionSet || bytes <= kernel.sharedLimit)
    return {};
  if (const std::int64_t most = description.details.value("shared_bytes_per_block", 0);
      most > 0 && bytes > most)
    return fail(ErrorCode::OutOfResource,
                fmt::format("the kernel needs {} bytes of shared memory a block, {} has {}", bytes,
                            description.name, most));
  if (auto done =
          check(names().functionSet, driver.functionSet(kernel.function, functionDynamicSharedBytes,
                                                        static_cast<int>(bytes)));
      !done)
    return done;
  kernel.sharedLimit = bytes;
  return {};
}

Result<double> GpuDevice::launch(const LaunchRequest &request, int count) {
  if (request.kernel >= kernels.size())
    return fail(ErrorCode::Internal, fmt::format("no kernel {} is loaded", request.kernel));
  Kernel &kernel = kernels[request.kernel];
  const std::int64_t shared = driver.vendor->launchSizesShared ? request.sharedBytes : 0;
  if (auto done = checkSize(request); !done)
    return std::unexpected(done.error());
  if (auto done = allowShared(kernel, shared); !done)
    return std::unexpected(done.error());
  std::vector<std::uint64_t> slots;
  for (const auto &[argument, bytes] : request.arguments)
    slots.push_back(slotOf(argument, bytes));
  std::vector<void *> arguments;
  for (std::uint64_t &slot : slots)
    arguments.push_back(&slot);

  if (auto done = check(names().eventRecord, driver.eventRecord(begin, nullptr)); !done)
    return std::unexpected(done.error());
  for (int i = 0; i < count; ++i) {
    const GpuResult error = driver.launch(
        kernel.function, static_cast<unsigned>(request.grid[0]),
        static_cast<unsigned>(request.grid[1]), static_cast<unsigned>(request.grid[2]),
        static_cast<unsigned>(warpSize() * request.numWarps), 1, 1, static_cast<unsigned>(shared),
        nullptr, arguments.data(), nullptr);
    if (auto done = check(names().launch, error); !done)
      return std::unexpected(done.error());
  }
  float milliseconds = 0;
  if (auto done = check(names().eventRecord, driver.eventRecord(end, nullptr)); !done)
    return std::unexpected(done.error());
  if (auto done = check(names().eventSynchronize, driver.eventSynchronize(end)); !done)
    return std::unexpected(done.error());
  if (auto done = check(names().eventElapsed, driver.eventElapsed(&milliseconds, begin, end));
      !done)
    return std::unexpected(done.error());
  return static_cast<double>(milliseconds) * 1e6;
}

Result<void> GpuDevice::flushCaches() {
  if (!flushed) {
    constexpr std::int64_t least = std::int64_t(128) << 20;
    flushedBytes = static_cast<std::size_t>(std::max(least, 4 * description.cacheBytes));
    if (auto done = check(names().allocate, driver.allocate(&flushed, flushedBytes)); !done)
      return done;
  }
  return check(names().fill, driver.fill(flushed, 0, flushedBytes / 4, nullptr));
}

Result<DeviceInfo> GpuDevice::state() {
  DeviceInfo now = description;
  std::size_t available = 0, all = 0;
  if (driver.memoryInfo(&available, &all) == 0)
    now.details["available_bytes"] = available;
  return now;
}

} // namespace lapidary
