// Places in a tile: which element, or which run of elements, an expression is evaluated at.
#pragma once

#include "mlir/IR/Builders.h"
#include "mlir/IR/BuiltinTypes.h"

#include <cstdint>
#include <optional>

namespace lapidary {

// One coordinate: a variable of a loop plus a constant. A null variable: the constant alone.
struct Index {
  mlir::Value variable; // i64
  std::int64_t offset = 0;
  bool isKnown = true; // false while only the shape of a walk matters
  bool operator==(const Index &) const = default;
};

// The elements at `at`, or `lanes` of them side by side along `laneDim`, beginning there. Chunks
// begin at multiples of `lanes`.
struct Place {
  llvm::SmallVector<Index, 4> at;
  int laneDim = -1;
  std::int64_t lanes = 1;

  bool isVector() const { return laneDim >= 0; }
  bool operator==(const Place &) const = default;
  // The single element `lane` places along.
  Place lane(std::int64_t lane) const {
    Place place = *this;
    if (laneDim >= 0)
      place.at[laneDim].offset += lane;
    place.laneDim = -1;
    place.lanes = 1;
    return place;
  }
};

// Dimensions of size 1 have index 0 and no lanes, so that equal elements have equal places.
Place normalized(Place place, llvm::ArrayRef<std::int64_t> shape);

// Where the operand of an operation that moves elements about (splat, broadcast, expand_dims,
// trans, reshape, split) is read for its result at `place`. Null: `op` is none, or no single place
// serves (lanes that a reshape tears apart). `builder` makes index arithmetic; without one, indices
// of a reshape come back unknown.
std::optional<Place> sourcePlace(mlir::Operation *op, mlir::Value result, const Place &place,
                                 mlir::OpBuilder *builder);
// Whether sourcePlace is about this operation at all.
bool movesElements(mlir::Operation *op);

llvm::SmallVector<std::int64_t, 4> shapeOf(mlir::Type type); // {} for a scalar

} // namespace lapidary

namespace llvm {
template <> struct DenseMapInfo<lapidary::Place> {
  static lapidary::Place getEmptyKey() { return {{}, -2, 0}; }
  static lapidary::Place getTombstoneKey() { return {{}, -3, 0}; }
  static unsigned getHashValue(const lapidary::Place &place) {
    hash_code hash = hash_combine(place.laneDim, place.lanes);
    for (const lapidary::Index &index : place.at)
      hash = hash_combine(hash, index.variable.getAsOpaquePointer(), index.offset);
    return static_cast<unsigned>(hash);
  }
  static bool isEqual(const lapidary::Place &a, const lapidary::Place &b) { return a == b; }
};
} // namespace llvm
