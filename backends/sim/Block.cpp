#include "backends/sim/Block.h"

#include <algorithm>
#include <cstring>
#include <fmt/format.h>

namespace lapidary {

SimBlock::SimBlock(int slots, int threads, int warpSize, std::int64_t sharedBytes,
                   const std::vector<SimStorage> &storages)
    : threads(threads), warpSize(warpSize), active(static_cast<std::size_t>(threads), 1),
      values(static_cast<std::size_t>(slots) * static_cast<std::size_t>(threads)),
      shared(static_cast<std::size_t>(sharedBytes)), traces(shared.size()), storages(storages) {}

void SimBlock::beginProgram() {
  std::fill(active.begin(), active.end(), 1);
  std::fill(traces.begin(), traces.end(), Trace());
  interval = 1;
}

bool SimBlock::anyActive() const {
  return std::ranges::find(active, 1) != active.end();
}

void SimBlock::fail(std::string what) {
  if (problem.empty())
    problem = fmt::format("program ({}, {}, {}): {}", program[0], program[1], program[2], what);
}

bool SimBlock::reachable(std::uint64_t address, int bytes) {
  auto inside = [&](const SimStorage &storage) {
    return address >= storage.begin &&
           address + static_cast<std::uint64_t>(bytes) <=
               storage.begin + static_cast<std::uint64_t>(storage.bytes);
  };
  if (lastStorage < storages.size() && inside(storages[lastStorage]))
    return true;
  auto found = std::ranges::find_if(storages, inside);
  if (found == storages.end())
    return false;
  lastStorage = static_cast<std::size_t>(found - storages.begin());
  return true;
}

namespace {

std::string placeOf(const std::vector<SimStorage> &storages, std::uint64_t address) {
  const SimStorage *nearest = nullptr;
  std::uint64_t distance = 0;
  for (const SimStorage &storage : storages) {
    const std::uint64_t end = storage.begin + static_cast<std::uint64_t>(storage.bytes);
    const std::uint64_t away = address < storage.begin ? storage.begin - address
                               : address >= end        ? address - end
                                                       : 0;
    if (!nearest || away < distance) {
      nearest = &storage;
      distance = away;
    }
  }
  if (!nearest)
    return fmt::format("address {:#x}", address);
  return address < nearest->begin
             ? fmt::format("{} bytes before the start of {}", distance, nearest->name)
             : fmt::format("{} bytes past the end of {} ({} bytes)", distance, nearest->name,
                           nearest->bytes);
}

} // namespace

std::byte *SimBlock::sharedPlace(int thread, std::uint64_t address, int bytes, int alignment) {
  if (address + static_cast<std::uint64_t>(bytes) > shared.size()) {
    fail(fmt::format("thread {} accesses byte {} of {} bytes of shared memory", thread, address,
                     shared.size()));
    return nullptr;
  }
  if (address % static_cast<std::uint64_t>(alignment) != 0) {
    fail(fmt::format("thread {} accesses shared memory at byte {}, which is no multiple of {}",
                     thread, address, alignment));
    return nullptr;
  }
  return &shared[address];
}

std::uint64_t SimBlock::read(SimSpace space, int thread, std::uint64_t address, int bytes,
                             int alignment) {
  std::uint64_t value = 0;
  if (ended())
    return value;
  if (space == SimSpace::Shared) {
    const std::byte *place = sharedPlace(thread, address, bytes, alignment);
    if (!place)
      return value;
    for (int i = 0; i < bytes; ++i) {
      Trace &trace = traces[address + static_cast<std::uint64_t>(i)];
      if (!trace.written)
        fail(fmt::format("thread {} reads byte {} of shared memory, which nothing has written",
                         thread, address));
      else if (trace.writtenAt == interval && trace.writer != thread)
        fail(fmt::format("thread {} reads byte {} of shared memory, which thread {} writes with no "
                         "barrier between",
                         thread, address, trace.writer));
      trace.reader = trace.readAt == interval && trace.reader != thread ? -2 : thread;
      trace.readAt = interval;
    }
    std::memcpy(&value, place, static_cast<std::size_t>(bytes));
    return value;
  }
  if (space == SimSpace::Global && !reachable(address, bytes)) {
    fail(fmt::format("thread {} reads {}", thread, placeOf(storages, address)));
    return value;
  }
  if (address % static_cast<std::uint64_t>(alignment) != 0)
    fail(fmt::format("thread {} reads address {:#x}, which is no multiple of {}", thread, address,
                     alignment));
  std::memcpy(&value, reinterpret_cast<const void *>(address), static_cast<std::size_t>(bytes));
  return value;
}

void SimBlock::write(SimSpace space, int thread, std::uint64_t address, int bytes, int alignment,
                     std::uint64_t value) {
  if (ended())
    return;
  if (space == SimSpace::Shared) {
    std::byte *place = sharedPlace(thread, address, bytes, alignment);
    if (!place)
      return;
    const bool same = std::memcmp(place, &value, static_cast<std::size_t>(bytes)) == 0;
    for (int i = 0; i < bytes; ++i) {
      Trace &trace = traces[address + static_cast<std::uint64_t>(i)];
      const bool again = trace.writtenAt == interval && trace.writer != thread;
      if ((again && !same) ||
          (trace.readAt == interval && trace.reader != thread && !(again && same)))
        fail(fmt::format("thread {} writes byte {} of shared memory, which thread {} {} with no "
                         "barrier between",
                         thread, address, again ? trace.writer : trace.reader,
                         again ? "writes" : "reads"));
      trace.writer = thread;
      trace.writtenAt = interval;
      trace.written = true;
      trace.atomically = false;
    }
    std::memcpy(place, &value, static_cast<std::size_t>(bytes));
    return;
  }
  if (!reachable(address, bytes))
    return fail(fmt::format("thread {} writes {}", thread, placeOf(storages, address)));
  if (address % static_cast<std::uint64_t>(alignment) != 0)
    fail(fmt::format("thread {} writes address {:#x}, which is no multiple of {}", thread, address,
                     alignment));
  std::memcpy(reinterpret_cast<void *>(address), &value, static_cast<std::size_t>(bytes));
}

std::byte *SimBlock::atomicPlace(SimSpace space, int thread, std::uint64_t address, int bytes) {
  if (ended())
    return nullptr;
  if (space == SimSpace::Shared) {
    std::byte *place = sharedPlace(thread, address, bytes, bytes);
    for (int i = 0; place && i < bytes; ++i) {
      Trace &trace = traces[address + static_cast<std::uint64_t>(i)];
      if (!trace.written)
        fail(fmt::format("thread {} changes byte {} of shared memory, which nothing has written",
                         thread, address));
      else if (trace.writtenAt == interval && trace.writer != thread && !trace.atomically)
        fail(fmt::format("thread {} changes byte {} of shared memory, which thread {} writes with "
                         "no barrier between",
                         thread, address, trace.writer));
      trace.writer = thread;
      trace.writtenAt = interval;
      trace.atomically = true;
    }
    return place;
  }
  if (!reachable(address, bytes)) {
    fail(fmt::format("thread {} changes {}", thread, placeOf(storages, address)));
    return nullptr;
  }
  return reinterpret_cast<std::byte *>(address);
}

void SimBlock::barrier() {
  const auto missing = std::ranges::find(active, 0);
  if (missing != active.end())
    fail(fmt::format("thread {} misses a barrier that others wait at", missing - active.begin()));
  ++interval;
  for (Trace &trace : traces)
    trace.atomically = false;
}

void SimBlock::shuffle(int result, int value,
                       const std::function<int(int thread, int lane)> &sourceOf) {
  const std::uint64_t *from = of(value);
  std::vector<std::uint64_t> moved(static_cast<std::size_t>(threads));
  for (int thread = 0; thread < threads; ++thread) {
    if (active[static_cast<std::size_t>(thread)] !=
        active[static_cast<std::size_t>(thread - thread % warpSize)])
      fail(fmt::format("part of the warp of thread {} misses a shuffle", thread));
    const int lane = thread % warpSize;
    int source = sourceOf(thread, lane);
    if (source < 0 || source >= warpSize)
      source = lane;
    moved[static_cast<std::size_t>(thread)] = from[thread - lane + source];
  }
  std::copy(moved.begin(), moved.end(), of(result));
}

void runSteps(const std::vector<SimStep> &steps, SimBlock &block) {
  for (const SimStep &step : steps) {
    if (block.ended())
      return;
    step(block);
  }
}

} // namespace lapidary
