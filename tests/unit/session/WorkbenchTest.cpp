// The workbench as the window uses it, without a window: commands in, snapshots out.
#include "Fakes.h"
#include "core/support/Paths.h"

#include <gmock/gmock.h>

namespace lapidary {
namespace {

using testing::HasSubstr;
using Status = JobState::Status;

const DeviceTarget cpu{{"cpu", ""}, -1};

class WorkbenchTest : public testing::Test {
protected:
  TemporaryFolder folder;
  FakeServices fakes{folder};
  Listening listening;
  std::unique_ptr<Workbench> workbench;

  void open(const std::string &comment = "") {
    const std::string file = writeAddKernel(folder, comment);
    workbench = std::make_unique<Workbench>(fakes.services, listening.listener());
    workbench->openFile(file);
    workbench->setTargets({{"cpu", ""}});
    ASSERT_TRUE(listening.waitFor([](const Snapshot &snapshot) {
      return snapshot.kernel == "add" && snapshot.targets.size() == 1;
    }));
  }
  std::shared_ptr<const Snapshot> ended(int job) {
    return listening.waitFor([&](const Snapshot &snapshot) { return hasEnded(snapshot, job); });
  }
  static std::optional<std::string> keyOfN(const Snapshot &snapshot) {
    const auto *argument = snapshot.specializations.at(0).find("n");
    return argument ? argument->key : std::nullopt;
  }
};

TEST_F(WorkbenchTest, CommandsReturnAtOnceAndABurstCostsFewUpdates) {
  open();
  const int before = listening.count();
  const auto begin = std::chrono::steady_clock::now();
  for (int i = 0; i < 500; ++i)
    workbench->setText("# " + std::to_string(i) + "\n" + addKernelText());
  workbench->setArgument("n", makeInt(77));
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(10));
  const auto snapshot = listening.waitFor([](const Snapshot &snapshot) {
    return snapshot.file->text.starts_with("# 499\n") && keyOfN(snapshot) == "";
  });
  ASSERT_TRUE(snapshot);
  EXPECT_LT(listening.count() - before, 100) << "superseded edits are not worked out";
  EXPECT_EQ(workbench->snapshot()->file->text, snapshot->file->text);
}

TEST_F(WorkbenchTest, SnapshotsDoNotChange) {
  open();
  const auto first = workbench->snapshot();
  const auto key = keyOfN(*first);
  workbench->setArgument("n", makeInt(77));
  const auto second =
      listening.waitFor([](const Snapshot &snapshot) { return keyOfN(snapshot) == ""; });
  ASSERT_TRUE(second);
  EXPECT_EQ(keyOfN(*first), key);
  EXPECT_GT(second->generation, first->generation);
}

TEST_F(WorkbenchTest, CompilesEveryTargetAndVariant) {
  open();
  const auto snapshot = ended(workbench->compile());
  ASSERT_TRUE(snapshot);
  EXPECT_EQ(snapshot->jobs.back().status, Status::Done) << snapshot->jobs.back().message;
  for (const char *label : {"specialized", "generic"}) {
    const VariantRow *row = findRow(*snapshot, label);
    ASSERT_TRUE(row) << label;
    EXPECT_TRUE(row->compiled.ok);
    EXPECT_FALSE(row->stale);
    EXPECT_TRUE(row->error.empty());
  }
  EXPECT_NE(findRow(*snapshot, "specialized")->key, findRow(*snapshot, "generic")->key);
  workbench->setArgument("n", makeInt(77));
  EXPECT_TRUE(listening.waitFor(
      [](const Snapshot &later) { return findRow(later, "specialized")->stale; }));
}

TEST_F(WorkbenchTest, ATargetThatCannotBeCompiledSaysWhyInItsRow) {
  open();
  workbench->setTargets({{"cuda", "90"}, {"cpu", ""}});
  const auto snapshot = ended(workbench->compile());
  ASSERT_TRUE(snapshot);
  EXPECT_EQ(snapshot->jobs.back().status, Status::Failed);
  EXPECT_THAT(findRow(*snapshot, "specialized", "cuda:90")->error, HasSubstr("PTX"));
  EXPECT_FALSE(findRow(*snapshot, "specialized", "cuda:90")->ttir.empty());
  EXPECT_TRUE(findRow(*snapshot, "generic")->compiled.ok);
}

TEST_F(WorkbenchTest, ANewerCompileTakesThePlaceOfTheOlder) {
  open("slow: 100000"); // longer than the test waits for anything
  const int first = workbench->compile();
  ASSERT_TRUE(listening.waitFor([&](const Snapshot &snapshot) {
    const JobState *job = findJob(snapshot, first);
    return job && job->status == Status::Running;
  })) << "a change with nothing behind it is shown too";
  workbench->setText(addKernelText());
  const auto snapshot = ended(workbench->compile());
  ASSERT_TRUE(snapshot);
  EXPECT_EQ(findJob(*snapshot, first)->status, Status::Cancelled);
  EXPECT_FALSE(findRow(*snapshot, "specialized")->stale);
}

TEST_F(WorkbenchTest, ComparesWithLiveSamplesAndKeepsTheRun) {
  open(R"(fake: {"op": "add", "ns": 50000, "jitter": 0.05, "sleep_ms": 1})");
  const int job = workbench->compare(cpu);
  EXPECT_TRUE(listening.waitFor([&](const Snapshot &snapshot) {
    const VariantRow *row = findRow(snapshot, "specialized");
    return row && !row->modes.empty() && !hasEnded(snapshot, job);
  })) << "samples are shown while they come";
  const auto snapshot = ended(job);
  ASSERT_TRUE(snapshot);
  EXPECT_EQ(findJob(*snapshot, job)->status, Status::Done) << findJob(*snapshot, job)->message;
  EXPECT_EQ(findJob(*snapshot, job)->fraction, 1);
  const VariantRow *specialized = findRow(*snapshot, "specialized"),
                   *generic = findRow(*snapshot, "generic");
  ASSERT_TRUE(specialized && generic);
  EXPECT_EQ(specialized->correct, true);
  EXPECT_NEAR(specialized->modes.at("hot").median.value, 50000, 5000);
  ASSERT_TRUE(specialized->ratio);
  EXPECT_NEAR(specialized->ratio->value, 6, 0.5);
  EXPECT_EQ(specialized->verdict, "faster");
  EXPECT_EQ(generic->ratio->value, 1);
  EXPECT_GE(snapshot->noiseFloor, 0);
  EXPECT_FALSE(snapshot->lastRun.empty());
  EXPECT_TRUE(listening.waitFor([&](const Snapshot &later) {
    return later.history.size() == 1 && later.history[0].id == snapshot->lastRun;
  }));
}

TEST_F(WorkbenchTest, EditingCompilingAndMeasuringGoOnAtOnce) {
  open(R"(fake: {"op": "add", "ns": 50000, "jitter": 0.3, "sleep_ms": 2})");
  const int measuring = workbench->compare(cpu);
  ASSERT_TRUE(listening.waitFor([&](const Snapshot &snapshot) {
    const JobState *job = findJob(snapshot, measuring);
    return job && job->status == Status::Running;
  }));
  const int compiling = workbench->compile();
  for (int n = 100; n < 120; ++n) {
    const auto begin = std::chrono::steady_clock::now();
    workbench->setArgument("n", makeInt(n));
    ASSERT_TRUE(listening.waitFor([&](const Snapshot &snapshot) {
      const Value *value = snapshot.launch.argument("n");
      return value && toInt64(*value) == n;
    }));
    EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(10));
  }
  ASSERT_TRUE(ended(compiling));
  const auto snapshot = ended(measuring);
  ASSERT_TRUE(snapshot);
  EXPECT_EQ(findJob(*snapshot, measuring)->status, Status::Done);
  EXPECT_TRUE(findRow(*snapshot, "specialized")->stale) << "the launch is another by now";
}

TEST_F(WorkbenchTest, CancelsAMeasurement) {
  open(R"(fake: {"op": "add", "ns": 50000, "jitter": 0.5, "sleep_ms": 5})");
  const int job = workbench->compare(cpu);
  ASSERT_TRUE(listening.waitFor([&](const Snapshot &snapshot) {
    const JobState *state = findJob(snapshot, job);
    return state && state->status == Status::Running && state->fraction > 0;
  }));
  workbench->cancel(job);
  const auto snapshot = ended(job);
  ASSERT_TRUE(snapshot);
  EXPECT_EQ(findJob(*snapshot, job)->status, Status::Cancelled);
  const int next = workbench->compare(cpu);
  workbench->cancel(next); // before it begins
  EXPECT_EQ(findJob(*ended(next), next)->status, Status::Cancelled);
}

TEST_F(WorkbenchTest, ACrashOfTheKernelIsARowThatSaysSo) {
  open(R"(fake: {"op": "abort"})");
  const int job = workbench->compare(cpu);
  const auto snapshot = ended(job);
  ASSERT_TRUE(snapshot);
  EXPECT_EQ(findJob(*snapshot, job)->status, Status::Failed);
  EXPECT_THAT(findRow(*snapshot, "specialized")->error, HasSubstr("signal"));
}

TEST_F(WorkbenchTest, OpensExportsAndImportsRuns) {
  open();
  const auto measured = ended(workbench->compare(cpu));
  ASSERT_TRUE(measured);
  const std::string run = measured->lastRun;
  ASSERT_FALSE(run.empty());
  workbench->setText("# nothing\n");
  workbench->openRun(run);
  const auto opened = listening.waitFor([](const Snapshot &snapshot) {
    return snapshot.kernel.empty() && snapshot.variants.size() == 2 && snapshot.variants[0].stale;
  });
  ASSERT_TRUE(opened);
  const VariantRow *specialized = findRow(*opened, "specialized");
  ASSERT_TRUE(specialized);
  EXPECT_EQ(specialized->modes.at("hot").samples.size(),
            findRow(*measured, "specialized")->modes.at("hot").samples.size());
  EXPECT_NEAR(specialized->ratio->value, 6, 0.5);
  EXPECT_EQ(specialized->verdict, "faster");
  EXPECT_FALSE(specialized->compiled.stages.empty()) << "the code is in the cache";

  workbench->annotateRun(run, "first");
  EXPECT_TRUE(listening.waitFor([](const Snapshot &snapshot) {
    return !snapshot.history.empty() && snapshot.history[0].note == "first";
  }));
  workbench->previewExport(run, "triton-decorator");
  EXPECT_TRUE(listening.waitFor([](const Snapshot &snapshot) {
    return snapshot.exportText.contains("triton.Config({\"BLOCK\": 1024}, num_warps=4)");
  }));
  const auto path = (folder / "run.lapidary.json").string();
  workbench->exportRun(run, "lapidary", path);
  ASSERT_TRUE(listening.waitFor([&](const Snapshot &) { return std::filesystem::exists(path); }));
  workbench->importFile(path);
  EXPECT_TRUE(listening.waitFor([](const Snapshot &snapshot) {
    return snapshot.log.back().text.starts_with("imported 1 run");
  }));
  workbench->refreshHistory("no such thing");
  EXPECT_TRUE(listening.waitFor([](const Snapshot &snapshot) { return snapshot.history.empty(); }));
}

TEST_F(WorkbenchTest, ReopeningTheRunOfTheOpenKernelIsFresh) {
  open();
  const auto measured = ended(workbench->compare(cpu));
  ASSERT_TRUE(measured);
  workbench->setArgument("n", makeInt(77));
  ASSERT_TRUE(
      listening.waitFor([](const Snapshot &snapshot) { return snapshot.variants[0].stale; }));
  workbench->setArgument("n", makeInt(4096));
  workbench->openRun(measured->lastRun);
  EXPECT_TRUE(listening.waitFor([](const Snapshot &snapshot) {
    return snapshot.variants.size() == 2 && !snapshot.variants[0].stale;
  }));
}

TEST_F(WorkbenchTest, CountsWhatIsReachedAndFollowsTheEdits) {
  open();
  EXPECT_FALSE(workbench->snapshot()->reach) << "nobody asked";
  workbench->countVariants({.ranges = R"({"n": [1, 16, 17]})"});
  const auto counts = [](const Snapshot &snapshot) {
    std::vector<std::uint64_t> counts;
    if (snapshot.reach)
      for (const VariantAnswer &answer : snapshot.reach->answers)
        counts.push_back(std::uint64_t(answer.report.count.value));
    return counts;
  };
  using Counts = std::vector<std::uint64_t>; // three pointers, aligned or not, make eight
  EXPECT_TRUE(
      listening.waitFor([&](const Snapshot &snapshot) { return counts(snapshot) == Counts{24}; }));
  workbench->setTargets({{"cpu", ""}, {"cuda", "90"}});
  EXPECT_TRUE(listening.waitFor(
      [&](const Snapshot &snapshot) { return counts(snapshot) == Counts{24, 24}; }));
  workbench->setText("import triton\n@triton.jit(do_not_specialize=['n'])\n" +
                     addKernelText().substr(addKernelText().find("def add")));
  EXPECT_TRUE(listening.waitFor(
      [&](const Snapshot &snapshot) { return counts(snapshot) == Counts{8, 8}; }));
  workbench->countVariants({.ranges = R"({"m": [1]})"});
  const auto wrong = listening.waitFor([](const Snapshot &snapshot) {
    return snapshot.reach && !snapshot.reach->problems.at(0).empty();
  });
  ASSERT_TRUE(wrong);
  EXPECT_THAT(wrong->reach->problems[0], HasSubstr("'m'"));
  workbench->setText("# nothing\n");
  EXPECT_TRUE(listening.waitFor([](const Snapshot &snapshot) { return !snapshot.reach; }));
}

TEST_F(WorkbenchTest, ASurveyThatCannotStartSaysWhy) {
  open();
  const int job = workbench->survey((folder / "no such folder").string());
  const auto failed = ended(job);
  ASSERT_TRUE(failed);
  EXPECT_EQ(findJob(*failed, job)->status, Status::Failed);
  EXPECT_THAT(findJob(*failed, job)->message, HasSubstr("no such folder"));
  EXPECT_FALSE(failed->survey);
}

TEST_F(WorkbenchTest, ListsDevicesAndWhyThereAreNone) {
  open();
  workbench->refreshDevices();
  const auto snapshot =
      listening.waitFor([](const Snapshot &snapshot) { return snapshot.devices.size() == 2; });
  ASSERT_TRUE(snapshot);
  EXPECT_EQ(snapshot->devices[0].devices.at(0).name, "Fake device");
  EXPECT_THAT(snapshot->devices[1].problem, HasSubstr("libcuda"));
}

TEST_F(WorkbenchTest, EndsAtAnyMoment) {
  for (int delay : {0, 1, 3, 10, 30, 100, 200}) {
    open(R"(fake: {"op": "add", "ns": 50000, "jitter": 0.5, "sleep_ms": 2})");
    workbench->compile();
    workbench->compare(cpu);
    workbench->refreshDevices();
    workbench->refreshHistory("");
    std::this_thread::sleep_for(std::chrono::milliseconds(delay));
    const auto begin = std::chrono::steady_clock::now();
    workbench.reset();
    EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(5)) << delay;
  }
}

} // namespace
} // namespace lapidary
