// ModuleLoader: what names stand for, over files.
#include "core/source/AstWalk.h"
#include "core/source/ModuleLoader.h"
#include "core/source/PythonParser.h"
#include "core/support/Paths.h"

#include <algorithm>
#include <fmt/format.h>

namespace lapidary {

using namespace ast;

namespace {

constexpr int maximumImportDepth = 32;
constexpr int maximumForeignDepth = 8;
constexpr std::size_t maximumModules = 200;
constexpr int evaluationSteps = 2000000;

// Never looked for among the user's files, whatever those are called.
bool isExternal(const std::string &module) {
  static constexpr std::string_view names[] = {
      "triton", "torch",     "math",      "os",     "sys",         "itertools", "functools",
      "typing", "numpy",     "copy",      "re",     "dataclasses", "enum",      "collections",
      "time",   "importlib", "packaging", "pytest", "__future__",  "operator",  "logging"};
  std::string first = module.substr(0, module.find('.'));
  return std::ranges::find(names, first) != std::end(names);
}

std::string join(const std::string &left, const std::string &right) {
  return left.empty() || right.empty() ? left + right : left + "." + right;
}

} // namespace

ModuleLoader::Module *ModuleLoader::openModule(const std::filesystem::path &path) {
  std::error_code failed;
  std::filesystem::path canonical = std::filesystem::canonical(path, failed);
  if (failed || !std::filesystem::is_regular_file(canonical, failed))
    return nullptr;
  auto known = modules.find(canonical.string());
  if (known != modules.end())
    return known->second.get();
  std::filesystem::path below = std::filesystem::weakly_canonical(root, failed);
  auto [end, rest] = std::ranges::mismatch(below, canonical);
  if (end != below.end() || modules.size() >= maximumModules)
    return nullptr;
  Result<std::string> bytes = readFile(canonical, maximumSourceBytes);
  std::vector<Diagnostic> problems;
  if (!bytes)
    return nullptr;
  Result<std::string> text =
      decodeSource(std::move(*bytes), path.lexically_normal().string(), problems);
  return text ? &addModule(std::move(*text), path.lexically_normal().string()) : nullptr;
}

ModuleLoader::Module *ModuleLoader::findModule(const Module &from, const std::string &dotted,
                                               int level) {
  std::filesystem::path relative = dotted;
  std::string slashed = dotted;
  std::ranges::replace(slashed, '.', '/');
  relative = slashed;
  std::vector<std::filesystem::path> bases;
  if (level > 0) {
    std::filesystem::path base = from.folder;
    for (int i = 1; i < level; ++i)
      base /= "..";
    bases.push_back(base);
  } else {
    bases = {from.folder, root};
    if (root.filename() == dotted.substr(0, dotted.find('.')))
      bases.push_back(root.parent_path());
  }
  for (const std::filesystem::path &base : bases) {
    std::filesystem::path file = dotted.empty() ? base / "__init__.py" : base / relative;
    if (!dotted.empty())
      file += ".py";
    if (Module *found = openModule(file))
      return found;
    if (!dotted.empty())
      if (Module *package = openModule(base / relative / "__init__.py"))
        return package;
  }
  return nullptr;
}

ModuleLoader::Resolved ModuleLoader::resolveImport(Module &module, const Binding &binding,
                                                   const std::string &rest, int depth) {
  Resolved result;
  if (binding.level == 0 && isExternal(binding.module)) {
    result.kind = Resolved::Kind::External;
    result.external = join(join(binding.module, binding.name), rest);
    return result;
  }
  // The longest part of the chain that is a file; what follows is a name in it.
  std::string chain = join(binding.name, rest);
  for (std::string inFile = chain, modulePart;;) {
    std::string dotted = join(binding.module, modulePart);
    if (Module *found = findModule(module, dotted, binding.level)) {
      if (inFile.empty())
        return result; // a module is no value
      Resolved inside = resolve(*found, inFile, depth + 1);
      if (inside.kind != Resolved::Kind::Nothing)
        return inside;
    }
    if (inFile.empty())
      break;
    std::size_t dot = inFile.find('.');
    modulePart = join(modulePart, inFile.substr(0, dot));
    inFile = dot == std::string::npos ? "" : inFile.substr(dot + 1);
  }
  // Libraries hand Triton on under its usual names.
  const std::string &last = binding.name.empty() ? binding.module : binding.name;
  static const std::map<std::string, std::string> usual = {
      {"tl", "triton.language"},
      {"triton", "triton"},
      {"libdevice", "triton.language.extra.libdevice"}};
  if (auto found = usual.find(last); found != usual.end()) {
    result.kind = Resolved::Kind::External;
    result.external = join(found->second, rest);
    return result;
  }
  result.kind = Resolved::Kind::Missing;
  result.missing = std::string(static_cast<std::size_t>(binding.level), '.') + binding.module;
  result.external = join(join(result.missing, binding.name), rest);
  return result;
}

ModuleLoader::Resolved ModuleLoader::resolve(Module &module, const std::string &dotted, int depth) {
  Resolved result;
  if (depth > maximumImportDepth)
    return result;
  std::size_t dot = dotted.find('.');
  std::string first = dotted.substr(0, dot);
  std::string rest = dot == std::string::npos ? "" : dotted.substr(dot + 1);
  auto found = module.bindings.find(first);
  if (found == module.bindings.end()) {
    if (Evaluator::isBuiltin(first) && rest.empty())
      return result;
    for (const Binding &star : module.stars) {
      Binding named = star;
      named.name = first;
      Resolved inside = resolveImport(module, named, rest, depth);
      bool language = inside.external.starts_with("triton.language");
      if (inside.kind != Resolved::Kind::Nothing && inside.kind != Resolved::Kind::Missing &&
          (inside.kind != Resolved::Kind::External || language))
        return inside;
    }
    return result;
  }
  const Binding binding = found->second;
  switch (binding.kind) {
  case Binding::Kind::Unknown:
    return result;
  case Binding::Kind::Import:
    return resolveImport(module, binding, rest, depth);
  case Binding::Kind::Alias:
    return resolve(module, join(binding.target, rest), depth + 1);
  default:
    break;
  }
  if (!rest.empty())
    return result;
  result.module = &module;
  result.definition = binding.definition;
  result.value = binding.value;
  result.kind = binding.kind == Binding::Kind::Constant ? Resolved::Kind::Value
                : binding.kind == Binding::Kind::Jit    ? Resolved::Kind::Jit
                                                        : Resolved::Kind::Host;
  return result;
}

std::string ModuleLoader::fullName(Module &module, const std::string &dotted) {
  Resolved resolved = resolve(module, dotted);
  return resolved.external.empty() ? dotted : resolved.external;
}

Evaluator ModuleLoader::evaluator(Module &module) {
  auto lookup = [this, &module](const std::string &dotted) -> std::optional<Value> {
    if (dotted == "__name__")
      return makeString(std::filesystem::path(module.file->path).stem().string());
    Resolved resolved = resolve(module, dotted);
    switch (resolved.kind) {
    case Resolved::Kind::Value:
      return resolved.value;
    case Resolved::Kind::External:
      if (std::optional<Value> constant = Evaluator::builtinConstant(resolved.external))
        return constant;
      if (Evaluator::isBuiltin(resolved.external))
        return Value{FunctionValue{resolved.external, ""}};
      return std::nullopt;
    case Resolved::Kind::Jit:
      return Value{FunctionValue{dotted, ""}};
    case Resolved::Kind::Host:
      if (resolved.module == &module)
        return std::nullopt; // the evaluator asks for functions by itself
      return Value{FunctionValue{
          resolved.module->file->path + ":" + resolved.definition->as<FunctionDef>()->name, ""}};
    default:
      return std::nullopt;
    }
  };
  auto functions = [this, &module](const std::string &name) -> const FunctionDef * {
    Resolved resolved = resolve(module, name);
    bool own = resolved.kind == Resolved::Kind::Host && resolved.module == &module;
    return own ? resolved.definition->as<FunctionDef>() : nullptr;
  };
  auto foreign = [this](const std::string &name, const std::vector<Value> &arguments,
                        const Evaluator::Keywords &keywords,
                        int &steps) -> std::optional<Result<Value>> {
    std::size_t colon = name.rfind(':');
    if (colon == std::string::npos || foreignDepth >= maximumForeignDepth)
      return std::nullopt;
    for (auto &[key, other] : modules) {
      if (other->file->path != name.substr(0, colon))
        continue;
      Resolved resolved = resolve(*other, name.substr(colon + 1));
      if (resolved.kind != Resolved::Kind::Host)
        return std::nullopt;
      ++foreignDepth;
      Evaluator inside = evaluator(*resolved.module);
      Result<Value> value =
          inside.call(*resolved.definition->as<FunctionDef>(), arguments, keywords);
      steps -= std::min(steps, evaluationSteps - inside.stepsRemaining());
      --foreignDepth;
      return value;
    }
    return std::nullopt;
  };
  int steps = std::clamp(stepsLeft, 0, evaluationSteps);
  return Evaluator(lookup, functions, steps, foreign);
}

Result<Value> ModuleLoader::evaluate(Module &module, const Expr &expression) {
  Evaluator inside = evaluator(module);
  int before = inside.stepsRemaining();
  Result<Value> value = inside.evaluate(expression);
  stepsLeft -= before - inside.stepsRemaining();
  return value;
}

const std::set<std::string> &ModuleLoader::namesOf(Module &module, const JitFunction &function) {
  auto [known, isNew] = module.free.try_emplace(function.definition.get());
  if (isNew)
    known->second = freeNames(*function.definition->as<FunctionDef>());
  return known->second;
}

void ModuleLoader::link(Module &module, const JitFunction &function) {
  if (!module.linked.insert(function.name).second)
    return;
  auto reported = std::ranges::find(module.file->functions, function.name, &JitFunction::name);
  linkNames(module, namesOf(module, function),
            reported == module.file->functions.end() ? nullptr : &*reported);
}

// Makes what the names reach known to the file: helpers, constants and functions of other files.
void ModuleLoader::linkNames(Module &module, const std::set<std::string> &names,
                             JitFunction *reportTo) {
  KernelFile &file = *module.file;
  for (const std::string &dotted : names) {
    // "CONFIG.block" may be a constant with a field: the longest prefix that means something.
    std::string prefix = dotted;
    Resolved resolved = resolve(module, prefix);
    while (resolved.kind == Resolved::Kind::Nothing && prefix.find('.') != std::string::npos) {
      prefix.resize(prefix.rfind('.'));
      resolved = resolve(module, prefix);
    }
    std::string first = dotted.substr(0, dotted.find('.'));
    switch (resolved.kind) {
    case Resolved::Kind::Jit: {
      auto home = std::ranges::find_if(resolved.module->file->functions, [&](const JitFunction &f) {
        return f.definition == resolved.definition;
      });
      if (home == resolved.module->file->functions.end())
        break;
      JitFunction helper = *home;
      helper.isKernel = false;
      link(*resolved.module, helper);
      if (resolved.module != &module)
        file.imported[prefix] = std::move(helper);
      break;
    }
    case Resolved::Kind::Value:
      if (!resolved.value.as<FunctionValue>())
        file.constants[prefix] = resolved.value;
      break;
    case Resolved::Kind::Host:
      file.hostFunctions[prefix] = {resolved.definition, resolved.module->file->path};
      break;
    case Resolved::Kind::External:
      if (!module.bindings.contains(first)) // by a star import
        file.imports[first] = fullName(module, first);
      break;
    case Resolved::Kind::Missing:
      if (reportTo) {
        Diagnostic problem;
        problem.severity = Severity::Warning;
        problem.file = file.path;
        problem.range = reportTo->nameRange;
        problem.message = fmt::format("'{}' comes from {}, which is not below {}: open the folder "
                                      "that holds it",
                                      dotted, resolved.missing, root.string());
        problem.feature = "call:jit helper imported from other module";
        reportTo->problems.push_back(std::move(problem));
      }
      break;
    default:
      break;
    }
  }
}

} // namespace lapidary
