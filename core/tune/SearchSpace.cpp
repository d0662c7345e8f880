#include "core/tune/SearchSpace.h"

#include "core/source/AstWalk.h"
#include "core/source/Launch.h"
#include "core/source/PythonParser.h"
#include "core/support/Spelling.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <set>

namespace lapidary {

namespace {

constexpr SearchSpace::Index mostConfigurations = SearchSpace::Index(1) << 62;
constexpr int mostDraws = 20000;

std::unexpected<Error> invalid(std::string message) {
  return fail(ErrorCode::InvalidInput, std::move(message));
}

std::optional<double> number(const Value &value) {
  if (const auto *fraction = value.as<double>())
    return *fraction;
  if (const auto *integer = value.as<Integer>(); integer && integer->fits)
    return static_cast<double>(integer->value);
  return std::nullopt;
}

// The functions of triton and math under the names that grids use.
std::shared_ptr<const KernelFile> helperFunctions() {
  return parseKernelFile("import math\nimport triton\nfrom triton import cdiv, next_power_of_2\n",
                         "constraints");
}

std::string valueList(const std::vector<Value> &values) {
  std::vector<std::string> texts;
  for (const Value &value : values)
    texts.push_back(repr(value));
  return fmt::format("[{}]", fmt::join(texts, ", "));
}

Result<void> checkParameter(const TuneParameter &parameter) {
  if (parameter.values.empty())
    return invalid(fmt::format("parameter '{}' has no values; give at least one", parameter.name));
  for (std::size_t i = 0; i < parameter.values.size(); ++i)
    for (std::size_t j = 0; j < i; ++j)
      if (parameter.values[i] == parameter.values[j])
        return invalid(fmt::format("parameter '{}' has the value {} twice", parameter.name,
                                   repr(parameter.values[i])));
  return {};
}

} // namespace

bool TuneParameter::isOrdered() const {
  return std::ranges::all_of(values, [](const Value &value) { return number(value).has_value(); });
}

Json configurationJson(const Configuration &configuration) {
  Launch launch;
  launch.arguments = configuration;
  return toJson(launch)["arguments"];
}

Result<Configuration> configurationFromJson(const Json &json) {
  if (!json.is_object())
    return invalid("a configuration must be an object of parameters and their values");
  auto launch =
      parseLaunch(dumpJson(Json{{"kernel", "configuration"}, {"grid", {"1"}}, {"arguments", json}}),
                  "configuration");
  if (!launch)
    return std::unexpected(launch.error());
  return std::move(launch->arguments);
}

std::string configurationText(const Configuration &configuration) {
  std::string text;
  for (const auto &[name, value] : configuration)
    if (!value.isNone())
      text += fmt::format("{}{}={}", text.empty() ? "" : " ", name, repr(value));
  return text;
}

Result<SearchSpace> SearchSpace::create(std::vector<TuneParameter> parameters,
                                        std::vector<std::string> constraints,
                                        Evaluator::Lookup names) {
  SearchSpace space;
  if (parameters.empty())
    return invalid("the space is empty: it has no parameters");
  for (TuneParameter &parameter : parameters) {
    if (auto checked = checkParameter(parameter); !checked)
      return std::unexpected(checked.error());
    if (std::ranges::find(space.axes, parameter.name, &TuneParameter::name) != space.axes.end())
      return invalid(fmt::format("parameter '{}' stands in the space twice", parameter.name));
    if (parameter.isOrdered())
      std::ranges::stable_sort(parameter.values, {},
                               [](const Value &value) { return *number(value); });
    if (space.count > mostConfigurations / parameter.values.size())
      return invalid("the space has more than 2^62 configurations; leave out some values");
    space.count *= parameter.values.size();
    space.axes.push_back(std::move(parameter));
  }
  space.otherNames = std::move(names);
  space.functions = helperFunctions();
  for (const std::string &text : constraints)
    if (auto added = space.addConstraint(text); !added)
      return std::unexpected(added.error());
  if (space.count <= enumerable) {
    std::vector<Index> all;
    for (Index index = 0; index < space.count; ++index)
      if (space.allowed(index))
        all.push_back(index);
    space.known = std::move(all);
  }
  if (auto checked = space.checkThatSomethingIsAllowed(); !checked)
    return std::unexpected(checked.error());
  return space;
}

Result<SearchSpace> SearchSpace::listed(const std::vector<Configuration> &configurations) {
  std::vector<TuneParameter> parameters;
  for (const Configuration &configuration : configurations)
    for (const auto &[name, value] : configuration)
      if (std::ranges::find(parameters, name, &TuneParameter::name) == parameters.end())
        parameters.push_back({name, {}});
  const auto valueIn = [](const Configuration &configuration, const std::string &name) {
    const auto found = std::ranges::find(configuration, name, &Configuration::value_type::first);
    return found == configuration.end() ? Value{} : found->second;
  };
  for (TuneParameter &parameter : parameters)
    for (const Configuration &configuration : configurations) {
      Value value = valueIn(configuration, parameter.name);
      if (std::ranges::find(parameter.values, value) == parameter.values.end())
        parameter.values.push_back(std::move(value));
    }
  if (parameters.empty() && !configurations.empty()) // triton.Config({}) alone
    return invalid("the configurations set nothing, so there is nothing to tune");
  auto space = create(std::move(parameters), {});
  if (!space)
    return space;
  std::vector<Index> all;
  for (const Configuration &configuration : configurations) {
    Digits digits;
    for (const TuneParameter &parameter : space->axes)
      digits.push_back(static_cast<std::uint32_t>(
          std::ranges::find(parameter.values, valueIn(configuration, parameter.name)) -
          parameter.values.begin()));
    if (const Index index = space->index(digits); space->members.insert(index).second)
      all.push_back(index);
  }
  space->known = std::move(all); // in the decorator's order
  return space;
}

SearchSpace::Digits SearchSpace::digits(Index index) const {
  Digits digits(axes.size());
  for (std::size_t i = axes.size(); i-- > 0;) {
    digits[i] = static_cast<std::uint32_t>(index % axes[i].values.size());
    index /= axes[i].values.size();
  }
  return digits;
}

SearchSpace::Index SearchSpace::index(const Digits &digits) const {
  Index index = 0;
  for (std::size_t i = 0; i < axes.size(); ++i)
    index = index * axes[i].values.size() + digits[i];
  return index;
}

Configuration SearchSpace::configuration(Index index) const {
  const Digits at = digits(index);
  Configuration configuration;
  for (std::size_t i = 0; i < axes.size(); ++i)
    configuration.emplace_back(axes[i].name, axes[i].values[at[i]]);
  return configuration;
}

std::optional<SearchSpace::Index> SearchSpace::find(const Configuration &configuration) const {
  Digits at;
  if (configuration.size() != axes.size())
    return std::nullopt;
  for (const TuneParameter &axis : axes) {
    const auto given =
        std::ranges::find(configuration, axis.name, &Configuration::value_type::first);
    if (given == configuration.end())
      return std::nullopt;
    const auto value = std::ranges::find(axis.values, given->second);
    if (value == axis.values.end())
      return std::nullopt;
    at.push_back(static_cast<std::uint32_t>(value - axis.values.begin()));
  }
  return index(at);
}

std::optional<std::string> SearchSpace::violated(Index index) const {
  if (!members.empty() && !members.contains(index))
    return "it is not one of the listed configurations";
  if (rules.empty())
    return std::nullopt;
  const Digits at = digits(index);
  for (const Constraint &rule : rules)
    if (!holds(rule, at))
      return rule.text;
  return std::nullopt;
}

std::optional<SearchSpace::Index> SearchSpace::draw(RandomSequence &random) const {
  if (known)
    return known->empty() ? std::nullopt : std::optional((*known)[random.below(known->size())]);
  for (int attempt = 0; attempt < mostDraws; ++attempt) {
    Digits at;
    for (const TuneParameter &axis : axes)
      at.push_back(random.below(axis.values.size()));
    if (const Index drawn = index(at); allowed(drawn))
      return drawn;
  }
  return std::nullopt;
}

std::vector<SearchSpace::Index> SearchSpace::neighbours(Index of) const {
  std::vector<Index> found;
  const Digits here = digits(of);
  for (std::size_t i = 0; i < axes.size(); ++i) {
    const bool ordered = axes[i].isOrdered();
    for (std::uint32_t digit = 0; digit < axes[i].values.size(); ++digit) {
      const std::uint32_t distance = digit > here[i] ? digit - here[i] : here[i] - digit;
      if (distance == 0 || (ordered && distance > 1))
        continue;
      Digits there = here;
      there[i] = digit;
      if (const Index next = index(there); allowed(next))
        found.push_back(next);
    }
  }
  return found;
}

// ---- constraints ----

Result<void> SearchSpace::addConstraint(const std::string &text) {
  auto parsed = parsePythonExpression(text, "constraint");
  if (!parsed)
    return invalid(fmt::format("constraint '{}': {}", text, parsed.error().message));
  Constraint constraint{text, *parsed, {}};
  std::set<std::string> names;
  ast::walkExpressions(**parsed, [&](const ast::Expr &expression) {
    if (const auto *name = expression.as<ast::Name>())
      names.insert(name->id);
  });
  std::vector<std::string> parameterNames;
  for (std::size_t i = 0; i < axes.size(); ++i) {
    parameterNames.push_back(axes[i].name);
    if (names.contains(axes[i].name))
      constraint.mentions.push_back(i);
  }
  // What is wrong for the first configurations of all it mentions is wrong with the constraint.
  std::optional<Error> problem;
  Index combinations = 1;
  for (const std::size_t i : constraint.mentions)
    combinations = std::min<Index>(combinations * axes[i].values.size(), 256);
  for (Index n = 0; n < combinations; ++n) {
    Digits at(axes.size());
    Index rest = n;
    for (const std::size_t i : constraint.mentions) {
      at[i] = static_cast<std::uint32_t>(rest % axes[i].values.size());
      rest /= axes[i].values.size();
    }
    const auto value = evaluate(constraint, at);
    if (value) {
      problem.reset();
      break;
    }
    if (!problem)
      problem = value.error();
  }
  if (problem) {
    std::string hint;
    for (const std::string &name : names)
      if (std::ranges::find(parameterNames, name) == parameterNames.end() && hint.empty())
        hint = didYouMean(name, parameterNames);
    return invalid(fmt::format("constraint '{}': {}{}", text, problem->message, hint));
  }
  texts.push_back(text);
  rules.push_back(std::move(constraint));
  return {};
}

Result<Value> SearchSpace::evaluate(const Constraint &constraint, const Digits &at) const {
  constexpr int mostSteps = 20000;
  const auto lookup = [&](const std::string &name) -> std::optional<Value> {
    for (std::size_t i = 0; i < axes.size(); ++i)
      if (axes[i].name == name)
        return axes[i].values[at[i]];
    return otherNames ? otherNames(name) : std::nullopt;
  };
  return makeEvaluator(*functions, lookup, mostSteps).evaluate(*constraint.expression);
}

bool SearchSpace::holds(const Constraint &constraint, const Digits &at) const {
  const auto value = evaluate(constraint, at);
  return value && truthy(*value);
}

// Whether some values of the parameters that these mention fulfil them all; too many to look
// through count as yes.
bool SearchSpace::holdTogether(std::span<const Constraint *const> some, Error &problem) const {
  std::set<std::size_t> mentioned;
  for (const Constraint *constraint : some)
    mentioned.insert(constraint->mentions.begin(), constraint->mentions.end());
  Index combinations = 1;
  std::string values;
  for (const std::size_t i : mentioned) {
    combinations = std::min(combinations * axes[i].values.size(), enumerable + 1);
    values += fmt::format("{}{} in {}", values.empty() ? "" : ", ", axes[i].name,
                          valueList(axes[i].values));
  }
  if (combinations > enumerable)
    return true;
  for (Index n = 0; n < combinations; ++n) {
    Digits at(axes.size());
    Index rest = n;
    for (const std::size_t i : mentioned) {
      at[i] = static_cast<std::uint32_t>(rest % axes[i].values.size());
      rest /= axes[i].values.size();
    }
    if (std::ranges::all_of(some, [&](const Constraint *one) { return holds(*one, at); }))
      return true;
  }
  problem.message = values;
  return false;
}

Result<void> SearchSpace::checkThatSomethingIsAllowed() const {
  RandomSequence random(1);
  if (draw(random))
    return {};
  Error values;
  for (const Constraint &one : rules)
    if (const Constraint *alone[] = {&one}; !holdTogether(alone, values))
      return invalid(
          fmt::format("constraint '{}' holds for no configuration ({})", one.text, values.message));
  for (std::size_t i = 0; i < rules.size(); ++i)
    for (std::size_t j = i + 1; j < rules.size(); ++j)
      if (const Constraint *pair[] = {&rules[i], &rules[j]}; !holdTogether(pair, values))
        return invalid(fmt::format("constraints '{}' and '{}' contradict each other ({})",
                                   rules[i].text, rules[j].text, values.message));
  if (known)
    return invalid(fmt::format("no configuration fulfils all {} constraints: {}", rules.size(),
                               fmt::join(texts, "; ")));
  return invalid(fmt::format("of {} configurations drawn by chance none fulfils all constraints: "
                             "{}; leave out values that they forbid",
                             mostDraws, fmt::join(texts, "; ")));
}

} // namespace lapidary
