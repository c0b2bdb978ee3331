"""Stability while walking: where the moving centre of mass would come to rest, and how far that is inside the feet."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
import xarray as xr

from gaitstudy.conventions import (
    GRAVITY,
    DimensionError,
    GaitStudyError,
    labelled,
    pick,
    require_dims,
    require_units,
    side_sign,
)
from gaitstudy.gait.signals import sampling_rate

PENDULUM = (0.2, 2.0)
"""m; what the length of a walking person's pendulum can be."""
FASTEST_BELT = 10.0
"""m/s; no belt runs faster either way."""


def extrapolated_centre_of_mass(
    centre: xr.DataArray, length: float, belt: float = 0.0, *, gravity: float = GRAVITY
) -> xr.DataArray:
    """Return the centre of mass moved on by its velocity over the eigenfrequency of an inverted pendulum.

    Parameters
    ----------
    centre : m, (time, axis), x forward: the centre of mass, smoothed, or what stands in for it. The middle of the
        pelvis is often taken: it follows the centre of mass within a few centimetres, but not a leaning trunk.
    length : m, of the pendulum. Authors differ: leg length, that times 1.2 or 1.34, or centre of mass to ankle. It
        changes the lead over the centre of mass by half its own share and belongs beside every number.
    belt : m/s, speed of a treadmill's belt, added to the forward velocity; 0 overground.
    gravity : m/s^2.

    Returns
    -------
    m, (time, axis), lab frame: x and z; y is NaN, for the pendulum says nothing of it.

    Raises
    ------
    DimensionError, UnitError : wrong dimensions or unit. SignalError : times that do not rise evenly. GaitStudyError :
        an impossible length, belt speed or gravity.

    References
    ----------
    Hof AL, Gazendam MGJ, Sinke WE (2005) J Biomech 38:1, doi 10.1016/j.jbiomech.2004.03.025.
    """
    if not PENDULUM[0] <= length <= PENDULUM[1]:
        low, high = PENDULUM
        raise GaitStudyError(f"length: expected {low:g}-{high:g} m, found {length:g}. Give the pendulum's length in m.")
    if not (abs(belt) <= FASTEST_BELT and gravity > 0):
        raise GaitStudyError(
            f"expected a belt speed of at most {FASTEST_BELT:g} m/s and a gravity above 0 m/s^2, found {belt:g} and "
            f"{gravity:g}. Give both in these units."
        )
    place = require_units(require_dims(centre, ("time", "axis"), "centre"), "m", "centre").values
    clock = _clock(centre, "centre")
    velocity = np.gradient(place, clock, axis=0) + [belt, 0.0, 0.0]
    moved = place + velocity / np.sqrt(gravity / length)
    moved[:, 1] = np.nan
    return labelled(
        moved, ("time", "axis"), units="m", frame="lab", long_name="extrapolated centre of mass",
        coords={"time": clock},
    )  # fmt: skip


def margins_of_stability(
    extrapolated: xr.DataArray,
    outer: Mapping[str, xr.DataArray],
    front: Mapping[str, xr.DataArray],
    at: pd.DataFrame,
) -> pd.DataFrame:
    """Return how far the extrapolated centre of mass lies inside the border of the foot on the ground.

    Parameters
    ----------
    extrapolated : m, (time, axis), x forward, z right, of ``extrapolated_centre_of_mass``.
    outer : m, (time, axis) by side: a point on the foot's outer border. A marker on the ankle or the heel stands in
        for it and makes every margin smaller by its distance from the border.
    front : m, (time, axis) by side: the foremost point of the foot.
    at : one row an instant: ``side`` of the foot on the ground, ``time`` s. Usually its initial contacts.

    Returns
    -------
    The rows of ``at`` with ``mediolateral`` and ``anterior_posterior``, m; positive: the extrapolated centre of mass
    is inside the border, medial of it and behind it. In ordinary walking it is ahead of the foot at times: negative.
    NaN outside the recording, in a gap, or where the side has no point.

    Raises
    ------
    DimensionError, UnitError : wrong dimensions or unit, other times in one array than in another. SignalError : times
        that do not rise evenly. GaitStudyError : no ``side`` or ``time``, another side than left and right.
    """
    if lacking := [c for c in ("side", "time") if c not in at]:
        raise GaitStudyError(f"at: expected the columns side and time, found no {' and no '.join(lacking)}.")
    moved = require_units(require_dims(extrapolated, ("time", "axis"), "extrapolated"), "m", "extrapolated")
    across, along = np.full((2, len(at)), np.nan)
    time, clock = at["time"].to_numpy(float), _clock(moved, "extrapolated")
    for side in at["side"].unique():
        sign, own = side_sign(side), (at["side"] == side).to_numpy()
        for borders, axis, result, turn in ((outer, "z", across, sign), (front, "x", along, 1.0)):
            if side in borders:
                edge = require_units(require_dims(borders[side], ("time", "axis"), side), "m", side)
                if not np.array_equal(edge["time"].values, clock):
                    raise DimensionError(
                        f"{side}: expected a foot's border at the times of the extrapolated centre of mass, found "
                        "others. Bring both to one clock."
                    )
                distance = turn * (pick(edge, axis=axis) - pick(moved, axis=axis))
                result[own] = np.interp(time[own], clock, distance, left=np.nan, right=np.nan)
    return at.assign(mediolateral=across, anterior_posterior=along)


def _clock(array: xr.DataArray, name: str) -> np.ndarray:
    """Times, s, that are given and rise evenly."""
    if "time" not in array.coords:
        raise DimensionError(f"{name}: expected times in s, found none. Set the coordinate 'time'.")
    sampling_rate(array["time"])
    return array["time"].values
