"""Walking seen by a sensor on the foot: when it stands, when it swings, where it goes and which way it points.

The sensor may sit on the foot in any way. Gravity tells which of its axes is up, the turning in swing which is to the
right; what stays unknown is how far the axis of that turning is from square to the foot's long axis: one constant a
foot, in degrees, which only a second instrument, or a walk with a known foot angle, can give.

Sources: zero-velocity updates on the foot, with drift taken out of each stride: Mariani B and others (2010) J Biomech
43:2999, doi 10.1016/j.jbiomech.2010.07.003. The same, and foot off where the turning changes its sign: Rampp A and
others (2015) IEEE Trans Biomed Eng 62:1089, doi 10.1109/TBME.2014.2368211. Still by the energy of the turning: Skog I
and others (2010) IEEE Trans Biomed Eng 57:2657, doi 10.1109/TBME.2010.2060723. Foot angle from foot sensors: Huang Y
and others (2016) IEEE Trans Biomed Eng 63:2278. What they do is general knowledge here, not verified in the papers; it
is written from the physics, and every threshold is this project's.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr
from scipy import ndimage
from scipy.spatial.transform import Rotation

from gaitstudy.conventions import GRAVITY, SignalError, labelled, require_dims, require_units, side_sign
from gaitstudy.gait.signals import sampling_rate

WINDOW = 0.1
"""s; over which turning and gravity are averaged, and the shortest stand."""
STILL, SWINGING = 40.0, 150.0
"""deg/s, root mean square of the turning over ``WINDOW``: below the one a foot stands, above the other it swings."""
LONG, EDGE = 1.0, 0.5
"""s; a stand longer than the first is a pause: it is left from an instant in its last ``EDGE`` and entered by one in
its first, so that no stride lasts as long as a pause."""
REST, REST_TIME = 2.0, 0.5
"""deg/s and s; a foot that turns less for so long shows the gyroscope's offset."""
TOLERANCE = 0.05
"""Share by which gravity, as a standing foot's sensor shows it, may differ from 9.8 m/s2."""
SLOWEST = 50.0
"""Hz; with fewer samples a second a foot's turning cannot be added up."""
SHORTEST = 0.3
"""m; a shorter stride is a shuffle, or a turn on the spot."""
COLUMNS = (
    "side", "stride", "flat_time", "ic_time", "fo_time", "next_ic_time", "next_flat_time", "stride_time",
    "stride_length", "speed", "foot_progression_angle", "direction", "turn", "drift", "reason",
)  # fmt: skip


@dataclass(frozen=True)
class FootWalk:
    """A walk as one foot's sensor saw it.

    ``strides`` one row a swing: ``side, stride``; ``flat_time, next_flat_time`` s, the instants of least turning before
    and after; ``ic_time, fo_time, next_ic_time, stride_time`` s, NaN where the foot stood in between; ``stride_length``
    m, level distance between the two flat instants; ``speed`` m/s; ``foot_progression_angle`` deg, toe-out positive;
    ``direction`` deg of travel, to the right positive, from where the foot first pointed; ``turn`` deg, its change
    from the stride before; ``drift`` m/s, the velocity at the end, along the stride, that was taken out;
    ``reason`` why a stride is not an ordinary one. ``path`` m, (time, axis), of the sensor, from its first place, x
    where the foot first pointed, y up. ``mounting`` (direction, axis): the foot's forward, up and right in the sensor's
    axes. ``offset`` deg/s, (axis,), taken from the gyroscope, in the sensor's axes. ``notes``: what was assumed.
    """

    strides: pd.DataFrame
    path: xr.DataArray
    mounting: xr.DataArray
    offset: np.ndarray
    notes: tuple[str, ...]


def _stands(angular_rate: xr.DataArray) -> pd.DataFrame:
    """Return when a foot stands: stretches of little turning between swings.

    Parameters
    ----------
    angular_rate : deg/s, (time, axis), of a sensor on the foot, in any axes.

    Returns
    -------
    One row a stand: ``arrive, leave`` s, its instants of least turning (one and the same unless it is a pause), and
    ``turning`` deg/s there, root mean square over 0.1 s.

    Raises
    ------
    SignalError : fewer than two stands with a swing between.
    """
    rate, turning, time = _signal(angular_rate, "deg/s", "angular rate")
    loud = _moving_rms(turning, rate)
    labels, count = ndimage.label(np.nan_to_num(loud, nan=np.inf) < STILL)
    runs = [
        (run[0].start, run[0].stop)
        for run in ndimage.find_objects(labels, count)
        if run[0].stop - run[0].start >= WINDOW * rate
    ]
    merged: list[tuple[int, int]] = []
    for begin, end in runs:
        between = loud[merged[-1][1] : begin] if merged else loud[:0]
        if merged and not (np.nanmax(between, initial=0.0) > SWINGING or np.isnan(between).any()):
            merged[-1] = (merged[-1][0], end)
        else:
            merged.append((begin, end))
    rows = []
    for begin, end in merged:
        edge = round(EDGE * rate)
        pause = end - begin > LONG * rate
        spans = ((begin, begin + edge), (end - edge, end)) if pause else ((begin, end), (begin, end))
        first, last = (a + int(np.nanargmin(loud[a:b])) for a, b in spans)
        rows.append((time[first], time[last], max(loud[first], loud[last])))
    if len(rows) < 2:
        raise SignalError(
            f"angular rate: expected a foot that stands (below {STILL:g} deg/s) and swings (above {SWINGING:g}), "
            f"found {len(rows)} stands. Is the sensor on the foot, the unit deg/s, and does the person walk?"
        )
    return pd.DataFrame(rows, columns=["arrive", "leave", "turning"])


def _mounting(acceleration: xr.DataArray, angular_rate: xr.DataArray, flat: pd.DataFrame) -> xr.DataArray:
    """Return how a sensor sits on a foot: the foot's forward, up and right, in the sensor's axes.

    Up is what gravity shows, on average, while the foot stands. To the right is the axis about which it turns most when
    it turns fast, made square to up. Which way along that axis is right, is decided by the walk: people go forward.

    Parameters
    ----------
    acceleration, angular_rate : m/s2 and deg/s, (time, axis). flat : of ``_stands``.

    Returns
    -------
    (direction, axis), unit vectors; ``attrs["planar"]`` is the share of fast turning that is about the third.

    Raises
    ------
    SignalError : gravity differs from 9.8 m/s2 by over 5 %, no fast turning, other times in the two signals.
    """
    rate, turning, time, force = _both(acceleration, angular_rate)
    at = _indices(time, flat[["arrive", "leave"]].to_numpy().ravel())
    axes, planar = _axes(force, turning, np.unique(at), rate)
    if _forward_share(_moves_between(force, turning @ axes.T, axes, flat, time, rate)) < 0:
        axes = axes * np.array([-1.0, 1.0, -1.0])[:, None]
    result = labelled(
        axes, ("direction", "axis"), units="1", frame="sensor", long_name="foot's forward, up and right",
        coords={"direction": ["forward", "up", "right"]},
    )  # fmt: skip
    result.attrs["planar"] = planar
    return result


def foot_walk(acceleration: xr.DataArray, angular_rate: xr.DataArray, side: str, *, constant: float = 0.0) -> FootWalk:
    """Return strides, events, foot angle and path of a foot from the sensor on it.

    Between two stands the turning is added up to an orientation (Rodrigues' rotation, sample by sample), its error in
    tilt at the end, which gravity shows, is spread evenly over the stride; the acceleration, turned to the level and
    less gravity, is added up to a velocity, which must be nought at the end: what is left is spread evenly too; and so
    to a place. Foot off is when the toes, having sunk fastest at push-off, begin to rise; contact when they begin the
    fall that is fastest at the end of swing: there the turning about the right axis crosses zero, linearly between
    samples. The foot progression angle is that between where the foot points as it stands and where it goes next.

    Parameters
    ----------
    acceleration : m/s2, (time, axis), specific force in the sensor's axes. angular_rate : deg/s, likewise.
    side : whose foot. constant : deg, added to every foot progression angle (see the module's head).

    Raises
    ------
    SignalError : below 50 Hz, no walk, gravity that does not fit, other times in the two signals.
    """
    sign = side_sign(side)
    if not np.isfinite(constant):
        raise SignalError(f"constant: expected a number of deg, found {constant}.")
    rate, turning, time, force = _both(acceleration, angular_rate)
    offset, notes = _offset(turning, rate)
    turning = turning - offset
    flat = _stands(angular_rate)
    mounted = _mounting(acceleration, angular_rate.copy(data=turning), flat)
    axes = mounted.values
    moves = _moves_between(force, turning @ axes.T, axes, flat, time, rate)
    notes.append(f"{100 * mounted.attrs['planar']:.0f} % of the fast turning is about the axis taken as right.")
    table = _events(turning @ axes[2], time, flat)
    level = moves["end"][:, [0, 2]]
    with np.errstate(invalid="ignore"):
        away = np.degrees(np.arctan2(level[:, 1], level[:, 0]))
    pause = np.degrees(_turned_in_pauses(turning @ axes[1], flat, time, rate))
    heading = np.cumsum(np.r_[0.0, np.degrees(moves["heading"][:-1]) + pause])
    table["stride_length"] = np.linalg.norm(level, axis=1)
    table["speed"] = table["stride_length"] / table["stride_time"]
    table["foot_progression_angle"] = constant - sign * away
    table["direction"] = _wrapped(heading + away)
    table["turn"] = _wrapped(np.diff(heading + away, prepend=np.nan))
    along = level / np.maximum(table["stride_length"].to_numpy(), 1e-9)[:, None]
    table["drift"] = (moves["drift"][:, [0, 2]] * along).sum(1)
    table["reason"] = _reasons(table, moves["lost"])
    table.insert(0, "side", side)
    table.insert(1, "stride", np.arange(len(table)))
    path = labelled(
        _path(moves, np.radians(heading), len(time)), ("time", "axis"), units="m", frame="where the foot first pointed",
        long_name="path of the sensor", coords={"time": time},
    )  # fmt: skip
    return FootWalk(table[list(COLUMNS)], path, mounted, offset, tuple(notes))


def _signal(array: xr.DataArray, unit: str, name: str) -> tuple[float, np.ndarray, np.ndarray]:
    """Return rate, values (time, axis) and times of a signal that has the unit and enough samples a second."""
    values = require_dims(require_units(array, unit, name), ("time", "axis"), name).values.astype(float)
    rate = sampling_rate(array["time"])
    if rate < SLOWEST:
        raise SignalError(f"{name}: expected {SLOWEST:g} Hz or more, found {rate:.3g}. Record at a higher rate.")
    return rate, values, array["time"].values


def _both(acceleration: xr.DataArray, angular_rate: xr.DataArray) -> tuple[float, np.ndarray, np.ndarray, np.ndarray]:
    """Return rate, angular rate, times and acceleration of two signals on one clock."""
    rate, turning, time = _signal(angular_rate, "deg/s", "angular rate")
    _, force, other = _signal(acceleration, "m/s2", "acceleration")
    if len(other) != len(time) or np.abs(other - time).max() > 0.1 / rate:
        raise SignalError("acceleration, angular rate: expected the same times, found others. Resample one of them.")
    return rate, turning, time, force


def _moving_rms(turning: np.ndarray, rate: float) -> np.ndarray:
    """Root mean square of the turning over ``WINDOW`` about each sample; shorter at both ends, NaN beside gaps."""
    width = np.ones(2 * int(WINDOW * rate / 2) + 1)
    energy = np.convolve((turning**2).sum(1), width, mode="same")
    return np.sqrt(np.maximum(energy, 0) / np.convolve(np.ones(len(turning)), width, mode="same"))


def _offset(turning: np.ndarray, rate: float) -> tuple[np.ndarray, list[str]]:
    """Return the gyroscope's offset, deg/s, from the stillest half second, if the foot rests in it; else zero."""
    width, lost = round(REST_TIME * rate), ~np.isfinite(turning).all(1)
    known = np.where(lost[:, None], 0.0, turning)
    sums, squares = (np.cumsum(np.vstack([np.zeros(3), v]), axis=0) for v in (known, known**2))
    gaps = np.cumsum(np.r_[0, lost])
    mean, square = ((s[width:] - s[:-width]) / width for s in (sums, squares))
    spread = np.sqrt(np.maximum(square - mean**2, 0).sum(1)) if len(mean) else np.array([np.inf])
    spread[: len(mean)][gaps[width:] > gaps[:-width]] = np.inf
    best = int(np.argmin(spread))
    if not spread[best] < REST:
        return np.zeros(3), ["no rest in the recording: the gyroscope's offset is taken as zero."]
    return mean[best], [f"offset of the gyroscope taken from rest: {np.linalg.norm(mean[best]):.2f} deg/s."]


def _axes(force: np.ndarray, turning: np.ndarray, at: np.ndarray, rate: float) -> tuple[np.ndarray, float]:
    """Return forward, up and right in the sensor's axes, right or left not yet told, and how plane the turning is."""
    still = _gravity_at(force, at, rate)
    still = still[np.isfinite(still).all(1)]
    size = float(np.linalg.norm(still, axis=1).mean()) if len(still) else np.nan
    if not abs(size / GRAVITY - 1) <= TOLERANCE:
        raise SignalError(
            f"acceleration: expected {GRAVITY:.2f} m/s2 while the foot stands, found {size:.3g}. Is the unit m/s2, is "
            "gravity still in it, and is the sensor calibrated?"
        )
    up = (still / np.linalg.norm(still, axis=1)[:, None]).mean(0)
    up /= np.linalg.norm(up)
    fast = turning[np.linalg.norm(turning, axis=1) > SWINGING]
    if not len(fast):
        raise SignalError(
            f"angular rate: expected a foot that swings (above {SWINGING:g} deg/s), found none between the "
            "gaps. Choose a recording of walking."
        )
    shares, vectors = np.linalg.eigh(fast.T @ fast)
    right = vectors[:, -1] - (vectors[:, -1] @ up) * up
    right /= np.linalg.norm(right)
    return np.stack([np.cross(up, right), up, right]), float(shares[-1] / shares.sum())


def _forward_share(moves: dict[str, Any]) -> float:
    """Mean cosine between where the foot points and where it goes."""
    level = moves["end"][:, [0, 2]]
    far = np.linalg.norm(level, axis=1)
    known = far > SHORTEST
    return float((level[known, 0] / far[known]).mean()) if known.any() else 1.0


def _events(rise: np.ndarray, time: np.ndarray, flat: pd.DataFrame) -> pd.DataFrame:
    """Return the events of every move from the turning about the right axis, deg/s, toes up positive."""
    leave, arrive = flat["leave"].to_numpy(), flat["arrive"].to_numpy()
    off, contact = np.full((2, len(flat) - 1), np.nan)
    for k, (a, b) in enumerate(zip(_indices(time, leave)[:-1], _indices(time, arrive)[1:], strict=True)):
        own = rise[a : b + 1]
        if not np.isfinite(own).all() or own.max() <= 0:
            continue
        top = int(own.argmax())
        push, slap = int(own[: top + 1].argmin()), top + int(own[top:].argmin())
        rising, falling = np.flatnonzero(own[push:top] <= 0), np.flatnonzero(own[top:slap] > 0)
        if len(rising) and len(falling) and own[slap] < 0:
            off[k], contact[k] = (_zero(own, a + i, i, time) for i in (push + rising[-1], top + falling[-1]))
    table = pd.DataFrame(
        {"flat_time": leave[:-1], "fo_time": off, "next_ic_time": contact, "next_flat_time": arrive[1:]}
    )
    through = np.r_[False, arrive[1:-1] == leave[1:-1]]
    table["ic_time"] = np.where(through, np.r_[np.nan, contact[:-1]], np.nan)
    return table.assign(stride_time=table["next_ic_time"] - table["ic_time"])


def _zero(own: np.ndarray, at: int, i: int, time: np.ndarray) -> float:
    return float(time[at] + (time[at + 1] - time[at]) * own[i] / (own[i] - own[i + 1]))


def _turned_in_pauses(turning_up: np.ndarray, flat: pd.DataFrame, time: np.ndarray, rate: float) -> np.ndarray:
    """How far the foot turned to the right, rad, in each stand between two moves; nought unless it is a pause."""
    spans = zip(_indices(time, flat["arrive"].to_numpy()), _indices(time, flat["leave"].to_numpy()), strict=True)
    turned = [-np.radians(turning_up[a:b]).sum() / rate for a, b in spans]
    return np.array(turned[1:-1])


def _wrapped(degrees: np.ndarray) -> np.ndarray:
    return (np.asarray(degrees) + 180.0) % 360.0 - 180.0


def _reasons(table: pd.DataFrame, lost: np.ndarray) -> np.ndarray:
    """Why a stride is not an ordinary one, the first that holds; an empty text otherwise."""
    causes = {
        "samples missing": lost,
        "no swing seen": table["fo_time"].isna().to_numpy(),
        f"shorter than {SHORTEST:g} m": ~(table["stride_length"] >= SHORTEST).to_numpy(),
        "starts from standing": table["ic_time"].isna().to_numpy(),
    }
    return np.select(list(causes.values()), list(causes), default="")


def _path(moves: dict[str, Any], heading: np.ndarray, count: int) -> np.ndarray:
    """Put the moves one behind the other: places of the sensor, (time, axis); a lost move leaves NaN after it."""
    path, here = np.zeros((count, 3)), np.zeros(3)
    c, s = np.cos(heading), np.sin(heading)
    for k, (a, b) in enumerate(zip(moves["first"], moves["last"], strict=True)):
        x, y, z = moves["place"][: b - a + 1, k].T
        path[a : b + 1] = here + np.stack([x * c[k] - z * s[k], y, x * s[k] + z * c[k]], -1)
        here = path[b].copy()
        path[b + 1 :] = here
    return path


# ---- strap-down integration: from what a sensor feels, stand by stand, to how it turns and where it goes ----


def _indices(time: np.ndarray, at: np.ndarray) -> np.ndarray:
    """Return the samples nearest to the instants ``at``, s, on an even clock ``time``, s."""
    return np.rint((at - time[0]) * ((len(time) - 1) / (time[-1] - time[0]))).astype(int)


def _gravity_at(force: np.ndarray, at: np.ndarray, rate: float) -> np.ndarray:
    """Return the mean specific force, m/s2, over ``WINDOW`` about each index, (index, axis)."""
    half = int(WINDOW * rate / 2)
    near = np.clip(at[:, None] + np.arange(-half, half + 1), 0, len(force) - 1)
    return force[near].mean(1)


def _moves_between(
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
    first, last = _indices(time, flat["leave"].to_numpy())[:-1], _indices(time, flat["arrive"].to_numpy())[1:]
    steps = last - first
    longest = int(steps.max())
    sample = first[:, None] + np.arange(longest + 1)
    inside = np.arange(longest + 1) <= steps[:, None]
    sample = np.where(inside, sample, last[:, None])
    specific, rates = (force @ axes.T)[sample], np.radians(turning)[sample]
    lost = ~(np.isfinite(specific).all((1, 2)) & np.isfinite(rates).all((1, 2)))
    specific, rates = np.nan_to_num(specific), np.nan_to_num(rates)
    begin, finish = (_gravity_at(force @ axes.T, at, rate) for at in (first, last))
    lost |= ~(np.isfinite(begin).all(1) & np.isfinite(finish).all(1))
    begin, finish = (np.where(lost[:, None], [0.0, 1.0, 0.0], v) for v in (begin, finish))
    size = float(np.linalg.norm(np.concatenate([begin[~lost], finish[~lost]]), axis=1).mean()) if (~lost).any() else 1.0
    turns = np.where(inside[:, 1:, None], (rates[:, :-1] + rates[:, 1:]) / (2 * rate), 0.0)
    now = Rotation.from_matrix(_level_axes(begin))
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


def _level_axes(gravity: np.ndarray) -> np.ndarray:
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
