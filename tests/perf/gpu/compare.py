#!/usr/bin/env python3
"""What an NVIDIA GPU says of our code: does every kernel compute what the reference does, and how long does it
take beside real Triton, in one run of under nine minutes.

  tests/perf/gpu/compare.py --lap PATH [--results FOLDER] [--quick] [--no-triton]

`lap` is any build; the portable one needs nothing else on the machine. Triton's column needs torch and triton.
Times are medians with cold caches (the L2 overwritten before each launch) on both sides, over tensors of zeros;
both take the best of the same list of configurations. Exit code 1: a kernel is wrong, or was not measured.
"""
import argparse
import importlib.util
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[3]
SAMPLES = ROOT / "resources" / "samples"
OWN = pathlib.Path(__file__).resolve().parent / "kernels.py"
BEGIN = time.monotonic()
BUDGET_SECONDS = 520


def tensor(dtype, *shape, offset=0):
    return {"dtype": dtype, "shape": list(shape), "offset": offset}


class Case:
    """One row of the table: a kernel, its arguments by name, the configurations to try, the ratio to reach."""

    def __init__(self, name, file, kernel, arguments, grid, configurations, moved, target, generic=False):
        self.name, self.file, self.kernel, self.arguments, self.grid = name, file, kernel, arguments, grid
        self.configurations = configurations  # of (constexprs, num_warps)
        self.moved = moved  # bytes from and to memory
        self.target, self.generic = target, generic


def vector_add(name, offset, generic, target):
    n = (1 << 28) - offset
    shape = {"offset": offset}
    return Case(name, SAMPLES / "vector_add.py", "vector_add",
                {"x_ptr": tensor("fp32", n, **shape), "y_ptr": tensor("fp32", n, **shape),
                 "out_ptr": tensor("fp32", n, **shape), "n": n}, ["cdiv(n, BLOCK)"],
                [({"BLOCK": 1024}, 4), ({"BLOCK": 2048}, 8), ({"BLOCK": 4096}, 8)], 12 * n, target, generic)


def strided_copy(name, generic, target):
    side = 16384
    return Case(name, SAMPLES / "strided_copy.py", "strided_copy",
                {"src": tensor("fp16", side, side), "dst": tensor("fp16", side, side), "rows": side, "cols": side,
                 "stride_sr": side, "stride_sc": 1, "stride_dr": side, "stride_dc": 1},
                ["cdiv(rows, BM)", "cdiv(cols, BN)"], [({"BM": 64, "BN": 64}, 4), ({"BM": 32, "BN": 128}, 4)],
                4 * side * side, target, generic)


def rows(kernel, file, rows_, cols, make, moved, target, warps=(2, 4, 8, 16), name=None):
    return Case(name or f"{kernel} fp16 {rows_} x {cols}", file, kernel, make(rows_, cols), [str(rows_)],
                [({"BLOCK": cols}, w) for w in warps], moved, target)


def cases():
    half = "fp16"
    yield vector_add("vector_add fp32 2^28", 0, False, 0.99)
    yield vector_add("vector_add misaligned by 4 bytes", 1, False, 0.98)
    yield vector_add("vector_add generic", 0, True, 0.98)
    yield strided_copy("strided_copy fp16 16384^2", False, 0.98)
    yield strided_copy("strided_copy generic", True, 0.95)
    for count, cols in ((32768, 1024), (16384, 4096), (16384, 8192)):
        yield rows("softmax_rows", SAMPLES / "softmax.py", count, cols, lambda r, c: {
            "out_ptr": tensor(half, r, c), "in_ptr": tensor(half, r, c), "in_stride": c, "out_stride": c,
            "n_cols": c}, 4 * count * cols, 0.98)
        yield rows("layer_norm", SAMPLES / "layer_norm.py", count, cols, lambda r, c: {
            "x_ptr": tensor(half, r, c), "y_ptr": tensor(half, r, c), "w_ptr": tensor(half, c),
            "b_ptr": tensor(half, c), "stride": c, "n": c, "eps": 1e-5}, 4 * count * cols, 0.98)
    yield rows("rms_norm_backward", OWN, 16384, 4096, lambda r, c: {
        "dy_ptr": tensor(half, r, c), "x_ptr": tensor(half, r, c), "w_ptr": tensor(half, c),
        "rms_ptr": tensor("fp32", r), "dx_ptr": tensor(half, r, c), "stride": c, "n": c}, 6 * 16384 * 4096, 0.95)
    yield rows("cross_entropy", OWN, 8192, 32768, lambda r, c: {
        "logits_ptr": tensor(half, r, c), "labels_ptr": tensor("i32", r), "loss_ptr": tensor("fp32", r),
        "stride": c, "n": c}, 2 * 8192 * 32768, 0.95, warps=(8, 16))
    tokens, heads, width = 16384, 32, 128
    yield Case("rotary fp16 16384 x 32 x 128", OWN, "rotary",
               {"x_ptr": tensor(half, tokens, heads, width), "cos_ptr": tensor(half, tokens, width // 2),
                "sin_ptr": tensor(half, tokens, width // 2), "out_ptr": tensor(half, tokens, heads, width),
                "stride": heads * width, "heads": heads}, [str(tokens), "cdiv(heads, BLOCK)"],
               [({"HALF": width // 2, "BLOCK": block}, w) for block, w in ((32, 4), (32, 2), (16, 4))],
               4 * tokens * heads * width, 0.95)
    yield rows("quantize_rows", OWN, 16384, 4096, lambda r, c: {
        "x_ptr": tensor(half, r, c), "out_ptr": tensor("i8", r, c), "scale_ptr": tensor("fp32", r), "stride": c,
        "n": c}, 3 * 16384 * 4096, 0.95)
    yield rows("cumsum_rows", OWN, 16384, 4096, lambda r, c: {
        "x_ptr": tensor(half, r, c), "out_ptr": tensor(half, r, c), "stride": c, "n": c}, 4 * 16384 * 4096, 0.95)


class Lap:
    def __init__(self, program, target):
        self.program, self.target = program, target
        self.home = tempfile.TemporaryDirectory(prefix="lapidary-gpu-")
        self.environment = dict(os.environ)
        for kind in ("DATA", "CACHE", "CONFIG"):
            self.environment[f"XDG_{kind}_HOME"] = str(pathlib.Path(self.home.name) / kind.lower())

    def run(self, *arguments, timeout=120):
        """Exit code, JSON (or None), messages."""
        try:
            result = subprocess.run([self.program, *map(str, arguments), "--json"], capture_output=True, text=True,
                                    timeout=timeout, env=self.environment)
        except subprocess.TimeoutExpired:
            return -1, None, f"no answer within {timeout} s"
        try:
            return result.returncode, json.loads(result.stdout), result.stderr.strip()
        except json.JSONDecodeError:
            return result.returncode, None, result.stderr.strip()


def launch_of(case, constants, warps):
    def argument(value):
        return {"tensor": {**value, "init": "zeros"}} if isinstance(value, dict) else value
    return {"kernel": case.kernel, "grid": case.grid, "options": {"num_warps": warps},
            "arguments": {**{name: argument(value) for name, value in case.arguments.items()}, **constants}}


def sources():
    """Every launch of the samples and of the conformance kernels, with the file that defines its kernel."""
    for folder in (SAMPLES, ROOT / "tests" / "conformance" / "kernels"):
        for launch in sorted(folder.glob("*.launch.json")):
            kernel = json.loads(launch.read_text())["kernel"]
            file = next(f for f in sorted(folder.glob("*.py")) if f"\ndef {kernel}(" in f.read_text())
            yield kernel, file, launch


def check_all(lap):
    print("kernel                         launch                         result")
    wrong = []
    for kernel, file, launch in sources():
        code, answer, messages = lap.run("compare", file, "-k", kernel, "-l", launch, "-t", lap.target,
                                         "--time-limit", "0.05", "--warm-up", "0", "--samples", "10")
        good = code == 0 and all(answer[v]["correct"] for v in ("specialized", "generic"))
        said = "correct, generic over specialized %.2f" % answer["ratio"]["value"] if good else messages or answer
        print(f"{kernel:30} {launch.name.removesuffix('.launch.json'):30} {said}", flush=True)
        if not good:
            wrong.append(launch.name)
    return wrong


def best_of_ours(lap, case):
    best = None
    for constants, warps in case.configurations:
        launch = json.dumps(launch_of(case, constants, warps))
        code, answer, messages = lap.run("bench", case.file, "-k", case.kernel, "-l", launch, "-t", lap.target,
                                         "--properties", "none" if case.generic else "all", "--mode", "cold",
                                         "--no-verify", "--time-limit", "0.25", "--warm-up", "0.05", "--samples", "200")
        if code != 0:
            best = best or {"error": messages[-400:]}
            continue
        found = {"ns": answer["modes"]["cold"]["median"], "configuration": f"{constants} {warps} warps",
                 "resources": answer.get("resources", {})}
        _, compiled, _ = lap.run("compile", case.file, "-k", case.kernel, "-l", launch, "-t", lap.target,
                                 "--properties", "none" if case.generic else "all")
        if compiled:
            found["compile_ns"] = sum(stage["ns"] for stage in compiled["stages"])
        if best is None or "ns" not in best or found["ns"] < best["ns"]:
            best = found
    return best


class Triton:
    def __init__(self):
        self.folder = tempfile.TemporaryDirectory(prefix="triton-cache-")
        os.environ["TRITON_CACHE_DIR"] = self.folder.name
        import torch
        import triton
        self.torch, self.triton = torch, triton
        self.types = {"fp32": torch.float32, "fp16": torch.float16, "i32": torch.int32, "i8": torch.int8}
        self.modules = {}
        self.version = f"triton {triton.__version__}, torch {torch.__version__}"
        torch.zeros(1, device="cuda")

    def kernel(self, case):
        if case.file not in self.modules:
            spec = importlib.util.spec_from_file_location(case.file.stem, case.file)
            self.modules[case.file] = importlib.util.module_from_spec(spec)
            spec.loader.exec_module(self.modules[case.file])
        kernel = getattr(self.modules[case.file], case.kernel)
        if case.generic:
            return self.triton.jit(kernel.fn, do_not_specialize=list(case.arguments))
        return kernel

    def argument(self, value):
        if not isinstance(value, dict):
            return value
        count = value["offset"]
        size = 1
        for extent in value["shape"]:
            size *= extent
        flat = self.torch.zeros(size + count, dtype=self.types[value["dtype"]], device="cuda")
        return flat[count:].reshape(value["shape"])

    def best(self, case):
        kernel, best = self.kernel(case), None
        arguments = {name: self.argument(value) for name, value in case.arguments.items()}
        for constants, warps in case.configurations:
            names = {"cdiv": self.triton.cdiv, **case.arguments, **constants}
            grid = tuple(eval(entry, {}, names) for entry in case.grid)
            call = lambda: kernel[grid](**arguments, **constants, num_warps=warps)
            begin = time.perf_counter()
            kernel.warmup(**arguments, **constants, num_warps=warps, grid=grid)
            compiled = (time.perf_counter() - begin) * 1e9
            ms = self.triton.testing.do_bench(call, warmup=25, rep=100, return_mode="median")
            if best is None or ms * 1e6 < best["ns"]:
                best = {"ns": ms * 1e6, "configuration": f"{constants} {warps} warps", "compile_ns": compiled}
        return best


def measure_all(lap, triton, chosen):
    print("\n{:36} {:>10} {:>10} {:>8} {:>8} {:>7} {:>7}  {}".format(
        "kernel", "ours us", "Triton us", "GB/s", "Triton", "ratio", "wanted", "ours took (compile ms, Triton's)"))
    table, failed = [], []
    for case in chosen:
        if time.monotonic() - BEGIN > BUDGET_SECONDS:
            print(f"{case.name:36} not measured: the time is up")
            failed.append(case.name)
            continue
        ours = best_of_ours(lap, case)
        theirs = None
        if triton:
            try:
                theirs = triton.best(case)
            except Exception as error:
                theirs = {"error": repr(error)[:300]}
        table.append({"kernel": case.name, "ours": ours, "triton": theirs, "wanted": case.target})
        if "ns" not in ours:
            failed.append(case.name)
            print(f"{case.name:36} FAILED: {ours['error']}", flush=True)
            continue
        has = theirs and "ns" in theirs
        print("{:36} {:10.1f} {:>10} {:8.0f} {:>8} {:>7} {:7.2f}  {}".format(
            case.name, ours["ns"] / 1e3, f"{theirs['ns'] / 1e3:.1f}" if has else "-", case.moved / ours["ns"],
            f"{case.moved / theirs['ns']:.0f}" if has else "-", f"{theirs['ns'] / ours['ns']:.3f}" if has else "-",
            case.target, "{} ({:.0f}{})".format(ours["configuration"], ours.get("compile_ns", 0) / 1e6,
                                               f", {theirs['compile_ns'] / 1e6:.0f}" if has else "")), flush=True)
        if theirs and "error" in theirs:
            print("    Triton failed:", theirs["error"])
    return table, failed


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--lap", required=True, help="the program to test")
    parser.add_argument("--results", default=".", help="folder for gpu-results.json")
    parser.add_argument("--quick", action="store_true", help="only whether the kernels are correct")
    parser.add_argument("--no-triton", action="store_true", help="our own times alone")
    arguments = parser.parse_args()
    lap = Lap(arguments.lap, "")
    _, listed, messages = lap.run("devices")
    device = next((d for b in (listed or {}).get("backends", []) if b["backend"] == "cuda" for d in b["devices"]), None)
    if not device:
        print("there is no CUDA device:", messages or json.dumps(listed), file=sys.stderr)
        return 1
    lap.target = device["target"]
    print(f"{device['name']}, {device['driver']}, {lap.target}\n", flush=True)
    wrong = check_all(lap)
    print(f"\n{len(wrong)} wrong" + (": " + ", ".join(wrong) if wrong else ""))
    table, failed = [], []
    if not arguments.quick:
        triton = None
        if not arguments.no_triton:
            try:
                triton = Triton()
                print(triton.version)
            except ImportError as error:
                print("Triton is not measured:", error)
        table, failed = measure_all(lap, triton, list(cases()))
    results = pathlib.Path(arguments.results)
    results.mkdir(parents=True, exist_ok=True)
    (results / "gpu-results.json").write_text(json.dumps({"device": device, "wrong": wrong, "table": table}, indent=1))
    return 1 if wrong or failed else 0


if __name__ == "__main__":
    sys.exit(main())
