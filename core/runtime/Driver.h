// What the measuring worker needs of a device, and nothing more: twelve virtual functions in all.
//
// A Backend names its targets and opens devices; a Device owns its buffers and modules. Used only
// inside `lap worker`, by one thread. Foreign errors come back as Error in the driver's own words.
#pragma once

#include "core/compiler/Compiler.h"
#include "core/support/Json.h"
#include "core/support/Target.h"

#include <array>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <variant>
#include <vector>

namespace lapidary {

struct DeviceInfo {
  Target target; // "cpu", "cuda:90"
  int ordinal = 0;
  std::string name;   // "NVIDIA H100 80GB HBM3", the processor's model
  std::string driver; // version in its own spelling
  std::int64_t memoryBytes = 0;
  std::int64_t cacheBytes = 0;   // the largest cache (L2 of a GPU, last level of a CPU)
  int units = 0;                 // SMs, CUs, cores
  Json details = Json::object(); // clocks, power limit, temperature, ...
};

Json toJson(const DeviceInfo &info);
Result<DeviceInfo> deviceInfoFromJson(const Json &json);

// A device address. Host memory on the CPU backend.
using DeviceAddress = std::uint64_t;
using LaunchArgument = std::variant<DeviceAddress, std::int64_t, double>;

// The argument as it lies in the first `bytes` (1..8) of a slot of 8, little-endian; the rest of the
// slot is 0. A double becomes a float of 4 or 8 bytes.
std::uint64_t slotOf(const LaunchArgument &argument, int bytes);

struct LaunchRequest {
  std::uint64_t kernel = 0; // from load()
  std::array<std::int64_t, 3> grid{1, 1, 1};
  // In the order of the function's runtime parameters, each with the bytes it takes (1..8). A
  // double becomes a float of 4 or 8 bytes; narrower ones come as an integer, their bits.
  std::vector<std::pair<LaunchArgument, int>> arguments;
  int numWarps = 4;
  std::int64_t sharedBytes = 0;
};

// What a kernel did to the device that it ran on.
enum class FaultKind {
  IllegalAddress,    // an access to memory that is not there
  MisalignedAddress, // an access that is not aligned to its own width
  Trap,              // an assertion, a trap, an instruction that cannot be executed
  Timeout,           // the driver's own watch ended it
  Lost,              // the device broke: an error of its memory
};
const char *faultName(FaultKind kind); // "illegal address": stable, as it stands in JSON

struct DeviceFault {
  FaultKind kind;
  std::string message; // in the driver's words
};

class Device {
public:
  virtual ~Device() = default;
  // Set when a kernel has put the device out of use for this process: every further call fails, and
  // only a new process helps.
  const std::optional<DeviceFault> &fault() const { return lost; }

  // The address is a multiple of `alignment` (a power of two) and of no larger power of two, so
  // that a launch is measured with the alignment it declares and not with a better one. `name` (the
  // argument) is for messages about accesses beyond the storage. Errors: OutOfResource with the
  // bytes needed and available.
  virtual Result<DeviceAddress> allocate(std::int64_t bytes, std::int64_t alignment,
                                         const std::string &name) = 0;
  virtual void release(DeviceAddress address) = 0;
  virtual Result<void> copyIn(DeviceAddress to, std::span<const std::byte> from) = 0;
  virtual Result<void> copyOut(std::span<std::byte> to, DeviceAddress from) = 0;
  virtual Result<std::uint64_t> load(std::span<const std::byte> binary,
                                     const std::string &entry) = 0;
  // Launches `count` times back to back and waits; the result is the device's own time for all of
  // them, in nanoseconds (events on a GPU, steady_clock on the CPU).
  virtual Result<double> launch(const LaunchRequest &request, int count) = 0;
  // Puts the caches into a known cold state, outside any timed region.
  virtual Result<void> flushCaches() = 0;
  // Now: clocks, temperature, ..., and in `details` "available_bytes" where the device has memory
  // of its own.
  virtual Result<DeviceInfo> state() = 0;

protected:
  std::optional<DeviceFault> lost;
};

class Backend {
public:
  virtual ~Backend() = default;
  virtual std::string name() const = 0;
  // The compiler's hook for a target, or Unsupported saying what is missing.
  virtual Result<std::shared_ptr<const TargetHook>> targetHook(const Target &target) const = 0;
  // Attached devices; NotFound with the reason (each library path tried) when there is no driver.
  virtual Result<std::vector<DeviceInfo>> devices() const = 0;
  virtual Result<std::unique_ptr<Device>> open(int ordinal) const = 0;
};

// Explicit registration: app/ calls registerAllBackends() (backends/All.h) and hands this on.
class BackendRegistry {
public:
  void add(std::shared_ptr<const Backend> backend);
  // Errors: NotFound naming the backends there are.
  Result<std::shared_ptr<const Backend>> find(const std::string &name) const;
  const std::vector<std::shared_ptr<const Backend>> &all() const { return backends; }

private:
  std::vector<std::shared_ptr<const Backend>> backends;
};

} // namespace lapidary
