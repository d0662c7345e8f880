#include "core/support/Diagnostic.h"

#include <algorithm>
#include <fmt/format.h>
#include <string_view>

namespace lapidary {

const char *severityName(Severity severity) {
  switch (severity) {
  case Severity::Note:
    return "note";
  case Severity::Warning:
    return "warning";
  case Severity::Error:
    return "error";
  }
  return "error";
}

static std::string headLine(const std::string &file, const SourceRange &range, Severity severity,
                            const std::string &message) {
  std::string place = file;
  if (range.line > 0) {
    place += fmt::format("{}{}", place.empty() ? "line " : ":", range.line);
    if (range.column > 0)
      place += fmt::format(":{}", range.column);
  }
  return fmt::format("{}{}{}: {}\n", place, place.empty() ? "" : ": ", severityName(severity),
                     message);
}

static std::string_view lineOf(std::string_view text, int line) {
  for (int current = 1; current < line; ++current) {
    std::size_t end = text.find('\n');
    if (end == std::string_view::npos)
      return {};
    text.remove_prefix(end + 1);
  }
  text = text.substr(0, text.find('\n'));
  if (text.ends_with('\r'))
    text.remove_suffix(1);
  return text;
}

// The source line, and below it a caret under the first character and tildes to the end of the
// range. Tabs are kept in the second line, so that both line up at every tab width.
static std::string snippet(std::string_view text, const SourceRange &range) {
  std::string_view line = lineOf(text, range.line);
  if (range.column <= 0 || line.empty())
    return {};
  std::size_t first = static_cast<std::size_t>(range.column) - 1;
  std::size_t end = first + 1;
  if (range.endLine > range.line)
    end = std::max(end, line.size());
  else if (range.endColumn > range.column)
    end = static_cast<std::size_t>(range.endColumn) - 1;
  end = std::min(end, std::max(line.size(), first + 1));

  std::string marks;
  for (std::size_t at = 0; at < end && at < line.size() + 1; ++at) {
    char c = at < line.size() ? line[at] : ' ';
    if ((static_cast<unsigned char>(c) & 0xC0) == 0x80)
      continue; // the rest of a UTF-8 character takes no cell of its own
    marks += at < first ? (c == '\t' ? '\t' : ' ') : at == first ? '^' : '~';
  }
  return fmt::format("{}\n{}\n", line, marks);
}

std::string formatDiagnostic(const Diagnostic &diagnostic, const std::string *text) {
  std::string out =
      headLine(diagnostic.file, diagnostic.range, diagnostic.severity, diagnostic.message);
  if (text && diagnostic.range.line > 0)
    out += snippet(*text, diagnostic.range);
  for (const DiagnosticNote &note : diagnostic.notes) {
    out += headLine(note.file, note.range, Severity::Note, note.message);
    if (text && note.range.line > 0 && note.file == diagnostic.file)
      out += snippet(*text, note.range);
  }
  out.pop_back();
  return out;
}

bool hasErrors(const std::vector<Diagnostic> &diagnostics) {
  return std::ranges::any_of(diagnostics,
                             [](const Diagnostic &d) { return d.severity == Severity::Error; });
}

} // namespace lapidary
