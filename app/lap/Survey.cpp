#include "core/session/Survey.h"
#include "app/lap/CommandLine.h"
#include "app/lap/Table.h"

#include <fmt/format.h>

#include <unistd.h>

namespace lapidary::cli {

namespace {

struct Arguments {
  std::string folder, rules = defaultRuleSet, compiler = "native";
  std::vector<std::string> targets;
  double limit = 20;
  unsigned parallel = 0;
};

std::string percent(std::size_t part, std::size_t whole) {
  return fmt::format("{} of {} ({:.1f} %)", part, whole,
                     whole ? 100.0 * double(part) / double(whole) : 0.0);
}

std::string report(const Survey &survey) {
  std::string text;
  for (const SurveyedKernel &kernel : survey.kernels)
    if (const auto &failure = kernel.failure)
      text +=
          fmt::format("{}:{}: {}: {}{}{}: {}\n", failure->file, failure->line,
                      kernel.kernel.empty() ? "the file" : kernel.kernel, failure->stage,
                      failure->target.empty() ? "" : " for ", failure->target, failure->message);
  if (auto features = missingFeatures(survey); !features.empty()) {
    Table table({">kernels", "stopped by"});
    for (const auto &[feature, count] : features)
      table.row({std::to_string(count), feature});
    text += "\n" + table.text() + "\n";
  }
  const Json sums = surveyJson(survey);
  const auto kernels = sums["kernels"].get<std::size_t>();
  text += fmt::format("{} files, {} kernels\nelaborate  {}\n", survey.files, kernels,
                      percent(sums["elaborated"].get<std::size_t>(), kernels));
  for (const std::string &target : survey.targets)
    text += fmt::format("compile for {}  {}\n", target,
                        percent(sums["compiled"][target].get<std::size_t>(), kernels));
  return text;
}

int survey(const Arguments &arguments, Invocation &invocation) {
  const auto targets = parseTargets(arguments.targets);
  if (!targets)
    return complain(targets.error());
  const auto services = makeServices(invocation, arguments.compiler);
  if (!services)
    return complain(services.error());
  for (const Target &target : *targets)
    if (const auto backend = services->backends->find(target.backend); !backend)
      return complain(backend.error());
  SurveyOptions options;
  options.targets = *targets;
  options.rules = arguments.rules;
  options.limit = std::chrono::milliseconds(static_cast<std::int64_t>(arguments.limit * 1000));
  options.parallel = arguments.parallel;
  options.command = {services->workerCommand.front(), "survey-worker", "--compiler",
                     services->triton ? "triton=" + services->triton->installation().python
                                      : "native"};
  const bool shown = ::isatty(STDERR_FILENO);
  auto progress = [shown](const Progress &state) {
    if (shown)
      fmt::print(stderr, "\r{:3.0f} %", state.fraction * 100);
  };
  const auto result = surveyFolder(arguments.folder, options, progress, {});
  if (shown)
    fmt::print(stderr, "\r     \r");
  if (!result)
    return complain(result.error());
  if (invocation.json)
    printJson(surveyJson(*result));
  else
    print(report(*result));
  return 0;
}

} // namespace

void addSurvey(CLI::App &app, Invocation &invocation) {
  CLI::App *verb = addVerb(app, invocation, "survey",
                           "Try every kernel below a folder; say what is missing where one stops",
                           "survey flash-linear-attention/fla -t cpu -t cuda:90 --json");
  auto arguments = std::make_shared<Arguments>();
  verb->add_option("folder", arguments->folder, "Folder with Python files")
      ->type_name("DIR")
      ->required();
  verb->add_option("-t,--target", arguments->targets,
                   "Compile for it too; repeatable. Without one, kernels are elaborated only")
      ->type_name("TARGET")
      ->allow_extra_args(false);
  addCompilerOption(*verb, arguments->compiler);
  verb->add_option("--rules", arguments->rules, "Specialization rules of a Triton release")
      ->type_name("SET")
      ->capture_default_str();
  verb->add_option("--time-limit", arguments->limit, "For each kernel, in seconds")
      ->type_name("SECONDS")
      ->check(CLI::Range(0.01, 86400.0))
      ->capture_default_str();
  verb->add_option("-j,--parallel", arguments->parallel,
                   "Kernels at a time; one a core if left out")
      ->type_name("N")
      ->check(CLI::Range(1, 1024));
  verb->callback([&invocation, arguments] {
    invocation.run = [&invocation, arguments] { return survey(*arguments, invocation); };
  });

  CLI::App *worker =
      app.add_subcommand("survey-worker", "Try kernels on behalf of a survey")->group("");
  auto compiler = std::make_shared<std::string>("native");
  addCompilerOption(*worker, *compiler);
  worker->callback([&invocation, compiler] {
    invocation.run = [&invocation, compiler] {
      const auto services = makeServices(invocation, *compiler);
      return services ? serveSurvey(*services, STDIN_FILENO, STDOUT_FILENO)
                      : complain(services.error());
    };
  });
}

} // namespace lapidary::cli
