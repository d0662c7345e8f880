// Variants of what was launched: lists of launches, and keys out of a log.
#include "core/specialize/Arguments.h"
#include "core/specialize/KeyString.h"
#include "core/specialize/OptOutSearch.h"
#include "core/specialize/Report.h"
#include "core/specialize/Signature.h"
#include "core/specialize/TritonCache.h"
#include "core/specialize/Variants.h"

#include <algorithm>
#include <bit>
#include <fmt/format.h>
#include <optional>
#include <set>

namespace lapidary {
namespace {

using Row = std::vector<std::uint32_t>; // the number of each argument's class, then the options'

std::uint64_t distinct(std::vector<Row> rows) {
  std::ranges::sort(rows);
  return std::uint64_t(std::unique(rows.begin(), rows.end()) - rows.begin());
}

// Distinct rows, how many classes each argument has, and what each argument multiplies by.
void summarize(const std::vector<Row> &rows, ReachableVariants &report) {
  std::uint64_t all = distinct(rows);
  report.rows = rows;
  std::ranges::sort(report.rows);
  report.rows.erase(std::unique(report.rows.begin(), report.rows.end()), report.rows.end());
  report.count = {all, true};
  for (std::size_t i = 0; i < report.arguments.size(); ++i) {
    std::vector<Row> without = rows;
    std::set<std::uint32_t> classes;
    for (Row &row : without) {
      classes.insert(row[i]);
      row[i] = 0;
    }
    report.arguments[i].count = {classes.size(), true};
    report.arguments[i].factor =
        rows.empty() ? 1 : double(all) / double(distinct(std::move(without)));
  }
}

// Gives numbers to the classes of one argument, in the order in which they turn up.
struct Numbering {
  std::map<std::vector<std::uint64_t>, std::uint32_t> numbers;
  std::uint16_t rules = 0;
};

// A signature's engines, one for each set of options among the launches: options switch rules.
struct Engines {
  std::vector<Engine> list;
  const std::vector<std::uint32_t> &ofLaunch;

  Engines(const std::shared_ptr<const RuleSet> &rules, const KernelSignature &signature,
          const std::vector<Launch> &launches, const std::vector<std::uint32_t> &options)
      : ofLaunch(options) {
    for (std::size_t i = 0; i < launches.size(); ++i)
      if (options[i] == list.size())
        list.push_back(Engine::compile(rules, signature, launches[i].options));
  }
  const Engine &of(std::size_t launch) const { return list[ofLaunch[launch]]; }
};

std::string nameOf(const std::vector<Launch> &launches, std::size_t i) {
  return launches[i].name.empty() ? fmt::format("launch {}", i + 1) : launches[i].name;
}

// The classes of all launches for one parameter.
Result<std::vector<std::uint32_t>> classNumbers(const Engines &engines, std::size_t parameter,
                                                const std::vector<Launch> &launches,
                                                const std::vector<BoundArguments> &bound,
                                                Numbering &numbering,
                                                std::vector<std::size_t> *firsts) {
  std::vector<std::uint32_t> result;
  for (std::size_t launch = 0; launch < launches.size(); ++launch) {
    const Engine &engine = engines.of(launch);
    const ArgumentValue &value = bound[launch].values()[parameter];
    std::vector<std::uint64_t> words(Engine::wordsNeeded({&value, 1}));
    KeyResult key = engine.evaluateOne(parameter, value, words);
    if (key.status != KeyStatus::Done) {
      auto described =
          describeArgument(engine, parameter, engine.signature().parameters[parameter].name,
                           *bound[launch].sources()[parameter], value);
      Error error =
          described ? Error{ErrorCode::Internal, "a value without a key", {}} : described.error();
      error.message = fmt::format("{}: {}", nameOf(launches, launch), error.message);
      return std::unexpected(error);
    }
    words.resize(key.words);
    ArgumentClass found{words[0]};
    numbering.rules |= found.keyRules() | found.properties();
    auto [entry, isNew] =
        numbering.numbers.emplace(std::move(words), std::uint32_t(numbering.numbers.size()));
    if (isNew && firsts)
      firsts->push_back(launch);
    result.push_back(entry->second);
  }
  return result;
}

Result<std::vector<BoundArguments>> bindAll(const KernelSignature &signature,
                                            const std::vector<Launch> &launches) {
  std::vector<BoundArguments> result;
  for (const Launch &launch : launches) {
    Result<BoundArguments> arguments = BoundArguments::bind(signature, launch);
    if (!arguments)
      return std::unexpected(arguments.error());
    result.push_back(std::move(*arguments));
  }
  return result;
}

// Options are part of a variant: launches that differ in them only are two variants.
std::vector<std::uint32_t> optionNumbers(const std::vector<Launch> &launches) {
  std::map<std::string, std::uint32_t> numbers;
  std::vector<std::uint32_t> result;
  for (const Launch &launch : launches)
    result.push_back(
        numbers.emplace(printOptions(launch.options), std::uint32_t(numbers.size())).first->second);
  return result;
}

// The key in a line of a log, when there is one and it is not another kernel's:
//
//   ... JIT compilation during inference: vector_add (key=[('*fp32', 'D'), ...]{...}). This ...
std::optional<std::string_view> keyInLine(std::string_view line, std::string_view kernel,
                                          KeyForm form) {
  constexpr std::string_view named = " (key=", mark = "key=";
  std::size_t at = line.find(named);
  if (at != std::string_view::npos) {
    std::string_view before = line.substr(0, at);
    std::size_t space = before.rfind(' ');
    if (before.substr(space == std::string_view::npos ? 0 : space + 1) != kernel)
      return std::nullopt;
    at += named.size();
  } else if ((at = line.find(mark)) != std::string_view::npos) {
    at += mark.size();
  } else {
    at = 0;
  }
  std::string_view key = line.substr(at);
  bool isKey = key.find(form == KeyForm::List ? "[(" : "(") != std::string_view::npos;
  return isKey ? std::optional(key) : std::nullopt;
}

} // namespace

Result<ReachableVariants> variantsOfLaunches(const RuleSets &sets, const std::string &ruleSet,
                                             const Target &target, const JitFunction &kernel,
                                             const std::vector<Launch> &launches) {
  Result<std::shared_ptr<const RuleSet>> rules = sets.find(ruleSet, target);
  if (!rules)
    return std::unexpected(rules.error());
  KernelSignature signature = makeSignature(kernel, **rules);
  std::vector<std::uint32_t> options = optionNumbers(launches);
  Engines engines(*rules, signature, launches, options);
  Result<std::vector<BoundArguments>> bound = bindAll(signature, launches);
  if (!bound)
    return std::unexpected(bound.error());
  ReachableVariants report{kernel.name, target, ruleSet, {}, {}, launches.size(), {}, {}};
  for (std::size_t i = 0; i < launches.size(); ++i)
    if (options[i] == report.options.size())
      report.options.push_back(launches[i].options);
  std::vector<Row> rows(launches.size());
  for (std::size_t i = 0; i < signature.parameters.size(); ++i) {
    Numbering numbering;
    std::vector<std::size_t> firsts;
    Result<std::vector<std::uint32_t>> numbers =
        classNumbers(engines, i, launches, *bound, numbering, &firsts);
    if (!numbers)
      return std::unexpected(numbers.error());
    ArgumentVariants argument{signature.parameters[i].name, {}, {}, 1};
    for (std::size_t first : firsts) {
      const Value &value = *(*bound)[first].sources()[i];
      Result<ArgumentSpecialization> described =
          describeArgument(engines.of(first), i, argument.name, value, (*bound)[first].values()[i]);
      if (!described)
        return std::unexpected(described.error());
      argument.classes.push_back({described->type, described->key.value_or("None"),
                                  showValue(value), moduleParameters(*described)});
    }
    report.arguments.push_back(std::move(argument));
    for (std::size_t launch = 0; launch < rows.size(); ++launch)
      rows[launch].push_back((*numbers)[launch]);
  }
  for (std::size_t launch = 0; launch < rows.size(); ++launch)
    rows[launch].push_back(options[launch]);
  summarize(rows, report);
  return report;
}

Result<OptOutPlan> cheapestOptOuts(const RuleSets &sets, const std::string &ruleSet,
                                   const Target &target, const JitFunction &kernel,
                                   const std::vector<Launch> &launches, std::uint64_t bound) {
  Result<std::shared_ptr<const RuleSet>> rules = sets.find(ruleSet, target);
  if (!rules)
    return std::unexpected(rules.error());
  KernelSignature signature = makeSignature(kernel, **rules);
  Result<std::vector<BoundArguments>> arguments = bindAll(signature, launches);
  if (!arguments)
    return std::unexpected(arguments.error());
  std::vector<std::uint32_t> optionRow = optionNumbers(launches);

  std::vector<ArgumentChoices> choices;
  std::vector<std::vector<std::vector<std::uint32_t>>> numbers; // argument, choice, launch
  for (std::size_t i = 0; i < signature.parameters.size(); ++i) {
    ArgumentChoices argument{signature.parameters[i].name, {}};
    numbers.emplace_back();
    std::uint16_t plainRules = 0;
    for (std::uint8_t optOut : {std::uint8_t(0), optOutOfAlignment, optOutOfValue}) {
      if (optOut && (signature.parameters[i].isConstexpr || argument.list[0].count.value <= 1))
        continue;
      KernelSignature changed = signature;
      changed.parameters[i].optOuts |= optOut;
      Engines engines(*rules, changed, launches, optionRow);
      Numbering numbering;
      Result<std::vector<std::uint32_t>> found =
          classNumbers(engines, i, launches, *arguments, numbering, nullptr);
      if (!found)
        return std::unexpected(found.error());
      if (!optOut)
        plainRules = numbering.rules;
      VariantCount count{numbering.numbers.size(), true};
      if (optOut && count.value >= argument.list[0].count.value)
        continue;
      argument.list.push_back(
          {optOut, count, std::popcount(unsigned(plainRules & ~numbering.rules))});
      numbers.back().push_back(std::move(*found));
    }
    choices.push_back(std::move(argument));
  }
  // One launch of each kind that some choice tells apart.
  std::set<Row> seen;
  std::vector<std::size_t> kinds;
  for (std::size_t launch = 0; launch < launches.size(); ++launch) {
    Row all = {optionRow[launch]};
    for (const auto &choicesOfOne : numbers)
      for (const std::vector<std::uint32_t> &classes : choicesOfOne)
        all.push_back(classes[launch]);
    if (seen.insert(std::move(all)).second)
      kinds.push_back(launch);
  }
  auto count = [&](const std::vector<int> &chosen) {
    std::vector<Row> rows;
    for (std::size_t launch : kinds) {
      Row &row = rows.emplace_back(Row{optionRow[launch]});
      for (std::size_t i = 0; i < chosen.size(); ++i)
        if (choices[i].list[0].count.value > 1)
          row.push_back(numbers[i][chosen[i]][launch]);
    }
    return distinct(std::move(rows));
  };
  // About a second of search, whatever the number of kinds.
  std::size_t budget =
      std::clamp<std::size_t>(4'000'000 / std::max<std::size_t>(kinds.size(), 1), 50, 20'000);
  return cheapestOfCounts(choices, bound, count, budget);
}

Result<ReachableVariants> variantsOfLog(const RuleSets &sets, const std::string &ruleSet,
                                        const Target &target, const JitFunction &kernel,
                                        std::string_view log) {
  Result<std::shared_ptr<const RuleSet>> rules = sets.find(ruleSet, target);
  if (!rules)
    return std::unexpected(rules.error());
  ReachableVariants report{kernel.name, target, ruleSet, {}, {}, 0, {}, {}};
  for (const KernelParameter &parameter : kernel.parameters)
    report.arguments.push_back({parameter.name, {}, {}, 1});
  std::vector<std::map<std::string, std::uint32_t>> classes(kernel.parameters.size());
  std::map<std::string, std::uint32_t> options;
  std::vector<Row> rows;
  for (std::size_t number = 1; !log.empty(); ++number) {
    std::string_view line = log.substr(0, log.find('\n'));
    log.remove_prefix(std::min(log.size(), line.size() + 1));
    std::optional<std::string_view> text = keyInLine(line, kernel.name, (*rules)->form);
    if (!text)
      continue;
    Result<Specialization> variant = specializationFromKey(sets, ruleSet, target, kernel, *text);
    if (!variant)
      return fail(variant.error().code, fmt::format("line {}: {}", number, variant.error().message),
                  variant.error().context);
    Row row;
    std::vector<KeyEntry> entries = keyEntries(*variant);
    for (std::size_t i = 0; i < entries.size(); ++i) {
      std::string type = printPython(entries[i].type), key = printPython(entries[i].key);
      auto [entry, isNew] = classes[i].emplace(type + " " + key, std::uint32_t(classes[i].size()));
      if (isNew)
        report.arguments[i].classes.push_back({variant->arguments[i].type,
                                               variant->arguments[i].key.value_or("None"),
                                               {},
                                               moduleParameters(variant->arguments[i])});
      row.push_back(entry->second);
    }
    auto [entry, isNew] =
        options.emplace(printOptions(variant->keyOptions), std::uint32_t(options.size()));
    if (isNew)
      report.options.push_back(variant->keyOptions);
    row.push_back(entry->second);
    rows.push_back(std::move(row));
    ++report.launches;
  }
  if (rows.empty())
    return fail(ErrorCode::NotFound,
                fmt::format("no line has a key of {}; a line of the log looks like {}", kernel.name,
                            "[('*fp32', 'D'), ('i32', '')]{'debug': False}"));
  summarize(rows, report);
  return report;
}

} // namespace lapidary
