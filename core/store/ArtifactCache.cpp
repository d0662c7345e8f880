#include "core/store/ArtifactCache.h"

#include "core/support/Hash.h"
#include "core/support/Json.h"
#include "core/support/Paths.h"

#include <fmt/format.h>

#include <algorithm>
#include <system_error>

namespace lapidary {

namespace fs = std::filesystem;

namespace {

constexpr std::string_view magic = "lapidary-artifact 1 ";
constexpr std::size_t hashDigits = 64;

bool isKey(const std::string &text) {
  return text.size() == hashDigits && std::ranges::all_of(text, [](char c) {
           return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
         });
}

fs::path entryPath(const fs::path &folder, const std::string &key) {
  return folder / key.substr(0, 2) / key;
}

Json rangeJson(const SourceRange &range) {
  return Json::array({range.line, range.column, range.endLine, range.endColumn});
}

SourceRange rangeFrom(const Json &json) {
  return {json.at(0).get<int>(), json.at(1).get<int>(), json.at(2).get<int>(),
          json.at(3).get<int>()};
}

Json headerOf(const CompileResult &result) {
  Json header;
  header["entry"] = result.entry;
  header["ok"] = result.ok;
  Json &stages = header["stages"] = Json::array();
  for (const StageArtifact &stage : result.stages)
    stages.push_back({stage.name, stage.isText, stage.nanoseconds, stage.contents.size()});
  Json &accesses = header["accesses"] = Json::array();
  for (const MemoryAccess &access : result.accesses)
    accesses.push_back({rangeJson(access.range), access.kind, access.bits, access.limit,
                        access.argument, access.property});
  Json &resources = header["resources"] = Json::array();
  for (const auto &[name, value] : result.resources.values)
    resources.push_back({name, value});
  Json &diagnostics = header["diagnostics"] = Json::array();
  for (const Diagnostic &diagnostic : result.diagnostics) {
    Json notes = Json::array();
    for (const DiagnosticNote &note : diagnostic.notes)
      notes.push_back({note.file, rangeJson(note.range), note.message});
    diagnostics.push_back({static_cast<int>(diagnostic.severity), diagnostic.file,
                           rangeJson(diagnostic.range), diagnostic.message, diagnostic.feature,
                           notes});
  }
  return header;
}

// Throws nlohmann::json::exception or std::out_of_range on a header that does not fit.
CompileResult resultFrom(const Json &header, std::string_view contents) {
  CompileResult result;
  result.entry = header.at("entry").get<std::string>();
  result.ok = header.at("ok").get<bool>();
  for (const Json &stage : header.at("stages")) {
    const auto size = stage.at(3).get<std::size_t>();
    result.stages.push_back({stage.at(0).get<std::string>(), std::string(contents.substr(0, size)),
                             stage.at(1).get<bool>(), stage.at(2).get<std::int64_t>()});
    contents = contents.substr(size);
  }
  for (const Json &access : header.at("accesses"))
    result.accesses.push_back({rangeFrom(access.at(0)), access.at(1).get<std::string>(),
                               access.at(2).get<int>(), access.at(3).get<std::string>(),
                               access.at(4).get<std::string>(), access.at(5).get<std::string>()});
  for (const Json &value : header.at("resources"))
    result.resources.values.emplace_back(value.at(0).get<std::string>(),
                                         value.at(1).get<std::int64_t>());
  for (const Json &json : header.at("diagnostics")) {
    Diagnostic diagnostic{static_cast<Severity>(json.at(0).get<int>()),
                          json.at(1).get<std::string>(),
                          rangeFrom(json.at(2)),
                          json.at(3).get<std::string>(),
                          json.at(4).get<std::string>(),
                          {}};
    for (const Json &note : json.at(5))
      diagnostic.notes.push_back(
          {note.at(0).get<std::string>(), rangeFrom(note.at(1)), note.at(2).get<std::string>()});
    result.diagnostics.push_back(std::move(diagnostic));
  }
  return result;
}

struct Entry {
  fs::path path;
  fs::file_time_type used;
  std::int64_t bytes = 0;
};

std::vector<Entry> entriesOf(const fs::path &folder) {
  std::vector<Entry> entries;
  std::error_code error;
  for (fs::recursive_directory_iterator it(folder, error), end; !error && it != end;
       it.increment(error)) {
    std::error_code ignored; // an entry may vanish under another process
    if (!it->is_regular_file(ignored) || !isKey(it->path().filename().string()))
      continue;
    const auto bytes = it->file_size(ignored);
    const auto used = it->last_write_time(ignored);
    if (!ignored)
      entries.push_back({it->path(), used, static_cast<std::int64_t>(bytes)});
  }
  return entries;
}

} // namespace

ArtifactCache::ArtifactCache(fs::path path, std::int64_t limitBytes)
    : folder(std::move(path)), limit(limitBytes) {}

std::optional<CompileResult> ArtifactCache::find(const std::string &cacheKey) const {
  if (!isKey(cacheKey))
    return std::nullopt;
  const fs::path path = entryPath(folder, cacheKey);
  const Result<std::string> bytes = readFile(path);
  if (!bytes)
    return std::nullopt;
  std::string_view rest = *bytes;
  const std::size_t opening = magic.size() + hashDigits + 1;
  if (rest.size() < opening || !rest.starts_with(magic) || rest[opening - 1] != '\n')
    return std::nullopt;
  const std::string_view hash = rest.substr(magic.size(), hashDigits);
  rest = rest.substr(opening);
  if (sha256(rest) != hash)
    return std::nullopt;
  const std::size_t line = rest.find('\n');
  if (line == std::string_view::npos)
    return std::nullopt;
  std::error_code ignored;
  fs::last_write_time(path, fs::file_time_type::clock::now(), ignored);
  try {
    return resultFrom(Json::parse(rest.substr(0, line)), rest.substr(line + 1));
  } catch (const std::exception &) {
    return std::nullopt; // written by a version with another header
  }
}

Result<void> ArtifactCache::put(const std::string &cacheKey, const CompileResult &result) {
  if (!isKey(cacheKey))
    return fail(ErrorCode::InvalidInput, "a cache key is a SHA-256 of 64 hexadecimal digits",
                cacheKey);
  const fs::path path = entryPath(folder, cacheKey);
  std::error_code error;
  fs::create_directories(path.parent_path(), error);
  if (error)
    return fail(
        ErrorCode::Unreadable,
        fmt::format("the cache folder {} cannot be made ({}); make it, or set XDG_CACHE_HOME to a "
                    "folder that can be written",
                    path.parent_path().string(), error.message()),
        folder.string());
  std::string body = dumpJson(headerOf(result)) + "\n";
  for (const StageArtifact &stage : result.stages)
    body += stage.contents;
  if (auto written = writeFileAtomically(path, fmt::format("{}{}\n{}", magic, sha256(body), body));
      !written)
    return written;
  if (estimate < 0)
    estimate = sizeBytes();
  else
    estimate += static_cast<std::int64_t>(body.size());
  if (estimate > limit)
    evict();
  return {};
}

// Down to nine tenths of the limit, so that the folder is not read again at the next entry.
void ArtifactCache::evict() {
  std::vector<Entry> entries = entriesOf(folder);
  std::ranges::sort(entries, {}, &Entry::used);
  std::int64_t total = 0;
  for (const Entry &entry : entries)
    total += entry.bytes;
  for (const Entry &entry : entries) {
    if (total <= limit / 10 * 9)
      break;
    std::error_code ignored;
    fs::remove(entry.path, ignored);
    total -= entry.bytes;
  }
  estimate = total;
}

std::int64_t ArtifactCache::sizeBytes() const {
  std::int64_t total = 0;
  for (const Entry &entry : entriesOf(folder))
    total += entry.bytes;
  return total;
}

fs::path defaultCachePath() {
  return cacheDirectory() / "artifacts";
}

} // namespace lapidary
