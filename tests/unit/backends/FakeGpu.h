// What the fake drivers of both vendors share: a GPU whose memory is the host's, whose clock counts
// launches, and that fails as it is told. Each driver includes this once and exports functions
// under its vendor's names.
//
// The environment variable FAKE_GPU says what goes wrong, read at every call:
//
//   cuMemAlloc_v2=2             every call answers this error
//   cuEventSynchronize@3=700    the third call and those after it; from 700 on the context is gone:
//                               every other call but those that free something answers it as well
//   cuLaunchKernel=hang         never returns; `kill` and `abort` end the process
//
// A module is text: "fake add:8,8,8,4" holds the kernel `add` (out[i] = x[i] + y[i] over floats,
// arguments x, y, out, n) with the sizes of its arguments; any other image is taken for a module in
// which every name is found and nothing is done.
#pragma once

#include <csignal>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <map>
#include <sstream>
#include <string>
#include <unistd.h>
#include <vector>

#define EXPORT extern "C" __attribute__((visibility("default")))

// A function of the driver that does as FAKE_GPU tells, else what the last argument says.
#define FAKE(name, parameters, ...)                                                                \
  EXPORT int name parameters {                                                                     \
    const int error = fake::answer(#name);                                                         \
    return error ? error : (__VA_ARGS__);                                                          \
  }

namespace fake {

struct Module {
  std::string entry; // empty: any
  std::vector<int> sizes;
};

struct State {
  bool entered = false;
  int lost = 0;
  std::map<std::string, int> calls;
  std::map<std::uint64_t, std::vector<std::byte>> memory;
  std::size_t used = 0;
  std::map<void *, double> events; // the clock when each was recorded, in ms
  double clock = 0;
  std::string log; // a line for each launch and each attribute set
};

inline State &state() {
  static State state;
  return state;
}

constexpr std::size_t allMemory = std::size_t(1) << 30;
constexpr double launchMilliseconds = 0.01;

// The value that FAKE_GPU gives to this call, or nothing.
inline std::string told(const std::string &function) {
  const int call = ++state().calls[function];
  const char *text = std::getenv("FAKE_GPU");
  std::istringstream orders(text ? text : "");
  for (std::string order; std::getline(orders, order, ',');) {
    const std::size_t equals = order.find('='), at = order.find('@');
    if (order.substr(0, std::min(equals, at)) != function)
      continue;
    if (at < equals && call < std::atoi(order.c_str() + at + 1))
      continue;
    return order.substr(equals + 1);
  }
  return {};
}

// What a call answers before it does anything.
inline int answer(const char *function) {
  const std::string order = told(function);
  if (order == "hang")
    while (true)
      pause();
  if (order == "kill")
    raise(SIGKILL);
  if (order == "abort")
    std::abort();
  const int error = std::atoi(order.c_str());
  if (error >= 700 && state().lost == 0)
    state().lost = error;
  return state().lost ? state().lost : error;
}

inline int invalidContext() {
  return 201;
}

inline int allocate(std::uint64_t *address, std::size_t bytes) {
  if (!state().entered)
    return invalidContext();
  if (bytes > allMemory - state().used)
    return 2;
  std::vector<std::byte> memory(bytes, std::byte{0xcc});
  *address = reinterpret_cast<std::uint64_t>(memory.data());
  state().used += bytes;
  state().memory.emplace(*address, std::move(memory));
  return 0;
}

inline int release(std::uint64_t address) {
  auto found = state().memory.find(address);
  if (found == state().memory.end())
    return 1;
  state().used -= found->second.size();
  state().memory.erase(found);
  return 0;
}

// Whether all of it lies in one allocation.
inline bool owns(std::uint64_t address, std::size_t bytes) {
  auto after = state().memory.upper_bound(address);
  if (after == state().memory.begin())
    return false;
  const auto &[begin, memory] = *std::prev(after);
  return address + bytes <= begin + memory.size();
}

inline int copy(std::uint64_t device, void *to, const void *from, std::size_t bytes) {
  if (!owns(device, bytes))
    return 1;
  std::memcpy(to, from, bytes);
  return 0;
}

inline int load(void **module, const void *image) {
  auto *made = new Module;
  std::string text(static_cast<const char *>(image));
  if (text.starts_with("fake ")) {
    made->entry = text.substr(5, text.find(':') - 5);
    std::istringstream sizes(text.substr(text.find(':') + 1));
    for (std::string size; std::getline(sizes, size, ',');)
      made->sizes.push_back(std::atoi(size.c_str()));
  }
  *module = made;
  return 0;
}

inline int unload(void *module) {
  delete static_cast<Module *>(module);
  return 0;
}

inline int function(void **function, void *module, const char *name) {
  const auto *from = static_cast<Module *>(module);
  *function = module;
  return from->entry.empty() || from->entry == name ? 0 : 500;
}

inline int launch(void *function, const unsigned (&grid)[3], const unsigned (&block)[3],
                  unsigned sharedBytes, void **arguments) {
  const auto *kernel = static_cast<Module *>(function);
  std::ostringstream line;
  line << kernel->entry << " " << grid[0] << "x" << grid[1] << "x" << grid[2] << " of " << block[0]
       << "x" << block[1] << "x" << block[2] << ", " << sharedBytes << " bytes shared\n";
  state().log += line.str();
  state().clock += launchMilliseconds;
  if (kernel->entry == "add") {
    std::uint64_t pointers[3];
    std::int32_t n;
    for (int i = 0; i < 3; ++i)
      std::memcpy(&pointers[i], arguments[i], 8);
    std::memcpy(&n, arguments[3], 4);
    for (std::uint64_t pointer : pointers)
      if (!owns(pointer, 4 * static_cast<std::size_t>(n))) {
        state().lost = 700; // whoever calls next is told
        return 0;
      }
    for (std::int32_t i = 0; i < n; ++i)
      reinterpret_cast<float *>(pointers[2])[i] =
          reinterpret_cast<float *>(pointers[0])[i] + reinterpret_cast<float *>(pointers[1])[i];
  }
  return 0;
}

inline int createEvent(void **event) {
  *event = new char;
  return 0;
}

inline int destroyEvent(void *event) {
  delete static_cast<char *>(event);
  return 0;
}

inline int record(void *event) {
  state().events[event] = state().clock;
  return 0;
}

inline int enter() {
  state().entered = true;
  return 0;
}

inline int memoryInfo(std::size_t *available, std::size_t *all) {
  *available = allMemory - state().used;
  *all = allMemory;
  return 0;
}

inline int fill(std::uint64_t to, unsigned value, std::size_t words) {
  if (!owns(to, 4 * words))
    return 1;
  for (std::size_t i = 0; i < words; ++i)
    reinterpret_cast<unsigned *>(to)[i] = value;
  return 0;
}

inline int elapsed(float *milliseconds, void *begin, void *end) {
  *milliseconds = static_cast<float>(state().events.at(end) - state().events.at(begin));
  return 0;
}

} // namespace fake

// What the fake did, and its return to the beginning.
EXPORT const char *fakeLog() {
  return fake::state().log.c_str();
}
EXPORT std::size_t fakeAllocations() {
  return fake::state().memory.size();
}
EXPORT void fakeReset() {
  fake::state() = {};
}
