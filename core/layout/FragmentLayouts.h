// The layouts that have a name. Inputs are called register, lane, warp and, in shared memory,
// offset (in elements); outputs dim0, dim1, ... in the tensor's order.
//
// A fragment is the part of one matrix instruction; the tile that a block computes is a product:
//
//   LinearLayout c = nvidiaAccumulator() * LinearLayout::identity(4, "warp", "dim0");
//   c = coverShape(c, {128, 64}, {1, 0}); // further copies of the instruction in further registers
#pragma once

#include "core/layout/LinearLayout.h"

namespace lapidary {

// "dim0", "dim1", ...
std::string dimName(std::size_t dim);

// Tiles distributed in order: each thread takes a box of elements, the lanes of a warp lie beside
// each other, and so do the warps. `order` lists the dimensions, the fastest first; all four have
// the rank of the tensor.
struct BlockedTile {
  std::vector<std::int64_t> sizePerThread, threadsPerWarp, warpsPerBlock;
  std::vector<int> order;
};
// Where the tensor is smaller than the tile its elements are held several times; where it is larger
// each thread holds further boxes. Errors: InvalidInput (a size that is no power of two, an order
// that is none, ranks that differ).
Result<LinearLayout> blockedLayout(const std::vector<std::int64_t> &shape, const BlockedTile &tile);

// A layout over dim0, dim1, ... made to fit a tensor: cut where it is larger (the elements wrap
// around), repeated in further registers, the fastest dimension first, where it is smaller. Sizes
// are powers of two.
LinearLayout coverShape(LinearLayout layout, const std::vector<std::int64_t> &shape,
                        const std::vector<int> &order);

// What is left of a layout when a reduction has removed a dimension: the dimensions above it move
// down, and registers that now hold what another one holds go.
LinearLayout slicedLayout(const LinearLayout &layout, int dim);

// Row-major shared memory (fastest dimension first in `order`, two dimensions) whose rows are
// permuted in vectors: offset o of row r holds the element of column
//   c = ((o / vector) ^ (r / rowsPerPhase % phases)) * vector + o % vector   (modulo the row's
//   length)
// so that a column of vectors touches different banks. phases 1: not swizzled. Errors:
// InvalidInput.
struct Swizzle {
  std::int64_t vector = 1, rowsPerPhase = 1, phases = 1;
};
Result<LinearLayout> swizzledLayout(const std::vector<std::int64_t> &shape,
                                    const std::vector<int> &order, const Swizzle &swizzle);

// --- matrix instructions
// -------------------------------------------------------------------------------

// The 16x8 accumulator of mma.sync m16n8k*, and of each 8 columns of wgmma (where the four warps of
// a group take 16 rows each). Source: PTX ISA, "Matrix Fragments for mma.m16n8k16".
LinearLayout nvidiaAccumulator();

// The operands of mma.sync m16n8k(256 / bits) for elements of `bits` bits (4 to 32): A is 16 x k, B
// is k x 8. Each 32-bit register holds neighbours along k. Source: as above, and its pages for
// other k.
enum class Operand { A, B };
LinearLayout nvidiaOperand(Operand operand, int bits);

// The accumulator of AMD's v_mfma with 32x32 or 16x16 results (64 lanes). Source: AMD CDNA3 ISA,
// "Dense Matrix Operations", output layouts.
LinearLayout mfmaAccumulator(int size);

// The 16x16 accumulator of v_wmma (32 lanes) of RDNA3 (gfx11) or RDNA4 (gfx12). Source: AMD's RDNA3
// and RDNA4 ISA, "Wave Matrix Multiply Accumulate".
LinearLayout wmmaAccumulator(int generation);

} // namespace lapidary
