// A libcuda with two devices. The plain cuDeviceTotalMem is there too, as in the real one, with its
// old 32-bit answer: taking it by mistake shows in the numbers.
#include <cstddef>
#include <cstring>

#define EXPORT extern "C" __attribute__((visibility("default")))

EXPORT int cuInit(unsigned) {
#if defined(FAKE_NO_DEVICE)
  return 100;
#elif defined(FAKE_FAILING)
  return 803;
#else
  return 0;
#endif
}

EXPORT int cuGetErrorString(int error, const char **text) {
  if (error != 803)
    return 1;
  *text = "system has unsupported display driver / cuda driver combination";
  return 0;
}

EXPORT int cuDriverGetVersion(int *version) {
  *version = 12040;
  return 0;
}

EXPORT int cuDeviceGetCount(int *count) {
  *count = 2;
  return 0;
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
