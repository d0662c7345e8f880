// What a mistake tells about a guessed launch: the value of a wrong type is followed back through
// the IR to the arguments it comes from, which should have been of another kind.
//
//   i = tl.load(starts) // BLOCK     with fp32 elements: `starts` should hold integers
//   tl.load(table + i)               with an integer `table`: it should be a pointer
#pragma once

#include "core/language/Object.h"
#include "core/source/Launch.h"

namespace lapidary::language {

class Hints {
public:
  // What `value` comes from should hold `dtype`: elements that were loaded, and scalars. False when
  // nothing of the kind is found.
  bool shouldBe(const Tensor &value, DType dtype);
  // The two should be of one type.
  void shouldAgree(const Tensor &first, const Tensor &second);
  // `value` is used as an address.
  void shouldPoint(const Tensor &value);
  // `value` is an address and used as a number.
  void shouldCount(const Tensor &value);

  // `tile`, as a descriptor's block loaded it, should have so many elements.
  void shouldHold(const Tensor &tile, std::int64_t count);

  std::vector<LaunchHint> all;

private:
  void addAll(LaunchHint::Kind kind, mlir::Value address, DType dtype);
  void add(LaunchHint hint);
};

} // namespace lapidary::language
