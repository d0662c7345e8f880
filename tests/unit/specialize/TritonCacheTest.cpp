#include "core/specialize/TritonCache.h"
#include "tests/support/TemporaryFolder.h"
#include "tests/unit/specialize/Fixture.h"

#include "core/support/Paths.h"

using namespace lapidary;
using namespace lapidary::test;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

namespace {

std::vector<std::string> parametersOf(const std::string &text, const std::string &name = "add") {
  auto parameters = parseModuleParameters(text, name);
  EXPECT_TRUE(parameters) << parameters.error().message;
  std::vector<std::string> list;
  if (parameters)
    for (const ModuleParameter &parameter : *parameters)
      list.push_back(parameter.name + ": " + parameter.text);
  return list;
}

std::string errorOf(const std::string &text) {
  auto parameters = parseModuleParameters(text, "add");
  return parameters ? "fine" : parameters.error().message;
}

TEST(ModuleParameters, AreReadAsTritonPrintsThem) {
  EXPECT_THAT(
      parametersOf("#loc = loc(\"add.py\":6:0)\nmodule {\n"
                   "  tt.func public @add(%x_ptr: !tt.ptr<f32> {tt.pointer_range = 32 : "
                   "i32, tt.divisibility = 16 : i32} loc(\"x_ptr\"(#loc)), %n: i32 "
                   "loc(\"n\"(\"a, b).py\":6:0))) attributes {noinline = false} {\n"),
      ElementsAre("x_ptr: !tt.ptr<f32> {tt.divisibility = 16, tt.pointer_range = 32}", "n: i32"));
  // Earlier releases number them; a helper of nearly the same name is another function.
  EXPECT_THAT(parametersOf("tt.func private @add_one(%arg0: i32) -> i32 {\n}\n"
                           "tt.func public @add(%arg0: !tt.ptr<bf16> {tt.divisibility = 16 : i32} "
                           ", %arg1: i64)  {\n"),
              ElementsAre(": !tt.ptr<bf16> {tt.divisibility = 16}", ": i64"));
  EXPECT_THAT(parametersOf("tt.func public @add() attributes {noinline = false} {"), IsEmpty());
  EXPECT_THAT(
      parametersOf("tt.func @add(%x: !tt.ptr<f16, \"constant\"> {tt.divisibility = 16 : i32}, "
                   "%d: !tt.tensordesc<64x32xf16>) {"),
      ElementsAre("x: !tt.ptr<f16> {tt.divisibility = 16}", "d: !tt.tensordesc<64x32xf16>"));
  EXPECT_THAT(parametersOf("tt.func @add(%d: !tt.tensordesc<tensor<64x32xf16>>, %s: i1) {"),
              ElementsAre("d: !tt.tensordesc<64x32xf16>", "s: i1"));
}

TEST(ModuleParameters, ErrorsSayWhere) {
  EXPECT_THAT(errorOf(""), HasSubstr("no function add"));
  EXPECT_THAT(errorOf("tt.func @add(x: i32)"), HasSubstr("position 14: expected a parameter"));
  EXPECT_THAT(errorOf("tt.func @add(%x i32)"), HasSubstr("expected ':'"));
  EXPECT_THAT(errorOf("tt.func @add(%x: i32"), HasSubstr("expected ',' or ')', found the end"));
  EXPECT_THAT(errorOf("tt.func @add(%x: i32 {a = 1"), HasSubstr("expected '}'"));
}

struct CacheFolder : ::testing::Test {
  TemporaryFolder folder;
  JitFunction function = kernel({"x_ptr", "n", "BLOCK: tl.constexpr"});
  int number = 0;

  Launch launchOf(std::int64_t n, std::int64_t offset = 0, std::int64_t warps = 4) {
    return launch(function, {tensor(DType::Fp16, {64}, offset), integer(n), integer(64)},
                  {{"num_warps", integer(warps)}});
  }
  void entry(const std::string &parameters, const std::string &backend = R"("cuda", "arch": 90)",
             int warps = 4) {
    std::string name = "entry" + std::to_string(number++);
    write(name + "/kernel.json", R"({"target": {"backend": )" + backend + R"(}, "num_warps": )" +
                                     std::to_string(warps) + "}");
    write(name + "/kernel.ttir", "tt.func public @kernel(" + parameters + ") {\n");
  }
  void write(const std::string &name, const std::string &text) {
    std::filesystem::create_directories((folder / name).parent_path());
    EXPECT_TRUE(writeFileAtomically(folder / name, text));
  }
  TritonCache read(const Target &target = cuda) {
    auto cache = readTritonCache(folder / ".", "kernel", target);
    EXPECT_TRUE(cache) << cache.error().message;
    return cache ? *cache : TritonCache{};
  }
  CacheCoverage coverage(const std::vector<Launch> &launches) {
    auto report = variantsOfLaunches(*builtinRules(), "triton-3.6", cuda, function, launches);
    EXPECT_TRUE(report) << report.error().message;
    return coverageOf(*report, read());
  }
};

const std::string aligned = "%x_ptr: !tt.ptr<f16> {tt.divisibility = 16 : i32}",
                  unaligned = "%x_ptr: !tt.ptr<f16>",
                  divisible = ", %n: i32 {tt.divisibility = 16 : i32}", plain = ", %n: i32";

TEST_F(CacheFolder, EntriesOfTheKernelAndTheTargetAreRead) {
  entry(aligned + plain);
  entry(aligned + plain, R"("cuda", "arch": 80)");
  entry(aligned + plain, R"("hip", "arch": "gfx942:sramecc+:xnack-")");
  write("entry9/other.json", "{}");
  write("entry8/kernel.json", R"({"target": {"backend": "cuda", "arch": 90}})"); // without a module
  write("entry7/kernel.json", "{");
  write("stray.txt", "");
  EXPECT_EQ(read().entries.size(), 1u);
  EXPECT_EQ(read().unreadable, 2u);
  EXPECT_EQ(read({"cuda", "90a"}).entries.size(), 1u);
  EXPECT_EQ(read(hip).entries.size(), 1u);
  EXPECT_THAT(read({"cuda", "100"}).entries, IsEmpty());
  auto missing = readTritonCache(folder / "nowhere", "kernel", cuda);
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().code, ErrorCode::Unreadable);
}

TEST_F(CacheFolder, LaunchesAreLookedUpByWhatIsLeftAtRunTime) {
  entry(aligned + plain);
  entry(aligned);                                         // n = 1 is folded
  entry(unaligned + divisible);                           // asked by nobody
  entry(aligned + divisible, R"("cuda", "arch": 90)", 8); // with other options
  CacheCoverage found = coverage({launchOf(3), launchOf(5), launchOf(1), launchOf(16)});
  EXPECT_EQ(found.entries, 4u);
  EXPECT_EQ(found.reachable.value, 3u);
  EXPECT_EQ(found.covered, 2u);
  EXPECT_EQ(found.outOfReach, 2u);
  EXPECT_THAT(found.missing,
              ElementsAre("x_ptr: !tt.ptr<f16> {tt.divisibility = 16}, n: i32 {tt.divisibility = "
                          "16}"));
  found = coverage({launchOf(16), launchOf(16, 0, 8)});
  EXPECT_EQ(found.covered, 1u);
  ASSERT_EQ(found.missing.size(), 1u);
  EXPECT_THAT(found.missing[0], HasSubstr("{'num_warps': 4}"));
}

TEST_F(CacheFolder, RangesAreComparedClassByClass) {
  entry(aligned + plain);
  entry(aligned);
  entry(unaligned + plain);
  entry("%x_ptr: !tt.ptr<f32>" + plain); // another element type
  auto ranges = parseArgumentRanges(
      R"({"n": {"from": 1, "to": 1000000000000}, "x_ptr": {"alignment": 16}})", "ranges");
  auto report =
      variantsOfRanges(*builtinRules(), "triton-3.6", cuda, function, launchOf(16), *ranges);
  ASSERT_TRUE(report) << report.error().message;
  CacheCoverage found = coverageOf(*report, read());
  EXPECT_EQ(found.covered, 2u);
  EXPECT_EQ(found.outOfReach, 2u);
  EXPECT_EQ(found.reachable.value, 5u); // the constant 1; i32 and i64, each divisible or not
  Json json = toJson(found);
  EXPECT_EQ(json["covered"], 2);
  EXPECT_EQ(json["reachable"], 5);
}

} // namespace
