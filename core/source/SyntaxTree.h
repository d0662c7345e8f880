// The tree-sitter tree of one Python text, seen through a handful of node kinds. Private to this
// room: no other header includes it.
//
// Owner: the parse that made it; not shared between threads. Nodes are valid while the tree lives
// and refer to the text by byte offset, so the text must outlive the tree.
#pragma once

#include "core/support/Diagnostic.h"

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <tree_sitter/api.h>
#include <vector>

namespace lapidary {

// The node kinds that the AST is built from; everything else is Other (anonymous tokens included).
enum class NodeKind : std::uint8_t {
  Other,
  Error,
  Comment,
  LineContinuation,
  // expressions
  Identifier,
  Integer,
  Float,
  True,
  False,
  None,
  Ellipsis,
  String,
  ConcatenatedString,
  Interpolation,
  StringContent,
  EscapeInterpolation,
  TypeConversion,
  FormatSpecifier,
  FormatExpression,
  StringStart,
  StringEnd,
  Attribute,
  Subscript,
  Slice,
  Call,
  ArgumentList,
  KeywordArgument,
  ListSplat,
  DictionarySplat,
  UnaryOperator,
  NotOperator,
  BinaryOperator,
  BooleanOperator,
  ComparisonOperator,
  ConditionalExpression,
  Lambda,
  Parenthesized,
  Tuple,
  List,
  Set,
  Dictionary,
  Pair,
  ExpressionList,
  PatternList,
  TuplePattern,
  ListPattern,
  ListSplatPattern,
  DictionarySplatPattern,
  ListComprehension,
  SetComprehension,
  DictionaryComprehension,
  GeneratorExpression,
  ForInClause,
  IfClause,
  NamedExpression,
  Await,
  Yield,
  Type,
  GenericType,
  TypeParameter,
  UnionType,
  MemberType,
  AsPattern,
  AsPatternTarget,
  // statements
  Module,
  Block,
  ExpressionStatement,
  Assignment,
  AugmentedAssignment,
  ReturnStatement,
  IfStatement,
  ElifClause,
  ElseClause,
  ForStatement,
  WhileStatement,
  TryStatement,
  ExceptClause,
  ExceptGroupClause,
  FinallyClause,
  WithStatement,
  WithClause,
  WithItem,
  FunctionDefinition,
  Parameters,
  LambdaParameters,
  DefaultParameter,
  TypedParameter,
  TypedDefaultParameter,
  KeywordSeparator,
  PositionalSeparator,
  DecoratedDefinition,
  Decorator,
  ClassDefinition,
  ImportStatement,
  ImportFromStatement,
  FutureImportStatement,
  RelativeImport,
  ImportPrefix,
  DottedName,
  AliasedImport,
  WildcardImport,
  AssertStatement,
  RaiseStatement,
  PassStatement,
  BreakStatement,
  ContinueStatement,
  DeleteStatement,
  GlobalStatement,
  NonlocalStatement,
  MatchStatement,
  PrintStatement,
  ExecStatement,
  TypeAliasStatement,
};

enum class NodeField : std::uint8_t {
  None,
  Alias,
  Alternative,
  Argument,
  Arguments,
  Attribute,
  Body,
  Cause,
  Condition,
  Consequence,
  Definition,
  Expression,
  Function,
  Key,
  Left,
  ModuleName,
  Name,
  Object,
  Operator,
  Operators,
  Parameters,
  ReturnType,
  Right,
  Subscript,
  Superclasses,
  Type,
  Value,
};

struct SyntaxNode {
  TSNode node;
  NodeKind kind = NodeKind::Other;
  NodeField field = NodeField::None;
  bool named = false;
  bool missing = false; // the parser invented it: nothing stands there

  int firstLine = 1; // of the tree's text in the file

  SourceRange range() const;
  std::uint32_t startByte() const { return ts_node_start_byte(node); }
  std::uint32_t endByte() const { return ts_node_end_byte(node); }
  bool hasError() const { return ts_node_has_error(node); }
};

class SyntaxTree {
public:
  // `text` starts at column 1 of `firstLine`. Gives up after `timeLimit`: error recovery can be
  // quadratic on text that is no Python.
  SyntaxTree(std::string_view text, int firstLine, std::chrono::microseconds timeLimit);
  ~SyntaxTree();
  SyntaxTree(const SyntaxTree &) = delete;
  SyntaxTree &operator=(const SyntaxTree &) = delete;

  bool complete() const { return tree != nullptr; } // false: the parser gave up on its time limit
  bool hasErrors() const { return broken; }
  SyntaxNode root() const;
  std::string_view text(const SyntaxNode &node) const;

  // Appends the node's children to `out`; comments and line continuations only when asked for.
  void children(const SyntaxNode &node, std::vector<SyntaxNode> &out, bool comments = false);

private:
  SyntaxNode wrap(TSNode node, NodeField field) const;

  std::string_view source;
  int firstLine;
  bool broken = false;
  TSTree *tree = nullptr;
  TSTreeCursor cursor{};
};

} // namespace lapidary
