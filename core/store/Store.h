// Everything that is kept: one SQLite file (WAL) through SQLiteCpp, add-only schema versions with
// migrations, JSON columns for what has many fields.
//
// Killing the program at any moment loses at most the sample in flight: a run's record is opened
// before its first sample, and every sample is committed before addSample returns. When the disk is
// full, samples wait in memory and the next addSample, flush or finishRun tries again.
//
//   Result<std::unique_ptr<Store>> store = Store::open(defaultStorePath(), Store::Mode::ReadWrite);
//   Result<std::string> run = (*store)->openRun(record);
//   (*store)->addSample(*run, cacheKey, "specialized", "hot", 1.92e6);
//   (*store)->finishRun(*run, deviceState, report);
//
// Owner: one thread a Store; other threads and processes open their own.
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
  std::string id;   // "r" and 11 characters of base 32, made by openRun
  std::string kind; // "bench" | "compare" | "tune"
  std::string kernel, file, sourceHash, target, device;
  Json launch, deviceState, options;
  std::string startedAt;  // ISO 8601, UTC
  std::string finishedAt; // empty: it never finished
  std::string note;
  Json result; // the report as `lap show --json` prints it, without samples
};

// A run as reports and exchange files spell it; its id stands under `idName`.
Json toJson(const RunRecord &run, const char *idName);

// The samples of one variant in one mode, in the order in which they were taken.
struct SampleRecord {
  std::string run, cacheKey, label, mode;
  std::vector<double> samples; // nanoseconds
};

struct HistoryFilter {
  std::string text; // matches kernel, file, device or note
  int limit = 200;
};

class Store {
public:
  enum class Mode { ReadWrite, ReadOnly };
  // ReadWrite creates the file and migrates it; ReadOnly wants it there. Errors: NotFound
  // (ReadOnly), Unreadable (read-only, newer schema, corrupt, another program's file; the message
  // says what to do), OutOfResource (no space). A file that is not ours or damaged is left as it
  // is.
  static Result<std::unique_ptr<Store>> open(const std::filesystem::path &file, Mode mode);
  ~Store();
  // Every function below fails like open; what more can go wrong stands beside it.

  Result<void> saveKernel(const std::string &sourceHash, const std::string &name,
                          const std::string &file, const std::string &text);
  Result<void> saveLaunch(const std::string &sourceHash, const std::string &name,
                          const Json &launch);
  Result<std::vector<std::pair<std::string, Json>>> launches(const std::string &sourceHash);
  // The text last saved under this hash; empty when there is none.
  Result<std::string> kernelText(const std::string &sourceHash);
  Result<void> saveVariant(const VariantRecord &variant);

  Result<std::string> openRun(RunRecord run); // the id; `id` and an empty `startedAt` are filled
  // `sample` in nanoseconds. On an error the sample is kept in memory for the next attempt.
  // Errors: InvalidInput (not a finite time), NotFound (no such run).
  Result<void> addSample(const std::string &run, const std::string &cacheKey,
                         const std::string &label, const std::string &mode, double sample);
  // Writes the samples that an earlier failure left in memory.
  Result<void> flush();
  Result<void> finishRun(const std::string &run, const Json &deviceState, const Json &result);
  Result<void> annotateRun(const std::string &run, const std::string &note);

  Result<std::vector<RunRecord>> history(const HistoryFilter &filter); // newest first
  // A unique prefix is enough. Errors: NotFound, InvalidInput (a prefix of several, which it
  // names).
  Result<RunRecord> run(const std::string &id);
  Result<std::vector<SampleRecord>> samples(const std::string &run);
  Result<std::optional<VariantRecord>> variant(const std::string &cacheKey);
  // Puts a whole run back (import); its id is kept unless taken by other content. All or nothing.
  Result<std::string> restoreRun(const RunRecord &run, const std::vector<SampleRecord> &samples,
                                 const std::vector<VariantRecord> &variants);
  // Reads every page and index. Errors: Unreadable, naming the first damage.
  Result<void> checkIntegrity();
  int schemaVersion() const;

private:
  Store();
  struct State;
  std::unique_ptr<State> state;
};

std::filesystem::path defaultStorePath(); // XDG_DATA_HOME/lapidary/lapidary.db

} // namespace lapidary
