"""What one installed Triton takes for one argument and for the key of the 12-argument matmul launch.

Runs inside the environment of one release and prints {"tensor_cuda": ns, ...}. The functions timed are
those that JITFunction.run calls: the release's own binder, its key, a lookup among 10,000 others.
"""
import importlib.util
import json
import os
import sys
import tempfile
import timeit

import triton_answers as answers
import triton
from triton.backends.compiler import GPUTarget
from triton.runtime import jit

TARGETS = {"cuda": GPUTarget("cuda", 90, 32), "hip": GPUTarget("hip", "gfx942", 64)}
NAMES = ["a_ptr", "b_ptr", "c_ptr", "M", "N", "K", "sam", "sak", "sbk", "sbn", "scm", "scn"]
BLOCKS = ["BM", "BN", "BK", "GROUP"]


def best(step):
    """Nanoseconds a call, the best of five runs."""
    timer = timeit.Timer(step)
    number, taken = timer.autorange()
    number = max(1, int(number * 0.1 / max(taken, 1e-9)))
    return min(timer.repeat(5, number)) / number * 1e9


def kernels(folder):
    path = os.path.join(folder, "timed_kernels.py")
    with open(path, "w") as out:
        out.write("import triton\nimport triton.language as tl\n\n\n@triton.jit\ndef one(x):\n    pass\n\n\n@triton.jit\n"
                  f"def matmul({', '.join(NAMES)}, {', '.join(name + ': tl.constexpr' for name in BLOCKS)}):\n    pass\n")
    spec = importlib.util.spec_from_file_location("timed_kernels", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def key_function(binder):
    """From arguments to the key that the release looks kernels up by."""
    if hasattr(jit, "compute_cache_key"):
        known = {}

        def key(*arguments):
            _, specialization, options = binder(*arguments, debug=False)
            return jit.compute_cache_key(known, specialization, options)
    elif answers.RELEASE >= (3, 3):
        def key(*arguments):
            _, specialization, options = binder(*arguments, debug=False)
            return str(specialization) + str(options)
    else:
        def key(*arguments):
            _, types, constants, _, options = binder(*arguments, debug=False)
            return "".join(types) + str((constants, options))
    return key


def main():
    tensor = answers.Tensor(answers.DTYPES["fp16"], 1 << 20, 4096 * 4096 * 2)
    launch = [tensor, tensor, tensor, 4096, 4096, 4096, 4096, 1, 4096, 1, 4096, 1, 128, 128, 64, 8]
    times = {}
    with tempfile.TemporaryDirectory() as folder:
        module = kernels(folder)
        for backend, target in TARGETS.items():
            made = triton.compiler.make_backend(target)
            make = lambda function: jit.create_function_from_signature(function.signature, function.params, made)
            one = make(module.one)
            times[f"tensor_{backend}"] = best(lambda: one(tensor))
            if backend == "cuda":
                times["integer"] = best(lambda: one(4096))
            key = key_function(make(module.matmul))
            cache = {key(*launch): 0}
            for number in range(10_000):
                cache[key(*launch[:-1], 1000 + number)] = number
            times[f"lookup_{backend}"] = best(lambda: cache[key(*launch)])
    print(json.dumps(times))


if __name__ == "__main__":
    sys.exit(main())
