// A worker that does what the test asks: answers, counts, or goes wrong in every way there is.
#include "core/runtime/WorkerChannel.h"

#include <csignal>
#include <cstdio>
#include <unistd.h>

using namespace lapidary;

static Result<Message> handle(const Message &request, const SendEvent &send) {
  std::string what = request.json.value("do", "");
  if (what == "echo")
    return Message{Json{{"pid", getpid()}, {"said", request.json.value("say", "")}}, request.bytes};
  if (what == "count") {
    for (int i = 0; i < request.json.value("to", 0); ++i) {
      send(Json{{"event", "count"}, {"value", i}});
      usleep(1000 * request.json.value("pause", 0));
    }
    return Message{Json::object(), {}};
  }
  if (what == "fault") {
    std::fputs("about to fault at the place in question\n", stderr);
    std::signal(SIGSEGV, SIG_DFL); // a sanitizer would turn the signal into an exit
    ::raise(SIGSEGV);
  }
  if (what == "exit")
    _exit(3);
  if (what == "hang")
    while (true)
      pause();
  if (what == "garbage") {
    std::fputs("Segmentation of the garbage collector's output", stdout);
    std::fflush(stdout);
    while (true)
      pause();
  }
  if (what == "notJson") {
    std::fwrite("\x03\0\0\0{]}", 1, 7, stdout);
    std::fflush(stdout);
    while (true)
      pause();
  }
  if (what == "fail")
    return fail(ErrorCode::OutOfResource, "needs 3 GiB, 2 GiB are there", "buffer x_ptr");
  if (what == "large")
    return Message{Json{{"size", 1}}, std::string(request.json.value("size", 0), 'z')};
  return fail(ErrorCode::InvalidInput, "unknown request");
}

int main(int argc, char **) {
  if (argc > 1) // a worker that never reads
    while (true)
      pause();
  MessagePort port(STDIN_FILENO, STDOUT_FILENO);
  return serveMessages(port, handle);
}
