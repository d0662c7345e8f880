"""The sum of two vectors: the smallest kernel whose specializations are worth a look.

All three pointers and the length enter Triton's key. With 16-byte aligned storage and a length that
16 divides, every load and store can be a wide one; drop either and see what remains.
"""
import triton
import triton.language as tl


@triton.jit
def vector_add(x_ptr, y_ptr, out_ptr, n, BLOCK: tl.constexpr):
    pid = tl.program_id(0)
    offs = pid * BLOCK + tl.arange(0, BLOCK)
    mask = offs < n
    x = tl.load(x_ptr + offs, mask=mask)
    y = tl.load(y_ptr + offs, mask=mask)
    tl.store(out_ptr + offs, x + y, mask=mask)
