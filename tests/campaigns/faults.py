"""What happens when something breaks: ``python -m tests.campaigns.faults``, two minutes.

Each fault is brought about for real, in a copy of the checkout with two tiny notebooks: processes are killed, disks are
full or read-only (as root on Linux), two set-ups run at once (with a network or a cache of packages), a server says
nothing more. The table says whether the next attempt went well, what still ran two seconds later, and what was lost.
"""

from __future__ import annotations

import os
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import NamedTuple

import pandas as pd
import psutil
from rich.console import Console

from gaitstudy.conventions import GaitStudyError
from gaitstudy.io import catalogue
from workflow.campaigns._terminal import shown

ROOT = Path(__file__).resolve().parents[2]
MARK = "GAITSTUDY_FAULTS"
NOTEBOOK = """import os, time
from pathlib import Path

Path("started").touch()
while not Path("go").exists():
    time.sleep(0.1)
print("done")
"""
BUILD = ("uv", "hatchling", "editables", "packaging", "pathspec", "pluggy", "tomlkit", "trove-classifiers")
"""What a set-up needs at least; the other packages are left out of the copy's lock."""


class Found(NamedTuple):
    """What came of one fault."""

    fault: str
    survived: bool
    left_running: int
    lost: str
    said: str


# ---- a small checkout, and what runs in it ----


def checkout(folder: Path, environment: bool = True) -> Path:
    """Copy the project with two tiny notebooks; with its environment, or with a short lock to make one from."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in ("data", "notebooks/src"):
        (folder / name).mkdir(parents=True)
    kept = shutil.ignore_patterns("__pycache__", "*.pyc")
    for name in ("gaitstudy", "workflow", "data/published"):
        shutil.copytree(ROOT / name, folder / name, ignore=kept)
    for name in ("run.py", "pyproject.toml", "README.md", "data/claims.csv", "data/catalogue.csv"):
        shutil.copy(ROOT / name, folder / name)
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    (folder / "requirements.lock").write_text(lock, encoding="utf-8")
    if not environment:
        code = f"import run; print(''.join(map(run.pinned, {BUILD})))"
        short = subprocess.run([sys.executable, "-c", code], cwd=folder, capture_output=True, text=True, check=True)
        (folder / "requirements.lock").write_text(short.stdout, encoding="utf-8")
        return folder
    for number in (1, 2):
        write_notebook(folder / "notebooks" / f"0{number}_small.ipynb")
    python = folder / ".venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} "$@"\n')
    python.chmod(0o755)
    code = "import run; run.STAMP.write_text(run.wanted_stamp())"
    subprocess.run([sys.executable, "-c", code], cwd=folder, check=True)
    return folder


def write_notebook(path: Path) -> None:
    """Write a notebook that waits for the file ``go``."""
    import nbformat

    cells = [nbformat.v4.new_code_cell(NOTEBOOK, outputs=[nbformat.v4.new_output("stream", text="done\n")])]
    nbformat.write(nbformat.v4.new_notebook(cells=cells), path)


def start(folder: Path, *arguments: str, **variables: str) -> subprocess.Popen[str]:
    """Start ``run.py`` in a process group of its own, marked so that all it starts can be found."""
    (folder.parent / "tmp").mkdir(exist_ok=True)
    env = os.environ | {MARK: str(folder), "TMPDIR": str(folder.parent / "tmp")} | variables
    return subprocess.Popen(
        [sys.executable, "run.py", *arguments], cwd=folder, env=env, encoding="utf-8", errors="replace",
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True,
    )  # fmt: skip


def running(folder: Path) -> list[psutil.Process]:
    """Return the live processes that carry this folder's mark."""
    found = []
    for process in psutil.process_iter():
        try:
            if process.environ().get(MARK) == str(folder) and process.status() != psutil.STATUS_ZOMBIE:
                found.append(process)
        except psutil.Error:
            continue
    return found


def still_running(folder: Path, seconds: float) -> list[psutil.Process]:
    """Return the live processes of this folder once there are none, or after so many seconds."""
    end = time.monotonic() + seconds
    while (left := running(folder)) and time.monotonic() < end:
        time.sleep(0.05)
    return left


def wait_for(ready: Callable[[], bool], run: subprocess.Popen[str], seconds: float = 300) -> None:
    """Wait until something holds while a run runs."""
    end = time.monotonic() + seconds
    while not ready():
        if run.poll() is not None:
            raise RuntimeError(f"the run ended before it got that far: {last_line(run.communicate()[0])}")
        if time.monotonic() > end:
            raise TimeoutError("the run did not get that far")
        time.sleep(0.05)


@contextmanager
def disk(size: str) -> Iterator[Path]:
    """Mount a small disk in memory."""
    with tempfile.TemporaryDirectory() as place:
        subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", place], check=True)
        try:
            yield Path(place)
        finally:
            subprocess.run(["umount", "-l", place], check=True)


def may_mount() -> bool:
    """Return whether this process can mount a disk."""
    if sys.platform != "linux" or os.geteuid() != 0:
        return False
    try:
        with disk("1m"):
            return True
    except subprocess.CalledProcessError:
        return False


def fill(place: Path, leave: int) -> None:
    """Fill a disk but for so many bytes."""
    free = shutil.disk_usage(place).free
    (place / "filler").write_bytes(b"0" * max(0, free - leave))


def last_line(text: str) -> str:
    """Return the last line that is not blank."""
    return next((line for line in reversed(text.splitlines()) if line.strip()), "")


# ---- the run ----


def ended_by(
    ways: Mapping[str, Callable[[subprocess.Popen[str]], None]], folder: Path, seconds: float = 2
) -> list[Found]:
    """End run after run of one checkout, see each time what still runs so many seconds later; then run to the end."""
    checkout(folder)
    private = folder / "results" / "private" / "mine"
    private.parent.mkdir(parents=True)
    private.write_text("precious")
    found = []
    for name, send in ways.items():
        begun = folder / "notebooks" / "started"
        begun.unlink(missing_ok=True)
        run = start(folder, "reproduce")
        wait_for(lambda begun=begun: begun.exists() and len(running(folder)) >= 5, run)
        send(run)
        left = still_running(folder, seconds)
        names = "; ".join(" ".join(p.cmdline())[:300] for p in left if p.is_running())
        for process in left:
            process.kill()
        said, _ = run.communicate()
        said += "\n" + names if names else ""
        lost = "" if private.read_text() == "precious" else "private results"
        found.append(Found(name, "Traceback" not in said, len(left), lost, last_line(said)))
    (folder / "notebooks" / "go").touch()
    again = start(folder, "reproduce")
    text, _ = again.communicate(timeout=600)
    well = again.returncode == 0 and "2 as stored" in text
    gone = [] if private.is_file() and private.read_text() == "precious" else ["private results"]
    gone += [f"leftover {p.name}" for p in (*folder.glob(".results-*"), *(folder.parent / "tmp").glob("gaitstudy-*"))]
    return [
        *found,
        Found("the run after these", well, len(still_running(folder, seconds)), ", ".join(gone), last_line(text)),
    ]


def runs(place: Path) -> list[Found]:
    """End runs in every way there is."""
    return ended_by(
        {
            "kill -9, run.py alone": lambda run: run.send_signal(signal.SIGKILL),
            "Ctrl-C, run.py alone": lambda run: run.send_signal(signal.SIGINT),
            "Ctrl-C, whole group": lambda run: os.killpg(run.pid, signal.SIGINT),
            "SIGTERM, run.py alone": lambda run: run.send_signal(signal.SIGTERM),
            "SIGTERM, whole group": lambda run: os.killpg(run.pid, signal.SIGTERM),
        },
        place / "run" / "checkout",
    )


def bad_disks() -> Iterator[Found]:
    """Run where there is no room, and where nothing may be written."""
    for name in ("full disk, reproduce", "read-only disk, reproduce"):
        with disk("40m") as place:
            folder = checkout(place / "checkout")
            (folder / "results").mkdir()
            (folder / "results" / "mine").write_text("precious")
            (folder / "notebooks" / "go").touch()
            (place / "tmp").mkdir()
            if "full" in name:
                fill(place, 20_000)
            else:
                subprocess.run(["mount", "-o", "remount,ro", str(place)], check=True)
            with tempfile.TemporaryDirectory() as elsewhere:
                run = start(folder, "reproduce", TMPDIR=elsewhere)
                said, _ = run.communicate(timeout=120)
            left = running(folder)
            kept = (folder / "results" / "mine").read_text() == "precious" and not [*folder.glob(".results-*")]
            well = run.returncode == 1 and "Traceback" not in said and "expected to write" in last_line(said)
            yield Found(name, well, len(left), "" if kept else "results", last_line(said))
    for name in ("full disk, --out", "read-only disk, --out"):
        with disk("1m") as place:
            (place / "rows.csv").write_text("precious")
            if "full" in name:
                fill(place, 0)
            else:
                subprocess.run(["mount", "-o", "remount,ro", str(place)], check=True)
            said = write_rows(place / "rows.csv")
            lost = (
                "" if (place / "rows.csv").read_text() == "precious" and len([*place.glob("*.part")]) == 0 else "rows"
            )
            yield Found(name, "expected to write it" in said and "Traceback" not in said, 0, lost, last_line(said))
    with disk("1m") as place, server(Whole) as address:
        fill(place, 100)
        said = fetch(place, f"{address}/file", 400_000)
        yield Found("full disk, fetch", "No space left" in said, 0, "", said)


# ---- the set-up ----


def set_ups(place: Path) -> Iterator[Found]:
    """Make environments: two at once, after a killed one, in a path that not every locale can read, on bad disks."""
    folder = checkout(place / "two" / "checkout", environment=False)
    both = [start(folder, "bench", "--help") for _ in range(2)]
    texts = [process.communicate(timeout=300)[0] for process in both]
    well = all("ready after" in t or "waiting" in t for t in texts) and sum("ready after" in t for t in texts) == 1
    yield Found(
        "two set-ups at once", well and importable(folder), len(running(folder)), "", "; ".join(map(last_line, texts))
    )

    shutil.rmtree(folder / ".venv")
    first = start(folder, "bench", "--help")
    wait_for(lambda: (folder / ".venv" / "bin").exists(), first)
    first.kill()
    time.sleep(2)
    left = running(folder)
    first.communicate()
    text, _ = start(folder, "bench", "--help").communicate(timeout=300)
    yield Found("kill -9, set-up", "ready after" in text and importable(folder), len(left), "", "the next one made it")

    for name, variables in (
        ("LC_ALL=C", {"LC_ALL": "C"}),
        ("LC_ALL=C, UTF-8 mode off", {"LC_ALL": "C", "PYTHONUTF8": "0"}),
    ):
        folder = checkout(place / f"é ü {len(name)}" / "Gang büro", environment=False)
        text, _ = start(folder, "bench", "--help", **variables).communicate(timeout=300)
        well = "ready after" in text and importable(folder, **variables)
        yield Found(f"path with é, blank; {name}", well, len(running(folder)), "", "")

    if may_mount():
        for name in ("full disk, set-up", "read-only disk, set-up"):
            with disk("24m") as small:
                folder = checkout(small / "checkout", environment=False)
                (small / "tmp").mkdir()
                if "read" in name:
                    subprocess.run(["mount", "-o", "remount,ro", str(small)], check=True)
                with tempfile.TemporaryDirectory() as elsewhere:
                    run = start(folder, "bench", "--help", TMPDIR=elsewhere)
                    text, _ = run.communicate(timeout=300)
                well = run.returncode == 1 and "Traceback" not in text and "expected to write" in last_line(text)
                lines = [line for line in text.splitlines() if not line.startswith("environment: making")]
                yield Found(name, well and len(lines) == 1, len(running(folder)), "", last_line(text))


def importable(folder: Path, **variables: str) -> bool:
    """Return whether the environment made there finds the package from anywhere."""
    call = [str(folder / ".venv" / "bin" / "python"), "-c", "import gaitstudy; print(gaitstudy.__version__)"]
    done = subprocess.run(call, cwd="/", env=os.environ | variables, capture_output=True, check=False)
    return done.returncode == 0 and (folder / ".venv" / "gaitstudy.stamp").is_file()


# ---- files from the network, and files that are there ----


class Whole(BaseHTTPRequestHandler):
    """Answers at once."""

    def do_GET(self) -> None:
        """Send what was asked for."""
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"0" * 400_000)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


class Silent(Whole):
    """Falls silent in the head of its answer or after it."""

    def do_GET(self) -> None:
        """Begin an answer, then say nothing for three seconds."""
        self.wfile.write(b"HTTP/1.0 200 OK\r\n" + (b"X: " if "head" in self.path else b"\r\n0"))
        time.sleep(3)


class Leads(Whole):
    """Sends the caller on to a file of this machine, as no server should."""

    def do_GET(self) -> None:
        """Redirect."""
        self.send_response(302)
        self.send_header("Location", self.path.removeprefix("/"))
        self.end_headers()


@contextmanager
def server(handler: type[BaseHTTPRequestHandler]) -> Iterator[str]:
    """Run a server on this machine and yield its address."""
    httpd = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    httpd.daemon_threads = True
    threading.Thread(target=httpd.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{httpd.server_port}"
    finally:
        httpd.shutdown()
        httpd.server_close()


def fetch(folder: Path, url: str, size: int) -> str:
    """Fetch one file of so many zeros and return what is said."""
    import hashlib

    digest = hashlib.sha256(b"0" * size).hexdigest()
    try:
        row = {"dataset": "d", "file": "f", "url": url, "sha256": digest, "bytes": size, "needed": True}
        return catalogue._fetched(row, folder)[1]
    except GaitStudyError as error:
        return str(error)


def servers(place: Path) -> Iterator[Found]:
    """Fetch from servers that fall silent, mislead, or send another file."""
    patience, catalogue.SECONDS = catalogue.SECONDS, (1.0, 1.0)
    try:
        for handler, path, size, expected in (
            (Silent, "body", 400, "timed out"),
            (Silent, "head", 400, "timed out"),
            (Leads, "ftp://127.0.0.1/f", 400, "No connection adapters"),
            (Leads, "file:///etc/hostname", 400, "No connection adapters"),
            (Whole, "longer", 400, "does not match"),
            (Whole, "shorter", 500_000, "does not match"),
        ):
            with server(handler) as address:
                began = time.monotonic()
                said = fetch(place / "cache", f"{address}/{path}", size)
            well = expected in said and time.monotonic() - began < 5
            kept = [p.name for p in (place / "cache").rglob("*") if p.is_file()]
            yield Found(f"server: {handler.__name__.lower()}, {path}", well, 0, ", ".join(kept), said[:110])
    finally:
        catalogue.SECONDS = patience


def write_rows(out: Path) -> str:
    """Process a file that is not there, and return what is said: the rows hold the reason."""
    call = [sys.executable, "-m", "gaitstudy.cli", "process", "none.c3d", "--out", str(out), "--force"]
    done = subprocess.run(call, cwd=ROOT, capture_output=True, text=True, check=False, timeout=60)
    return done.stderr


def replaced(place: Path) -> Iterator[Found]:
    """Ask for the replacement of what is no regular file."""
    target = place / "target.csv"
    target.write_text("precious")
    os.mkfifo(place / "pipe")
    (place / "folder").mkdir()
    (place / "link").symlink_to(target)
    (place / "dangling").symlink_to(place / "nowhere")
    for out in (*(place / name for name in ("pipe", "folder", "link", "dangling")), Path(os.devnull)):
        before = out.lstat()
        said = write_rows(out)
        same = out.lstat().st_ino == before.st_ino and target.read_text() == "precious"
        well = "Traceback" not in said and "expected" in said and " found a " in said
        yield Found(
            f"--force on {out.name}", well, 0, "" if same else out.name, last_line(said).replace(str(place), "")
        )


def main() -> int:
    """Bring every fault about, print the table, and return 1 if one was not survived."""
    console, found = Console(), list[Found]()
    with tempfile.TemporaryDirectory(prefix="faults-") as folder:
        place = Path(folder)
        parts = [runs(place), replaced(place), servers(place), *([bad_disks()] if may_mount() else []), set_ups(place)]
        for part in parts:
            for one in part:
                found.append(one)
                console.print(f"{one.fault}: {'survived' if one.survived else 'NOT survived'}", markup=False)
    table = pd.DataFrame(found).rename(columns={"left_running": "left running after 2 s"})
    Console(width=200).print(shown(table.fillna(""), "faults"))
    if not may_mount():
        console.print("full and read-only disks: not tried, mounting one takes root on Linux")
    bad = [f.fault for f in found if not f.survived or f.left_running or f.lost]
    console.print(
        f"{len(found)} faults, {len(found) - len(bad)} survived with nothing lost" + "".join(f"; {b}" for b in bad)
    )
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
