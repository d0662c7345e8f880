// What each format's file gives to the table in Exchange.cpp.
#pragma once

#include "core/exchange/Exchange.h"

namespace lapidary::formats {

Result<std::string> writeLapidary(const RunBundle &bundle);
Result<std::string> writeTritonDecorator(const RunBundle &bundle);
Result<std::string> writeCsv(const RunBundle &bundle);
Result<std::string> writeMarkdown(const RunBundle &bundle);

// Whether a parsed file is of our own format, and its reading. `context` names the file.
bool isLapidary(const Json &json);
Result<std::vector<RunBundle>> readLapidary(const Json &json, const std::string &context);

} // namespace lapidary::formats
