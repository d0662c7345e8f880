#include "core/store/Store.h"

#include "core/store/Rows.h"
#include "core/store/Schema.h"
#include "core/support/Paths.h"

#include <fmt/format.h>
#include <sqlite3.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <system_error>
#include <thread>
#include <tuple>

namespace lapidary {

namespace fs = std::filesystem;
using rows::guarded;

namespace {

constexpr int busyMilliseconds = 10000;

struct Series {
  std::int64_t id = 0;
  std::int64_t next = 0; // position of the next sample
};

struct PendingSample {
  std::string run, cacheKey, label, mode;
  double nanoseconds = 0;
};

} // namespace

struct Store::State {
  fs::path file;
  SQLite::Database database;
  std::map<std::tuple<std::string, std::string, std::string, std::string>, Series> series;
  std::vector<PendingSample> pending;
  std::unique_ptr<SQLite::Statement> insertSample;

  State(fs::path path, const std::string &name, int flags)
      : file(std::move(path)), database(name, flags, busyMilliseconds) {}

  Series openSeries(const PendingSample &sample);
  void writePending();
};

Series Store::State::openSeries(const PendingSample &sample) {
  SQLite::Statement insert(database,
                           "INSERT INTO series (run, cache_key, label, mode) VALUES (?,?,?,?) "
                           "ON CONFLICT DO NOTHING");
  insert.bind(1, sample.run);
  insert.bind(2, sample.cacheKey);
  insert.bind(3, sample.label);
  insert.bind(4, sample.mode);
  insert.exec();
  SQLite::Statement select(
      database, "SELECT id, (SELECT coalesce(max(position) + 1, 0) FROM sample WHERE series = id) "
                "FROM series WHERE run = ? AND cache_key = ? AND label = ? AND mode = ?");
  select.bind(1, sample.run);
  select.bind(2, sample.cacheKey);
  select.bind(3, sample.label);
  select.bind(4, sample.mode);
  select.executeStep();
  return {select.getColumn(0).getInt64(), select.getColumn(1).getInt64()};
}

// Everything pending in one transaction; the positions handed out become known only once it holds.
void Store::State::writePending() {
  if (pending.empty())
    return;
  if (!insertSample)
    insertSample = std::make_unique<SQLite::Statement>(
        database, "INSERT INTO sample (series, position, nanoseconds) VALUES (?,?,?)");
  auto written = series;
  {
    SQLite::Transaction transaction(database, SQLite::TransactionBehavior::IMMEDIATE);
    for (const PendingSample &sample : pending) {
      const auto key = std::make_tuple(sample.run, sample.cacheKey, sample.label, sample.mode);
      auto place = written.find(key);
      if (place == written.end())
        place = written.emplace(key, openSeries(sample)).first;
      insertSample->tryReset();
      insertSample->bind(1, place->second.id);
      insertSample->bind(2, place->second.next++);
      insertSample->bind(3, sample.nanoseconds);
      insertSample->exec();
    }
    insertSample->tryReset();
    transaction.commit();
  }
  series = std::move(written);
  pending.clear();
}

namespace {

Error foreignFile(const fs::path &file, const std::string &why) {
  return {ErrorCode::Unreadable,
          fmt::format(
              "{} {}; it was left as it is. Move it away, or set XDG_DATA_HOME to another folder",
              file.string(), why),
          file.string()};
}

Result<void> createFolder(const fs::path &folder) {
  std::error_code error;
  if (folder.empty() || fs::is_directory(folder, error))
    return {};
  fs::create_directories(folder, error);
  if (error)
    return fail(ErrorCode::Unreadable,
                fmt::format("the folder {} cannot be made ({}); make it, or set XDG_DATA_HOME to a "
                            "folder that can be written",
                            folder.string(), error.message()),
                folder.string());
  return {};
}

// Ours, empty, or an error. The version is 0 for an empty database.
Result<int> schemaVersionOf(SQLite::Database &database, const fs::path &file) {
  const int application = database.execAndGet("PRAGMA application_id").getInt();
  const int version = database.execAndGet("PRAGMA user_version").getInt();
  const int tables = database.execAndGet("SELECT count(*) FROM sqlite_master").getInt();
  if (application == 0 && version == 0 && tables == 0)
    return 0;
  if (application != storeApplicationId)
    return std::unexpected(foreignFile(file, "is the database of another program"));
  const int known = static_cast<int>(schemaSteps().size());
  if (version > known)
    return fail(
        ErrorCode::Unreadable,
        fmt::format("{} was written by a newer Lapidary (schema {}; this one knows {}). Update "
                    "Lapidary, or set XDG_DATA_HOME to another folder",
                    file.string(), version, known),
        file.string());
  return version;
}

// Two processes that open a new database at once meet here: the loser of the race waits.
void enterWalMode(SQLite::Database &database) {
  for (int attempt = 0;; ++attempt) {
    try {
      database.exec("PRAGMA journal_mode = WAL");
      return;
    } catch (const SQLite::Exception &exception) {
      if (exception.getErrorCode() != SQLITE_BUSY || attempt >= 100)
        throw;
      std::this_thread::sleep_for(std::chrono::milliseconds(50));
    }
  }
}

// A reader needs the shared-memory file of the WAL; where the folder cannot be written and nobody
// can be writing either, the file alone is read as it stands.
std::string readOnlyName(const fs::path &file) {
  std::error_code error;
  fs::path wal = file;
  wal += "-wal";
  const bool walEmpty = !fs::exists(wal, error) || fs::file_size(wal, error) == 0;
  const fs::path folder = file.parent_path().empty() ? fs::path(".") : file.parent_path();
  if (!walEmpty || ::access(folder.c_str(), W_OK) == 0)
    return file.string();
  std::string escaped;
  for (char c : file.string()) {
    if (c == '%' || c == '?' || c == '#')
      escaped += fmt::format("%{:02X}", static_cast<unsigned char>(c));
    else
      escaped += c;
  }
  return "file:" + escaped + "?immutable=1";
}

} // namespace

Store::Store() = default;
Store::~Store() {
  // A last attempt for what a full disk held back; there is nobody left to tell.
  if (state)
    (void)flush();
}

Result<std::unique_ptr<Store>> Store::open(const fs::path &file, Mode mode) {
  std::error_code error;
  const bool exists = fs::exists(file, error);
  if (fs::is_directory(file, error))
    return std::unexpected(foreignFile(file, "is a folder, not a database"));
  if (mode == Mode::ReadOnly && !exists)
    return fail(ErrorCode::NotFound,
                fmt::format("there is no database at {} yet; it is made by the first measurement",
                            file.string()),
                file.string());
  if (mode == Mode::ReadWrite)
    if (auto made = createFolder(file.parent_path()); !made)
      return std::unexpected(made.error());

  return guarded(file, [&]() -> Result<std::unique_ptr<Store>> {
    auto store = std::unique_ptr<Store>(new Store);
    const bool writing = mode == Mode::ReadWrite;
    store->state = std::make_unique<State>(file, writing ? file.string() : readOnlyName(file),
                                           writing ? SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE
                                                   : SQLite::OPEN_READONLY | SQLite::OPEN_URI);
    SQLite::Database &database = store->state->database;
    const Result<int> version = schemaVersionOf(database, file);
    if (!version)
      return std::unexpected(version.error());
    if (writing) {
      if (sqlite3_db_readonly(database.getHandle(), "main") == 1)
        return fail(
            ErrorCode::Unreadable,
            fmt::format("{} is read-only; make it writable, or set XDG_DATA_HOME to a folder "
                        "that can be written",
                        file.string()),
            file.string());
      enterWalMode(database);
      database.exec("PRAGMA synchronous = NORMAL");
      database.exec("PRAGMA foreign_keys = ON");
      migrate(database, schemaSteps());
    } else if (*version < static_cast<int>(schemaSteps().size())) {
      store->state.reset();
      if (auto migrated = open(file, Mode::ReadWrite); !migrated)
        return migrated;
      return open(file, Mode::ReadOnly);
    }
    return store;
  });
}

int Store::schemaVersion() const {
  const Result<int> version = guarded(state->file, [&]() -> Result<int> {
    return state->database.execAndGet("PRAGMA user_version").getInt();
  });
  return version.value_or(0);
}

Result<void> Store::saveKernel(const std::string &sourceHash, const std::string &name,
                               const std::string &file, const std::string &text) {
  return guarded(state->file, [&]() -> Result<void> {
    SQLite::Statement insert(
        state->database, "INSERT OR REPLACE INTO kernel (source_hash, name, file, text, saved_at) "
                         "VALUES (?,?,?,?,?)");
    insert.bind(1, sourceHash);
    insert.bind(2, name);
    insert.bind(3, file);
    insert.bind(4, text);
    insert.bind(5, rows::utcNow());
    insert.exec();
    return {};
  });
}

Result<std::string> Store::kernelText(const std::string &sourceHash) {
  return guarded(state->file, [&]() -> Result<std::string> {
    SQLite::Statement select(state->database, "SELECT text FROM kernel WHERE source_hash = ?");
    select.bind(1, sourceHash);
    return select.executeStep() ? select.getColumn(0).getString() : std::string();
  });
}

Result<void> Store::saveLaunch(const std::string &sourceHash, const std::string &name,
                               const Json &launch) {
  return guarded(state->file, [&]() -> Result<void> {
    SQLite::Statement insert(
        state->database,
        "INSERT OR REPLACE INTO launch (source_hash, name, launch, saved_at) VALUES (?,?,?,?)");
    insert.bind(1, sourceHash);
    insert.bind(2, name);
    insert.bind(3, dumpJson(launch));
    insert.bind(4, rows::utcNow());
    insert.exec();
    return {};
  });
}

Result<std::vector<std::pair<std::string, Json>>> Store::launches(const std::string &sourceHash) {
  using Launches = std::vector<std::pair<std::string, Json>>;
  return guarded(state->file, [&]() -> Result<Launches> {
    SQLite::Statement select(state->database,
                             "SELECT name, launch FROM launch WHERE source_hash = ? ORDER BY name");
    select.bind(1, sourceHash);
    Launches found;
    while (select.executeStep())
      found.emplace_back(select.getColumn(0).getString(),
                         Json::parse(select.getColumn(1).getString()));
    return found;
  });
}

Result<void> Store::saveVariant(const VariantRecord &variant) {
  return guarded(state->file, [&]() -> Result<void> {
    rows::insertVariant(state->database, variant);
    return {};
  });
}

Result<std::optional<VariantRecord>> Store::variant(const std::string &cacheKey) {
  return guarded(state->file, [&]() -> Result<std::optional<VariantRecord>> {
    SQLite::Statement select(
        state->database,
        fmt::format("SELECT {} FROM variant WHERE cache_key = ?", rows::variantColumns));
    select.bind(1, cacheKey);
    if (!select.executeStep())
      return std::nullopt;
    return rows::readVariant(select);
  });
}

Result<std::string> Store::openRun(RunRecord run) {
  if (run.startedAt.empty())
    run.startedAt = rows::utcNow();
  return guarded(state->file, [&]() -> Result<std::string> {
    for (int attempt = 0;; ++attempt) {
      run.id = rows::newRunId();
      try {
        rows::insertRun(state->database, run);
        return run.id;
      } catch (const SQLite::Exception &exception) {
        if (exception.getErrorCode() != SQLITE_CONSTRAINT || attempt >= 8)
          throw;
      }
    }
  });
}

Result<void> Store::addSample(const std::string &run, const std::string &cacheKey,
                              const std::string &label, const std::string &mode, double sample) {
  if (!std::isfinite(sample))
    return fail(ErrorCode::InvalidInput, "a sample must be a finite number of nanoseconds", run);
  state->pending.push_back({run, cacheKey, label, mode, sample});
  return flush();
}

Result<void> Store::flush() {
  return guarded(state->file, [&]() -> Result<void> {
    try {
      state->writePending();
    } catch (const SQLite::Exception &exception) {
      if (exception.getErrorCode() != SQLITE_CONSTRAINT)
        throw;
      // A run that does not exist: its samples could never be written, so they must not block
      // others.
      const std::string run = state->pending.back().run;
      std::erase_if(state->pending, [&](const PendingSample &sample) { return sample.run == run; });
      return fail(ErrorCode::NotFound, fmt::format("there is no run {} to add a sample to", run),
                  run);
    }
    return {};
  });
}

Result<void> Store::finishRun(const std::string &run, const Json &deviceState, const Json &result) {
  if (auto flushed = flush(); !flushed)
    return flushed;
  return guarded(state->file, [&]() -> Result<void> {
    SQLite::Statement update(
        state->database,
        "UPDATE run SET finished_at = ?, device_state = ?, result = ? WHERE id = ?");
    update.bind(1, rows::utcNow());
    update.bind(2, dumpJson(deviceState));
    update.bind(3, dumpJson(result));
    update.bind(4, run);
    if (update.exec() == 0)
      return fail(ErrorCode::NotFound, fmt::format("there is no run {}", run), run);
    return {};
  });
}

Result<void> Store::annotateRun(const std::string &run, const std::string &note) {
  return guarded(state->file, [&]() -> Result<void> {
    SQLite::Statement update(state->database, "UPDATE run SET note = ? WHERE id = ?");
    update.bind(1, note);
    update.bind(2, run);
    if (update.exec() == 0)
      return fail(ErrorCode::NotFound, fmt::format("there is no run {}", run), run);
    return {};
  });
}

Result<std::vector<RunRecord>> Store::history(const HistoryFilter &filter) {
  return guarded(state->file, [&]() -> Result<std::vector<RunRecord>> {
    SQLite::Statement select(
        state->database,
        fmt::format(
            "SELECT {} FROM run WHERE instr(lower(kernel || char(10) || file || char(10) || device "
            "|| char(10) || note || char(10) || id), lower(?)) > 0 "
            "ORDER BY started_at DESC, rowid DESC LIMIT ?",
            rows::runColumns));
    select.bind(1, filter.text);
    select.bind(2, filter.limit);
    std::vector<RunRecord> runs;
    while (select.executeStep())
      runs.push_back(rows::readRun(select));
    return runs;
  });
}

Result<RunRecord> Store::run(const std::string &id) {
  return guarded(state->file, [&]() -> Result<RunRecord> {
    SQLite::Statement select(state->database,
                             fmt::format("SELECT {} FROM run WHERE substr(id, 1, length(?1)) = ?1 "
                                         "ORDER BY id = ?1 DESC, started_at DESC LIMIT 4",
                                         rows::runColumns));
    select.bind(1, id);
    std::vector<RunRecord> found;
    while (!id.empty() && select.executeStep())
      found.push_back(rows::readRun(select));
    if (found.empty())
      return fail(ErrorCode::NotFound,
                  fmt::format("there is no run {} in {}; `lap history` lists them", id,
                              state->file.string()),
                  id);
    if (found.size() > 1 && found.front().id != id) {
      std::string names;
      for (const RunRecord &run : found)
        names += (names.empty() ? "" : ", ") + run.id;
      return fail(ErrorCode::InvalidInput,
                  fmt::format("{} begins several runs: {}; give more of it", id, names), id);
    }
    return found.front();
  });
}

Result<std::vector<SampleRecord>> Store::samples(const std::string &run) {
  return guarded(state->file, [&]() -> Result<std::vector<SampleRecord>> {
    SQLite::Statement select(state->database,
                             "SELECT series.id, cache_key, label, mode, nanoseconds FROM series "
                             "JOIN sample ON sample.series = series.id WHERE run = ? "
                             "ORDER BY series.id, position");
    select.bind(1, run);
    std::vector<SampleRecord> all;
    std::int64_t last = -1;
    while (select.executeStep()) {
      if (const std::int64_t series = select.getColumn(0).getInt64(); series != last) {
        last = series;
        all.push_back({run,
                       select.getColumn(1).getString(),
                       select.getColumn(2).getString(),
                       select.getColumn(3).getString(),
                       {}});
      }
      all.back().samples.push_back(select.getColumn(4).getDouble());
    }
    return all;
  });
}

namespace {

bool sameContent(const RunRecord &a, const RunRecord &b) {
  return std::tie(a.kind, a.kernel, a.file, a.sourceHash, a.target, a.device, a.launch, a.options,
                  a.startedAt, a.finishedAt,
                  a.result) == std::tie(b.kind, b.kernel, b.file, b.sourceHash, b.target, b.device,
                                        b.launch, b.options, b.startedAt, b.finishedAt, b.result);
}

void insertSamples(SQLite::Database &database, const std::string &run,
                   const std::vector<SampleRecord> &all) {
  SQLite::Statement series(database,
                           "INSERT INTO series (run, cache_key, label, mode) VALUES (?,?,?,?)");
  SQLite::Statement sample(database,
                           "INSERT INTO sample (series, position, nanoseconds) VALUES (?,?,?)");
  for (const SampleRecord &record : all) {
    series.reset();
    series.bind(1, run);
    series.bind(2, record.cacheKey);
    series.bind(3, record.label);
    series.bind(4, record.mode);
    series.exec();
    const std::int64_t id = database.getLastInsertRowid();
    for (std::size_t i = 0; i < record.samples.size(); ++i) {
      sample.reset();
      sample.bind(1, id);
      sample.bind(2, static_cast<std::int64_t>(i));
      sample.bind(3, record.samples[i]);
      sample.exec();
    }
  }
}

} // namespace

Result<std::string> Store::restoreRun(const RunRecord &run,
                                      const std::vector<SampleRecord> &samples,
                                      const std::vector<VariantRecord> &variants) {
  for (const SampleRecord &record : samples)
    if (!std::ranges::all_of(record.samples, [](double value) { return std::isfinite(value); }))
      return fail(ErrorCode::InvalidInput, "a sample must be a finite number of nanoseconds",
                  run.id);
  return guarded(state->file, [&]() -> Result<std::string> {
    SQLite::Transaction transaction(state->database, SQLite::TransactionBehavior::IMMEDIATE);
    RunRecord restored = run;
    for (;;) {
      SQLite::Statement select(state->database,
                               fmt::format("SELECT {} FROM run WHERE id = ?", rows::runColumns));
      select.bind(1, restored.id);
      if (!restored.id.empty() && !select.executeStep())
        break;
      if (!restored.id.empty() && sameContent(rows::readRun(select), run))
        return restored.id;
      restored.id = rows::newRunId();
    }
    rows::insertRun(state->database, restored);
    for (const VariantRecord &variant : variants)
      rows::insertVariant(state->database, variant);
    insertSamples(state->database, restored.id, samples);
    transaction.commit();
    return restored.id;
  });
}

Result<void> Store::checkIntegrity() {
  return guarded(state->file, [&]() -> Result<void> {
    const std::string finding = state->database.execAndGet("PRAGMA quick_check(1)").getString();
    if (finding != "ok")
      return fail(
          ErrorCode::Unreadable,
          fmt::format("{} is damaged ({}). Move it aside to start anew; `sqlite3 FILE .recover` "
                      "saves what can still be read",
                      state->file.string(), finding),
          state->file.string());
    return {};
  });
}

std::filesystem::path defaultStorePath() {
  return dataDirectory() / "lapidary.db";
}

} // namespace lapidary
