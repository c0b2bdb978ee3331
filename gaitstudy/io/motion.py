"""Motion files in and out: TRC, MOT and STO, and through ``io.c3d`` C3D, in the lab frame of ``conventions``."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pandas as pd
import xarray as xr

from gaitstudy.conventions import TrialFormatError
from gaitstudy.io import plates
from gaitstudy.io.c3d import read_c3d
from gaitstudy.io.files import (
    LENGTHS,
    RATES,
    count_notes,
    cut_number,
    duplicates,
    ends_whole,
    existing,
    numbers,
    printable,
    split_row,
    text_lines,
    time_problems,
    uneven_steps,
    uneven_times,
    with_points,
    write_whole,
)
from gaitstudy.io.recording import Recording, axes_matrix, extent_problems, named_markers, turn_about_up

__all__ = [
    "Recording", "read_c3d", "read_storage", "read_trc", "storage_loads", "turn_about_up",
    "write_storage", "write_trc",
]  # fmt: skip

SPREADS = {"mm": (300.0, 5000.0), "m": (0.3, 5.0)}
"""How far the markers of one frame lie apart, in the file's numbers, where the header states no unit (own limits)."""
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


def read_trc(path: str | Path, *, axes: tuple[str, str] | None = None) -> Recording:
    """Read marker positions from a TRC file and turn them to x forward, y up, z right.

    Blank, NaN and exactly zero positions are missing and become NaN (no marker sits in the lab origin to the last
    digit), and so do three equal numbers far from it, the marks that some programs leave in gaps (9999999). A header
    that states no unit, other counts than a whole table holds, or a marker's name twice (``recording.named_markers``),
    is told in ``notes``.

    Parameters
    ----------
    path : the file. axes : the file's axes that point forward and up, as ``("+X", "+Z")``; default ``("+X", "+Y")``.

    Raises
    ------
    TrialFormatError : no TRC, unknown units, a row cut off, cells that are no numbers, a clock that jumps, no position.
    """
    path = Path(path)
    turn = axes_matrix(path, axes or ("+X", "+Y"))
    names, time, positions, units, notes = _trajectories(path)
    positions = positions @ turn.T
    if problems := extent_problems(positions, units):
        raise TrialFormatError(path, problems)
    markers, copies = named_markers(positions, time, names)
    return Recording(path.name, markers, notes=(*notes, *copies))


def _trajectories(path: str | Path) -> tuple[list[str], np.ndarray, np.ndarray, str, list[str]]:
    """Return names, times (s), positions (m, in the file's axes), their unit as stated or inferred, and notes."""
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
    return names, values[:, 1], positions, units, notes


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


def write_trc(recording: Recording, path: str | Path, *, overwrite: bool = False) -> Path:
    """Write the markers as a TRC file in metres; missing positions stay blank. Returns the path.

    Raises
    ------
    GaitStudyError : the file is there and ``overwrite`` is False, or the folder cannot be written in.
    """
    markers = recording.markers
    count, names = markers.sizes["time"], [str(m) for m in markers["marker"].values]
    rate = _rate(markers["time"].values)
    head = [
        f"PathFileType\t4\t(X/Y/Z)\t{Path(path).name}",
        "DataRate\tCameraRate\tNumFrames\tNumMarkers\tUnits\tOrigDataRate\tOrigDataStartFrame\tOrigNumFrames",
        f"{rate:.6f}\t{rate:.6f}\t{count}\t{len(names)}\tm\t{rate:.6f}\t1\t{count}",
        "Frame#\tTime\t" + "\t\t\t".join(names) + "\t\t",
        "\t\t" + "\t".join(f"{axis}{k}" for k in range(1, len(names) + 1) for axis in "XYZ"),
        "",
    ]
    flat = markers.transpose("time", "marker", "axis").values.reshape(count, -1)
    rows = [
        f"{k}\t{t!r}\t" + "\t".join("" if np.isnan(v) else repr(float(v)) for v in row)
        for k, (t, row) in enumerate(zip(markers["time"].values.tolist(), flat, strict=True), 1)
    ]
    return write_whole(path, "\n".join(head + rows) + "\n", overwrite=overwrite)


def _rate(time: np.ndarray) -> float:
    return float((len(time) - 1) / (time[-1] - time[0])) if len(time) > 1 else 0.0


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
    header: dict[str, str] = {}
    for line in lines[:end]:
        key, _, text = line.strip().partition("=") if "=" in line else line.strip().partition(" ")
        header[key.strip().lower()] = text.strip()
    names = [name.strip() for name in body[0].strip().split("\t")]
    if len(names) < 2 or len(names) != len(split_row(body[-1], len(names))):
        names = body[0].split()  # blanks between the names
    names = [printable(name, 200) for name in names]
    rows, notes = with_points([split_row(line, len(names)) for line in body[1:]])
    problems = duplicates(names, "column")
    whole = ended or ends_whole(rows)
    notes += count_notes(header, ["nRows", "datarows"], len(rows), "rows", problems, whole=whole)
    notes += count_notes(header, ["nColumns", "datacolumns"], len(names), "columns", problems)
    if names[0].lower() != "time":
        problems.append(f"expected the first column to be 'time', found '{printable(names[0], 30)}'. Rename it.")
    uneven = [k for k, row in enumerate(rows) if len(row) != len(names)]
    if uneven:
        problems.append(
            f"expected {len(names)} values in every row, found {len(rows[uneven[0]])} in row {uneven[0] + 1} "
            f"({len(uneven)} such rows). Export the file again."
        )
    values, wrong = numbers([row[: len(names)] for row in rows], len(names))
    problems += wrong or time_problems(values[:, 0]) + cut_number(rows, ended)
    if not wrong and len(names) > 1 and len(rows):
        if np.isnan(values[:, 1:]).all():
            problems.append("expected numbers beside the time, found none in any row. Export the file again.")
        if (large := np.abs(values[:, 1:]) > LARGEST_NUMBER).any():
            row, column = (int(k) for k in np.argwhere(large)[0] + (1, 2))
            problems.append(
                f"expected numbers up to {LARGEST_NUMBER:g}, found a larger one in data row {row}, column {column}. "
                "Correct or export again."
            )
    if problems:
        raise TrialFormatError(path, problems)
    if any(uneven_times(values[:, 0])):
        notes.append(uneven_steps(values[:, 0]))
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

    Forces are ``NAME_vx``, points ``NAME_px`` (m), moments any of ``NAME_mx``, ``ground_torque_x``,
    ``ground_moment_1_mx``, ``calcn_r_moment_x`` and their like. Where a force is exactly zero its point is often NaN;
    the moment there is the torque alone. A NaN force stays NaN.

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
    name = table.attrs.get("name", "table")
    own = {str(column).lower(): column for column in table.columns}
    found = [match[1] for column in table.columns if (match := re.fullmatch(r"(?i)(.+)_vx", str(column)))]
    if not found:
        there = ", ".join(printable(c, 30) for c in table.columns[:4])
        raise TrialFormatError(name, f"expected columns NAME_vx ... NAME_pz, found {there}. Rename them.")
    time = table.index.to_numpy(float)
    turn = np.eye(3) if turn is None else turn
    force, moment, height = [], [], []
    problems: list[str] = []
    shared: dict[str, list[str]] = {}
    quiet, empty = plates.unloaded_samples(time, zero)
    problems += empty
    problems += uneven_times(time)[0]
    for prefix in found:
        columns = [f"{prefix}_{kind}{axis}".lower() for kind in "vp" for axis in "xyz"]
        torque = _torque_columns(prefix.lower(), own)
        absent = [c for c in columns if c not in own] + ([] if torque else [_torque_names(prefix)[1] + "_x"])
        if absent:
            problems.append(
                f"'{printable(prefix)}': expected force, point and moment, found none of "
                f"{', '.join(printable(c) for c in absent)}. Add them."
            )
            continue
        f, p, t = (table[[own[c] for c in part]].to_numpy() @ turn.T for part in (columns[:3], columns[3:], torque))
        m = np.cross(np.where((f == 0).all(1)[:, None], 0, p), f) + t
        if quiet.any():
            resting = np.abs(f[quiet]).max() if np.isfinite(f[quiet]).all() else np.inf
            if resting > 50:
                problems.append(f"{printable(prefix)}: {plates.loaded_stretch(zero, resting)}")
                continue
            elif resting > 0 and not (np.isfinite(p[quiet]).all() and (p[quiet] != 0).any()):
                problems.append(
                    f"{printable(prefix)}: expected the points of its forces in the unloaded stretch, found none: they "
                    "cannot be taken off. Zero the plates before the export."
                )
                continue
            f, m = f - f[quiet].mean(0), m - m[quiet].mean(0)
        force.append(f)
        moment.append(m)
        pressing = f[:, 1] > plates.MINIMUM_FORCE
        height.append(np.nanmedian(p[pressing, 1]) if np.isfinite(p[pressing, 1]).any() else 0.0)
        for problem in _force_problems(f, p, zero):
            shared.setdefault(problem, []).append(printable(prefix))
    problems += [f"{', '.join(prefixes)}: {problem}" for problem, prefixes in shared.items()]
    if not problems:
        problems = _size_problems(np.stack(force, 1))
    if problems:
        raise TrialFormatError(name, problems)
    return plates.wrench(time, found, np.stack(force, 1), np.stack(moment, 1), np.array(height))


def _torque_names(prefix: str) -> list[str]:
    """Return how the moment of a force may be called, without its axis; OpenSim's own way second."""
    swapped = [prefix.replace("force", word) for word in ("torque", "moment") if "force" in prefix]
    added = [f"{prefix}_{word}" for word in ("torque", "moment")]
    return [prefix, *swapped, *added]


def _torque_columns(prefix: str, own: dict[str, object]) -> list[str]:
    """Return the three columns (lower case) of a force's moment, or none."""
    ways = [f"{name}_{kind}" for name in _torque_names(prefix) for kind in ("m", "t", "")]
    ways.remove(f"{prefix}_")
    return next(([way + axis for axis in "xyz"] for way in ways if all(way + axis in own for axis in "xyz")), [])


def _force_problems(force: np.ndarray, point: np.ndarray, zero: tuple[float, float] | None) -> list[str]:
    """Return what is wrong with one plate's force (N) and point (m), (time, axis): level, direction, place."""
    up = force[:, 1]
    size = np.nanmean(np.abs(force), axis=0) if np.isfinite(force).any() else np.zeros(3)
    if np.nanmax(np.abs(force), initial=0) > plates.USED_RANGE and size[1] < 0.5 * size.max():
        axis = "xyz"[int(size.argmax())]
        return [
            f"expected the largest force along y (up), found it along {axis}: other axes than the markers', or "
            f"{axis} is up in both. Export both with y up, or say which axes point forward and up: --axes."
        ]
    if level := plates.level_problem(up, zero):
        return [level]
    pressing = up > max(NOWHERE * np.nanmax(up, initial=0.0), plates.MINIMUM_FORCE)
    away = np.abs(point[pressing]).max(1) if pressing.any() else np.zeros(1)
    if np.isfinite(away).any() and np.nanmedian(away) > FARTHEST_POINT:
        return [
            f"expected points in m, found most over {FARTHEST_POINT:g} m from the origin: millimetres called metres. "
            "Divide the p columns by 1000."
        ]
    return []


def _size_problems(force: np.ndarray) -> list[str]:
    """Return the problem of forces (time, plate, axis) that no walker's are in N: too large, or kN or body weights."""
    largest = float(np.nanmax(np.abs(force), initial=0.0))
    if largest > plates.LARGEST_FORCE:
        return [
            f"expected forces up to {plates.LARGEST_FORCE:g} N, found {largest:.3g}. Correct the unit, or the values."
        ]
    up = force[..., 1]
    high, low = float(np.nanmax(up, initial=0.0)), float(np.nanmin(up, initial=0.0))
    if 0 < high < LEAST_FORCE and -low < 0.2 * high and (up > high / 3).any(1).mean() > 0.05:
        return [
            f"expected forces in N, found up to {high:.3g}: kN, or body weights? Multiply the columns by 1000, or by "
            "the body's weight in N."
        ]
    return []


def write_storage(table: pd.DataFrame, path: str | Path, *, overwrite: bool = False) -> Path:
    """Write a table indexed by time as MOT or STO, with the angle unit of ``attrs["angles"]``. Returns the path.

    Raises
    ------
    GaitStudyError : the file is there and ``overwrite`` is False, or the folder cannot be written in.

    Examples
    --------
    >>> import tempfile
    >>> knee = pd.DataFrame({"knee_angle_r": [0.0, 5.0]}, pd.Index([0.0, 0.01], name="time"))
    >>> knee.attrs["angles"] = "deg"
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     read = read_storage(write_storage(knee, Path(folder) / "knee.mot"))
    >>> read["knee_angle_r"].tolist(), read.attrs["angles"]
    ([0.0, 5.0], 'deg')
    """
    degrees = {"deg": "inDegrees=yes\n", "rad": "inDegrees=no\n"}.get(table.attrs.get("angles", ""), "")
    head = f"{Path(path).stem}\nversion=1\nnRows={len(table)}\nnColumns={table.shape[1] + 1}\n{degrees}endheader\n"
    rows = ["\t".join(map(repr, row)) for row in np.column_stack([table.index, table]).tolist()]
    lines = ["\t".join(["time", *map(str, table.columns)]), *rows]
    return write_whole(path, head + "\n".join(lines) + "\n", overwrite=overwrite)
