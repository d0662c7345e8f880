// Every kernel here and every sample, specialized and generic, against the plain reference on each
// kind of device. A kernel is a Python file beside a launch file whose "kernel" it defines; a new
// one is two files.
#include "tests/conformance/Cases.h"
#include "tests/unit/lap/LapProcess.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

using namespace lapidary;

namespace {

class Conformance : public testing::TestWithParam<ConformanceCase> {
protected:
  // Both variants run, agree with the reference and have times.
  void expectCorrect(const std::string &target) {
    const ConformanceCase &one = GetParam();
    ASSERT_FALSE(one.source.empty()) << "no Python file defines " << one.kernel;
    const LapResult result =
        lap.run({"compare", one.source.string(), "-k", one.kernel, "-l", one.launch.string(), "-t",
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

INSTANTIATE_TEST_SUITE_P(All, Conformance, testing::ValuesIn(conformanceCases()),
                         [](const auto &info) { return info.param.name(); });

} // namespace
