"""One trial made ready: read, turned to its direction of travel, smoothed, cut into strides."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from gaitstudy.conventions import SIDES, GaitStudyError, MarkerError, TrialFormatError, require_positive
from gaitstudy.gait import events, foot_events, plausibility, signals, steps
from gaitstudy.io import motion
from gaitstudy.io.files import printable
from gaitstudy.io.lab_axes import axes_matrix
from gaitstudy.io.plates import centre_of_pressure, with_wrench
from gaitstudy.load.landmarks import find, marker_map

REACH = 1.0
"""m; the force under a foot is nearer than this to some marker of the body, seen from above."""

LEGS = (0.2, 1.6)
"""m; from a toddler's heels to the pelvis, and further than any leg is long: beyond, the unit of length is another."""

SIZES = (("mass", "kg", 2.0, 350.0), ("height", "m", 0.5, 2.6))
"""A person's measures, their units, and the widest range that a person can have."""

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


def settings_problems(settings: Settings) -> list[str]:
    """Return what is wrong with settings before any file is read: the marker map, a person's size."""
    checks: list[Callable[[], object]] = [lambda: marker_map(settings.markers)]
    checks += [
        partial(require_positive, value, *size)
        for value, size in zip((settings.mass, settings.height), SIZES, strict=True)
        if value is not None
    ]
    problems: list[str] = []
    for check in checks:
        _kept(problems, check)
    return problems


def _kept(problems: list[str], call: Callable[[], Any], prefix: str = "") -> Any:
    """Return what a call returns, or None, its problems added to the list."""
    try:
        return call()
    except TrialFormatError as error:
        problems += [prefix + problem for problem in error.problems]
    except GaitStudyError as error:
        problems.append(prefix + str(error))
    return None


def read_trial(path: str | Path, settings: Settings) -> motion.Recording:
    """Read a C3D or TRC trial, with the forces of a MOT or STO file if one is named, as the settings want it.

    ``settings.axes`` turn a C3D's own markers and plates, and the markers of a TRC file together with its forces;
    ``settings.zero`` is for plates, in whichever file they are.

    Raises
    ------
    TrialFormatError : everything that is wrong with the settings and with either file; forces that do not cover the
        markers' times, or act far from every marker.
    """
    problems = settings_problems(settings)
    suffix = Path(path).suffix.lower()
    if suffix not in (".c3d", ".trc"):
        found = "a folder" if Path(path).is_dir() else f"'{printable(suffix, 10)}'"
        problems.append(f"expected a .c3d or .trc file, found {found}. Give forces with --forces.")
        raise TrialFormatError(path, problems)
    axes, zero, forces = settings.axes, settings.zero, settings.forces
    if suffix == ".trc" and zero and forces is None:
        problems.append("zero is for force plates; found a TRC file without forces. Leave --zero out, or add --forces.")
    trial: Any = _kept(
        problems,
        lambda: motion.read_trc(path, axes=axes) if suffix == ".trc" else motion.read_c3d(path, axes=axes, zero=zero),
    )
    if forces is None:
        if problems:
            raise TrialFormatError(path, problems)
        return trial
    own, prefix = len(problems), f"{Path(forces).name}: "
    table: Any = _kept(problems, lambda: motion.read_storage(forces), prefix)
    turn = axes_matrix(path, axes) if axes and suffix == ".trc" else None
    loads: Any = None
    if table is not None:
        loads = _kept(problems, lambda: motion.storage_loads(table, turn=turn, zero=zero), prefix)
    if trial is not None and trial.loads is not None:
        problems.append("expected no force file beside a C3D with plates of its own. Leave --forces out.")
    if trial is not None and loads is not None and not problems:
        found_problem = _clock_problem(trial, loads, Path(path).name) or _place_problem(trial, loads)
        problems += [prefix + found_problem] if found_problem else []
    if problems:
        if own == 0 and all(problem.startswith(prefix) for problem in problems):
            raise TrialFormatError(forces, [problem.removeprefix(prefix) for problem in problems])
        raise TrialFormatError(path, problems)
    # what the plates saw before and after the cameras is no part of the trial
    times, step = trial.markers["time"].values, 1.0 / signals.sampling_rate(loads["time"].values)
    notes = (*trial.notes, *(prefix + note for note in table.attrs.get("notes", ())))
    return replace(trial, loads=loads.sel(time=slice(times[0] - step, times[-1] + step)), notes=notes)


def _clock_problem(trial: motion.Recording, loads: xr.Dataset, name: str) -> str:
    """Return the problem of forces that do not cover the markers' times, or an empty text."""
    own, other = trial.markers["time"].values, loads["time"].values
    step = 1.5 / signals.sampling_rate(own)
    if other[0] <= own[0] + step and other[-1] >= own[-1] - step:
        return ""
    return (
        f"expected forces for {own[0]:g}-{own[-1]:g} s, the times of {name}, found {other[0]:g}-{other[-1]:g} s. "
        "Export both with the same length and clock."
    )


def _place_problem(trial: motion.Recording, loads: xr.Dataset) -> str:
    """Return the problem of forces whose points lie far from every marker, whatever its name, or an empty text."""
    frames = np.unique(np.linspace(0, trial.markers.sizes["time"] - 1, 200).astype(int))
    markers = trial.markers.isel(time=frames)
    at = np.clip(np.searchsorted(loads["time"].values, markers["time"].values), 0, loads.sizes["time"] - 1)
    cop, _ = centre_of_pressure(loads.isel(time=at), 50.0)
    spots = markers.transpose("time", "marker", "axis").values[..., [0, 2]]
    distances = []
    for scale in (1.0, 1e-2, 1e-3):
        apart = np.linalg.norm(cop.values[:, :, None, [0, 2]] * scale - spots[:, None], axis=-1)
        nearest = np.nanmin(np.where(np.isnan(apart), np.inf, apart), axis=-1)
        plates = [near[np.isfinite(near)] for near in nearest.T]
        distances.append(min((float(np.median(near)) for near in plates if near.size), default=0.0))
    if distances[0] < REACH:
        return ""
    unit = next((u for u, near in zip(("centimetres", "millimetres"), distances[1:], strict=True) if near < REACH), "")
    why = f"{unit} called metres" if unit else "another walk, another origin, or other axes"
    return (
        f"expected forces within {REACH:g} m of a marker, found the nearest plate's {distances[0]:.3g} m away: {why}. "
        "Export both with one origin, in metres, with the same axes."
    )


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
        there = [printable(name) for name in trial.markers["marker"].values if has_marker(trial, name)][:8]
        wanted = [str(names["left"][role]) for role in ("heel", "asis") if role in names["left"]]
        raise MarkerError(
            f"expected heel and pelvic markers of the map '{names['method']['title']}' ({', '.join(wanted)} ...), "
            f"found {there} ... Choose another map with --markers."
        )
    pelvis = middle_of_pelvis(trial, names)
    heights = [float(found.sel(axis="y").median()) for found in (*feet, pelvis)]
    if max(heights[:-1]) >= heights[-1]:
        raise MarkerError(
            "expected the heels below the pelvis, found them above: axes wrong. Say which axes point forward and up: "
            "--axes."
        )
    above = heights[-1] - min(heights[:-1])
    if not LEGS[0] <= above <= LEGS[1]:
        raise MarkerError(
            f"expected the pelvis {LEGS[0]:g}-{LEGS[1]:g} m above the heels, found it {above:.3g} m above: another "
            "unit of length than the file says (cm called mm?). Correct its units."
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


def level_plates(trial: motion.Recording) -> motion.Recording:
    """Return the trial with what its empty plates read (N, N m) taken off their forces, as a note says."""
    if trial.loads is None:
        return trial
    loads, notes = plausibility.levelled(trial.loads)
    return replace(trial, loads=loads, notes=(*trial.notes, *notes))


def find_strides(
    trial: motion.Recording,
    names: dict[str, dict[str, Any]],
    threshold: float = events.THRESHOLD,
    mass: float | None = None,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return strides and plate contacts: events from plates, else those stored in the file, else from markers.

    Parameters
    ----------
    trial : facing forward; its forces unfiltered, so that a filter does not smear the threshold.
    threshold : N. mass : kg, to judge the forces by; default the file's own.

    Returns
    -------
    strides (``side, stride, ic_time, fo_time, next_ic_time, events, doubt``: see ``events.strides`` and
    ``foot_events.doubts``; ``attrs["notes"]`` says what was decided about the file's events), contacts (``plate, side,
    start, end, reason``).
    """
    sides = [s for s in SIDES if has_marker(trial, names[s]["heel"]) and has_marker(trial, names[s]["toe"])]
    if not sides:
        raise MarkerError(
            f"expected heel and toe of one foot ({names['left']['heel']}, {names['left']['toe']} ...), found none. "
            "Choose another map with --markers, or correct the labels."
        )
    heels, toes = ({s: find(trial.markers, names[s][r], r) for s in sides} for r in ("heel", "toe"))
    contact = trusted = pd.DataFrame(columns=["plate", "side", "start", "end", "reason"])
    if trial.loads is not None:
        mass = trial.subject.get("bodymass") if mass is None else mass
        loads, far = plausibility.empty_plates(trial.loads)
        contact = events.plate_contacts(loads, heels, toes, threshold)
        contact, timed = plausibility.judge(contact, loads, heels, toes, middle_of_pelvis(trial, names), mass, far)
        trusted = contact[timed]
    from_plates = pd.concat(
        [
            pd.DataFrame({"time": trusted["start"], "event": "initial_contact", "side": trusted["side"]}),
            pd.DataFrame({"time": trusted["end"], "event": "foot_off", "side": trusted["side"]}),
        ]
    )
    seen = foot_events.seen_events(heels, toes, middle_of_pelvis(trial, names))
    known, notes = foot_events.file_events(trial.events, seen, sides, trial.markers["time"].values)
    used = events.combine(from_plates, known if len(known) else seen)
    stride = events.strides(used)
    stride["doubt"] = foot_events.doubts(stride)
    stride.attrs["notes"] = [*notes, *foot_events.order_notes(used)]
    return stride, plausibility.shared_plate(contact, stride)


def middle_of_pelvis(trial: motion.Recording, names: dict[str, dict[str, Any]]) -> xr.DataArray:
    """Return the middle of the front pelvic markers (of the one that is there), m, (time, axis)."""
    return trial.markers.sel(marker=_fronts(trial, names)).mean("marker", skipna=False)


def _fronts(trial: motion.Recording, names: dict[str, dict[str, Any]]) -> list[str]:
    return [names[s]["asis"] for s in SIDES if has_marker(trial, names[s].get("asis"))]


def has_marker(trial: motion.Recording, name: str | None) -> bool:
    """Tell whether a trial holds a marker of that name, and a position of it in some frame."""
    if name is None or name not in trial.markers["marker"].values:
        return False
    return bool(np.isfinite(trial.markers.sel(marker=name).values).any())
