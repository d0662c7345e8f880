// What is known of a tile's elements along each dimension: Triton's axis analysis.
//
// Along a dimension, in groups that begin at multiples of the group's size (all powers of two):
//   contiguity     elements of a group count up by one: [8 9 10 11 20 21 22 23] has 4
//   constancy      elements of a group are equal:       [5 5 5 5 7 7 7 7] has 4
//   divisibility   the first element of each contiguous group is a multiple of this; of a pointer,
//                  its address in bytes
// A scalar is a tile of one dimension of size 1. Facts come from the attributes that specialization
// put on the arguments (tt.divisibility), from constants, ranges and loops, and from the hints
// tt.contiguity, tt.divisibility and tt.constancy on operations. As in Triton, offsets are taken
// not to overflow.
//
//   AxisAnalysis axis(function);
//   axis.of(load.getPtr()).contiguity[0]
#pragma once

#include "mlir/IR/Operation.h"
#include "mlir/IR/Value.h"

#include <memory>
#include <optional>

namespace lapidary {

struct AxisInfo {
  llvm::SmallVector<std::int64_t, 4> contiguity, divisibility, constancy;
  std::optional<std::int64_t> constant; // every element is this

  // Nothing known yet: the neutral element of join.
  bool isUnset() const { return contiguity.empty(); }
  int rank() const { return static_cast<int>(contiguity.size()); }
  static AxisInfo unknown(mlir::Value value); // nothing can be said
  static AxisInfo ofConstant(mlir::Value value, std::int64_t constant);
  static AxisInfo join(const AxisInfo &a, const AxisInfo &b); // what holds of both
  bool operator==(const AxisInfo &) const = default;
  void print(llvm::raw_ostream &stream) const;

  // What every element at a multiple of `step` along `dim` is divisible by; `unit` is what one step
  // of contiguity adds (the element's bytes for a pointer, else 1).
  std::int64_t divisibilityAt(int dim, std::int64_t step, std::int64_t unit = 1) const;
};

// The largest power of two that divides `value`; 2^30 for 0.
std::int64_t powerOfTwoDivisor(std::int64_t value);

// Holds for the IR as it was when constructed. A value made later is unknown.
class AxisAnalysis {
public:
  explicit AxisAnalysis(mlir::Operation *root);
  ~AxisAnalysis();
  AxisInfo of(mlir::Value value) const;

private:
  struct State;
  std::unique_ptr<State> state;
};

} // namespace lapidary
