#include "core/support/Target.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

using namespace lapidary;
using testing::HasSubstr;

TEST(Target, RoundTrips) {
  for (const char *text :
       {"cpu", "cuda:90", "cuda:90a", "hip:gfx942", "hip:gfx942:sramecc+:xnack-", "sim:cuda:90"}) {
    Result<Target> target = parseTarget(text);
    ASSERT_TRUE(target) << text;
    EXPECT_EQ(toString(*target), text);
  }
  EXPECT_EQ(parseTarget("cuda:90")->backend, "cuda");
  EXPECT_EQ(parseTarget("cuda:90")->architecture, "90");
  EXPECT_EQ(parseTarget("sim:cuda:90")->architecture, "cuda:90");
}

TEST(Target, BadSpellingsSayWhatToWrite) {
  for (const char *text :
       {"", ":", "cuda:", ":90", "CUDA:90", "cuda 90", "cuda:9 0", "9cuda:1", "cuda:90@0"}) {
    Result<Target> target = parseTarget(text);
    ASSERT_FALSE(target) << text;
    EXPECT_EQ(target.error().code, ErrorCode::InvalidInput);
    EXPECT_THAT(target.error().message, HasSubstr("cuda:90"));
  }
}

TEST(Target, Devices) {
  EXPECT_EQ(parseDeviceTarget("cuda:90")->ordinal, -1);
  EXPECT_EQ(parseDeviceTarget("cuda:90@1")->ordinal, 1);
  EXPECT_EQ(parseDeviceTarget("cpu@0")->target.backend, "cpu");
  for (const char *text :
       {"cuda:90@", "cuda:90@x", "cuda:90@-1", "cuda:90@1x", "cuda:90@99999999999", "@0"})
    EXPECT_FALSE(parseDeviceTarget(text)) << text;
}
