// Calls: of helpers, which are inlined, and of built-in functions.
#include "core/language/Elaborator.h"

#include "core/source/Evaluator.h"

#include <fmt/format.h>

namespace lapidary::language {

constexpr std::size_t deepestCall = 100;

Object Elaborator::fail(std::string message, std::vector<std::string> notes, std::string feature) {
  site.error(std::move(message), std::move(notes), std::move(feature));
  return {};
}

std::optional<__int128> Elaborator::constantInteger(const Object &object, const char *what) {
  if (std::optional<__int128> value = object.asInteger())
    return value;
  if (object.tensor())
    fail(fmt::format("{} must be known at compile time, not {}", what, describe(object)),
         {"a value assigned with 'x: tl.constexpr = ...' stays a constant; 'x = ...' makes it a "
          "runtime "
          "value"});
  else if (object.isValid())
    fail(fmt::format("{} must be an integer, not {}", what, describe(object)));
  return std::nullopt;
}

std::optional<std::vector<std::int64_t>> Elaborator::integers(const Object &object,
                                                              const char *what) {
  std::vector<std::int64_t> values;
  const Tuple *tuple = object.tuple();
  std::vector<Object> single = {object};
  for (const Object &item : tuple ? tuple->items : single) {
    std::optional<__int128> value = constantInteger(item, what);
    if (!value)
      return std::nullopt;
    if (*value < INT32_MIN || *value > INT32_MAX) {
      fail(fmt::format("{} must fit 32 bits, got {}", what, toString(Integer(*value))));
      return std::nullopt;
    }
    values.push_back(static_cast<std::int64_t>(*value));
  }
  return values;
}

// Keywords before positional arguments: the order in which Triton emits what they compute.
Elaborator::Arguments Elaborator::arguments(const ast::Call &node) {
  Arguments result;
  for (const ast::Keyword &keyword : node.keywords) {
    Object value = evaluate(*keyword.value);
    if (keyword.name.empty()) {
      fail("keyword arguments cannot be spread with ** in a kernel", {}, "param:**kwargs");
      result.valid = false;
      continue;
    }
    result.valid &= value.isValid();
    result.keywords.push_back({keyword.name, {value, keyword.value->range}});
    site.visit(keyword.range);
  }
  for (const ast::ExprPtr &argument : node.arguments) {
    const ast::Starred *starred = argument->as<ast::Starred>();
    Object value = evaluate(starred ? *starred->value : *argument);
    result.valid &= value.isValid();
    if (!starred) {
      result.positional.push_back({value, argument->range});
    } else if (const Tuple *tuple = value.tuple()) {
      for (const Object &item : tuple->items)
        result.positional.push_back({item, argument->range});
    } else if (value.isValid()) {
      fail(fmt::format("only a tuple can be spread with *, not {}", describe(value)));
      result.valid = false;
    }
  }
  return result;
}

Object Elaborator::call(const ast::Call &node) {
  Object callee = evaluate(*node.function);
  Arguments given = arguments(node);
  if (!callee.isValid())
    return {};
  return dispatch(callee, std::move(given));
}

Object Elaborator::callObject(const Object &callee, std::vector<Object> values,
                              std::vector<std::pair<std::string, Object>> keywords) {
  Arguments given;
  for (Object &value : values) {
    given.valid &= value.isValid();
    given.positional.push_back({std::move(value), site.range()});
  }
  for (auto &[name, value] : keywords) {
    given.valid &= value.isValid();
    given.keywords.push_back({name, {std::move(value), site.range()}});
  }
  return dispatch(callee, std::move(given));
}

Object Elaborator::dispatch(const Object &callee, Arguments given) {
  if (const Method *method = callee.method()) {
    given.positional.insert(given.positional.begin(), {*method->self, site.range()});
    return dispatch(*method->callee, std::move(given));
  }
  if (!given.valid)
    return {};
  if (auto *function = callee.as<Function>())
    return callFunction(*function, std::move(given));
  if (auto *host = callee.as<HostFunction>())
    return callHostFunction(*host, given);
  if (auto *builtin = callee.as<Builtin>())
    return callBuiltin(*builtin->entry, std::move(given));
  if (const Type *type = callee.type(); type && type->isScalar() && given.positional.size() == 1) {
    Tensor value = semantics.toTensor(given.positional[0].value);
    return semantics.cast(value, type->element);
  }
  return fail(fmt::format("{} cannot be called", describe(callee)), {}, "call:other expr");
}

// ---- built-in functions ----

namespace {
struct ParameterSpec {
  std::string name;
  bool isOptional = false, isRest = false;
};

// "input, axis, keep_dims=" or "prefix, *args, hex="
std::vector<ParameterSpec> parameterSpecs(const char *text) {
  std::vector<ParameterSpec> specs;
  ParameterSpec current;
  for (const char *c = text;; ++c) {
    if (*c == ',' || *c == '\0') {
      if (!current.name.empty())
        specs.push_back(current);
      current = {};
      if (*c == '\0')
        return specs;
    } else if (*c == '=') {
      current.isOptional = true;
    } else if (*c == '*') {
      current.isRest = true;
    } else if (*c != ' ') {
      current.name += *c;
    }
  }
}
} // namespace

Object Elaborator::callBuiltin(const BuiltinEntry &entry, Arguments given) {
  std::string shown = entry.name;
  if (!entry.handler)
    return fail(fmt::format("tl.{} is not supported", shown), {}, "tl." + shown);
  std::vector<ParameterSpec> specs = parameterSpecs(entry.parameters);
  Call call{*this, entry, {}, {}, {}};
  call.arguments.assign(specs.size(), Object::none());
  call.ranges.assign(specs.size(), site.range());
  std::vector<bool> filled(specs.size(), false);
  std::size_t next = 0;
  for (Argument &argument : given.positional) {
    if (next < specs.size() && specs[next].isRest) {
      call.rest.push_back(std::move(argument.value));
      continue;
    }
    if (next >= specs.size()) {
      Place place(site, argument.range);
      return fail(fmt::format("{} takes {} arguments, got {}", shown, specs.size(),
                              given.positional.size()));
    }
    call.arguments[next] = std::move(argument.value);
    call.ranges[next] = argument.range;
    filled[next++] = true;
  }
  for (auto &[name, argument] : given.keywords) {
    std::size_t at = 0;
    while (at < specs.size() && (specs[at].name != name || specs[at].isRest))
      ++at;
    Place place(site, argument.range);
    if (at == specs.size()) {
      std::vector<std::string> known;
      for (const ParameterSpec &spec : specs)
        known.push_back(spec.name);
      std::string nearest = nearestName(name, known);
      return fail(fmt::format("{} has no parameter {}", shown, name),
                  nearest.empty()
                      ? std::vector<std::string>{}
                      : std::vector<std::string>{fmt::format("did you mean {}?", nearest)},
                  fmt::format("tl.{}({}=)", shown, name));
    }
    if (filled[at])
      return fail(fmt::format("{} is given twice to {}", name, shown));
    call.arguments[at] = std::move(argument.value);
    call.ranges[at] = argument.range;
    filled[at] = true;
  }
  for (std::size_t i = 0; i < specs.size(); ++i)
    if (!filled[i] && !specs[i].isOptional && !specs[i].isRest)
      return fail(fmt::format("{} needs its argument {}", shown, specs[i].name));
  return entry.handler(call);
}

// ---- plain Python functions ----

Object Elaborator::callHostFunction(const HostFunction &host, const Arguments &given) {
  std::vector<Value> values;
  Evaluator::Keywords keywords;
  auto constant = [&](const Argument &argument) {
    std::optional<Value> value = argument.value.asValue();
    if (!value) {
      Place place(site, argument.range);
      fail(fmt::format("{} is a plain Python function and takes constants, not {}",
                       host.function->name, describe(argument.value)),
           {"decorate it with @triton.jit to call it with runtime values"},
           "call:non-jit python function");
    }
    return value;
  };
  for (const Argument &argument : given.positional) {
    std::optional<Value> value = constant(argument);
    if (!value)
      return {};
    values.push_back(std::move(*value));
  }
  for (const auto &[name, argument] : given.keywords) {
    std::optional<Value> value = constant(argument);
    if (!value)
      return {};
    keywords.emplace_back(name, std::move(*value));
  }
  Result<Value> result = makeEvaluator(*host.file).call(*host.function, values, keywords);
  return result ? Object(*result)
                : fail(fmt::format("{}: {}", host.function->name, result.error().message));
}

// ---- helpers ----

// The arguments as names of the callee's scope: positional, keywords, defaults, in Python's order.
bool Elaborator::bind(const JitFunction &function, const KernelFile &home, Arguments &given,
                      Scope &bound) {
  const auto *definition = function.definition->as<ast::FunctionDef>();
  std::size_t next = 0;
  std::vector<bool> used(given.keywords.size(), false);
  for (const ast::Parameter &parameter : definition->parameters) {
    using Kind = ast::Parameter::Kind;
    if (parameter.kind == Kind::VarArgs) {
      std::vector<Object> rest;
      while (next < given.positional.size())
        rest.push_back(given.positional[next++].value);
      bound.set(parameter.name, Object::tuple(std::move(rest)));
      continue;
    }
    if (parameter.kind == Kind::KeywordArgs) {
      fail(fmt::format("{} takes **{}, which a jit function cannot", function.name, parameter.name),
           {}, "param:**kwargs");
      return false;
    }
    std::size_t keyword = 0;
    while (keyword < given.keywords.size() && given.keywords[keyword].first != parameter.name)
      ++keyword;
    bool hasKeyword = keyword < given.keywords.size();
    bool hasPositional = parameter.kind == Kind::Positional && next < given.positional.size();
    if (hasKeyword && hasPositional) {
      fail(fmt::format("{} is given twice to {}", parameter.name, function.name));
      return false;
    }
    if (hasPositional) {
      bound.set(parameter.name, given.positional[next++].value);
    } else if (hasKeyword) {
      used[keyword] = true;
      bound.set(parameter.name, given.keywords[keyword].second.value);
    } else if (parameter.defaultValue) {
      // Defaults are expressions of the callee's module.
      Frame defaults{&function, &home, {}, Object::none(), false, 0};
      frames.push_back(std::make_unique<Frame>(std::move(defaults)));
      site.enter(home.path, function.name, standard.contains(&home));
      Object value = evaluate(*parameter.defaultValue);
      site.leave();
      frames.pop_back();
      if (!value.isValid())
        return false;
      bound.set(parameter.name, std::move(value));
    } else {
      fail(fmt::format("{} needs its argument {}", function.name, parameter.name));
      return false;
    }
  }
  if (next < given.positional.size()) {
    Place place(site, given.positional[next].range);
    fail(fmt::format("{} takes {} arguments, got {}", function.name, definition->parameters.size(),
                     given.positional.size()));
    return false;
  }
  for (std::size_t i = 0; i < used.size(); ++i)
    if (!used[i]) {
      Place place(site, given.keywords[i].second.range);
      std::vector<std::string> known;
      for (const ast::Parameter &parameter : definition->parameters)
        known.push_back(parameter.name);
      std::string nearest = nearestName(given.keywords[i].first, known);
      fail(fmt::format("{} has no parameter {}", function.name, given.keywords[i].first),
           nearest.empty() ? std::vector<std::string>{}
                           : std::vector<std::string>{fmt::format("did you mean {}?", nearest)});
      return false;
    }
  return true;
}

Object Elaborator::callFunction(const Function &callee, Arguments given) {
  const JitFunction &function = *callee.function;
  if (site.depth() >= deepestCall)
    return fail(fmt::format("{} is called more than {} deep: it calls itself without end",
                            function.name, deepestCall));
  if (!function.definition || !function.definition->as<ast::FunctionDef>())
    return fail(fmt::format("{} has no body to call", function.name));
  Frame inner{&function, callee.file, {}, Object::none(), false, 0};
  if (!bind(function, *callee.file, given, inner.scope))
    return {};
  site.enter(callee.file->path, function.name, standard.contains(callee.file));
  frames.push_back(std::make_unique<Frame>(std::move(inner)));
  runBody(function.definition->as<ast::FunctionDef>()->body);
  Object result = frame().result;
  frames.pop_back();
  site.leave();
  return result;
}

} // namespace lapidary::language
