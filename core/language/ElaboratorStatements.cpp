// Statements that are neither branches nor loops.
#include "core/language/Elaborator.h"

#include <fmt/format.h>

namespace lapidary::language {

// Statements elaborated in all, over every unrolled loop and inlined helper.
constexpr std::int64_t statementBudget = 200'000;

bool Elaborator::overBudget() {
  if (++statementsRun <= statementBudget)
    return false;
  if (!budgetReported)
    site.error(fmt::format("this kernel unrolls to more than {} statements", statementBudget),
               {"a loop over tl.range instead of tl.static_range is not unrolled"});
  budgetReported = true;
  return true;
}

void Elaborator::run(const ast::Block &block, std::size_t index, const Continuation *next) {
  for (; index < block.size(); ++index) {
    if (frame().returned || site.tooManyErrors() || overBudget())
      return;
    const ast::Stmt &current = *block[index];
    Place place(site, current.range);
    if (const ast::If *branch = current.as<ast::If>()) {
      site.setTarget({});
      site.visit(current.range);
      Continuation rest{&block, index + 1, next};
      if (ifStatement(*branch, rest))
        return;
      continue;
    }
    statement(current);
  }
  if (next && !frame().returned)
    run(*next->block, next->index, next->next);
}

void Elaborator::statement(const ast::Stmt &current) {
  site.setTarget({});
  site.visit(current.range);
  if (auto *node = current.as<ast::Assign>())
    assignStatement(*node);
  else if (auto *annotated = current.as<ast::AnnotatedAssign>())
    annotatedAssign(*annotated);
  else if (auto *augmented = current.as<ast::AugmentedAssign>())
    augmentedAssign(current, *augmented);
  else if (auto *expression = current.as<ast::ExpressionStmt>())
    evaluate(*expression->value);
  else if (auto *loop = current.as<ast::For>())
    forStatement(*loop);
  else if (auto *whileLoop = current.as<ast::While>())
    whileStatement(*whileLoop);
  else if (auto *end = current.as<ast::Return>())
    returnStatement(*end);
  else if (auto *check = current.as<ast::Assert>())
    assertStatement(*check);
  else if (current.as<ast::Raise>())
    unsupported("'raise' is reached; a kernel cannot raise", "syn:raise");
  else if (current.as<ast::With>())
    unsupported("'with' cannot be used in a kernel", "syn:with");
  else if (current.as<ast::Break>())
    unsupported("'break' cannot be used in a kernel; use the loop's condition", "syn:break");
  else if (current.as<ast::Continue>())
    unsupported("'continue' cannot be used in a kernel; use an 'if'", "syn:continue");
  else if (current.as<ast::FunctionDef>())
    unsupported("a function cannot be defined inside a kernel", "syn:nested def");
  else if (current.as<ast::ClassDef>())
    unsupported("a class cannot be defined inside a kernel", "syn:class");
  else if (current.as<ast::Import>())
    unsupported("nothing can be imported inside a kernel", "syn:import");
  else if (current.as<ast::Try>())
    unsupported("'try' cannot be used in a kernel", "syn:try");
  else if (auto *other = current.as<ast::UnsupportedStmt>())
    unsupported(fmt::format("{} cannot be used in a kernel", other->construct),
                "syn:" + other->construct);
  site.setTarget({});
  site.visit(current.range);
}

void Elaborator::unsupported(const std::string &message, const std::string &feature) {
  fail(message, {}, feature);
}

Object Elaborator::runtimeValues(const Object &object) {
  if (const Tuple *tuple = object.tuple()) {
    std::vector<Object> converted;
    for (const Object &item : tuple->items)
      converted.push_back(runtimeValues(item));
    return Object::tuple(std::move(converted), tuple->isList);
  }
  const Value *value = object.constant();
  if (value && object.asNumber())
    return semantics.toTensor(object);
  if (value && value->as<Integer>()) // an integer beyond every type
    return semantics.toTensor(object);
  return object;
}

void Elaborator::assign(const ast::Expr &target, const Object &value) {
  if (const ast::Name *name = target.as<ast::Name>()) {
    scope().set(name->id, value);
    return;
  }
  const std::vector<ast::ExprPtr> *targets = nullptr;
  if (const ast::Tuple *tuple = target.as<ast::Tuple>())
    targets = &tuple->items;
  else if (const ast::List *list = target.as<ast::List>())
    targets = &list->items;
  Place place(site, target.range);
  if (!targets) {
    bool isSubscript = target.as<ast::Subscript>();
    unsupported(fmt::format("only names can be assigned, not {}",
                            isSubscript ? "parts of a tile" : "attributes"),
                isSubscript ? "syn:assignment to a subscript" : "syn:assignment to an attribute");
    return;
  }
  const Tuple *values = value.tuple();
  if (values && values->items.size() != targets->size())
    site.error(fmt::format("{} names for {} values", targets->size(), values->items.size()));
  else if (!values && value.isValid())
    site.error(fmt::format("{} cannot be unpacked", describe(value)));
  bool matches = values && values->items.size() == targets->size();
  for (std::size_t i = 0; i < targets->size(); ++i)
    assign(*(*targets)[i], matches ? values->items[i] : Object());
}

void Elaborator::assignStatement(const ast::Assign &node) {
  if (node.targets.size() == 1)
    if (const ast::Name *name = node.targets[0]->as<ast::Name>())
      site.setTarget(name->id);
  Object value = runtimeValues(evaluate(*node.value));
  site.setTarget({});
  for (const ast::ExprPtr &target : node.targets)
    assign(*target, value);
}

void Elaborator::annotatedAssign(const ast::AnnotatedAssign &node) {
  std::string annotation = ast::dottedName(*node.annotation);
  bool isConstexpr = annotation == "constexpr" || annotation.ends_with(".constexpr");
  if (!node.value) {
    if (isConstexpr)
      site.error("a constexpr needs a value");
    return;
  }
  if (const ast::Name *name = node.target->as<ast::Name>(); name && !isConstexpr)
    site.setTarget(name->id);
  Object value = evaluate(*node.value);
  site.setTarget({});
  assign(*node.target, isConstexpr ? value : runtimeValues(value));
}

void Elaborator::augmentedAssign(const ast::Stmt &current, const ast::AugmentedAssign &node) {
  const ast::Name *name = node.target->as<ast::Name>();
  if (!name) {
    assign(*node.target, Object());
    return;
  }
  site.setTarget(name->id);
  site.visit(current.range);
  Object left = evaluate(*node.target), right = evaluate(*node.value);
  Object value = runtimeValues(binaryOperation(node.op, left, right));
  site.setTarget({});
  scope().set(name->id, value);
}

void Elaborator::returnStatement(const ast::Return &node) {
  Object value = node.value ? evaluate(*node.value) : Object::none();
  if (frame().loopDepth > 0) {
    unsupported("'return' cannot stand inside a loop", "syn:return inside a loop");
    return;
  }
  frame().result = runtimeValues(value);
  frame().returned = true;
}

// A constant condition is checked now, as Python would; a runtime one is a device assertion, which
// only debug builds of a kernel keep.
void Elaborator::assertStatement(const ast::Assert &node) {
  Object test = evaluate(*node.test);
  std::string message;
  if (node.message)
    if (Object given = evaluate(*node.message); given.asString())
      message = *given.asString();
  if (constantTruth(test) == false)
    site.error(message.empty() ? "this assertion does not hold"
                               : fmt::format("this assertion does not hold: {}", message));
}

} // namespace lapidary::language
