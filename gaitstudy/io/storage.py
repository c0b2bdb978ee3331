"""OpenSim's tables: MOT and STO files in, and their force columns to ground reactions in the lab frame."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pandas as pd
import xarray as xr

from gaitstudy.conventions import TrialFormatError
from gaitstudy.io import plates
from gaitstudy.io.files import (
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
)

LARGEST_NUMBER = 1e30
"""No quantity in SI units, and no state of a model, comes near."""
LEAST_FORCE = 20.0
"""N; a file whose forces stay below, and rise from zero as a walker's do, is in kN or in body weights."""
FARTHEST_POINT = 30.0
"""m; where the force mostly acts farther from the lab's origin, its point is in millimetres."""
NOWHERE = 0.05
"""Share of the largest vertical force above which a plate is pressed, so that its point means something."""


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
