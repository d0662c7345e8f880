#include "tests/unit/specialize/Fixture.h"

using namespace lapidary;
using namespace lapidary::test;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

namespace {

struct Masks : ::testing::Test {
  JitFunction function = kernel({"x_ptr", "n", "stride", "BLOCK: tl.constexpr"});
  Specialization all = specialized(
      "triton-3.6", hip, function,
      launch(function, {tensor(DType::Fp16, {64}), integer(32), integer(1), integer(64)}));
  Specialization masked(const std::string &text) {
    auto result = applyMask(all, *parsePropertyMask(text));
    EXPECT_TRUE(result) << result.error().message;
    return result ? *result : Specialization{};
  }
  static std::string head(const Specialization &s) {
    return s.key.substr(0, s.key.find(", ('constexpr', 64)"));
  }
};

TEST_F(Masks, EveryPropertyCanBeNamed) {
  EXPECT_THAT(firedProperties(all), ElementsAre("x_ptr:tt.divisibility", "x_ptr:tt.pointer_range",
                                                "n:tt.divisibility", "stride:tt.equal_to"));
  for (const std::string &item : firedProperties(all))
    EXPECT_THAT(firedProperties(masked(item)), ElementsAre(item));
}

TEST_F(Masks, NoneIsTheGenericKernel) {
  Specialization generic = masked("none");
  EXPECT_EQ(head(generic), "[('*fp16', ''), ('i32', ''), ('i32', '')");
  EXPECT_FALSE(generic.find("stride")->constant);
  EXPECT_EQ(generic.find("BLOCK")->constant, integer(64));
  EXPECT_TRUE(firedProperties(generic).empty());
}

TEST_F(Masks, ItemsNameArgumentsPropertiesAndLetters) {
  EXPECT_EQ(head(masked("all")), head(all));
  EXPECT_EQ(head(masked("x_ptr")), "[('*fp16', 'DS'), ('i32', ''), ('i32', '')");
  EXPECT_EQ(head(masked("tt.divisibility")), "[('*fp16', 'D'), ('i32', 'D'), ('i32', '')");
  EXPECT_EQ(head(masked("D, stride:1")), "[('*fp16', 'D'), ('i32', 'D'), ('constexpr', 1)");
  EXPECT_EQ(head(masked("x_ptr:S,n:divisible-by-16")),
            "[('*fp16', 'S'), ('i32', 'D'), ('i32', '')");
}

TEST_F(Masks, WhatDidNotFireIsSaid) {
  auto result = applyMask(all, *parsePropertyMask("x_ptr, n:S"));
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, ErrorCode::NotFound);
  EXPECT_THAT(result.error().message, HasSubstr("the mask names n:S, which fired nowhere"));
  EXPECT_FALSE(applyMask(all, *parsePropertyMask("BLOCK")));
}

TEST_F(Masks, TextRoundTripsAndBadTextIsRefused) {
  for (const char *text : {"all", "none", "x_ptr,n:D"})
    EXPECT_EQ(toString(*parsePropertyMask(text)), text);
  for (const char *text : {"", "a,,b", "all,n", ",", "n, none"})
    EXPECT_FALSE(parsePropertyMask(text)) << text;
}

TEST(MaskOfTuple, NamesTheTupleOrOneItem) {
  JitFunction function = kernel({"shape"});
  Specialization s = specialized("triton-3.6", cuda, function,
                                 launch(function, {Value{TupleValue{{integer(16), integer(1)}}}}));
  EXPECT_THAT(applyMask(s, *parsePropertyMask("shape[0]"))->key,
              HasSubstr("[(('i32', 'i32'), ('D', ''))]"));
  EXPECT_EQ(applyMask(s, *parsePropertyMask("shape"))->key, s.key);
}

} // namespace
