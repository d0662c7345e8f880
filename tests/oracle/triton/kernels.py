"""What taking a kernel out of its file must get right: helpers under other names, constants, defaults, decorators."""
import triton
import triton.language as tl
from triton.language import load as fetch
from triton.language.extra import libdevice

SCALE: tl.constexpr = tl.constexpr(2.5)
TYPE = tl.constexpr(tl.float16)
SIZES = tl.constexpr((4, 8))


@triton.jit
def doubled(x):
    # a comment that belongs to the helper
    return x + x


twice = doubled


@triton.jit(noinline=True)
def apart(x, y):
    return x * y


@triton.autotune(
    configs=[triton.Config({"BLOCK": 128}, num_warps=4), triton.Config({"BLOCK": 256}, num_warps=8)],
    key=["n"],
)
@triton.heuristics({"EVEN": lambda args: args["n"] % args["BLOCK"] == 0})
@triton.jit(do_not_specialize=["seed"])
def tuned(x_ptr, y_ptr, n, seed, scale: tl.float32, BLOCK: tl.constexpr, EVEN: tl.constexpr):
    o = tl.program_id(0) * BLOCK + tl.arange(0, BLOCK)
    if EVEN:
        x = fetch(x_ptr + o)
    else:
        x = fetch(x_ptr + o, mask=o < n, other=0.0)
    y = twice(x) * scale + SCALE
    tl.store(y_ptr + o, y.to(TYPE), mask=o < n)


@triton.jit
def library(x_ptr, n, BLOCK: tl.constexpr = 64):
    o = tl.arange(0, BLOCK)
    x = tl.load(x_ptr + o, mask=o < n)
    tl.store(x_ptr + o, libdevice.log1p(x), mask=o < n)


@triton.jit
def sized(x_ptr):
    tl.store(x_ptr + tl.arange(0, SIZES[1]), SIZES[0])


@triton.jit
def reduced(x_ptr, out_ptr, n, BLOCK: tl.constexpr):
    """Docstrings stay where they are."""
    o = tl.arange(0, BLOCK)
    x = tl.load(x_ptr + o, mask=o < n, other=0.0)
    total = tl.reduce(x, 0, combine)
    tl.store(out_ptr, apart(total, tl.sum(x)))


@triton.jit
def combine(a, b):
    return a + b
