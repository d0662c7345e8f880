# strided_copy on Some CPU | 2 cores (cpu), run r0a1b2c3d4e5 of 2025-01-31T12:00:00.000Z
@triton.autotune(
    configs=[
        triton.Config({"BM": 64, "BN": 64, "MODE": "a\"b", "FAST": True, "SCALE": 2.0, "EXTRA": None, "waves_per_eu": 2}, num_warps=4, num_stages=3),
    ],
    key=["rows", "cols"],
)
