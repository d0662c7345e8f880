"""Kernels in which several features meet."""
import triton
import triton.language as tl


@triton.jit
def complex_product(a, b, c, B: tl.constexpr):
    o = tl.arange(0, 2 * B)
    ar, ai = tl.split(tl.load(a + o).reshape(B, 2))
    br, bi = tl.split(tl.load(b + o).reshape(B, 2))
    tl.store(c + o, tl.join(ar * br - ai * bi, ar * bi + ai * br).reshape(2 * B))


@triton.jit
def larger(a, b):
    return tl.maximum(a, b)


@triton.jit
def running_maximum(x, y, n, B: tl.constexpr):
    row = tl.program_id(0)
    high = -float("inf")
    for start in range(0, n, B):
        o = start + tl.arange(0, B)
        v = tl.load(x + row * n + o, mask=o < n, other=-float("inf"))
        tl.store(y + row * n + o, tl.maximum(tl.associative_scan(v, 0, larger), high), mask=o < n)
        high = tl.maximum(high, tl.max(v))


@triton.jit
def moving_average(x, y, n, WIDTH: tl.constexpr, B: tl.constexpr):
    o = tl.program_id(0) * B + tl.arange(0, B)
    total = tl.zeros((B,), tl.float32)
    for k in tl.static_range(-(WIDTH // 2), WIDTH // 2 + 1):
        total += tl.load(x + o + k, mask=(o + k >= 0) & (o + k < n), other=0.0)
    tl.store(y + o, total / WIDTH, mask=o < n)


@triton.jit
def unpack_int4(packed, scale, y, GROUP: tl.constexpr, B: tl.constexpr):
    o = tl.arange(0, B)
    word = tl.load(packed + o // 8)
    code = (word >> (o % 8) * 4) & 0xF
    tl.store(y + o, (code - 8).to(tl.float16) * tl.load(scale + o // GROUP))


@triton.jit
def persistent(x, y, n, B: tl.constexpr):
    for tile in range(tl.program_id(0), tl.cdiv(n, B), tl.num_programs(0)):
        o = tile * B + tl.arange(0, B)
        tl.store(y + o, tl.load(x + o, mask=o < n) * tile, mask=o < n)


@triton.jit
def find_segment(starts, count, at):
    low = 0
    high = count
    while high - low > 1:
        middle = (low + high) // 2
        if tl.load(starts + middle) <= at:
            low = middle
        else:
            high = middle
    return low


@triton.jit
def segment_sums(x, starts, out, count, n):
    at = tl.program_id(0)
    if at < n:
        tl.atomic_add(out + find_segment(starts, count, at), tl.load(x + at))


@triton.jit
def upsample(x, y, H: tl.constexpr, W: tl.constexpr):
    o = tl.arange(0, 4 * H * W)
    r, c = o // (2 * W), o % (2 * W)
    fr = tl.clamp((r + 0.5) / 2 - 0.5, 0.0, H - 1.0)
    fc = tl.clamp((c + 0.5) / 2 - 0.5, 0.0, W - 1.0)
    r0, c0 = tl.floor(fr).to(tl.int32), tl.floor(fc).to(tl.int32)
    r1, c1 = tl.minimum(r0 + 1, H - 1), tl.minimum(c0 + 1, W - 1)
    wr, wc = fr - r0, fc - c0
    top = tl.load(x + r0 * W + c0) * (1 - wc) + tl.load(x + r0 * W + c1) * wc
    low = tl.load(x + r1 * W + c0) * (1 - wc) + tl.load(x + r1 * W + c1) * wc
    tl.store(y + o, top * (1 - wr) + low * wr)


@triton.jit
def sample(logits, out, seed, n, B: tl.constexpr):
    row = tl.program_id(0)
    o = tl.arange(0, B)
    noise = -tl.log(-tl.log(tl.rand(seed, row * n + o) * 0.99 + 0.005))
    v = tl.load(logits + row * n + o, mask=o < n, other=-float("inf")) + noise
    tl.store(out + row, tl.argmax(v, 0))


@triton.jit
def gate(logits, weight, expert, E: tl.constexpr, K: tl.constexpr):
    row = tl.program_id(0)
    o = tl.arange(0, E)
    v = tl.load(logits + row * E + o)
    p = tl.exp(v - tl.max(v, 0))
    p = p / tl.sum(p, 0)
    for k in tl.static_range(K):
        best, at = tl.max(p, 0, return_indices=True)
        tl.store(weight + row * K + k, best)
        tl.store(expert + row * K + k, at)
        p = tl.where(o == at, -1.0, p)


@triton.jit
def masked_mean(x, keep, out, M: tl.constexpr, N: tl.constexpr):
    at = tl.arange(0, M)[:, None] * N + tl.arange(0, N)[None, :]
    m = tl.load(keep + at)
    v = tl.where(m, tl.load(x + at), 0.0)
    count = tl.sum(m.to(tl.int32), 1)
    mean = tl.sum(v, 1) / tl.maximum(count, 1)
    var = tl.sum(tl.where(m, (v - mean[:, None]) * (v - mean[:, None]), 0.0), 1)
    tl.store(out + tl.arange(0, M), mean)
    tl.store(out + M + tl.arange(0, M), var)


@triton.jit
def half_products(a, b, c, B: tl.constexpr, T: tl.constexpr):
    r = tl.arange(0, B)
    at = r[:, None] * B + r[None, :]
    x = tl.load(a + at).to(T)
    y = tl.load(b + at).to(T)
    tl.store(c + at, tl.dot(x, y))


P, OUT = "*fp32[256]", "*fp32[256] zeros"
CASES = [
    ("complex_product", {"a": P, "b": P, "c": OUT, "B": 64}),
    ("running_maximum", {"x": P, "y": OUT, "n": ("i32", 60), "B": 16}, {"grid": (4,)}),
    ("moving_average", {"x": P, "y": OUT, "n": ("i32", 200), "WIDTH": 5, "B": 64}, {"grid": (4,)}),
    ("unpack_int4", {"packed": "*i32[16] -2000000000:2000000000", "scale": "*fp16[8] 0:1", "y": "*fp16[128] zeros",
                     "GROUP": 16, "B": 128}),
    ("persistent", {"x": P, "y": OUT, "n": ("i32", 250), "B": 16}, {"grid": (3,)}),
    ("segment_sums", {"x": P, "starts": "*i32[8] zeros", "out": OUT, "count": ("i32", 8), "n": ("i32", 100)},
     {"grid": (128,)}),
    ("upsample", {"x": "*fp32[64]", "y": OUT, "H": 8, "W": 8}),
    ("sample", {"logits": P, "out": "*i32[4] zeros", "seed": ("i32", 5), "n": ("i32", 60), "B": 64}, {"grid": (4,)}),
    ("gate", {"logits": P, "weight": OUT, "expert": "*i32[16] zeros", "E": 32, "K": 2}, {"grid": (8,)}),
    ("masked_mean", {"x": P, "keep": "*i1[256]", "out": OUT, "M": 8, "N": 32}),
    *[("half_products", {"a": "*fp32[1024]", "b": "*fp32[1024]", "c": "*fp32[1024] zeros", "B": 32, "T": t}, {"plain": 1e-4})
      for t in (tl.bfloat16, tl.float8e5, tl.float8e4nv)],
]
