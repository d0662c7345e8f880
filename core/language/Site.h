// Where elaboration stands: the source range that messages point at, the MLIR location that
// operations get, and the chain of helper calls that led here. Owner: one Elaborator, one thread.
//
// Messages go to the innermost place in the user's own files; what the prelude (the standard
// library) finds wrong is said at the call that led into it.
#pragma once

#include "core/support/Diagnostic.h"

#include "mlir/IR/Location.h"

#include <set>
#include <string>
#include <vector>

namespace lapidary::language {

class Site {
public:
  Site(mlir::MLIRContext *context, std::vector<Diagnostic> &out) : context(context), out(out) {}

  // A function's body, inlined at the current place.
  void enter(const std::string &file, const std::string &function, bool isPrelude);
  void leave();
  std::size_t depth() const { return frames.size(); }

  // What operations are located at from now on. Follows the order of visits, not of nesting: an
  // operation is located at the operand visited last, as in Triton's IR.
  void visit(const SourceRange &range);
  // The variable being assigned, which names what is computed for it; empty for none.
  void setTarget(const std::string &name) { frames.back().target = name; }
  mlir::Location location() const { return locationOf(true); }
  // For constants, which many variables share.
  mlir::Location unnamedLocation() const { return locationOf(false); }

  // What messages point at; see Place for the scoped form.
  SourceRange range() const { return frames.back().range; }
  void setRange(const SourceRange &range) { frames.back().range = range; }

  // One message a place: repeating it (an unrolled loop) says nothing new.
  void error(std::string message, std::vector<std::string> notes = {}, std::string feature = {});
  void warning(std::string message);
  // A note that points somewhere else, for the message given last.
  void noteAt(const SourceRange &range, std::string message);
  bool tooManyErrors() const { return errors >= 20; }
  bool hasErrors() const { return errors > 0; }

private:
  struct Frame {
    std::string file, function, target;
    bool isPrelude = false;
    SourceRange range;         // of the expression or statement at hand
    int line = 0, column = 0;  // of the visit at hand; columns count from 0 as in Triton's IR
    mlir::LocationAttr caller; // where the call stands; null in the kernel itself
  };

  mlir::Location locationOf(bool named) const;
  void report(Severity severity, std::string message, std::vector<std::string> notes,
              std::string feature);

  mlir::MLIRContext *context;
  std::vector<Diagnostic> &out;
  std::vector<Frame> frames;
  std::set<std::string> said;
  int errors = 0;
};

// Sets the range that messages point at, for as long as it lives.
class Place {
public:
  Place(Site &site, const SourceRange &range) : site(site), before(site.range()) {
    site.setRange(range);
  }
  ~Place() { site.setRange(before); }
  Place(const Place &) = delete;

private:
  Site &site;
  SourceRange before;
};

} // namespace lapidary::language
