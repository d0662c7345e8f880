#include "core/specialize/AotSignature.h"
#include "tests/unit/specialize/Fixture.h"

using namespace lapidary;
using namespace lapidary::test;
using ::testing::HasSubstr;

namespace {

std::string errorOf(std::string_view text) {
  auto signature = parseAotSignature(text);
  return signature ? "fine" : signature.error().message;
}

TEST(AotSignature, PrintsWhatItReads) {
  for (const char *text : {"*fp32:16, i32:16, 1024, i32, i32:1", "*fp16", "*kbf16:16, -5, 0.5, u1",
                           "**i8, fp64, u64:16"}) {
    auto signature = parseAotSignature(text);
    ASSERT_TRUE(signature) << text << ": " << signature.error().message;
    EXPECT_EQ(printAotSignature(*signature), text);
  }
  EXPECT_EQ(printAotSignature(*parseAotSignature(" *fp32:16 ,i32 ")), "*fp32:16, i32");
}

TEST(AotSignature, ErrorsSayWhere) {
  EXPECT_THAT(errorOf(""), HasSubstr("position 1"));
  EXPECT_THAT(errorOf("i32,"), HasSubstr("position 5"));
  EXPECT_THAT(errorOf("i32, i33"), HasSubstr("position 6: expected a type"));
  EXPECT_THAT(errorOf("i32, " + std::string(60, '7')), HasSubstr("position 6: expected a type"));
  EXPECT_THAT(errorOf("i32:8"), HasSubstr("position 5: expected the hint 1 or 16, found '8'"));
  EXPECT_THAT(errorOf("i32:"), HasSubstr("found nothing"));
}

TEST(AotTarget, ReadsBackendArchitectureAndWarp) {
  auto target = parseAotTarget("hip:gfx942:64");
  ASSERT_TRUE(target) << target.error().message;
  EXPECT_EQ(target->target, hip);
  EXPECT_EQ(target->warpSize, 64);
  EXPECT_EQ(printAotTarget(*target), "hip:gfx942:64");
  EXPECT_EQ(printAotTarget(*parseAotTarget("cuda:80:32")), "cuda:80:32");
  for (const char *text :
       {"", "cuda", "cuda:80", "cuda:80:33", "cuda:80:", ":80:32", "cuda:80:32x"})
    EXPECT_FALSE(parseAotTarget(text)) << text;
}

TEST(AotSignature, SaysWhatALaunchHas) {
  JitFunction function = matmul();
  Specialization original = specialized("triton-3.6", cuda, function, matmulLaunch(function));
  auto signature = aotSignature(original);
  ASSERT_TRUE(signature) << signature.error().message;
  EXPECT_EQ(printAotSignature(*signature),
            "*fp16:16, *fp16:16, *fp16:16, i32:16, i32:16, i32:16, i32:16, i32:1, i32:16, i32:1, "
            "i32:16, i32:1, 128, 128, 64, 8");
  auto back = specializationFromAot(*builtinRules(), "triton-3.6", cuda, function, *signature);
  ASSERT_TRUE(back) << back.error().message;
  EXPECT_EQ(back->key, original.key);
  for (std::size_t i = 0; i < original.arguments.size(); ++i)
    EXPECT_EQ(back->arguments[i].properties, original.arguments[i].properties);
  signature->entries.pop_back();
  auto wrong = specializationFromAot(*builtinRules(), "triton-3.6", cuda, function, *signature);
  ASSERT_FALSE(wrong);
  EXPECT_THAT(wrong.error().message, HasSubstr("the signature has 15 entries"));
}

TEST(AotSignature, WhatHasNoWordsIsNamed) {
  JitFunction function = kernel({"x", "MODE: tl.constexpr"});
  Specialization withText =
      specialized("triton-3.6", cuda, function, launch(function, {integer(3), makeString("relu")}));
  auto signature = aotSignature(withText);
  ASSERT_FALSE(signature);
  EXPECT_THAT(signature.error().message, HasSubstr("'MODE'"));
}

} // namespace
