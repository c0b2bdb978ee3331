"""From trials to tidy rows: one row a stride and side, with every exclusion and its reason."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from gaitstudy.conventions import SIDES, GaitStudyError, MarkerError, TrialFormatError, require_positive
from gaitstudy.gait import events, signals, steps
from gaitstudy.gait.foot import foot_progression_angle, mean_over_stance
from gaitstudy.io import motion
from gaitstudy.io.plates import with_wrench
from gaitstudy.load import knee
from gaitstudy.load.landmarks import find, marker_map
from gaitstudy.load.skeleton import leg_from_markers

COLUMNS = (
    "file", "side", "stride", "ic_time", "fo_time", "fpa_deg", "kam1_pct_bwht", "kam2_pct_bwht", "kam1_nm", "kam2_nm",
    "kam_impulse_nms", "kfm_peak_nm", "stance_time", "step_width", "reason_excluded",
)  # fmt: skip
"""Columns of a processed trial. Moments are external; NaN where there is none, with the reason in the last column."""


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
        raise TrialFormatError(path, f"expected a .c3d or .trc file, found '{suffix}'. Give forces with --forces.")
    trial = motion.read_trc(path) if suffix == ".trc" else motion.read_c3d(path, axes=settings.axes, zero=settings.zero)
    if settings.forces is None:
        return trial
    loads = motion.storage_loads(motion.read_storage(settings.forces))
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


def process_trial(path: str | Path, settings: Settings | None = None) -> pd.DataFrame:
    """Return one row for every stride of a trial, and for every plate contact that belongs to none.

    Parameters
    ----------
    path : a C3D or TRC file of a walking trial. settings : see ``Settings``.

    Returns
    -------
    ``COLUMNS``: times in s, foot progression angle in deg (toe-out positive, 15-40 % of stance), adduction moments in
    %BW*Ht and N m (external), impulse of the adducting part in N m s, peak flexion moment in N m, step width in m.

    Raises
    ------
    TrialFormatError : what is wrong with the file, or with the settings for it.
    """
    settings = settings or Settings()
    path = Path(path)
    try:
        return _rows(read_trial(path, settings), settings)
    except TrialFormatError:
        raise
    except GaitStudyError as error:
        raise TrialFormatError(path, str(error)) from error


def process(paths: Iterable[str | Path], settings: Settings | None = None) -> pd.DataFrame:
    """Process trials one after the other; a file that cannot be read becomes one row with the reason.

    Returns
    -------
    The rows of all files, ``COLUMNS``; ``attrs["errors"]`` lists the messages.
    """
    tables, errors = [], []
    for path in paths:
        try:
            tables.append(process_trial(path, settings))
        except GaitStudyError as error:
            errors.append(str(error))
            tables.append(_table([{"file": Path(path).name, "reason_excluded": str(error)}]))
    result = pd.concat(tables, ignore_index=True) if tables else _table([])
    result.attrs["errors"] = errors
    return result


def face_forward(trial: motion.Recording, names: dict[str, dict[str, Any]]) -> motion.Recording:
    """Return the trial turned about the vertical so that x is its direction of travel.

    Raises
    ------
    MarkerError : neither heel nor pelvic markers of the map are there.
    """
    feet = [find(trial.markers, names[s]["heel"]) for s in SIDES if _has(trial, names[s]["heel"])]
    if not feet or not _fronts(trial, names):
        raise MarkerError(
            f"expected heel and pelvic markers of the map '{names['method']['title']}' ({names['left']['heel']}, "
            f"{names['left'].get('asis')} ...), found {list(map(str, trial.markers['marker'].values[:8]))} ... "
            "Choose another map with --markers."
        )
    return motion.turn_about_up(trial, steps.travel_direction(_pelvis(trial, names), feet).tolist())


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
        force, moment = (
            signals.resample(signals.low_pass(loads[k], cut_off), markers["time"]) for k in ("force", "moment")
        )
        loads = with_wrench(loads, force, moment)
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
    sides = [s for s in SIDES if _has(trial, names[s]["heel"]) and _has(trial, names[s]["toe"])]
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
    return events.strides(events.combine(from_plates, known[["time", "event", "side"]])), contact


def _rows(trial: motion.Recording, settings: Settings) -> pd.DataFrame:
    names = marker_map(settings.markers)
    subject = trial.subject
    mass = require_positive(
        settings.mass if settings.mass is not None else subject.get("bodymass"), "mass", "kg", 2, 350
    )
    stored = subject["height"] / 1000 if "height" in subject else None  # the file has millimetres
    height = require_positive(settings.height if settings.height is not None else stored, "height", "m", 0.5, 2.6)
    static = None
    if settings.static is not None:
        static = read_trial(settings.static, replace(settings, forces=None, zero=None)).markers
    forward = face_forward(trial, names)
    even = smooth(forward, settings.cut_off, settings.gap)
    stride, contact = find_strides(forward, names, settings.threshold)
    wanted = SIDES if settings.side is None else (settings.side,)
    heels = {s: find(even.markers, names[s]["heel"]) for s in SIDES if _has(even, names[s]["heel"])}
    width = pd.Series(np.nan, index=stride.index)
    if len(heels) == 2:
        width = steps.spatiotemporal(stride, heels["left"], heels["right"])["step_width"]
    rows: list[dict[str, Any]] = []
    for side in wanted:
        own, landed = stride[stride["side"] == side], contact[contact["side"] == side]
        leg, why = None, ""
        try:
            leg = leg_from_markers(even.markers, names, side, static=static, subject=trial.subject)
        except MarkerError as error:
            if settings.side is not None:
                raise
            why = str(error)
        angles = np.full(len(own), np.nan)
        if leg is not None:
            angle = foot_progression_angle(leg["heel"], leg["toe"], side)
            angles = mean_over_stance(angle, own["ic_time"].to_numpy(), own["fo_time"].to_numpy()).values
        matched = _contact_of(own, landed)
        carried: dict[Any, dict[str, Any]] = {}
        if leg is not None and even.loads is not None:
            chosen = landed[landed.index.isin(matched) & (landed["reason"] == "")]
            carried = _carried(leg, even.loads, chosen, mass, height, settings)
        for row, fpa, k in zip(own.itertuples(), angles, matched, strict=True):
            entry = {
                "file": trial.name,
                "side": side,
                "stride": row.stride,
                "ic_time": row.ic_time,
                "fo_time": row.fo_time,
                "fpa_deg": fpa,
                "stance_time": row.fo_time - row.ic_time,
                "step_width": width[row.Index],
                "reason_excluded": why or ("no plate under this foot" if k is None else landed.loc[k, "reason"]),
            }
            rows.append(entry | carried.get(k, {}))
        rows += [_stray(trial.name, side, left) for k, left in landed.iterrows() if k not in matched]
        if not any(row["side"] == side for row in rows):
            rows.append({"file": trial.name, "side": side, "reason_excluded": why or "no stride of this foot found"})
    return _table(rows)


def _contact_of(own: pd.DataFrame, landed: pd.DataFrame) -> list[Any]:
    """Return, for each stride, the label of the first plate contact that starts with it, or None."""
    apart = np.abs(np.subtract.outer(own["ic_time"].to_numpy(float), landed["start"].to_numpy(float)))
    return [landed.index[near.argmax()] if near.any() else None for near in apart < 0.12]


def _carried(
    leg: xr.Dataset, loads: xr.Dataset, contact: pd.DataFrame, mass: float, height: float, settings: Settings
) -> dict[Any, dict[str, Any]]:
    """Return the knee's outcomes of every contact, by the contact's label; all contacts of a plate at once."""
    result: dict[Any, dict[str, Any]] = {}
    for plate, own in contact.groupby("plate", sort=False):
        moments = knee.knee_moments(leg, loads, str(plate), method=settings.method, frame=settings.frame, mass=mass)
        start, end = own["start"].to_numpy(), own["end"].to_numpy()
        adduction, flexion = (
            signals.normalise_time(moments[f"knee_{k}_moment"], start, end) for k in ("adduction", "flexion")
        )
        found = knee.peaks(adduction)
        percent = knee.peaks(knee.normalise_moment(adduction, mass, height))
        table = pd.DataFrame(
            {
                "kam1_pct_bwht": percent["peak1"].to_numpy(),
                "kam2_pct_bwht": percent["peak2"].to_numpy(),
                "kam1_nm": found["peak1"].to_numpy(),
                "kam2_nm": found["peak2"].to_numpy(),
                "kam_impulse_nms": knee.impulse(adduction, end - start),
                "kfm_peak_nm": flexion.max("percent", skipna=False).values,
            },
            index=own.index,
        )
        result |= table.to_dict("index")
        for k, lost in zip(own.index, adduction.isnull().sum("percent").values, strict=True):
            if lost:
                result[k]["reason_excluded"] = f"markers or forces missing for {lost} of 101 points of stance"
    return result


def _stray(name: str, side: str, contact: pd.Series) -> dict[str, Any]:
    return {
        "file": name,
        "side": side,
        "ic_time": contact["start"],
        "fo_time": contact["end"],
        "stance_time": contact["end"] - contact["start"],
        "reason_excluded": contact["reason"] or "plate contact without a stride of this foot",
    }


def _pelvis(trial: motion.Recording, names: dict[str, dict[str, Any]]) -> xr.DataArray:
    return trial.markers.sel(marker=_fronts(trial, names)).mean("marker", skipna=False)


def _fronts(trial: motion.Recording, names: dict[str, dict[str, Any]]) -> list[str]:
    return [names[s]["asis"] for s in SIDES if _has(trial, names[s].get("asis"))]


def _has(trial: motion.Recording, name: str | None) -> bool:
    return name is not None and name in trial.markers["marker"].values


def _table(rows: list[dict[str, Any]]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=list(COLUMNS))
