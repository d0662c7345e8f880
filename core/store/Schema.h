// The database's schema as a list of steps, each adding to the one before: version N is what the
// first N steps make. A step that has been released never changes; a new table or column is a new
// step at the end. Nothing is dropped, so an older database opens as it is.
#pragma once

#include <SQLiteCpp/SQLiteCpp.h>

#include <span>

namespace lapidary {

inline constexpr int storeApplicationId = 0x4C415049; // "LAPI", SQLite's PRAGMA application_id

std::span<const char *const> schemaSteps();

// Brings the database from PRAGMA user_version to steps.size(), in one transaction: all or nothing.
// Throws SQLite::Exception.
void migrate(SQLite::Database &database, std::span<const char *const> steps);

} // namespace lapidary
