#include "core/source/PythonParser.h"

#include "core/source/AstBuilder.h"

#include <fmt/format.h>

namespace lapidary {

using namespace ast;

namespace {

Diagnostic fileProblem(const std::string &file, std::string message) {
  Diagnostic diagnostic;
  diagnostic.file = file;
  diagnostic.message = std::move(message);
  return diagnostic;
}

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
  case NodeKind::Comment: return TokenKind::Comment;
  case NodeKind::String: return TokenKind::String;
  case NodeKind::Integer:
  case NodeKind::Float: return TokenKind::Number;
  case NodeKind::True:
  case NodeKind::False:
  case NodeKind::None: return TokenKind::Constant;
  case NodeKind::Decorator: return TokenKind::Decorator;
  case NodeKind::Error: return TokenKind::Error;
  case NodeKind::Identifier:
    if (node.field == NodeField::Name && (parent.kind == NodeKind::FunctionDefinition ||
                                          parent.kind == NodeKind::ClassDefinition))
      return TokenKind::Definition;
    return std::nullopt;
  default:
    if (!node.named && isKeyword(text))
      return TokenKind::Keyword;
    return std::nullopt;
  }
}

} // namespace

ParsedModule parsePython(std::string_view text, const std::string &file) {
  auto module = std::make_shared<Module>();
  module->file = file;
  if (text.size() > maximumSourceBytes)
    return {module, {fileProblem(file, fmt::format("the file has {} bytes; up to {} are read: "
                                                   "split it up",
                                                   text.size(), maximumSourceBytes))}};
  SyntaxTree tree(text);
  if (!tree.complete())
    return {module, {fileProblem(file, "reading took too long: the text is hardly Python; check "
                                       "that the right file was opened")}};
  AstBuilder builder(tree, file);
  module->body = builder.module();
  return {module, builder.takeProblems()};
}

Result<ExprPtr> parsePythonExpression(std::string_view text, const std::string &context) {
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
  SyntaxTree tree(text);
  if (!tree.complete())
    return tokens;
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
  return tokens;
}

} // namespace lapidary
