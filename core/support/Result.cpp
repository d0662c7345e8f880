#include "core/support/Result.h"

namespace lapidary {

const char *errorCodeName(ErrorCode code) {
  switch (code) {
  case ErrorCode::InvalidInput:
    return "invalid input";
  case ErrorCode::NotFound:
    return "not found";
  case ErrorCode::Unreadable:
    return "unreadable";
  case ErrorCode::Unsupported:
    return "unsupported";
  case ErrorCode::CompileFailed:
    return "compile failed";
  case ErrorCode::OutOfResource:
    return "out of resource";
  case ErrorCode::Timeout:
    return "timeout";
  case ErrorCode::Crashed:
    return "crashed";
  case ErrorCode::Incorrect:
    return "incorrect";
  case ErrorCode::Cancelled:
    return "cancelled";
  case ErrorCode::Internal:
    return "internal";
  }
  return "internal";
}

std::string describe(const Error &error) {
  constexpr std::size_t longest = 256; // beyond that the context is a text, not a name
  const bool named = error.context.empty() || error.context.size() > longest ||
                     error.message.find(error.context) != std::string::npos;
  return named ? error.message : error.context + ": " + error.message;
}

int exitCode(ErrorCode code) {
  switch (code) {
  case ErrorCode::InvalidInput:
  case ErrorCode::NotFound:
  case ErrorCode::Unreadable:
    return 2;
  default:
    return 1;
  }
}

} // namespace lapidary
