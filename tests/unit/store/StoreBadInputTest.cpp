// Databases that cannot be used: each gives one clear message, and the file stays as it was.
#include "core/store/Schema.h"
#include "core/store/Store.h"
#include "core/support/Paths.h"
#include "tests/support/TemporaryFolder.h"

#include <gmock/gmock.h>

#include <csignal>
#include <fstream>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

namespace lapidary {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

class StoreBadInputTest : public testing::Test {
protected:
  TemporaryFolder folder;
  fs::path file = folder / "lapidary.db";

  void write(const std::string &bytes) { std::ofstream(file, std::ios::binary) << bytes; }
  Error openError(Store::Mode mode = Store::Mode::ReadWrite) {
    auto store = Store::open(file, mode);
    EXPECT_FALSE(store);
    return store ? Error{} : store.error();
  }
};

// Runs `body` as a user whom file permissions bind; its result is the child's exit code.
template <typename Body> int asOrdinaryUser(Body &&body) {
  const pid_t child = ::fork();
  if (child == 0) {
    if (::geteuid() == 0 && (::setgid(65534) != 0 || ::setuid(65534) != 0))
      ::_exit(99);
    ::_exit(body());
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128;
}

int fillWith(Store &store, int samples) {
  RunRecord run;
  run.kind = "bench";
  const auto id = store.openRun(run);
  if (!id)
    return 1;
  for (int i = 0; i < samples; ++i)
    if (!store.addSample(*id, "k", "generic", "hot", i))
      return 2;
  return 0;
}

TEST_F(StoreBadInputTest, NothingThere) {
  const Error error = openError(Store::Mode::ReadOnly);
  EXPECT_EQ(error.code, ErrorCode::NotFound);
  EXPECT_FALSE(fs::exists(file)) << "reading makes nothing";
}

TEST_F(StoreBadInputTest, NotADatabase) {
  const std::string text(5000, 'x');
  write(text);
  for (auto mode : {Store::Mode::ReadWrite, Store::Mode::ReadOnly}) {
    const Error error = openError(mode);
    EXPECT_EQ(error.code, ErrorCode::Unreadable);
    EXPECT_THAT(error.message, AllOf(HasSubstr(file.string()), HasSubstr("Move it aside")));
    EXPECT_EQ(*readFile(file), text);
  }
}

TEST_F(StoreBadInputTest, AnotherProgramsDatabase) {
  {
    SQLite::Database other(file.string(), SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE);
    other.exec("CREATE TABLE bookmarks (url TEXT)");
  }
  const std::string before = *readFile(file);
  EXPECT_THAT(openError().message, HasSubstr("another program"));
  EXPECT_EQ(*readFile(file), before);
}

TEST_F(StoreBadInputTest, AFolderInItsPlace) {
  fs::create_directory(file);
  EXPECT_THAT(openError().message, HasSubstr("is a folder"));
}

TEST_F(StoreBadInputTest, AFileWhereTheFolderShouldBe) {
  write("x");
  file = file / "below/lapidary.db";
  const Error error = openError();
  EXPECT_EQ(error.code, ErrorCode::Unreadable);
  EXPECT_THAT(error.message, HasSubstr("cannot be made"));
}

TEST_F(StoreBadInputTest, ANewerSchema) {
  ASSERT_TRUE(Store::open(file, Store::Mode::ReadWrite));
  {
    SQLite::Database database(file.string(), SQLite::OPEN_READWRITE);
    database.exec("PRAGMA user_version = 1000");
  }
  const Error error = openError();
  EXPECT_EQ(error.code, ErrorCode::Unreadable);
  EXPECT_THAT(error.message, AllOf(HasSubstr("newer"), HasSubstr("1000")));
}

TEST_F(StoreBadInputTest, TornInTheMiddle) {
  {
    auto store = Store::open(file, Store::Mode::ReadWrite);
    ASSERT_EQ(fillWith(**store, 3000), 0);
  }
  const auto size = fs::file_size(file);
  ASSERT_GT(size, 40000u);
  {
    std::fstream damage(file, std::ios::in | std::ios::out | std::ios::binary);
    damage.seekp(4096);
    damage << std::string(size - 4096, '\x7f');
  }
  // It opens or not; either way the damage is reported with a remedy, and nothing throws.
  auto store = Store::open(file, Store::Mode::ReadOnly);
  const Error error = store ? (*store)->checkIntegrity().error() : store.error();
  EXPECT_EQ(error.code, ErrorCode::Unreadable);
  EXPECT_THAT(error.message, AllOf(HasSubstr(file.string()), HasSubstr("recover")));
  if (store) {
    EXPECT_FALSE((*store)->history({}));
  }
}

TEST_F(StoreBadInputTest, CutShort) {
  {
    auto store = Store::open(file, Store::Mode::ReadWrite);
    ASSERT_EQ(fillWith(**store, 3000), 0);
  }
  fs::resize_file(file, 5000);
  auto store = Store::open(file, Store::Mode::ReadWrite);
  const Error error = store ? (*store)->checkIntegrity().error() : store.error();
  EXPECT_EQ(error.code, ErrorCode::Unreadable);
  EXPECT_THAT(error.message, HasSubstr(file.string()));
}

TEST_F(StoreBadInputTest, AReadOnlyFile) {
  ASSERT_TRUE(Store::open(file, Store::Mode::ReadWrite));
  fs::permissions(folder.path(), fs::perms::all);
  fs::permissions(file, fs::perms::owner_read | fs::perms::group_read | fs::perms::others_read);
  EXPECT_EQ(asOrdinaryUser([&] {
              auto store = Store::open(file, Store::Mode::ReadWrite);
              if (store || store.error().code != ErrorCode::Unreadable)
                return 1;
              if (store.error().message.find("writable") == std::string::npos)
                return 2;
              return Store::open(file, Store::Mode::ReadOnly) ? 0 : 3;
            }),
            0);
}

TEST_F(StoreBadInputTest, AReadOnlyFolder) {
  {
    auto store = Store::open(file, Store::Mode::ReadWrite);
    ASSERT_EQ(fillWith(**store, 3), 0);
  }
  fs::permissions(file, fs::perms::owner_read | fs::perms::group_read | fs::perms::others_read);
  fs::permissions(folder.path(), fs::perms::owner_read | fs::perms::owner_exec |
                                     fs::perms::others_read | fs::perms::others_exec);
  EXPECT_EQ(asOrdinaryUser([&] {
              auto store = Store::open(folder / "new.db", Store::Mode::ReadWrite);
              if (store || store.error().message.find("XDG_DATA_HOME") == std::string::npos)
                return 1;
              auto reader = Store::open(file, Store::Mode::ReadOnly);
              if (!reader)
                return 2;
              const auto runs = (*reader)->history({});
              return runs && runs->size() == 1 ? 0 : 3;
            }),
            0);
}

// A limit on the size of files stands in for a full disk: writes fail, and later succeed again.
TEST_F(StoreBadInputTest, AFullDiskLosesNoRecord) {
  const pid_t child = ::fork();
  if (child == 0) {
    ::signal(SIGXFSZ, SIG_IGN);
    auto store = Store::open(file, Store::Mode::ReadWrite);
    if (!store)
      ::_exit(1);
    RunRecord run;
    const std::string id = *(*store)->openRun(run);
    rlimit limit{200 * 1024, RLIM_INFINITY};
    ::setrlimit(RLIMIT_FSIZE, &limit);
    int failures = 0;
    for (int i = 0; i < 2000; ++i)
      if (auto added = (*store)->addSample(id, "k", "generic", "hot", i); !added) {
        ++failures;
        if (added.error().code != ErrorCode::OutOfResource)
          ::_exit(2);
      }
    if (failures == 0)
      ::_exit(3);
    if ((*store)->finishRun(id, {}, {}))
      ::_exit(4);
    limit.rlim_cur = RLIM_INFINITY;
    ::setrlimit(RLIMIT_FSIZE, &limit);
    ::_exit((*store)->finishRun(id, {}, {}) ? 0 : 5);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  ASSERT_TRUE(WIFEXITED(status));
  ASSERT_EQ(WEXITSTATUS(status), 0);
  auto store = Store::open(file, Store::Mode::ReadOnly);
  ASSERT_TRUE(store);
  EXPECT_TRUE((*store)->checkIntegrity());
  const auto runs = (*store)->history({});
  ASSERT_EQ(runs->size(), 1u);
  const auto samples = (*store)->samples(runs->front().id);
  ASSERT_EQ(samples->size(), 1u);
  ASSERT_EQ(samples->front().samples.size(), 2000u);
  for (int i = 0; i < 2000; ++i)
    ASSERT_EQ(samples->front().samples[i], i);
}

} // namespace
} // namespace lapidary
