"""The kernels of one file, elaborated by us and by Triton 3.6, on the same inputs.

  run.py LANGUAGE_CHECK KERNELS.py [CASE...]

Exit code 0 when every case agrees, 77 when the release cannot be had, else 1.
"""
import pathlib
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent


def main():
    wheel = subprocess.run([sys.executable, str(HERE.parent / "wheels.py"), "3.6.0", "numpy"],
                           stdout=subprocess.PIPE, text=True)
    if wheel.returncode:
        return wheel.returncode
    return subprocess.run([wheel.stdout.strip(), str(HERE / "compare.py"), *sys.argv[1:]]).returncode


if __name__ == "__main__":
    sys.exit(main())
