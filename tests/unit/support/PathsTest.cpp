#include "core/support/Paths.h"

#include <csignal>
#include <cstdlib>
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <thread>
#include <unistd.h>

using namespace lapidary;
using testing::HasSubstr;
namespace fs = std::filesystem;

namespace {
class PathsTest : public testing::Test {
protected:
  void SetUp() override {
    std::string pattern = testing::TempDir() + "lapidary-paths-XXXXXX";
    folder = mkdtemp(pattern.data());
  }
  void TearDown() override { fs::remove_all(folder); }
  fs::path folder;
};

// Sets a variable (null unsets it) for one test.
class Environment {
public:
  Environment(const char *name, const char *value) : name(name) {
    if (const char *old = std::getenv(name))
      before = old, had = true;
    value ? setenv(name, value, 1) : unsetenv(name);
  }
  ~Environment() { had ? setenv(name, before.c_str(), 1) : unsetenv(name); }

private:
  const char *name;
  std::string before;
  bool had = false;
};
} // namespace

TEST_F(PathsTest, ReadsBackWhatWasWritten) {
  std::string bytes("a\0\xff\nb", 5);
  ASSERT_TRUE(writeFileAtomically(folder / "f", bytes));
  EXPECT_EQ(readFile(folder / "f").value(), bytes);
  ASSERT_TRUE(writeFileAtomically(folder / "f", ""));
  EXPECT_EQ(readFile(folder / "f").value(), "");
  std::string large(1 << 20, 'x');
  ASSERT_TRUE(writeFileAtomically(folder / "f", large));
  EXPECT_EQ(readFile(folder / "f").value(), large);
  EXPECT_EQ(std::distance(fs::directory_iterator(folder), fs::directory_iterator()), 1);
}

TEST_F(PathsTest, UnreadableThingsSayWhy) {
  Result<std::string> missing = readFile(folder / "none");
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().code, ErrorCode::NotFound);
  EXPECT_THAT(missing.error().message, HasSubstr((folder / "none").string()));

  Result<std::string> directory = readFile(folder);
  ASSERT_FALSE(directory);
  EXPECT_EQ(directory.error().code, ErrorCode::Unreadable);
  EXPECT_THAT(directory.error().message, HasSubstr("is a folder"));

  EXPECT_EQ(readFile("/dev/zero").error().code, ErrorCode::Unreadable);

  ASSERT_TRUE(writeFileAtomically(folder / "f", "12345"));
  EXPECT_TRUE(readFile(folder / "f", 5));
  Result<std::string> large = readFile(folder / "f", 4);
  ASSERT_FALSE(large);
  EXPECT_EQ(large.error().code, ErrorCode::Unreadable);
}

TEST_F(PathsTest, NamedPipes) {
  fs::path pipe = folder / "pipe";
  ASSERT_EQ(mkfifo(pipe.c_str(), 0600), 0);
  EXPECT_EQ(readFile(pipe).value(), ""); // nobody writes: it must not wait
  int keep = open(pipe.c_str(), O_RDWR | O_CLOEXEC);
  ASSERT_EQ(write(keep, "kernel", 6), 6);
  std::thread closer([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(30));
    close(keep);
  });
  EXPECT_EQ(readFile(pipe).value(), "kernel");
  closer.join();
}

TEST_F(PathsTest, WritingKeepsModeAndLinks) {
  fs::path file = folder / "f", link = folder / "link";
  ASSERT_TRUE(writeFileAtomically(file, "old"));
  chmod(file.c_str(), 0640);
  fs::create_symlink("f", link);
  ASSERT_TRUE(writeFileAtomically(link, "new"));
  EXPECT_TRUE(fs::is_symlink(link));
  EXPECT_EQ(readFile(file).value(), "new");
  struct stat info;
  ASSERT_EQ(stat(file.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 07777, 0640u);
}

TEST_F(PathsTest, AFailedWriteLeavesTheOldContent) {
  EXPECT_EQ(writeFileAtomically(folder / "no" / "f", "x").error().code, ErrorCode::NotFound);
  EXPECT_EQ(writeFileAtomically(folder, "x").error().code, ErrorCode::Unreadable);

  fs::path file = folder / "f";
  ASSERT_TRUE(writeFileAtomically(file, "old"));
  // A full disk, as far as the program can see one: no file may grow beyond 4 KiB.
  rlimit before;
  getrlimit(RLIMIT_FSIZE, &before);
  auto handler = std::signal(SIGXFSZ, SIG_IGN);
  rlimit small{4096, before.rlim_max};
  setrlimit(RLIMIT_FSIZE, &small);
  Result<void> written = writeFileAtomically(file, std::string(10'000, 'x'));
  setrlimit(RLIMIT_FSIZE, &before);
  std::signal(SIGXFSZ, handler);
  ASSERT_FALSE(written);
  EXPECT_EQ(written.error().code, ErrorCode::Unreadable);
  EXPECT_EQ(readFile(file).value(), "old");
  EXPECT_EQ(std::distance(fs::directory_iterator(folder), fs::directory_iterator()), 1);
}

TEST_F(PathsTest, BaseDirectories) {
  Environment home("HOME", "/home/someone");
  {
    Environment data("XDG_DATA_HOME", "/data"), cache("XDG_CACHE_HOME", nullptr),
        config("XDG_CONFIG_HOME", "relative/is/ignored");
    EXPECT_EQ(dataDirectory(), "/data/lapidary");
    EXPECT_EQ(cacheDirectory(), "/home/someone/.cache/lapidary");
    EXPECT_EQ(configDirectory(), "/home/someone/.config/lapidary");
  }
  Environment none("HOME", nullptr), data("XDG_DATA_HOME", nullptr);
  EXPECT_TRUE(dataDirectory().is_absolute());
}

TEST_F(PathsTest, Resources) {
  fs::create_directories(folder / "rules");
  ASSERT_TRUE(writeFileAtomically(folder / "rules" / "b.json", "{}"));
  ASSERT_TRUE(writeFileAtomically(folder / "rules" / "a.json", "[]"));
  Environment resources("LAPIDARY_RESOURCES", folder.c_str());
  EXPECT_EQ(resourceDirectory().value(), folder);
  EXPECT_EQ(readResource("rules/a.json").value(), "[]");
  EXPECT_EQ(readResource("rules/c.json").error().code, ErrorCode::NotFound);
  EXPECT_EQ(listResources("rules").value(), (std::vector<std::string>{"a.json", "b.json"}));
  EXPECT_EQ(listResources("none").error().code, ErrorCode::NotFound);
  Environment wrong("LAPIDARY_RESOURCES", (folder / "rules" / "a.json").c_str());
  EXPECT_EQ(resourceDirectory().error().code, ErrorCode::NotFound);
}

TEST_F(PathsTest, ExecutableIsThisProgram) {
  EXPECT_EQ(executablePath().filename(), "support_test");
}
