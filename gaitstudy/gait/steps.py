"""Steps: where the walker is heading, how fast the belt runs, and how far apart the feet stand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import xarray as xr

from gaitstudy.conventions import GaitStudyError, labelled, require_dims
from gaitstudy.gait.signals import sampling_rate

SHORTEST = 0.5
"""m; a smaller displacement of the pelvis overground is no walk."""
OVERGROUND = 0.3
"""m/s; feet slower than this in stance stand on the floor, not on a belt."""
MOVING = 0.1
"""m/s; a pelvis that moves less than this over a stride's time heads nowhere: standing sway is a fifth of it."""
STRIDE = 1.1
"""s; a walking adult's stride."""
STANCE = 0.62
"""Of a stride, at a comfortable speed."""
TURN = 15.0
"""deg; a stride that turns by more is no straight walking."""


def belt_velocity(feet: list[xr.DataArray]) -> np.ndarray:
    """Return the velocity with which a belt is walked on, against its own: m/s, (axis,), horizontal; 0 overground.

    Where the lower foot moves faster than 0.3 m/s in the slower half of the frames it stands on a belt: those frames
    give its direction, and the median of the lower foot's speed over all frames gives its speed.

    Parameters
    ----------
    feet : heel positions, left and right, m, (time, axis), in any lab with y up.

    References
    ----------
    This project's own rule.
    """
    rate = sampling_rate(feet[0]["time"])
    position = np.stack([require_dims(foot, ("time", "axis"), "heel").values for foot in feet])
    velocity = np.gradient(position, axis=1) * rate
    lower = np.argmin(np.where(np.isnan(position[..., 1]), np.inf, position[..., 1]), axis=0)
    standing = velocity[lower, np.arange(position.shape[1])] * [1.0, 0.0, 1.0]
    speed = np.linalg.norm(standing, axis=1)
    slow = speed <= np.nanmedian(speed) if np.isfinite(speed).any() else np.zeros(len(speed), bool)
    walked = -standing[slow].mean(0) if slow.any() else np.zeros(3)
    length = float(np.linalg.norm(walked))
    return walked / length * np.nanmedian(speed) if length > OVERGROUND else np.zeros(3)


def travel_direction(pelvis: xr.DataArray, feet: list[xr.DataArray]) -> np.ndarray:
    """Return the horizontal unit vector in which the walker travels over the whole trial.

    The feet tell which: on a belt (``belt_velocity``) the walker travels against it, however far the pelvis drifts;
    otherwise the direction is the pelvis's displacement over the trial, and where the walker comes back to the start
    that to the farthest point. On paths that turn it only orients the lab; see ``local_direction``.

    Parameters
    ----------
    pelvis : m, (time, axis). feet : heel positions, left and right, m, (time, axis).

    Raises
    ------
    GaitStudyError : neither the pelvis nor the feet move.

    References
    ----------
    This project's own rule.
    """
    known = require_dims(pelvis, ("time", "axis"), "pelvis").dropna("time")
    direction = belt_velocity(feet)
    if not direction.any():
        away = (known.values - known.values[:1]) * [1.0, 0.0, 1.0] if known.sizes["time"] else np.zeros((1, 3))
        far = np.linalg.norm(away, axis=1)
        direction = away[-1] if far[-1] > SHORTEST else away[far.argmax()]
        if not np.linalg.norm(direction) > SHORTEST:
            raise GaitStudyError(
                "direction of travel: expected a walking person, found the feet at rest and the pelvis moved by "
                f"{np.linalg.norm(direction):.2f} m. Is this the static trial?"
            )
    return direction / np.linalg.norm(direction)


def local_direction(pelvis: xr.DataArray, belt: float = 0.0, window: float = STRIDE) -> xr.DataArray:
    """Return the horizontal unit vector in which the walker travels at every instant, on paths that turn as well.

    It is the displacement of the pelvis, relative to the belt, over a stride's time centred on the instant: over a
    whole stride the pelvis's sway from side to side cancels. Within half that time of either end of the recording the
    first and the last whole window are used. Gaps of the pelvis are bridged by straight lines. Where the pelvis moves
    slower than 0.1 m/s (before the first step, or between out and back) the nearest instant that moves counts.

    Parameters
    ----------
    pelvis : m, (time, axis): the middle of front or back spines, or the sacrum; x against the belt if there is one.
    belt : m/s, the belt's speed; 0 overground.
    window : s, a stride's time.

    Returns
    -------
    (time, axis), without unit; the vertical component is 0.

    Raises
    ------
    GaitStudyError : the pelvis never moves, or is never seen.

    References
    ----------
    This project's own rule.
    """
    time = pelvis["time"].values
    place = require_dims(pelvis, ("time", "axis"), "pelvis").values[:, [0, 2]]
    seen = np.isfinite(place).all(1)
    if seen.sum() > 1:
        window = min(window, time[-1] - time[0])
        start = np.clip(time - window / 2, time[0], time[-1] - window)
        moved = [np.interp(start + window, time[seen], p) - np.interp(start, time[seen], p) for p in place[seen].T]
        step = np.stack([moved[0] + belt * window, np.zeros(len(time)), moved[1]], -1)
        length = np.linalg.norm(step, axis=1)
        moving = np.flatnonzero(length > MOVING * window)
        if len(moving):
            halfway = (moving[1:] + moving[:-1]) / 2
            nearest = moving[np.searchsorted(halfway, np.arange(len(time)))]
            way, coords = step[nearest] / length[nearest, None], {"time": time}
            text = "direction of travel"
            return labelled(way, ("time", "axis"), units="1", frame="lab", long_name=text, coords=coords)
    raise GaitStudyError(
        f"direction of travel: expected a walking person, found the pelvis slower than {MOVING:g} m/s throughout, or "
        "never seen. Is this the static trial?"
    )


def stride_directions(strides: pd.DataFrame, pelvis: xr.DataArray, belt: float = 0.0) -> pd.DataFrame:
    """Return the direction of travel of every stride, under its foot and from contact to contact, and how it turns.

    Both are horizontal displacements of the pelvis, relative to the belt, over one stride's time, in which its sway
    cancels: from a contact of the foot to its next one for lengths and width; centred on the middle of stance, when the
    pelvis passes over the foot, for the foot's angle (on a curve the other is a fifth of a stride late). A stride
    without a next contact, or with one more than 1.5 usual strides away or after the pelvis was last seen, has the
    second alone, over the usual stride's time: the median of all, or what the stances let expect (62 % of a stride)
    where no stride of the trial is whole. Near the ends of what is seen of the pelvis the first or the last such window
    counts; gaps are bridged by straight lines.

    Parameters
    ----------
    strides : one row a stride with ``side, ic_time, fo_time, next_ic_time`` (s), as ``events.strides`` gives.
    pelvis, belt : as ``local_direction`` takes them.

    Returns
    -------
    The index of ``strides``; ``x, z`` (unit vector, contact to contact), ``foot_x, foot_z`` (unit vector, under the
    foot; NaN where the pelvis is not seen in mid-stance) and ``turn`` (deg): the largest angle between the local
    direction at the contact and at the next one (at foot off where there is none), and between the directions of the
    stride before, this one, and the one after of the same foot.

    References
    ----------
    This project's own rule.
    """
    start, off, end = (strides[c].to_numpy(float) for c in ("ic_time", "fo_time", "next_ic_time"))
    every = end - start if np.isfinite(end).any() else (off - start) / STANCE
    usual = float(np.nanmedian(every)) if len(every) else STRIDE
    seen = pelvis.dropna("time")
    first, final = seen["time"].values[[0, -1]] if seen.sizes["time"] else (np.inf, -np.inf)
    whole = (end - start <= 1.5 * usual) & (start >= first) & (end <= final)
    last = np.where(whole, end, off)
    lasts = np.where(whole, end - start, usual)
    middle = (start + off) / 2
    since = np.fmax(np.fmin(middle - lasts / 2, final - lasts), first)
    to = np.fmin(since + lasts, final)
    under = _displacement(seen, since, to, belt)
    under[(middle < since) | (middle > to)] = np.nan
    way = np.where(whole[:, None], _displacement(seen, start, last, belt), under)
    x, z = way.T
    heading = np.degrees(np.arctan2(z, x))
    local = local_direction(pelvis, belt, usual)
    facing = np.degrees(np.arctan2(local.sel(axis="z").values, local.sel(axis="x").values))
    clock = pelvis["time"].values
    there, then = (facing[np.clip(np.searchsorted(clock, at), 0, len(clock) - 1)] for at in (start, last))
    turn = _between(there, then)
    for side in strides["side"].unique():
        own = np.flatnonzero(strides["side"] == side)
        joined = whole[own[:-1]] & (np.abs(end[own[:-1]] - start[own[1:]]) < 1e-9)
        change = np.where(joined, _between(heading[own[:-1]], heading[own[1:]]), 0.0)
        over = np.where(joined[1:] & joined[:-1], _between(heading[own[:-2]], heading[own[2:]]), 0.0)
        turn[own[:-1]] = np.fmax(turn[own[:-1]], change)
        turn[own[1:]] = np.fmax(turn[own[1:]], change)
        turn[own[1:-1]] = np.fmax(turn[own[1:-1]], over)
    found = np.hstack([v / np.where(v.any(1), np.hypot(*v.T), np.nan)[:, None] for v in (way, under)])
    return pd.DataFrame(found, strides.index, ["x", "z", "foot_x", "foot_z"]).assign(turn=turn)


def _displacement(seen: xr.DataArray, since: np.ndarray, to: np.ndarray, belt: float) -> np.ndarray:
    """How far a point goes between times, relative to a belt, m, (stride, 2), x and z."""
    time = seen["time"].values
    moved = [np.interp(to, time, p) - np.interp(since, time, p) for p in seen.sel(axis=["x", "z"]).values.T]
    return np.stack([moved[0] + belt * (to - since), moved[1]], -1)


def _between(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Angle between two headings, deg, 0 to 180."""
    return np.abs((other - one + 180) % 360 - 180)


def step_width(
    strides: pd.DataFrame,
    left: xr.DataArray,
    right: xr.DataArray,
    *,
    belt: float = 0.0,
    directions: pd.DataFrame | None = None,
) -> pd.Series:
    """Return the width of the step within every stride: how far apart the feet stand across the direction of travel.

    Parameters
    ----------
    strides : one row a stride with ``side, ic_time, fo_time, next_ic_time`` (s), as ``events.strides`` gives.
    left, right : m, (time, axis): the ankles, x forward, z right.
    belt : m/s, the belt's speed, against x; 0 overground.
    directions : of every stride, ``stride_directions``; without it all strides go along x.

    Returns
    -------
    m, at the index of ``strides``: the distance between the feet in mid-stance (40-60 %), across the stride's direction
    of travel, the belt's motion added; the other foot's stance is the one that begins within the stride. NaN where no
    contact of the other foot is seen in it, or no next one of this foot.
    """
    side = strides["side"].to_numpy(object)
    start, off, end = (strides[c].to_numpy(float) for c in ("ic_time", "fo_time", "next_ic_time"))
    times = start[:, None] + np.linspace(0.4, 0.6, 21) * (off - start)[:, None]
    middle = np.full((len(side), 2), np.nan)
    for name, foot in (("left", left), ("right", right)):
        own = side == name
        place = [np.interp(times[own], foot["time"].values, foot.sel(axis=axis).values) for axis in "xz"]
        middle[own] = np.stack([place[0] + belt * times[own], place[1]], -1).mean(1)
    way = np.broadcast_to([1.0, 0.0], middle.shape) if directions is None else directions[["x", "z"]].to_numpy(float)
    width = np.full(len(side), np.nan)
    for k in range(len(side)):
        within = np.flatnonzero((side != side[k]) & (start >= start[k] + 1e-9) & (start <= end[k]))
        if len(within):
            apart = middle[k] - middle[within[0]]
            width[k] = abs(way[k, 0] * apart[1] - way[k, 1] * apart[0])
    return pd.Series(width, strides.index)
