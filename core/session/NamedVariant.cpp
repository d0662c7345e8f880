#include "core/session/NamedVariant.h"

#include "core/compiler/TargetHook.h"
#include "core/specialize/AotSignature.h"
#include "core/specialize/CacheKey.h"
#include "core/specialize/KeyString.h"

#include <fmt/format.h>

namespace lapidary {

namespace {

bool isLaunchText(const std::string &text) {
  std::error_code ignored;
  return text.starts_with('{') || std::filesystem::is_regular_file(text, ignored) ||
         text.ends_with(".json");
}

bool isKey(const std::string &text) {
  return text.find('(') != std::string::npos || text.find("[]") != std::string::npos;
}

// The bodies of jit functions among the arguments are compiled in.
void addFunctions(const KernelFile &file, const std::vector<ArgumentSpecialization> &arguments,
                  std::string &source) {
  for (const ArgumentSpecialization &argument : arguments) {
    const auto *function = argument.constant ? argument.constant->as<FunctionValue>() : nullptr;
    if (const JitFunction *found = function ? file.find(function->name) : nullptr)
      source += fmt::format(" {} {}", argument.name, sourceHash(file, *found));
    addFunctions(file, argument.items, source);
  }
}

} // namespace

Result<NamedVariant> nameVariant(const Services &services, const KernelChoice &choice,
                                 const Target &target, const std::string &ruleSet) {
  auto result = specialize(*services.rules, ruleSet, target, *choice.kernel, choice.launch);
  if (!result)
    return std::unexpected(result.error());
  return NamedVariant{std::move(*result), choice.launch.options, true};
}

Result<NamedVariant> nameVariant(const Services &services, const KernelChoice &choice,
                                 const Target &target, const std::string &ruleSet,
                                 const std::string &text) {
  if (isLaunchText(text)) {
    const auto other = choose(choice.file->path, choice.kernel->name, text);
    if (!other)
      return std::unexpected(other.error());
    return nameVariant(services, *other, target, ruleSet);
  }
  Result<Specialization> result = Specialization{};
  if (isKey(text)) {
    result = specializationFromKey(*services.rules, ruleSet, target, *choice.kernel, text);
  } else {
    const auto signature = parseAotSignature(text);
    if (!signature)
      return fail(signature.error().code,
                  fmt::format("'{}' is no launch file, no key and no signature: {}", text,
                              signature.error().message),
                  text);
    result = specializationFromAot(*services.rules, ruleSet, target, *choice.kernel, *signature);
  }
  if (!result)
    return std::unexpected(result.error());
  std::vector<std::pair<std::string, Value>> options = result->keyOptions;
  return NamedVariant{std::move(*result), std::move(options), false};
}

Json keyParts(const Services &services, const KernelChoice &choice,
              const Specialization &specialization,
              const std::vector<std::pair<std::string, Value>> &options) {
  std::string compiler = compilerName(services);
  if (services.triton)
    compiler += "; " + services.triton->installation().python;
  else if (const auto backend = services.backends->find(specialization.target.backend))
    if (const auto hook = (*backend)->targetHook(specialization.target))
      compiler += "; " + (*hook)->fingerprint();
  std::string source = sourceHash(*choice.file, *choice.kernel);
  addFunctions(*choice.file, specialization.arguments, source);
  return cacheKeyParts(specialization, source, options, compiler);
}

Result<std::string> difference(const Services &services, const KernelChoice &choice,
                               const NamedVariant &a, const NamedVariant &b) {
  const bool areLaunches = a.isLaunch && b.isLaunch;
  auto parts = [&](const NamedVariant &variant) {
    return keyParts(services, choice, variant.specialization,
                    areLaunches ? variant.options : variant.specialization.keyOptions);
  };
  return diffKeys(parts(a), parts(b));
}

} // namespace lapidary
