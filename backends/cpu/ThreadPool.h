// One thread a core, each pinned to its own, for launches that follow each other closely.
//
// run() hands out the range [0, count) in pieces. Every thread begins with a share of its own, the
// same one in every launch, so that what it left in its caches is found there again; who is done
// early takes pieces of the others' shares. The calling thread works too. Between launches the
// threads spin for a moment, then sleep.
//
// Owner: one thread, which is pinned to the first core while the pool lives; run() is its alone.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <sched.h>
#include <thread>
#include <vector>

namespace lapidary {

class ThreadPool {
public:
  // At most `threads`; 0: one for every core this process may use.
  explicit ThreadPool(int threads = 0);
  ~ThreadPool();
  ThreadPool(const ThreadPool &) = delete;

  int size() const { return static_cast<int>(shares.size()); }

  // Calls work(context, begin, end, thread) until [0, count) is covered, and returns when all of it
  // is done. What the calls wrote is visible to the caller.
  using Work = void (*)(void *context, std::int64_t begin, std::int64_t end, int thread);
  void run(std::int64_t count, Work work, void *context);

private:
  struct alignas(64) Share { // no two on one cache line
    std::atomic<std::int64_t> next{0};
    std::int64_t end = 0;
  };

  void serve(int thread, std::stop_token stop);
  void takePart(int thread);

  std::vector<Share> shares;
  std::int64_t piece = 1;
  Work work = nullptr;
  void *context = nullptr;
  alignas(64) std::atomic<std::uint32_t> launch{0};   // grows by one a run
  alignas(64) std::atomic<std::int32_t> stillBusy{0}; // helpers that have not finished this run
  cpu_set_t affinityBefore;
  std::vector<std::jthread> helpers; // last: they use the others
};

} // namespace lapidary
