// Whether an output agrees with the reference, and by how much it does not.
//
// Integers must be equal. A floating element is right when
//   |out - ref| <= tolerance * (|ref| + rms(ref)),
// so that an element near zero is judged by the size of its neighbours, as rounding errors of a sum
// are. The tolerance follows from the type that is stored: a few units of its last place for the
// narrow types, room for another order of summation for fp32 and fp64. NaN agrees with NaN,
// infinity with infinity of the same sign.
#pragma once

#include "core/bench/Initializer.h"
#include "core/bench/MeasureJob.h"

#include <span>

namespace lapidary {

// fp64 1e-9, fp32 1e-4, fp16 4e-3, bf16 3.2e-2, fp8 with three bits 0.15, with two 0.3; integers 0.
double toleranceFor(DType type);

// Whole storages of `type`, `expected` the reference's. With `poisoned` both sides began as poison
// (Poison::Reference and Poison::Device), and an element that still is on both sides agrees:
// neither wrote it. `offset` is the element that the argument's pointer names: messages and
// firstWrong count from it.
OutputCheck compareOutput(const std::string &argument, DType type,
                          std::span<const std::byte> expected, std::span<const std::byte> actual,
                          bool poisoned, std::int64_t offset = 0);

} // namespace lapidary
