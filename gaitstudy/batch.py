"""From trials to tidy rows: one row a stride and side, with every exclusion and its reason."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from gaitstudy import trials
from gaitstudy.conventions import SIDES, GaitStudyError, MarkerError, TrialFormatError
from gaitstudy.gait import signals, steps
from gaitstudy.gait.events import SAME
from gaitstudy.gait.foot import (
    CHANGE,
    LIMIT,
    change_of_length,
    foot_progression_angle,
    mean_over_stance,
)
from gaitstudy.io import motion
from gaitstudy.load import knee
from gaitstudy.load.labels import fit_labels
from gaitstudy.load.landmarks import find, marker_map
from gaitstudy.load.skeleton import check_leg, leg_from_markers, stretched
from gaitstudy.trials import (
    Settings,
    face_forward,
    find_strides,
    has_marker,
    level_plates,
    middle_of_pelvis,
    read_trial,
    smooth,
)

COLUMNS = (
    "file", "side", "stride", "ic_time", "fo_time", "events", "fpa_deg", "kam1_pct_bwht", "kam2_pct_bwht", "kam1_nm",
    "kam2_nm", "kam1_edge", "kam2_edge", "kam_impulse_nms", "kfm_peak_nm", "stance_time", "step_width",
    "reason_excluded",
)  # fmt: skip
"""Columns of a processed trial. Moments are external; NaN where there is none, with the reason in the last column."""
EDGES = ("kam1_edge", "kam2_edge")
OF_STRAIGHT_WALKING = (
    "fpa_deg", "kam1_pct_bwht", "kam2_pct_bwht", "kam1_nm", "kam2_nm", *EDGES, "kam_impulse_nms", "kfm_peak_nm",
    "step_width",
)  # fmt: skip
"""What a stride that turns, or goes backwards, does not have."""


def process_trial(path: str | Path, settings: Settings | None = None) -> pd.DataFrame:
    """Return one row for every stride of a trial, and for every plate contact that belongs to none.

    Parameters
    ----------
    path : a C3D or TRC file of a walking trial. settings : see ``Settings``.

    Returns
    -------
    ``COLUMNS``: times in s, where contact and foot off come from (``events``: plates, file or markers; two, in that
    order, where they differ), foot progression angle in deg (toe-out positive, 15-40 % of stance, against the stride's
    own direction of travel), adduction moments in %BW*Ht and N m (external), whether a peak is only the end of its
    half of stance (``kam1_edge, kam2_edge``; missing where there is no peak), impulse of the adducting part in N m s,
    flexion moment in N m (largest over the whole stance), step width in m (between the ankles in mid-stance; between
    the heels where a leg cannot be built).
    A stride that turns by more than 15 deg, or goes backwards, has times and the reason alone.

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
    The rows of all files, ``COLUMNS``; ``attrs["errors"]`` lists the messages, ``attrs["notes"]`` what the readers
    decided or left out, each with its file.
    """
    tables, errors, notes = [], [], []
    for path in paths:
        try:
            tables.append(process_trial(path, settings))
            notes += tables[-1].attrs["notes"]
        except GaitStudyError as error:
            errors.append(str(error))
            tables.append(_table([{"file": Path(path).name, "reason_excluded": str(error)}]))
    result = pd.concat(tables, ignore_index=True) if tables else _table([])
    result.attrs = {"errors": errors, "notes": list(dict.fromkeys(notes))}  # a static trial's come with every trial
    return result


def _rows(trial: motion.Recording, settings: Settings) -> pd.DataFrame:
    names = marker_map(settings.markers)
    markers, notes = fit_labels(trial.markers, names)
    trial = replace(trial, markers=markers, notes=(*trial.notes, *notes))
    mass, height = _size(trial, settings) if trial.loads is not None else (np.nan, np.nan)
    trial = level_plates(trial)
    forward = face_forward(trial, names)
    even = smooth(forward, settings.cut_off, settings.gap)
    stride, contact = find_strides(forward, names, settings.threshold, mass)
    legs, why, said = _legs(even, names, settings)
    feet = heels = {s: find(even.markers, names[s]["heel"]) for s in SIDES if has_marker(even, names[s]["heel"])}
    if len(legs) == 2:
        feet = {s: leg["centre"].sel(joint="ankle", drop=True) for s, leg in legs.items()}
    belt = float(np.linalg.norm(steps.belt_velocity(list(heels.values()))))
    travel = steps.stride_directions(stride, middle_of_pelvis(even, names), belt)
    width = pd.Series(np.nan, index=stride.index)
    if len(feet) == 2:
        width = steps.spatiotemporal(stride, feet["left"], feet["right"], belt=belt, directions=travel)["step_width"]
    without = "no plate under this foot" if even.loads is not None else "no force plates in the file"
    if trial.left_out:
        without += " that can be used; " + "; ".join(
            f"plate {k}: {reason.rstrip('.')}" for k, reason in trial.left_out.items()
        )
    elif even.loads is None:
        without += ": give forces (--forces)"
    rows: list[dict[str, Any]] = []
    for side in SIDES if settings.side is None else (settings.side,):
        own, landed = stride[stride["side"] == side], contact[contact["side"] == side]
        matched = _contact_of(own, landed)
        carried: dict[Any, dict[str, Any]] = {}
        walked: list[tuple[float, str, bool]] = []
        if len(own):
            direction = steps.direction_at(own, travel.loc[own.index], even.markers["time"].values)
            walked = _walked(even, names, side, own, travel, direction)
            if side in legs and even.loads is not None:
                chosen = landed[landed.index.isin(matched) & (landed["reason"] == "")]
                carried = _carried(legs[side], even.loads, chosen, mass, height, settings, direction)
        for row, (fpa, amiss, straight), k in zip(own.itertuples(), walked, matched, strict=True):
            entry = {
                "file": trial.name,
                "side": side,
                "stride": row.stride,
                "ic_time": row.ic_time,
                "fo_time": row.fo_time,
                "events": row.events,
                "fpa_deg": fpa,
                "stance_time": row.fo_time - row.ic_time,
                "step_width": width[row.Index],
                "reason_excluded": why.get(side) or (without if k is None else landed.loc[k, "reason"]),
            } | carried.get(k, {})
            if row.doubt:
                entry |= dict.fromkeys(("fpa_deg", "stance_time", "step_width"), np.nan)
            if not straight:
                entry |= dict.fromkeys(OF_STRAIGHT_WALKING)
            entry["reason_excluded"] = "; ".join(filter(None, (row.doubt, entry["reason_excluded"], amiss)))
            rows.append(entry)
        rows += [_stray(trial.name, side, left) for k, left in landed.iterrows() if k not in matched]
        if not any(row["side"] == side for row in rows):
            reason = why.get(side) or "no stride of this foot found"
            rows.append({"file": trial.name, "side": side, "reason_excluded": reason})
    table = _table(rows)
    told = [f"{trial.name}: {note}" for note in (*trial.notes, *stride.attrs["notes"])]
    table.attrs["notes"] = list(dict.fromkeys([*told, *said]))
    return table


def _size(trial: motion.Recording, settings: Settings) -> tuple[float, float]:
    """Mass (kg) and height (m): those given, else the file's own, whose height is in mm; NaN where there is none."""
    own = trial.subject.get("bodymass", np.nan), trial.subject.get("height", np.nan) / 1000
    mass, height = (
        given if given is not None else stored if low <= stored <= high else np.nan
        for given, stored, (_, _, low, high) in zip((settings.mass, settings.height), own, trials.SIZES, strict=True)
    )
    return mass, height


def _legs(
    even: motion.Recording, names: dict[str, dict[str, Any]], settings: Settings
) -> tuple[dict[str, xr.Dataset], dict[str, str], list[str]]:
    """The legs that can be built, for the others why not, and what was decided about the static trial's markers."""
    static, notes = None, []
    if settings.static is not None:
        alike = Path(settings.static).suffix.lower() == Path(even.name).suffix.lower()
        own_axes = settings.axes if alike else None  # the other format has other axes
        standing = read_trial(settings.static, replace(settings, forces=None, zero=None, axes=own_axes))
        static, said = fit_labels(standing.markers, names)
        kept = [note for note in standing.notes if not note.startswith("plate ")]  # its forces are not used
        notes = [f"{standing.name}: {note}" for note in (*kept, *said)]
        if names["method"]["knee"] != "static":
            raise MarkerError(
                f"the map '{names['method']['title']}' finds the knee without a static trial, found one given. Leave "
                "--static out, or choose another map with --markers."
            )
    legs, why, across = {}, {}, None
    if all(has_marker(even, names[s].get("asis")) for s in SIDES):
        left, right = (find(even.markers, names[s]["asis"]).values for s in SIDES)
        across = right - left
    for side in SIDES:
        try:
            leg = leg_from_markers(even.markers, names, side, static=static, subject=even.subject)
            check_leg(leg, across)
            legs[side] = leg
        except MarkerError as error:
            why[side] = str(error)
    return legs, why, notes


def _walked(
    even: motion.Recording,
    names: dict[str, dict[str, Any]],
    side: str,
    own: pd.DataFrame,
    travel: pd.DataFrame,
    direction: np.ndarray,
) -> list[tuple[float, str, bool]]:
    """For every stride of a side its foot angle (deg, NaN without), what is amiss, and whether it is straight walking.

    The foot angle needs heel and toe alone.
    """
    heel, toe = (find(even.markers, names[side][r], r) for r in ("heel", "toe"))
    angle = foot_progression_angle(heel, toe, side, direction)
    start, off = own["ic_time"].to_numpy(), own["fo_time"].to_numpy()
    mean = mean_over_stance(angle, start, off).values
    size = mean_over_stance(abs(angle), start, off).values  # 179 and -179 are not 0
    changes = change_of_length(heel, toe, start, off)
    facing = trials.facing(even, names, direction)
    result = []
    for k, (x, turn) in enumerate(travel.loc[own.index, ["foot_x", "turn"]].to_numpy()):
        usual = facing.loc[start[k] : off[k]].mode().get(0, "")
        if np.isnan(x):
            amiss = "pelvic markers missing in mid-stance: no direction of travel"
        elif turn > steps.TURN:
            amiss = (
                f"turning: the direction of travel changes by {turn:.0f} deg in this stride or between its neighbours "
                f"(limit {steps.TURN:g} deg)"
            )
        else:
            amiss = trials.UNUSABLE.get(usual, "")
        straight = not amiss
        if straight and changes[k] > CHANGE:
            amiss = (
                f"the distance from heel to toe changes by {100 * changes[k]:.0f} % in 15-40 % of stance (limit "
                f"{100 * CHANGE:.0f}): a marker of the other foot, or slipped: no foot angle"
            )
        elif straight and np.isnan(mean[k]):
            amiss = "heel or toe missing in 15-40 % of stance: no foot angle"
        elif straight and size[k] > LIMIT:
            amiss = (
                f"foot turned {size[k]:.0f} deg from the direction of travel, expected at most {LIMIT:g}: heel and toe "
                "labels swapped, axes wrong, or a step sideways: no foot angle"
            )
        result.append((np.nan if amiss else float(mean[k]), amiss, straight))
    return result


def _contact_of(own: pd.DataFrame, landed: pd.DataFrame) -> list[Any]:
    """Return, for each stride, the label of the first plate contact that starts with it, or None."""
    apart = np.abs(np.subtract.outer(own["ic_time"].to_numpy(float), landed["start"].to_numpy(float)))
    return [landed.index[near.argmax()] if near.any() else None for near in apart < SAME]


def _carried(
    leg: xr.Dataset,
    loads: xr.Dataset,
    contact: pd.DataFrame,
    mass: float,
    height: float,
    settings: Settings,
    direction: np.ndarray,
) -> dict[Any, dict[str, Any]]:
    """Return the knee's outcomes of every contact, by the contact's label; all contacts of a plate at once."""
    result: dict[Any, dict[str, Any]] = {}
    lacking = [name for value, (name, *_) in zip((mass, height), trials.SIZES, strict=True) if not value > 0]
    options = ", ".join(f"--{name}" for name in lacking)
    unsized = f"body {' and '.join(lacking)} not given ({options}): no %BW*Ht" if lacking else ""
    if settings.method != "lever arm" and not mass > 0:
        return {k: {"reason_excluded": "body mass not given (--mass): no inverse dynamics"} for k in contact.index}
    for plate, own in contact.groupby("plate", sort=False):
        moments = knee.knee_moments(
            leg, loads, str(plate), method=settings.method, frame=settings.frame, mass=mass, direction=direction
        )
        start, end = own["start"].to_numpy(), own["end"].to_numpy()
        adduction, flexion = (
            signals.normalise_time(moments[f"knee_{k}_moment"], start, end) for k in ("adduction", "flexion")
        )
        found = knee.peaks(adduction)
        percent = knee.peaks(
            adduction.copy(data=adduction.values * np.nan)
            if unsized
            else knee.normalise_moment(adduction, mass, height)
        )
        table = pd.DataFrame(
            {
                "kam1_pct_bwht": percent["peak1"].to_numpy(),
                "kam2_pct_bwht": percent["peak2"].to_numpy(),
                "kam1_nm": found["peak1"].to_numpy(),
                "kam2_nm": found["peak2"].to_numpy(),
                "kam1_edge": found["edge1"].to_numpy(),
                "kam2_edge": found["edge2"].to_numpy(),
                "kam_impulse_nms": knee.impulse(adduction, end - start),
                "kfm_peak_nm": flexion.max("percent", skipna=False).values,
            },
            index=own.index,
        )
        result |= table.to_dict("index")
        for k, lost in zip(own.index, adduction.isnull().sum("percent").values, strict=True):
            missing = f"markers or forces missing for {lost} of 101 points of stance" if lost else ""
            if amiss := stretched(leg, own.loc[k, "start"], own.loc[k, "end"]):
                result[k] = dict.fromkeys(result[k])
            if amiss or missing or unsized:
                result[k]["reason_excluded"] = "; ".join(filter(None, (amiss, missing, unsized)))
    return result


def _stray(name: str, side: str, contact: pd.Series) -> dict[str, Any]:
    return {
        "file": name,
        "side": side,
        "ic_time": contact["start"],
        "fo_time": contact["end"],
        "events": "plates",
        "stance_time": contact["end"] - contact["start"],
        "reason_excluded": contact["reason"] or "plate contact without a stride of this foot",
    }


def _table(rows: list[dict[str, Any]]) -> pd.DataFrame:
    table = pd.DataFrame(rows, columns=list(COLUMNS))
    numbers = [c for c in OF_STRAIGHT_WALKING if c not in EDGES]
    return table.astype(dict.fromkeys(EDGES, "boolean") | dict.fromkeys(numbers, float))
