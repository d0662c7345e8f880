"""Scans: of every length against the threads, along both dimensions, backwards, of tuples and of combinations
that do not commute."""
import triton
import triton.language as tl


@triton.jit
def larger(a, b):
    return tl.maximum(a, b)


@triton.jit
def after(a0, b0, a1, b1):
    return a0 * a1, b0 * a1 + b1


@triton.jit
def last_set(value0, set0, value1, set1):
    return tl.where(set1 != 0, value1, value0), set0 | set1


@triton.jit
def scan_tile(x_ptr, rows_ptr, columns_ptr, backwards_ptr, highest_ptr, BM: tl.constexpr, BN: tl.constexpr):
    at = tl.arange(0, BM)[:, None] * BN + tl.arange(0, BN)[None, :]
    x = tl.load(x_ptr + at)
    tl.store(rows_ptr + at, tl.cumsum(x, axis=1))
    tl.store(columns_ptr + at, tl.cumsum(x, axis=0))
    tl.store(backwards_ptr + at, tl.cumsum(x, axis=1, reverse=True) - tl.cumsum(x, axis=0, reverse=True))
    tl.store(highest_ptr + at, tl.associative_scan(x, 0, larger, reverse=True) + tl.associative_scan(x, 1, larger))


@triton.jit
def scan_line(x_ptr, a_ptr, sum_ptr, recurrence_ptr, filled_ptr, N: tl.constexpr):
    at = tl.arange(0, N)
    x = tl.load(x_ptr + at)
    a = tl.load(a_ptr + at)
    tl.store(sum_ptr + at, tl.cumsum(x, axis=0) + tl.cumsum(x, axis=0, reverse=True))
    _, b = tl.associative_scan((a, a + 0.25), 0, after)
    tl.store(recurrence_ptr + at, b)
    value, _ = tl.associative_scan((x, (x > 2).to(tl.int8)), 0, last_set, reverse=True)
    tl.store(filled_ptr + at, value)


@triton.jit
def scan_loop(x_ptr, out_ptr, n, B: tl.constexpr):
    row = tl.program_id(0)
    so_far = 0.0
    for start in range(0, n, B):
        at = start + tl.arange(0, B)
        x = tl.load(x_ptr + row * n + at, mask=at < n, other=0.0)
        tl.store(out_ptr + row * n + at, tl.cumsum(x, axis=0) + so_far, mask=at < n)
        so_far += tl.sum(x, axis=0)


@triton.jit
def count_bins(x_ptr, bins_ptr, masked_ptr, few_ptr, n, N: tl.constexpr, BINS: tl.constexpr):
    at = tl.arange(0, N)
    x = tl.load(x_ptr + at)
    bins = tl.arange(0, BINS)
    tl.store(bins_ptr + bins, tl.histogram(x, BINS))
    tl.store(masked_ptr + bins, tl.histogram(x, BINS, mask=at < n) + tl.histogram(x * 0 + 1, BINS))
    tl.store(few_ptr + tl.arange(0, 2), tl.histogram(x & 1, 2))


@triton.jit
def pick(x_ptr, row_ptr, column_ptr, rows_ptr, columns_ptr, BM: tl.constexpr, BN: tl.constexpr, BK: tl.constexpr):
    m, n, k = tl.arange(0, BM), tl.arange(0, BN), tl.arange(0, BK)
    x = tl.load(x_ptr + m[:, None] * BN + n[None, :])
    row = tl.load(row_ptr + k[:, None] * BN + n[None, :])
    column = tl.load(column_ptr + m[:, None] * BK + k[None, :])
    tl.store(rows_ptr + k[:, None] * BN + n[None, :], tl.gather(x, row, 0))
    tl.store(columns_ptr + m[:, None] * BK + k[None, :], tl.gather(x, column, 1))


@triton.jit
def pick_line(x_ptr, index_ptr, out_ptr, N: tl.constexpr, K: tl.constexpr):
    at = tl.arange(0, K)
    table = tl.load(x_ptr + tl.arange(0, N)) * 2
    index = tl.load(index_ptr + at)
    tl.store(out_ptr + at, tl.gather(table, index, 0) + tl.gather(table, (index + 1) % N, 0))
