"""Block pointers and descriptors, with tiles that reach beyond the tensor."""
import triton
import triton.language as tl


@triton.jit
def block_pointers(a_ptr, c_ptr, M, N, BM: tl.constexpr, BN: tl.constexpr):
    pid = tl.program_id(0)
    a = tl.make_block_ptr(a_ptr, (M, N), (N, 1), (pid * BM, 0), (BM, BN), (1, 0))
    c = tl.make_block_ptr(c_ptr, (N, M), (M, 1), (0, pid * BM), (BN, BM), (1, 0))
    for _ in range(0, N, BN):
        x = tl.load(a, boundary_check=(0, 1), padding_option="zero")
        tl.store(c, tl.trans(x) * 2, boundary_check=(0, 1))
        a = tl.advance(a, (0, BN))
        c = tl.advance(c, (BN, 0))


@triton.jit
def block_pointers_line(a_ptr, c_ptr, n, B: tl.constexpr):
    a = tl.make_block_ptr(a_ptr, (n,), (1,), (tl.program_id(0) * B,), (B,), (0,))
    c = tl.make_block_ptr(c_ptr, (n,), (1,), (tl.program_id(0) * B,), (B,), (0,))
    tl.store(c, tl.load(a, boundary_check=(0,), padding_option="nan") + 1, boundary_check=(0,))


@triton.jit
def descriptors(a_ptr, c_ptr, M, N, BM: tl.constexpr, BN: tl.constexpr):
    a = tl.make_tensor_descriptor(a_ptr, [M, N], [N, 1], [BM, BN])
    c = tl.make_tensor_descriptor(c_ptr, [M, N], [N, 1], [BM, BN])
    row = tl.program_id(0) * BM
    for column in range(0, N, BN):
        c.store([row, column], a.load([row, column]) * 3)
