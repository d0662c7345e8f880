#include "core/source/PythonParser.h"

#include "core/source/AstBuilder.h"
#include "core/source/SourceSplitter.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <fmt/format.h>
#include <iterator>
#include <thread>

namespace lapidary {

using namespace ast;

namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t maximumProblems = 100;
// Text of the greatest size accepted parses in a fraction of it; only text that is no Python needs
// it.
constexpr auto parseTimeLimit = std::chrono::seconds(5);
constexpr auto pieceTimeLimit = std::chrono::seconds(2);
// One statement with more than this is parsed in parts or not at all. tree-sitter (0.20) counts the
// children of an error in 16 bits and frees the wrong memory beyond.
constexpr int maximumTokens = 60000;
constexpr int maximumBrackets = 1000;
constexpr std::size_t bytesPerWorker = 32768;
constexpr unsigned maximumWorkers = 8;

Diagnostic diagnostic(const std::string &file, SourceRange range, std::string message) {
  Diagnostic result;
  result.file = file;
  result.range = range;
  result.message = std::move(message);
  return result;
}

struct ParsedPiece {
  Block body;
  std::vector<Diagnostic> problems;
};

// Parses pieces of one file against one deadline.
class PieceParser {
public:
  PieceParser(std::string_view text, const std::string &file)
      : text(text), file(file), deadline(Clock::now() + parseTimeLimit) {}

  ParsedPiece parse(const SourcePiece &piece) const {
    if (piece.deepest > maximumBrackets)
      return unread(piece.deepestAt, fmt::format("{} brackets are open at once: this statement is "
                                                 "not read; split it up",
                                                 piece.deepest));
    return piece.tokens > maximumTokens ? parseLong(piece) : parseText(piece, "");
  }

private:
  ParsedPiece unread(SourceRange range, std::string message) const {
    auto stmt = std::make_shared<const Stmt>(Stmt{range, UnsupportedStmt{"unread text"}});
    return {{stmt}, {diagnostic(file, range, std::move(message))}};
  }
  static SourceRange startOf(const SourcePiece &piece) {
    return {piece.firstLine, 1, piece.firstLine, 2};
  }

  // `before` stands on a line of its own before the text.
  ParsedPiece parseText(const SourcePiece &piece, const std::string &before) const {
    auto left = std::chrono::duration_cast<std::chrono::microseconds>(deadline - Clock::now());
    constexpr const char *tooSlow = "reading this took too long: the text is hardly Python";
    if (left.count() <= 0)
      return unread(startOf(piece), tooSlow);
    std::string_view own = text.substr(piece.begin, piece.end - piece.begin);
    std::string joined = before.empty() ? "" : before + "\n" + std::string(own);
    SyntaxTree tree(before.empty() ? own : joined, piece.firstLine - (before.empty() ? 0 : 1),
                    std::min<std::chrono::microseconds>(left, pieceTimeLimit));
    if (!tree.complete())
      return unread(startOf(piece), tooSlow);
    AstBuilder builder(tree, file);
    ParsedPiece result{builder.module(), {}};
    if (builder.hasSyntaxError() && piece.problem)
      result.problems.push_back(diagnostic(file, piece.problem->first, piece.problem->second));
    else if (builder.hasSyntaxError())
      builder.reportSyntaxErrors();
    std::ranges::move(builder.takeProblems(), std::back_inserter(result.problems));
    return result;
  }

  // A part of a long body, under an `if` of its own.
  ParsedPiece parseBody(const SourcePiece &piece) const {
    if (piece.tokens > maximumTokens)
      return tooLong(piece, "part");
    ParsedPiece wrapped = parseText(piece, "if True:");
    Block body;
    for (const StmtPtr &stmt : wrapped.body) {
      const auto *wrapper = stmt->range.line < piece.firstLine ? stmt->as<If>() : nullptr;
      if (wrapper)
        body.insert(body.end(), wrapper->body.begin(), wrapper->body.end());
      else
        body.push_back(stmt);
    }
    wrapped.body = std::move(body);
    return wrapped;
  }

  // A definition of many statements: its header, and its body in parts.
  ParsedPiece parseLong(const SourcePiece &whole) const {
    std::vector<SourcePiece> pieces = splitDefinition(text, whole);
    ParsedPiece header;
    if (pieces.size() > 1 && pieces[0].tokens <= maximumTokens)
      header = parseText(pieces[0], "");
    const auto *function = header.body.empty() ? nullptr : header.body.back()->as<FunctionDef>();
    if (!function || !function->body.empty())
      return tooLong(whole, "statement");
    FunctionDef joined = *function;
    SourceRange range = header.body.back()->range;
    for (std::size_t i = 1; i < pieces.size(); ++i) {
      ParsedPiece part = parseBody(pieces[i]);
      std::ranges::move(part.body, std::back_inserter(joined.body));
      std::ranges::move(part.problems, std::back_inserter(header.problems));
    }
    takeDocstring(joined);
    if (!joined.body.empty()) {
      range.endLine = joined.body.back()->range.endLine;
      range.endColumn = joined.body.back()->range.endColumn;
    }
    header.body.back() = std::make_shared<const Stmt>(Stmt{range, std::move(joined)});
    return header;
  }

  ParsedPiece tooLong(const SourcePiece &piece, const char *what) const {
    return unread(startOf(piece), fmt::format("this {} has about {} tokens, up to {} are read: "
                                              "split it up",
                                              what, piece.tokens, maximumTokens));
  }

  std::string_view text;
  const std::string &file;
  Clock::time_point deadline;
};

void addOutline(const Block &body, int depth, std::vector<OutlineItem> &out) {
  for (const StmtPtr &stmt : body) {
    if (const auto *function = stmt->as<FunctionDef>()) {
      out.push_back({function->name, false, depth, stmt->range, function->nameRange});
      addOutline(function->body, depth + 1, out);
    } else if (const auto *type = stmt->as<ClassDef>()) {
      out.push_back({type->name, true, depth, stmt->range, stmt->range});
      addOutline(type->body, depth + 1, out);
    } else if (const auto *branch = stmt->as<If>()) {
      addOutline(branch->body, depth, out);
      addOutline(branch->otherwise, depth, out);
    } else if (const auto *attempt = stmt->as<Try>()) {
      addOutline(attempt->body, depth, out);
      for (const Block &handler : attempt->handlers)
        addOutline(handler, depth, out);
      addOutline(attempt->otherwise, depth, out);
      addOutline(attempt->finally, depth, out);
    } else if (const auto *with = stmt->as<With>()) {
      addOutline(with->body, depth, out);
    }
  }
}

bool isKeyword(std::string_view word) {
  return !word.empty() && word[0] >= 'a' && word[0] <= 'z';
}

std::optional<TokenKind> tokenKind(const SyntaxNode &node, const SyntaxNode &parent,
                                   std::string_view text) {
  switch (node.kind) {
  case NodeKind::Comment:
    return TokenKind::Comment;
  case NodeKind::String:
    return TokenKind::String;
  case NodeKind::Integer:
  case NodeKind::Float:
    return TokenKind::Number;
  case NodeKind::True:
  case NodeKind::False:
  case NodeKind::None:
    return TokenKind::Constant;
  case NodeKind::Decorator:
    return TokenKind::Decorator;
  case NodeKind::Error:
    return TokenKind::Error;
  case NodeKind::Identifier:
    if (node.field == NodeField::Name &&
        (parent.kind == NodeKind::FunctionDefinition || parent.kind == NodeKind::ClassDefinition))
      return TokenKind::Definition;
    return std::nullopt;
  default:
    if (!node.named && isKeyword(text))
      return TokenKind::Keyword;
    return std::nullopt;
  }
}

void addTokens(SyntaxTree &tree, std::vector<SyntaxToken> &tokens) {
  struct Open {
    SyntaxNode node, parent;
  };
  std::vector<Open> open{{tree.root(), tree.root()}};
  std::vector<SyntaxNode> below;
  while (!open.empty()) {
    auto [node, parent] = open.back();
    open.pop_back();
    std::optional<TokenKind> kind = tokenKind(node, parent, tree.text(node));
    if (kind && node.endByte() > node.startByte())
      tokens.push_back({node.range(), *kind});
    if (kind && *kind != TokenKind::Error)
      continue;
    below.clear();
    tree.children(node, below, true);
    for (std::size_t i = below.size(); i-- > 0;)
      open.push_back({below[i], node});
  }
}

} // namespace

ParsedModule parsePython(std::string_view text, const std::string &file) {
  auto module = std::make_shared<Module>();
  module->file = file;
  if (text.size() > maximumSourceBytes)
    return {module,
            {diagnostic(file, {},
                        fmt::format("the file has {} bytes; up to {} are read: "
                                    "split it up",
                                    text.size(), maximumSourceBytes))}};
  std::vector<SourcePiece> pieces = splitSource(text);
  std::vector<ParsedPiece> parsed(pieces.size());
  const PieceParser parser(text, file);
  std::atomic<std::size_t> next = 0;
  auto work = [&] {
    for (std::size_t i = next++; i < pieces.size(); i = next++)
      parsed[i] = parser.parse(pieces[i]);
  };
  std::size_t workers =
      std::clamp<std::size_t>(text.size() / bytesPerWorker, 1,
                              std::clamp(std::thread::hardware_concurrency(), 1u, maximumWorkers));
  {
    std::vector<std::jthread> others;
    for (std::size_t i = 1; i < workers; ++i)
      others.emplace_back(work);
    work();
  }
  ParsedModule result{nullptr, {}};
  for (ParsedPiece &piece : parsed) {
    std::ranges::move(piece.body, std::back_inserter(module->body));
    std::ranges::move(piece.problems, std::back_inserter(result.problems));
  }
  if (result.problems.size() > maximumProblems) {
    std::size_t more = result.problems.size() - maximumProblems;
    result.problems.resize(maximumProblems);
    result.problems.push_back(diagnostic(file, {}, fmt::format("{} more problems", more)));
  }
  result.module = std::move(module);
  return result;
}

Result<ExprPtr> parsePythonExpression(std::string_view text, const std::string &context) {
  for (const SourcePiece &piece : splitSource(text))
    if (piece.problem)
      return fail(ErrorCode::InvalidInput,
                  fmt::format("'{}' is not an expression: {} (column {})", text,
                              piece.problem->second, piece.problem->first.column),
                  context);
  if (text.find_first_not_of(" \t\r\n") == std::string_view::npos)
    return fail(ErrorCode::InvalidInput, "an expression is missing", context);
  // Parentheses let an expression run over lines and keep statements out.
  std::string wrapped = "(" + std::string(text) + "\n)";
  ParsedModule parsed = parsePython(wrapped, context);
  if (!parsed.problems.empty()) {
    const Diagnostic &first = parsed.problems.front();
    int column = first.range.line == 1 ? first.range.column - 1 : first.range.column;
    return fail(ErrorCode::InvalidInput,
                fmt::format("'{}' is not an expression: {} (column {})", text, first.message,
                            std::max(column, 1)),
                context);
  }
  const Block &body = parsed.module->body;
  const auto *statement = body.size() == 1 ? body[0]->as<ExpressionStmt>() : nullptr;
  if (!statement || statement->value->as<UnsupportedExpr>())
    return fail(ErrorCode::InvalidInput, fmt::format("'{}' is not an expression", text), context);
  return statement->value;
}

std::vector<OutlineItem> outline(const Module &module) {
  std::vector<OutlineItem> items;
  addOutline(module.body, 0, items);
  return items;
}

std::vector<SyntaxToken> syntaxTokens(std::string_view text) {
  std::vector<SyntaxToken> tokens;
  if (text.size() > maximumSourceBytes)
    return tokens;
  Clock::time_point deadline = Clock::now() + parseTimeLimit;
  for (const SourcePiece &piece : splitSource(text)) {
    if (piece.tokens > maximumTokens || piece.deepest > maximumBrackets || Clock::now() > deadline)
      continue;
    SyntaxTree tree(text.substr(piece.begin, piece.end - piece.begin), piece.firstLine,
                    pieceTimeLimit);
    if (tree.complete())
      addTokens(tree, tokens);
  }
  return tokens;
}

} // namespace lapidary
