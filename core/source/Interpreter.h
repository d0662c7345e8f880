// The tree walker behind Evaluator. Private to this room.
//
// The first failure is kept and makes every further step a no-op, so that the code reads like the
// semantics: what follows a failure computes on None and is thrown away. Loops ask `failed()`.
#pragma once

#include "core/source/Evaluator.h"

#include <map>

namespace lapidary {

class Interpreter {
public:
  Interpreter(const Evaluator::Lookup &lookup, const Evaluator::Functions &functions,
              const Evaluator::ForeignCall &foreign, int &steps)
      : lookup(lookup), functions(functions), foreign(foreign), stepsLeft(steps) {}

  Value evaluate(const ast::Expr &expression);
  Value callLambda(const ast::Lambda &lambda, const ValueList &arguments);
  Value callFunction(const ast::FunctionDef &function, const ValueList &arguments,
                     const Evaluator::Keywords &keywords);

  bool failed() const { return error.has_value(); }
  Result<Value> result(Value value);

  // For the built-in functions (Builtins.cpp).
  Value raise(std::string message, ErrorCode code = ErrorCode::InvalidInput);
  bool charge(std::size_t steps); // false when the budget is spent
  Value checked(Result<Value> value);
  Value apply(const Value &function, const ValueList &arguments,
              const Evaluator::Keywords &keywords = {});
  // The items that iterating over a value gives.
  ValueList iterate(const Value &value);

private:
  // A local name. `shared`: the value may be known under another name too, so it must not change.
  struct Slot {
    Value value;
    bool shared = true;
  };
  using Scope = std::map<std::string, Slot>;
  struct Closure {
    const ast::Lambda *lambda = nullptr;
    const ast::FunctionDef *function = nullptr;
    Scope captured;
  };
  enum class Flow { Next, Break, Continue, Return };

  // Expressions (Interpreter.cpp). `peek` is evaluate for a place that looks at the value and lets
  // go of it, so that a local name does not count as shared.
  Value peek(const ast::Expr &expression);
  Value visit(const ast::Name &node);
  Value visit(const ast::Constant &node) { return node.value; }
  Value visit(const ast::FormattedString &node);
  Value visit(const ast::Unary &node);
  Value visit(const ast::Binary &node);
  Value visit(const ast::BoolOp &node);
  Value visit(const ast::Compare &node);
  Value visit(const ast::Conditional &node);
  Value visit(const ast::Call &node);
  Value visit(const ast::Attribute &node);
  Value visit(const ast::Subscript &node);
  Value visit(const ast::Slice &) { return raise("a slice stands alone"); }
  Value visit(const ast::Tuple &node) { return Value{TupleValue{items(node.items)}}; }
  Value visit(const ast::List &node) { return Value{ListValue{items(node.items)}}; }
  Value visit(const ast::Dict &node);
  Value visit(const ast::Set &node);
  Value visit(const ast::Starred &) { return raise("'*' stands where one value is expected"); }
  Value visit(const ast::Lambda &node);
  Value visit(const ast::Comprehension &node);
  Value visit(const ast::UnsupportedExpr &node);
  ValueList items(const std::vector<ast::ExprPtr> &expressions, bool onlyLook = false);
  std::optional<Value> known(const std::string &dotted);
  Value resolve(const std::string &dotted);
  Value makeClosure(Closure closure);
  bool knowsPrefix(const std::string &dotted) const;
  bool isLocal(const std::string &name) const;
  std::string rootName(const ast::Expr &expression) const;
  void comprehend(const ast::Comprehension &node, std::size_t clause, ValueList &elements,
                  DictValue &entries);
  Value slice(const Value &object, const ast::Slice &bounds);
  Value index(const Value &object, const Value &key);
  Value attribute(const Value &object, const std::string &name);
  Value method(const Value &object, const std::string &name, const ValueList &arguments,
               const Evaluator::Keywords &keywords);
  std::optional<Value> mutatingMethod(const ast::Attribute &callee, const ast::Call &call);

  // Statements (InterpreterStatements.cpp)
  Flow run(const ast::Block &body);
  Flow run(const ast::Stmt &stmt);
  Flow runLoop(const ast::Block &body);
  void assign(const ast::Expr &target, Value value, bool shared);
  void assignUnpacked(const std::vector<ast::ExprPtr> &targets, const Value &value);
  void augment(const ast::AugmentedAssign &node);
  void bind(const ast::FunctionDef &function, const ValueList &arguments,
            const Evaluator::Keywords &keywords, Scope &scope);
  // The place a target names, which may be changed; null after raising.
  Value *place(const ast::Expr &target);
  Value *entry(DictValue &dict, const Value &key, bool insert);

  const Evaluator::Lookup &lookup;
  const Evaluator::Functions &functions;
  const Evaluator::ForeignCall &foreign;
  int &stepsLeft;
  std::optional<Error> error;
  SourceRange where; // of the expression or statement at work
  int depth = 0;
  std::vector<Scope> scopes; // innermost last; only the frame's own are visible
  std::size_t frame = 0;     // first scope of the running function
  Value returned;
  std::vector<Closure> closures;
};

// The function's value, or nothing when no function of that full name is built in.
std::optional<Value> callBuiltin(Interpreter &interpreter, const std::string &fullName,
                                 const ValueList &arguments, const Evaluator::Keywords &keywords);
// A method that only reads: str, list, tuple, dict, tensor. Nothing when there is none.
std::optional<Value> callMethod(Interpreter &interpreter, const Value &object,
                                const std::string &name, const ValueList &arguments,
                                const Evaluator::Keywords &keywords);
// A method that changes its object: list.append, dict.update, ... Nothing when there is none.
std::optional<Value> changeValue(Interpreter &interpreter, Value &object, const std::string &name,
                                 const ValueList &arguments, const Evaluator::Keywords &keywords);
// A field that only reads: tensor.shape, config.num_warps, dtype.itemsize.
std::optional<Value> readAttribute(const Value &object, const std::string &name);

// The number of values inside, itself included.
std::size_t weight(const Value &value);

// Python's str(): a string as it is, anything else as repr().
std::string display(const Value &value);

} // namespace lapidary
