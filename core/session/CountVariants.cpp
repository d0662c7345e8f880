#include "core/session/CountVariants.h"

#include "core/support/Paths.h"

#include <fmt/format.h>

namespace lapidary {

namespace {

// JSON Lines: every line that is not blank is a launch.
Result<std::vector<Launch>> readLaunches(const KernelChoice &choice, const std::string &path) {
  auto text = readFile(path);
  if (!text)
    return std::unexpected(text.error());
  std::vector<Launch> launches;
  std::string_view rest = *text;
  for (std::size_t number = 1; !rest.empty(); ++number) {
    const std::string_view line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(rest.size(), line.size() + 1));
    if (line.find_first_not_of(" \t\r") == std::string_view::npos)
      continue;
    const std::string name = fmt::format("line {}", number);
    auto launch = parseLaunch(line, fmt::format("{}, {}", path, name));
    if (!launch)
      return std::unexpected(launch.error());
    if (!launch->kernel.empty() && launch->kernel != choice.kernel->name)
      continue;
    auto bound = bindLaunch(*choice.file, *choice.kernel, std::move(*launch));
    if (!bound)
      return fail(bound.error().code, fmt::format("{}: {}", name, bound.error().message), path);
    bound->name = name;
    launches.push_back(std::move(*bound));
  }
  if (launches.empty())
    return fail(ErrorCode::NotFound,
                fmt::format("{} has no launch of {}; a line looks like {}", path,
                            choice.kernel->name, dumpJson(toJson(choice.launch))),
                path);
  return launches;
}

Result<ArgumentRanges> readRanges(const std::string &pathOrText) {
  if (pathOrText.empty())
    return ArgumentRanges{};
  if (pathOrText.starts_with('{'))
    return parseArgumentRanges(pathOrText, "--ranges");
  auto text = readFile(pathOrText);
  if (!text)
    return std::unexpected(text.error());
  return parseArgumentRanges(*text, pathOrText);
}

} // namespace

Result<VariantAnswer> countVariants(const Services &services, const KernelChoice &choice,
                                    const Target &target, const std::string &ruleSet,
                                    const VariantQuery &query) {
  const int sources = !query.ranges.empty() + !query.launches.empty() + !query.log.empty();
  if (sources > 1)
    return fail(ErrorCode::InvalidInput,
                "ranges, launches and a log each say what is launched; give one of them");
  if (query.bound && !query.log.empty())
    return fail(ErrorCode::InvalidInput,
                "keys in a log do not say what an opt-out would make of them; to find opt-outs "
                "give ranges or launches");
  const RuleSets &rules = *services.rules;
  Result<ReachableVariants> report = ReachableVariants{};
  Result<OptOutPlan> plan = OptOutPlan{};
  if (!query.launches.empty()) {
    const auto launches = readLaunches(choice, query.launches);
    if (!launches)
      return std::unexpected(launches.error());
    report = variantsOfLaunches(rules, ruleSet, target, *choice.kernel, *launches);
    if (report && query.bound)
      plan = cheapestOptOuts(rules, ruleSet, target, *choice.kernel, *launches, *query.bound);
  } else if (!query.log.empty()) {
    const auto text = readFile(query.log);
    if (!text)
      return std::unexpected(text.error());
    report = variantsOfLog(rules, ruleSet, target, *choice.kernel, *text);
  } else {
    const auto ranges = readRanges(query.ranges);
    if (!ranges)
      return std::unexpected(ranges.error());
    report = variantsOfRanges(rules, ruleSet, target, *choice.kernel, choice.launch, *ranges);
    if (report && query.bound)
      plan = cheapestOptOuts(rules, ruleSet, target, *choice.kernel, choice.launch, *ranges,
                             *query.bound);
  }
  if (!report)
    return std::unexpected(report.error());
  if (!plan)
    return std::unexpected(plan.error());
  VariantAnswer answer{std::move(*report), {}, {}};
  if (query.bound)
    answer.plan = std::move(*plan);
  if (!query.cache.empty()) {
    const auto cache = readTritonCache(query.cache, choice.kernel->name, target);
    if (!cache)
      return std::unexpected(cache.error());
    answer.coverage = coverageOf(answer.report, *cache);
  }
  return answer;
}

Json toJson(const VariantAnswer &answer) {
  Json json = toJson(answer.report);
  if (answer.plan)
    json["plan"] = toJson(*answer.plan);
  if (answer.coverage)
    json["cache"] = toJson(*answer.coverage);
  return json;
}

} // namespace lapidary
