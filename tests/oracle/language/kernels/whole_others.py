"""Whole kernels, whose mathematics NumPy says: quantising, scans, sorting, tables, optimisers."""
import numpy as np
import triton
import triton.language as tl


@triton.jit
def quantize_int8(x, q, scale, n, BLOCK: tl.constexpr):
    row = tl.program_id(0)
    cols = tl.arange(0, BLOCK)
    v = tl.load(x + row * n + cols, mask=cols < n, other=0.0)
    step = tl.max(tl.abs(v), 0) / 127.0
    r = tl.floor(v / step + 0.5)
    tl.store(q + row * n + cols, tl.clamp(r, -128.0, 127.0).to(tl.int8), mask=cols < n)
    tl.store(scale + row, step)


def expect_quantize_int8(x, n, **_):
    v = x.reshape(-1, n)
    step = np.abs(v).max(1, keepdims=True) / np.float32(127)
    return {"q": np.clip(np.floor(v / step + np.float32(0.5)), -128, 127).astype(np.int8), "scale": step}


@triton.jit
def matmul_int8(a, b, sa, sb, c, k, B: tl.constexpr):
    r = tl.arange(0, B)
    acc = tl.zeros((B, B), tl.int32)
    for start in range(0, k, B):
        x = tl.load(a + r[:, None] * k + (start + r)[None, :])
        y = tl.load(b + (start + r)[:, None] * B + r[None, :])
        acc = tl.dot(x, y, acc, out_dtype=tl.int32)
    tl.store(c + r[:, None] * B + r[None, :], acc.to(tl.float32) * tl.load(sa + r)[:, None] * tl.load(sb + r)[None, :])


def expect_matmul_int8(a, b, sa, sb, k, B, **_):
    c = a.reshape(B, k).astype(np.int64) @ b.reshape(k, B).astype(np.int64)
    return {"c": c * sa[:, None].astype(np.float64) * sb}


def decoded_e4m3(bits):
    sign = np.where(bits & 0x80, -1.0, 1.0)
    exponent, mantissa = (bits.astype(int) >> 3) & 15, bits.astype(int) & 7
    small = mantissa / 8 * 2.0 ** -6
    value = np.where(exponent == 0, small, (1 + mantissa / 8) * 2.0 ** (exponent - 7.0))
    return np.where((bits & 0x7F) == 0x7F, np.nan, sign * value)


@triton.jit
def quantize_fp8(x, q, back, scale, n, BLOCK: tl.constexpr):
    group = tl.program_id(0)
    at = group * BLOCK + tl.arange(0, BLOCK)
    v = tl.load(x + at)
    step = tl.maximum(tl.max(tl.abs(v)), 1e-10) / 448.0
    narrow = tl.clamp(v / step, -448.0, 448.0).to(tl.float8e4nv)
    tl.store(q + at, narrow.to(tl.uint8, bitcast=True))
    tl.store(back + at, narrow.to(tl.float32) * step)
    tl.store(scale + group, step)


def expect_quantize_fp8(x, BLOCK, **_):
    v = x.reshape(-1, BLOCK)
    step = np.maximum(np.abs(v).max(1, keepdims=True), np.float32(1e-10)) / np.float32(448)
    table = decoded_e4m3(np.arange(127, dtype=np.uint8))
    wanted = np.clip(v / step, -448, 448)
    distance = np.abs(np.abs(wanted)[..., None] - table)
    least = distance.min(-1, keepdims=True)  # of two as near the even one
    chosen = np.argmax(np.where(distance == least, 2 - np.arange(127) % 2, 0), -1)
    bits = chosen + np.where(np.signbit(wanted), 0x80, 0)
    return {"q": bits.astype(np.uint8), "back": np.copysign(table[chosen], wanted) * step, "scale": step}


@triton.jit
def cumsum_rows(x, y, z, n, BLOCK: tl.constexpr):
    row = tl.program_id(0)
    carry = 0.0
    for start in range(0, n, BLOCK):
        cols = start + tl.arange(0, BLOCK)
        v = tl.load(x + row * n + cols, mask=cols < n, other=0.0)
        tl.store(y + row * n + cols, tl.cumsum(v, 0) + carry, mask=cols < n)
        tl.store(z + row * n + cols, tl.cumsum(v, 0, reverse=True), mask=cols < n)
        carry += tl.sum(v)


def expect_cumsum_rows(x, n, BLOCK, **_):
    v = x.reshape(-1, n).astype(np.float64)
    back = [np.cumsum(v[:, s:s + BLOCK][:, ::-1], 1)[:, ::-1] for s in range(0, n, BLOCK)]
    return {"y": np.cumsum(v, 1), "z": np.concatenate(back, 1)}


@triton.jit
def step_on(a0, b0, a1, b1):
    return a0 * a1, b0 * a1 + b1


@triton.jit
def linear_recurrence(a, b, h, n: tl.constexpr, D: tl.constexpr):
    at = tl.arange(0, n)[:, None] * D + tl.arange(0, D)[None, :]
    _, out = tl.associative_scan((tl.load(a + at), tl.load(b + at)), 0, step_on)
    tl.store(h + at, out)


def expect_linear_recurrence(a, b, n, D, **_):
    x, y = a.astype(np.float64).reshape(n, D), b.astype(np.float64).reshape(n, D)
    out, last = [], np.zeros(D)
    for i in range(n):
        last = last * x[i] + y[i]
        out.append(last)
    return {"h": np.array(out)}


@triton.jit
def sort_rows(x, up, down, BM: tl.constexpr, BN: tl.constexpr):
    at = tl.arange(0, BM)[:, None] * BN + tl.arange(0, BN)[None, :]
    v = tl.load(x + at)
    tl.store(up + at, tl.sort(v))
    tl.store(down + at, tl.sort(v, descending=True))


def expect_sort_rows(x, BN, **_):
    up = np.sort(x.reshape(-1, BN), 1)
    return {"up": up, "down": up[:, ::-1]}


@triton.jit
def top_k(x, out, BN: tl.constexpr, K: tl.constexpr):
    row = tl.program_id(0)
    best = tl.topk(tl.load(x + row * BN + tl.arange(0, BN)), K)
    tl.store(out + row * K + tl.arange(0, K), best)


def expect_top_k(x, BN, K, **_):
    return {"out": np.sort(x.reshape(-1, BN), 1)[:, ::-1][:, :K]}


@triton.jit
def histogram(x, h, n, BINS: tl.constexpr, BLOCK: tl.constexpr):
    at = tl.program_id(0) * BLOCK + tl.arange(0, BLOCK)
    v = tl.load(x + at, mask=at < n, other=0)
    counts = tl.histogram(v, BINS, mask=at < n)
    tl.atomic_add(h + tl.arange(0, BINS), counts)


def expect_histogram(x, n, BINS, **_):
    return {"h": np.bincount(x[:n], minlength=BINS).astype(np.int32)}


@triton.jit
def embedding(ids, table, out, D: tl.constexpr):
    row = tl.program_id(0)
    lane = tl.arange(0, D)
    tl.store(out + row * D + lane, tl.load(table + tl.load(ids + row) * D + lane))


def expect_embedding(ids, table, D, **_):
    return {"out": table.reshape(-1, D)[ids]}


@triton.jit
def embedding_backward(ids, g, dtable, rows, padding, BLOCK: tl.constexpr, D: tl.constexpr):
    at = tl.program_id(0) * BLOCK + tl.arange(0, BLOCK)
    id = tl.load(ids + at, mask=at < rows, other=padding)
    lane = tl.arange(0, D)
    valid = (at < rows) & (id != padding)
    v = tl.load(g + at[:, None] * D + lane[None, :], mask=valid[:, None], other=0.0)
    tl.atomic_add(dtable + id[:, None] * D + lane[None, :], v, mask=valid[:, None], sem="relaxed")


def expect_embedding_backward(ids, g, dtable, rows, padding, D, **_):
    out = dtable.astype(np.float64).reshape(-1, D).copy()
    for i in range(rows):
        if ids[i] != padding:
            out[ids[i]] += g.reshape(-1, D)[i]
    return {"dtable": out}


@triton.jit
def conv2d(x, w, y, channels, height, width, OUT: tl.constexpr, KH: tl.constexpr, KW: tl.constexpr, PAD: tl.constexpr,
           STRIDE: tl.constexpr, BLOCK: tl.constexpr):
    high = (height + 2 * PAD - KH) // STRIDE + 1
    wide = (width + 2 * PAD - KW) // STRIDE + 1
    at = tl.program_id(0) * BLOCK + tl.arange(0, BLOCK)
    oy, ox = at // wide, at % wide
    features = tl.arange(0, OUT)
    acc = tl.zeros((OUT, BLOCK), tl.float32)
    for c in range(channels):
        for i in tl.static_range(KH):
            for j in tl.static_range(KW):
                iy = oy * STRIDE + i - PAD
                ix = ox * STRIDE + j - PAD
                inside = (iy >= 0) & (iy < height) & (ix >= 0) & (ix < width)
                v = tl.load(x + c * height * width + iy * width + ix, mask=inside, other=0.0)
                f = tl.load(w + ((features * channels + c) * KH + i) * KW + j)
                acc += f[:, None] * v[None, :]
    tl.store(y + features[:, None] * (high * wide) + at[None, :], acc, mask=(at < high * wide)[None, :])


def expect_conv2d(x, w, channels, height, width, OUT, KH, KW, PAD, STRIDE, **_):
    v = np.pad(x.astype(np.float64).reshape(channels, height, width), ((0, 0), (PAD, PAD), (PAD, PAD)))
    f = w.astype(np.float64).reshape(OUT, channels, KH, KW)
    windows = np.lib.stride_tricks.sliding_window_view(v, (KH, KW), (1, 2))[:, ::STRIDE, ::STRIDE]
    return {"y": np.einsum("chwij,ocij->ohw", windows, f)}


@triton.jit
def dropout(x, y, p, seed, n, BLOCK: tl.constexpr):
    at = tl.program_id(0) * BLOCK + tl.arange(0, BLOCK)
    keep = tl.rand(seed, at) > p
    v = tl.load(x + at, mask=at < n)
    tl.store(y + at, tl.where(keep, v / (1 - p), 0.0), mask=at < n)


def philox(seed, counter):
    """The first word of ten rounds of Philox 4x32 (Salmon et al., 2011) of each counter."""
    c = [counter.astype(np.uint64)] + [np.zeros_like(counter, np.uint64)] * 3
    key = [np.uint64(seed & 0xFFFFFFFF), np.uint64(seed >> 32)]
    for _ in range(10):
        a, b = c[0] * np.uint64(0xD2511F53), c[2] * np.uint64(0xCD9E8D57)
        low = np.uint64(0xFFFFFFFF)
        c = [(b >> np.uint64(32)) ^ c[1] ^ key[0], b & low, (a >> np.uint64(32)) ^ c[3] ^ key[1], a & low]
        key = [(key[0] + np.uint64(0x9E3779B9)) & low, (key[1] + np.uint64(0xBB67AE85)) & low]
    return c[0].astype(np.uint32)


def expect_dropout(x, p, seed, n, **_):
    signed = philox(seed, np.arange(n)).view(np.int32)
    uniform = np.where(signed < 0, -signed - 1, signed).astype(np.float32) * np.float32(4.6566127342e-10)
    return {"y": np.where(uniform > np.float32(p), x[:n] / (np.float32(1) - np.float32(p)), 0)}


@triton.jit
def swiglu(gate, up, out, n, BLOCK: tl.constexpr):
    at = tl.program_id(0) * BLOCK + tl.arange(0, BLOCK)
    g = tl.load(gate + at, mask=at < n).to(tl.float32)
    tl.store(out + at, (g * tl.sigmoid(g)).to(out.dtype.element_ty) * tl.load(up + at, mask=at < n), mask=at < n)


def expect_swiglu(gate, up, n, **_):
    g = gate.astype(np.float64)
    return {"out": (g / (1 + np.exp(-g)) * up)[:n]}


@triton.jit
def geglu_backward(dy, a, b, da, db, n, BLOCK: tl.constexpr):
    at = tl.program_id(0) * BLOCK + tl.arange(0, BLOCK)
    g = tl.load(dy + at, mask=at < n)
    x = tl.load(a + at, mask=at < n)
    y = tl.load(b + at, mask=at < n)
    phi = 0.5 * (1 + tl.erf(x * 0.7071067811865476))
    slope = phi + x * tl.exp(-0.5 * x * x) * 0.3989422804014327
    tl.store(da + at, g * y * slope, mask=at < n)
    tl.store(db + at, g * x * phi, mask=at < n)


def expect_geglu_backward(dy, a, b, n, **_):
    import math
    g, x, y = (t.astype(np.float64)[:n] for t in (dy, a, b))
    phi = 0.5 * (1 + np.vectorize(math.erf)(x / np.sqrt(2)))
    return {"da": g * y * (phi + x * np.exp(-x * x / 2) / np.sqrt(2 * np.pi)), "db": g * x * phi}


@triton.jit
def adam(w, g, m, v, lr, beta1, beta2, eps, decay, step, n, BLOCK: tl.constexpr):
    at = tl.program_id(0) * BLOCK + tl.arange(0, BLOCK)
    inside = at < n
    grad = tl.load(g + at, mask=inside)
    mean = beta1 * tl.load(m + at, mask=inside) + (1 - beta1) * grad
    square = beta2 * tl.load(v + at, mask=inside) + (1 - beta2) * grad * grad
    tl.store(m + at, mean, mask=inside)
    tl.store(v + at, square, mask=inside)
    high = mean / (1 - tl.exp(step * tl.log(beta1)))
    root = tl.sqrt(square / (1 - tl.exp(step * tl.log(beta2)))) + eps
    weight = tl.load(w + at, mask=inside)
    tl.store(w + at, weight - lr * (high / root + decay * weight), mask=inside)


def expect_adam(w, g, m, v, lr, beta1, beta2, eps, decay, step, n, **_):
    mean = beta1 * m.astype(np.float64) + (1 - beta1) * g
    square = beta2 * v.astype(np.float64) + (1 - beta2) * g.astype(np.float64) ** 2
    move = mean / (1 - beta1 ** step) / (np.sqrt(square / (1 - beta2 ** step)) + eps) + decay * w
    return {"m": mean[:n], "v": square[:n], "w": (w - lr * move)[:n]}


@triton.jit
def transpose(x, y, rows, cols, B: tl.constexpr):
    r = tl.program_id(0) * B + tl.arange(0, B)
    c = tl.program_id(1) * B + tl.arange(0, B)
    v = tl.load(x + r[:, None] * cols + c[None, :], mask=(r[:, None] < rows) & (c[None, :] < cols))
    tl.store(y + c[:, None] * rows + r[None, :], v.T, mask=(c[:, None] < cols) & (r[None, :] < rows))


def expect_transpose(x, rows, cols, **_):
    return {"y": x.reshape(rows, cols).T}


@triton.jit
def arg_max_rows(x, best, place, n, BLOCK: tl.constexpr):
    row = tl.program_id(0)
    cols = tl.arange(0, BLOCK)
    v = tl.load(x + row * n + cols, mask=cols < n, other=-float("inf"))
    value, index = tl.max(v, 0, return_indices=True)
    tl.store(best + row, value)
    tl.store(place + row, index)


def expect_arg_max_rows(x, n, **_):
    v = x.reshape(-1, n)
    return {"best": v.max(1), "place": v.argmax(1).astype(np.int32)}


@triton.jit
def sum_columns(x, out, rows, cols, BM: tl.constexpr, BN: tl.constexpr):
    c = tl.program_id(0) * BN + tl.arange(0, BN)
    acc = tl.zeros((BM, BN), tl.float32)
    for start in range(0, rows, BM):
        r = start + tl.arange(0, BM)
        acc += tl.load(x + r[:, None] * cols + c[None, :], mask=(r[:, None] < rows) & (c[None, :] < cols), other=0.0)
    tl.store(out + c, tl.sum(acc, axis=0), mask=c < cols)


def expect_sum_columns(x, rows, cols, **_):
    return {"out": x.astype(np.float64).reshape(rows, cols).sum(0)}


def i32(value):
    return ("i32", value)


def f32(value):
    return ("fp32", value)


CASES = [
    ("quantize_int8", {"x": "*fp32[400]", "q": "*i8[400] zeros", "scale": "*fp32[4] zeros", "n": i32(100),
                       "BLOCK": 128}, {"grid": (4,), "expect": expect_quantize_int8}),
    ("matmul_int8", {"a": "*i8[2048] -128:128", "b": "*i8[2048] -128:128", "sa": "*fp32[32] 0:1", "sb": "*fp32[32] 0:1",
                     "c": "*fp32[1024] zeros", "k": i32(64), "B": 32}, {"expect": expect_matmul_int8}),
    ("quantize_fp8", {"x": "*fp32[512]", "q": "*u8[512] zeros", "back": "*fp32[512] zeros", "scale": "*fp32[4] zeros",
                      "n": i32(512), "BLOCK": 128}, {"grid": (4,), "expect": expect_quantize_fp8}),
    ("cumsum_rows", {"x": "*fp32[400]", "y": "*fp32[400] zeros", "z": "*fp32[400] zeros", "n": i32(100), "BLOCK": 32},
     {"grid": (4,), "expect": expect_cumsum_rows}),
    ("linear_recurrence", {"a": "*fp32[512] 0.5:1", "b": "*fp32[512]", "h": "*fp32[512] zeros", "n": 32, "D": 16},
     {"expect": expect_linear_recurrence}),
    ("sort_rows", {"x": "*fp32[512]", "up": "*fp32[512] zeros", "down": "*fp32[512] zeros", "BM": 8, "BN": 64},
     {"expect": expect_sort_rows}),
    ("sort_rows", {"x": "*i16[512]", "up": "*i16[512] zeros", "down": "*i16[512] zeros", "BM": 8, "BN": 64},
     {"expect": expect_sort_rows}),
    ("top_k", {"x": "*fp32[256]", "out": "*fp32[32] zeros", "BN": 64, "K": 8}, {"grid": (4,), "expect": expect_top_k}),
    ("histogram", {"x": "*i32[500] 0:32", "h": "*i32[32] zeros", "n": i32(450), "BINS": 32, "BLOCK": 128},
     {"grid": (4,), "expect": expect_histogram}),
    ("embedding", {"ids": "*i64[16] 0:20", "table": "*fp16[640]", "out": "*fp16[512] zeros", "D": 32},
     {"grid": (16,), "expect": expect_embedding}),
    ("embedding_backward", {"ids": "*i32[64] 0:10", "g": "*fp32[1024]", "dtable": "*fp32[160] zeros", "rows": i32(60),
                            "padding": i32(3), "BLOCK": 16, "D": 16},
     {"grid": (4,), "expect": expect_embedding_backward}),
    ("conv2d", {"x": "*fp32[270]", "w": "*fp32[216]", "y": "*fp32[360] zeros", "channels": i32(3), "height": i32(9),
                "width": i32(10), "OUT": 8, "KH": 3, "KW": 3, "PAD": 1, "STRIDE": 2, "BLOCK": 16},
     {"grid": (2,), "expect": expect_conv2d}),
    ("dropout", {"x": "*fp32[500]", "y": "*fp32[500] zeros", "p": f32(0.25), "seed": i32(1234), "n": i32(500),
                 "BLOCK": 128}, {"grid": (4,), "expect": expect_dropout}),
    ("swiglu", {"gate": "*fp32[500]", "up": "*fp32[500]", "out": "*fp32[500] zeros", "n": i32(500), "BLOCK": 256},
     {"grid": (2,), "expect": expect_swiglu}),
    ("geglu_backward", {"dy": "*fp32[500]", "a": "*fp32[500]", "b": "*fp32[500]", "da": "*fp32[500] zeros",
                        "db": "*fp32[500] zeros", "n": i32(500), "BLOCK": 256},
     {"grid": (2,), "expect": expect_geglu_backward}),
    ("adam", {"w": "*fp32[500]", "g": "*fp32[500]", "m": "*fp32[500]", "v": "*fp32[500] 0:1", "lr": f32(0.01),
              "beta1": f32(0.9), "beta2": f32(0.99), "eps": f32(1e-8), "decay": f32(0.1), "step": i32(3), "n": i32(500),
              "BLOCK": 256}, {"grid": (2,), "expect": expect_adam}),
    ("transpose", {"x": "*i16[1050]", "y": "*i16[1050] zeros", "rows": i32(30), "cols": i32(35), "B": 16},
     {"grid": (2, 3), "expect": expect_transpose}),
    ("arg_max_rows", {"x": "*fp32[400]", "best": "*fp32[4] zeros", "place": "*i32[4] zeros", "n": i32(100),
                      "BLOCK": 128}, {"grid": (4,), "expect": expect_arg_max_rows}),
    ("sum_columns", {"x": "*fp32[3500]", "out": "*fp32[70] zeros", "rows": i32(50), "cols": i32(70), "BM": 16,
                     "BN": 32}, {"grid": (3,), "expect": expect_sum_columns}),
]
