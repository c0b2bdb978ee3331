#!/usr/bin/env python3
"""Reproduce the study, or test it, on a machine that has nothing but Python 3.11 or newer.

    python3 run.py reproduce        run every notebook; figures, tables and the ledger go to results/
    python3 run.py test             style, types, unit tests, notebooks; the last line is pytest's summary
    python3 run.py bench            print speed and memory beside the usual way of computing the same
    python3 run.py campaign NAME    minutes-long simulations whose tables are kept in data/derived/
    python3 run.py tables [NAMES]   make stored tables anew and show what moved; --write stores it

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
import signal
import subprocess
import sys
import sysconfig
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
STAMP = VENV / "gaitstudy.stamp"
LOCK = ROOT / "requirements.lock"
UNDER_WAY = ROOT / ".venv.lock"
FULL = ("No space left on device", "Read-only file system", "Disk quota exceeded", "not enough space on the disk")
"""What a disk says that cannot be written, in the words of every program that is called here."""
LITTLE = 50e6
"""A disk with less room than this, bytes, is full: programs that fail on it fail for that."""
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


@contextmanager
def watched(child: subprocess.Popen[str], end: Callable[[], None]) -> Iterator[None]:
    """End a child if this process is killed while the block runs: a fork waits for that and does nothing else."""
    if WINDOWS:
        yield
        return
    read, write = os.pipe()
    watcher = os.fork()
    if watcher == 0:
        try:
            os.setsid()
            os.close(write)
            if not os.read(read, 1):  # its other end is gone, and nothing was written
                end()
        finally:
            os._exit(0)
    os.close(read)
    try:
        yield
    finally:
        os.write(write, b"well")
        os.close(write)
        os.waitpid(watcher, 0)


def call(*command: str | Path, capture: bool = False) -> subprocess.CompletedProcess[str]:
    """Run one command in the checkout and return its exit code (and, captured, what it printed).

    A captured command works in a session of its own, so that it can be ended with all that it starts.
    """
    out, err = (subprocess.PIPE, subprocess.STDOUT) if capture else (None, None)
    words = [str(word) for word in command]
    child = subprocess.Popen(
        words, cwd=ROOT, env=child_environment(), encoding="utf-8", errors="replace", stdout=out, stderr=err,
        start_new_session=capture,
    )  # fmt: skip

    def end() -> None:
        if capture and not WINDOWS:
            os.killpg(child.pid, signal.SIGKILL)
        else:
            child.terminate()

    with watched(child, end):
        try:
            said, _ = child.communicate()
        except KeyboardInterrupt:
            end()  # it may not have been told
            child.wait()
            raise
    return subprocess.CompletedProcess(words, child.returncode, said)


def become(*command: str | Path) -> int:
    """Let a command take the place of this process, so that what ends one ends the other; Windows can only call it."""
    if WINDOWS:
        return call(*command).returncode
    os.chdir(ROOT)
    os.execve(command[0], [str(word) for word in command], child_environment())


def wanted_stamp() -> str:
    """Return what the environment must have been made from: lock, project file, Python, and this very folder."""
    parts = [LOCK.read_bytes(), (ROOT / "pyproject.toml").read_bytes(), sys.version.encode(), os.fsencode(ROOT)]
    return hashlib.sha256(b"\0".join(parts)).hexdigest()


def pinned(name: str) -> str:
    """Return the lines of the lock that pin one package, hashes included."""
    found = re.search(rf"^{re.escape(name)}==.*\n(?:[ ]+.*\n)*", LOCK.read_text(encoding="utf-8"), re.MULTILINE)
    return found.group(0) if found else ""


def alone() -> IO[str]:
    """Return this checkout's lock on making its environment, after waiting for a set-up that is under way.

    The system frees it when the process ends, however it ends, so that a set-up that was killed holds up no other.
    """
    handle, told = UNDER_WAY.open("a"), False
    while True:
        try:
            if WINDOWS:
                import msvcrt

                msvcrt.locking(handle.fileno(), msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined]
            else:
                import fcntl

                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return handle
        except (BlockingIOError, PermissionError):
            if not told:
                say("environment: waiting for another call that is making .venv here")
            told = True
            time.sleep(0.5)


def give_up(said: str) -> None:
    """End with one line if a program failed because the disk cannot be written; a half-made environment goes."""
    found = next((words for words in FULL if words in said), "")
    if not found and (free := shutil.disk_usage(ROOT).free) < LITTLE:  # not every program says why it failed
        found = f"{free / 1e6:.0f} MB free"
    if found:
        shutil.rmtree(VENV, ignore_errors=True)
        sys.exit(f"environment: expected to write 1.5 GB to {VENV}, found '{found}'. Make room, then run it again.")


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
        give_up(done.stdout)
        say(f"environment: uv could not do it, going on with pip (slower). uv's reason:\n{done.stdout.strip()[-800:]}")
        done = call(*pip, "--no-compile", "--require-hashes", "-r", LOCK, capture=True)
        if done.returncode != 0:
            give_up(done.stdout)
            say(done.stdout.strip()[-2000:])
            sys.exit("environment: installing failed, see above. The first call needs a network; run it again then.")
    done = call(*pip, "--no-deps", "--no-build-isolation", "--editable", ROOT, capture=True)
    if done.returncode != 0:
        give_up(done.stdout)
    for link in Path(sysconfig.get_path("purelib", "venv", {"base": str(VENV)})).glob("*gaitstudy*.pth"):
        link.write_text(os.path.relpath(ROOT, link.parent))  # no letter of the path, which some locales cannot read
    if call(python, "-I", "-c", "import gaitstudy", capture=True).returncode != 0:
        say(done.stdout.strip()[-2000:])
        sys.exit(f"environment: gaitstudy itself could not be installed in {ROOT}, see above.")


def environment() -> Path:
    """Return the Python to work with, after making its environment if there is none or it is out of date."""
    place = "python.exe" if WINDOWS else "bin/python"
    if os.environ.get("CONDA_DEFAULT_ENV") == "gaitstudy" and "CONDA_PREFIX" in os.environ:
        return Path(os.environ["CONDA_PREFIX"]) / place
    python = VENV / ("Scripts/python.exe" if WINDOWS else "bin/python")
    if ready(python):
        return python
    try:
        with alone():
            if not ready(python):  # another call may have made it meanwhile
                make(python)
    except OSError as error:
        where = error.filename or ROOT
        sys.exit(f"environment: expected to write {where}, found '{error.strerror}'. Make room, or move the checkout.")
    return python


def ready(python: Path) -> bool:
    """Return whether the environment is whole and up to date."""
    return python.exists() and STAMP.is_file() and STAMP.read_text(encoding="utf-8") == wanted_stamp()


def make(python: Path) -> None:
    """Make the environment anew."""
    if importlib.util.find_spec("ensurepip") is None:
        sys.exit("This Python cannot make virtual environments. On Debian or Ubuntu: apt install python3-venv")
    started = time.monotonic()
    say(f"environment: making .venv for Python {sys.version.split()[0]} from requirements.lock (half a minute, once)")
    if VENV.is_symlink():  # another checkout's environment stays as it is
        VENV.unlink()
    STAMP.unlink(missing_ok=True)  # from here until the last line an interruption leaves no valid stamp
    shutil.rmtree(VENV, ignore_errors=True)
    made = call(sys.executable, "-m", "venv", VENV, capture=True)
    if made.returncode != 0:
        give_up(made.stdout)
        sys.exit(f"environment: python -m venv failed:\n{made.stdout}\nOn Debian or Ubuntu: apt install python3-venv")
    install(python)
    STAMP.write_text(wanted_stamp(), encoding="utf-8")
    say(f"environment: ready after {time.monotonic() - started:.0f} s")


def cores() -> int:
    """Return the number of cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def test(python: Path, extra: list[str]) -> int:
    """Run every check even if an earlier one fails; pytest comes last so that its summary ends the output."""
    steps = {
        "ruff check": ("ruff", "check", "."),
        "ruff format --check": ("ruff", "format", "--check", "."),
        "mypy: types of the package and of what runs it": ("mypy", "gaitstudy", "workflow"),
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
    return sorted(p.stem for p in (ROOT / "workflow" / "campaigns").glob("[!_]*.py"))


def main() -> int:
    """Read the command line and run one command; return its exit code."""
    parser = argparse.ArgumentParser(
        prog="run.py", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter, add_help=True
    )
    parser.add_argument(
        "command", choices=("reproduce", "test", "bench", "campaign", "tables"), help="what to do, see above"
    )
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
        return become(python, "-m", f"workflow.campaigns.{name}", *arguments)
    module = {"reproduce": "workflow.reproduce", "bench": "tests.bench", "tables": "workflow.tables"}[given.command]
    return become(python, "-m", module, *given.arguments)


if __name__ == "__main__":
    if sys.version_info < (3, 11):  # noqa: UP036
        sys.exit(f"gaitstudy needs Python 3.11 or newer; this is {sys.version.split()[0]}.")
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # a program that stops this one lets it tidy up
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit("interrupted")
