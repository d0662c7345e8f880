"""One release and backend of Triton against our rule sets.

  run.py RELEASE BACKEND ORACLE_CHECK RULES_FOLDER [ARGUMENTS SIGNATURES SEED]

Exit code 0 when every answer is equal, 77 when the release cannot be had, else 1.
"""
import pathlib
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
TARGETS = {"cuda": "cuda:90", "hip": "hip:gfx942", "cpu": "cpu"}


def main():
    release, backend, check, rules = sys.argv[1:5]
    arguments, signatures, seed = sys.argv[5:8] if len(sys.argv) == 8 else ("20000", "500", "20240")
    wheel = subprocess.run([sys.executable, str(HERE.parent / "wheels.py"), release], stdout=subprocess.PIPE, text=True)
    if wheel.returncode:
        return wheel.returncode
    python = wheel.stdout.strip()
    version = subprocess.run([python, "-c", "import importlib.metadata as m; print(m.version('triton'))"],
                             capture_output=True, text=True, check=True).stdout.strip()
    name = "triton-" + ".".join(version.split(".")[:2])
    with tempfile.TemporaryDirectory() as folder:
        answers = subprocess.Popen([python, str(HERE / "triton_answers.py"), backend, arguments, signatures, seed, folder],
                                   stdout=subprocess.PIPE)
        result = subprocess.run([check, rules, name, TARGETS[backend]], stdin=answers.stdout)
        answers.stdout.close()
        if answers.wait():
            print(f"Triton {version} stopped with exit code {answers.returncode}", file=sys.stderr)
            return 1
    return 1 if result.returncode else 0


if __name__ == "__main__":
    sys.exit(main())
