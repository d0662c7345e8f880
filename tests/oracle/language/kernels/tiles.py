"""Shapes, reductions, scans, gathers, sorting."""
import triton
import triton.language as tl


@triton.jit
def grid2(BM: tl.constexpr, BN: tl.constexpr):
    return tl.arange(0, BM)[:, None] * BN + tl.arange(0, BN)[None, :]


@triton.jit
def transposes(p, q, BM: tl.constexpr, BN: tl.constexpr):
    v = tl.load(p + grid2(BM, BN))
    at = grid2(BN, BM)
    tl.store(q + at, tl.trans(v) + v.T * 2 + tl.permute(v, (1, 0)) * 3 + v.trans(1, 0) + v.permute(1, 0))


@triton.jit
def reshapes(p, q, BM: tl.constexpr, BN: tl.constexpr):
    v = tl.load(p + grid2(BM, BN))
    flat = tl.reshape(v, (BM * BN,)) + tl.ravel(v) + v.reshape(BM * BN)
    back = flat.reshape(BN, BM) + tl.reshape(flat, [BN, BM])
    tl.store(q + grid2(BN, BM), back)


@triton.jit
def three_dimensions(p, q, A: tl.constexpr, B: tl.constexpr, C: tl.constexpr):
    at = tl.arange(0, A)[:, None, None] * (B * C) + tl.arange(0, B)[None, :, None] * C + tl.arange(0, C)[None, None, :]
    v = tl.load(p + at)
    w = tl.permute(v, (2, 0, 1))
    to = tl.arange(0, C)[:, None, None] * (A * B) + tl.arange(0, A)[None, :, None] * B + tl.arange(0, B)[None, None, :]
    tl.store(q + to, w + tl.sum(v, 1).trans(1, 0)[:, :, None])


@triton.jit
def broadcasts(p, q, BM: tl.constexpr, BN: tl.constexpr):
    r = tl.load(p + tl.arange(0, BM))
    wide = tl.broadcast_to(r[:, None], (BM, BN))
    more = tl.expand_dims(r, 1) + tl.zeros((1, BN), tl.float32) + tl.full([BM, BN], 3, tl.float32)
    x, y = tl.broadcast(r[:, None], tl.arange(0, BN)[None, :])
    tl.store(q + grid2(BM, BN), wide + more + tl.zeros_like(more) + x * y + r[:, None].broadcast_to(BM, BN))


@triton.jit
def joins(p, q, B: tl.constexpr):
    o = tl.arange(0, B)
    a = tl.load(p + o)
    b = tl.load(p + B + o)
    j = tl.join(a, b)
    x, y = tl.split(j * 2)
    z, w = j.split()
    tl.store(q + tl.arange(0, 2 * B), tl.interleave(x, y))
    tl.store(q + 2 * B + o, z - w)


@triton.jit
def concatenates(p, q, B: tl.constexpr):
    o = tl.arange(0, B)
    both = tl.cat(tl.load(p + o), tl.load(p + B + o), can_reorder=True)
    tl.store(q, tl.sum(both, 0))


@triton.jit
def slices(p, q, BM: tl.constexpr, BN: tl.constexpr):
    v = tl.load(p + tl.arange(0, BM))
    w = v[None, :][:, :, None]
    u = w.reshape(BM)[:]
    tl.store(q + grid2(BM, BN), u[:, None] + tl.arange(0, BN)[None])


@triton.jit
def gathers(p, i, q, BM: tl.constexpr, BN: tl.constexpr):
    at = grid2(BM, BN)
    v = tl.load(p + at)
    index = tl.load(i + at)
    tl.store(q + at, tl.gather(v, index, 1) + v.gather(index % BM, 0))


@triton.jit
def sums(p, q, BM: tl.constexpr, BN: tl.constexpr):
    v = tl.load(p + grid2(BM, BN))
    tl.store(q + tl.arange(0, BM), tl.sum(v, axis=1) + v.sum(1))
    tl.store(q + BM + tl.arange(0, BN), tl.sum(v, 0))
    tl.store(q + BM + BN, tl.sum(v))
    tl.store(q + grid2(BM, BN) + 128, v - tl.sum(v, axis=-1, keep_dims=True))


@triton.jit
def extremes(p, q, BM: tl.constexpr, BN: tl.constexpr):
    v = tl.load(p + grid2(BM, BN))
    tl.store(q + tl.arange(0, BM), tl.max(v, 1) - tl.min(v, axis=-1))
    tl.store(q + BM + tl.arange(0, BN), tl.max(v, 0, keep_dims=True).reshape(BN))
    tl.store(q + BM + BN, tl.max(v))


@triton.jit
def extremes_and_places(p, q, i, BM: tl.constexpr, BN: tl.constexpr):
    v = tl.load(p + grid2(BM, BN))
    value, index = tl.max(v, 1, return_indices=True)
    low, where = tl.min(v, axis=1, return_indices=True, return_indices_tie_break_left=False)
    o = tl.arange(0, BM)
    tl.store(q + o, value + low)
    tl.store(i + o, index * 1000 + where)
    tl.store(i + BM + o, tl.argmax(v, 1) + 100 * tl.argmin(v, 1, tie_break_left=False))
    tl.store(i + 2 * BM + o, tl.argmax(v, axis=1, keep_dims=True).reshape(BM))


@triton.jit
def bits_together(p, q, B: tl.constexpr):
    v = tl.load(p + tl.arange(0, B))
    tl.store(q, tl.xor_sum(v, 0))
    tl.store(q + 1, tl.reduce_or(v, 0))


@triton.jit
def add(a, b):
    return a + b


@triton.jit
def weighted(a, b):
    return a * 0.5 + b


@triton.jit
def best_pair(av, ai, bv, bi):
    take = (av > bv) | ((av == bv) & (ai < bi))
    return tl.where(take, av, bv), tl.where(take, ai, bi)


@triton.jit
def custom_reductions(p, q, BM: tl.constexpr, BN: tl.constexpr):
    v = tl.load(p + grid2(BM, BN))
    index = tl.broadcast_to(tl.arange(0, BN)[None, :], (BM, BN))
    tl.store(q + tl.arange(0, BM), tl.reduce(v, 1, add))
    a, b = tl.reduce((v, index), axis=1, combine_fn=best_pair, keep_dims=True)
    tl.store(q + BM + tl.arange(0, BM)[:, None], a + b)


@triton.jit
def reduce_everything(p, q, BM: tl.constexpr, BN: tl.constexpr):
    tl.store(q, tl.reduce(tl.load(p + grid2(BM, BN)), None, add))


@triton.jit
def scans(p, q, BM: tl.constexpr, BN: tl.constexpr):
    at = grid2(BM, BN)
    v = tl.load(p + at)
    tl.store(q + at, tl.cumsum(v, 1) + tl.cumsum(v, 0, reverse=True) + v.cumsum(axis=-1) + tl.cumprod(v * 0.1 + 1, 1))


@triton.jit
def custom_scans(p, q, B: tl.constexpr):
    o = tl.arange(0, B)
    v = tl.load(p + o)
    a = tl.associative_scan(v, 0, add)
    b, c = tl.associative_scan((v, o), 0, best_pair, reverse=True)
    tl.store(q + o, a + b + c)


@triton.jit
def narrow_scans(p, q, B: tl.constexpr):
    o = tl.arange(0, B)
    v = tl.load(p + o)
    tl.store(q + o, tl.cumsum(v, 0) + tl.sum(v) + tl.cumsum(v, 0, dtype=tl.int64))


@triton.jit
def sorts(p, q, BM: tl.constexpr, BN: tl.constexpr):
    at = grid2(BM, BN)
    v = tl.load(p + at)
    tl.store(q + at, tl.sort(v) + tl.sort(v, dim=1, descending=True) * 2 + tl.flip(v, 0) + tl.flip(v, 1))


@triton.jit
def top(p, q, B: tl.constexpr, K: tl.constexpr):
    tl.store(q + tl.arange(0, K), tl.topk(tl.load(p + tl.arange(0, B)), K))


@triton.jit
def histograms(p, q, B: tl.constexpr, BINS: tl.constexpr):
    o = tl.arange(0, B)
    v = tl.load(p + o)
    tl.store(q + tl.arange(0, BINS), tl.histogram(v, BINS))
    tl.store(q + BINS + tl.arange(0, BINS), tl.histogram(v, BINS, mask=o < 10))


@triton.jit
def softmaxes(p, q, BM: tl.constexpr, BN: tl.constexpr):
    at = grid2(BM, BN)
    v = tl.load(p + at)
    tl.store(q + at, tl.softmax(v, 1, keep_dims=True) + tl.sigmoid(v) + tl.softmax(v, dim=0, keep_dims=True))


@triton.jit
def one_element(p, q, B: tl.constexpr):
    v = tl.load(p + tl.arange(0, 1))
    tl.store(q + tl.arange(0, B), v + tl.sum(v, 0) + tl.arange(0, B)[:, None].reshape(B))


@triton.jit
def introspection(p, q, B: tl.constexpr):
    v = tl.load(p + tl.arange(0, B)[:, None] + tl.arange(0, 4)[None, :])
    total: tl.constexpr = v.shape[0] * 10 + v.shape[1] + v.numel
    if v.dtype.is_floating() and p.dtype.element_ty == tl.float32 and p.type.element_ty.primitive_bitwidth == 32:
        tl.store(q, total)
    if p.dtype.is_ptr() and len(v.shape) == 2 and not v.dtype.is_int() and v.type.is_block():
        tl.store(q + 1, total + v.type.scalar.int_bitwidth if v.dtype.is_int() else total)


P = "*fp32[256]"
OUT = "*fp32[512] zeros"
S = {"BM": 8, "BN": 16}
CASES = [
    ("transposes", {"p": P, "q": OUT, **S}), ("reshapes", {"p": P, "q": OUT, **S}),
    ("three_dimensions", {"p": P, "q": OUT, "A": 4, "B": 8, "C": 2}),
    ("broadcasts", {"p": P, "q": OUT, **S}), ("joins", {"p": P, "q": OUT, "B": 16}),
    ("concatenates", {"p": "*i32[64]", "q": "*i32[4] zeros", "B": 16}), ("slices", {"p": P, "q": OUT, **S}),
    ("gathers", {"p": P, "i": "*i32[256] 0:16", "q": OUT, **S}),
    ("sums", {"p": P, "q": OUT, **S}), ("sums", {"p": "*bf16[256]", "q": OUT, **S}, {"plain": 2e-2}),
    ("sums", {"p": "*i8[256]", "q": "*i32[512] zeros", **S}), ("extremes", {"p": P, "q": OUT, **S}),
    ("extremes", {"p": "*u8[256]", "q": "*i32[512] zeros", **S}), ("extremes", {"p": "*fp16[256]", "q": OUT, **S}),
    ("extremes_and_places", {"p": "*i32[256] 0:5", "q": "*i32[512] zeros", "i": "*i32[64] zeros", **S}),
    ("extremes_and_places", {"p": P, "q": OUT, "i": "*i32[64] zeros", **S}),
    ("bits_together", {"p": "*i32[64]", "q": "*i32[4] zeros", "B": 64}),
    ("custom_reductions", {"p": P, "q": OUT, **S}), ("reduce_everything", {"p": P, "q": OUT, **S}),
    ("scans", {"p": P, "q": OUT, **S}), ("custom_scans", {"p": P, "q": OUT, "B": 64}),
    ("narrow_scans", {"p": "*i8[64]", "q": "*i64[64] zeros", "B": 64}),
    ("narrow_scans", {"p": "*u16[64]", "q": "*i64[64] zeros", "B": 64}), ("sorts", {"p": P, "q": OUT, **S}),
    ("top", {"p": P, "q": OUT, "B": 64, "K": 4}),
    ("histograms", {"p": "*i32[64] 0:16", "q": "*i32[32] zeros", "B": 64, "BINS": 16}),
    ("softmaxes", {"p": P, "q": OUT, **S}), ("one_element", {"p": P, "q": OUT, "B": 16}),
    ("introspection", {"p": P, "q": OUT, "B": 16}),
]
