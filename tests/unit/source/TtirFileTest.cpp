#include "core/source/Launch.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace lapidary {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

const char *const text =
    "#loc = loc(\"kernels.py\":7:0)\n"
    "#loc3 = loc(\"out_ptr\"(#loc))\n"
    "module {\n"
    "  tt.func private @helper(%a: f32) -> f32\n"
    "  tt.func public @scale(%arg0: !tt.ptr<f16, 1> {tt.divisibility = 16 : i32} "
    "loc(\"x_ptr\"(#loc)), %arg1: !tt.ptr<f8E5M2> loc(#loc3), %n: i64,\n"
    "      %factor: f32) attributes {noinline = false} {\n"
    "    tt.return\n  }\n}\n";

TEST(TtirFile, signaturesAreParameters) {
  auto file = parseKernelFile(text, "scale.ttir");
  EXPECT_TRUE(file->problems.empty());
  ASSERT_EQ(file->functions.size(), 1u);
  const JitFunction &kernel = file->functions[0];
  EXPECT_EQ(kernel.name, "scale");
  EXPECT_EQ(kernel.nameRange.line, 5);
  std::vector<std::string> parameters;
  for (const KernelParameter &parameter : kernel.parameters)
    parameters.push_back(parameter.name + " " + parameter.annotation);
  EXPECT_THAT(parameters,
              ElementsAre("x_ptr '*fp16'", "out_ptr '*fp8e5'", "n 'i64'", "factor 'fp32'"));
}

TEST(TtirFile, aLaunchIsGuessedByTypes) {
  auto file = parseKernelFile(text, "scale.ttir");
  const Launch launch = guessLaunch(*file, file->functions[0]);
  EXPECT_EQ(repr(*launch.argument("x_ptr")), "fp16 1024x1024");
  EXPECT_EQ(repr(*launch.argument("n")), "1024");
  EXPECT_EQ(repr(*launch.argument("factor")), "1.0");
  EXPECT_TRUE(bindLaunch(*file, file->functions[0], launch));
  EXPECT_NE(
      sourceHash(*file, file->functions[0]),
      sourceHash(*parseKernelFile(std::string(text) + "\n", "scale.ttir"), file->functions[0]));
}

TEST(TtirFile, saysWhatCannotBeRead) {
  auto problems = [](const std::string &ir) {
    auto file = parseKernelFile(ir, "bad.mlir");
    return file->problems.empty() ? std::string() : file->problems[0].message;
  };
  EXPECT_THAT(problems("module {\n}\n"), HasSubstr("no tt.func is public"));
  EXPECT_THAT(problems("tt.func public @k(%a: !tt.ptr<f32>"), HasSubstr("do not end"));
  EXPECT_THAT(problems("tt.func public @k(%a: vector<4xf32>) {\n}"),
              HasSubstr("no launch can pass"));
  EXPECT_THAT(problems("tt.func public @k(\"\") {\n}"), HasSubstr("cannot be read"));
  for (std::size_t length = 0; length < std::string(text).size(); ++length)
    parseKernelFile(std::string(text).substr(0, length), "cut.ttir");
}

} // namespace
} // namespace lapidary
