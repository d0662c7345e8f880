// A libamdhip64 with one device, in the manner of ROCm 6 or, with FAKE_ROCM5, of ROCm 5. As in the
// real ones, the plain hipGetDeviceProperties always has the old layout.
#include "FakeGpu.h"

EXPORT int hipInit(unsigned) {
#ifdef FAKE_FAILING
  return 3;
#else
  return fake::answer("hipInit");
#endif
}

EXPORT const char *hipGetErrorString(int error) {
  static const std::map<int, const char *> texts = {
      {2, "out of memory"},
      {3, "initialization error"},
      {209, "no kernel image is available for execution on the device"},
      {700, "an illegal memory access was encountered"},
      {710, "device-side assert triggered"},
      {719, "unspecified launch failure"}};
  const auto found = texts.find(error);
  return found == texts.end() ? nullptr : found->second;
}

EXPORT int hipRuntimeGetVersion(int *version) {
#ifdef FAKE_ROCM5
  *version = 50221153;
#else
  *version = 60032830;
#endif
  return fake::answer("hipRuntimeGetVersion");
}

EXPORT int hipGetDeviceCount(int *count) {
#ifdef FAKE_NO_DEVICE
  *count = 0;
  return 100;
#else
  *count = 1;
  return fake::answer("hipGetDeviceCount");
#endif
}

EXPORT int hipDeviceGet(int *device, int ordinal) {
  *device = ordinal;
  return ordinal == 0 ? 0 : 101;
}

EXPORT int hipDeviceGetName(char *name, int length, int) {
  std::strncpy(name, "AMD Instinct MI300X", static_cast<std::size_t>(length));
  return 0;
}

EXPORT int hipDeviceTotalMem(std::size_t *bytes, int) {
  *bytes = 206'141'652'992;
  return 0;
}

EXPORT int hipDeviceGetAttribute(int *value, int attribute, int) {
  switch (attribute) {
  case 0:
    *value = 1;
    return 0;
  case 19:
    *value = 4194304;
    return 0;
  case 29:
    *value = 2147483647;
    return 0;
  case 30:
  case 31:
    *value = 65536;
    return 0;
  case 56:
    *value = 1024;
    return 0;
  case 63:
    *value = 304;
    return 0;
  case 74:
    *value = 65536;
    return 0;
  case 87:
    *value = 64;
    return 0;
  default:
    *value = -7;
    return 1; // what it does not know
  }
}

#ifndef FAKE_OLD
EXPORT int hipGetDeviceProperties(void *properties, int) {
  std::memset(properties, 0x55, 792);
  std::strcpy(static_cast<char *>(properties) + 396, "gfx90a:sramecc+:xnack-");
  return 0;
}

#ifndef FAKE_ROCM5
EXPORT int hipGetDevicePropertiesR0600(void *properties, int) {
  std::memset(properties, 0x55, 1472);
  std::strcpy(static_cast<char *>(properties) + 1160, "gfx942:sramecc+:xnack-");
  return 0;
}
#endif
#endif

#ifndef FAKE_LISTS_ONLY
FAKE(hipSetDevice, (int device), device == 0 ? fake::enter() : 101)
FAKE(hipMemGetInfo, (std::size_t *available, std::size_t *all), fake::memoryInfo(available, all))
FAKE(hipMalloc, (std::uint64_t *address, std::size_t bytes), fake::allocate(address, bytes))
EXPORT int hipFree(std::uint64_t address) {
  return fake::release(address);
}
FAKE(hipMemcpyHtoD, (std::uint64_t to, const void *from, std::size_t bytes),
     fake::copy(to, reinterpret_cast<void *>(to), from, bytes))
FAKE(hipMemcpyDtoH, (void *to, std::uint64_t from, std::size_t bytes),
     fake::copy(from, to, reinterpret_cast<const void *>(from), bytes))
FAKE(hipMemsetD32Async, (std::uint64_t to, unsigned value, std::size_t words, void *),
     fake::fill(to, value, words))
FAKE(hipModuleLoadDataEx, (void **module, const void *image, unsigned, int *, void **),
     fake::load(module, image))
EXPORT int hipModuleUnload(void *module) {
  return fake::unload(module);
}
FAKE(hipModuleGetFunction, (void **function, void *module, const char *name),
     fake::function(function, module, name))
FAKE(hipModuleLaunchKernel,
     (void *function, unsigned gridX, unsigned gridY, unsigned gridZ, unsigned blockX,
      unsigned blockY, unsigned blockZ, unsigned sharedBytes, void *, void **arguments, void **),
     fake::launch(function, {gridX, gridY, gridZ}, {blockX, blockY, blockZ}, sharedBytes,
                  arguments))
FAKE(hipEventCreateWithFlags, (void **event, unsigned), fake::createEvent(event))
EXPORT int hipEventDestroy(void *event) {
  return fake::destroyEvent(event);
}
FAKE(hipEventRecord, (void *event, void *), fake::record(event))
FAKE(hipEventSynchronize, (void *), 0)
FAKE(hipEventElapsedTime, (float *milliseconds, void *begin, void *end),
     fake::elapsed(milliseconds, begin, end))
#endif
