// The functions of the HIP runtime that are used, looked up in libamdhip64 when it is first needed:
// nothing of ROCm is there when this program is built.
//
// The only function that tells a GPU's architecture fills a structure whose layout changed with
// ROCm 6. The runtime exports both under names of their own: the plain one keeps the layout of ROCm
// 5, `R0600` has the new one. So neither is required, but one of them must be there.
//
//   Result<HipSymbols> hip = HipSymbols::load(hipLibraries());
//   if (!hip)
//     return std::unexpected(hip.error()); // names each path tried
//   hip->init(0);
#pragma once

#include "core/support/DynamicLibrary.h"

#include <cstddef>
#include <string>
#include <vector>

namespace lapidary {

using HipResult = int; // hipError_t; 0 is success
using HipDevice = int; // hipDevice_t, which is the ordinal

// Entries: member, exported name, type. Without a required one the runtime is of no use; an
// optional one is null where the runtime does not have it.
#define LAPIDARY_HIP_SYMBOLS(REQUIRED, OPTIONAL)                                                   \
  REQUIRED(init, "hipInit", HipResult(unsigned flags))                                             \
  REQUIRED(runtimeGetVersion, "hipRuntimeGetVersion", HipResult(int *version))                     \
  REQUIRED(getDeviceCount, "hipGetDeviceCount", HipResult(int *count))                             \
  REQUIRED(deviceGet, "hipDeviceGet", HipResult(HipDevice *device, int ordinal))                   \
  REQUIRED(deviceGetName, "hipDeviceGetName", HipResult(char *name, int length, HipDevice device)) \
  REQUIRED(deviceTotalMem, "hipDeviceTotalMem", HipResult(std::size_t *bytes, HipDevice device))   \
  REQUIRED(deviceGetAttribute, "hipDeviceGetAttribute",                                            \
           HipResult(int *value, int attribute, int ordinal))                                      \
  OPTIONAL(getDevicePropertiesR0600, "hipGetDevicePropertiesR0600",                                \
           HipResult(void *properties, int ordinal))                                               \
  OPTIONAL(getDeviceProperties, "hipGetDeviceProperties",                                          \
           HipResult(void *properties, int ordinal))                                               \
  OPTIONAL(deviceGetPciBusId, "hipDeviceGetPCIBusId",                                              \
           HipResult(char *id, int length, int ordinal))                                           \
  OPTIONAL(getErrorString, "hipGetErrorString", const char *(HipResult error))

struct HipSymbols {
  // Opens the first of `libraries` that loads. Errors: NotFound (no runtime; each path tried with
  // its reason), Unsupported (a runtime without a required function, named).
  static Result<HipSymbols> load(const std::vector<std::string> &libraries);

  DynamicLibrary library;

#define LAPIDARY_MEMBER(member, exported, ...) std::add_pointer_t<__VA_ARGS__> member = nullptr;
  LAPIDARY_HIP_SYMBOLS(LAPIDARY_MEMBER, LAPIDARY_MEMBER)
#undef LAPIDARY_MEMBER

  // What the runtime calls this error.
  std::string errorText(HipResult error) const;

  // The architecture with its features, "gfx942:sramecc+:xnack-". Errors: the runtime's.
  HipResult architecture(int ordinal, std::string &name) const;
};

// Where the runtime's library lies: the loader's own search first, then ROCm's own folder.
std::vector<std::string> hipLibraries();

} // namespace lapidary
