"""Kernels of everyday training and serving that the samples lack, timed on GPUs beside Triton: a row or a
block of rows a program, memory-bound."""
import triton
import triton.language as tl


@triton.jit
def rms_norm_backward(dy_ptr, x_ptr, w_ptr, rms_ptr, dx_ptr, stride, n, BLOCK: tl.constexpr):
    row = tl.program_id(0)
    cols = tl.arange(0, BLOCK)
    mask = cols < n
    dy = tl.load(dy_ptr + row * stride + cols, mask=mask, other=0.0).to(tl.float32)
    x = tl.load(x_ptr + row * stride + cols, mask=mask, other=0.0).to(tl.float32)
    w = tl.load(w_ptr + cols, mask=mask, other=0.0).to(tl.float32)
    inverse = tl.load(rms_ptr + row)
    scaled = dy * w
    along = tl.sum(scaled * x, axis=0) / n
    dx = inverse * (scaled - x * (inverse * inverse * along))
    tl.store(dx_ptr + row * stride + cols, dx, mask=mask)


@triton.jit
def cross_entropy(logits_ptr, labels_ptr, loss_ptr, stride, n, BLOCK: tl.constexpr):
    row = tl.program_id(0)
    cols = tl.arange(0, BLOCK)
    mask = cols < n
    logits = tl.load(logits_ptr + row * stride + cols, mask=mask, other=-float("inf")).to(tl.float32)
    label = tl.load(labels_ptr + row)
    highest = tl.max(logits, axis=0)
    total = tl.sum(tl.exp(logits - highest), axis=0)
    chosen = tl.load(logits_ptr + row * stride + label).to(tl.float32)
    tl.store(loss_ptr + row, tl.log(total) + highest - chosen)


@triton.jit
def rotary(x_ptr, cos_ptr, sin_ptr, out_ptr, stride, heads, HALF: tl.constexpr, BLOCK: tl.constexpr):
    token = tl.program_id(0)
    first = tl.program_id(1) * BLOCK
    rows = first + tl.arange(0, BLOCK)
    cols = tl.arange(0, HALF)
    mask = (rows < heads)[:, None]
    cos = tl.load(cos_ptr + token * HALF + cols).to(tl.float32)[None, :]
    sin = tl.load(sin_ptr + token * HALF + cols).to(tl.float32)[None, :]
    base = token * stride + rows[:, None] * (2 * HALF) + cols[None, :]
    left = tl.load(x_ptr + base, mask=mask, other=0.0).to(tl.float32)
    right = tl.load(x_ptr + base + HALF, mask=mask, other=0.0).to(tl.float32)
    tl.store(out_ptr + base, left * cos - right * sin, mask=mask)
    tl.store(out_ptr + base + HALF, right * cos + left * sin, mask=mask)


@triton.jit
def quantize_rows(x_ptr, out_ptr, scale_ptr, stride, n, BLOCK: tl.constexpr):
    row = tl.program_id(0)
    cols = tl.arange(0, BLOCK)
    mask = cols < n
    x = tl.load(x_ptr + row * stride + cols, mask=mask, other=0.0).to(tl.float32)
    largest = tl.max(tl.abs(x), axis=0)
    scale = tl.maximum(largest, 1e-8) / 127.0
    scaled = x / scale
    rounded = scaled + tl.where(scaled >= 0, 0.5, -0.5)
    tl.store(out_ptr + row * stride + cols, rounded.to(tl.int8), mask=mask)
    tl.store(scale_ptr + row, scale)


@triton.jit
def cumsum_rows(x_ptr, out_ptr, stride, n, BLOCK: tl.constexpr):
    row = tl.program_id(0)
    cols = tl.arange(0, BLOCK)
    mask = cols < n
    x = tl.load(x_ptr + row * stride + cols, mask=mask, other=0.0).to(tl.float32)
    tl.store(out_ptr + row * stride + cols, tl.cumsum(x, axis=0), mask=mask)
