#include "core/store/ArtifactCache.h"
#include "core/support/Hash.h"
#include "tests/support/TemporaryFolder.h"

#include <gtest/gtest.h>

#include <fstream>
#include <thread>

namespace lapidary {
namespace {

namespace fs = std::filesystem;

CompileResult someResult(std::size_t bytes = 100) {
  CompileResult result;
  result.stages = {{"ttir", "module {\n}\n", true, 1200},
                   {"binary", std::string(bytes, '\0') + "\xff\n", false, 7}};
  result.accesses = {
      {{3, 5, 3, 20}, "load", 128, "stride is not known", "stride", "tt.divisibility"}};
  result.resources.values = {{"registers", 32}, {"spills", 0}};
  result.diagnostics = {{Severity::Warning,
                         "k.py",
                         {1, 2, 1, 3},
                         "\"caf\xc3\xa9\"",
                         "tl.dot",
                         {{"k.py", {2, 1, 2, 2}, "here"}}}};
  result.entry = "vector_add";
  result.ok = true;
  return result;
}

fs::path entryOf(const TemporaryFolder &folder, const std::string &key) {
  return folder / key.substr(0, 2) / key;
}

TEST(ArtifactCacheTest, GivesBackWhatWasPut) {
  TemporaryFolder folder;
  ArtifactCache cache(folder.path());
  const std::string key = sha256("one");
  EXPECT_FALSE(cache.find(key));
  ASSERT_TRUE(cache.put(key, someResult()));
  const auto found = ArtifactCache(folder.path()).find(key);
  ASSERT_TRUE(found);
  const CompileResult put = someResult();
  ASSERT_EQ(found->stages.size(), 2u);
  EXPECT_EQ(found->stages[0].contents, put.stages[0].contents);
  EXPECT_EQ(found->stages[1].contents, put.stages[1].contents);
  EXPECT_FALSE(found->stages[1].isText);
  EXPECT_EQ(found->stages[0].nanoseconds, 1200);
  EXPECT_EQ(found->accesses.at(0).range, put.accesses[0].range);
  EXPECT_EQ(found->accesses.at(0).limit, put.accesses[0].limit);
  EXPECT_EQ(found->accesses.at(0).property, "tt.divisibility");
  EXPECT_EQ(found->resources.values, put.resources.values);
  EXPECT_EQ(found->diagnostics.at(0).message, put.diagnostics[0].message);
  EXPECT_EQ(found->diagnostics.at(0).notes.at(0).message, "here");
  EXPECT_EQ(found->entry, "vector_add");
  EXPECT_TRUE(found->ok);
}

TEST(ArtifactCacheTest, ADamagedEntryIsAMiss) {
  TemporaryFolder folder;
  ArtifactCache cache(folder.path());
  const std::string key = sha256("one");
  for (std::size_t offset : {0u, 25u, 90u, 200u, 700u}) {
    ASSERT_TRUE(cache.put(key, someResult(2000)));
    ASSERT_TRUE(cache.find(key));
    std::fstream file(entryOf(folder, key), std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(static_cast<std::streamoff>(offset));
    file.put('\x01');
    file.close();
    EXPECT_FALSE(cache.find(key)) << offset;
  }
  for (std::size_t size : {0u, 1u, 84u, 85u, 300u}) {
    ASSERT_TRUE(cache.put(key, someResult(2000)));
    fs::resize_file(entryOf(folder, key), size);
    EXPECT_FALSE(cache.find(key)) << size;
  }
  ASSERT_TRUE(cache.put(key, someResult()));
  EXPECT_TRUE(cache.find(key)) << "a damaged entry is replaced";
}

TEST(ArtifactCacheTest, KeysAreHashesOnly) {
  TemporaryFolder folder;
  ArtifactCache cache(folder.path());
  for (const std::string key : {"", "../../etc/passwd", "ABCDEF"}) {
    EXPECT_FALSE(cache.find(key));
    EXPECT_EQ(cache.put(key, someResult()).error().code, ErrorCode::InvalidInput);
  }
}

TEST(ArtifactCacheTest, TheLeastRecentlyUsedGoesFirst) {
  TemporaryFolder folder;
  ArtifactCache cache(folder.path(), 100000);
  std::vector<std::string> keys;
  for (int i = 0; i < 9; ++i) {
    keys.push_back(sha256(std::to_string(i)));
    ASSERT_TRUE(cache.put(keys.back(), someResult(10000)));
    fs::last_write_time(entryOf(folder, keys.back()),
                        fs::file_time_type::clock::now() - std::chrono::hours(100 - i));
  }
  ASSERT_TRUE(cache.find(keys[0]));
  ASSERT_TRUE(cache.put(sha256("last"), someResult(10000)));
  EXPECT_LE(cache.sizeBytes(), 100000);
  EXPECT_TRUE(cache.find(keys[0])) << "it was used just now";
  EXPECT_FALSE(cache.find(keys[1]));
  EXPECT_TRUE(cache.find(sha256("last")));
}

TEST(ArtifactCacheTest, ThreadsWriteAndReadAtOnce) {
  TemporaryFolder folder;
  ArtifactCache cache(folder.path(), 200000);
  std::vector<std::jthread> threads;
  for (int t = 0; t < 4; ++t)
    threads.emplace_back([&, t] {
      for (int i = 0; i < 25; ++i) {
        const std::string key = sha256(std::to_string((i + t) % 20));
        ASSERT_TRUE(cache.put(key, someResult(9000)));
        if (const auto found = cache.find(key)) {
          ASSERT_EQ(found->entry, "vector_add");
        }
      }
    });
  threads.clear();
  EXPECT_LE(cache.sizeBytes(), 200000 + 4 * 10000);
}

} // namespace
} // namespace lapidary
