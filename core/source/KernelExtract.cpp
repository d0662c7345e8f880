#include "core/source/KernelExtract.h"

#include "core/source/AstWalk.h"

#include <algorithm>

namespace lapidary {

using namespace ast;

namespace {

std::string wholeLines(const std::string &text, int first, int last) {
  std::size_t begin = 0;
  for (int line = 1; line < first && begin != std::string::npos; ++line)
    begin = text.find('\n', begin) + 1;
  std::size_t end = begin;
  for (int line = first; line <= last && end != std::string::npos; ++line)
    end = text.find('\n', end + (line > first));
  return text.substr(begin, end == std::string::npos ? end : end - begin);
}

template <typename Range, typename T, typename Projection = std::identity>
bool contains(const Range &range, const T &value, Projection projection = {}) {
  return std::ranges::find(range, value, projection) != std::ranges::end(range);
}

class Extractor {
public:
  explicit Extractor(const KernelFile &opened) : opened(opened) {}

  KernelExtract run(const JitFunction &kernel, const std::vector<std::string> &arguments) {
    addJit(kernel);
    for (const std::string &name : arguments)
      reach(name, opened, moduleOf(opened));
    extract.kernel = kernel.name;
    for (ExtractedModule &module : extract.modules)
      std::ranges::sort(module.functions, {}, &ExtractedFunction::line);
    return std::move(extract);
  }

private:
  std::size_t moduleOf(const KernelFile &home) {
    const auto found = std::ranges::find(extract.modules, home.path, &ExtractedModule::file);
    if (found != extract.modules.end())
      return static_cast<std::size_t>(found - extract.modules.begin());
    extract.modules.push_back({});
    extract.modules.back().file = home.path;
    return extract.modules.size() - 1;
  }

  static int decoratorLines(const FunctionDef &definition) {
    int first = definition.nameRange.line;
    for (const ExprPtr &decorator : definition.decorators)
      first = std::min(first, decorator->range.line);
    return definition.nameRange.line - first;
  }

  bool isNew(std::size_t module, const std::string &name) {
    return !contains(extract.modules[module].functions, name, &ExtractedFunction::name);
  }

  void add(const Stmt &stmt, const std::string &name, ExtractedFunction::Kind kind,
           const KernelFile &home, std::size_t module) {
    const FunctionDef &definition = *stmt.as<FunctionDef>();
    const int line = definition.nameRange.line;
    extract.modules[module].functions.push_back({name, definition.name, line,
                                                 wholeLines(home.text, line, stmt.range.endLine),
                                                 decoratorLines(definition), kind});
    for (const std::string &reached : freeNames(definition))
      reach(reached, home, module);
  }

  // Returns the module that the function is in.
  std::size_t addJit(const JitFunction &function) {
    const KernelFile &home = opened.homeOf(function);
    const std::size_t module = moduleOf(home);
    if (isNew(module, function.name))
      add(*function.definition, function.name,
          function.options.noinline ? ExtractedFunction::Kind::NoinlineJit
                                    : ExtractedFunction::Kind::Jit,
          home, module);
    return module;
  }

  std::size_t addHost(const HostFunction &function, const KernelFile &from) {
    const auto known = opened.modules.find(function.file);
    const KernelFile &home = function.file == from.path      ? from
                             : known == opened.modules.end() ? opened
                                                             : *known->second;
    const std::size_t module = moduleOf(home);
    const FunctionDef &definition = *function.definition->as<FunctionDef>();
    const bool isConstexpr =
        std::ranges::any_of(definition.decorators, [](const ExprPtr &decorator) {
          return dottedName(*decorator).ends_with("constexpr_function");
        });
    if (isNew(module, definition.name))
      add(*function.definition, definition.name,
          isConstexpr ? ExtractedFunction::Kind::Constexpr : ExtractedFunction::Kind::Host, home,
          module);
    return module;
  }

  void link(std::size_t from, const std::string &name, std::size_t module,
            const std::string &function) {
    auto &links = extract.modules[from].links;
    const bool isOwn = from == module && name == function;
    if (!isOwn && !contains(links, name, &ExtractedModule::Link::name))
      links.push_back({name, module, function});
  }

  void reach(const std::string &name, const KernelFile &home, std::size_t module) {
    for (std::string prefix = name;;) {
      if (reachOne(prefix, home, module))
        return;
      const std::size_t dot = prefix.rfind('.');
      if (dot == std::string::npos)
        break;
      prefix.resize(dot);
    }
    const std::string root = name.substr(0, name.find('.'));
    const auto imported = home.imports.find(root);
    ExtractedModule &own = extract.modules[module];
    if (imported != home.imports.end())
      addOnce(own.imports, root, imported->second);
    else if (!contains(own.unknown, root))
      own.unknown.push_back(root);
  }

  bool reachOne(const std::string &name, const KernelFile &home, std::size_t module) {
    if (const JitFunction *helper = home.find(name); helper && helper->definition) {
      link(module, name, addJit(*helper), helper->name);
      return true;
    }
    if (const auto constant = home.constants.find(name); constant != home.constants.end()) {
      addOnce(extract.modules[module].values, name, constant->second);
      return true;
    }
    if (const auto host = home.hostFunctions.find(name); host != home.hostFunctions.end()) {
      const std::string defined = host->second.definition->as<FunctionDef>()->name;
      link(module, name, addHost(host->second, home), defined);
      return true;
    }
    return false;
  }

  template <typename T>
  static void addOnce(std::vector<std::pair<std::string, T>> &list, const std::string &name,
                      const T &value) {
    if (!contains(list, name, &std::pair<std::string, T>::first))
      list.emplace_back(name, value);
  }

  const KernelFile &opened;
  KernelExtract extract;
};

} // namespace

KernelExtract extractKernel(const KernelFile &opened, const JitFunction &kernel,
                            const std::vector<std::string> &arguments) {
  return Extractor(opened).run(kernel, arguments);
}

} // namespace lapidary
