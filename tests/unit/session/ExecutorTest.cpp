#include "core/session/Executor.h"
#include "core/session/StoreThread.h"
#include "tests/support/TemporaryFolder.h"

#include <gtest/gtest.h>

#include <atomic>
#include <fstream>

namespace lapidary {
namespace {

TEST(ExecutorTest, OneThreadKeepsTheOrder) {
  std::vector<int> seen;
  {
    Executor executor(1);
    for (int i = 0; i < 1000; ++i)
      executor.post([&seen, i] { seen.push_back(i); });
    executor.finish(Executor::Rest::Run);
  }
  ASSERT_EQ(seen.size(), 1000u);
  EXPECT_TRUE(std::ranges::is_sorted(seen));
}

TEST(ExecutorTest, SeveralThreadsRunEverythingOnce) {
  std::atomic<int> sum{0};
  Executor executor(4);
  for (int i = 1; i <= 1000; ++i)
    executor.post([&sum, i] { sum += i; });
  executor.finish(Executor::Rest::Run);
  EXPECT_EQ(sum, 500500);
}

TEST(ExecutorTest, DroppingWaitsForWhatHasBegun) {
  std::atomic<bool> begun{false}, ended{false};
  std::atomic<int> dropped{0};
  Executor executor(1);
  executor.post([&] {
    begun = true;
    std::this_thread::sleep_for(std::chrono::milliseconds(30));
    ended = true;
  });
  while (!begun)
    std::this_thread::yield();
  executor.post([&] { ++dropped; });
  executor.finish(Executor::Rest::Drop);
  EXPECT_TRUE(ended);
  EXPECT_EQ(dropped, 0);
  executor.post([&] { ++dropped; });
  EXPECT_EQ(dropped, 0) << "nothing runs after the end";
}

TEST(ExecutorTest, ATaskMayPostAnother) {
  std::promise<void> second;
  Executor executor(1);
  executor.post([&] { executor.post([&] { second.set_value(); }); });
  EXPECT_EQ(second.get_future().wait_for(std::chrono::seconds(10)), std::future_status::ready);
}

TEST(ExecutorTest, ATaskForLaterRunsOnceItsTimeHasComeAndNotAfterTheEnd) {
  std::promise<Executor::Clock::time_point> ran;
  std::atomic<bool> dropped{false};
  Executor executor(1);
  const auto when = Executor::Clock::now() + std::chrono::milliseconds(20);
  executor.postAt(when + std::chrono::hours(1), [&] { dropped = true; });
  executor.postAt(when, [&] { ran.set_value(Executor::Clock::now()); });
  auto at = ran.get_future();
  ASSERT_EQ(at.wait_for(std::chrono::seconds(10)), std::future_status::ready);
  EXPECT_GE(at.get(), when);
  executor.finish(Executor::Rest::Run);
  EXPECT_FALSE(dropped);
}

TEST(StoreThreadTest, OpensWhenFirstAsked) {
  TemporaryFolder folder;
  const auto file = folder / "lapidary.db";
  StoreThread store(file);
  store.drain();
  EXPECT_FALSE(std::filesystem::exists(file));
  const auto version = store.call([](Store &open) -> Result<int> { return open.schemaVersion(); });
  ASSERT_TRUE(version);
  EXPECT_GE(*version, 1);
}

TEST(StoreThreadTest, SaysWhyItCannotOpenAndTriesAgain) {
  TemporaryFolder folder;
  const auto file = folder / "lapidary.db";
  std::ofstream(file) << std::string(1000, 'x');
  StoreThread store(file);
  const auto history = [&] { return store.call([](Store &open) { return open.history({}); }); };
  EXPECT_EQ(history().error().code, ErrorCode::Unreadable);
  std::filesystem::remove(file);
  EXPECT_TRUE(history());
}

TEST(StoreThreadTest, ManyThreadsShareIt) {
  TemporaryFolder folder;
  StoreThread store(folder / "lapidary.db");
  const std::string run = *store.call([](Store &open) { return open.openRun({}); });
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < 4; ++t)
      threads.emplace_back([&, t] {
        for (int i = 0; i < 50; ++i)
          EXPECT_TRUE(store.call(
              [&](Store &open) { return open.addSample(run, "k", std::to_string(t), "hot", i); }));
      });
  }
  const auto samples = store.call([&](Store &open) { return open.samples(run); });
  ASSERT_TRUE(samples);
  ASSERT_EQ(samples->size(), 4u);
  for (const SampleRecord &record : *samples) {
    ASSERT_EQ(record.samples.size(), 50u);
    EXPECT_TRUE(std::ranges::is_sorted(record.samples));
  }
}

} // namespace
} // namespace lapidary
