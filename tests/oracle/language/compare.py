"""Runs the cases of one file of kernels; see run.py. Python of an environment with Triton and NumPy.

A file of kernels has CASES, a list of (kernel, arguments) or (kernel, arguments, options). An argument is
  "*fp32[1024]"            a tensor of random numbers; after a blank its range: "*i32[64] 0:10", "*fp32[64] 0.5:2",
                           or what it holds: "zeros", "edges" (zero, one, the limits of its type, infinities, NaN)
  ("i32", 5)               a scalar
  anything else            a constant
and the options are
  grid=(2, 1, 1)           default (1, 1, 1)
  tolerance=1e-6           between our elaboration and Triton's, relative; 0, bit for bit, without it
  plain=1e-5               between the CPU's code and the plain reference; 1e-5 without it, None
                           for kernels whose last bits may differ and which keep numbers as bits
  expect=function          of NumPy arrays by name as they are before, giving arrays by name as they must be after
  within=1e-5              of that, relative to the largest magnitude

PAIRS, where there is one, is a function that gives cases in which one constant selects among many operations:
it yields (label, kernel, arguments, selector, count, options). The constant `selector` has a bit for each of `count`
operations; each must be taken by both or by neither, and those taken are run together.
"""
import hashlib
import importlib.util
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import warnings

os.environ["TRITON_CACHE_DIR"] = tempfile.mkdtemp()

import numpy as np  # noqa: E402
import triton.language as tl  # noqa: E402
from triton._C.libtriton import ir  # noqa: E402
from triton.backends.compiler import GPUTarget  # noqa: E402
from triton.compiler import ASTSource, make_backend  # noqa: E402

warnings.simplefilter("ignore")
TARGET = GPUTarget("cuda", 90, 32)
NUMPY = {"i1": np.bool_, "i8": np.int8, "i16": np.int16, "i32": np.int32, "i64": np.int64, "u8": np.uint8,
         "u16": np.uint16, "u32": np.uint32, "u64": np.uint64, "fp16": np.float16, "fp32": np.float32,
         "fp64": np.float64, "bf16": np.uint16}  # bf16 and 8-bit floats as their bits
SPECIAL = {"bf16": [0x0000, 0x8000, 0x3F80, 0xBF80, 0x7F80, 0xFF80, 0x7FC0, 0x0080, 0x7F7F, 0x4049],
           "fp8e5": [0x00, 0x80, 0x3C, 0xBC, 0x7C, 0xFC, 0x7F, 0x01, 0x7B, 0x41],
           "fp8e4nv": [0x00, 0x80, 0x38, 0xB8, 0x7F, 0xFF, 0x01, 0x7E, 0x41, 0x30],
           "fp8e4b15": [0x00, 0x80, 0x78, 0xF8, 0x7E, 0xFE, 0x01, 0x41, 0x30, 0x22]}


def to_bf16(values):
    bits = np.asarray(values, np.float32).view(np.uint32)
    return ((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16).astype(np.uint16)


def from_bf16(bits):
    return (bits.astype(np.uint32) << 16).view(np.float32)


def edges(dtype, count):
    if dtype in SPECIAL:
        values = np.array(SPECIAL[dtype], np.uint16 if dtype == "bf16" else np.uint8)
    elif dtype == "i1":
        values = np.array([False, True])
    elif dtype.startswith("fp"):
        limit = np.finfo(NUMPY[dtype])
        values = np.array([0.0, -0.0, 1, -1, np.inf, -np.inf, np.nan, limit.tiny, limit.max, 3.14159, -2.5],
                          NUMPY[dtype])
    else:
        limit = np.iinfo(NUMPY[dtype])
        values = np.array([0, 1, 2, 3, limit.max, limit.min, limit.max // 3, 100], NUMPY[dtype])
    return np.resize(values, count)


def made(specification, random):
    """The array that an argument's text describes."""
    dtype, count, how = re.fullmatch(r"\*(\w+)\[(\d+)\](?: (.+))?", specification).groups()
    count = int(count)
    numpy = NUMPY.get(dtype, np.uint8)
    if how == "zeros":
        return np.zeros(count, numpy)
    if how == "edges":
        return edges(dtype, count)
    low, high = (float(x) for x in how.split(":")) if how else (None, None)
    if dtype == "i1":
        return random.integers(0, 2, count).astype(np.bool_) if how is None else np.full(count, low != 0)
    if dtype.startswith("fp8"):
        values = random.integers(0, 256, count).astype(np.uint8)
        bad = {"fp8e5": 0x7C, "fp8e4nv": 0x7F}.get(dtype, 0x7F)  # neither NaN nor infinity
        return np.where((values & 0x7F) >= bad, values & 0x3F, values).astype(np.uint8)
    if dtype[0] in "iu":
        limit = np.iinfo(numpy)
        low = max(limit.min, -1000) if how is None else low
        high = min(limit.max, 1000) if how is None else high
        return random.integers(int(low), int(high), count).astype(numpy)
    values = random.standard_normal(count) if how is None else random.uniform(low, high, count)
    return to_bf16(values) if dtype == "bf16" else values.astype(numpy)


def is_constexpr(parameter, value):
    array = isinstance(value, str) and value.startswith("*")
    scalar = isinstance(value, tuple) and len(value) == 2 and value[0] in NUMPY
    return parameter.is_constexpr or not (array or scalar)


def spelled(value):
    """A constant as cases.json has it."""
    if isinstance(value, tl.dtype):
        return {"dtype": str(value)}
    if isinstance(value, (tuple, list)):
        return {"tuple": [spelled(item) for item in value]}
    return value


def ttir(function, arguments, passes=True):
    """Triton's IR after its own first passes, as its compiler hands it on; without them, nothing."""
    signature, constants = {}, {}
    for index, parameter in enumerate(function.params):
        value = arguments.get(parameter.name, parameter.default)
        if is_constexpr(parameter, value):
            signature[parameter.name] = "constexpr"
            constants[(index,)] = value
        else:
            signature[parameter.name] = re.match(r"\*\w+", value)[0] if isinstance(value, str) else value[0]
    source = ASTSource(function, signature, constexprs=constants, attrs={})
    backend = make_backend(TARGET)
    options = backend.parse_options({"num_warps": 4, "sanitize_overflow": False})
    context = ir.context()
    ir.load_dialects(context)
    backend.load_dialects(context)
    stages = {}
    backend.add_stages(stages, options, source.language)
    module = source.make_ir(TARGET, options, backend.get_codegen_implementation(options), backend.get_module_map(),
                            context)
    return str(stages["ttir"](module, {})) if passes else None


def refusal(error):
    while error.__cause__:
        error = error.__cause__
    return (str(getattr(error, "error_message", None) or error).strip().splitlines() or ["?"])[-1]


class Suite:
    def __init__(self, path, folder, wanted):
        specification = importlib.util.spec_from_file_location(path.stem, path)
        self.module = importlib.util.module_from_spec(specification)
        sys.modules[path.stem] = self.module
        specification.loader.exec_module(self.module)
        self.path, self.folder, self.wanted = path, folder, wanted
        self.cases, self.expected, self.refused = [], {}, {}
        self.problems = []

    def entry(self, name, function, arguments, random):
        listed = []
        for parameter in function.params:
            value = arguments.get(parameter.name, parameter.default)
            one = {"name": parameter.name}
            if is_constexpr(parameter, value):
                one.update(type="constexpr", value=spelled(value))
            elif isinstance(value, str):
                array = made(value, random)
                data = f"{name}.{parameter.name}.in"
                array.tofile(self.folder / data)
                one.update(type=re.match(r"\*\w+", value)[0], data=data)
            else:
                one.update(type=value[0], value=value[1])
            listed.append(one)
        return {"case": name, "file": str(self.path), "kernel": function.__name__, "target": "cuda:90",
                "arguments": listed, "grid": [1, 1, 1], "tolerance": 0, "plain_tolerance": 1e-5}

    def add(self, name, kernel, arguments, options):
        if self.wanted and not any(name.startswith(wanted) for wanted in self.wanted):
            return
        function = getattr(self.module, kernel)
        seed = int.from_bytes(hashlib.sha256(name.encode()).digest()[:4], "little")
        one = self.entry(name, function, arguments, np.random.default_rng(seed))
        grid = options.get("grid", (1,))
        one["grid"] = list(grid) + [1] * (3 - len(grid))
        one["tolerance"] = options.get("tolerance", 0)
        one["plain_tolerance"] = options.get("plain", 1e-5)
        try:
            text = ttir(function, arguments)
        except Exception as error:
            self.problems.append(f"{name}: Triton refuses it: {refusal(error)}")
            return
        one["ttir"] = f"{name}.ttir"
        (self.folder / one["ttir"]).write_text(text)
        if "expect" in options:
            one["keep"] = True
            self.expected[name] = (one, options)
        self.cases.append(one)

    def add_pairs(self):
        for label, kernel, arguments, selector, count, options in getattr(self.module, "PAIRS", lambda: [])():
            if self.wanted and not any(label.startswith(wanted) for wanted in self.wanted):
                continue
            function = getattr(self.module, kernel)
            refused = {}
            self.find_refused(function, arguments, selector, list(range(count)), refused)
            for bit, reason in refused.items():
                name = f"{label}.{bit}"
                self.refused[name] = reason
                self.cases.append(self.entry(name, function, dict(arguments, **{selector: 1 << bit}),
                                             np.random.default_rng(1)))
            if taken := sum(1 << bit for bit in range(count) if bit not in refused):
                self.add(label, kernel, dict(arguments, **{selector: taken}), options)

    def find_refused(self, function, arguments, selector, bits, refused):
        """Halves what Triton does not take together until single operations are left."""
        try:
            ttir(function, dict(arguments, **{selector: sum(1 << bit for bit in bits)}), passes=False)
        except Exception as error:
            if len(bits) == 1:
                refused[bits[0]] = refusal(error)
                return
            middle = len(bits) // 2
            self.find_refused(function, arguments, selector, bits[:middle], refused)
            self.find_refused(function, arguments, selector, bits[middle:], refused)

    def run(self, check):
        (self.folder / "cases.json").write_text(json.dumps(self.cases))
        result = subprocess.run([check, str(self.folder)], stdout=subprocess.PIPE, text=True)
        begun, answers = None, {}
        for line in result.stdout.splitlines():
            answer = json.loads(line)
            if "begin" in answer:
                begun = answer["begin"]
            else:
                answers[answer["case"]] = answer
        if result.returncode:
            self.problems.append(f"{begun}: the check ended with {result.returncode}")
        for name, answer in answers.items():
            self.judge(name, answer)
        return len(answers)

    def judge(self, name, answer):
        outcome = answer["outcome"]
        if name in self.refused:
            if outcome != "refused":
                self.problems.append(f"{name}: we take it and Triton does not: {self.refused[name]}")
            return
        if outcome != "equal":
            self.problems.append(f"{name}: {outcome}: {answer['message']}")
        elif name in self.expected:
            self.judge_by_numpy(name)

    def judge_by_numpy(self, name):
        one, options = self.expected[name]

        def arrays(end):
            found = {}
            for argument in one["arguments"]:
                if argument["type"][0] == "*":
                    dtype = argument["type"][1:]
                    file = self.folder / (argument["data"] if end == "in" else f"{name}.{argument['name']}.out")
                    values = np.fromfile(file, NUMPY.get(dtype, np.uint8))
                    found[argument["name"]] = from_bf16(values) if dtype == "bf16" else values
                else:
                    found[argument["name"]] = argument["value"]
            return found

        before, after = arrays("in"), arrays("out")
        try:
            expected = options["expect"](**before)
        except Exception as error:
            self.problems.append(f"{name}: what is expected cannot be computed: {error}")
            return
        for key, wanted in expected.items():
            wanted = np.asarray(wanted).reshape(-1)
            got = after[key][:wanted.size]
            if wanted.dtype.kind in "biu":
                wrong = got != wanted
            else:
                wide, exact = got.astype(np.float64), wanted.astype(np.float64)
                scale = max(1e-30, np.max(np.abs(exact[np.isfinite(exact)]), initial=0))
                same = (np.isnan(wide) & np.isnan(exact)) | (wide == exact)
                wrong = ~(same | (np.abs(wide - exact) <= options.get("within", 1e-5) * scale))
            if wrong.any():
                at = int(np.argmax(wrong))
                self.problems.append(f"{name}: {key}[{at}] is {got[at]}, NumPy says {wanted[at]} "
                                     f"({int(wrong.sum())} of {wanted.size} differ)")


def main():
    check, path = sys.argv[1], pathlib.Path(sys.argv[2]).resolve()
    with tempfile.TemporaryDirectory() as folder:
        suite = Suite(path, pathlib.Path(folder), sys.argv[3:])
        counts = {}
        for case in getattr(suite.module, "CASES", []):
            kernel, arguments, options = case if len(case) == 3 else (*case, {})
            counts[kernel] = counts.get(kernel, 0) + 1
            suite.add(f"{kernel}.{counts[kernel]}", kernel, arguments, options)
        suite.add_pairs()
        total = suite.run(check)
    for problem in suite.problems:
        print(problem)
    kernels = len({one["kernel"] for one in suite.cases})
    print(f"{path.stem}: {kernels} kernels, {total} cases, {len(suite.problems)} problems")
    return 1 if suite.problems or not total else 0


if __name__ == "__main__":
    sys.exit(main())
