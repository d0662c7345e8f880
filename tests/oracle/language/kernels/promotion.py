"""The type and value of every operator on every pair of types, tiles and scalars, with literals, and of casts."""
import triton
import triton.language as tl

TYPES = ["i1", "i8", "i16", "i32", "i64", "u8", "u16", "u32", "u64", "fp8e5", "fp16", "bf16", "fp32", "fp64"]
COUNT = tl.constexpr(16)


@triton.jit
def keep(out, slot: tl.constexpr, value):
    """Writes the values, widened, and after them what type they have."""
    lanes = tl.arange(0, COUNT)
    base = out + slot * (COUNT + 1)
    kind: tl.constexpr = value.dtype.primitive_bitwidth
    if value.dtype.is_floating():
        wide = value.to(tl.float32).to(tl.float64)
        tl.store(base + lanes, wide.to(tl.int64, bitcast=True))
        if value.dtype.is_fp64():
            tl.store(base + lanes, value.to(tl.int64, bitcast=True))
        if value.dtype.is_bf16():
            tl.store(base + COUNT, kind + 1000)
        else:
            tl.store(base + COUNT, kind + 2000)
    else:
        tl.store(base + lanes, value.to(tl.int64))
        if value.dtype.is_int_unsigned():
            tl.store(base + COUNT, kind + 3000)
        else:
            tl.store(base + COUNT, kind)


@triton.jit
def operators(x, y, out, OPS: tl.constexpr):
    if OPS & 1:
        keep(out, 0, x + y)
    if OPS & 2:
        keep(out, 1, x - y)
    if OPS & 4:
        keep(out, 2, x * y)
    if OPS & 8:
        keep(out, 3, x / y)
    if OPS & 16:
        keep(out, 4, x // y)
    if OPS & 32:
        keep(out, 5, x % y)
    if OPS & 64:
        keep(out, 6, x < y)
    if OPS & 128:
        keep(out, 7, x <= y)
    if OPS & 256:
        keep(out, 8, x > y)
    if OPS & 512:
        keep(out, 9, x >= y)
    if OPS & 1024:
        keep(out, 10, x == y)
    if OPS & 2048:
        keep(out, 11, x != y)
    if OPS & 4096:
        keep(out, 12, x & y)
    if OPS & 8192:
        keep(out, 13, x | y)
    if OPS & 16384:
        keep(out, 14, x ^ y)
    if OPS & 32768:
        keep(out, 15, tl.maximum(x, y))
    if OPS & 65536:
        keep(out, 16, tl.minimum(x, y))
    if OPS & 131072:
        keep(out, 17, tl.where(x > y, x, y))


@triton.jit
def tiles(p, q, out, OPS: tl.constexpr):
    lanes = tl.arange(0, COUNT)
    operators(tl.load(p + lanes), tl.load(q + lanes), out, OPS)


@triton.jit
def tile_and_scalar(p, q, out, OPS: tl.constexpr):
    operators(tl.load(p + tl.arange(0, COUNT)), tl.load(q), out, OPS)


@triton.jit
def scalar_and_tile(p, q, out, OPS: tl.constexpr):
    operators(tl.load(p), tl.load(q + tl.arange(0, COUNT)), out, OPS)


@triton.jit
def literals(p, out, OPS: tl.constexpr):
    x = tl.load(p + tl.arange(0, COUNT))
    if OPS & 1:
        keep(out, 0, x + 3)
    if OPS & 2:
        keep(out, 1, 3 - x)
    if OPS & 4:
        keep(out, 2, x * 2.5)
    if OPS & 8:
        keep(out, 3, x / 3)
    if OPS & 16:
        keep(out, 4, x // 3)
    if OPS & 32:
        keep(out, 5, x % 7)
    if OPS & 64:
        keep(out, 6, x < 5)
    if OPS & 128:
        keep(out, 7, x == 0.5)
    if OPS & 256:
        keep(out, 8, x & 3)
    if OPS & 512:
        keep(out, 9, tl.maximum(x, 0))
    if OPS & 1024:
        keep(out, 10, tl.where(x > 0, x, 0.0))
    if OPS & 2048:
        keep(out, 11, x + True)
    if OPS & 4096:
        keep(out, 12, x + (-1))
    if OPS & 8192:
        keep(out, 13, x + 300)
    if OPS & 16384:
        keep(out, 14, x * 3000000000)
    if OPS & 32768:
        keep(out, 15, x + 1e300)
    if OPS & 65536:
        keep(out, 16, -x)
    if OPS & 131072:
        keep(out, 17, ~x)
    if OPS & 262144:
        keep(out, 18, x / 2.0)
    if OPS & 524288:
        keep(out, 19, x >> 1)
    if OPS & 1048576:
        keep(out, 20, x << 2)
    if OPS & 2097152:
        keep(out, 21, tl.abs(x))
    if OPS & 4194304:
        keep(out, 22, 1.0 / x)
    if OPS & 8388608:
        keep(out, 23, x + 5000000000000)
    if OPS & 16777216:
        keep(out, 24, x >= -1)
    if OPS & 33554432:
        keep(out, 25, 7.0 - x)
    if OPS & 67108864:
        keep(out, 26, x + (-7))
    if OPS & 134217728:
        keep(out, 27, x % 5)
    if OPS & 268435456:
        keep(out, 28, +x)
    if OPS & 536870912:
        keep(out, 29, not x)


@triton.jit
def casts(p, out, BITS: tl.constexpr, OPS: tl.constexpr):
    x = tl.load(p + tl.arange(0, COUNT))
    if OPS & 1:
        keep(out, 0, x.to(tl.int1, bitcast=BITS))
    if OPS & 2:
        keep(out, 1, x.to(tl.int8, bitcast=BITS))
    if OPS & 4:
        keep(out, 2, x.to(tl.int16, bitcast=BITS))
    if OPS & 8:
        keep(out, 3, x.to(tl.int32, bitcast=BITS))
    if OPS & 16:
        keep(out, 4, x.to(tl.int64, bitcast=BITS))
    if OPS & 32:
        keep(out, 5, x.to(tl.uint8, bitcast=BITS))
    if OPS & 64:
        keep(out, 6, x.to(tl.uint16, bitcast=BITS))
    if OPS & 128:
        keep(out, 7, x.to(tl.uint32, bitcast=BITS))
    if OPS & 256:
        keep(out, 8, x.to(tl.uint64, bitcast=BITS))
    if OPS & 512:
        keep(out, 9, x.to(tl.float8e5, bitcast=BITS))
    if OPS & 1024:
        keep(out, 10, x.to(tl.float16, bitcast=BITS))
    if OPS & 2048:
        keep(out, 11, x.to(tl.bfloat16, bitcast=BITS))
    if OPS & 4096:
        keep(out, 12, x.to(tl.float32, bitcast=BITS))
    if OPS & 8192:
        keep(out, 13, x.to(tl.float64, bitcast=BITS))
    if OPS & 16384:
        keep(out, 14, x.to(tl.float8e4nv, bitcast=BITS))


@triton.jit
def reductions(p, out, OPS: tl.constexpr):
    x = tl.load(p + tl.arange(0, COUNT))
    if OPS & 1:
        keep(out, 0, tl.sum(x, 0))
    if OPS & 2:
        keep(out, 1, tl.max(x, 0))
    if OPS & 4:
        keep(out, 2, tl.min(x, 0))
    if OPS & 8:
        keep(out, 3, tl.argmax(x, 0))
    if OPS & 16:
        keep(out, 4, tl.argmin(x, 0))
    if OPS & 32:
        keep(out, 5, tl.xor_sum(x, 0))
    if OPS & 64:
        keep(out, 6, tl.cumsum(x, 0))
    if OPS & 128:
        keep(out, 7, tl.sum(x, 0, dtype=tl.float32))
    if OPS & 256:
        keep(out, 8, tl.sort(x))
    if OPS & 512:
        keep(out, 9, tl.flip(x, 0))


CASES = []


def arrays(left, right):
    """A range for each that holds no quotient without a value, and no float beyond an integer's range."""
    def of(dtype, divides):
        if dtype == "i1":
            return f"*i1[16]{' 1:1' if divides else ''}"
        signed = dtype[0] != "u"
        if divides:
            return f"*{dtype}[16] {1}:{100}"
        return f"*{dtype}[16] {-100 if signed else 0}:{100}"
    return {"p": of(left, False), "q": of(right, True)}


def PAIRS():
    out = "*i64[544] zeros"
    for left in TYPES:
        for right in TYPES:
            yield f"tiles.{left}.{right}", "tiles", dict(arrays(left, right), out=out), "OPS", 18, {}
    for left, right in [("i8", "i32"), ("i32", "i8"), ("u8", "i32"), ("fp16", "fp32"), ("fp32", "fp16"), ("i32", "fp16"),
                        ("bf16", "fp32"), ("i64", "i32"), ("i32", "u32"), ("fp16", "bf16"), ("i1", "i32"),
                        ("fp32", "fp64"), ("u64", "i64"), ("i16", "u8")]:
        pair = dict(arrays(left, right), out=out)
        # A tile is divided by one number through its reciprocal: another last bit.
        yield f"tile_and_scalar.{left}.{right}", "tile_and_scalar", pair, "OPS", 18, {"plain": None}
        yield f"scalar_and_tile.{left}.{right}", "scalar_and_tile", pair, "OPS", 18, {}
    for dtype in TYPES:
        p = arrays(dtype, dtype)["q"]
        yield f"literals.{dtype}", "literals", dict(p=p, out=out), "OPS", 30, {}
        yield f"casts.{dtype}", "casts", dict(p=p, out=out, BITS=False), "OPS", 15, {}
        yield f"bitcasts.{dtype}", "casts", dict(p=p, out=out, BITS=True), "OPS", 15, {}
        yield f"reductions.{dtype}", "reductions", dict(p=p, out=out), "OPS", 10, {}
