// A libcuda with two devices. The plain cuDeviceTotalMem is there too, as in the real one, with its
// old 32-bit answer: taking it by mistake shows in the numbers.
#include "FakeGpu.h"

EXPORT int cuInit(unsigned) {
#if defined(FAKE_NO_DEVICE)
  return 100;
#elif defined(FAKE_FAILING)
  return 803;
#else
  return fake::answer("cuInit");
#endif
}

EXPORT int cuGetErrorString(int error, const char **text) {
  static const std::map<int, const char *> texts = {
      {2, "out of memory"},
      {209, "no kernel image is available for execution on the device"},
      {218, "a PTX JIT compilation failed"},
      {700, "an illegal memory access was encountered"},
      {701, "too many resources requested for launch"},
      {710, "device-side assert triggered"},
      {716, "misaligned address"},
      {719, "unspecified launch failure"},
      {803, "system has unsupported display driver / cuda driver combination"}};
  const auto found = texts.find(error);
  if (found == texts.end())
    return 1;
  *text = found->second;
  return 0;
}

EXPORT int cuDriverGetVersion(int *version) {
  *version = 12040;
  return fake::answer("cuDriverGetVersion");
}

EXPORT int cuDeviceGetCount(int *count) {
  *count = 2;
  return fake::answer("cuDeviceGetCount");
}

// Handles are not ordinals.
EXPORT int cuDeviceGet(int *device, int ordinal) {
  *device = 40 + ordinal;
  return ordinal < 2 ? 0 : 101;
}

EXPORT int cuDeviceGetName(char *name, int length, int device) {
  std::strncpy(name, device == 40 ? "NVIDIA H100 80GB HBM3" : "NVIDIA A10",
               static_cast<std::size_t>(length));
  return 0;
}

EXPORT int cuDeviceTotalMem(unsigned *bytes, int) {
  *bytes = 0xFFFFFFFF;
  return 0;
}

#ifndef FAKE_OLD
EXPORT int cuDeviceTotalMem_v2(std::size_t *bytes, int device) {
  *bytes = device == 40 ? 85'028'765'696 : 23'609'475'072;
  return 0;
}
#endif

EXPORT int cuDeviceGetAttribute(int *value, int attribute, int device) {
  bool first = device == 40;
  switch (attribute) {
  case 1:
    *value = 1024;
    return 0;
  case 5:
    *value = 2147483647;
    return 0;
  case 6:
  case 7:
    *value = 65535;
    return 0;
  case 10:
    *value = 32;
    return 0;
  case 16:
    *value = first ? 132 : 72;
    return 0;
  case 32:
    *value = 1;
    return 0;
  case 38:
    *value = first ? 52428800 : 6291456;
    return 0;
  case 75:
    *value = first ? 9 : 8;
    return 0;
  case 76:
    *value = first ? 0 : 6;
    return 0;
  case 97:
    *value = first ? 232448 : 101376;
    return 0;
  default:
    *value = -7;
    return 1; // what it does not know
  }
}

EXPORT int cuDeviceGetPCIBusId(char *id, int length, int device) {
  std::strncpy(id, device == 40 ? "0000:18:00.0" : "0000:2A:00.0",
               static_cast<std::size_t>(length));
  return 0;
}

#ifndef FAKE_LISTS_ONLY
static int load(void **module, const void *image, unsigned count, const int *options,
                void *const *values) {
  if (!std::strstr(static_cast<const char *>(image), "malformed"))
    return fake::load(module, image);
  for (unsigned i = 0; i < count; ++i)
    if (options[i] == 5) // the log of errors
      std::strcpy(static_cast<char *>(values[i]), "ptxas: line 1: syntax error");
  return 218;
}

static int setShared(int attribute, int bytes) {
  fake::state().log +=
      "attribute " + std::to_string(attribute) + " = " + std::to_string(bytes) + "\n";
  return bytes <= 232448 ? 0 : 1;
}

FAKE(cuDevicePrimaryCtxRetain, (void **context, int device),
     (*context = &fake::state(), device == 40 || device == 41 ? 0 : 101))
EXPORT int cuDevicePrimaryCtxRelease_v2(int) {
  return 0;
}
FAKE(cuCtxSetCurrent, (void *context), context == &fake::state() ? fake::enter() : 201)
FAKE(cuMemGetInfo_v2, (std::size_t *available, std::size_t *all), fake::memoryInfo(available, all))
FAKE(cuMemAlloc_v2, (std::uint64_t *address, std::size_t bytes), fake::allocate(address, bytes))
EXPORT int cuMemFree_v2(std::uint64_t address) {
  return fake::release(address);
}
FAKE(cuMemcpyHtoD_v2, (std::uint64_t to, const void *from, std::size_t bytes),
     fake::copy(to, reinterpret_cast<void *>(to), from, bytes))
FAKE(cuMemcpyDtoH_v2, (void *to, std::uint64_t from, std::size_t bytes),
     fake::copy(from, to, reinterpret_cast<const void *>(from), bytes))
FAKE(cuMemsetD32Async, (std::uint64_t to, unsigned value, std::size_t words, void *),
     fake::fill(to, value, words))
FAKE(cuModuleLoadDataEx,
     (void **module, const void *image, unsigned count, int *options, void **values),
     load(module, image, count, options, values))
EXPORT int cuModuleUnload(void *module) {
  return fake::unload(module);
}
FAKE(cuModuleGetFunction, (void **function, void *module, const char *name),
     fake::function(function, module, name))
FAKE(cuFuncSetAttribute, (void *, int attribute, int value), setShared(attribute, value))
FAKE(cuLaunchKernel,
     (void *function, unsigned gridX, unsigned gridY, unsigned gridZ, unsigned blockX,
      unsigned blockY, unsigned blockZ, unsigned sharedBytes, void *, void **arguments, void **),
     fake::launch(function, {gridX, gridY, gridZ}, {blockX, blockY, blockZ}, sharedBytes,
                  arguments))
FAKE(cuEventCreate, (void **event, unsigned), fake::createEvent(event))
EXPORT int cuEventDestroy_v2(void *event) {
  return fake::destroyEvent(event);
}
FAKE(cuEventRecord, (void *event, void *), fake::record(event))
FAKE(cuEventSynchronize, (void *), 0)
FAKE(cuEventElapsedTime, (float *milliseconds, void *begin, void *end),
     fake::elapsed(milliseconds, begin, end))
#endif
