// Everything that is kept: one SQLite file (WAL) through SQLiteCpp, add-only schema versions with
// migrations, JSON columns for what has many fields.
//
// Killing the program at any moment loses at most the sample in flight: a run's record is opened
// before its first sample, and samples are committed as they come (in small groups by time).
// Owner: one thread for writing; readers open their own Store with Mode::ReadOnly.
#pragma once

#include "core/support/Json.h"
#include "core/support/Result.h"

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace lapidary {

struct VariantRecord {
  std::string cacheKey; // SHA-256, primary key
  std::string kernel, sourceHash, target, signature, compiler;
  Json properties, options, resources, keyParts;
};

struct RunRecord {
  std::string id;        // "r" and 11 characters of base 32, made by openRun
  std::string kind;      // "bench" | "compare" | "tune"
  std::string kernel, file, sourceHash, target, device;
  Json launch, deviceState, options;
  std::string startedAt; // ISO 8601, UTC
  std::string finishedAt; // empty: it never finished
  std::string note;
  Json result;           // the report as `lap show --json` prints it, without samples
};

struct SampleRecord {
  std::string run, cacheKey, label, mode;
  std::vector<double> samples; // nanoseconds
};

struct HistoryFilter {
  std::string text;   // matches kernel, file, device or note
  int limit = 200;
};

class Store {
public:
  enum class Mode { ReadWrite, ReadOnly };
  // Creates and migrates. Errors: Unreadable (read-only, no space, newer schema), Corrupt content is
  // Unreadable with the remedy; the file is never overwritten.
  static Result<std::unique_ptr<Store>> open(const std::filesystem::path &file, Mode mode);
  ~Store();

  Result<void> saveKernel(const std::string &sourceHash, const std::string &name,
                          const std::string &file, const std::string &text);
  Result<void> saveLaunch(const std::string &sourceHash, const std::string &name, const Json &launch);
  Result<std::vector<std::pair<std::string, Json>>> launches(const std::string &sourceHash);
  Result<void> saveVariant(const VariantRecord &variant);

  Result<std::string> openRun(RunRecord run); // the id
  // Buffered; committed at most every 50 ms and by finishRun. `sample` in nanoseconds.
  Result<void> addSample(const std::string &run, const std::string &cacheKey,
                         const std::string &label, const std::string &mode, double sample);
  Result<void> flush();
  Result<void> finishRun(const std::string &run, const Json &deviceState, const Json &result);
  Result<void> annotateRun(const std::string &run, const std::string &note);

  Result<std::vector<RunRecord>> history(const HistoryFilter &filter);
  Result<RunRecord> run(const std::string &id); // NotFound; a unique prefix is enough
  Result<std::vector<SampleRecord>> samples(const std::string &run);
  Result<std::optional<VariantRecord>> variant(const std::string &cacheKey);
  // Puts a whole run back (import); its id is kept unless taken by other content.
  Result<std::string> restoreRun(const RunRecord &run, const std::vector<SampleRecord> &samples,
                                 const std::vector<VariantRecord> &variants);
  int schemaVersion() const;

private:
  Store();
  struct State;
  std::unique_ptr<State> state;
};

std::filesystem::path defaultStorePath(); // XDG_DATA_HOME/lapidary/lapidary.db

} // namespace lapidary
