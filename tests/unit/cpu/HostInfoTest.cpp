#include "backends/cpu/HostInfo.h"

#include <gtest/gtest.h>
#include <set>

using namespace lapidary;

TEST(HostInfo, DescribesThisMachine) {
  DeviceInfo info = hostDeviceInfo();
  EXPECT_EQ(toString(info.target), "cpu");
  EXPECT_FALSE(info.name.empty());
  EXPECT_GT(info.memoryBytes, std::int64_t(64) << 20);
  EXPECT_GE(info.units, 1);
  EXPECT_TRUE(info.details.contains("load"));
  Result<DeviceInfo> back = deviceInfoFromJson(toJson(info));
  ASSERT_TRUE(back) << back.error().message;
  EXPECT_EQ(toJson(*back), toJson(info));
}

TEST(HostInfo, CoresAreDistinct) {
  std::vector<int> cores = usableCores();
  EXPECT_FALSE(cores.empty());
  EXPECT_EQ(std::set<int>(cores.begin(), cores.end()).size(), cores.size());
}
