// ModuleLoader: what makes a function a jit function, and what its decorators say.
#include "core/source/AstWalk.h"
#include "core/source/ModuleLoader.h"

#include <algorithm>
#include <fmt/format.h>

namespace lapidary {

using namespace ast;

namespace {

Diagnostic warning(const std::string &file, SourceRange range, std::string message) {
  Diagnostic diagnostic;
  diagnostic.severity = Severity::Warning;
  diagnostic.file = file;
  diagnostic.range = range;
  diagnostic.message = std::move(message);
  return diagnostic;
}

bool isJitName(const std::string &name) {
  return name == "triton.jit" || name == "triton.runtime.jit" || name == "triton.runtime.jit.jit" ||
         name == "triton.runtime.JITFunction" || name == "triton.language.jit";
}
bool isAutotuneName(const std::string &name) {
  return name == "triton.autotune" || name == "triton.runtime.autotune" ||
         name == "triton.runtime.autotuner.autotune";
}
bool isHeuristicsName(const std::string &name) {
  return name == "triton.heuristics" || name == "triton.runtime.heuristics" ||
         name == "triton.runtime.autotuner.heuristics";
}
bool isConstexprName(const std::string &name) {
  return name == "triton.language.constexpr" || name == "triton.language.core.constexpr" ||
         name == "tl.constexpr" || name == "constexpr";
}

// "tl.constexpr", also written as a string or with an index: tl.constexpr[int].
std::string annotationName(const Expr &annotation) {
  if (const auto *constant = annotation.as<Constant>())
    if (const auto *text = constant->value.as<std::string>())
      return *text;
  if (const auto *indexed = annotation.as<Subscript>())
    return dottedName(*indexed->object);
  return dottedName(annotation);
}

bool contains(SourceRange outer, SourceRange inner) {
  return inner.line >= outer.line && inner.line <= outer.endLine;
}

bool returnsValue(const FunctionDef &function) {
  bool found = false;
  walkStatements(function.body, [&](const Stmt &stmt) {
    if (const auto *returned = stmt.as<Return>(); returned && returned->value) {
      const auto *constant = returned->value->as<Constant>();
      found = found || !constant || !constant->value.isNone();
    }
    return !stmt.as<FunctionDef>() && !stmt.as<ClassDef>();
  });
  return found;
}

const ExprPtr *argument(const Call &call, std::size_t position, std::string_view name) {
  for (const Keyword &keyword : call.keywords)
    if (keyword.name == name)
      return &keyword.value;
  return position < call.arguments.size() ? &call.arguments[position] : nullptr;
}

} // namespace

bool ModuleLoader::isJit(Module &module, const Expr &decorator) {
  const auto *call = decorator.as<Call>();
  std::string name = dottedName(call ? *call->function : decorator);
  return !name.empty() && isJitName(fullName(module, name));
}

void ModuleLoader::addJitFunction(Module &module, StmtPtr stmt, const std::string &name,
                                  const std::vector<ExprPtr> &decorators) {
  const auto &definition = *stmt->as<FunctionDef>();
  JitFunction function;
  function.name = name;
  function.file = module.file->path;
  function.range = stmt->range;
  function.nameRange = definition.nameRange;
  function.definition = stmt;
  readParameters(module, function, definition);
  for (const ExprPtr &decorator : decorators)
    readDecorator(module, function, decorator);
  module.file->functions.push_back(std::move(function));
}

void ModuleLoader::readParameters(Module &module, JitFunction &function,
                                  const FunctionDef &definition) {
  for (const Parameter &parameter : definition.parameters) {
    KernelParameter entry;
    entry.name = parameter.name;
    entry.range = parameter.range;
    entry.defaultExpression = parameter.defaultValue;
    if (parameter.annotation) {
      const auto *text = parameter.annotation->as<Constant>();
      const auto *quoted = text ? text->value.as<std::string>() : nullptr;
      entry.annotation = quoted ? *quoted : toSource(*parameter.annotation);
      std::string name = annotationName(*parameter.annotation);
      entry.isConstexpr = isConstexprName(name) || isConstexprName(fullName(module, name));
    }
    if (parameter.defaultValue)
      if (Result<Value> value = evaluate(module, *parameter.defaultValue))
        entry.defaultValue = std::move(*value);
    if (parameter.kind == Parameter::Kind::VarArgs ||
        parameter.kind == Parameter::Kind::KeywordArgs) {
      Diagnostic problem =
          warning(function.file, parameter.range,
                  fmt::format("'{}' takes any number of arguments: a launch cannot give them",
                              parameter.name));
      problem.feature =
          parameter.kind == Parameter::Kind::VarArgs ? "param:*args" : "param:**kwargs";
      function.problems.push_back(std::move(problem));
      continue;
    }
    function.parameters.push_back(std::move(entry));
  }
}

void ModuleLoader::readDecorator(Module &module, JitFunction &function, const ExprPtr &decorator) {
  const auto *call = decorator->as<Call>();
  std::string written = dottedName(call ? *call->function : *decorator);
  std::string name = fullName(module, written);
  if (isJitName(name)) {
    function.jitDecorator = decorator;
    if (call)
      readJitOptions(module, function, *call);
    return;
  }
  if (call && isHeuristicsName(name)) {
    readHeuristics(module, function, *call, decorator->range);
    return;
  }
  if (!isAutotuneName(name))
    function.otherDecorators.push_back(toSource(*decorator));
  // Wrappers of autotune keep its keyword.
  bool hasConfigs =
      call && std::ranges::find(call->keywords, "configs", &Keyword::name) != call->keywords.end();
  if (call && (isAutotuneName(name) || hasConfigs))
    readAutotune(module, function, *call, decorator->range);
}

void ModuleLoader::readJitOptions(Module &module, JitFunction &function, const Call &call) {
  for (const Keyword &keyword : call.keywords) {
    if (keyword.name == "do_not_specialize") {
      function.options.doNotSpecialize = parameterNames(module, function, keyword);
    } else if (keyword.name == "do_not_specialize_on_alignment") {
      function.options.doNotSpecializeOnAlignment = parameterNames(module, function, keyword);
    } else if (keyword.name == "noinline" || keyword.name == "debug") {
      Result<Value> value = evaluate(module, *keyword.value);
      (keyword.name == "debug" ? function.options.debug : function.options.noinline) =
          value && truthy(*value);
    }
  }
}

// Names and indices of parameters, as names.
std::vector<std::string> ModuleLoader::parameterNames(Module &module, JitFunction &function,
                                                      const Keyword &keyword) {
  std::vector<std::string> names;
  auto complain = [&](std::string message) {
    function.problems.push_back(warning(function.file, keyword.range,
                                        fmt::format("{}: {}", keyword.name, std::move(message))));
  };
  Result<Value> value = evaluate(module, *keyword.value);
  if (!value) {
    complain("not known without running the module: " + value.error().message);
    return names;
  }
  const auto *list = value->as<ListValue>();
  const auto *tuple = value->as<TupleValue>();
  const ValueList single{*value};
  const ValueList &items = list ? list->items : tuple ? tuple->items : single;
  for (const Value &item : items) {
    if (item.isNone())
      continue;
    const auto *name = item.as<std::string>();
    std::optional<std::int64_t> index = toInt64(item);
    auto count = static_cast<std::int64_t>(function.parameters.size());
    if (index && *index >= 0 && *index < count)
      names.push_back(function.parameters[static_cast<std::size_t>(*index)].name);
    else if (name && std::ranges::find(function.parameters, *name, &KernelParameter::name) !=
                         function.parameters.end())
      names.push_back(*name);
    else
      complain(fmt::format("{} has no parameter {}", function.name, repr(item)));
  }
  return names;
}

bool ModuleLoader::readConfig(const JitFunction &function, const Value &value,
                              TuneConfig &config) const {
  const auto *object = value.as<ObjectValue>();
  const Value *kwargs = object ? object->field("kwargs") : nullptr;
  const auto *dictionary = kwargs ? kwargs->as<DictValue>() : nullptr;
  if (!dictionary)
    return false;
  for (const auto &[key, item] : dictionary->items) {
    const auto *name = key.as<std::string>();
    if (!name)
      return false;
    bool parameter = std::ranges::find(function.parameters, *name, &KernelParameter::name) !=
                     function.parameters.end();
    // Backends read their own options (waves_per_eu, kpack) from the same dictionary.
    (parameter ? config.parameters : config.options).emplace_back(*name, item);
  }
  for (const auto &[name, item] : object->fields)
    if (name != "kwargs" && name != "pre_hook" && !item.isNone())
      config.options.emplace_back(name, item);
  return true;
}

void ModuleLoader::readAutotune(Module &module, JitFunction &function, const Call &call,
                                SourceRange range) {
  AutotuneDecorator autotune;
  autotune.range = range;
  if (const ExprPtr *key = argument(call, 1, "key")) {
    Result<Value> value = evaluate(module, **key);
    const auto *list = value ? value->as<ListValue>() : nullptr;
    const auto *tuple = value ? value->as<TupleValue>() : nullptr;
    if (list || tuple)
      for (const Value &item : list ? list->items : tuple->items)
        if (const auto *name = item.as<std::string>())
          autotune.key.push_back(*name);
  }
  const ExprPtr *configs = argument(call, 0, "configs");
  if (!configs) {
    autotune.problem = "it has no configurations";
    autotune.configsRange = range;
  } else {
    autotune.configsRange = (*configs)->range;
    Result<Value> value = evaluate(module, **configs);
    const auto *list = value ? value->as<ListValue>() : nullptr;
    const auto *tuple = value ? value->as<TupleValue>() : nullptr;
    if (!value) {
      autotune.problem = value.error().message;
    } else if (!list && !tuple) {
      autotune.problem = fmt::format("a {} is no list of triton.Config", kindName(*value));
    } else {
      for (const Value &item : list ? list->items : tuple->items) {
        TuneConfig config;
        if (readConfig(function, item, config))
          autotune.configs.push_back(std::move(config));
        else
          autotune.problem = fmt::format("{} is no triton.Config", repr(item));
      }
    }
  }
  autotune.complete = autotune.problem.empty();
  if (!autotune.complete)
    function.problems.push_back(
        warning(function.file, autotune.configsRange,
                fmt::format("the configurations are not known without running the module: {}",
                            autotune.problem)));
  function.autotune.push_back(std::move(autotune));
}

void ModuleLoader::readHeuristics(Module &module, JitFunction &function, const Call &call,
                                  SourceRange range) {
  HeuristicsDecorator heuristics;
  heuristics.range = range;
  const ExprPtr *values = argument(call, 0, "values");
  const Expr *expression = values ? values->get() : nullptr;
  // A dictionary under a name of its own.
  for (int i = 0; expression && expression->as<Name>() && i < 8; ++i) {
    auto found = module.assigned.find(expression->as<Name>()->id);
    expression = found == module.assigned.end() ? nullptr : found->second.get();
  }
  const auto *dictionary = expression ? expression->as<Dict>() : nullptr;
  bool complete = dictionary != nullptr;
  if (dictionary)
    for (const auto &[key, value] : dictionary->items) {
      const auto *constant = key ? key->as<Constant>() : nullptr;
      const auto *name = constant ? constant->value.as<std::string>() : nullptr;
      complete = complete && name;
      if (name)
        heuristics.values.emplace_back(*name, value);
    }
  if (!complete)
    function.problems.push_back(warning(
        function.file, range,
        "these heuristics are not a dictionary that can be read without running the module"));
  function.heuristics.push_back(std::move(heuristics));
}

void ModuleLoader::finish(Module &module) {
  KernelFile &file = *module.file;
  // Of several definitions of a name, the one that the name is bound to at the end.
  std::vector<JitFunction> kept;
  for (std::size_t i = 0; i < file.functions.size(); ++i) {
    JitFunction &function = file.functions[i];
    auto binding = module.bindings.find(function.name);
    bool bound = binding != module.bindings.end() && binding->second.kind == Binding::Kind::Jit;
    auto same = [&](const JitFunction &other) { return other.name == function.name; };
    auto next = file.functions.begin() + static_cast<std::ptrdiff_t>(i) + 1;
    bool last = std::find_if(next, file.functions.end(), same) == file.functions.end();
    bool chosen = bound ? function.definition == binding->second.definition : last;
    bool again = std::ranges::any_of(kept, same);
    if (chosen && !again)
      kept.push_back(std::move(function));
  }
  file.functions = std::move(kept);

  for (const auto &[name, binding] : module.bindings) {
    if (binding.kind == Binding::Kind::Constant)
      file.constants[name] = binding.value;
    else if (binding.kind == Binding::Kind::Import)
      file.imports[name] = fullName(module, name) != name || binding.module == name
                               ? fullName(module, name)
                               : std::string(static_cast<std::size_t>(binding.level), '.') +
                                     binding.module +
                                     (binding.name.empty() ? "" : "." + binding.name);
    else if (binding.kind == Binding::Kind::Alias)
      file.aliases[name] = binding.target;
    else if (binding.kind == Binding::Kind::Host)
      file.hostFunctions[name] = {binding.definition, file.path};
  }

  std::set<std::string> used, launched;
  for (const JitFunction &function : file.functions)
    used.insert(namesOf(module, function).begin(), namesOf(module, function).end());
  walkExpressions(file.module->body, [&](const Expr &expression) {
    const auto *call = expression.as<Call>();
    const auto *grid = call ? call->function->as<Subscript>() : nullptr;
    if (const auto *name = grid ? grid->object->as<Name>() : nullptr)
      launched.insert(name->id);
  });
  for (JitFunction &function : file.functions) {
    const auto &definition = *function.definition->as<FunctionDef>();
    bool tuned = !function.autotune.empty() || !function.heuristics.empty();
    function.isKernel = !returnsValue(definition) && (tuned || !used.contains(function.name) ||
                                                      launched.contains(function.name));
    for (const Diagnostic &problem : file.problems)
      if (problem.severity == Severity::Error && contains(function.range, problem.range))
        function.problems.push_back(problem);
    auto unsupported = [&](const std::string &construct, SourceRange range) {
      if (construct == "syntax error" || construct == "ellipsis")
        return;
      Diagnostic problem =
          warning(file.path, range, fmt::format("a kernel cannot contain {}", construct));
      problem.feature = "syn:" + construct;
      function.problems.push_back(std::move(problem));
    };
    walkExpressions(definition.body, [&](const Expr &expression) {
      if (const auto *node = expression.as<UnsupportedExpr>())
        unsupported(node->construct, expression.range);
    });
    walkStatements(definition.body, [&](const Stmt &stmt) {
      if (const auto *node = stmt.as<UnsupportedStmt>())
        unsupported(node->construct, stmt.range);
      return true;
    });
  }
}

} // namespace lapidary
