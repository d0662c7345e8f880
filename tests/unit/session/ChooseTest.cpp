// FILE, KERNEL and LAUNCH as they come from people: what fits is bound, what does not says why.
#include "Fakes.h"
#include "core/support/Paths.h"

#include <gmock/gmock.h>

namespace lapidary {
namespace {

using testing::AllOf;
using testing::HasSubstr;

class ChooseTest : public testing::Test {
protected:
  TemporaryFolder folder;
  std::string file = writeAddKernel(folder);

  std::string write(const std::string &name, const std::string &text) {
    EXPECT_TRUE(writeFileAtomically(folder / name, text));
    return (folder / name).string();
  }
  Error errorOf(const std::string &path, const std::string &kernel, const std::string &launch) {
    const auto choice = choose(path, kernel, launch);
    EXPECT_FALSE(choice);
    return choice ? Error{} : choice.error();
  }
  // The launch of the tests with one argument replaced; null takes it out.
  static std::string launchWith(const std::string &argument, const Json &value) {
    Json launch = *parseJson(addLaunchText(), "launch");
    launch["arguments"][argument] = value;
    if (value.is_null())
      launch["arguments"].erase(argument);
    return dumpJson(launch);
  }
};

TEST_F(ChooseTest, TakesTheKernelThatTheLaunchNames) {
  const auto choice = choose(file, "", (folder / "small.launch.json").string());
  ASSERT_TRUE(choice) << choice.error().message;
  EXPECT_EQ(choice->kernel->name, "add");
  EXPECT_EQ(choice->launch.arguments.size(), 5u);
  EXPECT_TRUE(choice->launch.guessed.empty());
}

TEST_F(ChooseTest, GuessesALaunchWhenNoneIsGiven) {
  const auto choice = choose(file, "other", "");
  ASSERT_TRUE(choice) << choice.error().message;
  EXPECT_FALSE(choice->launch.guessed.empty());
  EXPECT_EQ(choice->launch.arguments.size(), 3u);
}

TEST_F(ChooseTest, AsksWhichKernelAndNamesThem) {
  EXPECT_THAT(errorOf(file, "", "").message,
              AllOf(HasSubstr("-k"), HasSubstr("add"), HasSubstr("other")));
  const Error unknown = errorOf(file, "ad", "");
  EXPECT_EQ(unknown.code, ErrorCode::NotFound);
  EXPECT_THAT(unknown.message, AllOf(HasSubstr("'ad'"), HasSubstr("add")));
  EXPECT_THAT(errorOf(file, "other", addLaunchText()).message,
              AllOf(HasSubstr("'add'"), HasSubstr("'other'")));
}

TEST_F(ChooseTest, FilesWithoutKernels) {
  EXPECT_EQ(errorOf((folder / "none.py").string(), "", "").code, ErrorCode::NotFound);
  EXPECT_THAT(errorOf(write("empty.py", ""), "", "").message, HasSubstr("no kernel"));
  EXPECT_THAT(errorOf(write("prose.py", "Dear reader, this is (not Python.\n"), "", "").message,
              HasSubstr("no kernel"));
  const Error binary =
      errorOf(write("binary.py", std::string("\x7f\x45\x4c\x46\0\0\1\2", 8)), "", "");
  EXPECT_EQ(binary.code, ErrorCode::InvalidInput);
  EXPECT_THAT(describe(binary), HasSubstr("binary.py"));
  EXPECT_EQ(errorOf(folder.path().string(), "", "").code, ErrorCode::Unreadable);
}

TEST_F(ChooseTest, LaunchesThatDoNotFit) {
  const auto message = [&](const std::string &launch) {
    const Error error = errorOf(file, "add", launch);
    EXPECT_EQ(error.code, ErrorCode::InvalidInput) << error.message;
    return error.message;
  };
  EXPECT_THAT(message("{"), HasSubstr("JSON"));
  EXPECT_THAT(message(launchWith("nn", 5)), HasSubstr("'nn'"));
  EXPECT_THAT(message(launchWith("n", nullptr)), HasSubstr("n"));
  const auto tensor = [](const Json &shape, const char *type) {
    return Json{{"tensor", {{"dtype", type}, {"shape", shape}}}};
  };
  message(launchWith("x", tensor({-4}, "fp32")));
  message(launchWith("x", tensor({std::int64_t(1) << 62, 16}, "fp32")));
  EXPECT_THAT(message(launchWith("x", tensor({4}, "fp33"))), HasSubstr("fp33"));
  message(launchWith("x", tensor({"many"}, "fp32")));
  EXPECT_EQ(errorOf(file, "add", (folder / "none.launch.json").string()).code, ErrorCode::NotFound);
}

} // namespace
} // namespace lapidary
