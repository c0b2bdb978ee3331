"""Put the faults of ``faults.toml`` into a copy of the package, one at a time, and see which test catches each.

    python -m tests.mutations.run            # all, some minutes
    python -m tests.mutations.run 22 33      # some, by number

The checkout is not touched. Recordings are hidden from the tests, since most who run them have none: a fault that only
they would show counts as not caught. Each test file is first run without a fault and has to pass. The exit code is 1
if a fault is not caught, breaks the package outright, or no longer applies.
"""

from __future__ import annotations

import argparse
import compileall
import os
import py_compile
import re
import shutil
import subprocess
import sys
import tempfile
import time
import tomllib
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
FAULTS: list[dict[str, Any]] = tomllib.loads((Path(__file__).parent / "faults.toml").read_text("utf-8"))["fault"]
LONGEST = 900.0
"""s; tests that run longer under a fault do not end: that is seen."""
HERE = """from pathlib import Path

import gaitstudy

assert Path(gaitstudy.__file__).is_relative_to(Path(__file__).parent), f"imported: {gaitstudy.__file__}"
"""


def problem(fault: dict[str, Any], root: Path = ROOT) -> str:
    """Say why a fault cannot be put in, with what to do; empty text if it can."""
    file = root / "gaitstudy" / fault["file"]
    if not file.is_file():
        return (
            f"fault {fault['number']}: no file gaitstudy/{fault['file']}; name the one that holds {fault['old']!r} now"
        )
    count = file.read_text("utf-8").count(fault["old"])
    if count != 1:
        return (
            f"fault {fault['number']}: expected {fault['old']!r} once in {fault['file']}, found it {count} times. "
            "Write how the line reads now, with the same fault in it."
        )
    absent = [name for name in fault["tests"] if not (root / "tests" / name).is_file()]
    return f"fault {fault['number']}: no test file {', '.join(absent)}; name where its tests are now" if absent else ""


def copied(folder: Path) -> Path:
    """Copy the checkout; compiled code in the copy is valid by its source's content, never by its date."""
    copy = folder / "copy"
    shutil.copytree(ROOT, copy, ignore=shutil.ignore_patterns(".*", "__pycache__", "results", "build", "dist"))
    for name in ("gaitstudy", "tests"):
        mode = py_compile.PycInvalidationMode.CHECKED_HASH
        compileall.compile_dir(copy / name, quiet=2, invalidation_mode=mode)
    (copy / "only_the_copy.py").write_text(HERE, encoding="utf-8")
    return copy


def tested(copy: Path, files: list[str]) -> tuple[int | None, str, float]:
    """Run test files against the copy until one test fails: exit code (None: no end), that test, seconds."""
    env = {name: value for name, value in os.environ.items() if not name.startswith(("GAITSTUDY_", "PYTEST_"))}
    env |= {"XDG_CACHE_HOME": str(copy.parent / "nothing"), "PYTHONPATH": str(copy), "PYTHONDONTWRITEBYTECODE": "1"}
    command = [sys.executable, "-m", "pytest", "-x", "-q", "--tb=no", "-p", "no:cacheprovider", "-p", "only_the_copy"]
    begin = time.perf_counter()
    try:
        done = subprocess.run(
            [*command, *(f"tests/{name}" for name in files)], cwd=copy, env=env, capture_output=True, text=True,
            timeout=LONGEST,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        return None, f"no end within {LONGEST:g} s", time.perf_counter() - begin
    text = done.stdout + done.stderr
    failed = re.search(r"^(?:FAILED|ERROR) (\S+)", text, re.MULTILINE)
    said = failed[1].removeprefix("tests/") if failed else "\n".join(text.strip().splitlines()[-3:])
    return done.returncode, said, time.perf_counter() - begin


def with_fault(copy: Path, fault: dict[str, Any]) -> tuple[str, float]:
    """Return which test catches a fault (or NOT CAUGHT, or BREAKS) and the seconds it took."""
    file = copy / "gaitstudy" / fault["file"]
    sound = file.read_text("utf-8")
    file.write_text(sound.replace(fault["old"], fault["new"]), "utf-8")
    try:
        code, said, seconds = tested(copy, fault["tests"])
    finally:
        file.write_text(sound, "utf-8")
    if code == 0:
        return "NOT CAUGHT", seconds
    return said if code in (1, None) else f"BREAKS (pytest's exit code {code}): {said}", seconds


def main() -> int:
    """Run the campaign and print its table."""
    parser = argparse.ArgumentParser("python -m tests.mutations.run", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)  # fmt: skip
    parser.add_argument("numbers", nargs="*", type=int, help="faults to put in; all if none is named")
    wanted = parser.parse_args().numbers
    faults = [fault for fault in FAULTS if not wanted or fault["number"] in wanted]
    if unknown := sorted(set(wanted) - {fault["number"] for fault in faults}):
        parser.error(f"expected numbers of faults, 1-{FAULTS[-1]['number']}, found {', '.join(map(str, unknown))}")
    problems = [text for fault in faults if (text := problem(fault))]
    print(*problems, sep="\n" * bool(problems), end="\n" * bool(problems))
    faults = [fault for fault in faults if not problem(fault)]
    rows = []
    with tempfile.TemporaryDirectory(prefix="gaitstudy-mutations-") as folder:
        copy = copied(Path(folder))
        files = sorted({name for fault in faults for name in fault["tests"]})
        print(f"{len(files)} test files without a fault, no recordings:", flush=True)
        for k, name in enumerate(files, 1):
            code, said, seconds = tested(copy, [name])
            print(f"  {k}/{len(files)} {name}: {'passes' if code == 0 else said} {seconds:.1f} s", flush=True)
            if code != 0:
                print(f"{name}: expected it to pass without a fault. Mend it first.")
                return 1
        print(f"{len(faults)} faults:", flush=True)
        for k, fault in enumerate(faults, 1):
            said, seconds = with_fault(copy, fault)
            rows.append((fault, said, seconds))
            print(f"  {k}/{len(faults)} {fault['number']}, {fault['file']}: {said} {seconds:.1f} s", flush=True)
    print()
    for fault, said, seconds in rows:
        note = f" [{fault['note']}]" if "note" in fault else ""
        print(f"{fault['number']:3d}  {seconds:5.1f} s  {said}\n     {fault['what']}{note}")
    missed = [str(fault["number"]) for fault, said, _ in rows if said.startswith(("NOT CAUGHT", "BREAKS"))]
    print(f"\n{len(rows) - len(missed)} of {len(rows)} faults caught in {sum(row[2] for row in rows):.0f} s", end="")
    print(f"; not caught, or not to be put in so: {', '.join(missed)}" if missed else "")
    return int(bool(missed or problems))


if __name__ == "__main__":
    sys.exit(main())
