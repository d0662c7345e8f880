#include "app/lap/CommandLine.h"
#include "app/lap/Table.h"

#include <fmt/format.h>

namespace lapidary::cli {

namespace {

struct Arguments {
  KernelArguments kernel;
  std::vector<std::string> targets = {"cuda:90", "hip:gfx942", "cpu"};
};

std::string keyText(const ArgumentSpecialization &argument) {
  if (argument.isDeclaredConstexpr)
    return "constexpr";
  if (!argument.key)
    return "-";
  return argument.key->empty() ? "-" : *argument.key;
}

std::string targetText(const Specialization &specialization) {
  Table table({"argument", "value", "type", "key", "why", "what would change it"});
  for (const ArgumentSpecialization &argument : specialization.arguments)
    table.row({argument.name, argument.value, argument.type, keyText(argument), argument.reason,
               argument.flip});
  return fmt::format("{} (rules {})\n{}key {}\n", toString(specialization.target),
                     specialization.rules, table.text(), specialization.key);
}

int showSpecializations(const Arguments &arguments, Invocation &invocation) {
  const auto targets = parseTargets(arguments.targets);
  if (!targets)
    return complain(targets.error());
  const auto services = invocation.makeServices();
  if (!services)
    return complain(services.error());
  const auto choice = chooseKernel(arguments.kernel);
  if (!choice)
    return complain(choice.error());
  Json json = {{"kernel", choice->kernel->name}, {"targets", Json::array()}};
  std::string text;
  for (const Target &target : *targets) {
    const auto result = specialize(*services->rules, arguments.kernel.rules, target,
                                   *choice->kernel, choice->launch);
    if (!result)
      return complain(result.error());
    printDiagnostics(result->warnings, *choice->file);
    json["targets"].push_back(toJson(*result));
    text += (text.empty() ? "" : "\n") + targetText(*result);
  }
  if (invocation.json)
    printJson(json);
  else
    print(text);
  return 0;
}

} // namespace

void addSpecialize(CLI::App &app, Invocation &invocation) {
  CLI::App *verb = addVerb(
      app, invocation, "specialize",
      "Say for each argument and target its type, key, the rule that fired and what would flip it",
      "specialize copy.py -k strided_copy -t cuda:90 -t hip:gfx942");
  auto arguments = std::make_shared<Arguments>();
  addKernelArguments(*verb, arguments->kernel);
  verb->add_option("-t,--target", arguments->targets, "What to specialize for; repeatable")
      ->type_name("TARGET")
      ->allow_extra_args(false)
      ->capture_default_str();
  verb->callback([&invocation, arguments] {
    invocation.run = [&invocation, arguments] {
      return showSpecializations(*arguments, invocation);
    };
  });
}

} // namespace lapidary::cli
