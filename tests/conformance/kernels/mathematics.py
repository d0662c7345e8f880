"""Functions of one element: what has an instruction, what is approximated, and integers."""
import triton
import triton.language as tl
from triton.language.extra import libdevice


@triton.jit
def functions(x_ptr, out_ptr, N: tl.constexpr):
    at = tl.arange(0, N)
    x = tl.load(x_ptr + at)
    positive = tl.abs(x) + 0.125
    tl.store(out_ptr + at, tl.exp(x))
    tl.store(out_ptr + N + at, tl.exp2(x))
    tl.store(out_ptr + 2 * N + at, tl.log(positive))
    tl.store(out_ptr + 3 * N + at, tl.log2(positive))
    tl.store(out_ptr + 4 * N + at, tl.sin(x))
    tl.store(out_ptr + 5 * N + at, tl.cos(x))
    tl.store(out_ptr + 6 * N + at, tl.sqrt(positive))
    tl.store(out_ptr + 7 * N + at, tl.rsqrt(positive))
    tl.store(out_ptr + 8 * N + at, tl.erf(x))
    tl.store(out_ptr + 9 * N + at, tl.floor(x * 4) + tl.ceil(x) * 16)
    tl.store(out_ptr + 10 * N + at, tl.sigmoid(x))
    tl.store(out_ptr + 11 * N + at, tl.fma(x, positive, x))


@triton.jit
def exact(x_ptr, y_ptr, out_ptr, N: tl.constexpr):
    at = tl.arange(0, N)
    x = tl.load(x_ptr + at)
    y = tl.load(y_ptr + at)
    tl.store(out_ptr + at, tl.div_rn(x, y))
    tl.store(out_ptr + N + at, tl.sqrt_rn(tl.abs(y)))
    tl.store(out_ptr + 2 * N + at, tl.fdiv(x, y))
    tl.store(out_ptr + 3 * N + at, tl.clamp(x, -0.5, 0.75))
    tl.store(out_ptr + 4 * N + at, tl.maximum(x, y) + tl.minimum(x, -y))


@triton.jit
def library(x_ptr, out_ptr, N: tl.constexpr):
    at = tl.arange(0, N)
    x = tl.load(x_ptr + at)
    inside = x / (1 + tl.abs(x))
    positive = tl.abs(x) + 0.5
    tl.store(out_ptr + at, libdevice.tanh(x))
    tl.store(out_ptr + N + at, libdevice.pow(positive, x))
    tl.store(out_ptr + 2 * N + at, libdevice.asin(inside) + libdevice.acos(inside))
    tl.store(out_ptr + 3 * N + at, libdevice.atan(x))
    tl.store(out_ptr + 4 * N + at, libdevice.atan2(x, positive))
    tl.store(out_ptr + 5 * N + at, libdevice.sinh(x) + libdevice.cosh(x))
    tl.store(out_ptr + 6 * N + at, libdevice.log1p(positive))
    tl.store(out_ptr + 7 * N + at, libdevice.expm1(x))
    tl.store(out_ptr + 8 * N + at, libdevice.tan(inside))
    tl.store(out_ptr + 9 * N + at, libdevice.cbrt(x))
    tl.store(out_ptr + 10 * N + at, libdevice.rint(x * 3) + libdevice.trunc(x) + libdevice.round(x * 2))
    tl.store(out_ptr + 11 * N + at, libdevice.copysign(positive, x) + libdevice.fmod(x * 8, positive))
    tl.store(out_ptr + 12 * N + at, libdevice.asinh(x) + libdevice.atanh(inside) + libdevice.acosh(positive + 1))
    tl.store(out_ptr + 13 * N + at, libdevice.log10(positive) + libdevice.exp10(inside) + libdevice.hypot(x, positive))
    tl.store(out_ptr + 14 * N + at, libdevice.erfc(x))


@triton.jit
def integers(x_ptr, y_ptr, out_ptr, N: tl.constexpr):
    at = tl.arange(0, N)
    x = tl.load(x_ptr + at)
    y = tl.load(y_ptr + at)
    tl.store(out_ptr + at, x // y)
    tl.store(out_ptr + N + at, x % y)
    tl.store(out_ptr + 2 * N + at, (x & y) | (x ^ 21))
    tl.store(out_ptr + 3 * N + at, (x << 2) - (x >> 1))
    tl.store(out_ptr + 4 * N + at, tl.minimum(x, y) * tl.maximum(x, y))
    tl.store(out_ptr + 5 * N + at, tl.where(x < y, x, -y) + tl.abs(x) + tl.cdiv(x, y))


@triton.jit
def wide_products(x_ptr, y_ptr, out_ptr, seed, N: tl.constexpr):
    at = tl.arange(0, N)
    x = tl.load(x_ptr + at)
    y = tl.load(y_ptr + at)
    tl.store(out_ptr + at, tl.umulhi(x, y))
    tl.store(out_ptr + N + at, tl.randint(seed, at))
    tl.store(out_ptr + 2 * N + at, (tl.rand(seed, at) * 1000).to(tl.int32))
