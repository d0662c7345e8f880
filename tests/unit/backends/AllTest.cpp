#include "backends/All.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

using namespace lapidary;

TEST(All, EveryBackendIsFoundByItsName) {
  std::shared_ptr<BackendRegistry> registry = registerAllBackends();
  for (const char *name : {"cuda", "hip"}) {
    Result<std::shared_ptr<const Backend>> backend = registry->find(name);
    ASSERT_TRUE(backend) << name;
    EXPECT_EQ((*backend)->name(), name);
  }
  EXPECT_EQ(registry->find("metal").error().code, ErrorCode::NotFound);
}

// Whatever this machine has: a list, or an error that says why there is none; never a crash.
TEST(All, EveryBackendAnswersForThisMachine) {
  std::shared_ptr<BackendRegistry> registry = registerAllBackends();
  for (const auto &backend : registry->all()) {
    Result<std::vector<DeviceInfo>> devices = backend->devices();
    if (devices) {
      for (const DeviceInfo &device : *devices)
        EXPECT_EQ(device.target.backend, backend->name());
    } else {
      EXPECT_FALSE(devices.error().message.empty());
    }
  }
}
