#include "core/support/Units.h"

#include <gtest/gtest.h>

namespace lapidary {
namespace {

TEST(UnitsTest, TimesHaveFourDigitsAndAUnit) {
  EXPECT_EQ(formatTime(0), "0.000 ns");
  EXPECT_EQ(formatTime(3.25), "3.250 ns");
  EXPECT_EQ(formatTime(999.94), "999.9 ns");
  EXPECT_EQ(formatTime(999.99), "1.000 us");
  EXPECT_EQ(formatTime(1921000), "1.921 ms");
  EXPECT_EQ(formatTime(19210000), "19.21 ms");
  EXPECT_EQ(formatTime(192100000), "192.1 ms");
  EXPECT_EQ(formatTime(2.5e12), "2500 s");
}

TEST(UnitsTest, AnIntervalSharesTheUnitOfItsValue) {
  EXPECT_EQ(formatTime(1.0e6, 0.99e6, 1.2e6), "1.000 ms (0.990..1.200)");
  EXPECT_EQ(formatTime(11.7e6, 11.6e6, 11.94e6), "11.70 ms (11.60..11.94)");
}

TEST(UnitsTest, BytesRatiosPercents) {
  EXPECT_EQ(formatBytes(17), "17 B");
  EXPECT_EQ(formatBytes(4 << 20), "4 MiB");
  EXPECT_EQ(formatBytes(1536), "1.5 KiB");
  EXPECT_EQ(formatBytes(-2048), "-2 KiB");
  EXPECT_EQ(formatRatio(6.1), "6.10x");
  EXPECT_EQ(formatRatio(123.4), "123x");
  EXPECT_EQ(formatPercent(0.008), "0.8 %");
}

} // namespace
} // namespace lapidary
