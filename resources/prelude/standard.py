"""The standard library of the language, in the language: what tl offers beyond its built-in functions.

A function decorated with @member is a method of tiles too: x.sum(axis=0).
"""
import triton
import triton.language as tl


@member
@triton.jit
def cdiv(x, div):
    return (x + (div - 1)) // div


@triton.jit
def zeros(shape, dtype):
    return tl.full(shape, 0, dtype)


@triton.jit
def zeros_like(input):
    return tl.full(input.shape, 0, input.dtype)


@member
@triton.jit
def ravel(x, can_reorder=False):
    return tl.reshape(x, [x.numel], can_reorder=can_reorder)


@member
@triton.jit
def sigmoid(x):
    return 1 / (1 + tl.exp(-x))


@member
@triton.jit
def softmax(x, dim=None, keep_dims=False, ieee_rounding=False):
    if dim is None:
        axis: tl.constexpr = 0
    else:
        axis: tl.constexpr = dim
    shifted = x - max(x, axis, keep_dims=keep_dims)
    weights = tl.exp(shifted)
    total = sum(weights, axis, keep_dims=keep_dims)
    return tl.fdiv(weights, total, ieee_rounding)


@triton.jit
def swizzle2d(i, j, size_i, size_j, size_g):
    # The programs of size_g rows at a time, column by column; the last group may have fewer rows.
    place = i * size_j + j
    group_size = size_g * size_j
    group = place // group_size
    first_row = group * size_g
    rows = tl.minimum(size_i - first_row, size_g)
    inside = place % group_size
    return first_row + inside % rows, inside // rows


@triton.jit
def interleave(a, b):
    pairs = tl.join(a, b)
    if len(pairs.shape) == 1:
        return pairs
    else:
        return tl.reshape(pairs, pairs.shape[:-2] + [2 * pairs.shape[-2]])


# ---- reductions ----


@triton.jit
def __wide(x):
    # bf16 has no comparison in hardware; everything narrower than 32 bits is compared at 32.
    if x.dtype.primitive_bitwidth < 32:
        if x.dtype.is_floating():
            return x.to(tl.float32)
        else:
            return x.to(tl.int32)
    else:
        return x


@triton.jit
def __no_bf16(x):
    if x.dtype.is_bf16():
        return x.to(tl.float32)
    else:
        return x


@triton.jit
def __sum_type(x, dtype):
    # Integers narrower than 32 bits are summed at 32, with their sign.
    if dtype is not None:
        return x.to(dtype)
    elif x.dtype.is_int_signed() and x.dtype.int_bitwidth < 32:
        return x.to(tl.int32)
    elif x.dtype.is_int_unsigned() and x.dtype.int_bitwidth < 32:
        return x.to(tl.uint32)
    else:
        return x


@triton.jit
def __larger(a, b):
    return tl.maximum(a, b)


@triton.jit
def __smaller(a, b):
    return tl.minimum(a, b)


@triton.jit
def __plus(a, b):
    return a + b


@triton.jit
def __times(a, b):
    return a * b


@triton.jit
def __xor(a, b):
    return a ^ b


@triton.jit
def __or(a, b):
    return a | b


@triton.jit
def __first_largest(value1, index1, value2, index2):
    first = value1 > value2 or (value1 == value2 and index1 < index2)
    return tl.where(first, value1, value2), tl.where(first, index1, index2)


@triton.jit
def __any_largest(value1, index1, value2, index2):
    first = value1 > value2
    return tl.where(first, value1, value2), tl.where(first, index1, index2)


@triton.jit
def __first_smallest(value1, index1, value2, index2):
    first = value1 < value2 or (value1 == value2 and index1 < index2)
    return tl.where(first, value1, value2), tl.where(first, index1, index2)


@triton.jit
def __any_smallest(value1, index1, value2, index2):
    first = value1 < value2
    return tl.where(first, value1, value2), tl.where(first, index1, index2)


@triton.jit
def __reduce_with_index(x, axis, combine, keep_dims):
    rank: tl.constexpr = len(x.shape)
    tl.static_assert(axis is not None and -rank <= axis and axis < rank, "the axis must be one of the tile's")
    along: tl.constexpr = axis % rank
    index = tl.arange(0, x.shape[along])
    for i in tl.static_range(rank):
        if i != along:
            index = tl.expand_dims(index, i)
    if rank > 1:
        index = tl.broadcast_to(index, x.shape)
    return tl.reduce((x, index), along, combine, keep_dims=keep_dims)


@member
@triton.jit
def max(input, axis=None, return_indices=False, return_indices_tie_break_left=True, keep_dims=False):
    if return_indices:
        if return_indices_tie_break_left:
            return __reduce_with_index(__no_bf16(input), axis, __first_largest, keep_dims)
        else:
            return __reduce_with_index(__no_bf16(input), axis, __any_largest, keep_dims)
    else:
        return tl.reduce(__wide(input), axis, __larger, keep_dims=keep_dims)


@member
@triton.jit
def min(input, axis=None, return_indices=False, return_indices_tie_break_left=True, keep_dims=False):
    if return_indices:
        if return_indices_tie_break_left:
            return __reduce_with_index(__no_bf16(input), axis, __first_smallest, keep_dims)
        else:
            return __reduce_with_index(__no_bf16(input), axis, __any_smallest, keep_dims)
    else:
        return tl.reduce(__wide(input), axis, __smaller, keep_dims=keep_dims)


@member
@triton.jit
def argmax(input, axis, tie_break_left=True, keep_dims=False):
    value, index = max(input, axis, return_indices=True, return_indices_tie_break_left=tie_break_left,
                       keep_dims=keep_dims)
    return index


@member
@triton.jit
def argmin(input, axis, tie_break_left=True, keep_dims=False):
    value, index = min(input, axis, return_indices=True, return_indices_tie_break_left=tie_break_left,
                       keep_dims=keep_dims)
    return index


@member
@triton.jit
def sum(input, axis=None, keep_dims=False, dtype=None):
    return tl.reduce(__sum_type(input, dtype), axis, __plus, keep_dims=keep_dims)


@member
@triton.jit
def xor_sum(input, axis=None, keep_dims=False):
    tl.static_assert(input.type.scalar.is_int(), "xor_sum works on integers")
    return tl.reduce(input, axis, __xor, keep_dims=keep_dims)


@member
@triton.jit
def reduce_or(input, axis, keep_dims=False):
    tl.static_assert(input.type.scalar.is_int(), "reduce_or works on integers")
    return tl.reduce(input, axis, __or, keep_dims=keep_dims)


# ---- scans ----


@member
@triton.jit
def cumsum(input, axis=0, reverse=False, dtype=None):
    return tl.associative_scan(__sum_type(__no_bf16(input), dtype), axis, __plus, reverse)


@member
@triton.jit
def cumprod(input, axis=0, reverse=False):
    return tl.associative_scan(__no_bf16(input), axis, __times, reverse)
