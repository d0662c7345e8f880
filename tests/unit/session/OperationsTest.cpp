#include "Fakes.h"

#include <gmock/gmock.h>

#include <fstream>

namespace lapidary {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

const PropertyMask all{PropertyMask::Kind::All, {}}, none{PropertyMask::Kind::None, {}};
const DeviceTarget cpu{{"cpu", ""}, -1};

// Of the newest run.
std::size_t countSamples(Store &store) {
  const auto runs = store.history({});
  const auto all = store.samples(runs->front().id);
  std::size_t count = 0;
  for (const SampleRecord &record : *all)
    count += record.samples.size();
  return count;
}

class OperationsTest : public testing::Test {
protected:
  TemporaryFolder folder;
  FakeServices fakes{folder};
  Services &services = fakes.services;

  KernelChoice kernel(const std::string &comment = "") {
    auto choice =
        choose(writeAddKernel(folder, comment), "add", (folder / "small.launch.json").string());
    EXPECT_TRUE(choice) << (choice ? "" : choice.error().message);
    return *choice;
  }
  Result<Variant> compile(const KernelChoice &choice, const PropertyMask &mask = all,
                          const std::string &stopAfter = "", const Target &target = {"cpu", ""}) {
    return compileVariant(services, choice, target, defaultRuleSet, mask, stopAfter, {});
  }
  Result<CompareResult> compare(const KernelChoice &choice,
                                const std::vector<PropertyMask> &masks = {all, none},
                                const CancelToken &cancel = {}) {
    return measureVariants(services, choice, cpu, defaultRuleSet, masks, quickOptions(), {}, {},
                           cancel);
  }
};

TEST_F(OperationsTest, TheCacheKeyFollowsWhatTheCodeDependsOn) {
  const KernelChoice choice = kernel();
  const std::string specialized = compile(choice)->cacheKey,
                    generic = compile(choice, none)->cacheKey;
  EXPECT_THAT(specialized, testing::MatchesRegex("[0-9a-f]{64}"));
  EXPECT_NE(specialized, generic);
  EXPECT_EQ(compile(choice)->cacheKey, specialized);
  KernelChoice other = choice;
  other.launch.setOption("num_warps", makeInt(8));
  EXPECT_NE(compile(other)->cacheKey, specialized);
  other = choice;
  other.launch.setArgument("BLOCK", makeInt(512));
  EXPECT_NE(compile(other)->cacheKey, specialized);
  other = choice;
  other.launch.setArgument("n", makeInt(4080)); // another value of the same class
  EXPECT_EQ(compile(other)->cacheKey, specialized);
  services.compiler.version = "fake 2";
  EXPECT_NE(compile(choice)->cacheKey, specialized);
}

TEST_F(OperationsTest, CompilesOnceAndTakesTheRestFromTheCache) {
  const KernelChoice choice = kernel();
  const auto first = compile(choice);
  ASSERT_TRUE(first);
  EXPECT_TRUE(first->ok());
  EXPECT_EQ(*fakes.compiles, 1);
  const auto again = compile(choice);
  EXPECT_EQ(*fakes.compiles, 1);
  EXPECT_EQ(again->compiled.stages.at(1).contents, first->compiled.stages.at(1).contents);
  EXPECT_EQ(again->compiled.accesses.at(0).bits, 128);
  const auto early = compile(choice, all, "ttir");
  EXPECT_EQ(early->compiled.stages.size(), 1u) << "a whole result serves a shorter question";
  EXPECT_EQ(*fakes.compiles, 1);
}

TEST_F(OperationsTest, APartialCompileIsNotKeptAsAWhole) {
  const KernelChoice choice = kernel();
  EXPECT_EQ(compile(choice, all, "ttir")->compiled.stages.size(), 1u);
  EXPECT_EQ(compile(choice)->compiled.stages.size(), 2u);
}

TEST_F(OperationsTest, ATargetWithoutABackendOfItsOwnStagesStillHasItsTtir) {
  const KernelChoice choice = kernel();
  const auto whole = compile(choice, all, "", {"cuda", "90"});
  ASSERT_TRUE(whole);
  EXPECT_FALSE(whole->ok());
  EXPECT_THAT(whole->problem->message, HasSubstr("PTX"));
  ASSERT_EQ(whole->compiled.stages.size(), 1u);
  EXPECT_EQ(whole->compiled.stages[0].name, "ttir");
  EXPECT_TRUE(compile(choice, all, "ttir", {"cuda", "90"})->ok());
  EXPECT_EQ(compile(choice, all, "", {"vulkan", "1"}).error().code, ErrorCode::NotFound);
}

TEST_F(OperationsTest, WhatIsWrongWithAKernelIsADiagnostic) {
  const auto variant = compile(kernel("error: tl.mystery is not known"));
  ASSERT_TRUE(variant);
  EXPECT_FALSE(variant->ok());
  EXPECT_FALSE(variant->problem);
  EXPECT_TRUE(hasErrors(variant->compiled.diagnostics));
  const Json json = compileJson(kernel("error: tl.mystery is not known"), *variant);
  EXPECT_EQ(json["diagnostics"][0]["line"], 6);
  EXPECT_EQ(json["ok"], false);
}

TEST_F(OperationsTest, OptionsThatAreNoneAreRefused) {
  for (const Value &value :
       {makeInt(0), makeInt(3), makeInt(-4), makeInt(1 << 20), makeString("many"), Value{1.5}}) {
    KernelChoice choice = kernel();
    choice.launch.setOption("num_warps", value);
    const auto variant = compile(choice);
    ASSERT_FALSE(variant) << repr(value);
    EXPECT_EQ(variant.error().code, ErrorCode::InvalidInput);
    EXPECT_THAT(variant.error().message, HasSubstr("num_warps"));
  }
}

TEST_F(OperationsTest, ComparesAndKeepsEverything) {
  const KernelChoice choice = kernel();
  std::vector<SampleEvent> events;
  std::vector<double> fractions;
  bool storedBefore = true;
  const auto result = measureVariants(
      services, choice, cpu, defaultRuleSet, {all, none}, quickOptions(),
      [&](const Progress &progress) { fractions.push_back(progress.fraction); },
      [&](const SampleEvent &event) {
        events.push_back(event);
        auto reader = Store::open(services.store->file(), Store::Mode::ReadOnly);
        storedBefore = storedBefore && countSamples(**reader) == events.size();
      },
      {});
  ASSERT_TRUE(result) << result.error().message;
  EXPECT_TRUE(storedBefore) << "a sample is stored before anybody hears of it";
  ASSERT_FALSE(fractions.empty());
  EXPECT_TRUE(std::ranges::is_sorted(fractions));
  ASSERT_EQ(result->report.variants.size(), 2u);
  EXPECT_EQ(result->report.variants[0].label, "specialized");
  EXPECT_EQ(result->report.variants[0].correct, true);

  const Json json = compareJson(choice, *result);
  EXPECT_EQ(json["kernel"], "add");
  EXPECT_EQ(json["target"], "cpu");
  EXPECT_EQ(json["device"], "Fake device");
  EXPECT_EQ(json["correct"], true);
  EXPECT_NEAR(json["specialized"]["median"].get<double>(), 50000, 2000);
  EXPECT_NEAR(json["generic"]["median"].get<double>(), 300000, 12000);
  EXPECT_NEAR(json["ratio"]["value"].get<double>(), 6, 0.2);
  EXPECT_EQ(json["ratio"]["verdict"], "faster");
  EXPECT_GE(json["specialized"]["samples"].size(), 10u);
  EXPECT_EQ(json["generic"]["resources"]["code_bytes"], 64);

  auto store = Store::open(services.store->file(), Store::Mode::ReadOnly);
  const auto run = (*store)->run(result->run);
  ASSERT_TRUE(run);
  EXPECT_EQ(run->kind, "compare");
  EXPECT_EQ(run->device, "Fake device");
  EXPECT_FALSE(run->finishedAt.empty());
  EXPECT_EQ(run->options["configuration"]["parameters"], (Json{{"BLOCK", 1024}}));
  EXPECT_EQ(run->options["configuration"]["options"]["num_warps"], 4);
  EXPECT_THAT(run->options["tuning_key"], ElementsAre("n"));
  EXPECT_FALSE(dumpJson(run->result).contains("\"samples\""))
      << "samples have a table of their own";
  EXPECT_EQ(countSamples(**store), events.size());
  EXPECT_EQ((*(*store)->variant(result->variants[0].cacheKey))->resources["code_bytes"], 64);
  EXPECT_EQ(*(*store)->kernelText(run->sourceHash), choice.file->text);
  EXPECT_EQ((*store)->launches(run->sourceHash)->size(), 1u);
}

TEST_F(OperationsTest, AWrongResultHasNoTime) {
  const KernelChoice choice = kernel(R"(fake: {"op": "wrong", "ns": 50000})");
  const auto result = compare(choice);
  ASSERT_TRUE(result) << result.error().message;
  EXPECT_EQ(result->report.variants[0].correct, false);
  EXPECT_TRUE(result->report.variants[0].modes.empty());
  const Json json = compareJson(choice, *result);
  EXPECT_EQ(json["correct"], false);
  EXPECT_TRUE(json["specialized"]["median"].is_null());
  EXPECT_TRUE(json["ratio"].is_null());
}

TEST_F(OperationsTest, ACrashIsAResult) {
  const auto result = compare(kernel(R"(fake: {"op": "abort"})"));
  ASSERT_TRUE(result) << result.error().message;
  for (const VariantReport &variant : result->report.variants)
    EXPECT_THAT(variant.error, HasSubstr("signal"));
  EXPECT_FALSE((*Store::open(services.store->file(), Store::Mode::ReadOnly))
                   ->run(result->run)
                   ->finishedAt.empty());
}

TEST_F(OperationsTest, AKernelThatDoesNotCompileIsARunWithItsCause) {
  const auto result = compare(kernel("error: tl.mystery is not known"));
  ASSERT_TRUE(result) << result.error().message;
  for (const VariantReport &variant : result->report.variants) {
    EXPECT_THAT(variant.error, HasSubstr("tl.mystery"));
    EXPECT_EQ(variant.errorCode, errorCodeName(ErrorCode::CompileFailed));
  }
  EXPECT_FALSE(result->run.empty());
}

TEST_F(OperationsTest, AStoreThatCannotBeWrittenIsAWarning) {
  std::filesystem::create_directories(services.store->file().parent_path());
  std::ofstream(services.store->file()) << std::string(1000, 'x');
  const auto result = compare(kernel());
  ASSERT_TRUE(result) << result.error().message;
  EXPECT_TRUE(result->run.empty());
  EXPECT_FALSE(result->report.variants[0].modes.empty());
  EXPECT_THAT(result->report.warnings, testing::Contains(HasSubstr("lapidary.db")));
}

TEST_F(OperationsTest, CancellingLeavesWhatWasMeasured) {
  const CancelToken cancel;
  int seen = 0;
  const auto result = measureVariants(
      services, kernel(R"(fake: {"op": "add", "ns": 50000, "jitter": 0.3, "sleep_ms": 5})"), cpu,
      defaultRuleSet, {all, none}, quickOptions(), {},
      [&](const SampleEvent &) {
        if (++seen == 5)
          cancel.cancel();
      },
      cancel);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, ErrorCode::Cancelled);
  auto store = Store::open(services.store->file(), Store::Mode::ReadOnly);
  const auto runs = (*store)->history({});
  ASSERT_EQ(runs->size(), 1u);
  EXPECT_TRUE(runs->front().finishedAt.empty());
  EXPECT_EQ(countSamples(**store), static_cast<std::size_t>(seen));
}

TEST_F(OperationsTest, ADeviceThatIsNotThere) {
  const auto result = measureVariants(services, kernel(), {{"cpu", ""}, 7}, defaultRuleSet, {all},
                                      quickOptions(), {}, {}, {});
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, ErrorCode::NotFound);
}

TEST_F(OperationsTest, DevicesAndDoctorSayWhatIsThereAndWhatIsMissing) {
  const auto states = listDevices(services);
  ASSERT_EQ(states.size(), 2u);
  EXPECT_EQ(states[0].devices.at(0).name, "Fake device");
  EXPECT_THAT(states[1].problem, HasSubstr("libcuda.so.1"));
  const auto lines = runDoctor(services);
  const auto find = [&](const std::string &subject) {
    const auto found = std::ranges::find(lines, subject, &DoctorLine::subject);
    EXPECT_NE(found, lines.end()) << subject;
    return *found;
  };
  EXPECT_TRUE(find("cpu device").ok);
  EXPECT_FALSE(find("cuda device").ok);
  EXPECT_FALSE(find("cuda device").required);
  EXPECT_THAT(find("cuda device").remedy, HasSubstr("driver"));
  EXPECT_TRUE(find("measuring process").ok);
  EXPECT_TRUE(find("database").ok);
  EXPECT_FALSE(std::filesystem::exists(services.store->file())) << "asking makes nothing";
  for (const DoctorLine &line : lines)
    EXPECT_EQ(line.ok, line.remedy.empty()) << line.subject;
}

} // namespace
} // namespace lapidary
