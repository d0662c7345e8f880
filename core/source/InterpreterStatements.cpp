#include "core/source/Interpreter.h"

#include <algorithm>
#include <array>
#include <fmt/format.h>

namespace lapidary {

using namespace ast;

namespace {

// Python statements that make a second name for an object; anything else makes a fresh value.
bool mayShare(const Expr &expression) {
  return expression.as<Name>() || expression.as<Attribute>() || expression.as<Subscript>() ||
         expression.as<Conditional>() || expression.as<BoolOp>();
}

} // namespace

Value *Interpreter::entry(DictValue &dict, const Value &key, bool insert) {
  if (!charge(1 + dict.items.size() / 16))
    return nullptr;
  for (auto &[candidate, value] : dict.items) {
    Result<Value> equal = Evaluator::binary("==", candidate, key);
    if (equal && truthy(*equal))
      return &value;
  }
  if (!insert) {
    raise(fmt::format("{} is not among the keys", repr(key)));
    return nullptr;
  }
  dict.items.emplace_back(key, Value{});
  return &dict.items.back().second;
}

Value *Interpreter::place(const Expr &target) {
  if (const auto *name = target.as<Name>()) {
    for (std::size_t i = scopes.size(); i-- > frame;) {
      auto found = scopes[i].find(name->id);
      if (found == scopes[i].end())
        continue;
      if (!found->second.shared)
        return &found->second.value;
      raise(fmt::format("'{}' may be known under another name: changing it cannot be evaluated",
                        name->id));
      return nullptr;
    }
    raise(fmt::format("changing '{}', which is not local, cannot be evaluated", name->id));
    return nullptr;
  }
  if (const auto *node = target.as<Attribute>()) {
    Value *object = place(*node->object);
    if (!object)
      return nullptr;
    if (auto *known = std::get_if<ObjectValue>(&object->data)) {
      // Config.kwargs is the dictionary itself, as in Triton.
      for (auto &[name, value] : known->fields)
        if (name == node->name)
          return &value;
      known->fields.emplace_back(node->name, Value{});
      return &known->fields.back().second;
    }
  } else if (const auto *node = target.as<Subscript>(); node && node->indices.size() == 1) {
    Value key = peek(*node->indices[0]);
    Value *object = failed() ? nullptr : place(*node->object);
    if (!object)
      return nullptr;
    if (auto *dict = std::get_if<DictValue>(&object->data))
      return entry(*dict, key, true);
    std::optional<std::int64_t> position = toInt64(key);
    if (auto *list = std::get_if<ListValue>(&object->data); list && position) {
      auto size = static_cast<std::int64_t>(list->items.size());
      std::int64_t at = *position < 0 ? *position + size : *position;
      if (at >= 0 && at < size)
        return &list->items[static_cast<std::size_t>(at)];
      raise(fmt::format("index {} is out of range: there are {} items", *position, size));
      return nullptr;
    }
  }
  raise("this assignment cannot be evaluated");
  return nullptr;
}

void Interpreter::assign(const Expr &target, Value value, bool shared) {
  if (failed())
    return;
  if (const auto *name = target.as<Name>()) {
    scopes.back()[name->id] = {std::move(value), shared};
  } else if (const auto *tuple = target.as<Tuple>()) {
    assignUnpacked(tuple->items, value);
  } else if (const auto *list = target.as<List>()) {
    assignUnpacked(list->items, value);
  } else if (Value *slot = place(target)) {
    *slot = std::move(value);
  }
}

void Interpreter::assignUnpacked(const std::vector<ExprPtr> &targets, const Value &value) {
  ValueList items = iterate(value);
  auto starred = std::ranges::find_if(
      targets, [](const ExprPtr &target) { return target->as<Starred>() != nullptr; });
  bool hasStarred = starred != targets.end();
  if (failed())
    return;
  if (hasStarred ? items.size() + 1 < targets.size() : items.size() != targets.size()) {
    raise(fmt::format("{} values cannot be unpacked into {} names", items.size(), targets.size()));
    return;
  }
  std::size_t at = 0;
  for (const ExprPtr &target : targets) {
    const auto *rest = target->as<Starred>();
    if (!rest) {
      assign(*target, items[at++], true);
      continue;
    }
    std::size_t count = items.size() - (targets.size() - 1);
    auto begin = items.begin() + static_cast<std::ptrdiff_t>(at);
    ListValue taken{ValueList(begin, begin + static_cast<std::ptrdiff_t>(count))};
    assign(*rest->value, Value{std::move(taken)}, false);
    at += count;
  }
}

// += changes a list in place, which shows under every name of it.
void Interpreter::augment(const AugmentedAssign &node) {
  Value left = peek(*node.target), right = peek(*node.value);
  if (failed())
    return;
  bool inPlace = left.as<ListValue>() || left.as<DictValue>();
  if (left.as<ListValue>() && node.op == "+")
    right = Value{ListValue{iterate(right)}};
  if (inPlace && !place(*node.target))
    return;
  assign(*node.target, checked(Evaluator::binary(node.op, left, right)), !inPlace);
}

// list.append and its kind, which need the place instead of the value.
std::optional<Value> Interpreter::mutatingMethod(const Attribute &callee, const Call &call) {
  static constexpr std::array names = {"append",  "extend", "insert",     "pop",   "sort",
                                       "reverse", "update", "setdefault", "clear", "remove"};
  std::string root = rootName(*callee.object);
  const Expr *base = callee.object.get();
  while (const auto *subscript = base->as<Subscript>())
    base = subscript->object.get();
  if (root.empty())
    root = rootName(*base);
  if (std::ranges::find(names, callee.name) == names.end() || root.empty() || !isLocal(root))
    return std::nullopt;
  ValueList arguments = items(call.arguments);
  Evaluator::Keywords keywords;
  for (const Keyword &keyword : call.keywords)
    keywords.emplace_back(keyword.name, evaluate(*keyword.value));
  Value *object = failed() ? nullptr : place(*callee.object);
  if (!object)
    return Value{};
  std::optional<Value> result = changeValue(*this, *object, callee.name, arguments, keywords);
  return result ? std::move(*result)
                : raise(fmt::format("{}.{}() is not known", kindName(*object), callee.name));
}

Interpreter::Flow Interpreter::run(const Block &body) {
  for (const StmtPtr &stmt : body) {
    Flow flow = run(*stmt);
    if (flow != Flow::Next || failed())
      return flow;
  }
  return Flow::Next;
}

// Next: go on with the loop.
Interpreter::Flow Interpreter::runLoop(const Block &body) {
  Flow flow = run(body);
  return flow == Flow::Continue ? Flow::Next : flow;
}

Interpreter::Flow Interpreter::run(const Stmt &stmt) {
  if (!charge(1))
    return Flow::Return;
  where = stmt.range;
  struct Nested {
    int &depth;
    ~Nested() { --depth; }
  } nested{++depth};
  if (const auto *node = stmt.as<Assign>()) {
    Value value = evaluate(*node->value);
    bool shared = mayShare(*node->value) || node->targets.size() > 1;
    for (const ExprPtr &target : node->targets)
      assign(*target, value, shared);
  } else if (const auto *node = stmt.as<AnnotatedAssign>()) {
    if (node->value)
      assign(*node->target, evaluate(*node->value), mayShare(*node->value));
  } else if (const auto *node = stmt.as<AugmentedAssign>()) {
    augment(*node);
  } else if (const auto *node = stmt.as<ExpressionStmt>()) {
    peek(*node->value);
  } else if (const auto *node = stmt.as<If>()) {
    Value test = peek(*node->test);
    return failed() ? Flow::Return : run(truthy(test) ? node->body : node->otherwise);
  } else if (const auto *node = stmt.as<For>()) {
    for (Value &item : iterate(peek(*node->iterable))) {
      assign(*node->target, std::move(item), true);
      Flow flow = failed() ? Flow::Return : runLoop(node->body);
      if (flow != Flow::Next)
        return flow == Flow::Break ? Flow::Next : flow;
    }
    return run(node->otherwise);
  } else if (const auto *node = stmt.as<While>()) {
    while (charge(1) && truthy(peek(*node->test)) && !failed()) {
      Flow flow = runLoop(node->body);
      if (flow != Flow::Next)
        return flow == Flow::Break ? Flow::Next : flow;
    }
    return run(node->otherwise);
  } else if (const auto *node = stmt.as<Return>()) {
    returned = node->value ? evaluate(*node->value) : Value{};
    return Flow::Return;
  } else if (const auto *node = stmt.as<Assert>()) {
    if (Value test = peek(*node->test); !failed() && !truthy(test))
      raise("the assertion " + toSource(*node->test) + " does not hold");
  } else if (stmt.as<Break>()) {
    return Flow::Break;
  } else if (stmt.as<Continue>()) {
    return Flow::Continue;
  } else if (const auto *node = stmt.as<FunctionDef>()) {
    scopes.back()[node->name] = {makeClosure({nullptr, node, {}}), true};
  } else if (stmt.as<Raise>()) {
    raise("the function raises an exception here");
  } else if (const auto *node = stmt.as<Try>()) {
    Flow flow = run(node->body);
    if (flow == Flow::Next && !failed())
      flow = run(node->otherwise);
    Flow last = failed() ? Flow::Return : run(node->finally);
    return last != Flow::Next ? last : flow;
  } else if (!stmt.as<Pass>() && !stmt.as<Import>()) {
    const auto *unsupported = stmt.as<UnsupportedStmt>();
    raise(fmt::format("a {} cannot be evaluated", unsupported           ? unsupported->construct
                                                  : stmt.as<ClassDef>() ? "class"
                                                                        : "with statement"));
  }
  return Flow::Next;
}

void Interpreter::bind(const FunctionDef &function, const ValueList &arguments,
                       const Evaluator::Keywords &keywords, Scope &scope) {
  std::size_t position = 0;
  std::vector<bool> used(keywords.size(), false);
  for (const Parameter &parameter : function.parameters) {
    if (parameter.kind == Parameter::Kind::VarArgs) {
      auto begin =
          arguments.begin() + static_cast<std::ptrdiff_t>(std::min(position, arguments.size()));
      scope[parameter.name] = {Value{TupleValue{ValueList(begin, arguments.end())}}, true};
      position = arguments.size();
      continue;
    }
    if (parameter.kind == Parameter::Kind::KeywordArgs) {
      DictValue rest;
      for (std::size_t i = 0; i < keywords.size(); ++i)
        if (!used[i]) {
          rest.items.emplace_back(makeString(keywords[i].first), keywords[i].second);
          used[i] = true;
        }
      scope[parameter.name] = {Value{std::move(rest)}, false};
      continue;
    }
    if (parameter.kind == Parameter::Kind::Positional && position < arguments.size()) {
      scope[parameter.name] = {arguments[position++], true};
      continue;
    }
    auto named = std::ranges::find(keywords, parameter.name, &std::pair<std::string, Value>::first);
    if (named != keywords.end()) {
      used[static_cast<std::size_t>(named - keywords.begin())] = true;
      scope[parameter.name] = {named->second, true};
    } else if (parameter.defaultValue) {
      scope[parameter.name] = {evaluate(*parameter.defaultValue), true};
    } else {
      raise(fmt::format("{}() misses its argument '{}'", function.name, parameter.name));
      return;
    }
  }
  if (position < arguments.size() || std::ranges::find(used, false) != used.end())
    raise(fmt::format("{}() does not take all of these arguments", function.name));
}

Value Interpreter::callFunction(const FunctionDef &function, const ValueList &arguments,
                                const Evaluator::Keywords &keywords) {
  for (const ExprPtr &decorator : function.decorators) {
    const auto *called = decorator->as<Call>();
    std::string name = dottedName(called ? *called->function : *decorator);
    std::string last = name.substr(name.rfind('.') + 1);
    if (last != "lru_cache" && last != "cache" && last != "staticmethod" &&
        last != "constexpr_function" && last != "constexpr")
      return raise(fmt::format("{}() is changed by its decorator '{}' in a way that is not known",
                               function.name, name));
  }
  for (const Value &argument : arguments)
    charge(weight(argument));
  Scope scope;
  bind(function, arguments, keywords, scope);
  if (failed())
    return {};
  SourceRange outer = where;
  scopes.push_back(std::move(scope));
  returned = Value{};
  run(function.body);
  scopes.pop_back();
  where = outer;
  return std::exchange(returned, Value{});
}

} // namespace lapidary
