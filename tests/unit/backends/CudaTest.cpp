#include "backends/cuda/Driver.h"

#include "core/compiler/TargetHook.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

using namespace lapidary;
using testing::HasSubstr;

static CudaBackend fake(const std::string &name) {
  return CudaBackend({FAKE_DRIVERS "/lib" + name + ".so"});
}

TEST(Cuda, WithoutADriverEachPathTriedIsNamed) {
  CudaBackend backend({"libno-such-cuda.so.1", "/nowhere/libcuda.so.1"});
  Result<std::vector<DeviceInfo>> devices = backend.devices();
  ASSERT_FALSE(devices);
  EXPECT_EQ(devices.error().code, ErrorCode::NotFound);
  EXPECT_THAT(devices.error().message, HasSubstr("there is no NVIDIA driver"));
  EXPECT_THAT(
      devices.error().message,
      HasSubstr(
          "tried libno-such-cuda.so.1, /nowhere/libcuda.so.1: cannot open shared object file"));
  EXPECT_EQ(backend.open(0).error().code, ErrorCode::NotFound);
}

TEST(Cuda, DevicesAreDescribed) {
  Result<std::vector<DeviceInfo>> devices = fake("fake_cuda").devices();
  ASSERT_TRUE(devices) << devices.error().message;
  ASSERT_EQ(devices->size(), 2u);
  const DeviceInfo &first = (*devices)[0], &second = (*devices)[1];
  EXPECT_EQ(toString(first.target), "cuda:90");
  EXPECT_EQ(first.ordinal, 0);
  EXPECT_EQ(first.name, "NVIDIA H100 80GB HBM3");
  EXPECT_EQ(first.driver, "CUDA 12.4");
  EXPECT_EQ(first.memoryBytes, 85'028'765'696);
  EXPECT_EQ(first.cacheBytes, 52'428'800);
  EXPECT_EQ(first.units, 132);
  EXPECT_EQ(first.details["warp_size"], 32);
  EXPECT_EQ(first.details["pci_bus_id"], "0000:18:00.0");
  EXPECT_EQ(first.details["clock_khz"], 0); // the driver does not know this one
  EXPECT_EQ(toString(second.target), "cuda:86");
  EXPECT_EQ(second.ordinal, 1);
  EXPECT_EQ(second.name, "NVIDIA A10");
  EXPECT_EQ(second.memoryBytes, 23'609'475'072);
}

TEST(Cuda, ADriverWithoutDevicesSaysSo) {
  Error error = fake("fake_cuda_empty").devices().error();
  EXPECT_EQ(error.code, ErrorCode::NotFound);
  EXPECT_THAT(error.message, HasSubstr("sees no GPU"));
}

TEST(Cuda, TheDriversOwnWordsAreKept) {
  Error error = fake("fake_cuda_failing").devices().error();
  EXPECT_EQ(error.code, ErrorCode::Unreadable);
  EXPECT_THAT(error.message, HasSubstr("cuInit"));
  EXPECT_THAT(error.message,
              HasSubstr("unsupported display driver / cuda driver combination (error 803)"));
}

TEST(Cuda, AnOldDriverIsNamedWithWhatItLacks) {
  Error error = fake("fake_cuda_old").devices().error();
  EXPECT_EQ(error.code, ErrorCode::Unsupported);
  EXPECT_THAT(error.message, HasSubstr("libfake_cuda_old.so"));
  EXPECT_THAT(error.message, HasSubstr("lacks cuDeviceTotalMem_v2;"));
}

TEST(Cuda, OpeningSaysWhatIsMissing) {
  EXPECT_EQ(fake("fake_cuda").open(2).error().code, ErrorCode::NotFound);
  EXPECT_EQ(fake("fake_cuda").open(-1).error().code, ErrorCode::NotFound);
  EXPECT_TRUE(fake("fake_cuda_lists").devices());
  Error error = fake("fake_cuda_lists").open(1).error();
  EXPECT_EQ(error.code, ErrorCode::Unsupported);
  EXPECT_THAT(error.message, HasSubstr("kernels cannot be run: the NVIDIA driver in "));
  EXPECT_THAT(error.message, HasSubstr("lacks cuMemGetInfo_v2, "));
  EXPECT_THAT(error.message, HasSubstr("cuDevicePrimaryCtxRetain, "));
  EXPECT_THAT(error.message, HasSubstr("; update the driver"));
}

TEST(Cuda, ArchitecturesAreChecked) {
  CudaBackend backend = fake("fake_cuda");
#ifdef LAPIDARY_COMPILER
  for (const char *good : {"75", "80", "90", "90a", "100", "120f"}) {
    auto hook = backend.targetHook({"cuda", good});
    ASSERT_TRUE(hook) << good;
    EXPECT_EQ((*hook)->target(), (Target{"cuda", good}));
  }
  for (const char *unknown : {"70", "95", "90f"}) {
    Error error = backend.targetHook({"cuda", unknown}).error();
    EXPECT_EQ(error.code, ErrorCode::Unsupported) << unknown;
    EXPECT_THAT(error.message, HasSubstr("75, 80, 86, 87, 89, 90, 100")) << unknown;
  }
#endif
  for (const char *bad : {"", "9", "sm_90", "gfx942", "9.0", "90ab", "a", "9000"})
    EXPECT_EQ(backend.targetHook({"cuda", bad}).error().code, ErrorCode::InvalidInput) << bad;
}
