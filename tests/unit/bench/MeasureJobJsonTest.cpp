#include "core/bench/MeasureJob.h"

#include "FakeBackend.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <limits>

using namespace lapidary;

TEST(MeasureJobJson, AJobSurvives) {
  MeasureJob job = addJob({"{}", "{}"});
  job.device.ordinal = 2;
  job.grid = {4, 5, 6};
  job.seed = 18446744073709551615u;
  job.arguments.emplace_back("flag", Value{true});
  job.arguments.emplace_back("none", Value{NoneValue{}});
  job.arguments.emplace_back("eps", Value{1e-5});
  job.arguments.emplace_back("low", Value{-std::numeric_limits<double>::infinity()});
  job.arguments.emplace_back("big", Value{Integer((__int128(1) << 64) - 1)});
  job.options.modes = {"cold", "hot"};
  job.options.targetError = 0.125;
  job.variants[1].sharedBytes = 4096;
  // Through text, as over the pipe.
  auto json = parseJson(dumpJson(toJson(job)), "test");
  ASSERT_TRUE(json);
  auto back = measureJobFromJson(*json);
  ASSERT_TRUE(back) << back.error().message;
  EXPECT_EQ(back->arguments, job.arguments);
  EXPECT_EQ(back->grid, job.grid);
  EXPECT_EQ(back->seed, job.seed);
  EXPECT_EQ(back->device.target, job.device.target);
  EXPECT_EQ(back->device.ordinal, 2);
  EXPECT_EQ(back->options.modes, job.options.modes);
  EXPECT_EQ(back->options.targetError, 0.125);
  ASSERT_EQ(back->variants.size(), 2u);
  EXPECT_EQ(back->variants[1].label, job.variants[1].label);
  EXPECT_EQ(back->variants[1].types, job.variants[1].types);
  EXPECT_EQ(back->variants[1].sharedBytes, 4096);
  EXPECT_EQ(back->variants[1].binary, "") << "binaries travel as bytes";
}

TEST(MeasureJobJson, AReportSurvives) {
  MeasureReport report;
  report.device.target = {"cuda", "90"};
  report.device.details["clock_mhz"] = 1980;
  report.noiseFloor = 0.004;
  report.ratios.push_back({"generic", {1.3, 1.2, 1.4}, "slower"});
  report.warnings = {"drift"};
  report.seed = 9;
  report.stoppedBy = "plateau";
  VariantReport good, bad;
  good.label = "specialized";
  good.correct = true;
  good.modes["hot"] = {{1.5, 2.25, 1e9}, {2.25, 1.5, 1e9}, 32, 4, "precision"};
  bad.label = "generic";
  bad.error = "killed";
  bad.errorCode = "crashed";
  bad.shortage = {"device memory", 12, 11};
  bad.checks.push_back(
      {"out", false, std::numeric_limits<double>::infinity(), 0.5, 0.25, 1e-4, 12, "wrong"});
  report.variants = {good, bad};

  auto json = parseJson(dumpJson(toJson(report)), "test");
  ASSERT_TRUE(json);
  auto back = measureReportFromJson(*json);
  ASSERT_TRUE(back) << back.error().message;
  EXPECT_EQ(dumpJson(toJson(*back)), dumpJson(toJson(report)));
  EXPECT_EQ(back->variants[0].modes.at("hot").samples, good.modes.at("hot").samples);
  EXPECT_EQ(back->variants[0].correct, true);
  EXPECT_EQ(back->variants[1].correct, std::nullopt);
  EXPECT_EQ(back->variants[1].checks[0].maxAbsolute, std::numeric_limits<double>::infinity());
  EXPECT_EQ(back->ratios[0].value.high, 1.4);
}

TEST(MeasureJobJson, WrongFieldsAreErrorsNotExceptions) {
  for (const char *text :
       {"{}", "[]", "3", R"({"target": 5})", R"({"target": "cpu", "ordinal": "x"})"}) {
    auto json = parseJson(text, "test");
    ASSERT_TRUE(json);
    EXPECT_FALSE(measureJobFromJson(*json)) << text;
    EXPECT_FALSE(measureReportFromJson(*json)) << text;
    EXPECT_FALSE(valueFromJson(*json)) << text;
  }
  EXPECT_TRUE(measureOptionsFromJson(Json::object()));
  EXPECT_FALSE(measureOptionsFromJson(Json{{"modes", 3}}));
}
