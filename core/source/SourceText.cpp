#include "core/source/ModuleLoader.h"
#include "core/source/PythonStrings.h"

#include <algorithm>
#include <fmt/format.h>

namespace lapidary {

namespace {

// The length of the UTF-8 sequence at `at`; 0 when there is none.
std::size_t sequenceLength(std::string_view text, std::size_t at) {
  auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  unsigned char lead = byte(at);
  if (lead < 0x80)
    return 1;
  std::size_t length = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
  if (lead < 0xc2 || lead > 0xf4 || at + length > text.size())
    return 0;
  for (std::size_t i = 1; i < length; ++i)
    if ((byte(at + i) & 0xc0) != 0x80)
      return 0;
  unsigned char second = byte(at + 1);
  bool overlong = (lead == 0xe0 && second < 0xa0) || (lead == 0xf0 && second < 0x90);
  bool surrogate = lead == 0xed && second > 0x9f;
  bool beyond = lead == 0xf4 && second > 0x8f;
  return overlong || surrogate || beyond ? 0 : length;
}

// "# -*- coding: latin-1 -*-" in the first two lines.
bool declaresLatin1(std::string_view text) {
  std::size_t first = std::min(text.find('\n'), text.size());
  std::size_t second = std::min(text.find('\n', std::min(first + 1, text.size())), text.size());
  std::string_view head = text.substr(0, second);
  std::size_t at = head.find("coding");
  if (at == std::string_view::npos || head.rfind('#', at) == std::string_view::npos)
    return false;
  std::string_view name =
      head.substr(std::min(head.find_first_not_of(":= \t", at + 6), head.size()));
  return name.starts_with("latin-1") || name.starts_with("latin1") ||
         name.starts_with("iso-8859-1") || name.starts_with("iso8859-1");
}

} // namespace

Result<std::string> decodeSource(std::string bytes, const std::string &path,
                                 std::vector<Diagnostic> &problems) {
  if (bytes.starts_with("\xff\xfe") || bytes.starts_with("\xfe\xff"))
    return fail(ErrorCode::InvalidInput, "the file is UTF-16: save it as UTF-8", path);
  if (std::size_t zero = bytes.find('\0'); zero != std::string::npos)
    return fail(
        ErrorCode::InvalidInput,
        fmt::format("this is binary data (a zero byte at offset {}): a Python file is expected",
                    zero),
        path);
  for (std::size_t i = 0; i < bytes.size(); ++i) // line ends of the old Macintosh
    if (bytes[i] == '\r' && (i + 1 == bytes.size() || bytes[i + 1] != '\n'))
      bytes[i] = '\n';
  std::size_t at = 0;
  while (at < bytes.size() && sequenceLength(bytes, at) > 0)
    at += sequenceLength(bytes, at);
  if (at >= bytes.size())
    return bytes;
  bool latin1 = declaresLatin1(bytes);
  Diagnostic problem;
  problem.severity = Severity::Warning;
  problem.file = path;
  int line = static_cast<int>(
                 std::count(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(at), '\n')) +
             1;
  std::size_t lineBegin =
      bytes.rfind('\n', at) == std::string::npos ? 0 : bytes.rfind('\n', at) + 1;
  int column = static_cast<int>(at - lineBegin) + 1;
  problem.range = {line, column, line, column + 1};
  problem.message = latin1 ? "the file is Latin-1, shown as UTF-8"
                           : "the file is not UTF-8 here; bytes that are not are shown as U+FFFD";
  problems.push_back(std::move(problem));
  std::string text = bytes.substr(0, at);
  while (at < bytes.size()) {
    std::size_t length = latin1 ? 0 : sequenceLength(bytes, at);
    if (length == 0)
      appendUtf8(text, latin1 ? static_cast<unsigned char>(bytes[at]) : 0xfffd);
    else
      text.append(bytes, at, length);
    at += std::max<std::size_t>(length, 1);
  }
  return text;
}

} // namespace lapidary
