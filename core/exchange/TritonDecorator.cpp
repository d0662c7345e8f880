// The configuration of a run as Triton writes one: @triton.autotune with a triton.Config. The
// configuration stands in the run's options: {"configuration": {"parameters": {"BLOCK": 1024},
// "options": {"num_warps": 4}}, "tuning_key": ["n"]}.
#include "core/exchange/Formats.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

namespace lapidary::formats {

namespace {

// The keyword parameters of triton.Config; every other option of a backend goes into its
// dictionary.
constexpr const char *configKeywords[] = {"num_warps", "num_stages", "num_ctas", "maxnreg"};

std::string pythonString(const std::string &text) {
  std::string quoted = "\"";
  for (char c : text) {
    if (c == '"' || c == '\\')
      quoted += '\\', quoted += c;
    else if (c == '\n')
      quoted += "\\n";
    else if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f)
      quoted += fmt::format("\\x{:02x}", static_cast<unsigned char>(c));
    else
      quoted += c;
  }
  return quoted + "\"";
}

std::string pythonFloat(double value) {
  if (std::isinf(value))
    return value < 0 ? "float(\"-inf\")" : "float(\"inf\")";
  if (std::isnan(value))
    return "float(\"nan\")";
  std::string text = fmt::format("{}", value);
  return text.find_first_of(".e") == std::string::npos ? text + ".0" : text;
}

// A JSON value as a Python expression. Launch files name types and tuples by an object of one
// member.
Result<std::string> python(const Json &value) {
  switch (value.type()) {
  case Json::value_t::null:
    return "None";
  case Json::value_t::boolean:
    return value.get<bool>() ? "True" : "False";
  case Json::value_t::number_float:
    return pythonFloat(value.get<double>());
  case Json::value_t::string:
    return pythonString(value.get<std::string>());
  case Json::value_t::array: {
    std::string items;
    for (const Json &item : value) {
      const auto text = python(item);
      if (!text)
        return text;
      items += (items.empty() ? "" : ", ") + *text;
    }
    return "[" + items + "]";
  }
  case Json::value_t::object:
    return fail(ErrorCode::InvalidInput,
                fmt::format("the value {} cannot be written in a triton.Config", dumpJson(value)));
  default:
    return value.dump(); // integers
  }
}

std::string keyList(const Json &names) {
  std::string list;
  if (names.is_array())
    for (const Json &name : names)
      if (name.is_string())
        list += (list.empty() ? "" : ", ") + pythonString(name.get<std::string>());
  return list;
}

bool firstVariantFailed(const Json &result) {
  if (!result.is_object() || !result.contains("variants") || !result["variants"].is_array() ||
      result["variants"].empty() || !result["variants"][0].is_object())
    return true;
  const Json &first = result["variants"][0];
  return (first.contains("correct") && first["correct"] == false) || !first.contains("modes") ||
         first["modes"].empty();
}

} // namespace

Result<std::string> writeTritonDecorator(const RunBundle &bundle) {
  const RunRecord &run = bundle.run;
  if (!run.options.is_object() || !run.options.contains("configuration") ||
      !run.options["configuration"].is_object())
    return fail(ErrorCode::InvalidInput,
                fmt::format("run {} does not hold the configuration that it measured", run.id),
                run.id);
  if (firstVariantFailed(run.result))
    return fail(
        ErrorCode::InvalidInput,
        fmt::format("run {} has no correct, timed result; a configuration that was not shown to "
                    "work is not exported",
                    run.id),
        run.id);
  const Json &configuration = run.options["configuration"];
  const Json parameters = configuration.value("parameters", Json::object());
  const Json options = configuration.value("options", Json::object());
  std::string dictionary, keywords;
  for (const auto &[name, value] : parameters.items()) {
    const auto text = python(value);
    if (!text)
      return text;
    dictionary +=
        fmt::format("{}{}: {}", dictionary.empty() ? "" : ", ", pythonString(name), *text);
  }
  for (const auto &[name, value] : options.items()) {
    const auto text = python(value);
    if (!text)
      return text;
    if (std::ranges::find(configKeywords, name) != std::end(configKeywords))
      keywords += fmt::format(", {}={}", name, *text);
    else
      dictionary +=
          fmt::format("{}{}: {}", dictionary.empty() ? "" : ", ", pythonString(name), *text);
  }
  std::string subject = fmt::format("{} on {} ({}), run {} of {}", run.kernel, run.device,
                                    run.target, run.id, run.startedAt);
  std::ranges::replace(subject, '\n', ' ');
  return fmt::format("# {}\n"
                     "@triton.autotune(\n"
                     "    configs=[\n"
                     "        triton.Config({{{}}}{}),\n"
                     "    ],\n"
                     "    key=[{}],\n"
                     ")\n",
                     subject, dictionary, keywords,
                     keyList(run.options.value("tuning_key", Json::array())));
}

} // namespace lapidary::formats
