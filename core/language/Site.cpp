#include "core/language/Site.h"

#include "mlir/IR/MLIRContext.h"

#include <fmt/format.h>

namespace lapidary::language {

void Site::enter(const std::string &file, const std::string &function, bool isPrelude) {
  Frame frame{file, function, {}, isPrelude, {}, 0, 0, {}};
  if (!frames.empty()) {
    frame.caller = location();
    frame.range = frames.back().range;
  }
  frames.push_back(std::move(frame));
}

void Site::leave() {
  frames.pop_back();
}

void Site::visit(const SourceRange &range) {
  frames.back().line = range.line;
  frames.back().column = range.column > 0 ? range.column - 1 : 0;
}

mlir::Location Site::locationOf(bool named) const {
  const Frame &frame = frames.back();
  mlir::Location here =
      mlir::FileLineColLoc::get(context, frame.file, unsigned(frame.line), unsigned(frame.column));
  if (named && !frame.target.empty())
    here = mlir::NameLoc::get(mlir::StringAttr::get(context, frame.target), here);
  if (frame.caller)
    here = mlir::CallSiteLoc::get(here, mlir::Location(frame.caller));
  return here;
}

void Site::error(std::string message, std::vector<std::string> notes, std::string feature) {
  report(Severity::Error, std::move(message), std::move(notes), std::move(feature));
}

void Site::warning(std::string message) {
  report(Severity::Warning, std::move(message), {}, {});
}

void Site::noteAt(const SourceRange &range, std::string message) {
  if (out.empty() || frames.back().isPrelude)
    return;
  out.back().notes.push_back({frames.back().file, range, std::move(message)});
}

void Site::report(Severity severity, std::string message, std::vector<std::string> notes,
                  std::string feature) {
  std::size_t user = frames.size() - 1;
  while (user > 0 && frames[user].isPrelude)
    --user;
  const Frame &place = frames[user];
  if (user + 1 < frames.size() && frames[user + 1].isPrelude)
    message = fmt::format("in tl.{}: {}", frames[user + 1].function, message);
  std::string identity =
      fmt::format("{}:{}:{}:{}", place.file, place.range.line, place.range.column, message);
  if (severity == Severity::Error)
    ++errors;
  if (!said.insert(identity).second)
    return;
  Diagnostic diagnostic{severity,           place.file,         place.range,
                        std::move(message), std::move(feature), {}};
  for (std::string &note : notes)
    diagnostic.notes.push_back({place.file, place.range, std::move(note)});
  for (std::size_t caller = user; caller-- > 0;)
    diagnostic.notes.push_back(
        {frames[caller].file, frames[caller].range,
         fmt::format("in the call of {} here", frames[caller + 1].function)});
  out.push_back(std::move(diagnostic));
}

} // namespace lapidary::language
