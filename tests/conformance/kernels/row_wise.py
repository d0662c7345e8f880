"""Kernels over the rows of a matrix: one program a row, one or two reductions."""
import triton
import triton.language as tl


@triton.jit
def rms_norm(x_ptr, w_ptr, y_ptr, stride, n, eps, BLOCK: tl.constexpr):
    row = tl.program_id(0)
    cols = tl.arange(0, BLOCK)
    mask = cols < n
    x = tl.load(x_ptr + row * stride + cols, mask=mask, other=0.0).to(tl.float32)
    scale = 1.0 / tl.sqrt(tl.sum(x * x, axis=0) / n + eps)
    w = tl.load(w_ptr + cols, mask=mask, other=0.0)
    tl.store(y_ptr + row * stride + cols, x * scale * w, mask=mask)


@triton.jit
def log_sum_exp(x_ptr, out_ptr, stride, n, BLOCK: tl.constexpr):
    row = tl.program_id(0)
    cols = tl.arange(0, BLOCK)
    x = tl.load(x_ptr + row * stride + cols, mask=cols < n, other=-float("inf"))
    high = tl.max(x, axis=0)
    total = tl.sum(tl.exp(x - high), axis=0)
    tl.store(out_ptr + row, high + tl.log(total))


@triton.jit
def row_range(x_ptr, low_ptr, high_ptr, rows, stride, n, BM: tl.constexpr, BN: tl.constexpr):
    rm = tl.program_id(0) * BM + tl.arange(0, BM)
    rn = tl.arange(0, BN)
    inside = (rm[:, None] < rows) & (rn[None, :] < n)
    at = x_ptr + rm[:, None] * stride + rn[None, :]
    low = tl.min(tl.load(at, mask=inside, other=float("inf")), axis=1)
    high = tl.max(tl.load(at, mask=inside, other=-float("inf")), axis=1)
    tl.store(low_ptr + rm, low, mask=rm < rows)
    tl.store(high_ptr + rm, high, mask=rm < rows)
