// Compiled artifacts by cache key, in files beside the database, content-addressed, with a size
// limit (least recently used goes first). Safe between processes: files appear by rename. A damaged
// entry is a miss, never an error.
#pragma once

#include "core/compiler/Compiler.h"

#include <filesystem>
#include <optional>

namespace lapidary {

class ArtifactCache {
public:
  explicit ArtifactCache(std::filesystem::path folder, std::int64_t limitBytes = std::int64_t(4) << 30);
  std::optional<CompileResult> find(const std::string &cacheKey) const;
  Result<void> put(const std::string &cacheKey, const CompileResult &result);
  std::int64_t sizeBytes() const;

private:
  std::filesystem::path folder;
  std::int64_t limit;
};

} // namespace lapidary
