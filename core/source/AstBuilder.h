// Turns a syntax tree into the AST. Private to this room.
//
// Never fails: what holds a syntax error becomes an Unsupported node in its place, what the AST has
// no form for becomes one that names the construct, and nesting is bounded, so that no consumer
// that recurses over the AST can exhaust its stack.
#pragma once

#include "core/source/Ast.h"
#include "core/source/SyntaxTree.h"

#include <string_view>

namespace lapidary {

// CPython itself refuses more than 200 nested parentheses.
inline constexpr int maximumNesting = 256;

// Moves a string that opens the body into `docstring`.
void takeDocstring(ast::FunctionDef &function);

class AstBuilder {
public:
  AstBuilder(SyntaxTree &tree, std::string file) : tree(tree), file(std::move(file)) {}

  ast::Block module();
  bool hasSyntaxError() const { return tree.hasErrors(); }
  // Every error of the tree, one a line.
  void reportSyntaxErrors();
  std::vector<Diagnostic> takeProblems() { return std::move(problems); }

private:
  // The children of one node, on a stack shared by all levels: no allocation per node.
  class Children;

  // AstStatements.cpp
  void statements(const SyntaxNode &parent, ast::Block &out);
  void statementsInError(const SyntaxNode &error, ast::Block &out);
  void statement(const SyntaxNode &node, ast::Block &out);
  ast::StmtPtr compoundStatement(const SyntaxNode &node);
  ast::StmtPtr simpleStatement(const SyntaxNode &node);
  ast::StmtPtr expressionStatement(const SyntaxNode &node);
  ast::StmtPtr assignment(const SyntaxNode &node);
  ast::StmtPtr augmentedAssignment(const SyntaxNode &node);
  ast::StmtPtr ifStatement(const SyntaxNode &node);
  ast::StmtPtr forStatement(const SyntaxNode &node);
  ast::StmtPtr whileStatement(const SyntaxNode &node);
  ast::StmtPtr tryStatement(const SyntaxNode &node);
  ast::StmtPtr withStatement(const SyntaxNode &node);
  ast::StmtPtr decoratedDefinition(const SyntaxNode &node);
  ast::StmtPtr functionDefinition(const SyntaxNode &node, const SyntaxNode &whole,
                                  std::vector<ast::ExprPtr> decorators);
  ast::StmtPtr classDefinition(const SyntaxNode &node, const SyntaxNode &whole,
                               std::vector<ast::ExprPtr> decorators);
  std::vector<ast::Parameter> parameters(const SyntaxNode &node);
  ast::Parameter parameter(const SyntaxNode &node);
  ast::StmtPtr importStatement(const SyntaxNode &node);
  ast::StmtPtr importFromStatement(const SyntaxNode &node);
  ast::ImportedName importedName(const SyntaxNode &node);
  ast::Block suite(const SyntaxNode &node);         // a block node
  ast::Block suiteOfClause(const SyntaxNode &node); // the block inside else, except, finally
  // A loop's body and what follows its else.
  void loopSuites(Children &children, ast::Block &body, ast::Block &otherwise);

  // AstExpressions.cpp
  ast::ExprPtr expression(const SyntaxNode &node);
  ast::ExprPtr expressionOrNull(const SyntaxNode *node);
  ast::ExprPtr operatorExpression(const SyntaxNode &node);
  ast::ExprPtr booleanOperator(const SyntaxNode &node);
  ast::ExprPtr comparison(const SyntaxNode &node);
  ast::ExprPtr call(const SyntaxNode &node);
  void arguments(const SyntaxNode &node, ast::Call &out);
  ast::ExprPtr subscript(const SyntaxNode &node);
  ast::ExprPtr slice(const SyntaxNode &node);
  ast::ExprPtr dictionary(const SyntaxNode &node);
  ast::ExprPtr lambda(const SyntaxNode &node);
  ast::ExprPtr comprehension(const SyntaxNode &node);
  ast::ExprPtr number(const SyntaxNode &node);
  ast::ExprPtr string(const SyntaxNode &node);
  ast::ExprPtr interpolation(const SyntaxNode &node);
  void formattedParts(const SyntaxNode &node, bool raw, std::vector<ast::ExprPtr> &parts);
  ast::ExprPtr concatenatedString(const SyntaxNode &node);
  ast::ExprPtr typeExpression(const SyntaxNode &node);
  std::vector<ast::ExprPtr> items(const SyntaxNode &node); // every named child

  ast::ExprPtr makeExpr(const SyntaxNode &node, auto &&value) {
    return std::make_shared<const ast::Expr>(ast::Expr{node.range(), std::move(value)});
  }
  ast::StmtPtr makeStmt(const SyntaxNode &node, auto &&value) {
    return std::make_shared<const ast::Stmt>(ast::Stmt{node.range(), std::move(value)});
  }
  ast::ExprPtr unsupported(const SyntaxNode &node, std::string construct) {
    return makeExpr(node, ast::UnsupportedExpr{std::move(construct)});
  }
  ast::StmtPtr unsupportedStmt(const SyntaxNode &node, std::string construct) {
    return makeStmt(node, ast::UnsupportedStmt{std::move(construct)});
  }
  std::string_view text(const SyntaxNode &node) const { return tree.text(node); }
  std::string string_(const SyntaxNode &node) const { return std::string(tree.text(node)); }

  // AstBuilder.cpp
  void reportError(const SyntaxNode &node);
  void problem(SourceRange range, std::string message);
  // True at the nesting limit; reported once a file.
  bool tooDeep(const SyntaxNode &node, int extra = 0);

  SyntaxTree &tree;
  std::string file;
  std::vector<SyntaxNode> arena;
  std::vector<Diagnostic> problems;
  int depth = 0;
  bool depthReported = false;

  struct Nested {
    explicit Nested(AstBuilder &builder) : builder(builder) { ++builder.depth; }
    ~Nested() { --builder.depth; }
    AstBuilder &builder;
  };
};

class AstBuilder::Children {
public:
  Children(AstBuilder &builder, const SyntaxNode &node)
      : builder(builder), first(builder.arena.size()) {
    builder.tree.children(node, builder.arena);
    count = builder.arena.size() - first;
  }
  ~Children() { builder.arena.resize(first); }
  Children(const Children &) = delete;
  Children &operator=(const Children &) = delete;

  std::size_t size() const { return count; }
  // By value: the arena may move while a child is converted.
  SyntaxNode operator[](std::size_t index) const { return builder.arena[first + index]; }

  // An error or an invented token directly below the node.
  bool broken() const {
    if (!builder.tree.hasErrors())
      return false;
    for (std::size_t i = 0; i < count; ++i)
      if ((*this)[i].kind == NodeKind::Error || (*this)[i].missing)
        return true;
    return false;
  }
  std::optional<SyntaxNode> field(NodeField name) const {
    for (std::size_t i = 0; i < count; ++i)
      if ((*this)[i].field == name && (*this)[i].named)
        return (*this)[i];
    return std::nullopt;
  }
  std::optional<SyntaxNode> kind(NodeKind wanted) const {
    for (std::size_t i = 0; i < count; ++i)
      if ((*this)[i].kind == wanted)
        return (*this)[i];
    return std::nullopt;
  }
  // The `index`th named child.
  std::optional<SyntaxNode> named(std::size_t index = 0) const {
    for (std::size_t i = 0; i < count; ++i)
      if ((*this)[i].named && index-- == 0)
        return (*this)[i];
    return std::nullopt;
  }

private:
  AstBuilder &builder;
  std::size_t first, count = 0;
};

} // namespace lapidary
