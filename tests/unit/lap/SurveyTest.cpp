// A survey of a folder that holds what strangers' folders hold.
#include "LapProcess.h"
#include "core/support/Paths.h"

#include <gmock/gmock.h>

namespace lapidary {
namespace {

using testing::HasSubstr;

class SurveyTest : public testing::Test {
protected:
  TemporaryFolder folder;
  LapProcess lap{folder};

  SurveyTest() {
    write("add.py", vectorAddText());
    write("deep/missing.py", R"(
import triton
import triton.language as tl

@triton.jit
def first(p):
    x = tl.load(p)
    tl.store(p, tl.map_elementwise(x))

@triton.jit
def second(p):
    tl.store(p, tl.load(p) + 1)
)");
    write("binary.py", std::string("\x00\xff\x00\x01", 4));
    write("nothing.py", "print('no kernel here')\n");
    write(".hidden/secret.py", vectorAddText());
    std::filesystem::create_directory_symlink(folder / ".", folder / "loop");
  }
  void write(const std::string &name, const std::string &text) {
    std::filesystem::create_directories((folder / "code" / name).parent_path());
    EXPECT_TRUE(writeFileAtomically(folder / "code" / name, text));
  }
  LapResult survey(std::vector<std::string> more = {}) {
    std::vector<std::string> arguments = {"survey", (folder / "code").string()};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return lap.run(arguments);
  }
};

TEST_F(SurveyTest, CountsWhatElaboratesAndNamesWhatDoesNot) {
  const LapResult result = survey({"--json"});
  ASSERT_EQ(result.code, 0) << result.messages;
  const Json json = result.json();
  EXPECT_EQ(json["files"], 4);
  EXPECT_EQ(json["kernels"], 3);
  EXPECT_EQ(json["opened"], 3);
  EXPECT_EQ(json["elaborated"], 2);
  ASSERT_EQ(json["failures"].size(), 2u);
  EXPECT_EQ(json["failures"][0]["stage"], "open");
  EXPECT_THAT(json["failures"][0]["file"].get<std::string>(), testing::EndsWith("binary.py"));
  const Json &missing = json["failures"][1];
  EXPECT_EQ(missing["kernel"], "first");
  EXPECT_EQ(missing["line"], 8);
  EXPECT_EQ(missing["stage"], "elaborate");
  EXPECT_EQ(missing["feature"], "tl.map_elementwise");
  EXPECT_EQ(json["features"]["tl.map_elementwise"], 1);
  EXPECT_THAT(survey().output, HasSubstr("elaborate  2 of 3 (66.7 %)"));
}

TEST_F(SurveyTest, CompilesForTargets) {
  const LapResult result = survey({"-t", "cpu", "--json"});
  ASSERT_EQ(result.code, 0) << result.messages;
  EXPECT_EQ(result.json()["compiled"]["cpu"], 2);
}

TEST_F(SurveyTest, AKernelWithoutEndCostsItsTimeLimitOnly) {
  write("endless.py", R"(
import triton
import triton.language as tl

@triton.jit
def endless(p):
    for a in tl.static_range(400):
        for b in tl.static_range(400):
            x = tl.arange(0, 1024)[:, None] + tl.arange(0, 1024)[None, :]
            tl.store(p + tl.arange(0, 1024)[:, None] + tl.arange(0, 1024)[None, :], x + a * b)

@triton.jit
def after(p):
    tl.store(p, tl.load(p) + 1)
)");
  const Json json = survey({"--time-limit", "0.4", "--json"}).json();
  EXPECT_EQ(json["kernels"], 5);
  EXPECT_EQ(json["elaborated"], 3) << json.dump(1);
  EXPECT_EQ(json["features"]["time limit"], 1) << json.dump(1);
}

TEST_F(SurveyTest, AFolderThatIsNotThere) {
  const LapResult result = lap.run({"survey", (folder / "nowhere").string()});
  EXPECT_EQ(result.code, 2);
  EXPECT_THAT(result.messages, HasSubstr("there is no folder"));
  EXPECT_EQ(lap.run({"survey"}).code, 2);
  EXPECT_EQ(survey({"-t", "a:b:c:d"}).code, 2);
}

} // namespace
} // namespace lapidary
