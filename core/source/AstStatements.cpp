#include "core/source/AstBuilder.h"

namespace lapidary {

using namespace ast;

namespace {

// Constructs that the AST names but has no form for.
const char *unsupportedStatement(NodeKind kind) {
  switch (kind) {
  case NodeKind::DeleteStatement:
    return "del";
  case NodeKind::GlobalStatement:
    return "global";
  case NodeKind::NonlocalStatement:
    return "nonlocal";
  case NodeKind::MatchStatement:
    return "match";
  case NodeKind::PrintStatement:
    return "print statement";
  case NodeKind::ExecStatement:
    return "exec statement";
  case NodeKind::TypeAliasStatement:
    return "type alias";
  default:
    return nullptr;
  }
}

bool isStatement(NodeKind kind) {
  switch (kind) {
  case NodeKind::ExpressionStatement:
  case NodeKind::ReturnStatement:
  case NodeKind::IfStatement:
  case NodeKind::ForStatement:
  case NodeKind::WhileStatement:
  case NodeKind::TryStatement:
  case NodeKind::WithStatement:
  case NodeKind::FunctionDefinition:
  case NodeKind::DecoratedDefinition:
  case NodeKind::ClassDefinition:
  case NodeKind::ImportStatement:
  case NodeKind::ImportFromStatement:
  case NodeKind::FutureImportStatement:
  case NodeKind::AssertStatement:
  case NodeKind::RaiseStatement:
  case NodeKind::PassStatement:
  case NodeKind::BreakStatement:
  case NodeKind::ContinueStatement:
    return true;
  default:
    return unsupportedStatement(kind) != nullptr;
  }
}

} // namespace

void takeDocstring(FunctionDef &function) {
  const auto *first = function.body.empty() ? nullptr : function.body.front()->as<ExpressionStmt>();
  const auto *constant = first ? first->value->as<Constant>() : nullptr;
  if (const auto *docstring = constant ? constant->value.as<std::string>() : nullptr) {
    function.docstring = *docstring;
    function.body.erase(function.body.begin());
  }
}

void AstBuilder::statements(const SyntaxNode &parent, Block &out) {
  Children children(*this, parent);
  for (std::size_t i = 0; i < children.size(); ++i) {
    SyntaxNode child = children[i];
    if (child.kind == NodeKind::Error)
      statementsInError(child, out);
    else if (child.named && !child.missing)
      statement(child, out);
  }
}

// What could be recognised inside the error is kept: the rest of the file must open.
void AstBuilder::statementsInError(const SyntaxNode &error, Block &out) {
  Nested nested(*this);
  out.push_back(unsupportedStmt(error, "syntax error"));
  if (tooDeep(error))
    return;
  Children children(*this, error);
  for (std::size_t i = 0; i < children.size(); ++i) {
    SyntaxNode child = children[i];
    if (child.kind == NodeKind::Block)
      statements(child, out);
    else if (isStatement(child.kind))
      statement(child, out);
  }
}

void AstBuilder::statement(const SyntaxNode &node, Block &out) {
  Nested nested(*this);
  if (tooDeep(node)) {
    out.push_back(unsupportedStmt(node, "nesting this deep"));
    return;
  }
  StmtPtr result = compoundStatement(node);
  out.push_back(result ? std::move(result) : simpleStatement(node));
}

StmtPtr AstBuilder::compoundStatement(const SyntaxNode &node) {
  switch (node.kind) {
  case NodeKind::IfStatement:
    return ifStatement(node);
  case NodeKind::ForStatement:
    return forStatement(node);
  case NodeKind::WhileStatement:
    return whileStatement(node);
  case NodeKind::TryStatement:
    return tryStatement(node);
  case NodeKind::WithStatement:
    return withStatement(node);
  case NodeKind::DecoratedDefinition:
    return decoratedDefinition(node);
  case NodeKind::FunctionDefinition:
    return functionDefinition(node, node, {});
  case NodeKind::ClassDefinition:
    return classDefinition(node, node, {});
  default:
    return nullptr;
  }
}

StmtPtr AstBuilder::simpleStatement(const SyntaxNode &node) {
  if (const char *construct = unsupportedStatement(node.kind))
    return unsupportedStmt(node, construct);
  if (node.kind == NodeKind::ExpressionStatement)
    return expressionStatement(node);
  Children children(*this, node);
  if (node.hasError() && children.broken())
    return unsupportedStmt(node, "syntax error");
  std::optional<SyntaxNode> first = children.named(0), second = children.named(1);
  switch (node.kind) {
  case NodeKind::ReturnStatement:
    return makeStmt(node, Return{first ? expression(*first) : nullptr});
  case NodeKind::AssertStatement: {
    if (!first)
      return unsupportedStmt(node, "syntax error");
    ExprPtr test = expression(*first);
    return makeStmt(node, Assert{test, second ? expression(*second) : nullptr});
  }
  case NodeKind::RaiseStatement:
    return makeStmt(node, Raise{first ? expression(*first) : nullptr});
  case NodeKind::PassStatement:
    return makeStmt(node, Pass{});
  case NodeKind::BreakStatement:
    return makeStmt(node, Break{});
  case NodeKind::ContinueStatement:
    return makeStmt(node, Continue{});
  case NodeKind::ImportStatement:
    return importStatement(node);
  case NodeKind::FutureImportStatement:
  case NodeKind::ImportFromStatement:
    return importFromStatement(node);
  default:
    return unsupportedStmt(node, ts_node_type(node.node));
  }
}

StmtPtr AstBuilder::expressionStatement(const SyntaxNode &node) {
  Children children(*this, node);
  std::optional<SyntaxNode> first = children.named();
  if (!first || children.broken())
    return unsupportedStmt(node, "syntax error");
  if (first->kind == NodeKind::Assignment)
    return assignment(*first);
  if (first->kind == NodeKind::AugmentedAssignment)
    return augmentedAssignment(*first);
  if (children.size() == 1)
    return makeStmt(node, ExpressionStmt{expression(*first)});
  return makeStmt(node, ExpressionStmt{makeExpr(node, Tuple{items(node)})});
}

StmtPtr AstBuilder::assignment(const SyntaxNode &node) {
  Assign result;
  SyntaxNode current = node;
  for (;;) {
    Children children(*this, current);
    auto left = children.field(NodeField::Left), right = children.field(NodeField::Right);
    auto type = children.field(NodeField::Type);
    if (!left || children.broken())
      return unsupportedStmt(node, "syntax error");
    if (type) {
      ExprPtr target = expression(*left), annotation = expression(*type);
      return makeStmt(node,
                      AnnotatedAssign{target, annotation, right ? expression(*right) : nullptr});
    }
    if (!right)
      return unsupportedStmt(node, "syntax error");
    result.targets.push_back(expression(*left));
    if (right->kind != NodeKind::Assignment) {
      result.value = expression(*right);
      return makeStmt(node, std::move(result));
    }
    current = *right;
  }
}

StmtPtr AstBuilder::augmentedAssignment(const SyntaxNode &node) {
  Children children(*this, node);
  auto left = children.field(NodeField::Left), right = children.field(NodeField::Right);
  if (!left || !right || children.size() != 3 || children.broken())
    return unsupportedStmt(node, "syntax error");
  std::string op(text(children[1]));
  op.pop_back(); // "+=" is the operator "+"
  ExprPtr target = expression(*left);
  return makeStmt(node, AugmentedAssign{std::move(op), target, expression(*right)});
}

Block AstBuilder::suite(const SyntaxNode &node) {
  Block body;
  statements(node, body);
  return body;
}

Block AstBuilder::suiteOfClause(const SyntaxNode &node) {
  Children children(*this, node);
  Block body;
  for (std::size_t i = 0; i < children.size(); ++i) {
    if (children[i].kind == NodeKind::Block)
      statements(children[i], body);
    else if (children[i].kind == NodeKind::Error)
      statementsInError(children[i], body);
  }
  return body;
}

// The arms of if, elif, else become a chain of If, each alone in the one before.
StmtPtr AstBuilder::ifStatement(const SyntaxNode &node) {
  Children children(*this, node);
  std::vector<SyntaxNode> arms{node};
  Block otherwise, errors;
  for (std::size_t i = 0; i < children.size(); ++i) {
    if (children[i].kind == NodeKind::ElifClause)
      arms.push_back(children[i]);
    else if (children[i].kind == NodeKind::ElseClause)
      otherwise = suiteOfClause(children[i]);
    else if (children[i].kind == NodeKind::Error)
      statementsInError(children[i], errors);
  }
  if (tooDeep(node, static_cast<int>(arms.size()) - 1))
    return unsupportedStmt(node, "nesting this deep");
  StmtPtr result;
  for (std::size_t arm = arms.size(); arm-- > 0;) {
    depth += static_cast<int>(arm);
    Children parts(*this, arms[arm]);
    auto test = parts.field(NodeField::Condition), body = parts.field(NodeField::Consequence);
    If branch;
    branch.test = test ? expression(*test) : unsupported(arms[arm], "syntax error");
    if (body)
      branch.body = suite(*body);
    depth -= static_cast<int>(arm);
    if (result)
      branch.otherwise.push_back(std::move(result));
    else
      branch.otherwise = std::move(otherwise);
    if (arm == 0)
      branch.body.insert(branch.body.end(), errors.begin(), errors.end());
    result = makeStmt(arms[arm], std::move(branch));
  }
  return result;
}

void AstBuilder::loopSuites(Children &children, Block &body, Block &otherwise) {
  for (std::size_t i = 0; i < children.size(); ++i) {
    if (children[i].kind == NodeKind::Block)
      statements(children[i], body);
    else if (children[i].kind == NodeKind::Error)
      statementsInError(children[i], body);
    else if (children[i].kind == NodeKind::ElseClause)
      otherwise = suiteOfClause(children[i]);
  }
}

StmtPtr AstBuilder::forStatement(const SyntaxNode &node) {
  Children children(*this, node);
  auto left = children.field(NodeField::Left), right = children.field(NodeField::Right);
  if (!left || !right)
    return unsupportedStmt(node, "syntax error");
  if (text(children[0]) == "async")
    return unsupportedStmt(node, "async for");
  For result;
  result.target = expression(*left);
  result.iterable = expression(*right);
  loopSuites(children, result.body, result.otherwise);
  return makeStmt(node, std::move(result));
}

StmtPtr AstBuilder::whileStatement(const SyntaxNode &node) {
  Children children(*this, node);
  auto test = children.field(NodeField::Condition);
  if (!test)
    return unsupportedStmt(node, "syntax error");
  While result;
  result.test = expression(*test);
  loopSuites(children, result.body, result.otherwise);
  return makeStmt(node, std::move(result));
}

StmtPtr AstBuilder::tryStatement(const SyntaxNode &node) {
  Children children(*this, node);
  Try result;
  for (std::size_t i = 0; i < children.size(); ++i) {
    SyntaxNode child = children[i];
    switch (child.kind) {
    case NodeKind::Block:
      statements(child, result.body);
      break;
    case NodeKind::Error:
      statementsInError(child, result.body);
      break;
    case NodeKind::ExceptClause:
    case NodeKind::ExceptGroupClause:
      result.handlers.push_back(suiteOfClause(child));
      break;
    case NodeKind::ElseClause:
      result.otherwise = suiteOfClause(child);
      break;
    case NodeKind::FinallyClause:
      result.finally = suiteOfClause(child);
      break;
    default:
      break;
    }
  }
  return makeStmt(node, std::move(result));
}

StmtPtr AstBuilder::withStatement(const SyntaxNode &node) {
  Children children(*this, node);
  if (children.size() > 0 && text(children[0]) == "async")
    return unsupportedStmt(node, "async with");
  With result;
  for (std::size_t i = 0; i < children.size(); ++i) {
    SyntaxNode child = children[i];
    if (child.kind == NodeKind::Block)
      statements(child, result.body);
    else if (child.kind == NodeKind::Error)
      statementsInError(child, result.body);
    if (child.kind != NodeKind::WithClause)
      continue;
    Children clause(*this, child);
    for (std::size_t j = 0; j < clause.size(); ++j) {
      if (clause[j].kind != NodeKind::WithItem)
        continue;
      Children parts(*this, clause[j]);
      auto value = parts.field(NodeField::Value);
      if (!value)
        continue;
      if (value->kind != NodeKind::AsPattern) {
        result.items.emplace_back(expression(*value), nullptr);
        continue;
      }
      Children pattern(*this, *value);
      auto context = pattern.named(0), target = pattern.named(1);
      if (context && target) {
        ExprPtr contextExpr = expression(*context);
        result.items.emplace_back(contextExpr, expression(*target));
      }
    }
  }
  return makeStmt(node, std::move(result));
}

StmtPtr AstBuilder::decoratedDefinition(const SyntaxNode &node) {
  Children children(*this, node);
  std::vector<ExprPtr> decorators;
  for (std::size_t i = 0; i < children.size(); ++i) {
    if (children[i].kind != NodeKind::Decorator)
      continue;
    Children parts(*this, children[i]);
    auto value = parts.named();
    decorators.push_back(value && !parts.broken() ? expression(*value)
                                                  : unsupported(children[i], "syntax error"));
  }
  auto definition = children.field(NodeField::Definition);
  if (!definition)
    return unsupportedStmt(node, "syntax error");
  return definition->kind == NodeKind::ClassDefinition
             ? classDefinition(*definition, node, std::move(decorators))
             : functionDefinition(*definition, node, std::move(decorators));
}

StmtPtr AstBuilder::functionDefinition(const SyntaxNode &node, const SyntaxNode &whole,
                                       std::vector<ExprPtr> decorators) {
  Children children(*this, node);
  auto name = children.field(NodeField::Name), list = children.field(NodeField::Parameters);
  if (!name || !list)
    return unsupportedStmt(whole, "syntax error");
  if (text(children[0]) == "async")
    return unsupportedStmt(whole, "async function");
  FunctionDef result;
  result.name = text(*name);
  result.nameRange = name->range();
  result.decorators = std::move(decorators);
  result.parameters = parameters(*list);
  if (auto returns = children.field(NodeField::ReturnType))
    result.returns = expression(*returns);
  for (std::size_t i = 0; i < children.size(); ++i) {
    if (children[i].kind == NodeKind::Block)
      statements(children[i], result.body);
    else if (children[i].kind == NodeKind::Error)
      statementsInError(children[i], result.body);
  }
  takeDocstring(result);
  return makeStmt(whole, std::move(result));
}

StmtPtr AstBuilder::classDefinition(const SyntaxNode &node, const SyntaxNode &whole,
                                    std::vector<ExprPtr> decorators) {
  Children children(*this, node);
  auto name = children.field(NodeField::Name);
  if (!name)
    return unsupportedStmt(whole, "syntax error");
  ClassDef result;
  result.name = text(*name);
  result.decorators = std::move(decorators);
  for (std::size_t i = 0; i < children.size(); ++i) {
    if (children[i].kind == NodeKind::ArgumentList) {
      Call bases;
      arguments(children[i], bases);
      result.bases = std::move(bases.arguments);
    } else if (children[i].kind == NodeKind::Block) {
      statements(children[i], result.body);
    } else if (children[i].kind == NodeKind::Error) {
      statementsInError(children[i], result.body);
    }
  }
  return makeStmt(whole, std::move(result));
}

std::vector<Parameter> AstBuilder::parameters(const SyntaxNode &node) {
  Children children(*this, node);
  std::vector<Parameter> result;
  bool keywordOnly = false;
  for (std::size_t i = 0; i < children.size(); ++i) {
    SyntaxNode child = children[i];
    if (child.kind == NodeKind::KeywordSeparator)
      keywordOnly = true;
    if (!child.named || child.kind == NodeKind::Error || child.missing ||
        child.kind == NodeKind::KeywordSeparator || child.kind == NodeKind::PositionalSeparator)
      continue;
    Parameter entry = parameter(child);
    if (entry.name.empty())
      continue;
    if (keywordOnly && entry.kind == Parameter::Kind::Positional)
      entry.kind = Parameter::Kind::KeywordOnly;
    if (entry.kind == Parameter::Kind::VarArgs)
      keywordOnly = true;
    result.push_back(std::move(entry));
  }
  return result;
}

Parameter AstBuilder::parameter(const SyntaxNode &node) {
  Parameter result;
  result.range = node.range();
  SyntaxNode name = node;
  Children children(*this, node);
  if (node.kind == NodeKind::DefaultParameter || node.kind == NodeKind::TypedDefaultParameter) {
    if (auto value = children.field(NodeField::Value))
      result.defaultValue = expression(*value);
    if (auto field = children.field(NodeField::Name))
      name = *field;
  } else if (node.kind == NodeKind::TypedParameter) {
    if (auto field = children.named())
      name = *field;
  }
  if (auto type = children.field(NodeField::Type))
    result.annotation = expression(*type);
  if (name.kind == NodeKind::ListSplatPattern || name.kind == NodeKind::DictionarySplatPattern) {
    result.kind = name.kind == NodeKind::ListSplatPattern ? Parameter::Kind::VarArgs
                                                          : Parameter::Kind::KeywordArgs;
    Children inner(*this, name);
    if (auto identifier = inner.named())
      name = *identifier;
  }
  if (name.kind == NodeKind::Identifier)
    result.name = text(name);
  return result;
}

ImportedName AstBuilder::importedName(const SyntaxNode &node) {
  if (node.kind != NodeKind::AliasedImport)
    return {string_(node), ""};
  Children parts(*this, node);
  auto name = parts.field(NodeField::Name), alias = parts.field(NodeField::Alias);
  return {name ? string_(*name) : "", alias ? string_(*alias) : ""};
}

StmtPtr AstBuilder::importStatement(const SyntaxNode &node) {
  Children children(*this, node);
  Import result;
  for (std::size_t i = 0; i < children.size(); ++i)
    if (children[i].field == NodeField::Name && children[i].named)
      result.names.push_back(importedName(children[i]));
  return makeStmt(node, std::move(result));
}

StmtPtr AstBuilder::importFromStatement(const SyntaxNode &node) {
  Children children(*this, node);
  Import result;
  result.from = true;
  if (node.kind == NodeKind::FutureImportStatement)
    result.module = "__future__";
  if (auto module = children.field(NodeField::ModuleName)) {
    if (module->kind == NodeKind::RelativeImport) {
      Children parts(*this, *module);
      if (auto prefix = parts.kind(NodeKind::ImportPrefix))
        for (char c : text(*prefix))
          result.level += c == '.';
      if (auto name = parts.kind(NodeKind::DottedName))
        result.module = text(*name);
    } else {
      result.module = text(*module);
    }
  }
  for (std::size_t i = 0; i < children.size(); ++i) {
    if (children[i].kind == NodeKind::WildcardImport)
      result.names.push_back({"*", ""});
    else if (children[i].field == NodeField::Name && children[i].named)
      result.names.push_back(importedName(children[i]));
  }
  return makeStmt(node, std::move(result));
}

} // namespace lapidary
