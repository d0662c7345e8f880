"""Reductions: along each dimension of tiles of one to three, of few elements and of many, of tuples, of other
combinations than sums, and with places of the extremes."""
import triton
import triton.language as tl


@triton.jit
def weighted_mean(mean0, weight0, mean1, weight1):
    weight = weight0 + weight1
    share = tl.where(weight == 0, 0.0, weight1 / weight)
    return mean0 + (mean1 - mean0) * share, weight


@triton.jit
def spread(low0, high0, sum0, low1, high1, sum1):
    return tl.minimum(low0, low1), tl.maximum(high0, high1), sum0 + sum1


@triton.jit
def both_bits(a, b):
    return a & b


@triton.jit
def reduce_tile(x_ptr, row_ptr, column_ptr, all_ptr, BM: tl.constexpr, BN: tl.constexpr):
    m, n = tl.arange(0, BM), tl.arange(0, BN)
    x = tl.load(x_ptr + m[:, None] * BN + n[None, :])
    tl.store(row_ptr + m, tl.sum(x, axis=1))
    tl.store(row_ptr + BM + m, tl.max(x, axis=1))
    tl.store(column_ptr + n, tl.sum(x, axis=0))
    tl.store(column_ptr + BN + n, tl.min(x, axis=0))
    tl.store(all_ptr, tl.sum(x))
    tl.store(all_ptr + 1, tl.max(tl.min(x, axis=0), axis=0))
    tl.store(all_ptr + 2, tl.sum(x - tl.max(x, axis=1, keep_dims=True)) * 0.5)


@triton.jit
def reduce_box(x_ptr, first_ptr, second_ptr, third_ptr, A: tl.constexpr, B: tl.constexpr, C: tl.constexpr):
    a, b, c = tl.arange(0, A), tl.arange(0, B), tl.arange(0, C)
    x = tl.load(x_ptr + (a[:, None, None] * B + b[None, :, None]) * C + c[None, None, :])
    tl.store(first_ptr + b[:, None] * C + c[None, :], tl.sum(x, axis=0))
    tl.store(second_ptr + a[:, None] * C + c[None, :], tl.sum(x, axis=1))
    tl.store(third_ptr + a[:, None] * B + b[None, :], tl.max(x, axis=2))
    tl.store(third_ptr + A * B + a, tl.sum(tl.min(x, axis=2), axis=1))


@triton.jit
def reduce_whole(x_ptr, out_ptr, N: tl.constexpr):
    x = tl.load(x_ptr + tl.arange(0, N))
    tl.store(out_ptr, tl.sum(x, axis=0))
    tl.store(out_ptr + 1, tl.max(x, axis=0))
    tl.store(out_ptr + 2, tl.min(x, axis=0))


@triton.jit
def reduce_bits(x_ptr, out_ptr, N: tl.constexpr):
    x = tl.load(x_ptr + tl.arange(0, N))
    tl.store(out_ptr, tl.xor_sum(x, axis=0))
    tl.store(out_ptr + 1, tl.reduce(x, 0, both_bits))
    tl.store(out_ptr + 2, tl.sum((x > 3).to(tl.int32), axis=0))
    tl.store(out_ptr + 3, tl.max(x > 100000, axis=0).to(x.dtype))


@triton.jit
def places(x_ptr, out_ptr, value_ptr, BM: tl.constexpr, BN: tl.constexpr):
    m, n = tl.arange(0, BM), tl.arange(0, BN)
    x = tl.load(x_ptr + m[:, None] * BN + n[None, :])
    tl.store(out_ptr + m, tl.argmax(x, axis=1))
    tl.store(out_ptr + BM + m, tl.argmin(x, axis=1))
    value, where = tl.max(x, axis=0, return_indices=True)
    tl.store(out_ptr + 2 * BM + n, where)
    tl.store(value_ptr + n, value)


@triton.jit
def combine(x_ptr, mean_ptr, spread_ptr, BM: tl.constexpr, BN: tl.constexpr):
    m, n = tl.arange(0, BM), tl.arange(0, BN)
    x = tl.load(x_ptr + m[:, None] * BN + n[None, :])
    weight = (n % 3 + 1).to(tl.float32)[None, :].broadcast_to(BM, BN)
    mean, total = tl.reduce((x, weight), 1, weighted_mean)
    tl.store(mean_ptr + m, mean)
    tl.store(mean_ptr + BM + m, total)
    low, high, total = tl.reduce((x, x, x), 0, spread)
    tl.store(spread_ptr + n, high - low)
    tl.store(spread_ptr + BN + n, total)
