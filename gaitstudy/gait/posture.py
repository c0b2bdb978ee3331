"""Posture of leg, pelvis and trunk: alignment of the knee, varus thrust, pelvic drop, hip adduction, trunk lean.

Every angle reads alike on both sides: varus, adduction, the drop of the swing side and a lean over the stance leg are
positive. Points are m, (time, axis); ``direction`` is that of travel in the lab, its vertical part ignored.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
import xarray as xr

from gaitstudy.conventions import GaitStudyError, SignalError, labelled, require_dims, require_units, side_sign
from gaitstudy.gait.signals import normalise_time

FORWARD = (1.0, 0.0, 0.0)
THRUST_WINDOW = (0.0, 30.0)
"""Per cent of stance in which a varus thrust is sought: loading, before the leg stands upright. A choice."""
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
    DimensionError, UnitError, GaitStudyError : wrong dimensions or unit, no such side, no horizontal direction.

    Examples
    --------
    >>> point = lambda y, z: labelled([[0.0, y, z]], ("time", "axis"), units="m", long_name="centre")
    >>> angle = hip_knee_ankle_angle(point(0.85, 0), point(0.42, 0.01), point(0, 0), "right")
    >>> float(angle.round(4)[0])
    2.6961
    """
    right = _rightward(direction)
    places = [_place(p, name) for p, name in ((hip, "hip"), (knee, "knee"), (ankle, "ankle"))]
    thigh, shank = places[0] - places[1], places[1] - places[2]
    tilts = [np.degrees(np.arctan2(v @ right, v[:, 1])) for v in (thigh, shank)]
    return _angle(side_sign(side) * (tilts[1] - tilts[0]), hip, "hip-knee-ankle angle, varus positive", "frontal plane")


def varus_thrust(
    angle: xr.DataArray,
    initial_contact: Sequence[float],
    foot_off: Sequence[float],
    window: tuple[float, float] = THRUST_WINDOW,
) -> xr.DataArray:
    """Return how far the knee goes into varus while the leg takes the load: largest angle in a window less the first.

    Parameters
    ----------
    angle : deg, (time,), varus positive: ``adduction`` of the knee from ``joint_angles``, or ``hip_knee_ankle_angle``.
    initial_contact, foot_off : s, (stride,).
    window : per cent of stance; what counts as early differs between authors, so that it belongs beside the number.

    Returns
    -------
    deg, (stride,), zero where the knee only goes the other way; NaN where the window touches a gap.

    Raises
    ------
    DimensionError, UnitError, SignalError : wrong dimensions, unit or window.
    """
    if not 0 <= window[0] < window[1] <= 100:
        raise SignalError(f"window: expected 0 <= from < to <= 100 per cent of stance, found {window}.")
    curves = normalise_time(require_units(angle, "deg", "angle"), initial_contact, foot_off)
    part = curves.sel(percent=slice(*window))
    rise = part.max("percent", skipna=False) - part.isel(percent=0)
    return labelled(
        rise.values, ("stride",), units="deg", long_name=f"varus thrust, {window[0]:g}-{window[1]:g} % of stance"
    )


def joint_angles(proximal: xr.DataArray, distal: xr.DataArray, side: str) -> xr.Dataset:
    """Return the three angles of a joint coordinate system from the axes of its two segments.

    Turns about the proximal sideways axis, the floating axis and the distal long axis, in this order. For the hip:
    pelvis and thigh; for the knee: thigh and shank; for the ankle: shank and foot.

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
    DimensionError, GaitStudyError : wrong dimensions; no such side; axes that are not at right angles.

    References
    ----------
    Grood ES, Suntay WJ (1983) J Biomech Eng 105:136, doi 10.1115/1.3138397.
    """
    sign = side_sign(side)
    axes = [require_dims(a, ("time", "direction", "axis"), n) for a, n in ((proximal, "proximal"), (distal, "distal"))]
    p, d = (a.values for a in axes)
    for name, own in (("proximal", p), ("distal", d)):
        known = own[np.isfinite(own).all((1, 2))]
        if np.abs(known @ known.swapaxes(1, 2) - np.eye(3)).max(initial=0.0) > 1e-6:
            raise GaitStudyError(f"{name}: expected unit axes at right angles, found others. Use pelvis_axes or a leg.")
    r = p @ d.swapaxes(1, 2)
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
    """
    a, b, c = (_place(p, name) for p, name in ((left, "left"), (right, "right"), (back, "back")))
    z = _unit(b - a)
    y = _unit(np.cross(z, (a + b) / 2 - c))
    coords = {"direction": ["x", "y", "z"]} | _times(left)
    return labelled(
        np.stack([np.cross(y, z), y, z], 1), ("time", "direction", "axis"), units="1", frame="lab",
        long_name="axes of the pelvis", coords=coords,
    )  # fmt: skip


def hip_adduction(
    left: xr.DataArray, right: xr.DataArray, back: xr.DataArray, thigh: xr.DataArray, side: str
) -> xr.DataArray:
    """Return the hip's adduction angle: the thigh's lower end towards the midline of the pelvis is positive.

    Parameters
    ----------
    left, right, back : as in ``pelvis_axes``. thigh : axes (time, direction, axis) of ``load.skeleton``. side : whose.

    Returns
    -------
    deg, (time,). A pelvis that drops on the other side adducts the hip it stands on.
    """
    return joint_angles(pelvis_axes(left, right, back), thigh, side)["adduction"]


def pelvic_drop(
    left: xr.DataArray, right: xr.DataArray, stance_side: str, direction: Sequence[float] = FORWARD
) -> xr.DataArray:
    """Return by how much the pelvis hangs down on the side of the swinging leg, in the frontal plane.

    Parameters
    ----------
    left, right : m, (time, axis), the same landmark on both sides (anterior spines, or hip centres).
    stance_side : the side that carries. direction : of travel.

    Returns
    -------
    deg, (time,); positive: the swing side is the lower one.

    Raises
    ------
    DimensionError, UnitError, GaitStudyError : wrong dimensions or unit, no such side, no horizontal direction.
    """
    across = _place(right, "right") - _place(left, "left")
    slope = np.degrees(np.arctan2(across[:, 1], across @ _rightward(direction)))
    return _angle(side_sign(stance_side) * slope, left, "pelvic drop, swing side lower positive", "frontal plane")


def trunk_lean(
    upper: xr.DataArray, lower: xr.DataArray, stance_side: str, direction: Sequence[float] = FORWARD
) -> xr.DataArray:
    """Return the trunk's lean in the frontal plane, signed: over the stance leg is positive.

    A lean is a posture during one foot's stance; a sway is how far the trunk goes to and fro: ``sway_range``.

    Parameters
    ----------
    upper, lower : m, (time, axis): for example the seventh neck vertebra (or the middle of the shoulders) and the
        middle of the posterior spines. stance_side : the side that carries. direction : of travel.

    Returns
    -------
    deg, (time,).

    Raises
    ------
    DimensionError, UnitError, GaitStudyError : wrong dimensions or unit, no such side, no horizontal direction.

    Examples
    --------
    >>> point = lambda y, z: labelled([[0.0, y, z]], ("time", "axis"), units="m", long_name="point")
    >>> float(trunk_lean(point(1.45, 0.05), point(1.0, 0.0), "right").round(4)[0])
    6.3402
    """
    trunk = _place(upper, "upper") - _place(lower, "lower")
    lean = np.degrees(np.arctan2(trunk @ _rightward(direction), trunk[:, 1]))
    return _angle(side_sign(stance_side) * lean, upper, "trunk lean, over the stance leg positive", "frontal plane")


def sway_range(lean: xr.DataArray, strides: pd.DataFrame) -> xr.DataArray:
    """Return how far an angle goes to and fro in each whole stride: its largest less its smallest value.

    Parameters
    ----------
    lean : deg, (time,): the trunk's lean for one side throughout (``trunk_lean``); the range has no sign.
    strides : one row a stride with ``ic_time, next_ic_time``, s.

    Returns
    -------
    deg, (stride,); NaN where a stride is not whole or the angle has a gap.
    """
    require_units(require_dims(lean, ("time",), "lean"), "deg", "lean")
    curves = normalise_time(lean, strides["ic_time"].to_numpy(float), strides["next_ic_time"].to_numpy(float))
    span = curves.max("percent", skipna=False) - curves.min("percent", skipna=False)
    return labelled(span.values, ("stride",), units="deg", long_name="sway range")


def _place(point: xr.DataArray, name: str) -> np.ndarray:
    return require_units(require_dims(point, ("time", "axis"), name), "m", name).values


def _rightward(direction: Sequence[float]) -> np.ndarray:
    """Horizontal unit vector to the walker's right."""
    forward = np.array([direction[0], 0.0, direction[2]], float)
    if not np.linalg.norm(forward) > 0:
        raise GaitStudyError(f"direction: expected a horizontal direction of travel, found {tuple(direction)}.")
    return np.cross(_unit(forward), [0.0, 1.0, 0.0])


def _unit(vector: np.ndarray) -> np.ndarray:
    return vector / np.linalg.norm(vector, axis=-1, keepdims=True)


def _times(point: xr.DataArray) -> dict[str, np.ndarray]:
    return {"time": point["time"].values} if "time" in point.coords else {}


def _angle(values: np.ndarray, like: xr.DataArray, text: str, frame: str) -> xr.DataArray:
    return labelled(values, ("time",), units="deg", frame=frame, long_name=text, coords=_times(like))
