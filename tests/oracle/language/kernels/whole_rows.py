"""Whole kernels over rows, whose mathematics NumPy says: norms, losses."""
import numpy as np
import triton
import triton.language as tl


@triton.jit
def softmax(x, y, stride, n, BLOCK: tl.constexpr):
    row = tl.program_id(0)
    cols = tl.arange(0, BLOCK)
    inside = cols < n
    v = tl.load(x + row * stride + cols, mask=inside, other=-float("inf"))
    e = tl.exp(v - tl.max(v, axis=0))
    tl.store(y + row * stride + cols, e / tl.sum(e, axis=0), mask=inside)


def softmax_rows(x, n, stride):
    v = x.reshape(-1, stride)[:, :n].astype(np.float64)
    e = np.exp(v - v.max(1, keepdims=True))
    return e / e.sum(1, keepdims=True)


def expect_softmax(x, y, stride, n, **_):
    out = y.reshape(-1, stride).copy().astype(np.float64)
    out[:, :n] = softmax_rows(x, n, stride)
    return {"y": out}


@triton.jit
def log_softmax_backward(dy, y, dx, n, BLOCK: tl.constexpr):
    row = tl.program_id(0)
    cols = tl.arange(0, BLOCK)
    inside = cols < n
    g = tl.load(dy + row * n + cols, mask=inside, other=0.0)
    v = tl.load(y + row * n + cols, mask=inside, other=-float("inf"))
    tl.store(dx + row * n + cols, g - tl.exp(v) * tl.sum(g, 0), mask=inside)


def expect_log_softmax_backward(dy, y, n, **_):
    g, v = dy.reshape(-1, n).astype(np.float64), y.reshape(-1, n).astype(np.float64)
    return {"dx": g - np.exp(v) * g.sum(1, keepdims=True)}


@triton.jit
def online_log_sum_exp(x, out, n, BLOCK: tl.constexpr):
    row = tl.program_id(0)
    high = -float("inf")
    total = 0.0
    for start in range(0, n, BLOCK):
        cols = start + tl.arange(0, BLOCK)
        v = tl.load(x + row * n + cols, mask=cols < n, other=-float("inf"))
        now = tl.maximum(high, tl.max(v, 0))
        total = total * tl.exp(high - now) + tl.sum(tl.exp(v - now), 0)
        high = now
    tl.store(out + row, high + tl.log(total))


def expect_online_log_sum_exp(x, n, **_):
    return {"out": np.log(np.exp(x.reshape(-1, n).astype(np.float64)).sum(1))}


@triton.jit
def layer_norm(x, w, b, y, mean, rstd, n, eps, BLOCK: tl.constexpr):
    row = tl.program_id(0)
    cols = tl.arange(0, BLOCK)
    inside = cols < n
    v = tl.load(x + row * n + cols, mask=inside, other=0.0).to(tl.float32)
    m = tl.sum(v, 0) / n
    d = tl.where(inside, v - m, 0.0)
    r = 1 / tl.sqrt(tl.sum(d * d, 0) / n + eps)
    tl.store(mean + row, m)
    tl.store(rstd + row, r)
    scaled = d * r * tl.load(w + cols, mask=inside) + tl.load(b + cols, mask=inside)
    tl.store(y + row * n + cols, scaled.to(y.dtype.element_ty), mask=inside)


def expect_layer_norm(x, w, b, n, eps, **_):
    v = x.reshape(-1, n).astype(np.float64)
    m, r = v.mean(1), 1 / np.sqrt(v.var(1) + eps)
    return {"y": (v - m[:, None]) * r[:, None] * w + b, "mean": m, "rstd": r}


@triton.jit
def layer_norm_backward(dy, x, w, mean, rstd, dx, dw, db, n, BLOCK: tl.constexpr):
    row = tl.program_id(0)
    cols = tl.arange(0, BLOCK)
    inside = cols < n
    g = tl.load(dy + row * n + cols, mask=inside, other=0.0)
    v = tl.load(x + row * n + cols, mask=inside, other=0.0)
    r = tl.load(rstd + row)
    hat = tl.where(inside, (v - tl.load(mean + row)) * r, 0.0)
    scaled = g * tl.load(w + cols, mask=inside, other=0.0)
    c1 = tl.sum(hat * scaled, 0) / n
    c2 = tl.sum(scaled, 0) / n
    tl.store(dx + row * n + cols, (scaled - (hat * c1 + c2)) * r, mask=inside)
    tl.atomic_add(dw + cols, g * hat, mask=inside)
    tl.atomic_add(db + cols, g, mask=inside)


def expect_layer_norm_backward(dy, x, w, mean, rstd, dw, db, n, **_):
    g, v = dy.reshape(-1, n).astype(np.float64), x.reshape(-1, n).astype(np.float64)
    hat = (v - mean[:, None]) * rstd[:, None]
    s = g * w
    dx = (s - hat * (hat * s).mean(1, keepdims=True) - s.mean(1, keepdims=True)) * rstd[:, None]
    return {"dx": dx, "dw": (g * hat).sum(0), "db": g.sum(0)}


@triton.jit
def rms_norm(x, w, y, n, eps, BLOCK: tl.constexpr):
    row = tl.program_id(0).to(tl.int64)
    x += row * n
    y += row * n
    cols = tl.arange(0, BLOCK)
    v = tl.load(x + cols, mask=cols < n, other=0).to(tl.float32)
    r = tl.rsqrt(tl.sum(v * v, axis=0) / n + eps)
    weight = tl.load(w + cols, mask=cols < n, other=0)
    tl.store(y + cols, (v * r).to(weight.dtype) * weight, mask=cols < n)


def expect_rms_norm(x, w, n, eps, **_):
    v = x.reshape(-1, n).astype(np.float64)
    return {"y": v / np.sqrt((v * v).mean(1, keepdims=True) + eps) * w}


@triton.jit
def rms_norm_backward(dy, x, w, dx, n, eps, BLOCK: tl.constexpr):
    row = tl.program_id(0)
    cols = tl.arange(0, BLOCK)
    inside = cols < n
    v = tl.load(x + row * n + cols, mask=inside, other=0)
    g = tl.load(dy + row * n + cols, mask=inside, other=0) * tl.load(w + cols, mask=inside, other=0)
    r = tl.rsqrt(tl.sum(v * v, 0) / n + eps)
    tl.store(dx + row * n + cols, r * (g - v * r * r * tl.sum(g * v, 0) / n), mask=inside)


def expect_rms_norm_backward(dy, x, w, n, eps, **_):
    v, g = x.reshape(-1, n).astype(np.float64), dy.reshape(-1, n) * w.astype(np.float64)
    r = 1 / np.sqrt((v * v).mean(1, keepdims=True) + eps)
    return {"dx": r * (g - v * r * r * (g * v).mean(1, keepdims=True))}


@triton.jit
def group_norm(x, y, channels, pixels, GROUP: tl.constexpr, BLOCK: tl.constexpr, eps):
    image, group = tl.program_id(0), tl.program_id(1)
    base = (image * channels + group * GROUP) * pixels
    count = GROUP * pixels
    total = tl.zeros((BLOCK,), tl.float32)
    square = tl.zeros((BLOCK,), tl.float32)
    for start in tl.range(0, count, BLOCK):
        at = start + tl.arange(0, BLOCK)
        v = tl.load(x + base + at, mask=at < count, other=0.0)
        total += v
        square += v * v
    m = tl.sum(total) / count
    r = tl.rsqrt(tl.sum(square) / count - m * m + eps)
    for start in tl.range(0, count, BLOCK):
        at = start + tl.arange(0, BLOCK)
        v = tl.load(x + base + at, mask=at < count)
        tl.store(y + base + at, (v - m) * r, mask=at < count)


def expect_group_norm(x, channels, pixels, GROUP, eps, **_):
    v = x.astype(np.float64).reshape(-1, channels // GROUP, GROUP * pixels)
    return {"y": (v - v.mean(2, keepdims=True)) / np.sqrt(v.var(2, keepdims=True) + eps)}


@triton.jit
def merge(mean_a, m2_a, count_a, mean_b, m2_b, count_b):
    count = count_a + count_b
    share = tl.where(count == 0, 0.0, count_b / count)
    delta = mean_b - mean_a
    return mean_a + delta * share, m2_a + m2_b + delta * delta * count_a * share, count


@triton.jit
def welford(x, mean, var, n, BLOCK: tl.constexpr):
    row = tl.program_id(0)
    cols = tl.arange(0, BLOCK)
    inside = cols < n
    v = tl.load(x + row * n + cols, mask=inside, other=0.0)
    m, m2, count = tl.reduce((v, tl.zeros_like(v), inside.to(tl.float32)), 0, merge)
    tl.store(mean + row, m)
    tl.store(var + row, m2 / count)


def expect_welford(x, n, **_):
    v = x.reshape(-1, n).astype(np.float64)
    return {"mean": v.mean(1), "var": v.var(1)}


@triton.jit
def cross_entropy(x, target, loss, n, ignore, smoothing, BLOCK: tl.constexpr):
    row = tl.program_id(0)
    t = tl.load(target + row)
    if t == ignore:
        tl.store(loss + row, 0.0)
        return
    cols = tl.arange(0, BLOCK)
    v = tl.load(x + row * n + cols, mask=cols < n, other=-float("inf")).to(tl.float32)
    high = tl.max(v, 0)
    lse = high + tl.log(tl.sum(tl.exp(v - high), 0))
    picked = tl.load(x + row * n + t).to(tl.float32)
    spread = lse - tl.sum(tl.where(cols < n, v, 0.0), 0) / n
    tl.store(loss + row, (1 - smoothing) * (lse - picked) + smoothing * spread)


def expect_cross_entropy(x, target, n, ignore, smoothing, **_):
    v = x.reshape(-1, n).astype(np.float64)
    lse = np.log(np.exp(v).sum(1))
    picked = v[np.arange(len(target)), target]
    loss = (1 - smoothing) * (lse - picked) + smoothing * (lse - v.mean(1))
    return {"loss": np.where(target == ignore, 0, loss)}


@triton.jit
def cross_entropy_backward(x, target, dx, n, scale, BLOCK: tl.constexpr):
    row = tl.program_id(0)
    cols = tl.arange(0, BLOCK)
    inside = cols < n
    v = tl.load(x + row * n + cols, mask=inside, other=-float("inf"))
    e = tl.exp(v - tl.max(v, 0))
    p = e / tl.sum(e, 0)
    t = tl.load(target + row)
    tl.store(dx + row * n + cols, scale * tl.where(cols == t, p - 1.0, p), mask=inside)


def expect_cross_entropy_backward(x, target, n, scale, **_):
    p = softmax_rows(x, n, n)
    p[np.arange(len(target)), target] -= 1
    return {"dx": p * scale}


@triton.jit
def kl_divergence(p, logq, out, n, BLOCK: tl.constexpr):
    row = tl.program_id(0)
    total = 0.0
    for start in range(0, n, BLOCK):
        cols = start + tl.arange(0, BLOCK)
        a = tl.load(p + row * n + cols, mask=cols < n, other=0.0)
        b = tl.load(logq + row * n + cols, mask=cols < n, other=0.0)
        total += tl.sum(a * (tl.log(tl.maximum(a, 1e-10)) - b))
    tl.store(out + row, total)


def expect_kl_divergence(p, logq, n, **_):
    a, b = p.reshape(-1, n).astype(np.float64), logq.reshape(-1, n).astype(np.float64)
    return {"out": (a * (np.log(np.maximum(a, 1e-10)) - b)).sum(1)}


def i32(value):
    return ("i32", value)


def f32(value):
    return ("fp32", value)


CASES = [
    ("softmax", {"x": "*fp32[512]", "y": "*fp32[512] zeros", "stride": i32(128), "n": i32(100), "BLOCK": 128},
     {"grid": (4,), "expect": expect_softmax}),
    ("log_softmax_backward", {"dy": "*fp32[400]", "y": "*fp32[400] -9:-1", "dx": "*fp32[400] zeros", "n": i32(100),
                              "BLOCK": 128}, {"grid": (4,), "expect": expect_log_softmax_backward}),
    ("online_log_sum_exp", {"x": "*fp32[800]", "out": "*fp32[4] zeros", "n": i32(200), "BLOCK": 64},
     {"grid": (4,), "expect": expect_online_log_sum_exp}),
    ("layer_norm", {"x": "*fp32[400]", "w": "*fp32[100]", "b": "*fp32[100]", "y": "*fp32[400] zeros",
                    "mean": "*fp32[4] zeros", "rstd": "*fp32[4] zeros", "n": i32(100), "eps": f32(1e-5), "BLOCK": 128},
     {"grid": (4,), "expect": expect_layer_norm}),
    ("layer_norm", {"x": "*fp16[400]", "w": "*fp16[100]", "b": "*fp16[100]", "y": "*fp16[400] zeros",
                    "mean": "*fp32[4] zeros", "rstd": "*fp32[4] zeros", "n": i32(100), "eps": f32(1e-5), "BLOCK": 128},
     {"grid": (4,), "expect": expect_layer_norm, "within": 1e-3}),
    ("layer_norm_backward", {"dy": "*fp32[400]", "x": "*fp32[400]", "w": "*fp32[100]", "mean": "*fp32[4] -0.1:0.1",
                             "rstd": "*fp32[4] 0.5:1.5", "dx": "*fp32[400] zeros", "dw": "*fp32[100] zeros",
                             "db": "*fp32[100] zeros", "n": i32(100), "BLOCK": 128},
     {"grid": (4,), "expect": expect_layer_norm_backward}),
    ("rms_norm", {"x": "*fp32[400]", "w": "*fp32[100]", "y": "*fp32[400] zeros", "n": i32(100), "eps": f32(1e-6),
                  "BLOCK": 128}, {"grid": (4,), "expect": expect_rms_norm}),
    ("rms_norm", {"x": "*bf16[400]", "w": "*bf16[100]", "y": "*bf16[400] zeros", "n": i32(100), "eps": f32(1e-6),
                  "BLOCK": 128}, {"grid": (4,), "expect": expect_rms_norm, "within": 1e-2}),
    ("rms_norm_backward", {"dy": "*fp32[400]", "x": "*fp32[400]", "w": "*fp32[100]", "dx": "*fp32[400] zeros",
                           "n": i32(100), "eps": f32(1e-6), "BLOCK": 128},
     {"grid": (4,), "expect": expect_rms_norm_backward}),
    ("group_norm", {"x": "*fp32[768]", "y": "*fp32[768] zeros", "channels": i32(8), "pixels": i32(48), "GROUP": 4,
                    "BLOCK": 64, "eps": f32(1e-5)}, {"grid": (2, 2), "expect": expect_group_norm}),
    ("welford", {"x": "*fp32[400]", "mean": "*fp32[4] zeros", "var": "*fp32[4] zeros", "n": i32(100), "BLOCK": 128},
     {"grid": (4,), "expect": expect_welford}),
    ("cross_entropy", {"x": "*fp32[400]", "target": "*i64[4] 0:100", "loss": "*fp32[4] zeros", "n": i32(100),
                       "ignore": i32(-100), "smoothing": f32(0.1), "BLOCK": 128},
     {"grid": (4,), "expect": expect_cross_entropy}),
    ("cross_entropy", {"x": "*fp32[400]", "target": "*i32[4] 7:8", "loss": "*fp32[4]", "n": i32(100),
                       "ignore": i32(7), "smoothing": f32(0.0), "BLOCK": 128},
     {"grid": (4,), "expect": expect_cross_entropy}),
    ("cross_entropy_backward", {"x": "*fp32[400]", "target": "*i64[4] 0:100", "dx": "*fp32[400] zeros", "n": i32(100),
                                "scale": f32(0.25), "BLOCK": 128},
     {"grid": (4,), "expect": expect_cross_entropy_backward}),
    ("kl_divergence", {"p": "*fp32[400] 0:0.02", "logq": "*fp32[400] -6:-3", "out": "*fp32[4] zeros", "n": i32(100),
                       "BLOCK": 64}, {"grid": (4,), "expect": expect_kl_divergence}),
]
