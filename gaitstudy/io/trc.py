"""TRC files: the text of marker trajectories to names, times and positions, with what had to be decided on the way."""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

import numpy as np

from gaitstudy.conventions import TrialFormatError
from gaitstudy.io.files import (
    LENGTHS,
    RATES,
    count_notes,
    cut_number,
    ends_whole,
    existing,
    numbers,
    printable,
    split_row,
    text_lines,
    time_problems,
    uneven_times,
    with_points,
)

SPREADS = {"mm": (300.0, 5000.0), "m": (0.3, 5.0)}
"""How far the markers of one frame lie apart, in the file's numbers, where the header states no unit (own limits)."""
FARTHEST = 5.0
"""m; a position whose coordinates are one number, and so far out, is a mark for a gap: 9999999, -9999, 1e20."""


class _Trajectories(NamedTuple):
    """``names`` of markers as stored, some perhaps twice, ``time`` s, ``positions`` m (time, marker, axis) in the
    file's axes, ``units`` as stated or inferred, ``notes`` what was decided."""

    names: list[str]
    time: np.ndarray
    positions: np.ndarray
    units: str
    notes: list[str]


def read_trajectories(path: str | Path) -> _Trajectories:
    """Read the markers of a TRC file in its own axes; ``io.motion.read_trc`` turns and labels them.

    Raises
    ------
    TrialFormatError : every problem found.
    """
    path = existing(path, {".trc"})
    lines, ended = text_lines(path)
    start = next((k for k, line in enumerate(lines[:20]) if re.match(r"\s*frame", line, re.IGNORECASE)), None)
    if start is None or not lines[0].lstrip().lower().startswith("pathfiletype"):
        raise TrialFormatError(path, "expected a TRC header of 5 lines, found none. Check the extension, export again.")
    header = _header(lines[1:start])
    body = [line for line in lines[start + 1 :] if line.strip()]
    if body and re.match(r"\s*[XYZ]\d", body[0], re.IGNORECASE):
        body = body[1:]
    widest = max((len(line.rstrip("\t ").split("\t")) for line in body), default=0)
    names, notes = _names(lines[start], header, widest)
    width = 2 + 3 * len(names)
    rows = [split_row(line, width) for line in body]
    rows, commas = with_points(rows)
    problems: list[str] = []
    if not names:
        problems.append(
            "expected marker names after 'Frame#' and 'Time', found none. Export the trial with its labels."
        )
    last = max((k for k, row in enumerate(rows) if len(row) >= width), default=-1)
    uneven = [k for k, row in enumerate(rows) if len(row) < width and (k > last or any(row[2:]))]
    uneven += [k for k, row in enumerate(rows) if any(row[width:])]
    if uneven and names:
        problems.append(
            f"expected {width} columns in every row, found {len(rows[uneven[0]])} in row {uneven[0] + 1} "
            f"({len(uneven)} such rows): names are missing, or the file is cut off. Export it again."
        )
    cells = [row[:width] for row in rows]
    whole = ended or ends_whole(cells)
    notes += commas + count_notes(header, ["NumFrames"], len(rows), "frames", problems, whole=whole)
    notes += count_notes(header, ["NumMarkers"], len(names), "markers", problems)
    values, wrong = numbers(cells, width)
    problems += wrong or time_problems(values[:, 1]) + cut_number(cells, ended)
    if not wrong and (np.diff(values[:, 0]) <= 0).any():
        row = int(np.argmax(np.diff(values[:, 0]) <= 0)) + 2
        problems.append(f"expected rising frame numbers, found a lower one in data row {row}. Sort or export again.")
    if not problems:
        found = uneven_times(values[:, 1])
        problems += found[0] + _rate_problems(header, values[:, 1], notes)
        notes += found[1]
    positions = values[:, 2:].reshape(len(rows), len(names), 3)
    units = re.sub(r"[\s()\[\].]", "", header.get("units", "")).lower()
    if not units and not wrong:
        units = _likely_unit(positions)
        if units:
            notes.append(f"the header states no unit: {units} taken, by how far the markers lie apart.")
    if units not in LENGTHS:
        stated = header.get("units", "") and f"'{printable(header['units'], 20)}'"
        problems.append(f"expected Units mm, cm or m in the header, found {stated or 'none'}. Correct line 3.")
    if problems:
        raise TrialFormatError(path, problems)
    positions = positions * LENGTHS[units]
    notes += _mark_gaps(positions)
    return _Trajectories(names, values[:, 1], positions, units, notes)


def _header(lines: list[str]) -> dict[str, str]:
    """Return the values of a header by their keys in lower case; blank values stay in their place between tabs."""
    filled = [line for line in lines if line.strip()]
    at = next((k for k, line in enumerate(filled) if re.search("rate|num|units", line, re.IGNORECASE)), None)
    if at is None or at + 1 >= len(filled):
        return {}
    keys, values = ([cell.strip() for cell in line.rstrip().split("\t")] for line in filled[at : at + 2])
    if len(keys) < 2 or len(keys) != len(values) or any(" " in cell for cell in keys):
        keys, values = filled[at].split(), filled[at + 1].split()
        if len(values) < len(keys):  # one is blank, and blanks do not say which
            stated = [value for value in values if value.lower() in LENGTHS]
            return {"units": stated[0]} if stated else {}
    return {key.lower(): value for key, value in zip(keys, values, strict=False) if key}


def _names(line: str, header: dict[str, str], widest: int) -> tuple[list[str], list[str]]:
    """Return the markers' names, in the way of reading that fits the columns of the table, and notes.

    One name over each three columns; names one after the other; names between two blanks or more; between blanks.
    """
    cells = line.split("\t")[2:]
    count = max((widest - 2 + 2) // 3, 0)
    if len(cells) >= 3 and not any(cell.strip() for k, cell in enumerate(cells) if k % 3):
        placed = [cell.strip() for cell in cells[::3]]
        while placed and not placed[-1]:
            placed.pop()
        placed += [""] * (count - len(placed) if placed and widest == 2 + 3 * count else 0)
        if "" in placed:
            unknown = placed.count("")
            names = [name or f"unlabelled_point_{k + 1}" for k, name in enumerate(placed)]
            return _shown(names), [f"{unknown} markers without a name are called unlabelled_point_ and their number."]
        if placed:
            return _shown(placed), []
    text = re.sub(r"^\s*frame\S*\s+time\S*", "", line, flags=re.IGNORECASE).strip()
    ways = [re.split(pattern, text) for pattern in (r"\t+", r"\t+| {2,}", r"\s+")] if text else [[]]
    ways = [[name.strip() for name in way if name.strip()] for way in ways]
    fits = [way for way in ways if str(len(way)) in (str(count), header.get("nummarkers"))]
    return _shown(fits[0] if fits else ways[0]), []


def _shown(names: list[str]) -> list[str]:
    return [printable(name, 100) for name in names]


def _rate_problems(header: dict[str, str], time: np.ndarray, notes: list[str]) -> list[str]:
    """Return the problem of a DataRate that is none, or not that of the times; frames left out evenly are noted."""
    if "datarate" not in header or len(time) < 3:
        return []
    text = header["datarate"].replace(",", ".")
    stated = float(text) if re.fullmatch(r"[-+]?\d+\.?\d*([eE][-+]?\d+)?", text, re.ASCII) else float("nan")
    own = (len(time) - 1) / (time[-1] - time[0])
    if not RATES[0] <= stated <= RATES[1]:
        return [f"expected a DataRate of {own:.4g} Hz as the times have it, found none. Correct line 3."]
    factor = stated / own
    if abs(factor - 1) <= 0.01 + 1 / len(time):
        return []
    if factor > 1.5 and abs(factor / round(factor) - 1) < 0.02:
        notes.append(
            f"the header says {stated:g} Hz, the times {own:.4g} Hz, every {round(factor)}th frame: times taken."
        )
        return []
    return [f"expected times at {stated:g} Hz as DataRate says, found {own:.4g} Hz. Correct whichever is wrong."]


def _likely_unit(positions: np.ndarray) -> str:
    """Return mm or m, whichever makes a body of the markers of a frame, or an empty text."""
    seen = positions[np.isfinite(positions).all((1, 2))] if positions.size else positions
    spread = float(np.median(np.ptp(seen, axis=1).max(-1))) if seen.size else 0.0
    return next((unit for unit, (low, high) in SPREADS.items() if low < spread < high), "")


def _mark_gaps(positions: np.ndarray) -> list[str]:
    """Make gaps NaN in place: positions of three zeros, and of one number that is no place; return what to say."""
    positions[(positions == 0).all(-1)] = np.nan
    size = np.abs(positions)
    same = (size[..., 0] == size[..., 1]) & (size[..., 1] == size[..., 2]) & (size[..., 0] > FARTHEST)
    if not same.any():
        return []
    positions[same] = np.nan
    return [f"{int(same.sum())} positions of three equal numbers beyond {FARTHEST:g} m are gaps: NaN."]
