"""The foot on the ground: which way it points."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import xarray as xr

from gaitstudy.conventions import GaitStudyError, labelled, require_dims, side_sign
from gaitstudy.gait.signals import normalise_time

WINDOW = (15.0, 40.0)
"""Per cent of stance over which a foot progression angle is averaged: the foot is flat."""


def foot_progression_angle(
    heel: xr.DataArray, toe: xr.DataArray, side: str, direction: Sequence[float] = (1.0, 0.0, 0.0)
) -> xr.DataArray:
    """Return the horizontal angle between the foot's long axis and the direction of travel, at every instant.

    Parameters
    ----------
    heel, toe : m, (time, axis): calcaneus and second metatarsal head.
    side : ``"left"`` or ``"right"``.
    direction : (x, y, z) of travel in the lab; its vertical component is ignored.

    Returns
    -------
    deg, (time,); toe-out positive on both sides.

    Raises
    ------
    DimensionError, GaitStudyError : wrong dimensions; a direction without horizontal part.

    References
    ----------
    Huang Y, Jirattigalachote W, Cutkosky MR, Zhu X, Shull PB (2016) IEEE Trans Biomed Eng 63:2278, PMID 26849858.

    Examples
    --------
    >>> import numpy as np
    >>> point = lambda x, z: labelled(np.array([[x, 0.0, z]]), ("time", "axis"), units="m", long_name="point")
    >>> float(foot_progression_angle(point(0, 0), point(0.2, 0.02), "right").round(4)[0])
    5.7106
    """
    forward = np.array([direction[0], 0.0, direction[2]], float)
    if not np.linalg.norm(forward) > 0:
        raise GaitStudyError(f"direction: expected a horizontal direction of travel, found {tuple(direction)}.")
    forward /= np.linalg.norm(forward)
    right = np.cross(forward, [0.0, 1.0, 0.0])
    axis = require_dims(toe, ("time", "axis"), "toe").values - require_dims(heel, ("time", "axis"), "heel").values
    angle = np.degrees(np.arctan2(side_sign(side) * (axis @ right), axis @ forward))
    return labelled(
        angle,
        ("time",),
        units="deg",
        frame="direction of travel",
        long_name="foot progression angle, toe-out positive",
        coords={"time": heel["time"].values} if "time" in heel.coords else {},
    )


def mean_over_stance(
    angle: xr.DataArray,
    initial_contact: Sequence[float],
    foot_off: Sequence[float],
    window: tuple[float, float] = WINDOW,
) -> xr.DataArray:
    """Return the mean of a signal over a window of each stance.

    Parameters
    ----------
    angle : (time,), any unit.
    initial_contact, foot_off : s, (stride,).
    window : per cent of stance, from and to.

    Returns
    -------
    (stride,), the signal's unit; NaN where the window touches a gap.

    Raises
    ------
    GaitStudyError : a window outside 0-100 % or empty.
    """
    if not 0 <= window[0] < window[1] <= 100:
        raise GaitStudyError(f"window: expected 0 <= from < to <= 100 per cent of stance, found {window}.")
    curves = normalise_time(angle, initial_contact, foot_off)
    inside = (curves["percent"] >= window[0]) & (curves["percent"] <= window[1])
    mean = curves.isel(percent=np.flatnonzero(inside)).mean("percent", skipna=False)
    return labelled(
        mean.values,
        ("stride",),
        units=str(angle.attrs.get("units", "")),
        frame=str(angle.attrs.get("frame", "")),
        long_name=f"{angle.attrs.get('long_name', 'signal')}, mean {window[0]:g}-{window[1]:g} % of stance",
        coords={"stride": curves["stride"].values},
    )
