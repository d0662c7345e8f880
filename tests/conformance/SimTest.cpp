// Every kernel here and every sample, specialized and generic, lowered for NVIDIA and AMD and run
// on the simulated GPU, against the reference. What the simulator finds on the way (races,
// divergent barriers, unwritten shared memory, accesses outside) fails the same tests.
#include "backends/All.h"
#include "core/compiler/Compiler.h"
#include "core/session/Operations.h"
#include "tests/conformance/Cases.h"
#include "tests/support/TemporaryFolder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

using namespace lapidary;

namespace {

class SimulatedGpu : public testing::TestWithParam<ConformanceCase> {
protected:
  void expectCorrect(const Target &target) {
    const ConformanceCase &one = GetParam();
    auto services =
        makeServices(registerAllBackends(), {elaborate, compileTtir, compilerVersion()});
    ASSERT_TRUE(services) << services.error().message;
    services->store = nullptr;
    services->cache = nullptr;
    services->workerCommand = {LAP_PROGRAM, "worker"};
    const auto choice = choose(one.source.string(), one.kernel, one.launch.string());
    ASSERT_TRUE(choice) << choice.error().message;
    MeasureOptions options; // as few launches as there can be: times say nothing here
    options.warmupSeconds = 0;
    options.minimumSamples = options.maximumSamples = 1;
    options.timeLimitSeconds = 0.001;
    options.hangSeconds = 300;
    const auto result = measureVariants(
        *services, *choice, {target, -1}, "triton-3.6",
        {{PropertyMask::Kind::All, {}}, {PropertyMask::Kind::None, {}}}, options, {}, {}, {});
    ASSERT_TRUE(result) << result.error().message;
    ASSERT_EQ(result->report.variants.size(), 2u);
    for (const VariantReport &variant : result->report.variants)
      EXPECT_EQ(variant.correct, true) << variant.label << ": " << variant.error;
  }
};

TEST_P(SimulatedGpu, Nvidia) {
  expectCorrect({"sim", "sm90"});
}

TEST_P(SimulatedGpu, Amd) {
  expectCorrect({"sim", "gfx942"});
}

INSTANTIATE_TEST_SUITE_P(All, SimulatedGpu, testing::ValuesIn(conformanceCases()),
                         [](const auto &info) { return info.param.name(); });

} // namespace
