// The bench tests' fake device under the name of the CPU backend, whose specialization rules there
// are.
#pragma once

#include "core/compiler/TargetHook.h"
#include "tests/unit/bench/FakeBackend.h"

namespace lapidary {

class FakeHook : public TargetHook {
public:
  Target target() const override { return {"cpu", ""}; }
  std::string fingerprint() const override { return "fake"; }
  AccessTraits accessTraits() const override { return {}; }
  std::vector<CompileStage> stages() const override { return {}; }
};

class FakeCpu : public Backend {
public:
  std::string name() const override { return "cpu"; }
  Result<std::shared_ptr<const TargetHook>> targetHook(const Target &) const override {
    return std::make_shared<const FakeHook>();
  }
  Result<std::vector<DeviceInfo>> devices() const override {
    auto found = fake->devices();
    if (found)
      for (DeviceInfo &device : *found)
        device.target = {"cpu", ""};
    return found;
  }
  Result<std::unique_ptr<Device>> open(int ordinal) const override { return fake->open(ordinal); }

private:
  std::shared_ptr<const Backend> fake = makeFakeBackend();
};

// A GPU that nothing can be compiled for yet and that nothing is attached of.
class FakeCuda : public Backend {
public:
  std::string name() const override { return "cuda"; }
  Result<std::shared_ptr<const TargetHook>> targetHook(const Target &) const override {
    return fail(ErrorCode::Unsupported, "code for cuda:90 needs the PTX stages");
  }
  Result<std::vector<DeviceInfo>> devices() const override {
    return fail(ErrorCode::NotFound, "libcuda.so.1: not found");
  }
  Result<std::unique_ptr<Device>> open(int) const override {
    return fail(ErrorCode::NotFound, "libcuda.so.1: not found");
  }
};

} // namespace lapidary
