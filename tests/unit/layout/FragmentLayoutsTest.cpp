// Each named layout against the formula of its source, element by element.
#include "core/layout/FragmentLayouts.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <set>

using namespace lapidary;
using testing::HasSubstr;

// Row and column of what a register of a lane holds.
static std::pair<std::int64_t, std::int64_t> at(const LinearLayout &layout, std::int64_t reg,
                                                std::int64_t lane) {
  Coordinates place = layout.apply({{"register", reg}, {"lane", lane}});
  return {place[0].second, place[1].second};
}

using Pair = std::pair<std::int64_t, std::int64_t>;

TEST(FragmentLayouts, BlockedIsBoxesInOrder) {
  // 2x4 boxes; 8x4 lanes, along dim1 first; 2x2 warps; 64x64 elements.
  LinearLayout layout = blockedLayout({64, 64}, {{2, 4}, {8, 4}, {2, 2}, {1, 0}}).value();
  EXPECT_EQ(layout.outputSize("dim0"), 64);
  EXPECT_EQ(layout.outputSize("dim1"), 64);
  EXPECT_TRUE(layout.isInvertible());
  // The tile is 32x32; further boxes go along dim1 first.
  EXPECT_EQ(layout.inputSize("register"), 8 * 4);
  for (std::int64_t reg = 0; reg < 32; ++reg)
    for (std::int64_t lane = 0; lane < 32; ++lane)
      for (std::int64_t warp = 0; warp < 4; ++warp) {
        std::int64_t inBox = reg % 8, box = reg / 8;
        std::int64_t row = inBox / 4 + lane / 4 * 2 + warp / 2 * 16 + box / 2 * 32;
        std::int64_t column = inBox % 4 + lane % 4 * 4 + warp % 2 * 16 + box % 2 * 32;
        Coordinates expected{{"dim0", row}, {"dim1", column}};
        ASSERT_EQ(layout.apply({{"register", reg}, {"lane", lane}, {"warp", warp}}), expected);
      }
  EXPECT_EQ(layout.consecutive("register", "dim1"), 4);
}

TEST(FragmentLayouts, BlockedLargerThanTheTensorHoldsCopies) {
  LinearLayout layout = blockedLayout({16}, {{4}, {32}, {4}, {0}}).value();
  EXPECT_TRUE(layout.isSurjective());
  EXPECT_FALSE(layout.isInjective());
  EXPECT_EQ(layout.apply({{"register", 1}, {"lane", 5}, {"warp", 2}}), (Coordinates{{"dim0", 5}}));
  std::vector<std::pair<std::string, std::uint64_t>> redundant{
      {"register", 0}, {"lane", 0b11100}, {"warp", 0b11}};
  EXPECT_EQ(layout.redundantBits(), redundant);
}

TEST(FragmentLayouts, BlockedOrderDecidesTheFastestDimension) {
  LinearLayout layout = blockedLayout({8, 8}, {{2, 1}, {4, 8}, {1, 1}, {0, 1}}).value();
  EXPECT_EQ(layout.consecutive("register", "dim0"), 2);
  EXPECT_EQ(layout.image("lane", 0), (std::vector<std::int64_t>{2, 0}));
  EXPECT_EQ(layout.image("lane", 2), (std::vector<std::int64_t>{0, 1}));
}

TEST(FragmentLayouts, BlockedRefusesWhatIsNoTile) {
  auto message = [](Result<LinearLayout> result) { return result ? "" : result.error().message; };
  EXPECT_THAT(message(blockedLayout({64}, {{1}, {32}, {3}, {0}})), HasSubstr("size of 3"));
  EXPECT_THAT(message(blockedLayout({60}, {{1}, {32}, {4}, {0}})), HasSubstr("the tensor"));
  EXPECT_THAT(message(blockedLayout({64}, {{1, 1}, {32}, {4}, {0}})), HasSubstr("2 dimensions"));
  EXPECT_THAT(message(blockedLayout({8, 8}, {{1, 1}, {4, 8}, {1, 1}, {0, 0}})), HasSubstr("order"));
  EXPECT_THAT(message(blockedLayout({8, 8}, {{1, 1}, {4, 8}, {1, 1}, {1, 2}})), HasSubstr("order"));
  EXPECT_THAT(message(blockedLayout({64}, {{1}, {0}, {4}, {0}})), HasSubstr("size of 0"));
}

TEST(FragmentLayouts, SlicesDropADimension) {
  LinearLayout layout = blockedLayout({32, 16}, {{2, 4}, {16, 2}, {1, 2}, {1, 0}}).value();
  LinearLayout rows = slicedLayout(layout, 1), columns = slicedLayout(layout, 0);
  EXPECT_EQ(rows.outputs(), (std::vector<Axis>{{"dim0", 32}}));
  EXPECT_EQ(columns.outputs(), (std::vector<Axis>{{"dim0", 16}}));
  EXPECT_EQ(rows.inputSize("register"), 2); // of the 2x4 box one column is left
  EXPECT_EQ(columns.inputSize("register"), 4);
  EXPECT_TRUE(rows.isSurjective());
  EXPECT_TRUE(columns.isSurjective());
  // The lanes along the lost dimension hold copies.
  EXPECT_TRUE(rows.isZero({"warp"}, {"dim0"}));
  EXPECT_EQ(rows.image("lane", 0, "dim0"), 0);
  EXPECT_EQ(rows.image("lane", 1, "dim0"), 2);
}

TEST(FragmentLayouts, SwizzledAgainstItsFormula) {
  for (std::int64_t vector : {1, 2, 8})
    for (std::int64_t rowsPerPhase : {1, 2, 4})
      for (std::int64_t phases : {1, 4, 8}) {
        LinearLayout layout =
            swizzledLayout({16, 32}, {1, 0}, {vector, rowsPerPhase, phases}).value();
        EXPECT_TRUE(layout.isInvertible());
        for (std::int64_t row = 0; row < 16; ++row)
          for (std::int64_t o = 0; o < 32; ++o) {
            std::int64_t phase = row / rowsPerPhase % phases;
            std::int64_t column = ((o / vector) ^ phase) * vector % 32 + o % vector;
            ASSERT_EQ(layout.apply({{"offset", row * 32 + o}}),
                      (Coordinates{{"dim0", row}, {"dim1", column}}))
                << vector << " " << rowsPerPhase << " " << phases;
          }
      }
}

TEST(FragmentLayouts, SwizzledByColumns) {
  LinearLayout layout = swizzledLayout({8, 4}, {0, 1}, {2, 1, 2}).value();
  EXPECT_EQ(layout.apply({{"offset", 8 * 1 + 0}}), (Coordinates{{"dim0", 2}, {"dim1", 1}}));
  EXPECT_FALSE(swizzledLayout({8, 4, 2}, {0, 1}, {}));
  EXPECT_FALSE(swizzledLayout({8, 4}, {0, 1}, {.vector = 3}));
}

// A column of 8-element vectors of 2 bytes: with 8 phases its 8 rows touch all 32 banks once.
TEST(FragmentLayouts, SwizzlingSpreadsAColumnOverTheBanks) {
  auto banks = [](std::int64_t phases) {
    LinearLayout places = swizzledLayout({8, 64}, {1, 0}, {8, 1, phases}).value().inverse().value();
    std::set<std::int64_t> touched;
    for (std::int64_t row = 0; row < 8; ++row) {
      std::int64_t offset = places.apply({{"dim0", row}, {"dim1", 16}})[0].second;
      for (std::int64_t word = 0; word < 4; ++word)
        touched.insert((offset * 2 / 4 + word) % 32);
    }
    return touched.size();
  };
  EXPECT_EQ(banks(1), 4u);
  EXPECT_EQ(banks(8), 32u);
}

TEST(FragmentLayouts, NvidiaAccumulator) {
  LinearLayout layout = nvidiaAccumulator();
  EXPECT_TRUE(layout.isInvertible());
  for (std::int64_t lane = 0; lane < 32; ++lane)
    for (std::int64_t i = 0; i < 4; ++i) {
      std::int64_t row = lane / 4 + (i < 2 ? 0 : 8), column = lane % 4 * 2 + i % 2;
      EXPECT_EQ(at(layout, i, lane), Pair(row, column));
    }
}

TEST(FragmentLayouts, NvidiaOperandsOf16Bits) {
  LinearLayout a = nvidiaOperand(Operand::A, 16), b = nvidiaOperand(Operand::B, 16);
  EXPECT_EQ(a.outputs(), (std::vector<Axis>{{"dim0", 16}, {"dim1", 16}}));
  EXPECT_EQ(b.outputs(), (std::vector<Axis>{{"dim0", 16}, {"dim1", 8}}));
  for (std::int64_t lane = 0; lane < 32; ++lane) {
    for (std::int64_t i = 0; i < 8; ++i) {
      std::int64_t row = lane / 4 + (i % 4 < 2 ? 0 : 8), k = lane % 4 * 2 + i % 2 + (i < 4 ? 0 : 8);
      EXPECT_EQ(at(a, i, lane), Pair(row, k));
    }
    for (std::int64_t i = 0; i < 4; ++i) {
      std::int64_t k = lane % 4 * 2 + i % 2 + (i < 2 ? 0 : 8), column = lane / 4;
      EXPECT_EQ(at(b, i, lane), Pair(k, column));
    }
  }
}

TEST(FragmentLayouts, NvidiaOperandsOf8And32Bits) {
  LinearLayout bytes = nvidiaOperand(Operand::A, 8);  // m16n8k32
  LinearLayout words = nvidiaOperand(Operand::A, 32); // m16n8k8, tf32
  for (std::int64_t lane = 0; lane < 32; ++lane) {
    for (std::int64_t i = 0; i < 16; ++i) {
      bool upper = (i >= 4 && i < 8) || i >= 12;
      std::int64_t k = lane % 4 * 4 + i % 4 + (i < 8 ? 0 : 16);
      EXPECT_EQ(at(bytes, i, lane), Pair(lane / 4 + (upper ? 8 : 0), k));
    }
    for (std::int64_t i = 0; i < 4; ++i)
      EXPECT_EQ(at(words, i, lane), Pair(lane / 4 + (i % 2 ? 8 : 0), lane % 4 + (i < 2 ? 0 : 4)));
  }
  for (int bits : {4, 8, 16, 32})
    for (Operand operand : {Operand::A, Operand::B})
      EXPECT_TRUE(nvidiaOperand(operand, bits).isInvertible()) << bits;
}

TEST(FragmentLayouts, MfmaAccumulators) {
  LinearLayout large = mfmaAccumulator(32), small = mfmaAccumulator(16);
  for (std::int64_t lane = 0; lane < 64; ++lane) {
    for (std::int64_t i = 0; i < 16; ++i)
      EXPECT_EQ(at(large, i, lane), Pair(8 * (i / 4) + 4 * (lane / 32) + i % 4, lane % 32));
    for (std::int64_t i = 0; i < 4; ++i)
      EXPECT_EQ(at(small, i, lane), Pair(4 * (lane / 16) + i, lane % 16));
  }
  EXPECT_TRUE(large.isInvertible());
  EXPECT_TRUE(small.isInvertible());
}

TEST(FragmentLayouts, WmmaAccumulators) {
  for (std::int64_t lane = 0; lane < 32; ++lane)
    for (std::int64_t i = 0; i < 8; ++i) {
      EXPECT_EQ(at(wmmaAccumulator(3), i, lane), Pair(2 * i + lane / 16, lane % 16));
      EXPECT_EQ(at(wmmaAccumulator(4), i, lane), Pair(i + 8 * (lane / 16), lane % 16));
    }
}

// A 64x32 accumulator of four warps is instructions beside each other: dividing by one leaves the
// grid.
TEST(FragmentLayouts, ATileIsAGridOfInstructions) {
  LinearLayout tile =
      coverShape(nvidiaAccumulator() * LinearLayout::identity(4, "warp", "dim0"), {64, 32}, {1, 0});
  EXPECT_TRUE(tile.isInvertible());
  std::optional<LinearLayout> grid = tile.dividedByLeft(nvidiaAccumulator());
  ASSERT_TRUE(grid);
  EXPECT_EQ(grid->inputSize("register"), 4);
  EXPECT_EQ(grid->inputSize("lane"), 1);
  EXPECT_EQ(grid->outputSize("dim0"), 4);
  EXPECT_EQ(grid->outputSize("dim1"), 4);
  EXPECT_FALSE(tile.dividedByLeft(mfmaAccumulator(16)));
  // From one matrix multiplication to the next, as operand A of 16 bits: no data crosses warps.
  LinearLayout operand = coverShape(
      nvidiaOperand(Operand::A, 16) * LinearLayout::identity(4, "warp", "dim0"), {64, 32}, {1, 0});
  std::optional<LinearLayout> conversion = tile.conversionTo(operand);
  ASSERT_TRUE(conversion);
  EXPECT_TRUE(conversion->isZero({"register", "lane"}, {"warp"}));
  EXPECT_TRUE(conversion->isZero({"register"}, {"lane"}));
  EXPECT_TRUE(conversion->isZero({"lane"}, {"register"})); // and none even leaves its lane
}
