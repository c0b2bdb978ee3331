"""Damaged copies of small valid files, through every reader: ``python -m tests.campaigns.mutated_inputs``.

Each copy must be read, or refused by an error of this project, within 2 CPU seconds, and no message may hold a control
character. A copy is known by its reader and its number, from which its seed comes, so that each can be made again. The
seeds were set before the first run. ``tests/test_mutated_inputs.py`` tries the first copies of each reader.
"""

from __future__ import annotations

import io
import signal
import sys
import tempfile
import time
import traceback
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
from rich.console import Console

from gaitstudy.conventions import GaitStudyError
from gaitstudy.io import foot_imu, insoles, motion, step_table, trial_table
from gaitstudy.load.skeleton import marker_map
from gaitstudy.pipeline import _process_trial
from gaitstudy.simulate.cohort import cohort
from tests import recordings, test_insoles, test_io_foot_imu, test_step_table

COPIES, SEED, LONGEST = 100_000, 20261, 2.0
"""Copies in all, first number of every seed, CPU seconds."""
NUMBERS = (
    "nan", "NaN", "inf", "-inf", "1e308", "-1e308", "1e-308", "-1", "0", "1", "2", "9999999", "-9999", "9" * 20,
    "1" * 400, "", " ", "text", "1_000", "1,5", "\u0663\u0664", "\uff11", "0x10", "1e5", "1e-5", "0.5", "+", "-", ".",
    "1.2.3", "true",
)  # fmt: skip
TEXTS = (
    "\x1b[31m", "\u202e", "\u2028", "\x9b31m", "\x00", "\x85", "=1+1", "@SUM(1)", "<b>", "{S}", "'", '"', '"""', "[[[[",
    "\\", ";", ",", "\t", "\n", "\r", "\r\n", "#", "A" * 5000, "\ufeff", "\ud7ff", "endheader", "Frame#", "nRows=3",
)  # fmt: skip


class Reader(NamedTuple):
    """``file`` a name with its extension; ``make`` its valid bytes; ``read`` what reads it; ``share`` of all copies."""

    file: str
    make: Callable[[Path], bytes]
    read: Callable[[Path], object]
    share: float


class Tooslow(BaseException):
    """Raised by the clock; a reader that catches every ``Exception`` cannot swallow it."""


def _pair(which: int) -> Callable[[Path], bytes]:
    def make(folder: Path) -> bytes:
        small = recordings.only(
            recordings.walk(seconds=0.3, per_frame=2), slice(0, 20), ["LHEE", "LTOE", "LASI", "RASI"]
        )
        return recordings.write_pair(folder, small)[which].read_bytes()

    return make


def _c3d(folder: Path) -> bytes:
    small = recordings.walk(seconds=0.3, per_frame=2)
    path = recordings.write_c3d(
        folder / "m.c3d", small, subject=recordings.SUBJECT, channel_units=[*[("N", 1.0)] * 3, *[("Nmm", 1.0)] * 3] * 2
    )
    return path.read_bytes()


def _walk(folder: Path) -> bytes:
    return recordings.write_pair(folder, recordings.walk(seconds=1.6, rate=50, per_frame=2))[0].read_bytes()


def _processed(path: Path) -> object:
    (path.parent / "map.toml").write_text(recordings.MAP)
    forces = path.parent / "walk_grf.mot"
    return _process_trial(path, markers=str(path.parent / "map.toml"), forces=forces, mass=70.0, height=1.75)


def _people(kind: str) -> Callable[[Path], bytes]:
    def make(folder: Path) -> bytes:
        table = cohort(3, dropout="at random")
        if kind == "csv":
            return table.to_csv(index=False).encode()
        table.to_excel(buffer := io.BytesIO(), index=False)
        return buffer.getvalue()

    return make


def _summarised(path: Path) -> object:
    table = trial_table.read_trial_table(path)
    return trial_table.to_long(table), trial_table.outcome(table, "NRS_med")


def _steps(path: Path) -> object:
    try:
        table = pd.read_csv(path, encoding_errors="replace", on_bad_lines="skip")
    except (ValueError, OverflowError):  # what the caller's own reader refuses is not ours to judge
        return None
    return step_table.checked(table), step_table.checked(table, exclude=True)


READERS = {
    "TRC": Reader("m.trc", _pair(0), motion.read_trc, 0.17),
    "MOT": Reader("m.mot", _pair(1), lambda path: motion.storage_loads(motion.read_storage(path)), 0.17),
    "C3D": Reader("m.c3d", _c3d, motion.read_c3d, 0.17),
    "TRC and MOT through process": Reader("walk.trc", _walk, _processed, 0.03),
    "F-Scan": Reader("m.asf", lambda _: test_insoles.fscan().encode(), insoles.read_insole, 0.08),
    "pedar": Reader("m.asc", lambda _: test_insoles.pedar(8, 12).encode(), insoles.read_insole, 0.08),
    "Moticon": Reader("m.txt", lambda _: test_insoles.moticon().encode(), insoles.read_insole, 0.08),
    "foot sensors": Reader(
        "m.csv",
        lambda _: test_io_foot_imu.table(test_io_foot_imu.values(250)[::5]).encode(),
        lambda path: foot_imu.read_foot_sensors(path, 20.0),
        0.09,
    ),
    "marker map": Reader("m.toml", lambda _: recordings.MAP.encode(), marker_map, 0.09),
    "table of steps": Reader("m.csv", lambda _: test_step_table.table(1).to_csv(index=False).encode(), _steps, 0.015),
    "trial table, CSV, and its summary": Reader("m.csv", _people("csv"), _summarised, 0.02),
    "trial table, XLSX": Reader("m.xlsx", _people("xlsx"), trial_table.read_trial_table, 0.005),
}


def mutated(content: bytes, rng: np.random.Generator) -> bytes:
    """Return a copy of a file with one to three faults of the kinds that transfers, programs and people make."""
    if content[:2] == b"PK" and rng.random() < 0.7:
        return _in_archive(content, rng)
    kinds = [_flip, _cut, _drop, _repeat, _words]
    if b"\0" not in content[:200]:
        kinds += [_cells, _cells, _numbers, _numbers, _lines, _texts, _encoded, _counts]
    for _ in range(int(rng.integers(1, 4))):
        if content:
            content = kinds[rng.integers(len(kinds))](content, rng)
    return content


def _flip(content: bytes, rng: np.random.Generator) -> bytes:
    changed = bytearray(content)
    for at in rng.integers(len(content), size=rng.integers(1, 7)):
        changed[at] = int(rng.integers(256))
    return bytes(changed)


def _cut(content: bytes, rng: np.random.Generator) -> bytes:
    return content[: rng.integers(len(content) + 1)]


def _drop(content: bytes, rng: np.random.Generator) -> bytes:
    at = int(rng.integers(len(content)))
    return content[:at] + content[at + int(rng.integers(1, 200)) :]


def _repeat(content: bytes, rng: np.random.Generator) -> bytes:
    at, length = int(rng.integers(len(content))), int(rng.integers(1, 600))
    return content[:at] + content[at : at + length] * int(rng.integers(2, 5)) + content[at + length :]


def _words(content: bytes, rng: np.random.Generator) -> bytes:
    """Put the extremes of binary numbers over two or four bytes, most often in the first 2 kB."""
    words = (
        b"\xff\xff",
        b"\0\0",
        b"\xff\x7f",
        b"\0\x80",
        b"\0\0\x80\x7f",
        b"\0\0\xc0\x7f",
        b"\xff\xff\x7f\x7f",
        b"\x01\0",
    )
    word = words[rng.integers(len(words))]
    at = int(rng.integers(min(len(content), 2048) if rng.random() < 0.7 else len(content)))
    return content[:at] + word + content[at + len(word) :]


def _split(content: bytes) -> tuple[list[list[bytes]], bytes]:
    first = max((b"\t", b",", b";"), key=content.count)
    return [line.split(first) for line in content.split(b"\n")], first


def _cells(content: bytes, rng: np.random.Generator) -> bytes:
    """Swap, drop or double cells."""
    rows, mark = _split(content)
    for _ in range(int(rng.integers(1, 4))):
        a, b = rows[rng.integers(len(rows))], rows[rng.integers(len(rows))]
        if not a or not b:
            continue
        i, j = int(rng.integers(len(a))), int(rng.integers(len(b)))
        change = rng.integers(3)
        if change == 0:
            a[i], b[j] = b[j], a[i]
        elif change == 1:
            del a[i]
        else:
            b.insert(j, a[i])
    return b"\n".join(mark.join(row) for row in rows)


def _numbers(content: bytes, rng: np.random.Generator) -> bytes:
    """Put another number, or none, into one to five cells, or throughout a column."""
    rows, mark = _split(content)
    column = int(rng.integers(max(map(len, rows))))
    throughout = rng.random() < 0.15
    new = NUMBERS[rng.integers(len(NUMBERS))].encode()
    for k in range(len(rows)) if throughout else rng.integers(len(rows), size=rng.integers(1, 6)):
        row = rows[k]
        if throughout and column < len(row):
            row[column] = new
        elif not throughout and row:
            row[rng.integers(len(row))] = NUMBERS[rng.integers(len(NUMBERS))].encode()
    return b"\n".join(mark.join(row) for row in rows)


def _lines(content: bytes, rng: np.random.Generator) -> bytes:
    """Double, drop or swap lines."""
    lines = content.split(b"\n")
    i, j = (int(k) for k in rng.integers(len(lines), size=2))
    change = rng.integers(3)
    if change == 0:
        lines.insert(i, lines[j])
    elif change == 1:
        del lines[i]
    else:
        lines[i], lines[j] = lines[j], lines[i]
    return b"\n".join(lines)


def _texts(content: bytes, rng: np.random.Generator) -> bytes:
    at = int(rng.integers(min(len(content), 600) if rng.random() < 0.6 else len(content)))
    return content[:at] + TEXTS[rng.integers(len(TEXTS))].encode() + content[at:]


def _counts(content: bytes, rng: np.random.Generator) -> bytes:
    """Change a whole number in the head of the file."""
    head, tail = bytearray(content[:800]), content[800:]
    digits = [k for k, byte in enumerate(head) if 48 <= byte <= 57]
    if digits:
        at = digits[rng.integers(len(digits))]
        head[at : at + 1] = NUMBERS[rng.integers(len(NUMBERS))].encode()
    return bytes(head) + tail


def _encoded(content: bytes, rng: np.random.Generator) -> bytes:
    """Write it in another encoding, with other line ends, or with a byte order mark that may lie."""
    text = content.decode("latin-1")
    change = rng.integers(6)
    if change == 0:
        return text.encode("utf-16")
    if change == 1:
        return text.encode("utf-16-le")
    if change == 2:
        return content.replace(b"\r", b"").replace(b"\n", b"\r\n" if rng.random() < 0.5 else b"\r")
    if change == 3:
        return b"\xff\xfe" + content
    if change == 4:
        return b"\xef\xbb\xbf" + content
    at = int(rng.integers(len(content)))
    return content[:at] + bytes(rng.integers(128, 256, size=3).tolist()) + content[at:]


def _in_archive(content: bytes, rng: np.random.Generator) -> bytes:
    """Change one file inside a workbook and pack it again."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    name = sorted(files)[rng.integers(len(files))]
    kinds = (_flip, _cut, _drop, _repeat, _counts, _texts)
    files[name] = kinds[rng.integers(len(kinds))](files[name], rng) if files[name] else b"x"
    if rng.random() < 0.1:
        del files[sorted(files)[rng.integers(len(files))]]
    with zipfile.ZipFile(buffer := io.BytesIO(), "w", zipfile.ZIP_DEFLATED) as archive:
        for name, part in files.items():
            archive.writestr(name, part)
    return buffer.getvalue()


@contextmanager
def _limited(seconds: float) -> Iterator[None]:
    """Stop what takes more CPU seconds of this process."""

    def stop(number: int, frame: object) -> None:
        raise Tooslow

    before = signal.signal(signal.SIGPROF, stop)
    signal.setitimer(signal.ITIMER_PROF, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


def attempt(reader: Reader, path: Path) -> tuple[str, str]:
    """Read one file; return ``read``, ``refused``, ``unhandled``, ``slow`` or ``unclean``, and what is to be said."""
    start = time.process_time()
    try:
        with _limited(2 * LONGEST):
            reader.read(path)
        outcome, said = "read", ""
    except GaitStudyError as error:
        outcome, said = "refused", str(error)
        if not all(line.isprintable() for line in said.split("\n")):
            outcome = "unclean"
    except Tooslow:
        return "slow", f"stopped after {2 * LONGEST:g} CPU s"
    except Exception as error:  # noqa: BLE001 - what escapes the readers is what is looked for
        place = traceback.extract_tb(error.__traceback__)
        own = [f"{Path(f.filename).name}:{f.lineno}" for f in place if "gaitstudy" in Path(f.filename).parts[-3:-1]]
        return "unhandled", f"{type(error).__name__} at {(own or ['?'])[-1]}: {str(error)[:120]!r}"
    if (spent := time.process_time() - start) > LONGEST:
        return "slow", f"{spent:.1f} CPU s"
    return outcome, said


def tried(name: str, copies: int, first: int = 0) -> tuple[Counter[str], list[str]]:
    """Try so many copies of one reader's file; return outcomes counted, and every copy that did not end well.

    Parameters
    ----------
    name : of ``READERS``. copies : how many. first : number of the first one.
    """
    reader, counts, bad = READERS[name], Counter[str](), []
    with tempfile.TemporaryDirectory() as folder:
        content = reader.make(Path(folder))
        path = Path(folder) / reader.file
        path.write_bytes(content)
        outcome, said = attempt(reader, path)
        if outcome != "read":
            raise GaitStudyError(f"{name}: expected a valid file to begin with, found one that is {outcome}: {said}")
        for number in range(first, first + copies):
            rng = np.random.default_rng([SEED, list(READERS).index(name), number])
            path.write_bytes(mutated(content, rng))
            outcome, said = attempt(reader, path)
            counts[outcome] += 1
            if outcome not in ("read", "refused"):
                bad.append(f"{name}, copy {number}: {outcome}: {said!r}")
    return counts, bad


def main() -> int:
    """Try all copies, or those of the readers named, and print how they ended and those that did not end well."""
    console, rows, faults = Console(width=200), [], []
    for name, reader in READERS.items():
        if sys.argv[1:] and name not in sys.argv[1:]:
            continue
        start = time.perf_counter()
        counts, bad = tried(name, round(COPIES * reader.share))
        rows.append({"reader": name, "copies": counts.total(), **counts, "seconds": round(time.perf_counter() - start)})
        console.print(rows[-1], markup=False)
        for line in bad[:20]:
            console.print(line, markup=False)
        faults += bad
    table = pd.DataFrame(rows).fillna(0)
    console.print(table.to_string(index=False), markup=False)
    console.print(f"{table['copies'].sum()} copies tried, {len(faults)} ended neither read nor refused in time.")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
