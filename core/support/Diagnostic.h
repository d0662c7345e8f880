// What is said about a place in a user's file. Lines and columns count from 1; columns count UTF-8
// bytes; the end is exclusive. A range with line 0 names the file as a whole.
#pragma once

#include <string>
#include <vector>

namespace lapidary {

struct SourceRange {
  int line = 0, column = 0, endLine = 0, endColumn = 0;
  bool operator==(const SourceRange &) const = default;
};

enum class Severity { Note, Warning, Error };

struct DiagnosticNote {
  std::string file;
  SourceRange range;
  std::string message;
};

struct Diagnostic {
  Severity severity = Severity::Error;
  std::string file;
  SourceRange range;
  std::string message;
  std::string feature; // the language feature that is missing, as `lap survey` counts them; else empty
  std::vector<DiagnosticNote> notes;
};

const char *severityName(Severity severity);

// "file:line:column: error: message", the notes below it, and the source line with a caret when
// `text` (the whole file) is given. The form is clang's.
std::string formatDiagnostic(const Diagnostic &diagnostic, const std::string *text = nullptr);

bool hasErrors(const std::vector<Diagnostic> &diagnostics);

} // namespace lapidary
