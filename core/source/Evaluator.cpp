#include "core/source/Evaluator.h"

#include "core/source/Builtins.h"

#include <limits>
#include <numbers>

namespace lapidary {

static Builtin findBuiltin(std::string_view fullName) {
  for (const BuiltinTable *table : {&numberBuiltins(), &containerBuiltins()})
    if (auto found = table->find(fullName); found != table->end())
      return found->second;
  return nullptr;
}

std::optional<Value> callBuiltin(Interpreter &interpreter, const std::string &fullName,
                                 const ValueList &arguments, const Evaluator::Keywords &keywords) {
  Builtin function = findBuiltin(fullName);
  if (!function)
    return std::nullopt;
  Value value = function({interpreter, fullName, arguments, keywords});
  interpreter.charge(weight(value));
  return value;
}

bool Evaluator::isBuiltin(std::string_view fullName) {
  return findBuiltin(fullName) != nullptr;
}

std::optional<Value> Evaluator::builtinConstant(std::string_view fullName) {
  if (fullName == "math.pi")
    return Value{std::numbers::pi};
  if (fullName == "math.e")
    return Value{std::numbers::e};
  if (fullName == "math.inf")
    return Value{std::numeric_limits<double>::infinity()};
  if (fullName == "math.nan")
    return Value{std::numeric_limits<double>::quiet_NaN()};
  if (fullName == "os.environ")
    return Value{DictValue{}};
  if (fullName == "typing.TYPE_CHECKING" || fullName == "TYPE_CHECKING")
    return Value{false};
  for (std::string_view prefix :
       {"triton.language.core.", "triton.language.", "tl.", "torch.", "numpy.", "np."})
    if (fullName.starts_with(prefix)) {
      std::optional<DType> type = parseDType(fullName.substr(prefix.size()));
      return type ? std::optional(Value{*type}) : std::nullopt;
    }
  return std::nullopt;
}

Evaluator::Evaluator(Lookup lookup, Functions functions, int stepLimit, ForeignCall foreign)
    : resolveName(std::move(lookup)), resolveFunction(std::move(functions)),
      callForeign(std::move(foreign)), stepsLeft(stepLimit) {}

Result<Value> Evaluator::evaluate(const ast::Expr &expression) {
  Interpreter interpreter(resolveName, resolveFunction, callForeign, stepsLeft);
  return interpreter.result(interpreter.evaluate(expression));
}

Result<Value> Evaluator::call(const ast::Lambda &lambda, const std::vector<Value> &arguments) {
  Interpreter interpreter(resolveName, resolveFunction, callForeign, stepsLeft);
  return interpreter.result(interpreter.callLambda(lambda, arguments));
}

Result<Value> Evaluator::call(const ast::FunctionDef &function, const std::vector<Value> &arguments,
                              const Keywords &keywords) {
  Interpreter interpreter(resolveName, resolveFunction, callForeign, stepsLeft);
  return interpreter.result(interpreter.callFunction(function, arguments, keywords));
}

} // namespace lapidary
