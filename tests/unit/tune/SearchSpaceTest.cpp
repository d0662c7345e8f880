#include "core/tune/SearchSpace.h"

#include <gmock/gmock.h>

namespace lapidary {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

std::vector<Value> ints(std::vector<int> values) {
  std::vector<Value> all;
  for (int value : values)
    all.push_back(makeInt(value));
  return all;
}

std::string problemOf(std::vector<TuneParameter> parameters, std::vector<std::string> constraints) {
  const auto space = SearchSpace::create(std::move(parameters), std::move(constraints));
  return space ? "" : space.error().message;
}

TEST(SearchSpaceTest, NumbersAndConfigurationsAreTheSame) {
  const auto space =
      SearchSpace::create({{"A", ints({1, 2, 4})}, {"B", {makeString("x"), Value{true}}}}, {});
  ASSERT_TRUE(space);
  EXPECT_EQ(space->size(), 6u);
  EXPECT_EQ(configurationText(space->configuration(3)), "A=2 B=True");
  for (SearchSpace::Index i = 0; i < 6; ++i) {
    EXPECT_EQ(space->index(space->digits(i)), i);
    EXPECT_EQ(space->find(space->configuration(i)), i);
  }
  EXPECT_FALSE(space->find({{"A", makeInt(3)}, {"B", Value{true}}}));
}

TEST(SearchSpaceTest, NumbersAreInOrder) {
  const auto space = SearchSpace::create({{"A", ints({8, 2, 4})}}, {});
  ASSERT_TRUE(space);
  EXPECT_EQ(configurationText(space->configuration(0)), "A=2");
  EXPECT_THAT(space->neighbours(1), ElementsAre(0, 2));
  EXPECT_THAT(space->neighbours(0), ElementsAre(1));
}

TEST(SearchSpaceTest, ConstraintsSeeParametersAndOtherNames) {
  const auto space = SearchSpace::create(
      {{"BLOCK", ints({256, 512})}, {"num_warps", ints({4, 8})}},
      {"BLOCK >= 64 * num_warps", "cdiv(n, BLOCK) < 5"}, [](const std::string &name) {
        return name == "n" ? std::optional(makeInt(1024)) : std::nullopt;
      });
  ASSERT_TRUE(space) << space.error().message;
  EXPECT_THAT(*space->everything(), ElementsAre(0, 2, 3));
  EXPECT_EQ(*space->violated(1), "BLOCK >= 64 * num_warps");
}

TEST(SearchSpaceTest, ATrillionConfigurationsCostNothing) {
  std::vector<TuneParameter> parameters;
  for (char name = 'A'; name <= 'L'; ++name)
    parameters.push_back({std::string(1, name), ints({1, 2, 3, 4, 5, 6, 7, 8, 9, 10})});
  const auto space = SearchSpace::create(parameters, {"A + B == 7", "C < D"});
  ASSERT_TRUE(space) << space.error().message;
  EXPECT_EQ(space->size(), 1'000'000'000'000u);
  EXPECT_EQ(space->everything(), nullptr);
  RandomSequence random(3);
  for (int i = 0; i < 100; ++i) {
    const auto drawn = space->draw(random);
    ASSERT_TRUE(drawn);
    EXPECT_TRUE(space->allowed(*drawn));
  }
  for (const SearchSpace::Index near : space->neighbours(*space->draw(random)))
    EXPECT_TRUE(space->allowed(near));
}

TEST(SearchSpaceTest, WhatContradictsIsNamed) {
  EXPECT_THAT(problemOf({{"A", ints({1, 2})}}, {"A > 0", "A > 5"}),
              HasSubstr("constraint 'A > 5' holds for no configuration (A in [1, 2])"));
  EXPECT_THAT(problemOf({{"A", ints({1, 2})}, {"B", ints({1, 2})}}, {"A > 0", "A > B", "B > A"}),
              HasSubstr("constraints 'A > B' and 'B > A' contradict each other"));
  EXPECT_THAT(problemOf({{"A", ints({1, 2})}, {"B", ints({1, 2})}, {"C", ints({1, 2})}},
                        {"A < B", "B < C", "C < 3"}),
              HasSubstr("'A < B' and 'B < C' contradict"));
}

TEST(SearchSpaceTest, ContradictionsInSpacesThatAreNeverLookedThrough) {
  std::vector<TuneParameter> parameters;
  for (char name = 'A'; name <= 'J'; ++name)
    parameters.push_back({std::string(1, name), ints({1, 2, 3, 4, 5, 6, 7, 8, 9, 10})});
  EXPECT_THAT(problemOf(parameters, {"A < B", "B < A"}), HasSubstr("contradict each other"));
  EXPECT_THAT(problemOf(parameters, {"A + B + C + D + E + F + G + H + I + J == 10"}),
              HasSubstr("drawn by chance none fulfils"));
}

TEST(SearchSpaceTest, BadSpacesSayWhatIsWrong) {
  EXPECT_THAT(problemOf({}, {}), HasSubstr("no parameters"));
  EXPECT_THAT(problemOf({{"A", {}}}, {}), HasSubstr("'A' has no values"));
  EXPECT_THAT(problemOf({{"A", ints({1, 1})}}, {}), HasSubstr("the value 1 twice"));
  EXPECT_THAT(problemOf({{"A", ints({1})}, {"A", ints({2})}}, {}),
              HasSubstr("stands in the space twice"));
  EXPECT_THAT(problemOf({{"A", ints({1})}}, {"A >"}), HasSubstr("constraint 'A >'"));
  EXPECT_THAT(problemOf({{"BLOCK", ints({1})}}, {"BLOK > 1"}), HasSubstr("did you mean 'BLOCK'?"));
  std::vector<TuneParameter> huge;
  for (int i = 0; i < 63; ++i)
    huge.push_back({"P" + std::to_string(i), ints({1, 2})});
  EXPECT_THAT(problemOf(huge, {}), HasSubstr("2^62"));
}

TEST(SearchSpaceTest, AConstraintThatDividesByZeroForbidsOnlyThat) {
  const auto space = SearchSpace::create({{"A", ints({0, 1, 2})}}, {"4 // A > 2"});
  ASSERT_TRUE(space) << space.error().message;
  EXPECT_THAT(*space->everything(), ElementsAre(1));
}

TEST(SearchSpaceTest, AListAllowsItsOwnOnly) {
  const auto space = SearchSpace::listed({{{"A", makeInt(2)}, {"w", makeInt(4)}},
                                          {{"A", makeInt(1)}, {"w", makeInt(8)}},
                                          {{"A", makeInt(1)}}});
  ASSERT_TRUE(space) << space.error().message;
  EXPECT_EQ(space->everything()->size(), 3u);
  EXPECT_EQ(configurationText(space->configuration(space->everything()->front())), "A=2 w=4");
  EXPECT_EQ(configurationText(space->configuration(space->everything()->back())), "A=1");
  EXPECT_FALSE(space->allowed(*space->find({{"A", makeInt(2)}, {"w", makeInt(8)}})));
  EXPECT_FALSE(SearchSpace::listed({}));
}

TEST(SearchSpaceTest, ConfigurationsKeepTheirTypes) {
  const Configuration mixed = {{"a", makeInt(1)},  {"b", Value{1.0}},
                               {"c", Value{true}}, {"d", makeString("ieee")},
                               {"e", Value{}},     {"f", Value{DType::BF16}}};
  const auto back = configurationFromJson(configurationJson(mixed));
  ASSERT_TRUE(back) << back.error().message;
  EXPECT_EQ(*back, mixed);
}

} // namespace
} // namespace lapidary
