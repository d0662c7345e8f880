"""Loads, stores, atomics, block pointers, descriptors and products."""
import triton
import triton.language as tl


@triton.jit
def masked(p, q, n, B: tl.constexpr):
    o = tl.arange(0, B)
    a = tl.load(p + o, mask=o < n, other=-1.0)
    b = tl.load(p + o, o < n - 3, 7)
    tl.store(q + o, a * b, mask=(o < n) & (o % 2 == 0))


@triton.jit
def modifiers(p, q, n, B: tl.constexpr):
    o = tl.arange(0, B)
    v = tl.load(p + o, mask=o < n, other=0, cache_modifier=".cg", eviction_policy="evict_last", volatile=True)
    tl.store(q + o, v + 1, mask=o < n, cache_modifier=".wt", eviction_policy="evict_first")


@triton.jit
def scalar_accesses(p, q, n):
    v = tl.load(p + n)
    tl.store(q, v, mask=n > 2)
    tl.store(q + 1, tl.load(p + n + 1, mask=n > 100, other=3))
    tl.store(q + 2, 5)


@triton.jit
def stores_of_constants(q, B: tl.constexpr):
    o = tl.arange(0, B)
    tl.store(q + o, 1)
    tl.store(q + B + o, 2.75)
    tl.store(q + 2 * B + o, o)


@triton.jit
def booleans_in_memory(p, q, B: tl.constexpr):
    o = tl.arange(0, B)
    v = tl.load(p + o)
    tl.store(q + o, ~v & (o > 2))


@triton.jit
def broadcast_masks(p, q, n, BM: tl.constexpr, BN: tl.constexpr):
    r, c = tl.arange(0, BM)[:, None], tl.arange(0, BN)[None, :]
    v = tl.load(p + r * BN + c, mask=r < n, other=0.0)
    tl.store(q + r * BN + c, v + 1, mask=c < n)


@triton.jit
def gather_loads(p, i, q, B: tl.constexpr):
    o = tl.arange(0, B)
    index = tl.load(i + o)
    tl.store(q + B - 1 - o, tl.load(p + index))


@triton.jit
def pointers_to_pointers(p, q, B: tl.constexpr):
    o = tl.arange(0, B)
    address = (p + o).to(tl.int64) + 4 * 3
    again = address.to(tl.pointer_type(tl.float32))
    tl.store(q + o, tl.load(again))


@triton.jit
def pointer_bitcasts(p, q, B: tl.constexpr):
    o = tl.arange(0, B)
    tl.store(q + o, tl.load(p.to(tl.pointer_type(tl.int32), bitcast=True) + o))


@triton.jit
def integer_atomics(p, old, n, B: tl.constexpr):
    o = tl.arange(0, B)
    a = tl.atomic_add(p + o, o, mask=o < n)
    b = tl.atomic_max(p + o, 5)
    c = tl.atomic_min(p + o, o * 2, sem="relaxed", scope="cta")
    d = tl.atomic_and(p + o, 0x7FF)
    e = tl.atomic_or(p + o, 1, sem="release")
    f = tl.atomic_xor(p + o, 3, sem="acquire", scope="sys")
    g = tl.atomic_xchg(p + o, o + 100)
    h = tl.atomic_cas(p + o, o + 100, o + 7)
    tl.store(old + o, tl.where(o < n, a, 0) + b + c + d + e + f + g + h)


@triton.jit
def float_atomics(p, old, B: tl.constexpr):
    o = tl.arange(0, B)
    a = tl.atomic_add(p + o, 1.5)
    b = tl.atomic_max(p + o, 0.5)
    c = tl.atomic_min(p + o, 1.0)
    d = tl.atomic_xchg(p + o, a * 2)
    tl.store(old + o, a + b + c + d)


@triton.jit
def half_atomics(p, old, B: tl.constexpr):
    o = tl.arange(0, B)
    tl.store(old + o, tl.atomic_add(p + o, 1.5))


@triton.jit
def scalar_atomics(p, q, n):
    tl.atomic_add(p, n)
    ticket = tl.atomic_add(p + 1, 1)
    tl.store(q + ticket, 1)
    tl.atomic_max(p + 2, tl.program_id(0))
    tl.atomic_cas(p + 3, 0, 9)


@triton.jit
def colliding_atomics(p, i, B: tl.constexpr):
    o = tl.arange(0, B)
    tl.atomic_add(p + tl.load(i + o), 1)


@triton.jit
def block_pointers(a, c, M, N, BM: tl.constexpr, BN: tl.constexpr):
    pid = tl.program_id(0)
    p = tl.make_block_ptr(a, shape=(M, N), strides=(N, 1), offsets=(pid * BM, 0), block_shape=(BM, BN), order=(1, 0))
    q = tl.make_block_ptr(base=c, shape=(M, N), strides=(N, 1), offsets=(pid * BM, 0), block_shape=(BM, BN), order=(1, 0))
    for _ in range(0, N, BN):
        x = tl.load(p, boundary_check=(0, 1), padding_option="zero")
        tl.store(q, (x * 2).to(c.type.element_ty), boundary_check=(0, 1))
        p = tl.advance(p, (0, BN))
        q = q.advance([0, BN])


@triton.jit
def block_pointers_transposed(a, c, M, N, B: tl.constexpr):
    p = tl.make_block_ptr(a, (N, M), (1, N), (0, tl.program_id(0) * B), (B, B), (0, 1))
    q = tl.make_block_ptr(c, (N, M), (M, 1), (0, tl.program_id(0) * B), (B, B), (1, 0))
    tl.store(q, tl.load(p, boundary_check=(1, 0), padding_option="nan"), boundary_check=(0, 1))


@triton.jit
def block_pointers_of_one_dimension(a, c, n, B: tl.constexpr):
    p = tl.make_block_ptr(a, (n,), (1,), (tl.program_id(0) * B,), (B,), (0,))
    q = tl.make_block_ptr(c, (n,), (1,), (tl.program_id(0) * B,), (B,), (0,))
    tl.store(q, tl.load(p, boundary_check=(0,)) + 1, boundary_check=(0,))


@triton.jit
def descriptors(a, c, M, N, BM: tl.constexpr, BN: tl.constexpr):
    d = tl.make_tensor_descriptor(a, [M, N], [N, 1], [BM, BN])
    e = tl.make_tensor_descriptor(c, shape=[M, N], strides=[N, 1], block_shape=[BM, BN])
    x = d.load([tl.program_id(0) * BM, 0])
    y = tl.load_tensor_descriptor(d, [tl.program_id(0) * BM, BN])
    e.store([tl.program_id(0) * BM, 0], x + y)
    tl.store_tensor_descriptor(e, [tl.program_id(0) * BM, BN], x - y)


@triton.jit
def dots(a, b, c, M: tl.constexpr, N: tl.constexpr, K: tl.constexpr, PRECISION: tl.constexpr):
    m, n, k = tl.arange(0, M), tl.arange(0, N), tl.arange(0, K)
    x = tl.load(a + m[:, None] * K + k[None, :])
    y = tl.load(b + n[:, None] * K + k[None, :])
    acc = tl.dot(x, tl.trans(y), input_precision=PRECISION)
    acc = tl.dot(x, y.T, acc, input_precision=PRECISION)
    acc += tl.dot(x, y.T, out_dtype=tl.float32, input_precision=PRECISION)
    tl.store(c + m[:, None] * N + n[None, :], acc.to(c.dtype.element_ty))


@triton.jit
def half_accumulators(a, b, c, B: tl.constexpr):
    r = tl.arange(0, B)
    at = r[:, None] * B + r[None, :]
    tl.store(c + at, tl.dot(tl.load(a + at), tl.load(b + at), out_dtype=tl.float16))


@triton.jit
def integer_dots(a, b, c, B: tl.constexpr):
    r = tl.arange(0, B)
    at = r[:, None] * B + r[None, :]
    tl.store(c + at, tl.dot(tl.load(a + at), tl.load(b + at)))


@triton.jit
def batched_dots(a, b, c, A: tl.constexpr, B: tl.constexpr):
    r = tl.arange(0, B)
    at = tl.arange(0, A)[:, None, None] * B * B + r[None, :, None] * B + r[None, None, :]
    tl.store(c + at, tl.dot(tl.load(a + at), tl.load(b + at), input_precision="ieee"))


@triton.jit
def chained_dots(a, b, c, B: tl.constexpr):
    r = tl.arange(0, B)
    at = r[:, None] * B + r[None, :]
    x = tl.load(a + at)
    y = tl.dot(x, tl.load(b + at)).to(tl.float16)
    tl.store(c + at, tl.dot(y, x.T, max_num_imprecise_acc=0))


P, OUT = "*fp32[256]", "*fp32[256] zeros"
H, HOUT = "*fp16[1024]", "*fp16[1024] zeros"
B = {"B": 16}
N = ("i32", 11)
CASES = [
    ("masked", {"p": P, "q": OUT, "n": N, **B}), ("masked", {"p": "*i8[64]", "q": "*i8[64] zeros", "n": N, **B}),
    ("modifiers", {"p": "*fp16[64]", "q": HOUT, "n": N, **B}), ("scalar_accesses", {"p": P, "q": OUT, "n": N}),
    ("stores_of_constants", {"q": OUT, **B}), ("stores_of_constants", {"q": "*i8[64] zeros", **B}),
    ("booleans_in_memory", {"p": "*i1[64]", "q": "*i1[64] zeros", **B}),
    ("broadcast_masks", {"p": P, "q": OUT, "n": ("i32", 5), "BM": 8, "BN": 16}),
    ("gather_loads", {"p": P, "i": "*i32[16] 0:256", "q": OUT, **B}),
    ("gather_loads", {"p": P, "i": "*i64[16] 0:256", "q": OUT, **B}),
    ("pointers_to_pointers", {"p": P, "q": OUT, **B}), ("pointer_bitcasts", {"p": P, "q": "*i32[64] zeros", **B}),
    ("integer_atomics", {"p": "*i32[16] 0:50", "old": "*i32[16] zeros", "n": N, **B}),
    ("float_atomics", {"p": P, "old": OUT, **B}), ("half_atomics", {"p": "*fp16[64]", "old": HOUT, **B}),
    ("scalar_atomics", {"p": "*i32[4] zeros", "q": "*i32[16] zeros", "n": N}, {"grid": (10,)}),
    ("colliding_atomics", {"p": "*i32[8] zeros", "i": "*i32[64] 0:8", "B": 64}),
    ("block_pointers", {"a": H, "c": HOUT, "M": ("i32", 20), "N": ("i32", 50), "BM": 16, "BN": 16}, {"grid": (2,)}),
    ("block_pointers_transposed", {"a": P, "c": OUT, "M": ("i32", 14), "N": ("i32", 16), **B}),
    ("block_pointers_of_one_dimension", {"a": P, "c": OUT, "n": ("i32", 40), **B}, {"grid": (3,)}),
    ("descriptors", {"a": H, "c": HOUT, "M": ("i32", 20), "N": ("i32", 48), "BM": 16, "BN": 32}, {"grid": (2,)}),
    *[("dots", {"a": f"*{t}[1024]", "b": f"*{t}[1024]", "c": "*fp32[1024] zeros", "M": 16, "N": 32, "K": 16,
                "PRECISION": how}, {"plain": tolerance})
      for t, how, tolerance in (("fp32", "ieee", 1e-5), ("fp16", "ieee", 1e-5), ("bf16", "ieee", 1e-5),
                                ("fp32", "tf32x3", 1e-5), ("fp32", "tf32", 1e-2))],
    ("half_accumulators", {"a": "*fp16[256]", "b": "*fp16[256]", "c": "*fp16[256] zeros", **B}, {"plain": 2e-2}),
    ("integer_dots", {"a": "*i8[1024]", "b": "*i8[1024]", "c": "*i32[1024] zeros", "B": 32}),
    ("batched_dots", {"a": "*fp32[1024]", "b": "*fp32[1024]", "c": "*fp32[1024] zeros", "A": 4, "B": 16}),
    ("chained_dots", {"a": "*fp16[256]", "b": "*fp16[256]", "c": "*fp32[256] zeros", **B}, {"plain": 1e-2}),
]
