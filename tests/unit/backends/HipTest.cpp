#include "backends/hip/Driver.h"

#include "core/compiler/TargetHook.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

using namespace lapidary;
using testing::HasSubstr;

static HipBackend fake(const std::string &name) {
  return HipBackend({FAKE_DRIVERS "/lib" + name + ".so"});
}

TEST(Hip, WithoutARuntimeEachPathTriedIsNamed) {
  HipBackend backend({"libno-such-hip.so.6", "/nowhere/libamdhip64.so"});
  Result<std::vector<DeviceInfo>> devices = backend.devices();
  ASSERT_FALSE(devices);
  EXPECT_EQ(devices.error().code, ErrorCode::NotFound);
  EXPECT_THAT(devices.error().message, HasSubstr("there is no ROCm runtime"));
  EXPECT_THAT(
      devices.error().message,
      HasSubstr(
          "tried libno-such-hip.so.6, /nowhere/libamdhip64.so: cannot open shared object file"));
  EXPECT_EQ(backend.open(0).error().code, ErrorCode::NotFound);
}

TEST(Hip, DevicesAreDescribed) {
  Result<std::vector<DeviceInfo>> devices = fake("fake_hip").devices();
  ASSERT_TRUE(devices) << devices.error().message;
  ASSERT_EQ(devices->size(), 1u);
  const DeviceInfo &device = (*devices)[0];
  EXPECT_EQ(toString(device.target), "hip:gfx942");
  EXPECT_EQ(device.ordinal, 0);
  EXPECT_EQ(device.name, "AMD Instinct MI300X");
  EXPECT_EQ(device.driver, "HIP 6.0.32830");
  EXPECT_EQ(device.memoryBytes, 206'141'652'992);
  EXPECT_EQ(device.cacheBytes, 4'194'304);
  EXPECT_EQ(device.units, 304);
  EXPECT_EQ(device.details["architecture"], "gfx942:sramecc+:xnack-");
  EXPECT_EQ(device.details["warp_size"], 64);
  EXPECT_EQ(device.details["clock_khz"], 0); // the runtime does not know this one
  EXPECT_FALSE(device.details.contains("pci_bus_id"));
}

TEST(Hip, TheOlderLayoutOfTheProperties) {
  Result<std::vector<DeviceInfo>> devices = fake("fake_hip_rocm5").devices();
  ASSERT_TRUE(devices) << devices.error().message;
  EXPECT_EQ(toString(devices->at(0).target), "hip:gfx90a");
  EXPECT_EQ(devices->at(0).driver, "HIP 5.2.21153");
}

TEST(Hip, ARuntimeWithoutDevicesSaysSo) {
  Error error = fake("fake_hip_empty").devices().error();
  EXPECT_EQ(error.code, ErrorCode::NotFound);
  EXPECT_THAT(error.message, HasSubstr("sees no GPU"));
}

TEST(Hip, TheRuntimesOwnWordsAreKept) {
  Error error = fake("fake_hip_failing").devices().error();
  EXPECT_EQ(error.code, ErrorCode::Unreadable);
  EXPECT_THAT(error.message, HasSubstr("hipInit: initialization error (error 3)"));
}

TEST(Hip, AnOldRuntimeIsNamedWithWhatItLacks) {
  Error error = fake("fake_hip_old").devices().error();
  EXPECT_EQ(error.code, ErrorCode::Unsupported);
  EXPECT_THAT(error.message, HasSubstr("lacks hipGetDeviceProperties;"));
}

TEST(Hip, OpeningSaysWhatIsMissing) {
  EXPECT_EQ(fake("fake_hip").open(1).error().code, ErrorCode::NotFound);
  EXPECT_TRUE(fake("fake_hip_lists").devices());
  Error error = fake("fake_hip_lists").open(0).error();
  EXPECT_EQ(error.code, ErrorCode::Unsupported);
  EXPECT_THAT(error.message, HasSubstr("kernels cannot be run: the ROCm runtime in "));
  EXPECT_THAT(error.message, HasSubstr("hipModuleLaunchKernel, "));
  EXPECT_THAT(error.message, HasSubstr("; update ROCm"));
}

TEST(Hip, ArchitecturesAreChecked) {
  HipBackend backend = fake("fake_hip");
#ifdef LAPIDARY_COMPILER
  for (const char *good : {"gfx942", "gfx90a", "gfx1100", "gfx1201", "gfx942:sramecc+:xnack-"}) {
    auto hook = backend.targetHook({"hip", good});
    ASSERT_TRUE(hook) << good;
    EXPECT_EQ((*hook)->target(), (Target{"hip", good}));
  }
  Error unknown = backend.targetHook({"hip", "gfx999"}).error();
  EXPECT_EQ(unknown.code, ErrorCode::Unsupported);
  EXPECT_THAT(unknown.message, HasSubstr("'gfx999'"));
#endif
  for (const char *bad : {"", "90", "gfx", "gfx94", "gfxyyy", "mi300"})
    EXPECT_EQ(backend.targetHook({"hip", bad}).error().code, ErrorCode::InvalidInput) << bad;
}
