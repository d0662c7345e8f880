"""Casts from the type of an argument to each of the others, and products of narrow operands."""
import triton
import triton.language as tl


@triton.jit
def cast_numbers(x_ptr, bytes_ptr, shorts_ptr, ints_ptr, longs_ptr, half_ptr, brain_ptr, float_ptr, double_ptr,
                 N: tl.constexpr):
    at = tl.arange(0, N)
    x = tl.load(x_ptr + at)
    tl.store(bytes_ptr + at, x.to(tl.int8))
    tl.store(shorts_ptr + at, x.to(tl.int16))
    tl.store(ints_ptr + at, x.to(tl.int32))
    tl.store(longs_ptr + at, x.to(tl.int64))
    tl.store(half_ptr + at, x.to(tl.float16))
    tl.store(brain_ptr + at, x.to(tl.bfloat16))
    tl.store(float_ptr + at, x.to(tl.float32) * 0.5)
    tl.store(double_ptr + at, x.to(tl.float64))


@triton.jit
def cast_to_bytes(x_ptr, e5_ptr, e4_ptr, down_ptr, back_ptr, N: tl.constexpr):
    at = tl.arange(0, N)
    x = tl.load(x_ptr + at)
    e5 = x.to(tl.float8e5)
    e4 = x.to(tl.float8e4nv)
    tl.store(e5_ptr + at, e5)
    tl.store(e4_ptr + at, e4)
    tl.store(back_ptr + at, e5.to(tl.float32) + e4.to(tl.float32))
    tl.store(down_ptr + at, x.to(tl.float32).to(tl.bfloat16, fp_downcast_rounding="rtz"))


@triton.jit
def cast_from_bytes(x_ptr, half_ptr, brain_ptr, float_ptr, N: tl.constexpr):
    at = tl.arange(0, N)
    x = tl.load(x_ptr + at)
    tl.store(half_ptr + at, x.to(tl.float16))
    tl.store(brain_ptr + at, x.to(tl.bfloat16))
    tl.store(float_ptr + at, x.to(tl.float32))


@triton.jit
def reinterpret(x_ptr, out_ptr, truth_ptr, N: tl.constexpr):
    at = tl.arange(0, N)
    x = tl.load(x_ptr + at)
    bits = x.to(tl.int32, bitcast=True)
    tl.store(out_ptr + at, (bits & 0x7fffffff).to(tl.float32, bitcast=True))
    tl.store(truth_ptr + at, bits < 0)


@triton.jit
def multiply(a_ptr, b_ptr, c_ptr, M: tl.constexpr, N: tl.constexpr, K: tl.constexpr):
    m, n, k = tl.arange(0, M), tl.arange(0, N), tl.arange(0, K)
    a = tl.load(a_ptr + m[:, None] * K + k[None, :])
    b = tl.load(b_ptr + k[:, None] * N + n[None, :])
    once = tl.dot(a, b)
    tl.store(c_ptr + m[:, None] * N + n[None, :], tl.dot(a, b, once))


@triton.jit
def multiply_batch(a_ptr, b_ptr, c_ptr, B: tl.constexpr, M: tl.constexpr, N: tl.constexpr, K: tl.constexpr):
    i, m, n, k = tl.arange(0, B), tl.arange(0, M), tl.arange(0, N), tl.arange(0, K)
    a = tl.load(a_ptr + (i[:, None, None] * M + m[None, :, None]) * K + k[None, None, :])
    b = tl.load(b_ptr + (i[:, None, None] * K + k[None, :, None]) * N + n[None, None, :])
    tl.store(c_ptr + (i[:, None, None] * M + m[None, :, None]) * N + n[None, None, :], tl.dot(a, b))
