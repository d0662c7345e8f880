#include "core/support/Subprocess.h"

#include <csignal>
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

using namespace lapidary;
using namespace std::chrono_literals;
using testing::HasSubstr;

static Subprocess shell(const std::string &script) {
  Result<Subprocess> child = Subprocess::start({"sh", "-c", script});
  if (!child)
    throw std::runtime_error(child.error().message);
  return std::move(*child);
}

static std::span<const std::byte> bytes(std::string_view text) {
  return std::as_bytes(std::span(text.data(), text.size()));
}

TEST(Subprocess, TalksThroughPipes) {
  Subprocess cat = shell("cat");
  ASSERT_TRUE(cat.write(bytes("hello")));
  EXPECT_EQ(cat.read(2, 10s).value(), "he");
  EXPECT_EQ(cat.read(3, 10s).value(), "llo");
  cat.closeInput();
  std::optional<ExitStatus> status = cat.wait(10s);
  ASSERT_TRUE(status);
  EXPECT_EQ(status->code, 0);
  EXPECT_EQ(status->signal, 0);
}

TEST(Subprocess, LargeTrafficBothWaysDoesNotStandStill) {
  Subprocess cat = shell("cat");
  std::string large(8 << 20, 'x');
  large[12345] = 'y';
  ASSERT_TRUE(cat.write(bytes(large), 60s));
  EXPECT_TRUE(cat.read(large.size(), 60s).value() == large);
}

TEST(Subprocess, StartErrors) {
  Result<Subprocess> missing = Subprocess::start({"/no/such/program"});
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().code, ErrorCode::NotFound);
  EXPECT_THAT(missing.error().message, HasSubstr("/no/such/program"));
  Result<Subprocess> text = Subprocess::start({LAPIDARY_SOURCE_DIR "/CMakeLists.txt"});
  ASSERT_FALSE(text);
  EXPECT_EQ(text.error().code, ErrorCode::Unreadable);
  EXPECT_EQ(Subprocess::start({}).error().code, ErrorCode::InvalidInput);
}

TEST(Subprocess, TimeoutKeepsWhatHasCome) {
  Subprocess child = shell("printf ab; read line; printf cd");
  EXPECT_EQ(child.read(4, 300ms).error().code, ErrorCode::Timeout);
  ASSERT_TRUE(child.write(bytes("\n")));
  EXPECT_EQ(child.read(4, 10s).value(), "abcd");
}

TEST(Subprocess, EndOfFileSaysHowTheChildEnded) {
  Subprocess child = shell("printf abc; exit 3");
  Result<std::string> answer = child.read(10, 10s);
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, ErrorCode::Crashed);
  EXPECT_THAT(answer.error().message, HasSubstr("3 of 10 bytes"));
  EXPECT_THAT(answer.error().message, HasSubstr("exit code 3"));

  Subprocess crashing = shell("kill -SEGV $$");
  EXPECT_THAT(crashing.read(1, 10s).error().message, HasSubstr("signal 11 (segmentation fault)"));
  EXPECT_EQ(crashing.wait(10s)->signal, SIGSEGV);
}

TEST(Subprocess, AnswersThatWereCompleteAreReadAfterTheEnd) {
  Subprocess child = shell("printf abc");
  ASSERT_TRUE(child.wait(10s));
  EXPECT_EQ(child.read(3, 0ms).value(), "abc");
  EXPECT_EQ(child.read(1, 0ms).error().code, ErrorCode::Crashed);
}

TEST(Subprocess, WritingToADeadChildIsAnErrorNotASignal) {
  Subprocess child = shell("exit 0");
  ASSERT_TRUE(child.wait(10s));
  std::string large(1 << 20, 'x');
  EXPECT_EQ(child.write(bytes(large)).error().code, ErrorCode::Crashed);
  Subprocess deaf = shell("exec 0<&-; sleep 60");
  EXPECT_EQ(deaf.write(bytes(large), 10s).error().code, ErrorCode::Crashed);
  Subprocess closed = shell("cat");
  closed.closeInput();
  EXPECT_EQ(closed.write(bytes("x")).error().code, ErrorCode::Crashed);
}

TEST(Subprocess, WritingToAChildThatDoesNotReadTimesOut) {
  Subprocess child = shell("sleep 60");
  std::string large(1 << 20, 'x');
  EXPECT_EQ(child.write(bytes(large), 100ms).error().code, ErrorCode::Timeout);
}

TEST(Subprocess, KeepsTheEndOfStderr) {
  Subprocess child =
      shell("i=0; while [ $i -lt 3000 ]; do echo 0123456789012345678901234567890123456789 >&2; "
            "i=$((i+1)); done; printf 'last words' >&2; printf done");
  EXPECT_EQ(child.read(4, 30s).value(), "done"); // 120 KB: more than a pipe takes
  ASSERT_TRUE(child.wait(10s));
  std::string text = child.errorText();
  EXPECT_LE(text.size(), 64u << 10);
  EXPECT_GE(text.size(), 60u << 10);
  EXPECT_THAT(text, testing::EndsWith("last words"));
}

TEST(Subprocess, WaitTimesOutAndKillEnds) {
  Subprocess child = shell("trap '' TERM; sleep 60");
  EXPECT_FALSE(child.wait(50ms));
  child.kill();
  std::optional<ExitStatus> status = child.wait(10s);
  ASSERT_TRUE(status);
  EXPECT_EQ(status->signal, SIGKILL);
  child.kill(); // once more does nothing
}

// True when the process has ended, be it that nobody has reaped it yet.
static bool hasEnded(pid_t pid) {
  for (int i = 0; i < 500; ++i) {
    if (kill(pid, 0) != 0)
      return true;
    std::string stat = "/proc/" + std::to_string(pid) + "/stat";
    int fd = open(stat.c_str(), O_RDONLY | O_CLOEXEC);
    char text[512] = {};
    ssize_t count = read(fd, text, sizeof text - 1);
    close(fd);
    if (count > 0 && std::string(text).find(") Z ") != std::string::npos)
      return true;
    std::this_thread::sleep_for(10ms);
  }
  return false;
}

TEST(Subprocess, NothingOfTheGroupOutlivesTheObject) {
  pid_t grandchild = 0;
  {
    Subprocess child = shell("sleep 60 & echo $!; wait");
    std::string line;
    while (!line.ends_with('\n'))
      line += child.read(1, 10s).value();
    grandchild = std::stoi(line);
    EXPECT_EQ(kill(grandchild, 0), 0);
  }
  EXPECT_TRUE(hasEnded(grandchild));
}

TEST(Subprocess, DiesWithItsParent) {
  int ends[2];
  ASSERT_EQ(pipe2(ends, O_CLOEXEC), 0);
  pid_t parent = fork();
  if (parent == 0) {
    Result<Subprocess> child = Subprocess::start({"sleep", "60"});
    pid_t pid = child ? child->pid() : 0;
    [[maybe_unused]] ssize_t written = write(ends[1], &pid, sizeof pid);
    _exit(0); // no destructor runs
  }
  pid_t child = 0;
  ASSERT_EQ(read(ends[0], &child, sizeof child), static_cast<ssize_t>(sizeof child));
  close(ends[0]);
  close(ends[1]);
  waitpid(parent, nullptr, 0);
  ASSERT_GT(child, 0);
  EXPECT_TRUE(hasEnded(child));
}

TEST(Subprocess, ManyThreadsStartAtOnce) {
  std::vector<std::thread> threads;
  std::atomic<int> right{0};
  for (int i = 0; i < 8; ++i)
    threads.emplace_back([&, i] {
      for (int round = 0; round < 5; ++round) {
        Subprocess child = shell("read line; echo got-$line");
        std::string word = std::to_string(i * 10 + round);
        if (!child.write(bytes(word + "\n")))
          return;
        // A pipe end leaked into a neighbour would keep this from ending.
        if (child.read(word.size() + 5, 30s).value_or("") == "got-" + word + "\n" &&
            child.wait(30s))
          ++right;
      }
    });
  for (std::thread &thread : threads)
    thread.join();
  EXPECT_EQ(right, 40);
}

TEST(Subprocess, MovesLikeAValue) {
  Subprocess first = shell("cat"), second = shell("exit 1");
  second = std::move(first);
  ASSERT_TRUE(second.write(bytes("x")));
  EXPECT_EQ(second.read(1, 10s).value(), "x");
}

TEST(Subprocess, Descriptions) {
  EXPECT_EQ(describe({3, 0}), "exit code 3");
  EXPECT_EQ(describe({0, SIGSEGV}), "killed by signal 11 (segmentation fault)");
  EXPECT_EQ(describe({0, SIGKILL}), "killed by signal 9 (killed)");
}
