#include "backends/cpu/ThreadPool.h"

#include <chrono>
#include <gtest/gtest.h>
#include <thread>

using namespace lapidary;

namespace {

struct Counts {
  std::vector<int> times; // plain on purpose: a race shows under the thread sanitizer
  std::vector<std::atomic<int>> byThread = std::vector<std::atomic<int>>(256);
};

void count(void *opaque, std::int64_t begin, std::int64_t end, int thread) {
  auto &counts = *static_cast<Counts *>(opaque);
  for (std::int64_t i = begin; i < end; ++i)
    ++counts.times[static_cast<std::size_t>(i)];
  counts.byThread[static_cast<std::size_t>(thread)] += static_cast<int>(end - begin);
}

} // namespace

TEST(ThreadPool, EveryProgramRunsOnce) {
  for (int threads : {0, 1, 2}) {
    ThreadPool pool(threads);
    for (std::int64_t programs : {0, 1, 2, 3, 7, 64, 1000, 12345}) {
      Counts counts;
      counts.times.assign(static_cast<std::size_t>(programs), 0);
      pool.run(programs, count, &counts);
      EXPECT_EQ(counts.times, std::vector<int>(static_cast<std::size_t>(programs), 1));
    }
  }
}

TEST(ThreadPool, ManyShortLaunches) {
  ThreadPool pool;
  Counts counts;
  counts.times.assign(100, 0);
  for (int launch = 0; launch < 20000; ++launch)
    pool.run(100, count, &counts);
  EXPECT_EQ(counts.times, std::vector<int>(100, 20000));
}

TEST(ThreadPool, WakesFromSleep) {
  ThreadPool pool;
  Counts counts;
  counts.times.assign(100, 0);
  for (int launch = 0; launch < 20; ++launch) {
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
    pool.run(100, count, &counts);
  }
  EXPECT_EQ(counts.times, std::vector<int>(100, 20));
}

TEST(ThreadPool, AnUnevenLoadIsShared) {
  ThreadPool pool;
  if (pool.size() < 2)
    GTEST_SKIP() << "one core";
  Counts counts;
  counts.times.assign(64, 0);
  // The first half waits: whoever owns the other half must take some of it.
  pool.run(
      64,
      [](void *context, std::int64_t begin, std::int64_t end, int thread) {
        if (begin < 32)
          std::this_thread::sleep_for(std::chrono::milliseconds(3));
        count(context, begin, end, thread);
      },
      &counts);
  EXPECT_EQ(counts.times, std::vector<int>(64, 1));
  EXPECT_GT(counts.byThread[1].load(), 32);
}

TEST(ThreadPool, TheOwnersAffinityComesBack) {
  cpu_set_t before, during, after;
  sched_getaffinity(0, sizeof before, &before);
  {
    ThreadPool pool;
    sched_getaffinity(0, sizeof during, &during);
  }
  sched_getaffinity(0, sizeof after, &after);
  EXPECT_TRUE(CPU_EQUAL(&before, &after));
  EXPECT_EQ(CPU_COUNT(&during), 1);
}
