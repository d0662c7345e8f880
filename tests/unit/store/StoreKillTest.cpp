// Killing the writer at any moment: the database opens and holds every sample that was
// acknowledged.
#include "core/store/Store.h"
#include "tests/support/TemporaryFolder.h"

#include <gtest/gtest.h>

#include <chrono>
#include <csignal>
#include <random>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

namespace lapidary {
namespace {

// Says on `acknowledge` what is safe: a run's id, then a byte for each sample.
[[noreturn]] void writeForever(const std::filesystem::path &file, int acknowledge) {
  auto store = Store::open(file, Store::Mode::ReadWrite);
  if (!store)
    ::_exit(1);
  for (;;) {
    RunRecord record;
    record.kind = "compare";
    record.kernel = "strided_copy";
    const auto run = (*store)->openRun(record);
    if (!run || ::write(acknowledge, run->data(), run->size()) != ssize_t(run->size()))
      ::_exit(2);
    for (int i = 0; i < 40; ++i) {
      if (!(*store)->addSample(*run, "k", i % 2 ? "generic" : "specialized", "hot", i))
        ::_exit(3);
      if (::write(acknowledge, ".", 1) != 1)
        ::_exit(4);
    }
    if (!(*store)->finishRun(*run, Json::object(), Json::object()))
      ::_exit(5);
  }
}

TEST(StoreKillTest, AHundredKillsLoseNothingAcknowledged) {
  TemporaryFolder folder;
  const auto file = folder / "lapidary.db";
  std::mt19937 random(7);
  std::size_t acknowledgedSamples = 0;
  for (int round = 0; round < 100; ++round) {
    int channel[2];
    ASSERT_EQ(::pipe(channel), 0);
    const pid_t child = ::fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
      ::close(channel[0]);
      writeForever(file, channel[1]);
    }
    ::close(channel[1]);
    std::this_thread::sleep_for(std::chrono::microseconds(random() % 40000));
    ::kill(child, SIGKILL);
    int status = 0;
    ::waitpid(child, &status, 0);
    ASSERT_TRUE(WIFSIGNALED(status)) << "the writer ended by itself with " << WEXITSTATUS(status);
    std::string told;
    char buffer[4096];
    for (ssize_t got; (got = ::read(channel[0], buffer, sizeof buffer)) > 0;)
      told.append(buffer, got);
    ::close(channel[0]);

    auto store = Store::open(file, Store::Mode::ReadWrite);
    ASSERT_TRUE(store) << store.error().message;
    ASSERT_TRUE((*store)->checkIntegrity());
    for (std::size_t at = 0; at < told.size();) {
      const std::string id = told.substr(at, 12);
      const std::size_t end = std::min(told.find('r', at + 12), told.size());
      // A dot is never part of an id, so the dots after it are this run's samples.
      const std::size_t dots = std::count(told.begin() + at, told.begin() + end, '.');
      const auto samples = (*store)->samples(id);
      ASSERT_TRUE((*store)->run(id) && samples);
      std::size_t kept = 0;
      for (const SampleRecord &record : *samples)
        for (std::size_t i = 0; i < record.samples.size(); ++i, ++kept)
          ASSERT_EQ(record.samples[i], 2.0 * i + (record.label == "generic"));
      ASSERT_GE(kept, dots);
      ASSERT_LE(kept, dots + 1) << "no more than the sample in flight is unknown";
      acknowledgedSamples += dots;
      at = end;
    }
  }
  EXPECT_GT(acknowledgedSamples, 1000u) << "the kills came before anything was written";
}

} // namespace
} // namespace lapidary
