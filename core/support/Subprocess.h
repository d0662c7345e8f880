// A child process with pipes on stdin and stdout, its own process group, and stderr kept (last 64 KiB).
// Owner: one thread. The destructor kills the child and reaps it.
#pragma once

#include "core/support/Result.h"

#include <chrono>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace lapidary {

struct ExitStatus {
  int code = 0;   // exit code when it ended by itself
  int signal = 0; // the signal that killed it, else 0
};

class Subprocess {
public:
  static Result<Subprocess> start(const std::vector<std::string> &command);
  Subprocess(Subprocess &&) noexcept;
  Subprocess &operator=(Subprocess &&) noexcept;
  ~Subprocess();

  // Writes all of it; Crashed when the child no longer reads (never SIGPIPE).
  Result<void> write(std::span<const std::byte> bytes);
  // Reads exactly `size` bytes. Errors: Crashed (end of file), Timeout.
  Result<std::string> read(std::size_t size, std::chrono::milliseconds timeout);

  void closeInput();
  void kill();
  // Waits for the end; nothing on timeout.
  std::optional<ExitStatus> wait(std::chrono::milliseconds timeout);
  std::string errorText(); // what the child wrote on stderr so far
  int pid() const;

private:
  Subprocess();
  struct State;
  State *state = nullptr;
};

// "killed by signal 11 (segmentation fault)", "exit code 3".
std::string describe(ExitStatus status);

} // namespace lapidary
