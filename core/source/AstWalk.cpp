#include "core/source/AstWalk.h"

namespace lapidary::ast {

namespace {

using ExprVisit = std::function<void(const Expr &)>;

class Walker {
public:
  explicit Walker(const ExprVisit &visit) : visit(visit) {}

  void walk(const ExprPtr &expression) {
    if (!expression)
      return;
    visit(*expression);
    std::visit([this](const auto &node) { children(node); }, expression->node);
  }
  void walk(const std::vector<ExprPtr> &expressions) {
    for (const ExprPtr &expression : expressions)
      walk(expression);
  }
  void walkEach(const auto &...expressions) { (walk(expressions), ...); }
  void walk(const Block &body) {
    for (const StmtPtr &stmt : body)
      std::visit([this](const auto &node) { parts(node); }, stmt->node);
  }
  template <typename T> void childrenOf(const T &node) { children(node); }

private:
  void children(const Name &) {}
  void children(const Constant &) {}
  void children(const UnsupportedExpr &) {}
  void children(const FormattedString &node) { walk(node.parts); }
  void children(const Unary &node) { walk(node.operand); }
  void children(const Binary &node) { walkEach(node.left, node.right); }
  void children(const BoolOp &node) { walk(node.operands); }
  void children(const Compare &node) {
    walk(node.left);
    walk(node.rights);
  }
  void children(const Conditional &node) { walkEach(node.test, node.then, node.otherwise); }
  void children(const Call &node) {
    walk(node.function);
    walk(node.arguments);
    for (const Keyword &keyword : node.keywords)
      walk(keyword.value);
  }
  void children(const Attribute &node) { walk(node.object); }
  void children(const Subscript &node) {
    walk(node.object);
    walk(node.indices);
  }
  void children(const Slice &node) { walkEach(node.start, node.stop, node.step); }
  void children(const Tuple &node) { walk(node.items); }
  void children(const List &node) { walk(node.items); }
  void children(const Set &node) { walk(node.items); }
  void children(const Dict &node) {
    for (const auto &[key, value] : node.items)
      walkEach(key, value);
  }
  void children(const Starred &node) { walk(node.value); }
  void children(const Lambda &node) { walk(node.body); }
  void children(const Comprehension &node) {
    for (const ComprehensionClause &clause : node.clauses) {
      walkEach(clause.target, clause.iterable);
      walk(clause.conditions);
    }
    walkEach(node.element, node.value);
  }

  void parts(const Assign &node) {
    walk(node.value);
    walk(node.targets);
  }
  void parts(const AnnotatedAssign &node) { walkEach(node.annotation, node.value, node.target); }
  void parts(const AugmentedAssign &node) { walkEach(node.value, node.target); }
  void parts(const ExpressionStmt &node) { walk(node.value); }
  void parts(const If &node) {
    walk(node.test);
    walk(node.body);
    walk(node.otherwise);
  }
  void parts(const For &node) {
    walkEach(node.iterable, node.target);
    walk(node.body);
    walk(node.otherwise);
  }
  void parts(const While &node) {
    walk(node.test);
    walk(node.body);
    walk(node.otherwise);
  }
  void parts(const Return &node) { walk(node.value); }
  void parts(const Assert &node) { walkEach(node.test, node.message); }
  void parts(const Raise &node) { walk(node.value); }
  void parts(const With &node) {
    for (const auto &[context, target] : node.items)
      walkEach(context, target);
    walk(node.body);
  }
  void parts(const Try &node) {
    walk(node.body);
    for (const Block &handler : node.handlers)
      walk(handler);
    walk(node.otherwise);
    walk(node.finally);
  }
  void parts(const FunctionDef &node) {
    walk(node.decorators);
    for (const Parameter &parameter : node.parameters)
      walkEach(parameter.annotation, parameter.defaultValue);
    walk(node.returns);
    walk(node.body);
  }
  void parts(const ClassDef &node) {
    walk(node.decorators);
    walk(node.bases);
    walk(node.body);
  }
  void parts(const auto &) {} // pass, break, continue, import, unsupported

  const ExprVisit &visit;
};

void importedNames(const Import &import, std::set<std::string> &names) {
  for (const ImportedName &name : import.names)
    names.insert(!name.alias.empty() ? name.alias : name.name.substr(0, name.name.find('.')));
}

} // namespace

void walkExpressions(const Block &body, const ExprVisit &visit) {
  Walker(visit).walk(body);
}

void walkExpressions(const Expr &expression, const ExprVisit &visit) {
  visit(expression);
  Walker walker(visit);
  std::visit([&](const auto &node) { walker.childrenOf(node); }, expression.node);
}

void walkStatements(const Block &body, const std::function<bool(const Stmt &)> &visit) {
  for (const StmtPtr &stmt : body) {
    if (!visit(*stmt))
      continue;
    if (const auto *branch = stmt->as<If>()) {
      walkStatements(branch->body, visit);
      walkStatements(branch->otherwise, visit);
    } else if (const auto *loop = stmt->as<For>()) {
      walkStatements(loop->body, visit);
      walkStatements(loop->otherwise, visit);
    } else if (const auto *loop = stmt->as<While>()) {
      walkStatements(loop->body, visit);
      walkStatements(loop->otherwise, visit);
    } else if (const auto *with = stmt->as<With>()) {
      walkStatements(with->body, visit);
    } else if (const auto *attempt = stmt->as<Try>()) {
      walkStatements(attempt->body, visit);
      for (const Block &handler : attempt->handlers)
        walkStatements(handler, visit);
      walkStatements(attempt->otherwise, visit);
      walkStatements(attempt->finally, visit);
    } else if (const auto *function = stmt->as<FunctionDef>()) {
      walkStatements(function->body, visit);
    } else if (const auto *type = stmt->as<ClassDef>()) {
      walkStatements(type->body, visit);
    }
  }
}

void targetNames(const Expr &target, std::set<std::string> &names) {
  if (const auto *name = target.as<Name>())
    names.insert(name->id);
  else if (const auto *starred = target.as<Starred>())
    targetNames(*starred->value, names);
  const auto *tuple = target.as<Tuple>();
  const auto *list = target.as<List>();
  if (tuple || list)
    for (const ExprPtr &item : tuple ? tuple->items : list->items)
      targetNames(*item, names);
}

std::set<std::string> localNames(const FunctionDef &function) {
  std::set<std::string> names;
  for (const Parameter &parameter : function.parameters)
    names.insert(parameter.name);
  walkStatements(function.body, [&](const Stmt &stmt) {
    if (const auto *assign = stmt.as<Assign>())
      for (const ExprPtr &target : assign->targets)
        targetNames(*target, names);
    else if (const auto *annotated = stmt.as<AnnotatedAssign>())
      targetNames(*annotated->target, names);
    else if (const auto *augmented = stmt.as<AugmentedAssign>())
      targetNames(*augmented->target, names);
    else if (const auto *loop = stmt.as<For>())
      targetNames(*loop->target, names);
    else if (const auto *import = stmt.as<Import>())
      importedNames(*import, names);
    else if (const auto *nested = stmt.as<FunctionDef>())
      names.insert(nested->name);
    else if (const auto *with = stmt.as<With>())
      for (const auto &item : with->items)
        if (item.second)
          targetNames(*item.second, names);
    return true;
  });
  walkExpressions(function.body, [&](const Expr &expression) {
    if (const auto *comprehension = expression.as<Comprehension>())
      for (const ComprehensionClause &clause : comprehension->clauses)
        targetNames(*clause.target, names);
    else if (const auto *lambda = expression.as<Lambda>())
      names.insert(lambda->parameters.begin(), lambda->parameters.end());
  });
  return names;
}

std::set<std::string> freeNames(const FunctionDef &function) {
  std::set<std::string> locals = localNames(function), names;
  // The inner parts of a chain are visited after the chain itself; they are not names of their own.
  std::set<const Expr *> insideChain;
  auto visit = [&](const Expr &expression) {
    if (const auto *attribute = expression.as<Attribute>();
        attribute && insideChain.contains(&expression))
      insideChain.insert(attribute->object.get());
    if (insideChain.contains(&expression))
      return;
    std::string dotted = dottedName(expression);
    if (dotted.empty())
      return;
    if (const auto *attribute = expression.as<Attribute>())
      insideChain.insert(attribute->object.get());
    if (!locals.contains(dotted.substr(0, dotted.find('.'))))
      names.insert(dotted);
  };
  walkExpressions(function.body, visit);
  for (const Parameter &parameter : function.parameters)
    for (const ExprPtr &part : {parameter.annotation, parameter.defaultValue})
      if (part)
        walkExpressions(*part, visit);
  return names;
}

} // namespace lapidary::ast
