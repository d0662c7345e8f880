#include "FakeBackend.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <thread>

using namespace lapidary;
using namespace std::chrono_literals;
using testing::HasSubstr;

namespace {

class WorkerClientTest : public testing::Test {
protected:
  WorkerClient client{{BENCH_WORKER}};
  std::vector<SampleEvent> samples;
  std::vector<std::string> phases;

  Result<MeasureReport> measure(const MeasureJob &job, const CancelToken &cancel = {}) {
    return client.measure(
        job, [this](const SampleEvent &event) { samples.push_back(event); },
        [this](const std::string &phase) { phases.push_back(phase); }, cancel);
  }
  std::vector<double> streamed(const std::string &label) {
    std::vector<double> values;
    for (const SampleEvent &event : samples)
      if (event.label == label) {
        EXPECT_EQ(event.index, static_cast<int>(values.size()));
        values.push_back(event.nanoseconds);
      }
    return values;
  }
};

// One variant fails as `kernel` does, the two around it are measured all the same.
void expectOneFailure(const Result<MeasureReport> &report, const std::string &code,
                      const std::string &text) {
  ASSERT_TRUE(report) << report.error().message;
  ASSERT_EQ(report->variants.size(), 3u);
  for (int i : {0, 2}) {
    EXPECT_EQ(report->variants[i].label, "variant " + std::to_string(i));
    EXPECT_EQ(report->variants[i].error, "");
    EXPECT_EQ(report->variants[i].correct, true);
    EXPECT_GE(report->variants[i].modes.at("hot").samples.size(), 10u);
  }
  EXPECT_EQ(report->variants[1].label, "variant 1");
  EXPECT_EQ(report->variants[1].errorCode, code);
  EXPECT_THAT(report->variants[1].error, HasSubstr(text));
  EXPECT_TRUE(report->variants[1].modes.empty());
  ASSERT_EQ(report->ratios.size(), 1u);
  EXPECT_EQ(report->ratios[0].label, "variant 2");
}

MeasureJob jobWith(const std::string &middle) {
  return addJob({R"({"op": "add", "ns": 40000})", middle, R"({"op": "add", "ns": 60000})"});
}

} // namespace

TEST_F(WorkerClientTest, ListsDevices) {
  Result<std::vector<DeviceInfo>> devices = client.devices("fake");
  ASSERT_TRUE(devices) << devices.error().message;
  ASSERT_EQ(devices->size(), 1u);
  EXPECT_EQ(devices->front().name, "Fake device");
  Result<std::vector<DeviceInfo>> none = client.devices("other");
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().code, ErrorCode::NotFound);
}

TEST_F(WorkerClientTest, ComparesTwoVariants) {
  Result<MeasureReport> report =
      measure(addJob({R"({"ns": 40000, "jitter": 0.002})", R"({"ns": 50000, "jitter": 0.002})"}));
  ASSERT_TRUE(report) << report.error().message;
  ASSERT_EQ(report->ratios.size(), 1u);
  EXPECT_NEAR(report->ratios[0].value.value, 1.25, 0.01);
  EXPECT_EQ(report->ratios[0].verdict, "slower");
  EXPECT_LT(report->noiseFloor, 0.01);
  EXPECT_EQ(report->device.name, "Fake device");
  EXPECT_EQ(report->stoppedBy, "precision");
  EXPECT_THAT(report->warnings, testing::IsEmpty());
  for (const VariantReport &variant : report->variants) {
    EXPECT_EQ(variant.correct, true);
    ASSERT_EQ(variant.checks.size(), 1u);
    EXPECT_TRUE(variant.checks[0].ok);
    EXPECT_EQ(streamed(variant.label), variant.modes.at("hot").samples)
        << "every sample is streamed, none twice";
  }
  EXPECT_THAT(phases,
              testing::ElementsAre("inputs", "reference", "verify variant 0", "verify variant 1",
                                   "noise floor variant 0", "warm-up variant 0",
                                   "warm-up variant 1", "measure hot", "baseline again variant 0"));
}

TEST_F(WorkerClientTest, AnAccessOutsideIsReportedWithItsPlace) {
  Result<MeasureReport> report = measure(jobWith(R"({"op": "beyond"})"));
  expectOneFailure(report, "illegal address", "signal 11");
  EXPECT_THAT(report->variants[1].error,
              HasSubstr("segmentation fault writing 12 bytes past the end of out (4000 bytes)"));
}

TEST_F(WorkerClientTest, ACrashAmongSamplesIsBlamedOnTheRightVariant) {
  Result<MeasureReport> report = measure(jobWith(R"({"op": "beyond", "after": 200})"));
  expectOneFailure(report, "illegal address", "past the end of out");
}

TEST_F(WorkerClientTest, AnAbort) {
  expectOneFailure(measure(jobWith(R"({"op": "abort"})")), "crashed", "abort");
}

// The driver of a GPU reports a fault instead of dying of it; the process is replaced all the same.
TEST_F(WorkerClientTest, FaultsOfADeviceAreToldApart) {
  for (const auto &[op, code] : {std::pair("illegal", "illegal address"),
                                 {"misaligned", "misaligned address"},
                                 {"trap", "trap"}}) {
    expectOneFailure(measure(jobWith(fmt::format(R"({{"op": "{}"}})", op))), code,
                     "the fake kernel faulted");
    expectOneFailure(measure(jobWith(fmt::format(R"({{"op": "{}", "after": 200}})", op))), code,
                     "the fake kernel faulted");
  }
}

TEST_F(WorkerClientTest, AHangingLaunch) {
  MeasureJob job = jobWith(R"({"op": "hang"})");
  job.options.hangSeconds = 0.5;
  expectOneFailure(measure(job), "timeout", "one launch had not ended after 0.");
}

TEST_F(WorkerClientTest, AWrongResult) {
  Result<MeasureReport> report = measure(jobWith(R"({"op": "wrong"})"));
  expectOneFailure(report, "incorrect", "out[7] is");
  EXPECT_EQ(report->variants[1].correct, false);
  ASSERT_EQ(report->variants[1].checks.size(), 1u);
  EXPECT_EQ(report->variants[1].checks[0].firstWrong, 7);
  EXPECT_NEAR(report->variants[1].checks[0].maxAbsolute, 1, 1e-6);
}

TEST_F(WorkerClientTest, AnElementNeverWritten) {
  expectOneFailure(measure(jobWith(R"({"op": "skip"})")), "incorrect", "out[7] was never written");
}

TEST_F(WorkerClientTest, WhatTheDriverRefuses) {
  expectOneFailure(measure(jobWith(R"({"op": "unloadable"})")), "out of resource", "300 registers");
  expectOneFailure(measure(jobWith(R"({"op": "refuse"})")), "crashed", "the fake driver refuses");
}

TEST_F(WorkerClientTest, EveryVariantCrashing) {
  Result<MeasureReport> report = measure(addJob({R"({"op": "beyond"})", R"({"op": "abort"})"}));
  ASSERT_TRUE(report) << report.error().message;
  ASSERT_EQ(report->variants.size(), 2u);
  EXPECT_EQ(report->variants[0].errorCode, "illegal address");
  EXPECT_EQ(report->variants[1].errorCode, "crashed");
  EXPECT_EQ(report->device.name, "Fake device");
  EXPECT_TRUE(report->ratios.empty());
}

TEST_F(WorkerClientTest, ALaunchThatIsWrongItself) {
  MeasureJob job = addJob({R"({"op": "beyond"})"});
  job.referenceTtir = "beyond";
  Result<MeasureReport> report = measure(job);
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_EQ(report->variants[0].correct, false);
  EXPECT_EQ(report->variants[0].error, "kernel.py:9: program (0, 0, 0) stores outside of out");
}

TEST_F(WorkerClientTest, ErrorsOfTheWholeJob) {
  MeasureJob job = addJob({"{}"});
  job.device.ordinal = 3;
  EXPECT_EQ(measure(job).error().code, ErrorCode::NotFound);

  job = addJob({"{}"});
  job.options.modes = {"tepid"};
  EXPECT_THAT(measure(job).error().message, HasSubstr("tepid"));

  job = addJob({"{}"});
  job.arguments.pop_back();
  EXPECT_THAT(measure(job).error().message, HasSubstr("no value for the parameter n"));

  job = addJob({"{}"});
  auto huge = *job.arguments[0].second.as<TensorArgument>();
  huge.storage = std::int64_t(1) << 50;
  job.arguments[0].second.data = huge;
  Result<MeasureReport> report = measure(job);
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_EQ(report->variants[0].errorCode, "out of resource");
  EXPECT_THAT(report->variants[0].error, HasSubstr("TiB of host memory, "));
  ASSERT_TRUE(report->variants[0].shortage);
  EXPECT_EQ(report->variants[0].shortage->resource, "host memory");
  EXPECT_GE(report->variants[0].shortage->needed, std::int64_t(1) << 50);
  EXPECT_GT(report->variants[0].shortage->available, 0);
}

TEST_F(WorkerClientTest, Cancelling) {
  MeasureJob job = addJob({R"({"op": "hang"})"});
  CancelToken cancel;
  std::jthread canceller([&] {
    std::this_thread::sleep_for(200ms);
    cancel.cancel();
  });
  auto start = std::chrono::steady_clock::now();
  Result<MeasureReport> report = measure(job, cancel);
  ASSERT_FALSE(report);
  EXPECT_EQ(report.error().code, ErrorCode::Cancelled);
  EXPECT_LT(std::chrono::steady_clock::now() - start, 5s);
  EXPECT_TRUE(measure(addJob({"{}"}))) << "the next job gets a new worker";
}
