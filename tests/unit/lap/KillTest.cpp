// A hundred comparisons killed at random moments: the database opens and holds every sample that
// the process said was measured.
#include "LapProcess.h"
#include "core/store/Store.h"
#include "core/support/Paths.h"

#include <gtest/gtest.h>

#include <csignal>
#include <map>
#include <random>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

namespace lapidary {
namespace {

using Series = std::map<std::pair<std::string, std::string>, std::vector<double>>; // variant, mode

// Samples in whole lines; the last line may be torn.
Series samplesOf(const std::string &messages) {
  Series series;
  for (std::size_t at = 0, end; (end = messages.find('\n', at)) != std::string::npos;
       at = end + 1) {
    const auto line = parseJson(messages.substr(at, end - at), "event");
    if (line && line->is_object() && line->value("event", "") == "sample")
      series[{(*line)["variant"], (*line)["mode"]}].push_back((*line)["ns"]);
  }
  return series;
}

std::string readAll(int descriptor) {
  std::string all;
  char buffer[65536];
  for (ssize_t got; (got = ::read(descriptor, buffer, sizeof buffer)) > 0;)
    all.append(buffer, static_cast<std::size_t>(got));
  ::close(descriptor);
  return all;
}

TEST(KillTest, AHundredKilledComparisonsLoseNoFinishedSample) {
  TemporaryFolder folder;
  const LapProcess lap(folder);
  ASSERT_TRUE(writeFileAtomically(folder / "add.py", vectorAddText()));
  const std::vector<std::string> compare = {"compare",  (folder / "add.py").string(),
                                            "-l",       vectorAddLaunch(1 << 16),
                                            "-t",       "cpu",
                                            "--events", "--warm-up",
                                            "0.01",     "--time-limit",
                                            "5"};
  const auto database = folder / "DATA/lapidary/lapidary.db";
  std::mt19937 random(11);
  std::size_t checked = 0, unfinished = 0, runsBefore = 0;
  for (int round = 0; round < 100; ++round) {
    int messages = -1;
    const pid_t child = lap.start(compare, messages);
    ASSERT_GT(child, 0);
    std::string told;
    std::jthread reader([&] { told = readAll(messages); });
    std::this_thread::sleep_for(std::chrono::milliseconds(50 + random() % 900));
    ::kill(child, SIGKILL);
    int status = 0;
    ::waitpid(child, &status, 0);
    reader.join();

    const Series series = samplesOf(told);
    if (!std::filesystem::exists(database)) {
      ASSERT_TRUE(series.empty());
      continue;
    }
    auto store = Store::open(database, Store::Mode::ReadWrite);
    ASSERT_TRUE(store) << store.error().message;
    ASSERT_TRUE((*store)->checkIntegrity());
    const auto runs = (*store)->history({"", 1000});
    ASSERT_TRUE(runs);
    ASSERT_GE(runs->size(), runsBefore);
    ASSERT_LE(runs->size(), runsBefore + 1);
    if (!series.empty()) {
      ASSERT_EQ(runs->size(), runsBefore + 1);
      const auto stored = (*store)->samples(runs->front().id);
      ASSERT_TRUE(stored);
      for (const auto &[key, values] : series) {
        const auto record = std::ranges::find_if(*stored, [&](const SampleRecord &one) {
          return one.label == key.first && one.mode == key.second;
        });
        ASSERT_NE(record, stored->end()) << key.first;
        ASSERT_GE(record->samples.size(), values.size());
        for (std::size_t i = 0; i < values.size(); ++i)
          ASSERT_EQ(record->samples[i], values[i]);
        checked += values.size();
      }
      unfinished += runs->front().finishedAt.empty();
    }
    runsBefore = runs->size();
  }
  EXPECT_GT(checked, 1000u) << "the kills came before anything was measured";
  EXPECT_GT(unfinished, 10u) << "the kills came after everything was measured";
}

} // namespace
} // namespace lapidary
