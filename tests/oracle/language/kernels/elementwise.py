"""Mathematics, bits, conversions and random numbers, one element at a time."""
import triton
import triton.language as tl
from triton.language.extra import libdevice


@triton.jit
def exponentials(p, q, B: tl.constexpr):
    o = tl.arange(0, B)
    v = tl.load(p + o)
    tl.store(q + o, tl.exp(v) + tl.exp2(v) + tl.math.exp(v) + v.exp() + tl.math.exp2(v * 0.5))


@triton.jit
def logarithms(p, q, B: tl.constexpr):
    o = tl.arange(0, B)
    v = tl.load(p + o)
    tl.store(q + o, tl.log(v) + tl.log2(v) + v.log())


@triton.jit
def waves(p, q, B: tl.constexpr):
    o = tl.arange(0, B)
    v = tl.load(p + o)
    tl.store(q + o, tl.sin(v) + tl.cos(v) * 2 + v.sin())


@triton.jit
def roots(p, q, B: tl.constexpr):
    o = tl.arange(0, B)
    v = tl.load(p + o)
    tl.store(q + o, tl.sqrt(v) + tl.rsqrt(v) + v.sqrt())


@triton.jit
def exact(p, q, B: tl.constexpr):
    o = tl.arange(0, B)
    v = tl.load(p + o)
    tl.store(q + o, tl.sqrt_rn(v) + tl.div_rn(v, 3.0) + tl.fdiv(v, 7.0) + tl.math.fdiv(v, v + 1, ieee_rounding=True))


@triton.jit
def roundings(p, q, B: tl.constexpr):
    o = tl.arange(0, B)
    v = tl.load(p + o) * 10
    tl.store(q + o, tl.floor(v) + tl.ceil(v) * 100 + v.floor() + tl.abs(v))


@triton.jit
def fused(p, q, B: tl.constexpr):
    o = tl.arange(0, B)
    v = tl.load(p + o)
    tl.store(q + o, tl.fma(v, 2.0, v * v) + tl.erf(v) + tl.math.fma(v, v, v))


@triton.jit
def clamps(p, q, low, B: tl.constexpr):
    o = tl.arange(0, B)
    v = tl.load(p + o)
    w = tl.clamp(v, 0.0, 1.0) + tl.clamp(v, low, 3.0, propagate_nan=tl.PropagateNan.ALL)
    tl.store(q + o, w + tl.maximum(v, 0.5) - tl.minimum(v, low))


@triton.jit
def nan_rules(p, r, q, B: tl.constexpr):
    o = tl.arange(0, B)
    x = tl.load(p + o)
    y = tl.load(r + o)
    tl.store(q + o, tl.maximum(x, y))
    tl.store(q + B + o, tl.minimum(x, y, propagate_nan=tl.PropagateNan.ALL))
    tl.store(q + 2 * B + o, tl.where(x < y, 1.0, tl.where(x == y, 2.0, tl.where(x != x, 3.0, 4.0))))


@triton.jit
def wheres(p, q, n, B: tl.constexpr):
    o = tl.arange(0, B)
    v = tl.load(p + o)
    tl.store(q + o, tl.where(v > 0, v, -v) + tl.where(n > 3, v, 0) + tl.where(o < n, 1, 2.5))


@triton.jit
def integer_division(p, r, q, B: tl.constexpr):
    o = tl.arange(0, B)
    x = tl.load(p + o)
    y = tl.load(r + o)
    tl.store(q + o, x // y * 10 + x % y)
    tl.store(q + B + o, (x / y).to(tl.int32) + tl.cdiv(x, y))


@triton.jit
def bits(p, r, q, B: tl.constexpr):
    o = tl.arange(0, B)
    x = tl.load(p + o)
    y = tl.load(r + o)
    tl.store(q + o, (x & y) | (x ^ 3))
    tl.store(q + B + o, (x << 2) + (x >> 1) + ~y)
    tl.store(q + 2 * B + o, -x)


@triton.jit
def high_products(p, r, q, B: tl.constexpr):
    o = tl.arange(0, B)
    tl.store(q + o, tl.umulhi(tl.load(p + o), tl.load(r + o)))


@triton.jit
def booleans(p, r, q, B: tl.constexpr):
    o = tl.arange(0, B)
    x = tl.load(p + o)
    y = tl.load(r + o)
    m = (x & y) | (~x & (o > 3)) ^ y
    tl.store(q + o, m)
    tl.store(q + B + o, x.logical_and(y).logical_or(o == 2))


@triton.jit
def overflow(p, q, B: tl.constexpr):
    o = tl.arange(0, B)
    v = tl.load(p + o)
    tl.store(q + o, v * v + 2147483647)


@triton.jit
def casts_rounded(p, q, r, B: tl.constexpr):
    o = tl.arange(0, B)
    v = tl.load(p + o)
    tl.store(q + o, v.to(tl.float16, fp_downcast_rounding="rtz"))
    tl.store(q + B + o, tl.cast(v, tl.float16, fp_downcast_rounding="rtne"))
    tl.store(r + o, v.to(tl.bfloat16))


@triton.jit
def casts_to_bits(p, q, B: tl.constexpr):
    o = tl.arange(0, B)
    v = tl.load(p + o)
    b = v.to(tl.int32, bitcast=True)
    tl.store(q + o, ((b & 0x7FFFFFFF) | 0x40000000).to(tl.float32, bitcast=True))


@triton.jit
def casts_saturate(p, q, B: tl.constexpr):
    o = tl.arange(0, B)
    v = tl.load(p + o)
    tl.store(q + o, v.to(tl.int8).to(tl.int32) + v.to(tl.uint8).to(tl.int32) + v.to(tl.int1))


@triton.jit
def eight_bits(p, q, r, T: tl.constexpr, B: tl.constexpr):
    o = tl.arange(0, B)
    narrow = tl.load(p + o).to(T)
    tl.store(q + o, narrow.to(tl.uint8, bitcast=True))
    tl.store(r + o, narrow.to(tl.float32))


@triton.jit
def to_element_type(p, q, B: tl.constexpr):
    o = tl.arange(0, B)
    v = tl.load(p + o).to(tl.float32)
    tl.store(q + o, (v * 1.5).to(q.dtype.element_ty))


@triton.jit
def implicit_store_cast(p, q, B: tl.constexpr):
    o = tl.arange(0, B)
    tl.store(q + o, tl.load(p + o))


@triton.jit
def scalars(q, a, b, c, d, f, B: tl.constexpr):
    o = tl.arange(0, B)
    tl.store(q + o, a + b * 2 + c.to(tl.float32) + d / 3 + f)
    tl.store(q + B, (a + 1).to(tl.float32) * (b - 1))


@triton.jit
def power_of_constants(q, N: tl.constexpr, B: tl.constexpr):
    tl.store(q + tl.arange(0, B), N**2 + (N / 4) + (N // 3) + (N % 3) + (N << 2) + (N >> 1) + (N & 5) + (N ^ 3) - (-N))


@triton.jit
def random_numbers(q, seed, B: tl.constexpr):
    o = tl.arange(0, B)
    tl.store(q + o, tl.rand(seed, o))
    tl.store(q + B + o, tl.randn(seed, o + 100))
    a, b, c, d = tl.rand4x(seed, o)
    tl.store(q + 2 * B + o, a + b + c + d)
    e, f, g, h = tl.randn4x(seed, o)
    tl.store(q + 3 * B + o, e + f + g + h)


@triton.jit
def random_integers(q, seed, B: tl.constexpr):
    o = tl.arange(0, B)
    tl.store(q + o, tl.randint(seed, o))
    a, b, c, d = tl.randint4x(seed, o, n_rounds=7)
    tl.store(q + B + o, a ^ b ^ c ^ d)


@triton.jit
def philox_directly(q, seed, B: tl.constexpr):
    o = tl.arange(0, B).to(tl.uint32)
    a, b, c, d = tl.philox(seed, o, o + 1, 0 * o, 3 + 0 * o)
    tl.store(q + tl.arange(0, B), (a ^ b ^ c ^ d).to(tl.int32, bitcast=True))


@triton.jit
def library(p, q, B: tl.constexpr):
    o = tl.arange(0, B)
    v = tl.load(p + o)
    w = libdevice.tanh(v) + libdevice.pow(v, 2.0) + libdevice.rint(v) + libdevice.erf(v)
    tl.store(q + o, w + libdevice.log1p(v) + libdevice.atan2(v, w) + libdevice.expm1(v) + libdevice.acos(v * 0.1))


@triton.jit
def library_questions(p, q, B: tl.constexpr):
    o = tl.arange(0, B)
    v = tl.load(p + o)
    tl.store(q + o, libdevice.isnan(v).to(tl.int32) + 2 * libdevice.isinf(v).to(tl.int32))


@triton.jit
def literals(p, q, B: tl.constexpr):
    o = tl.arange(0, B)
    v = tl.load(p + o)
    tl.store(q + o, v + 0x10 + 1_000 + 1e3 + 0b11 + float("inf") * 0.0 if B < 4 else v + True - 0.5)


E = "*fp32[64] edges"
P, POS, OUT = "*fp32[64]", "*fp32[64] 0.1:4", "*fp32[256] zeros"
B = {"B": 64}
LOOSE = {"plain": 1e-4}
CASES = [
    ("exponentials", {"p": P, "q": OUT, **B}, LOOSE), ("exponentials", {"p": "*fp64[64]", "q": "*fp64[64] zeros", **B}),
    ("logarithms", {"p": POS, "q": OUT, **B}), ("waves", {"p": P, "q": OUT, **B}), ("roots", {"p": POS, "q": OUT, **B}),
    ("exact", {"p": POS, "q": OUT, **B}), ("roundings", {"p": P, "q": OUT, **B}), ("fused", {"p": P, "q": OUT, **B}),
    ("clamps", {"p": P, "q": OUT, "low": ("fp32", -0.5), **B}), ("nan_rules", {"p": E, "r": P, "q": OUT, **B}),
    ("clamps", {"p": "*fp16[64]", "q": "*fp16[256] zeros", "low": ("fp32", -0.5), **B}, {"plain": 1e-2}),
    ("nan_rules", {"p": "*fp16[64] edges", "r": "*fp16[64]", "q": "*fp16[256] zeros", **B}),
    ("nan_rules", {"p": P, "r": E, "q": OUT, **B}), ("wheres", {"p": P, "q": OUT, "n": ("i32", 9), **B}),
    *[("integer_division", {"p": f"*{t}[64]", "r": f"*{t}[64] 1:9", "q": "*i32[256] zeros", **B})
      for t in ("i32", "i64", "u32", "i8", "u8", "i16")],
    *[("bits", {"p": f"*{t}[64]", "r": f"*{t}[64]", "q": f"*{t}[256] zeros", **B}) for t in ("i32", "i8", "u16", "i64")],
    ("high_products", {"p": "*u32[64] 0:4000000000", "r": "*u32[64] 0:4000000000", "q": "*u32[64] zeros", **B}),
    ("high_products", {"p": "*i64[64] 0:4000000000000000000", "r": "*i64[64] 0:4000000000000000000",
                       "q": "*i64[64] zeros", **B}),
    ("booleans", {"p": "*i1[64]", "r": "*i1[64]", "q": "*i1[256] zeros", **B}),
    ("overflow", {"p": "*i32[64] -2000000000:2000000000", "q": "*i32[64] zeros", **B}),
    ("casts_rounded", {"p": P, "q": "*fp16[256] zeros", "r": "*bf16[64] zeros", **B}),
    ("casts_to_bits", {"p": P, "q": OUT, **B}),
    ("casts_saturate", {"p": "*fp32[64] 0:100", "q": "*i32[64] zeros", **B}),
    *[("eight_bits", {"p": P, "q": "*u8[64] zeros", "r": OUT, "T": t, **B}) for t in (tl.float8e4nv, tl.float8e5)],
    *[("to_element_type", {"p": f"*{a}[64]", "q": f"*{b}[64] zeros", **B})
      for a, b in (("fp16", "fp16"), ("bf16", "fp32"), ("fp32", "bf16"), ("i32", "fp16"), ("fp8e5", "fp16"))],
    *[("implicit_store_cast", {"p": f"*{a}[64]", "q": f"*{b}[64] zeros", **B})
      for a, b in (("fp32", "fp16"), ("i64", "i8"), ("i32", "fp32"), ("fp16", "i32"), ("u8", "fp64"), ("i1", "i32"))],
    ("scalars", {"q": OUT, "a": ("i32", 7), "b": ("fp32", 0.1), "c": ("i64", 1 << 40), "d": ("i16", -5),
                 "f": ("fp64", 0.7), **B}),
    ("power_of_constants", {"q": OUT, "N": 13, **B}),
    *[("random_numbers", {"q": OUT, "seed": (t, 123456789), **B}) for t in ("i32", "i64")],
    *[("random_integers", {"q": "*i32[256] zeros", "seed": (t, 99), **B}) for t in ("i32", "i64")],
    ("philox_directly", {"q": "*i32[64] zeros", "seed": ("i64", 77), **B}),
    ("library", {"p": POS, "q": OUT, **B}, LOOSE), ("library_questions", {"p": E, "q": "*i32[64] zeros", **B}, {"plain": None}),
    ("literals", {"p": P, "q": OUT, **B}),
]
