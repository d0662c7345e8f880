#include "core/store/Rows.h"

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <sqlite3.h>

#include <chrono>
#include <random>

namespace lapidary::rows {

namespace {

std::string text(SQLite::Statement &row, int column) {
  return row.getColumn(column).getString();
}

Json json(SQLite::Statement &row, int column) {
  return Json::parse(text(row, column));
}

std::string jsonText(const Json &json) {
  return dumpJson(json);
}

} // namespace

Error toError(const SQLite::Exception &exception, const std::filesystem::path &file) {
  const std::string place = file.string();
  const std::string reason = exception.getErrorStr();
  switch (exception.getErrorCode()) {
  case SQLITE_NOTADB:
  case SQLITE_CORRUPT:
    return {
        ErrorCode::Unreadable,
        fmt::format("{} is not a readable database ({}); it was left as it is. Move it aside to "
                    "start anew; `sqlite3 FILE .recover` saves what can still be read",
                    place, exception.what()),
        place};
  case SQLITE_FULL:
    return {
        ErrorCode::OutOfResource,
        fmt::format("no space left to write {}; what was stored before is safe. Free some space, "
                    "or set XDG_DATA_HOME to a folder on another disk",
                    place),
        place};
  case SQLITE_READONLY:
    return {ErrorCode::Unreadable,
            fmt::format("{} cannot be written ({}); make the file and its folder writable, or set "
                        "XDG_DATA_HOME to a folder that is",
                        place, exception.what()),
            place};
  case SQLITE_CANTOPEN:
    return {
        ErrorCode::Unreadable,
        fmt::format("{} cannot be opened ({}); check that its folder exists and may be written, "
                    "or set XDG_DATA_HOME to one that may",
                    place, exception.what()),
        place};
  case SQLITE_BUSY:
  case SQLITE_LOCKED:
    return {ErrorCode::Unreadable,
            fmt::format("another process holds {}; end it or wait, then try again", place), place};
  case SQLITE_IOERR:
    return {ErrorCode::OutOfResource,
            fmt::format("reading or writing {} failed ({}); what was stored before is safe. Check "
                        "the disk's space, its quota and the permissions",
                        place, exception.what()),
            place};
  default:
    return {ErrorCode::Unreadable, fmt::format("{}: {} ({})", place, exception.what(), reason),
            place};
  }
}

RunRecord readRun(SQLite::Statement &row) {
  RunRecord run;
  run.id = text(row, 0);
  run.kind = text(row, 1);
  run.kernel = text(row, 2);
  run.file = text(row, 3);
  run.sourceHash = text(row, 4);
  run.target = text(row, 5);
  run.device = text(row, 6);
  run.launch = json(row, 7);
  run.deviceState = json(row, 8);
  run.options = json(row, 9);
  run.startedAt = text(row, 10);
  run.finishedAt = text(row, 11);
  run.note = text(row, 12);
  run.result = json(row, 13);
  return run;
}

void insertRun(SQLite::Database &database, const RunRecord &run) {
  SQLite::Statement insert(database, fmt::format("INSERT INTO run ({}) VALUES "
                                                 "(?,?,?,?,?,?,?,?,?,?,?,?,?,?)",
                                                 runColumns));
  int column = 0;
  for (const std::string &value :
       {run.id, run.kind, run.kernel, run.file, run.sourceHash, run.target, run.device,
        jsonText(run.launch), jsonText(run.deviceState), jsonText(run.options), run.startedAt,
        run.finishedAt, run.note, jsonText(run.result)})
    insert.bind(++column, value);
  insert.exec();
}

VariantRecord readVariant(SQLite::Statement &row) {
  VariantRecord variant;
  variant.cacheKey = text(row, 0);
  variant.kernel = text(row, 1);
  variant.sourceHash = text(row, 2);
  variant.target = text(row, 3);
  variant.signature = text(row, 4);
  variant.compiler = text(row, 5);
  variant.properties = json(row, 6);
  variant.options = json(row, 7);
  variant.resources = json(row, 8);
  variant.keyParts = json(row, 9);
  return variant;
}

void insertVariant(SQLite::Database &database, const VariantRecord &variant) {
  SQLite::Statement insert(
      database, fmt::format("INSERT OR REPLACE INTO variant ({}) VALUES (?,?,?,?,?,?,?,?,?,?)",
                            variantColumns));
  int column = 0;
  for (const std::string &value :
       {variant.cacheKey, variant.kernel, variant.sourceHash, variant.target, variant.signature,
        variant.compiler, jsonText(variant.properties), jsonText(variant.options),
        jsonText(variant.resources), jsonText(variant.keyParts)})
    insert.bind(++column, value);
  insert.exec();
}

std::string utcNow() {
  const auto now = std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now());
  const auto seconds = std::chrono::floor<std::chrono::seconds>(now);
  return fmt::format("{:%Y-%m-%dT%H:%M:%S}.{:03}Z", fmt::gmtime(seconds), (now - seconds).count());
}

std::string newRunId() {
  static constexpr char digits[] = "0123456789abcdefghjkmnpqrstvwxyz";
  std::random_device entropy;
  std::string id = "r";
  for (int i = 0; i < 11; ++i)
    id += digits[entropy() % 32];
  return id;
}

} // namespace lapidary::rows

namespace lapidary {

Json toJson(const RunRecord &run, const char *idName) {
  Json json = Json::object();
  json[idName] = run.id;
  json["kind"] = run.kind;
  json["kernel"] = run.kernel;
  json["file"] = run.file;
  json["source_hash"] = run.sourceHash;
  json["target"] = run.target;
  json["device"] = run.device;
  json["started_at"] = run.startedAt;
  json["finished_at"] = run.finishedAt;
  json["note"] = run.note;
  json["launch"] = run.launch;
  json["device_state"] = run.deviceState;
  json["options"] = run.options;
  json["result"] = run.result;
  return json;
}

} // namespace lapidary
