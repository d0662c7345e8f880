// Devices of both vendors over fake drivers (FakeGpu.h): what a launch hands over, and what becomes
// of every failure. One set of tests, once for each vendor.
#include "backends/cuda/Driver.h"
#include "backends/hip/Driver.h"

#include <cstdlib>
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

using namespace lapidary;
using testing::HasSubstr;

namespace {

struct Vendor {
  const GpuVendor *data;
  std::shared_ptr<const Backend> backend;
  std::string library, device;
  int warpSize;
};

Vendor vendorOf(const std::string &name) {
  const std::string library = FAKE_DRIVERS "/libfake_" + name + ".so";
  if (name == "cuda")
    return {&cudaVendor(), std::make_shared<CudaBackend>(std::vector{library}), library,
            "NVIDIA H100 80GB HBM3", 32};
  return {&hipVendor(), std::make_shared<HipBackend>(std::vector{library}), library,
          "AMD Instinct MI300X", 64};
}

constexpr std::int64_t count = 100;

class GpuDeviceTest : public testing::TestWithParam<const char *> {
protected:
  template <typename Type> auto call(const char *name) {
    return reinterpret_cast<Type *>(library->symbol(name))();
  }
  std::string log() { return call<const char *()>("fakeLog"); }

  void SetUp() override {
    vendor = vendorOf(GetParam());
    ::unsetenv("FAKE_GPU");
    Result<DynamicLibrary> opened = DynamicLibrary::open({vendor.library});
    ASSERT_TRUE(opened) << opened.error().message;
    library.emplace(std::move(*opened));
    call<void()>("fakeReset");
  }
  void TearDown() override { ::unsetenv("FAKE_GPU"); }

  // What goes wrong, by the member of the table.
  void order(const char *GpuVendor::Names::*function, const std::string &what) {
    ::setenv("FAKE_GPU", (std::string(vendor.data->names.*function) + what).c_str(), 1);
  }

  void open() {
    auto opened = vendor.backend->open(0);
    ASSERT_TRUE(opened) << opened.error().message;
    device = std::move(*opened);
  }
  Result<std::uint64_t> load(const std::string &image, const std::string &entry) {
    return device->load(std::as_bytes(std::span(image)), entry);
  }
  // x + y into out, all on the device.
  void place() {
    open();
    std::vector<float> x(count), y(count);
    for (int i = 0; i < count; ++i) {
      x[i] = float(i);
      y[i] = 0.5f;
    }
    request.kernel = *load("fake add:8,8,8,4", "add");
    for (const std::vector<float> *values : {&x, &y, &out}) {
      auto address = device->allocate(4 * count, 64, "tensor");
      ASSERT_TRUE(address) << address.error().message;
      ASSERT_TRUE(device->copyIn(*address, std::as_bytes(std::span(*values))));
      request.arguments.emplace_back(*address, 8);
    }
    request.arguments.emplace_back(std::int64_t(count), 4);
    request.grid = {3, 2, 1};
  }
  DeviceAddress addressOf(int argument) {
    return std::get<DeviceAddress>(request.arguments[static_cast<std::size_t>(argument)].first);
  }

  Vendor vendor;
  std::optional<DynamicLibrary> library;
  std::unique_ptr<Device> device;
  LaunchRequest request;
  std::vector<float> out = std::vector<float>(count, -1);
};

std::string nameOf(const testing::TestParamInfo<const char *> &info) {
  return info.param;
}

} // namespace

INSTANTIATE_TEST_SUITE_P(Vendors, GpuDeviceTest, testing::Values("cuda", "hip"), nameOf);

TEST_P(GpuDeviceTest, ALaunchReadsItsArgumentsAndIsTimed) {
  place();
  request.sharedBytes = 1000;
  auto nanoseconds = device->launch(request, 3);
  ASSERT_TRUE(nanoseconds) << nanoseconds.error().message;
  EXPECT_NEAR(*nanoseconds, 30'000, 1);
  ASSERT_TRUE(device->copyOut(std::as_writable_bytes(std::span(out)), addressOf(2)));
  EXPECT_EQ(out[7], 7.5f);
  EXPECT_EQ(out[99], 99.5f);
  const std::string line =
      fmt::format("add 3x2x1 of {}x1x1, {} bytes shared\n", 4 * vendor.warpSize,
                  GetParam() == std::string("cuda") ? 1000 : 0);
  EXPECT_EQ(log(), line + line + line);
  EXPECT_FALSE(device->fault());
}

TEST_P(GpuDeviceTest, AlignmentIsWhatWasAskedForAndNoBetter) {
  open();
  for (std::int64_t alignment : {4, 16, 256, 4096}) {
    auto address = device->allocate(1000, alignment, "x");
    ASSERT_TRUE(address);
    EXPECT_EQ(*address % std::uint64_t(alignment), 0u);
    EXPECT_NE(*address % std::uint64_t(2 * alignment), 0u);
    device->release(*address);
  }
  EXPECT_EQ(call<std::size_t()>("fakeAllocations"), 0u);
}

TEST_P(GpuDeviceTest, EverythingIsGivenBack) {
  place();
  ASSERT_TRUE(device->flushCaches());
  EXPECT_EQ(call<std::size_t()>("fakeAllocations"), 4u);
  device.reset();
  EXPECT_EQ(call<std::size_t()>("fakeAllocations"), 0u);
}

TEST_P(GpuDeviceTest, TheStateSaysWhatMemoryIsLeft) {
  open();
  const std::int64_t before = device->state()->details["available_bytes"];
  ASSERT_TRUE(device->allocate(1 << 20, 4096, "x"));
  EXPECT_EQ(device->state()->details["available_bytes"].get<std::int64_t>(),
            before - (1 << 20) - 2 * 4096);
}

TEST_P(GpuDeviceTest, MoreMemoryThanThereIs) {
  open();
  auto address = device->allocate(std::int64_t(1) << 40, 256, "weights");
  ASSERT_FALSE(address);
  EXPECT_EQ(address.error().code, ErrorCode::OutOfResource);
  EXPECT_EQ(address.error().message, "1099511628288 bytes of device memory are needed, 1073741824 "
                                     "of 1073741824 are available");
  EXPECT_EQ(address.error().context, "weights");
  EXPECT_FALSE(device->fault());
  EXPECT_TRUE(device->allocate(1000, 256, "x")) << "the device goes on";
}

TEST_P(GpuDeviceTest, CodeThatTheDriverDoesNotTake) {
  open();
  order(&GpuVendor::Names::moduleLoad, "=209");
  auto kernel = load("anything", "add");
  ASSERT_FALSE(kernel);
  EXPECT_EQ(kernel.error().code, ErrorCode::Unsupported);
  EXPECT_THAT(kernel.error().message, HasSubstr("does not take the code for " + vendor.device +
                                                ": no kernel image is available for execution on "
                                                "the device (error 209); update "));
}

TEST_P(GpuDeviceTest, CodeWithoutItsKernel) {
  open();
  auto kernel = load("fake add:8", "subtract");
  ASSERT_FALSE(kernel);
  EXPECT_EQ(kernel.error().code, ErrorCode::Unreadable);
  EXPECT_THAT(kernel.error().message, HasSubstr("ModuleGetFunction: error 500"));
}

TEST_P(GpuDeviceTest, ErrorsOfEveryCallAreTheDriversWords) {
  place();
  using Names = GpuVendor::Names;
  auto failsIn = [&](const char *Names::*function, const auto &doing) {
    order(function, "=1");
    auto done = doing();
    ASSERT_FALSE(done) << vendor.data->names.*function;
    EXPECT_EQ(done.error().code, ErrorCode::Unreadable);
    EXPECT_EQ(done.error().message,
              fmt::format("the {} {} failed in {}: error 1", vendor.data->driver, vendor.library,
                          vendor.data->names.*function));
  };
  for (auto function :
       {&Names::launch, &Names::eventRecord, &Names::eventSynchronize, &Names::eventElapsed})
    failsIn(function, [&] { return device->launch(request, 1); });
  failsIn(&Names::copyIn,
          [&] { return device->copyIn(addressOf(0), std::as_bytes(std::span(out))); });
  failsIn(&Names::copyOut,
          [&] { return device->copyOut(std::as_writable_bytes(std::span(out)), addressOf(0)); });
  failsIn(&Names::fill, [&] { return device->flushCaches(); });
  failsIn(&Names::moduleLoad, [&] { return load("fake add:8", "add"); });
  failsIn(&Names::allocate, [&] { return device->allocate(10, 16, "x"); });
  for (auto function :
       {&Names::init, &Names::deviceCount, &Names::version, &Names::eventCreate,
        GetParam() == std::string("cuda") ? &Names::contextRetain : &Names::deviceSet})
    failsIn(function, [&] { return vendor.backend->open(0); });
  ::unsetenv("FAKE_GPU");
  EXPECT_TRUE(device->launch(request, 1)) << "none of them was a fault";
}

struct Fault {
  int error;
  FaultKind kind;
  std::string name;
};

TEST_P(GpuDeviceTest, FaultsAreToldApartAndLast) {
  const std::vector<Fault> faults = {{700, FaultKind::IllegalAddress, "illegal address"},
                                     {717, FaultKind::IllegalAddress, "illegal address"},
                                     {716, FaultKind::MisalignedAddress, "misaligned address"},
                                     {710, FaultKind::Trap, "trap"},
                                     {715, FaultKind::Trap, "trap"},
                                     {719, FaultKind::Trap, "trap"},
                                     {702, FaultKind::Timeout, "timeout"}};
  for (const Fault &fault : faults) {
    call<void()>("fakeReset");
    request = {};
    place();
    order(&GpuVendor::Names::eventSynchronize, fmt::format("@3={}", fault.error));
    EXPECT_TRUE(device->launch(request, 1));
    EXPECT_TRUE(device->launch(request, 1));
    EXPECT_FALSE(device->fault());
    auto launched = device->launch(request, 1);
    ASSERT_FALSE(launched);
    EXPECT_EQ(launched.error().code, ErrorCode::Crashed);
    ASSERT_TRUE(device->fault());
    EXPECT_EQ(device->fault()->kind, fault.kind);
    EXPECT_EQ(faultName(device->fault()->kind), fault.name);
    EXPECT_THAT(device->fault()->message, HasSubstr("the kernel failed on " + vendor.device));
    EXPECT_THAT(device->fault()->message, HasSubstr(fmt::format("error {}", fault.error)));

    ::unsetenv("FAKE_GPU"); // the driver itself remembers
    EXPECT_FALSE(device->copyIn(addressOf(0), std::as_bytes(std::span(out))));
    EXPECT_FALSE(device->launch(request, 1));
    EXPECT_EQ(device->fault()->kind, fault.kind);
    device.reset();
    EXPECT_EQ(call<std::size_t()>("fakeAllocations"), 0u);
  }
}

TEST_P(GpuDeviceTest, ALaunchBeyondTheMemoryIsReportedWhenItIsWaitedFor) {
  place();
  request.arguments[3].first = std::int64_t(count + 1000);
  ASSERT_FALSE(device->launch(request, 1));
  ASSERT_TRUE(device->fault());
  EXPECT_EQ(device->fault()->kind, FaultKind::IllegalAddress);
  EXPECT_THAT(device->fault()->message,
              HasSubstr("an illegal memory access was encountered (error 700)"));
}

TEST_P(GpuDeviceTest, TooFewResourcesAreNoFault) {
  place();
  order(&GpuVendor::Names::launch, "=2");
  EXPECT_EQ(device->launch(request, 1).error().code, ErrorCode::OutOfResource);
  EXPECT_FALSE(device->fault());
}

TEST_P(GpuDeviceTest, SizesBeyondTheDevice) {
  place();
  request.numWarps = 64;
  Error error = device->launch(request, 1).error();
  EXPECT_EQ(error.code, ErrorCode::InvalidInput);
  EXPECT_THAT(error.message,
              HasSubstr(fmt::format("num_warps can be {} at most", 1024 / vendor.warpSize)));
  request.numWarps = 4;
  for (std::array<std::int64_t, 3> grid : {std::array<std::int64_t, 3>{0, 1, 1},
                                           {std::int64_t(1) << 31, 1, 1},
                                           {1, 70000, 1},
                                           {1, 1, 70000},
                                           {1, 1, -1}}) {
    request.grid = grid;
    error = device->launch(request, 1).error();
    EXPECT_EQ(error.code, ErrorCode::InvalidInput) << grid[0];
    EXPECT_THAT(error.message, HasSubstr("cannot be launched: axis "));
  }
  EXPECT_EQ(log(), "") << "nothing of it was launched";
}

TEST(CudaDevice, LargeSharedMemoryIsAskedForOnce) {
  ::unsetenv("FAKE_GPU");
  auto library = DynamicLibrary::open({FAKE_DRIVERS "/libfake_cuda.so"});
  ASSERT_TRUE(library);
  reinterpret_cast<void (*)()>(library->symbol("fakeReset"))();
  auto device = CudaBackend({FAKE_DRIVERS "/libfake_cuda.so"}).open(0);
  ASSERT_TRUE(device);
  const std::string image = "fake idle:8";
  LaunchRequest request;
  request.kernel = *(*device)->load(std::as_bytes(std::span(image)), "idle");
  request.arguments.emplace_back(DeviceAddress(0), 8);
  for (std::int64_t bytes : {40'000, 100'000, 100'000, 232'448}) {
    request.sharedBytes = bytes;
    ASSERT_TRUE((*device)->launch(request, 1));
  }
  const std::string log = reinterpret_cast<const char *(*)()>(library->symbol("fakeLog"))();
  EXPECT_EQ(log, "idle 1x1x1 of 128x1x1, 40000 bytes shared\n"
                 "attribute 8 = 100000\n"
                 "idle 1x1x1 of 128x1x1, 100000 bytes shared\n"
                 "idle 1x1x1 of 128x1x1, 100000 bytes shared\n"
                 "attribute 8 = 232448\n"
                 "idle 1x1x1 of 128x1x1, 232448 bytes shared\n");
  request.sharedBytes = 300'000;
  const Error error = (*device)->launch(request, 1).error();
  EXPECT_EQ(error.code, ErrorCode::OutOfResource);
  EXPECT_THAT(error.message, HasSubstr("needs 300000 bytes of shared memory a block"));
  EXPECT_THAT(error.message, HasSubstr("has 232448"));
}

TEST(CudaDevice, TheCompilersWordsAboutBadTextAreKept) {
  ::unsetenv("FAKE_GPU");
  auto device = CudaBackend({FAKE_DRIVERS "/libfake_cuda.so"}).open(0);
  ASSERT_TRUE(device);
  const std::string image = "malformed";
  auto kernel = (*device)->load(std::as_bytes(std::span(image)), "add");
  ASSERT_FALSE(kernel);
  EXPECT_EQ(kernel.error().code, ErrorCode::Unsupported);
  EXPECT_THAT(kernel.error().message, HasSubstr("a PTX JIT compilation failed (error 218): ptxas: "
                                                "line 1: syntax error"));
}

TEST(HipDevice, AGridIsLimitedByItsThreads) {
  ::unsetenv("FAKE_GPU");
  auto device = HipBackend({FAKE_DRIVERS "/libfake_hip.so"}).open(0);
  ASSERT_TRUE(device);
  const std::string image = "fake idle:8";
  LaunchRequest request;
  request.kernel = *(*device)->load(std::as_bytes(std::span(image)), "idle");
  request.arguments.emplace_back(DeviceAddress(0), 8);
  request.grid = {std::int64_t(1) << 24, 1, 1}; // of 256 threads each
  const Error error = (*device)->launch(request, 1).error();
  EXPECT_EQ(error.code, ErrorCode::InvalidInput);
  EXPECT_THAT(error.message, HasSubstr("axis 0 takes 1 to 16777215"));
}

TEST(GpuDriver, ALibraryThatIsNamedIsTheOnlyOneTried) {
  ::setenv("LAPIDARY_CUDA_LIBRARY", "/nowhere/libcuda.so.1", 1);
  EXPECT_THAT(cudaLibraries(), testing::ElementsAre("/nowhere/libcuda.so.1"));
  ::setenv("LAPIDARY_CUDA_LIBRARY", "", 1);
  EXPECT_THAT(cudaLibraries(), testing::Contains("libcuda.so.1"));
  ::unsetenv("LAPIDARY_CUDA_LIBRARY");
  ::setenv("LAPIDARY_HIP_LIBRARY", "/nowhere/libamdhip64.so", 1);
  EXPECT_THAT(hipLibraries(), testing::ElementsAre("/nowhere/libamdhip64.so"));
  ::unsetenv("LAPIDARY_HIP_LIBRARY");
}
