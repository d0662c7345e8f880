#include "core/support/Json.h"

#include <algorithm>
#include <fmt/format.h>

namespace lapidary {

// Deeper nesting is no file of ours, and writing it out again would recurse that deep.
static constexpr int maximumDepth = 256;

namespace {
struct TooDeep {};
} // namespace

static std::string place(std::string_view text, std::size_t offset) {
  text = text.substr(0, offset);
  std::size_t lineStart = text.rfind('\n') + 1; // npos + 1 is 0
  return fmt::format("{}:{}", std::ranges::count(text, '\n') + 1, text.size() - lineStart + 1);
}

// "[json.exception.parse_error.101] parse error at line 1, column 2: syntax error ..." without the
// head.
static std::string_view reason(std::string_view what) {
  if (std::size_t bracket = what.find("] "); bracket != std::string_view::npos)
    what.remove_prefix(bracket + 2);
  if (what.starts_with("parse error"))
    if (std::size_t colon = what.find(": "); colon != std::string_view::npos)
      what.remove_prefix(colon + 2);
  return what;
}

Result<Json> parseJson(std::string_view text, std::string_view context) {
  auto limitDepth = [](int depth, Json::parse_event_t, Json &) {
    if (depth > maximumDepth)
      throw TooDeep{};
    return true;
  };
  try {
    return Json::parse(text.begin(), text.end(), limitDepth);
  } catch (const Json::parse_error &error) {
    std::size_t offset = std::min<std::size_t>(error.byte ? error.byte - 1 : 0, text.size());
    return fail(ErrorCode::InvalidInput,
                fmt::format("{}:{}: not valid JSON: {}", context, place(text, offset),
                            reason(error.what())),
                std::string(context));
  } catch (const Json::exception &error) {
    return fail(ErrorCode::InvalidInput,
                fmt::format("{}: not valid JSON: {}", context, reason(error.what())),
                std::string(context));
  } catch (const TooDeep &) {
    return fail(
        ErrorCode::InvalidInput,
        fmt::format("{}: not valid JSON: nested deeper than {} levels", context, maximumDepth),
        std::string(context));
  }
}

std::string dumpJson(const Json &json, int indent) {
  return json.dump(indent, ' ', false, Json::error_handler_t::replace);
}

static Json placeJson(const std::string &file, const SourceRange &range) {
  return {{"file", file},
          {"line", range.line},
          {"column", range.column},
          {"end_line", range.endLine},
          {"end_column", range.endColumn}};
}

Json toJson(const Diagnostic &diagnostic) {
  Json json = {{"severity", severityName(diagnostic.severity)}};
  json.update(placeJson(diagnostic.file, diagnostic.range));
  json["message"] = diagnostic.message;
  if (!diagnostic.feature.empty())
    json["feature"] = diagnostic.feature;
  json["notes"] = Json::array();
  for (const DiagnosticNote &note : diagnostic.notes) {
    Json entry = placeJson(note.file, note.range);
    entry["message"] = note.message;
    json["notes"].push_back(std::move(entry));
  }
  return json;
}

} // namespace lapidary
