#include "core/session/Operations.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace lapidary {

namespace {

std::vector<std::string> kernelNames(const KernelFile &file) {
  std::vector<std::string> names;
  for (const JitFunction *kernel : file.kernels())
    names.push_back(kernel->name);
  return names;
}

// Why a file without kernels has none, as far as its problems tell.
Error noKernels(const KernelFile &file) {
  std::string message =
      fmt::format("{} holds no kernel: no function with a @triton.jit decorator", file.path);
  const auto problem = std::ranges::find(file.problems, Severity::Error, &Diagnostic::severity);
  if (problem != file.problems.end())
    message += fmt::format(" (line {}: {})", problem->range.line, problem->message);
  return {ErrorCode::InvalidInput, message, file.path};
}

Result<const JitFunction *> findKernel(const KernelFile &file, const std::string &name) {
  const std::vector<std::string> names = kernelNames(file);
  if (names.empty())
    return std::unexpected(noKernels(file));
  if (name.empty() && names.size() > 1)
    return fail(ErrorCode::InvalidInput,
                fmt::format("{} holds {} kernels; choose one with -k: {}", file.path, names.size(),
                            fmt::join(names, ", ")),
                file.path);
  const JitFunction *kernel = file.find(name.empty() ? names.front() : name);
  if (!kernel)
    return fail(
        ErrorCode::NotFound,
        fmt::format("{} has no kernel '{}'; it has: {}", file.path, name, fmt::join(names, ", ")),
        name);
  return kernel;
}

} // namespace

Result<KernelChoice> choose(const std::string &path, const std::string &kernelName,
                            const std::string &launchPathOrText) {
  KernelChoice choice;
  auto file = openKernelFile(path);
  if (!file)
    return std::unexpected(file.error());
  choice.file = std::move(*file);

  Launch launch;
  if (!launchPathOrText.empty()) {
    auto read = readLaunchArgument(launchPathOrText);
    if (!read)
      return std::unexpected(read.error());
    launch = std::move(*read);
  }
  const auto kernel = findKernel(*choice.file, kernelName.empty() ? launch.kernel : kernelName);
  if (!kernel)
    return std::unexpected(kernel.error());
  choice.kernel = *kernel;
  if (!launch.kernel.empty() && launch.kernel != choice.kernel->name)
    return fail(
        ErrorCode::InvalidInput,
        fmt::format("the launch is one of '{}', not of '{}'; choose another launch or kernel",
                    launch.kernel, choice.kernel->name),
        launchPathOrText);
  if (launchPathOrText.empty())
    launch = guessLaunch(*choice.file, *choice.kernel);
  auto bound = bindLaunch(*choice.file, *choice.kernel, std::move(launch));
  if (!bound)
    return std::unexpected(bound.error());
  choice.launch = std::move(*bound);
  return choice;
}

} // namespace lapidary
