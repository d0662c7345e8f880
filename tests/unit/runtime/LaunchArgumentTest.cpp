#include "core/runtime/Driver.h"

#include <gtest/gtest.h>
#include <limits>

using namespace lapidary;

TEST(LaunchArgument, AddressesAreWhole) {
  EXPECT_EQ(slotOf(DeviceAddress(0xfedcba9876543210u), 8), 0xfedcba9876543210u);
}

TEST(LaunchArgument, NegativeIntegersLeaveNothingBehindThem) {
  EXPECT_EQ(slotOf(std::int64_t(-1), 1), 0xffu);
  EXPECT_EQ(slotOf(std::int64_t(-2), 2), 0xfffeu);
  EXPECT_EQ(slotOf(std::int64_t(-3), 4), 0xfffffffdu);
  EXPECT_EQ(slotOf(std::int64_t(-4), 8), 0xfffffffffffffffcu);
  EXPECT_EQ(slotOf(std::numeric_limits<std::int64_t>::min(), 8), 0x8000000000000000u);
}

TEST(LaunchArgument, NumbersAreFloatsOfTheirWidth) {
  EXPECT_EQ(slotOf(1.5, 8), 0x3ff8000000000000u);
  EXPECT_EQ(slotOf(1.5, 4), 0x3fc00000u);
  EXPECT_EQ(slotOf(-0.1, 4), 0xbdcccccdu) << "rounded, not cut";
}
