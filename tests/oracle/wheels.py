"""Releases of Triton in virtual environments of their own, below .deps/oracle of the checkout.

  wheels.py 3.6.0        installs it when it is not there and prints its Python
  wheels.py newest       the newest release; looked up again when the last look is a day old
  wheels.py 3.6.0 numpy  with other packages beside it

Of Triton's wheel only what compiles is unpacked: the Python files, libtriton, the assemblers and the bitcode of
mathematics. Exit code 77, with
one line saying why, where the package registry cannot be reached; 1 for anything else that goes wrong.
"""
import fcntl
import fnmatch
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import time
import zipfile

FOLDER = pathlib.Path(__file__).resolve().parents[2] / ".deps" / "oracle"
SKIP = 77
NEEDED = ("*.py", "triton/_C/libtriton*.so", "triton/backends/nvidia/bin/ptxas*", "triton/backends/*/lib/*.bc",
          "triton/backends/amd/lib/*.so", "*.dist-info/*")
UNREACHABLE = ("NewConnectionError", "ConnectTimeoutError", "ReadTimeoutError", "ProxyError", "NameResolutionError",
               "Temporary failure in name resolution", "Max retries exceeded", "Network is unreachable",
               "Could not fetch URL", "Connection refused", "Connection reset", "Read timed out")


class Unreachable(Exception):
    pass


def pip(*arguments):
    command = [sys.executable, "-m", "pip", *arguments, "--no-cache-dir", "--no-input", "--disable-pip-version-check",
               "--retries", "2"]
    result = subprocess.run(command, capture_output=True, text=True)
    if result.returncode == 0:
        return result.stdout
    if any(sign in result.stderr for sign in UNREACHABLE):
        raise Unreachable("the package registry cannot be reached")
    raise RuntimeError(result.stderr.strip().splitlines()[-1] if result.stderr.strip() else "pip failed")


class Lock:
    """One process at a time installs or looks up."""

    def __init__(self, name):
        FOLDER.mkdir(parents=True, exist_ok=True)
        self.file = open(FOLDER / f"{name}.lock", "w")

    def __enter__(self):
        fcntl.flock(self.file, fcntl.LOCK_EX)

    def __exit__(self, *ignored):
        self.file.close()


def newest():
    known = FOLDER / "newest"
    with Lock("newest"):
        if known.exists() and time.time() - known.stat().st_mtime < 86400:
            return known.read_text()
        try:
            found = re.match(r"triton \((\S+)\)", pip("index", "versions", "triton"))
        except Unreachable:
            if known.exists():
                return known.read_text()
            raise
        if not found:
            raise RuntimeError("pip does not say which release is the newest")
        known.write_text(found.group(1))
        return found.group(1)


def unpack(wheel, folder):
    with zipfile.ZipFile(wheel) as archive:
        for name in archive.namelist():
            if any(fnmatch.fnmatch(name, pattern) for pattern in NEEDED):
                path = pathlib.Path(archive.extract(name, folder))
                if path.parent.name == "bin":
                    path.chmod(0o755)


def library(python):
    """The folder that the environment's packages lie in."""
    return subprocess.run([python, "-c", "import sysconfig; print(sysconfig.get_path('platlib'))"], check=True,
                          capture_output=True, text=True).stdout.strip()


def add(home, package):
    """Installs another package into an environment."""
    stamp = home / f"installed-{package}"
    with Lock(home.name):
        if stamp.exists():
            return
        pip("install", "--quiet", "--no-deps", "--only-binary", ":all:", "--target", library(str(home / "bin" / "python")),
            package)
        stamp.touch()


def environment(release, *packages):
    """The Python of the environment; installs what is missing."""
    python = triton(release)
    for package in packages:
        add(pathlib.Path(python).parents[1], package)
    return python


def triton(release):
    if release == "newest":
        release = newest()
    home = FOLDER / f"triton-{release}"
    python = home / "bin" / "python"
    stamp = home / "installed"
    with Lock(f"triton-{release}"):
        if stamp.exists() and stamp.read_text() == " ".join(NEEDED):
            return str(python)
        shutil.rmtree(home, ignore_errors=True)
        with tempfile.TemporaryDirectory(dir=FOLDER) as folder:
            pip("download", "--quiet", "--no-deps", "--only-binary", ":all:", "--dest", folder, f"triton=={release}")
            subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(home)], check=True,
                           capture_output=True, text=True)
            packages = library(str(python))
            for wheel in pathlib.Path(folder).glob("*.whl"):
                unpack(wheel, packages)
        stamp.write_text(" ".join(NEEDED))
    return str(python)


def main():
    try:
        print(environment(*sys.argv[1:]))
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
