"""Tiles that change their shape or their layout: every kind of movement between registers, lanes and warps."""
import triton
import triton.language as tl


@triton.jit
def turn(x_ptr, out_ptr, doubled_ptr, BM: tl.constexpr, BN: tl.constexpr):
    m, n = tl.arange(0, BM), tl.arange(0, BN)
    x = tl.load(x_ptr + m[:, None] * BN + n[None, :])
    turned = tl.trans(x)
    tl.store(out_ptr + n[:, None] * BM + m[None, :], turned)
    tl.store(doubled_ptr + m[:, None] * BN + n[None, :], x + tl.trans(turned))


@triton.jit
def turn_box(x_ptr, out_ptr, A: tl.constexpr, B: tl.constexpr, C: tl.constexpr):
    a, b, c = tl.arange(0, A), tl.arange(0, B), tl.arange(0, C)
    x = tl.load(x_ptr + (a[:, None, None] * B + b[None, :, None]) * C + c[None, None, :])
    tl.store(out_ptr + (a[:, None, None] * C + c[None, :, None]) * B + b[None, None, :], tl.permute(x, (0, 2, 1)))
    to = out_ptr + A * B * C
    tl.store(to + (b[:, None, None] * A + a[None, :, None]) * C + c[None, None, :], tl.permute(x, (1, 0, 2)))
    to += A * B * C
    tl.store(to + (b[:, None, None] * C + c[None, :, None]) * A + a[None, None, :], tl.permute(x, (1, 2, 0)))
    to += A * B * C
    tl.store(to + (c[:, None, None] * A + a[None, :, None]) * B + b[None, None, :], tl.permute(x, (2, 0, 1)))
    to += A * B * C
    tl.store(to + (c[:, None, None] * B + b[None, :, None]) * A + a[None, None, :], tl.permute(x, (2, 1, 0)))


@triton.jit
def reshape(x_ptr, out_ptr, flat_ptr, BM: tl.constexpr, BN: tl.constexpr):
    m, n = tl.arange(0, BM), tl.arange(0, BN)
    x = tl.load(x_ptr + m[:, None] * BN + n[None, :])
    tl.store(out_ptr + n[:, None] * BM + m[None, :], tl.reshape(x, (BN, BM)))
    flat = tl.reshape(tl.trans(x), (BM * BN,))
    tl.store(flat_ptr + tl.arange(0, BM * BN), flat)
    halves = tl.sum(tl.reshape(flat, (2, BM * BN // 2)), axis=0)
    tl.store(flat_ptr + BM * BN + tl.arange(0, BM * BN // 2), halves)


@triton.jit
def pair(x_ptr, y_ptr, out_ptr, parts_ptr, N: tl.constexpr):
    at = tl.arange(0, N)
    x = tl.load(x_ptr + at)
    y = tl.load(y_ptr + at)
    both = tl.join(x, y)
    tl.store(out_ptr + tl.arange(0, 2 * N), tl.interleave(x, y))
    tl.store(out_ptr + 2 * N + at[:, None] * 2 + tl.arange(0, 2)[None, :], both)
    even, odd = tl.split(tl.reshape(tl.load(x_ptr + at), (N // 2, 2)))
    half = tl.arange(0, N // 2)
    tl.store(parts_ptr + half, even - odd)
    left, right = tl.split(both * 2)
    tl.store(parts_ptr + N // 2 + at, left - right)


@triton.jit
def spread_out(row_ptr, column_ptr, out_ptr, BM: tl.constexpr, BN: tl.constexpr):
    m, n = tl.arange(0, BM), tl.arange(0, BN)
    row = tl.load(row_ptr + n)
    column = tl.load(column_ptr + m)
    total = tl.sum(column, axis=0)
    outer = column[:, None] * row[None, :] + tl.broadcast_to(column[:, None], (BM, BN)) + total
    tl.store(out_ptr + m[:, None] * BN + n[None, :], outer + tl.expand_dims(row, 0))
    tl.store(out_ptr + BM * BN + n[:, None] * BM + m[None, :], row[:, None] - column[None, :])


@triton.jit
def follow(index_ptr, x_ptr, out_ptr, BM: tl.constexpr, BN: tl.constexpr):
    m, n = tl.arange(0, BM), tl.arange(0, BN)
    index = tl.load(index_ptr + m)
    place = x_ptr + index[:, None] * BN + n[None, :]
    keep = (index % 2 == 0)[:, None] | (n > 3)[None, :]
    x = tl.load(place, mask=keep, other=0)
    tl.store(out_ptr + n[:, None] * BM + m[None, :], tl.trans(x))
    where = tl.trans(keep)
    tl.store(out_ptr + BM * BN + n[:, None] * BM + m[None, :], where)
    again = tl.load(tl.trans(place))
    tl.store(out_ptr + 2 * BM * BN + n[:, None] * BM + m[None, :], again)


@triton.jit
def order(x_ptr, sorted_ptr, flipped_ptr, BM: tl.constexpr, BN: tl.constexpr):
    m, n = tl.arange(0, BM), tl.arange(0, BN)
    at = m[:, None] * BN + n[None, :]
    x = tl.load(x_ptr + at)
    tl.store(sorted_ptr + at, tl.sort(x))
    tl.store(flipped_ptr + at, tl.flip(x, 1) * 2 + tl.flip(x, 0))


@triton.jit
def carry(x_ptr, out_ptr, rounds, BM: tl.constexpr, BN: tl.constexpr):
    m, n = tl.arange(0, BM), tl.arange(0, BN)
    at = m[:, None] * BN + n[None, :]
    x = tl.load(x_ptr + at)
    sums = tl.zeros((BN,), tl.float32)
    step = 0
    while step < rounds:
        if step % 2 == 0:
            x = tl.trans(tl.reshape(x, (BN, BM)))
        else:
            x = x - tl.sum(x, axis=0)[None, :] * 0.125
        for _ in range(2):
            sums += tl.max(x, axis=0)
        step += 1
    tl.store(out_ptr + at, x + sums[None, :])
