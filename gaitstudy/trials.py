"""One trial made ready: read, turned to its direction of travel, smoothed, cut into strides."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pandas as pd
import xarray as xr

from gaitstudy.conventions import SIDES, MarkerError, TrialFormatError
from gaitstudy.gait import events, plausibility, signals, steps
from gaitstudy.io import motion
from gaitstudy.io.plates import with_wrench
from gaitstudy.load.landmarks import find


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
    """Return the trial turned about the vertical so that x is its direction of travel.

    Raises
    ------
    MarkerError : no heel or no pelvic marker of the map is there; the left markers are not on the walker's left, or
        the heels not below the pelvis.
    """
    feet = [find(trial.markers, names[s]["heel"]) for s in SIDES if has_marker(trial, names[s]["heel"])]
    if not feet or not _fronts(trial, names):
        wanted = [str(names["left"][role]) for role in ("heel", "asis") if role in names["left"]]
        raise MarkerError(
            f"expected heel and pelvic markers of the map '{names['method']['title']}' ({', '.join(wanted)} ...), "
            f"found {list(map(str, trial.markers['marker'].values[:8]))} ... Choose another map with --markers."
        )
    pelvis = _pelvis(trial, names)
    forward = motion.turn_about_up(trial, steps.travel_direction(pelvis, feet).tolist())
    heights = [float(found.sel(axis="y").median()) for found in (*feet, pelvis)]
    across = [
        [float(find(forward.markers, names[s][role]).sel(axis="z").median()) for s in SIDES]
        for role in ("asis", "heel")
        if all(has_marker(trial, names[s].get(role)) for s in SIDES)
    ]
    if max(heights[:-1]) >= heights[-1] or (across and across[0][0] >= across[0][1]):
        raise MarkerError(
            "expected the heels below the pelvis and the left markers on the walker's left, found them elsewhere: axes "
            "wrong, a left-handed lab, or left and right labels swapped. Say which axes point forward and up: --axes."
        )
    return forward


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
    strides (``side, stride, ic_time, fo_time, next_ic_time``), contacts (``plate, side, start, end, reason``).
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
        contact, timed = plausibility.judge(contact, loads, heels, toes, _pelvis(trial, names), mass, far)
        trusted = contact[timed]
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
        pelvis = _pelvis(trial, names)
        seen = []
        for side in sides:
            for kind, times in zip(
                ("initial_contact", "foot_off"),
                events.events_from_markers(heels[side], toes[side], pelvis),
                strict=True,
            ):
                seen.append(pd.DataFrame({"time": times, "event": kind, "side": side}))
        known = pd.concat(seen, ignore_index=True)
    strides = events.strides(events.combine(from_plates, known[["time", "event", "side"]]))
    return strides, plausibility.shared_plate(contact, strides)


def _pelvis(trial: motion.Recording, names: dict[str, dict[str, Any]]) -> xr.DataArray:
    return trial.markers.sel(marker=_fronts(trial, names)).mean("marker", skipna=False)


def _fronts(trial: motion.Recording, names: dict[str, dict[str, Any]]) -> list[str]:
    return [names[s]["asis"] for s in SIDES if has_marker(trial, names[s].get("asis"))]


def has_marker(trial: motion.Recording, name: str | None) -> bool:
    """Tell whether a trial holds a marker of that name."""
    return name is not None and name in trial.markers["marker"].values
