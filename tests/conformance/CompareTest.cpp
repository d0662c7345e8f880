// Every kernel here and every sample, specialized and generic, against the plain reference on each kind
// of device. A kernel is a Python file beside a launch file whose "kernel" it defines; a new one is two files.
#include "tests/unit/lap/LapProcess.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

using namespace lapidary;
namespace fs = std::filesystem;

namespace {

struct Case {
  std::string kernel;
  fs::path source, launch;
};

std::string textOf(const fs::path &path) {
  std::ifstream stream(path);
  return {std::istreambuf_iterator<char>(stream), {}};
}

// The Python file of a folder that defines a kernel.
fs::path sourceOf(const fs::path &folder, const std::string &kernel) {
  for (const fs::directory_entry &entry : fs::directory_iterator(folder))
    if (entry.path().extension() == ".py" &&
        textOf(entry.path()).find("\ndef " + kernel + "(") != std::string::npos)
      return entry.path();
  return {};
}

std::vector<Case> cases() {
  std::vector<Case> found;
  for (const char *folder : {"tests/conformance/kernels", "resources/samples"})
    for (const fs::directory_entry &entry : fs::directory_iterator(fs::path(LAPIDARY_SOURCE_DIR) / folder)) {
      if (!entry.path().string().ends_with(".launch.json"))
        continue;
      const std::string kernel = Json::parse(textOf(entry.path()))["kernel"];
      found.push_back({kernel, sourceOf(entry.path().parent_path(), kernel), entry.path()});
    }
  std::ranges::sort(found, {}, &Case::launch);
  return found;
}

class Conformance : public testing::TestWithParam<Case> {
protected:
  // Both variants run, agree with the reference and have times.
  void expectCorrect(const std::string &target) {
    const Case &one = GetParam();
    ASSERT_FALSE(one.source.empty()) << "no Python file defines " << one.kernel;
    const LapResult result = lap.run({"compare", one.source.string(), "-k", one.kernel, "-l", one.launch.string(), "-t",
                                      target, "--json", "--time-limit", "0.05", "--warm-up", "0", "--samples", "10"});
    ASSERT_EQ(result.code, 0) << result.messages;
    const Json json = result.json();
    for (const char *variant : {"specialized", "generic"}) {
      EXPECT_EQ(json[variant]["correct"], true) << variant;
      EXPECT_GT(json[variant]["median"].get<double>(), 0) << variant;
    }
  }

  // The first attached device of a backend, or nothing.
  std::string attached(const std::string &backend) {
    for (const Json &one : lap.run({"devices", "--json"}).json()["backends"])
      if (one["backend"] == backend && !one["devices"].empty())
        return one["devices"][0]["target"];
    return {};
  }

  TemporaryFolder folder;
  LapProcess lap{folder};
};

TEST_P(Conformance, Cpu) {
  expectCorrect("cpu");
}

TEST_P(Conformance, Cuda) {
  const std::string target = attached("cuda");
  if (target.empty())
    GTEST_SKIP() << "no CUDA device is attached";
  expectCorrect(target);
}

TEST_P(Conformance, Hip) {
  const std::string target = attached("hip");
  if (target.empty())
    GTEST_SKIP() << "no HIP device is attached";
  expectCorrect(target);
}

INSTANTIATE_TEST_SUITE_P(All, Conformance, testing::ValuesIn(cases()), [](const auto &info) {
  std::string name = info.param.launch.stem().stem();
  std::ranges::replace_if(name, [](unsigned char letter) { return !std::isalnum(letter); }, '_');
  return name;
});

} // namespace
