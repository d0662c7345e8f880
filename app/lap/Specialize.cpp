#include "app/lap/CommandLine.h"
#include "app/lap/Table.h"
#include "core/session/NamedVariant.h"
#include "core/specialize/AotSignature.h"
#include "core/specialize/CacheKey.h"
#include "core/specialize/KeyString.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace lapidary::cli {

namespace {

struct Arguments {
  KernelArguments kernel;
  std::vector<std::string> targets = {"cuda:90", "hip:gfx942", "cpu"};
  std::string variant, against;
};

std::string keyText(const ArgumentSpecialization &argument) {
  if (argument.isDeclaredConstexpr)
    return "constexpr";
  if (!argument.key)
    return "-";
  return argument.key->empty() ? "-" : *argument.key;
}

// A tuple's items follow it.
void addRows(Table &table, const std::vector<ArgumentSpecialization> &arguments) {
  for (const ArgumentSpecialization &argument : arguments) {
    table.row({argument.name, argument.value, argument.type, keyText(argument), argument.reason,
               argument.flip});
    addRows(table, argument.items);
  }
}

std::string launchTable(const Specialization &specialization) {
  Table table({"argument", "value", "type", "key", "why", "what would change it"});
  addRows(table, specialization.arguments);
  return table.text();
}

// A key says what holds, not why.
std::string keyTable(const Specialization &specialization) {
  Table table({"argument", "type", "key", "what the compiler knows"});
  for (const ArgumentSpecialization &argument : specialization.arguments) {
    std::vector<std::string> known;
    if (argument.constant)
      known.push_back("is " + printPython(*argument.constant));
    for (const Property &property : argument.properties)
      known.push_back(fmt::format("{} = {}", property.name, property.value));
    table.row({argument.name, argument.type, keyText(argument),
               known.empty() ? "nothing" : fmt::format("{}", fmt::join(known, ", "))});
  }
  return table.text();
}

// What is shown of one target.
struct Shown {
  NamedVariant variant;
  Json parts;
  std::string cacheKey;
  std::optional<std::string> signature; // none where it has no words for an argument
  std::optional<std::string> difference;
};

Result<NamedVariant> chosenVariant(const Services &services, const KernelChoice &choice,
                                   const Target &target, const Arguments &arguments) {
  return arguments.variant.empty()
             ? nameVariant(services, choice, target, arguments.kernel.rules)
             : nameVariant(services, choice, target, arguments.kernel.rules, arguments.variant);
}

Result<Shown> look(const Services &services, const KernelChoice &choice, const Target &target,
                   const Arguments &arguments) {
  auto variant = chosenVariant(services, choice, target, arguments);
  if (!variant)
    return std::unexpected(variant.error());
  Shown shown{std::move(*variant), {}, {}, {}, {}};
  const Specialization &specialization = shown.variant.specialization;
  shown.parts = keyParts(services, choice, specialization, shown.variant.options);
  auto key = cacheKey(shown.parts);
  if (!key)
    return std::unexpected(key.error());
  shown.cacheKey = std::move(*key);
  if (const auto signature = aotSignature(specialization))
    shown.signature = printAotSignature(*signature);
  if (arguments.against.empty())
    return shown;
  const auto other =
      nameVariant(services, choice, target, arguments.kernel.rules, arguments.against);
  if (!other)
    return fail(other.error().code, "--against: " + other.error().message, other.error().context);
  auto differs = difference(services, choice, shown.variant, *other);
  if (!differs)
    return std::unexpected(differs.error());
  shown.difference = std::move(*differs);
  return shown;
}

std::string targetText(const Shown &shown) {
  const Specialization &specialization = shown.variant.specialization;
  std::string text = fmt::format(
      "{} (rules {})\n{}key       {}\n", toString(specialization.target), specialization.rules,
      shown.variant.isLaunch ? launchTable(specialization) : keyTable(specialization),
      specialization.key);
  if (shown.signature)
    text += fmt::format("signature {}\n", *shown.signature);
  text += fmt::format("cache key {}\n", shown.cacheKey);
  if (shown.difference)
    text += fmt::format("against   {}\n", *shown.difference);
  return text;
}

Json targetJson(const Shown &shown) {
  Json json = toJson(shown.variant.specialization);
  json["signature"] = shown.signature ? Json(*shown.signature) : Json();
  json["cache_key"] = shown.cacheKey;
  json["key_parts"] = shown.parts;
  if (shown.difference)
    json["difference"] = *shown.difference;
  return json;
}

int showSpecializations(const Arguments &arguments, Invocation &invocation) {
  const auto targets = parseTargets(arguments.targets);
  if (!targets)
    return complain(targets.error());
  const auto services = invocation.makeServices();
  if (!services)
    return complain(services.error());
  const auto choice =
      arguments.variant.empty() ? chooseKernel(arguments.kernel) : chooseNamed(arguments.kernel);
  if (!choice)
    return complain(choice.error());
  printDiagnostics(choice->kernel->problems, *choice->file);
  Json json = {{"kernel", choice->kernel->name}, {"targets", Json::array()}};
  std::string text;
  for (const Target &target : *targets) {
    const auto shown = look(*services, *choice, target, arguments);
    if (!shown)
      return complain(shown.error());
    if (text.empty()) // they speak of the kernel, not of a target
      printDiagnostics(shown->variant.specialization.warnings, *choice->file);
    json["targets"].push_back(targetJson(*shown));
    text += (text.empty() ? "" : "\n") + targetText(*shown);
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
  addVariantOption(*verb, arguments->variant);
  verb->add_option("--against", arguments->against,
                   "Say how the variant differs from another one: a launch, a key or a signature")
      ->type_name("LAUNCH|KEY");
  verb->callback([&invocation, arguments] {
    invocation.run = [&invocation, arguments] {
      return showSpecializations(*arguments, invocation);
    };
  });
}

} // namespace lapidary::cli
