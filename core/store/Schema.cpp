#include "core/store/Schema.h"

#include <fmt/format.h>

namespace lapidary {

namespace {

constexpr const char *versionOne = R"sql(
CREATE TABLE kernel (
  source_hash TEXT PRIMARY KEY,
  name        TEXT NOT NULL,
  file        TEXT NOT NULL,
  text        TEXT NOT NULL,
  saved_at    TEXT NOT NULL
) STRICT;

CREATE TABLE launch (
  source_hash TEXT NOT NULL,
  name        TEXT NOT NULL,
  launch      TEXT NOT NULL CHECK (json_valid(launch)),
  saved_at    TEXT NOT NULL,
  PRIMARY KEY (source_hash, name)
) STRICT;

CREATE TABLE variant (
  cache_key   TEXT PRIMARY KEY,
  kernel      TEXT NOT NULL,
  source_hash TEXT NOT NULL,
  target      TEXT NOT NULL,
  signature   TEXT NOT NULL,
  compiler    TEXT NOT NULL,
  properties  TEXT NOT NULL CHECK (json_valid(properties)),
  options     TEXT NOT NULL CHECK (json_valid(options)),
  resources   TEXT NOT NULL CHECK (json_valid(resources)),
  key_parts   TEXT NOT NULL CHECK (json_valid(key_parts))
) STRICT;

CREATE TABLE run (
  id           TEXT PRIMARY KEY,
  kind         TEXT NOT NULL,
  kernel       TEXT NOT NULL,
  file         TEXT NOT NULL,
  source_hash  TEXT NOT NULL,
  target       TEXT NOT NULL,
  device       TEXT NOT NULL,
  launch       TEXT NOT NULL CHECK (json_valid(launch)),
  device_state TEXT NOT NULL CHECK (json_valid(device_state)),
  options      TEXT NOT NULL CHECK (json_valid(options)),
  started_at   TEXT NOT NULL,
  finished_at  TEXT NOT NULL,
  note         TEXT NOT NULL,
  result       TEXT NOT NULL CHECK (json_valid(result))
) STRICT;
CREATE INDEX run_by_start ON run (started_at);

CREATE TABLE series (
  id        INTEGER PRIMARY KEY,
  run       TEXT NOT NULL REFERENCES run (id),
  cache_key TEXT NOT NULL,
  label     TEXT NOT NULL,
  mode      TEXT NOT NULL,
  UNIQUE (run, cache_key, label, mode)
) STRICT;

CREATE TABLE sample (
  series      INTEGER NOT NULL REFERENCES series (id),
  position    INTEGER NOT NULL,
  nanoseconds REAL NOT NULL,
  PRIMARY KEY (series, position)
) STRICT, WITHOUT ROWID;
)sql";

constexpr const char *steps[] = {versionOne};

} // namespace

std::span<const char *const> schemaSteps() {
  return steps;
}

void migrate(SQLite::Database &database, std::span<const char *const> all) {
  SQLite::Transaction transaction(database, SQLite::TransactionBehavior::IMMEDIATE);
  // Read inside the transaction: another process may have migrated meanwhile.
  const auto from = static_cast<std::size_t>(database.execAndGet("PRAGMA user_version").getInt());
  for (std::size_t i = from; i < all.size(); ++i)
    database.exec(all[i]);
  if (from < all.size()) {
    database.exec(fmt::format("PRAGMA application_id = {}", storeApplicationId));
    database.exec(fmt::format("PRAGMA user_version = {}", all.size()));
  }
  transaction.commit();
}

} // namespace lapidary
