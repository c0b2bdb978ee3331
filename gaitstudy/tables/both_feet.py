"""Both feet of one walk: contacts in turn, and what plates, markers and legs give at each, for comparing the sides."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import xarray as xr

from gaitstudy import pipeline
from gaitstudy.conventions import GRAVITY, SIDES
from gaitstudy.gait import signals
from gaitstudy.gait import steps as step_outcomes
from gaitstudy.gait.events import SAME, contacts, strides
from gaitstudy.gait.foot import foot_progression_angle, mean_over_stance
from gaitstudy.gait.stability import extrapolated_centre_of_mass, margins_of_stability
from gaitstudy.io.motion import Recording
from gaitstudy.load import knee
from gaitstudy.load.landmarks import find
from gaitstudy.pipeline import has_marker

MEASURES = {
    "step_time": "s", "stance_time": "s", "vertical_force": "N", "kam1": "N m/kg", "kam_impulse": "N m s/kg",
    "foot_progression_angle": "deg", "margin_mediolateral": "m", "margin_anterior_posterior": "m",
}  # fmt: skip
"""What is compared between the sides, with its unit; vertical force and first KAM peak are the largest of a stance."""
SIGNED = ("foot_progression_angle", "margin_mediolateral", "margin_anterior_posterior")
"""These may be zero or negative: their sides are compared by the difference, not by an index."""
STEADY = (0.8, 1.2)
"""Of the foot's median stride (or stance); outside, a stride is turning, starting or stopping and is left out."""
ENOUGH = 5
"""Strides of a foot below which no stride is called unsteady, and stances come from the plates rather than the file."""
EDGE = 0.05
"""s; contacts nearer to an end of the recording give no margin: the velocity is not known there."""
CUT = "the stance is cut by an end of the recording"
CARRIED = 0.9
"""Of body weight; in single support a walker's force must pass it, or part of the foot stands beside the plate."""
BESIDE = f"the plate carried less than {CARRIED:g} of body weight: part of the foot stood beside it"
NOT_WHOLE = "no whole contact of one foot alone on a plate"


class Walk(NamedTuple):
    """One walk: whose, its contacts, how many were left out as ``unsteady``, and ``why`` a measure is missing.

    ``table``: one row an initial contact, in order: ``side``, ``ic_time, fo_time, next_ic_time`` (s), ``stride_time``,
    ``step_width`` (m) and the columns of ``MEASURES``; NaN where there is none. ``source``: of the contacts.
    ``natural``: False where the person was asked to walk in another way.
    """

    dataset: str
    walk: str
    person: str
    table: pd.DataFrame
    unsteady: int
    source: str
    why: dict[str, str]
    natural: bool


def laboratory_walk(
    dataset: str,
    walk: str,
    person: str,
    trial: Recording,
    distrusted: str = "",
    natural: bool = True,
) -> Walk:
    """Return one walk of a laboratory: contacts, then what each contact's plate, markers and legs give.

    Parameters
    ----------
    dataset, walk, person : names. trial : of ``pipeline.read``.
    distrusted : why the file's plates are not to be used, if so. natural : not asked to walk in another way.

    Notes
    -----
    Step times come from the file's events if it has both feet's, else from plate contacts (and what the file adds).
    Stance times, largest vertical force and moments (lever arm, tibial axes, 8 Hz) come from whole contacts of one foot
    that carried at least ``CARRIED`` of the weight; stance times from the file where it has ``ENOUGH`` contacts a foot.
    Margins of stability are at initial contact: the pelvis's middle for the centre of mass, the pendulum from there to
    the landing ankle, the ankle's outer marker for the border and the toe's for the front.
    """
    prepared = pipeline.prepare(trial)
    names, even, legs = trial.roles, prepared.recording, prepared.legs
    landed = _carrying(prepared.contacts, even, trial.mass)
    table, source = _contacts(trial, landed)
    why = dict.fromkeys(MEASURES, "")
    trusted = landed[landed["reason"] == ""]
    if distrusted:
        why |= dict.fromkeys(("vertical_force", "kam1", "kam_impulse"), distrusted)
    else:
        table = _forces(table, trusted, even, legs, trial.mass)
        lacking = [s for s in SIDES if not (trusted["side"] == s).any()]
        seen = " ".join(landed.loc[landed["side"].isin(lacking), "reason"])
        none = (
            BESIDE
            if "part of the foot stood beside" in seen
            else CUT
            if "cut by an end" in seen
            else NOT_WHOLE
            if lacking
            else ""
        )
        knees = none or ("" if len(legs) == 2 else "no knee markers on one side")
        why |= {"vertical_force": none, "stance_time": none, "kam1": knees, "kam_impulse": knees}
    why["step_time"] = "contacts of both feet in turn are too few"
    for name, values in _walked(table, even, names, legs).items():
        table[name] = values
    why["foot_progression_angle"] = "no whole stance with heel and toe of one foot"
    what = "no contact of one foot away from the recording's ends, or no markers on it"
    why |= dict.fromkeys(("margin_mediolateral", "margin_anterior_posterior"), what)
    return steady_walk(dataset, walk, person, table, source, why, natural)


def _carrying(landed: pd.DataFrame, even: Recording, mass: float) -> pd.DataFrame:
    """Give contacts whose plate never carried the walker's weight their reason."""
    landed = landed.copy()
    for k, contact in landed[landed["reason"] == ""].iterrows():
        vertical = even.ground_reaction["force"].sel(plate=contact["plate"], axis="y", drop=True)
        if float(vertical.sel(time=slice(contact["start"], contact["end"])).max()) < CARRIED * mass * GRAVITY:
            landed.loc[k, "reason"] = BESIDE
    return landed


def _contacts(trial: Recording, landed: pd.DataFrame) -> tuple[pd.DataFrame, str]:
    """Initial contacts with foot offs, and their source: the file's for both feet, or plates and what the file adds."""
    time = trial.markers["time"].values
    known = trial.events[trial.events["side"].isin(SIDES) & trial.events["time"].between(time[0], time[-1])]
    known = known[known["event"].isin(["initial_contact", "foot_off"])]
    starts = known[known["event"] == "initial_contact"]
    whole = landed[landed["reason"] == ""]
    if set(starts["side"]) == set(SIDES):
        rows = pd.DataFrame({"side": starts["side"], "ic_time": starts["time"], "fo_time": np.nan})
        source = "file"
        if starts.groupby("side").size().min() >= ENOUGH or not set(whole["side"]) == set(SIDES):
            offs = strides(known).set_index(["side", "ic_time"])["fo_time"]
            rows["fo_time"] = [offs.get((s, t), np.nan) for s, t in zip(rows["side"], rows["ic_time"], strict=True)]
    else:
        cut = landed[landed["reason"].str.contains("cut by an end") & (landed["start"] > time[0] + EDGE)]
        plates = pd.concat([whole, cut])
        added = [
            (s, t)
            for s, t in zip(starts["side"], starts["time"], strict=True)
            if not ((plates["side"] == s) & ((plates["start"] - t).abs() < SAME)).any()
        ]
        every = [*zip(plates["side"], plates["start"], strict=True), *added]
        rows = pd.DataFrame(every, columns=["side", "ic_time"]).assign(fo_time=np.nan)
        source = "plates and file" if added else "plates"
    rows = chained(rows.astype({"ic_time": float, "fo_time": float}))
    rows["stance_time"] = rows["fo_time"] - rows["ic_time"]
    return rows, source


def _forces(
    table: pd.DataFrame, trusted: pd.DataFrame, even: Recording, legs: dict[str, xr.Dataset], mass: float
) -> pd.DataFrame:
    """Add stance time (where the file gave none), peak vertical force, and the knee's adduction moment, by contact."""
    loads = even.ground_reaction
    for contact in trusted.to_dict("records"):
        side, start, end = contact["side"], contact["start"], contact["end"]
        near = table[(table["side"] == side) & ((table["ic_time"] - start).abs() < SAME)].index
        if not len(near):
            continue
        k = near[0]
        if np.isnan(table.loc[k, "fo_time"]):
            table.loc[k, ["fo_time", "stance_time"]] = end, end - start
        vertical = loads["force"].sel(plate=contact["plate"], axis="y", drop=True)
        table.loc[k, "vertical_force"] = float(vertical.sel(time=slice(start, end)).max())
        if side in legs:
            moments = knee.knee_moments(legs[side], loads, contact["plate"], mass=mass)
            curve = signals.normalise_time(moments["knee_adduction_moment"], [start], [end])
            table.loc[k, "kam1"] = knee.peaks(curve)["peak1"].iloc[0] / mass
            table.loc[k, "kam_impulse"] = knee.impulse(curve, np.array([end - start]))[0] / mass
    return table


def _walked(
    table: pd.DataFrame, even: Recording, names: dict[str, dict[str, Any]], legs: dict[str, xr.Dataset]
) -> dict[str, np.ndarray]:
    """Foot progression angle, step width and margins of stability of every contact."""
    found = {n: np.full(len(table), np.nan) for n in ("foot_progression_angle", "step_width", *SIGNED[1:])}
    roles = {
        s: {r: names[s][r] for r in ("heel", "toe", "ankle_lateral") if has_marker(even, names[s].get(r))}
        for s in SIDES
    }
    paths = {s: {r: find(even.markers, m) for r, m in own.items()} for s, own in roles.items()}
    whole = table["fo_time"].notna().to_numpy()
    for side in SIDES:
        own = whole & (table["side"] == side).to_numpy()
        if own.any() and {"heel", "toe"} <= set(paths[side]):
            angle = foot_progression_angle(paths[side]["heel"], paths[side]["toe"], side)
            found["foot_progression_angle"][own] = mean_over_stance(angle, table["ic_time"][own], table["fo_time"][own])
    heels = {s: p["heel"] for s, p in paths.items() if "heel" in p}
    if len(heels) == 2 and whole.any():
        feet = {s: legs[s]["centre"].sel(joint="ankle", drop=True) for s in SIDES} if len(legs) == 2 else heels
        rows = table[whole].assign(stride=0)[["side", "stride", "ic_time", "fo_time", "next_ic_time"]]
        found["step_width"][whole] = step_outcomes.spatiotemporal(rows, feet["left"], feet["right"])["step_width"]
    found |= _margins(table, even, names, paths)
    return found


def _margins(
    table: pd.DataFrame,
    even: Recording,
    names: dict[str, dict[str, Any]],
    paths: dict[str, dict[str, xr.DataArray]],
) -> dict[str, np.ndarray]:
    """Margins at initial contact; nothing where the pelvis or both ankles have no marker."""
    outer = {s: p["ankle_lateral"] for s, p in paths.items() if "ankle_lateral" in p}
    spines = [[names[s][r] for s in SIDES if has_marker(even, names[s].get(r))] for r in ("asis", "psis", "sacrum")]
    front, back = spines[0], list(dict.fromkeys(spines[1] or spines[2]))
    if not outer or len(front) < 2 or not back:
        return {}
    parts = [even.markers.sel(marker=m).mean("marker", skipna=False) for m in (front, back)]
    pelvis = (0.5 * (parts[0] + parts[1])).assign_attrs(units="m")
    time = even.markers["time"].values
    at = table[["side"]].assign(time=table["ic_time"])
    inside = at["time"].between(time[0] + EDGE, time[-1] - EDGE)
    reach = [
        float(np.linalg.norm(outer[s].interp(time=t).values - pelvis.interp(time=t).values))
        for s, t in zip(at["side"], at["time"], strict=True)
        if s in outer
    ]
    speeds = [
        step_outcomes.belt_speed(paths[s]["heel"], own["ic_time"].to_numpy(), own["fo_time"].to_numpy(), (25.0, 45.0))
        for s, own in table.dropna(subset=["fo_time"]).groupby("side")
        if "heel" in paths[str(s)]
    ]
    if not np.isfinite(reach).any():
        return {}
    belt = float(np.nanmean(speeds)) if np.isfinite(speeds).any() else 0.0
    moved = extrapolated_centre_of_mass(pelvis, float(np.nanmean(reach)), belt)
    made = margins_of_stability(moved, outer, {s: p["toe"] for s, p in paths.items() if "toe" in p}, at)
    columns = {"margin_mediolateral": "mediolateral", "margin_anterior_posterior": "anterior_posterior"}
    return {name: made[column].where(inside).to_numpy(float) for name, column in columns.items()}


def chained(rows: pd.DataFrame) -> pd.DataFrame:
    """Return contacts in order, with the next one of the same foot, stride time and step time, s.

    Parameters
    ----------
    rows : one row an initial contact: ``side, ic_time`` (s) and others. The step time is from the other foot's contact
        just before; NaN where the same foot comes twice.
    """
    rows = rows.sort_values("ic_time", kind="stable", ignore_index=True)
    rows["next_ic_time"] = rows.groupby("side")["ic_time"].shift(-1)
    other = rows["side"].ne(rows["side"].shift(1)) & rows["ic_time"].diff().notna()
    rows["step_time"] = rows["ic_time"].diff().where(other)
    rows["stride_time"] = rows["next_ic_time"] - rows["ic_time"]
    return rows


def whole_contacts(signal: dict[str, xr.DataArray], threshold: float) -> pd.DataFrame:
    """Return the whole contacts of each side in a signal, ``side, ic_time, fo_time`` (s); short gaps are bridged.

    Parameters
    ----------
    signal : by side, (time,), any unit. threshold : in it, with the usual hysteresis (``gait.events.contacts``).
    """
    tables = []
    for side, one in signal.items():
        whole = contacts(signals.fill_gaps(one), threshold)
        whole = whole[~whole["cut"].astype(bool)]
        tables.append(pd.DataFrame({"side": side, "ic_time": whole["start"], "fo_time": whole["end"]}))
    return pd.concat(tables, ignore_index=True)


def steady_walk(
    dataset: str, walk: str, person: str, table: pd.DataFrame, source: str, why: dict[str, str], natural: bool
) -> Walk:
    """Return a walk without its unsteady strides: outside ``STEADY`` of the foot's median stride or stance time.

    Parameters
    ----------
    table : of ``chained``, with stance times. The rest as in ``Walk``. Feet with fewer than ``ENOUGH`` keep all.
    """
    for name in ("vertical_force", "kam1", "kam_impulse", *SIGNED, "step_width"):
        table = table if name in table else table.assign(**{name: np.nan})
    good = pd.Series(True, index=table.index)
    for side, name in ((s, n) for s in SIDES for n in ("stride_time", "stance_time")):
        own = table.loc[table["side"] == side, name].dropna()
        if len(own) >= ENOUGH:
            share = own / own.median()
            good[share.index[~share.between(*STEADY)]] = False
    kept = table.where(good).loc[good]
    following = table["step_time"].where(good & good.shift(1, fill_value=True))  # a step out of a turn is part of it
    kept = kept.assign(step_time=following[good])
    return Walk(dataset, walk, person, kept.reset_index(drop=True), int((~good).sum()), source, why, natural)
