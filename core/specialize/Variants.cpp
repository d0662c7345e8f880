#include "core/specialize/Variants.h"

#include "core/specialize/Arguments.h"
#include "core/specialize/KeyString.h"
#include "core/specialize/OptOutSearch.h"
#include "core/specialize/ReachableClasses.h"
#include "core/specialize/Report.h"
#include "core/specialize/Signature.h"
#include "core/specialize/TritonCache.h"
#include "core/support/Units.h"

#include <algorithm>
#include <bit>
#include <fmt/format.h>
#include <ranges>

namespace lapidary {
namespace {

// A kernel, and what each of its arguments may be.
struct Problem {
  std::shared_ptr<const RuleSet> rules;
  KernelSignature signature;
  std::vector<Value> values; // the launch's
  std::vector<ArgumentRange> ranges;
  std::vector<std::pair<std::string, Value>> options;
};

// An unnamed "any" takes the kind of the argument.
ArgumentRange fitted(const ArgumentRange &range, const Value &value, bool isConstexpr) {
  bool isAny = range.kind == ArgumentRange::Kind::Integers && range.low == -(__int128(1) << 63) &&
               range.high == (__int128(1) << 64) - 1;
  if (!isAny || value.as<Integer>())
    return range;
  ArgumentRange result = freeRange(value, isConstexpr);
  result.isOptional = range.isOptional;
  return result;
}

Result<Problem> makeProblem(const RuleSets &sets, const std::string &ruleSet, const Target &target,
                            const JitFunction &kernel, const Launch &launch,
                            const ArgumentRanges &ranges) {
  Result<std::shared_ptr<const RuleSet>> rules = sets.find(ruleSet, target);
  if (!rules)
    return std::unexpected(rules.error());
  Problem problem{*rules, makeSignature(kernel, **rules), {}, {}, launch.options};
  for (const auto &[name, range] : ranges)
    if (std::ranges::find(kernel.parameters, name, &KernelParameter::name) ==
        kernel.parameters.end())
      return fail(
          ErrorCode::NotFound,
          fmt::format("a range is given for '{}'; {} has no such parameter", name, kernel.name),
          name);
  Result<BoundArguments> arguments = BoundArguments::bind(problem.signature, launch);
  if (!arguments)
    return std::unexpected(arguments.error());
  for (std::size_t i = 0; i < problem.signature.parameters.size(); ++i) {
    const SignatureParameter &parameter = problem.signature.parameters[i];
    problem.values.push_back(*arguments->sources()[i]);
    auto range = ranges.find(parameter.name);
    problem.ranges.push_back(
        range == ranges.end()
            ? freeRange(problem.values.back(), parameter.isConstexpr)
            : fitted(range->second, problem.values.back(), parameter.isConstexpr));
  }
  return problem;
}

Result<ReachableSet> reachable(const Problem &problem, std::size_t parameter,
                               std::uint8_t optOuts) {
  KernelSignature signature = problem.signature;
  signature.parameters[parameter].optOuts |= optOuts;
  Engine engine = Engine::compile(problem.rules, std::move(signature), problem.options);
  return reachableClasses(engine, parameter, problem.values[parameter], problem.ranges[parameter]);
}

// What matters of a tensor: its alignment, and its storage where a rule looks at that.
std::string tensorExample(const RuleSet &rules, const TensorArgument &tensor) {
  std::string text = fmt::format("aligned to {}", formatBytes(tensor.alignment));
  if (std::ranges::any_of(rules.rules, [](const Rule &rule) {
        return rule.predicate.kind == PredicateKind::StorageAtMost;
      }))
    text += fmt::format(", storage of {}", formatBytes(tensor.storage));
  return text;
}

} // namespace

VariantCount multiply(const VariantCount &left, const VariantCount &right) {
  constexpr unsigned __int128 limit = (unsigned __int128)(1) << 126;
  if (right.value != 0 && left.value > limit / right.value)
    return {limit, false};
  return {left.value * right.value, left.isExact && right.isExact};
}

Result<ReachableVariants> variantsOfRanges(const RuleSets &sets, const std::string &ruleSet,
                                           const Target &target, const JitFunction &kernel,
                                           const Launch &launch, const ArgumentRanges &ranges) {
  Result<Problem> problem = makeProblem(sets, ruleSet, target, kernel, launch, ranges);
  if (!problem)
    return std::unexpected(problem.error());
  Engine engine = Engine::compile(problem->rules, problem->signature, problem->options);
  ReachableVariants report{kernel.name, target, ruleSet, {}, {}, 0, {launch.options}, {}};
  for (std::size_t i = 0; i < problem->values.size(); ++i) {
    Result<ReachableSet> set = reachableClasses(engine, i, problem->values[i], problem->ranges[i]);
    if (!set)
      return std::unexpected(set.error());
    ArgumentVariants argument{
        problem->signature.parameters[i].name, set->count, {}, double(set->count.value)};
    for (const Value &example : set->examples) {
      BoundArguments arguments;
      Result<ArgumentSpecialization> described =
          describeArgument(engine, i, argument.name, example, arguments.convert(example));
      if (!described)
        return std::unexpected(described.error());
      const TensorArgument *tensor = example.as<TensorArgument>();
      argument.classes.push_back(
          {described->type, described->key.value_or("None"),
           tensor ? tensorExample(*problem->rules, *tensor) : showValue(example),
           moduleParameters(*described)});
    }
    report.count = multiply(report.count, set->count);
    report.arguments.push_back(std::move(argument));
  }
  return report;
}

Result<OptOutPlan> cheapestOptOuts(const RuleSets &sets, const std::string &ruleSet,
                                   const Target &target, const JitFunction &kernel,
                                   const Launch &launch, const ArgumentRanges &ranges,
                                   std::uint64_t bound) {
  Result<Problem> problem = makeProblem(sets, ruleSet, target, kernel, launch, ranges);
  if (!problem)
    return std::unexpected(problem.error());
  std::vector<ArgumentChoices> arguments;
  for (std::size_t i = 0; i < problem->values.size(); ++i) {
    ArgumentChoices choices{problem->signature.parameters[i].name, {}};
    Result<ReachableSet> plain = reachable(*problem, i, 0);
    if (!plain)
      return std::unexpected(plain.error());
    choices.list.push_back({0, plain->count, 0});
    for (std::uint8_t optOut : {optOutOfAlignment, optOutOfValue}) {
      if (problem->signature.parameters[i].isConstexpr || plain->count.value <= 1)
        continue;
      Result<ReachableSet> set = reachable(*problem, i, optOut);
      if (set && set->count.value < plain->count.value)
        choices.list.push_back(
            {optOut, set->count, std::popcount(unsigned(plain->rules & ~set->rules))});
    }
    arguments.push_back(std::move(choices));
  }
  return cheapestOfProduct(arguments, bound);
}

Json toJson(const VariantCount &count) {
  if (count.isExact && count.value <= (std::uint64_t(1) << 53))
    return std::uint64_t(count.value);
  return toString(count);
}

Json toJson(const ReachableVariants &report) {
  Json json = {{"kernel", report.kernel},
               {"target", toString(report.target)},
               {"rules", report.rules},
               {"count", toJson(report.count)},
               {"arguments", Json::array()}};
  if (report.launches > 0)
    json["launches"] = report.launches;
  for (const ArgumentVariants &argument : report.arguments) {
    Json classes = Json::array();
    for (const ReachableClass &found : argument.classes | std::views::take(listedClasses))
      classes.push_back({{"type", found.type}, {"key", found.key}, {"example", found.example}});
    json["arguments"].push_back({{"name", argument.name},
                                 {"count", toJson(argument.count)},
                                 {"factor", argument.factor},
                                 {"classes", std::move(classes)}});
  }
  return json;
}

Json toJson(const OptOutPlan &plan) {
  Json json = {{"reaches_bound", plan.reachesBound},
               {"cheapest", plan.isCheapest},
               {"count", toJson(plan.count)},
               {"cost", plan.cost},
               {"opt_outs", Json::array()}};
  for (const OptOut &optOut : plan.optOuts)
    json["opt_outs"].push_back(
        {{"argument", optOut.argument}, {"option", optOut.option}, {"cost", optOut.cost}});
  return json;
}

} // namespace lapidary
