#!/usr/bin/env python3
"""Reproduce the study, or test it, on a machine that has nothing but Python 3.11 or newer.

    python3 run.py reproduce        run every notebook; figures, tables and the ledger go to results/
    python3 run.py test             style, types, unit tests, notebooks; the last line is pytest's summary
    python3 run.py bench            print speed and memory beside the usual way of computing the same
    python3 run.py campaign NAME    minutes-long simulations whose tables are kept in data/derived/

The first call makes an environment in .venv/ from requirements.lock, every file checked by its hash; it needs
a network once. Later calls need none. In an active conda environment named "gaitstudy" that one is used.
Arguments after the command are handed on, for instance: python3 run.py test -k skeleton
"""

from __future__ import annotations

import argparse
import hashlib
import importlib.util
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
STAMP = VENV / "gaitstudy.stamp"
LOCK = ROOT / "requirements.lock"
WINDOWS = os.name == "nt"
THREADS = (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
    "NUMEXPR_NUM_THREADS",
)
FOREIGN = (  # settings of the caller's shell that would reach into the environment made here
    "PYTHONDONTWRITEBYTECODE", "PYTHONPATH", "PYTHONHOME", "PYTHONSTARTUP", "VIRTUAL_ENV", "MPLBACKEND",
    "PIP_USER", "PIP_TARGET", "PIP_PREFIX", "PIP_REQUIRE_VIRTUALENV", "PYTEST_ADDOPTS",
)  # fmt: skip


def say(text: str) -> None:
    """Print at once, so that headings stay in order with the output of child processes."""
    print(text, flush=True)


def child_environment() -> dict[str, str]:
    """Return the variables for every child: bytecode kept, one BLAS thread per worker, UTF-8, nothing foreign."""
    env = {k: v for k, v in os.environ.items() if k not in FOREIGN}
    return env | {"PYTHONNOUSERSITE": "1", "PYTHONUTF8": "1"} | dict.fromkeys(THREADS, "1")


def call(*command: str | Path, capture: bool = False) -> subprocess.CompletedProcess[str]:
    """Run one command in the checkout and return its exit code (and, captured, what it printed)."""
    out, err = (subprocess.PIPE, subprocess.STDOUT) if capture else (None, None)
    words = [str(word) for word in command]
    return subprocess.run(words, cwd=ROOT, env=child_environment(), text=True, stdout=out, stderr=err)


def wanted_stamp() -> str:
    """Return what the environment must have been made from: lock, project file, Python, and this very folder."""
    parts = [LOCK.read_bytes(), (ROOT / "pyproject.toml").read_bytes(), sys.version.encode(), str(ROOT).encode()]
    return hashlib.sha256(b"\0".join(parts)).hexdigest()


def pinned(name: str) -> str:
    """Return the lines of the lock that pin one package, hashes included."""
    found = re.search(rf"^{re.escape(name)}==.*\n(?:[ ]+.*\n)*", LOCK.read_text(encoding="utf-8"), re.MULTILINE)
    return found.group(0) if found else ""


def install(python: Path) -> None:
    """Fill a fresh virtual environment from the lock: by uv, or by pip where uv cannot be had or fails."""
    pip = (python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-input")
    with tempfile.TemporaryDirectory() as folder:
        only_uv = Path(folder) / "uv.txt"
        only_uv.write_text(pinned("uv"), encoding="utf-8")
        done = call(*pip, "--retries", "1", "--require-hashes", "-r", only_uv, capture=True)
    if done.returncode == 0:
        uv = (python, "-m", "uv", "pip", "install", "--quiet", "--python", python)
        done = call(*uv, "--require-hashes", "-r", LOCK, capture=True)
    if done.returncode != 0:
        say(f"environment: uv could not do it, going on with pip (slower). uv's reason:\n{done.stdout.strip()[-800:]}")
        if call(*pip, "--no-compile", "--require-hashes", "-r", LOCK).returncode != 0:
            sys.exit("environment: installing failed, see above. The first call needs a network; run it again then.")
    if call(*pip, "--no-deps", "--no-build-isolation", "--editable", ROOT).returncode != 0:
        sys.exit("environment: gaitstudy itself could not be installed, see above.")


def environment() -> Path:
    """Return the Python to work with, after making its environment if there is none or it is out of date."""
    place = "python.exe" if WINDOWS else "bin/python"
    if os.environ.get("CONDA_DEFAULT_ENV") == "gaitstudy" and "CONDA_PREFIX" in os.environ:
        return Path(os.environ["CONDA_PREFIX"]) / place
    python = VENV / ("Scripts/python.exe" if WINDOWS else "bin/python")
    stamp = wanted_stamp()
    if python.exists() and STAMP.exists() and STAMP.read_text(encoding="utf-8") == stamp:
        return python
    if importlib.util.find_spec("ensurepip") is None:
        sys.exit("This Python cannot make virtual environments. On Debian or Ubuntu: apt install python3-venv")
    started = time.monotonic()
    say(f"environment: making .venv for Python {sys.version.split()[0]} from requirements.lock (half a minute, once)")
    STAMP.unlink(missing_ok=True)  # from here until the last line an interruption leaves no valid stamp
    if VENV.is_symlink():
        VENV.unlink()
    shutil.rmtree(VENV, ignore_errors=True)
    made = call(sys.executable, "-m", "venv", VENV, capture=True)
    if made.returncode != 0:
        sys.exit(f"environment: python -m venv failed:\n{made.stdout}\nOn Debian or Ubuntu: apt install python3-venv")
    install(python)
    STAMP.write_text(stamp, encoding="utf-8")
    say(f"environment: ready after {time.monotonic() - started:.0f} s")
    return python


def cores() -> int:
    """Return the number of cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def test(python: Path, extra: list[str]) -> int:
    """Run every check even if an earlier one fails; pytest comes last so that its summary ends the output."""
    steps = {
        "ruff check": ("ruff", "check", "."),
        "ruff format --check": ("ruff", "format", "--check", "."),
        "mypy: types of the package": ("mypy", "gaitstudy"),
        "pytest: units, doctests, environment files, notebooks in sync and executed": (
            "pytest", "-n", str(cores()), *extra,
        ),
    }  # fmt: skip
    failed: list[str] = []
    for heading, command in steps.items():
        if command[0] == "pytest" and failed:
            say(f"\nFAILED so far: {', '.join(failed)}")
        say(f"\n=== {heading}")
        if call(python, "-m", *command).returncode != 0:
            failed.append(heading)
    return 1 if failed else 0


def campaigns() -> list[str]:
    """Return the names of the campaigns there are."""
    return sorted(p.stem for p in (ROOT / "tests" / "campaigns").glob("*.py") if not p.stem.startswith("_"))


def main() -> int:
    """Read the command line and run one command; return its exit code."""
    parser = argparse.ArgumentParser(
        prog="run.py", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter, add_help=True
    )
    parser.add_argument("command", choices=("reproduce", "test", "bench", "campaign"), help="what to do, see above")
    parser.add_argument("arguments", nargs=argparse.REMAINDER, help="handed on to the command")
    given = parser.parse_args()
    if given.command == "campaign" and (not given.arguments or given.arguments[0] not in campaigns()):
        say(f"python3 run.py campaign NAME, where NAME is one of: {', '.join(campaigns()) or '(there is none yet)'}")
        return 2
    python = environment()
    if given.command == "test":
        return test(python, given.arguments)
    if given.command == "campaign":
        name, *arguments = given.arguments
        return call(python, "-m", f"tests.campaigns.{name}", *arguments).returncode
    module = {"reproduce": "gaitstudy.reproduce", "bench": "tests.bench"}[given.command]
    return call(python, "-m", module, *given.arguments).returncode


if __name__ == "__main__":
    if sys.version_info < (3, 11):  # noqa: UP036
        sys.exit(f"gaitstudy needs Python 3.11 or newer; this is {sys.version.split()[0]}.")
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit("interrupted")
