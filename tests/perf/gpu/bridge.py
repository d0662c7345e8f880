#!/usr/bin/env python3
"""Real Triton behind `lap --compiler triton` beside Triton's own launcher on an NVIDIA GPU, in one run.

  tests/perf/gpu/bridge.py --lap PATH [--results FOLDER]

Needs torch and triton in the Python that runs it. First the results: each kernel, compiled by that Triton and launched
by lap, must compute what our reference does. Then the times: the median of `lap bench --mode cold` over that of
`triton.testing.do_bench` for the same kernel, arguments and configuration; within 2 % is the bar. Exit code 1: a
kernel is wrong, was not measured, or is outside the bar.
"""
import argparse
import json
import pathlib
import sys

import compare
from compare import Case, Lap, Triton, launch_of, tensor

KERNELS = compare.ROOT / "tests" / "oracle" / "static" / "kernels.py"
BAR = 0.02


def square(size):
    half = "fp16"
    return {**{name: tensor(half, size, size) for name in ("a_ptr", "b_ptr", "c_ptr")}, "M": size, "N": size, "K": size,
            "sam": size, "sak": 1, "sbk": size, "sbn": 1, "scm": size, "scn": 1}


def matmul(size):
    constants = {"BM": 128, "BN": 128, "BK": 64, "GROUP": 8} if size > 256 else {"BM": 32, "BN": 32, "BK": 32, "GROUP": 8}
    return Case(f"matmul fp16 {size}", KERNELS, "matmul", square(size), ["cdiv(M, BM) * cdiv(N, BN)"],
                [(constants, 4)], 6 * size * size, 0)


def attention(heads, length, width):
    half = "fp16"
    block = 64 if length > 256 else 32
    names = parameters("attention_fwd")
    values = {**{name: tensor(half, heads, length, width) for name in names[:4]}, names[4]: width ** -0.5,
              names[5]: length * width, names[6]: width, names[7]: length}
    return Case(f"attention_fwd fp16 {heads} x {length} x {width}", KERNELS, "attention_fwd", values,
                [f"cdiv({length}, BM)", str(heads)], [({"BM": block, "BN": block, "D": width}, 4)],
                8 * heads * length * width, 0)


def parameters(kernel):
    import ast
    tree = ast.parse(KERNELS.read_text())
    function = next(node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name == kernel)
    return [argument.arg for argument in function.args.args]


def small():
    """What the reference computes in a moment; inputs are random."""
    samples = compare.SAMPLES
    for name in ("vector_add", "strided_copy", "softmax", "layer_norm"):
        launch = samples / f"{name}.launch.json"
        yield json.loads(launch.read_text())["kernel"], samples / f"{name}.py", str(launch)
    for case in (matmul(128), attention(2, 128, 64)):
        described = launch_of(case, *case.configurations[0])
        for value in described["arguments"].values():
            if isinstance(value, dict):
                value["tensor"]["init"] = "normal"
        yield case.kernel, case.file, json.dumps(described)


def check(lap, compiler):
    wrong = []
    for kernel, file, launch in small():
        code, answer, messages = lap.run("compare", file, "-k", kernel, "-l", launch, "-t", lap.target, *compiler,
                                         "--time-limit", "0.05", "--warm-up", "0", "--samples", "10")
        good = code == 0 and all(answer[variant]["correct"] for variant in ("specialized", "generic"))
        print(f"{kernel:20} {'correct' if good else messages or answer}", flush=True)
        if not good:
            wrong.append(kernel)
    return wrong


def one_configuration(case, generic):
    case.configurations, case.generic = case.configurations[:1], generic
    return case


def timed():
    for case in compare.cases():
        if case.name in ("vector_add fp32 2^28", "strided_copy fp16 16384^2", "softmax_rows fp16 16384 x 4096",
                         "layer_norm fp16 16384 x 4096"):
            yield case
    yield matmul(4096)
    yield attention(64, 4096, 64)


def measure(lap, triton, compiler):
    print("\n{:36} {:>12} {:>12} {:>8}".format("kernel", "lap us", "do_bench us", "ratio"))
    table, outside = [], []
    for generic in (False, True):
        for case in map(lambda case: one_configuration(case, generic), timed()):
            constants, warps = case.configurations[0]
            code, answer, messages = lap.run(
                "bench", case.file, "-k", case.kernel, "-l", json.dumps(launch_of(case, constants, warps)), "-t",
                lap.target, *compiler, "--properties", "none" if generic else "all", "--mode", "cold", "--no-verify",
                "--time-limit", "0.5", "--warm-up", "0.05", "--samples", "300")
            name = case.name + (" generic" if generic else "")
            if code != 0:
                outside.append(name)
                print(f"{name:36} FAILED: {messages[-300:]}")
                continue
            ours, theirs = answer["modes"]["cold"]["median"], triton.best(case)["ns"]
            ratio = ours / theirs
            table.append({"kernel": name, "lap_ns": ours, "do_bench_ns": theirs})
            if abs(ratio - 1) > BAR:
                outside.append(name)
            print(f"{name:36} {ours / 1e3:12.1f} {theirs / 1e3:12.1f} {ratio:8.3f}", flush=True)
    return table, outside


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--lap", required=True, help="the program to test")
    parser.add_argument("--results", default=".", help="folder for bridge-results.json")
    arguments = parser.parse_args()
    lap = Lap(arguments.lap, "")
    _, listed, messages = lap.run("devices")
    device = next((d for b in (listed or {}).get("backends", []) if b["backend"] == "cuda" for d in b["devices"]), None)
    if not device:
        print("there is no CUDA device:", messages or json.dumps(listed), file=sys.stderr)
        return 1
    lap.target = device["target"]
    compiler = ["--compiler", f"triton={sys.executable}"]
    triton = Triton()
    print(f"{device['name']}, {device['driver']}, {lap.target}, {triton.version}\n", flush=True)
    wrong = check(lap, compiler)
    table, outside = measure(lap, triton, compiler)
    results = pathlib.Path(arguments.results)
    results.mkdir(parents=True, exist_ok=True)
    (results / "bridge-results.json").write_text(json.dumps({"device": device, "wrong": wrong, "table": table}, indent=1))
    print(f"\n{len(wrong)} wrong, {len(outside)} outside {BAR:.0%}" + (": " + ", ".join(outside) if outside else ""))
    return 1 if wrong or outside else 0


if __name__ == "__main__":
    sys.exit(main())
