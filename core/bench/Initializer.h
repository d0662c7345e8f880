// What a tensor argument holds before the kernel runs: the `init` of a launch file turned into
// bytes.
//
//   normal       mean 0, deviation 1: the sum of twelve uniform numbers less 6, computed in
//   integers.
//                Integer types: deviation 4, rounded; unsigned ones their absolute value
//   uniform      [0, 1); integer types: every value of the type alike
//   zeros, ones
//   arange       0, 1, 2, ... in row-major order of the shape
//   randint:LO:HI  whole numbers from LO to HI - 1
//   onehot       zeros with a single 1 at a random place of each row (the last dimension)
//   file:PATH    a NumPy .npy file of the tensor's shape, converted to its type
//
// The random ones fill the whole storage, gaps between strides included; the others leave zeros in
// gaps. The same seed and argument name give the same bytes on every machine: nothing but integer
// arithmetic and correctly rounded operations is used.
#pragma once

#include "core/source/Value.h"
#include "core/support/Result.h"

#include <span>

namespace lapidary {

// Fills `storage` (tensor.storage bytes). Errors: InvalidInput, Unreadable; they name the argument.
Result<void> initializeTensor(const TensorArgument &tensor, const std::string &name,
                              std::uint64_t seed, std::span<std::byte> storage);

// Two patterns that no sensible kernel computes, told apart from each other: NaN with a payload for
// floating types, repeated bytes for the others.
enum class Poison { Device, Reference };
void poisonElements(DType type, Poison kind, std::span<std::byte> storage);

} // namespace lapidary
