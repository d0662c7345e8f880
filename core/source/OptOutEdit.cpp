#include "core/source/OptOutEdit.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace lapidary {

using namespace ast;

namespace {

constexpr const char *byValue = "do_not_specialize";
constexpr const char *byAlignment = "do_not_specialize_on_alignment";

std::vector<std::string> joined(std::vector<std::string> names,
                                const std::vector<std::string> &more) {
  for (const std::string &name : more)
    if (std::ranges::find(names, name) == names.end())
      names.push_back(name);
  return names;
}

std::string listText(const char *keyword, const std::vector<std::string> &names) {
  return fmt::format("{}=[\"{}\"]", keyword, fmt::join(names, "\", \""));
}

} // namespace

std::optional<DecoratorEdit> addOptOuts(const JitFunction &kernel, const OptOuts &added) {
  if (!kernel.jitDecorator)
    return {};
  const auto value = joined(kernel.options.doNotSpecialize, added.value);
  const auto alignment = joined(kernel.options.doNotSpecializeOnAlignment, added.alignment);
  if (value.size() == kernel.options.doNotSpecialize.size() &&
      alignment.size() == kernel.options.doNotSpecializeOnAlignment.size())
    return {};

  std::vector<std::string> arguments;
  const auto *call = kernel.jitDecorator->as<Call>();
  if (call) {
    for (const ExprPtr &argument : call->arguments)
      arguments.push_back(toSource(*argument));
    for (const Keyword &keyword : call->keywords)
      if (keyword.name != byValue && keyword.name != byAlignment)
        arguments.push_back(keyword.name.empty()
                                ? "**" + toSource(*keyword.value)
                                : fmt::format("{}={}", keyword.name, toSource(*keyword.value)));
  }
  if (!value.empty())
    arguments.push_back(listText(byValue, value));
  if (!alignment.empty())
    arguments.push_back(listText(byAlignment, alignment));
  const Expr &function = call ? *call->function : *kernel.jitDecorator;
  return DecoratorEdit{kernel.jitDecorator->range, "@" + toSource(*kernel.jitDecorator),
                       fmt::format("@{}({})", toSource(function), fmt::join(arguments, ", "))};
}

} // namespace lapidary
