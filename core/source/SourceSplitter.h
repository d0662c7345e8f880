// Cuts Python text at top-level statements. Private to this room.
//
// Why: each piece is parsed alone, so that a bracket left open in one function cannot swallow the
// next one, long files are parsed on several cores, and text that would exhaust the parser (very
// deep brackets, very long statements) is recognised before it gets there. The splitter knows
// strings, comments and brackets, nothing else; a `def`, `class` or decorator in the first column
// always starts a piece, open brackets notwithstanding.
#pragma once

#include "core/support/Diagnostic.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace lapidary {

struct SourcePiece {
  std::size_t begin = 0, end = 0; // bytes
  int firstLine = 1;
  int tokens = 0;  // an upper estimate
  int deepest = 0; // greatest number of brackets open at once
  SourceRange deepestAt;
  // What is wrong with brackets and strings, more to the point than a parser's recovery: "'(' is
  // never closed". Only to be believed when the piece does not parse.
  std::optional<std::pair<SourceRange, std::string>> problem;
};

// The pieces cover the text without gaps, in order; an empty text has none.
std::vector<SourcePiece> splitSource(std::string_view text);

// One definition cut further, for those too long for the parser: first its decorators and header, up
// to the first line of its body, then pieces of the body, cut at statements of its own indentation.
// One piece only when there is no body to be found.
std::vector<SourcePiece> splitDefinition(std::string_view text, const SourcePiece &definition);

} // namespace lapidary
