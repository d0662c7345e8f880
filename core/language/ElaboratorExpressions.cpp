// Expressions.
#include "core/language/Elaborator.h"

#include "core/source/Evaluator.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

#include <fmt/format.h>

namespace lapidary::language {

// The parser bounds nesting below this; trees that other code makes are bounded here.
constexpr int deepestExpression = 1000;

Object Elaborator::evaluate(const ast::Expr &expression) {
  if (expressionDepth >= deepestExpression)
    return fail("this expression is nested too deeply");
  ++expressionDepth;
  Object result;
  {
    Place place(site, expression.range);
    site.visit(expression.range);
    result = evaluateNode(expression);
    site.visit(expression.range);
  }
  --expressionDepth;
  return result;
}

Object Elaborator::evaluateOrNone(const ast::ExprPtr &expression) {
  return expression ? evaluate(*expression) : Object::none();
}

Object Elaborator::items(const std::vector<ast::ExprPtr> &expressions, bool isList) {
  std::vector<Object> values;
  bool valid = true;
  for (const ast::ExprPtr &item : expressions) {
    if (const ast::Starred *starred = item->as<ast::Starred>()) {
      Object inner = evaluate(*starred->value);
      if (const Tuple *tuple = inner.tuple())
        values.insert(values.end(), tuple->items.begin(), tuple->items.end());
      else if (inner.isValid())
        return fail(fmt::format("only a tuple can be spread with *, not {}", describe(inner)));
      else
        valid = false;
      continue;
    }
    values.push_back(evaluate(*item));
    valid &= values.back().isValid();
  }
  return valid ? Object::tuple(std::move(values), isList) : Object();
}

Object Elaborator::evaluateNode(const ast::Expr &expression) {
  auto refuse = [&](const std::string &what, const std::string &feature) {
    return fail(fmt::format("{} cannot be used in a kernel", what), {}, feature);
  };
  if (auto *node = expression.as<ast::Name>())
    return name(node->id);
  if (auto *node = expression.as<ast::Constant>())
    return node->value;
  if (auto *node = expression.as<ast::Binary>()) {
    Object left = evaluate(*node->left), right = evaluate(*node->right);
    return binaryOperation(node->op, left, right);
  }
  if (auto *node = expression.as<ast::Unary>())
    return unary(*node);
  if (auto *node = expression.as<ast::BoolOp>())
    return boolOp(*node);
  if (auto *node = expression.as<ast::Compare>())
    return compare(*node);
  if (auto *node = expression.as<ast::Conditional>())
    return conditional(*node);
  if (auto *node = expression.as<ast::Call>())
    return call(*node);
  if (auto *node = expression.as<ast::Attribute>()) {
    if (Object known = dottedName(expression); known.isValid())
      return known;
    Object object = evaluate(*node->object);
    Place place(site, node->nameRange.line ? node->nameRange : expression.range);
    if (const Type *type = object.type();
        node->name == "element_ty" && type && type->isScalar() && !type->isPointer())
      hintPointer(*node->object);
    return attributeOf(object, node->name);
  }
  if (auto *node = expression.as<ast::Subscript>())
    return subscript(*node);
  if (auto *node = expression.as<ast::Slice>()) {
    auto part = [&](const ast::ExprPtr &e) {
      return std::make_shared<const Object>(evaluateOrNone(e));
    };
    auto start = part(node->start), stop = part(node->stop), step = part(node->step);
    return Object(std::make_shared<const Slice>(Slice{start, stop, step}));
  }
  if (auto *node = expression.as<ast::Tuple>())
    return items(node->items, false);
  if (auto *node = expression.as<ast::List>())
    return items(node->items, true);
  if (auto *node = expression.as<ast::FormattedString>())
    return formatted(*node);
  if (auto *node = expression.as<ast::Comprehension>())
    return comprehension(*node);
  if (expression.as<ast::Lambda>())
    return refuse("a lambda", "syn:lambda");
  if (expression.as<ast::Dict>())
    return refuse("a dictionary", "val:dict literal");
  if (expression.as<ast::Set>())
    return refuse("a set", "val:set literal");
  if (expression.as<ast::Starred>())
    return refuse("a starred expression", "syn:starred *x");
  auto *unsupportedNode = expression.as<ast::UnsupportedExpr>();
  std::string construct = unsupportedNode ? unsupportedNode->construct : "this expression";
  return refuse(construct, "syn:" + construct);
}

// x.dtype.element_ty: x should be a pointer.
void Elaborator::hintPointer(const ast::Expr &expression) {
  const ast::Expr *root = &expression;
  while (const ast::Attribute *attribute = root->as<ast::Attribute>())
    root = attribute->object.get();
  const ast::Name *name = root->as<ast::Name>();
  const Object *value = name ? scope().find(name->id) : nullptr;
  if (value && value->tensor())
    semantics.hints.shouldPoint(*value->tensor());
}

// ---- operators ----

Object Elaborator::binaryOperation(const std::string &op, const Object &left, const Object &right) {
  if (!left.isValid() || !right.isValid())
    return {};
  if (left.tensor() || right.tensor())
    return semantics.binary(op, left, right);
  if (left.constant() && right.constant()) {
    Result<Value> value = Evaluator::binary(op, *left.constant(), *right.constant());
    return value ? Object(*value) : fail(value.error().message);
  }
  const Tuple *tuple = left.tuple();
  if (tuple && op == "+" && right.tuple()) {
    std::vector<Object> joined = tuple->items;
    joined.insert(joined.end(), right.tuple()->items.begin(), right.tuple()->items.end());
    return Object::tuple(std::move(joined), tuple->isList);
  }
  bool repeated =
      op == "*" && ((tuple && right.asInteger()) || (right.tuple() && left.asInteger()));
  if (repeated) {
    const Tuple &once = tuple ? *tuple : *right.tuple();
    __int128 count = tuple ? *right.asInteger() : *left.asInteger();
    if (count > 0 &&
        static_cast<std::size_t>(count) > 4096 / std::max<std::size_t>(once.items.size(), 1))
      return fail("this repeats a tuple too often");
    std::vector<Object> joined;
    for (__int128 i = 0; i < count; ++i)
      joined.insert(joined.end(), once.items.begin(), once.items.end());
    return Object::tuple(std::move(joined), once.isList);
  }
  return fail(fmt::format("'{}' does not work on {} and {}", op, describe(left), describe(right)));
}

Object Elaborator::unary(const ast::Unary &node) {
  Object operand = evaluate(*node.operand);
  if (!operand.isValid())
    return {};
  if (const Tensor *tensor = operand.tensor())
    return semantics.unary(node.op, *tensor);
  if (node.op == "not")
    if (std::optional<bool> truth = constantTruth(operand))
      return Object::boolean(!*truth);
  const Value *value = operand.constant();
  if (!value)
    return fail(fmt::format("'{}' does not work on {}", node.op, describe(operand)));
  Result<Value> result = Evaluator::unary(node.op, *value);
  return result ? Object(*result) : fail(result.error().message);
}

std::optional<bool> Elaborator::constantTruth(const Object &object) {
  if (const Value *value = object.constant())
    return truthy(*value);
  if (const Tuple *tuple = object.tuple())
    return !tuple->items.empty();
  if (object.tensor() || !object.isValid())
    return std::nullopt;
  return true; // types, functions, modules
}

// Constants decide and drop out as they are met; what remains is combined from the right.
Object Elaborator::boolOp(const ast::BoolOp &node) {
  bool isAnd = node.op == "and";
  std::vector<Tensor> runtime;
  Object last;
  for (const ast::ExprPtr &operand : node.operands) {
    last = evaluate(*operand);
    if (!last.isValid())
      return {};
    if (const Tensor *tensor = last.tensor()) {
      runtime.push_back(*tensor);
      continue;
    }
    if (constantTruth(last).value_or(false) != isAnd)
      return last;
  }
  if (runtime.empty())
    return last;
  Tensor result = runtime.back();
  for (std::size_t i = runtime.size() - 1; i-- > 0;)
    result = semantics.logical(isAnd, runtime[i], result);
  return result;
}

Object Elaborator::compareOperation(const std::string &op, const Object &left,
                                    const Object &right) {
  if (!left.isValid() || !right.isValid())
    return {};
  if (op == "is" || op == "is not") {
    bool same = !left.tensor() && !right.tensor() && sameObject(left, right);
    if (left.tensor() && right.tensor())
      same = sameObject(left, right);
    return Object::boolean(same == (op == "is"));
  }
  if (op == "in" || op == "not in")
    return contains(op == "not in", left, right);
  // A runtime value never equals None, a string or a type.
  bool equality = op == "==" || op == "!=";
  auto number = [](const Object &o) { return o.tensor() || o.asNumber(); };
  if ((left.tensor() || right.tensor()) && (!equality || (number(left) && number(right))))
    return semantics.compare(op, left, right);
  if (left.constant() && right.constant()) {
    Result<Value> value = Evaluator::binary(op, *left.constant(), *right.constant());
    return value ? Object(*value) : fail(value.error().message);
  }
  if (!equality)
    return fail(
        fmt::format("'{}' does not compare {} and {}", op, describe(left), describe(right)));
  return Object::boolean(sameObject(left, right) == (op == "=="));
}

Object Elaborator::contains(bool negated, const Object &item, const Object &container) {
  if (const std::string *textValue = container.asString(); textValue && item.asString())
    return Object::boolean((textValue->find(*item.asString()) != std::string::npos) != negated);
  const Tuple *tuple = container.tuple();
  if (!tuple || item.tensor())
    return fail(fmt::format("'in' looks for a constant in a tuple, not for {} in {}",
                            describe(item), describe(container)));
  bool found = false;
  for (const Object &candidate : tuple->items) {
    Object equal = compareOperation("==", item, candidate);
    found |= constantTruth(equal).value_or(false);
  }
  return Object::boolean(found != negated);
}

Object Elaborator::compare(const ast::Compare &node) {
  Object left = evaluate(*node.left), result;
  for (std::size_t i = 0; i < node.ops.size(); ++i) {
    Object right = evaluate(*node.rights[i]);
    Object one = compareOperation(node.ops[i], left, right);
    if (!one.isValid())
      return {};
    if (i == 0)
      result = one;
    else if (std::optional<bool> truth = constantTruth(result))
      result = *truth ? one : result;
    else
      result = semantics.logical(true, semantics.toTensor(result), semantics.toTensor(one));
    if (constantTruth(result) == false)
      return result;
    left = right;
  }
  return result;
}

Object Elaborator::conditional(const ast::Conditional &node) {
  Object test = evaluate(*node.test);
  if (!test.isValid())
    return {};
  if (std::optional<bool> truth = constantTruth(test))
    return evaluate(*truth ? *node.then : *node.otherwise);
  return runtimeConditional(node, scalarCondition(*test.tensor()));
}

Object Elaborator::runtimeConditional(const ast::Conditional &node, Tensor condition) {
  if (!condition)
    return {};
  mlir::Region thenRegion, elseRegion;
  Tensor thenValue, elseValue;
  {
    mlir::OpBuilder::InsertionGuard guard(builder);
    builder.createBlock(&thenRegion);
    thenValue = semantics.toTensor(evaluate(*node.then));
    builder.createBlock(&elseRegion);
    elseValue = semantics.toTensor(evaluate(*node.otherwise));
  }
  if (!thenValue || !elseValue)
    return {};
  if (thenValue.type != elseValue.type) {
    semantics.hints.shouldAgree(thenValue, elseValue);
    return fail("both sides of a conditional expression must have one type",
                {fmt::format("one side is {}", text(thenValue.type)),
                 fmt::format("the other is {}", text(elseValue.type))});
  }
  mlir::Operation *op = makeIf(condition, thenRegion, elseRegion, {thenValue}, {elseValue});
  return Tensor{op->getResult(0), thenValue.type};
}

// ---- subscripts, strings, comprehensions ----

Object Elaborator::subscript(const ast::Subscript &node) {
  Object object = evaluate(*node.object);
  std::vector<Object> indices;
  for (const ast::ExprPtr &index : node.indices) {
    indices.push_back(evaluate(*index));
    if (!indices.back().isValid())
      return {};
  }
  if (!node.indices.empty())
    site.visit(node.indices.front()->range);
  return subscriptObject(object, indices);
}

Object Elaborator::subscriptObject(const Object &object, const std::vector<Object> &indices) {
  if (!object.isValid() || indices.empty())
    return {};
  if (const Tensor *tensor = object.tensor()) {
    Tensor value = *tensor;
    if (value.type.form != Type::Form::Value)
      return fail(fmt::format("{} cannot be indexed", text(value.type)));
    int dimension = 0;
    for (const Object &index : indices) {
      const Slice *slice = index.slice();
      bool whole =
          slice && slice->start->isNone() && slice->stop->isNone() && slice->step->isNone();
      if (index.isNone())
        value = semantics.expandDims(value, std::min(dimension, int(value.type.shape.size())));
      else if (!whole)
        return fail(
            fmt::format("a tile is indexed with None and ':' only, not with {}", describe(index)),
            {}, slice ? "sub:slice with bounds x[a:b]" : "sub:x[expr] index");
      if (value.type.shape.size() > 16)
        return fail("this tile has too many dimensions");
      ++dimension;
    }
    return value;
  }
  const Tuple *tuple = object.tuple();
  if (!tuple || indices.size() != 1)
    return fail(fmt::format("{} cannot be indexed", describe(object)));
  std::int64_t size = static_cast<std::int64_t>(tuple->items.size());
  auto clamp = [&](const Object &bound, std::int64_t otherwise) {
    std::optional<__int128> value = bound.asInteger();
    std::int64_t at =
        value ? static_cast<std::int64_t>(std::max<__int128>(*value, -size - 1)) : otherwise;
    at = at < 0 ? at + size : at;
    return std::clamp<std::int64_t>(at, 0, size);
  };
  if (const Slice *slice = indices[0].slice()) {
    if (!slice->step->isNone() && slice->step->asInteger() != 1)
      return fail("a slice of a tuple takes no step", {}, "sub:slice with bounds x[a:b]");
    std::vector<Object> part;
    for (std::int64_t i = clamp(*slice->start, 0); i < clamp(*slice->stop, size); ++i)
      part.push_back(tuple->items[static_cast<std::size_t>(i)]);
    return Object::tuple(std::move(part), tuple->isList);
  }
  std::optional<__int128> index = constantInteger(indices[0], "the index of a tuple");
  if (!index)
    return {};
  if (*index < -size || *index >= size)
    return fail(fmt::format("index {} is outside a tuple of {}", toString(Integer(*index)), size));
  return tuple->items[static_cast<std::size_t>(*index < 0 ? *index + size : *index)];
}

Object Elaborator::formatted(const ast::FormattedString &node) {
  std::string result;
  for (const ast::ExprPtr &part : node.parts) {
    Object value = evaluate(*part);
    if (!value.isValid())
      return {};
    if (const std::string *string = value.asString())
      result += *string;
    else if (const Value *constant = value.constant())
      result += repr(*constant);
    else if (const Type *type = value.type())
      result += text(*type);
    else
      return fail(fmt::format("a formatted string holds constants, not {}", describe(value)));
  }
  return Object::string(std::move(result));
}

Object Elaborator::comprehension(const ast::Comprehension &node) {
  bool simple = node.clauses.size() == 1 && node.kind != ast::ComprehensionKind::Dict &&
                node.kind != ast::ComprehensionKind::Set && node.clauses[0].conditions.empty();
  const ast::Name *target = simple ? node.clauses[0].target->as<ast::Name>() : nullptr;
  if (!target)
    return fail("only a simple comprehension over a tuple can be used in a kernel", {},
                "syn:comprehension");
  Object iterable = evaluate(*node.clauses[0].iterable);
  const Tuple *tuple = iterable.tuple();
  if (!tuple)
    return iterable.isValid() ? fail(fmt::format("a comprehension runs over a tuple, not over {}",
                                                 describe(iterable)),
                                     {}, "syn:comprehension")
                              : Object();
  std::vector<Object> values;
  Scope before = scope();
  for (const Object &item : tuple->items) {
    scope().set(target->id, item);
    values.push_back(evaluate(*node.element));
    if (!values.back().isValid())
      break;
  }
  scope() = std::move(before);
  if (!values.empty() && !values.back().isValid())
    return {};
  return Object::tuple(std::move(values), true);
}

} // namespace lapidary::language
