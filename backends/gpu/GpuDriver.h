// What NVIDIA's driver and AMD's runtime have in common, which is nearly all that is used of them:
// the same functions of the same types under names of their own, the same error numbers. A vendor
// is data (GpuVendor): names, attribute numbers, words; the library is looked up with them when it
// is first needed, so nothing of a vendor is there when this program is built.
//
// The types are those of the vendors' stable C interfaces. Handles (context, module, function,
// event) are pointers, a device is an int, an address 64 bits.
//
//   Result<GpuDriver> driver = GpuDriver::load(cudaVendor(), cudaLibraries());
//   if (!driver)
//     return std::unexpected(driver.error());          // names each path tried
//   if (GpuResult error = driver->init(0))
//     return std::unexpected(driver->error("cuInit", error)); // in the driver's own words
#pragma once

#include "core/runtime/Driver.h"
#include "core/support/DynamicLibrary.h"

#include <cstddef>
#include <string>
#include <type_traits>
#include <vector>

namespace lapidary {

using GpuResult = int; // CUresult, hipError_t; 0 is success
using GpuHandle = void *;

// Entries: member, type. Without a LISTING function a driver is of no use, without a RUNNING one it
// can list its devices; an OPTIONAL one is null where the driver or the vendor does not have it.
#define LAPIDARY_GPU_FUNCTIONS(LISTING, RUNNING, OPTIONAL)                                         \
  LISTING(init, GpuResult(unsigned flags))                                                         \
  LISTING(version, GpuResult(int *version))                                                        \
  LISTING(deviceCount, GpuResult(int *count))                                                      \
  LISTING(deviceGet, GpuResult(int *device, int ordinal))                                          \
  LISTING(deviceName, GpuResult(char *name, int length, int device))                               \
  LISTING(deviceMemory, GpuResult(std::size_t *bytes, int device))                                 \
  LISTING(deviceAttribute, GpuResult(int *value, int attribute, int device))                       \
  OPTIONAL(devicePciBusId, GpuResult(char *id, int length, int device))                            \
  RUNNING(memoryInfo, GpuResult(std::size_t *available, std::size_t *all))                         \
  RUNNING(allocate, GpuResult(DeviceAddress *address, std::size_t bytes))                          \
  RUNNING(release, GpuResult(DeviceAddress address))                                               \
  RUNNING(copyIn, GpuResult(DeviceAddress to, const void *from, std::size_t bytes))                \
  RUNNING(copyOut, GpuResult(void *to, DeviceAddress from, std::size_t bytes))                     \
  RUNNING(fill, GpuResult(DeviceAddress to, unsigned value, std::size_t words, GpuHandle stream))  \
  RUNNING(moduleLoad, GpuResult(GpuHandle *module, const void *image, unsigned count,              \
                                int *options, void **values))                                      \
  RUNNING(moduleUnload, GpuResult(GpuHandle module))                                               \
  RUNNING(moduleFunction, GpuResult(GpuHandle *function, GpuHandle module, const char *name))      \
  RUNNING(launch,                                                                                  \
          GpuResult(GpuHandle function, unsigned gridX, unsigned gridY, unsigned gridZ,            \
                    unsigned blockX, unsigned blockY, unsigned blockZ, unsigned sharedBytes,       \
                    GpuHandle stream, void **arguments, void **extra))                             \
  RUNNING(eventCreate, GpuResult(GpuHandle *event, unsigned flags))                                \
  RUNNING(eventDestroy, GpuResult(GpuHandle event))                                                \
  RUNNING(eventRecord, GpuResult(GpuHandle event, GpuHandle stream))                               \
  RUNNING(eventSynchronize, GpuResult(GpuHandle event))                                            \
  RUNNING(eventElapsed, GpuResult(float *milliseconds, GpuHandle begin, GpuHandle end))

// How a vendor enters a device: NVIDIA by a context that is retained and made current, AMD by
// naming the device. And what only NVIDIA has.
#define LAPIDARY_GPU_ENTERING(FUNCTION)                                                            \
  FUNCTION(contextRetain, GpuResult(GpuHandle *context, int device))                               \
  FUNCTION(contextRelease, GpuResult(int device))                                                  \
  FUNCTION(contextSet, GpuResult(GpuHandle context))                                               \
  FUNCTION(functionSet, GpuResult(GpuHandle function, int attribute, int value))                   \
  FUNCTION(deviceSet, GpuResult(int device))

struct GpuDriver;

struct GpuVendor {
  std::string backend; // "cuda"
  std::string maker;   // "NVIDIA"
  std::string driver;  // "NVIDIA driver": what a message calls the library
  std::string update;  // what to do about one that is too old: "update the driver"
  std::string unseen;  // what to look at when it sees no GPU

  // The exported name of each function. Null: the vendor has none.
  struct Names {
#define LAPIDARY_NAME(member, ...) const char *member = nullptr;
    LAPIDARY_GPU_FUNCTIONS(LAPIDARY_NAME, LAPIDARY_NAME, LAPIDARY_NAME)
    LAPIDARY_GPU_ENTERING(LAPIDARY_NAME)
#undef LAPIDARY_NAME
  } names;

  // The numbers of attributes.
  struct Attributes {
    int clockKilohertz, memoryClockKilohertz, memoryBusBits, l2Bytes, multiprocessors, eccEnabled;
    int sharedBytes, warpSize, threadsPerBlock, gridX, gridY, gridZ;
  } attributes;

  std::string (*versionText)(int version);
  // As a target names it; what there is to say beside goes to `details`. Errors: Unreadable,
  // Unsupported.
  Result<std::string> (*architecture)(const GpuDriver &driver, int device, Json &details);
  std::string (*errorWords)(const GpuDriver &driver, GpuResult error); // empty: none
  // Shared memory is asked for by the launch; else the code object does.
  bool launchSizesShared;
  std::int64_t mostThreads; // of one axis of the grid, in all its blocks; 0: no limit of its own
};

// The functions of a driver that is loaded. Any thread may call them after entering the device.
struct GpuDriver {
  // Opens the first of `libraries` that loads. Errors: NotFound (no driver; each path tried with
  // its reason), Unsupported (a driver without a function that listing needs, named).
  static Result<GpuDriver> load(const GpuVendor &vendor, const std::vector<std::string> &libraries);
  // Errors: Unsupported naming what running kernels needs and the driver lacks.
  Result<void> checkRuns() const;

  // Unreadable: "the NVIDIA driver PATH failed in cuInit: ... (error 803)".
  Error error(const char *function, GpuResult code) const;
  Error tooOld(const std::string &missing) const; // Unsupported
  std::string words(GpuResult code) const;        // "out of memory (error 2)"

  const GpuVendor *vendor;
  DynamicLibrary library;

#define LAPIDARY_MEMBER(member, ...) std::add_pointer_t<__VA_ARGS__> member = nullptr;
  LAPIDARY_GPU_FUNCTIONS(LAPIDARY_MEMBER, LAPIDARY_MEMBER, LAPIDARY_MEMBER)
  LAPIDARY_GPU_ENTERING(LAPIDARY_MEMBER)
#undef LAPIDARY_MEMBER
};

// The libraries to try: the one that the environment variable names and no other, else `usual`.
std::vector<std::string> driverLibraries(const char *variable, std::vector<std::string> usual);

} // namespace lapidary
