#include "backends/cpu/ThreadPool.h"

#include "backends/cpu/HostInfo.h"

#include <algorithm>
#include <chrono>
#include <pthread.h>

namespace lapidary {

static void pause() {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  asm volatile("yield");
#endif
}

static void pinTo(int core) {
  cpu_set_t set;
  CPU_ZERO(&set);
  CPU_SET(static_cast<std::size_t>(core), &set);
  pthread_setaffinity_np(pthread_self(), sizeof set,
                         &set); // refused in some sandboxes: unpinned then
}

ThreadPool::ThreadPool(int threads)
    : shares([&] {
        std::size_t cores = usableCores().size();
        return threads > 0 ? std::min(static_cast<std::size_t>(threads), cores) : cores;
      }()) {
  std::vector<int> cores = usableCores();
  pthread_getaffinity_np(pthread_self(), sizeof affinityBefore, &affinityBefore);
  pinTo(cores[0]);
  for (int thread = 1; thread < size(); ++thread)
    helpers.emplace_back(
        [this, thread, core = cores[static_cast<std::size_t>(thread)]](std::stop_token stop) {
          pinTo(core);
          serve(thread, stop);
        });
}

ThreadPool::~ThreadPool() {
  for (std::jthread &helper : helpers)
    helper.request_stop();
  launch.fetch_add(1);
  launch.notify_all();
  helpers.clear();
  pthread_setaffinity_np(pthread_self(), sizeof affinityBefore, &affinityBefore);
}

void ThreadPool::serve(int thread, std::stop_token stop) {
  constexpr auto spinTime = std::chrono::microseconds(100);
  std::uint32_t seen = 0;
  while (true) {
    auto sleepAt = std::chrono::steady_clock::now() + spinTime;
    for (int i = 0; launch.load(std::memory_order_acquire) == seen; ++i) {
      pause();
      if (i % 64 == 63 && std::chrono::steady_clock::now() > sleepAt)
        launch.wait(seen, std::memory_order_acquire);
    }
    seen = launch.load(std::memory_order_acquire);
    if (stop.stop_requested())
      return;
    takePart(thread);
    stillBusy.fetch_sub(1, std::memory_order_release);
  }
}

void ThreadPool::takePart(int thread) {
  int count = size();
  for (int i = 0; i < count; ++i) {
    Share &share = shares[static_cast<std::size_t>((thread + i) % count)];
    while (share.next.load(std::memory_order_relaxed) < share.end) {
      std::int64_t begin = share.next.fetch_add(piece, std::memory_order_relaxed);
      if (begin >= share.end)
        break;
      work(context, begin, std::min(begin + piece, share.end), thread);
    }
  }
}

void ThreadPool::run(std::int64_t count, Work newWork, void *newContext) {
  constexpr std::int64_t piecesEach = 16; // fine enough to even out, coarse enough to cost nothing
  std::int64_t threads = size();
  if (threads == 1 || count <= 1) {
    if (count > 0)
      newWork(newContext, 0, count, 0);
    return;
  }
  work = newWork;
  context = newContext;
  piece = std::max<std::int64_t>(1, count / (threads * piecesEach));
  for (std::int64_t i = 0; i < threads; ++i) {
    Share &share = shares[static_cast<std::size_t>(i)];
    share.next.store(count / threads * i + std::min(i, count % threads), std::memory_order_relaxed);
    share.end = count / threads * (i + 1) + std::min(i + 1, count % threads);
  }
  stillBusy.store(static_cast<std::int32_t>(threads - 1), std::memory_order_relaxed);
  launch.fetch_add(1, std::memory_order_release);
  launch.notify_all();
  takePart(0);
  for (int i = 0; stillBusy.load(std::memory_order_acquire) != 0; ++i) {
    pause();
    if (i % 1024 == 1023)
      std::this_thread::yield(); // more threads than the machine has time for
  }
}

} // namespace lapidary
