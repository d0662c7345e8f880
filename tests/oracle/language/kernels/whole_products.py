"""Whole kernels of matrix products, whose mathematics NumPy says."""
import numpy as np
import triton
import triton.language as tl


@triton.jit
def rope(q, cos, sin, heads, HALF: tl.constexpr, HEADS: tl.constexpr, BACKWARD: tl.constexpr):
    token = tl.program_id(0)
    head = tl.arange(0, HEADS)[:, None]
    lane = tl.arange(0, HALF)[None, :]
    c = tl.load(cos + token * HALF + lane)
    s = tl.load(sin + token * HALF + lane)
    if BACKWARD:
        s = -s
    left = q + token * heads * HALF * 2 + head * HALF * 2 + lane
    a = tl.load(left, mask=head < heads, other=0)
    b = tl.load(left + HALF, mask=head < heads, other=0)
    tl.store(left, a * c - b * s, mask=head < heads)
    tl.store(left + HALF, b * c + a * s, mask=head < heads)


def expect_rope(q, cos, sin, heads, HALF, BACKWARD, **_):
    v = q.astype(np.float64).reshape(-1, heads, 2, HALF)
    c, s = cos.reshape(-1, 1, HALF), sin.reshape(-1, 1, HALF) * (-1 if BACKWARD else 1)
    a, b = v[:, :, 0], v[:, :, 1]
    return {"q": np.stack([a * c - b * s, b * c + a * s], 2)}


@triton.jit
def swizzled(pid, m, n, BM: tl.constexpr, BN: tl.constexpr, GROUP: tl.constexpr):
    rows, cols = tl.cdiv(m, BM), tl.cdiv(n, BN)
    wide = GROUP * cols
    first = pid // wide * GROUP
    size = min(rows - first, GROUP)
    return first + pid % wide % size, pid % wide // size


@triton.jit
def matmul(a, b, c, m, n, k, BM: tl.constexpr, BN: tl.constexpr, BK: tl.constexpr, GROUP: tl.constexpr,
           ACTIVATION: tl.constexpr):
    pm, pn = swizzled(tl.program_id(0), m, n, BM, BN, GROUP)
    rm = pm * BM + tl.arange(0, BM)
    rn = pn * BN + tl.arange(0, BN)
    rk = tl.arange(0, BK)
    pa = a + rm[:, None] * k + rk[None, :]
    pb = b + rk[:, None] * n + rn[None, :]
    acc = tl.zeros((BM, BN), dtype=tl.float32)
    for step in range(0, tl.cdiv(k, BK)):
        left = k - step * BK
        x = tl.load(pa, mask=(rm[:, None] < m) & (rk[None, :] < left), other=0.0)
        y = tl.load(pb, mask=(rk[:, None] < left) & (rn[None, :] < n), other=0.0)
        acc = tl.dot(x, y, acc, input_precision="ieee")
        pa += BK
        pb += BK * n
    if ACTIVATION == "relu":
        acc = tl.maximum(acc, 0.0)
    elif ACTIVATION == "silu":
        acc = acc * tl.sigmoid(acc)
    tl.store(c + rm[:, None] * n + rn[None, :], acc.to(c.dtype.element_ty), mask=(rm[:, None] < m) & (rn[None, :] < n))


def expect_matmul(a, b, m, n, k, ACTIVATION, **_):
    c = a.astype(np.float64).reshape(m, k) @ b.astype(np.float64).reshape(k, n)
    if ACTIVATION == "relu":
        c = np.maximum(c, 0)
    elif ACTIVATION == "silu":
        c = c / (1 + np.exp(-c))
    return {"c": c}


@triton.jit
def batched_matmul(a, b, c, m, n, k, B: tl.constexpr):
    batch = tl.program_id(2)
    pa = tl.make_block_ptr(a + batch * m * k, (m, k), (k, 1), (tl.program_id(0) * B, 0), (B, B), (1, 0))
    pb = tl.make_block_ptr(b + batch * k * n, (k, n), (n, 1), (0, tl.program_id(1) * B), (B, B), (1, 0))
    acc = tl.zeros((B, B), tl.float32)
    for _ in range(0, k, B):
        acc += tl.dot(tl.load(pa, boundary_check=(0, 1), padding_option="zero"),
                      tl.load(pb, boundary_check=(0, 1), padding_option="zero"), allow_tf32=False)
        pa = tl.advance(pa, (0, B))
        pb = tl.advance(pb, (B, 0))
    pc = tl.make_block_ptr(c + batch * m * n, (m, n), (n, 1), (tl.program_id(0) * B, tl.program_id(1) * B), (B, B),
                           (1, 0))
    tl.store(pc, acc, boundary_check=(0, 1))


def expect_batched_matmul(a, b, m, n, k, **_):
    return {"c": a.astype(np.float64).reshape(-1, m, k) @ b.astype(np.float64).reshape(-1, k, n)}


@triton.jit
def grouped_matmul(a, b, c, sizes, groups, n, k, programs, B: tl.constexpr):
    """Groups of rows, each with a matrix of its own; programs share the tiles of all groups."""
    tile = tl.program_id(0)
    before = 0
    row = 0
    for g in range(groups):
        m = tl.load(sizes + g)
        cols = tl.cdiv(n, B)
        tiles = tl.cdiv(m, B) * cols
        while tile >= before and tile < before + tiles:
            local = tile - before
            rm = local // cols * B + tl.arange(0, B)
            rn = local % cols * B + tl.arange(0, B)
            acc = tl.zeros((B, B), tl.float32)
            for start in range(0, k, B):
                rk = start + tl.arange(0, B)
                x = tl.load(a + (row + rm)[:, None] * k + rk[None, :], mask=(rm[:, None] < m) & (rk[None, :] < k), other=0)
                y = tl.load(b + g * k * n + rk[:, None] * n + rn[None, :], mask=(rk[:, None] < k) & (rn[None, :] < n), other=0)
                acc = tl.dot(x, y, acc, input_precision="ieee")
            tl.store(c + (row + rm)[:, None] * n + rn[None, :], acc, mask=(rm[:, None] < m) & (rn[None, :] < n))
            tile += programs
        before += tiles
        row += m


def expect_grouped_matmul(a, b, sizes, groups, n, k, **_):
    rows, out = 0, []
    x, y = a.astype(np.float64).reshape(-1, k), b.astype(np.float64).reshape(groups, k, n)
    for g in range(groups):
        out.append(x[rows:rows + sizes[g]] @ y[g])
        rows += sizes[g]
    return {"c": np.concatenate(out)}


@triton.jit
def attention(q, k, v, o, lse, scale, n, CAUSAL: tl.constexpr, BM: tl.constexpr, BN: tl.constexpr, D: tl.constexpr):
    head = tl.program_id(1)
    base = head * n * D
    rm = tl.program_id(0) * BM + tl.arange(0, BM)
    rd = tl.arange(0, D)
    x = tl.load(q + base + rm[:, None] * D + rd[None, :], mask=rm[:, None] < n, other=0.0)
    high = tl.full((BM,), -float("inf"), tl.float32)
    total = tl.zeros((BM,), tl.float32)
    acc = tl.zeros((BM, D), tl.float32)
    end = n
    if CAUSAL:
        end = tl.minimum(n, (tl.program_id(0) + 1) * BM)
    for start in range(0, end, BN):
        rn = start + tl.arange(0, BN)
        y = tl.load(k + base + rn[None, :] * D + rd[:, None], mask=rn[None, :] < n, other=0.0)
        s = tl.dot(x, y, input_precision="ieee") * (scale * 1.4426950408889634)
        if CAUSAL:
            s = tl.where((rm[:, None] >= rn[None, :]) & (rn[None, :] < n), s, -1e30)
        else:
            s = tl.where(rn[None, :] < n, s, -1e30)
        now = tl.maximum(high, tl.max(s, 1))
        p = tl.math.exp2(s - now[:, None])
        fade = tl.math.exp2(high - now)
        total = total * fade + tl.sum(p, 1)
        z = tl.load(v + base + rn[:, None] * D + rd[None, :], mask=rn[:, None] < n, other=0.0)
        acc = tl.dot(p.to(z.dtype), z, acc * fade[:, None], input_precision="ieee")
        high = now
    tl.store(o + base + rm[:, None] * D + rd[None, :], (acc / total[:, None]).to(o.dtype.element_ty), mask=rm[:, None] < n)
    tl.store(lse + head * n + rm, high * 0.6931471805599453 + tl.log(total), mask=rm < n)


def scores(q, k, scale, n, D, CAUSAL):
    x, y = (t.astype(np.float64).reshape(-1, n, D) for t in (q, k))
    s = x @ y.transpose(0, 2, 1) * scale
    return np.where(np.tri(n, dtype=bool), s, -np.inf) if CAUSAL else s


def expect_attention(q, k, v, scale, n, D, CAUSAL, **_):
    s = scores(q, k, scale, n, D, CAUSAL)
    lse = np.log(np.exp(s).sum(2, keepdims=True))
    return {"o": np.exp(s - lse) @ v.astype(np.float64).reshape(-1, n, D), "lse": lse}


@triton.jit
def attention_backward(q, k, v, do, lse, delta, dq, dk, dv, scale, n, CAUSAL: tl.constexpr, B: tl.constexpr,
                       D: tl.constexpr):
    head = tl.program_id(1)
    base = head * n * D
    rn = tl.program_id(0) * B + tl.arange(0, B)
    rd = tl.arange(0, D)
    tile = rn[:, None] * D + rd[None, :]
    y = tl.load(k + base + tile)
    z = tl.load(v + base + tile)
    gk = tl.zeros((B, D), tl.float32)
    gv = tl.zeros((B, D), tl.float32)
    first = 0
    if CAUSAL:
        first = tl.program_id(0) * B
    for start in range(first, n, B):
        rm = start + tl.arange(0, B)
        here = rm[:, None] * D + rd[None, :]
        x = tl.load(q + base + here)
        g = tl.load(do + base + here)
        s = tl.dot(x, tl.trans(y), input_precision="ieee") * scale
        p = tl.exp(s - tl.load(lse + head * n + rm)[:, None])
        if CAUSAL:
            p = tl.where(rm[:, None] >= rn[None, :], p, 0.0)
        gv += tl.dot(tl.trans(p), g, input_precision="ieee")
        dp = tl.dot(g, z.T, input_precision="ieee")
        ds = p * (dp - tl.load(delta + head * n + rm)[:, None]) * scale
        gk += tl.dot(ds.T, x, input_precision="ieee")
        tl.atomic_add(dq + base + here, tl.dot(ds, y, input_precision="ieee"), sem="relaxed")
    tl.store(dk + base + tile, gk)
    tl.store(dv + base + tile, gv)


def expect_attention_backward(q, k, v, do, lse, delta, scale, n, D, CAUSAL, **_):
    x, y, z, g = (t.astype(np.float64).reshape(-1, n, D) for t in (q, k, v, do))
    p = np.exp(scores(q, k, scale, n, D, CAUSAL) - lse.reshape(-1, n, 1))
    ds = p * (g @ z.transpose(0, 2, 1) - delta.reshape(-1, n, 1)) * scale
    return {"dq": ds @ y, "dk": ds.transpose(0, 2, 1) @ x, "dv": p.transpose(0, 2, 1) @ g}


def i32(value):
    return ("i32", value)


def f32(value):
    return ("fp32", value)


CASES = [
    ("rope", {"q": "*fp32[320]", "cos": "*fp32[32] -1:1", "sin": "*fp32[32] -1:1", "heads": i32(5), "HALF": 16,
              "HEADS": 8, "BACKWARD": False}, {"grid": (2,), "expect": expect_rope}),
    ("rope", {"q": "*fp32[320]", "cos": "*fp32[32] -1:1", "sin": "*fp32[32] -1:1", "heads": i32(5), "HALF": 16,
              "HEADS": 8, "BACKWARD": True}, {"grid": (2,), "expect": expect_rope}),
    ("matmul", {"a": "*fp32[1750]", "b": "*fp32[2100]", "c": "*fp32[3000] zeros", "m": i32(50), "n": i32(60),
                "k": i32(35), "BM": 16, "BN": 32, "BK": 16, "GROUP": 2, "ACTIVATION": "relu"},
     {"grid": (8,), "expect": expect_matmul}),
    ("matmul", {"a": "*fp16[1750]", "b": "*fp16[2100]", "c": "*fp16[3000] zeros", "m": i32(50), "n": i32(60),
                "k": i32(35), "BM": 32, "BN": 16, "BK": 16, "GROUP": 4, "ACTIVATION": "silu"},
     {"grid": (8,), "expect": expect_matmul, "within": 2e-3}),
    ("batched_matmul", {"a": "*fp32[2000]", "b": "*fp32[1200]", "c": "*fp32[1500] zeros", "m": i32(25), "n": i32(15),
                        "k": i32(20), "B": 16}, {"grid": (2, 1, 4), "expect": expect_batched_matmul}),
    ("grouped_matmul", {"a": "*fp32[1800]", "b": "*fp32[1120]", "c": "*fp32[2520] zeros", "sizes": "*i32[2] 45:46",
                        "groups": i32(2), "n": i32(28), "k": i32(20), "programs": i32(3), "B": 16},
     {"grid": (3,), "expect": expect_grouped_matmul}),
    ("attention", {"q": "*fp32[1600]", "k": "*fp32[1600]", "v": "*fp32[1600]", "o": "*fp32[1600] zeros",
                   "lse": "*fp32[100] zeros", "scale": f32(0.25), "n": i32(50), "CAUSAL": False, "BM": 16, "BN": 32,
                   "D": 16}, {"grid": (4, 2), "expect": expect_attention}),
    ("attention", {"q": "*fp16[1600]", "k": "*fp16[1600]", "v": "*fp16[1600]", "o": "*fp16[1600] zeros",
                   "lse": "*fp32[100] zeros", "scale": f32(0.25), "n": i32(50), "CAUSAL": True, "BM": 32, "BN": 16,
                   "D": 16}, {"grid": (2, 2), "expect": expect_attention, "within": 2e-3}),
    ("attention_backward", {"q": "*fp32[2048]", "k": "*fp32[2048]", "v": "*fp32[2048]", "do": "*fp32[2048]",
                            "lse": "*fp32[128] 3:4", "delta": "*fp32[128]", "dq": "*fp32[2048] zeros",
                            "dk": "*fp32[2048] zeros", "dv": "*fp32[2048] zeros", "scale": f32(0.25), "n": i32(64),
                            "CAUSAL": True, "B": 16, "D": 16}, {"grid": (4, 2), "expect": expect_attention_backward}),
]
