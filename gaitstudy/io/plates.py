"""Force plates: what a plate's channels say about the ground reaction.

A wrench (force and moment about the lab origin) is the form everything else is computed from: it can be
filtered, added and moved without ever dividing by a small vertical force. The centre of pressure is only
read off it, where the foot presses hard enough.
"""

from __future__ import annotations

import numpy as np
import xarray as xr

from gaitstudy.conventions import TrialFormatError, labelled, require_dims

CHANNELS = {1: 6, 2: 6, 3: 8, 4: 6}
"""Number of channels a plate of each C3D type delivers."""

MINIMUM_FORCE = 10.0
"""N; below this vertical force a centre of pressure is a division by noise and is NaN."""


def plate_loads(
    channels: np.ndarray,
    plate_type: int,
    origin: np.ndarray,
    moment_scale: float,
    calibration: np.ndarray | None = None,
) -> tuple[np.ndarray, np.ndarray]:
    """Return force and moment about the centre of the plate's surface, in the plate's own axes.

    Parameters
    ----------
    channels : shape (time, channel), in the order the C3D manual gives for the type.
    plate_type : 1 (force, position, free moment), 2 (force, moment), 3 (eight Kistler channels),
        4 (type 2 through a calibration matrix).
    origin : m; types 2 and 4: from the sensor's origin to the surface centre (or back: the surface lies
        above, so the sign is told from z); type 3: the two half distances between sensors and the depth.
    moment_scale : what turns the moment channels (type 1: also the positions) into N m (m).
    calibration : shape (load, channel), both 6, type 4 only.

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
        if np.shape(calibration) != (6, 6) or not np.isfinite(calibration).all():  # type: ignore[arg-type]
            raise TrialFormatError(
                "force plate", "type 4 needs 36 numbers in FORCE_PLATFORM:CAL_MATRIX, found others. Export as type 2."
            )
        channels = channels @ np.transpose(calibration)  # type: ignore[arg-type]
    if plate_type == 3:
        fx12, fx34, fy14, fy23, fz1, fz2, fz3, fz4 = channels.T
        half_x, half_y, depth = np.abs(origin)
        force = np.stack([fx12 + fx34, fy14 + fy23, fz1 + fz2 + fz3 + fz4], -1)
        moment = np.stack(
            [
                half_y * (fz1 + fz2 - fz3 - fz4) - force[:, 1] * depth,
                half_x * (fz2 + fz3 - fz1 - fz4) + force[:, 0] * depth,
                half_y * (fx34 - fx12) + half_x * (fy14 - fy23),
            ],
            -1,
        )
        return force, moment
    force = channels[:, :3]
    if plate_type == 1:
        position = np.stack([channels[:, 3], channels[:, 4], np.zeros(len(channels))], -1) * moment_scale
        free = np.stack([0 * channels[:, 5], 0 * channels[:, 5], channels[:, 5]], -1) * moment_scale
        return force, np.cross(position, force) + free
    to_surface = -origin if origin[2] > 0 else origin
    return force, channels[:, 3:6] * moment_scale + np.cross(force, to_surface)


def to_lab(force: np.ndarray, moment: np.ndarray, corners: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the wrench on the walker in the axes of ``corners``, the moment about their origin.

    Parameters
    ----------
    force, moment : shape (time, axis), plate axes, about the surface centre.
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
    plate_axes = np.stack([x, np.cross(z, x), z])
    lab_force = force @ plate_axes
    return lab_force, moment @ plate_axes + np.cross(corners.mean(0), lab_force)


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
    coords = {"time": time, "plate": plate}
    dims = ("time", "plate", "axis")
    loads = {
        "force": labelled(force, dims, units="N", frame="lab", long_name="ground reaction force", coords=coords),
        "moment": labelled(
            moment,
            dims,
            units="N m",
            frame="lab",
            long_name="ground reaction moment about the lab origin",
            coords=coords,
        ),
        "height": labelled(
            height, ("plate",), units="m", frame="lab", long_name="plate height", coords={"plate": plate}
        ),
    }
    if corners is not None:
        loads["corners"] = labelled(
            corners, ("plate", "corner", "axis"), units="m", frame="lab", long_name="corners", coords={"plate": plate}
        )
    return xr.Dataset(loads)


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
    """
    force = require_dims(loads["force"], ("time", "plate", "axis"), "force").values
    moment = require_dims(loads["moment"], ("time", "plate", "axis"), "moment").values
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
    """
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
