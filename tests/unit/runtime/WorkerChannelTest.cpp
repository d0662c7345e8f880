#include "core/runtime/WorkerChannel.h"

#include <csignal>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <thread>
#include <unistd.h>

using namespace lapidary;
using namespace std::chrono_literals;
using testing::HasSubstr;
using Clock = std::chrono::steady_clock;

namespace {

class WorkerChannel : public testing::Test {
protected:
  WorkerProcess process{{WORKER_CHILD}};
  std::vector<Json> events;

  Result<Message> call(Json request, std::chrono::milliseconds silence = 10s,
                       const CancelToken &cancel = {}, std::string bytes = {}) {
    return process.call(
        Message{std::move(request), std::move(bytes)},
        [this](const Json &event) { events.push_back(event); }, silence, cancel);
  }
  void expectAlive() {
    Result<Message> reply = call({{"do", "echo"}, {"say", "still here"}});
    ASSERT_TRUE(reply) << reply.error().message;
    EXPECT_EQ(reply->json["said"], "still here");
  }
};

bool exists(int pid) {
  return ::kill(pid, 0) == 0;
}

} // namespace

TEST_F(WorkerChannel, AnswersFromOneProcess) {
  EXPECT_EQ(process.pid(), 0) << "nothing is started before the first call";
  Result<Message> first = call({{"do", "echo"}, {"say", "äöü\n\"quoted\""}});
  ASSERT_TRUE(first) << first.error().message;
  EXPECT_EQ(first->json["said"], "äöü\n\"quoted\"");
  EXPECT_EQ(first->json["pid"], process.pid());
  Result<Message> second = call({{"do", "echo"}});
  ASSERT_TRUE(second);
  EXPECT_EQ(second->json["pid"], first->json["pid"]);
}

TEST_F(WorkerChannel, CarriesRawBytesBothWays) {
  std::string bytes(5 << 20, '\0');
  for (std::size_t i = 0; i < bytes.size(); ++i)
    bytes[i] = static_cast<char>(i * 131 >> 3);
  Result<Message> reply = call({{"do", "echo"}}, 10s, {}, bytes);
  ASSERT_TRUE(reply) << reply.error().message;
  EXPECT_TRUE(reply->bytes == bytes);
}

TEST_F(WorkerChannel, TakesALargeMessage) {
  Result<Message> reply = call({{"do", "large"}, {"size", 200 << 20}}, 30s);
  ASSERT_TRUE(reply) << reply.error().message;
  EXPECT_EQ(reply->bytes, std::string(200 << 20, 'z'));
}

TEST_F(WorkerChannel, PassesOnEventsInOrder) {
  Result<Message> reply = call({{"do", "count"}, {"to", 500}});
  ASSERT_TRUE(reply) << reply.error().message;
  ASSERT_EQ(events.size(), 500u);
  for (int i = 0; i < 500; ++i)
    EXPECT_EQ(events[i]["value"], i);
}

TEST_F(WorkerChannel, SilenceIsCountedFromTheLastMessage) {
  Result<Message> reply = call({{"do", "count"}, {"to", 12}, {"pause", 50}}, 400ms);
  EXPECT_TRUE(reply) << reply.error().message;
}

TEST_F(WorkerChannel, ReturnsTheWorkersError) {
  Result<Message> reply = call({{"do", "fail"}});
  ASSERT_FALSE(reply);
  EXPECT_EQ(reply.error().code, ErrorCode::OutOfResource);
  EXPECT_EQ(reply.error().message, "needs 3 GiB, 2 GiB are there");
  EXPECT_EQ(reply.error().context, "buffer x_ptr");
}

TEST_F(WorkerChannel, ReportsACrashAndStartsAnew) {
  ASSERT_TRUE(call({{"do", "echo"}}));
  int first = process.pid();
  Result<Message> reply = call({{"do", "fault"}});
  ASSERT_FALSE(reply);
  EXPECT_EQ(reply.error().code, ErrorCode::Crashed);
  EXPECT_THAT(reply.error().message, HasSubstr("signal 11"));
  EXPECT_THAT(reply.error().message, HasSubstr("about to fault at the place in question"));
  expectAlive();
  EXPECT_NE(process.pid(), first);
}

TEST_F(WorkerChannel, ReportsAnExit) {
  Result<Message> reply = call({{"do", "exit"}});
  ASSERT_FALSE(reply);
  EXPECT_EQ(reply.error().code, ErrorCode::Crashed);
  EXPECT_THAT(reply.error().message, HasSubstr("exit code 3"));
  expectAlive();
}

TEST_F(WorkerChannel, NoticesADeathBetweenCalls) {
  ASSERT_TRUE(call({{"do", "echo"}}));
  ::kill(process.pid(), SIGKILL);
  std::this_thread::sleep_for(100ms);
  expectAlive();
}

TEST_F(WorkerChannel, StopsAHangingChild) {
  ASSERT_TRUE(call({{"do", "echo"}}));
  int pid = process.pid();
  Clock::time_point start = Clock::now();
  Result<Message> reply = call({{"do", "hang"}}, 300ms);
  ASSERT_FALSE(reply);
  EXPECT_EQ(reply.error().code, ErrorCode::Timeout);
  EXPECT_THAT(reply.error().message, HasSubstr("0.3 s"));
  EXPECT_GE(Clock::now() - start, 290ms); // poll counts in whole milliseconds
  EXPECT_FALSE(exists(pid));
  expectAlive();
}

TEST_F(WorkerChannel, CancellingStopsTheChild) {
  ASSERT_TRUE(call({{"do", "echo"}}));
  int pid = process.pid();
  CancelToken cancel;
  std::jthread canceller([&] {
    std::this_thread::sleep_for(100ms);
    cancel.cancel();
  });
  Clock::time_point start = Clock::now();
  Result<Message> reply = call({{"do", "hang"}}, 60s, cancel);
  ASSERT_FALSE(reply);
  EXPECT_EQ(reply.error().code, ErrorCode::Cancelled);
  EXPECT_LT(Clock::now() - start, 5s);
  EXPECT_FALSE(exists(pid));
  expectAlive();
}

TEST_F(WorkerChannel, CancellingStopsAStreamOfEvents) {
  CancelToken cancel;
  Result<Message> reply = process.call(
      Message{{{"do", "count"}, {"to", 1000000}}, {}},
      [&](const Json &event) {
        if (event["value"] == 10)
          cancel.cancel();
      },
      10s, cancel);
  ASSERT_FALSE(reply);
  EXPECT_EQ(reply.error().code, ErrorCode::Cancelled);
}

TEST_F(WorkerChannel, ACancelledCallStartsNothing) {
  CancelToken cancel;
  cancel.cancel();
  EXPECT_FALSE(call({{"do", "echo"}}, 1s, cancel));
  EXPECT_EQ(process.pid(), 0);
}

TEST_F(WorkerChannel, GarbageIsACrash) {
  for (const char *kind : {"garbage", "notJson"}) {
    Result<Message> reply = call({{"do", kind}});
    ASSERT_FALSE(reply) << kind;
    EXPECT_EQ(reply.error().code, ErrorCode::Crashed) << kind;
    EXPECT_EQ(process.pid(), 0) << kind;
    expectAlive();
  }
}

TEST_F(WorkerChannel, AProgramThatIsMissing) {
  WorkerProcess missing({"/nowhere/at/all", "worker"});
  Result<Message> reply = missing.call(Message{{{"do", "echo"}}, {}}, {}, 1s, {});
  ASSERT_FALSE(reply);
  EXPECT_EQ(reply.error().code, ErrorCode::NotFound);
  EXPECT_THAT(reply.error().message, HasSubstr("/nowhere/at/all"));
}

TEST_F(WorkerChannel, AChildThatNeverReadsIsStopped) {
  WorkerProcess deaf({WORKER_CHILD, "deaf"});
  Result<Message> reply =
      deaf.call(Message{{{"do", "echo"}}, std::string(8 << 20, 'x')}, {}, 300ms, {});
  ASSERT_FALSE(reply);
  EXPECT_EQ(reply.error().code, ErrorCode::Timeout);
}

TEST(MessagePortTest, EndOfInputInsideAMessageIsAnError) {
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  ASSERT_EQ(::write(ends[1], "\x10\0\0\0{\"a\"", 8), 8);
  ::close(ends[1]);
  MessagePort port(ends[0], STDERR_FILENO);
  EXPECT_EQ(serveMessages(port,
                          [](const Message &, const SendEvent &) -> Result<Message> {
                            ADD_FAILURE() << "no whole request came";
                            return Message{};
                          }),
            1);
  ::close(ends[0]);
}
