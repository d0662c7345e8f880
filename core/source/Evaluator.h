// The bounded pure evaluator: module constants, default values, autotune configurations, heuristics
// and grid expressions. Literals, arithmetic, comparisons, comprehensions over ranges and products,
// conditionals, lambdas, calls of pure module functions, of Python's and math's functions, of
// triton.cdiv, triton.next_power_of_2, triton.Config, itertools.product, ... Never runs the module;
// every evaluation is bounded in steps and in size.
//
// What a program would learn from its machine is not known here, with one exception: the
// environment is empty (os.environ.get("X", "0") is "0"), so that the same file means the same
// everywhere. Values have no identity, so changing a list through a second name is refused, not
// done wrongly.
//
//   Evaluator evaluator([&](const std::string &name) { return constants.find(name)...; });
//   Result<Value> value = evaluator.evaluate(*expression);
//
// Owner: one thread.
#pragma once

#include "core/source/Ast.h"
#include "core/support/Result.h"

#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace lapidary {

class Evaluator {
public:
  // `lookup` resolves names that are not bound inside the expression; nothing when unknown. It is
  // asked for the longest dotted name first ("args.x.y", then "args.x", then "args"). A name that
  // stands for a function known to `isBuiltin` resolves to a FunctionValue with that name.
  using Lookup = std::function<std::optional<Value>(const std::string &dottedName)>;
  // `functions` resolves pure module-level functions by name; null when unknown.
  using Functions = std::function<const ast::FunctionDef *(const std::string &name)>;
  using Keywords = std::vector<std::pair<std::string, Value>>;

  // Calls a function that is neither built in nor one of `functions`, such as one of another module;
  // nothing when it cannot. `steps` is what is left, to be counted down.
  using ForeignCall = std::function<std::optional<Result<Value>>(
      const std::string &name, const std::vector<Value> &arguments, const Keywords &keywords,
      int &steps)>;

  explicit Evaluator(Lookup lookup, Functions functions = {}, int stepLimit = 100000,
                     ForeignCall foreign = {});

  // Errors: InvalidInput with "line:column: what is not known"; OutOfResource over the step limit,
  // over 128 bits of an integer, over a mebibyte of a string.
  Result<Value> evaluate(const ast::Expr &expression);
  // Calls a lambda or function with positional values and keywords.
  Result<Value> call(const ast::Lambda &lambda, const std::vector<Value> &arguments);
  Result<Value> call(const ast::FunctionDef &function, const std::vector<Value> &arguments,
                     const Keywords &keywords = {});

  // Python's arithmetic on two values: "+", "//", "%", "**", "<", "==", "in", "is", "and", ...;
  // used for constexprs by the language room too. Division by zero, overflow and wrong types are
  // errors.
  static Result<Value> binary(const std::string &op, const Value &left, const Value &right);
  static Result<Value> unary(const std::string &op, const Value &operand);

  int stepsRemaining() const { return stepsLeft; }

  // Whether a full name ("triton.cdiv", "math.log2", "itertools.product", "len") can be called, and
  // what a name with a fixed value stands for ("math.pi", "triton.language.float16", "os.environ").
  static bool isBuiltin(std::string_view fullName);
  static std::optional<Value> builtinConstant(std::string_view fullName);

private:
  Lookup resolveName;
  Functions resolveFunction;
  ForeignCall callForeign;
  int stepsLeft;
};

} // namespace lapidary
