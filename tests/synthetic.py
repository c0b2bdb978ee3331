"""A walker made of formulas, and ways to mirror, turn and move a recording: what the tests of gait and load share."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from gaitstudy import pipeline
from gaitstudy.conventions import SIDES, labelled, side_sign
from gaitstudy.gait.events import strides
from gaitstudy.gait.foot import foot_progression_angle, mean_over_stance
from gaitstudy.gait.steps import step_width, travel_direction
from gaitstudy.io.plates import wrench
from gaitstudy.io.recording import Recording
from gaitstudy.load.knee import FRAMES, METHODS, knee_moments, leg_loads
from gaitstudy.load.skeleton import find, leg_from_markers

ROLES = (
    "heel", "toe", "asis", "psis", "knee_lateral", "knee_medial", "ankle_lateral", "ankle_medial"
)  # fmt: skip
NAMES: dict[str, dict[str, Any]] = {
    side: {role: f"{side[0].upper()}_{role}" for role in ROLES}
    | {part: [f"{side[0].upper()}_{part}{k}" for k in range(3)] for part in ("thigh", "shank")}
    for side in SIDES
} | {"method": {"knee": "static", "title": "synthetic"}}
"""The walker's marker map."""
SWAP = {"L": "R", "R": "L"}
MASS = 71.0
"""kg."""
STANCES = pd.DataFrame(
    [
        (time, event, side)
        for side, shift in (("left", 0.0), ("right", 0.55))
        for k in range(2)
        for time, event in (
            (0.3 + shift + 1.1 * k, "initial_contact"),
            (0.3 + shift + 1.1 * k + 0.66, "foot_off"),
        )
    ]
    + [(2.5, "initial_contact", "left"), (2.6, "foot_off", "left")],
    columns=["time", "event", "side"],
)
"""Events of the walker (s)."""


def point(values: Any, time: np.ndarray, name: str = "point") -> xr.DataArray:
    """Wrap positions (time, axis) in m."""
    values = np.broadcast_to(np.asarray(values, float), (len(time), 3))
    return labelled(values, ("time", "axis"), units="m", frame="lab", long_name=name, coords={"time": time})


def signal(values: Any, time: np.ndarray, units: str = "N") -> xr.DataArray:
    """Wrap a signal (time,)."""
    return labelled(values, ("time",), units=units, long_name="signal", coords={"time": time})


def rotation(about: str, angle: np.ndarray | float) -> np.ndarray:
    """Return right-handed rotation matrices (..., 3, 3) about a lab axis, radians."""
    angle = np.asarray(angle, float)
    k = "xyz".index(about)
    i, j = (k + 1) % 3, (k + 2) % 3
    matrix = np.zeros((*angle.shape, 3, 3))
    matrix[..., k, k] = 1.0
    matrix[..., i, i] = matrix[..., j, j] = np.cos(angle)
    matrix[..., j, i], matrix[..., i, j] = np.sin(angle), -np.sin(angle)
    return matrix


def _segments(side: str, time: np.ndarray, speed: float, moving: bool) -> dict[str, np.ndarray]:
    """Centres and orientations of one leg: sums of sines, other ones on the left than on the right."""
    sign, w = side_sign(side), 2 * np.pi / 1.1 * time + (np.pi if side == "right" else 0.0)
    lean = (0.02 if side == "left" else 0.03) * moving
    pelvis = np.stack([speed * time, 0.95 + 0.02 * moving * np.cos(2 * w), 0.02 * moving * np.sin(w)], -1)
    turn = rotation("y", 0.06 * moving * np.sin(w)) @ rotation("x", 0.04 * moving * np.cos(w))
    thigh = turn @ rotation("z", moving * (0.1 + 0.4 * np.cos(w))) @ rotation("x", sign * lean * np.sin(w))
    bend = moving * (0.35 - 0.30 * np.cos(w + 0.9))
    shank = thigh @ rotation("z", -bend) @ rotation("y", -sign * 0.08 * moving * np.cos(w))
    toe_out = -sign * (0.12 if side == "left" else 0.17)
    foot = shank @ rotation("z", moving * 0.2 * np.sin(w)) @ rotation("y", np.full(len(time), toe_out))
    hip = pelvis + turn @ np.array([-0.04, -0.08, sign * 0.09])
    knee = hip + thigh @ np.array([0.0, -0.42, 0.0])
    ankle = knee + shank @ np.array([0.0, -0.40, 0.0])
    return {
        "pelvis": pelvis, "turn": turn, "thigh": thigh, "shank": shank, "foot": foot,
        "hip": hip, "knee": knee, "ankle": ankle,
    }  # fmt: skip


def markers(time: np.ndarray, speed: float = 1.2, moving: bool = True) -> xr.DataArray:
    """Return the walker's markers, m, (time, marker, axis); the epicondyles and malleoli are fixed in the shank."""
    paths: dict[str, np.ndarray] = {}
    for side in SIDES:
        sign, own, leg = side_sign(side), NAMES[side], _segments(side, time, speed, moving)

        def put(name: str, centre: str, body: str, offset: tuple[float, ...], leg: dict = leg) -> None:
            paths[name] = leg[centre] + leg[body] @ np.array(offset)

        put(own["asis"], "pelvis", "turn", (0.08, 0.02, sign * 0.12))
        put(own["psis"], "pelvis", "turn", (-0.10, 0.03, sign * 0.04))
        put(own["knee_lateral"], "knee", "shank", (0.004, 0.0, sign * 0.055))
        put(own["knee_medial"], "knee", "shank", (-0.004, 0.0, -sign * 0.055))
        put(own["ankle_lateral"], "ankle", "shank", (-0.01, 0.0, sign * 0.038))
        put(own["ankle_medial"], "ankle", "shank", (0.01, 0.0, -sign * 0.038))
        put(own["heel"], "ankle", "foot", (-0.07, -0.06, 0.0))
        put(own["toe"], "ankle", "foot", (0.15, -0.06, 0.0))
        for k, offset in enumerate([(0.05, -0.15, 0.06), (-0.06, -0.25, 0.07), (0.04, -0.30, 0.05)]):
            put(own["thigh"][k], "hip", "thigh", (offset[0], offset[1], sign * offset[2]))
        for k, offset in enumerate([(0.05, -0.10, 0.03), (-0.04, -0.20, 0.05), (0.03, -0.30, 0.02)]):
            put(own["shank"][k], "knee", "shank", (offset[0], offset[1], sign * offset[2]))
    return labelled(
        np.stack(list(paths.values()), 1),
        ("time", "marker", "axis"),
        units="m",
        frame="lab",
        long_name="marker position",
        coords={"time": time, "marker": list(paths)},
    )


def static_trial() -> xr.DataArray:
    """Return the walker standing still, somewhere else and facing another way."""
    standing = markers(np.arange(5) / 100, speed=0.0, moving=False)
    return standing.copy(data=standing.values @ rotation("y", 0.7).T + [1.0, 0.0, -2.0])


def recording() -> Recording:
    """Return the walker at 100 Hz on two plates, left under the left foot, with every component of the wrench."""
    time = np.arange(300) / 100
    seen = markers(time)
    forces, moments = [], []
    for side in SIDES:
        sign = side_sign(side)
        w = 2 * np.pi / 1.1 * time + (np.pi if side == "right" else 0.0)
        up = 700 + 90 * np.cos(2 * w) + 20 * np.sin(w)
        force = np.stack([80 * np.sin(w), up, sign * (-45 + 12 * np.cos(w))], -1)
        foot = seen.sel(marker=NAMES[side]["heel"]).values
        cop = foot * [1, 0, 1] + np.stack([0.1 + 0.08 * np.sin(w), 0 * w, sign * 0.01 * np.cos(w)], -1)
        free = np.stack([0 * w, sign * 3 * np.sin(w), 0 * w], -1)
        forces.append(force)
        moments.append(np.cross(cop, force) + free)
    corners = np.array([[[4, 0, z], [-1, 0, z], [-1, 0, z - 0.9], [4, 0, z - 0.9]] for z in (-0.02, 0.92)], float)
    loads = wrench(time, ["1", "2"], np.stack(forces, 1), np.stack(moments, 1), np.zeros(2), corners)
    return Recording("synthetic", seen, loads, events=STANCES)


def other_side(name: str) -> str:
    """Return the walker's marker that mirrors another."""
    return SWAP[name[0]] + name[1:]


def mirrored(trial: Recording, swapped: Mapping[str, str]) -> Recording:
    """Return the trial in a mirror: z the other way, left called right; moments turn the other two components."""
    flip, turn = np.array([1.0, 1.0, -1.0]), np.array([-1.0, -1.0, 1.0])
    seen = trial.markers.copy(data=trial.markers.values * flip)
    seen = seen.assign_coords(marker=[swapped.get(str(m), str(m)) for m in seen["marker"].values])
    loads = trial.loads
    if loads is not None:
        loads = loads.copy()
        for key, factor in (("force", flip), ("moment", turn), ("corners", flip)):
            if key in loads:
                loads[key] = loads[key].copy(data=loads[key].values * factor)
    letter = {"l": "r", "r": "l"}
    subject = {letter[k[0]] + k[1:] if letter.get(k[0], "") + k[1:] in trial.subject else k: v
               for k, v in trial.subject.items()}  # fmt: skip
    events = trial.events.assign(side=trial.events["side"].map({"left": "right", "right": "left"}))
    return replace(trial, markers=seen, loads=loads, subject=subject, events=events)


def moved(trial: Recording, by: tuple[float, float, float]) -> Recording:
    """Return the trial seen from another origin: every position shifted, every moment about the new origin."""
    seen = trial.markers.copy(data=trial.markers.values + by)
    loads = trial.loads
    if loads is not None:
        loads = loads.copy()
        loads["moment"] = loads["moment"].copy(data=loads["moment"].values + np.cross(by, loads["force"].values))
        loads["height"] = loads["height"] + by[1]
        if "corners" in loads:
            loads["corners"] = loads["corners"].copy(data=loads["corners"].values + by)
    return replace(trial, markers=seen, loads=loads)


def turned(trial: Recording, angle: float) -> Recording:
    """Return the trial with the lab turned about the vertical (radians), by matrices of this file."""
    matrix = rotation("y", angle).T
    seen = trial.markers.copy(data=trial.markers.values @ matrix)
    loads = trial.loads
    if loads is not None:
        loads = loads.copy()
        for key in {"force", "moment", "corners"} & set(loads):
            loads[key] = loads[key].copy(data=loads[key].values @ matrix)
    return replace(trial, markers=seen, loads=loads)


def outcomes(
    trial: Recording,
    names: Mapping[str, Mapping[str, Any]],
    plates: Mapping[str, str],
    mass: float,
    static: xr.DataArray | None = None,
) -> dict[tuple[str, str], np.ndarray]:
    """Return all that is computed of a trial, by side and name, after turning it to its direction of travel.

    ``plates``: the plate under each side. Forces must be on the markers' times.
    """
    pelvis = sum(find(trial.markers, names[s]["asis"]) for s in SIDES) / 2
    feet = [find(trial.markers, names[s]["heel"]) for s in SIDES]
    trial = pipeline._turned(trial, travel_direction(pelvis, feet).tolist())
    found: dict[tuple[str, str], np.ndarray] = {}
    legs = {s: leg_from_markers(trial.markers, names, s, static=static, subject=trial.subject) for s in plates}
    steps = strides(trial.events)
    for side, plate in plates.items():
        leg = legs[side]
        angle = foot_progression_angle(leg["heel"], leg["toe"], side)
        own = steps[steps["side"] == side]
        found[side, "foot angle"] = angle.values
        found[side, "mean foot angle"] = mean_over_stance(angle, own["ic_time"], own["fo_time"]).values
        for frame in FRAMES:
            for method in METHODS:
                moments = knee_moments(leg, trial.loads, plate, method=method, frame=frame, mass=mass)
                for name in ("adduction", "flexion"):
                    found[side, f"{name}, {frame}, {method}"] = moments[f"knee_{name}_moment"].values
        joint = leg_loads(leg, trial.loads, plate, mass)
        for name in ("force", "moment"):
            found[side, f"joint {name}"] = np.linalg.norm(joint[name].values, axis=-1)
    if len(legs) == 2:
        width = step_width(steps, *(legs[s]["centre"].sel(joint="ankle", drop=True) for s in SIDES))
        found |= {(side, "step width"): width[steps["side"] == side].to_numpy() for side in SIDES}
    return found


def largest_change(
    one: Mapping[tuple[str, str], np.ndarray], other: Mapping[tuple[str, str], np.ndarray], swap: bool = False
) -> float:
    """Return the largest difference between two sets of outcomes; NaN must be in the same places."""
    letters = {"left": "right", "right": "left"}
    if {(letters[s] if swap else s, n) for s, n in other} != set(one):
        raise ValueError("the two sets hold different outcomes")
    largest = 0.0
    for (side, name), values in one.items():
        theirs = other[letters[side] if swap else side, name]
        known = np.isfinite(values)
        if not np.array_equal(known, np.isfinite(theirs)):
            raise ValueError(f"{side} {name}: missing in one of the two")
        largest = max(largest, float(np.abs(values - theirs)[known].max(initial=0.0)))
    return largest
