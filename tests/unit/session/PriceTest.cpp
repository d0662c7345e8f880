#include "core/session/Price.h"
#include "Fakes.h"

#include <gmock/gmock.h>

namespace lapidary {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class PriceTest : public testing::Test {
protected:
  TemporaryFolder folder;
  FakeServices fakes{folder};

  Result<PriceList> pricesOf(const std::string &comment) {
    const auto choice =
        choose(writeAddKernel(folder, comment), "add", (folder / "small.launch.json").string());
    if (!choice)
      return std::unexpected(choice.error());
    return price(fakes.services, *choice, {{"cpu", ""}, -1}, defaultRuleSet, quickOptions(), {},
                 {});
  }
  static const PropertyPrice &of(const PriceList &list, const std::string &argument) {
    return *std::ranges::find(list.properties, argument, &PropertyPrice::argument);
  }
};

TEST_F(PriceTest, PropertiesThatPayOnlyTogetherAreFoundTogether) {
  const auto prices = pricesOf("needs:  x y ");
  ASSERT_TRUE(prices) << prices.error().message;
  ASSERT_EQ(prices->properties.size(), 4u);
  EXPECT_EQ(prices->gain->verdict, "slower");
  EXPECT_NEAR(prices->gain->ratio->value, 6, 0.5);
  EXPECT_THAT(prices->needed, ElementsAre("x:tt.divisibility", "y:tt.divisibility"));
  for (const char *name : {"x", "y"}) {
    const PropertyPrice &property = of(*prices, name);
    EXPECT_TRUE(property.needed && property.together) << name;
    EXPECT_EQ(property.without.verdict, "slower");
    EXPECT_FALSE(property.without.sameCode);
    EXPECT_TRUE(property.alone.sameCode) << "alone it makes the generic code";
    EXPECT_THAT(property.changes, ElementsAre("load at line 7: 128 -> 32 bit"));
    EXPECT_THAT(property.optOut, IsEmpty());
  }
}

TEST_F(PriceTest, WhatChangesNothingIsNotMeasuredAndCanGo) {
  const auto prices = pricesOf("needs:  x y ");
  ASSERT_TRUE(prices) << prices.error().message;
  EXPECT_EQ(prices->measured.report.variants.size(), 2u) << "two codes in all";
  EXPECT_TRUE(of(*prices, "out").without.sameCode);
  EXPECT_EQ(of(*prices, "out").optOut, "do_not_specialize_on_alignment");
  EXPECT_EQ(of(*prices, "n").optOut, "do_not_specialize");
  EXPECT_THAT(of(*prices, "n").advice, HasSubstr("fewer variants"));
  EXPECT_GT(of(*prices, "n").variants, 1);
  ASSERT_TRUE(prices->edit);
  EXPECT_EQ(prices->edit->before, "@triton.jit");
  EXPECT_EQ(prices->edit->after, "@triton.jit(do_not_specialize=[\"n\"], "
                                 "do_not_specialize_on_alignment=[\"out\"])");
}

// Any of the four will do: each can go, but not all of them.
TEST_F(PriceTest, OneOfThoseThatReplaceEachOtherStays) {
  const auto prices = pricesOf("any");
  ASSERT_TRUE(prices) << prices.error().message;
  for (const PropertyPrice &property : prices->properties)
    EXPECT_TRUE(property.without.sameCode);
  EXPECT_EQ(prices->needed.size(), 1u);
}

TEST_F(PriceTest, AKernelThatDoesNotCompileSaysSo) {
  const auto prices = pricesOf("error: no such construct");
  ASSERT_TRUE(prices) << prices.error().message;
  EXPECT_THAT(prices->properties, IsEmpty());
  EXPECT_FALSE(prices->gain);
  EXPECT_THAT(prices->measured.report.variants.at(0).error, HasSubstr("no such construct"));
}

TEST_F(PriceTest, AKernelThatIsWrongHasNoPrice) {
  const auto prices = pricesOf(R"(fake: {"op": "wrong", "ns": 50000})");
  ASSERT_TRUE(prices) << prices.error().message;
  EXPECT_THAT(prices->needed, IsEmpty());
  EXPECT_FALSE(prices->edit);
  EXPECT_EQ(prices->measured.report.variants.at(0).correct, false);
}

} // namespace
} // namespace lapidary
