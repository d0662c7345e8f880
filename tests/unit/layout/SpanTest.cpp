#include "core/layout/Span.h"

#include <gtest/gtest.h>
#include <random>

using namespace lapidary;

TEST(Span, CombinesMembers) {
  Span span;
  EXPECT_TRUE(span.add(0b011, 1));
  EXPECT_TRUE(span.add(0b110, 2));
  EXPECT_FALSE(span.add(0b101, 4)); // the sum of both
  EXPECT_FALSE(span.add(0, 8));
  EXPECT_EQ(span.rank(), 2);
  EXPECT_EQ(span.combine(0b101), 0b11u);
  EXPECT_EQ(span.combine(0), 0u);
  EXPECT_FALSE(span.combine(0b100));
}

TEST(Span, UnnamedMembersAreUsedButNotReported) {
  Span span;
  span.add(0b01, 1);
  span.add(0b10, 0);
  EXPECT_EQ(span.combine(0b11), 1u);
  EXPECT_EQ(span.combine(0b10), 0u);
}

// Against trying every subset.
TEST(Span, AgreesWithTryingEverySubset) {
  std::mt19937_64 random(7);
  for (int round = 0; round < 300; ++round) {
    Span span;
    std::vector<std::uint64_t> vectors;
    int count = static_cast<int>(random() % 7), width = 1 + static_cast<int>(random() % 7);
    for (int i = 0; i < count; ++i) {
      vectors.push_back(random() & ((1u << width) - 1));
      span.add(vectors.back(), std::uint64_t{1} << i);
    }
    std::vector<bool> reachable(std::size_t{1} << width);
    for (std::uint64_t subset = 0; subset < std::uint64_t{1} << count; ++subset) {
      std::uint64_t sum = 0;
      for (int i = 0; i < count; ++i)
        if (subset >> i & 1)
          sum ^= vectors[static_cast<std::size_t>(i)];
      reachable[sum] = true;
    }
    std::size_t total = 0;
    for (std::uint64_t vector = 0; vector < reachable.size(); ++vector) {
      std::optional<std::uint64_t> names = span.combine(vector);
      ASSERT_EQ(names.has_value(), reachable[vector]);
      total += reachable[vector];
      if (!names)
        continue;
      std::uint64_t sum = 0;
      for (int i = 0; i < count; ++i)
        if (*names >> i & 1)
          sum ^= vectors[static_cast<std::size_t>(i)];
      EXPECT_EQ(sum, vector);
    }
    EXPECT_EQ(total, std::size_t{1} << span.rank());
  }
}
