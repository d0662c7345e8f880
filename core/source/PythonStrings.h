// Python's literals as values. Private to this room.
#pragma once

#include "core/source/Value.h"

#include <string>
#include <string_view>

namespace lapidary {

struct StringPrefix {
  bool raw = false, bytes = false, formatted = false;
};
// From the opening of a literal: rb''' -> raw, bytes.
StringPrefix stringPrefix(std::string_view opening);

// The characters between the quotes with escapes resolved and line ends as \n. A named escape
// (\N{...}) stays as written.
std::string decodeString(std::string_view content, bool raw);

void appendUtf8(std::string &text, std::uint32_t codePoint);

// 1_000, 0xff, 1e-5, .5; nothing for imaginary numbers and anything else.
std::optional<Value> parseNumber(std::string_view text);

} // namespace lapidary
