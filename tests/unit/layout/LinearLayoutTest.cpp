#include "core/layout/LinearLayout.h"

#include <bit>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <map>
#include <random>
#include <set>

using namespace lapidary;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Pair;

namespace {

std::vector<std::string> names(const std::vector<Axis> &axes) {
  std::vector<std::string> result;
  for (const Axis &axis : axes)
    result.push_back(axis.name);
  return result;
}

class Random {
public:
  explicit Random(unsigned seed) : engine(seed) {}
  std::int64_t below(std::int64_t limit) {
    return static_cast<std::int64_t>(engine() % static_cast<std::uint64_t>(limit));
  }

  // Axes of 1 to 2^3 elements.
  std::vector<Axis> axes(const std::vector<std::string> &names) {
    std::vector<Axis> result;
    for (const std::string &name : names)
      result.push_back({name, std::int64_t{1} << below(4)});
    return result;
  }

  LinearLayout layout(const std::vector<Axis> &in, const std::vector<Axis> &out) {
    std::vector<LinearLayout::Images> inputs;
    for (const Axis &axis : in) {
      LinearLayout::Images images{axis.name, {}};
      for (int bit = 0; bit < axis.bits(); ++bit) {
        std::vector<std::int64_t> image;
        for (const Axis &output : out)
          image.push_back(below(output.size));
        images.ofPowers.push_back(image);
      }
      inputs.push_back(images);
    }
    return LinearLayout::make(inputs, out).value();
  }
  LinearLayout layout() {
    return layout(axes({"register", "lane", "warp"}), axes({"dim0", "dim1"}));
  }

  // The identity, scrambled by steps that can be undone.
  LinearLayout invertible(const std::vector<Axis> &in, const std::vector<Axis> &out) {
    LinearLayout flat = LinearLayout::identity(size(in), "in", "mid");
    for (int step = 0; step < 40; ++step) {
      LinearLayout::Images images{"mid", {}};
      int bits = std::countr_zero(static_cast<std::uint64_t>(size(in)));
      std::int64_t from = bits ? below(bits) : 0, to = bits ? below(bits) : 0;
      for (int bit = 0; bit < bits; ++bit) {
        std::int64_t image = std::int64_t{1} << bit;
        if (bit == from && from != to)
          image |= std::int64_t{1} << to;
        images.ofPowers.push_back({image});
      }
      flat = flat.then(LinearLayout::make({images}, {{"mid", size(in)}}).value());
    }
    return flat.withInputs(in).withOutputs(out);
  }

  static std::int64_t size(const std::vector<Axis> &axes) {
    std::int64_t product = 1;
    for (const Axis &axis : axes)
      product *= axis.size;
    return product;
  }

private:
  std::mt19937_64 engine;
};

std::uint64_t inputCount(const LinearLayout &layout) {
  return std::uint64_t{1} << layout.inputBits();
}

std::set<std::uint64_t> reached(const LinearLayout &layout) {
  std::set<std::uint64_t> result;
  for (std::uint64_t x = 0; x < inputCount(layout); ++x)
    result.insert(layout.applyFlat(x));
  return result;
}

constexpr int rounds = 200;

} // namespace

// --- by hand
// -----------------------------------------------------------------------------------------

TEST(LinearLayout, TheWorkedExample) {
  LinearLayout layout =
      LinearLayout::make({{"register", {{1}}}, {"lane", {{2}, {4}}}}, {{"dim0", 8}}).value();
  EXPECT_THAT(layout.apply({{"register", 1}, {"lane", 3}}), ElementsAre(Pair("dim0", 7)));
  EXPECT_THAT(layout.apply({{"lane", 2}}), ElementsAre(Pair("dim0", 4)));
  EXPECT_EQ(layout.consecutive("register", "dim0"), 2);
  EXPECT_EQ(layout.toString(), "register: 1 -> (1); lane: 1 -> (2), 2 -> (4) | dim0: 8");
  LinearLayout swapped =
      LinearLayout::make({{"register", {{1}}}, {"lane", {{3}, {4}}}}, {{"dim0", 8}}).value();
  EXPECT_THAT(swapped.apply({{"lane", 1}}), ElementsAre(Pair("dim0", 3)));
  EXPECT_THAT(swapped.apply({{"lane", 1}, {"register", 1}}), ElementsAre(Pair("dim0", 2)));
}

TEST(LinearLayout, BadLayoutsAreRefused) {
  auto message = [](Result<LinearLayout> result) { return result ? "" : result.error().message; };
  EXPECT_THAT(message(LinearLayout::make({}, {{"dim0", 6}})), HasSubstr("size 6 of axis dim0"));
  EXPECT_THAT(message(LinearLayout::make({}, {{"dim0", 0}})), HasSubstr("size 0"));
  EXPECT_THAT(message(LinearLayout::make({}, {{"dim0", 2}, {"dim0", 2}})), HasSubstr("two axes"));
  EXPECT_THAT(message(LinearLayout::make({{"lane", {{2}}}}, {{"dim0", 2}})),
              HasSubstr("lies at 2 of dim0"));
  EXPECT_THAT(message(LinearLayout::make({{"lane", {{-1}}}}, {{"dim0", 2}})),
              HasSubstr("lies at -1"));
  EXPECT_THAT(message(LinearLayout::make({{"lane", {{1, 1}}}}, {{"dim0", 2}})),
              HasSubstr("2 coordinates"));
  EXPECT_THAT(
      message(LinearLayout::make({}, {{"a", std::int64_t{1} << 40}, {"b", std::int64_t{1} << 40}})),
      HasSubstr("at most 62 bits"));
  std::vector<std::vector<std::int64_t>> many(70, {0});
  EXPECT_THAT(message(LinearLayout::make({{"lane", many}}, {{"dim0", 2}})),
              HasSubstr("too many bits"));
}

TEST(LinearLayout, TheLargestLayoutsWork) {
  LinearLayout large = LinearLayout::identity(std::int64_t{1} << 62, "in", "out");
  EXPECT_TRUE(large.isInvertible());
  EXPECT_EQ(large.applyFlat((std::uint64_t{1} << 62) - 1), (std::uint64_t{1} << 62) - 1);
  EXPECT_EQ(large.leftInverse(), LinearLayout::identity(std::int64_t{1} << 62, "out", "in"));
}

TEST(LinearLayout, ProductsLayTheRightAroundTheLeft) {
  LinearLayout vector = LinearLayout::identity(4, "register", "dim1") *
                        LinearLayout::identity(8, "lane", "dim1") *
                        LinearLayout::identity(2, "register", "dim0");
  EXPECT_EQ(vector.toString(),
            "register: 1 -> (1, 0), 2 -> (2, 0), 4 -> (0, 1); lane: 1 -> (4, 0), 2 -> (8, 0), "
            "4 -> (16, 0) | dim1: 32, dim0: 2");
  LinearLayout copies =
      LinearLayout::identity(4, "lane", "dim0") * LinearLayout::zeros(8, "lane", "dim0");
  EXPECT_EQ(copies.inputSize("lane"), 32);
  EXPECT_EQ(copies.outputSize("dim0"), 4);
  EXPECT_THAT(copies.apply({{"lane", 13}}), ElementsAre(Pair("dim0", 1)));
  EXPECT_EQ(LinearLayout() * copies, copies);
  EXPECT_EQ(copies * LinearLayout(), copies);
}

TEST(LinearLayout, ConsecutiveStopsWhereAnotherAxisMoves) {
  LinearLayout layout =
      LinearLayout::make({{"register", {{1, 0}, {2, 0}, {4, 1}}}}, {{"dim0", 8}, {"dim1", 2}})
          .value();
  EXPECT_EQ(layout.consecutive("register", "dim0"), 4);
  EXPECT_EQ(layout.consecutive("register", "dim1"), 1);
  EXPECT_EQ(LinearLayout::zeros(8, "register", "dim0", 8).consecutive("register", "dim0"), 1);
  EXPECT_EQ(LinearLayout::identity(8, "register", "dim0").consecutive("register", "dim0"), 8);
}

TEST(LinearLayout, RedundantBitsAreThoseThatAddNothing) {
  LinearLayout layout =
      LinearLayout::make({{"register", {{1}, {0}}}, {"lane", {{2}, {3}, {4}}}}, {{"dim0", 8}})
          .value();
  EXPECT_THAT(layout.redundantBits(), ElementsAre(Pair("register", 0b10), Pair("lane", 0b010)));
  EXPECT_EQ(layout.rank(), 3);
  EXPECT_EQ(layout.withoutCopies("register").inputSize("register"), 2);
  EXPECT_EQ(layout.withoutCopies("lane").inputSize("lane"), 8);
}

TEST(LinearLayout, ModuloWrapsAround) {
  LinearLayout layout =
      LinearLayout::identity(16, "lane", "dim0") * LinearLayout::identity(4, "lane", "dim1");
  LinearLayout wrapped = layout.modulo("dim0", 4);
  for (std::int64_t lane = 0; lane < 64; ++lane)
    EXPECT_THAT(wrapped.apply({{"lane", lane}}),
                ElementsAre(Pair("dim0", lane % 16 % 4), Pair("dim1", lane / 16)));
  EXPECT_EQ(layout.modulo("dim0", 64), layout);
}

TEST(LinearLayout, DivisionFailsWhereTheTileIsNotThere) {
  LinearLayout layout =
      LinearLayout::identity(8, "register", "dim0") * LinearLayout::identity(4, "lane", "dim0");
  EXPECT_FALSE(layout.dividedByLeft(LinearLayout::identity(16, "register", "dim0")));
  EXPECT_FALSE(layout.dividedByLeft(LinearLayout::identity(4, "lane", "dim0")));
  EXPECT_FALSE(layout.dividedByRight(LinearLayout::identity(2, "register", "dim0")));
  EXPECT_FALSE(layout.dividedByLeft(LinearLayout::identity(2, "register", "dim7")));
  EXPECT_TRUE(layout.dividedByRight(LinearLayout::identity(4, "lane", "dim0")));
  // A column that runs from inside the tile to outside of it.
  LinearLayout skewed = LinearLayout::make({{"register", {{1}, {3}}}}, {{"dim0", 4}}).value();
  EXPECT_FALSE(skewed.dividedByLeft(LinearLayout::identity(2, "register", "dim0")));
}

TEST(LinearLayout, InversesAreRefusedWhereThereAreNone) {
  LinearLayout twice =
      LinearLayout::zeros(2, "register", "dim0", 1) * LinearLayout::identity(4, "lane", "dim0");
  EXPECT_FALSE(twice.inverse());
  EXPECT_FALSE(twice.leftInverse());
  EXPECT_TRUE(twice.rightInverse());
  LinearLayout half = LinearLayout::make({{"lane", {{1}}}}, {{"dim0", 4}}).value();
  EXPECT_FALSE(half.inverse());
  EXPECT_FALSE(half.rightInverse());
  EXPECT_TRUE(half.leftInverse());
}

TEST(LinearLayout, ConversionsTakeThePlaceWithoutRedundantBits) {
  LinearLayout spread = LinearLayout::identity(8, "lane", "dim0");
  LinearLayout copied = LinearLayout::identity(4, "register", "dim0") *
                        LinearLayout::identity(2, "lane", "dim0") *
                        LinearLayout::zeros(4, "lane", "dim0");
  LinearLayout conversion = spread.conversionTo(copied).value();
  EXPECT_EQ(conversion.toString(),
            "lane: 1 -> (1, 0), 2 -> (2, 0), 4 -> (0, 1) | register: 4, lane: 8");
  LinearLayout part = LinearLayout::zeros(2, "lane", "dim0", 8);
  EXPECT_FALSE(spread.conversionTo(part));
}

// --- laws, over random layouts
// -----------------------------------------------------------------------

TEST(LinearLayoutLaws, ApplyingIsLinear) {
  Random random(1);
  for (int round = 0; round < rounds; ++round) {
    LinearLayout layout = random.layout();
    EXPECT_EQ(layout.applyFlat(0), 0u);
    auto count = static_cast<std::int64_t>(inputCount(layout));
    for (int i = 0; i < 20; ++i) {
      auto x = static_cast<std::uint64_t>(random.below(count)),
           y = static_cast<std::uint64_t>(random.below(count));
      ASSERT_EQ(layout.applyFlat(x ^ y), layout.applyFlat(x) ^ layout.applyFlat(y));
    }
  }
}

TEST(LinearLayoutLaws, FlatAndNamedApplicationAgree) {
  Random random(2);
  for (int round = 0; round < rounds; ++round) {
    LinearLayout layout = random.layout();
    std::uint64_t flat = 0, expected = 0;
    Coordinates in;
    int offset = 0;
    for (const Axis &axis : layout.inputs()) {
      std::int64_t value = random.below(axis.size);
      in.emplace_back(axis.name, value);
      flat |= static_cast<std::uint64_t>(value) << offset;
      offset += axis.bits();
    }
    offset = 0;
    for (const auto &[name, value] : layout.apply(in)) {
      expected |= static_cast<std::uint64_t>(value) << offset;
      offset += Axis{name, layout.outputSize(name)}.bits();
    }
    ASSERT_EQ(layout.applyFlat(flat), expected);
  }
}

TEST(LinearLayoutLaws, RankCountsWhatIsReached) {
  Random random(3);
  for (int round = 0; round < rounds; ++round) {
    LinearLayout layout = random.layout();
    std::size_t count = reached(layout).size();
    EXPECT_EQ(count, std::size_t{1} << layout.rank());
    EXPECT_EQ(layout.isInjective(), count == inputCount(layout));
    EXPECT_EQ(layout.isSurjective(), count == std::size_t{1} << layout.outputBits());
    int redundant = 0;
    for (const auto &[name, mask] : layout.redundantBits())
      redundant += std::popcount(mask);
    EXPECT_EQ(redundant, layout.inputBits() - layout.rank());
  }
}

TEST(LinearLayoutLaws, CompositionIsApplyingTwice) {
  Random random(4);
  for (int round = 0; round < rounds; ++round) {
    std::vector<Axis> middle = random.axes({"a", "b"});
    LinearLayout first = random.layout(random.axes({"register", "lane"}), middle);
    // The second takes larger inputs in another order, and one more.
    std::vector<Axis> wider{{"b", middle[1].size * 2}, {"extra", 4}, {"a", middle[0].size}};
    LinearLayout second = random.layout(wider, random.axes({"dim0", "dim1"}));
    LinearLayout both = first.then(second);
    for (std::int64_t reg = 0; reg < first.inputSize("register"); ++reg)
      for (std::int64_t lane = 0; lane < first.inputSize("lane"); ++lane) {
        Coordinates at{{"register", reg}, {"lane", lane}};
        ASSERT_EQ(both.apply(at), second.apply(first.apply(at)));
      }
  }
}

TEST(LinearLayoutLaws, ProductsAreByHalvesAndAssociative) {
  Random random(5);
  for (int round = 0; round < rounds; ++round) {
    LinearLayout a =
        random.layout(random.axes({"register", "lane"}), random.axes({"dim0", "dim1"}));
    LinearLayout b = random.layout(random.axes({"lane", "warp"}), random.axes({"dim1", "dim2"}));
    LinearLayout c =
        random.layout(random.axes({"warp", "register"}), random.axes({"dim2", "dim0"}));
    EXPECT_EQ((a * b) * c, a * (b * c));

    LinearLayout ab = a * b;
    for (int i = 0; i < 10; ++i) {
      std::int64_t reg = random.below(a.inputSize("register")),
                   lane = random.below(ab.inputSize("lane")),
                   warp = random.below(b.inputSize("warp"));
      Coordinates low = a.apply({{"register", reg}, {"lane", lane % a.inputSize("lane")}});
      Coordinates high = b.apply({{"lane", lane / a.inputSize("lane")}, {"warp", warp}});
      Coordinates expected{{"dim0", low[0].second},
                           {"dim1", low[1].second + a.outputSize("dim1") * high[0].second},
                           {"dim2", high[1].second}};
      ASSERT_EQ(ab.apply({{"register", reg}, {"lane", lane}, {"warp", warp}}), expected);
    }
  }
}

TEST(LinearLayoutLaws, DivisionUndoesTheProduct) {
  Random random(6);
  for (int round = 0; round < rounds; ++round) {
    LinearLayout a =
        random.layout(random.axes({"register", "lane"}), random.axes({"dim0", "dim1"}));
    LinearLayout b =
        random.layout(random.axes({"lane", "register"}), random.axes({"dim1", "dim0"}));
    LinearLayout ab = a * b;
    std::optional<LinearLayout> right = ab.dividedByLeft(a), left = ab.dividedByRight(b);
    ASSERT_TRUE(right && left);
    EXPECT_EQ(right->withInputOrder(names(b.inputs())).withOutputOrder(names(b.outputs())), b);
    EXPECT_EQ(*left, a);
    EXPECT_EQ(a * *right, ab);
  }
}

// Whatever divides, multiplies back.
TEST(LinearLayoutLaws, WhatDividesMultipliesBack) {
  Random random(7);
  int divided = 0;
  for (int round = 0; round < 2000; ++round) {
    LinearLayout whole = random.layout({{"register", 4}, {"lane", 2}}, {{"dim0", 4}, {"dim1", 2}});
    LinearLayout part = random.layout({{"register", 2}}, {{"dim0", 2}});
    if (std::optional<LinearLayout> rest = whole.dividedByLeft(part)) {
      ++divided;
      EXPECT_EQ((part * *rest)
                    .withInputOrder(names(whole.inputs()))
                    .withOutputOrder(names(whole.outputs())),
                whole);
    }
    if (std::optional<LinearLayout> rest = whole.dividedByRight(part)) {
      ++divided;
      EXPECT_EQ((*rest * part)
                    .withInputOrder(names(whole.inputs()))
                    .withOutputOrder(names(whole.outputs())),
                whole);
    }
  }
  EXPECT_GT(divided, 50);
}

TEST(LinearLayoutLaws, InvertingTwiceGivesTheSame) {
  Random random(8);
  std::vector<Axis> in{{"register", 8}, {"lane", 32}, {"warp", 4}}, out{{"dim0", 64}, {"dim1", 16}};
  for (int round = 0; round < rounds; ++round) {
    LinearLayout layout = random.invertible(in, out);
    ASSERT_TRUE(layout.isInvertible());
    std::optional<LinearLayout> inverse = layout.inverse();
    ASSERT_TRUE(inverse);
    EXPECT_EQ(inverse->inputs(), out);
    EXPECT_EQ(inverse->outputs(), in);
    for (std::uint64_t x = 0; x < inputCount(layout); x += 37)
      ASSERT_EQ(inverse->applyFlat(layout.applyFlat(x)), x);
    EXPECT_EQ(inverse->inverse(), layout);
    EXPECT_EQ(layout.leftInverse(), inverse);
    EXPECT_EQ(layout.rightInverse(), inverse);
  }
}

TEST(LinearLayoutLaws, OneSidedInverses) {
  Random random(9);
  int left = 0, right = 0;
  for (int round = 0; round < 2 * rounds; ++round) {
    LinearLayout layout = random.layout();
    if (std::optional<LinearLayout> inverse = layout.rightInverse()) {
      ++right;
      EXPECT_TRUE(layout.isSurjective());
      for (std::uint64_t y = 0; y < std::uint64_t{1} << layout.outputBits(); ++y)
        ASSERT_EQ(layout.applyFlat(inverse->applyFlat(y)), y);
    } else {
      EXPECT_FALSE(layout.isSurjective());
    }
    if (std::optional<LinearLayout> inverse = layout.leftInverse()) {
      ++left;
      for (std::uint64_t x = 0; x < inputCount(layout); ++x)
        ASSERT_EQ(inverse->applyFlat(layout.applyFlat(x)), x);
    } else {
      EXPECT_FALSE(layout.isInjective());
    }
  }
  EXPECT_GT(left, 10);
  EXPECT_GT(right, 10);
}

TEST(LinearLayoutLaws, ConversionsArriveAtTheSameElement) {
  Random random(10);
  int converted = 0;
  for (int round = 0; round < rounds; ++round) {
    std::vector<Axis> out = random.axes({"dim0", "dim1"});
    LinearLayout from = random.layout(random.axes({"register", "lane"}), out);
    LinearLayout to = random.layout({{"offset", 16}, {"block", 4}}, {out[1], out[0]});
    std::optional<LinearLayout> conversion = from.conversionTo(to);
    std::set<std::uint64_t> there = reached(to.withOutputOrder({"dim0", "dim1"})),
                            needed = reached(from);
    ASSERT_EQ(conversion.has_value(), std::ranges::includes(there, needed));
    if (!conversion)
      continue;
    ++converted;
    LinearLayout through = conversion->then(to).withOutputOrder({"dim0", "dim1"});
    EXPECT_EQ(through, from);
  }
  EXPECT_GT(converted, 10);
}

TEST(LinearLayoutLaws, SublayoutsSeeTheirPart) {
  Random random(11);
  for (int round = 0; round < rounds; ++round) {
    LinearLayout layout = random.layout();
    LinearLayout part = layout.sublayout({"warp", "register"}, {"dim1"});
    EXPECT_THAT(names(part.inputs()), ElementsAre("register", "warp"));
    bool zero = true;
    for (std::int64_t reg = 0; reg < layout.inputSize("register"); ++reg)
      for (std::int64_t warp = 0; warp < layout.inputSize("warp"); ++warp) {
        std::int64_t expected = layout.apply({{"register", reg}, {"warp", warp}})[1].second;
        ASSERT_EQ(part.apply({{"register", reg}, {"warp", warp}}),
                  (Coordinates{{"dim1", expected}}));
        zero = zero && expected == 0;
      }
    EXPECT_EQ(layout.isZero({"register", "warp"}, {"dim1"}), zero);
    EXPECT_EQ(layout.sublayout(names(layout.inputs()), names(layout.outputs())), layout);
  }
}

TEST(LinearLayoutLaws, OrderAndShapeKeepTheMap) {
  Random random(12);
  for (int round = 0; round < rounds; ++round) {
    LinearLayout layout = random.layout();
    LinearLayout turned =
        layout.withInputOrder({"warp", "register", "lane"}).withOutputOrder({"dim1", "dim0"});
    for (int i = 0; i < 10; ++i) {
      Coordinates at;
      for (const Axis &axis : layout.inputs())
        at.emplace_back(axis.name, random.below(axis.size));
      Coordinates here = layout.apply(at), there = turned.apply(at);
      ASSERT_EQ(here[0], there[1]);
      ASSERT_EQ(here[1], there[0]);
    }
    EXPECT_EQ(
        turned.withInputOrder(names(layout.inputs())).withOutputOrder(names(layout.outputs())),
        layout);

    std::vector<Axis> flatIn{{"thread", std::int64_t{1} << layout.inputBits()}};
    std::vector<Axis> flatOut{{"element", std::int64_t{1} << layout.outputBits()}};
    LinearLayout flat = layout.withInputs(flatIn).withOutputs(flatOut);
    for (std::uint64_t x = 0; x < inputCount(layout); x += 5)
      ASSERT_EQ(flat.applyFlat(x), layout.applyFlat(x));
    EXPECT_EQ(flat.withInputs(layout.inputs()).withOutputs(layout.outputs()), layout);
    EXPECT_EQ(layout.renamed("lane", "thread").renamed("thread", "lane"), layout);
  }
}
