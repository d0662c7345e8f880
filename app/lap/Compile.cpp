#include "app/lap/CommandLine.h"
#include "app/lap/Table.h"
#include "core/session/NamedVariant.h"
#include "core/support/Paths.h"
#include "core/support/Units.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace lapidary::cli {

namespace {

struct Arguments {
  KernelArguments kernel;
  std::vector<std::string> targets, emits;
  std::string properties = "all", variant, folder, compiler = "native";
};

std::string summary(const Variant &variant) {
  std::string text =
      fmt::format("{} {} key {}\ncache key {}\n",
                  variant.specialization.kernel.empty() ? variant.compiled.entry
                                                        : variant.specialization.kernel,
                  toString(variant.target), variant.specialization.key, variant.cacheKey);
  Table stages({"stage", ">time", ">size"});
  for (const StageArtifact &stage : variant.compiled.stages)
    stages.row({stage.name, formatTime(double(stage.nanoseconds)),
                formatBytes(static_cast<std::int64_t>(stage.contents.size()))});
  text += "\n" + stages.text();
  if (!variant.compiled.resources.values.empty()) {
    Table resources({"resource", ">value"});
    for (const auto &[name, value] : variant.compiled.resources.values)
      resources.row({name, std::to_string(value)});
    text += "\n" + resources.text();
  }
  if (!variant.compiled.accesses.empty()) {
    Table accesses({">line", "access", ">bits", "limited by"});
    for (const MemoryAccess &access : variant.compiled.accesses)
      accesses.row({std::to_string(access.range.line), access.kind, std::to_string(access.bits),
                    access.limit.empty() ? "nothing" : access.limit});
    text += "\n" + accesses.text();
  }
  return text;
}

const StageArtifact *findStage(const Variant &variant, const std::string &name) {
  const auto found = std::ranges::find(variant.compiled.stages, name, &StageArtifact::name);
  return found == variant.compiled.stages.end() ? nullptr : &*found;
}

Error noStage(const Variant &variant, const std::string &name) {
  std::vector<std::string> names;
  for (const StageArtifact &stage : variant.compiled.stages)
    names.push_back(stage.name);
  return {ErrorCode::NotFound,
          fmt::format("{} has no stage '{}'; it has: {}", toString(variant.target), name,
                      fmt::join(names, ", ")),
          name};
}

// The stages asked for, into files or onto standard output.
Result<void> emitStages(const Variant &variant, const Arguments &arguments, Json &json,
                        std::string &text) {
  for (const std::string &name : arguments.emits) {
    const StageArtifact *stage = findStage(variant, name);
    if (!stage)
      return std::unexpected(noStage(variant, name));
    if (!arguments.folder.empty()) {
      std::string target = toString(variant.target);
      std::ranges::replace(target, ':', '-');
      const auto path = std::filesystem::path(arguments.folder) /
                        fmt::format("{}.{}.{}", json["kernel"].get<std::string>(), target, name);
      std::error_code error;
      std::filesystem::create_directories(arguments.folder, error);
      if (auto written = writeFileAtomically(path, stage->contents); !written)
        return written;
      json["files"].push_back(path.string());
      text += path.string() + "\n";
    } else if (!stage->isText) {
      return fail(ErrorCode::InvalidInput,
                  fmt::format("stage {} is binary; give a folder for it with -o", name), name);
    } else {
      json["contents"][name] = stage->contents;
      text += stage->contents + (stage->contents.ends_with('\n') ? "" : "\n");
    }
  }
  return {};
}

Result<Variant> compileNamed(const Services &services, const KernelChoice &choice,
                             const Target &target, const Arguments &arguments,
                             const PropertyMask &mask, const std::string &stopAfter) {
  if (arguments.variant.empty())
    return compileVariant(services, choice, target, arguments.kernel.rules, mask, stopAfter, {});
  auto named = nameVariant(services, choice, target, arguments.kernel.rules, arguments.variant);
  if (!named)
    return std::unexpected(named.error());
  KernelChoice itsOwn = choice;
  itsOwn.launch.options = std::move(named->options);
  return compileSpecialized(services, itsOwn, named->specialization, mask, stopAfter, {});
}

int compileOne(const Services &services, const KernelChoice &choice, const Target &target,
               const Arguments &arguments, const PropertyMask &mask, Json &json,
               std::string &text) {
  const std::string stopAfter = arguments.emits.size() == 1 ? arguments.emits.front() : "";
  const auto variant = compileNamed(services, choice, target, arguments, mask, stopAfter);
  if (!variant)
    return complain(variant.error());
  if (text.empty()) // they speak of the kernel, not of a target
    printDiagnostics(variant->specialization.warnings, *choice.file);
  printDiagnostics(variant->compiled.diagnostics, *choice.file);
  json = compileJson(choice, *variant);
  if (arguments.emits.empty())
    text += summary(*variant);
  // Before the complaint about what is missing: the stages there are may be all that was asked for.
  const Result<void> emitted = emitStages(*variant, arguments, json, text);
  if (variant->problem)
    return complain(*variant->problem);
  if (!variant->compiled.ok && hasErrors(variant->compiled.diagnostics))
    return 1;
  if (!emitted)
    return complain(emitted.error());
  return variant->ok() ? 0 : 1;
}

int compileTargets(const Arguments &arguments, Invocation &invocation) {
  const auto targets = parseTargets(arguments.targets);
  if (!targets)
    return complain(targets.error());
  const auto mask = parsePropertyMask(arguments.properties);
  if (!mask)
    return complain(mask.error());
  const auto services = makeServices(invocation, arguments.compiler);
  if (!services)
    return complain(services.error());
  const auto choice =
      arguments.variant.empty() ? chooseKernel(arguments.kernel) : chooseNamed(arguments.kernel);
  if (!choice)
    return complain(choice.error());
  int worst = 0;
  Json all = Json::array();
  std::string text;
  for (const Target &target : *targets) {
    Json json;
    text += text.empty() ? "" : "\n";
    worst = std::max(worst, compileOne(*services, *choice, target, arguments, *mask, json, text));
    if (!json.is_null())
      all.push_back(std::move(json));
  }
  // One target, one object; several, a list of them.
  if (invocation.json && !all.empty())
    printJson(targets->size() == 1 ? all.front() : all);
  else if (!invocation.json)
    print(text);
  return worst;
}

} // namespace

void addCompile(CLI::App &app, Invocation &invocation) {
  CLI::App *verb = addVerb(app, invocation, "compile",
                           "Compile a kernel; show its stages, resources and memory accesses",
                           "compile copy.py -k strided_copy -t cpu --emit ttir --emit llir -o out");
  auto arguments = std::make_shared<Arguments>();
  addKernelArguments(*verb, arguments->kernel);
  verb->add_option("-t,--target", arguments->targets,
                   "What to compile for, present or not; repeatable")
      ->type_name("TARGET")
      ->allow_extra_args(false)
      ->required();
  addVariantOption(*verb, arguments->variant);
  addCompilerOption(*verb, arguments->compiler);
  verb->add_option("--properties", arguments->properties,
                   "Specialized properties to use: all, none, or a list of ARGUMENT, PROPERTY, "
                   "ARGUMENT:PROPERTY")
      ->type_name("LIST")
      ->capture_default_str();
  verb->add_option("--emit", arguments->emits,
                   "Stage to write out: ttir, axis, llir, asm, ...; repeatable")
      ->type_name("STAGE")
      ->allow_extra_args(false);
  verb->add_option("-o,--output", arguments->folder,
                   "Folder for the stages; standard output when left out")
      ->type_name("DIR");
  verb->callback([&invocation, arguments] {
    invocation.run = [&invocation, arguments] { return compileTargets(*arguments, invocation); };
  });
}

} // namespace lapidary::cli
