// The Python syntax that kernels are made of, as an immutable tree with exact source ranges.
//
// Built from a tree-sitter tree (PythonParser.h), error-tolerant: what does not parse, or what no
// kernel may contain, becomes Unsupported with the name of the construct, so that the rest still opens.
// Nodes are shared and const: any thread may read them, and a helper's body may outlive its file.
#pragma once

#include "core/source/Value.h"
#include "core/support/Diagnostic.h"

#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace lapidary::ast {

struct Expr;
struct Stmt;
using ExprPtr = std::shared_ptr<const Expr>;
using StmtPtr = std::shared_ptr<const Stmt>;
using Block = std::vector<StmtPtr>;

struct Name { std::string id; };
struct Constant { Value value; };                  // int, float, bool, None, string
struct FormattedString { std::vector<ExprPtr> parts; }; // f-string: string constants and expressions
struct Unary { std::string op; ExprPtr operand; };  // "-" "+" "~" "not"
struct Binary { std::string op; ExprPtr left, right; }; // "+" "-" "*" "/" "//" "%" "**" "@" "&" "|" "^" "<<" ">>"
struct BoolOp { std::string op; std::vector<ExprPtr> operands; }; // "and" "or"
// a < b <= c: left, {"<", "<="}, {b, c}. Also "in", "not in", "is", "is not".
struct Compare { ExprPtr left; std::vector<std::string> ops; std::vector<ExprPtr> rights; };
struct Conditional { ExprPtr test, then, otherwise; };
struct Keyword { std::string name; ExprPtr value; SourceRange range; }; // name empty: **value
struct Call { ExprPtr function; std::vector<ExprPtr> arguments; std::vector<Keyword> keywords; };
struct Attribute { ExprPtr object; std::string name; SourceRange nameRange; };
struct Subscript { ExprPtr object; std::vector<ExprPtr> indices; }; // x[:, None] has two
struct Slice { ExprPtr start, stop, step; };        // any may be null
struct Tuple { std::vector<ExprPtr> items; };
struct List { std::vector<ExprPtr> items; };
struct Dict { std::vector<std::pair<ExprPtr, ExprPtr>> items; }; // null key: **value
struct Set { std::vector<ExprPtr> items; };
struct Starred { ExprPtr value; };
struct Lambda { std::vector<std::string> parameters; ExprPtr body; };
struct ComprehensionClause { ExprPtr target, iterable; std::vector<ExprPtr> conditions; };
enum class ComprehensionKind { List, Set, Generator, Dict };
struct Comprehension { ComprehensionKind kind; ExprPtr element, value /* Dict only */; std::vector<ComprehensionClause> clauses; };
struct UnsupportedExpr { std::string construct; };  // "walrus", "await", "syntax error"

struct Expr {
  SourceRange range;
  std::variant<Name, Constant, FormattedString, Unary, Binary, BoolOp, Compare, Conditional, Call,
               Attribute, Subscript, Slice, Tuple, List, Dict, Set, Starred, Lambda, Comprehension,
               UnsupportedExpr>
      node;
  template <typename T> const T *as() const { return std::get_if<T>(&node); }
};

struct Assign { std::vector<ExprPtr> targets; ExprPtr value; };   // a = b = value
struct AnnotatedAssign { ExprPtr target, annotation, value; };    // value may be null
struct AugmentedAssign { std::string op; ExprPtr target, value; }; // op "+" for "+="
struct ExpressionStmt { ExprPtr value; };
struct If { ExprPtr test; Block body, otherwise; };               // elif: an If alone in otherwise
struct For { ExprPtr target, iterable; Block body, otherwise; };
struct While { ExprPtr test; Block body, otherwise; };
struct Return { ExprPtr value; };                                 // may be null
struct Assert { ExprPtr test, message; };
struct Raise { ExprPtr value; };
struct With { std::vector<std::pair<ExprPtr, ExprPtr>> items; Block body; }; // (context, target or null)
struct Pass {};
struct Break {};
struct Continue {};
struct ImportedName { std::string name, alias; };                 // name "*": everything
struct Import { std::string module; int level = 0; bool from = false; std::vector<ImportedName> names; };
struct Try { Block body; std::vector<Block> handlers; Block otherwise, finally; };
struct Parameter {
  std::string name;
  ExprPtr annotation, defaultValue; // may be null
  SourceRange range;
  enum class Kind { Positional, KeywordOnly, VarArgs, KeywordArgs } kind = Kind::Positional;
};
struct FunctionDef {
  std::string name;
  std::vector<Parameter> parameters;
  std::vector<ExprPtr> decorators;
  ExprPtr returns;
  Block body;
  std::string docstring;
  SourceRange nameRange;
};
struct ClassDef { std::string name; std::vector<ExprPtr> bases; std::vector<ExprPtr> decorators; Block body; };
struct UnsupportedStmt { std::string construct; };

struct Stmt {
  SourceRange range;
  std::variant<Assign, AnnotatedAssign, AugmentedAssign, ExpressionStmt, If, For, While, Return,
               Assert, Raise, With, Pass, Break, Continue, Import, Try, FunctionDef, ClassDef,
               UnsupportedStmt>
      node;
  template <typename T> const T *as() const { return std::get_if<T>(&node); }
};

struct Module {
  std::string file;
  Block body;
};

// The expression as Python text, for messages and exports (one line, not the author's spacing).
std::string toSource(const Expr &expression);

// The statements as Python text, four spaces a level, one statement a line; without comments and
// docstrings, decorators included.
std::string toSource(const Block &body, int level = 0);

// "tl.load" for a chain of names and attributes, else empty.
std::string dottedName(const Expr &expression);

} // namespace lapidary::ast
