#include "core/source/SourceSplitter.h"

#include <algorithm>
#include <fmt/format.h>
#include <utility>

namespace lapidary {

namespace {

// Statements other than definitions share a piece up to this many bytes.
constexpr std::size_t sharedPieceBytes = 8192;

bool isWord(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         static_cast<unsigned char>(c) >= 0x80;
}

class Splitter {
public:
  explicit Splitter(std::string_view text) : text(text) {}
  Splitter(std::string_view text, const SourcePiece &definition)
      : text(text.substr(0, definition.end)), inDefinition(true), at(definition.begin),
        lineBegin(definition.begin), line(definition.firstLine) {
    piece.begin = definition.begin;
    piece.firstLine = definition.firstLine;
  }

  std::vector<SourcePiece> run() {
    while (at < text.size()) {
      if (atLineStart)
        startLine();
      step();
    }
    if (!text.empty())
      cut(text.size(), line + 1);
    return std::move(pieces);
  }

private:
  struct Bracket {
    char close;
    SourceRange range;
  };
  enum class LineKind { Continuation, Plain, Decorator, Definition };

  SourceRange here(std::size_t length = 1) const {
    int column = static_cast<int>(at - lineBegin) + 1;
    return {line, column, line, column + static_cast<int>(length)};
  }
  void report(SourceRange range, std::string message) {
    if (!piece.problem)
      piece.problem = {range, std::move(message)};
  }

  std::string_view wordAt(std::size_t from) const {
    std::size_t end = from;
    while (end < text.size() && isWord(text[end]))
      ++end;
    return text.substr(from, end - from);
  }

  // What stands in the first column; Continuation for all that belongs to the statement before.
  LineKind lineKind() const {
    char first = text[at];
    if (first == '@' && at + 1 < text.size() && isWord(text[at + 1]))
      return LineKind::Decorator;
    if (!isWord(first))
      return first == '(' || first == '[' || first == '{' || first == '"' || first == '\''
                 ? LineKind::Plain
                 : LineKind::Continuation;
    std::string_view word = wordAt(at);
    if (word == "else" || word == "elif" || word == "except" || word == "finally")
      return LineKind::Continuation;
    if (!isDefinition(at))
      return LineKind::Plain;
    std::size_t next = at + word.size();
    bool spaced = next < text.size() && (text[next] == ' ' || text[next] == '\t');
    return spaced ? LineKind::Definition : LineKind::Plain;
  }

  // Within a definition: the body starts at the first indented line outside of brackets behind the
  // line of `def`.
  void startLineInDefinition() {
    std::size_t first = text.find_first_not_of(" \t", at);
    if (first == std::string_view::npos || text[first] == '\n' || text[first] == '\r' ||
        text[first] == '#' || !open.empty())
      return;
    std::size_t indentation = first - at;
    headerSeen = headerSeen || (indentation == 0 && isDefinition(at));
    if (!headerSeen || indentation == 0)
      return;
    bool starts = bodyIndentation == 0;
    if (starts)
      bodyIndentation = indentation;
    std::string_view word = wordAt(first);
    bool continues = word == "else" || word == "elif" || word == "except" || word == "finally" ||
                     (word.empty() && text[first] != '"' && text[first] != '\'' &&
                      text[first] != '(' && text[first] != '[' && text[first] != '@');
    bool decorated = std::exchange(awaitsDefinition, text[first] == '@');
    if (starts || (indentation == bodyIndentation && !continues && !decorated &&
                   at - piece.begin > sharedPieceBytes))
      cut(at, line);
  }
  bool isDefinition(std::size_t from) const {
    std::string_view word = wordAt(from);
    return word == "def" || word == "class" || word == "async";
  }

  void startLine() {
    atLineStart = false;
    if (inDefinition) {
      startLineInDefinition();
      return;
    }
    LineKind kind = lineKind();
    if (kind == LineKind::Continuation)
      return;
    bool definition = kind == LineKind::Definition;
    if (!open.empty()) {
      startLineInsideBrackets(kind);
      return;
    }
    bool decorated = awaitsDefinition && kind != LineKind::Plain;
    bool starts = kind != LineKind::Plain || lastWasDefinition || awaitsDefinition ||
                  at - piece.begin > sharedPieceBytes;
    if (starts && !decorated)
      cut(at, line);
    awaitsDefinition = kind == LineKind::Decorator;
    lastWasDefinition = definition;
  }

  // A definition in the first column says that the bracket was forgotten; so does a decorator, once
  // its definition follows.
  void startLineInsideBrackets(LineKind kind) {
    if (kind == LineKind::Decorator) {
      if (!forgotten)
        forgotten = Forgotten{at, line, piece, open.back()};
      return;
    }
    if (kind != LineKind::Definition)
      return;
    std::size_t where = at;
    int whereLine = line;
    SourcePiece counted = piece;
    Bracket culprit = open.back();
    if (forgotten) {
      where = forgotten->at;
      whereLine = forgotten->line;
      counted = forgotten->piece;
      culprit = forgotten->bracket;
    }
    piece = counted;
    report(culprit.range, neverClosed(culprit));
    open.clear();
    cut(where, whereLine);
    awaitsDefinition = false;
    lastWasDefinition = true;
  }

  static std::string neverClosed(const Bracket &bracket) {
    char opened = bracket.close == ')' ? '(' : bracket.close == ']' ? '[' : '{';
    return fmt::format("syntax error: '{}' is never closed", opened);
  }

  void cut(std::size_t where, int whereLine) {
    if (!open.empty())
      report(open.back().range, neverClosed(open.back()));
    open.clear();
    forgotten.reset();
    if (where > piece.begin) {
      piece.end = where;
      pieces.push_back(std::move(piece));
    }
    piece = SourcePiece{};
    piece.begin = where;
    piece.firstLine = whereLine;
  }

  void newLine() {
    ++at;
    ++line;
    lineBegin = at;
  }

  void step() {
    char c = text[at];
    if (isWord(c)) {
      std::string_view word = wordAt(at);
      ++piece.tokens;
      at += word.size();
      return;
    }
    switch (c) {
    case '\n':
      ++piece.tokens;
      newLine();
      atLineStart = true;
      return;
    case ' ':
    case '\t':
    case '\r':
      ++at;
      return;
    case '#':
      at = std::min(text.find('\n', at), text.size());
      return;
    case '\\': {
      std::size_t next = at + 1;
      if (next < text.size() && text[next] == '\r')
        ++next;
      at = next;
      if (at < text.size() && text[at] == '\n')
        newLine();
      return;
    }
    case '"':
    case '\'':
      skipString(c);
      return;
    case '(':
      openBracket(')');
      return;
    case '[':
      openBracket(']');
      return;
    case '{':
      openBracket('}');
      return;
    case ')':
    case ']':
    case '}':
      closeBracket(c);
      return;
    default:
      ++piece.tokens;
      ++at;
    }
  }

  void openBracket(char close) {
    ++piece.tokens;
    open.push_back({close, here()});
    if (static_cast<int>(open.size()) > piece.deepest) {
      piece.deepest = static_cast<int>(open.size());
      piece.deepestAt = here();
    }
    ++at;
  }

  void closeBracket(char close) {
    ++piece.tokens;
    if (open.empty()) {
      report(here(), fmt::format("syntax error: '{}' closes nothing", close));
    } else {
      if (open.back().close != close)
        report(here(), fmt::format("syntax error: '{}' stands where '{}' must close line {}", close,
                                   open.back().close, open.back().range.line));
      open.pop_back();
    }
    if (open.empty())
      forgotten.reset();
    ++at;
  }

  void skipString(char quote) {
    piece.tokens += 3;
    bool triple = at + 2 < text.size() && text[at + 1] == quote && text[at + 2] == quote;
    SourceRange opening = here(triple ? 3 : 1);
    std::size_t begin = at, beginLineBegin = lineBegin;
    int beginLine = line;
    at += triple ? 3 : 1;
    while (at < text.size()) {
      char c = text[at];
      if (c == '\\' && at + 1 < text.size()) {
        ++at;
        if (text[at] == '\r' && at + 1 < text.size() && text[at + 1] == '\n')
          ++at;
        if (text[at] == '\n')
          newLine();
        else
          ++at;
      } else if (c == '\n') {
        if (!triple) {
          report(opening, "syntax error: the string is never closed");
          return;
        }
        newLine();
      } else if (c != quote) {
        ++at;
      } else if (!triple) {
        ++at;
        return;
      } else if (text.substr(at, 3) == std::string_view(text.data() + begin, 3)) {
        at += 3;
        return;
      } else {
        ++at;
      }
    }
    report(opening, "syntax error: the string is never closed");
    if (!triple)
      return;
    // Read on behind its first line, so that what follows can still be told apart. No second string
    // of this kind can fail: its quotes would have closed this one.
    at = std::min(text.find('\n', begin), text.size());
    line = beginLine;
    lineBegin = beginLineBegin;
  }

  struct Forgotten {
    std::size_t at;
    int line;
    SourcePiece piece;
    Bracket bracket;
  };

  std::string_view text;
  bool inDefinition = false, headerSeen = false;
  std::size_t bodyIndentation = 0;
  std::size_t at = 0, lineBegin = 0;
  int line = 1;
  bool atLineStart = true;
  bool awaitsDefinition = false, lastWasDefinition = false;
  std::vector<Bracket> open;
  std::optional<Forgotten> forgotten; // a decorator seen inside brackets
  SourcePiece piece;
  std::vector<SourcePiece> pieces;
};

} // namespace

std::vector<SourcePiece> splitSource(std::string_view text) {
  return Splitter(text).run();
}

std::vector<SourcePiece> splitDefinition(std::string_view text, const SourcePiece &definition) {
  return Splitter(text, definition).run();
}

} // namespace lapidary
