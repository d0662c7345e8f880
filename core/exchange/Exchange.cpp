#include "core/exchange/Exchange.h"

#include "core/exchange/Formats.h"
#include "core/support/Paths.h"

#include <fmt/format.h>

namespace lapidary {

namespace {

struct Format {
  ExportFormat about;
  Result<std::string> (*write)(const RunBundle &);
};

const std::vector<Format> &formatTable() {
  static const std::vector<Format> table = {
      {{"lapidary", "the whole run, to be imported again", ".lapidary.json"},
       formats::writeLapidary},
      {{"triton-decorator", "the configuration as an @triton.autotune decorator", ".py"},
       formats::writeTritonDecorator},
      {{"csv", "one line a sample, times in nanoseconds", ".csv"}, formats::writeCsv},
      {{"markdown", "a table for a report or a pull request", ".md"}, formats::writeMarkdown},
  };
  return table;
}

} // namespace

std::vector<ExportFormat> exportFormats() {
  std::vector<ExportFormat> all;
  for (const Format &format : formatTable())
    all.push_back(format.about);
  return all;
}

Result<std::string> exportRun(const RunBundle &bundle, const std::string &format) {
  std::string names;
  for (const Format &known : formatTable()) {
    if (known.about.name == format)
      return known.write(bundle);
    names += (names.empty() ? "" : ", ") + known.about.name;
  }
  return fail(ErrorCode::NotFound,
              fmt::format("there is no export format '{}'; there are: {}", format, names), format);
}

Result<std::vector<RunBundle>> importFile(const std::filesystem::path &path) {
  const Result<std::string> text = readFile(path);
  if (!text)
    return std::unexpected(text.error());
  const Result<Json> json = parseJson(*text, path.string());
  if (!json)
    return std::unexpected(json.error());
  if (!formats::isLapidary(*json))
    return fail(
        ErrorCode::InvalidInput,
        fmt::format("{} holds no measurements that can be imported; what `lap export --format "
                    "lapidary` writes can",
                    path.string()),
        path.string());
  return formats::readLapidary(*json, path.string());
}

} // namespace lapidary
