// The tensors of one launch: what they hold at the start (their images, in host memory) and where
// they lie on the device. One set serves the reference and every variant, each of which starts from
// the images again.
//
// Owner: the worker's main thread.
#pragma once

#include "core/bench/MeasureJob.h"

#include <memory>
#include <span>

namespace lapidary {

// Uninitialised bytes that know their size.
class HostBytes {
public:
  HostBytes() = default;
  // Errors: OutOfResource with the bytes needed and available.
  static Result<HostBytes> allocate(std::int64_t bytes);
  static Result<HostBytes> copyOf(std::span<const std::byte> bytes);
  std::span<std::byte> span() { return {bytes.get(), size}; }
  std::span<const std::byte> span() const { return {bytes.get(), size}; }

private:
  std::unique_ptr<std::byte[]> bytes;
  std::size_t size = 0;
};

struct TensorBuffer {
  std::string name;
  TensorArgument tensor;
  HostBytes image;
  DeviceAddress address = 0; // of the storage's first byte; 0: not on the device yet
};

class LaunchBuffers {
public:
  // Every tensor among `names`, without its image. Errors: InvalidInput (no such argument, sizes
  // that contradict each other).
  static Result<LaunchBuffers> plan(const MeasureJob &job, const std::vector<std::string> &names);
  std::int64_t bytes() const { return storage; } // of all storages
  // Draws the images. Errors: InvalidInput, OutOfResource, Unreadable.
  Result<void> draw(std::uint64_t seed);
  LaunchBuffers(LaunchBuffers &&other) noexcept;
  LaunchBuffers &operator=(LaunchBuffers &&) = delete;
  ~LaunchBuffers(); // gives the device's memory back

  std::vector<TensorBuffer> &all() { return buffers; }
  TensorBuffer *find(const std::string &name);

  Result<void> placeOn(Device &device);
  Result<void> restore(Device &device); // images to the device, all of them

  // A variant's arguments by its parameters' names and types. Errors: InvalidInput.
  Result<std::vector<std::pair<LaunchArgument, int>>> launchArguments(const MeasureJob &job,
                                                                      const CodeObject &object);

private:
  LaunchBuffers() = default;
  std::vector<TensorBuffer> buffers;
  std::int64_t storage = 0;
  Device *device = nullptr;
};

// A scalar argument in the form its declared type asks for. `bits` of a type narrower than 4 bytes
// come as an integer. Errors: InvalidInput.
struct ScalarArgument {
  std::variant<std::int64_t, double> value;
  int bytes = 8;
};
Result<ScalarArgument> scalarArgument(const std::string &name, const Value &value,
                                      const std::string &type);

const Value *findArgument(const MeasureJob &job, const std::string &name);

} // namespace lapidary
