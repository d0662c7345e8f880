#include "app/lap/CommandLine.h"
#include "app/lap/Table.h"
#include "core/session/CountVariants.h"
#include "core/specialize/RuleSet.h"
#include "core/support/Units.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <ranges>

namespace lapidary::cli {

namespace {

constexpr std::size_t shownClasses = 8;

struct Arguments {
  KernelArguments kernel;
  std::vector<std::string> targets = {"cuda:90", "hip:gfx942", "cpu"};
  VariantQuery query;
};

// "i32 D (16)", "i32 (2)", "constant 1".
std::string classText(const ReachableClass &found) {
  std::string text;
  if (found.type == "constexpr")
    return fmt::format("constant {}", found.key == "None" ? "None" : found.key);
  text = found.type;
  if (!found.key.empty() && found.key != "None")
    text += " " + found.key;
  return found.example.empty() ? text : fmt::format("{} ({})", text, found.example);
}

std::string classesText(const ArgumentVariants &argument) {
  std::vector<std::string> parts;
  for (const ReachableClass &found : argument.classes | std::views::take(shownClasses))
    parts.push_back(classText(found));
  std::string text = fmt::format("{}", fmt::join(parts, ", "));
  if (argument.count.value > parts.size())
    text += fmt::format(", ... {} in all", toString(argument.count));
  return text;
}

// "n multiplies most, by 7"; "a, b and 4 more multiply most, by 7 each".
std::string largestText(const ReachableVariants &report) {
  double most = 1;
  for (const ArgumentVariants &argument : report.arguments)
    most = std::max(most, argument.factor);
  std::vector<std::string> names;
  for (const ArgumentVariants &argument : report.arguments)
    if (argument.factor == most)
      names.push_back(argument.name);
  if (most <= 1)
    return {};
  if (names.size() == 1)
    return fmt::format("{} multiplies most, by {:.4g}\n", names.front(), most);
  constexpr std::size_t shown = 3;
  const std::size_t more = names.size() > shown ? names.size() - shown + 1 : 1;
  const std::string last = more == 1 ? names.back() : fmt::format("{} more", more);
  return fmt::format("{} and {} multiply most, by {:.4g} each\n",
                     fmt::join(names.begin(), names.end() - std::ptrdiff_t(more), ", "), last,
                     most);
}

// What the key letters among the classes stand for.
std::string legend(const ReachableVariants &report, const RuleSet &rules) {
  std::string text;
  for (const Rule &rule : rules.rules) {
    if (rule.constant) // shown as the constant
      continue;
    const bool isReached = std::ranges::any_of(report.arguments, [&](const auto &argument) {
      return std::ranges::any_of(argument.classes, [&](const ReachableClass &found) {
        return found.type != "constexpr" && found.key != "None" &&
               found.key.find(rule.letter) != std::string::npos;
      });
    });
    if (isReached)
      text += fmt::format("{} is {}: {}\n", rule.letter, rule.name, rule.explanation);
  }
  return text;
}

std::string reportText(const ReachableVariants &report, const RuleSet &rules) {
  std::string text = fmt::format("{} on {} (rules {}): {} variant{}", report.kernel,
                                 toString(report.target), report.rules, toString(report.count),
                                 report.count.value == 1 && report.count.isExact ? "" : "s");
  if (report.launches > 0)
    text += fmt::format(" in {} launch{}", report.launches, report.launches == 1 ? "" : "es");
  Table table({"argument", ">times", "classes reached (an example of each)"});
  for (const ArgumentVariants &argument : report.arguments)
    table.row({argument.name, fmt::format("x{:.4g}", argument.factor), classesText(argument)});
  return text + "\n" + table.text() + legend(report, rules) + largestText(report);
}

// As they are written in the source, with what they cost.
std::string planText(const OptOutPlan &plan, std::uint64_t bound) {
  std::string text;
  if (plan.optOuts.empty() && plan.reachesBound)
    return fmt::format("at most {}: so it is without an opt-out\n", bound);
  if (plan.optOuts.empty())
    return fmt::format("at most {}: no opt-out brings the number down; constexprs and types alone "
                       "make {}\n",
                       bound, toString(plan.count));
  std::map<std::string, std::vector<std::string>> lists;
  for (const OptOut &optOut : plan.optOuts)
    lists[optOut.option].push_back('"' + optOut.argument + '"');
  text = plan.reachesBound
             ? fmt::format("at most {}: the {} opt-outs leave {}\n", bound,
                           plan.isCheapest ? "cheapest" : "best found", toString(plan.count))
             : fmt::format("at most {} cannot be had; the fewest are {}\n", bound,
                           toString(plan.count));
  std::vector<std::string> options;
  for (const auto &[option, names] : lists)
    options.push_back(fmt::format("{}=[{}]", option, fmt::join(names, ", ")));
  text += fmt::format("  @triton.jit({})\n", fmt::join(options, ", "));
  for (const OptOut &optOut : plan.optOuts)
    text += fmt::format("  {} loses {} propert{}\n", optOut.argument, optOut.cost,
                        optOut.cost == 1 ? "y" : "ies");
  return text;
}

std::string coverageText(const CacheCoverage &coverage) {
  std::string text = fmt::format("{} holds {} of {} (constants are not written down there)\n",
                                 coverage.folder, coverage.covered, toString(coverage.reachable));
  if (coverage.outOfReach > 0)
    text += fmt::format("  {} entr{} for other launches\n", coverage.outOfReach,
                        coverage.outOfReach == 1 ? "y is" : "ies are");
  if (coverage.unreadable > 0)
    text += fmt::format("  {} could not be read: no metadata or no module\n", coverage.unreadable);
  for (const std::string &missing : coverage.missing)
    text += fmt::format("  missing: {}\n", missing);
  return text;
}

int showVariants(const Arguments &arguments, Invocation &invocation) {
  const auto targets = parseTargets(arguments.targets);
  if (!targets)
    return complain(targets.error());
  const auto services = invocation.makeServices();
  if (!services)
    return complain(services.error());
  const auto choice = chooseKernel(arguments.kernel);
  if (!choice)
    return complain(choice.error());
  printDiagnostics(choice->kernel->problems, *choice->file);
  const VariantQuery &query = arguments.query;
  if (query.ranges.empty() && query.launches.empty() && query.log.empty())
    warn("no --ranges, --launches or --log were given, so an integer may be any of 64 bits and a "
         "tensor anywhere and of any size");
  Json all = Json::array();
  std::string text;
  bool reached = true;
  for (const Target &target : *targets) {
    const auto answer =
        countVariants(*services, *choice, target, arguments.kernel.rules, arguments.query);
    if (!answer)
      return complain(answer.error());
    all.push_back(toJson(*answer));
    const auto rules = services->rules->find(arguments.kernel.rules, target);
    text += (text.empty() ? "" : "\n") + reportText(answer->report, **rules);
    if (answer->plan) {
      text += planText(*answer->plan, *arguments.query.bound);
      reached = reached && answer->plan->reachesBound;
    }
    if (answer->coverage)
      text += coverageText(*answer->coverage);
  }
  // One target, one object; several, a list of them.
  if (invocation.json)
    printJson(targets->size() == 1 ? all.front() : all);
  else
    print(text);
  return reached ? 0 : 1;
}

} // namespace

void addVariants(CLI::App &app, Invocation &invocation) {
  CLI::App *verb = addVerb(
      app, invocation, "variants",
      "Count the variants that ranges, launches or a log reach; say what multiplies them",
      "variants copy.py -k strided_copy -t cuda:90 --ranges '{\"n\": {\"from\": 1, \"to\": 4096}}' "
      "--bound 4");
  auto arguments = std::make_shared<Arguments>();
  addKernelArguments(*verb, arguments->kernel);
  verb->add_option("-t,--target", arguments->targets, "What to specialize for; repeatable")
      ->type_name("TARGET")
      ->allow_extra_args(false)
      ->capture_default_str();
  verb->add_option("--ranges", arguments->query.ranges,
                   "What arguments may be, a file or its JSON: {\"n\": {\"from\": 1, \"to\": 64, "
                   "\"step\": 2}, \"BLOCK\": [64, 128], \"x_ptr\": {\"alignment\": [16, 4], "
                   "\"storage\": 4096, \"optional\": true}}; without it anything of their kind")
      ->type_name("RANGES");
  verb->add_option("--launches", arguments->query.launches,
                   "What was launched: a file with one launch (JSON) a line")
      ->type_name("FILE");
  verb->add_option("--log", arguments->query.log,
                   "What was compiled: a log whose lines have keys as Triton prints them")
      ->type_name("FILE");
  verb->add_option("--bound", arguments->query.bound,
                   "Find the cheapest opt-outs that leave at most so many variants")
      ->type_name("N")
      ->check(CLI::PositiveNumber);
  verb->add_option("--cache", arguments->query.cache,
                   "Triton cache directory; say how many of the variants it holds")
      ->type_name("DIR");
  verb->callback([&invocation, arguments] {
    invocation.run = [&invocation, arguments] { return showVariants(*arguments, invocation); };
  });
}

} // namespace lapidary::cli
