// A libamdhip64 with one device, in the manner of ROCm 6 or, with FAKE_ROCM5, of ROCm 5. As in the
// real ones, the plain hipGetDeviceProperties always has the old layout.
#include <cstddef>
#include <cstring>

#define EXPORT extern "C" __attribute__((visibility("default")))

EXPORT int hipInit(unsigned) {
#ifdef FAKE_FAILING
  return 3;
#else
  return 0;
#endif
}

EXPORT const char *hipGetErrorString(int error) {
  return error == 3 ? "initialization error" : nullptr;
}

EXPORT int hipRuntimeGetVersion(int *version) {
#ifdef FAKE_ROCM5
  *version = 50221153;
#else
  *version = 60032830;
#endif
  return 0;
}

EXPORT int hipGetDeviceCount(int *count) {
#ifdef FAKE_NO_DEVICE
  *count = 0;
  return 100;
#else
  *count = 1;
  return 0;
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
