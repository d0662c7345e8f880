// Reads one Python file and, as far as its kernels need them, the files that it imports from.
// Private to this room.
//
// A module's top level is followed statement by statement as Python would run it, with the bounded
// evaluator in place of execution: names are bound to constants, functions, imports, or to "not
// known". Both arms of an `if` that cannot be decided are read; the first arm's names win. An
// imported file is read when one of its names is first needed.
//
// Owner: one thread, for the time of one load.
#pragma once

#include "core/source/KernelFile.h"

#include <set>

namespace lapidary {

class ModuleLoader {
public:
  explicit ModuleLoader(std::filesystem::path root) : root(std::move(root)) {}

  // Never null; bad syntax and the like stand in its problems.
  std::shared_ptr<KernelFile> load(std::string text, const std::string &path);

private:
  // What a module-level name is bound to.
  struct Binding {
    enum class Kind { Unknown, Constant, Jit, Host, Alias, Import } kind = Kind::Unknown;
    Value value;                                 // Constant
    std::shared_ptr<const ast::Stmt> definition; // Jit, Host
    std::string target;                          // Alias: a dotted name of the same module
    std::string module, name; // Import: from `module` import `name`; no name: the module itself
    int level = 0;

    static Binding constant(lapidary::Value value);
    static Binding function(Kind kind, std::shared_ptr<const ast::Stmt> definition);
  };
  struct Module {
    std::shared_ptr<KernelFile> file;
    std::filesystem::path folder; // of the file
    std::map<std::string, Binding> bindings;
    std::vector<Binding> stars;   // from m import *
    std::map<const ast::Stmt *, std::set<std::string>> free; // names that jit functions take
    std::set<std::string> linked; // names of functions whose free names are resolved
    std::map<std::string, ast::ExprPtr> assigned; // the expression last assigned to a name
  };
  // What a dotted name comes to. `module` is where the function or value is at home.
  struct Resolved {
    enum class Kind { Nothing, Value, Jit, Host, External, Missing } kind = Kind::Nothing;
    lapidary::Value value;
    Module *module = nullptr;
    std::shared_ptr<const ast::Stmt> definition; // Jit, Host
    std::string external;                        // "triton.language.load"
    std::string missing;                         // the module that was not found
  };

  // Modules (ModuleLoader.cpp)
  Module &addModule(std::string text, const std::string &path);
  void run(Module &module, const ast::Block &body, bool fillOnly);
  void run(Module &module, const std::shared_ptr<const ast::Stmt> &stmt, bool fillOnly);
  void runImport(Module &module, const ast::Import &import, bool fillOnly);
  void runAssign(Module &module, const ast::Expr &target, const ast::ExprPtr &value, bool fillOnly);
  void bind(Module &module, const std::string &name, Binding binding, bool fillOnly);
  void addNested(Module &module, const ast::Block &body);
  struct Decorated {
    std::shared_ptr<const ast::Stmt> definition;
    std::vector<ast::ExprPtr> decorators;
  };
  std::optional<Decorated> decoratedByCalls(Module &module, const ast::ExprPtr &value);

  // Names (NameResolution.cpp)
  Resolved resolve(Module &module, const std::string &dotted, int depth = 0);
  Resolved resolveImport(Module &module, const Binding &binding, const std::string &rest,
                         int depth);
  Module *findModule(const Module &from, const std::string &dotted, int level);
  Module *openModule(const std::filesystem::path &path);
  Evaluator evaluator(Module &module);
  Result<Value> evaluate(Module &module, const ast::Expr &expression);
  std::string fullName(Module &module, const std::string &dotted);
  static const std::set<std::string> &namesOf(Module &module, const JitFunction &function);
  void link(Module &module, const JitFunction &function);
  void linkNames(Module &module, const std::set<std::string> &names, JitFunction *reportTo);

  // Jit functions (Decorators.cpp)
  bool isJit(Module &module, const ast::Expr &decorator);
  void addJitFunction(Module &module, std::shared_ptr<const ast::Stmt> stmt,
                      const std::string &name, const std::vector<ast::ExprPtr> &decorators);
  void readParameters(Module &module, JitFunction &function, const ast::FunctionDef &definition);
  void readDecorator(Module &module, JitFunction &function, const ast::ExprPtr &decorator);
  void readJitOptions(Module &module, JitFunction &function, const ast::Call &call);
  std::vector<std::string> parameterNames(Module &module, JitFunction &function,
                                          const ast::Keyword &keyword);
  void readAutotune(Module &module, JitFunction &function, const ast::Call &call,
                    SourceRange range);
  bool readConfig(const JitFunction &function, const Value &value, TuneConfig &config) const;
  void readHeuristics(Module &module, JitFunction &function, const ast::Call &call,
                      SourceRange range);
  void finish(Module &module); // kernel or helper, problems by function, aliases, duplicates

  std::filesystem::path root;
  std::map<std::string, std::unique_ptr<Module>> modules; // by path
  int foreignDepth = 0;
  int stepsLeft = 20000000; // of evaluation, for the whole load
};

// The file as UTF-8 text: a byte order mark, a declared Latin-1, old Macintosh line ends and stray
// bytes are handled; what had to be replaced is told. Errors: InvalidInput (binary data, UTF-16).
Result<std::string> decodeSource(std::string bytes, const std::string &path,
                                 std::vector<Diagnostic> &problems);

} // namespace lapidary
