#include "core/tune/Replay.h"

#include <gmock/gmock.h>

#include <cmath>
#include <deque>

namespace lapidary {
namespace {

using testing::HasSubstr;

std::vector<Value> upTo(int count) {
  std::vector<Value> all;
  for (int value = 1; value <= count; ++value)
    all.push_back(makeInt(value));
  return all;
}

// A bowl with a ridge: one best configuration, and costs that depend on pairs of parameters.
double bowl(const SearchSpace::Digits &at) {
  double cost = 100;
  for (std::size_t i = 0; i < at.size(); ++i)
    cost += std::pow(double(at[i]) - double(2 + i % 3), 2) * 10;
  return cost + (at[0] == at[1] ? 15 : 0);
}

class EveryStrategy : public testing::TestWithParam<std::string> {
protected:
  SearchSpace space = *SearchSpace::create(
      {{"A", upTo(6)}, {"B", upTo(6)}, {"C", upTo(4)}, {"D", {makeString("x"), makeString("y")}}},
      {"A + B > 3"});
  std::unique_ptr<Strategy> make(std::uint64_t seed) const {
    return std::move(*makeStrategy(GetParam(), space, seed));
  }
};

TEST_P(EveryStrategy, AsksForEveryConfigurationOnce) {
  const auto strategy = make(1);
  std::set<SearchSpace::Index> asked;
  while (const auto index = strategy->ask()) {
    EXPECT_TRUE(space.allowed(*index));
    EXPECT_TRUE(asked.insert(*index).second) << "asked for twice";
    strategy->tell(*index, asked.size() % 5 == 0 ? Strategy::failed : bowl(space.digits(*index)));
  }
  EXPECT_EQ(asked.size(), space.everything()->size());
}

TEST_P(EveryStrategy, ASeedDecidesEverything) {
  const auto sequence = [&](std::uint64_t seed) {
    const auto strategy = make(seed);
    std::vector<SearchSpace::Index> asked;
    for (int i = 0; i < 60; ++i) {
      asked.push_back(*strategy->ask());
      strategy->tell(asked.back(), bowl(space.digits(asked.back())));
    }
    return asked;
  };
  EXPECT_EQ(sequence(7), sequence(7));
  if (GetParam() != "exhaustive")
    EXPECT_NE(sequence(7), sequence(8));
}

TEST_P(EveryStrategy, MayBeToldLateAndOfWhatItDidNotAskFor) {
  const auto strategy = make(3);
  std::set<SearchSpace::Index> seen;
  for (std::size_t i = 0; i < 20; ++i) {
    const SearchSpace::Index index = (*space.everything())[i * 7];
    seen.insert(index);
    strategy->tell(index, bowl(space.digits(index)));
  }
  std::deque<SearchSpace::Index> waiting;
  for (;;) {
    while (waiting.size() < 6) {
      const auto next = strategy->ask();
      if (!next)
        break;
      EXPECT_TRUE(seen.insert(*next).second) << "asked for what it was told";
      waiting.push_back(*next);
    }
    if (waiting.empty())
      break;
    strategy->tell(waiting.front(), bowl(space.digits(waiting.front())));
    waiting.pop_front();
  }
  EXPECT_EQ(seen.size(), space.everything()->size());
}

TEST_P(EveryStrategy, WorksWhereTheSpaceIsNeverWrittenOut) {
  std::vector<TuneParameter> parameters;
  for (char name = 'A'; name <= 'J'; ++name)
    parameters.push_back({std::string(1, name), upTo(10)});
  const auto large = SearchSpace::create(parameters, {"A < B or C < D"});
  ASSERT_TRUE(large);
  const auto strategy = makeStrategy(GetParam(), *large, 1);
  for (int i = 0; i < 40; ++i) {
    const auto index = (*strategy)->ask();
    ASSERT_TRUE(index);
    EXPECT_TRUE(large->allowed(*index));
    (*strategy)->tell(*index, bowl(large->digits(*index)));
  }
}

INSTANTIATE_TEST_SUITE_P(Strategies, EveryStrategy,
                         testing::Values("bandit", "surrogate", "hill", "annealing", "genetic",
                                         "differential", "random", "exhaustive"),
                         [](const auto &info) { return info.param; });

TEST(StrategyTest, AnUnknownNameListsThoseThereAre) {
  const auto space = SearchSpace::create({{"A", upTo(2)}}, {});
  const auto strategy = makeStrategy("surogate", *space, 1);
  ASSERT_FALSE(strategy);
  EXPECT_EQ(strategy.error().code, ErrorCode::NotFound);
  EXPECT_THAT(strategy.error().message, HasSubstr("did you mean 'surrogate'"));
  EXPECT_THAT(strategy.error().message, HasSubstr("exhaustive"));
}

TEST(StrategyTest, TheTestsCoverEveryStrategy) {
  EXPECT_EQ(strategies().size(), 8u) << "add the new one to EveryStrategy";
}

RecordedSpace recordedBowl() {
  RecordedSpace recorded;
  recorded.name = "bowl";
  recorded.parameters = {{"A", upTo(8)}, {"B", upTo(8)}, {"C", upTo(6)}};
  const auto space = SearchSpace::create(recorded.parameters, {});
  for (SearchSpace::Index i = 0; i < space->size(); ++i)
    recorded.times.push_back(i % 9 == 4 ? std::nullopt : std::optional(bowl(space->digits(i))));
  return recorded;
}

TEST(ReplayTest, ThoseThatLearnNeedFewerEvaluations) {
  const auto summaries = compareStrategies(
      {recordedBowl()}, {"random", "surrogate", "bandit", "hill", "exhaustive"}, 20, 0.01);
  ASSERT_TRUE(summaries) << summaries.error().message;
  ASSERT_EQ(summaries->size(), 5u);
  for (const ReplaySummary &summary : *summaries)
    if (summary.strategy != "random" && summary.strategy != "exhaustive")
      EXPECT_LT(summary.overRandom, 0.5) << summary.strategy;
}

TEST(ReplayTest, ARecordedSpaceReadsBack) {
  const RecordedSpace recorded = recordedBowl();
  const auto back = recordedSpaceFromJson(toJson(recorded), "file");
  ASSERT_TRUE(back) << back.error().message;
  EXPECT_EQ(back->times.size(), recorded.times.size());
  EXPECT_EQ(back->times[4], std::nullopt);
  EXPECT_EQ(back->times[5], recorded.times[5]);
}

TEST(ReplayTest, BadFilesSayWhatIsWrong) {
  const auto problem = [](Json json) {
    const auto space = recordedSpaceFromJson(json, "x.space.json");
    return space ? "" : space.error().message;
  };
  Json good = toJson(recordedBowl());
  EXPECT_EQ(problem(good), "");
  EXPECT_THAT(problem(Json::array()), HasSubstr("no recorded space"));
  Json few = good;
  few["times"] = {1, 2};
  EXPECT_THAT(problem(few), HasSubstr("list of 384 times"));
  Json negative = good;
  negative["times"][3] = -1;
  EXPECT_THAT(problem(negative), HasSubstr("times[3]"));
  Json none = good;
  for (Json &time : none["times"])
    time = nullptr;
  EXPECT_THAT(problem(none), HasSubstr("no configuration has a time"));
  Json newer = good;
  newer["schema"] = 2;
  EXPECT_THAT(problem(newer), HasSubstr("schema"));
}

} // namespace
} // namespace lapidary
