"""Kernels that go wrong on a device, each in its own way."""
import triton
import triton.language as tl


@triton.jit
def fine(x_ptr, out_ptr, n, BLOCK: tl.constexpr):
    i = tl.program_id(0) * BLOCK + tl.arange(0, BLOCK)
    tl.store(out_ptr + i, tl.load(x_ptr + i, mask=i < n) + 1.0, mask=i < n)


@triton.jit
def spin(x_ptr, out_ptr, n, BLOCK: tl.constexpr):
    # Nobody ever changes what is waited for.
    while tl.atomic_add(out_ptr, 0.0) == 0.0:
        tl.atomic_add(x_ptr, 1.0)


@triton.jit
def far_store(x_ptr, out_ptr, n, far, BLOCK: tl.constexpr):
    i = tl.program_id(0) * BLOCK + tl.arange(0, BLOCK)
    tl.store(out_ptr + far + i, tl.load(x_ptr + i, mask=i < n), mask=i < n)


@triton.jit
def false_promise(x_ptr, out_ptr, n, shift, BLOCK: tl.constexpr):
    # `shift` is not what is promised of it, so that wide accesses begin between their words.
    i = tl.multiple_of(shift + tl.program_id(0) * BLOCK + tl.arange(0, BLOCK), 16)
    tl.store(out_ptr + i, tl.load(x_ptr + i) + 1.0)
