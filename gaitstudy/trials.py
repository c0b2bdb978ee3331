"""One trial made ready: read, turned to its direction of travel, smoothed, cut into strides."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from gaitstudy.conventions import SIDES, MarkerError, TrialFormatError
from gaitstudy.gait import events, signals, steps
from gaitstudy.io import motion
from gaitstudy.io.plates import with_wrench
from gaitstudy.load.landmarks import find

UNUSABLE = {
    "labels swapped": "expected the left markers on the walker's left, found them elsewhere: left and right labels "
    "swapped, a left-handed lab, or axes wrong. Correct the labels, or say which axes point forward and up: --axes.",
    "backwards": "expected a person who walks forward, found pelvis and feet turned against the direction of travel: "
    "walking backwards. Foot angles and knee moments are defined for walking forward; leave these strides out.",
}
"""What makes a stride, or a trial, unusable (see ``facing``), and what to say of it."""


@dataclass(frozen=True)
class Settings:
    """How trials are processed; the defaults are those of ``conventions``."""

    markers: str = "plug-in-gait"
    static: str | None = None
    forces: str | None = None
    mass: float | None = None
    height: float | None = None
    side: str | None = None
    frame: str = "tibia"
    method: str = "lever arm"
    cut_off: float = signals.CUT_OFF
    threshold: float = events.THRESHOLD
    gap: float = 0.1
    axes: tuple[str, str] | None = None
    zero: tuple[float, float] | None = None


def read_trial(path: str | Path, settings: Settings) -> motion.Recording:
    """Read a C3D or TRC trial, with the forces of a MOT or STO file if one is named.

    Raises
    ------
    TrialFormatError : another format; forces that do not cover the markers' times.
    """
    suffix = Path(path).suffix.lower()
    if suffix not in (".c3d", ".trc"):
        found = "a folder" if Path(path).is_dir() else f"'{suffix}'"
        raise TrialFormatError(path, f"expected a .c3d or .trc file, found {found}. Give forces with --forces.")
    if suffix == ".trc" and (settings.axes or settings.zero):
        raise TrialFormatError(path, "axes and zero are for C3D files; found a TRC file. Leave --axes and --zero out.")
    trial = motion.read_trc(path) if suffix == ".trc" else motion.read_c3d(path, axes=settings.axes, zero=settings.zero)
    if settings.forces is None:
        return trial
    loads = motion.storage_loads(motion.read_storage(settings.forces))
    if trial.loads is not None:
        raise TrialFormatError(path, "expected no force file beside a C3D with plates of its own. Leave --forces out.")
    own, other = trial.markers["time"].values, loads["time"].values
    step = 1.5 / signals.sampling_rate(own)
    if other[0] > own[0] + step or other[-1] < own[-1] - step:
        raise TrialFormatError(
            settings.forces,
            f"expected forces for {own[0]:g}-{own[-1]:g} s, the times of {Path(path).name}, "
            f"found {other[0]:g}-{other[-1]:g} s. Export both with the same length and clock.",
        )
    # what the plates saw before and after the cameras is no part of the trial
    step = 1.0 / signals.sampling_rate(other)
    return replace(trial, loads=loads.sel(time=slice(own[0] - step, own[-1] + step)))


def face_forward(trial: motion.Recording, names: dict[str, dict[str, Any]]) -> motion.Recording:
    """Return the trial turned about the vertical so that x is its direction of travel, over the trial as a whole.

    On a path that turns the walker heads along x only for a while: see ``steps.stride_directions``.

    Raises
    ------
    MarkerError : no heel or no pelvic marker of the map is there; the heels are not below the pelvis; throughout the
        trial the left markers are on the walker's right, or the person walks backwards (where only some strides do,
        ``facing`` tells which).
    GaitStudyError : the person stands.
    """
    feet = [find(trial.markers, names[s]["heel"]) for s in SIDES if has_marker(trial, names[s]["heel"])]
    if not feet or not _fronts(trial, names):
        wanted = [str(names["left"][role]) for role in ("heel", "asis") if role in names["left"]]
        raise MarkerError(
            f"expected heel and pelvic markers of the map '{names['method']['title']}' ({', '.join(wanted)} ...), "
            f"found {list(map(str, trial.markers['marker'].values[:8]))} ... Choose another map with --markers."
        )
    pelvis = middle_of_pelvis(trial, names)
    heights = [float(found.sel(axis="y").median()) for found in (*feet, pelvis)]
    if max(heights[:-1]) >= heights[-1]:
        raise MarkerError(
            "expected the heels below the pelvis, found them above: axes wrong. Say which axes point forward and up: "
            "--axes."
        )
    forward = motion.turn_about_up(trial, steps.travel_direction(pelvis, feet).tolist())
    belt = float(np.linalg.norm(steps.belt_velocity(feet)))
    wrong = facing(forward, names, steps.local_direction(middle_of_pelvis(forward, names), belt).values)
    usual = wrong.value_counts(normalize=True)
    if usual.index[0] in UNUSABLE and usual.iloc[0] > 0.9:
        raise MarkerError(UNUSABLE[usual.index[0]])
    return forward


def facing(trial: motion.Recording, names: dict[str, dict[str, Any]], direction: np.ndarray) -> pd.Series:
    """Tell at every instant how pelvis and feet face the direction of travel.

    Parameters
    ----------
    direction : of travel, (time, axis).

    Returns
    -------
    By time: ``""``, ``"labels swapped"`` (the left markers of the pelvis, else the left heel, are on the walker's
    right, and the feet point forward), ``"backwards"`` (and the feet point back as well), ``"heel and toe"`` (only the
    feet point back).
    """
    right = np.cross(direction, [0.0, 1.0, 0.0])
    across = along = np.zeros(len(direction))
    for role in ("asis", "heel"):
        if all(has_marker(trial, names[s].get(role)) for s in SIDES):
            left, other = (find(trial.markers, names[s][role]).values for s in SIDES)
            across = ((other - left) * right).sum(1)
            break
    for side in SIDES:
        if all(has_marker(trial, names[side].get(role)) for role in ("heel", "toe")):
            heel, toe = (find(trial.markers, names[side][role]).values for role in ("heel", "toe"))
            along = along + np.nan_to_num(((toe - heel) * direction).sum(1))
    found = np.select(
        [(across < 0) & (along < 0), across < 0, along < 0], ["backwards", "labels swapped", "heel and toe"], ""
    )
    return pd.Series(found, trial.markers["time"].values)


def smooth(trial: motion.Recording, cut_off: float = signals.CUT_OFF, gap: float = 0.1) -> motion.Recording:
    """Return the trial with short gaps filled and markers and forces low-pass filtered alike.

    The ground reaction is filtered as a wrench on its own clock, then read off at the markers' times.

    Parameters
    ----------
    cut_off : Hz. gap : s, the longest gap that is filled.
    """
    markers = signals.low_pass(signals.fill_gaps(trial.markers, gap), cut_off)
    loads = trial.loads
    if loads is not None:
        force, moment = (signals.low_pass(loads[k], cut_off) for k in ("force", "moment"))
        loads = signals.resample_loads(with_wrench(loads, force, moment), markers["time"])
    return replace(trial, markers=markers, loads=loads)


def find_strides(
    trial: motion.Recording, names: dict[str, dict[str, Any]], threshold: float = events.THRESHOLD
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return strides and plate contacts: events from plates, else those stored in the file, else from markers.

    Parameters
    ----------
    trial : facing forward; its forces unfiltered, so that a filter does not smear the threshold.
    threshold : N.

    Returns
    -------
    strides (``side, stride, ic_time, fo_time, next_ic_time``), contacts (``plate, side, start, end, reason``).
    """
    sides = [s for s in SIDES if has_marker(trial, names[s]["heel"]) and has_marker(trial, names[s]["toe"])]
    if not sides:
        raise MarkerError(
            f"expected heel and toe of one foot ({names['left']['heel']}, {names['left']['toe']} ...), found none. "
            "Choose another map with --markers, or correct the labels."
        )
    heels, toes = ({s: find(trial.markers, names[s][r], r) for s in sides} for r in ("heel", "toe"))
    contact = pd.DataFrame(columns=["plate", "side", "start", "end", "reason"])
    if trial.loads is not None:
        contact = events.plate_contacts(trial.loads, heels, toes, threshold)
    trusted = contact[contact["reason"] == ""]
    from_plates = pd.concat(
        [
            pd.DataFrame({"time": trusted["start"], "event": "initial_contact", "side": trusted["side"]}),
            pd.DataFrame({"time": trusted["end"], "event": "foot_off", "side": trusted["side"]}),
        ]
    )
    time = trial.markers["time"].values  # events of a longer trial stay in a file that was cut out of it
    known = trial.events[trial.events["time"].between(time[0], time[-1])]
    known = known[known["side"].isin(sides) & known["event"].isin(["initial_contact", "foot_off"])]
    if known.empty:
        pelvis = middle_of_pelvis(trial, names)
        seen = []
        for side in sides:
            for kind, times in zip(
                ("initial_contact", "foot_off"),
                events.events_from_markers(heels[side], toes[side], pelvis),
                strict=True,
            ):
                seen.append(pd.DataFrame({"time": times, "event": kind, "side": side}))
        known = pd.concat(seen, ignore_index=True)
    return events.strides(events.combine(from_plates, known[["time", "event", "side"]])), contact


def middle_of_pelvis(trial: motion.Recording, names: dict[str, dict[str, Any]]) -> xr.DataArray:
    """Return the middle of the front pelvic markers (of the one that is there), m, (time, axis)."""
    return trial.markers.sel(marker=_fronts(trial, names)).mean("marker", skipna=False)


def _fronts(trial: motion.Recording, names: dict[str, dict[str, Any]]) -> list[str]:
    return [names[s]["asis"] for s in SIDES if has_marker(trial, names[s].get("asis"))]


def has_marker(trial: motion.Recording, name: str | None) -> bool:
    """Tell whether a trial holds a marker of that name."""
    return name is not None and name in trial.markers["marker"].values
