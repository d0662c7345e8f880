#include "core/specialize/RuleSet.h"

#include "core/specialize/RuleSetReader.h"
#include "core/support/Paths.h"

#include <algorithm>
#include <cctype>
#include <fmt/format.h>
#include <fmt/ranges.h>

namespace lapidary {

const char *argumentKindName(ArgumentKind kind) {
  static constexpr const char *names[] = {"none",       "bool",     "int",   "float", "tensor",
                                          "descriptor", "function", "tuple", "other"};
  return names[int(kind)];
}

int RuleSet::fit(const Target &target) const {
  int best = 0;
  for (const std::string &pattern : targets) {
    std::size_t colon = pattern.find(':');
    bool matches = colon == std::string::npos
                       ? pattern == target.backend
                       : pattern.substr(0, colon) == target.backend &&
                             target.architecture.starts_with(pattern.substr(colon + 1));
    if (matches)
      best = std::max(best, int(pattern.size()));
  }
  return best;
}

const Rule *RuleSet::findRule(const std::string &nameLetterOrAttribute) const {
  for (const Rule &rule : rules)
    if (rule.name == nameLetterOrAttribute || rule.letter == nameLetterOrAttribute)
      return &rule;
  for (const Rule &rule : rules)
    if (!rule.attribute.empty() && rule.attribute == nameLetterOrAttribute)
      return &rule;
  return nullptr;
}

Result<std::shared_ptr<const RuleSets>>
RuleSets::parse(const std::vector<std::pair<std::string, std::string>> &documents) {
  auto result = std::make_shared<RuleSets>();
  Result<std::vector<RuleSet>> sets = readRuleSets(documents);
  if (!sets)
    return std::unexpected(sets.error());
  for (RuleSet &set : *sets)
    result->sets.push_back(std::make_shared<const RuleSet>(std::move(set)));
  return result;
}

using Documents = std::vector<std::pair<std::string, std::string>>;
constexpr std::size_t largestRuleSet = 4u << 20; // bytes

static Result<void> readFolder(const std::filesystem::path &folder, Documents &documents) {
  std::error_code failure;
  std::vector<std::filesystem::path> files;
  for (std::filesystem::directory_iterator entry(folder, failure), end; !failure && entry != end;
       entry.increment(failure))
    if (entry->path().extension() == ".json")
      files.push_back(entry->path());
  if (failure)
    return fail(ErrorCode::Unreadable,
                fmt::format("cannot read the rule set folder: {}", failure.message()),
                folder.string());
  std::ranges::sort(files);
  for (const std::filesystem::path &file : files) {
    Result<std::string> text = readFile(file, largestRuleSet);
    if (!text)
      return std::unexpected(text.error());
    documents.emplace_back(file.string(), std::move(*text));
  }
  return {};
}

static Result<void> readResources(const std::string &folder, Documents &documents) {
  Result<std::vector<std::string>> names = listResources(folder);
  if (!names)
    return std::unexpected(names.error());
  for (const std::string &name : *names) {
    if (!name.ends_with(".json"))
      continue;
    Result<std::string> text = readResource(folder + "/" + name);
    if (!text)
      return std::unexpected(text.error());
    documents.emplace_back(folder + "/" + name, std::move(*text));
  }
  return {};
}

Result<std::shared_ptr<const RuleSets>>
RuleSets::load(const std::vector<std::filesystem::path> &folders) {
  Documents documents;
  for (const std::filesystem::path &folder : folders)
    if (Result<void> read = readFolder(folder, documents); !read)
      return std::unexpected(read.error());
  return parse(documents);
}

std::vector<std::string> RuleSets::names() const {
  std::vector<std::string> result;
  for (const auto &set : sets) {
    result.push_back(set->name);
    result.insert(result.end(), set->aliases.begin(), set->aliases.end());
  }
  // "triton-3.10" stands behind "triton-3.9": numbers compare as numbers.
  auto parts = [](const std::string &name) {
    std::vector<std::pair<std::string, long>> list;
    for (std::size_t i = 0; i < name.size();) {
      std::string word;
      long number = 0;
      while (i < name.size() && !std::isdigit(static_cast<unsigned char>(name[i])))
        word += name[i++];
      while (i < name.size() && std::isdigit(static_cast<unsigned char>(name[i])) &&
             number < 1'000'000)
        number = number * 10 + (name[i++] - '0');
      list.emplace_back(word, number);
    }
    return list;
  };
  std::ranges::sort(result, {}, parts);
  result.erase(std::unique(result.begin(), result.end()), result.end());
  return result;
}

Result<std::shared_ptr<const RuleSet>> RuleSets::find(const std::string &name,
                                                      const Target &target) const {
  std::shared_ptr<const RuleSet> best;
  std::vector<std::string> covered;
  for (const auto &set : sets) {
    if (set->name != name && std::ranges::find(set->aliases, name) == set->aliases.end())
      continue;
    covered.insert(covered.end(), set->targets.begin(), set->targets.end());
    if (set->fit(target) > (best ? best->fit(target) : 0))
      best = set;
  }
  if (best)
    return best;
  if (covered.empty())
    return fail(
        ErrorCode::NotFound,
        fmt::format("there is no rule set '{}'; there are: {}", name, fmt::join(names(), ", ")),
        name);
  return fail(ErrorCode::NotFound,
              fmt::format("rule set '{}' has no rules for {}; it covers: {}", name,
                          toString(target), fmt::join(covered, ", ")),
              name);
}

Result<std::shared_ptr<const RuleSets>> loadRuleSets(const std::string &resourceFolder,
                                                     const std::string &userFolder) {
  Documents documents;
  bool isPath = std::filesystem::path(resourceFolder).is_absolute();
  Result<void> read =
      isPath ? readFolder(resourceFolder, documents) : readResources(resourceFolder, documents);
  if (read && !userFolder.empty())
    read = readFolder(userFolder, documents);
  if (!read)
    return std::unexpected(read.error());
  return RuleSets::parse(documents);
}

std::vector<std::string> ruleSetNames(const RuleSets &sets) {
  return sets.names();
}

} // namespace lapidary
