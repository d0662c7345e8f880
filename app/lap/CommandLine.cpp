#include "app/lap/CommandLine.h"

#include "core/session/ArgumentText.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <cstdio>

namespace lapidary::cli {

namespace {

constexpr const char *description =
    "Lapidary: which arguments of a Triton kernel trigger which specializations on which backend,\n"
    "why, and what each is worth.";

constexpr const char *footer =
    "FILE is a Python file; it is read, never run. LAUNCH is a *.launch.json file or its text.\n"
    "TARGET is cpu, cuda:90, hip:gfx942, ...; to measure, a device of it: cuda:90@0.\n"
    "\n"
    "Examples\n"
    "  lap kernels softmax.py\n"
    "  lap specialize copy.py -k strided_copy -l square.launch.json -t cuda:90 -t hip:gfx942 -t "
    "cpu\n"
    "  lap compile copy.py -k strided_copy -t cpu --emit ttir\n"
    "  lap compare copy.py -k strided_copy -l square.launch.json -t cpu --json\n"
    "  lap export --run r0a1b2c3d4e5 --format triton-decorator\n"
    "\n"
    "Exit codes: 0 done; 1 the answer is no (a check failed, a kernel did not compile);\n"
    "2 wrong usage or unreadable input. Results go to standard output, messages to standard "
    "error.\n"
    "Runs are kept below XDG_DATA_HOME/lapidary, compiled code below XDG_CACHE_HOME/lapidary.";

} // namespace

CLI::App *addVerb(CLI::App &app, Invocation &invocation, const std::string &name,
                  const std::string &about, const std::string &example) {
  CLI::App *verb = app.add_subcommand(name, about);
  verb->footer(example.empty() ? "" : "Example\n  lap " + example);
  verb->add_flag("--json", invocation.json, "Write the result as JSON");
  return verb;
}

void addKernelArguments(CLI::App &verb, KernelArguments &arguments) {
  verb.add_option("FILE", arguments.file, "Python file with the kernel")->type_name("")->required();
  verb.add_option("-k,--kernel", arguments.kernel,
                  "Kernel; may be left out when the file holds one")
      ->type_name("KERNEL");
  verb.add_option("-l,--launch", arguments.launch,
                  "Launch file or its JSON text; guessed from the kernel when left out")
      ->type_name("LAUNCH");
  verb.add_option("--option", arguments.options,
                  "Compile option over the launch's, num_warps=8; repeatable")
      ->type_name("NAME=VALUE")
      ->allow_extra_args(false);
  verb.add_option("--rules", arguments.rules, "Specialization rules of a Triton release")
      ->type_name("SET")
      ->capture_default_str();
}

namespace {

// NAME=VALUE over the launch's own; a value that is no number or word of Python is text.
Result<void> applyOptions(const std::vector<std::string> &options, Launch &launch) {
  for (const std::string &option : options) {
    const std::size_t equals = option.find('=');
    if (equals == std::string::npos || equals == 0)
      return fail(ErrorCode::InvalidInput,
                  fmt::format("--option {} is not of the form NAME=VALUE", option), option);
    const std::string text = option.substr(equals + 1);
    launch.setOption(option.substr(0, equals), parseArgumentText(text).value_or(makeString(text)));
  }
  return {};
}

} // namespace

Result<KernelChoice> chooseKernel(const KernelArguments &arguments) {
  auto choice = choose(arguments.file, arguments.kernel, arguments.launch);
  if (!choice)
    return choice;
  if (const auto applied = applyOptions(arguments.options, choice->launch); !applied)
    return std::unexpected(applied.error());
  if (arguments.launch.empty())
    warn(fmt::format("no launch was given (-l), so it is guessed: {}",
                     dumpJson(toJson(choice->launch))));
  else if (!choice->launch.guessed.empty())
    warn(fmt::format("the launch leaves out {}; guessed", fmt::join(choice->launch.guessed, ", ")));
  return choice;
}

Result<KernelChoice> chooseNamed(const KernelArguments &arguments) {
  auto choice = choose(arguments.file, arguments.kernel, arguments.launch);
  if (!choice)
    return choice;
  if (!arguments.launch.empty() || !arguments.options.empty())
    return fail(ErrorCode::InvalidInput,
                "--variant says what is specialized for, so -l and --option have nothing to say; "
                "leave them out");
  return choice;
}

void addVariantOption(CLI::App &verb, std::string &text) {
  verb.add_option(
          "--variant", text,
          "Instead of a launch: a key out of a log, \"[('*fp16', 'D'), ('i32', '')]{}\", or "
          "an ahead-of-time signature, \"*fp16:16, i32, 1024\"")
      ->type_name("KEY");
}

void addCompilerOption(CLI::App &verb, std::string &compiler) {
  verb.add_option(
          "--compiler", compiler,
          "Who makes the code: native, triton (the one that is installed) or triton=PYTHON, an "
          "interpreter or its virtual environment")
      ->type_name("NAME")
      ->capture_default_str();
}

Result<Services> makeServices(Invocation &invocation, const std::string &compiler) {
  auto services = invocation.makeServices();
  if (!services)
    return services;
  if (auto chosen = chooseCompiler(*services, compiler); !chosen)
    return std::unexpected(chosen.error());
  return services;
}

Result<std::vector<Target>> parseTargets(const std::vector<std::string> &texts) {
  std::vector<Target> targets;
  for (const std::string &text : texts) {
    const auto target = parseTarget(text);
    if (!target)
      return std::unexpected(target.error());
    targets.push_back(*target);
  }
  return targets;
}

int complain(const Error &error) {
  fmt::print(stderr, "lap: error: {}\n", describe(error));
  return exitCode(error.code);
}

void warn(const std::string &message) {
  fmt::print(stderr, "lap: note: {}\n", message);
}

void printDiagnostics(const std::vector<Diagnostic> &diagnostics, const KernelFile &file) {
  for (const Diagnostic &diagnostic : diagnostics) {
    std::string text =
        formatDiagnostic(diagnostic, diagnostic.file == file.path ? &file.text : nullptr);
    if (!text.ends_with('\n'))
      text += '\n';
    std::fputs(text.c_str(), stderr);
  }
}

void print(const std::string &text) {
  std::fwrite(text.data(), 1, text.size(), stdout);
}

void printJson(const Json &json) {
  print(dumpJson(json, 2) + "\n");
}

int runCommandLine(int argc, char **argv, Invocation invocation) {
  CLI::App app(description, "lap");
  app.get_formatter()->label("SUBCOMMAND", "VERB");
  app.get_formatter()->label("Subcommands", "Verbs");
  app.get_formatter()->label("Positionals", "Arguments");
  app.footer(footer);
  app.set_version_flag("--version", "lap " LAPIDARY_VERSION);
  app.require_subcommand(1);
  addKernels(app, invocation);
  addSpecialize(app, invocation);
  addVariants(app, invocation);
  addCompile(app, invocation);
  addMeasuring(app, invocation);
  addPrice(app, invocation);
  addTwins(app, invocation);
  addHistory(app, invocation);
  addExchange(app, invocation);
  addSurvey(app, invocation);
  addMachine(app, invocation);
  try {
    app.parse(argc, argv);
  } catch (const CLI::Success &success) { // --help, --version
    return app.exit(success);
  } catch (const CLI::ParseError &error) {
    fmt::print(stderr, "lap: error: {}\nRun `lap --help` or `lap VERB --help`.\n", error.what());
    return 2;
  }
  const int code = invocation.run();
  // A result that did not reach its reader was not given.
  if (std::fflush(stdout) != 0 || std::ferror(stdout)) {
    fmt::print(stderr, "lap: error: the result could not be written to standard output\n");
    return 1;
  }
  return code;
}

} // namespace lapidary::cli
