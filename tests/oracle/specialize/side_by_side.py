"""A release's own functions and this program's engine, timed one after the other on this machine.

  side_by_side.py RELEASE SPECIALIZE_BENCH

Exit code 77 when the release cannot be had, 1 when something does not run; the times decide nothing.
"""
import json
import pathlib
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
ROWS = {"tensor_cuda": "one tensor, cuda", "tensor_hip": "one tensor, hip", "integer": "one integer",
        "lookup_cuda": "matmul launch: key and lookup, cuda", "lookup_hip": "matmul launch: key and lookup, hip"}


def engine(bench):
    text = subprocess.run([bench, "--benchmark_format=json", "--benchmark_min_time=0.1"], check=True,
                          capture_output=True, text=True).stdout
    return {run["name"].split("/")[1]: run["each"] * 1e9 for run in json.loads(text)["benchmarks"]}


def main():
    release, bench = sys.argv[1:3]
    wheel = subprocess.run([sys.executable, str(HERE.parent / "wheels.py"), release], stdout=subprocess.PIPE, text=True)
    if wheel.returncode:
        return wheel.returncode
    theirs = json.loads(subprocess.run([wheel.stdout.strip(), str(HERE / "time_release.py")], check=True,
                                       capture_output=True, text=True, cwd=HERE).stdout)
    ours = engine(bench)
    print(f"{'':36} {'Triton ' + release:>14} {'this engine':>12} {'ratio':>7}")
    for name, title in ROWS.items():
        print(f"{title:36} {theirs[name]:11.1f} ns {ours[name]:9.1f} ns {theirs[name] / ours[name]:7.0f}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
