// Kernels that are opened as Triton IR.
#include "tests/unit/language/ElaborateKernel.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <random>

namespace lapidary::test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

const std::string text = R"(#loc = loc("kernels.py":7:0)
module {
  tt.func public @fill(%p: !tt.ptr<f32> {tt.divisibility = 8 : i32} loc("p"(#loc)), %stride: i32 loc("stride"(#loc))) {
    %r = tt.make_range {end = 8 : i32, start = 0 : i32} : tensor<8xi32> loc(#loc)
    %s = tt.splat %stride : i32 -> tensor<8xi32> loc(#loc)
    %o = arith.muli %r, %s : tensor<8xi32>
    %q = tt.splat %p : !tt.ptr<f32> -> tensor<8x!tt.ptr<f32>>
    %a = tt.addptr %q, %o : tensor<8x!tt.ptr<f32>>, tensor<8xi32>
    %one = arith.constant dense<1.0> : tensor<8xf32>
    tt.store %a, %one : tensor<8x!tt.ptr<f32>> loc(#loc)
    tt.return
  }
  tt.func public @other() {
    tt.return
  }
}
)";

ArgumentSpecialization argument(const std::string &name, const std::string &type,
                                std::optional<Value> constant = {}) {
  ArgumentSpecialization made;
  made.name = name;
  made.type = type;
  made.constant = std::move(constant);
  return made;
}

Elaboration open(const std::string &ir, std::vector<ArgumentSpecialization> arguments) {
  auto file = parseKernelFile(ir, "fill.ttir");
  EXPECT_FALSE(file->functions.empty());
  Specialization specialization;
  specialization.target = *parseTarget("cpu");
  specialization.arguments = std::move(arguments);
  return elaborate(*file, *file->find("fill"), specialization);
}

TEST(TtirKernel, CarriesWhatTheLaunchSays) {
  ArgumentSpecialization p = argument("p", "*fp32");
  p.properties.push_back({"tt.divisibility", 16});
  Elaboration e = open(text, {p, argument("stride", "i32")});
  EXPECT_EQ(messages(e), "");
  EXPECT_THAT(
      linesWith(e, "tt.func"),
      ElementsAre(HasSubstr("%p: !tt.ptr<f32> {tt.divisibility = 16 : i32}, %stride: i32)")));
  EXPECT_THAT(e.storedTo, ElementsAre("p"));
  EXPECT_THAT(e.ttir, HasSubstr("fill.ttir\":10:5")); // where the store stands in the file
}

TEST(TtirKernel, FoldsConstants) {
  Elaboration e = open(text, {argument("p", "*fp32"), argument("stride", "constexpr", makeInt(1))});
  EXPECT_EQ(messages(e), "");
  EXPECT_THAT(linesWith(e, "tt.func"), ElementsAre(HasSubstr("(%p: !tt.ptr<f32>)")));
  EXPECT_EQ(operations(e)["arith.muli"], 0);
}

TEST(TtirKernel, SaysWhatDoesNotFit) {
  EXPECT_THAT(messages(open(text, {argument("p", "*fp16"), argument("stride", "i32")})),
              HasSubstr("p is '*fp32' in this IR and *fp16 in the launch"));
  EXPECT_THAT(messages(open(text, {argument("p", "constexpr", Value{NoneValue{}}),
                                   argument("stride", "i32")})),
              HasSubstr("None can be none"));
  std::string broken = text;
  broken.replace(broken.find("tt.splat %stride"), 16, "tt.splut %stride");
  Elaboration e = open(broken, {argument("p", "*fp32"), argument("stride", "i32")});
  EXPECT_THAT(messages(e), testing::StartsWith("5:"));
  EXPECT_THAT(messages(e), HasSubstr("tt.splut"));
}

TEST(TtirKernel, DamagedTextGivesAnAnswer) {
  std::mt19937 random(99);
  int opened = 0;
  for (int round = 0; round < 300; ++round) {
    std::string damaged = text;
    for (unsigned edits = 1 + random() % 2; edits > 0; --edits) {
      const std::size_t at = random() % damaged.size();
      if (random() % 2)
        damaged.erase(at, 1 + random() % 6);
      else
        damaged.insert(at, 1, "()[]<>{}:,.%#!x09 \n\"@=-"[random() % 23]);
    }
    auto file = parseKernelFile(damaged, "fill.ttir");
    const JitFunction *kernel = file->find("fill");
    if (!kernel)
      continue;
    Specialization specialization;
    specialization.target = *parseTarget("cpu");
    specialization.arguments = {argument("p", "*fp32"), argument("stride", "i32")};
    const Elaboration e = elaborate(*file, *kernel, specialization);
    EXPECT_EQ(e.ttir.empty(), hasErrors(e.diagnostics)) << damaged;
    ++opened;
  }
  EXPECT_GT(opened, 200);
}

} // namespace
} // namespace lapidary::test
