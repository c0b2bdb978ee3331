"""Steps in space and time, and where the walker is heading."""

from __future__ import annotations

import numpy as np
import pandas as pd
import xarray as xr

from gaitstudy.conventions import GaitStudyError, labelled, require_dims
from gaitstudy.gait.signals import sampling_rate

OVERGROUND = 0.3
"""m/s; feet slower than this in stance stand on the floor, not on a belt."""
MOVING = 0.1
"""m/s; a pelvis that moves less than this over a stride's time heads nowhere: standing sway is a fifth of it."""
STRIDE = 1.1
"""s; a walking adult's stride."""
OUTCOMES = (
    "stance_time", "stride_time", "step_time", "stride_length", "step_length", "step_width", "cadence", "speed",
    "double_support",
)  # fmt: skip
"""Columns that ``spatiotemporal`` adds."""


def travel_direction(pelvis: xr.DataArray, feet: list[xr.DataArray], shortest: float = 0.5) -> np.ndarray:
    """Return the horizontal unit vector in which the walker travels.

    The feet tell which: where the lower foot moves faster than 0.3 m/s it stands on a belt, and the walker travels
    against it, however far the pelvis drifts; otherwise the direction is the pelvis's displacement over the trial.

    Parameters
    ----------
    pelvis : m, (time, axis). feet : heel positions, left and right, m, (time, axis).
    shortest : m; a smaller displacement of the pelvis overground is no walk.

    Raises
    ------
    GaitStudyError : neither the pelvis nor the feet move.
    """
    known = require_dims(pelvis, ("time", "axis"), "pelvis").dropna("time")
    rate = sampling_rate(pelvis["time"])
    position = np.stack([require_dims(foot, ("time", "axis"), "heel").values for foot in feet])
    velocity = np.gradient(position, axis=1) * rate
    lower = np.argmin(np.where(np.isnan(position[..., 1]), np.inf, position[..., 1]), axis=0)
    standing = velocity[lower, np.arange(position.shape[1])] * [1.0, 0.0, 1.0]
    speed = np.linalg.norm(standing, axis=1)
    slow = speed <= np.nanmedian(speed) if np.isfinite(speed).any() else np.zeros(len(speed), bool)
    direction = -standing[slow].mean(0) if slow.any() else np.zeros(3)
    if not np.linalg.norm(direction) > OVERGROUND:
        ends = known.values[[0, -1]] if known.sizes["time"] > 1 else np.zeros((2, 3))
        direction = (ends[1] - ends[0]) * [1.0, 0.0, 1.0]
        if not np.linalg.norm(direction) > shortest:
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
            return labelled(
                (step / length[:, None])[nearest],
                ("time", "axis"),
                units="1",
                frame="lab",
                long_name="direction of travel",
                coords={"time": time},
            )
    raise GaitStudyError(
        f"direction of travel: expected a walking person, found the pelvis slower than {MOVING:g} m/s throughout, or "
        "never seen. Is this the static trial?"
    )


def belt_speed(
    foot: xr.DataArray, initial_contact: np.ndarray, foot_off: np.ndarray, window: tuple[float, float] = (10.0, 70.0)
) -> float:
    """Return the speed of the belt under a foot: its mean backward speed over a window of stance.

    Parameters
    ----------
    foot : m, (time, axis), an ankle or heel, x forward.
    initial_contact, foot_off : s, (stride,).
    window : per cent of stance, from and to. While a foot rolls over heel or toe its markers are slower than the belt.

    Returns
    -------
    m/s; 0 where the foot stands still (slower than 0.3 m/s: overground), NaN where no stance can be seen.
    """
    time = foot["time"].values
    position = foot.sel(axis="x").values
    low, high = (v / 100 for v in window)
    first = np.interp(initial_contact + low * (foot_off - initial_contact), time, position)
    last = np.interp(initial_contact + high * (foot_off - initial_contact), time, position)
    speeds = (first - last) / ((high - low) * (foot_off - initial_contact))
    speed = float(speeds[np.isfinite(speeds)].mean()) if np.isfinite(speeds).any() else np.nan
    return 0.0 if speed <= OVERGROUND else speed


def spatiotemporal(
    strides: pd.DataFrame, left: xr.DataArray, right: xr.DataArray, *, belt: float = 0.0
) -> pd.DataFrame:
    """Return times, lengths, width, cadence and speed of every stride, the belt's motion added.

    Parameters
    ----------
    strides : one row a stride with ``side, ic_time, fo_time, next_ic_time`` (s), as ``events.strides`` gives.
    left, right : m, (time, axis): the ankles, x forward, z right.
    belt : m/s, the belt's speed; 0 overground.

    Returns
    -------
    The rows of ``strides`` with ``stance_time, stride_time, step_time`` (s), ``stride_length, step_length,
    step_width`` (m), ``cadence`` (steps/min), ``speed`` (m/s), ``double_support`` (% of stride). The step is the
    one that starts with the other foot's contact within the stride; step width is the distance across the
    line of travel between the feet in mid-stance (40-60 %). What cannot be told is NaN.

    Examples
    --------
    A stride of 1.10 s on a belt at 1.2 m/s in which the foot ends 0.01 m further is 1.33 m long.

    >>> round(0.01 + 1.2 * 1.10, 2)
    1.33
    """
    feet = {"left": left, "right": right}
    side = strides["side"].to_numpy(object)
    start, off, end = (strides[c].to_numpy(float) for c in ("ic_time", "fo_time", "next_ic_time"))
    first, last = _along(feet, side, start), _along(feet, side, end)
    middle = _mid_stance(feet, side, start, off)
    step_time, step_length, width, double = np.full((4, len(side)), np.nan)
    for k in range(len(side)):
        other = side != side[k]
        steps = np.flatnonzero(other & (start >= start[k] + 1e-9) & (start <= end[k]))
        if not len(steps):
            continue
        step = steps[0]
        step_time[k] = end[k] - start[step]
        step_length[k] = last[k] - first[step] + belt * step_time[k]
        width[k] = abs(middle[k] - middle[step])
        before = np.flatnonzero(other & (off >= start[k]) & (off <= start[step]))
        if len(before):
            swing = start[step] - off[before[-1]]
            double[k] = 100 * (off[k] - start[k] - swing) / (end[k] - start[k])
    stride_time = end - start
    length = last - first + belt * stride_time
    values = (off - start, stride_time, step_time, length, step_length, width, 120.0 / stride_time)
    found = dict(zip(OUTCOMES, (*values, length / stride_time, double), strict=True))
    return strides.join(pd.DataFrame(found, index=strides.index))


def _along(feet: dict[str, xr.DataArray], side: np.ndarray, time: np.ndarray) -> np.ndarray:
    """Forward position of each stride's own foot at a time; NaN where the time is."""
    result = np.full(len(time), np.nan)
    for name, foot in feet.items():
        own = (side == name) & np.isfinite(time)
        result[own] = np.interp(time[own], foot["time"].values, foot.sel(axis="x").values)
    return result


def _mid_stance(feet: dict[str, xr.DataArray], side: np.ndarray, start: np.ndarray, off: np.ndarray) -> np.ndarray:
    """Mean sideways position of each stride's own foot over 40-60 % of its stance."""
    share = np.linspace(0.4, 0.6, 21)
    result = np.full(len(start), np.nan)
    for name, foot in feet.items():
        own = side == name
        instants = start[own, None] + share * (off - start)[own, None]
        result[own] = np.interp(instants, foot["time"].values, foot.sel(axis="z").values).mean(1)
    return result
