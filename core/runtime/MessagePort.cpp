// The child's end of the pipe, and the framing that both ends share.
#include "core/runtime/Framing.h"
#include "core/runtime/WorkerChannel.h"

#include <cerrno>
#include <csignal>
#include <cstring>
#include <fmt/format.h>
#include <unistd.h>

namespace lapidary {

namespace framing {

Result<std::string> encode(const Message &message) {
  Json json = message.json;
  if (!message.bytes.empty())
    json["bytes"] = message.bytes.size();
  std::string text = dumpJson(json);
  if (text.size() > maximumJson)
    return fail(
        ErrorCode::OutOfResource,
        fmt::format("a message of {} bytes is over the limit of {}", text.size(), maximumJson));
  std::uint32_t size = static_cast<std::uint32_t>(text.size());
  std::string frame;
  frame.reserve(4 + text.size());
  for (int shift = 0; shift < 32; shift += 8)
    frame.push_back(static_cast<char>(size >> shift & 0xff));
  return frame + text;
}

Result<std::size_t> jsonSize(std::string_view header) {
  std::size_t size = 0;
  for (int i = 3; i >= 0; --i)
    size = size << 8 | static_cast<unsigned char>(header[i]);
  if (size == 0 || size > maximumJson)
    return fail(ErrorCode::Crashed,
                fmt::format("what came is not a message: its length would be {} bytes", size));
  return size;
}

Result<std::size_t> rawSize(const Json &json) {
  if (!json.is_object())
    return fail(ErrorCode::Crashed, "what came is not a message: not a JSON object");
  auto bytes = json.find("bytes");
  if (bytes == json.end())
    return 0;
  if (!bytes->is_number_unsigned() || bytes->get<std::uint64_t>() > maximumRaw)
    return fail(ErrorCode::Crashed, "what came is not a message: \"bytes\" is " + dumpJson(*bytes));
  return bytes->get<std::size_t>();
}

} // namespace framing

MessagePort::MessagePort(int inputFd, int outputFd) : input(inputFd), output(outputFd) {
  // A parent that is gone shows as EPIPE on the next write, not as a death by SIGPIPE.
  std::signal(SIGPIPE, SIG_IGN);
}

static Result<std::string> readExactly(int fd, std::size_t size) {
  std::string bytes(size, '\0');
  std::size_t have = 0;
  while (have < size) {
    ssize_t got = ::read(fd, bytes.data() + have, size - have);
    if (got > 0)
      have += static_cast<std::size_t>(got);
    else if (got == 0)
      return fail(ErrorCode::Crashed, have == 0 ? "end of input" : "end of input inside a message");
    else if (errno != EINTR)
      return fail(ErrorCode::Crashed, fmt::format("reading the pipe: {}", std::strerror(errno)));
  }
  return bytes;
}

static Result<void> writeAll(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    ssize_t put = ::write(fd, bytes.data(), bytes.size());
    if (put >= 0)
      bytes.remove_prefix(static_cast<std::size_t>(put));
    else if (errno != EINTR)
      return fail(ErrorCode::Crashed, fmt::format("writing the pipe: {}", std::strerror(errno)));
  }
  return {};
}

Result<Message> MessagePort::receive() {
  Result<std::string> header = readExactly(input, 4);
  if (!header)
    return std::unexpected(header.error());
  Result<std::size_t> size = framing::jsonSize(*header);
  if (!size)
    return std::unexpected(size.error());
  Result<std::string> text = readExactly(input, *size);
  if (!text)
    return std::unexpected(text.error());
  Result<Json> json = parseJson(*text, "message");
  if (!json)
    return std::unexpected(json.error());
  Result<std::size_t> raw = framing::rawSize(*json);
  if (!raw)
    return std::unexpected(raw.error());
  Result<std::string> bytes = readExactly(input, *raw);
  if (!bytes)
    return std::unexpected(bytes.error());
  return Message{std::move(*json), std::move(*bytes)};
}

Result<void> MessagePort::send(const Message &message) {
  Result<std::string> frame = framing::encode(message);
  if (!frame)
    return std::unexpected(frame.error());
  std::lock_guard lock(sending);
  if (Result<void> sent = writeAll(output, *frame); !sent)
    return sent;
  return writeAll(output, message.bytes);
}

static Message errorMessage(const Error &error) {
  Json fields = {
      {"code", errorCodeName(error.code)}, {"message", error.message}, {"context", error.context}};
  return Message{Json{{"error", std::move(fields)}}, {}};
}

int serveMessages(MessagePort &port, const RequestHandler &handler) {
  SendEvent sendEvent = [&](const Json &event) { (void)port.send(Message{event, {}}); };
  while (true) {
    Result<Message> request = port.receive();
    if (!request)
      return request.error().message == "end of input" ? 0 : 1;
    Result<Message> reply = handler(*request, sendEvent);
    Message answer = reply
                         ? Message{Json{{"reply", std::move(reply->json)}}, std::move(reply->bytes)}
                         : errorMessage(reply.error());
    if (Result<void> sent = port.send(answer); !sent) {
      if (sent.error().code != ErrorCode::OutOfResource || !port.send(errorMessage(sent.error())))
        return 1;
    }
  }
}

} // namespace lapidary
