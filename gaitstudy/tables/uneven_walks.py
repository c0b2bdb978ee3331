"""Both sides of every real walk at hand, step by step.

Summary numbers only. Step times need both feet's contacts on one clock and from one source where possible; stance
times, forces and knee moments come from whole, trusted plate contacts. What a walk cannot give is NaN with its reason.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from gaitstudy import pipeline
from gaitstudy.conventions import GRAVITY, SIDES, pick, side_sign
from gaitstudy.gait import signals
from gaitstudy.gait.events import SAME, contacts, strides
from gaitstudy.io import catalogue
from gaitstudy.io.motion import Recording
from gaitstudy.load import knee
from gaitstudy.tables import insole_walks
from gaitstudy.tables.agreement import OWN_SKELETON, own_skeleton_trial

FROM_PLATES = {"vertical_force": "N", "kam1": "N m/kg", "kam_impulse": "N m s/kg"}
MEASURES = {"step_time": "s", "stance_time": "s", **FROM_PLATES, "margin_mediolateral": "m"}
"""What is compared between the sides, with its unit; vertical force and first KAM peak are the largest of a stance."""
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
LONG = 10
"""Pairs of strides a walk must have for ``single_pairs``."""
FEW = 20
"""Pairs of steps; with fewer, how much neighbours resemble each other is too poorly known."""
IMU_RATE = 204.8
"""Hz, of the foot IMUs."""
PEDAR_SHARE = 0.05
"""Of its largest mean pressure: contact of a foot whose sensors have no areas. A choice."""
MOTICON_MANUAL = 50.0
"""N; contacts of the Moticon walk whose own step marks are by hand (the best threshold of notebook 05)."""
WALK = ["dataset", "walk"]
KEY = [*WALK, "measure"]
INPUTS: tuple[str | tuple[str, str], ...] = (
    ("mcgill-foot-progression", "straight/*.c3d"), ("plug-in-gait-kinetics", "btk/PiG_Motion*.c3d"),
    ("plug-in-gait-kinetics", "c3d_org_sample00_pycgm2/*.c3d"), ("plug-in-gait-kinetics", "gaitalytics/*.c3d"),
    ("opencap-foot-angle", "inputs/*"), ("gc5-instrumented-knee", "inputs/c3d/*.c3d"),
    ("gc5-instrumented-knee", "inputs/trc/*"), ("gc5-instrumented-knee", "inputs/grf/*"),
    ("gc5-instrumented-knee", "inputs/Static_for_scaling.trc"), ("p3m6-walk", "inputs/*"), "moticon-insole",
    "pedar-insole", "fscan-insole", ("foot-imu", "gaitmap/stride_events_sample.csv"),
)  # fmt: skip
PLUG_IN_GAIT = {
    "btk/PiG_Motion3_FF.c3d": "plug-in-gait 1",
    "btk/PiG_Motion-FlatFoot-Full.c3d": "plug-in-gait 2",
    "btk/PiG_Motion-FlatFoot-Hole.c3d": "plug-in-gait 3",
    "btk/PiG_Motion-FlatFoot-One.c3d": "plug-in-gait 3",
    "c3d_org_sample00_pycgm2/pyCGM2 lower limb CGM24 Walking01.c3d": "plug-in-gait 4",
    "gaitalytics/treadmill_events.c3d": "plug-in-gait 5",
}
"""Walks of ``plug-in-gait-kinetics`` and whose they are: two files with one mass, height and leg length are taken for
one person's; files that only process the first walk anew are left out. FlatFoot names a setting of the calibration."""
DISTRUSTED = "the file's knee moments disagree with its own plates: forces and moments not used"


def symmetry_table() -> pd.DataFrame:
    """Return both sides of every walk, one row a walk and measure of ``MEASURES``.

    ``person``; ``natural`` (0: on instruction to walk in another way); ``left, right`` (means over strides, in
    ``unit``); ``reason`` why a side is missing.
    """
    contacts, reasons = _every_walk()
    means = contacts.groupby([*WALK, "side"], sort=False)[list(MEASURES)].mean().rename_axis("measure", axis=1)
    table = reasons.join(means.stack(future_stack=True).unstack("side"), on=KEY)
    missing = table[list(SIDES)].isna().to_dict("records")
    none = ["; ".join(f"no stride of the {s} foot has one" for s in SIDES if gap[s]) for gap in missing]
    table["reason"] = [gap and (why or gap) for gap, why in zip(none, table["reason"], strict=True)]
    return table


def single_pairs() -> pd.DataFrame:
    """Return what one pair of steps says of a walk, one row a walk with ``LONG`` pairs or more, and measure.

    ``pairs`` of a right contact and the left one before it; ``mean`` and ``sd`` (n - 1) of their symmetry indices, %,
    left larger positive; ``neighbours``, the correlation of one pair's index with the next one's.
    """
    rows = []
    for walk, own in _every_walk()[0].groupby(WALK, sort=False):
        for name in ("step_time", "stance_time"):
            known = own.dropna(subset=[name]).sort_values("ic_time")
            side, value, time = (known[c].to_numpy() for c in ("side", name, "ic_time"))
            first = np.flatnonzero((side[:-1] == "left") & (side[1:] == "right") & (np.diff(time) < 1.5))
            if len(first) >= LONG:
                left, right = value[first], value[first + 1]
                index = 200 * (left - right) / (left + right)
                away = index - index.mean()
                alike = away[1:] @ away[:-1] / (away @ away) if away.any() else np.nan
                rows.append((*walk, name, len(first), index.mean(), index.std(ddof=1), alike))
    return pd.DataFrame(rows, columns=[*KEY, "pairs", "mean", "sd", "neighbours"])


@cache
def _every_walk() -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return all walks, read from the files.

    Returns
    -------
    One row an initial contact of a steady stride: ``dataset, walk``, ``side``, ``ic_time, fo_time, next_ic_time`` (s),
    ``stride_time`` (s) and the columns of ``MEASURES``; NaN where there is none. One row a walk and measure:
    ``person, unit, natural``, and why the whole walk lacks it ("" if it does not).
    """
    contacts, reasons = [], []
    for dataset, walk, person, natural, table, why in _walks():
        contacts.append(_steady(table).assign(dataset=dataset, walk=walk))
        reasons += [(dataset, walk, k, person, unit, natural, why.get(k, "")) for k, unit in MEASURES.items()]
    columns = [*KEY, "person", "unit", "natural", "reason"]
    return pd.concat(contacts, ignore_index=True), pd.DataFrame(reasons, columns=columns)


def _walks() -> Iterator[tuple[str, str, str, int, pd.DataFrame, dict[str, str]]]:
    """Yield every walk: dataset, walk, person, whether it is natural, its contacts, why it lacks a measure."""
    for path in catalogue.available("mcgill-foot-progression", "straight/*.c3d"):
        yield "mcgill-foot-progression", path.stem, path.stem[:5], 1, *_laboratory(pipeline.read(path))
    for file, person in PLUG_IN_GAIT.items():
        trial = pipeline.read(catalogue.locate("plug-in-gait-kinetics", file))
        name = file.rsplit("/", 1)[1].removesuffix(".c3d")
        distrusted = DISTRUSTED if "treadmill" in file else ""
        yield "plug-in-gait-kinetics", name, person, 1, *_laboratory(trial, distrusted)
    for about in OWN_SKELETON.itertuples():
        dataset, trial = about.dataset, own_skeleton_trial(about.dataset, about.trial)
        if dataset != "opencap-foot-angle":  # longer than the files for OpenSim: both feet's contacts
            path = catalogue.locate(dataset, f"inputs/c3d/{about.trial}.c3d")
            trial = pipeline.read(path, about.markers, static=trial.static, mass=trial.mass)
        yield dataset, about.trial, dataset, int(about.natural), *_laboratory(trial)
    for _, walk in filter(lambda key: key[1], insole_walks.FILES):
        yield "moticon-insole", walk, "moticon-insole", 1, *_moticon(walk)
    for dataset, worn in (("fscan-insole", _fscan), ("pedar-insole", _pedar), ("foot-imu", _foot_imu)):
        yield dataset, "one walk", dataset, 1, *worn()


def _moticon(walk: str) -> tuple[pd.DataFrame, dict[str, str]]:
    """A walk on Moticon insoles: the export's own steps, or a threshold where its marks are by hand."""
    samples, events = insole_walks._recording("Moticon", walk)
    force = {s: samples["force"].sel(side=s, drop=True) for s in SIDES}
    if walk in insole_walks.REPORTS:
        rows = strides(events)[["side", "ic_time", "fo_time"]]
    else:
        rows = _whole_contacts(force, MOTICON_MANUAL)
    over = [force[r.side].sel(time=slice(r.ic_time - 1e-6, r.fo_time + 1e-6)) for r in rows.itertuples()]
    return _worn(rows.assign(vertical_force=[float(f.max()) for f in over]))


def _fscan() -> tuple[pd.DataFrame, dict[str, str]]:
    """A walk on F-Scan sheets, whose two clocks agree to the second only and whose forces were calibrated apart."""
    rows = insole_walks.stances().query("vendor == 'F-Scan' and cells == 'patches'")
    table, why = _worn(rows[["side", "start", "end"]].set_axis(["side", "ic_time", "fo_time"], axis="columns"))
    why["step_time"] = "the two feet's clocks agree to the second only"
    why["vertical_force"] = "each sheet was calibrated on its own: the feet's forces cannot be compared"
    return table.assign(step_time=np.nan), why


def _pedar() -> tuple[pd.DataFrame, dict[str, str]]:
    """A walk on pedar insoles, 50 Hz: contact where the mean pressure passes a share of its largest."""
    pressure = insole_walks._recording("pedar")[0]["pressure"].mean("sensor")
    each = {s: 1000 * pressure.sel(side=s, drop=True) / float(pressure.sel(side=s).max()) for s in SIDES}
    table, why = _worn(_whole_contacts(each, 1000 * PEDAR_SHARE))
    return table, why | {"vertical_force": "the file gives no areas: no force"}


def _foot_imu() -> tuple[pd.DataFrame, dict[str, str]]:
    """A walk with two foot IMUs on one clock, by the events its authors found from motion capture."""
    events = pd.read_csv(catalogue.locate("foot-imu", "gaitmap/stride_events_sample.csv"))
    times = {"ic_time": events["pre_ic"] / IMU_RATE, "fo_time": events["tc"] / IMU_RATE}
    table, why = _worn(pd.DataFrame({"side": events["foot"], **times}))
    return table, why | {"vertical_force": "no force was measured"}


def _worn(rows: pd.DataFrame) -> tuple[pd.DataFrame, dict[str, str]]:
    """A walk without a laboratory: no knees, no pelvis."""
    none = dict.fromkeys(("kam1", "kam_impulse", "margin_mediolateral"), "no markers: neither knees nor feet in space")
    return _chained(rows), none


# ---- a walk in a laboratory ----


def _laboratory(trial: Recording, distrusted: str = "") -> tuple[pd.DataFrame, dict[str, str]]:
    """Return one walk of a laboratory: contacts, then what each contact's plate, markers and legs give.

    Parameters
    ----------
    trial : of ``pipeline.read``. distrusted : why the file's plates are not to be used, if so.

    Notes
    -----
    Step times come from the file's events if it has both feet's, else from plate contacts (and what the file adds).
    Stance times, largest vertical force and moments (lever arm, tibial axes, 8 Hz) come from whole contacts of one foot
    that carried at least ``CARRIED`` of the weight; stance times from the file where it has ``ENOUGH`` contacts a foot.
    Margins of stability are at initial contact: the pelvis's middle for the centre of mass, the pendulum from there to
    the landing ankle, the ankle's outer marker for the border.
    """
    walk = pipeline.prepare(trial)
    landed = walk.contacts.copy()
    landed["force"] = [_largest_force(walk, contact) for contact in landed.itertuples()]
    landed.loc[(landed["reason"] == "") & (landed["force"] < CARRIED * trial.mass * GRAVITY), "reason"] = BESIDE
    trusted = landed[landed["reason"] == ""]
    table = _contacts(trial, landed)
    why = {"step_time": "contacts of both feet in turn are too few"}
    why["margin_mediolateral"] = "no contact of one foot away from the recording's ends, or no markers on it"
    if distrusted:
        why |= dict.fromkeys(FROM_PLATES, distrusted)
    else:
        table = _forces(table, trusted, walk)
        lacking = [s for s in SIDES if s not in set(trusted["side"])]
        seen = " ".join(landed.loc[landed["side"].isin(lacking), "reason"])
        told = {"part of the foot stood beside": BESIDE, "cut by an end": CUT, "": NOT_WHOLE if lacking else ""}
        none = next(reason for text, reason in told.items() if text in seen)
        why |= dict.fromkeys(("vertical_force", "stance_time"), none)
        knees = none or ("" if len(walk.legs) == 2 else "no knee markers on one side")
        why |= dict.fromkeys(("kam1", "kam_impulse"), knees)
    return table.assign(margin_mediolateral=_margins(table, walk.recording)), why


def _largest_force(walk: pipeline.Walk, contact: Any) -> float:
    """Largest vertical force of a contact, N."""
    force = walk.recording.ground_reaction["force"].sel(
        plate=contact.plate, axis="y", time=slice(contact.start, contact.end)
    )
    return float(force.max())


def _contacts(trial: Recording, landed: pd.DataFrame) -> pd.DataFrame:
    """Initial contacts with foot offs: the file's for both feet, or plates and what the file adds."""
    time = trial.markers["time"].values
    known = trial.events[trial.events["side"].isin(SIDES) & trial.events["time"].between(time[0], time[-1])]
    starts = known.loc[known["event"] == "initial_contact", ["side", "time"]].set_axis(["side", "ic_time"], axis=1)
    whole = landed[landed["reason"] == ""]
    if set(starts["side"]) == set(SIDES):
        rows = starts.assign(fo_time=np.nan)
        if starts.groupby("side").size().min() >= ENOUGH or set(whole["side"]) != set(SIDES):
            rows = starts.merge(strides(known)[["side", "ic_time", "fo_time"]], how="left")
    else:
        cut = landed[landed["reason"].str.contains("cut by an end") & (landed["start"] > time[0] + EDGE)]
        plates = pd.concat([whole, cut])[["side", "start"]].set_axis(["side", "ic_time"], axis=1)
        new = [not _near(plates, start).any() for start in starts.itertuples()]
        rows = pd.concat([plates, starts[new]]).assign(fo_time=np.nan)
    return _chained(rows.astype({"ic_time": float, "fo_time": float}))


def _near(rows: pd.DataFrame, start: Any) -> pd.Series:
    """Which rows are of the same foot's same initial contact."""
    return (rows["side"] == start.side) & ((rows["ic_time"] - start.ic_time).abs() < SAME)


def _forces(table: pd.DataFrame, trusted: pd.DataFrame, walk: pipeline.Walk) -> pd.DataFrame:
    """Add stance time (where the file gave none), peak vertical force, and the knee's adduction moment, by contact."""
    mass = walk.recording.mass
    for contact in trusted.assign(ic_time=trusted["start"]).itertuples():
        near = table.index[_near(table, contact)][:1]
        if table.loc[near, "fo_time"].isna().any():
            table.loc[near, ["fo_time", "stance_time"]] = contact.end, contact.end - contact.start
        table.loc[near, "vertical_force"] = contact.force
        if contact.side in walk.legs:
            moments = knee.knee_moments(
                walk.legs[contact.side], walk.recording.ground_reaction, contact.plate, mass=mass
            )
            curve = signals.normalise_time(moments["knee_adduction_moment"] / mass, [contact.start], [contact.end])
            table.loc[near, "kam1"] = knee.peaks(curve)["peak1"].iloc[0]
            table.loc[near, "kam_impulse"] = knee.impulse(curve, np.array([contact.end - contact.start]))[0]
    return table


def _margins(table: pd.DataFrame, filtered: Recording) -> np.ndarray | float:
    """Sideways margin at initial contact, m; nothing where the pelvis or both ankles have no marker."""
    outer, time = pipeline.marker_paths(filtered, "ankle_lateral"), filtered.markers["time"].values
    front, back, sacrum = (list(pipeline.marker_paths(filtered, role).values()) for role in ("asis", "psis", "sacrum"))
    if not outer or len(front) < 2 or not (back or sacrum):
        return np.nan
    ends = [xr.concat(paths, "marker").mean("marker", skipna=False) for paths in (front, back or sacrum)]
    pelvis = (0.5 * (ends[0] + ends[1])).assign_attrs(units="m")
    landings = table[["side"]].assign(time=table["ic_time"])
    reach = [
        float(np.linalg.norm((outer[s] - pelvis).interp(time=t).values))
        for s, t in landings.itertuples(index=False, name=None)
        if s in outer
    ]
    if not np.isfinite(reach).any():
        return np.nan
    made = pd.Series(_margins_of_stability(pelvis, float(np.nanmean(reach)), outer, landings), landings.index)
    return made.where(landings["time"].between(time[0] + EDGE, time[-1] - EDGE)).to_numpy(float)


def _margins_of_stability(
    centre: xr.DataArray, length: float, border: dict[str, xr.DataArray], at: pd.DataFrame
) -> np.ndarray:
    """Return how far the extrapolated centre of mass lies inside the outer border of the foot on the ground, sideways.

    It is the centre of mass moved on by its velocity over the eigenfrequency of an inverted pendulum.

    Parameters
    ----------
    centre : m, (time, axis), z right: what stands in for the centre of mass, smoothed. The middle of the pelvis follows
        it within a few centimetres, but not a leaning trunk.
    length : m, of the pendulum. Authors differ: leg length, that times 1.2 or 1.34, or centre of mass to ankle. It
        changes the lead over the centre of mass by half its own share.
    border : m, (time, axis) by side, at the same times: a point on the foot's outer border. A marker on the ankle
        stands in for it and makes every margin smaller by its distance from the border.
    at : one row an instant: ``side`` of the foot on the ground, ``time`` s.

    Returns
    -------
    m, one for each row of ``at``; positive: the extrapolated centre of mass is medial of the border. NaN outside the
    recording, in a gap, or where the side has no point.

    References
    ----------
    Hof AL, Gazendam MGJ, Sinke WE (2005) J Biomech 38:1, doi 10.1016/j.jbiomech.2004.03.025.
    """
    clock, place = centre["time"].values, centre.sel(axis="z").values
    extrapolated = place + np.gradient(place, clock) / np.sqrt(GRAVITY / length)
    margin = pd.Series(np.nan, at.index)
    for side, edge in border.items():
        time = at.loc[at["side"] == side, "time"].astype(float)
        distance = side_sign(side) * (pick(edge, axis="z") - extrapolated)
        margin[time.index] = np.interp(time, clock, distance, left=np.nan, right=np.nan)
    return margin.to_numpy()


def _chained(rows: pd.DataFrame) -> pd.DataFrame:
    """Return contacts in order, with the next one of the same foot, stance, stride and step time, s.

    Parameters
    ----------
    rows : one row an initial contact: ``side, ic_time, fo_time`` (s) and others. The step time is from the other foot's
        contact just before; NaN where the same foot comes twice.
    """
    rows = rows.sort_values("ic_time", kind="stable", ignore_index=True)
    rows["next_ic_time"] = rows.groupby("side")["ic_time"].shift(-1)
    rows["step_time"] = rows["ic_time"].diff().where(rows["side"] != rows["side"].shift(1))
    rows["stride_time"] = rows["next_ic_time"] - rows["ic_time"]
    rows["stance_time"] = rows["fo_time"] - rows["ic_time"]
    return rows


def _whole_contacts(signal: dict[str, xr.DataArray], threshold: float) -> pd.DataFrame:
    """Return the whole contacts of each side in a signal, ``side, ic_time, fo_time`` (s); short gaps are bridged.

    Parameters
    ----------
    signal : by side, (time,), any unit. threshold : in it, with the usual hysteresis (``gait.events.contacts``).
    """
    found = [contacts(signals.fill_gaps(one), threshold).assign(side=side) for side, one in signal.items()]
    table = pd.concat(found, ignore_index=True).rename(columns={"start": "ic_time", "end": "fo_time"})
    return table.loc[~table["cut"].astype(bool), ["side", "ic_time", "fo_time"]]


def _steady(table: pd.DataFrame) -> pd.DataFrame:
    """Return a walk without its unsteady strides: outside ``STEADY`` of the foot's median stride or stance time.

    Parameters
    ----------
    table : of ``_chained``. Feet with fewer than ``ENOUGH`` keep all.
    """
    table = table.reindex(columns=list(dict.fromkeys([*table.columns, *MEASURES])))
    each = table.groupby("side")[["stride_time", "stance_time"]]
    share = table[["stride_time", "stance_time"]] / each.transform("median")
    unsteady = (share.lt(STEADY[0]) | share.gt(STEADY[1])) & (each.transform("count") >= ENOUGH)
    good = ~unsteady.any(axis=1)
    following = table["step_time"].where(good & good.shift(1, fill_value=True))  # a step out of a turn is part of it
    return table.assign(step_time=following)[good].reset_index(drop=True)
