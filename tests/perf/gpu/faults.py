#!/usr/bin/env python3
"""Does Lapidary say what went wrong on a device, and go on? Drives `lap` with kernels that really fault, with a driver
that is missing or too old, and with a worker that is killed from outside. Each failure must come back under its own
class with words that say what to do; after each one an ordinary measurement on the same device must succeed.

  tests/perf/gpu/faults.py --lap PATH [--target cuda|cpu] [--fake LIBRARY]

`lap` is any build; the portable one needs nothing but a driver. --fake takes a fake driver of the tests
(tests/unit/backends/FakeCuda.cpp) in place of a GPU: then what fails is ordered, not real. Prints a table; exit
code 1: something came back differently.
"""
import argparse
import json
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import time

OWN = pathlib.Path(__file__).resolve().parent
KERNELS, ASSERT = OWN / "fault_kernels.py", OWN / "fault_assert.ttir"
N = 4096
QUICK = ["--warm-up", "0", "--time-limit", "0.1", "--samples", "10"]


def tensor(*shape, **more):
    return {"tensor": {"dtype": "fp32", "shape": list(shape), "init": "zeros", **more}}


def launch(kernel, grid=("4",), shape=(2 * N,), launch_options=None, **arguments):
    given = {"x_ptr": tensor(*shape), "out_ptr": tensor(*shape)}
    if kernel != "asserts":
        given.update({"n": N, "BLOCK": 1024})
    given.update(arguments)
    return {"kernel": kernel, "grid": list(grid), "arguments": given, "options": launch_options or {}}


class Case:
    """What is run and what must come back. `fake` is the order to a fake driver; on the CPU only `cpu` cases run."""

    def __init__(self, name, code, words, kernel=None, file=KERNELS, fake="", cpu=False, environment=None,
                 target=None, shortage=None, hang=20, kill=False, **arguments):
        self.name, self.code, self.words, self.file, self.fake, self.cpu = name, code, words, file, fake, cpu
        self.launch = launch(kernel or "fine", **arguments)
        self.environment, self.target = environment or {}, target
        self.shortage, self.hang, self.kill = shortage, hang, kill


def cases(backend):
    library = f"LAPIDARY_{backend.upper()}_LIBRARY"
    yield Case("a loop without end", "timeout", "had not ended after", "spin", fake="cuEventSynchronize=hang", cpu=True,
               hang=2)
    yield Case("a store far outside", "illegal address", "", "far_store", far=1 << 40, fake="cuEventSynchronize@2=700",
               cpu=True)
    yield Case("a misaligned access", "misaligned address", "misaligned", "false_promise", shift=3,
               fake="cuEventSynchronize@2=716")
    yield Case("an assertion", "trap", "the kernel failed on", "asserts", file=ASSERT, grid=("1",),
               fake="cuEventSynchronize@2=719")
    yield Case("more memory than there is", "out of resource", "are available", shape=(1 << 42,), cpu=True,
               shortage=("device memory", "host memory"))
    yield Case("a worker that is killed", "crashed", "signal 9", kill=True, cpu=True)
    yield Case("a grid beyond the limits", "invalid input", "at most 65535", grid=("1", "100000"))
    yield Case("more warps than a block takes", "compile failed", "num_warps", launch_options={"num_warps": 64})
    yield Case("a number where a tensor belongs", "compile failed", "x_ptr", x_ptr=3, cpu=True)
    yield Case("a device that is not there", "not found", "is not attached", target="@7", cpu=True)
    yield Case("no driver", "not found", "there is no", environment={library: "/nowhere/libcuda.so.1"})
    yield Case("a library that is no driver", "unsupported", "is too old: it lacks", environment={library: "libc.so.6"})


class Lap:
    def __init__(self, program, target, fake):
        self.program, self.target = program, target
        self.home = tempfile.TemporaryDirectory(prefix="lapidary-faults-")
        self.environment = dict(os.environ)
        for kind in ("DATA", "CACHE", "CONFIG"):
            self.environment[f"XDG_{kind}_HOME"] = str(pathlib.Path(self.home.name) / kind.lower())
        self.fake = bool(fake)
        if fake:
            self.environment["LAPIDARY_CUDA_LIBRARY"] = fake

    def start(self, arguments, environment):
        return subprocess.Popen([self.program, *map(str, arguments), "--json"], stdout=subprocess.PIPE,
                                stderr=subprocess.PIPE, text=True, env={**self.environment, **environment})

    def run(self, *arguments, environment={}, timeout=180, during=None):
        """Exit code, JSON (or None), messages."""
        process = self.start(arguments, environment)
        try:
            if during:
                during(process.pid)
            output, messages = process.communicate(timeout=timeout)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()
            return -1, None, f"no answer within {timeout} s"
        try:
            return process.returncode, json.loads(output), messages.strip()
        except json.JSONDecodeError:
            return process.returncode, None, messages.strip()


def children(pid):
    found = []
    for task in pathlib.Path(f"/proc/{pid}/task").glob("*/children"):
        try:
            found += [int(child) for child in task.read_text().split()]
        except OSError:
            pass
    return found


def kill_measuring_worker(pid):
    """Kills the worker that lap has begun to measure with: the one that lives on after those that list devices."""
    deadline, seen = time.monotonic() + 60, {}
    while time.monotonic() < deadline and pathlib.Path(f"/proc/{pid}").exists():
        for child in children(pid):
            seen.setdefault(child, time.monotonic())
            if time.monotonic() - seen[child] > 1.5:
                os.kill(child, signal.SIGKILL)
                return
        time.sleep(0.02)


def bench(lap, case, cpu):
    target = lap.target + (case.target or "")
    arguments = ["bench", case.file, "-k", case.launch["kernel"], "-l", json.dumps(case.launch), "-t", target,
                 "--no-verify", "--hang", case.hang]
    environment = dict(case.environment)
    if lap.fake and case.fake:
        environment["FAKE_GPU"] = case.fake
    if case.kill:
        return lap.run(*arguments, "--time-limit", "60", "--samples", "10000000", "--warm-up", "10",
                       during=kill_measuring_worker)
    return lap.run(*arguments, *QUICK, environment=environment)


def works(lap):
    """The device measures again: the words of what is wrong, or nothing."""
    check = [] if not lap.fake else ["--no-verify"]
    code, answer, messages = lap.run("compare", KERNELS, "-k", "fine", "-l", json.dumps(launch("fine")), "-t",
                                     lap.target, *QUICK, *check)
    if code == 0 and answer and (lap.fake or answer["correct"] is True) and answer["generic"]["median"]:
        return ""
    return f"exit code {code}: {messages[-300:]}"


def judge(case, cpu, code, answer, messages):
    """What came back, and what is wrong with it."""
    if answer is None:
        return "-", f"no JSON, exit code {code}: {messages[-300:]}"
    got = answer.get("error_code") or "no error"
    words = answer.get("error") or answer.get("not_run") or messages
    wrong = []
    if got != case.code:
        wrong.append(f"class {case.code} was expected")
    if case.words not in words and case.words not in messages and not cpu:
        wrong.append(f"the words lack '{case.words}': {words[-300:]}")
    if code == 0:
        wrong.append("exit code 0")
    if case.shortage:
        shortage = answer.get("shortage") or {}
        if shortage.get("resource") not in case.shortage or shortage.get("needed", 0) <= shortage.get("available", 0):
            wrong.append(f"the shortage says {shortage}")
    return got, "; ".join(wrong)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--lap", required=True, help="the program to test")
    parser.add_argument("--target", default="cuda", help="cuda, cuda:90 or cpu")
    parser.add_argument("--fake", help="a fake libcuda in place of a GPU")
    parser.add_argument("--only", help="cases whose name contains this")
    arguments = parser.parse_args()
    backend = arguments.target.split(":")[0]
    cpu = backend == "cpu"
    lap = Lap(arguments.lap, arguments.target, arguments.fake)
    _, listed, messages = lap.run("devices")
    device = next((d for b in (listed or {}).get("backends", []) if b["backend"] == backend for d in b["devices"]), None)
    if not device:
        print(f"there is no device of {backend}:", messages or json.dumps(listed), file=sys.stderr)
        return 1
    lap.target = device["target"]
    print(f"{device['name']}, {device['driver']}, {lap.target}\n")
    problem = works(lap)
    if problem:
        print("an ordinary measurement fails:", problem, file=sys.stderr)
        return 1
    failed = 0
    print(f"{'what goes wrong':34} {'class':20} {'s':>5}  next  words")
    for case in cases(backend):
        if (cpu and not case.cpu) or (arguments.only and arguments.only not in case.name):
            continue
        begin = time.monotonic()
        code, answer, messages = bench(lap, case, cpu)
        seconds = time.monotonic() - begin
        got, wrong = judge(case, cpu, code, answer, messages)
        after = works(lap)
        words = ((answer or {}).get("error") or messages.replace("lap: error: ", "")).replace("\n", " ")
        print(f"{case.name:34} {got:20} {seconds:5.1f}  {'FAIL' if after else 'ok':4}  {words[:160]}", flush=True)
        for complaint in filter(None, (wrong, after and f"the next measurement: {after}")):
            print(f"    WRONG: {complaint}", flush=True)
        failed += bool(wrong or after)
    print(f"\n{failed} wrong")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
