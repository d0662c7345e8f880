// The threads of one block on their way through a program, in step: a value is a number for each
// thread, and where threads part, those that wait are masked. So shuffles and barriers need no
// scheduler, and what threads do to each other through shared memory can be checked as it happens.
//
// Found, and ending the launch: accesses outside of every storage, misaligned accesses, barriers
// and shuffles that part of the threads miss, reads of shared memory that nothing wrote, and races:
// two threads at one byte with no barrier between, one of them writing another value.
//
// One owner, one thread.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace lapidary {

struct SimStorage {
  std::uint64_t begin = 0;
  std::int64_t bytes = 0;
  std::string name; // the argument
};

enum class SimSpace { Global, Shared, Host };

class SimBlock {
public:
  SimBlock(int slots, int threads, int warpSize, std::int64_t sharedBytes,
           const std::vector<SimStorage> &storages);

  const int threads, warpSize;
  std::vector<std::uint8_t> active; // of each thread
  std::array<std::uint32_t, 3> program{}, programs{};
  std::string problem; // not empty: the launch has ended

  std::uint64_t *of(int slot) {
    return &values[static_cast<std::size_t>(slot) * static_cast<std::size_t>(threads)];
  }
  void beginProgram();
  bool anyActive() const;
  bool ended() const { return !problem.empty(); }
  void fail(std::string what);

  // Numbers of 1 to 8 bytes. `alignment` in bytes.
  std::uint64_t read(SimSpace space, int thread, std::uint64_t address, int bytes, int alignment);
  void write(SimSpace space, int thread, std::uint64_t address, int bytes, int alignment,
             std::uint64_t value);
  // The place of a number that is about to be changed in one go; null: there is none.
  std::byte *atomicPlace(SimSpace space, int thread, std::uint64_t address, int bytes);

  void barrier();
  // `sourceOf`: the lane within the warp whose value each lane takes; its own when outside.
  void shuffle(int result, int value, const std::function<int(int thread, int lane)> &sourceOf);

private:
  // What is known of one byte of shared memory: who wrote and read it since which barrier.
  struct Trace {
    std::int32_t writer = -1, reader = -1; // -2: several
    std::uint32_t writtenAt = 0, readAt = 0;
    bool written = false, atomically = false;
  };
  bool reachable(std::uint64_t address, int bytes);
  std::byte *sharedPlace(int thread, std::uint64_t address, int bytes, int alignment);

  std::vector<std::uint64_t> values;
  std::vector<std::byte> shared;
  std::vector<Trace> traces;
  const std::vector<SimStorage> &storages;
  std::size_t lastStorage = 0;
  std::uint32_t interval = 1; // between barriers
};

using SimStep = std::function<void(SimBlock &)>;

struct SimProgram {
  int slots = 0, threads = 0, warpSize = 32;
  std::int64_t sharedBytes = 0;
  std::vector<int> argumentSlots;
  std::vector<std::pair<int, std::uint64_t>> constants; // slot and value
  std::vector<SimStep> steps;
};

void runSteps(const std::vector<SimStep> &steps, SimBlock &block);

} // namespace lapidary
