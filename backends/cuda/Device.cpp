#include "backends/cuda/Device.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fmt/format.h>

namespace lapidary {

namespace {

// CUresult, as the driver's interface numbers them.
enum Code {
  invalidValue = 1,
  outOfMemory = 2,
  noBinaryForGpu = 209,
  invalidPtx = 218,
  unsupportedPtxVersion = 222,
  illegalAddress = 700,
  launchOutOfResources = 701,
  firstFault =
      710, // an assertion, a hardware stack error, an illegal instruction, misalignment, ...
  lastFault = 720,
};
constexpr int functionDynamicSharedBytes = 8;        // CUfunction_attribute
constexpr int jitErrorLog = 5, jitErrorLogBytes = 6; // CUjit_option

bool isFault(CudaResult error) {
  return error == illegalAddress || (error >= firstFault && error <= lastFault);
}

// An argument's bytes, little-endian, where the launch wants them.
std::uint64_t slotOf(const LaunchArgument &argument, int bytes) {
  if (const auto *address = std::get_if<DeviceAddress>(&argument))
    return *address;
  if (const auto *integer = std::get_if<std::int64_t>(&argument))
    return static_cast<std::uint64_t>(*integer);
  const double number = std::get<double>(argument);
  if (bytes == 8)
    return std::bit_cast<std::uint64_t>(number);
  return std::bit_cast<std::uint32_t>(static_cast<float>(number));
}

} // namespace

CudaGpu::CudaGpu(CudaSymbols symbols, CudaRunSymbols run, DeviceInfo info)
    : cuda(std::move(symbols)), run(run), description(std::move(info)) {}

Result<std::unique_ptr<Device>> CudaGpu::open(CudaSymbols symbols, const DeviceInfo &info) {
  Result<CudaRunSymbols> run = CudaRunSymbols::find(symbols.library);
  if (!run)
    return std::unexpected(run.error());
  std::unique_ptr<CudaGpu> gpu(new CudaGpu(std::move(symbols), *run, info));
  if (auto done = gpu->check("cuInit", gpu->cuda.init(0)); !done)
    return std::unexpected(done.error());
  if (auto done = gpu->check("cuDeviceGet", gpu->cuda.deviceGet(&gpu->device, info.ordinal)); !done)
    return std::unexpected(done.error());
  if (auto done =
          gpu->check("cuDevicePrimaryCtxRetain", run->primaryRetain(&gpu->context, gpu->device));
      !done)
    return std::unexpected(done.error());
  if (auto done = gpu->check("cuCtxSetCurrent", run->setCurrent(gpu->context)); !done)
    return std::unexpected(done.error());
  for (CudaHandle *event : {&gpu->begin, &gpu->end})
    if (auto done = gpu->check("cuEventCreate", run->eventCreate(event, 0)); !done)
      return std::unexpected(done.error());
  return gpu;
}

CudaGpu::~CudaGpu() {
  for (const Kernel &kernel : kernels)
    run.moduleUnload(kernel.module);
  for (const auto &[address, own] : allocations)
    run.release(own);
  if (flushed)
    run.release(flushed);
  for (CudaHandle event : {begin, end})
    if (event)
      run.eventDestroy(event);
  if (context)
    run.primaryRelease(device);
}

Result<void> CudaGpu::check(const char *what, CudaResult error) const {
  if (error == 0)
    return {};
  const std::string text = cuda.errorText(error);
  if (isFault(error)) {
    std::fprintf(stderr, "the kernel failed on %s: %s\n", description.name.c_str(), text.c_str());
    std::fflush(stderr);
    std::abort();
  }
  const ErrorCode code = error == outOfMemory || error == launchOutOfResources
                             ? ErrorCode::OutOfResource
                             : ErrorCode::Unreadable;
  return fail(code, fmt::format("the NVIDIA driver failed in {}: {}", what, text), "cuda");
}

Result<DeviceAddress> CudaGpu::allocate(std::int64_t bytes, std::int64_t alignment,
                                        const std::string &name) {
  // Room for the first multiple of `alignment` that is of no larger power of two.
  CudaAddress own = 0;
  const auto wanted = static_cast<std::size_t>(bytes) + 2 * static_cast<std::size_t>(alignment);
  const CudaResult error = run.allocate(&own, wanted);
  if (error == outOfMemory) {
    std::size_t available = 0, all = 0;
    run.memoryInfo(&available, &all);
    return fail(ErrorCode::OutOfResource,
                fmt::format("{} bytes of device memory are needed for {}, {} of {} are available",
                            wanted, name, available, all),
                name);
  }
  if (auto done = check("cuMemAlloc", error); !done)
    return std::unexpected(done.error());
  const auto step = static_cast<CudaAddress>(alignment);
  CudaAddress address = (own + step - 1) / step * step;
  if (address / step % 2 == 0)
    address += step;
  allocations.emplace(address, own);
  return address;
}

void CudaGpu::release(DeviceAddress address) {
  if (auto found = allocations.find(address); found != allocations.end()) {
    run.release(found->second);
    allocations.erase(found);
  }
}

Result<void> CudaGpu::copyIn(DeviceAddress to, std::span<const std::byte> from) {
  if (from.empty())
    return {};
  return check("cuMemcpyHtoD", run.copyIn(to, from.data(), from.size()));
}

Result<void> CudaGpu::copyOut(std::span<std::byte> to, DeviceAddress from) {
  if (to.empty())
    return {};
  return check("cuMemcpyDtoH", run.copyOut(to.data(), from, to.size()));
}

Result<std::uint64_t> CudaGpu::load(std::span<const std::byte> binary, const std::string &entry) {
  // PTX ends with a zero for the driver.
  std::string image(reinterpret_cast<const char *>(binary.data()), binary.size());
  std::array<char, 4096> log{};
  std::array<int, 2> options{jitErrorLog, jitErrorLogBytes};
  std::array<void *, 2> values{log.data(), reinterpret_cast<void *>(log.size() - 1)};
  Kernel kernel;
  kernel.name = entry;
  const CudaResult error =
      run.moduleLoad(&kernel.module, image.c_str(), 2, options.data(), values.data());
  if (error == noBinaryForGpu || error == invalidPtx || error == unsupportedPtxVersion)
    return fail(ErrorCode::Unsupported,
                fmt::format("the NVIDIA driver ({}) does not take the code for {}: {}{}{}",
                            description.driver, description.name, cuda.errorText(error),
                            log[0] ? ": " : "", log.data()),
                entry);
  if (auto done = check("cuModuleLoadDataEx", error); !done)
    return std::unexpected(done.error());
  if (auto done = check("cuModuleGetFunction",
                        run.moduleFunction(&kernel.function, kernel.module, entry.c_str()));
      !done) {
    run.moduleUnload(kernel.module);
    return std::unexpected(done.error());
  }
  kernels.push_back(std::move(kernel));
  return kernels.size() - 1;
}

Result<double> CudaGpu::launch(const LaunchRequest &request, int count) {
  if (request.kernel >= kernels.size())
    return fail(ErrorCode::Internal, fmt::format("no kernel {} is loaded", request.kernel));
  // CUDA programming guide, "Technical Specifications per Compute Capability".
  constexpr std::array<std::int64_t, 3> mostPrograms{2147483647, 65535, 65535};
  for (std::size_t axis = 0; axis < 3; ++axis)
    if (request.grid[axis] < 1 || request.grid[axis] > mostPrograms[axis])
      return fail(ErrorCode::InvalidInput,
                  fmt::format("a grid of {} programs cannot be launched: axis {} takes 1 to {}",
                              fmt::join(request.grid, " x "), axis, mostPrograms[axis]));
  Kernel &kernel = kernels[request.kernel];
  if (request.sharedBytes > kernel.sharedLimit) {
    if (auto done =
            check("cuFuncSetAttribute", run.functionSet(kernel.function, functionDynamicSharedBytes,
                                                        static_cast<int>(request.sharedBytes)));
        !done)
      return std::unexpected(done.error());
    kernel.sharedLimit = request.sharedBytes;
  }
  std::vector<std::uint64_t> slots;
  for (const auto &[argument, bytes] : request.arguments)
    slots.push_back(slotOf(argument, bytes));
  std::vector<void *> arguments;
  for (std::uint64_t &slot : slots)
    arguments.push_back(&slot);

  if (auto done = check("cuEventRecord", run.eventRecord(begin, nullptr)); !done)
    return std::unexpected(done.error());
  for (int i = 0; i < count; ++i) {
    const CudaResult error =
        run.launch(kernel.function, static_cast<unsigned>(request.grid[0]),
                   static_cast<unsigned>(request.grid[1]), static_cast<unsigned>(request.grid[2]),
                   static_cast<unsigned>(32 * request.numWarps), 1, 1,
                   static_cast<unsigned>(request.sharedBytes), nullptr, arguments.data(), nullptr);
    if (auto done = check("cuLaunchKernel", error); !done)
      return std::unexpected(done.error());
  }
  float milliseconds = 0;
  if (auto done = check("cuEventRecord", run.eventRecord(end, nullptr)); !done)
    return std::unexpected(done.error());
  if (auto done = check("cuEventSynchronize", run.eventSynchronize(end)); !done)
    return std::unexpected(done.error());
  if (auto done = check("cuEventElapsedTime", run.eventElapsed(&milliseconds, begin, end)); !done)
    return std::unexpected(done.error());
  return static_cast<double>(milliseconds) * 1e6;
}

Result<void> CudaGpu::flushCaches() {
  if (!flushed) {
    constexpr std::int64_t least = std::int64_t(64) << 20;
    flushedBytes = static_cast<std::size_t>(std::max(least, 4 * description.cacheBytes));
    if (auto done = check("cuMemAlloc", run.allocate(&flushed, flushedBytes)); !done)
      return done;
  }
  return check("cuMemsetD32Async", run.fill(flushed, 0, flushedBytes / 4, nullptr));
}

} // namespace lapidary
