// Messages between the workbench and a worker process, and the life of that process.
//
// A faulting kernel poisons its process, so kernels are loaded and timed in a child (`lap worker`):
// the child dies, the error says why, the next request starts a new one.
//
// Each message is a 4-byte little-endian length and that many bytes of JSON; when the JSON has
// "bytes": N, N raw bytes follow. Requests go down the child's stdin. It answers with any number of
// events ({"event": ...}) and then one reply ({"reply": ...} or {"error": {code, message,
// context}}).
#pragma once

#include "core/support/Cancellation.h"
#include "core/support/Json.h"
#include "core/support/Subprocess.h"

#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace lapidary {

struct Message {
  Json json;
  std::string bytes; // the raw part; may be empty
};

// The child's side. receive() belongs to one thread; send() may be called from any.
class MessagePort {
public:
  MessagePort(int inputFd, int outputFd);
  Result<Message> receive(); // Crashed at end of input
  Result<void> send(const Message &message);

private:
  int input, output;
  std::mutex sending;
};
using SendEvent = std::function<void(const Json &event)>;
using RequestHandler =
    std::function<Result<Message>(const Message &request, const SendEvent &send)>;
// Reads requests until end of input. `handler` may send events; what it returns is the reply.
// Returns the process's exit code.
int serveMessages(MessagePort &port, const RequestHandler &handler);

// The parent's side. Owner: one thread (a device's serial executor).
class WorkerProcess {
public:
  // `command` starts a worker: {"/path/to/lap", "worker"}. Nothing is started before the first
  // call.
  explicit WorkerProcess(std::vector<std::string> command);
  ~WorkerProcess();

  // Sends, passes on events, returns the reply. `silence` is the longest time without any message.
  // Errors: Crashed (with the signal and the child's last words), Timeout (the child is killed),
  // Cancelled (likewise), or the error that the worker replied with. After the first three the next
  // call starts a new child. A child that answers in anything but messages counts as crashed.
  Result<Message> call(const Message &request, const std::function<void(const Json &)> &onEvent,
                       std::chrono::milliseconds silence, const CancelToken &cancel);
  int pid() const; // of the child; 0 when none runs

private:
  struct State;
  std::unique_ptr<State> state;
};

} // namespace lapidary
