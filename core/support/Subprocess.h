// A child process with pipes on stdin and stdout, its own process group, and stderr kept (last 64
// KiB). Owner: one thread; the child lives no longer than the thread that started it (the kernel
// kills it then), and nothing of its process group outlives it. The destructor kills the child and
// reaps it.
//
// While any call waits, what the child writes is taken up, so that neither side waits for the
// other.
//
//   Result<Subprocess> child = Subprocess::start({"ptxas", "--version"});
//   Result<std::string> head = child->read(4, std::chrono::seconds(1));
#pragma once

#include "core/support/Result.h"

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <memory>
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
  // The program is looked up in PATH. Errors: NotFound, Unreadable (it cannot be executed).
  static Result<Subprocess> start(const std::vector<std::string> &command);
  Subprocess(Subprocess &&) noexcept;
  Subprocess &operator=(Subprocess &&) noexcept;
  ~Subprocess();

  // Writes all of it. Errors: Crashed when the child no longer reads (never SIGPIPE), Timeout.
  Result<void> write(std::span<const std::byte> bytes,
                     std::chrono::milliseconds timeout = std::chrono::hours(24));
  // Reads exactly `size` bytes. Errors: Crashed (end of file), Timeout; what had come by then is
  // kept for the next read.
  Result<std::string> read(std::size_t size, std::chrono::milliseconds timeout);
  // Reads to the next line end, which is not part of what is returned. Errors: as read, and
  // OutOfResource for a line beyond `limit` bytes.
  Result<std::string> readLine(std::chrono::milliseconds timeout, std::size_t limit = 1u << 30);

  void closeInput();
  void kill();
  // Waits for the end; nothing on timeout.
  std::optional<ExitStatus> wait(std::chrono::milliseconds timeout);
  std::string errorText(); // what the child wrote on stderr so far
  int pid() const;

private:
  Subprocess();
  struct State;
  std::unique_ptr<State> state;
};

// The first of `folders`, then of PATH, that holds the program; empty when none does.
std::string findProgram(const std::string &name, const std::vector<std::filesystem::path> &folders);

// "killed by signal 11 (segmentation fault)", "exit code 3".
std::string describe(ExitStatus status);

} // namespace lapidary
