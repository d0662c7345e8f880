#include "core/session/LaunchSource.h"

#include <algorithm>
#include <fmt/ranges.h>

namespace lapidary {

namespace fs = std::filesystem;

namespace {

constexpr std::string_view suffix = ".launch.json";
constexpr int mostFiles = 500;       // a folder with more is no folder of launches
constexpr std::size_t mostParts = 3; // of a digest

bool hasParameter(const JitFunction &kernel, const std::string &name) {
  return std::ranges::find(kernel.parameters, name, &KernelParameter::name) !=
         kernel.parameters.end();
}

} // namespace

std::vector<NamedLaunch> launchesBeside(const fs::path &file, const std::string &kernel,
                                        std::vector<Diagnostic> &problems) {
  std::vector<fs::path> paths;
  std::error_code error;
  const fs::path folder = file.has_parent_path() ? file.parent_path() : fs::path(".");
  int seen = 0;
  for (fs::directory_iterator it(folder, error), end; !error && it != end && seen < mostFiles;
       it.increment(error), ++seen)
    if (it->path().filename().string().ends_with(suffix))
      paths.push_back(it->path());
  std::ranges::sort(paths);
  std::vector<NamedLaunch> found;
  for (const fs::path &path : paths) {
    auto launch = readLaunchFile(path);
    if (!launch) {
      problems.push_back({Severity::Warning, path.string(), {}, describe(launch.error()), "", {}});
      continue;
    }
    if (!launch->kernel.empty() && launch->kernel != kernel)
      continue;
    const bool taken = std::ranges::find(found, launch->name, &NamedLaunch::name) != found.end();
    if (launch->name.empty() || launch->name == guessedLaunchName || taken) {
      launch->name = path.filename().string();
      launch->name.resize(launch->name.size() - suffix.size());
    }
    found.push_back({launch->name, std::move(*launch)});
  }
  return found;
}

std::string launchDigest(const Launch &launch) {
  std::vector<std::string> tensors, numbers;
  for (const auto &[name, value] : launch.arguments) {
    if (const auto *tensor = value.as<TensorArgument>()) {
      std::string text =
          fmt::format("{} {}", dtypeName(tensor->dtype), fmt::join(tensor->shape, "x"));
      if (std::ranges::find(tensors, text) == tensors.end())
        tensors.push_back(std::move(text));
    } else if (value.as<Integer>()) {
      numbers.push_back(fmt::format("{} {}", name, repr(value)));
    }
  }
  std::vector<std::string> &parts = tensors.empty() ? numbers : tensors;
  if (parts.size() > mostParts) {
    parts.resize(mostParts);
    parts.push_back("\u2026");
  }
  return parts.empty() ? "unnamed" : fmt::format("{}", fmt::join(parts, ", "));
}

Result<Launch> rebindLaunch(const KernelFile &file, const JitFunction &kernel, Launch launch) {
  std::erase_if(launch.arguments,
                [&](const auto &argument) { return !hasParameter(kernel, argument.first); });
  std::erase_if(launch.outputs,
                [&](const std::string &name) { return !hasParameter(kernel, name); });
  launch.kernel = kernel.name;
  const Launch guess = guessLaunch(file, kernel);
  for (const auto &[name, value] : guess.arguments)
    if (!launch.argument(name)) {
      launch.arguments.emplace_back(name, value);
      launch.guessed.insert(name);
    }
  if (launch.grid.empty()) {
    launch.grid = guess.grid;
    launch.guessed.insert("grid");
  }
  return bindLaunch(file, kernel, std::move(launch));
}

} // namespace lapidary
