"""The force plates of a C3D file: its FORCE_PLATFORM group and its channels to ground reactions in the lab frame."""

from __future__ import annotations

import re

import numpy as np
import xarray as xr

from gaitstudy.conventions import TrialFormatError
from gaitstudy.io import plates
from gaitstudy.io.c3d import LENGTH_SCALE, RawC3D

MOMENT_SCALE = {
    **dict.fromkeys(("nm", "ntm", "newtonmeter", "newtonmeters", "newtonmetre", "newtonmetres"), 1.0),
    **dict.fromkeys(("nmm", "ntmm", *(f"newtonmillimet{end}" for end in ("er", "ers", "re", "res"))), 1e-3),
}
"""N m in one unit, by the unit's name in lower case without blanks and marks."""
UNSTATED = frozenset(
    "v volt volts mv millivolt millivolts uv µv μv microvolt microvolts du digitalunits bit bits count counts adc raw "
    "none na unknown".split()
) | {""}
"""What a channel says that states no unit of its own; it then follows POINT:UNITS, as the C3D manual has it."""


def plate_wrenches(
    raw: RawC3D, time: np.ndarray, turn: np.ndarray, scale: float, zero: tuple[float, float] | None
) -> xr.Dataset | None:
    """Return the ground reactions of all plates of a file as ``io.plates.wrench`` does, or None without plates.

    Parameters
    ----------
    time : s, of the analog samples. turn : rows are the file's forward, up and right. scale : file length to m.
    zero : s, a stretch with no one on any plate, whose mean is taken off.

    Raises
    ------
    TrialFormatError : unknown type, unit, parameters or channels that are not there, an empty or loaded zero stretch,
        a plate that is pressed but rests more than 20 N from zero, forces that pull the walker down.
    """
    count = raw.count("FORCE_PLATFORM", "USED")
    if count < 1 or not raw.analogs.size:
        return None
    stored = {name: raw.numbers("FORCE_PLATFORM", name) for name in ("TYPE", "CHANNEL", "CORNERS", "ORIGIN")}
    table = raw.parameters.get(("FORCE_PLATFORM", "CHANNEL"), [])
    rows = max(len(table) if np.ndim(table) == 2 else stored["CHANNEL"].size // count, 6)
    problems = [
        f"expected {each * count} numbers in FORCE_PLATFORM:{name} for {count} plates, found {stored[name].size}. "
        "Export the file again."
        for name, each in (("TYPE", 1), ("CHANNEL", rows), ("CORNERS", 12), ("ORIGIN", 3))
        if stored[name].size < each * count or not np.isfinite(stored[name]).all()
    ]
    quiet = (time >= zero[0]) & (time <= zero[1]) if zero else np.zeros(len(time), bool)
    if zero is not None and quiet.sum() < 2:
        problems.append(f"expected the unloaded stretch within {time[0]:g}-{time[-1]:g} s, found {zero}. Give another.")
    if problems:
        raise TrialFormatError("force plates", problems)
    types = stored["TYPE"][:count].astype(int)
    channel = stored["CHANNEL"].astype(int)[: rows * count].reshape(-1, count, order="F").T
    corners = stored["CORNERS"][: 12 * count].reshape(3, 4, count, order="F").T * scale @ turn.T
    origin = stored["ORIGIN"][: 3 * count].reshape(3, count, order="F").T * scale
    calibration = raw.numbers("FORCE_PLATFORM", "CAL_MATRIX")
    forces, moments = [], []
    for k in range(count):
        if types[k] not in plates.CHANNELS:
            problems.append(f"plate {k + 1}: expected type 1, 2, 3 or 4, found {types[k]}. Export the plate as type 2.")
            continue
        columns = channel[k, : plates.CHANNELS[types[k]]] - 1
        if len(columns) < plates.CHANNELS[types[k]] or not ((columns >= 0) & (columns < len(raw.channels))).all():
            problems.append(
                f"plate {k + 1}: expected {plates.CHANNELS[types[k]]} channels among 1-{len(raw.channels)}, "
                f"found {(columns + 1).tolist()}. Correct FORCE_PLATFORM:CHANNEL."
            )
            continue
        values = raw.analogs[:, columns]
        if zero is not None:
            values = values - values[quiet].mean(0)
        matrix = calibration[36 * k :][:36].reshape(6, -1, order="F") if calibration.size >= 36 * k + 36 else None
        try:
            scales = unit_scales(raw, columns, int(types[k]), scale)
            z_up = plates.plate_axes(corners[k])[2, 1] > 0
            force, moment = plates.plate_loads(values, int(types[k]), origin[k], scales, matrix, z_up=bool(z_up))
            force, moment = plates.to_lab(force, moment, corners[k])
        except TrialFormatError as error:
            problems += [f"plate {k + 1}: {problem}" for problem in error.problems]
            continue
        found = plates.level_problem(force[:, 1], zero)
        if zero is not None and not np.abs(force[quiet]).max() <= 50:
            found = plates.loaded_stretch(zero, np.abs(force[quiet]).max())
        problems += [f"plate {k + 1}: {found}"] if found else []
        forces.append(force)
        moments.append(moment)
    if problems:
        raise TrialFormatError("force plates", problems)
    names = [str(k + 1) for k in range(count)]
    return plates.wrench(time, names, np.stack(forces, 1), np.stack(moments, 1), corners[..., 1].mean(1), corners)


def unit_scales(raw: RawC3D, columns: np.ndarray, plate_type: int, scale: float) -> np.ndarray:
    """Return what turns channels 4-6 of a plate into N m (type 1: two positions into m, and a moment), by their units.

    Parameters
    ----------
    columns : of the plate's channels, from 0. scale : file length to m, for channels that state no unit.

    Raises
    ------
    TrialFormatError : a unit that is none of a moment (or length); type 3 has force channels only and is not asked.
    """
    if plate_type == 3:
        return np.ones(3)
    stated = [unit for part in ("", *map(str, range(2, 20))) for unit in raw.texts("ANALOG", f"UNITS{part}")]
    units = [stated[column] if column < len(stated) else "" for column in columns[3:6]]
    kinds = [LENGTH_SCALE] * 2 + [MOMENT_SCALE] if plate_type == 1 else [MOMENT_SCALE] * 3
    known = [
        {**dict.fromkeys(UNSTATED, scale), **kind}.get(re.sub(r"[\s.*·⋅•_-]", "", unit.lower()))
        for unit, kind in zip(units, kinds, strict=True)
    ]
    wrong = [
        f"expected channel {column + 1} in {'mm, cm or m' if kind is LENGTH_SCALE else 'N m or N mm'}, found '{unit}'. "
        "Correct its ANALOG:UNITS."
        for column, unit, kind, found in zip(columns[3:6], units, kinds, known, strict=True)
        if found is None
    ]
    if wrong:
        raise TrialFormatError("force plate", wrong)
    return np.array(known, dtype=float)
