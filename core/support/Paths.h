// Where things live. XDG base directories; the environment overrides; nothing is created by asking.
#pragma once

#include "core/support/Result.h"

#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace lapidary {

std::filesystem::path dataDirectory();   // XDG_DATA_HOME/lapidary
std::filesystem::path cacheDirectory();  // XDG_CACHE_HOME/lapidary
std::filesystem::path configDirectory(); // XDG_CONFIG_HOME/lapidary

// resources/ of this installation: LAPIDARY_RESOURCES, else beside the executable
// (../share/lapidary, ../../resources, ...), else NotFound naming every place tried.
Result<std::filesystem::path> resourceDirectory();

std::filesystem::path executablePath();

// A file of resources/ by its path below it, "rules/triton-3.6.json", and the names of the files in
// one of its folders, sorted. Taken from resourceDirectory(), else from what the executable carries
// in itself (EmbeddedResource): so the self-contained `lap` needs no file beside it. Errors:
// NotFound.
Result<std::string> readResource(std::string_view name);
Result<std::vector<std::string>> listResources(std::string_view folder);

// A portable executable is linked with a table of these (app/Portable.cmake); any other has none.
struct EmbeddedResource {
  std::string_view name, bytes;
};
std::span<const EmbeddedResource> embeddedResources();

// Whole file as bytes. Errors: NotFound, Unreadable (a folder, no permission, over `limit` bytes).
Result<std::string> readFile(const std::filesystem::path &path, std::size_t limit = 256u << 20);

// Temporary file beside the target, fsync, rename: the old content or the new, never half.
Result<void> writeFileAtomically(const std::filesystem::path &path, std::string_view bytes);

} // namespace lapidary
