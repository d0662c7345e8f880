// Compiled artifacts by cache key, in files beside the database, content-addressed, with a size
// limit (least recently used goes first). Safe between threads and processes: files appear by
// rename. A damaged entry is a miss, never an error.
//
// An entry is one file, <folder>/<two digits>/<key>: a line with a magic word, a version and the
// SHA-256 of the rest; a line of JSON with everything but the stages' contents; those contents.
#pragma once

#include "core/compiler/Compiler.h"
#include "core/support/Result.h"

#include <atomic>
#include <filesystem>
#include <optional>

namespace lapidary {

class ArtifactCache {
public:
  explicit ArtifactCache(std::filesystem::path folder, std::int64_t limitBytes = std::int64_t(4)
                                                                                 << 30);
  // A hit counts as a use.
  std::optional<CompileResult> find(const std::string &cacheKey) const;
  // Errors: InvalidInput (not a SHA-256 in hexadecimal), Unreadable, OutOfResource (no space).
  Result<void> put(const std::string &cacheKey, const CompileResult &result);
  std::int64_t sizeBytes() const; // of all entries, read from the folder

private:
  void evict();

  std::filesystem::path folder;
  std::int64_t limit;
  std::atomic<std::int64_t> estimate{-1}; // bytes kept as far as this process knows; -1: never read
};

std::filesystem::path defaultCachePath(); // XDG_CACHE_HOME/lapidary/artifacts

} // namespace lapidary
