// The bounded pure evaluator: module constants, default values, autotune configurations, heuristics
// and grid expressions. Literals, arithmetic, comparisons, comprehensions over ranges and products,
// conditionals, lambdas, calls of pure module functions and of cdiv, next_power_of_2, min, max, len,
// range, ... Never runs the module; every evaluation is bounded in steps and in size.
#pragma once

#include "core/source/Ast.h"
#include "core/support/Result.h"

#include <functional>
#include <map>
#include <string>

namespace lapidary {

class Evaluator {
public:
  // `lookup` resolves names that are not bound inside the expression; nothing when unknown.
  using Lookup = std::function<std::optional<Value>(const std::string &dottedName)>;
  // `functions` resolves pure module-level functions by name; null when unknown.
  using Functions = std::function<const ast::FunctionDef *(const std::string &name)>;

  explicit Evaluator(Lookup lookup, Functions functions = {}, int stepLimit = 100000);

  // Errors: InvalidInput with "line:column: what is not known"; OutOfResource over the step limit.
  Result<Value> evaluate(const ast::Expr &expression);
  // Calls a lambda or function with positional values and keywords.
  Result<Value> call(const ast::Lambda &lambda, const std::vector<Value> &arguments);

  // Python's arithmetic on two values: "+", "//", "%", "**", "<", "==", "and", ...; used for
  // constexprs by the language room too. Division by zero, overflow and wrong types are errors.
  static Result<Value> binary(const std::string &op, const Value &left, const Value &right);
  static Result<Value> unary(const std::string &op, const Value &operand);

private:
  Lookup resolveName;
  Functions resolveFunction;
  int stepsLeft;
};

} // namespace lapidary
