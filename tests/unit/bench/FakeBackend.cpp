#include "FakeBackend.h"

#include "core/bench/Random.h"

#include <cmath>
#include <cstring>
#include <map>
#include <sys/mman.h>
#include <thread>
#include <unistd.h>

namespace lapidary {

namespace {

constexpr std::size_t page = 4096;

float *floats(DeviceAddress address) {
  return reinterpret_cast<float *>(address);
}

class FakeDevice : public Device {
public:
  explicit FakeDevice(FakeOptions options) : options(std::move(options)) {}
  ~FakeDevice() override {
    for (auto &[address, mapping] : mappings)
      munmap(mapping.base, mapping.bytes);
  }

  // The end touches a page that faults.
  Result<DeviceAddress> allocate(std::int64_t bytes, std::int64_t, const std::string &) override {
    if (bytes > options.memoryBytes)
      return fail(ErrorCode::OutOfResource, "the fake device is full");
    std::size_t data = (static_cast<std::size_t>(bytes) + page - 1) / page * page;
    void *base =
        mmap(nullptr, data + page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    mprotect(static_cast<char *>(base) + data, page, PROT_NONE);
    auto address = reinterpret_cast<DeviceAddress>(base) + data - static_cast<std::size_t>(bytes);
    mappings[address] = {base, data + page};
    return address;
  }
  void release(DeviceAddress address) override {
    auto found = mappings.find(address);
    munmap(found->second.base, found->second.bytes);
    mappings.erase(found);
  }
  Result<void> copyIn(DeviceAddress to, std::span<const std::byte> from) override {
    std::memcpy(floats(to), from.data(), from.size());
    return {};
  }
  Result<void> copyOut(std::span<std::byte> to, DeviceAddress from) override {
    std::memcpy(to.data(), floats(from), to.size());
    return {};
  }
  Result<std::uint64_t> load(std::span<const std::byte> binary, const std::string &) override {
    Result<Json> kernel =
        parseJson({reinterpret_cast<const char *>(binary.data()), binary.size()}, "kernel");
    if (!kernel)
      return std::unexpected(kernel.error());
    if (kernel->value("op", "") == "unloadable")
      return fail(ErrorCode::OutOfResource, "needs 300 registers, 255 are there");
    kernels.push_back(std::move(*kernel));
    launchesOf.push_back(0);
    return kernels.size() - 1;
  }
  Result<double> launch(const LaunchRequest &request, int count) override {
    const Json &kernel = kernels.at(request.kernel);
    double total = 0;
    for (int i = 0; i < count; ++i, ++launches) {
      std::string op = launches >= kernel.value("after", 0) ? kernel.value("op", "add") : "add";
      if (op == "illegal" || op == "misaligned" || op == "trap")
        lost = DeviceFault{op == "illegal"      ? FaultKind::IllegalAddress
                           : op == "misaligned" ? FaultKind::MisalignedAddress
                                                : FaultKind::Trap,
                           "the fake kernel faulted"};
      if (lost)
        return fail(ErrorCode::Crashed, lost->message);
      if (op == "refuse")
        return fail(ErrorCode::Crashed, "the fake driver refuses");
      run(op, request);
      std::this_thread::sleep_for(std::chrono::milliseconds(kernel.value("sleep_ms", 0)));
      double jitter = static_cast<double>(randomBits(7, launches) >> 11) * 0x1p-52 - 1;
      total += kernel.value("ns", 30000.0) * (1 + kernel.value("jitter", 0.0) * jitter) *
               (1 + kernel.value("drift", 0.0) * static_cast<double>(launches));
    }
    if (auto range = kernel.find("throttled"); range != kernel.end()) {
      int launch = launchesOf[request.kernel] += count;
      throttled = launch >= (*range)[0].get<int>() && launch <= (*range)[1].get<int>();
    }
    return total;
  }
  Result<void> flushCaches() override {
    ++flushes;
    return {};
  }
  Result<DeviceInfo> state() override {
    DeviceInfo info;
    info.target = {"fake", ""};
    info.name = "Fake device";
    info.details["available_bytes"] = options.saidBytes;
    info.details["flushes"] = flushes;
    info.details["clock_mhz"] = throttled ? 1000 : 3000;
    return info;
  }

private:
  struct Mapping {
    void *base;
    std::size_t bytes;
  };

  static void run(const std::string &op, const LaunchRequest &request) {
    auto pointer = [&](int i) {
      return floats(std::get<DeviceAddress>(request.arguments[static_cast<std::size_t>(i)].first));
    };
    float *x = pointer(0), *y = pointer(1), *out = pointer(2);
    std::int64_t n = std::get<std::int64_t>(request.arguments[3].first);
    if (op == "hang")
      while (true)
        pause();
    if (op == "abort")
      std::abort();
    for (std::int64_t i = 0; i < n; ++i) {
      if (op == "skip" && i == 7)
        continue;
      out[i] =
          (op == "accumulate" ? out[i] : y[i]) + x[i] + (op == "wrong" && i == 7 ? 1.0f : 0.0f);
    }
    if (op == "beyond")
      *reinterpret_cast<volatile float *>(reinterpret_cast<char *>(out + n) + 12) = 1;
  }

  FakeOptions options;
  std::map<DeviceAddress, Mapping> mappings;
  std::vector<Json> kernels;
  std::vector<int> launchesOf; // parallel to `kernels`; of those that throttle
  bool throttled = false;
  std::int64_t launches = 0;
  int flushes = 0;
};

class FakeBackend : public Backend {
public:
  explicit FakeBackend(FakeOptions options) : options(std::move(options)) {}
  std::string name() const override { return "fake"; }
  Result<std::shared_ptr<const TargetHook>> targetHook(const Target &) const override {
    return fail(ErrorCode::Unsupported, "the fake backend compiles nothing");
  }
  Result<std::vector<DeviceInfo>> devices() const override {
    return std::vector<DeviceInfo>{*FakeDevice(options).state()};
  }
  Result<std::unique_ptr<Device>> open(int ordinal) const override {
    if (ordinal != 0)
      return fail(ErrorCode::NotFound, "there is one fake device, 0");
    return std::make_unique<FakeDevice>(options);
  }

private:
  FakeOptions options;
};

} // namespace

std::shared_ptr<const Backend> makeFakeBackend(FakeOptions options) {
  return std::make_shared<FakeBackend>(std::move(options));
}

Result<void> runFakeReference(const std::string &ttir, std::span<ReferenceBuffer> buffers,
                              std::span<const ReferenceArgument> arguments,
                              std::array<std::int64_t, 3>, const CancelToken &cancel) {
  if (ttir == "unknown")
    return fail(ErrorCode::Unsupported, "kernel.py:12: tt.mystery is not known to the reference");
  if (ttir == "beyond")
    return fail(ErrorCode::InvalidInput, "kernel.py:9: program (0, 0, 0) stores outside of out");
  while (ttir == "slow" && !cancel.cancelled())
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  if (cancel.cancelled())
    return fail(ErrorCode::Cancelled, "cancelled");
  auto buffer = [&](int i) -> ReferenceBuffer & {
    auto pointer = std::get<ReferencePointer>(arguments[static_cast<std::size_t>(i)]);
    return buffers[static_cast<std::size_t>(pointer.buffer)];
  };
  auto *x = reinterpret_cast<float *>(buffer(0).base),
       *y = reinterpret_cast<float *>(buffer(1).base);
  auto *out = reinterpret_cast<float *>(buffer(2).base);
  std::int64_t n = std::get<std::int64_t>(arguments[3]);
  for (std::int64_t i = 0; i < n; ++i)
    out[i] = x[i] + (ttir == "accumulate" ? out[i] : y[i]);
  buffer(0).read = buffer(2).written = true;
  buffer(ttir == "accumulate" ? 2 : 1).read = true;
  return {};
}

MeasureJob addJob(const std::vector<std::string> &kernels, std::int64_t n) {
  MeasureJob job;
  job.device.target = {"fake", ""};
  const std::vector<std::string> names = {"x", "y", "out", "n"},
                                 types = {"*fp32", "*fp32", "*fp32", "i32"};
  for (std::size_t i = 0; i < kernels.size(); ++i) {
    CodeObject object;
    object.label = "variant " + std::to_string(i);
    object.cacheKey = "key " + std::to_string(i);
    object.binary = kernels[i];
    object.parameters = names;
    object.types = types;
    job.variants.push_back(object);
  }
  for (int i = 0; i < 3; ++i) {
    TensorArgument tensor;
    tensor.shape = {n};
    tensor.strides = {1};
    tensor.storage = 4 * n;
    job.arguments.emplace_back(names[static_cast<std::size_t>(i)], Value{tensor});
  }
  job.arguments.emplace_back("n", Value{Integer(n)});
  job.outputs = {"out"};
  job.referenceTtir = "add";
  job.referenceParameters = names;
  job.referenceTypes = types;
  job.options.warmupSeconds = 0; // one launch: what happens is the same in every run
  job.options.timeLimitSeconds = 0.5;
  job.options.hangSeconds = 20;
  return job;
}

} // namespace lapidary
