// From MLIR's nested locations to lines of a user's file.
#pragma once

#include "core/support/Diagnostic.h"

#include "mlir/IR/Diagnostics.h"
#include "mlir/IR/Location.h"

#include <optional>

namespace lapidary {

struct SourcePlace {
  std::string file;
  SourceRange range; // ends where it begins when the location has no end
};

// Every place that a location names, innermost first: a call chain from the helper out to the
// kernel.
std::vector<SourcePlace> placesOf(mlir::Location location);

// The place to show for an operation: the innermost in `file`, else the outermost (a library's
// helper is shown at the line that calls it). Nothing for an unknown location.
std::optional<SourcePlace> placeIn(mlir::Location location, llvm::StringRef file);

// The name that a location gives its value: "x" of loc("x"("k.py":3:4)); empty without one.
std::string nameOf(mlir::Location location);

// What MLIR says, in our terms; notes included.
Diagnostic toDiagnostic(mlir::Diagnostic &diagnostic);

} // namespace lapidary
