#include "core/specialize/Variants.h"

#include "core/specialize/Arguments.h"
#include "core/specialize/Engine.h"
#include "core/specialize/ReachableClasses.h"
#include "tests/unit/specialize/Fixture.h"

#include <random>
#include <set>

using namespace lapidary;
using namespace lapidary::test;
using ::testing::HasSubstr;

namespace {

ArgumentRanges ranges(const std::string &text) {
  auto parsed = parseArgumentRanges(text, "ranges");
  EXPECT_TRUE(parsed) << parsed.error().message;
  return parsed ? *parsed : ArgumentRanges{};
}

std::string rangeError(const std::string &text) {
  auto parsed = parseArgumentRanges(text, "ranges");
  return parsed ? "fine" : parsed.error().message;
}

ReachableVariants reportOf(const Target &target, const JitFunction &function, const Launch &l,
                           const std::string &text) {
  auto report = variantsOfRanges(*builtinRules(), "triton-3.6", target, function, l, ranges(text));
  EXPECT_TRUE(report) << report.error().message;
  return report ? *report : ReachableVariants{};
}

std::string keysOf(const ArgumentVariants &argument) {
  std::set<std::string> keys;
  for (const ReachableClass &found : argument.classes)
    keys.insert(found.type + ":" + found.key);
  std::string text;
  for (const std::string &key : keys)
    text += (text.empty() ? "" : " ") + key;
  return text;
}

TEST(Variants, EveryIntegerHasSevenClasses) {
  JitFunction function = kernel({"x_ptr", "n"});
  Launch l = launch(function, {tensor(DType::Fp16, {64}), integer(64)});
  ReachableVariants report = reportOf(cuda, function, l, "{}");
  // i32, i64 and u64, each divisible by 16 or not, and the constant 1.
  EXPECT_EQ(keysOf(report.arguments[1]), "constexpr:1 i32: i32:D i64: i64:D u64: u64:D");
  EXPECT_EQ(report.arguments[1].count.value, 7u);
  EXPECT_EQ(report.arguments[0].count.value, 2u);
  EXPECT_EQ(report.count.value, 14u);
  EXPECT_EQ(reportOf(hip, function, l, "{}").count.value, 28u);
}

TEST(Variants, RangesNarrowTheClasses) {
  JitFunction function = kernel({"x_ptr", "n", "flag", "BLOCK: tl.constexpr"});
  Launch l = launch(function, {tensor(DType::Fp16, {64}), integer(64), Value{true}, integer(128)});
  ReachableVariants report = reportOf(hip, function, l,
                                      R"({"n": {"from": 2, "to": 100000, "step": 2},
                                      "x_ptr": {"alignment": [16, 2], "storage": 4096},
                                      "flag": [true, false, null], "BLOCK": [64, 128, 256]})");
  EXPECT_EQ(keysOf(report.arguments[0]), "*fp16:DS *fp16:S");
  EXPECT_EQ(keysOf(report.arguments[1]), "i32: i32:D");
  EXPECT_EQ(keysOf(report.arguments[2]), "constexpr:None u1:None");
  EXPECT_EQ(report.arguments[3].count.value, 3u);
  EXPECT_EQ(report.count.value, 2u * 2 * 2 * 3);
  EXPECT_EQ(report.arguments[1].classes[0].example, "2");
  EXPECT_EQ(report.arguments[1].classes[1].example, "16");
  // Odd multiples of 8 only: never divisible by 16, never 1.
  report = reportOf(cuda, function, l, R"({"n": {"from": 8, "to": 1000000, "step": 16}})");
  EXPECT_EQ(keysOf(report.arguments[1]), "i32:");
  EXPECT_EQ(keysOf(reportOf(cuda, function, l, R"({"n": {"from": 1, "to": 1}})").arguments[1]),
            "constexpr:1");
}

TEST(Variants, ExplosionsAreCountedNotEnumerated) {
  JitFunction function = kernel({"n", "A: tl.constexpr", "B: tl.constexpr"});
  Launch l = launch(function, {integer(64), integer(1), integer(1)});
  // Walking through them would take the test past any limit.
  ReachableVariants report = reportOf(cuda, function, l,
                                      R"({"n": "any", "A": {"from": 1, "to": 1000000},
                                      "B": {"from": 1, "to": 1000000}})");
  EXPECT_EQ(toString(report.count), "7000000000000");
  EXPECT_TRUE(report.count.isExact);
  EXPECT_EQ(report.arguments[1].classes.size(), listedClasses);
  // Beyond 126 bits only a bound is known.
  std::vector<std::string> names;
  std::vector<Value> values;
  std::string text = "{";
  for (int i = 0; i < 4; ++i) {
    std::string name = "C" + std::to_string(i);
    names.push_back(name + ": tl.constexpr");
    values.push_back(integer(1));
    text += (i ? ", \"" : "\"") + name + R"(": {"from": 0, "to": 18446744073709551615})";
  }
  JitFunction wide = kernel(names);
  ReachableVariants huge = reportOf(cuda, wide, launch(wide, values), text + "}");
  EXPECT_FALSE(huge.count.isExact);
  EXPECT_THAT(toString(huge.count), HasSubstr("more than 85070591730234615865843651857942052864"));
}

TEST(Variants, RepresentativesFindWhatWalkingTheRangeFinds) {
  std::mt19937 random(11);
  auto pick = [&](std::int64_t low, std::int64_t high) {
    return low + std::int64_t(random() % std::uint64_t(high - low + 1));
  };
  for (int round = 0; round < 300; ++round) {
    auto rules = std::make_shared<RuleSet>();
    for (std::int64_t i = 0, count = pick(1, 5); i < count; ++i) {
      Rule rule;
      rule.letter = rule.name = std::string(1, char('A' + i));
      rule.kinds = 1u << int(ArgumentKind::Int);
      switch (pick(0, 3)) {
      case 0:
        rule.predicate = {PredicateKind::EqualTo, pick(-20, 20), 0};
        break;
      case 1:
        rule.predicate = {PredicateKind::WithinRange, pick(-200, 0), pick(1, 300)};
        break;
      default:
        rule.predicate = {PredicateKind::DivisibleBy, pick(2, 12), 0};
      }
      if (i > 0 && pick(0, 3) == 0)
        rule.unless = 1u << pick(0, i - 1);
      rules->rules.push_back(rule);
    }
    KernelSignature signature;
    signature.parameters.resize(1);
    Engine engine = Engine::compile(rules, signature);
    ArgumentRange range{
        ArgumentRange::Kind::Integers, pick(-400, 300), 0, pick(1, 40), {}, {}, {}, false};
    range.high = range.low + pick(0, 4000);
    std::set<std::uint64_t> walked;
    for (__int128 value = range.low; value <= range.high; value += range.step) {
      ArgumentClass found;
      engine.classify(0, ArgumentValue::integer(value), found);
      walked.insert(found.word);
    }
    auto reached = reachableClasses(engine, 0, integer(0), range);
    ASSERT_TRUE(reached);
    ASSERT_TRUE(reached->count.isExact);
    ASSERT_EQ(reached->count.value, walked.size())
        << "round " << round << ": " << std::int64_t(range.low) << " to "
        << std::int64_t(range.high) << " by " << std::int64_t(range.step);
  }
}

TEST(Variants, BadRangesSayWhatIsWrong) {
  EXPECT_THAT(rangeError("["), HasSubstr("not valid JSON"));
  EXPECT_THAT(rangeError("[]"), HasSubstr("expected an object"));
  EXPECT_THAT(rangeError(R"({"n": {"from": 5, "to": 4}})"),
              HasSubstr("range of 'n': from 5 to 4 is empty"));
  EXPECT_THAT(rangeError(R"({"n": []})"), HasSubstr("an empty list"));
  EXPECT_THAT(rangeError(R"({"n": {"from": 5}})"), HasSubstr("'to' is missing"));
  EXPECT_THAT(rangeError(R"({"n": {"from": 5, "to": 9, "step": 0}})"), HasSubstr("at least 1"));
  EXPECT_THAT(rangeError(R"({"n": {"from": 5, "to": 9, "by": 2}})"),
              HasSubstr("unknown field 'by'"));
  EXPECT_THAT(rangeError(R"({"n": {"from": 0.5, "to": 9}})"), HasSubstr("must be an integer"));
  EXPECT_THAT(rangeError(R"({"n": 5})"), HasSubstr("expected a list, an object or \"any\""));
  EXPECT_THAT(rangeError(R"({"x": {"alignment": 0}})"), HasSubstr("must list bytes"));
  EXPECT_THAT(rangeError(R"({"x": {"alignment": []}})"), HasSubstr("empty list"));
  EXPECT_THAT(rangeError(R"({"x": {"alignment": 4, "optional": 1}})"), HasSubstr("true or false"));

  JitFunction function = kernel({"x_ptr", "n"});
  Launch l = launch(function, {tensor(DType::Fp16, {64}), integer(64)});
  auto errorOf = [&](const std::string &text) {
    auto report = variantsOfRanges(*builtinRules(), "triton-3.6", cuda, function, l, ranges(text));
    return report ? "fine" : report.error().message;
  };
  EXPECT_THAT(errorOf(R"({"m": [1]})"), HasSubstr("'m'; kernel has no such parameter"));
  EXPECT_THAT(errorOf(R"({"n": {"alignment": 4}})"), HasSubstr("is for a tensor"));
  EXPECT_THAT(errorOf(R"({"x_ptr": {"from": 1, "to": 4}})"), HasSubstr("is for an integer"));
}

TEST(Variants, LaunchesAreCountedAsTheyCameTogether) {
  JitFunction function = kernel({"n", "m"});
  std::vector<Launch> launches;
  for (std::int64_t i = 1; i <= 64; ++i) // both are divisible, or none
    launches.push_back(launch(function, {integer(i), integer(i * 3)}));
  auto report = variantsOfLaunches(*builtinRules(), "triton-3.6", cuda, function, launches);
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_EQ(report->launches, 64u);
  EXPECT_EQ(report->count.value, 3u); // (1, ""), ("", ""), ("D", "D")
  EXPECT_EQ(report->arguments[0].count.value, 3u);
  EXPECT_EQ(report->arguments[1].count.value, 2u);
  EXPECT_DOUBLE_EQ(report->arguments[0].factor, 1.5);
  EXPECT_DOUBLE_EQ(report->arguments[1].factor, 1.0);
  // A launch option is part of the variant.
  launches.push_back(launch(function, {integer(16), integer(48)}, {{"num_warps", integer(8)}}));
  EXPECT_EQ(
      variantsOfLaunches(*builtinRules(), "triton-3.6", cuda, function, launches)->count.value, 4u);
  launches.push_back(launch(function, {integer(__int128(1) << 70), integer(1)}));
  auto wrong = variantsOfLaunches(*builtinRules(), "triton-3.6", cuda, function, launches);
  ASSERT_FALSE(wrong);
  EXPECT_THAT(wrong.error().message, HasSubstr("launch 66: argument 'n'"));
}

TEST(Variants, LogsAreRead) {
  JitFunction function = kernel({"x_ptr", "n"});
  std::string log = "INFO starting\n"
                    "INFO key=[('*fp16', 'D'), ('i32', 'D')]{'debug': False}\n"
                    "INFO key=[('*fp16', 'D'), ('i32', '')]{'debug': False}\r\n"
                    "INFO key=[('*fp16', 'D'), ('i32', '')]{'debug': False}\n\n";
  auto report = variantsOfLog(*builtinRules(), "triton-3.6", cuda, function, log);
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_EQ(report->launches, 3u);
  EXPECT_EQ(report->count.value, 2u);
  EXPECT_EQ(report->arguments[1].factor, 2.0);
  auto wrong = variantsOfLog(*builtinRules(), "triton-3.6", cuda, function, log + "[('i32',");
  ASSERT_FALSE(wrong);
  EXPECT_THAT(wrong.error().message, HasSubstr("line 6: position"));
  auto none = variantsOfLog(*builtinRules(), "triton-3.6", cuda, function, "nothing\nhere\n");
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().code, ErrorCode::NotFound);
}

// Every combination of opt-outs tried: nothing cheaper reaches the bound.
TEST(Variants, OptOutsAreTheCheapest) {
  std::vector<std::string> options = {"", "do_not_specialize_on_alignment", "do_not_specialize"};
  std::vector<std::string> names = {"x_ptr", "n", "m"};
  auto withOptOuts = [&](int code) {
    JitOptions jit;
    for (const std::string &name : names) {
      if (code % 3 == 1)
        jit.doNotSpecializeOnAlignment.push_back(name);
      if (code % 3 == 2)
        jit.doNotSpecialize.push_back(name);
      code /= 3;
    }
    return kernel(names, jit);
  };
  Launch l = launch(kernel(names), {tensor(DType::Fp16, {64}), integer(64), integer(64)});
  ArgumentRanges given = ranges(R"({"n": {"from": 1, "to": 4096}, "m": {"from": 2, "to": 4096}})");
  for (std::uint64_t bound : {1, 2, 3, 4, 6, 8, 12, 24}) {
    auto plan = cheapestOptOuts(*builtinRules(), "triton-3.6", hip, kernel(names), l, given, bound);
    ASSERT_TRUE(plan) << plan.error().message;
    // What the plan says happens when the kernel is written so.
    JitOptions jit;
    for (const OptOut &optOut : plan->optOuts)
      (optOut.option == options[2] ? jit.doNotSpecialize : jit.doNotSpecializeOnAlignment)
          .push_back(optOut.argument);
    auto with = variantsOfRanges(*builtinRules(), "triton-3.6", hip, kernel(names, jit), l, given);
    EXPECT_EQ(with->count.value, plan->count.value);
    bool isPossible = false;
    std::size_t fewest = 99;
    for (int code = 0; code < 27; ++code) {
      auto other =
          variantsOfRanges(*builtinRules(), "triton-3.6", hip, withOptOuts(code), l, given);
      if (other->count.value > bound)
        continue;
      isPossible = true;
      fewest = std::min<std::size_t>(fewest, (code % 3 > 0) + (code / 3 % 3 > 0) + (code / 9 > 0));
    }
    EXPECT_EQ(plan->reachesBound, isPossible) << bound;
    if (isPossible) {
      EXPECT_LE(plan->count.value, bound);
      EXPECT_LE(plan->optOuts.size(), 3u);
      EXPECT_GE(plan->optOuts.size(), fewest);
    }
  }
  auto none = cheapestOptOuts(*builtinRules(), "triton-3.6", hip, kernel(names), l, given, 1000);
  EXPECT_TRUE(none->reachesBound && none->optOuts.empty() && none->cost == 0);
  // A constexpr's values are variants whatever is opted out of.
  JitFunction blocks = kernel({"n", "BLOCK: tl.constexpr"});
  Launch blockLaunch = launch(blocks, {integer(16), integer(64)});
  auto stuck = cheapestOptOuts(*builtinRules(), "triton-3.6", cuda, blocks, blockLaunch,
                               ranges(R"({"BLOCK": [32, 64, 128]})"), 2);
  EXPECT_FALSE(stuck->reachesBound);
  EXPECT_GE(stuck->count.value, 3u);
}

TEST(Variants, OptOutsForLaunchesKnowWhatCameTogether) {
  JitFunction function = kernel({"n", "m"});
  std::vector<Launch> launches;
  for (std::int64_t i = 1; i <= 64; ++i)
    launches.push_back(launch(function, {integer(i), integer(i * 3)}));
  auto plan = cheapestOptOuts(*builtinRules(), "triton-3.6", cuda, function, launches, 2);
  ASSERT_TRUE(plan) << plan.error().message;
  EXPECT_TRUE(plan->reachesBound && plan->isCheapest);
  EXPECT_EQ(plan->count.value, 2u);
  EXPECT_EQ(plan->optOuts.size(), 1u); // n alone: m is divisible by 16 exactly when n is
  EXPECT_EQ(plan->optOuts[0].argument, "n");
}

// How often a launch comes does not make the search harder.
TEST(Variants, OptOutsOfManyLaunchesAreTheCheapest) {
  JitFunction function = kernel({"a", "b", "c", "d", "e", "f", "g", "h"});
  std::vector<Launch> launches;
  std::mt19937 random(3);
  for (int i = 0; i < 3000; ++i) {
    std::vector<Value> values;
    for (int j = 0; j < 8; ++j)
      values.push_back(
          integer(random() % 2 ? 16 * (2 + random() % 1000) : 3 + 16 * (random() % 1000)));
    launches.push_back(launch(function, std::move(values)));
  }
  auto plan = cheapestOptOuts(*builtinRules(), "triton-3.6", cuda, function, launches, 2);
  ASSERT_TRUE(plan) << plan.error().message;
  EXPECT_TRUE(plan->reachesBound && plan->isCheapest);
  EXPECT_EQ(plan->count.value, 2u);
  EXPECT_EQ(plan->optOuts.size(), 7u);
}

TEST(Variants, JsonHasThePromisedFields) {
  JitFunction function = kernel({"x_ptr", "n"});
  Launch l = launch(function, {tensor(DType::Fp16, {64}), integer(64)});
  Json json = toJson(reportOf(cuda, function, l, "{}"));
  EXPECT_EQ(json["kernel"], "kernel");
  EXPECT_EQ(json["target"], "cuda:90");
  EXPECT_EQ(json["count"], 14);
  EXPECT_EQ(json["arguments"][1]["name"], "n");
  EXPECT_EQ(json["arguments"][1]["classes"].size(), 7u);
}

} // namespace
