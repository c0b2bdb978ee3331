"""Strap-down integration: from what a sensor on a foot feels, stand by stand, to how it turns and where it goes.

Everything here is in plain arrays; ``gait.foot_imu`` is the room with labels and units around it.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from scipy.spatial.transform import Rotation

WINDOW = 0.1
"""s; over which turning and gravity are averaged, and the shortest stand."""


def indices(time: np.ndarray, at: np.ndarray) -> np.ndarray:
    """Return the samples nearest to the instants ``at``, s, on an even clock ``time``, s."""
    return np.rint((at - time[0]) * ((len(time) - 1) / (time[-1] - time[0]))).astype(int)


def gravity_at(force: np.ndarray, at: np.ndarray, rate: float) -> np.ndarray:
    """Return the mean specific force, m/s2, over ``WINDOW`` about each index, (index, axis)."""
    half = int(WINDOW * rate / 2)
    near = np.clip(at[:, None] + np.arange(-half, half + 1), 0, len(force) - 1)
    return force[near].mean(1)


def moves_between(
    force: np.ndarray, turning: np.ndarray, axes: np.ndarray, flat: pd.DataFrame, time: np.ndarray, rate: float
) -> dict[str, Any]:
    """Add up every move from one stand to the next, all at once: where it ends, and how the foot has turned.

    Parameters
    ----------
    force : m/s2, (time, axis), in the sensor's axes. turning : deg/s, (time, axis), in the foot's. axes : (direction,
        axis), the foot's forward, up and right in the sensor's. flat : ``arrive, leave`` s of every stand. time : s.
    rate : Hz.

    Returns
    -------
    By move, in its own frame (x where the foot points at its start, y up, z right): ``first, last`` sample; ``place``
    m, (sample, move, axis), constant after the end; ``end`` m; ``heading`` rad, of the foot at the end, to the right;
    ``drift`` m/s, the velocity at the end that was taken out; ``lost``, whether a sample is missing (then NaN).
    """
    first, last = indices(time, flat["leave"].to_numpy())[:-1], indices(time, flat["arrive"].to_numpy())[1:]
    steps = last - first
    longest = int(steps.max())
    sample = first[:, None] + np.arange(longest + 1)
    inside = np.arange(longest + 1) <= steps[:, None]
    sample = np.where(inside, sample, last[:, None])
    specific, rates = (force @ axes.T)[sample], np.radians(turning)[sample]
    lost = ~(np.isfinite(specific).all((1, 2)) & np.isfinite(rates).all((1, 2)))
    specific, rates = np.nan_to_num(specific), np.nan_to_num(rates)
    begin, finish = (gravity_at(force @ axes.T, at, rate) for at in (first, last))
    lost |= ~(np.isfinite(begin).all(1) & np.isfinite(finish).all(1))
    begin, finish = (np.where(lost[:, None], [0.0, 1.0, 0.0], v) for v in (begin, finish))
    size = float(np.linalg.norm(np.concatenate([begin[~lost], finish[~lost]]), axis=1).mean()) if (~lost).any() else 1.0
    turns = np.where(inside[:, 1:, None], (rates[:, :-1] + rates[:, 1:]) / (2 * rate), 0.0)
    now = Rotation.from_matrix(level_axes(begin))
    course = [now.as_quat()]
    for k in range(longest):
        now = now * Rotation.from_rotvec(turns[:, k])
        course.append(now.as_quat())
    shown = now.apply(finish / np.linalg.norm(finish, axis=1)[:, None])  # up, as the added-up orientation has it
    tilt = np.cross(shown, [0.0, 1.0, 0.0])
    sine = np.linalg.norm(tilt, axis=1)
    tilt *= (np.arctan2(sine, shown[:, 1]) / np.where(sine > 0, sine, 1.0))[:, None]
    share = np.minimum(np.arange(longest + 1)[:, None] / steps, 1.0)
    righted = Rotation.from_rotvec((share[..., None] * tilt).reshape(-1, 3)) * Rotation.from_quat(
        np.stack(course).reshape(-1, 4)
    )
    moving = righted.apply(np.moveaxis(specific, 0, 1).reshape(-1, 3)).reshape(longest + 1, -1, 3) - [0.0, size, 0.0]
    moving = np.where(inside.T[..., None], moving, 0.0)
    half = inside.T[1:, :, None] / (2 * rate)
    velocity = np.concatenate([np.zeros((1, len(first), 3)), np.cumsum((moving[:-1] + moving[1:]) * half, axis=0)])
    drift = velocity[-1]
    velocity = np.where(inside.T[..., None], velocity - share[..., None] * drift, 0.0)
    place = np.concatenate([np.zeros((1, len(first), 3)), np.cumsum((velocity[:-1] + velocity[1:]) * half, axis=0)])
    pointing = righted[-len(first) :].apply([1.0, 0.0, 0.0])
    heading = np.arctan2(pointing[:, 2], pointing[:, 0])
    place[:, lost], heading[lost], drift[lost] = np.nan, np.nan, np.nan
    return {
        "first": first,
        "last": last,
        "place": place,
        "end": place[-1],
        "heading": heading,
        "drift": drift,
        "lost": lost,
    }


def level_axes(gravity: np.ndarray) -> np.ndarray:
    """Return the rotations (move, 3, 3) from the foot's axes to the level, in which the foot points along x.

    Parameters
    ----------
    gravity : m/s2 or any other unit, (move, axis): what a still foot feels, in its axes (forward, up, right). Not along
        the foot itself: then nothing says where it points.
    """
    up = gravity / np.linalg.norm(gravity, axis=1)[:, None]
    ahead = np.array([1.0, 0.0, 0.0]) - up[:, :1] * up
    ahead /= np.linalg.norm(ahead, axis=1)[:, None]
    return np.stack([ahead, up, np.cross(ahead, up)], 1)
