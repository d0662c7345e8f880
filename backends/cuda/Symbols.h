// The functions of the CUDA driver that are used, looked up in libcuda when it is first needed:
// nothing of CUDA is there when this program is built. The types are those of the driver's stable C
// interface; where the driver exports a function under several versions, the table names the one
// with 64-bit sizes
// (`_v2`): the plain name is the old one.
//
//   Result<CudaSymbols> cuda = CudaSymbols::load(cudaLibraries());
//   if (!cuda)
//     return std::unexpected(cuda.error()); // names each path tried
//   cuda->init(0);
#pragma once

#include "core/support/DynamicLibrary.h"

#include <cstddef>
#include <string>
#include <type_traits>
#include <vector>

namespace lapidary {

using CudaResult = int;    // CUresult; 0 is success
using CudaDevice = int;    // CUdevice, from deviceGet(ordinal)
using CudaHandle = void *; // CUcontext, CUmodule, CUfunction, CUstream, CUevent
using CudaAddress = unsigned long long;

// Entries: member, exported name, type. Without a required one the driver is of no use; an optional
// one is null where the driver is too old for it.
#define LAPIDARY_CUDA_SYMBOLS(REQUIRED, OPTIONAL)                                                  \
  REQUIRED(init, "cuInit", CudaResult(unsigned flags))                                             \
  REQUIRED(driverGetVersion, "cuDriverGetVersion", CudaResult(int *version))                       \
  REQUIRED(deviceGetCount, "cuDeviceGetCount", CudaResult(int *count))                             \
  REQUIRED(deviceGet, "cuDeviceGet", CudaResult(CudaDevice *device, int ordinal))                  \
  REQUIRED(deviceGetName, "cuDeviceGetName",                                                       \
           CudaResult(char *name, int length, CudaDevice device))                                  \
  REQUIRED(deviceTotalMem, "cuDeviceTotalMem_v2",                                                  \
           CudaResult(std::size_t *bytes, CudaDevice device))                                      \
  REQUIRED(deviceGetAttribute, "cuDeviceGetAttribute",                                             \
           CudaResult(int *value, int attribute, CudaDevice device))                               \
  OPTIONAL(deviceGetPciBusId, "cuDeviceGetPCIBusId",                                               \
           CudaResult(char *id, int length, CudaDevice device))                                    \
  OPTIONAL(getErrorString, "cuGetErrorString", CudaResult(CudaResult error, const char **text))

// What running kernels needs beside that. Looked up by the same rules, missing only when a device
// is opened.
#define LAPIDARY_CUDA_RUN_SYMBOLS(REQUIRED)                                                        \
  REQUIRED(primaryRetain, "cuDevicePrimaryCtxRetain",                                              \
           CudaResult(CudaHandle *context, CudaDevice device))                                     \
  REQUIRED(primaryRelease, "cuDevicePrimaryCtxRelease_v2", CudaResult(CudaDevice device))          \
  REQUIRED(setCurrent, "cuCtxSetCurrent", CudaResult(CudaHandle context))                          \
  REQUIRED(memoryInfo, "cuMemGetInfo_v2", CudaResult(std::size_t *available, std::size_t *all))    \
  REQUIRED(allocate, "cuMemAlloc_v2", CudaResult(CudaAddress *address, std::size_t bytes))         \
  REQUIRED(release, "cuMemFree_v2", CudaResult(CudaAddress address))                               \
  REQUIRED(copyIn, "cuMemcpyHtoD_v2",                                                              \
           CudaResult(CudaAddress to, const void *from, std::size_t bytes))                        \
  REQUIRED(copyOut, "cuMemcpyDtoH_v2", CudaResult(void *to, CudaAddress from, std::size_t bytes))  \
  REQUIRED(fill, "cuMemsetD32Async",                                                               \
           CudaResult(CudaAddress to, unsigned value, std::size_t words, CudaHandle stream))       \
  REQUIRED(moduleLoad, "cuModuleLoadDataEx",                                                       \
           CudaResult(CudaHandle *module, const void *image, unsigned count, int *options,         \
                      void **values))                                                              \
  REQUIRED(moduleUnload, "cuModuleUnload", CudaResult(CudaHandle module))                          \
  REQUIRED(moduleFunction, "cuModuleGetFunction",                                                  \
           CudaResult(CudaHandle *function, CudaHandle module, const char *name))                  \
  REQUIRED(functionSet, "cuFuncSetAttribute",                                                      \
           CudaResult(CudaHandle function, int attribute, int value))                              \
  REQUIRED(launch, "cuLaunchKernel",                                                               \
           CudaResult(CudaHandle function, unsigned gridX, unsigned gridY, unsigned gridZ,         \
                      unsigned blockX, unsigned blockY, unsigned blockZ, unsigned sharedBytes,     \
                      CudaHandle stream, void **arguments, void **extra))                          \
  REQUIRED(eventCreate, "cuEventCreate", CudaResult(CudaHandle *event, unsigned flags))            \
  REQUIRED(eventDestroy, "cuEventDestroy_v2", CudaResult(CudaHandle event))                        \
  REQUIRED(eventRecord, "cuEventRecord", CudaResult(CudaHandle event, CudaHandle stream))          \
  REQUIRED(eventSynchronize, "cuEventSynchronize", CudaResult(CudaHandle event))                   \
  REQUIRED(eventElapsed, "cuEventElapsedTime",                                                     \
           CudaResult(float *milliseconds, CudaHandle begin, CudaHandle end))

// The functions that run kernels, of a driver that is loaded.
struct CudaRunSymbols {
  // Errors: Unsupported naming what the driver lacks.
  static Result<CudaRunSymbols> find(const DynamicLibrary &driver);

#define LAPIDARY_MEMBER(member, exported, ...) std::add_pointer_t<__VA_ARGS__> member = nullptr;
  LAPIDARY_CUDA_RUN_SYMBOLS(LAPIDARY_MEMBER)
#undef LAPIDARY_MEMBER
};

struct CudaSymbols {
  // Opens the first of `libraries` that loads. Errors: NotFound (no driver; each path tried with
  // its reason), Unsupported (a driver without a required function, named).
  static Result<CudaSymbols> load(const std::vector<std::string> &libraries);

  DynamicLibrary library;

#define LAPIDARY_MEMBER(member, exported, ...) std::add_pointer_t<__VA_ARGS__> member = nullptr;
  LAPIDARY_CUDA_SYMBOLS(LAPIDARY_MEMBER, LAPIDARY_MEMBER)
#undef LAPIDARY_MEMBER

  // What the driver calls this error.
  std::string errorText(CudaResult error) const;
};

// Where the driver's library lies: the loader's own search first, then places it may not know.
std::vector<std::string> cudaLibraries();

} // namespace lapidary
