#include "app/lap/CommandLine.h"
#include "app/lap/Table.h"

#include <fmt/format.h>

namespace lapidary::cli {

namespace {

std::string parameterText(const JitFunction &kernel) {
  std::string text;
  for (const KernelParameter &parameter : kernel.parameters) {
    text += (text.empty() ? "" : ", ") + parameter.name;
    if (!parameter.annotation.empty())
      text += ": " + parameter.annotation;
    if (parameter.defaultExpression)
      text += " = " + ast::toSource(*parameter.defaultExpression);
  }
  return text;
}

std::string decoratorText(const JitFunction &kernel) {
  std::string text;
  for (const AutotuneDecorator &autotune : kernel.autotune)
    text += fmt::format("{}autotune ({} configurations)", text.empty() ? "" : ", ",
                        autotune.configs.size());
  for (const HeuristicsDecorator &heuristics : kernel.heuristics)
    text += fmt::format("{}heuristics ({})", text.empty() ? "" : ", ", heuristics.values.size());
  for (const std::string &name : kernel.options.doNotSpecialize)
    text += fmt::format("{}do_not_specialize {}", text.empty() ? "" : ", ", name);
  for (const std::string &other : kernel.otherDecorators)
    text += (text.empty() ? "" : ", ") + other;
  return text;
}

int listKernels(const std::string &path, bool json) {
  const auto file = openKernelFile(path);
  if (!file)
    return complain(file.error());
  const auto kernels = (*file)->kernels();
  bool errors = hasErrors((*file)->problems);
  printDiagnostics((*file)->problems, **file);
  Table table({">line", "kernel", "parameters", "decorators"});
  for (const JitFunction *kernel : kernels) {
    printDiagnostics(kernel->problems, **file);
    errors = errors || hasErrors(kernel->problems);
    table.row({std::to_string(kernel->nameRange.line), kernel->name, parameterText(*kernel),
               decoratorText(*kernel)});
  }
  if (json)
    printJson(toJson(**file));
  else if (!kernels.empty())
    print(table.text());
  if (kernels.empty())
    warn(path + " holds no kernel: no function with a @triton.jit decorator");
  return errors || kernels.empty() ? 1 : 0;
}

} // namespace

void addKernels(CLI::App &app, Invocation &invocation) {
  CLI::App *verb = addVerb(app, invocation, "kernels",
                           "List a file's kernels, their parameters, decorators and problems",
                           "kernels softmax.py --json");
  auto path = std::make_shared<std::string>();
  verb->add_option("FILE", *path, "Python file")->type_name("")->required();
  verb->callback([&invocation, path] {
    invocation.run = [&invocation, path] { return listKernels(*path, invocation.json); };
  });
}

} // namespace lapidary::cli
