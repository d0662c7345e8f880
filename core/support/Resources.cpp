#include "core/support/Paths.h"

#include <algorithm>
#include <cstdlib>
#include <fmt/format.h>

namespace lapidary {

namespace fs = std::filesystem;

// Replaced by the table that a portable executable is linked with.
[[gnu::weak]] std::span<const EmbeddedResource> embeddedResources() {
  return {};
}

// A folder that was named and is not there is an error, even where the executable could do without.
static bool mayUseEmbedded() {
  const char *chosen = std::getenv("LAPIDARY_RESOURCES");
  return (!chosen || !*chosen) && !embeddedResources().empty();
}

Result<fs::path> resourceDirectory() {
  std::error_code ignored;
  if (const char *chosen = std::getenv("LAPIDARY_RESOURCES"); chosen && *chosen) {
    if (fs::is_directory(chosen, ignored))
      return fs::path(chosen);
    return fail(ErrorCode::NotFound,
                fmt::format("LAPIDARY_RESOURCES names {}, which is not a folder", chosen), chosen);
  }
  // Installed, then the build folders build/bin and build/PRESET/bin of a checkout.
  fs::path beside = executablePath().parent_path();
  std::string tried;
  for (const char *candidate : {"../share/lapidary", "resources", "../resources", "../../resources",
                                "../../../resources"}) {
    fs::path folder = (beside / candidate).lexically_normal();
    if (fs::is_directory(folder, ignored))
      return folder;
    tried += fmt::format("{}{}", tried.empty() ? "" : ", ", folder.string());
  }
  return fail(
      ErrorCode::NotFound,
      fmt::format("the resources folder (rule sets, prelude, samples) was not found; tried {}; "
                  "set LAPIDARY_RESOURCES to it",
                  tried),
      "LAPIDARY_RESOURCES");
}

Result<std::string> readResource(std::string_view name) {
  Result<fs::path> folder = resourceDirectory();
  if (folder)
    return readFile(*folder / name);
  if (!mayUseEmbedded())
    return std::unexpected(folder.error());
  for (const EmbeddedResource &resource : embeddedResources())
    if (resource.name == name)
      return std::string(resource.bytes);
  return fail(
      ErrorCode::NotFound,
      fmt::format("the resource '{}' is not in this executable; set LAPIDARY_RESOURCES to a "
                  "resources folder that has it",
                  name),
      std::string(name));
}

static std::vector<std::string> listEmbedded(std::string_view folder) {
  std::vector<std::string> names;
  for (const EmbeddedResource &resource : embeddedResources()) {
    std::string_view name = resource.name;
    if (!name.starts_with(folder) || name.size() <= folder.size() || name[folder.size()] != '/')
      continue;
    name.remove_prefix(folder.size() + 1);
    if (name.find('/') == std::string_view::npos)
      names.emplace_back(name);
  }
  return names;
}

Result<std::vector<std::string>> listResources(std::string_view folder) {
  Result<fs::path> directory = resourceDirectory();
  std::vector<std::string> names;
  if (directory) {
    std::error_code error;
    fs::path path = *directory / folder;
    for (fs::directory_iterator it(path, error), end; !error && it != end; it.increment(error))
      if (it->is_regular_file(error))
        names.push_back(it->path().filename().string());
    if (error)
      return fail(ErrorCode::NotFound, fmt::format("{}: {}", path.string(), error.message()),
                  path.string());
  } else {
    if (mayUseEmbedded())
      names = listEmbedded(folder);
    if (names.empty())
      return std::unexpected(directory.error());
  }
  std::ranges::sort(names);
  return names;
}

} // namespace lapidary
