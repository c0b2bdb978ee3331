"""Motion files: TRC, MOT and STO, in the lab frame of ``conventions``."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pandas as pd
import xarray as xr

from gaitstudy.conventions import TrialFormatError
from gaitstudy.io import plates
from gaitstudy.io.c3d import read_c3d
from gaitstudy.io.files import LENGTHS, NUMBER, RATES, existing, numbers, printable, require_times, text_lines
from gaitstudy.io.recording import Recording, axes_matrix, marker_array

__all__ = ["Recording", "read_c3d", "read_storage", "read_trc", "storage_loads"]

FARTHEST = 5.0
"""m; a position whose coordinates are one number, and so far out, is a mark for a gap: 9999999, -9999, 1e20."""
LARGEST_NUMBER = 1e30
"""No quantity in SI units, and no state of a model, comes near."""
LEAST_FORCE = 20.0
"""N; a file whose forces stay below, and rise from zero as a walker's do, is in kN or in body weights."""
FARTHEST_POINT = 30.0
"""m; where the force mostly acts farther from the lab's origin, its point is in millimetres."""
NOWHERE = 0.05
"""Share of the largest vertical force above which a plate is pressed, so that its point means something."""
MOMENTS = ("{}_m", "{}_t", "{}_torque_m", "{}_torque_", "{}_moment_m", "{}_moment_")
"""What the moment of a force may be called, before its axis; where the force's name holds "force", "torque" or "moment"
may stand in its place: 1_ground_torque_x, ground_moment_1_mx, calcn_r_moment_x."""


def read_trc(path: str | Path, *, axes: tuple[str, str] | None = None) -> Recording:
    """Read marker positions from a TRC file and turn them to x forward, y up, z right.

    Blank, NaN and exactly zero positions are missing and become NaN (no marker sits in the lab origin to the last
    digit), and so do three equal numbers far from it, the marks that some programs leave in gaps (9999999). A header
    that states other counts than a whole table holds, or a marker's name twice (``recording.marker_array``), is told in
    ``notes``.

    Parameters
    ----------
    path : the file, with tabs between its columns. axes : the file's axes that point forward and up, as
        ``("+X", "+Z")``; default ``("+X", "+Y")``.

    Raises
    ------
    TrialFormatError : no TRC, unknown units, a row cut off, cells that are no numbers, a clock that jumps or has
        another rate than the header says, no position.
    """
    path = existing(path, {".trc"})
    turn = axes_matrix(path, axes or ("+X", "+Y"))
    lines, ended = text_lines(path)
    start = next((k for k, line in enumerate(lines[:20]) if re.match(r"\s*frame", line, re.IGNORECASE)), 0)
    if start < 3 or not lines[0].lstrip().lower().startswith("pathfiletype"):
        raise TrialFormatError(path, "expected a TRC header of 5 lines, found none. Check the extension, export again.")
    header = dict(zip(lines[start - 2].lower().split(), lines[start - 1].split(), strict=False))
    cells = [cell.strip() for cell in re.split(r"\t| {2,}", lines[start].strip())]
    names = [printable(name, 100) for name in cells[2:] if name]
    if not names:
        raise TrialFormatError(
            path, "expected marker names after 'Frame#' and 'Time', found none. Export the trial with its labels."
        )
    body = [line for line in lines[start + 1 :] if line.strip()]
    if body and re.match(r"\s*[XYZ]\d", body[0], re.IGNORECASE):
        body = body[1:]
    width = 2 + 3 * len(names)
    rows = [_cells(line, width) for line in body]
    notes = _counted(path, header, {"numframes": len(rows), "nummarkers": len(names)}, ended)
    values = numbers(path, rows, range(width), ended=ended)
    require_times(path, values[:, 1], even=True)
    if (falls := np.diff(values[:, 0]) <= 0).any():
        row = int(falls.argmax()) + 2
        raise TrialFormatError(
            path, f"expected rising frame numbers, found a lower one in data row {row}. Sort or export again."
        )
    _require_rate(path, header, values[:, 1])
    unit = re.sub(r"[\s()\[\].]", "", header.get("units", "")).lower()
    if unit not in LENGTHS:
        found = printable(header.get("units", "none"), 20)
        raise TrialFormatError(
            path, f"expected Units mm, cm or m in the header, found '{found}'. Correct line {start}."
        )
    positions = values[:, 2:].reshape(len(rows), len(names), 3) * LENGTHS[unit]
    positions[(positions == 0).all(-1)] = np.nan
    marks = (positions == positions[..., :1]).all(-1) & (np.abs(positions[..., 0]) > FARTHEST)
    if marks.any():
        positions[marks] = np.nan
        notes.append(f"{int(marks.sum())} positions of three equal numbers beyond {FARTHEST:g} m are gaps: NaN.")
    markers, changed = marker_array(path, positions @ turn.T, values[:, 1], names, unit)
    return Recording(path.name, markers, notes=(*notes, *changed))


def _cells(line: str, width: int) -> list[str]:
    """Return the cells of a line between tabs, or between blanks where it has none, less blank ones behind the last."""
    cells = [cell.strip() for cell in (line.split("\t") if "\t" in line else line.split())]
    while len(cells) > width and not cells[-1]:
        cells.pop()
    return cells


def _counted(path: Path, header: dict[str, str], counts: dict[str, int], ended: bool) -> list[str]:
    """Return notes on a header that announces other numbers than a table holds.

    Parameters
    ----------
    header : values by key in lower case. counts : what the table holds, by the keys that announce it.
    ended : whether the file ends with a line end.

    Raises
    ------
    TrialFormatError : an announced number is none, or is another one in a file without a line end.
    """
    notes = []
    for key, count in counts.items():
        stated = header.get(key, str(count))
        if re.fullmatch(r"\d{1,15}(\.0*)?", stated, re.ASCII) is None:
            text = f"expected a number after {key} in the header, found text. Export the file again."
            raise TrialFormatError(path, text)
        said = int(float(stated))
        if said != count and not ended:
            found = f"found {count} and no line end: the file is cut off. Export it again."
            raise TrialFormatError(path, f"expected {said} as the header says ({key}), {found}")
        if said != count:
            notes.append(f"the header says {said} ({key}), the table holds {count}: all of those are read.")
    return notes


def _require_rate(path: Path, header: dict[str, str], time: np.ndarray) -> None:
    """Refuse a DataRate that is none, or not that of the times (s); where frames were left out it is a multiple."""
    if "datarate" not in header or len(time) < 3:
        return
    text = header["datarate"].replace(",", ".")
    stated, rate = float(text) if NUMBER.fullmatch(text) else np.nan, (len(time) - 1) / (time[-1] - time[0])
    every = round(stated / rate) if RATES[0] <= stated <= RATES[1] else 0
    if not every or abs(stated / rate / every - 1) > 0.01 + 1 / len(time):
        raise TrialFormatError(
            path, f"expected the DataRate of the times, {rate:.4g} Hz, found {stated:g}. Correct whichever is wrong."
        )


# ---- OpenSim's tables ----


def read_storage(path: str | Path) -> pd.DataFrame:
    """Read an OpenSim MOT or STO table: time as the index, one column a quantity.

    A header that announces another number of rows or columns than a whole table holds is told, as OpenSim itself reads
    such a file.

    Returns
    -------
    DataFrame; ``attrs["angles"]`` is ``"deg"`` or ``"rad"`` as the header says (``inDegrees``), ``"not stated"``
    without it; ``attrs["notes"]`` what was decided.

    Raises
    ------
    TrialFormatError : no header, duplicated columns, a row cut off, cells that are no numbers, time not increasing.
    """
    path = existing(path, {".mot", ".sto"})
    lines, ended = text_lines(path)
    end = next((k for k, line in enumerate(lines) if line.strip().lower() == "endheader"), len(lines))
    body = [line for line in lines[end + 1 :] if line.strip()]
    if not body:
        raise TrialFormatError(path, "expected a header ending in 'endheader', then a table, found none. Export again.")
    pairs = (re.split(r"\s*[=\s]\s*", line.strip(), maxsplit=1) for line in lines[:end])
    header = {pair[0].lower(): pair[1].strip() for pair in pairs if len(pair) == 2}
    names = [printable(name, 200) for name in _cells(body[0].strip(), 0)]
    rows = [_cells(line, len(names)) for line in body[1:]]
    if names[0].lower() != "time":
        raise TrialFormatError(
            path, f"expected the first column to be 'time', found '{printable(names[0], 30)}'. Rename it."
        )
    counts = {"nrows": len(rows), "datarows": len(rows), "ncolumns": len(names), "datacolumns": len(names)}
    notes = _counted(path, header, counts, ended)
    values = numbers(path, rows, names, ended=ended)
    require_times(path, values[:, 0])
    if np.isnan(values[:, 1:]).all():
        raise TrialFormatError(path, "expected numbers beside the time, found none in any row. Export the file again.")
    if (large := np.abs(values) > LARGEST_NUMBER).any():
        row, column = (int(k) + 1 for k in np.argwhere(large)[0])
        raise TrialFormatError(
            path,
            f"expected numbers up to {LARGEST_NUMBER:g}, found a larger one in data row {row}, column {column}. "
            "Correct or export again.",
        )
    stated = header.get("indegrees", "").lower()
    if stated and stated not in ("yes", "no"):
        notes.append("inDegrees in its header is neither yes nor no: the unit of its angles is not stated.")
    table = pd.DataFrame(values[:, 1:], index=pd.Index(values[:, 0], name="time"), columns=names[1:])
    table.attrs = {"angles": {"yes": "deg", "no": "rad"}.get(stated, "not stated"), "name": path.name, "notes": notes}
    return table


def storage_loads(
    table: pd.DataFrame, *, turn: np.ndarray | None = None, zero: tuple[float, float] | None = None
) -> xr.Dataset:
    """Turn force columns of an OpenSim table into ground reactions, checked as those of a C3D file are.

    Forces are ``NAME_vx``, points ``NAME_px`` (m), moments any of ``MOMENTS``. Where a force is exactly zero its point
    is often NaN; the moment there is the torque alone. A NaN force stays NaN.

    Parameters
    ----------
    table : of ``read_storage``; N, m and N m.
    turn : rows are the table's forward, up and right; default: x forward, y up, z to the right.
    zero : start and end (s) of a stretch with no one on any plate; its mean is taken off every plate.

    Returns
    -------
    Dataset of ``io.plates.wrench``; plates are called by the column prefix.

    Raises
    ------
    TrialFormatError : no force columns, or a force without its point or moment; uneven times; forces in another unit,
        along another axis, those of the foot on the ground, or a plate that does not rest at zero; points in
        millimetres.
    """
    name, time = table.attrs.get("name", "table"), table.index.to_numpy(float)
    require_times(name, time, even=True)
    found = [column[:-3] for column in table.columns if column.lower().endswith("_vx")]
    if not found:
        there = ", ".join(printable(c, 30) for c in table.columns[:4])
        raise TrialFormatError(name, f"expected columns NAME_vx ... NAME_pz, found {there}. Rename them.")
    lower, parts = table.rename(columns=str.lower), []
    for prefix in found:
        try:
            parts.append(_load(lower, prefix.lower(), np.eye(3) if turn is None else turn, zero))
        except TrialFormatError as error:
            raise TrialFormatError(name, f"{printable(prefix)}: {error.problems[0]}") from None
    force, moment = (np.stack([part[k] for part in parts], 1) for k in (0, 1))
    up = force[..., 1]
    high, low = float(np.nanmax(up, initial=0.0)), float(np.nanmin(up, initial=0.0))
    if 0 < high < LEAST_FORCE and -low < 0.2 * high and (up > high / 3).any(1).mean() > 0.05:
        raise TrialFormatError(
            name,
            f"expected forces in N, found up to {high:.3g}: kN, or body weights? Multiply the columns by 1000, or by "
            "the body's weight in N.",
        )
    return plates.wrench(time, found, force, moment, np.array([part[2] for part in parts]))


def _load(
    table: pd.DataFrame, prefix: str, turn: np.ndarray, zero: tuple[float, float] | None
) -> tuple[np.ndarray, np.ndarray, float]:
    """Return force and moment about the origin (N, N m, lab axes) and the surface's height (m) of one prefix."""
    prefixes = [prefix, *(prefix.replace("force", word) for word in ("torque", "moment") if "force" in prefix)]
    ways = [way.format(name) for name in prefixes for way in (*MOMENTS, *["{}_"] * (name != prefix))]
    groups = [f"{prefix}_v", f"{prefix}_p", next((way for way in ways if way + "x" in table.columns), ways[0])]
    wanted = [[group + axis for axis in "xyz"] for group in groups]
    absent = [column for columns in wanted for column in columns if column not in table.columns]
    if absent:
        raise TrialFormatError(
            prefix, f"expected force, point and moment, found none of {', '.join(map(printable, absent))}. Add them."
        )
    f, p, t = (table[columns].to_numpy() @ turn.T for columns in wanted)
    if zero is not None:  # a force that has not gone to zero, and no point of it: its moment is unknown
        p[(p == 0).all(1) & (np.abs(f).max(1) > 0.1)] = np.nan
    m = np.cross(np.where((f == 0).all(1)[:, None], 0, p), f) + t
    f, m = plates.checked_load(table.index.to_numpy(float), f, m, zero)
    size = np.nanmean(np.abs(f), axis=0) if np.isfinite(f).any() else np.zeros(3)
    if np.nanmax(np.abs(f), initial=0) > plates.USED_RANGE and size[1] < 0.5 * size.max():
        axis = "xyz"[int(size.argmax())]
        raise TrialFormatError(
            prefix,
            f"expected the largest force along y (up), found it along {axis}: other axes than the markers', or "
            f"{axis} is up in both. Export both with y up, or say which axes point forward and up: --axes.",
        )
    point = p[f[:, 1] > max(NOWHERE * np.nanmax(f[:, 1], initial=0.0), plates.MINIMUM_FORCE)]
    point = point[np.isfinite(point).all(1)]
    if len(point) and np.median(np.abs(point).max(1)) > FARTHEST_POINT:
        raise TrialFormatError(
            prefix,
            f"expected points in m, found most over {FARTHEST_POINT:g} m from the origin: millimetres called metres. "
            "Divide the p columns by 1000.",
        )
    pressed = p[f[:, 1] > plates.MINIMUM_FORCE, 1]
    return f, m, float(np.nanmedian(pressed)) if np.isfinite(pressed).any() else 0.0
