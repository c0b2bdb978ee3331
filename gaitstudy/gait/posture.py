"""Posture of leg, pelvis and trunk: alignment of the knee, angles of a joint, axes of the pelvis, trunk lean.

Every angle reads alike on both sides: varus, adduction and a lean over the stance leg are positive. Points are m,
(time, axis); ``direction`` is that of travel in the lab, its vertical part ignored.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import xarray as xr

from gaitstudy.conventions import GaitStudyError, labelled, require_dims, require_units, side_sign
from gaitstudy.gait.foot import horizontal

FORWARD = (1.0, 0.0, 0.0)
ANGLES = ("flexion", "adduction", "internal_rotation")


def hip_knee_ankle_angle(
    hip: xr.DataArray, knee: xr.DataArray, ankle: xr.DataArray, side: str, direction: Sequence[float] = FORWARD
) -> xr.DataArray:
    """Return by how much thigh and shank deviate from one straight line in the frontal plane; varus positive.

    Parameters
    ----------
    hip, knee, ankle : m, (time, axis), joint centres. side : whose leg.
    direction : of travel, or where the kneecap points. The plane is the walker's, not the leg's: a bent knee that is
        turned out of it shows part of its flexion as varus. Use it standing; walking, read ``joint_angles``.

    Returns
    -------
    deg, (time,), deviation from 180.

    Raises
    ------
    DimensionError, UnitError : wrong dimensions or unit. ValueError : other times. GaitStudyError : no such side, no
        horizontal direction, a hip mostly below its knee or a knee below its ankle (swapped, or not y up).

    References
    ----------
    General knowledge; the sign is this project's.

    Examples
    --------
    >>> point = lambda y, z: labelled([[0.0, y, z]], ("time", "axis"), units="m", long_name="centre")
    >>> angle = hip_knee_ankle_angle(point(0.85, 0), point(0.42, 0.01), point(0, 0), "right")
    >>> float(angle.round(4)[0])
    2.6961
    """
    thigh, shank = _frontal_tilt(hip, knee, direction), _frontal_tilt(knee, ankle, direction)
    return _angle(side_sign(side) * (shank - thigh), hip, "hip-knee-ankle angle, varus positive", "frontal plane")


def joint_angles(proximal: xr.DataArray, distal: xr.DataArray, side: str) -> xr.Dataset:
    """Return the three angles of a joint coordinate system from the axes of its two segments.

    Turns about the proximal sideways axis, the floating axis and the distal long axis, in this order. For the hip:
    pelvis and thigh; for the knee: thigh and shank; for the ankle: shank and foot. A pelvis that drops on the other
    side adducts the hip it stands on.

    Parameters
    ----------
    proximal, distal : unit vectors in the lab, (time, direction, axis): x forward, y from distal to proximal, z to the
        right, as ``pelvis_axes`` and the axes of ``load.skeleton`` are. side : whose joint.

    Returns
    -------
    Dataset of ``flexion``, ``adduction``, ``internal_rotation``, deg, (time,). Flexion is right-handed about z: hip
    flexion and ankle dorsiflexion are positive, **knee flexion is its negative**. Adduction (the lower end towards
    the midline; at the knee: varus) and internal rotation are positive on both sides. At 90 degrees of adduction the
    other two cannot be told apart.

    Raises
    ------
    DimensionError : wrong dimensions. ValueError : other times. GaitStudyError : no such side, mirrored axes.

    References
    ----------
    Grood ES, Suntay WJ (1983) J Biomech Eng 105:136, doi 10.1115/1.3138397.
    """
    sign, dims = side_sign(side), ("time", "direction", "axis")
    p, d = xr.align(require_dims(proximal, dims, "proximal"), require_dims(distal, dims, "distal"), join="exact")
    for name, each in (("proximal", p), ("distal", d)):
        if (np.linalg.det(each.values) < 0).any():
            raise GaitStudyError(f"{name}: expected right-handed axes x, y, z, found mirrored ones.")
    r = p.values @ d.values.swapaxes(1, 2)
    values = (
        np.degrees(np.arctan2(-r[:, 0, 1], r[:, 1, 1])),
        sign * np.degrees(np.arcsin(np.clip(r[:, 2, 1], -1, 1))),
        sign * np.degrees(np.arctan2(-r[:, 2, 0], r[:, 2, 2])),
    )
    texts = ("flexion, right-handed about the proximal z", "adduction", "internal rotation")
    made = {n: _angle(v, proximal, t, "joint coordinate system") for n, v, t in zip(ANGLES, values, texts, strict=True)}
    return xr.Dataset(made)


def pelvis_axes(left: xr.DataArray, right: xr.DataArray, back: xr.DataArray) -> xr.DataArray:
    """Return the pelvis's axes: z through the front spines to the right, y up, x forward.

    Parameters
    ----------
    left, right : m, (time, axis), the anterior superior spines. back : the middle of the posterior ones, or sacrum.

    Returns
    -------
    (time, direction, axis), unit vectors in the lab, right-handed.

    Raises
    ------
    DimensionError, UnitError : wrong dimensions or unit. ValueError : other times. GaitStudyError : a pelvis mostly
        upside down: left and right swapped, or the back in front.

    References
    ----------
    Plane of the spines, as in Plug-in Gait.
    """
    a, b, c = _places(left, right, back)
    with np.errstate(invalid="ignore"):
        z = _unit(b - a)
        y = _unit(np.cross(z, (a + b) / 2 - c))
    _upward(y[:, 1], "pelvis: expected y up, found it upside down. Are left and right, or front and back, swapped?")
    coords = {"direction": ["x", "y", "z"]} | _times(left)
    return labelled(
        np.stack([np.cross(y, z), y, z], 1), ("time", "direction", "axis"), units="1", frame="lab",
        long_name="axes of the pelvis", coords=coords,
    )  # fmt: skip


def trunk_lean(
    upper: xr.DataArray, lower: xr.DataArray, stance_side: str, direction: Sequence[float] = FORWARD
) -> xr.DataArray:
    """Return the trunk's lean in the frontal plane, signed: over the stance leg is positive.

    A lean is a posture during one foot's stance; a sway is how far the trunk goes to and fro.

    Parameters
    ----------
    upper, lower : m, (time, axis): for example the seventh neck vertebra (or the middle of the shoulders) and the
        middle of the posterior spines. stance_side : the side that carries. direction : of travel.

    Returns
    -------
    deg, (time,).

    Raises
    ------
    DimensionError, UnitError : wrong dimensions or unit. ValueError : other times. GaitStudyError : no such side, no
        horizontal direction, an upper point mostly below the lower one.

    References
    ----------
    General knowledge; the sign is this project's.

    Examples
    --------
    >>> point = lambda y, z: labelled([[0.0, y, z]], ("time", "axis"), units="m", long_name="point")
    >>> float(trunk_lean(point(1.45, 0.05), point(1.0, 0.0), "right").round(4)[0])
    6.3402
    """
    lean = _frontal_tilt(upper, lower, direction)
    return _angle(side_sign(stance_side) * lean, upper, "trunk lean, over the stance leg positive", "frontal plane")


def _frontal_tilt(upper: xr.DataArray, lower: xr.DataArray, direction: Sequence[float]) -> np.ndarray:
    """Return how far the line from a lower to an upper point leans from the vertical, deg, (time,).

    Seen along ``direction``: to the walker's right positive on both sides.
    """
    line = np.subtract(*_places(upper, lower))
    _upward(line[:, 1], "points: expected the upper one above the lower one, found below. Swapped, or not y up?")
    return np.degrees(np.arctan2(line @ np.cross(horizontal(direction), [0.0, 1.0, 0.0]), line[:, 1]))


def _places(*points: xr.DataArray) -> list[np.ndarray]:
    """Positions (time, axis) of points that were recorded together."""
    checked = [require_units(require_dims(p, ("time", "axis"), "point"), "m", "point") for p in points]
    return [p.values for p in xr.align(*checked, join="exact")]


def _upward(component: np.ndarray, problem: str) -> None:
    """Refuse a component that is mostly negative."""
    if (component < 0).sum() > np.isfinite(component).sum() / 2:
        raise GaitStudyError(problem)


def _unit(vector: np.ndarray) -> np.ndarray:
    return vector / np.linalg.norm(vector, axis=-1, keepdims=True)


def _times(point: xr.DataArray) -> dict[str, np.ndarray]:
    return {"time": point["time"].values} if "time" in point.coords else {}


def _angle(values: np.ndarray, like: xr.DataArray, text: str, frame: str) -> xr.DataArray:
    return labelled(values, ("time",), units="deg", frame=frame, long_name=text, coords=_times(like))
