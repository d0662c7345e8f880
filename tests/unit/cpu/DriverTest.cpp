#include "backends/cpu/Driver.h"

#include "core/bench/Worker.h"
#include "core/support/Paths.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <numeric>

using namespace lapidary;
using testing::HasSubstr;

namespace {

std::string testObject() {
  Result<std::string> object = readFile(CPU_TEST_KERNELS);
  EXPECT_TRUE(object) << object.error().message;
  return object.value_or("");
}

class CpuDeviceTest : public testing::Test {
protected:
  CpuDevice device;

  std::uint64_t load(const std::string &entry) {
    std::string object = testObject();
    Result<std::uint64_t> kernel = device.load(std::as_bytes(std::span(object)), entry);
    EXPECT_TRUE(kernel) << kernel.error().message;
    return kernel.value_or(0);
  }
  DeviceAddress tensor(const std::string &name, const std::vector<float> &values) {
    auto bytes = std::as_bytes(std::span(values));
    Result<DeviceAddress> address =
        device.allocate(static_cast<std::int64_t>(bytes.size()), 64, name);
    EXPECT_TRUE(address) << address.error().message;
    EXPECT_TRUE(device.copyIn(*address, bytes));
    return *address;
  }
  std::vector<float> contents(DeviceAddress address, std::size_t count) {
    std::vector<float> values(count);
    EXPECT_TRUE(device.copyOut(std::as_writable_bytes(std::span(values)), address));
    return values;
  }
  LaunchRequest addRequest(const std::string &entry, std::int64_t n) {
    std::vector<float> x(static_cast<std::size_t>(n)), y(x.size(), 0.5f);
    std::iota(x.begin(), x.end(), 0.0f);
    out = tensor("out", std::vector<float>(x.size(), -1));
    LaunchRequest request;
    request.kernel = load(entry);
    request.grid = {(n + 255) / 256, 1, 1};
    request.arguments = {{tensor("x", x), 8}, {tensor("y", y), 8}, {out, 8}, {n, 4}};
    return request;
  }
  DeviceAddress out = 0;
};

} // namespace

TEST_F(CpuDeviceTest, LaunchesOverAllPrograms) {
  constexpr std::int64_t n = 100'003;
  LaunchRequest request = addRequest("add", n);
  Result<double> time = device.launch(request, 3);
  ASSERT_TRUE(time) << time.error().message;
  EXPECT_GT(*time, 0);
  std::vector<float> result = contents(out, n);
  for (std::size_t i = 0; i < n; ++i)
    ASSERT_EQ(result[i], static_cast<float>(i) + 0.5f);
}

TEST_F(CpuDeviceTest, AShortOverrunIsReportedWithArgumentAndPlace) {
  LaunchRequest request = addRequest("add_unmasked", 250); // reads and writes 6 elements too many
  Result<double> time = device.launch(request, 1);
  ASSERT_FALSE(time);
  EXPECT_EQ(time.error().code, ErrorCode::Crashed);
  EXPECT_EQ(time.error().message, "argument out was written 0 bytes past its end (1000 bytes)");
  request.kernel = load("add");
  EXPECT_TRUE(device.launch(request, 1)) << "the next kernel is not blamed for it";
}

TEST_F(CpuDeviceTest, EveryThreadHasScratchOfItsOwn) {
  LaunchRequest request = addRequest("through_scratch", 5000);
  request.grid = {5000, 1, 1};
  ASSERT_TRUE(device.launch(request, 1));
  std::vector<float> result = contents(out, 5000);
  for (std::size_t i = 0; i < result.size(); ++i)
    ASSERT_EQ(result[i], static_cast<float>(i));
}

TEST_F(CpuDeviceTest, ScalarsLieInTheLowBytesOfTheirSlot) {
  Result<DeviceAddress> results = device.allocate(48, 8, "out");
  ASSERT_TRUE(results);
  LaunchRequest request;
  request.kernel = load("scalars");
  request.grid = {1, 2, 3};
  request.arguments = {{*results, 8},
                       {std::int64_t(1) << 40, 8},
                       {std::int64_t(-7), 4},
                       {std::int64_t(-128), 1},
                       {0.1, 4},
                       {0.1, 8}};
  // Six programs each write the same.
  ASSERT_TRUE(device.launch(request, 1));
  std::vector<double> values(6);
  ASSERT_TRUE(device.copyOut(std::as_writable_bytes(std::span(values)), *results));
  EXPECT_THAT(values, testing::ElementsAre(static_cast<double>(std::int64_t(1) << 40), -7, -128,
                                           static_cast<double>(0.1f), 0.1, 10203));
}

TEST_F(CpuDeviceTest, FlushingChangesNoData) {
  EXPECT_TRUE(device.flushCaches()) << "before anything is loaded";
  LaunchRequest request = addRequest("add", 10'000);
  ASSERT_TRUE(device.launch(request, 1));
  std::vector<float> before = contents(out, 10'000);
  ASSERT_TRUE(device.flushCaches());
  EXPECT_EQ(contents(out, 10'000), before);
}

TEST_F(CpuDeviceTest, FlushedStoragesAreCold) {
  constexpr std::int64_t n =
      64 << 10; // three storages of 256 KiB, well inside any second-level cache
  LaunchRequest request = addRequest("add", n);
  ASSERT_TRUE(device.launch(request, 50));
  double hot = 1e18, cold = 1e18;
  for (int i = 0; i < 20; ++i) {
    hot = std::min(hot, device.launch(request, 1).value_or(1e18));
    ASSERT_TRUE(device.flushCaches());
    cold = std::min(cold, device.launch(request, 1).value_or(1e18));
  }
  EXPECT_GT(cold, 1.5 * hot);
}

TEST_F(CpuDeviceTest, BadRequestsAreErrors) {
  std::string noObject = "this is no object file";
  Result<std::uint64_t> kernel = device.load(std::as_bytes(std::span(noObject)), "add");
  ASSERT_FALSE(kernel);
  EXPECT_EQ(kernel.error().code, ErrorCode::InvalidInput);
  std::string object = testObject();
  kernel = device.load(std::as_bytes(std::span(object)), "subtract");
  ASSERT_FALSE(kernel);
  EXPECT_EQ(kernel.error().code, ErrorCode::NotFound);
  EXPECT_THAT(kernel.error().message, HasSubstr("subtract"));

  LaunchRequest request = addRequest("add", 100);
  request.grid = {0, 1, 1};
  EXPECT_EQ(device.launch(request, 1).error().code, ErrorCode::InvalidInput);
  request.grid = {std::int64_t(1) << 40, std::int64_t(1) << 40, 1};
  EXPECT_EQ(device.launch(request, 1).error().code, ErrorCode::InvalidInput);
  request.kernel = 99;
  EXPECT_EQ(device.launch(request, 1).error().code, ErrorCode::Internal);
}

TEST(CpuBackend, IsOneDevice) {
  CpuBackend backend;
  Result<std::vector<DeviceInfo>> devices = backend.devices();
  ASSERT_TRUE(devices);
  ASSERT_EQ(devices->size(), 1u);
  EXPECT_TRUE(backend.open(0));
  Result<std::unique_ptr<Device>> second = backend.open(1);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, ErrorCode::NotFound);
  EXPECT_THAT(second.error().message, HasSubstr("cpu@0"));
  EXPECT_TRUE(backend.targetHook({"cpu", ""}));
}

// ---- through the worker ----

namespace {

MeasureJob addJob(const std::vector<std::string> &entries, std::int64_t n, std::int64_t alignment) {
  MeasureJob job;
  job.device.target = {"cpu", ""};
  for (const std::string &entry : entries)
    job.variants.push_back({entry,
                            "key of " + entry,
                            testObject(),
                            entry,
                            {"x", "y", "out", "n"},
                            {"*fp32", "*fp32", "*fp32", "i32"},
                            4,
                            0});
  for (const char *name : {"x", "y", "out"}) {
    TensorArgument tensor;
    tensor.shape = {n};
    tensor.strides = {1};
    tensor.storage = 4 * n;
    tensor.alignment = alignment;
    job.arguments.emplace_back(name, Value{tensor});
  }
  job.arguments.emplace_back("n", Value{Integer(n)});
  job.grid = {(n + 255) / 256, 1, 1};
  job.outputs = {"out"};
  job.referenceTtir = "add";
  job.referenceParameters = {"x", "y", "out", "n"};
  job.referenceTypes = {"*fp32", "*fp32", "*fp32", "i32"};
  job.options.warmupSeconds = 0.02;
  job.options.timeLimitSeconds = 0.5;
  return job;
}

} // namespace

TEST(CpuWorker, MeasuresHotAndColdAndVerifies) {
  WorkerClient client({CPU_TEST_WORKER});
  MeasureJob job = addJob({"add", "add"}, 1 << 18, 64);
  job.options.modes = {"hot", "cold"};
  auto report = client.measure(job, {}, {}, {});
  ASSERT_TRUE(report) << report.error().message;
  for (const VariantReport &variant : report->variants) {
    EXPECT_EQ(variant.correct, true) << variant.error;
    EXPECT_GT(variant.modes.at("hot").median.value, 0);
    EXPECT_GT(variant.modes.at("cold").median.value, variant.modes.at("hot").median.value);
  }
  EXPECT_GE(report->device.units, 1);
  ASSERT_EQ(report->ratios.size(), 1u);
}

TEST(CpuWorker, AStoreFarOutsideKillsOnlyItsVariant) {
  WorkerClient client({CPU_TEST_WORKER});
  auto report = client.measure(addJob({"add", "store_far"}, 100'000, 4), {}, {}, {});
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_EQ(report->variants[0].correct, true);
  EXPECT_FALSE(report->variants[0].modes.empty());
  EXPECT_EQ(report->variants[1].errorCode, "illegal address");
  EXPECT_THAT(report->variants[1].error,
              HasSubstr("segmentation fault writing 4096 bytes past the end of out"));
}

TEST(CpuWorker, AStoreJustOutsideIsFoundToo) {
  WorkerClient client({CPU_TEST_WORKER});
  auto report = client.measure(addJob({"add", "add_unmasked"}, 1000, 256), {}, {}, {});
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_EQ(report->variants[0].correct, true);
  EXPECT_EQ(report->variants[1].errorCode, "crashed");
  EXPECT_THAT(report->variants[1].error,
              HasSubstr("argument out was written 0 bytes past its end"));
}
