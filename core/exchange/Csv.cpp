// One line a sample, as RFC 4180 has it: fields with a comma, a quote or a line break are quoted.
#include "core/exchange/Formats.h"

#include <fmt/format.h>

namespace lapidary::formats {

namespace {

std::string field(const std::string &text) {
  if (text.find_first_of(",\"\r\n") == std::string::npos)
    return text;
  std::string quoted = "\"";
  for (char c : text) {
    if (c == '"')
      quoted += '"';
    quoted += c;
  }
  return quoted + "\"";
}

} // namespace

Result<std::string> writeCsv(const RunBundle &bundle) {
  if (bundle.samples.empty())
    return fail(ErrorCode::InvalidInput, fmt::format("run {} holds no samples", bundle.run.id),
                bundle.run.id);
  std::string text = "run,kernel,target,device,variant,cache_key,mode,index,nanoseconds\n";
  const std::string head =
      fmt::format("{},{},{},{}", field(bundle.run.id), field(bundle.run.kernel),
                  field(bundle.run.target), field(bundle.run.device));
  for (const SampleRecord &record : bundle.samples) {
    const std::string series = fmt::format("{},{},{},{}", head, field(record.label),
                                           field(record.cacheKey), field(record.mode));
    for (std::size_t i = 0; i < record.samples.size(); ++i)
      text += fmt::format("{},{},{}\n", series, i, record.samples[i]);
  }
  return text;
}

} // namespace lapidary::formats
