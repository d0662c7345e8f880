// The compile itself: stages, what is said about bad input, many at once.
#include "core/support/Paths.h"
#include "tests/unit/compiler/CpuKernel.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <thread>

using namespace lapidary;
using testing::ElementsAre;
using testing::HasSubstr;

namespace {

std::string sample(const std::string &name) {
  auto text = readFile(LAPIDARY_SOURCE_DIR "/tests/lit/ttir/" + name + ".ttir");
  return text ? *text : std::string();
}

CompileResult compile(const std::string &ttir, const std::string &stopAfter = {}) {
  CompileOptions options;
  options.target = {"cpu", ""};
  options.stopAfter = stopAfter;
  return compileTtir(ttir, "k.ttir", **makeCpuTarget(), options);
}

std::vector<std::string> stageNames(const CompileResult &result) {
  std::vector<std::string> names;
  for (const StageArtifact &stage : result.stages)
    names.push_back(stage.name);
  return names;
}

} // namespace

TEST(Compile, YieldsNamedStagesInOrder) {
  CompileResult result = compile(sample("vector_add"));
  ASSERT_TRUE(result.ok);
  EXPECT_THAT(stageNames(result), ElementsAre("ttir", "axis", "loops", "llir", "asm", "binary"));
  EXPECT_EQ(result.entry, "vector_add");
  for (const StageArtifact &stage : result.stages) {
    EXPECT_GT(stage.nanoseconds, 0) << stage.name;
    EXPECT_FALSE(stage.contents.empty()) << stage.name;
    EXPECT_EQ(stage.isText, stage.name != "binary");
  }
}

TEST(Compile, StopsAfterTheStageAskedFor) {
  CompileResult result = compile(sample("vector_add"), "axis");
  EXPECT_TRUE(result.ok);
  EXPECT_THAT(stageNames(result), ElementsAre("ttir", "axis"));
  EXPECT_EQ(result.accesses.size(), 3u);
  result = compile(sample("vector_add"), "ptx");
  EXPECT_FALSE(result.ok);
  ASSERT_EQ(result.diagnostics.size(), 1u);
  EXPECT_THAT(result.diagnostics[0].message, HasSubstr("ttir, axis, loops, llir, asm, binary"));
}

TEST(Compile, SaysWhichPropertyWouldWidenAnAccess) {
  std::string text = R"(module {
  tt.func public @k(%p: !tt.ptr<f32> loc("p"("k.py":1:0)), %stride: i32 loc("stride"("k.py":1:0))) {
    %r = tt.make_range {end = 64 : i32, start = 0 : i32} : tensor<64xi32>
    %s = tt.splat %stride : i32 -> tensor<64xi32>
    %o = arith.muli %r, %s : tensor<64xi32>
    %b = tt.splat %p : !tt.ptr<f32> -> tensor<64x!tt.ptr<f32>>
    %a = tt.addptr %b, %o : tensor<64x!tt.ptr<f32>>, tensor<64xi32>
    %x = tt.load %a : tensor<64x!tt.ptr<f32>> loc("k.py":5:4)
    tt.store %a, %x : tensor<64x!tt.ptr<f32>> loc("k.py":6:4)
    tt.return
  } loc("k.py":1:0)
})";
  CompileResult result = compile(text, "axis");
  ASSERT_TRUE(result.ok);
  ASSERT_EQ(result.accesses.size(), 2u);
  EXPECT_EQ(result.accesses[0].range.line, 5);
  EXPECT_EQ(result.accesses[0].kind, "load");
  EXPECT_EQ(result.accesses[0].bits, 32);
  EXPECT_EQ(result.accesses[0].argument, "stride");
  EXPECT_EQ(result.accesses[0].property, "tt.equal_to");
  EXPECT_THAT(result.accesses[0].limit, HasSubstr("stride is not known to be 1"));
}

TEST(Compile, DiagnosesWhatIsNoTritonIr) {
  CompileResult result = compile(
      "module {\n  tt.func public @k() {\n    %x = tt.nonsense : i32\n    tt.return\n  }\n}\n");
  EXPECT_FALSE(result.ok);
  ASSERT_FALSE(result.diagnostics.empty());
  EXPECT_EQ(result.diagnostics[0].file, "k.ttir");
  EXPECT_EQ(result.diagnostics[0].range.line, 3);

  EXPECT_FALSE(compile("").ok);
  EXPECT_FALSE(compile("\x7f\x45\x4c\x46 \xff\xfe").ok);
  for (const std::string text :
       {"module {\n}\n", "module {\n tt.func private @k() {\n tt.return\n }\n}\n"}) {
    result = compile(text);
    EXPECT_FALSE(result.ok);
    ASSERT_FALSE(result.diagnostics.empty());
    EXPECT_THAT(result.diagnostics[0].message, HasSubstr("no public tt.func"));
  }
}

TEST(Compile, NamesTheOperationThatItCannotLower) {
  CompileResult result = compile(R"(module {
  tt.func public @k(%p: !tt.ptr<f32>) {
    %v = arith.constant dense<1.0> : tensor<16xf32>
    %x = tt.elementwise_inline_asm "mov $0, $1;" {constraints = "=r,r", packed_element = 1 : i32, pure = true} %v : tensor<16xf32> -> tensor<16xf32>
    %s = tt.splat %p : !tt.ptr<f32> -> tensor<16x!tt.ptr<f32>>
    tt.store %s, %x : tensor<16x!tt.ptr<f32>>
    tt.return
  }
})");
  EXPECT_FALSE(result.ok);
  ASSERT_FALSE(result.diagnostics.empty());
  EXPECT_EQ(result.diagnostics[0].range.line, 4);
  EXPECT_THAT(result.diagnostics[0].message, HasSubstr("tt.elementwise_inline_asm"));
}

TEST(Compile, CountsWhatItEmitted) {
  CpuKernel kernel(sample("vector_add"), {"x86-64-v4", ""});
  const CompileResult &result = kernel.result;
  ASSERT_TRUE(result.ok);
  std::map<std::string, std::int64_t> values(result.resources.values.begin(),
                                             result.resources.values.end());
  EXPECT_EQ(values["widest_load_bits"], 512);
  EXPECT_EQ(values["widest_store_bits"], 512);
  EXPECT_GT(values["code_bytes"], 100);
  EXPECT_GT(values["vector_instructions"], 3);
  EXPECT_THAT(result.stage("asm")->contents, HasSubstr("zmmword ptr"));
  CpuKernel older(sample("vector_add"), {"x86-64-v3", ""});
  EXPECT_THAT(older.result.stage("asm")->contents, testing::Not(HasSubstr("zmm")));
}

TEST(Compile, RunsOnManyThreadsAtOnce) {
  const std::string text = sample("softmax_rows");
  const std::string once = compile(text).stage("llir")->contents;
  std::vector<std::string> results(4);
  std::vector<std::thread> threads;
  for (std::string &result : results)
    threads.emplace_back([&] { result = compile(text).stage("llir")->contents; });
  for (std::thread &thread : threads)
    thread.join();
  for (const std::string &result : results)
    EXPECT_EQ(result, once);
}

TEST(Compile, CancelledStopsAtTheNextStage) {
  CancelToken cancel;
  cancel.cancel();
  CompileOptions options;
  options.target = {"cpu", ""};
  CompileResult result =
      compileTtir(sample("vector_add"), "k.ttir", **makeCpuTarget(), options, cancel);
  EXPECT_FALSE(result.ok);
  EXPECT_TRUE(result.stages.empty());
}
