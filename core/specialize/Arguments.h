// A bound launch's values as the engine takes them.
#pragma once

#include "core/source/Launch.h"
#include "core/specialize/Engine.h"

#include <deque>
#include <vector>

namespace lapidary {

// Owns the items of tuples; the spans stay valid while it lives and is not added to.
class BoundArguments {
public:
  ArgumentValue convert(const Value &value);
  // One value a parameter, in order. Errors: InvalidInput naming a parameter without a value.
  static Result<BoundArguments> bind(const KernelSignature &signature, const Launch &launch);

  std::span<const ArgumentValue> values() const { return list; }
  const std::vector<const Value *> &sources() const { return given; }

private:
  std::vector<ArgumentValue> list;
  std::vector<const Value *> given; // into the launch
  std::deque<std::vector<ArgumentValue>> nested;
};

// Where a tensor's first element lies, as far as a launch says: its storage starts at an odd
// multiple of its alignment. Bytes.
std::uint64_t addressOf(const TensorArgument &tensor);

} // namespace lapidary
