#include "core/compiler/reference/MemoryPlan.h"

#include "core/support/Hash.h"

#include <gtest/gtest.h>
#include <vector>

using lapidary::stableHash;
using lapidary::reference::MemoryPlan;

TEST(MemoryPlan, ReusesWhatIsGivenBack) {
  MemoryPlan plan;
  std::int64_t a = plan.take(100), b = plan.take(200);
  EXPECT_EQ(a % 64, 0);
  EXPECT_EQ(b % 64, 0);
  std::int64_t total = plan.total();
  plan.giveBack(a, 100);
  EXPECT_EQ(plan.take(64), a);
  EXPECT_EQ(plan.total(), total);
}

TEST(MemoryPlan, NeighbouringHolesBecomeOne) {
  MemoryPlan plan;
  std::int64_t a = plan.take(64), b = plan.take(64), c = plan.take(64);
  plan.take(64);
  std::int64_t total = plan.total();
  plan.giveBack(a, 64);
  plan.giveBack(c, 64);
  plan.giveBack(b, 64);
  EXPECT_EQ(plan.take(192), a);
  EXPECT_EQ(plan.total(), total);
}

TEST(MemoryPlan, NothingEverOverlaps) {
  MemoryPlan plan;
  struct Piece {
    std::int64_t offset, bytes;
  };
  std::vector<Piece> live;
  std::int64_t most = 0, now = 0;
  for (std::uint64_t i = 0; i < 5000; ++i) {
    std::uint64_t random = stableHash("plan", i);
    if (live.size() > 20 && random % 2) {
      std::size_t pick = random / 2 % live.size();
      plan.giveBack(live[pick].offset, live[pick].bytes);
      now -= (live[pick].bytes + 63) / 64 * 64;
      live.erase(live.begin() + static_cast<std::ptrdiff_t>(pick));
      continue;
    }
    std::int64_t bytes = 1 + static_cast<std::int64_t>(random / 7 % 3000);
    std::int64_t offset = plan.take(bytes);
    for (const Piece &other : live)
      ASSERT_TRUE(offset + bytes <= other.offset || other.offset + other.bytes <= offset);
    live.push_back({offset, bytes});
    most = std::max(most, now += (bytes + 63) / 64 * 64);
  }
  EXPECT_LT(plan.total(), 2 * most) << "holes are used";
}
