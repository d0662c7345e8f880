// How a kernel addresses memory, read off its syntax: which parameters are pointers, which numbers
// bound an index, which multiply one. Made for guessing a launch; private to this room.
//
// The body is interpreted once over symbolic forms: sums of scalar expressions over the parameters
// and of index atoms (a program id, an arange, a loop) with scalar coefficients. Both arms of an
// `if` are followed; a loop's body is followed twice, the second time with what it adds to its
// variables in every round as a term of the loop's atom. Helpers are followed into.
//
//   offs = tl.program_id(0) * BLOCK + tl.arange(0, BLOCK)     ->  BLOCK * pid0 + arange1
//   tl.load(x_ptr + row * stride + cols)                      ->  x_ptr + stride * row + cols
#pragma once

#include "core/source/KernelFile.h"

#include <set>

namespace lapidary {

struct IndexTerm {
  ast::ExprPtr coefficient; // over parameters; null is 1
  int atom = 0;
};

struct SymbolicForm {
  std::vector<ast::ExprPtr> scalars; // summed; over parameters
  std::vector<IndexTerm> terms;      // summed
  bool known = true;                 // false: something else; only the fields below mean anything
  bool data = false;                 // read from memory, or computed from what was
  std::set<std::string> sources;     // pointers that were loaded to give it
  std::set<int> atoms;               // all that it depends on
  std::optional<DType> dtype;        // of an explicit cast
  std::vector<SymbolicForm> items;   // of a tuple
  std::shared_ptr<const struct SymbolicBlock> block;
  const JitFunction *function = nullptr;

  bool isScalar() const { return known && terms.empty() && !data && items.empty() && !block; }
};

struct SymbolicBlock {
  std::string base;     // the parameter
  SymbolicForm address; // what is added to it
  std::vector<SymbolicForm> shape, strides, offsets, blockShape;
};

struct IndexAtom {
  enum class Kind { Program, Arange, Loop, Quantity, Quotient, Remainder, Loaded, Other } kind;
  int axis = -1;       // Program
  ast::ExprPtr extent; // Arange, Loop: number of values; Quotient, Remainder: the divisor
  ast::ExprPtr limit;  // Loop over tiles: what its index stays below; may be null
  SymbolicForm form;   // Quantity, Quotient, Remainder: of what
  std::set<int> axes;  // program axes it depends on
  std::string source;  // Loaded: from which pointer
};

struct SymbolicAccess {
  enum class Kind { Load, Store, Atomic } kind = Kind::Load;
  std::string pointer;                        // the parameter
  SymbolicForm address;                       // without the pointer
  std::shared_ptr<const SymbolicBlock> block; // instead of the address
  std::optional<DType> storedAs;              // what an explicit cast says
};

// `quantity` < `limit`, as a mask, an early return, a modulus or a loop says.
struct IndexBound {
  SymbolicForm quantity;
  ast::ExprPtr limit;
  bool wraps = false; // by a remainder, which a mask overrules
};

struct AccessAnalysis {
  std::vector<IndexAtom> atoms;
  std::vector<SymbolicAccess> accesses;
  std::vector<IndexBound> bounds;
  std::set<std::string> blocks;              // names that are the extent of a tile
  std::set<std::string> conditions;          // names that are tested as they are
  std::set<std::string> types;               // names used as a type
  std::set<std::string> dataScalars;         // names that meet data in arithmetic
  std::map<std::string, Value> compared;     // name -> a string or number it should equal
  std::set<std::string> unrolled;            // names that bound a loop that is unrolled
  std::set<std::string> dotOperands;         // pointers whose data is multiplied as matrices
  std::set<std::string> maskData;            // pointers whose data is a condition
  std::map<std::string, int> descriptorRank; // parameters used as tensor descriptors
  std::map<int, std::string> persistent;     // axis -> the parameter that is its number of programs
  bool hasDot = false;
};

// Never fails; what it does not understand it leaves out. Bounded in work.
AccessAnalysis analyzeAccesses(const KernelFile &file, const JitFunction &kernel);

// The sum of the form's scalars as one expression; 0 when there are none.
ast::ExprPtr sumOf(const std::vector<ast::ExprPtr> &scalars);

// The same quantity gives the same text.
std::string keyOf(const SymbolicForm &form);

} // namespace lapidary
