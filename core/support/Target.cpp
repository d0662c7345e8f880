#include "core/support/Target.h"

#include <algorithm>
#include <charconv>
#include <fmt/format.h>

namespace lapidary {

static constexpr std::string_view expected =
    "write BACKEND:ARCHITECTURE, for example cuda:90, hip:gfx942 or cpu";

static std::unexpected<Error> badTarget(std::string_view text, std::string_view what) {
  return fail(ErrorCode::InvalidInput,
              fmt::format("'{}' is not a target: {}; {}", text, what, expected), std::string(text));
}

static bool isLower(char c) {
  return c >= 'a' && c <= 'z';
}
static bool isDigit(char c) {
  return c >= '0' && c <= '9';
}

std::string toString(const Target &target) {
  return target.architecture.empty() ? target.backend : target.backend + ":" + target.architecture;
}

Result<Target> parseTarget(std::string_view text) {
  std::size_t colon = text.find(':');
  std::string_view backend = text.substr(0, colon);
  if (backend.empty() || !isLower(backend[0]) ||
      !std::ranges::all_of(backend, [](char c) { return isLower(c) || isDigit(c); }))
    return badTarget(text,
                     "the backend's name is missing or has other characters than a-z and 0-9");
  if (colon == std::string_view::npos)
    return Target{std::string(backend), {}};

  std::string_view architecture = text.substr(colon + 1);
  if (architecture.empty())
    return badTarget(text, "nothing follows the colon");
  // AMD's names carry features ("gfx942:sramecc+:xnack-"); a simulated target names the real one.
  auto allowed = [](char c) {
    return isLower(c) || isDigit(c) || std::string_view("_.:+-").find(c) != std::string_view::npos;
  };
  if (!std::ranges::all_of(architecture, allowed))
    return badTarget(text, "the architecture has other characters than a-z, 0-9 and _.:+-");
  return Target{std::string(backend), std::string(architecture)};
}

Result<DeviceTarget> parseDeviceTarget(std::string_view text) {
  std::size_t at = text.find('@');
  Result<Target> target = parseTarget(text.substr(0, at));
  if (!target)
    return std::unexpected(target.error());
  DeviceTarget device{*target, -1};
  if (at == std::string_view::npos)
    return device;
  std::string_view ordinal = text.substr(at + 1);
  auto [end, error] =
      std::from_chars(ordinal.data(), ordinal.data() + ordinal.size(), device.ordinal);
  if (error != std::errc() || end != ordinal.data() + ordinal.size() || device.ordinal < 0)
    return fail(
        ErrorCode::InvalidInput,
        fmt::format("'{}' is not a device: '@' must be followed by its number, for example {}@0",
                    text, toString(*target)),
        std::string(text));
  return device;
}

} // namespace lapidary
