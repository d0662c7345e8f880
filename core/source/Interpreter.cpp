#include "core/source/Interpreter.h"

#include <algorithm>
#include <fmt/format.h>

namespace lapidary {

using namespace ast;

namespace {

// Counts expressions, statements and calls alike: it bounds this program's own stack.
constexpr int maximumDepth = 400;

constexpr std::string_view closurePrefix = "<closure ";

bool isMutable(const Value &value) {
  return value.as<ListValue>() || value.as<DictValue>() || value.as<ObjectValue>();
}

// Built-in functions whose result holds nothing of their arguments.
bool letsGoOfArguments(std::string_view name) {
  static constexpr std::string_view names[] = {"len",        "range", "sum",  "any",  "all",
                                               "print",      "str",   "repr", "int",  "float",
                                               "isinstance", "bool",  "abs",  "round"};
  return std::ranges::find(names, name) != std::end(names) || name.starts_with("math.");
}

} // namespace

std::size_t weight(const Value &value) {
  auto ofItems = [](const ValueList &items) {
    std::size_t sum = 1;
    for (const Value &item : items)
      sum += weight(item);
    return sum;
  };
  if (const auto *tuple = value.as<TupleValue>())
    return ofItems(tuple->items);
  if (const auto *list = value.as<ListValue>())
    return ofItems(list->items);
  std::size_t sum = 1;
  if (const auto *dict = value.as<DictValue>())
    for (const auto &[key, item] : dict->items)
      sum += weight(key) + weight(item);
  if (const auto *object = value.as<ObjectValue>())
    for (const auto &field : object->fields)
      sum += weight(field.second);
  if (const auto *text = value.as<std::string>())
    sum += text->size() / 64;
  return sum;
}

std::string display(const Value &value) {
  const auto *text = value.as<std::string>();
  return text ? *text : repr(value);
}

Value Interpreter::raise(std::string message, ErrorCode code) {
  if (!error)
    error = Error{code,
                  where.line > 0 ? fmt::format("{}:{}: {}", where.line, where.column, message)
                                 : std::move(message),
                  {}};
  return {};
}

bool Interpreter::charge(std::size_t steps) {
  if (failed())
    return false;
  if (steps > static_cast<std::size_t>(std::max(stepsLeft, 0))) {
    stepsLeft = 0;
    raise("this takes more steps than evaluation without running the module allows",
          ErrorCode::OutOfResource);
    return false;
  }
  stepsLeft -= static_cast<int>(steps);
  return true;
}

Value Interpreter::checked(Result<Value> value) {
  if (failed())
    return {};
  if (!value)
    return raise(value.error().message, value.error().code);
  return std::move(*value);
}

Result<Value> Interpreter::result(Value value) {
  if (error)
    return std::unexpected(*error);
  return value;
}

Value Interpreter::evaluate(const Expr &expression) {
  Value value = peek(expression);
  const auto *name = expression.as<Name>();
  if (name && isMutable(value))
    for (std::size_t i = scopes.size(); i-- > frame;)
      if (auto found = scopes[i].find(name->id); found != scopes[i].end()) {
        found->second.shared = true;
        break;
      }
  return value;
}

Value Interpreter::peek(const Expr &expression) {
  if (!charge(1))
    return {};
  SourceRange outer = where;
  where = expression.range;
  if (++depth > maximumDepth)
    raise("nested too deeply to be evaluated", ErrorCode::OutOfResource);
  Value value;
  if (!failed())
    value = std::visit([this](const auto &node) { return visit(node); }, expression.node);
  --depth;
  where = outer;
  return value;
}

ValueList Interpreter::items(const std::vector<ExprPtr> &expressions, bool onlyLook) {
  ValueList result;
  for (const ExprPtr &expression : expressions) {
    if (failed())
      break;
    if (const auto *starred = expression->as<Starred>()) {
      ValueList more = iterate(peek(*starred->value));
      if (charge(more.size()))
        std::ranges::move(more, std::back_inserter(result));
    } else {
      result.push_back(onlyLook ? peek(*expression) : evaluate(*expression));
    }
  }
  return result;
}

bool Interpreter::isLocal(const std::string &name) const {
  for (std::size_t i = scopes.size(); i-- > frame;)
    if (scopes[i].contains(name))
      return true;
  return false;
}

// A name that is not local: the caller's, then a function of the module, then a built-in.
std::optional<Value> Interpreter::known(const std::string &dotted) {
  if (lookup)
    if (std::optional<Value> value = lookup(dotted)) {
      charge(weight(*value));
      return value;
    }
  if (functions && functions(dotted))
    return Value{FunctionValue{dotted, ""}};
  if (std::optional<Value> constant = Evaluator::builtinConstant(dotted))
    return constant;
  if (Evaluator::isBuiltin(dotted))
    return Value{FunctionValue{dotted, ""}};
  return std::nullopt;
}

Value Interpreter::resolve(const std::string &dotted) {
  if (std::optional<Value> value = known(dotted))
    return std::move(*value);
  return raise(fmt::format("'{}' is not known here", dotted));
}

Value Interpreter::visit(const Name &node) {
  for (std::size_t i = scopes.size(); i-- > frame;)
    if (auto found = scopes[i].find(node.id); found != scopes[i].end()) {
      charge(weight(found->second.value));
      return found->second.value;
    }
  return resolve(node.id);
}

Value Interpreter::visit(const FormattedString &node) {
  std::string text;
  for (const ExprPtr &part : node.parts) {
    std::string piece = display(peek(*part));
    if (!charge(piece.size() / 64))
      return {};
    text += piece;
  }
  return Value{std::move(text)};
}

Value Interpreter::visit(const Unary &node) {
  Value operand = peek(*node.operand);
  return failed() ? Value{} : checked(Evaluator::unary(node.op, operand));
}

Value Interpreter::visit(const Binary &node) {
  Value left = peek(*node.left);
  Value right = peek(*node.right);
  if (failed())
    return {};
  Value result = checked(Evaluator::binary(node.op, left, right));
  charge(weight(result));
  return result;
}

Value Interpreter::visit(const BoolOp &node) {
  Value value;
  for (const ExprPtr &operand : node.operands) {
    value = evaluate(*operand);
    if (failed() || truthy(value) == (node.op == "or"))
      break;
  }
  return value;
}

Value Interpreter::visit(const Compare &node) {
  Value left = peek(*node.left), result{true};
  for (std::size_t i = 0; i < node.ops.size() && !failed(); ++i) {
    Value right = peek(*node.rights[i]);
    if (failed() || !charge((weight(left) + weight(right)) / 16))
      return {};
    result = checked(Evaluator::binary(node.ops[i], left, right));
    if (!truthy(result))
      break;
    left = std::move(right);
  }
  return result;
}

Value Interpreter::visit(const Conditional &node) {
  Value test = peek(*node.test);
  return failed() ? Value{} : evaluate(truthy(test) ? *node.then : *node.otherwise);
}

// The first name of a chain of attributes; empty when it starts with anything else.
std::string Interpreter::rootName(const Expr &expression) const {
  const Expr *current = &expression;
  while (const auto *attribute = current->as<Attribute>())
    current = attribute->object.get();
  const auto *name = current->as<Name>();
  return name ? name->id : "";
}

// Whether "a" or "a.b" of "a.b.c" is a value, of which the rest are fields.
bool Interpreter::knowsPrefix(const std::string &dotted) const {
  for (std::size_t dot = dotted.find('.'); dot != std::string::npos;
       dot = dotted.find('.', dot + 1)) {
    std::string prefix = dotted.substr(0, dot);
    if ((lookup && lookup(prefix)) || Evaluator::builtinConstant(prefix))
      return true;
  }
  return false;
}

Value Interpreter::visit(const Attribute &node) {
  std::string root = rootName(*node.object);
  if (!root.empty() && !isLocal(root)) {
    std::string dotted = dottedName(*node.object) + "." + node.name;
    if (std::optional<Value> value = known(dotted))
      return std::move(*value);
    if (!knowsPrefix(dotted))
      return raise(fmt::format("'{}' is not known here", dotted));
  }
  Value object = peek(*node.object);
  return failed() ? Value{} : attribute(object, node.name);
}

Value Interpreter::attribute(const Value &object, const std::string &name) {
  if (std::optional<Value> value = readAttribute(object, name))
    return std::move(*value);
  return raise(fmt::format("'{}' of a {} is not known", name, kindName(object)));
}

Value Interpreter::visit(const Subscript &node) {
  Value object = peek(*node.object);
  if (failed())
    return {};
  if (node.indices.size() == 1) {
    if (const auto *bounds = node.indices[0]->as<Slice>())
      return slice(object, *bounds);
    return index(object, peek(*node.indices[0]));
  }
  return index(object, Value{TupleValue{items(node.indices)}});
}

Value Interpreter::index(const Value &object, const Value &key) {
  if (failed())
    return {};
  if (const auto *dict = object.as<DictValue>()) {
    charge(dict->items.size() / 16);
    for (const auto &[candidate, value] : dict->items) {
      Result<Value> equal = Evaluator::binary("==", candidate, key);
      if (equal && truthy(*equal))
        return charge(weight(value)) ? value : Value{};
    }
    return raise(fmt::format("{} is not among the keys", repr(key)));
  }
  const auto *list = object.as<ListValue>();
  const auto *tuple = object.as<TupleValue>();
  const auto *text = object.as<std::string>();
  std::optional<std::int64_t> position = toInt64(key);
  if ((!list && !tuple && !text) || !position)
    return raise(fmt::format("a {} cannot be indexed with a {}", kindName(object), kindName(key)));
  auto size = static_cast<std::int64_t>(text   ? text->size()
                                        : list ? list->items.size()
                                               : tuple->items.size());
  std::int64_t at = *position < 0 ? *position + size : *position;
  if (at < 0 || at >= size)
    return raise(fmt::format("index {} is out of range: there are {} items", *position, size));
  auto offset = static_cast<std::size_t>(at);
  if (text)
    return makeString(text->substr(offset, 1));
  const Value &item = list ? list->items[offset] : tuple->items[offset];
  return charge(weight(item)) ? item : Value{};
}

Value Interpreter::slice(const Value &object, const Slice &bounds) {
  const auto *list = object.as<ListValue>();
  const auto *tuple = object.as<TupleValue>();
  const auto *text = object.as<std::string>();
  if (!list && !tuple && !text)
    return raise(fmt::format("a {} cannot be sliced", kindName(object)));
  auto size = static_cast<std::int64_t>(text   ? text->size()
                                        : list ? list->items.size()
                                               : tuple->items.size());
  auto bound = [&](const ExprPtr &expression) -> std::optional<std::int64_t> {
    if (!expression)
      return std::nullopt;
    Value value = peek(*expression);
    if (failed() || value.isNone())
      return std::nullopt;
    std::optional<std::int64_t> number = toInt64(value);
    if (!number)
      raise("slice bounds must be integers");
    return number;
  };
  std::optional<std::int64_t> first = bound(bounds.start), last = bound(bounds.stop);
  std::int64_t step = bound(bounds.step).value_or(1);
  if (failed())
    return {};
  if (step == 0)
    return raise("the slice step is zero");
  std::int64_t lowest = step > 0 ? 0 : -1, highest = step > 0 ? size : size - 1;
  auto clip = [&](std::int64_t position) {
    return std::clamp(position < 0 ? position + size : position, lowest, highest);
  };
  std::int64_t begin = first ? clip(*first) : step > 0 ? 0 : size - 1;
  std::int64_t end = last ? clip(*last) : step > 0 ? size : -1;
  std::string piece;
  ValueList picked;
  // At most `size` rounds: a step beyond the size leaves after one.
  for (std::int64_t i = begin; step > 0 ? i < end : i > end;) {
    auto at = static_cast<std::size_t>(i);
    if (text)
      piece += (*text)[at];
    else
      picked.push_back(list ? list->items[at] : tuple->items[at]);
    if (step > size || step < -size)
      break;
    i += step;
  }
  if (text)
    return Value{std::move(piece)};
  return list ? Value{ListValue{std::move(picked)}} : Value{TupleValue{std::move(picked)}};
}

Value Interpreter::visit(const Dict &node) {
  DictValue result;
  for (const auto &[key, value] : node.items) {
    if (failed())
      return {};
    if (!key) {
      Value merged = checked(Evaluator::binary("|", Value{std::move(result)}, peek(*value)));
      if (failed() || !merged.as<DictValue>())
        return raise("'**' needs a dictionary");
      result = *merged.as<DictValue>();
      continue;
    }
    Value keyValue = evaluate(*key);
    if (Value *slot = entry(result, keyValue, true))
      *slot = evaluate(*value);
  }
  return Value{std::move(result)};
}

Value Interpreter::visit(const Set &node) {
  return failed() ? Value{}
                  : callBuiltin(*this, "set", {Value{ListValue{items(node.items)}}}, {})
                        .value_or(Value{});
}

Value Interpreter::visit(const Lambda &node) {
  return makeClosure({&node, nullptr, {}});
}

// With the local names as they are now, which no later change may reach.
Value Interpreter::makeClosure(Closure closure) {
  for (std::size_t i = frame; i < scopes.size(); ++i)
    for (auto &[name, slot] : scopes[i]) {
      if (!charge(weight(slot.value)))
        return {};
      slot.shared = true;
      closure.captured[name] = slot;
    }
  closures.push_back(std::move(closure));
  return Value{FunctionValue{fmt::format("{}{}>", closurePrefix, closures.size() - 1), ""}};
}

Value Interpreter::visit(const Comprehension &node) {
  ValueList elements;
  DictValue entries;
  scopes.emplace_back();
  comprehend(node, 0, elements, entries);
  scopes.pop_back();
  if (failed())
    return {};
  if (node.kind == ComprehensionKind::Dict)
    return Value{std::move(entries)};
  Value list{ListValue{std::move(elements)}};
  return node.kind == ComprehensionKind::Set
             ? callBuiltin(*this, "set", {std::move(list)}, {}).value_or(Value{})
             : list;
}

void Interpreter::comprehend(const Comprehension &node, std::size_t clause, ValueList &elements,
                             DictValue &entries) {
  if (clause == node.clauses.size()) {
    if (node.kind != ComprehensionKind::Dict) {
      elements.push_back(evaluate(*node.element));
      return;
    }
    Value key = evaluate(*node.element);
    if (Value *slot = entry(entries, key, true))
      *slot = evaluate(*node.value);
    return;
  }
  const ComprehensionClause &current = node.clauses[clause];
  for (Value &item : iterate(peek(*current.iterable))) {
    if (failed())
      return;
    assign(*current.target, std::move(item), true);
    bool wanted = true;
    for (const ExprPtr &condition : current.conditions)
      wanted = wanted && truthy(peek(*condition));
    if (wanted && !failed())
      comprehend(node, clause + 1, elements, entries);
  }
}

Value Interpreter::visit(const UnsupportedExpr &node) {
  return raise(fmt::format("a {} cannot be evaluated", node.construct));
}

ValueList Interpreter::iterate(const Value &value) {
  if (failed())
    return {};
  charge(weight(value));
  if (const auto *list = value.as<ListValue>())
    return list->items;
  if (const auto *tuple = value.as<TupleValue>())
    return tuple->items;
  ValueList result;
  if (const auto *dict = value.as<DictValue>()) {
    for (const auto &item : dict->items)
      result.push_back(item.first);
  } else if (const auto *text = value.as<std::string>()) {
    if (charge(text->size()))
      for (char c : *text)
        result.push_back(makeString(std::string(1, c)));
  } else {
    raise(fmt::format("a {} cannot be iterated over", kindName(value)));
  }
  return result;
}

Value Interpreter::visit(const Call &node) {
  if (const auto *callee = node.function->as<Attribute>())
    if (std::optional<Value> changed = mutatingMethod(*callee, node))
      return std::move(*changed);

  // A method of a value, unless the chain of names stands for a function.
  const auto *callee = node.function->as<Attribute>();
  std::string root = rootName(*node.function);
  std::string dotted = dottedName(*node.function);
  bool isMethod = false;
  if (callee && (root.empty() || isLocal(root))) {
    isMethod = true;
  } else if (callee) {
    std::optional<Value> known = lookup ? lookup(dotted) : std::nullopt;
    bool function = known || (functions && functions(dotted)) || Evaluator::isBuiltin(dotted);
    isMethod = !function && knowsPrefix(dotted);
  }
  Value receiver = isMethod ? peek(*callee->object) : peek(*node.function);
  if (failed())
    return {};
  const auto *function = receiver.as<FunctionValue>();
  bool letsGo = !isMethod && function && letsGoOfArguments(function->name);
  ValueList arguments = items(node.arguments, letsGo);
  Evaluator::Keywords keywords;
  for (const Keyword &keyword : node.keywords) {
    if (!keyword.name.empty()) {
      keywords.emplace_back(keyword.name, evaluate(*keyword.value));
      continue;
    }
    Value spread = peek(*keyword.value);
    const auto *dict = spread.as<DictValue>();
    if (!dict)
      return raise("'**' needs a dictionary");
    for (const auto &[key, value] : dict->items)
      if (const auto *name = key.as<std::string>())
        keywords.emplace_back(*name, value);
  }
  if (failed())
    return {};
  return isMethod ? method(receiver, callee->name, arguments, keywords)
                  : apply(receiver, arguments, keywords);
}

Value Interpreter::method(const Value &object, const std::string &name, const ValueList &arguments,
                          const Evaluator::Keywords &keywords) {
  if (std::optional<Value> value = callMethod(*this, object, name, arguments, keywords)) {
    charge(weight(*value));
    return std::move(*value);
  }
  return raise(fmt::format("{}.{}() is not known", kindName(object), name));
}

Value Interpreter::apply(const Value &function, const ValueList &arguments,
                         const Evaluator::Keywords &keywords) {
  if (failed())
    return {};
  const auto *callee = function.as<FunctionValue>();
  if (!callee)
    return raise(fmt::format("a {} cannot be called", kindName(function)));
  const std::string &name = callee->name;
  if (name.starts_with(closurePrefix)) {
    auto number =
        parseInteger(name.substr(closurePrefix.size(), name.size() - closurePrefix.size() - 1));
    auto at = number ? static_cast<std::size_t>(number->value) : closures.size();
    if (at >= closures.size())
      return raise("this function belongs to another evaluation");
    Closure closure = closures[at];
    for (const auto &[local, slot] : closure.captured)
      charge(weight(slot.value));
    if (!keywords.empty() && closure.lambda)
      return raise("a lambda called with keywords cannot be evaluated");
    scopes.push_back(std::move(closure.captured));
    std::size_t outerFrame = std::exchange(frame, scopes.size() - 1);
    Value value = closure.lambda ? callLambda(*closure.lambda, arguments)
                                 : callFunction(*closure.function, arguments, keywords);
    frame = outerFrame;
    scopes.pop_back();
    return value;
  }
  if (const FunctionDef *definition = functions ? functions(name) : nullptr) {
    std::size_t outerFrame = std::exchange(frame, scopes.size());
    Value value = callFunction(*definition, arguments, keywords);
    frame = outerFrame;
    return value;
  }
  if (std::optional<Value> value = callBuiltin(*this, name, arguments, keywords))
    return std::move(*value);
  if (foreign)
    if (std::optional<Result<Value>> value = foreign(name, arguments, keywords, stepsLeft))
      return checked(std::move(*value));
  return raise(fmt::format("{}() cannot be evaluated without running the module", name));
}

Value Interpreter::callLambda(const Lambda &lambda, const ValueList &arguments) {
  if (arguments.size() != lambda.parameters.size())
    return raise(fmt::format("the lambda takes {} arguments, not {}", lambda.parameters.size(),
                             arguments.size()));
  Scope scope;
  for (std::size_t i = 0; i < arguments.size(); ++i)
    if (charge(weight(arguments[i])))
      scope[lambda.parameters[i]] = {arguments[i], true};
  scopes.push_back(std::move(scope));
  Value value = evaluate(*lambda.body);
  scopes.pop_back();
  return value;
}

} // namespace lapidary
