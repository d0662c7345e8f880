"""Kernels over tiles: elementwise with broadcasting, and a reduction across rows."""
import triton
import triton.language as tl


@triton.jit
def add_bias_relu(x_ptr, bias_ptr, y_ptr, rows, cols, stride_x, stride_y, BM: tl.constexpr, BN: tl.constexpr):
    rm = tl.program_id(0) * BM + tl.arange(0, BM)
    rn = tl.program_id(1) * BN + tl.arange(0, BN)
    mask = (rm[:, None] < rows) & (rn[None, :] < cols)
    bias = tl.load(bias_ptr + rn, mask=rn < cols, other=0.0)
    x = tl.load(x_ptr + rm[:, None] * stride_x + rn[None, :], mask=mask, other=0.0)
    y = x + bias[None, :]
    tl.store(y_ptr + rm[:, None] * stride_y + rn[None, :], tl.where(y > 0, y, 0.0), mask=mask)


@triton.jit
def column_sum(x_ptr, out_ptr, rows, cols, stride, BM: tl.constexpr, BN: tl.constexpr):
    rm = tl.arange(0, BM)
    rn = tl.program_id(0) * BN + tl.arange(0, BN)
    mask = (rm[:, None] < rows) & (rn[None, :] < cols)
    x = tl.load(x_ptr + rm[:, None] * stride + rn[None, :], mask=mask, other=0.0).to(tl.float32)
    tl.store(out_ptr + rn, tl.sum(x, axis=0), mask=rn < cols)


@triton.jit
def scaled_difference(a_ptr, b_ptr, out_ptr, alpha, n, BLOCK: tl.constexpr):
    at = tl.program_id(0) * BLOCK + tl.arange(0, BLOCK)
    mask = at < n
    a = tl.load(a_ptr + at, mask=mask, other=0)
    b = tl.load(b_ptr + at, mask=mask, other=0)
    tl.store(out_ptr + at, (a - b) * alpha, mask=mask)
