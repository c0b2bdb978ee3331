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
    TrialFormatError,
    labelled,
    require_dims,
    require_units,
    variable,
)

MINIMUM_FORCE = 10.0
"""N; below this vertical force a centre of pressure is a division by noise and is NaN."""

LARGEST_FORCE = 20e3
"""N; nobody presses harder on the ground."""

LARGEST_OFFSET, LARGEST_REST, USED_RANGE = 20.0, 100.0, 200.0
"""N; a plate that rests further from zero than the first, and is pressed by more than the third, was not zeroed; above
the second somebody stands there."""

UNLOADED = 50.0
"""N; in a stretch with nobody on it a plate's force does not leave its mean further."""


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


def _samples_of(zero: tuple[float, float], time: np.ndarray) -> np.ndarray:
    """Return which samples lie in an unloaded stretch (s), or say that hardly any does."""
    quiet = (time >= zero[0]) & (time <= zero[1])
    if quiet.sum() < 2:
        there = f"{time[0]:g}-{time[-1]:g} s" if len(time) else "the forces' time, of which there is none"
        raise TrialFormatError(
            "force plate",
            f"expected the unloaded stretch within {there}, found {zero[0]:g}-{zero[1]:g} s. Give another.",
        )
    return quiet


def checked_load(
    time: np.ndarray, force: np.ndarray, moment: np.ndarray, zero: tuple[float, float] | None
) -> tuple[np.ndarray, np.ndarray]:
    """Return a plate's force and moment on the walker less their means in an unloaded stretch, if they are possible.

    A plate that rests above zero cannot be told here from one on which somebody rests a foot.

    Parameters
    ----------
    time : s. force, moment : N and N m, (time, axis), y up. zero : start and end of the stretch, s; None for none.

    Raises
    ------
    TrialFormatError : hardly any sample in the stretch, somebody on the plate, a moment that is unknown there; forces
        larger than anybody's; a plate that pulls down, or that rests below zero and is used.
    """
    if zero is not None:
        stretch = f"{zero[0]:g}-{zero[1]:g} s"
        quiet = _samples_of(zero, time)
        if not np.isfinite(moment[quiet]).all():
            raise TrialFormatError(
                "force plate", f"expected forces and their points in {stretch}, found none. Zero before the export."
            )
        force, moment = force - force[quiet].mean(0), moment - moment[quiet].mean(0)
        if (largest := np.abs(force[quiet]).max()) > UNLOADED:
            raise TrialFormatError(
                "force plate",
                f"expected no load within {stretch}, found {largest:.0f} N. Give a stretch with nobody on the plate.",
            )
    largest = np.nanmax(np.abs(force), initial=0.0)
    if largest > LARGEST_FORCE:
        raise TrialFormatError(
            "force plate",
            f"expected forces below {LARGEST_FORCE:g} N, found {largest:.3g} N. Correct their unit or scale.",
        )
    up = force[np.isfinite(force[:, 1]), 1]
    if not len(up) or np.ptp(up) <= USED_RANGE:  # nobody steps on it
        return force, moment
    if -up.min() > max(up.max(), USED_RANGE):
        raise TrialFormatError(
            "force plate",
            f"expected the ground to push upwards, found up to {-up.min():.0f} N downwards: the stored force is that "
            "of the foot on the plate, or its corners are in the wrong order. Correct the settings, or the axes: give "
            "--axes.",
        )
    resting = up[up < LARGEST_REST]
    if len(resting) and np.median(resting) < -LARGEST_OFFSET:
        raise TrialFormatError(
            "force plate",
            f"reads {np.median(resting):.0f} N with nobody on it. Give an unloaded stretch: zero=(start, end), or "
            "--zero start-end on the command line.",
        )
    return force, moment


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
    Dataset with ``force``, ``moment`` (time, plate, axis), ``height`` (plate) and, if known, ``corners``.
    """
    dims = ("time", "plate", "axis")
    about = "ground reaction moment about the lab origin"
    loads = {
        "force": variable(force, dims, units="N", frame="lab", long_name="ground reaction force"),
        "moment": variable(moment, dims, units="N m", frame="lab", long_name=about),
        "height": variable(height, ("plate",), units="m", frame="lab", long_name="plate height"),
    }
    if corners is not None:
        loads["corners"] = variable(corners, ("plate", "corner", "axis"), units="m", frame="lab", long_name="corners")
    return xr.Dataset(loads, {"time": time, "plate": plate, "axis": list(AXES)})


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
