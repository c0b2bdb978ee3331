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

import numpy as np
import pandas as pd
import xarray as xr
from scipy import ndimage
from scipy.integrate import cumulative_trapezoid
from scipy.spatial.transform import Rotation

from gaitstudy.conventions import AXES, GRAVITY, SignalError, require_dims, require_units, side_sign, variable
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


def foot_walk(acceleration: xr.DataArray, angular_rate: xr.DataArray, side: str) -> tuple[pd.DataFrame, xr.Dataset]:
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
    side : whose foot.

    Returns
    -------
    strides : one row a swing: ``side, stride``; ``flat_time, next_flat_time`` s, the instants of least turning before
        and after; ``ic_time, fo_time, next_ic_time, stride_time`` s, NaN where the foot stood in between;
        ``stride_length`` m, level distance between the two flat instants; ``foot_progression_angle`` deg, toe-out
        positive, but for the constant of the module's head; ``direction`` deg of travel, to the right positive, from
        where the foot first pointed; ``drift`` m/s, the velocity at the end, along the stride, that was taken out;
        ``reason`` why a stride is not an ordinary one.
    sensor : dataset ``path`` m, (time, axis), from its first place, x where the foot first pointed, y up; ``mounting``
        (direction, axis), unit vectors: the foot's forward, up and right in the sensor's axes, its attribute ``planar``
        the share of fast turning that is about the third; ``offset`` deg/s, (axis,), taken from the gyroscope, in the
        sensor's axes, 0 where the foot never rests for half a second.

    Raises
    ------
    SignalError : below 50 Hz, no walk, gravity that differs from 9.8 m/s2 by over 5 % while the foot stands, other
        times in the two signals.

    References
    ----------
    See the module.
    """
    sign = side_sign(side)
    turning, force = (
        require_dims(require_units(array, unit, name), ("time", "axis"), name).values.astype(float)
        for array, unit, name in ((angular_rate, "deg/s", "angular rate"), (acceleration, "m/s2", "acceleration"))
    )
    time, rate = angular_rate["time"].values, sampling_rate(angular_rate["time"])
    if rate < SLOWEST:
        raise SignalError(f"angular rate: expected {SLOWEST:g} Hz or more, found {rate:.3g}. Record at a higher rate.")
    if len(force) != len(time) or np.abs(acceleration["time"].values - time).max() > 0.1 / rate:
        raise SignalError("acceleration, angular rate: expected the same times, found others. Resample one of them.")
    stands = _stands(turning, rate)
    offset = _offset(turning, rate)
    turning = turning - offset
    axes, planar = _mounting(force, turning, stands, rate)
    force, turning = force @ axes.T, turning @ axes.T
    moves = _moves(force, turning, stands, rate)
    off, contact = _events(turning[:, 2], time, stands)
    arrive, leave = stands
    passed = np.r_[False, arrive[1:-1] == leave[1:-1]]  # the foot went on without a pause
    before = np.where(passed, np.r_[np.nan, contact[:-1]], np.nan)
    level = moves["end"][:, [0, 2]]
    length, away = np.linalg.norm(level, axis=1), np.degrees(np.arctan2(level[:, 1], level[:, 0]))
    paused = [-turning[a:b, 1].sum() / rate for a, b in stands.T[1:-1]]  # deg turned to the right
    heading = np.cumsum(np.r_[0.0, np.degrees(moves["heading"][:-1]) + paused])
    causes = {
        "samples missing": moves["lost"],
        "no swing seen": np.isnan(off),
        f"shorter than {SHORTEST:g} m": ~(length >= SHORTEST),
        "starts from standing": np.isnan(before),
    }
    table = pd.DataFrame(
        {
            "side": side,
            "stride": np.arange(len(length)),
            "flat_time": time[leave[:-1]],
            "ic_time": before,
            "fo_time": off,
            "next_ic_time": contact,
            "next_flat_time": time[arrive[1:]],
            "stride_time": contact - before,
            "stride_length": length,
            "foot_progression_angle": -sign * away,
            "direction": (heading + away + 180.0) % 360.0 - 180.0,
            "drift": (moves["drift"][:, [0, 2]] * level).sum(1) / np.maximum(length, 1e-9),
            "reason": np.select(list(causes.values()), list(causes), default=""),
        }
    )
    sensor = xr.Dataset(coords={"time": time, "axis": list(AXES), "direction": ["forward", "up", "right"]})
    sensor["path"] = variable(
        _path(moves, np.radians(heading), len(time)), ("time", "axis"), units="m", long_name="path of the sensor",
        frame="where the foot first pointed",
    )  # fmt: skip
    named = "foot's forward, up and right"
    sensor["mounting"] = variable(axes, ("direction", "axis"), units="1", long_name=named, frame="sensor")
    sensor["mounting"].attrs["planar"] = planar
    sensor["offset"] = variable(offset, ("axis",), units="deg/s", long_name="gyroscope's offset", frame="sensor")
    return table, sensor


def _stands(turning: np.ndarray, rate: float) -> np.ndarray:
    """Return when a foot stands: stretches of little turning between swings.

    Parameters
    ----------
    turning : deg/s, (time, axis), of a sensor on the foot, in any axes. rate : Hz.

    Returns
    -------
    (2, stand), the samples of least turning by which each stand is entered and left: the same unless it is a pause.
    """
    width = np.ones(2 * int(WINDOW * rate / 2) + 1)
    energy = np.convolve((turning**2).sum(1), width, mode="same")
    loud = np.sqrt(np.maximum(energy, 0) / np.convolve(np.ones(len(turning)), width, mode="same"))
    found, edge = [], round(EDGE * rate)
    for (calm,) in ndimage.find_objects(ndimage.label(loud <= SWINGING)[0]):  # between two swings, or gaps
        runs = ndimage.find_objects(ndimage.label(loud[calm] < STILL)[0])
        still = [run for (run,) in runs if run.stop - run.start >= WINDOW * rate]
        if not still:
            continue
        begin, end = calm.start + still[0].start, calm.start + still[-1].stop
        pause = end - begin > LONG * rate
        spans = ((begin, begin + edge), (end - edge, end)) if pause else ((begin, end), (begin, end))
        found.append([a + int(np.argmin(loud[a:b])) for a, b in spans])
    if len(found) < 2:
        what = f"a foot that stands (below {STILL:g} deg/s) and swings (above {SWINGING:g}), found {len(found)} stands"
        raise SignalError(f"angular rate: expected {what}. Is the unit deg/s, and does the person walk?")
    return np.array(found).T


def _mounting(force: np.ndarray, turning: np.ndarray, stands: np.ndarray, rate: float) -> tuple[np.ndarray, float]:
    """Return how a sensor sits on a foot: the foot's forward, up and right, (direction, axis), in the sensor's axes.

    Up is what gravity shows, on average, while the foot stands. To the right is the axis about which it turns most when
    it turns fast, made square to up. Which way along that axis is right, is decided by the walk: people go forward.
    The share of fast turning that is about that axis comes with it.
    """
    still = _gravity_at(force, np.unique(stands), rate)
    still = still[np.isfinite(still).all(1)]
    size = float(np.linalg.norm(still, axis=1).mean()) if len(still) else np.nan
    if not abs(size / GRAVITY - 1) <= TOLERANCE:
        found = f"found {size:.3g}. Is the unit m/s2, gravity still in it, and the sensor calibrated?"
        raise SignalError(f"acceleration: expected {GRAVITY:.2f} m/s2 while the foot stands, {found}")
    up = (still / np.linalg.norm(still, axis=1)[:, None]).mean(0)
    up /= np.linalg.norm(up)
    fast = turning[np.linalg.norm(turning, axis=1) > SWINGING]
    if not len(fast):
        found = "found none between the gaps. Choose a recording of walking."
        raise SignalError(f"angular rate: expected a foot that swings (above {SWINGING:g} deg/s), {found}")
    shares, vectors = np.linalg.eigh(fast.T @ fast)
    right = vectors[:, -1] - (vectors[:, -1] @ up) * up
    right /= np.linalg.norm(right)
    axes = np.stack([np.cross(up, right), up, right])
    level = _moves(force @ axes.T, turning @ axes.T, stands, rate)["end"][:, [0, 2]]
    far = np.linalg.norm(level, axis=1)
    known = far > SHORTEST
    if (level[known, 0] / far[known]).sum() < 0:
        axes = axes * np.array([-1.0, 1.0, -1.0])[:, None]
    return axes, float(shares[-1] / shares.sum())


def _offset(turning: np.ndarray, rate: float) -> np.ndarray:
    """Return the gyroscope's offset, deg/s, from the stillest half second, if the foot rests in it; else zero."""
    width = round(REST_TIME * rate)
    spread = np.sqrt(pd.DataFrame(turning).rolling(width).var(ddof=0).sum(axis=1, skipna=False))
    if not spread.min() < REST:
        return np.zeros(3)
    end = int(spread.idxmin()) + 1
    mean: np.ndarray = turning[end - width : end].mean(0)
    return mean


def _events(rise: np.ndarray, time: np.ndarray, stands: np.ndarray) -> np.ndarray:
    """Return foot off and contact, s, (2, move), from the turning about the right axis, deg/s, toes up positive."""
    found = np.full((2, stands.shape[1] - 1), np.nan)
    for k, (a, b) in enumerate(zip(stands[1, :-1], stands[0, 1:], strict=True)):
        own = rise[a : b + 1]
        if not np.isfinite(own).all() or own.max() <= 0:
            continue
        top = int(own.argmax())
        push, slap = int(own[: top + 1].argmin()), top + int(own[top:].argmin())
        rising, falling = np.flatnonzero(own[push:top] <= 0), np.flatnonzero(own[top:slap] > 0)
        if len(rising) and len(falling) and own[slap] < 0:
            before = np.array([push + rising[-1], top + falling[-1]])
            share = own[before] / (own[before] - own[before + 1])
            found[:, k] = time[a + before] + share * (time[a + before + 1] - time[a + before])
    return found


def _path(moves: dict[str, np.ndarray], heading: np.ndarray, count: int) -> np.ndarray:
    """Put the moves one behind the other: places of the sensor, (time, axis); a lost move leaves NaN after it."""
    path, here = np.zeros((count, 3)), np.zeros(3)
    turns = Rotation.from_rotvec(np.outer(heading, [0.0, -1.0, 0.0]))
    for k, (a, b) in enumerate(zip(moves["first"], moves["last"], strict=True)):
        path[a : b + 1] = here + turns[k].apply(moves["place"][: b - a + 1, k])
        here = path[b].copy()
        path[b + 1 :] = here
    return path


def _gravity_at(force: np.ndarray, at: np.ndarray, rate: float) -> np.ndarray:
    """Return the mean specific force, m/s2, over ``WINDOW`` about each index, (index, axis)."""
    half = int(WINDOW * rate / 2)
    near = np.clip(at[:, None] + np.arange(-half, half + 1), 0, len(force) - 1)
    return force[near].mean(1)


def _moves(force: np.ndarray, turning: np.ndarray, stands: np.ndarray, rate: float) -> dict[str, np.ndarray]:
    """Add up every move from one stand to the next, all at once: where it ends, and how the foot has turned.

    Parameters
    ----------
    force, turning : m/s2 and deg/s, (time, axis), in the foot's axes. stands : of ``_stands``. rate : Hz.

    Returns
    -------
    By move, in its own frame (x where the foot points at its start, y up, z right): ``first, last`` sample; ``place``
    m, (sample, move, axis), constant after the end; ``end`` m; ``heading`` rad, of the foot at the end, to the right;
    ``drift`` m/s, the velocity at the end that was taken out; ``lost``, whether a sample is missing (then NaN).
    """
    first, last = stands[1, :-1], stands[0, 1:]
    steps = last - first
    after = np.arange(steps.max() + 1)[:, None]
    inside = after <= steps
    sample = np.minimum(first + after, last)
    specific, rates = force[sample], np.radians(turning)[sample]
    begin, finish = _gravity_at(force, first, rate), _gravity_at(force, last, rate)
    lost = ~np.isfinite(np.concatenate([specific, rates, begin[None], finish[None]])).all((0, 2))
    specific, rates = np.nan_to_num(specific), np.nan_to_num(rates)
    begin, finish = (np.where(lost[:, None], [0.0, 1.0, 0.0], v) for v in (begin, finish))
    gravity = np.linalg.norm(np.concatenate([begin, finish])[~np.r_[lost, lost]], axis=1)
    turns = np.where(inside[1:, :, None], (rates[:-1] + rates[1:]) / (2 * rate), 0.0)
    up = begin / np.linalg.norm(begin, axis=1)[:, None]
    ahead = [1.0, 0.0, 0.0] - up[:, :1] * up
    ahead /= np.linalg.norm(ahead, axis=1)[:, None]
    now = Rotation.from_matrix(np.stack([ahead, up, np.cross(ahead, up)], 1))  # the foot points along x, level
    course = [now.as_quat()]
    for turn in turns:
        now = now * Rotation.from_rotvec(turn)
        course.append(now.as_quat())
    shown = now.apply(finish / np.linalg.norm(finish, axis=1)[:, None])  # up, as the added-up orientation has it
    tilt = np.cross(shown, [0.0, 1.0, 0.0])
    sine = np.linalg.norm(tilt, axis=1)
    tilt *= (np.arctan2(sine, shown[:, 1]) / np.where(sine > 0, sine, 1.0))[:, None]
    share = np.minimum(after / steps, 1.0)[..., None]
    righted = Rotation.from_rotvec((share * tilt).reshape(-1, 3)) * Rotation.from_quat(np.concatenate(course))
    moving = righted.apply(specific.reshape(-1, 3)).reshape(specific.shape)
    moving[..., 1] -= gravity.mean() if len(gravity) else 1.0
    velocity = cumulative_trapezoid(moving, dx=1 / rate, axis=0, initial=0.0)
    drift = velocity[steps, np.arange(len(steps))]
    velocity = np.where(inside[..., None], velocity - share * drift, 0.0)
    place = cumulative_trapezoid(velocity, dx=1 / rate, axis=0, initial=0.0)
    pointing = righted[-len(steps) :].apply([1.0, 0.0, 0.0])
    heading = np.arctan2(pointing[:, 2], pointing[:, 0])
    place[:, lost], heading[lost], drift[lost] = np.nan, np.nan, np.nan
    moves = {"first": first, "last": last, "place": place, "end": place[-1], "heading": heading}
    return moves | {"drift": drift, "lost": lost}
