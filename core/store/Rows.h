// How records become rows and rows become records, and how SQLite's errors become ours. Functions
// here throw SQLite::Exception or nlohmann's; guarded() is the seam where that ends.
#pragma once

#include "core/store/Store.h"

#include <SQLiteCpp/SQLiteCpp.h>

#include <exception>

namespace lapidary::rows {

// The error in our words, with what to do about `file`.
Error toError(const SQLite::Exception &exception, const std::filesystem::path &file);

// Runs `body`, which returns a Result, and turns what it throws into an Error about `file`.
template <typename Body>
auto guarded(const std::filesystem::path &file, Body &&body) -> decltype(body()) {
  try {
    return body();
  } catch (const SQLite::Exception &exception) {
    return std::unexpected(toError(exception, file));
  } catch (const std::exception &exception) {
    return fail(ErrorCode::Unreadable,
                "a record of the database cannot be read: " + std::string(exception.what()),
                file.string());
  }
}

// Column lists, in the order in which read... reads and bind... binds.
inline constexpr const char *runColumns =
    "id, kind, kernel, file, source_hash, target, device, launch, device_state, options, "
    "started_at, finished_at, note, result";
inline constexpr const char *variantColumns =
    "cache_key, kernel, source_hash, target, signature, compiler, properties, options, resources, "
    "key_parts";

RunRecord readRun(SQLite::Statement &row);
VariantRecord readVariant(SQLite::Statement &row);
void insertRun(SQLite::Database &database, const RunRecord &run);
void insertVariant(SQLite::Database &database, const VariantRecord &variant);

std::string utcNow(); // ISO 8601 with milliseconds, "2025-01-31T12:00:00.123Z"
std::string newRunId();

} // namespace lapidary::rows
