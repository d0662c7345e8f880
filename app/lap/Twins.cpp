#include "core/session/Twins.h"
#include "app/lap/Measuring.h"
#include "app/lap/Table.h"
#include "core/session/LaunchSource.h"
#include "core/support/Units.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace lapidary::cli {

namespace {

struct Arguments {
  std::vector<std::string> files;
  std::string kernel, launch, rules = defaultRuleSet, properties = "all";
  std::vector<std::string> options;
  MeasureArguments measure;
};

KernelArguments kernelArguments(const Arguments &arguments, const std::string &file,
                                const std::string &kernel, const std::string &launch) {
  return {file, kernel, launch, arguments.options, arguments.rules};
}

// The launch that was given; else those beside the file, for the kernel or all of its kernels; else
// a guess for each.
Result<std::vector<KernelChoice>> choicesOf(const Arguments &arguments, const std::string &path) {
  std::vector<KernelChoice> choices;
  const auto add = [&](const std::string &kernel, const std::string &launch) -> Result<void> {
    auto choice = chooseKernel(kernelArguments(arguments, path, kernel, launch));
    if (!choice)
      return std::unexpected(choice.error());
    choices.push_back(std::move(*choice));
    return {};
  };
  if (!arguments.launch.empty()) {
    if (auto added = add(arguments.kernel, arguments.launch); !added)
      return std::unexpected(added.error());
    return choices;
  }
  const auto file = openKernelFile(path);
  if (!file)
    return std::unexpected(file.error());
  for (const JitFunction *kernel : (*file)->kernels()) {
    if (!arguments.kernel.empty() && kernel->name != arguments.kernel)
      continue;
    std::vector<Diagnostic> problems;
    const auto launches = launchesBeside(path, kernel->name, problems);
    for (const NamedLaunch &launch : launches)
      if (auto added = add(kernel->name, dumpJson(toJson(launch.launch))); !added)
        return std::unexpected(added.error());
    if (launches.empty())
      if (auto added = add(kernel->name, ""); !added)
        return std::unexpected(added.error());
  }
  if (choices.empty())
    return fail(ErrorCode::NotFound,
                arguments.kernel.empty()
                    ? path + " holds no kernel: no function with a @triton.jit decorator"
                    : fmt::format("{} has no kernel '{}'", path, arguments.kernel),
                path);
  return choices;
}

std::string medianText(const Twin &twin, const Variant &side) {
  if (side.problem)
    return side.problem->message;
  if (!side.compiled.ok)
    return "does not compile";
  if (!twin.measured)
    return "-";
  for (const VariantReport &variant : twin.measured->report.variants)
    if (variant.label == side.label) {
      if (!variant.error.empty())
        return variant.error;
      const auto found = variant.modes.find(twin.measured->mode);
      return found == variant.modes.end() ? "-" : formatTime(found->second.median.value);
    }
  return "-";
}

std::string ratioText(const Twin &twin) {
  const auto ratio = twin.ratio();
  return ratio ? fmt::format("{} ({}..{})", formatRatio(ratio->value), formatRatio(ratio->low),
                             formatRatio(ratio->high))
               : "-";
}

std::string twinsText(const std::vector<Twin> &twins) {
  Table table({"kernel", "launch", ">native", ">triton", ">triton over native",
               "from our code to Triton's"});
  for (const Twin &twin : twins)
    table.row({twin.kernel, twin.launch, medianText(twin, twin.native),
               medianText(twin, twin.triton), ratioText(twin),
               fmt::format("{}", fmt::join(twin.changes, "; "))});
  std::string text = table.text();
  if (const auto mean = geometricMean(twins))
    text += fmt::format("\ngeometric mean {}: above 1, our code is the faster one\n",
                        formatRatio(*mean));
  return text;
}

int showTwins(const Arguments &arguments, Invocation &invocation) {
  const auto mask = parsePropertyMask(arguments.properties);
  if (!mask)
    return complain(mask.error());
  const auto setting = prepareServices(invocation, arguments.measure);
  if (!setting)
    return complain(setting.error());
  const auto &[services, target] = *setting;
  std::vector<Twin> twins;
  InterruptGuard guard;
  for (const std::string &file : arguments.files) {
    const auto choices = choicesOf(arguments, file);
    if (!choices)
      return complain(choices.error());
    for (const KernelChoice &choice : *choices) {
      ProgressLine line(false);
      auto twin = measureTwin(
          services, choice, target, arguments.rules, *mask, arguments.measure.effective(),
          [&](const Progress &step) { line.show(step); }, guard.token);
      if (!twin)
        return complain(twin.error());
      for (const Variant *side : {&twin->native, &twin->triton})
        if (!side->compiled.ok)
          printDiagnostics(side->compiled.diagnostics, *choice.file);
      twins.push_back(std::move(*twin));
    }
  }
  if (invocation.json)
    printJson(twinsJson(twins));
  else
    print(twinsText(twins));
  int code = 0;
  for (const Twin &twin : twins)
    code = twin.ok() && twin.measured ? code : 1;
  if (!twins.front().measured)
    fmt::print(stderr, "lap: error: not run: {}\n", twins.front().notRun);
  return code;
}

} // namespace

void addTwins(CLI::App &app, Invocation &invocation) {
  CLI::App *verb = addVerb(app, invocation, "twins",
                           "Compare the code of our compiler with that of the installed Triton",
                           "twins kernels.py -t cuda --compiler triton --mode cold");
  auto arguments = std::make_shared<Arguments>();
  arguments->measure.compiler = "triton";
  verb->add_option("FILE", arguments->files, "Kernel files; the launches beside them are taken")
      ->type_name("FILE")
      ->required();
  verb->add_option("-k,--kernel", arguments->kernel, "This kernel alone")->type_name("NAME");
  verb->add_option("-l,--launch", arguments->launch, "This launch alone: a file or its JSON")
      ->type_name("LAUNCH");
  verb->add_option("--option", arguments->options, "Compile option NAME=VALUE; repeatable")
      ->type_name("NAME=VALUE")
      ->allow_extra_args(false);
  verb->add_option("--rules", arguments->rules, "Specialization rules of a Triton release")
      ->type_name("SET")
      ->capture_default_str();
  verb->add_option("--properties", arguments->properties,
                   "Specialized properties to use: all, none, or a list of ARGUMENT, PROPERTY, "
                   "ARGUMENT:PROPERTY")
      ->type_name("LIST")
      ->capture_default_str();
  addMeasureArguments(*verb, arguments->measure);
  verb->callback([&invocation, arguments] {
    invocation.run = [&invocation, arguments] { return showTwins(*arguments, invocation); };
  });
}

} // namespace lapidary::cli
