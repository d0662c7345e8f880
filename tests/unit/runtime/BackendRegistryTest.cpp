#include "core/runtime/Driver.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

using namespace lapidary;

namespace {

class NamedBackend : public Backend {
public:
  explicit NamedBackend(std::string name) : ownName(std::move(name)) {}
  std::string name() const override { return ownName; }
  Result<std::shared_ptr<const TargetHook>> targetHook(const Target &) const override {
    return fail(ErrorCode::Unsupported, "compiles nothing");
  }
  Result<std::vector<DeviceInfo>> devices() const override { return std::vector<DeviceInfo>(); }
  Result<std::unique_ptr<Device>> open(int) const override {
    return fail(ErrorCode::NotFound, "has no devices");
  }

private:
  std::string ownName;
};

} // namespace

TEST(BackendRegistry, FindsByName) {
  BackendRegistry registry;
  registry.add(std::make_shared<NamedBackend>("one"));
  registry.add(std::make_shared<NamedBackend>("two"));
  auto found = registry.find("two");
  ASSERT_TRUE(found);
  EXPECT_EQ((*found)->name(), "two");
  EXPECT_EQ(registry.all().size(), 2u);
}

TEST(BackendRegistry, NamesWhatThereIs) {
  BackendRegistry registry;
  registry.add(std::make_shared<NamedBackend>("one"));
  registry.add(std::make_shared<NamedBackend>("two"));
  auto found = registry.find("three");
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().code, ErrorCode::NotFound);
  EXPECT_THAT(found.error().message, testing::HasSubstr("'three'"));
  EXPECT_THAT(found.error().message, testing::HasSubstr("one, two"));
}
