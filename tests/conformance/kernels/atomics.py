"""Atomic operations: every kind on every type that takes it, of tiles and of one element, with the old value, with
elements that collide within a program and between programs."""
import triton
import triton.language as tl


@triton.jit
def change_integers(x_ptr, old_ptr, n, N: tl.constexpr):
    at = tl.program_id(0) * N + tl.arange(0, N)
    inside = at < n
    to = x_ptr + at
    old = tl.atomic_add(to, at, mask=inside)
    old = tl.where(inside, old, 0)
    old += tl.atomic_max(to, 20)
    old += tl.atomic_min(to, 60, sem="relaxed", scope="cta")
    old += tl.atomic_and(to, 0x3d)
    old += tl.atomic_or(to, 5, sem="release")
    old += tl.atomic_xor(to, 9, sem="acquire", scope="sys")
    old += tl.atomic_xchg(to, at + 3)
    old += tl.atomic_cas(to, at + 3 - at % 2, at)
    tl.store(old_ptr + at, old)


@triton.jit
def add_floats(x_ptr, old_ptr, n, N: tl.constexpr):
    at = tl.arange(0, N)
    tl.store(old_ptr + at, tl.where(at < n, tl.atomic_add(x_ptr + at, 1.5, mask=at < n), 0.0))
    tl.atomic_add(x_ptr + at % 4, 0.25)


@triton.jit
def bound_floats(x_ptr, old_ptr, N: tl.constexpr):
    at = tl.arange(0, N)
    old = tl.atomic_max(x_ptr + at, 0.25)
    old += tl.atomic_min(x_ptr + at, 1.0)
    old += tl.atomic_min(x_ptr + at, -0.5 + (at % 3).to(tl.float32))
    old += tl.atomic_xchg(x_ptr + at, old * 2)
    tl.store(old_ptr + at, old)


@triton.jit
def collide(bins_ptr, index_ptr, count_ptr, n, N: tl.constexpr):
    at = tl.program_id(0) * N + tl.arange(0, N)
    inside = at < n
    bin = tl.load(index_ptr + at, mask=inside, other=0)
    tl.atomic_add(bins_ptr + bin, 1, mask=inside)
    tl.atomic_max(count_ptr, tl.max(bin, axis=0))
    ticket = tl.atomic_add(count_ptr + 1, 1)
    tl.atomic_xchg(count_ptr + 2 + ticket % 3, 7)


@triton.jit
def take_turns(lock_ptr, total_ptr, x_ptr, N: tl.constexpr):
    x = tl.load(x_ptr + tl.program_id(0) * N + tl.arange(0, N))
    mine = tl.sum(x, axis=0)
    while tl.atomic_cas(lock_ptr, 0, 1) == 1:
        pass
    tl.store(total_ptr, tl.load(total_ptr) + mine)
    tl.debug_barrier()
    tl.atomic_xchg(lock_ptr, 0)
