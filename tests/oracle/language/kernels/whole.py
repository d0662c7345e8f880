"""Whole kernels, whose mathematics NumPy says."""
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
