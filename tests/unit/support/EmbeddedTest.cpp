#include "core/support/Paths.h"

#include <algorithm>
#include <cstdlib>
#include <gtest/gtest.h>

using namespace lapidary;
namespace fs = std::filesystem;

TEST(Embedded, ThereIsNoFolderBesideThisProgram) {
  ASSERT_EQ(resourceDirectory().error().code, ErrorCode::NotFound);
  EXPECT_GT(embeddedResources().size(), 10u);
}

TEST(Embedded, EveryFileIsCarriedByteForByte) {
  fs::path root = fs::path(LAPIDARY_SOURCE_DIR) / "resources";
  for (const char *folder : {"rules", "prelude", "schemas"}) {
    if (!fs::exists(root / folder))
      continue;
    std::vector<std::string> expected;
    for (const auto &entry : fs::directory_iterator(root / folder)) {
      std::string name = entry.path().filename().string();
      expected.push_back(name);
      EXPECT_EQ(readResource(std::string(folder) + "/" + name).value_or(""),
                readFile(entry.path()).value())
          << name;
    }
    std::ranges::sort(expected);
    EXPECT_EQ(listResources(folder).value(), expected) << folder;
  }
}

TEST(Embedded, WhatIsNotThereIsNamed) {
  Error error = readResource("rules/none.json").error();
  EXPECT_EQ(error.code, ErrorCode::NotFound);
  EXPECT_NE(error.message.find("'rules/none.json'"), std::string::npos);
  EXPECT_EQ(listResources("nothing").error().code, ErrorCode::NotFound);
}

TEST(Embedded, AFolderThatIsNamedWrongIsNotPassedOver) {
  setenv("LAPIDARY_RESOURCES", "/no/such/folder", 1);
  EXPECT_NE(readResource("prelude/standard.py").error().message.find("/no/such/folder"),
            std::string::npos);
  EXPECT_FALSE(listResources("rules"));
  unsetenv("LAPIDARY_RESOURCES");
}
