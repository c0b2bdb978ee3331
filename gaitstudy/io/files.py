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

from gaitstudy.conventions import GaitStudyError, TrialFormatError


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
    """Return the lines of a text file, whatever ends them, and whether the last one is ended too."""
    text = path.read_text(encoding="utf-8-sig", errors="replace")
    return text.splitlines(), text.endswith("\n")


def printable(text: object, length: int = 60) -> str:
    """Return a file's text as it may be shown in a message, a label or a table: one short line of visible characters.

    Control characters (escape sequences, line and paragraph separators, marks that reverse the direction of writing,
    what no alphabet has) are left out, white space becomes one blank, and what is longer than ``length`` is clipped.

    Examples
    --------
    >>> printable("L\\x1b[31mHEE\\n" + "x" * 99, 12)
    'L[31mHEE xx…'
    """
    line = "".join(c for c in " ".join(str(text).split()) if c.isprintable())
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


def count_problems(header: Mapping[str, str], key: str, found: int, what: str) -> list[str]:
    """Return the problem of a header that announces another number than was found, or none at all."""
    if key not in header:
        return []
    try:
        announced = float(header[key])
    except ValueError:
        return [f"expected a number of {what} in the header ({key}), found text. Export the file again."]
    if announced == found:
        return []
    return [f"expected {announced:g} {what} as the header says, found {found}. Export the file again."]


def time_problems(time: np.ndarray) -> list[str]:
    """Return the problem of times (s) that are absent, unknown or not increasing."""
    if not len(time):
        return ["expected at least one row of data, found none. Export the file again."]
    wrong = ~np.isfinite(time) | np.r_[False, ~(np.diff(time) > 0)]
    if not wrong.any():
        return []
    row = int(np.argmax(wrong))
    return [f"expected increasing times, found {time[row]:g} s in data row {row + 1}. Sort or export again."]


def numbers(rows: list[list[str]], width: int) -> tuple[np.ndarray, list[str]]:
    """Return cells of a table as numbers, (row, column), blanks as NaN, and where the first is that is none.

    The text of such a cell is not repeated: it may be anything, a name too.
    """
    values = np.full((len(rows), width), np.nan)
    for k, row in enumerate(rows):
        read: list[float] = []
        try:
            for cell in row:
                read.append(float(cell) if cell.strip() else np.nan)
        except ValueError:
            what = "a decimal comma" if re.fullmatch(r"\s*[-+]?\d*,\d+\s*", row[len(read)]) else "text"
            found = f"expected numbers in data row {k + 1}, found {what} in column {len(read) + 1}"
            return values, [f"{found}. Correct or export again."]
        values[k, : len(row)] = read
    endless = np.isinf(values).any(1)
    if endless.any():
        return values, [f"expected finite numbers, found 'inf' in data row {endless.argmax() + 1}. Export again."]
    return values, []


def cut_number(rows: Sequence[Sequence[str]], ended: bool) -> list[str]:
    """Return the problem of a last number that lost digits: no line end, and fewer decimals than all above it."""
    if ended or len(rows) < 2:
        return []
    column = len(rows[-1]) - 1
    decimals = {len(row[column].strip().partition(".")[2]) for row in rows[:-1] if len(row) > column}
    found = rows[-1][column].strip()
    if len(decimals) != 1 or not found or len(found.partition(".")[2]) >= min(decimals):
        return []
    return [
        f"expected {min(decimals)} decimals in the last number as in the rows above, found '{found}' and no line end: "
        "the file is cut off. Export it again."
    ]
