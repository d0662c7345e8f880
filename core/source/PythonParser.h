// Python text to AST, error-tolerant, with exact ranges; and what an editor wants to know about the
// same text: an outline and the tokens to colour. The parser behind it (tree-sitter) stays behind
// it.
//
//   ParsedModule parsed = parsePython(text, "softmax.py");
//   for (const Diagnostic &problem : parsed.problems) ...   // syntax errors; the rest opened
#pragma once

#include "core/source/Ast.h"
#include "core/support/Result.h"

#include <string_view>

namespace lapidary {

// Larger texts are not read: the AST of this much takes some 400 MB.
inline constexpr std::size_t maximumSourceBytes = 8u << 20;

struct ParsedModule {
  std::shared_ptr<const ast::Module> module; // never null
  std::vector<Diagnostic> problems;
};

// Never fails. `text` is UTF-8; `file` names it in ranges' diagnostics.
ParsedModule parsePython(std::string_view text, const std::string &file);

// One expression, such as a grid entry "cdiv(n, BLOCK)" or "lambda META: (...)". Errors:
// InvalidInput with the place inside the text; `context` says whose expression it is.
Result<ast::ExprPtr> parsePythonExpression(std::string_view text, const std::string &context);

struct OutlineItem {
  std::string name;
  bool isClass = false;
  int depth = 0;                // 0 at module level, 1 inside a function or class, ...
  SourceRange range, nameRange; // nameRange of a class is its range
};
// Functions and classes in order of appearance, those under module-level if and try included.
std::vector<OutlineItem> outline(const ast::Module &module);

enum class TokenKind : std::uint8_t {
  Comment,
  String,
  Number,
  Keyword,
  Constant /* True, False, None */,
  Definition,
  Decorator,
  Error,
};
struct SyntaxToken {
  SourceRange range;
  TokenKind kind;
};
// What to colour, in order; names and punctuation are left out.
std::vector<SyntaxToken> syntaxTokens(std::string_view text);

} // namespace lapidary
