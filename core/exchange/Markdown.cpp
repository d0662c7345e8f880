// A run as a small report: what was measured on what, and a table of its variants.
#include "core/exchange/Formats.h"
#include "core/support/Units.h"

#include <fmt/format.h>

#include <algorithm>

namespace lapidary::formats {

namespace {

std::string cell(std::string text) {
  std::ranges::replace(text, '\n', ' ');
  std::string escaped;
  for (char c : text) {
    if (c == '|' || c == '\\')
      escaped += '\\';
    escaped += c;
  }
  return escaped;
}

std::string textOf(const Json &object, const char *name) {
  return object.is_object() && object.contains(name) && object[name].is_string()
             ? object[name].get<std::string>()
             : std::string();
}

// Number `index` of the list `name`, or the number itself.
double numberOf(const Json &object, const char *name, int index = -1) {
  if (!object.is_object() || !object.contains(name))
    return 0;
  const Json &value = object[name];
  if (index < 0)
    return value.is_number() ? value.get<double>() : 0;
  return value.is_array() && value.size() > std::size_t(index) && value[index].is_number()
             ? value[index].get<double>()
             : 0;
}

const Json &memberOf(const Json &object, const char *name) {
  static const Json nothing;
  return object.is_object() && object.contains(name) ? object[name] : nothing;
}

std::string correctness(const Json &variant) {
  const Json &correct = memberOf(variant, "correct");
  if (!correct.is_boolean())
    return "not checked";
  return correct.get<bool>() ? "yes" : "**no**";
}

std::string ratioOf(const Json &result, const std::string &label) {
  const Json &ratios = memberOf(result, "ratios");
  if (ratios.is_array())
    for (const Json &ratio : ratios)
      if (textOf(ratio, "label") == label)
        return fmt::format("{} ({}..{})", formatRatio(numberOf(ratio, "value")),
                           formatRatio(numberOf(ratio, "interval", 0)),
                           formatRatio(numberOf(ratio, "interval", 1)));
  return "";
}

std::size_t samplesOf(const RunBundle &bundle, const std::string &label, const std::string &mode) {
  std::size_t count = 0;
  for (const SampleRecord &record : bundle.samples)
    if (record.label == label && record.mode == mode)
      count += record.samples.size();
  return count;
}

} // namespace

Result<std::string> writeMarkdown(const RunBundle &bundle) {
  const RunRecord &run = bundle.run;
  const Json &variants = memberOf(run.result, "variants");
  if (!variants.is_array() || variants.empty())
    return fail(ErrorCode::InvalidInput,
                fmt::format("run {} did not finish, so it has no result to report", run.id),
                run.id);
  std::string text = fmt::format("### {}: {}\n\n{} on {} ({}), rules {}, run {} of {}.", run.kernel,
                                 run.kind, run.file, run.device, run.target,
                                 textOf(run.options, "rules"), run.id, run.startedAt);
  if (memberOf(run.result, "noise_floor").is_number())
    text += fmt::format(" Noise floor {}.", formatPercent(numberOf(run.result, "noise_floor")));
  text += "\n\n| variant | mode | median (95 %) | samples | correct | time over first |\n"
          "|---|---|---|---:|---|---|\n";
  for (const Json &variant : variants) {
    const std::string label = textOf(variant, "label");
    const Json &modes = memberOf(variant, "modes");
    if (!modes.is_object() || modes.empty()) {
      text += fmt::format("| {} | | {} | 0 | {} | |\n", cell(label), cell(textOf(variant, "error")),
                          correctness(variant));
      continue;
    }
    for (const auto &[mode, set] : modes.items())
      text += fmt::format("| {} | {} | {} | {} | {} | {} |\n", cell(label), cell(mode),
                          formatTime(numberOf(set, "median"), numberOf(set, "interval", 0),
                                     numberOf(set, "interval", 1)),
                          samplesOf(bundle, label, mode), correctness(variant),
                          ratioOf(run.result, label));
  }
  return text;
}

} // namespace lapidary::formats
