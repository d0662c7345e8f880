// A launch against its kernel: arguments in order, what decorators and defaults add, the grid.
#include "core/source/Launch.h"
#include "core/source/PythonParser.h"
#include "core/support/Spelling.h"

#include <algorithm>
#include <fmt/format.h>

namespace lapidary {

namespace {

constexpr std::int64_t maximumFirst = (std::int64_t{1} << 31) - 1;
constexpr std::int64_t maximumOther = 65535;

std::unexpected<Error> invalid(std::string message) {
  return fail(ErrorCode::InvalidInput, std::move(message));
}

std::vector<std::string> parameterNames(const JitFunction &kernel) {
  std::vector<std::string> names;
  for (const KernelParameter &parameter : kernel.parameters)
    names.push_back(parameter.name);
  return names;
}

Value argumentsByName(const Launch &launch) {
  DictValue all;
  for (const auto &[name, value] : launch.arguments)
    all.items.emplace_back(makeString(name), value);
  for (const auto &[name, value] : launch.options)
    if (!launch.argument(name))
      all.items.emplace_back(makeString(name), value);
  return Value{std::move(all)};
}

// Names of an expression about a launch: its arguments and options, then the file's.
Evaluator launchEvaluator(const KernelFile &home, const Launch &launch, bool withArgs) {
  return makeEvaluator(home, [&launch, withArgs](const std::string &name) -> std::optional<Value> {
    if (const Value *value = launch.argument(name))
      return *value;
    if (const Value *value = launch.option(name))
      return *value;
    if (withArgs && (name == "args" || name == "META" || name == "meta"))
      return argumentsByName(launch);
    return std::nullopt;
  });
}

// What a heuristic (a lambda, or the name of a function) makes of the arguments so far.
Result<Value> applyHeuristic(const KernelFile &home, const ast::ExprPtr &function,
                             const Launch &launch) {
  Value all = argumentsByName(launch);
  Evaluator evaluator = launchEvaluator(home, launch, false);
  if (const auto *lambda = function->as<ast::Lambda>())
    return evaluator.call(*lambda, {all});
  auto argument =
      std::make_shared<const ast::Expr>(ast::Expr{function->range, ast::Constant{std::move(all)}});
  ast::Expr call{function->range, ast::Call{function, {argument}, {}}};
  return evaluator.evaluate(call);
}

Result<void> checkArgument(const KernelParameter &parameter, const Value &value) {
  const auto *descriptor = value.as<TensorDescriptorValue>();
  const auto *tensor = descriptor ? &descriptor->base : value.as<TensorArgument>();
  if (tensor)
    if (Result<void> checked = checkTensor(*tensor); !checked)
      return invalid(parameter.name + "." + checked.error().message);
  if (parameter.isConstexpr && tensor)
    return invalid(
        fmt::format("'{}' is a constexpr: a tensor cannot be its value", parameter.name));
  if (!parameter.isConstexpr && (value.as<std::string>() || value.as<DType>() ||
                                 value.as<DictValue>() || value.as<ObjectValue>()))
    return invalid(fmt::format("'{}' is not a constexpr: a {} cannot be passed to it; numbers, "
                               "tensors, None and tuples can",
                               parameter.name, kindName(value)));
  return {};
}

std::string describeMissing(const JitFunction &kernel, const std::vector<std::string> &missing) {
  std::string text;
  for (const std::string &name : missing) {
    auto parameter = std::ranges::find(kernel.parameters, name, &KernelParameter::name);
    text += (text.empty() ? "" : ", ") + name + (parameter->isConstexpr ? " (a constexpr)" : "");
  }
  return text;
}

} // namespace

Result<Launch> bindLaunch(const KernelFile &file, const JitFunction &kernel, Launch launch) {
  auto problem = [&](std::string message) {
    return fail(ErrorCode::InvalidInput, std::move(message), launch.name);
  };
  if (launch.kernel.empty())
    launch.kernel = kernel.name;
  if (launch.kernel != kernel.name)
    return problem(fmt::format("the launch is for '{}', not for '{}'", launch.kernel, kernel.name));
  std::vector<std::string> known = parameterNames(kernel);
  for (const auto &[name, value] : launch.arguments)
    if (std::ranges::find(known, name) == known.end())
      return problem(fmt::format("arguments: '{}' is not a parameter of {}{}", name, kernel.name,
                                 didYouMean(name, known).empty()
                                     ? fmt::format("; there are {}", fmt::join(known, ", "))
                                     : didYouMean(name, known)));
  // As Triton does: the configuration's values, then the heuristics', then defaults.
  for (const AutotuneDecorator &autotune : kernel.autotune)
    if (!autotune.configs.empty()) {
      for (const auto &[name, value] : autotune.configs.front().parameters)
        if (!launch.argument(name))
          launch.arguments.emplace_back(name, value);
      for (const auto &[name, value] : autotune.configs.front().options)
        if (!launch.option(name))
          launch.options.emplace_back(name, value);
    }
  std::vector<std::pair<std::string, ast::ExprPtr>> heuristics;
  for (const HeuristicsDecorator &decorator : kernel.heuristics)
    for (const auto &entry : decorator.values)
      if (!launch.argument(entry.first))
        heuristics.push_back(entry);
  for (const KernelParameter &parameter : kernel.parameters) {
    bool computed =
        std::ranges::find(heuristics, parameter.name,
                          &std::pair<std::string, ast::ExprPtr>::first) != heuristics.end();
    if (parameter.defaultValue && !computed && !launch.argument(parameter.name))
      launch.arguments.emplace_back(parameter.name, *parameter.defaultValue);
  }
  std::vector<std::string> missing;
  for (const std::string &name : known) {
    bool computed =
        std::ranges::find(heuristics, name, &std::pair<std::string, ast::ExprPtr>::first) !=
        heuristics.end();
    if (!launch.argument(name) && !computed)
      missing.push_back(name);
  }
  if (!missing.empty())
    return problem(fmt::format("arguments: {} of {} {} missing: {}", missing.size(), kernel.name,
                               missing.size() == 1 ? "is" : "are",
                               describeMissing(kernel, missing)));
  for (const auto &[name, function] : heuristics) {
    Result<Value> value = applyHeuristic(file.homeOf(kernel), function, launch);
    if (!value)
      return problem(fmt::format("arguments: the heuristic for '{}' cannot be evaluated ({}); give "
                                 "'{}' in the launch",
                                 name, value.error().message, name));
    launch.arguments.emplace_back(name, std::move(*value));
  }

  std::vector<std::pair<std::string, Value>> ordered;
  for (const KernelParameter &parameter : kernel.parameters) {
    const Value *value = launch.argument(parameter.name);
    if (!value)
      continue;
    if (Result<void> checked = checkArgument(parameter, *value); !checked)
      return problem("arguments: " + checked.error().message);
    ordered.emplace_back(parameter.name, *value);
  }
  launch.arguments = std::move(ordered);
  for (const std::string &name : launch.outputs) {
    const Value *value = launch.argument(name);
    if (!value)
      return problem(fmt::format("outputs: '{}' is not a parameter of {}{}", name, kernel.name,
                                 didYouMean(name, known)));
    if (!value->as<TensorArgument>() && !value->as<TensorDescriptorValue>())
      return problem(fmt::format("outputs: '{}' is a {}, not a tensor", name, kindName(*value)));
  }
  if (launch.grid.empty() || launch.grid.size() > 3)
    return problem(
        fmt::format("grid: one to three entries are expected, not {}", launch.grid.size()));
  return launch;
}

Result<std::array<std::int64_t, 3>> evaluateGrid(const Launch &launch, const JitFunction &kernel,
                                                 const KernelFile &file) {
  const KernelFile &home = file.homeOf(kernel);
  auto problem = [&](const std::string &text, const std::string &message) {
    return fail(ErrorCode::InvalidInput, fmt::format("grid: '{}': {}", text, message), launch.name);
  };
  std::vector<std::pair<std::string, Value>> sizes; // with the text they come from
  for (const std::string &text : launch.grid) {
    Result<ast::ExprPtr> expression = parsePythonExpression(text, "grid");
    if (!expression)
      return fail(ErrorCode::InvalidInput, "grid: " + expression.error().message, launch.name);
    Evaluator evaluator = launchEvaluator(home, launch, true);
    const auto *lambda = (*expression)->as<ast::Lambda>();
    Result<Value> value = lambda ? evaluator.call(*lambda, {argumentsByName(launch)})
                                 : evaluator.evaluate(**expression);
    if (!value)
      return problem(text, value.error().message);
    const auto *tuple = value->as<TupleValue>();
    const auto *list = value->as<ListValue>();
    if (!tuple && !list) {
      sizes.emplace_back(text, *value);
      continue;
    }
    if (launch.grid.size() > 1)
      return problem(text, "a tuple must be the only entry");
    for (const Value &item : tuple ? tuple->items : list->items)
      sizes.emplace_back(text, item);
  }
  if (sizes.empty() || sizes.size() > 3)
    return fail(ErrorCode::InvalidInput,
                fmt::format("grid: one to three sizes are expected, not {}", sizes.size()),
                launch.name);
  std::array<std::int64_t, 3> grid = {1, 1, 1};
  for (std::size_t i = 0; i < sizes.size(); ++i) {
    const auto &[text, value] = sizes[i];
    std::optional<std::int64_t> size = toInt64(value);
    if (!value.as<Integer>())
      return problem(text, fmt::format("{} is a {}, not an integer", repr(value), kindName(value)));
    std::int64_t limit = i == 0 ? maximumFirst : maximumOther;
    if (!size || *size > limit)
      return problem(text, fmt::format("{} programs in dimension {}, at most {} are possible",
                                       repr(value), i, limit));
    if (*size <= 0)
      return problem(text,
                     fmt::format("{} programs in dimension {}: at least one is needed", *size, i));
    grid[i] = *size;
  }
  return grid;
}

} // namespace lapidary
