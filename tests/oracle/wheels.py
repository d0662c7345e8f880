"""Releases of Triton in virtual environments of their own, below .deps/oracle of the checkout.

  wheels.py 3.6.0        installs it when it is not there and prints its Python
  wheels.py newest       the newest release; looked up again when the last look is a day old

Exit code 77, with one line saying why, where the package registry cannot be reached; 1 for anything
else that goes wrong.
"""
import fcntl
import os
import pathlib
import shutil
import subprocess
import sys
import time

FOLDER = pathlib.Path(__file__).resolve().parents[2] / ".deps" / "oracle"
SKIP = 77
UNREACHABLE = ("NewConnectionError", "ConnectTimeoutError", "ReadTimeoutError", "ProxyError", "NameResolutionError",
               "Temporary failure in name resolution", "Max retries exceeded", "Network is unreachable",
               "Could not fetch URL", "Connection refused")


class Unreachable(Exception):
    pass


def pip(python, *arguments):
    command = [python, "-m", "pip", "install", "--quiet", "--no-deps", "--no-cache-dir", "--no-input",
               "--disable-pip-version-check", "--retries", "2", *arguments]
    result = subprocess.run(command, capture_output=True, text=True)
    if result.returncode == 0:
        return
    if any(sign in result.stderr for sign in UNREACHABLE):
        raise Unreachable("the package registry cannot be reached")
    raise RuntimeError(result.stderr.strip().splitlines()[-1] if result.stderr.strip() else "pip failed")


def environment(release):
    """The Python of the environment; installs what is missing. One process at a time does the work."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    home = FOLDER / f"triton-{release}"
    python = home / "bin" / "python"
    stamp = home / "installed"
    requirement = "triton" if release == "newest" else f"triton=={release}"
    with open(FOLDER / f"triton-{release}.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        fresh = stamp.exists() and (release != "newest" or time.time() - stamp.stat().st_mtime < 86400)
        if fresh:
            return str(python)
        known = stamp.exists()
        try:
            if not known:
                shutil.rmtree(home, ignore_errors=True)
                subprocess.run([sys.executable, "-m", "venv", str(home)], check=True, capture_output=True, text=True)
            pip(str(python), *(["--upgrade"] if release == "newest" else []), requirement)
        except Unreachable:
            if not known:
                raise
        stamp.touch()
    return str(python)


def main():
    try:
        print(environment(sys.argv[1]))
    except Unreachable as reason:
        print(f"Triton {sys.argv[1]} is not installed and {reason}: skipped", file=sys.stderr)
        return SKIP
    except subprocess.CalledProcessError as error:
        print(f"no virtual environment: {(error.stderr or error.stdout).strip()}\n"
              "On Debian it takes the package python3-venv.", file=sys.stderr)
        return 1
    except RuntimeError as error:
        print(f"Triton {sys.argv[1]} cannot be installed: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
