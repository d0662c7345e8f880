#include "core/source/ModuleLoader.h"

#include "core/source/AstWalk.h"
#include "core/source/PythonParser.h"
#include "core/support/Paths.h"

#include <fmt/format.h>

namespace lapidary {

using namespace ast;

ModuleLoader::Binding ModuleLoader::Binding::constant(Value value) {
  Binding binding;
  binding.kind = Kind::Constant;
  binding.value = std::move(value);
  return binding;
}

ModuleLoader::Binding ModuleLoader::Binding::function(Kind kind, StmtPtr definition) {
  Binding binding;
  binding.kind = kind;
  binding.definition = std::move(definition);
  return binding;
}

std::shared_ptr<KernelFile> ModuleLoader::load(std::string text, const std::string &path) {
  Module &module = addModule(std::move(text), path);
  for (std::size_t i = 0; i < module.file->functions.size(); ++i)
    link(module, JitFunction(module.file->functions[i]));
  std::shared_ptr<KernelFile> opened = module.file;
  // The opened file owns the others; they point back without owning, or nothing would ever be
  // freed.
  auto unowned = [](const std::shared_ptr<KernelFile> &file) {
    return std::shared_ptr<const KernelFile>(std::shared_ptr<void>(), file.get());
  };
  for (const auto &[otherPath, other] : modules)
    for (const auto &[thirdPath, third] : modules)
      if (other != third)
        other->file->modules[third->file->path] =
            other->file == opened ? std::shared_ptr<const KernelFile>(third->file)
                                  : unowned(third->file);
  return opened;
}

ModuleLoader::Module &ModuleLoader::addModule(std::string text, const std::string &path) {
  std::error_code ignored;
  std::string key = std::filesystem::weakly_canonical(path, ignored).string();
  Module &module = *(modules[key] = std::make_unique<Module>());
  module.file = std::make_shared<KernelFile>();
  module.file->path = path;
  module.file->text = std::move(text);
  module.folder = std::filesystem::path(path).parent_path();
  ParsedModule parsed = parsePython(module.file->text, path);
  module.file->module = parsed.module;
  module.file->problems = std::move(parsed.problems);
  run(module, parsed.module->body, false);
  finish(module);
  return module;
}

void ModuleLoader::bind(Module &module, const std::string &name, Binding binding, bool fillOnly) {
  auto found = module.bindings.find(name);
  if (found == module.bindings.end()) {
    module.bindings.emplace(name, std::move(binding));
    return;
  }
  if (fillOnly && found->second.kind != Binding::Kind::Unknown)
    return;
  if (found->second.kind == Binding::Kind::Jit && binding.kind == Binding::Kind::Jit &&
      found->second.definition != binding.definition) {
    Diagnostic replaced;
    replaced.severity = Severity::Warning;
    replaced.file = module.file->path;
    replaced.range = found->second.definition->as<FunctionDef>()->nameRange;
    replaced.message = fmt::format("'{}' is defined again in line {}, which replaces this one",
                                   name, binding.definition->range.line);
    module.file->problems.push_back(std::move(replaced));
  }
  found->second = std::move(binding);
}

void ModuleLoader::run(Module &module, const Block &body, bool fillOnly) {
  for (const StmtPtr &stmt : body)
    run(module, stmt, fillOnly);
}

void ModuleLoader::run(Module &module, const StmtPtr &stmt, bool fillOnly) {
  if (const auto *import = stmt->as<Import>()) {
    runImport(module, *import, fillOnly);
  } else if (const auto *function = stmt->as<FunctionDef>()) {
    bool jit = false;
    for (const ExprPtr &decorator : function->decorators)
      jit = jit || isJit(module, *decorator);
    if (jit)
      addJitFunction(module, stmt, function->name, function->decorators);
    else
      addNested(module, function->body);
    bind(module, function->name,
         Binding::function(jit ? Binding::Kind::Jit : Binding::Kind::Host, stmt), fillOnly);
  } else if (const auto *type = stmt->as<ClassDef>()) {
    addNested(module, type->body);
    bind(module, type->name, {}, fillOnly);
  } else if (const auto *assign = stmt->as<Assign>()) {
    for (const ExprPtr &target : assign->targets)
      runAssign(module, *target, assign->value, fillOnly);
  } else if (const auto *annotated = stmt->as<AnnotatedAssign>()) {
    if (annotated->value)
      runAssign(module, *annotated->target, annotated->value, fillOnly);
  } else if (const auto *augmented = stmt->as<AugmentedAssign>()) {
    auto combined = std::make_shared<const Expr>(
        Expr{stmt->range, Binary{augmented->op, augmented->target, augmented->value}});
    runAssign(module, *augmented->target, combined, false);
  } else if (const auto *branch = stmt->as<If>()) {
    Result<Value> test = evaluate(module, *branch->test);
    bool otherwiseOnly = test && !truthy(*test);
    if (otherwiseOnly)
      run(module, branch->otherwise, fillOnly);
    run(module, branch->body, fillOnly || otherwiseOnly);
    if (!otherwiseOnly)
      run(module, branch->otherwise, true);
  } else if (const auto *attempt = stmt->as<Try>()) {
    run(module, attempt->body, fillOnly);
    for (const Block &handler : attempt->handlers)
      run(module, handler, true);
    run(module, attempt->otherwise, fillOnly);
    run(module, attempt->finally, fillOnly);
  } else if (const auto *with = stmt->as<With>()) {
    run(module, with->body, fillOnly);
  } else if (stmt->as<For>() || stmt->as<While>()) {
    // What a loop leaves behind is not followed.
    std::set<std::string> names;
    walkStatements({stmt}, [&](const Stmt &inner) {
      if (const auto *assigned = inner.as<Assign>())
        for (const ExprPtr &target : assigned->targets)
          targetNames(*target, names);
      else if (const auto *loop = inner.as<For>())
        targetNames(*loop->target, names);
      else if (const auto *changed = inner.as<AugmentedAssign>())
        targetNames(*changed->target, names);
      return true;
    });
    for (const std::string &name : names)
      bind(module, name, {}, false);
    addNested(module, stmt->as<For>() ? stmt->as<For>()->body : stmt->as<While>()->body);
  }
}

// Jit functions inside host functions and classes: not module-level names, but kernels all the
// same.
void ModuleLoader::addNested(Module &module, const Block &body) {
  std::vector<StmtPtr> found;
  auto collect = [&](auto &self, const Block &block) -> void {
    for (const StmtPtr &stmt : block) {
      if (const auto *function = stmt->as<FunctionDef>()) {
        bool jit = false;
        for (const ExprPtr &decorator : function->decorators)
          jit = jit || isJit(module, *decorator);
        if (jit)
          found.push_back(stmt);
        else
          self(self, function->body);
      } else if (const auto *type = stmt->as<ClassDef>()) {
        self(self, type->body);
      } else if (const auto *branch = stmt->as<If>()) {
        self(self, branch->body);
        self(self, branch->otherwise);
      } else if (const auto *with = stmt->as<With>()) {
        self(self, with->body);
      } else if (const auto *attempt = stmt->as<Try>()) {
        self(self, attempt->body);
        for (const Block &handler : attempt->handlers)
          self(self, handler);
      }
    }
  };
  collect(collect, body);
  for (const StmtPtr &stmt : found) {
    const auto *function = stmt->as<FunctionDef>();
    addJitFunction(module, stmt, function->name, function->decorators);
  }
}

void ModuleLoader::runImport(Module &module, const Import &import, bool fillOnly) {
  for (const ImportedName &imported : import.names) {
    Binding binding;
    binding.kind = Binding::Kind::Import;
    binding.level = import.level;
    if (import.from && imported.name == "*") {
      binding.module = import.module;
      module.stars.push_back(std::move(binding));
      continue;
    }
    std::string local = imported.alias.empty() ? imported.name : imported.alias;
    if (import.from) {
      binding.module = import.module;
      binding.name = imported.name;
    } else if (imported.alias.empty()) {
      local = imported.name.substr(0, imported.name.find('.'));
      binding.module = local; // `import a.b` binds a
    } else {
      binding.module = imported.name;
    }
    bind(module, local, std::move(binding), fillOnly);
  }
}

// `kernel = triton.autotune(...)(triton.jit(fn))`: the decorators in call form around a function.
std::optional<ModuleLoader::Decorated> ModuleLoader::decoratedByCalls(Module &module,
                                                                      const ExprPtr &value) {
  std::vector<ExprPtr> decorators;
  const ExprPtr *inner = &value;
  bool jit = false;
  while (const auto *call = (*inner)->as<Call>()) {
    if (call->arguments.size() != 1 || !call->keywords.empty())
      return std::nullopt;
    decorators.push_back(call->function);
    jit = jit || isJit(module, *call->function);
    inner = &call->arguments[0];
  }
  const auto *name = (*inner)->as<Name>();
  if (decorators.empty() || !name)
    return std::nullopt;
  auto found = module.bindings.find(name->id);
  if (found == module.bindings.end() || !(found->second.kind == Binding::Kind::Jit ||
                                          (jit && found->second.kind == Binding::Kind::Host)))
    return std::nullopt;
  const auto &own = found->second.definition->as<FunctionDef>()->decorators;
  decorators.insert(decorators.end(), own.begin(), own.end());
  return Decorated{found->second.definition, std::move(decorators)};
}

void ModuleLoader::runAssign(Module &module, const Expr &target, const ExprPtr &value,
                             bool fillOnly) {
  const auto *name = target.as<Name>();
  if (!name) {
    std::set<std::string> names;
    targetNames(target, names);
    Result<Value> known = evaluate(module, *value);
    const auto *targets = target.as<Tuple>();
    const auto *tuple = known ? known->as<TupleValue>() : nullptr;
    const auto *list = known ? known->as<ListValue>() : nullptr;
    const ValueList *items = tuple ? &tuple->items : list ? &list->items : nullptr;
    bool matches = targets && items && targets->items.size() == items->size();
    for (std::size_t i = 0; matches && i < items->size(); ++i)
      if (const auto *item = targets->items[i]->as<Name>()) {
        bind(module, item->id, Binding::constant((*items)[i]), fillOnly);
        names.erase(item->id);
      }
    for (const std::string &unknown : names)
      bind(module, unknown, {}, fillOnly);
    return;
  }
  auto bound = module.bindings.find(name->id);
  if (fillOnly && bound != module.bindings.end() && bound->second.kind != Binding::Kind::Unknown)
    return;
  module.assigned[name->id] = value;
  if (const auto *choice = value->as<Conditional>()) {
    Result<Value> test = evaluate(module, *choice->test);
    std::string chosen = dottedName(test && !truthy(*test) ? *choice->otherwise : *choice->then);
    if (!chosen.empty()) {
      runAssign(module, target, test && !truthy(*test) ? choice->otherwise : choice->then,
                fillOnly);
      return;
    }
  }
  std::string dotted = dottedName(*value);
  if (!dotted.empty()) {
    Resolved resolved = resolve(module, dotted);
    Binding binding;
    if (resolved.kind == Resolved::Kind::External) {
      binding.kind = Binding::Kind::Import;
      binding.module = resolved.external;
      bind(module, name->id, std::move(binding), fillOnly);
      return;
    }
    if (resolved.kind == Resolved::Kind::Jit || resolved.kind == Resolved::Kind::Host) {
      if (dotted == name->id)
        return;
      binding.kind = Binding::Kind::Alias;
      binding.target = dotted;
      bind(module, name->id, std::move(binding), fillOnly);
      return;
    }
  }
  if (std::optional<Decorated> function = decoratedByCalls(module, value)) {
    addJitFunction(module, function->definition, name->id, function->decorators);
    bind(module, name->id, Binding::function(Binding::Kind::Jit, function->definition), fillOnly);
    return;
  }
  Result<Value> known = evaluate(module, *value);
  bool constant = known && !known->as<FunctionValue>();
  bind(module, name->id, constant ? Binding::constant(std::move(*known)) : Binding{}, fillOnly);
}

} // namespace lapidary
