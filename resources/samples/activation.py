"""Activation functions: several kernels, the helpers they share, and the decorators around them.

`bias_activation` is tuned over its tile and told by heuristics whether there is a bias and whether
the tiles come out even; `gated` multiplies one half of each row by the activation of the other.
"""
import triton
import triton.language as tl

SQRT_2_OVER_PI = tl.constexpr(0.7978845608028654)
GELU_CUBIC = tl.constexpr(0.044715)


def tile_configs():
    configs = []
    for block in [512, 1024, 2048, 4096]:
        for warps in [4, 8]:
            if block // warps >= 128:
                configs.append(triton.Config({"BLOCK": block}, num_warps=warps))
    return configs


@triton.jit
def tanh(x):
    # By the exponential of a negative number, which cannot overflow.
    e = tl.exp(-2 * tl.abs(x))
    t = (1 - e) / (1 + e)
    return tl.where(x < 0, -t, t)


@triton.jit
def gelu(x):
    return 0.5 * x * (1 + tanh(SQRT_2_OVER_PI * (x + GELU_CUBIC * x * x * x)))


@triton.jit
def silu(x):
    return x / (1 + tl.exp(-x))


@triton.jit
def activate(x, KIND: tl.constexpr):
    if KIND == "gelu":
        y = gelu(x)
    elif KIND == "silu":
        y = silu(x)
    else:
        y = tl.maximum(x, 0.0)
    return y


@triton.autotune(configs=tile_configs(), key=["n"])
@triton.heuristics({
    "HAS_BIAS": lambda args: args["bias_ptr"] is not None,
    "EVEN": lambda args: args["n"] % args["BLOCK"] == 0,
})
@triton.jit
def bias_activation(x_ptr, bias_ptr, out_ptr, n, width, KIND: tl.constexpr,
                    BLOCK: tl.constexpr, HAS_BIAS: tl.constexpr, EVEN: tl.constexpr):
    offs = tl.program_id(0) * BLOCK + tl.arange(0, BLOCK)
    if EVEN:
        x = tl.load(x_ptr + offs).to(tl.float32)
    else:
        x = tl.load(x_ptr + offs, mask=offs < n).to(tl.float32)
    if HAS_BIAS:
        x += tl.load(bias_ptr + offs % width, mask=offs < n).to(tl.float32)
    y = activate(x, KIND)
    if EVEN:
        tl.store(out_ptr + offs, y)
    else:
        tl.store(out_ptr + offs, y, mask=offs < n)


@triton.jit
def gated(in_ptr, out_ptr, in_stride, out_stride, n_cols, KIND: tl.constexpr, BLOCK: tl.constexpr):
    row = tl.program_id(0)
    cols = tl.arange(0, BLOCK)
    mask = cols < n_cols
    gate = tl.load(in_ptr + row * in_stride + cols, mask=mask).to(tl.float32)
    value = tl.load(in_ptr + row * in_stride + n_cols + cols, mask=mask).to(tl.float32)
    tl.store(out_ptr + row * out_stride + cols, activate(gate, KIND) * value, mask=mask)
