#include "core/source/KernelFile.h"

#include "core/source/ModuleLoader.h"
#include "core/source/PythonParser.h"
#include "core/source/TtirFile.h"
#include "core/support/Paths.h"

#include <algorithm>
#include <fmt/format.h>

namespace lapidary {

namespace fs = std::filesystem;

namespace {

// The folder that holds the outermost package the file belongs to.
fs::path defaultRoot(const std::string &path) {
  std::error_code ignored;
  fs::path folder = fs::absolute(path, ignored).parent_path();
  while (fs::exists(folder / "__init__.py", ignored) && folder.has_parent_path() &&
         folder != folder.parent_path())
    folder = folder.parent_path();
  return folder;
}

Diagnostic fileProblem(const std::string &path, std::string message) {
  Diagnostic problem;
  problem.severity = Severity::Warning;
  problem.file = path;
  problem.message = std::move(message);
  return problem;
}

std::shared_ptr<const KernelFile> load(std::string text, const std::string &path,
                                       const fs::path &root, std::vector<Diagnostic> problems) {
  std::shared_ptr<KernelFile> loaded;
  if (isTtirPath(path)) {
    loaded = readTtir(std::move(text), path);
  } else {
    ModuleLoader loader(root.empty() ? defaultRoot(path) : root);
    loaded = loader.load(std::move(text), path);
  }
  if (loaded->functions.empty()) {
    bool empty = loaded->text.find_first_not_of(" \t\r\n") == std::string::npos;
    problems.push_back(fileProblem(
        path, empty              ? "the file is empty"
              : isTtirPath(path) ? "there is no kernel in this file: no tt.func is public"
                                 : "there is no kernel in this file: no function is "
                                   "decorated with @triton.jit"));
  }
  loaded->problems.insert(loaded->problems.end(), problems.begin(), problems.end());
  return loaded;
}

Json toJson(const KernelParameter &parameter) {
  Json json = {{"name", parameter.name},
               {"constexpr", parameter.isConstexpr},
               {"annotation", parameter.annotation.empty() ? Json() : Json(parameter.annotation)},
               {"default", nullptr}};
  if (parameter.defaultValue)
    json["default"] = repr(*parameter.defaultValue);
  else if (parameter.defaultExpression)
    json["default"] = ast::toSource(*parameter.defaultExpression);
  return json;
}

Json namedValues(const std::vector<std::pair<std::string, Value>> &values) {
  Json json = Json::object();
  for (const auto &[name, value] : values) {
    std::optional<std::int64_t> number = toInt64(value);
    const bool *flag = value.as<bool>();
    const double *real = value.as<double>();
    json[name] = flag     ? Json(*flag)
                 : number ? Json(*number)
                 : real   ? Json(*real)
                          : Json(repr(value));
  }
  return json;
}

Json toJson(const AutotuneDecorator &autotune) {
  Json configs = Json::array();
  for (const TuneConfig &config : autotune.configs)
    configs.push_back(
        {{"parameters", namedValues(config.parameters)}, {"options", namedValues(config.options)}});
  Json json = {{"line", autotune.range.line},
               {"configs", std::move(configs)},
               {"key", autotune.key},
               {"complete", autotune.complete}};
  if (!autotune.complete)
    json["problem"] = autotune.problem;
  return json;
}

template <typename T> Json toJsonArray(const std::vector<T> &items) {
  Json array = Json::array();
  for (const T &item : items)
    array.push_back(toJson(item));
  return array;
}

Json toJson(const JitFunction &function) {
  Json heuristics = Json::object();
  for (const HeuristicsDecorator &decorator : function.heuristics)
    for (const auto &[name, value] : decorator.values)
      heuristics[name] = ast::toSource(*value);
  return {{"name", function.name},
          {"line", function.nameRange.line},
          {"file", function.file},
          {"parameters", toJsonArray(function.parameters)},
          {"autotune", toJsonArray(function.autotune)},
          {"heuristics", std::move(heuristics)},
          {"do_not_specialize", function.options.doNotSpecialize},
          {"do_not_specialize_on_alignment", function.options.doNotSpecializeOnAlignment},
          {"decorators", function.otherDecorators},
          {"problems", toJsonArray(function.problems)}};
}

} // namespace

const JitFunction *KernelFile::find(const std::string &name) const {
  auto own = std::ranges::find(functions, name, &JitFunction::name);
  if (own != functions.end())
    return &*own;
  if (auto alias = aliases.find(name); alias != aliases.end() && alias->second != name) {
    auto target = std::ranges::find(functions, alias->second, &JitFunction::name);
    if (target != functions.end())
      return &*target;
  }
  auto found = imported.find(name);
  return found == imported.end() ? nullptr : &found->second;
}

const KernelFile &KernelFile::homeOf(const JitFunction &function) const {
  auto found = modules.find(function.file);
  return found == modules.end() ? *this : *found->second;
}

std::vector<const JitFunction *> KernelFile::kernels() const {
  std::vector<const JitFunction *> result;
  for (const JitFunction &function : functions)
    if (function.isKernel)
      result.push_back(&function);
  return result;
}

std::string KernelFile::fullName(const std::string &dotted) const {
  std::size_t dot = dotted.find('.');
  auto found = imports.find(dotted.substr(0, dot));
  if (found == imports.end())
    return dotted;
  return dot == std::string::npos ? found->second : found->second + dotted.substr(dot);
}

Result<std::shared_ptr<const KernelFile>> openKernelFile(const fs::path &path,
                                                         const fs::path &root) {
  Result<std::string> bytes = readFile(path, maximumSourceBytes);
  if (!bytes)
    return std::unexpected(bytes.error());
  std::vector<Diagnostic> problems;
  Result<std::string> text = decodeSource(std::move(*bytes), path.string(), problems);
  if (!text)
    return std::unexpected(text.error());
  return load(std::move(*text), path.string(), root, std::move(problems));
}

std::shared_ptr<const KernelFile> parseKernelFile(std::string text, const std::string &path,
                                                  const fs::path &root) {
  std::vector<Diagnostic> problems;
  Result<std::string> decoded = decodeSource(std::move(text), path, problems);
  if (decoded)
    return load(std::move(*decoded), path, root, std::move(problems));
  problems.push_back(fileProblem(path, decoded.error().message));
  return load("", path, root, std::move(problems));
}

static Evaluator makeEvaluator(const KernelFile &file, Evaluator::Lookup first, int stepLimit,
                               int filesDeep) {
  auto lookup = [&file,
                 first = std::move(first)](const std::string &dotted) -> std::optional<Value> {
    if (first)
      if (std::optional<Value> value = first(dotted))
        return value;
    if (auto found = file.constants.find(dotted); found != file.constants.end())
      return found->second;
    if (auto found = file.hostFunctions.find(dotted);
        found != file.hostFunctions.end() && found->second.file != file.path)
      return Value{FunctionValue{found->second.file + ":" + dotted, ""}};
    std::string full = file.fullName(dotted);
    if (std::optional<Value> constant = Evaluator::builtinConstant(full))
      return constant;
    if (full != dotted && Evaluator::isBuiltin(full))
      return Value{FunctionValue{full, ""}};
    return std::nullopt;
  };
  auto functions = [&file](const std::string &name) -> const ast::FunctionDef * {
    auto found = file.hostFunctions.find(name);
    return found == file.hostFunctions.end() || found->second.file != file.path
               ? nullptr
               : found->second.definition->as<ast::FunctionDef>();
  };
  auto foreign = [&file, filesDeep](const std::string &name, const std::vector<Value> &arguments,
                                    const Evaluator::Keywords &keywords,
                                    int &steps) -> std::optional<Result<Value>> {
    std::size_t colon = name.rfind(':');
    auto module =
        colon == std::string::npos ? file.modules.end() : file.modules.find(name.substr(0, colon));
    auto function = colon == std::string::npos ? file.hostFunctions.end()
                                               : file.hostFunctions.find(name.substr(colon + 1));
    constexpr int maximumFilesDeep = 8;
    if (module == file.modules.end() || function == file.hostFunctions.end() ||
        filesDeep >= maximumFilesDeep)
      return std::nullopt;
    Evaluator inside = makeEvaluator(*module->second, {}, steps, filesDeep + 1);
    Result<Value> value =
        inside.call(*function->second.definition->as<ast::FunctionDef>(), arguments, keywords);
    steps = inside.stepsRemaining();
    return value;
  };
  return Evaluator(lookup, functions, stepLimit, foreign);
}

Evaluator makeEvaluator(const KernelFile &file, Evaluator::Lookup first, int stepLimit) {
  return makeEvaluator(file, std::move(first), stepLimit, 0);
}

Json toJson(const KernelFile &file) {
  Json kernels = Json::array(), helpers = Json::array();
  for (const JitFunction &function : file.functions)
    (function.isKernel ? kernels : helpers).push_back(toJson(function));
  return {{"file", file.path},
          {"kernels", std::move(kernels)},
          {"helpers", std::move(helpers)},
          {"problems", toJsonArray(file.problems)}};
}

} // namespace lapidary
