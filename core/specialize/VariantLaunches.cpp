// Variants of what was launched: lists of launches, and keys out of a log.
#include "core/specialize/Arguments.h"
#include "core/specialize/KeyString.h"
#include "core/specialize/OptOutSearch.h"
#include "core/specialize/Report.h"
#include "core/specialize/Signature.h"
#include "core/specialize/Variants.h"

#include <algorithm>
#include <bit>
#include <fmt/format.h>
#include <set>

namespace lapidary {
namespace {

using Row = std::vector<std::uint32_t>; // the number of each argument's class

std::uint64_t distinct(std::vector<Row> rows) {
  std::ranges::sort(rows);
  return std::uint64_t(std::unique(rows.begin(), rows.end()) - rows.begin());
}

// Distinct rows, how many classes each argument has, and what each argument multiplies by.
void summarize(const std::vector<Row> &rows, VariantReport &report) {
  std::uint64_t all = distinct(rows);
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

// The classes of all launches for one parameter and one engine.
Result<std::vector<std::uint32_t>> classNumbers(const Engine &engine, std::size_t parameter,
                                                const std::vector<BoundArguments> &launches,
                                                Numbering &numbering,
                                                std::vector<std::size_t> *firsts) {
  std::vector<std::uint32_t> result;
  for (std::size_t launch = 0; launch < launches.size(); ++launch) {
    const ArgumentValue &value = launches[launch].values()[parameter];
    std::vector<std::uint64_t> words(Engine::wordsNeeded({&value, 1}));
    KeyResult key = engine.evaluateOne(parameter, value, words);
    if (key.status != KeyStatus::Done) {
      auto described =
          describeArgument(engine, parameter, engine.signature().parameters[parameter].name,
                           *launches[launch].sources()[parameter], value);
      Error error =
          described ? Error{ErrorCode::Internal, "a value without a key", {}} : described.error();
      error.message = fmt::format("launch {}: {}", launch + 1, error.message);
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

} // namespace

Result<VariantReport> variantsOfLaunches(const RuleSets &sets, const std::string &ruleSet,
                                         const Target &target, const JitFunction &kernel,
                                         const std::vector<Launch> &launches) {
  Result<std::shared_ptr<const RuleSet>> rules = sets.find(ruleSet, target);
  if (!rules)
    return std::unexpected(rules.error());
  KernelSignature signature = makeSignature(kernel, **rules);
  Engine engine = Engine::compile(*rules, signature,
                                  launches.empty() ? std::vector<std::pair<std::string, Value>>()
                                                   : launches.front().options);
  Result<std::vector<BoundArguments>> bound = bindAll(signature, launches);
  if (!bound)
    return std::unexpected(bound.error());
  VariantReport report{kernel.name, target, ruleSet, {}, {}, launches.size()};
  std::vector<Row> rows(launches.size());
  std::vector<std::uint32_t> options = optionNumbers(launches);
  for (std::size_t i = 0; i < signature.parameters.size(); ++i) {
    Numbering numbering;
    std::vector<std::size_t> firsts;
    Result<std::vector<std::uint32_t>> numbers =
        classNumbers(engine, i, *bound, numbering, &firsts);
    if (!numbers)
      return std::unexpected(numbers.error());
    ArgumentVariants argument{signature.parameters[i].name, {}, {}, 1};
    for (std::size_t first : firsts) {
      if (argument.classes.size() == listedClasses)
        break;
      const Value &value = *(*bound)[first].sources()[i];
      Result<ArgumentSpecialization> described =
          describeArgument(engine, i, argument.name, value, (*bound)[first].values()[i]);
      if (described)
        argument.classes.push_back(
            {described->type, described->key.value_or("None"), showValue(value)});
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
  std::vector<std::pair<std::string, Value>> options;
  if (!launches.empty())
    options = launches.front().options;

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
      Engine engine = Engine::compile(*rules, std::move(changed), options);
      Numbering numbering;
      Result<std::vector<std::uint32_t>> found =
          classNumbers(engine, i, *arguments, numbering, nullptr);
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
  std::vector<std::uint32_t> optionRow = optionNumbers(launches);
  auto count = [&](const std::vector<int> &chosen) {
    std::vector<Row> rows(launches.size());
    for (std::size_t launch = 0; launch < rows.size(); ++launch) {
      rows[launch].push_back(optionRow[launch]);
      for (std::size_t i = 0; i < chosen.size(); ++i)
        if (choices[i].list[0].count.value > 1)
          rows[launch].push_back(numbers[i][chosen[i]][launch]);
    }
    return distinct(std::move(rows));
  };
  // About a second of search, whatever the number of launches.
  std::size_t budget =
      std::clamp<std::size_t>(4'000'000 / std::max<std::size_t>(launches.size(), 1), 50, 20'000);
  return cheapestOfCounts(choices, bound, count, budget);
}

Result<VariantReport> variantsOfLog(const RuleSets &sets, const std::string &ruleSet,
                                    const Target &target, const JitFunction &kernel,
                                    std::string_view log) {
  Result<std::shared_ptr<const RuleSet>> rules = sets.find(ruleSet, target);
  if (!rules)
    return std::unexpected(rules.error());
  VariantReport report{kernel.name, target, ruleSet, {}, {}, 0};
  for (const KernelParameter &parameter : kernel.parameters)
    report.arguments.push_back({parameter.name, {}, {}, 1});
  std::vector<std::map<std::string, std::uint32_t>> classes(kernel.parameters.size());
  std::map<std::string, std::uint32_t> options;
  std::vector<Row> rows;
  for (std::size_t number = 1; !log.empty(); ++number) {
    std::string_view line = log.substr(0, log.find('\n'));
    log.remove_prefix(std::min(log.size(), line.size() + 1));
    if (line.find("[(") == std::string_view::npos && (*rules)->form == KeyForm::List)
      continue;
    if (line.find_first_not_of(" \t\r") == std::string_view::npos)
      continue;
    Result<Specialization> variant = specializationFromKey(sets, ruleSet, target, kernel, line);
    if (!variant)
      return fail(variant.error().code, fmt::format("line {}: {}", number, variant.error().message),
                  variant.error().context);
    Row row;
    std::vector<KeyEntry> entries = keyEntries(*variant);
    for (std::size_t i = 0; i < entries.size(); ++i) {
      std::string type = printPython(entries[i].type), key = printPython(entries[i].key);
      auto [entry, isNew] = classes[i].emplace(type + " " + key, std::uint32_t(classes[i].size()));
      if (isNew && classes[i].size() <= listedClasses)
        report.arguments[i].classes.push_back(
            {variant->arguments[i].type, variant->arguments[i].key.value_or("None"), {}});
      row.push_back(entry->second);
    }
    row.push_back(options.emplace(printOptions(variant->keyOptions), std::uint32_t(options.size()))
                      .first->second);
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
