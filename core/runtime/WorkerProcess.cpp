#include "core/runtime/Framing.h"

#include <algorithm>
#include <fmt/format.h>
#include <optional>

namespace lapidary {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

// How often a waiting call looks at its cancel token.
static constexpr milliseconds pollInterval{20};

struct WorkerProcess::State {
  std::vector<std::string> command;
  std::optional<Subprocess> child;
  std::size_t errorTextBefore = 0; // what the child had written on stderr before this call

  Result<void> ensureStarted();
  std::string lastWords();
  std::unexpected<Error> died(const Error &cause);
  std::unexpected<Error> killed(ErrorCode code, std::string message);
  Result<std::string> read(std::size_t size, milliseconds silence, const CancelToken &cancel);
  Result<Message> receive(milliseconds silence, const CancelToken &cancel);
  Result<void> send(std::string_view bytes, milliseconds silence, const CancelToken &cancel);
};

Result<void> WorkerProcess::State::ensureStarted() {
  if (child && child->wait(milliseconds(0)))
    child.reset();
  if (!child) {
    Result<Subprocess> started = Subprocess::start(command);
    if (!started)
      return std::unexpected(started.error());
    child.emplace(std::move(*started));
  }
  errorTextBefore = child->errorText().size();
  return {};
}

std::string WorkerProcess::State::lastWords() {
  constexpr std::size_t longest = 2048;
  std::string text = child->errorText();
  if (errorTextBefore < text.size())
    text.erase(0, errorTextBefore);
  while (!text.empty() && (text.back() == '\n' || text.back() == ' '))
    text.pop_back();
  if (text.size() > longest)
    text = "... " + text.substr(text.size() - longest);
  return text;
}

std::unexpected<Error> WorkerProcess::State::died(const Error &cause) {
  std::optional<ExitStatus> status = child->wait(milliseconds(300));
  if (!status) { // it closed the pipe or spoke nonsense, and lives on
    std::string words = lastWords();
    child.reset();
    return fail(ErrorCode::Crashed, "the worker process broke off: " + cause.message +
                                        (words.empty() ? "" : "; its last words: " + words));
  }
  std::string words = lastWords();
  child.reset();
  return fail(ErrorCode::Crashed, "the worker process died, " + describe(*status) +
                                      (words.empty() ? "" : ": " + words));
}

std::unexpected<Error> WorkerProcess::State::killed(ErrorCode code, std::string message) {
  child->kill();
  child->wait(milliseconds(1000));
  child.reset();
  return fail(code, std::move(message));
}

Result<std::string> WorkerProcess::State::read(std::size_t size, milliseconds silence,
                                               const CancelToken &cancel) {
  Clock::time_point deadline = Clock::now() + silence;
  while (true) {
    auto left = std::chrono::duration_cast<milliseconds>(deadline - Clock::now());
    Result<std::string> bytes = child->read(size, std::clamp(left, milliseconds(0), pollInterval));
    if (bytes)
      return bytes;
    if (bytes.error().code != ErrorCode::Timeout)
      return died(bytes.error());
    if (cancel.cancelled())
      return killed(ErrorCode::Cancelled, "cancelled; the worker process was stopped");
    if (left <= milliseconds(0))
      return killed(
          ErrorCode::Timeout,
          fmt::format("the worker process gave no sign of life for {:.3g} s and was stopped",
                      std::chrono::duration<double>(silence).count()));
  }
}

Result<Message> WorkerProcess::State::receive(milliseconds silence, const CancelToken &cancel) {
  Result<std::string> header = read(4, silence, cancel);
  if (!header)
    return std::unexpected(header.error());
  Result<std::size_t> size = framing::jsonSize(*header);
  if (!size)
    return died(size.error());
  Result<std::string> text = read(*size, silence, cancel);
  if (!text)
    return std::unexpected(text.error());
  Result<Json> json = parseJson(*text, "the worker's message");
  if (!json)
    return died(json.error());
  Result<std::size_t> raw = framing::rawSize(*json);
  if (!raw)
    return died(raw.error());
  Message message{std::move(*json), {}};
  if (*raw > 0) {
    Result<std::string> bytes = read(*raw, silence, cancel);
    if (!bytes)
      return std::unexpected(bytes.error());
    message.bytes = std::move(*bytes);
  }
  return message;
}

Result<void> WorkerProcess::State::send(std::string_view bytes, milliseconds silence,
                                        const CancelToken &cancel) {
  constexpr std::size_t chunk = 64 << 10; // between two of them the cancel token is looked at
  while (!bytes.empty()) {
    std::string_view part = bytes.substr(0, chunk);
    bytes.remove_prefix(part.size());
    Result<void> sent = child->write(std::as_bytes(std::span(part)), silence);
    if (!sent && sent.error().code == ErrorCode::Timeout)
      return killed(ErrorCode::Timeout,
                    "the worker process does not take the request and was stopped");
    if (!sent)
      return died(sent.error());
    if (cancel.cancelled())
      return killed(ErrorCode::Cancelled, "cancelled; the worker process was stopped");
  }
  return {};
}

static Error errorFromJson(const Json &json) {
  Error error;
  if (!json.is_object()) {
    error.message = "the worker replied with an error of unknown form: " + dumpJson(json);
    return error;
  }
  auto text = [&](const char *key) {
    auto field = json.find(key);
    return field != json.end() && field->is_string() ? field->get<std::string>() : std::string();
  };
  error.message = text("message");
  error.context = text("context");
  std::string name = text("code");
  for (int code = 0; code <= static_cast<int>(ErrorCode::Internal); ++code)
    if (name == errorCodeName(static_cast<ErrorCode>(code)))
      error.code = static_cast<ErrorCode>(code);
  return error;
}

WorkerProcess::WorkerProcess(std::vector<std::string> command) : state(std::make_unique<State>()) {
  state->command = std::move(command);
}

WorkerProcess::~WorkerProcess() = default;

int WorkerProcess::pid() const {
  return state->child ? state->child->pid() : 0;
}

Result<Message> WorkerProcess::call(const Message &request,
                                    const std::function<void(const Json &)> &onEvent,
                                    milliseconds silence, const CancelToken &cancel) {
  if (cancel.cancelled())
    return fail(ErrorCode::Cancelled, "cancelled");
  Result<std::string> frame = framing::encode(request);
  if (!frame)
    return std::unexpected(frame.error());
  if (Result<void> started = state->ensureStarted(); !started)
    return std::unexpected(started.error());

  for (std::string_view part : {std::string_view(*frame), std::string_view(request.bytes)})
    if (Result<void> sent = state->send(part, silence, cancel); !sent)
      return std::unexpected(sent.error());

  while (true) {
    Result<Message> message = state->receive(silence, cancel);
    if (!message)
      return message;
    if (auto reply = message->json.find("reply"); reply != message->json.end())
      return Message{std::move(*reply), std::move(message->bytes)};
    if (auto error = message->json.find("error"); error != message->json.end())
      return std::unexpected(errorFromJson(*error));
    if (onEvent)
      onEvent(message->json);
    if (cancel.cancelled())
      return state->killed(ErrorCode::Cancelled, "cancelled; the worker process was stopped");
  }
}

} // namespace lapidary
