// The command line: one file a verb (or a few small ones of a kind), each adding its subcommand.
//
// Results go to standard output, messages to standard error. Exit codes: 0 done, 1 the answer is
// "no", 2 wrong usage or unreadable input.
#pragma once

#include "core/session/Operations.h"

#include <CLI/CLI.hpp>

#include <functional>
#include <string>
#include <vector>

namespace lapidary::cli {

// What main gives to the verbs, and what the verb chosen by the arguments does.
struct Invocation {
  // Made when a verb first asks: reading a file or the history needs no backend.
  std::function<Result<Services>()> makeServices;
  std::function<int()> serveWorker;
  bool json = false;
  std::function<int()> run;
};

// Parses the arguments and runs the verb; the exit code.
int runCommandLine(int argc, char **argv, Invocation invocation);

void addKernels(CLI::App &app, Invocation &invocation);
void addSpecialize(CLI::App &app, Invocation &invocation);
void addVariants(CLI::App &app, Invocation &invocation);
void addCompile(CLI::App &app, Invocation &invocation);
void addMeasuring(CLI::App &app, Invocation &invocation); // bench, compare
void addTwins(CLI::App &app, Invocation &invocation);
void addPrice(CLI::App &app, Invocation &invocation);
void addHistory(CLI::App &app, Invocation &invocation);   // history, show
void addExchange(CLI::App &app, Invocation &invocation);  // export, import
void addSurvey(CLI::App &app, Invocation &invocation);
void addMachine(CLI::App &app, Invocation &invocation); // devices, doctor, worker

// A subcommand with the --json flag that every verb has; `example` is a call without the "lap".
CLI::App *addVerb(CLI::App &app, Invocation &invocation, const std::string &name,
                  const std::string &description, const std::string &example = {});

// FILE -k KERNEL -l LAUNCH --option k=v --rules SET, as many verbs have them.
struct KernelArguments {
  std::string file, kernel, launch;
  std::vector<std::string> options;
  std::string rules = defaultRuleSet;
};
void addKernelArguments(CLI::App &verb, KernelArguments &arguments);
// Opens and binds; says on standard error what was guessed.
Result<KernelChoice> chooseKernel(const KernelArguments &arguments);
// The same for a verb that takes its arguments from elsewhere, so that nobody needs a launch.
Result<KernelChoice> chooseNamed(const KernelArguments &arguments);

// --compiler native|triton[=PYTHON], and the services with the one that was chosen.
void addCompilerOption(CLI::App &verb, std::string &compiler);
Result<Services> makeServices(Invocation &invocation, const std::string &compiler);

// --variant: what is specialized for when it is no launch (core/session/NamedVariant.h).
void addVariantOption(CLI::App &verb, std::string &text);

Result<std::vector<Target>> parseTargets(const std::vector<std::string> &texts);

// "lap: error: ..." and the error's exit code.
int complain(const Error &error);
void warn(const std::string &message);
void printDiagnostics(const std::vector<Diagnostic> &diagnostics, const KernelFile &file);
void print(const std::string &text); // to standard output
void printJson(const Json &json);

} // namespace lapidary::cli
