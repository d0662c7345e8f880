#include "core/source/PythonStrings.h"

#include <algorithm>
#include <charconv>
#include <limits>

namespace lapidary {

namespace {

bool isOctal(char c) {
  return c >= '0' && c <= '7';
}
bool isHex(char c) {
  return (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'f');
}

// Reads up to `maximum` digits of `base` at `at`, which moves behind them.
std::uint32_t readDigits(std::string_view text, std::size_t &at, int maximum, int base) {
  std::uint32_t value = 0;
  for (int i = 0; i < maximum && at < text.size(); ++i, ++at) {
    if (base == 8 ? !isOctal(text[at]) : !isHex(text[at]))
      break;
    int digit = text[at] <= '9' ? text[at] - '0' : (text[at] | 0x20) - 'a' + 10;
    value = value * static_cast<std::uint32_t>(base) + static_cast<std::uint32_t>(digit);
  }
  return value;
}

// `at` stands behind the backslash.
void decodeEscape(std::string &out, std::string_view text, std::size_t &at) {
  char c = text[at++];
  switch (c) {
  case '\n':
    return;
  case '\r':
    if (at < text.size() && text[at] == '\n')
      ++at;
    return;
  case 'n':
    out += '\n';
    return;
  case 't':
    out += '\t';
    return;
  case 'r':
    out += '\r';
    return;
  case 'a':
    out += '\a';
    return;
  case 'b':
    out += '\b';
    return;
  case 'f':
    out += '\f';
    return;
  case 'v':
    out += '\v';
    return;
  case '\\':
  case '\'':
  case '"':
    out += c;
    return;
  case 'x':
    appendUtf8(out, readDigits(text, at, 2, 16));
    return;
  case 'u':
    appendUtf8(out, readDigits(text, at, 4, 16));
    return;
  case 'U':
    appendUtf8(out, readDigits(text, at, 8, 16));
    return;
  default:
    if (isOctal(c)) {
      appendUtf8(out, readDigits(text, --at, 3, 8));
      return;
    }
    out += '\\';
    out += c;
  }
}

} // namespace

StringPrefix stringPrefix(std::string_view opening) {
  StringPrefix prefix;
  for (char c : opening) {
    char letter = static_cast<char>(c | 0x20);
    prefix.raw |= letter == 'r';
    prefix.bytes |= letter == 'b';
    prefix.formatted |= letter == 'f';
  }
  return prefix;
}

void appendUtf8(std::string &text, std::uint32_t codePoint) {
  if (codePoint > 0x10ffff || (codePoint >= 0xd800 && codePoint < 0xe000))
    codePoint = 0xfffd;
  if (codePoint < 0x80) {
    text += static_cast<char>(codePoint);
    return;
  }
  int continuation = codePoint < 0x800 ? 1 : codePoint < 0x10000 ? 2 : 3;
  static constexpr unsigned char lead[] = {0, 0xc0, 0xe0, 0xf0};
  text += static_cast<char>(lead[continuation] | (codePoint >> (6 * continuation)));
  while (continuation-- > 0)
    text += static_cast<char>(0x80 | ((codePoint >> (6 * continuation)) & 0x3f));
}

std::string decodeString(std::string_view content, bool raw) {
  std::string out;
  out.reserve(content.size());
  for (std::size_t at = 0; at < content.size();) {
    char c = content[at++];
    if (c == '\\' && !raw && at < content.size()) {
      decodeEscape(out, content, at);
    } else if (c == '\r') {
      out += '\n';
      if (at < content.size() && content[at] == '\n')
        ++at;
    } else {
      out += c;
    }
  }
  return out;
}

std::optional<Value> parseNumber(std::string_view text) {
  std::string digits(text);
  if (!digits.empty() && (digits.back() | 0x20) == 'l')
    digits.pop_back(); // Python 2's long
  if (std::optional<Integer> integer = parseInteger(digits))
    return Value{*integer};
  std::erase(digits, '_');
  double value = 0;
  auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (end != digits.data() + digits.size() || digits.empty())
    return std::nullopt;
  if (error == std::errc::result_out_of_range) {
    // Python gives inf for 1e999 and 0.0 for 1e-999.
    std::size_t exponent = digits.find_first_of("eE");
    bool tiny = exponent != std::string::npos && digits[exponent + 1] == '-';
    value = tiny ? 0.0 : std::numeric_limits<double>::infinity();
  }
  return Value{value};
}

} // namespace lapidary
