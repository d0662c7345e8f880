// Elementwise arithmetic over dense arrays, one function a family. The meaning of every operation on
// every type is here and nowhere else in the reference.
//
// Floats narrower than fp64 are computed in fp32 and rounded to their type after every operation; for
// + - * / and square root that is exact rounding (24 >= 2 * 11 + 2 bits). Integers wrap at their
// width. What the hardware leaves open is defined: x / 0 is -1, x % 0 is x; shifts by the width or
// more give 0, or the sign for an arithmetic right shift; floats beyond an integer's range saturate,
// NaN becomes 0.
#pragma once

#include "core/compiler/reference/Program.h"

#include <cstddef>

namespace lapidary::reference {

// `operands` of `element`'s storage; `out` likewise, but 0 or 1 for predicates (CmpF, IsNan, ...).
// `predicate` is that of arith.cmpf or arith.cmpi. Nothing aliases but out and an operand wholly.
void computeFloat(Opcode opcode, Element element, int predicate, std::size_t count,
                  const void *const *operands, void *out);
void computeInteger(Opcode opcode, Element element, int predicate, std::size_t count,
                    const std::int64_t *const *operands, std::int64_t *out);

// ExtSI, ExtUI, TruncI, SiToF, UiToF, FToSi, FToUi, FloatCast, FloatCastTowardZero, Bitcast.
void convert(Opcode opcode, Element from, Element to, std::size_t count, const void *in, void *out);

// Memory form to storage and back: `count` packed elements at any alignment.
void loadElements(Element element, std::size_t count, const std::byte *memory, void *storage);
void storeElements(Element element, std::size_t count, const void *storage, std::byte *memory);

// As bits in the low end of an integer, for atomics and bitcasts.
std::uint64_t elementToBits(Element element, const void *storage, std::size_t index);
void elementFromBits(Element element, std::uint64_t bits, void *storage, std::size_t index);

// To the element's width: sign-extended, i1 as 0 or 1.
std::int64_t wrapInteger(Element element, std::int64_t value);

} // namespace lapidary::reference
