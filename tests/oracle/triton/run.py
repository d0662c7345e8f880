"""Our kernels compiled by a release of Triton through `lap --compiler triton`, without a GPU.

  run.py RELEASE LAP

What lap asks and what it is told is recorded on the way. Every kernel must compile for every target; then check.py,
in the release's own Python, imports the kernels' files as users do and compares Triton's cache keys: a kernel that is
taken out of its file must be the same kernel to Triton. Exit code 77 when the release cannot be had.
"""
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[2]
# Rule sets of ours that speak for a release; the newest one stands for all later ones.
RULES = {"3.2.0": "triton-3.2", "3.4.0": "triton-3.4", "3.6.0": "triton-3.6", "newest": "triton-3.9"}
OWN = [HERE / "kernels.py"]
FILES = {"3.6.0": sorted(ROOT.glob("resources/samples/*.py")) + OWN}
# Triton 3.4 links AMD's code with a linker that is not in its wheel; 3.2 knows no constant tuples.
TARGETS = {"3.4.0": ["cuda:90"]}
UNKNOWN = {"3.2.0": {"sized"}}

# Both recordings are written before what they record is passed on: lap ends the processes when it has its answer.
WRAPPER = """#!/bin/sh
exec 3>&1
{{ tee /dev/fd/4 >> '{folder}/asked'; }} 4>&1 | '{python}' "$@" | tee /dev/fd/3 >> '{folder}/told'
"""


def lap(program, environment, *words):
    return subprocess.run([program, *map(str, words)], capture_output=True, text=True, env=environment, timeout=120)


def kernels(program, environment, release):
    for file in FILES.get(release, OWN):
        found = lap(program, environment, "kernels", file, "--json")
        for kernel in json.loads(found.stdout)["kernels"]:
            if kernel["name"] not in UNKNOWN.get(release, ()):
                yield file, kernel["name"]


def main():
    release, program = sys.argv[1:]
    wheel = subprocess.run([sys.executable, str(HERE.parent / "wheels.py"), release], stdout=subprocess.PIPE, text=True)
    if wheel.returncode:
        return wheel.returncode
    python = wheel.stdout.strip()
    failures, compiled = [], 0
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        wrapper = folder / "python"
        wrapper.write_text(WRAPPER.format(folder=folder, python=python))
        wrapper.chmod(0o755)
        environment = {**os.environ, "XDG_CACHE_HOME": str(folder / "cache"), "XDG_DATA_HOME": str(folder / "data")}
        common = ["--compiler", f"triton={wrapper}", "--rules", RULES[release]]
        targets = TARGETS.get(release, ["cuda:90", "hip:gfx942"])
        for file, kernel in kernels(program, environment, release):
            for properties in ("all", "none"):
                result = lap(program, environment, "compile", file, "-k", kernel, *common, "--properties", properties,
                             *(word for target in targets for word in ("-t", target)))
                if result.returncode:
                    failures.append(f"{kernel}: {result.stderr.strip().splitlines()[-3:]}")
                else:
                    compiled += len(targets)
        check_errors(program, environment, folder, common, failures)
        checked = subprocess.run([python, str(HERE / "check.py"), str(folder / "asked"), str(folder / "told")],
                                 capture_output=True, text=True)
        if checked.returncode:
            failures.append(checked.stdout + checked.stderr)
    print(f"Triton {release}: {compiled} compiled; {checked.stdout.strip()}")
    for failure in failures:
        print(failure)
    return 1 if failures or compiled == 0 else 0


def check_errors(program, environment, folder, common, failures):
    """What Triton refuses is told at the user's line; the file itself is never run."""
    source = folder / "bad.py"
    ran = folder / "ran"
    source.write_text(f"""import pathlib
import triton
import triton.language as tl

pathlib.Path({str(ran)!r}).touch()


@triton.jit
def helper(x):
    return tl.nothing_of_this_name(x)


@triton.jit
def calls(x_ptr):
    tl.store(x_ptr, helper(tl.load(x_ptr)))


@triton.jit
def foreign(x_ptr):
    tl.store(x_ptr, pathlib.magic)
""")
    for kernel, line, words in (("calls", 10, "nothing_of_this_name"), ("foreign", 20, "pathlib")):
        result = lap(program, environment, "compile", source, "-k", kernel, "-t", "cuda:90", *common)
        if result.returncode != 1 or not re.search(rf"bad\.py:{line}:\d+: error: .*{words}", result.stderr):
            failures.append(f"{kernel}: expected an error at line {line} about {words}, got: {result.stderr}")
    if ran.exists():
        failures.append("the user's file was run")


if __name__ == "__main__":
    sys.exit(main())
