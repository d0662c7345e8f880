// The sample kernels that come with the program: each opens, and its launch files fit it.
#include "core/source/Launch.h"
#include "core/support/Paths.h"

#include <algorithm>
#include <filesystem>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace lapidary {
namespace {

namespace fs = std::filesystem;
using testing::IsEmpty;

fs::path resources() {
  return fs::path(LAPIDARY_SOURCE_DIR) / "resources";
}

std::vector<fs::path> filesIn(const fs::path &folder, const std::string &ending) {
  std::vector<fs::path> files;
  for (const auto &entry : fs::directory_iterator(folder))
    if (entry.path().string().ends_with(ending))
      files.push_back(entry.path());
  std::ranges::sort(files);
  return files;
}

fs::path kernelFileOf(const fs::path &launch) {
  std::string stem = launch.filename().string();
  return launch.parent_path() / (stem.substr(0, stem.find('.')) + ".py");
}

TEST(Samples, openWithoutProblems) {
  auto files = filesIn(resources() / "samples", ".py");
  EXPECT_GE(files.size(), 6u);
  for (const fs::path &path : files) {
    auto file = openKernelFile(path);
    ASSERT_TRUE(file) << path;
    EXPECT_THAT((*file)->problems, IsEmpty()) << path;
    EXPECT_FALSE((*file)->kernels().empty()) << path;
    for (const JitFunction &function : (*file)->functions)
      EXPECT_THAT(function.problems, IsEmpty()) << path << " " << function.name;
    EXPECT_TRUE(fs::exists(path.parent_path() / (path.stem().string() + ".launch.json"))) << path;
  }
}

TEST(Samples, launchesFitTheirKernels) {
  auto launches = filesIn(resources() / "samples", ".launch.json");
  EXPECT_GE(launches.size(), 9u);
  for (const fs::path &path : launches) {
    auto file = openKernelFile(kernelFileOf(path));
    ASSERT_TRUE(file) << path;
    Result<Launch> launch = readLaunchFile(path);
    ASSERT_TRUE(launch) << path << launch.error().message;
    const JitFunction *kernel = (*file)->find(launch->kernel);
    ASSERT_TRUE(kernel) << path;
    Result<Launch> bound = bindLaunch(**file, *kernel, *launch);
    ASSERT_TRUE(bound) << path << bound.error().message;
    EXPECT_EQ(bound->arguments.size(), kernel->parameters.size());
    auto grid = evaluateGrid(*bound, *kernel, **file);
    ASSERT_TRUE(grid) << path << grid.error().message;
    EXPECT_GT((*grid)[0] * (*grid)[1] * (*grid)[2], 1);
    for (const std::string &output : bound->outputs)
      EXPECT_TRUE(bound->argument(output)->as<TensorArgument>()) << path << output;
  }
}

TEST(Samples, everyKernelHasALaunchableGuess) {
  for (const fs::path &path : filesIn(resources() / "samples", ".py")) {
    auto file = openKernelFile(path);
    ASSERT_TRUE(file);
    for (const JitFunction *kernel : (*file)->kernels()) {
      Launch guess = guessLaunch(**file, *kernel);
      EXPECT_TRUE(bindLaunch(**file, *kernel, guess)) << kernel->name;
      auto grid = evaluateGrid(guess, *kernel, **file);
      ASSERT_TRUE(grid) << kernel->name;
      EXPECT_GT((*grid)[0], 1) << kernel->name;
      for (const auto &[name, value] : guess.arguments)
        EXPECT_TRUE(!name.ends_with("_ptr") || value.as<TensorArgument>())
            << kernel->name << " " << name;
    }
  }
}

TEST(Samples, theActivationFileShowsDecoratorsAndHelpers) {
  auto file = openKernelFile(resources() / "samples" / "activation.py");
  ASSERT_TRUE(file);
  const JitFunction *kernel = (*file)->find("bias_activation");
  ASSERT_TRUE(kernel);
  ASSERT_EQ(kernel->autotune.size(), 1u);
  EXPECT_TRUE(kernel->autotune[0].complete);
  EXPECT_EQ(kernel->autotune[0].configs.size(), 7u);
  EXPECT_EQ(kernel->heuristics.at(0).values.size(), 2u);
  EXPECT_FALSE((*file)->find("activate")->isKernel);
}

// What the schema names is what the reader takes: every field of the schema is accepted.
TEST(LaunchSchema, namesTheFieldsOfTheReader) {
  Result<std::string> text = readFile(resources() / "schemas" / "launch.schema.json");
  ASSERT_TRUE(text);
  Result<Json> schema = parseJson(*text, "launch.schema.json");
  ASSERT_TRUE(schema);
  auto refused = [](const Json &launch, const std::string &field) {
    Result<Launch> read = parseLaunch(dumpJson(launch), "test");
    return !read &&
           read.error().message.find("'" + field + "' is not a field") != std::string::npos;
  };
  Json launch = {{"kernel", "k"}, {"grid", 1}, {"arguments", Json::object()}};
  for (const auto &[field, rule] : (*schema)["properties"].items()) {
    Json with = launch;
    with[field] = 0;
    EXPECT_FALSE(refused(with, field)) << field;
  }
  for (const auto &[field, rule] : (*schema)["$defs"]["tensor"]["properties"].items()) {
    Json with = launch;
    with["arguments"]["x"]["tensor"] = {{"dtype", "fp16"}, {"shape", {4}}};
    with["arguments"]["x"]["tensor"][field] = nullptr;
    EXPECT_FALSE(refused(with, field)) << field;
  }
  for (const auto &[field, rule] : (*schema)["$defs"]["object"]["properties"].items()) {
    Json with = launch;
    with["arguments"]["x"][field] = nullptr;
    EXPECT_FALSE(refused(with, field)) << field;
  }
  launch["arguments"]["x"]["tensors"] = nullptr;
  EXPECT_TRUE(refused(launch, "tensors"));
}

} // namespace
} // namespace lapidary
