// Walks the body of a kernel with the types and constants of one specialization and emits Triton
// IR.
//
// Helpers are inlined where they are called. A constant `if` elaborates one arm; a runtime one
// becomes scf.if, loops become scf.for and scf.while. An early `return` puts what follows it into
// the other arm of its `if`, so that control flow stays structured. Owner: one call of elaborate(),
// one thread.
#pragma once

#include "core/language/Builtins.h"
#include "core/language/Prelude.h"
#include "core/language/Scope.h"
#include "core/language/Semantics.h"

#include "core/specialize/Specialization.h"

#include <functional>

namespace lapidary::language {

// What of the target the language itself depends on.
struct TargetTraits {
  bool hasTf32 = false;        // the default precision of tl.dot on fp32
  bool hasDescriptors = false; // a unit that copies blocks, which tensor descriptors are for
  bool hasThreads = true;      // programs run on many threads, which barriers are for
  int imprecise8BitAccumulation = 0;
};
TargetTraits traitsOf(const Target &target);

class Elaborator {
public:
  Elaborator(const KernelFile &file, const Specialization &specialization,
             mlir::MLIRContext *context, std::vector<Diagnostic> &out);

  // Adds the kernel to `module`. What is wrong stands in the diagnostics.
  void kernel(const JitFunction &function, mlir::ModuleOp module);

  // ---- for the built-in functions ----

  mlir::OpBuilder builder;
  Site site;
  Semantics semantics;
  TargetTraits traits;

  Object fail(std::string message, std::vector<std::string> notes = {}, std::string feature = {});
  // Calls a jit function, a built-in or a method. Used for combine functions too.
  Object callObject(const Object &callee, std::vector<Object> arguments,
                    std::vector<std::pair<std::string, Object>> keywords = {});
  // One operation on constants or runtime values, as the operator in the source would.
  Object binaryOperation(const std::string &op, const Object &left, const Object &right);
  Object compareOperation(const std::string &op, const Object &left, const Object &right);
  Object subscriptObject(const Object &object, const std::vector<Object> &indices);
  Object attributeOf(const Object &object, const std::string &name);
  bool hasModuleAttribute(const std::string &path, const std::string &name);
  // A shape, order or list of axes: constants only. Reports what is none.
  std::optional<std::vector<std::int64_t>> integers(const Object &object, const char *what);
  std::optional<__int128> constantInteger(const Object &object, const char *what);
  // Python's truth of a constant; nothing for a runtime value.
  std::optional<bool> constantTruth(const Object &object);

private:
  Object descriptor(const Type &type, const std::vector<Tensor> &parts); // an argument
  // The rest of a function after the statement at hand.
  struct Continuation {
    const ast::Block *block;
    std::size_t index;
    const Continuation *next;
  };
  struct Frame {
    const JitFunction *function = nullptr;
    const KernelFile *file = nullptr;
    Scope scope;
    Object result = Object::none();
    bool returned = false;
    int loopDepth = 0;
  };
  struct Argument {
    Object value;
    SourceRange range;
  };
  struct Arguments {
    std::vector<Argument> positional;
    std::vector<std::pair<std::string, Argument>> keywords;
    bool valid = true;
  };

  // ElaboratorExpressions.cpp
  Object evaluate(const ast::Expr &expression);
  Object evaluateNode(const ast::Expr &expression);
  Object evaluateOrNone(const ast::ExprPtr &expression);
  void hintPointer(const ast::Expr &expression);
  Object unary(const ast::Unary &node);
  Object boolOp(const ast::BoolOp &node);
  Object compare(const ast::Compare &node);
  Object contains(bool negated, const Object &item, const Object &container);
  Object conditional(const ast::Conditional &node);
  Object runtimeConditional(const ast::Conditional &node, Tensor condition);
  Object formatted(const ast::FormattedString &node);
  Object comprehension(const ast::Comprehension &node);
  Object subscript(const ast::Subscript &node);
  Object items(const std::vector<ast::ExprPtr> &expressions, bool isList);

  // ElaboratorNames.cpp
  Object name(const std::string &id);
  // Without a message when there is none; moduleAttribute gives one.
  Object knownAttribute(const std::string &path, const std::string &name);
  Object moduleAttribute(const std::string &path, const std::string &name);
  Object dottedName(const ast::Expr &expression);
  Object globalName(const KernelFile &file, const std::string &id);
  Object globalAlias(const KernelFile &file, const ast::Expr &value, int depth);
  Object tensorAttribute(const Tensor &tensor, const std::string &name);
  Object windowAttribute(const Object &object, const std::string &name);
  Object typeAttribute(const Type &type, const std::string &name);
  Object member(const Object &self, const std::string &name);

  // ElaboratorCalls.cpp
  Object call(const ast::Call &node);
  Arguments arguments(const ast::Call &node);
  Object dispatch(const Object &callee, Arguments arguments);
  Object callBuiltin(const BuiltinEntry &entry, Arguments arguments);
  Object callFunction(const Function &function, Arguments arguments);
  Object callHostFunction(const HostFunction &function, const Arguments &arguments);
  bool bind(const JitFunction &function, const KernelFile &file, Arguments &arguments,
            Scope &scope);

  // ElaboratorStatements.cpp
  void run(const ast::Block &block, std::size_t index, const Continuation *next);
  void runBody(const ast::Block &block) { run(block, 0, nullptr); }
  void statement(const ast::Stmt &statement);
  void assign(const ast::Expr &target, const Object &value);
  void assignStatement(const ast::Assign &node);
  void annotatedAssign(const ast::AnnotatedAssign &node);
  void augmentedAssign(const ast::Stmt &statement, const ast::AugmentedAssign &node);
  void returnStatement(const ast::Return &node);
  void assertStatement(const ast::Assert &node);
  Object runtimeValues(const Object &object); // constants as runtime values, tuples item by item
  void unsupported(const std::string &construct, const std::string &feature);

  // ElaboratorControlFlow.cpp
  // True when the continuation was run too.
  bool ifStatement(const ast::If &node, const Continuation &rest);
  void runtimeIf(const ast::If &node, Tensor condition);
  void returningIf(const ast::If &node, Tensor condition, const Continuation &rest);
  Tensor scalarCondition(Tensor condition);
  void forStatement(const ast::For &node);
  void unrolledLoop(const ast::For &node, const std::string &target, const Call &range);
  void runtimeLoop(const ast::For &node, const std::string &target, const Call &range);
  void whileStatement(const ast::While &node);
  struct Carried {
    std::vector<std::string> names;
    std::vector<Object> initial;
    std::vector<mlir::Value> values;
  };
  Carried carried(const ast::Block &body, const std::string &except);
  void enterBody(const Carried &carried, mlir::ValueRange values);
  void hintAgreement(const Object &first, const Object &second); // should be of one type
  std::vector<mlir::Value> leaveBody(const Carried &carried, const Scope &before);
  void afterLoop(const Carried &carried, Scope before, mlir::Operation *loop);
  void merge(Scope &scope, const Scope &then, const Scope &otherwise, mlir::Region &thenRegion,
             mlir::Region &elseRegion, Tensor condition);
  mlir::Operation *makeIf(Tensor condition, mlir::Region &then, mlir::Region &otherwise,
                          const std::vector<Tensor> &thenValues,
                          const std::vector<Tensor> &elseValues);

  bool overBudget(); // unrolled too far; reported once
  Frame &frame() { return *frames.back(); }
  Scope &scope() { return frames.back()->scope; }

  const KernelFile &file;
  const Specialization &specialization;
  const Prelude &standard = prelude();
  std::vector<std::unique_ptr<Frame>> frames;
  int expressionDepth = 0;
  std::int64_t statementsRun = 0;
  bool budgetReported = false;
};

// A plain Python function at the top level of the file, or null.
const ast::FunctionDef *hostFunction(const KernelFile &file, const std::string &name);

// The nearest of `candidates` to `name`, when near enough to be what was meant; else empty.
std::string nearestName(const std::string &name, const std::vector<std::string> &candidates);

} // namespace lapidary::language
