"""Sorting networks over the last dimension of a tile. A dimension of 2^n elements is seen as n dimensions of 2, so that
partners of a comparison differ in one index.
"""
import triton
import triton.language as tl


@triton.jit
def __index_along(rank: tl.constexpr, place: tl.constexpr):
    # 0 and 1 along the dimension `place` from the innermost, for tiles of `rank` dimensions of 2.
    return tl.reshape(tl.arange(0, 2), [1] * (rank - place - 1) + [2] + [1] * place)


@triton.jit
def __exchange(x, descending, place: tl.constexpr):
    # Each pair along `place` in ascending order, or in descending order where `descending` is 1.
    rank: tl.constexpr = tl._log2(x.numel)
    bits = x.to(tl.get_int_dtype(x.dtype.primitive_bitwidth, True), bitcast=True)
    # What both hold, xor what this one holds, is what the partner holds.
    partner = (bits ^ tl.xor_sum(bits, rank - 1 - place, True)).to(x.dtype, bitcast=True)
    upper = __index_along(rank, place)
    return tl.where((x > partner) != (descending ^ upper), partner, x)


@triton.jit
def __merge(x, stage: tl.constexpr, order: tl.constexpr):
    # Bitonic runs of 2^stage elements sorted. order 0: ascending, 1: descending, 2: one after the other in turn.
    if order == 2:
        descending = __index_along(tl._log2(x.numel), stage)
    else:
        descending = order
    for i in tl.static_range(stage):
        x = __exchange(x, descending, stage - 1 - i)
    return x


@triton.jit
def sort_impl(x, k: tl.constexpr = None, dim: tl.constexpr = None, descending: tl.constexpr = False):
    last: tl.constexpr = len(x.shape) - 1
    tl.static_assert(dim is None or dim == last or dim == -1, "only the last dimension can be sorted")
    length: tl.constexpr = tl._log2(x.shape[last])
    kept: tl.constexpr = length if k is None else tl._log2(k)
    order: tl.constexpr = 1 if descending else 0
    rank: tl.constexpr = tl._log2(x.numel)
    cube = tl.reshape(x, [2] * rank if rank > 0 else [1])
    for stage in tl.static_range(1, kept + 1):
        cube = __merge(cube, stage, 2 if stage < length else order)
    # Of two sorted runs of k elements, one rising and one falling, the pairwise best are the best k.
    for stage in tl.static_range(kept + 1, length + 1):
        if descending:
            cube = tl.max(cube, axis=tl._log2(cube.numel) - 1 - kept)
        else:
            cube = tl.min(cube, axis=tl._log2(cube.numel) - 1 - kept)
        cube = __merge(cube, kept, 2 if stage < length else order)
    return tl.reshape(cube, x.shape[:-1] + [2**kept])


@member
@triton.jit
def sort(x, dim: tl.constexpr = None, descending: tl.constexpr = False):
    return sort_impl(x, dim=dim, descending=descending)


@triton.jit
def topk(x, k: tl.constexpr, dim: tl.constexpr = None):
    return sort_impl(x, k=k, dim=dim, descending=True)


@triton.jit
def bitonic_merge(x, dim: tl.constexpr = None, descending: tl.constexpr = False):
    last: tl.constexpr = len(x.shape) - 1
    tl.static_assert(dim is None or dim == last or dim == -1, "only the last dimension can be merged")
    cube = tl.reshape(x, [2] * tl._log2(x.numel))
    return tl.reshape(__merge(cube, tl._log2(x.shape[last]), 1 if descending else 0), x.shape)


@member
@triton.jit
def flip(x, dim=None):
    rank: tl.constexpr = len(x.shape)
    along: tl.constexpr = rank - 1 if dim is None else (dim + rank if dim < 0 else dim)
    tl.static_assert(0 <= along and along < rank, "the dimension must be one of the tile's")
    steps: tl.constexpr = tl._log2(x.shape[along])
    bits = x.to(tl.get_int_dtype(x.dtype.primitive_bitwidth, True), bitcast=True)
    bits = tl.reshape(bits, x.shape[:along] + [2] * steps + x.shape[along + 1:])
    for i in tl.static_range(steps):
        bits = bits ^ tl.xor_sum(bits, along + i, True)
    return tl.reshape(bits, x.shape).to(x.dtype, bitcast=True)
