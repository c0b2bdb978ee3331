"""Files as such: checks that every reader makes before it believes one, and writing that leaves nothing half done."""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import numpy as np

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


def write_whole(path: str | Path, content: str | bytes, *, overwrite: bool = False) -> Path:
    """Write a file under a temporary name in its own folder and move it: it is there whole, or as it was before.

    Parameters
    ----------
    content : bytes as they are; text is written as UTF-8.
    overwrite : replace a regular file that is there; a folder, a link, a pipe or a device is never replaced.

    Raises
    ------
    GaitStudyError : something is there already, or the folder cannot be written in.
    """
    path = Path(path)
    if path.is_symlink() or (path.exists() and not path.is_file()):
        raise GaitStudyError(
            f"{path}: expected a file or a new name, found a folder, a link, a pipe or a device. Choose another."
        )
    if path.exists() and not overwrite:
        raise GaitStudyError(f"{path}: expected a new name, found a file. Choose another, or say that it be replaced.")
    temporary = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        temporary.write_bytes(content.encode() if isinstance(content, str) else content)
        temporary.replace(path)
    except OSError as error:
        raise GaitStudyError(
            f"{path}: expected to write it, found '{error.strerror}'. Choose another folder, or make room."
        ) from error
    finally:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)
    return path


def require_times(path: str | Path, time: np.ndarray, *, even: bool = False) -> None:
    """Refuse times (s) that are absent, unknown, not increasing or, with ``even``, not evenly spaced.

    Times are uneven where a step is more than twice the usual one, or the usual one is that of no recording.

    Raises
    ------
    TrialFormatError : which of these they are.
    """
    if not len(time):
        raise TrialFormatError(path, "expected at least one row of data, found none. Export the file again.")
    steps = np.diff(time)
    wrong = ~(np.abs(time) <= LATEST) | np.r_[False, ~(steps > 0)]
    if wrong.any():
        row = int(np.argmax(wrong))
        raise TrialFormatError(
            path, f"expected increasing times in s, found {time[row]:g} in data row {row + 1}. Sort or export again."
        )
    if not even or not len(steps):
        return
    usual, longest = float(np.sort(steps)[(len(steps) - 1) // 2]), float(steps.max())
    if not 1 / RATES[1] <= usual * 1.001 <= 1.002 / RATES[0]:
        found = f"found steps of {usual:g} s. Give times in s."
        raise TrialFormatError(path, f"expected {RATES[0]:g}-{RATES[1]:g} samples a second, {found}")
    if longest > 2.2 * usual:
        raise TrialFormatError(
            path,
            f"expected evenly spaced times, found a step of {longest:g} s before data row {int(np.argmax(steps)) + 2}, "
            f"mostly {usual:g}: rows are missing, or the clock jumps. Export every frame.",
        )


PLAIN = re.compile(r"[-+0-9.eEaAfFiInN\s]*", re.ASCII)
"""Characters of numbers in ASCII digits, of NaN and of inf; no underscores, no digits of other alphabets."""
NUMBER = re.compile(r"\s*([-+]?((\d+\.?\d*|\.\d+)(e[-+]?\d+)?|nan|inf))?\s*", re.ASCII | re.IGNORECASE)


def numbers(
    path: str | Path, rows: Sequence[Sequence[str]], names: Sequence[object], *, ended: bool = True
) -> np.ndarray:
    """Return the cells of a table as numbers, (row, column), blanks as NaN.

    Parameters
    ----------
    path : the file, for the message. rows : the cells below the names.
    names : of the columns, which gives their number.
    ended : whether the file ends with a line end; if not, the last number may have lost digits.

    Raises
    ------
    TrialFormatError : a name twice; a row of another width; a cell that is no number (its text is not repeated: it may
        be a person's name) or infinite; a last number, without a line end, with fewer decimals than all above it.
    """
    if twice := [f"'{name}' ({n} times)" for name, n in Counter(names).items() if n > 1]:
        raise TrialFormatError(
            path, f"expected each column once, found {', '.join(twice)}. Rename or delete the copies."
        )
    values = np.full((len(rows), len(names)), np.nan)
    for k, row in enumerate(rows):
        if len(row) != len(names):
            raise TrialFormatError(
                path,
                f"expected {len(names)} columns in every row, found {len(row)} in row {k + 1}: names are missing, or "
                "the file is cut off. Export it again.",
            )
        try:
            if not PLAIN.fullmatch("\t".join(row)):
                raise ValueError
            values[k] = [float(cell) if cell.strip() else np.nan for cell in row]
        except ValueError:
            column = next(j for j, cell in enumerate(row) if not NUMBER.fullmatch(cell))
            comma = "," in row[column]
            what, fix = ("a decimal comma", "Export with points") if comma else ("text", "Correct or export again")
            place = f"found {what} in column {column + 1}. {fix}."
            raise TrialFormatError(path, f"expected numbers in data row {k + 1}, {place}") from None
    if (endless := np.isinf(values).any(1)).any():
        found = f"found 'inf' in data row {endless.argmax() + 1}. Export again."
        raise TrialFormatError(path, f"expected finite numbers, {found}")
    if not ended and len(rows) > 1:
        *above, last = (len(row[-1].strip().partition(".")[2]) for row in rows)
        if len(set(above)) == 1 and last < above[0]:
            raise TrialFormatError(
                path,
                f"expected {above[0]} decimals in the last number as in the rows above, found {last} and no line end: "
                "the file is cut off. Export it again.",
            )
    return values
