"""From trials to tidy rows: one row a stride and side, with every exclusion and its reason."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from gaitstudy.conventions import SIDES, GaitStudyError, MarkerError, TrialFormatError, require_positive
from gaitstudy.gait import signals, steps
from gaitstudy.gait.foot import foot_progression_angle, mean_over_stance
from gaitstudy.io import motion
from gaitstudy.load import knee
from gaitstudy.load.landmarks import find, marker_map
from gaitstudy.load.skeleton import leg_from_markers
from gaitstudy.trials import Settings, face_forward, find_strides, has_marker, level_plates, read_trial, smooth

COLUMNS = (
    "file", "side", "stride", "ic_time", "fo_time", "fpa_deg", "kam1_pct_bwht", "kam2_pct_bwht", "kam1_nm", "kam2_nm",
    "kam_impulse_nms", "kfm_peak_nm", "stance_time", "step_width", "reason_excluded",
)  # fmt: skip
"""Columns of a processed trial. Moments are external; NaN where there is none, with the reason in the last column."""


def process_trial(path: str | Path, settings: Settings | None = None) -> pd.DataFrame:
    """Return one row for every stride of a trial, and for every plate contact that belongs to none.

    Parameters
    ----------
    path : a C3D or TRC file of a walking trial. settings : see ``Settings``.

    Returns
    -------
    ``COLUMNS``: times in s, foot progression angle in deg (toe-out positive, 15-40 % of stance), adduction moments in
    %BW*Ht and N m (external), impulse of the adducting part in N m s, flexion moment in N m (largest over the whole
    stance), step width in m (between the ankles in mid-stance; between the heels where a leg cannot be built).

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
    result.attrs = {"errors": errors, "notes": notes}
    return result


def _rows(trial: motion.Recording, settings: Settings) -> pd.DataFrame:
    names = marker_map(settings.markers)
    mass, height = _size(trial, settings) if trial.loads is not None else (np.nan, np.nan)
    trial = level_plates(trial)
    forward = face_forward(trial, names)
    even = smooth(forward, settings.cut_off, settings.gap)
    stride, contact = find_strides(forward, names, settings.threshold, mass)
    legs, why = _legs(even, names, settings)
    feet = {s: find(even.markers, names[s]["heel"]) for s in SIDES if has_marker(even, names[s]["heel"])}
    if len(legs) == 2:
        feet = {s: leg["centre"].sel(joint="ankle", drop=True) for s, leg in legs.items()}
    width = pd.Series(np.nan, index=stride.index)
    if len(feet) == 2:
        width = steps.spatiotemporal(stride, feet["left"], feet["right"])["step_width"]
    rows: list[dict[str, Any]] = []
    for side in SIDES if settings.side is None else (settings.side,):
        own, landed = stride[stride["side"] == side], contact[contact["side"] == side]
        matched = _contact_of(own, landed)
        carried: dict[Any, dict[str, Any]] = {}
        if side in legs and even.loads is not None:
            chosen = landed[landed.index.isin(matched) & (landed["reason"] == "")]
            carried = _carried(legs[side], even.loads, chosen, mass, height, settings)
        without = (
            "no force plates in the file: give forces (--forces)" if even.loads is None else "no plate under this foot"
        )
        for row, fpa, k in zip(own.itertuples(), _angles(even, names, side, own), matched, strict=True):
            entry = {
                "file": trial.name,
                "side": side,
                "stride": row.stride,
                "ic_time": row.ic_time,
                "fo_time": row.fo_time,
                "fpa_deg": fpa,
                "stance_time": row.fo_time - row.ic_time,
                "step_width": width[row.Index],
                "reason_excluded": why.get(side) or (without if k is None else landed.loc[k, "reason"]),
            } | carried.get(k, {})
            if np.isnan(fpa):
                lost = "heel or toe missing in 15-40 % of stance: no foot angle"
                entry["reason_excluded"] = "; ".join(filter(None, (entry["reason_excluded"], lost)))
            rows.append(entry)
        rows += [_stray(trial.name, side, left) for k, left in landed.iterrows() if k not in matched]
        if not any(row["side"] == side for row in rows):
            reason = why.get(side) or "no stride of this foot found"
            rows.append({"file": trial.name, "side": side, "reason_excluded": reason})
    table = _table(rows)
    table.attrs["notes"] = [f"{trial.name}: {note}" for note in trial.notes]
    return table


def _size(trial: motion.Recording, settings: Settings) -> tuple[float, float]:
    """Mass (kg) and height (m): those given, else the file's own, whose height is in mm."""
    stored = trial.subject.get("height")
    mass = settings.mass if settings.mass is not None else trial.subject.get("bodymass")
    height = settings.height if settings.height is not None else stored / 1000 if stored is not None else None
    return require_positive(mass, "mass", "kg", 2, 350), require_positive(height, "height", "m", 0.5, 2.6)


def _legs(
    even: motion.Recording, names: dict[str, dict[str, Any]], settings: Settings
) -> tuple[dict[str, xr.Dataset], dict[str, str]]:
    """The legs that can be built, and for the others why not."""
    static = None
    if settings.static is not None:
        own_axes = settings.axes if Path(settings.static).suffix.lower() == ".c3d" else None
        static = read_trial(settings.static, replace(settings, forces=None, zero=None, axes=own_axes)).markers
        if names["method"]["knee"] != "static":
            raise MarkerError(
                f"the map '{names['method']['title']}' finds the knee without a static trial, found one given. Leave "
                "--static out, or choose another map with --markers."
            )
    legs, why = {}, {}
    for side in SIDES:
        try:
            legs[side] = leg_from_markers(even.markers, names, side, static=static, subject=even.subject)
        except MarkerError as error:
            why[side] = str(error)
    return legs, why


def _angles(even: motion.Recording, names: dict[str, dict[str, Any]], side: str, own: pd.DataFrame) -> np.ndarray:
    """Foot progression angle of every stride of a side, deg: it needs heel and toe alone."""
    if own.empty:
        return np.empty(0)
    heel, toe = (find(even.markers, names[side][r], r) for r in ("heel", "toe"))
    angle = foot_progression_angle(heel, toe, side)
    return mean_over_stance(angle, own["ic_time"].to_numpy(), own["fo_time"].to_numpy()).values


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


def _table(rows: list[dict[str, Any]]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=list(COLUMNS))
