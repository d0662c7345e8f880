#include "core/compiler/analysis/Locations.h"

#include "mlir/IR/BuiltinAttributes.h"
#include "llvm/ADT/TypeSwitch.h"

namespace lapidary {

namespace {

void collect(mlir::Location location, std::vector<SourcePlace> &places) {
  llvm::TypeSwitch<mlir::LocationAttr>(location)
      .Case([&](mlir::FileLineColRange at) {
        SourceRange range;
        range.line = static_cast<int>(at.getStartLine());
        range.column = static_cast<int>(at.getStartColumn());
        range.endLine = static_cast<int>(at.getEndLine());
        range.endColumn = static_cast<int>(at.getEndColumn());
        places.push_back({at.getFilename().str(), range});
      })
      .Case([&](mlir::NameLoc named) { collect(named.getChildLoc(), places); })
      .Case([&](mlir::CallSiteLoc call) {
        collect(call.getCallee(), places);
        collect(call.getCaller(), places);
      })
      .Case([&](mlir::FusedLoc fused) {
        for (mlir::Location each : fused.getLocations())
          collect(each, places);
      })
      .Case([&](mlir::OpaqueLoc opaque) { collect(opaque.getFallbackLocation(), places); });
}

} // namespace

std::vector<SourcePlace> placesOf(mlir::Location location) {
  std::vector<SourcePlace> places;
  collect(location, places);
  return places;
}

std::optional<SourcePlace> placeIn(mlir::Location location, llvm::StringRef file) {
  std::vector<SourcePlace> places = placesOf(location);
  if (places.empty())
    return std::nullopt;
  for (const SourcePlace &place : places)
    if (place.file == file)
      return place;
  return places.back();
}

std::string nameOf(mlir::Location location) {
  if (auto named = mlir::dyn_cast<mlir::NameLoc>(location))
    return named.getName().str();
  if (auto call = mlir::dyn_cast<mlir::CallSiteLoc>(location))
    return nameOf(call.getCaller());
  return {};
}

Diagnostic toDiagnostic(mlir::Diagnostic &diagnostic) {
  Diagnostic result;
  switch (diagnostic.getSeverity()) {
  case mlir::DiagnosticSeverity::Error:
    result.severity = Severity::Error;
    break;
  case mlir::DiagnosticSeverity::Warning:
    result.severity = Severity::Warning;
    break;
  default:
    result.severity = Severity::Note;
  }
  result.message = diagnostic.str();
  std::vector<SourcePlace> places = placesOf(diagnostic.getLocation());
  if (!places.empty()) {
    result.file = places.front().file;
    result.range = places.front().range;
    for (std::size_t i = 1; i < places.size(); ++i)
      result.notes.push_back({places[i].file, places[i].range, "called from here"});
  }
  for (mlir::Diagnostic &note : diagnostic.getNotes()) {
    DiagnosticNote converted{{}, {}, note.str()};
    std::vector<SourcePlace> at = placesOf(note.getLocation());
    if (!at.empty()) {
      converted.file = at.front().file;
      converted.range = at.front().range;
    }
    result.notes.push_back(std::move(converted));
  }
  return result;
}

} // namespace lapidary
