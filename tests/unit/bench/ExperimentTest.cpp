#include "core/bench/Experiment.h"

#include "FakeBackend.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

using namespace lapidary;
using testing::HasSubstr;
using testing::IsEmpty;

namespace {

Result<MeasureReport> runHere(const MeasureJob &job, FakeOptions options = {}) {
  BackendRegistry backends;
  backends.add(makeFakeBackend(std::move(options)));
  ReferenceRunner reference = runFakeReference;
  std::vector<std::string> labels;
  for (const CodeObject &variant : job.variants)
    labels.push_back(variant.label);
  WorkerEvents events([](const Json &) {}, labels, job.options.hangSeconds, false);
  return Experiment(backends, reference, job, events).run();
}

} // namespace

TEST(Experiment, EqualVariantsTie) {
  auto report = runHere(addJob({R"({"jitter": 0.01})", R"({"jitter": 0.01})"}));
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_EQ(report->ratios[0].verdict, "tie");
  EXPECT_GT(report->noiseFloor, 0);
  EXPECT_LT(report->noiseFloor, 0.02);
}

TEST(Experiment, ShortLaunchesAreBatched) {
  auto report = runHere(addJob({R"({"ns": 100})", R"({"ns": 45000})"}));
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_EQ(report->variants[0].modes.at("hot").batch, 200);
  EXPECT_EQ(report->variants[1].modes.at("hot").batch, 1);
  EXPECT_NEAR(report->variants[0].modes.at("hot").median.value, 100, 1e-6)
      << "a launch, not a batch";
}

TEST(Experiment, ColdFlushesBeforeEverySample) {
  MeasureJob job = addJob({R"({"ns": 100})"});
  job.options.modes = {"cold"};
  auto report = runHere(job);
  ASSERT_TRUE(report) << report.error().message;
  const SampleSet &set = report->variants[0].modes.at("cold");
  EXPECT_EQ(set.batch, 1);
  EXPECT_GE(report->device.details["after"]["flushes"].get<std::size_t>(), set.samples.size());
  EXPECT_EQ(report->device.details["flushes"], 0);
}

TEST(Experiment, SeveralModesSideBySide) {
  MeasureJob job = addJob({R"({"ns": 1000})", R"({"ns": 2000})"});
  job.options.modes = {"hot", "cold", "batched"};
  auto report = runHere(job);
  ASSERT_TRUE(report) << report.error().message;
  for (const VariantReport &variant : report->variants) {
    EXPECT_EQ(variant.modes.size(), 3u);
    EXPECT_GE(variant.modes.at("batched").batch, 500);
  }
  EXPECT_THAT(report->warnings, IsEmpty());
}

TEST(Experiment, DriftIsFlagged) {
  auto report = runHere(addJob({R"({"drift": 0.002, "ns": 500000})"}));
  ASSERT_TRUE(report) << report.error().message;
  ASSERT_EQ(report->warnings.size(), 1u);
  EXPECT_THAT(report->warnings[0], HasSubstr("drift: the baseline took"));
  EXPECT_THAT(report->warnings[0], HasSubstr("longer at the end"));
}

TEST(Experiment, DriftSharedByBothCancelsInTheRatio) {
  auto report =
      runHere(addJob({R"({"drift": 0.01, "ns": 400000})", R"({"drift": 0.01, "ns": 440000})"}));
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_NEAR(report->ratios[0].value.value, 1.1, 0.02);
}

TEST(Experiment, ThrottledSamplesAreDiscarded) {
  MeasureJob job = addJob({R"({"jitter": 0.2})", R"({"sleep_ms": 5, "throttled": [10, 20]})"});
  job.options.targetError = 0;
  job.options.maximumSamples = 30;
  auto report = runHere(job);
  ASSERT_TRUE(report) << report.error().message;
  for (const VariantReport &variant : report->variants) {
    EXPECT_GE(variant.modes.at("hot").discarded, 5) << "both of a pair, or the pairs would be torn";
    EXPECT_LE(variant.modes.at("hot").discarded, 25);
    EXPECT_GE(variant.modes.at("hot").samples.size(), 30u);
  }
  EXPECT_THAT(report->warnings, testing::Contains(HasSubstr("throttling: ")));
}

TEST(Experiment, AVariantThatIsAlwaysThrottledHasNoTime) {
  MeasureJob job = addJob({"{}", R"({"sleep_ms": 5, "throttled": [2, 1000000]})"});
  job.options.targetError = 0;
  job.options.timeLimitSeconds = 0.1;
  auto report = runHere(job);
  ASSERT_TRUE(report) << report.error().message;
  for (const VariantReport &variant : report->variants) {
    EXPECT_TRUE(variant.modes.empty());
    EXPECT_THAT(variant.error, HasSubstr("under 75 %"));
  }
  EXPECT_TRUE(report->ratios.empty());
}

TEST(Experiment, WithoutAReferenceItSaysSo) {
  MeasureJob job = addJob({"{}"});
  job.referenceTtir.clear();
  auto report = runHere(job);
  ASSERT_TRUE(report);
  EXPECT_EQ(report->variants[0].correct, std::nullopt);
  ASSERT_EQ(report->warnings.size(), 1u);
  EXPECT_THAT(report->warnings[0], HasSubstr("not verified"));

  job.referenceTtir = "unknown";
  report = runHere(job);
  ASSERT_TRUE(report);
  EXPECT_EQ(report->variants[0].correct, std::nullopt);
  EXPECT_THAT(report->warnings[0], HasSubstr("tt.mystery"));
  EXPECT_FALSE(report->variants[0].modes.empty());

  job.options.verify = false;
  report = runHere(job);
  ASSERT_TRUE(report);
  EXPECT_THAT(report->warnings, IsEmpty());
}

TEST(Experiment, AReferenceThatDoesNotEndIsGivenUp) {
  MeasureJob job = addJob({"{}"});
  job.referenceTtir = "slow";
  job.options.hangSeconds = 0.1;
  auto report = runHere(job);
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_EQ(report->variants[0].correct, std::nullopt);
  EXPECT_THAT(report->warnings[0], HasSubstr("did not finish within 0.2 s"));
}

TEST(Experiment, AnOutputThatIsReadStartsFromItsImage) {
  MeasureJob job = addJob({R"({"op": "accumulate"})", R"({"op": "add"})"});
  job.referenceTtir = "accumulate";
  auto report = runHere(job);
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_EQ(report->variants[0].correct, true) << report->variants[0].error;
  EXPECT_EQ(report->variants[1].correct, false);
}

TEST(Experiment, OutputsThatAreNotDeclaredAreWhatTheReferenceWrote) {
  MeasureJob job = addJob({"{}", R"({"op": "skip"})"});
  job.outputs.clear();
  auto report = runHere(job);
  ASSERT_TRUE(report) << report.error().message;
  ASSERT_EQ(report->variants[0].checks.size(), 1u);
  EXPECT_EQ(report->variants[0].checks[0].argument, "out");
  EXPECT_EQ(report->variants[0].correct, true);
  EXPECT_THAT(report->variants[1].error, HasSubstr("out[7] was never written"));
}

TEST(Experiment, ADeviceWithoutEnoughMemory) {
  FakeOptions options;
  options.memoryBytes = 100;
  auto report = runHere(addJob({"{}", "{}"}), options);
  ASSERT_TRUE(report) << report.error().message;
  for (const VariantReport &variant : report->variants) {
    EXPECT_EQ(variant.errorCode, "out of resource");
    EXPECT_EQ(variant.error, "argument x: the fake device is full");
    EXPECT_EQ(variant.correct, std::nullopt);
    EXPECT_TRUE(variant.modes.empty());
  }
}

TEST(Experiment, TensorsThatCannotFitAreNotEvenDrawn) {
  FakeOptions options;
  options.saidBytes = 11'999;
  auto report = runHere(addJob({"{}", "{}"}), options);
  ASSERT_TRUE(report) << report.error().message;
  for (const VariantReport &variant : report->variants) {
    EXPECT_EQ(variant.errorCode, "out of resource");
    EXPECT_THAT(variant.error, HasSubstr("need 11.7 KiB of device memory, 11.7 KiB are"));
    ASSERT_TRUE(variant.shortage);
    EXPECT_EQ(variant.shortage->resource, "device memory");
    EXPECT_EQ(variant.shortage->needed, 12'000);
    EXPECT_EQ(variant.shortage->available, 11'999);
  }
  options.saidBytes = 12'000;
  EXPECT_FALSE(runHere(addJob({"{}"}), options)->variants[0].modes.empty());
}

TEST(Experiment, ScalarsThatDoNotFitTheirParameter) {
  MeasureJob job = addJob({"{}", "{}"});
  job.arguments.back().second.data = std::string("many");
  job.referenceTtir.clear();
  auto report = runHere(job);
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_THAT(report->variants[0].error, HasSubstr("argument n: a str where the kernel takes i32"));
}
