// How every room reports failure: a value or an Error, never an exception, never an abort.
//
// An Error carries a code (what a program branches on), a message for a person (what, where, what
// to do) and a context (the file, argument or object that it is about). What a compiler says about
// a user's kernel is not an Error but a list of Diagnostics (Diagnostic.h).
//
//   Result<Launch> launch = readLaunchFile(path);
//   if (!launch)
//     return std::unexpected(launch.error());
#pragma once

#include <expected>
#include <string>
#include <utility>

namespace lapidary {

enum class ErrorCode {
  InvalidInput,  // the user's file, argument or option is wrong: exit code 2
  NotFound,      // a named thing does not exist: exit code 2
  Unreadable,    // a file, database or device cannot be read or written: exit code 2
  Unsupported,   // valid, but this program cannot do it (yet): exit code 1
  CompileFailed, // the kernel does not compile: exit code 1
  OutOfResource, // memory, shared memory, registers, disk: exit code 1
  Timeout,       // exit code 1
  Crashed,       // the worker process died: exit code 1
  Incorrect,     // the kernel ran and its results are wrong: exit code 1
  Cancelled,     // exit code 1
  Internal,      // a defect of this program: exit code 1
};

struct Error {
  ErrorCode code = ErrorCode::Internal;
  std::string message;
  std::string context; // file, argument, object; may be empty
};

template <typename T> using Result = std::expected<T, Error>;

inline std::unexpected<Error> fail(ErrorCode code, std::string message, std::string context = {}) {
  return std::unexpected(Error{code, std::move(message), std::move(context)});
}

// "invalid input", "not found", ... as it stands in JSON and in the store.
const char *errorCodeName(ErrorCode code);

// The message, led by the context where the message does not name it already.
std::string describe(const Error &error);

// The process exit code promised for this error: 2 for wrong usage or unreadable input, else 1.
int exitCode(ErrorCode code);

} // namespace lapidary
