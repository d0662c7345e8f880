#include "core/store/Store.h"
#include "core/store/Schema.h"
#include "tests/support/TemporaryFolder.h"

#include <gmock/gmock.h>

namespace lapidary {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

RunRecord someRun(const std::string &kernel = "vector_add") {
  RunRecord run;
  run.kind = "compare";
  run.kernel = kernel;
  run.file = "kernels.py";
  run.sourceHash = "abc";
  run.target = "cpu";
  run.device = "Some CPU";
  run.launch = {{"kernel", kernel}, {"arguments", {{"n", 1024}}}};
  run.deviceState = Json::object();
  run.options = {{"minimum_samples", 10}};
  run.result = nullptr;
  return run;
}

VariantRecord someVariant(const std::string &key) {
  return {key,
          "vector_add",
          "abc",
          "cpu",
          "*fp32:D, i32:D",
          "0.1 llvm 22",
          {{"x_ptr", {"tt.divisibility"}}},
          {{"num_warps", 4}},
          {{"code_bytes", 512}},
          {{"source", "abc"}}};
}

class StoreTest : public testing::Test {
protected:
  TemporaryFolder folder;
  std::filesystem::path file = folder / "deep/er/lapidary.db";
  std::unique_ptr<Store> open(Store::Mode mode = Store::Mode::ReadWrite) {
    auto store = Store::open(file, mode);
    EXPECT_TRUE(store) << (store ? "" : store.error().message);
    return store ? std::move(*store) : nullptr;
  }
};

TEST_F(StoreTest, CreatesFoldersAndSchema) {
  const auto store = open();
  ASSERT_TRUE(store);
  EXPECT_EQ(store->schemaVersion(), static_cast<int>(schemaSteps().size()));
  EXPECT_TRUE(store->checkIntegrity());
  SQLite::Database database(file.string());
  EXPECT_EQ(database.execAndGet("PRAGMA journal_mode").getString(), "wal");
  EXPECT_EQ(database.execAndGet("PRAGMA application_id").getInt(), storeApplicationId);
}

TEST_F(StoreTest, KeepsARunWithItsSamples) {
  auto store = open();
  const auto id = store->openRun(someRun());
  ASSERT_TRUE(id);
  EXPECT_THAT(*id, testing::MatchesRegex("r[0-9a-z]{11}"));
  for (double sample : {3.5, 1.25, 2.0})
    ASSERT_TRUE(store->addSample(*id, "k1", "specialized", "hot", sample));
  ASSERT_TRUE(store->addSample(*id, "k2", "generic", "hot", 9));
  ASSERT_TRUE(store->addSample(*id, "k1", "specialized", "cold", 7));
  const auto unfinished = store->run(*id);
  ASSERT_TRUE(unfinished);
  EXPECT_TRUE(unfinished->finishedAt.empty());
  ASSERT_TRUE(store->finishRun(*id, {{"name", "Some CPU"}}, {{"verdict", "faster"}}));

  store = open(Store::Mode::ReadOnly);
  const auto run = store->run(id->substr(0, 6));
  ASSERT_TRUE(run) << run.error().message;
  EXPECT_EQ(run->id, *id);
  EXPECT_EQ(run->launch["arguments"]["n"], 1024);
  EXPECT_EQ(run->result["verdict"], "faster");
  EXPECT_THAT(run->startedAt, testing::MatchesRegex("....-..-..T..:..:..\\....Z"));
  EXPECT_GE(run->finishedAt, run->startedAt);
  const auto samples = store->samples(*id);
  ASSERT_TRUE(samples);
  ASSERT_EQ(samples->size(), 3u);
  EXPECT_EQ((*samples)[0].label, "specialized");
  EXPECT_THAT((*samples)[0].samples, ElementsAre(3.5, 1.25, 2.0));
  EXPECT_EQ((*samples)[1].label, "generic");
  EXPECT_EQ((*samples)[2].mode, "cold");
}

TEST_F(StoreTest, ASecondConnectionAppendsAfterTheFirst) {
  auto store = open();
  const std::string id = *store->openRun(someRun());
  ASSERT_TRUE(store->addSample(id, "k", "generic", "hot", 1));
  store = open();
  ASSERT_TRUE(store->addSample(id, "k", "generic", "hot", 2));
  EXPECT_THAT(store->samples(id)->at(0).samples, ElementsAre(1, 2));
}

TEST_F(StoreTest, RefusesSamplesThatAreNone) {
  auto store = open();
  const std::string id = *store->openRun(someRun());
  EXPECT_EQ(store->addSample(id, "k", "generic", "hot", std::nan("")).error().code,
            ErrorCode::InvalidInput);
  EXPECT_EQ(store->addSample("rnone", "k", "generic", "hot", 1).error().code, ErrorCode::NotFound);
  EXPECT_TRUE(store->addSample(id, "k", "generic", "hot", 1))
      << "a bad run must not block the next";
  EXPECT_EQ(store->finishRun("rnone", {}, {}).error().code, ErrorCode::NotFound);
}

TEST_F(StoreTest, HistoryIsNewestFirstAndFiltered) {
  auto store = open();
  const std::string first = *store->openRun(someRun("softmax_rows"));
  const std::string second = *store->openRun(someRun("vector_add"));
  ASSERT_TRUE(store->annotateRun(first, "before the clean-up 100%"));
  const auto ids = [&](const std::string &text, int limit = 200) {
    std::vector<std::string> found;
    const auto runs = store->history({text, limit});
    EXPECT_TRUE(runs) << (runs ? "" : runs.error().message);
    for (const RunRecord &run : *runs)
      found.push_back(run.id);
    return found;
  };
  EXPECT_THAT(ids(""), ElementsAre(second, first));
  EXPECT_THAT(ids("", 1), ElementsAre(second));
  EXPECT_THAT(ids("SOFTMAX"), ElementsAre(first));
  EXPECT_THAT(ids("clean-up 100%"), ElementsAre(first));
  EXPECT_THAT(ids("%"), ElementsAre(first)) << "the filter is text, not a pattern";
  EXPECT_THAT(ids("no such"), ElementsAre());
}

TEST_F(StoreTest, NamesRunsThatAPrefixLeavesOpen) {
  auto store = open();
  const std::string first = *store->openRun(someRun()), second = *store->openRun(someRun());
  const auto both = store->run("r");
  ASSERT_FALSE(both);
  EXPECT_EQ(both.error().code, ErrorCode::InvalidInput);
  EXPECT_THAT(both.error().message, AllOf(HasSubstr(first), HasSubstr(second)));
  EXPECT_EQ(store->run("").error().code, ErrorCode::NotFound);
  EXPECT_EQ(store->run("r%").error().code, ErrorCode::NotFound);
}

TEST_F(StoreTest, KeepsKernelsLaunchesAndVariants) {
  auto store = open();
  const std::string text("def f():\n  '''\xff\0binary'''\n", 26);
  ASSERT_TRUE(store->saveKernel("h", "f", "f.py", text));
  EXPECT_EQ(*store->kernelText("h"), text);
  EXPECT_EQ(*store->kernelText("other"), "");
  ASSERT_TRUE(store->saveLaunch("h", "small", {{"n", 1}}));
  ASSERT_TRUE(store->saveLaunch("h", "big", {{"n", 2}}));
  ASSERT_TRUE(store->saveLaunch("h", "small", {{"n", 3}}));
  const auto launches = store->launches("h");
  ASSERT_EQ(launches->size(), 2u);
  EXPECT_EQ((*launches)[1].second["n"], 3);
  ASSERT_TRUE(store->saveVariant(someVariant("k")));
  const auto variant = store->variant("k");
  ASSERT_TRUE(variant && *variant);
  EXPECT_EQ((*variant)->signature, "*fp32:D, i32:D");
  EXPECT_EQ((*variant)->properties, someVariant("k").properties);
  EXPECT_FALSE(*store->variant("other"));
}

TEST_F(StoreTest, RestoresARunUnderItsIdUnlessTaken) {
  auto store = open();
  RunRecord run = someRun();
  run.id = "r0123456789a";
  run.startedAt = "2025-01-31T12:00:00.000Z";
  const std::vector<SampleRecord> samples = {{"", "k", "generic", "hot", {1, 2}}};
  EXPECT_EQ(*store->restoreRun(run, samples, {someVariant("k")}), run.id);
  EXPECT_EQ(*store->restoreRun(run, samples, {someVariant("k")}), run.id)
      << "the same again is the same";
  EXPECT_EQ(store->history({})->size(), 1u);
  EXPECT_THAT(store->samples(run.id)->at(0).samples, ElementsAre(1, 2));
  run.kernel = "another";
  const auto other = store->restoreRun(run, samples, {});
  ASSERT_TRUE(other);
  EXPECT_NE(*other, run.id);
  EXPECT_EQ(store->run(*other)->kernel, "another");
  EXPECT_EQ(store->run(run.id)->kernel, "vector_add");
}

TEST_F(StoreTest, MigratesStepByStepAndAllOrNothing) {
  SQLite::Database database((folder / "steps.db").string(),
                            SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE);
  const std::vector<const char *> two = {"CREATE TABLE a (x INTEGER)",
                                         "ALTER TABLE a ADD COLUMN y TEXT"};
  migrate(database, std::span(two).first(1));
  EXPECT_EQ(database.execAndGet("PRAGMA user_version").getInt(), 1);
  database.exec("INSERT INTO a VALUES (5)");
  const std::vector<const char *> broken = {two[0], two[1], "CREATE TABLE a (z)"};
  EXPECT_THROW(migrate(database, broken), SQLite::Exception);
  EXPECT_EQ(database.execAndGet("PRAGMA user_version").getInt(), 1) << "rolled back as a whole";
  migrate(database, two);
  EXPECT_EQ(database.execAndGet("PRAGMA user_version").getInt(), 2);
  EXPECT_EQ(database.execAndGet("SELECT x FROM a WHERE y IS NULL").getInt(), 5);
}

} // namespace
} // namespace lapidary
