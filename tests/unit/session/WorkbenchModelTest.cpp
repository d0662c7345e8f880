#include "core/session/WorkbenchModel.h"
#include "Fakes.h"
#include "core/support/Paths.h"

#include <gmock/gmock.h>

namespace lapidary {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class WorkbenchModelTest : public testing::Test {
protected:
  TemporaryFolder folder;
  std::string file = writeAddKernel(folder);
  WorkbenchModel model{FakeServices(folder).services.rules};

  void open() {
    model.openFile(file);
    model.update();
  }
  const ArgumentSpecialization &argument(const std::string &name, std::size_t target = 0) {
    return *model.shown.specializations.at(target).find(name);
  }
};

TEST_F(WorkbenchModelTest, OpensTheKernelThatHasALaunch) {
  open();
  EXPECT_EQ(model.shown.kernel, "add");
  EXPECT_EQ(model.shown.launch.name, "small");
  EXPECT_THAT(model.shown.launchNames, ElementsAre("small", "guessed"));
  EXPECT_EQ(model.shown.specializations.size(), 3u);
  EXPECT_THAT(model.shown.specializationProblems, ElementsAre("", "", ""));
  EXPECT_EQ(argument("n").key, "D");
  EXPECT_TRUE(model.choice());
}

TEST_F(WorkbenchModelTest, AnEditedArgumentIsSpecializedAnew) {
  open();
  const std::string before = model.stamp();
  model.setArgument("n", makeInt(4095));
  model.update();
  EXPECT_EQ(argument("n").key, "");
  EXPECT_NE(model.stamp(), before);
  model.setArgument("n", makeInt(1));
  model.update();
  EXPECT_TRUE(argument("n").constant);
  model.setArgument("n", makeInt(4096));
  model.update();
  EXPECT_EQ(model.stamp(), before) << "back is back";
  model.setArgument("nonsense", makeInt(1));
  model.update();
  EXPECT_EQ(model.stamp(), before);
  EXPECT_THAT(model.shown.log.back().text, HasSubstr("nonsense"));
}

TEST_F(WorkbenchModelTest, RowsGoStaleAndComeBack) {
  open();
  model.row("specialized", {"cpu", ""});
  model.setRowStamp("specialized", {"cpu", ""}, model.stamp());
  model.update();
  EXPECT_FALSE(model.shown.variants[0].stale);
  model.setRuleSet("triton-3.2");
  model.update();
  EXPECT_TRUE(model.shown.variants[0].stale);
  model.setRuleSet("triton-3.6");
  model.update();
  EXPECT_FALSE(model.shown.variants[0].stale);
  model.setText("# a comment more\n" + addKernelText());
  model.update();
  EXPECT_FALSE(model.shown.variants[0].stale) << "a comment changes no code";
}

TEST_F(WorkbenchModelTest, TheLaunchFollowsTheParameters) {
  open();
  std::string text = addKernelText();
  text.replace(text.find("out, n,"), 7, "out, count, extra: tl.constexpr,");
  model.setText(text);
  model.update();
  EXPECT_FALSE(model.shown.launch.argument("n"));
  ASSERT_TRUE(model.shown.launch.argument("extra"));
  EXPECT_TRUE(model.shown.launch.guessed.contains("extra"));
  EXPECT_FALSE(model.shown.launch.guessed.contains("x")) << "what was given stays given";
}

TEST_F(WorkbenchModelTest, BrokenTextKeepsTheRestAlive) {
  open();
  model.setText("def broken(:\n" + addKernelText());
  model.update();
  EXPECT_TRUE(hasErrors(model.shown.diagnostics));
  EXPECT_EQ(model.shown.kernel, "add");
  model.setText("nothing here");
  model.update();
  EXPECT_EQ(model.shown.kernel, "");
  EXPECT_FALSE(model.choice());
  model.setText(addKernelText());
  model.update();
  EXPECT_EQ(model.shown.kernel, "add");
  EXPECT_TRUE(model.choice());
}

TEST_F(WorkbenchModelTest, AnImpossibleGridIsSaidAndNothingIsLaunched) {
  open();
  model.setGrid({"cdiv(n, 0)"});
  model.update();
  EXPECT_TRUE(hasErrors(model.shown.diagnostics));
  EXPECT_FALSE(model.choice());
  EXPECT_EQ(argument("n").key, "D") << "the matrix does not need the grid";
}

TEST_F(WorkbenchModelTest, SavesAndLoadsLaunches) {
  open();
  model.setArgument("n", makeInt(1000));
  const auto path = (folder / "big.launch.json").string();
  model.saveLaunch(path);
  model.loadLaunch("guessed");
  model.update();
  EXPECT_EQ(model.shown.launch.name, "guessed");
  model.loadLaunch(path);
  model.update();
  EXPECT_EQ(toInt64(*model.shown.launch.argument("n")), 1000);
  EXPECT_THAT(model.shown.launchNames, testing::Contains("small"));
  model.loadLaunch((folder / "none.launch.json").string());
  EXPECT_EQ(model.shown.log.back().severity, Severity::Error);
  EXPECT_EQ(toInt64(*model.shown.launch.argument("n")), 1000) << "what failed changes nothing";
}

TEST_F(WorkbenchModelTest, LaunchesHaveNames) {
  const Launch small = *parseLaunch(addLaunchText(), "small");
  Launch named = small;
  named.name = "four thousand";
  for (const char *path : {"a.launch.json", "b.launch.json"})
    ASSERT_TRUE(writeFileAtomically(folder / path, dumpJson(toJson(named))));
  open();
  EXPECT_THAT(model.shown.launchNames, ElementsAre("four thousand", "b", "small", "guessed"));

  // What the store kept: one that is known, two without a name, one whose name is taken.
  Launch unnamed = small, taken = small;
  unnamed.name.clear();
  unnamed.setOption("num_warps", makeInt(2));
  Launch other = unnamed;
  other.setOption("num_warps", makeInt(16));
  taken.name = "small";
  taken.setOption("num_warps", makeInt(1));
  model.addLaunches("other", {{"", unnamed}});
  EXPECT_EQ(model.shown.launchNames.size(), 4u) << "of another kernel";
  model.addLaunches("add", {{"again", small}, {"", unnamed}, {"", other}, {"small", taken}});
  const std::string digest = launchDigest(small);
  EXPECT_THAT(digest, HasSubstr("fp32 4096"));
  EXPECT_THAT(model.shown.launchNames, ElementsAre("four thousand", "b", "small", "guessed", digest,
                                                   digest + " (2)", "small, " + digest));
  model.loadLaunch(digest + " (2)");
  model.update();
  EXPECT_EQ(toInt64(*model.shown.launch.option("num_warps")), 16);
  EXPECT_EQ(model.shown.launch.name, digest + " (2)");
}

TEST_F(WorkbenchModelTest, DigestsSayShapesElseNumbers) {
  Launch launch;
  EXPECT_EQ(launchDigest(launch), "unnamed");
  for (const char *name : {"a", "b", "c", "d"})
    launch.setArgument(name, makeInt(7));
  EXPECT_EQ(launchDigest(launch), "a 7, b 7, c 7, \u2026");
  launch.setArgument("x", *parseArgumentText("fp16 64x32"));
  launch.setArgument("y", *parseArgumentText("fp16 64x32"));
  launch.setArgument("z", *parseArgumentText("i8 5"));
  EXPECT_EQ(launchDigest(launch), "fp16 64x32, i8 5");
}

TEST_F(WorkbenchModelTest, AnEditedLaunchIsKnownToBeOne) {
  open();
  EXPECT_FALSE(model.shown.launchEdited);
  const Value before = *model.shown.launch.argument("n");
  model.setArgument("n", makeInt(4095));
  model.update();
  EXPECT_TRUE(model.shown.launchEdited);
  model.setArgument("n", before);
  model.update();
  EXPECT_FALSE(model.shown.launchEdited) << "back is back";
  model.loadLaunch("guessed");
  model.setGrid({"7"});
  model.update();
  EXPECT_TRUE(model.shown.launchEdited) << "edited before it was worked out";
  model.loadLaunch("small");
  model.update();
  EXPECT_FALSE(model.shown.launchEdited);
}

TEST_F(WorkbenchModelTest, SavesTheText) {
  open();
  model.setText("# saved\n" + addKernelText());
  model.saveFile(file);
  EXPECT_EQ(*readFile(file), "# saved\n" + addKernelText());
  model.saveFile("/dev/null/none.py");
  EXPECT_EQ(model.shown.log.back().severity, Severity::Error);
}

TEST_F(WorkbenchModelTest, NothingOpenIsNoError) {
  model.update();
  EXPECT_FALSE(model.choice());
  EXPECT_TRUE(model.shown.variants.empty());
  model.openFile((folder / "none.py").string());
  EXPECT_EQ(model.shown.log.back().severity, Severity::Error);
  model.setText("import triton\n"); // an editor without a file
  model.update();
  EXPECT_TRUE(model.shown.file);
}

} // namespace
} // namespace lapidary
