// The form of a message on the pipe, shared by both ends: a 4-byte little-endian length, JSON of
// that many bytes and, when the JSON says "bytes": N, N raw bytes.
#pragma once

#include "core/runtime/WorkerChannel.h"

#include <string_view>

namespace lapidary::framing {

// Limits that no honest message reaches; a length beyond them is noise read as a length.
inline constexpr std::size_t maximumJson = std::size_t(512) << 20;
inline constexpr std::size_t maximumRaw = std::size_t(1) << 30;

// Header and JSON, without the raw bytes. Errors: OutOfResource.
Result<std::string> encode(const Message &message);
// `header`: the first 4 bytes. Errors: Crashed, the sender is not speaking this protocol.
Result<std::size_t> jsonSize(std::string_view header);
Result<std::size_t> rawSize(const Json &json);

} // namespace lapidary::framing
