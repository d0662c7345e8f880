// A Python file as the workbench sees it: its @triton.jit functions, their parameters and decorators,
// the helpers and constants that they reach, and every problem with its place. Opening never executes
// anything. Immutable once made; shared between threads as shared_ptr<const KernelFile>.
#pragma once

#include "core/source/Evaluator.h"
#include "core/support/Json.h"

#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace lapidary {

struct KernelParameter {
  std::string name;
  bool isConstexpr = false;
  std::string annotation;          // as written, "tl.constexpr", "tl.int64"; empty when none
  ast::ExprPtr defaultExpression;  // may be null
  std::optional<Value> defaultValue; // when it could be evaluated
  SourceRange range;
};

// One triton.Config of an autotune decorator.
struct TuneConfig {
  std::vector<std::pair<std::string, Value>> parameters; // the kwargs dictionary
  std::vector<std::pair<std::string, Value>> options;    // num_warps, num_stages, num_ctas, maxnreg, ...
};

struct AutotuneDecorator {
  std::vector<TuneConfig> configs;
  std::vector<std::string> key;
  bool complete = true;  // false: `configs` could not be evaluated; `problem` says what is missing
  std::string problem;
  SourceRange range, configsRange;
};

struct HeuristicsDecorator {
  std::vector<std::pair<std::string, ast::ExprPtr>> values; // parameter -> lambda over args
  SourceRange range;
};

struct JitOptions {
  std::vector<std::string> doNotSpecialize;            // names; indices are resolved to names
  std::vector<std::string> doNotSpecializeOnAlignment;
  bool noinline = false, debug = false;
};

struct JitFunction {
  std::string name;
  std::string file;  // where it is written (a helper may come from another file)
  SourceRange range, nameRange; // whole definition with decorators; the name alone
  std::vector<KernelParameter> parameters;
  JitOptions options;
  std::vector<AutotuneDecorator> autotune;
  std::vector<HeuristicsDecorator> heuristics;
  ast::ExprPtr jitDecorator;                // `triton.jit`, or a call of it
  std::vector<std::string> otherDecorators; // as written: "libentry()", ...
  std::shared_ptr<const ast::Stmt> definition; // an ast::FunctionDef
  bool isKernel = true;  // false: returns a value or is only called by others
  std::vector<Diagnostic> problems;
};

// A plain function at module level, which the evaluator may call.
struct HostFunction {
  std::shared_ptr<const ast::Stmt> definition; // an ast::FunctionDef
  std::string file;                            // where it is written
};

struct KernelFile {
  std::string path;
  std::string text; // UTF-8, whatever the file was written in
  std::shared_ptr<const ast::Module> module;
  std::vector<JitFunction> functions;        // in order of appearance, helpers too
  std::map<std::string, Value> constants;    // module-level names that could be evaluated
  // name -> "triton", "triton.language", "triton.language.math", "triton.language.exp": what an
  // imported name, or a module-level alias of one (`exp = tl.exp`), stands for
  std::map<std::string, std::string> imports;
  // Name as used here ("helper", "utils.helper") -> jit helper found in another file.
  std::map<std::string, JitFunction> imported;
  std::map<std::string, std::string> aliases; // `f = helper` of a jit function of this file
  std::map<std::string, HostFunction> hostFunctions; // imported ones too, as far as they are used
  // Path as in JitFunction::file -> the opened file that helpers come from, transitively: the names
  // that a helper uses are resolved in its own file, not in this one. The files in `modules` know
  // each other in the same way and live as long as the file that was opened.
  std::map<std::string, std::shared_ptr<const KernelFile>> modules;
  std::vector<Diagnostic> problems;

  // Functions, aliases, then imported. The function's own file is `homeOf` it.
  const JitFunction *find(const std::string &name) const;
  const KernelFile &homeOf(const JitFunction &function) const;
  std::vector<const JitFunction *> kernels() const;
  // A dotted name with its first part replaced by what it stands for: "tl.load" ->
  // "triton.language.load"; unchanged when that is not an import.
  std::string fullName(const std::string &dotted) const;
};

// Reads and parses. Imports of jit helpers are followed to files below `root` (default: the folder
// that holds the outermost package the file belongs to; without a package, the file's folder). Errors: NotFound, Unreadable, InvalidInput (binary data). Bad syntax is not an error: it
// stands in `problems`, and the rest opens.
Result<std::shared_ptr<const KernelFile>> openKernelFile(const std::filesystem::path &path,
                                                         const std::filesystem::path &root = {});
// The same over text in memory (the editor's buffer). Never fails.
std::shared_ptr<const KernelFile> parseKernelFile(std::string text, const std::string &path,
                                                  const std::filesystem::path &root = {});

// Evaluates expressions of the file: its constants, imports and functions; `first` is asked before
// them. The file must outlive it.
Evaluator makeEvaluator(const KernelFile &file, Evaluator::Lookup first = {},
                        int stepLimit = 2000000);

// Hash of the kernel and everything it reaches: helpers over files and constants, over the syntax
// tree, so that comments, spacing and unrelated functions do not change it.
std::string sourceHash(const KernelFile &file, const JitFunction &kernel);

Json toJson(const KernelFile &file); // the form of `lap kernels --json`

} // namespace lapidary
