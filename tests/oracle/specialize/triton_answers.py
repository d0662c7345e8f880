"""Asks an installed Triton what it concludes from random arguments, without a GPU.

Runs inside the environment of one release. Every answer is the release's own: a launch goes through
JITFunction.run with a driver that only names a target, and is caught by the hook that Triton calls
before it compiles. One JSON object a line on stdout:

  {"parameters": [{"name", "annotation", "optOuts": [..]}], "values": [..], "options": {..}, "expect": {..}}
  {"parameters": [..], "signature": "*fp32:16, 64", "expect": {..}}     out of the ahead-of-time tool
  {"hints": [[0, 16], ..], "expect": {..}}                              descriptors of Triton 3.2

Usage: triton_answers.py BACKEND ARGUMENTS SIGNATURES SEED WORKFOLDER
"""
import functools
import importlib.util
import inspect
import json
import os
import random
import runpy
import sys
import types
import warnings

warnings.simplefilter("ignore")

# What Triton asks of a tensor, without PyTorch.
torch = types.ModuleType("torch")


class Dtype:
    def __init__(self, name, bits, floating):
        self.name, self.itemsize, self.is_floating_point = name, max(bits // 8, 1), floating

    def __repr__(self):
        return "torch." + self.name


class Storage:
    def __init__(self, size):
        self.bytes = size

    def size(self):
        return self.bytes


class Tensor:
    """A torch tensor whose storage may be larger than the view."""

    def __init__(self, dtype, address, storage):
        self.dtype, self.address, self.storage = dtype, address, storage

    def data_ptr(self):
        return self.address

    def untyped_storage(self):
        return Storage(self.storage)


Tensor.__module__, Tensor.__qualname__ = "torch", "Tensor"
torch.Tensor = Tensor
sys.modules["torch"] = torch
# Triton 3.2 imports it, to build launchers that nobody launches here.
sys.modules.setdefault("setuptools", types.ModuleType("setuptools"))


class RangedTensor:
    """Anything that names its own range."""

    def __init__(self, dtype, address, storage):
        self.dtype, self.address, self.storage = dtype, address, storage

    def data_ptr(self):
        return self.address

    def ptr_range(self):
        return self.storage


import triton  # noqa: E402
import triton.language as tl  # noqa: E402
from triton.backends.compiler import BaseBackend, GPUTarget  # noqa: E402
from triton.runtime import driver  # noqa: E402
from triton.runtime.jit import JITFunction  # noqa: E402

RELEASE = tuple(int(part) for part in triton.__version__.split(".")[:2])
DTYPES = {
    "i1": Dtype("bool", 1, False), "i8": Dtype("int8", 8, False), "i16": Dtype("int16", 16, False),
    "i32": Dtype("int32", 32, False), "i64": Dtype("int64", 64, False), "u8": Dtype("uint8", 8, False),
    "u16": Dtype("uint16", 16, False), "u32": Dtype("uint32", 32, False), "u64": Dtype("uint64", 64, False),
    "fp8e4nv": Dtype("float8_e4m3fn", 8, True), "fp8e5": Dtype("float8_e5m2", 8, True),
    "fp8e4b8": Dtype("float8_e4m3fnuz", 8, True), "fp8e5b16": Dtype("float8_e5m2fnuz", 8, True),
    "fp16": Dtype("float16", 16, True), "bf16": Dtype("bfloat16", 16, True),
    "fp32": Dtype("float32", 32, True), "fp64": Dtype("float64", 64, True),
}
LANGUAGE_TYPES = {"i1": tl.int1, "i8": tl.int8, "i32": tl.int32, "i64": tl.int64, "u8": tl.uint8, "u64": tl.uint64,
                  "fp16": tl.float16, "bf16": tl.bfloat16, "fp32": tl.float32, "fp64": tl.float64,
                  "fp8e4nv": tl.float8e4nv, "fp8e5": tl.float8e5}
ANNOTATIONS = ["tl.int64", "tl.int32", "tl.int8", "tl.uint64", "tl.uint8", "tl.int1", "tl.float32", "tl.float16",
               "tl.bfloat16", "tl.float64", "tl.float8e5", "tl.void", "bool", "int", "float", "str", "tl.tensor",
               "'i64'", "\"i32\"", "'u1'", "'*fp16'", "'fp32'", "'bf16'", "'const fp16*'", "'const *fp32'", "'*i8'",
               "'tl.int64'", "'uint8'", "'int32_t'", "'double'", "'half'", "'*kfp32'", "' i64 '", "tl.const", "'const'",
               "tl.pointer_type(tl.float16)", "tl.pointer_type(tl.int32)", "triton.language.int16", "'nonsense'"]
CONSTEXPR = ["tl.constexpr", "'tl.constexpr'", "triton.language.constexpr", "'constexpr'"]


class PlainBackend(BaseBackend):
    """A backend with the common properties only, as CPU backends are."""
    binary_ext = "so"

    @staticmethod
    def supports_target(target):
        return True

    def hash(self):
        return "plain"

    def parse_options(self, options):
        class Options:
            def __init__(self):
                self.__dict__.update(dict(num_warps=4, num_stages=3, num_ctas=1, enable_fp_fusion=True, debug=False,
                                          launch_cooperative_grid=False, extern_libs=None, instrumentation_mode="",
                                          fpsan_homomorphic_casts=False))
                self.__dict__.update(options)
        return Options()

    add_stages = load_dialects = get_module_map = lambda self, *arguments: None


class NoDevice:
    def __init__(self, target):
        self.target = target

    def get_current_device(self):
        return 0

    def get_current_stream(self, device):
        return 0

    def get_current_target(self):
        return self.target

    def get_active_torch_device(self):
        return None


def install(backend):
    target = {"cuda": GPUTarget("cuda", 90, 32), "hip": GPUTarget("hip", "gfx942", 64),
              "cpu": GPUTarget("cpu", "", 0)}[backend]
    driver.set_active(NoDevice(target))
    if backend == "cpu":
        make = lambda ignored: PlainBackend(target)
        sys.modules["triton.compiler"].make_backend = make
        sys.modules["triton.compiler.compiler"].make_backend = make
    caught = {}

    def hook(**call):
        caught.update(call)
        return True

    # What Triton hands to the hook for later reuse; some constants have no JSON form there.
    sys.modules["triton.runtime.jit"].serialize_specialization_data = lambda *arguments: ""
    if hasattr(triton, "knobs"):
        triton.knobs.runtime.jit_cache_hook = hook
    else:
        JITFunction.cache_hook = staticmethod(hook)
    return caught


class Values:
    """Random values with their JSON form."""

    def __init__(self, rng, functions):
        self.rng, self.functions = rng, functions
        self.refusals = True  # also what the release refuses

    def integer(self):
        value = self.any_integer()
        while not self.refusals and not -(1 << 63) <= value < 1 << 64:
            value = self.any_integer()
        return value

    def any_integer(self):
        rng = self.rng
        kind = rng.random()
        if kind < 0.25:
            return rng.choice([0, 1, 2, 3, 8, 15, 16, 17, 32, 48, 100, 1000, 1024, 4096, -1, -2, -8, -16, -17])
        if kind < 0.75:
            power = rng.choice([4, 8, 15, 16, 24, 30, 31, 32, 33, 40, 62, 63, 64, 65, 100])
            return rng.choice([-1, 1]) * (1 << power) + rng.choice([0, 0, -1, 1, -16, 16, -15, 8, 17])
        bits = rng.choice([8, 16, 31, 32, 48, 63, 64, 66])
        value = rng.getrandbits(bits) * rng.choice([1, 1, -1])
        return value & ~15 if rng.random() < 0.4 else value

    def tensor(self):
        rng = self.rng
        dtype = rng.choice(list(DTYPES))
        address = rng.getrandbits(rng.choice([20, 40, 47])) & ~(rng.choice([1, 2, 4, 8, 16, 32, 256, 4096]) - 1)
        storage = rng.choice([0, 1, 100, 4096, 1 << 20, (1 << 31) - 1, 1 << 31, (1 << 31) + 1, (1 << 31) - 2,
                              (1 << 31) - 16, 1 << 32, 1 << 40, rng.getrandbits(32), rng.getrandbits(31)])
        make = rng.choice([Tensor, RangedTensor])
        return make(DTYPES[dtype], address, storage), {"tensor": [dtype, str(address), str(storage)]}

    def any(self, depth=0):
        rng = self.rng
        kind = rng.random()
        if kind < 0.42:
            value = self.integer()
            return value, {"int": str(value)}
        if kind < 0.80:
            return self.tensor()
        if kind < 0.85:
            value = rng.random() < 0.5
            return value, {"bool": value}
        if kind < 0.89:
            return None, {"none": True}
        if kind < 0.93:
            value = rng.choice([0.0, 1.0, -1.5, 1e-5, 1e300, float("inf"), rng.random(), 16.0])
            return value, {"float": repr(value)}
        if kind < 0.95 and (self.refusals or RELEASE >= (3, 3)):
            function = rng.choice(self.functions)
            return function, {"function": [repr(function)[len("JITFunction("):-1], function.cache_key]}
        if kind < 0.97 and RELEASE >= (3, 4):
            return self.descriptor()
        if kind < 0.975 and self.refusals:
            return "text", {"text": "text"}
        if depth < 2 and (self.refusals or RELEASE >= (3, 3)):
            items = [self.any(depth + 1) for _ in range(rng.choice([0, 1, 2, 3, 4]))]
            return tuple(item for item, _ in items), {"tuple": [form for _, form in items]}
        return 1, {"int": "1"}

    def descriptor(self):
        from triton.tools.tensor_descriptor import TensorDescriptor
        rng = self.rng
        dtype = rng.choice(["fp16", "bf16", "fp32", "i8", "u8", "i32", "fp8e5"])
        block = [rng.choice([16, 32, 64]) for _ in range(rng.choice([1, 2, 3]))]
        base = Tensor(DTYPES[dtype], rng.getrandbits(30) * 16, 1 << 20)
        strides = [1]
        for _ in block[1:]:
            strides.insert(0, strides[0] * 1024)
        return (TensorDescriptor(base, [1024] * len(block), strides, block),
                {"descriptor": [dtype, block]})

    def constexpr(self):
        rng = self.rng
        kind = rng.random()
        if kind < 0.5:
            value = self.integer()
            return value, {"int": str(value)}
        if kind < 0.6:
            value = rng.random() < 0.5
            return value, {"bool": value}
        if kind < 0.7:
            value = rng.choice([0.5, 1.0, 16.0, -2.25, 1e-6, 1e22, 3.0e100])
            return value, {"float": repr(value)}
        if kind < 0.8:
            value = rng.choice(["relu", "D", "DS", "it's", "a \"b\"", "tab\there", "", "S", "ieee"])
            return value, {"text": value}
        if kind < 0.85:
            return None, {"none": True}
        if kind < 0.9:
            name = rng.choice(list(LANGUAGE_TYPES))
            return LANGUAGE_TYPES[name], {"dtype": name}
        if kind < 0.95:
            items = [self.constexpr() for _ in range(rng.choice([1, 2, 3]))]
            return tuple(item for item, _ in items), {"tuple": [form for _, form in items]}
        if not self.refusals and RELEASE < (3, 3):
            return 64, {"int": "64"}
        function = rng.choice(self.functions)
        return function, {"function": [repr(function)[len("JITFunction("):-1], function.cache_key]}


def random_parameter(rng, name, annotation="any"):
    if annotation == "any":
        kind = rng.random()
        annotation = None if kind < 0.6 else rng.choice(ANNOTATIONS) if kind < 0.8 else rng.choice(CONSTEXPR)
    opt_outs = []
    if rng.random() < 0.2:
        opt_outs.append("do_not_specialize")
    if rng.random() < 0.2:
        opt_outs.append("do_not_specialize_on_alignment")
    return {"name": name, "annotation": annotation, "optOuts": opt_outs}


def write_kernel(rng, name, parameters):
    lists = []
    for option in ("do_not_specialize", "do_not_specialize_on_alignment"):
        # Both by name and by index, as users write them.
        entries = [repr(p["name"]) if rng.random() < 0.5 else str(i)
                   for i, p in enumerate(parameters) if option in p["optOuts"]]
        if entries:
            lists.append(f"{option}=[{', '.join(entries)}]")
    signature = ", ".join(p["name"] + (": " + p["annotation"] if p["annotation"] else "") for p in parameters)
    return f"\n\n@triton.jit({', '.join(lists)})\ndef {name}({signature}):\n    pass\n"


def is_constexpr(parameter):
    return bool(parameter["annotation"]) and "constexpr" in parameter["annotation"]


def random_options(rng, backend):
    options = {}
    if rng.random() < 0.3:
        options["num_warps"] = rng.choice([1, 2, 4, 8])
    if rng.random() < 0.2:
        options["num_stages"] = rng.choice([1, 2, 3])
    if rng.random() < 0.1:
        options["debug"] = rng.random() < 0.5
    switches = {}
    if backend == "hip" and RELEASE >= (3, 3) and rng.random() < 0.5:
        switches["use_buffer_ops"] = rng.random() < 0.5
    return options, switches


@functools.cache
def front_end():
    from triton._C.libtriton import ir
    made = triton.compiler.make_backend(driver.active.get_current_target())
    context = ir.context()
    ir.load_dialects(context)
    made.load_dialects(context)
    return made, context


def module_line(source, options):
    """The kernel in the Triton IR that the release's own front end makes: one line with its parameters."""
    made, context = front_end()
    parsed = made.parse_options(options)
    wanted = inspect.signature(made.get_codegen_implementation).parameters
    arguments = [parsed, made.get_codegen_implementation(*[parsed][:len(wanted)]), made.get_module_map(), context]
    if "target" in inspect.signature(source.make_ir).parameters:
        arguments.insert(0, driver.active.get_current_target())
    return next(line for line in str(source.make_ir(*arguments)).splitlines() if "tt.func public" in line)


def describe(function, caught, with_module, options):
    """What the hook saw, as text that does not depend on how JSON spells Python values."""
    call = caught["compile"]
    constants, attrs = call["constants"], call["configs"][0]
    result = {"key": caught["key"], "types": repr(list(call["signature"].items())),
              "constants": repr(list(constants.items()))}
    if RELEASE < (3, 3):
        source = triton.compiler.ASTSource(function, call["signature"], constants, attrs)
        result.update(descriptor=json.dumps(attrs.to_dict()), descriptorHash=attrs.hash(),
                      attributes=repr(attrs.get_fn_attrs()), foldedByRule=repr(attrs.get_constants()))
    else:
        source = triton.compiler.ASTSource(function, call["signature"], constants, attrs)
        result["attributes"] = str(attrs)
    result["cacheKey"], result["hash"] = function.cache_key, source.hash()
    if with_module:
        try:
            result["module"] = module_line(source, options)
        except Exception as error:  # arguments that have a key, but no code
            result["noModule"] = str(error)
    return result


def ask(function, backend, values, options, switches, caught, with_module):
    os.environ.pop("AMDGCN_USE_BUFFER_OPS", None)
    if "use_buffer_ops" in switches:
        os.environ["AMDGCN_USE_BUFFER_OPS"] = "1" if switches["use_buffer_ops"] else "0"
    if backend == "hip" and RELEASE == (3, 3):  # reads the environment once a process
        type(triton.compiler.make_backend(GPUTarget("hip", "gfx942", 64))).use_buffer_ops.cache_clear()
    # Releases from 3.5 on remember keys by Python equality, by which True, 1 and 1.0 are the same;
    # the question here is what one launch alone yields.
    if RELEASE >= (3, 5):
        function.device_caches[0][1].clear()
    caught.clear()
    try:
        function.run(*values, grid=(1,), warmup=True, **options)
    except Exception as error:  # the release refuses the arguments
        return {"error": type(error).__name__}
    return describe(function, caught, with_module and backend != "cpu", options)


class Compiled(Exception):
    """Thrown where Triton's ahead-of-time tool would compile, with what it would compile."""


AOT_TYPES = ["*fp32", "*fp16", "*bf16", "*i8", "*kfp16", "i32", "i64", "u64", "i8", "fp32", "fp16", "u1"]


def random_signature(rng):
    """An ahead-of-time signature and the parameters of its kernel."""
    items, parameters = [], []
    for number in range(rng.randint(1, 12)):
        is_constexpr = rng.random() < 0.3
        if is_constexpr:
            item = rng.choice([str(rng.randint(-100, 10000)), "0.5", "-2.25", "64", "1"])
        else:
            kind = rng.choice(AOT_TYPES)
            item = kind + rng.choice(["", ":16", ":16"] + ([":1"] if kind[0] in "iu" else []))
        items.append(item)
        parameters.append({"name": f"p{number}", "annotation": "tl.constexpr" if is_constexpr else None, "optOuts": []})
    return ", ".join(items), parameters


def ask_tool(path, name, signature, backend):
    """What tools/compile.py of the release hands to its compiler."""
    arguments = [path, "-n", name, "-s", signature, "-g", "1,1,1", "-w", "4", "-ns", "3"]
    tool = os.path.join(os.path.dirname(triton.__file__), "tools", "compile.py")
    with open(tool) as text:
        if "--target" in text.read():  # the others take the device at hand
            arguments += ["--target", {"cuda": "cuda:90:32", "hip": "hip:gfx942:64"}[backend]]

    def stop(source, *ignored, **also):
        raise Compiled(source)

    compiles, words = triton.compile, sys.argv
    triton.compile, sys.argv = stop, [tool, *arguments]
    try:
        runpy.run_path(tool, run_name="__main__")
    except Compiled as caught:
        source = caught.args[0]
    finally:
        triton.compile, sys.argv = compiles, words
    names = list(source.fn.arg_names)
    constants = sorted(source.constants.items(),
                       key=lambda item: names.index(item[0]) if RELEASE < (3, 3) else item[0])
    return {"types": repr(list(source.signature.items())), "constants": repr(constants),
            "attributes": repr(source.attrs.get_fn_attrs()) if RELEASE < (3, 3) else str(source.attrs),
            "cacheKey": source.fn.cache_key, "hash": source.hash()}


def hints(rng):
    """Triton 3.2: a descriptor out of parameter numbers and values."""
    from triton.backends.compiler import AttrsDescriptor
    given = {number: rng.choice([1, 16, 16, 2, 32]) for number in range(12) if rng.random() < 0.5}
    made = AttrsDescriptor.from_hints(given)
    return {"hints": list(given.items()),
            "expect": {"descriptor": json.dumps(made.to_dict()), "descriptorHash": made.hash()}}


def ahead_of_time(rng, backend, count, folder):
    """Cases of the ahead-of-time tool; Triton 3.2 has it for CUDA only."""
    if backend not in (("cuda",) if RELEASE < (3, 4) else ("cuda", "hip")):
        return
    cases = [random_signature(rng) for _ in range(count)]
    path = os.path.join(folder, "tool_kernels.py")
    with open(path, "w") as out:
        out.write("import triton\nimport triton.language as tl\n" + "".join(
            write_kernel(rng, f"tool_{number}", parameters) for number, (_, parameters) in enumerate(cases)))
    for number, (signature, parameters) in enumerate(cases):
        expect = ask_tool(path, f"tool_{number}", signature, backend)
        print(json.dumps({"signature": signature, "parameters": parameters, "expect": expect}))
    for _ in range(count if RELEASE < (3, 3) else 0):
        print(json.dumps(hints(rng)))


def main():
    backend, arguments, signatures, seed, folder = sys.argv[1], *map(int, sys.argv[2:5]), sys.argv[5]
    rng = random.Random(seed)
    kernels = [[random_parameter(rng, "x", annotation)] for annotation in [None] * 12 + ANNOTATIONS + CONSTEXPR]
    single = len(kernels)
    for number in range(signatures):
        kernels.append([random_parameter(rng, f"p{i}") for i in range(rng.randint(1, 16))])
    text = "import triton\nimport triton.language as tl\n"
    for name in ("helper", "other_helper"):
        text += f"\n\n@triton.jit\ndef {name}(a):\n    return a\n"
    for number, parameters in enumerate(kernels):
        text += write_kernel(rng, f"kernel_{number}", parameters)
    path = os.path.join(folder, "oracle_kernels.py")
    with open(path, "w") as out:
        out.write(text)
    spec = importlib.util.spec_from_file_location("oracle_kernels", path)
    module = importlib.util.module_from_spec(spec)
    sys.modules["oracle_kernels"] = module
    spec.loader.exec_module(module)
    caught = install(backend)
    values = Values(rng, [module.helper, module.other_helper])
    for case in range(arguments + signatures):
        # Half of the single arguments go to plain parameters, half to annotated ones and constexprs.
        number = (rng.randrange(12) if rng.random() < 0.5 else rng.randrange(single)) if case < arguments \
            else single + case - arguments
        parameters = kernels[number]
        # One refused argument refuses a whole launch, so whole launches have them rarely.
        values.refusals = case < arguments or rng.random() < 0.02
        chosen = [values.constexpr() if is_constexpr(p) else values.any() for p in parameters]
        options, switches = random_options(rng, backend) if case >= arguments else ({}, random_options(rng, backend)[1])
        expect = ask(getattr(module, f"kernel_{number}"), backend, [v for v, _ in chosen], options, switches, caught,
                     case >= arguments or case % 50 == 0)
        print(json.dumps({"parameters": parameters, "values": [form for _, form in chosen],
                          "options": {**options, **switches}, "expect": expect}))
    ahead_of_time(rng, backend, min(signatures, 200), folder)


if __name__ == "__main__":
    main()
