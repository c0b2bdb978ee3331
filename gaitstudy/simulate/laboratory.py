"""What a laboratory sees of the virtual walker: markers and plates, with noise and gaps."""

from __future__ import annotations

import numpy as np
import pandas as pd
import xarray as xr

from gaitstudy.conventions import AXES, SIDES, labelled, pick
from gaitstudy.gait.events import THRESHOLD
from gaitstudy.io.plates import wrench
from gaitstudy.load.skeleton import gather_leg, hip_offset
from gaitstudy.simulate import ground
from gaitstudy.simulate.limbs import Legs
from gaitstudy.simulate.templates import value

PELVIS_WIDTH, PELVIS_DEPTH = 0.137, 0.086
"""Of body height: between the front spines, and from there to the back; general knowledge, unsourced."""
KNEE_WIDTH, ANKLE_WIDTH = 0.10, 0.07
"""m, between the markers on either side; general knowledge, unsourced."""
NECK = 0.288 + 0.05
"""Of body height, from the hips to the marker on the seventh vertebra; general knowledge, unsourced."""
GAP = (2, 8)
"""Frames; shortest and longest gap of a marker."""


def hip_in_pelvis(height: float) -> np.ndarray:
    """Return where the right hip lies from the middle of the front spines, m, (axis,), for a body height in m."""
    return hip_offset(
        "harrington", leg_length=ground.LEG_LENGTH * height, pelvis_width=PELVIS_WIDTH * height,
        pelvis_depth=PELVIS_DEPTH * height,
    )  # fmt: skip


def markers(
    legs: Legs, lean: np.ndarray, height: float, time: np.ndarray, length: float, roll: np.ndarray | float = 0.0
) -> xr.DataArray:
    """Return the markers' true paths, m, (time, marker, axis), lab frame.

    Parameters
    ----------
    legs : both legs. lean : rad, (time,), of the trunk to the right. height : m. time : s. length : m, of the foot.
    roll : rad, (time,), of the pelvis to the right.
    """
    middle = legs.hip.mean(0)
    hip = hip_in_pelvis(height)
    zero, s, c = 0 * lean, np.sin(roll) + 0 * lean, np.cos(roll) + 0 * lean
    ahead, above, right = (np.stack(a, -1) for a in ((zero + 1, zero, zero), (zero, c, s), (zero, -s, c)))
    front = middle - hip[0] * ahead - hip[1] * above
    wide, deep = PELVIS_WIDTH * height / 2, PELVIS_DEPTH * height
    paths: dict[str, np.ndarray] = {}
    for side, letter, out in zip((0, 1), "LR", ground.OUTWARD, strict=True):
        shank, foot = legs.shank[side], legs.foot[side]
        thigh = legs.hip[side] - legs.knee[side]
        across = out * shank[:, 2]
        paths |= {
            f"{letter}ASI": front + out * wide * right,
            f"{letter}PSI": front - deep * ahead + out * 0.4 * wide * right,
            f"{letter}THI": legs.knee[side] + 0.4 * thigh + 0.08 * across,
            f"{letter}KNE": legs.knee[side] + KNEE_WIDTH / 2 * across,
            f"{letter}KNM": legs.knee[side] - KNEE_WIDTH / 2 * across,
            f"{letter}TIB": (legs.knee[side] + legs.ankle[side]) / 2 + 0.06 * across,
            f"{letter}ANK": legs.ankle[side] + ANKLE_WIDTH / 2 * across,
            f"{letter}ANM": legs.ankle[side] - ANKLE_WIDTH / 2 * across,
            f"{letter}HEE": legs.heel[side] + length * value("heel_height") * foot[:, 1],
            f"{letter}TOE": legs.heel[side] + length * (foot[:, 0] + value("toe_height") * foot[:, 1]),
        }
    paths["C7"] = middle + NECK * height * np.stack([0 * lean, np.cos(lean), np.sin(lean)], -1)
    return labelled(
        np.stack(list(paths.values()), 1), ("time", "marker", "axis"), units="m", frame="lab",
        long_name="simulated marker position", coords={"time": time, "marker": list(paths), "axis": list(AXES)},
    )  # fmt: skip


def true_legs(legs: Legs, marks: xr.DataArray) -> dict[str, xr.Dataset]:
    """Return both legs as ``load.skeleton`` builds them, from the true joint centres and axes (m), by side."""
    result = {}
    for k, side in enumerate(SIDES):
        letter = side[0].upper()
        up = legs.hip[k] - legs.knee[k]
        up = up / np.linalg.norm(up, axis=-1, keepdims=True)
        forward = np.cross(up, legs.shank[k, :, 2])
        forward /= np.linalg.norm(forward, axis=-1, keepdims=True)
        thigh = np.stack([forward, up, np.cross(forward, up)], 1)
        heel, toe = (pick(marks, marker=f"{letter}{end}") for end in ("HEE", "TOE"))
        points = {"hip": legs.hip[k], "knee": legs.knee[k], "ankle": legs.ankle[k], "heel": heel, "toe": toe}
        axes = {"shank": legs.shank[k], "thigh": thigh}
        result[side] = gather_leg(side, marks["time"].values, points, axes, "simulated", "true")
    return result


def belts(time: np.ndarray, force: np.ndarray, cop: np.ndarray) -> xr.Dataset:
    """Return the ground reactions of both belts.

    Parameters
    ----------
    time : s. force : N, (side, time, axis). cop : m, (side, time, 2), x and z of the lab.

    Returns
    -------
    Dataset of ``io.plates.wrench`` with the plates ``left`` and ``right``, each 2 m by .5 m.
    """
    point = np.stack([cop[..., 0], 0 * cop[..., 0], cop[..., 1]], -1)
    moment = np.cross(point, force)
    edge = np.array([[1.0, 0, 0.25], [-1.0, 0, 0.25], [-1.0, 0, -0.25], [1.0, 0, -0.25]])
    corners = np.stack([edge + [0, 0, out * 0.25] for out in ground.OUTWARD])
    return wrench(time, list(SIDES), np.moveaxis(force, 0, 1), np.moveaxis(moment, 0, 1), np.zeros(2), corners)


def events(steps: ground.Steps, vertical: np.ndarray, rate: int, time: np.ndarray) -> pd.DataFrame:
    """Return when each foot's true vertical force crosses the threshold of contact, and when it touches.

    Parameters
    ----------
    vertical : N, (side, tick), of one loop of the steps. rate : Hz, of it. time : s, of the recording.

    Returns
    -------
    ``time`` (s), ``event``, ``side``, ``touch`` (s; when the load starts or ends to pass), by time.
    """
    ticks = vertical.shape[1]
    rows = []
    for side, name in enumerate(SIDES):
        numbers = np.arange(-1, steps.count + 1)
        touch = {"initial_contact": steps.contact(side, numbers), "foot_off": steps.off(side, numbers)}
        now = vertical[side]
        then = np.roll(now, -1)
        for event, rising in (("initial_contact", True), ("foot_off", False)):
            at = np.flatnonzero(
                (now <= THRESHOLD) & (then > THRESHOLD) if rising else (now > THRESHOLD) & (then <= THRESHOLD)
            )
            crossing = (at + (THRESHOLD - now[at]) / (then[at] - now[at])) / rate
            crossing = np.concatenate([crossing, crossing + ticks / rate])
            for moment in crossing[(crossing >= time[0]) & (crossing <= time[-1])]:
                nearest = touch[event][np.argmin(np.abs(touch[event] - moment))]
                rows.append((moment, event, name, nearest))
    table = pd.DataFrame(rows, columns=["time", "event", "side", "touch"])
    return table.sort_values("time", kind="stable", ignore_index=True)


def disturbed(marks: xr.DataArray, noise: float, lost: float, rng: np.random.Generator) -> xr.DataArray:
    """Return markers as cameras give them.

    Parameters
    ----------
    marks : m, (time, marker, axis). noise : m, SD of each coordinate, independent from frame to frame.
    lost : share of frames in which a marker is lost, in gaps of ``GAP`` frames. rng : draws them.
    """
    seen = marks.copy(data=marks.values + (noise * rng.standard_normal(marks.shape) if noise else 0.0))
    gaps = round(lost * marks.sizes["time"] / np.mean(GAP)) if lost else 0
    for k in range(marks.sizes["marker"] if gaps else 0):
        for start in rng.integers(GAP[1], marks.sizes["time"] - 2 * GAP[1], gaps):
            seen.values[start : start + rng.integers(GAP[0], GAP[1] + 1), k] = np.nan
    return seen


def noisy(loads: xr.Dataset, noise: float, rng: np.random.Generator) -> xr.Dataset:
    """Return ground reactions with independent noise: SD in N on each force, and in N m on each moment."""
    if not noise:
        return loads
    changed = {k: loads[k] + noise * rng.standard_normal(loads[k].shape) for k in ("force", "moment")}
    return loads.assign({k: v.assign_attrs(loads[k].attrs) for k, v in changed.items()})
