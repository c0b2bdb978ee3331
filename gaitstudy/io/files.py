"""Files as such: checks that every reader makes before it believes one, and writing that leaves nothing half done."""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import suppress
from glob import escape
from pathlib import Path

import numpy as np
import pandas as pd

from gaitstudy.conventions import GaitStudyError, TrialFormatError, visible

LATEST = 1e10
"""s; no clock shows more (those that count from 1970 have reached 1.8e9)."""
RATES = (0.5, 1e5)
"""Hz; motion, plates and sensors are sampled at rates between."""
LENGTHS = {
    name: scale
    for scale, start, short in ((1e-3, "milli", "mm"), (1e-2, "centi", "cm"), (1.0, "", "m"))
    for name in (short, *(f"{start}met{end}" for end in ("er", "re", "ers", "res")))
}
"""m in one of each unit of length, by its name in lower case."""


def existing(path: str | Path, suffixes: set[str]) -> Path:
    """Return the path of a file that is there, has one of the extensions, and is not empty.

    Raises
    ------
    TrialFormatError : which of these it is not.
    """
    path = Path(path)
    wanted = " or ".join(sorted(suffixes))
    if not path.is_file():
        raise TrialFormatError(path, "expected a file, found none there. Check the path.")
    if path.suffix.lower() not in suffixes:
        raise TrialFormatError(
            path, f"expected extension {wanted}, found '{path.suffix}'. Use the reader for that format."
        )
    if path.stat().st_size == 0:
        raise TrialFormatError(path, f"expected a {wanted} file, found an empty one. Export the trial again.")
    return path


def text_lines(path: Path) -> tuple[list[str], bool]:
    """Return the lines of a text file, ended by LF, CR or both, and whether the last one is ended too.

    UTF-8, or UTF-16 with its byte order mark; bytes that are neither are read as Latin-1.

    Raises
    ------
    TrialFormatError : zero bytes, which no text holds.
    """
    content = path.read_bytes()
    coding = "utf-16" if content[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    try:
        text = content.decode(coding)
    except UnicodeDecodeError:
        text = content.decode("latin-1")
    if "\0" in text:
        raise TrialFormatError(path, "expected text, found zero bytes. Export the file again, as UTF-8.")
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    ended = not lines[-1]
    return lines[:-1] if ended else lines, ended


def printable(text: object, length: int = 60) -> str:
    """Return a file's text as it may be shown in a message, a label or a table: one short line of visible characters.

    Control characters (escape sequences, line and paragraph separators, marks that reverse the direction of writing,
    what no alphabet has) are left out, white space becomes one blank, and what is longer than ``length`` is clipped.

    Examples
    --------
    >>> printable("L\\x1b[31mHEE\\n" + "x" * 99, 12)
    'L[31mHEE xx…'
    """
    line = visible(" ".join(str(text).split()))
    return line if len(line) <= length else line[: length - 1] + "…"


def require_replaceable(path: str | Path, *, overwrite: bool) -> Path:
    """Return the path of a file that is not there yet or, with ``overwrite``, is a regular file.

    Raises
    ------
    GaitStudyError : a file is there; or a folder, a link, a pipe or a device, which are never replaced.
    """
    path = Path(path)
    if path.is_dir():
        raise GaitStudyError(f"{path}: expected the name of a file, found a folder. Add a file name.")
    if path.is_symlink() or (path.exists() and not path.is_file()):
        raise GaitStudyError(
            f"{path}: expected a file or a new name, found a link, a pipe or a device. Choose another."
        )
    if path.exists() and not overwrite:
        raise GaitStudyError(f"{path}: expected a new name, found a file. Choose another, or say that it be replaced.")
    return path


def write_whole(path: str | Path, content: str | bytes, *, overwrite: bool = False) -> Path:
    """Write a file under a temporary name in its own folder and move it: it is there whole, or as it was before.

    Parameters
    ----------
    content : bytes as they are; text is written as UTF-8.
    overwrite : replace a regular file that is there. See ``require_replaceable``.

    Raises
    ------
    GaitStudyError : something is there already, or the folder cannot be written in.
    """
    path = require_replaceable(path, overwrite=overwrite)
    temporary = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        temporary.write_bytes(content.encode() if isinstance(content, str) else content)
        temporary.replace(path)
        _sweep(path)
    except OSError as error:
        raise GaitStudyError(
            f"{path}: expected to write it, found '{error.strerror}'. Choose another folder, or make room."
        ) from error
    finally:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)
    return path


def no_formulas(table: pd.DataFrame) -> pd.DataFrame:
    """Return a table whose texts no spreadsheet takes for formulas: one that starts with = + - or @ gets a quote mark.

    Examples
    --------
    >>> no_formulas(pd.DataFrame({"file": ["=1+1.c3d", "walk.c3d"], "fpa_deg": [-7.0, 7.0]}))["file"].tolist()
    ["'=1+1.c3d", 'walk.c3d']
    """
    texts = table.select_dtypes(exclude="number")
    return table.assign(**{name: texts[name].replace(r"^(?=[=+\-@\t\r])", "'", regex=True) for name in texts})


def _sweep(path: Path) -> None:
    """Remove what writing the same file left behind where its process was killed."""
    import psutil

    for left in path.parent.glob(f".{escape(path.name)}.*.part"):
        pid = left.name.split(".")[-2]
        if pid.isdecimal() and not psutil.pid_exists(int(pid)):
            left.unlink(missing_ok=True)


def duplicates(names: Sequence[str], kind: str) -> list[str]:
    """Return the problem of names that occur more than once, if any do."""
    twice = [f"'{name}' ({n} times)" for name, n in Counter(names).items() if n > 1]
    return [f"expected each {kind} once, found {', '.join(twice)}. Rename or delete the copies."] if twice else []


def count_notes(
    header: Mapping[str, str], keys: Sequence[str], found: int, what: str, problems: list[str], *, whole: bool = True
) -> list[str]:
    """Return what to say of a header that announces another number than the table holds.

    Parameters
    ----------
    header : values by key in lower case. keys : those that announce this number, in any case; absent ones say nothing.
    found : the number in the table. what : its noun.
    problems : gets the problem of a number that is none, or of a table that ends within a row.
    whole : whether every row of the table is there to its last digit.
    """
    notes = []
    for key in keys:
        text = header.get(key.lower())
        if text is None:
            continue
        if not re.fullmatch(r"\s*\d{1,15}(\.0*)?\s*", text, re.ASCII):
            problems.append(f"expected a number of {what} in the header ({key}), found text. Export the file again.")
        elif (announced := int(float(text))) == found:
            continue
        elif not whole:
            problems.append(
                f"expected {announced} {what} as the header says, found {found}: the file is cut off. Export it again."
            )
        else:
            notes.append(f"the header says {announced} {what} ({key}), the table holds {found}: all of those are read.")
    return notes


def time_problems(time: np.ndarray) -> list[str]:
    """Return the problem of times (s) that are absent, unknown or not increasing."""
    if not len(time):
        return ["expected at least one row of data, found none. Export the file again."]
    wrong = ~np.isfinite(time) | np.r_[False, ~(np.diff(time) > 0)]
    far = ~(np.abs(time) <= LATEST)
    if not wrong.any() and not far.any():
        return []
    row = int(np.argmax(wrong if wrong.any() else far))
    if not wrong.any():
        return [f"expected times in s, found {time[row]:g} in data row {row + 1}. Correct or export again."]
    return [f"expected increasing times, found {time[row]:g} s in data row {row + 1}. Sort or export again."]


PLAIN = re.compile(r"[-+0-9.eEaAfFiInN\s]*", re.ASCII)
"""Characters of numbers in ASCII digits, of NaN and of inf; no underscores, no digits of other alphabets."""
DECIMAL_COMMA = re.compile(r"\s*[-+]?\d*,\d+([eE][-+]?\d+)?\s*", re.ASCII)


def uneven_times(time: np.ndarray) -> tuple[list[str], list[str]]:
    """Return problems and notes of a clock (s, rising) that should tick evenly.

    A step of more than twice the usual one, or a rate that no recording has, is a problem; times that leave the even
    grid by more than half a step are told.
    """
    if len(time) < 2:
        return [], []
    steps = np.diff(time)
    usual, longest = float(np.sort(steps)[(len(steps) - 1) // 2]), float(steps.max())
    if not 1 / RATES[1] <= usual * 1.001 <= 1.002 / RATES[0]:
        return [
            f"expected {RATES[0]:g}-{RATES[1]:g} samples a second, found steps of {usual:g} s. Give times in s."
        ], []
    if longest > 2.2 * usual:
        row = int(np.argmax(steps)) + 2
        return [
            f"expected evenly spaced times, found a step of {longest:g} s before data row {row}, mostly {usual:g}: "
            "rows are missing, or the clock jumps. Export every frame."
        ], []
    even = np.linspace(time[0], time[-1], len(time))
    if np.abs(time - even).max() > 0.5 * usual:
        return [], [uneven_steps(time)]
    return [], []


def uneven_steps(time: np.ndarray) -> str:
    """Return what is said of times (s) that are not evenly spaced."""
    steps = np.diff(time)
    return f"times are uneven: steps of {steps.min():g} to {steps.max():g} s."


def numbers(rows: Sequence[Sequence[str]], width: int) -> tuple[np.ndarray, list[str]]:
    """Return cells of a table as numbers, (row, column), blanks as NaN, and where the first is that is none.

    The text of such a cell is not repeated: it may be anything, a name too.
    """
    values = np.full((len(rows), width), np.nan)
    for k, row in enumerate(rows):
        read: list[float] = []
        try:
            plain = PLAIN.fullmatch("\t".join(row)) is not None
            for cell in row:
                if not plain and not PLAIN.fullmatch(cell):
                    raise ValueError
                read.append(float(cell) if cell.strip() else np.nan)
        except ValueError:
            what = "a decimal comma" if DECIMAL_COMMA.fullmatch(row[len(read)]) else "text"
            found = f"expected numbers in data row {k + 1}, found {what} in column {len(read) + 1}"
            return values, [f"{found}. Correct or export again."]
        values[k, : len(row)] = read
    endless = np.isinf(values).any(1)
    if endless.any():
        return values, [f"expected finite numbers, found 'inf' in data row {endless.argmax() + 1}. Export again."]
    return values, []


def with_points(rows: list[list[str]]) -> tuple[list[list[str]], list[str]]:
    """Return rows whose decimal commas became points, with a note; as they are if any number has a point."""
    cells = [cell for row in rows for cell in row if "," in cell or "." in cell]
    if not cells or any("." in cell for cell in cells) or not all(map(DECIMAL_COMMA.fullmatch, cells)):
        return rows, []
    return [[cell.replace(",", ".") for cell in row] for row in rows], ["decimal commas were read as decimal points."]


def split_row(line: str, width: int) -> list[str]:
    """Return the cells of a line: between tabs, or else semicolons, or else blanks, whichever gives ``width`` of them.

    Blank cells behind the last column are dropped. Where none fits, the cells between tabs.
    """
    first: list[str] | None = None
    for mark in ("\t", ";", None):
        cells = [cell.strip() for cell in line.split(mark)]
        while len(cells) > width and not cells[-1]:
            cells.pop()
        if len(cells) == width:
            return cells
        if first is None or (len(first) == 1 and len(cells) > 1):
            first = cells
    return first or []


def ends_whole(rows: Sequence[Sequence[str]]) -> bool:
    """Tell whether the last number of a table without a last line end lost no digit: all have as many decimals."""
    return len(rows) > 2 and len({len(row[-1].partition(".")[2]) for row in rows if row}) == 1


def cut_number(rows: Sequence[Sequence[str]], ended: bool) -> list[str]:
    """Return the problem of a last number that lost digits: no line end, and fewer decimals than all above, or none."""
    if ended or len(rows) < 2:
        return []
    column = len(rows[-1]) - 1
    decimals = {len(row[column].strip().partition(".")[2]) for row in rows[:-1] if len(row) > column}
    found = rows[-1][column].strip()
    if not found and column and rows[-1][column - 1].strip():
        return ["expected a last number, found none and no line end: the file is cut off. Export it again."]
    if len(decimals) != 1 or not found or len(found.partition(".")[2]) >= min(decimals):
        return []
    return [
        f"expected {min(decimals)} decimals in the last number as in the rows above, found '{found}' and no line end: "
        "the file is cut off. Export it again."
    ]
