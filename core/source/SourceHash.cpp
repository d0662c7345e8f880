#include "core/source/AstWalk.h"
#include "core/source/TtirFile.h"
#include "core/support/Hash.h"

namespace lapidary {

using namespace ast;

namespace {

// Feeds one function after the other; a function met again is named by its number.
class SourceHasher {
public:
  explicit SourceHasher(const KernelFile &opened) : opened(opened) {}

  void function(const JitFunction &function, const KernelFile &home) {
    std::string identity = home.path + ":" + function.name;
    auto [known, isNew] = numbers.emplace(identity, numbers.size());
    hash.field("function " + std::to_string(known->second));
    if (!isNew)
      return;
    FunctionDef definition = *function.definition->as<FunctionDef>();
    definition.decorators.clear(); // they choose launches, not code
    if (known->second > 0)
      definition.name = ""; // of a helper; a kernel's is the symbol that is looked up
    else
      definition.name = function.name;
    std::set<std::string> names = freeNames(definition);
    auto stmt = std::make_shared<const Stmt>(Stmt{{}, std::move(definition)});
    hash.field(toSource(Block{stmt}));
    hash.field(function.options.noinline ? "noinline" : "");
    for (const std::string &name : names)
      reached(name, home);
  }

  std::string hex() { return hash.hex(); }

private:
  // What the evaluator calls; its value follows what it reaches as code does.
  void hostFunction(const std::string &name, const HostFunction &function, const KernelFile &home) {
    auto [known, isNew] = numbers.emplace(function.file + ":host " + name, numbers.size());
    hash.field("host function " + std::to_string(known->second));
    if (!isNew)
      return;
    hash.field(toSource(Block{function.definition}));
    auto module = opened.modules.find(function.file);
    const KernelFile &own = function.file == home.path       ? home
                            : module == opened.modules.end() ? opened
                                                             : *module->second;
    for (const std::string &reachedName : freeNames(*function.definition->as<FunctionDef>()))
      reached(reachedName, own);
  }

  void reached(const std::string &name, const KernelFile &home) {
    hash.field(name);
    for (std::string prefix = name;;) {
      if (const JitFunction *helper = home.find(prefix)) {
        function(*helper, opened.homeOf(*helper));
        return;
      }
      if (auto constant = home.constants.find(prefix); constant != home.constants.end()) {
        hash.field(repr(constant->second));
        return;
      }
      if (auto host = home.hostFunctions.find(prefix); host != home.hostFunctions.end()) {
        hostFunction(prefix, host->second, home);
        return;
      }
      std::size_t dot = prefix.rfind('.');
      if (dot == std::string::npos)
        break;
      prefix.resize(dot);
    }
    hash.field(home.fullName(name));
  }

  const KernelFile &opened;
  Sha256 hash;
  std::map<std::string, std::size_t> numbers;
};

} // namespace

std::string sourceHash(const KernelFile &file, const JitFunction &kernel) {
  if (isTtir(kernel)) { // the whole module: functions call each other
    Sha256 hash;
    hash.field(kernel.name);
    hash.field(file.text);
    return hash.hex();
  }
  SourceHasher hasher(file);
  hasher.function(kernel, file.homeOf(kernel));
  return hasher.hex();
}

} // namespace lapidary
