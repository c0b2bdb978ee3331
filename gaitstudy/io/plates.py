"""Force plates: what a plate's channels say about the ground reaction.

A wrench (force and moment about the lab origin) is the form everything else is computed from: it can be
filtered, added and moved without ever dividing by a small vertical force. The centre of pressure is only
read off it, where the foot presses hard enough.
"""

from __future__ import annotations

import numpy as np
import xarray as xr

from gaitstudy.conventions import (
    AXES,
    DimensionError,
    TrialFormatError,
    labelled,
    require_dims,
    require_units,
    variable,
)

CHANNELS = {1: 6, 2: 6, 3: 8, 4: 6}
"""Number of channels a plate of each C3D type delivers."""

MINIMUM_FORCE = 10.0
"""N; below this vertical force a centre of pressure is a division by noise and is NaN."""

BAND, LEAST_SHARE, LARGEST_REST = 10.0, 0.1, 100.0
"""N, share of the samples, N: a force rests where a band so narrow holds so many; above the last, somebody stands."""

LARGEST_FORCE = 20e3
"""N; nobody presses harder on the ground."""

LARGEST_OFFSET, USED_RANGE = 20.0, 200.0
"""N; a plate that rests further from zero than the first and is pressed by more than the second was not zeroed."""


def plate_loads(
    channels: np.ndarray,
    plate_type: int,
    origin: np.ndarray,
    moment_scale: float | np.ndarray,
    calibration: np.ndarray | None = None,
    *,
    z_up: bool = False,
) -> tuple[np.ndarray, np.ndarray]:
    """Return force and moment about the centre of the plate's surface, in the plate's own axes.

    Parameters
    ----------
    channels : shape (time, channel), in the order the C3D manual gives for the type.
    plate_type : 1 (force, position, free moment), 2 (force, moment), 3 (eight Kistler channels),
        4 (type 2 through a calibration matrix).
    origin : m; types 2 and 4: from the sensor's origin to the surface centre (or back: the surface lies
        above, so the sign is told from z); type 3: the two half distances between sensors and the depth.
    moment_scale : what turns channels 4-6, or each of them, into N m (type 1: the positions into m); not of type 3.
    calibration : shape (load, channel), both 6, type 4 only.
    z_up : whether the plate's z axis points up in the lab; on a common plate it points down.

    Returns
    -------
    force, moment : N and N m, shape (time, axis).

    Raises
    ------
    TrialFormatError : the type is not one of 1-4, or type 4 has no calibration matrix.

    References
    ----------
    The C3D File Format: A Technical User Guide, FORCE_PLATFORM parameters (Motion Lab Systems, 2021).
    """
    if plate_type not in CHANNELS:
        raise TrialFormatError(
            "force plate", f"expected plate type 1, 2, 3 or 4, found {plate_type}. Export as type 2."
        )
    if plate_type == 4:
        if calibration is None or np.shape(calibration) != (6, 6) or not np.isfinite(calibration).all():
            raise TrialFormatError(
                "force plate", "type 4 needs 36 numbers in FORCE_PLATFORM:CAL_MATRIX, found others. Export as type 2."
            )
        channels = channels @ np.transpose(calibration)
    if plate_type == 3:
        fx12, fx34, fy14, fy23, fz1, fz2, fz3, fz4 = channels.T
        half_x, half_y, depth = np.abs(origin)
        surface = depth if z_up else -depth
        force = np.stack([fx12 + fx34, fy14 + fy23, fz1 + fz2 + fz3 + fz4], -1)
        moment = np.stack(
            [
                half_y * (fz1 + fz2 - fz3 - fz4) + force[:, 1] * surface,
                half_x * (fz2 + fz3 - fz1 - fz4) - force[:, 0] * surface,
                half_y * (fx34 - fx12) + half_x * (fy14 - fy23),
            ],
            -1,
        )
        return force, moment
    force, others = channels[:, :3], channels[:, 3:6] * moment_scale
    if plate_type == 1:
        return force, np.cross(others * [1, 1, 0], force) + others * [0, 0, 1]
    away = origin[2] < 0 if z_up else origin[2] > 0
    return force, others + np.cross(force, -origin if away else origin)


def plate_axes(corners: np.ndarray) -> np.ndarray:
    """Return a plate's own x, y and z in the axes of its corners, as rows.

    Parameters
    ----------
    corners : shape (4, axis), m; the first lies at plate +x +y, then -x +y, -x -y, +x -y.

    Raises
    ------
    TrialFormatError : corners that span no rectangle.
    """
    x = corners[0] + corners[3] - corners[1] - corners[2]
    y = corners[0] + corners[1] - corners[2] - corners[3]
    z = np.cross(x, y)
    if not np.linalg.norm(z) > 1e-4:  # twice a plate's length by twice its width, m^2
        raise TrialFormatError(
            "force plate",
            "expected four corners of a rectangle, found points in a line. Correct FORCE_PLATFORM:CORNERS.",
        )
    x, z = x / np.linalg.norm(x), z / np.linalg.norm(z)
    return np.stack([x, np.cross(z, x), z])


def to_lab(force: np.ndarray, moment: np.ndarray, corners: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the wrench on the walker in the axes of ``corners``, the moment about their origin.

    Parameters
    ----------
    force, moment : shape (time, axis), plate axes, about the surface centre.
    corners : shape (4, axis), m, as ``plate_axes`` wants them.

    Raises
    ------
    TrialFormatError : corners that span no rectangle.
    """
    own = plate_axes(corners)
    lab_force = force @ own
    return lab_force, moment @ own + np.cross(corners.mean(0), lab_force)


def _unloaded_level(vertical: np.ndarray) -> float:
    """Return the vertical force (N) at which a plate rests with nobody on it, or NaN where none can be told.

    It is the lowest level at which the force dwells: the median of the 10 N band that holds more samples than any band
    beside it, and at least a tenth of all. A level above 100 N is no rest: somebody stands there throughout.

    Parameters
    ----------
    vertical : N, shape (time,), upward positive; NaN is left out.

    Examples
    --------
    >>> _unloaded_level(np.array([-14.0, -15.0, 300.0, 800.0, 400.0, -14.0]))
    -14.0
    """
    ranked = np.sort(vertical[np.isfinite(vertical)])
    if not len(ranked):
        return float("nan")
    last = np.searchsorted(ranked, ranked + BAND, side="right")
    held = last - np.arange(len(ranked))
    first = int(np.argmax(held >= LEAST_SHARE * len(ranked)))
    while (best := first + int(np.argmax(held[first : last[first]]))) != first:
        first = best
    level = float(np.median(ranked[first : last[first]]))
    return level if held[first] >= LEAST_SHARE * len(ranked) and level <= LARGEST_REST else float("nan")


def level_problem(vertical: np.ndarray, zero: tuple[float, float] | None) -> str:
    """Return what is wrong with where a plate's vertical force (N) lies, or an empty text (so for an unused plate)."""
    low, high = np.nanmin(vertical, initial=np.inf), np.nanmax(vertical, initial=-np.inf)
    if not high - low > USED_RANGE:
        return ""
    level = _unloaded_level(vertical)
    at_rest = np.abs(vertical - level) <= BAND / 2
    shifted = level < -LARGEST_OFFSET and at_rest.mean() > 0.5  # the load goes up from there, not down from zero
    if -low > max(high, 200.0) and not shifted:
        return (
            f"expected the ground to push upwards, found up to {-low:.0f} N downwards: the stored force is that of the "
            "foot on the plate, or its corners are in the wrong order. Correct the settings, or the axes: give --axes."
        )
    if not abs(level) > LARGEST_OFFSET or not high - level > USED_RANGE:
        return ""
    if level > 0 and not _is_empty(vertical, level, at_rest):
        return ""
    if zero is not None:
        return (
            f"reads {level:.0f} N with nobody on it, zeroed on {_span(zero)}. Give a stretch with nobody on the plate."
        )
    return (
        f"reads {level:.0f} N with nobody on it. Give an unloaded stretch: zero=(start, end), or --zero start-end on "
        "the command line."
    )


def _is_empty(vertical: np.ndarray, level: float, at_rest: np.ndarray) -> bool:
    """Say whether a plate that rests on a positive level (N) is empty there, not lightly pressed by a foot.

    The force returns to the level after a load, nothing lies below it, and it leaves it fast (a belt that is never
    empty turns slowly there: half as many samples in the next 10 N).
    """
    rests = np.flatnonzero(at_rest)
    returns = (vertical[rests[0] : rests[-1]] > level + USED_RANGE / 2).any()
    above = (vertical > level + BAND / 2) & (vertical <= level + 1.5 * BAND)
    return bool(returns and (vertical < level - BAND).mean() < 0.01 and above.mean() < at_rest.mean() / 4)


def unloaded_samples(time: np.ndarray, zero: tuple[float, float] | None) -> tuple[np.ndarray, list[str]]:
    """Return which samples lie in a stretch with no one on any plate, and the problem of a stretch with hardly any.

    Parameters
    ----------
    time : s. zero : start and end of the stretch, s; None for no stretch, and so no samples.
    """
    if zero is None:
        return np.zeros(len(time), bool), []
    quiet = (time >= zero[0]) & (time <= zero[1])
    if quiet.sum() > 1:
        return quiet, []
    given = f"expected the unloaded stretch within {time[0]:g}-{time[-1]:g} s, found {_span(zero)}. Give another."
    return np.zeros(len(time), bool), [given]


def loaded_stretch(zero: tuple[float, float] | None, force: float) -> str:
    """Return the problem of a stretch (s) that should be unloaded and holds a force (N)."""
    return f"expected no load within {_span(zero)}, found {force:.0f} N. Give a stretch with nobody on the plate."


def _span(zero: tuple[float, float] | None) -> str:
    return "-".join(f"{edge:g}" for edge in zero or ()) + " s"


def wrench(
    time: np.ndarray,
    plate: list[str],
    force: np.ndarray,
    moment: np.ndarray,
    height: np.ndarray,
    corners: np.ndarray | None = None,
) -> xr.Dataset:
    """Gather ground reactions as one dataset in the lab frame.

    Parameters
    ----------
    time : s, shape (time,). plate : names.
    force, moment : N and N m, shape (time, plate, axis); the moment about the lab origin.
    height : m, shape (plate,); height of each plate's surface.
    corners : m, shape (plate, corner, axis), where known.

    Returns
    -------
    Dataset with ``force``, ``moment`` (time, plate, axis), ``height`` and ``unloaded_force`` (plate; N upward, see
    ``_unloaded_level``; told, not taken off) and, if known, ``corners``.
    """
    dims = ("time", "plate", "axis")
    loads = {
        "force": variable(force, dims, units="N", frame="lab", long_name="ground reaction force"),
        "moment": variable(
            moment, dims, units="N m", frame="lab", long_name="ground reaction moment about the lab origin"
        ),
        "height": variable(height, ("plate",), units="m", frame="lab", long_name="plate height"),
        "unloaded_force": variable(
            [_unloaded_level(force[:, k, 1]) for k in range(len(plate))],
            ("plate",),
            units="N",
            frame="lab",
            long_name="upward force with nobody on the plate",
        ),
    }
    if corners is not None:
        loads["corners"] = variable(corners, ("plate", "corner", "axis"), units="m", frame="lab", long_name="corners")
    return xr.Dataset(loads, {"time": time, "plate": plate, "axis": list(AXES)})


def with_wrench(loads: xr.Dataset, force: xr.DataArray, moment: xr.DataArray) -> xr.Dataset:
    """Return the plates of ``loads`` with another wrench: filtered, or on other times.

    Parameters
    ----------
    loads : dataset of ``wrench``. force, moment : N and N m, (time, plate, axis).
    """
    return loads.drop_vars(["force", "moment", "time"]).assign(force=force, moment=moment)


def centre_of_pressure(loads: xr.Dataset, minimum_force: float = MINIMUM_FORCE) -> tuple[xr.DataArray, xr.DataArray]:
    """Return where the ground reaction acts on the plate's surface, and the vertical moment left over there.

    Parameters
    ----------
    loads : dataset of ``wrench``.
    minimum_force : N; below it both are NaN.

    Returns
    -------
    centre_of_pressure : m, (time, plate, axis), lab frame. free_moment : N m about the upward axis, (time, plate).

    Raises
    ------
    DimensionError, UnitError : force or moment are not (time, plate, axis) in N and N m.
    """
    dims = ("time", "plate", "axis")
    force = require_units(require_dims(loads["force"], dims, "force"), "N", "force").values
    moment = require_units(require_dims(loads["moment"], dims, "moment"), "N m", "moment").values
    height = np.broadcast_to(loads["height"].values, force.shape[:2])
    pressing = np.where(force[..., 1] >= max(minimum_force, 1e-9), force[..., 1], np.nan)
    x = (moment[..., 2] + height * force[..., 0]) / pressing
    z = (height * force[..., 2] - moment[..., 0]) / pressing
    free = moment[..., 1] - z * force[..., 0] + x * force[..., 2]
    coords = {"time": loads["time"].values, "plate": loads["plate"].values}
    position = np.stack([x, np.where(np.isnan(pressing), np.nan, height), z], -1)
    return (
        labelled(
            position, ("time", "plate", "axis"), units="m", frame="lab", long_name="centre of pressure", coords=coords
        ),
        labelled(free, ("time", "plate"), units="N m", frame="lab", long_name="free moment, upward", coords=coords),
    )


def moment_about(loads: xr.Dataset, point: xr.DataArray, plate: str) -> xr.DataArray:
    """Return the moment of one plate's ground reaction about a moving point.

    Parameters
    ----------
    loads : dataset of ``wrench``, on the same times as ``point``.
    point : m, (time, axis), lab frame.
    plate : which plate.

    Returns
    -------
    N m, (time, axis), lab frame: the moment about the origin less that of the force acting at ``point``.

    Raises
    ------
    DimensionError : there is no plate of that name.
    """
    names = list(map(str, loads["plate"].values))
    if plate not in names:
        raise DimensionError(
            f"plate: expected one of {', '.join(map(repr, names))}, found {plate!r}. Choose among them."
        )
    force = loads["force"].sel(plate=plate).values
    about_origin = loads["moment"].sel(plate=plate).values
    moment = about_origin - np.cross(require_dims(point, ("time", "axis"), "point").values, force)
    return labelled(
        moment,
        ("time", "axis"),
        units="N m",
        frame="lab",
        long_name="ground reaction moment",
        coords={"time": point["time"].values},
    )
