"""Control flow, helpers, names and constants."""
import triton
import triton.language as tl

SCALE = tl.constexpr(2.5)
LOG2E = tl.constexpr(1.4426950408889634)
shorthand = tl.exp
IS_LARGE = tl.constexpr(SCALE.value > 2)


@triton.jit
def range_bounds(p, q, n, m, B: tl.constexpr):
    o = tl.arange(0, B)
    acc = tl.zeros((B,), tl.float32)
    for i in range(n):
        acc += tl.load(p + i * B + o)
    for j in range(m, 0, -2):
        acc = acc * 0.5 + j
    for k in range(1, n, 2):
        acc -= k
    tl.store(q + o, acc)


@triton.jit
def tl_range(p, q, n, B: tl.constexpr):
    o = tl.arange(0, B)
    acc = tl.zeros((B,), tl.float32)
    for i in tl.range(0, n, 1, num_stages=3):
        acc += tl.load(p + i * B + o)
    for i in tl.range(n, loop_unroll_factor=2, disallow_acc_multi_buffer=True, flatten=True):
        acc += i
    for i in tl.range(2, n, warp_specialize=False):
        acc *= i
    tl.store(q + o, acc)


@triton.jit
def static_range(p, q, N: tl.constexpr, B: tl.constexpr):
    o = tl.arange(0, B)
    acc = tl.load(p + o)
    for i in tl.static_range(N):
        for j in tl.static_range(i, 0, -1):
            acc += i * j
        if i % 2 == 0:
            acc = acc * 2
    tl.store(q + o, acc)


@triton.jit
def nested_loops(q, n, m, B: tl.constexpr):
    o = tl.arange(0, B)
    acc = tl.zeros((B,), tl.int32)
    count = 0
    for i in range(n):
        for j in range(i, m):
            acc += o * i - j
            count += 1
    tl.store(q + o, acc + count)


@triton.jit
def empty_loop(q, n, B: tl.constexpr):
    last = -1
    for i in range(5, n):
        last = i
    tl.store(q + tl.arange(0, B), last)


@triton.jit
def while_loop(q, n, B: tl.constexpr):
    steps = 0
    x = n
    while x != 1:
        if x % 2 == 0:
            x = x // 2
        else:
            x = 3 * x + 1
        steps += 1
    tl.store(q + tl.arange(0, B), steps)


@triton.jit
def while_and(q, n, limit, B: tl.constexpr):
    i = 0
    total = tl.zeros((B,), tl.int32)
    while i < n and i * i < limit:
        total += i
        i += 1
    tl.store(q + tl.arange(0, B), total)


@triton.jit
def runtime_if(p, q, x, B: tl.constexpr):
    o = tl.arange(0, B)
    v = tl.load(p + o)
    if x > 3:
        v += 1
        t = 5
    elif x > 1:
        v -= 1
        t = 6
    else:
        t = 7
    tl.store(q + o, v * t)


@triton.jit
def if_in_loop(p, q, n, B: tl.constexpr):
    o = tl.arange(0, B)
    best = tl.full((B,), -1e9, tl.float32)
    for i in range(n):
        v = tl.load(p + i * B + o)
        if i % 2 == 1:
            best = tl.maximum(best, v)
        else:
            if i > 2:
                best += 1.0
    tl.store(q + o, best)


@triton.jit
def loop_in_if(q, n, B: tl.constexpr):
    o = tl.arange(0, B)
    acc = o
    if n > 2:
        for i in range(n):
            acc += i
    else:
        acc = acc * 2
    tl.store(q + o, acc)


@triton.jit
def early_return(p, q, n, B: tl.constexpr):
    pid = tl.program_id(0)
    if pid >= n:
        return
    o = pid * B + tl.arange(0, B)
    tl.store(q + o, tl.load(p + o) + 1)


@triton.jit
def early_return_twice(q, n, B: tl.constexpr):
    pid = tl.program_id(0)
    o = pid * B + tl.arange(0, B)
    if pid == 0:
        tl.store(q + o, 1)
        return
    if pid > n:
        tl.store(q + o, 2)
        return
    tl.store(q + o, 3)


@triton.jit
def pick(x, limit):
    if x > limit:
        return x * 2
    return x + limit


@triton.jit
def returns_inside(q, n, B: tl.constexpr):
    o = tl.arange(0, B)
    tl.store(q + o, pick(n, 3) + pick(n, 100))


@triton.jit
def constant_if(p, q, MODE: tl.constexpr, FLAG: tl.constexpr, EXTRA: tl.constexpr, B: tl.constexpr):
    o = tl.arange(0, B)
    v = tl.load(p + o)
    if MODE == "double":
        v = v * 2
    elif MODE == "half":
        v = v.undefined
    else:
        v = undefined_name
    if FLAG and not EXTRA:
        v += 1
    if EXTRA is None:
        v += 10
    if FLAG is not None and B > 8:
        v += 100
    v += 1000 if FLAG else 2000
    tl.store(q + o, v)


@triton.jit
def conditionals(p, q, n, flag, B: tl.constexpr):
    o = tl.arange(0, B)
    v = tl.load(p + o)
    w = v if n > 3 else v * 3
    z = 1 if n == 2 else 0
    if flag:
        w += 1
    if not flag:
        w += 2
    if flag and n > 3 or n == 1:
        w += 4
    tl.store(q + o, w + z)


@triton.jit
def chains(q, a, b, B: tl.constexpr):
    o = tl.arange(0, B)
    inside = (a < o) & (o <= b)
    tl.store(q + o, tl.where(inside, o, -o))


@triton.jit
def add_sub(x, y, SWAP: tl.constexpr = False):
    if SWAP:
        return y - x, y + x
    else:
        return x + y, x - y


@triton.jit
def scaled(x, factor: tl.constexpr = 3, bias=None):
    x = x * factor
    if bias is not None:
        x += bias
    return x


@triton.jit
def helper_calls(p, q, n, B: tl.constexpr):
    o = tl.arange(0, B)
    v = tl.load(p + o)
    a, b = add_sub(v, 2.0)
    c, d = add_sub(a, b, SWAP=True)
    e = scaled(c) + scaled(d, factor=5, bias=n)
    tl.store(q + o, e)


@triton.jit
def store_through(p, o, v):
    tl.store(p + o, v)


@triton.jit
def helper_without_result(q, B: tl.constexpr):
    store_through(q, tl.arange(0, B), 7)


@triton.jit
def apply(f: tl.constexpr, x):
    return f(x, x + 1)


@triton.jit
def maximum_of(a, b):
    return tl.maximum(a, b) * 2


@triton.jit
def functions_as_values(p, q, B: tl.constexpr):
    o = tl.arange(0, B)
    tl.store(q + o, apply(maximum_of, tl.load(p + o)))


@triton.jit
def tuples(p, q, B: tl.constexpr):
    o = tl.arange(0, B)
    pair = (tl.load(p + o), 3)
    x, (y, z) = pair[0], (pair[1], 4)
    sizes: tl.constexpr = (B, 2)
    x, y = y + x, x * z
    tl.store(q + o, x + y + sizes[0])


@triton.jit
def module_names(p, q, B: tl.constexpr):
    o = tl.arange(0, B)
    v = shorthand(tl.load(p + o)) * SCALE + LOG2E
    if IS_LARGE:
        v += 1
    tl.store(q + o, v)


@triton.jit
def local_constants(p, q, B: tl.constexpr):
    HALF: tl.constexpr = B // 2
    TWICE: tl.constexpr = 2 * HALF
    o = tl.arange(0, TWICE)
    x: tl.float32 = tl.load(p + o) + HALF
    tl.static_assert(TWICE == B, "even")
    assert B >= 16, f"{B} is too small"
    tl.store(q + o, x + min(B, 7) + max(HALF, 3) + triton.cdiv(B, 3) + triton.next_power_of_2(B + 1) + 2**3)


@triton.jit
def scalar_min_max(q, n, m, f, B: tl.constexpr):
    o = tl.arange(0, B)
    tl.store(q + o, min(n, m) + max(n, 3) + min(f, 2.0) + tl.cdiv(n, 4))


@triton.jit
def pointers_move(p, q, n, B: tl.constexpr):
    p += tl.program_id(0) * B
    q = q + tl.program_id(0) * B
    o = tl.arange(0, B)
    here = p + o
    here += 1
    here = here - 1
    there = tl.where(o < n, here, here)
    tl.store(q + o, tl.load(there))


@triton.jit
def grid_numbers(q, B: tl.constexpr):
    x, y, z = tl.program_id(0), tl.program_id(1), tl.program_id(axis=2)
    at = (z * tl.num_programs(1) + y) * tl.num_programs(0) + x
    tl.store(q + at, x + 10 * y + 100 * z + 1000 * tl.num_programs(2))


@triton.jit
def hints(p, q, n, B: tl.constexpr):
    pid = tl.program_id(0).to(tl.int64)
    o = pid * B + tl.max_contiguous(tl.multiple_of(tl.arange(0, B), B), B)
    n = tl.multiple_of(n, 8)
    tl.assume(n > 0)
    v = tl.load(p + o, mask=o < n, other=0)
    tl.store(q + o, tl.max_constancy(v, 1), mask=o < n)


@triton.jit
def swizzle(q, M: tl.constexpr, N: tl.constexpr):
    i, j = tl.arange(0, M)[:, None], tl.arange(0, N)[None, :]
    a, b = tl.swizzle2d(i, j, M, N, 2)
    tl.store(q + i * N + j, a * 100 + b)


F = "*fp32[128]"
OUT, IOUT = "*fp32[128] zeros", "*i32[128] zeros"
B = {"B": 16}
N = ("i32", 6)
CASES = [
    ("range_bounds", {"p": F, "q": OUT, "n": N, "m": ("i32", 7), **B}),
    ("tl_range", {"p": F, "q": OUT, "n": N, **B}),
    ("static_range", {"p": F, "q": OUT, "N": 5, **B}),
    ("nested_loops", {"q": IOUT, "n": N, "m": ("i32", 9), **B}),
    ("empty_loop", {"q": IOUT, "n": ("i32", 4), **B}),
    ("while_loop", {"q": IOUT, "n": ("i32", 27), **B}),
    ("while_and", {"q": IOUT, "n": ("i32", 20), "limit": ("i32", 90), **B}),
    *[("runtime_if", {"p": F, "q": OUT, "x": ("i32", x), **B}) for x in (5, 2, 0)],
    ("if_in_loop", {"p": F, "q": OUT, "n": N, **B}),
    *[("loop_in_if", {"q": IOUT, "n": ("i32", n), **B}) for n in (5, 1)],
    ("early_return", {"p": F, "q": OUT, "n": ("i32", 3), **B}, {"grid": (6,)}),
    ("early_return_twice", {"q": IOUT, "n": ("i32", 2), **B}, {"grid": (5,)}),
    ("returns_inside", {"q": IOUT, "n": ("i32", 50), **B}),
    ("constant_if", {"p": F, "q": OUT, "MODE": "double", "FLAG": True, "EXTRA": None, **B}),
    ("constant_if", {"p": F, "q": OUT, "MODE": "double", "FLAG": False, "EXTRA": 1, **B}),
    *[("conditionals", {"p": F, "q": OUT, "n": ("i32", n), "flag": ("i1", f), **B}) for n, f in ((4, 1), (2, 0), (5, 0))],
    ("chains", {"q": IOUT, "a": ("i32", 3), "b": ("i32", 9), **B}),
    ("helper_calls", {"p": F, "q": OUT, "n": N, **B}),
    ("helper_without_result", {"q": IOUT, **B}),
    ("functions_as_values", {"p": F, "q": OUT, **B}),
    ("tuples", {"p": F, "q": OUT, **B}),
    ("module_names", {"p": F, "q": OUT, **B}),
    ("local_constants", {"p": F, "q": OUT, **B}),
    ("scalar_min_max", {"q": OUT, "n": N, "m": ("i32", -2), "f": ("fp32", 1.5), **B}),
    ("pointers_move", {"p": F, "q": OUT, "n": ("i64", 5), **B}, {"grid": (4,)}),
    ("grid_numbers", {"q": IOUT, **B}, {"grid": (3, 4, 5)}),
    ("hints", {"p": "*fp16[128]", "q": "*fp16[128] zeros", "n": ("i32", 40), **B}, {"grid": (4,)}),
    ("swizzle", {"q": "*i32[64] zeros", "M": 8, "N": 8}),
]
