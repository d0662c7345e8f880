// JSON with keys in insertion order, so that what is written is stable, and parsing that returns a
// Result instead of throwing.
#pragma once

#include "core/support/Diagnostic.h"
#include "core/support/Result.h"

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

namespace lapidary {

using Json = nlohmann::ordered_json;

// `context` names the file in the message. Errors: InvalidInput with line and column.
Result<Json> parseJson(std::string_view text, std::string_view context);

// One line, UTF-8; text that is not UTF-8 is replaced, never thrown at.
std::string dumpJson(const Json &json, int indent = -1);

Json toJson(const Diagnostic &diagnostic);

} // namespace lapidary
