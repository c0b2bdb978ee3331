"""The force plates of a C3D file: its FORCE_PLATFORM group and its channels to ground reactions in the lab frame."""

from __future__ import annotations

import re

import numpy as np
import xarray as xr

from gaitstudy.conventions import TrialFormatError
from gaitstudy.io import plates
from gaitstudy.io.c3d import RawC3D
from gaitstudy.io.files import LENGTHS

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
READINGS = (
    (1e-3, 1.0, "the moments are a thousand times too large for a foot on the plate: read as N mm (positions as mm)."),
    (1e3, 1.0, "the moments are a thousand times too small for a foot on the plate: read as N m (positions as m)."),
    (
        1.0,
        -1.0,
        "feet press beside the plate unless the signs of FORCE_PLATFORM:ORIGIN are reversed: read with reversed signs.",
    ),
)
"""Factor of the moments, sign of the origin's x and y: how a plate is read where its centre of pressure decides."""
PRESSING = 100.0
"""N; above it a centre of pressure is worth a look."""


def plate_wrenches(
    raw: RawC3D, time: np.ndarray, turn: np.ndarray, scale: float, zero: tuple[float, float] | None
) -> tuple[xr.Dataset | None, dict[str, str], list[str]]:
    """Return the ground reactions of the plates of a file that can be used, and why the others cannot.

    Parameters
    ----------
    time : s, of the analog samples. turn : rows are the file's forward, up and right. scale : file length to m.
    zero : s, a stretch with no one on any plate, whose mean is taken off.

    Returns
    -------
    loads : as ``io.plates.wrench`` gives them, plates called by their number in the file; None without any.
    left_out : by number, why a plate is not in ``loads``: unknown type or unit, parameters or channels that are not
        there, forces that cannot be, a plate that is pressed but rests more than 20 N from zero or seems to pull.
    notes : what was read otherwise than the file says.

    Raises
    ------
    TrialFormatError : an empty or loaded zero stretch.
    """
    count = raw.count("FORCE_PLATFORM", "USED")
    names = [str(k + 1) for k in range(min(count, max(raw.numbers("FORCE_PLATFORM", "TYPE").size, 1)))]
    if not raw.analogs.size:
        return None, dict.fromkeys(names, "the file holds no analog values"), []
    quiet, empty = plates.unloaded_samples(time, zero)
    if names and empty:
        raise TrialFormatError("force plates", empty)
    found: dict[str, tuple[np.ndarray, np.ndarray, np.ndarray]] = {}
    left_out: dict[str, str] = {}
    notes, problems = [], []
    for k, name in enumerate(names):
        try:
            force, moment, corners, said = _plate(raw, k, turn, scale, quiet)
        except TrialFormatError as error:
            left_out[name] = " ".join(error.problems)
            continue
        notes += [f"plate {name}: {note}" for note in said]
        level = plates.level_problem(force[:, 1], zero)
        if quiet.any() and not np.abs(force[quiet]).max() <= 50:
            level = plates.loaded_stretch(zero, np.abs(force[quiet]).max())
        if level and zero is not None:
            problems.append(f"plate {name}: {level}")
        elif level:
            left_out[name] = level
        else:
            found[name] = force, moment, corners
    if problems:
        raise TrialFormatError("force plates", problems)
    if count > len(names):
        notes.append(f"FORCE_PLATFORM:USED counts {count} plates, {len(names)} are described.")
    if not found:
        return None, left_out, notes
    force, moment, corners = (np.stack(part) for part in zip(*found.values(), strict=True))
    loads = plates.wrench(
        time, list(found), force.swapaxes(0, 1), moment.swapaxes(0, 1), corners[..., 1].mean(1), corners
    )
    return loads, left_out, notes


def _plate(
    raw: RawC3D, k: int, turn: np.ndarray, scale: float, quiet: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray, list[str]]:
    """Return force and moment (N, N m, lab axes and origin), corners (m) and notes of the plate with index ``k``."""
    count = raw.count("FORCE_PLATFORM", "USED")
    table = raw.parameters.get(("FORCE_PLATFORM", "CHANNEL"), [])
    stored = {name: raw.numbers("FORCE_PLATFORM", name) for name in ("TYPE", "CHANNEL", "CORNERS", "ORIGIN")}
    rows = len(table) if np.ndim(table) == 2 else max(stored["CHANNEL"].size // count, 6)
    own = {
        name: stored[name][each * k : each * (k + 1)]
        for name, each in (("TYPE", 1), ("CHANNEL", rows), ("CORNERS", 12), ("ORIGIN", 3))
    }
    problems = [
        f"expected {each} numbers in FORCE_PLATFORM:{name}, found {own[name].size}. Export the file again."
        for name, each in (("TYPE", 1), ("CHANNEL", rows), ("CORNERS", 12), ("ORIGIN", 3))
        if own[name].size < each or not np.isfinite(own[name]).all()
    ]
    if problems:
        raise TrialFormatError("force plate", problems)
    kind, columns = int(own["TYPE"][0]), own["CHANNEL"].astype(int) - 1
    if kind not in plates.CHANNELS:
        raise TrialFormatError("force plate", f"expected type 1, 2, 3 or 4, found {kind}. Export the plate as type 2.")
    columns = columns[: plates.CHANNELS[kind]]
    if len(columns) < plates.CHANNELS[kind] or not ((columns >= 0) & (columns < len(raw.channels))).all():
        raise TrialFormatError(
            "force plate",
            f"expected {plates.CHANNELS[kind]} channels among 1-{len(raw.channels)}, found {(columns + 1).tolist()}. "
            "Correct FORCE_PLATFORM:CHANNEL.",
        )
    corners = own["CORNERS"].reshape(4, 3) * scale @ turn.T
    origin = own["ORIGIN"] * scale
    values = raw.analogs[:, columns]
    if quiet.any():
        values = values - values[quiet].mean(0)
    if not np.isfinite(values).any(0).all() or np.isinf(values).any():
        raise TrialFormatError("force plate", "expected numbers in its channels, found none. Export the file again.")
    calibration = raw.numbers("FORCE_PLATFORM", "CAL_MATRIX")[36 * k : 36 * (k + 1)]
    matrix = calibration.reshape(6, 6, order="F") if calibration.size == 36 else None
    scales = _unit_scales(raw, columns, kind, scale)
    z_up = bool(plates.plate_axes(corners)[2, 1] > 0)

    def load(factor: float, signs: tuple[float, float, float]) -> tuple[np.ndarray, np.ndarray]:
        by = scales * [factor, factor, 1.0 if kind == 1 else factor]
        return plates.plate_loads(values, kind, origin * signs, by, matrix, z_up=z_up)

    force, moment = load(1.0, (1, 1, 1))
    if not np.nanmax(np.abs(force)) <= plates.LARGEST_FORCE:
        raise TrialFormatError(
            "force plate",
            f"expected forces below {plates.LARGEST_FORCE:g} N, found {np.nanmax(np.abs(force)):.3g} N. Correct its "
            "ANALOG:SCALE and ANALOG:UNITS.",
        )
    notes = []
    on_plate = _pressed_there(force, moment, corners) if kind != 3 else np.nan
    if np.isfinite(on_plate):  # as stated, feet press beside the plate, or never move a millimetre about its sensor
        moves = np.ptp(np.percentile(_centre(force, load(1.0, (0, 0, 0))[1]), [5, 95], axis=0), axis=0).max()
        for factor, sign, note in READINGS if on_plate < 0.5 or moves < 0.001 else ():
            other = load(factor, (sign, sign, 1))[1]
            if factor * moves > 0.01 and _pressed_there(force, other, corners) > 0.95:
                moment = other
                notes.append(f"{note} Correct the parameter.")
                break
    force, moment = plates.to_lab(force, moment, corners)
    return force, moment, corners, notes


def _pressed_there(force: np.ndarray, moment: np.ndarray, corners: np.ndarray) -> float:
    """Return the share of the pressed samples with the centre of pressure on the plate; NaN with fewer than 20."""
    pressing = np.abs(force[:, 2]) > PRESSING
    if pressing.sum() < 20:
        return float("nan")
    half = np.array([np.linalg.norm(corners[0] - corners[k]) / 2 for k in (1, 3)])
    return float((np.abs(_centre(force, moment)) <= 1.1 * half).all(1).mean())


def _centre(force: np.ndarray, moment: np.ndarray) -> np.ndarray:
    """Return where a load acts on the plate (m, plate x and y from where the moment is taken), where it is pressed."""
    pressing = np.abs(force[:, 2]) > PRESSING
    return np.column_stack([-moment[pressing, 1], moment[pressing, 0]]) / force[pressing, 2:3]


def _unit_scales(raw: RawC3D, columns: np.ndarray, plate_type: int, scale: float) -> np.ndarray:
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
    stated = raw.all_texts("ANALOG", "UNITS")
    units = [stated[column] if column < len(stated) else "" for column in columns[3:6]]
    kinds = [LENGTHS] * 2 + [MOMENT_SCALE] if plate_type == 1 else [MOMENT_SCALE] * 3
    known = [
        {**dict.fromkeys(UNSTATED, scale), **kind}.get(re.sub(r"[\s.*·⋅•_-]", "", unit.lower()))
        for unit, kind in zip(units, kinds, strict=True)
    ]
    wrong = [
        f"expected channel {column + 1} in {'mm, cm or m' if kind is LENGTHS else 'N m or N mm'}, found '{unit}'. "
        "Correct its ANALOG:UNITS."
        for column, unit, kind, found in zip(columns[3:6], units, kinds, known, strict=True)
        if found is None
    ]
    if wrong:
        raise TrialFormatError("force plate", wrong)
    return np.array(known, dtype=float)
