// Where each element of a tensor lives: a linear map over F2, the field of two elements.
//
// A tensor is spread over hardware: element (i, j) sits in some register of some lane of some warp.
// Every rule by which GPU code spreads tensors has one thing in common: each bit of the coordinates
// is the exclusive or of some bits of the hardware's indices. So a rule needs no formula. It is
// enough to say where the powers of two go; exclusive or does the rest:
//
//   L(a ^ b) = L(a) ^ L(b),   L(0) = 0
//
// Worked example. Four lanes with two registers each hold an 8-element vector, two neighbours in a
// lane:
//
//   register 1 -> 1      lane 1 -> 2      lane 2 -> 4
//
// Register 1 of lane 3 = 1 + 2 holds L = 1 ^ 2 ^ 4 = 7. Let lane 1 -> 3 instead, and the neighbours
// in the odd lanes have changed places: still linear, though no strides could say it. Swizzled
// shared memory is of that kind, and so are the fragments of matrix instructions.
//
// Written as bits, L is a matrix: a column for each bit of the inputs, a row for each bit of the
// outputs. The questions that a compiler asks are then linear algebra:
//
//   How many consecutive elements does a thread hold?   How long the columns of `register` run 1,
//   2, 4, ... Does a warp hold everything twice?                   The columns are dependent: L is
//   not injective. Where in memory is what this thread holds?           Compose with the layout of
//   the memory. Which lane has the element that I need?              conversion(): apply one
//   layout, undo the other. Does that need shared memory?                        Only if its part
//   from lane to warp is not zero. Is this tile made of copies of that instruction?     Division.
//
// Representation. Input and output axes are named and have a power of two as size. Laid one after
// another, the first axis in the lowest bits, they number the bits of both sides; a column is a
// 64-bit mask of output bits. Up to 62 bits a side.
//
// Equality is of names, order, sizes and columns. Functions that can fail for good layouts return
// an optional; naming an axis that is not there is a mistake in the program and asserted.
//
// Values: immutable, cheap to copy, any thread.
#pragma once

#include "core/support/Result.h"

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace lapidary {

struct Axis {
  std::string name;
  std::int64_t size = 1; // a power of two
  int bits() const;
  bool operator==(const Axis &) const = default;
};

// Values along named axes, one for each.
using Coordinates = std::vector<std::pair<std::string, std::int64_t>>;

class LinearLayout {
public:
  // For an input axis: where 1, 2, 4, ... along it go, each as coordinates in the order of the
  // outputs.
  struct Images {
    std::string axis;
    std::vector<std::vector<std::int64_t>> ofPowers;
  };

  // The empty layout: no axes; the neutral element of the product.
  LinearLayout() = default;

  // Errors: InvalidInput (a size that is no power of two, an image outside the outputs, a name
  // twice, more than 62 bits).
  //
  //   LinearLayout::make({{"register", {{1}}}, {"lane", {{2}, {4}}}}, {{"dim0", 8}})
  static Result<LinearLayout> make(const std::vector<Images> &inputs, std::vector<Axis> outputs);

  // x -> x. `size` is a power of two, here and below.
  static LinearLayout identity(std::int64_t size, std::string_view input, std::string_view output);
  // x -> 0, over an output of `outputSize`: all of the input holds the same.
  static LinearLayout zeros(std::int64_t size, std::string_view input, std::string_view output,
                            std::int64_t outputSize = 1);

  const std::vector<Axis> &inputs() const { return in; }
  const std::vector<Axis> &outputs() const { return out; }
  bool hasInput(std::string_view name) const;
  bool hasOutput(std::string_view name) const;
  std::int64_t inputSize(std::string_view name) const;
  std::int64_t outputSize(std::string_view name) const;
  int inputBits() const;
  int outputBits() const;

  // The image of 2^bit along an input axis, in the order of the outputs; and its coordinate on one
  // axis.
  std::vector<std::int64_t> image(std::string_view input, int bit) const;
  std::int64_t image(std::string_view input, int bit, std::string_view output) const;

  // Axes that are not given are 0.
  Coordinates apply(const Coordinates &at) const;
  // On the numbers that the axes make laid one after another, the first lowest.
  std::uint64_t applyFlat(std::uint64_t at) const;

  // --- shape
  // -----------------------------------------------------------------------------------------

  // The same map with its axes in another order. All names, each once.
  LinearLayout withInputOrder(const std::vector<std::string> &names) const;
  LinearLayout withOutputOrder(const std::vector<std::string> &names) const;
  // The same bits cut into other axes of the same size in all.
  LinearLayout withInputs(std::vector<Axis> axes) const;
  LinearLayout withOutputs(std::vector<Axis> axes) const;
  LinearLayout renamed(std::string_view from,
                       std::string_view to) const; // on whichever side has it

  // The part that goes from these inputs (the others at 0) to these outputs (the others unseen).
  LinearLayout sublayout(const std::vector<std::string> &inputs,
                         const std::vector<std::string> &outputs) const;
  bool isZero(const std::vector<std::string> &inputs,
              const std::vector<std::string> &outputs) const;

  // Coordinates along `output` modulo `size`, which becomes its size when it is smaller.
  LinearLayout modulo(std::string_view output, std::int64_t size) const;
  // Without the columns of `input` that are 0: copies of what is there already.
  LinearLayout withoutCopies(std::string_view input) const;

  // --- algebra
  // ---------------------------------------------------------------------------------------

  // The product lays `right` around `left`: where both have an axis, the bits of `right` come above
  // those of `left`, in its inputs and outputs alike. A tile times the grid of tiles is the whole.
  // Associative; not commutative.
  friend LinearLayout operator*(const LinearLayout &left, const LinearLayout &right);

  // `next` after this one. The outputs of this one must be inputs of `next` that are at least as
  // large; other inputs of `next` are 0.
  LinearLayout then(const LinearLayout &next) const;

  // What remains: divisor * result == *this (result * divisor, for the right), but for the order of
  // the axes. Nothing when there is no such layout.
  std::optional<LinearLayout> dividedByLeft(const LinearLayout &divisor) const;
  std::optional<LinearLayout> dividedByRight(const LinearLayout &divisor) const;

  int rank() const;
  bool isInjective() const { return rank() == inputBits(); }   // no element twice
  bool isSurjective() const { return rank() == outputBits(); } // every element
  bool isInvertible() const { return isInjective() && isSurjective(); }

  // From the outputs to the inputs. Nothing unless invertible.
  std::optional<LinearLayout> inverse() const;
  // A layout R with this(R(y)) = y: of the places of an element, the one without redundant bits.
  // Nothing unless surjective.
  std::optional<LinearLayout> rightInverse() const;
  // A layout P with P(this(x)) = x. Nothing unless injective.
  std::optional<LinearLayout> leftInverse() const;

  // From the inputs of this layout to those of `target`: to.apply(C.apply(x)) = apply(x). Where the
  // target holds an element several times, it is the place without redundant bits. Nothing when the
  // target does not hold all that this one does. Both have the same outputs, in any order.
  std::optional<LinearLayout> conversionTo(const LinearLayout &target) const;

  // For each input axis the bits that are redundant: their columns are sums of those before them.
  std::vector<std::pair<std::string, std::uint64_t>> redundantBits() const;

  // 2^k, the most inputs from 0 along `input` that go to 0, 1, 2, ... along `output` and move along
  // no other: how many elements one access may take at once.
  std::int64_t consecutive(std::string_view input, std::string_view output) const;

  // "register: 1 -> (0, 1); lane: 1 -> (0, 2), 2 -> (1, 0) | dim0: 2, dim1: 4"
  std::string toString() const;

  bool operator==(const LinearLayout &) const = default;

private:
  LinearLayout(std::vector<Axis> in, std::vector<Axis> out, std::vector<std::uint64_t> columns)
      : in(std::move(in)), out(std::move(out)), columns(std::move(columns)) {}

  std::vector<Axis> in, out;
  std::vector<std::uint64_t> columns; // one for each input bit, the first axis first
};

} // namespace lapidary
