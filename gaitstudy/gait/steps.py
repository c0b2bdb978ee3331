"""Steps in space and time, where the walker is heading, how stable and how alike on both sides."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

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
OUTCOMES = (
    "stance_time", "stride_time", "step_time", "stride_length", "step_length", "step_width", "cadence", "speed",
    "double_support",
)  # fmt: skip
"""Columns that ``spatiotemporal`` adds."""
PENDULUM = (0.2, 2.0)
"""m; what the length of a walking person's pendulum can be."""
FLAT = (0.25, 0.45)
"""Of stance; while a foot rolls over heel or toe its markers are slower than the belt."""
Values = float | Sequence[float] | np.ndarray


def belt_velocity(feet: list[xr.DataArray]) -> np.ndarray:
    """Return the velocity with which a belt is walked on, against its own: m/s, (axis,), horizontal; 0 overground.

    Where the lower foot moves faster than 0.3 m/s in the slower half of the frames it stands on a belt: those frames
    give its direction, and the median of the lower foot's speed over all frames gives its speed.

    Parameters
    ----------
    feet : heel positions, left and right, m, (time, axis), in any lab with y up.
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


def belt_speed(foot: xr.DataArray, initial_contact: np.ndarray, foot_off: np.ndarray) -> float:
    """Return the speed of the belt under a foot: its mean backward speed while it stands flat.

    Parameters
    ----------
    foot : m, (time, axis), an ankle or heel, x forward.
    initial_contact, foot_off : s, (stride,).

    Returns
    -------
    m/s; 0 where the foot stands still (slower than 0.3 m/s: overground), NaN where no stance can be seen.
    """
    time, position = foot["time"].values, foot.sel(axis="x").values
    first, last = (np.interp(initial_contact + share * (foot_off - initial_contact), time, position) for share in FLAT)
    speeds = (first - last) / ((FLAT[1] - FLAT[0]) * (foot_off - initial_contact))
    speed = float(speeds[np.isfinite(speeds)].mean()) if np.isfinite(speeds).any() else np.nan
    return 0.0 if speed <= OVERGROUND else speed


def spatiotemporal(
    strides: pd.DataFrame,
    left: xr.DataArray,
    right: xr.DataArray,
    *,
    belt: float = 0.0,
    directions: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Return times, lengths, width, cadence and speed of every stride, the belt's motion added.

    Parameters
    ----------
    strides : one row a stride with ``side, ic_time, fo_time, next_ic_time`` (s), as ``events.strides`` gives.
    left, right : m, (time, axis): the ankles, x forward, z right.
    belt : m/s, the belt's speed, against x; 0 overground.
    directions : of every stride, ``stride_directions``; without it all strides go along x.

    Returns
    -------
    The rows of ``strides`` with ``stance_time, stride_time, step_time`` (s), ``stride_length, step_length,
    step_width`` (m), ``cadence`` (steps/min), ``speed`` (m/s), ``double_support`` (% of stride). The step is the
    one that starts with the other foot's contact within the stride; lengths are along the stride's direction of
    travel; step width is the distance across it between the feet in mid-stance (40-60 %). What cannot be told is NaN.

    Examples
    --------
    A stride of 1.10 s on a belt at 1.2 m/s in which the foot ends 0.01 m further is 1.33 m long.

    >>> round(0.01 + 1.2 * 1.10, 2)
    1.33
    """
    feet = {"left": left, "right": right}
    side = strides["side"].to_numpy(object)
    start, off, end = (strides[c].to_numpy(float) for c in ("ic_time", "fo_time", "next_ic_time"))
    share = np.linspace(0.4, 0.6, 21)
    first, last = _places(feet, side, start, belt), _places(feet, side, end, belt)
    middle = _places(feet, side, start[:, None] + share * (off - start)[:, None], belt).mean(1)
    way = np.broadcast_to([1.0, 0.0], first.shape) if directions is None else directions[["x", "z"]].to_numpy(float)
    step_time, step_length, width, double = np.full((4, len(side)), np.nan)
    for k in range(len(side)):
        other = side != side[k]
        steps = np.flatnonzero(other & (start >= start[k] + 1e-9) & (start <= end[k]))
        if not len(steps):
            continue
        step = steps[0]
        step_time[k] = end[k] - start[step]
        step_length[k] = way[k] @ (last[k] - first[step])
        width[k] = abs(way[k, 0] * (middle[k] - middle[step])[1] - way[k, 1] * (middle[k] - middle[step])[0])
        before = np.flatnonzero(other & (off >= start[k]) & (off <= start[step]))
        if len(before):
            swing = start[step] - off[before[-1]]
            double[k] = 100 * (off[k] - start[k] - swing) / (end[k] - start[k])
    stride_time = end - start
    length = (way * (last - first)).sum(1)
    values = (off - start, stride_time, step_time, length, step_length, width, 120.0 / stride_time)
    found = dict(zip(OUTCOMES, (*values, length / stride_time, double), strict=True))
    return strides.join(pd.DataFrame(found, index=strides.index))


def _places(feet: dict[str, xr.DataArray], side: np.ndarray, time: np.ndarray, belt: float) -> np.ndarray:
    """Place on the belt (x, z) of each stride's own foot at its times, (stride, ..., 2); NaN where the time is."""
    result = np.full((*time.shape, 2), np.nan)
    for name, foot in feet.items():
        own = (side == name).reshape(-1, *[1] * (time.ndim - 1)) & np.isfinite(time)
        clock = foot["time"].values
        for k, axis in enumerate("xz"):
            result[own, k] = np.interp(time[own], clock, foot.sel(axis=axis).values)
    result[..., 0] += belt * time
    return result


def margins_of_stability(
    centre: xr.DataArray, length: float, border: Mapping[str, xr.DataArray], at: pd.DataFrame
) -> np.ndarray:
    """Return how far the extrapolated centre of mass lies inside the outer border of the foot on the ground, sideways.

    It is the centre of mass moved on by its velocity over the eigenfrequency of an inverted pendulum.

    Parameters
    ----------
    centre : m, (time, axis), z right: the centre of mass, smoothed, or what stands in for it. The middle of the
        pelvis is often taken: it follows the centre of mass within a few centimetres, but not a leaning trunk.
    length : m, of the pendulum. Authors differ: leg length, that times 1.2 or 1.34, or centre of mass to ankle. It
        changes the lead over the centre of mass by half its own share and belongs beside every number.
    border : m, (time, axis) by side, at the same times: a point on the foot's outer border. A marker on the ankle or
        the heel stands in for it and makes every margin smaller by its distance from the border.
    at : one row an instant: ``side`` of the foot on the ground, ``time`` s. Usually its initial contacts.

    Returns
    -------
    m, one for each row of ``at``; positive: the extrapolated centre of mass is medial of the border. NaN outside the
    recording, in a gap, or where the side has no point.

    Raises
    ------
    DimensionError, UnitError : wrong dimensions or unit, other times in one array than in another. SignalError : times
        that do not rise evenly. GaitStudyError : an impossible length, another side than left and right.

    References
    ----------
    Hof AL, Gazendam MGJ, Sinke WE (2005) J Biomech 38:1, doi 10.1016/j.jbiomech.2004.03.025.
    """
    if not PENDULUM[0] <= length <= PENDULUM[1]:
        low, high = PENDULUM
        raise GaitStudyError(f"length: expected {low:g}-{high:g} m, found {length:g}. Give the pendulum's length in m.")
    place = require_units(require_dims(centre, ("time", "axis"), "centre"), "m", "centre").sel(axis="z").values
    clock, time = centre["time"].values, at["time"].to_numpy(float)
    sampling_rate(clock)
    extrapolated = place + np.gradient(place, clock) / np.sqrt(GRAVITY / length)
    margin = np.full(len(at), np.nan)
    for side, own in at.reset_index(drop=True).groupby("side").groups.items():
        sign = side_sign(str(side))
        if side in border:
            edge = require_units(require_dims(border[str(side)], ("time", "axis"), "border"), "m", "border")
            if not np.array_equal(edge["time"].values, clock):
                raise DimensionError(f"{side}: expected a border at the times of the centre of mass, found others.")
            distance = sign * (pick(edge, axis="z") - extrapolated)
            margin[own] = np.interp(time[own], clock, distance, left=np.nan, right=np.nan)
    return margin


def symmetry_index(left: Values, right: Values) -> np.ndarray:
    """Return the difference of the sides as a percentage of their mean; left larger is positive.

    Parameters
    ----------
    left, right : one unit, any shape that broadcasts; quantities that cannot be negative. Of others the mean may be
        close to zero, the index without bound and its sign the wrong way round.

    Returns
    -------
    %, -200 to 200; NaN where one is negative or both are zero.

    References
    ----------
    Robinson RO, Herzog W, Nigg BM (1987) J Manipulative Physiol Ther 10:172; general knowledge, not verified. Others
    write right less left: the sign is a convention.

    Examples
    --------
    >>> float(symmetry_index(0.8, 1.0).round(4))
    -22.2222
    """
    a, b = np.asarray(left, float), np.asarray(right, float)
    total = a + b
    return np.asarray(200.0 * (a - b) / np.where((a >= 0) & (b >= 0) & (total > 0), total, np.nan))
