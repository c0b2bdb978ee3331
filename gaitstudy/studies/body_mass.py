"""Peak load of foot and knee beside body mass in the real people at hand: who is heavier carries more, and how much."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import xarray as xr
from scipy import stats

from gaitstudy.conventions import GaitStudyError
from gaitstudy.gait.events import contacts
from gaitstudy.io import catalogue, motion
from gaitstudy.load import knee
from gaitstudy.load.landmarks import marker_map
from gaitstudy.load.skeleton import leg_from_markers
from gaitstudy.studies.agreement import OWN_SKELETON, ground_reaction, own_skeleton_trial, participant
from gaitstudy.trials import face_forward, find_strides, smooth

YOUNG = "mcgill-foot-progression"
ADULTS = "plug-in-gait-kinetics"
RECORDED = (
    "btk/PiG_Motion3_FF.c3d", "btk/PiG_Motion-FlatFoot-Full.c3d",
    "c3d_org_sample00_pycgm2/pyCGM2 lower limb CGM24 Walking01.c3d",
)  # fmt: skip
"""One walk of each adult. Another adult's, ``FlatFoot-Hole`` and ``-One``, are left out: peaks of .7 to .8 BW say that
part of the foot missed the plate."""
OWN = {
    "opencap-foot-angle": ("walking1", "walking2"),
    "gc5-instrumented-knee": OWN_SKELETON["gc5-instrumented-knee"]["trials"],
    "p3m6-walk": OWN_SKELETON["p3m6-walk"]["trials"],
}
"""Natural walks of data sets with one person each."""
INPUTS = ((YOUNG, "straight/*.c3d"), *((ADULTS, name) for name in RECORDED), *OWN)
LOADS = {"vertical_force": "N", "knee_adduction_moment": "N m"}
"""Unit of each load."""

Landed = tuple[xr.Dataset, xr.Dataset, str, float, float, float]


def peak_loads() -> pd.DataFrame:
    """Return the mean peaks of every real person with a force plate under a whole step, one row a person.

    Columns: ``dataset, person`` (numbered), ``mass`` kg, ``steps``; ``vertical_force`` N and ``knee_adduction_moment``
    N m, the largest of stance, means over steps (inverse dynamics, tibial axes, own skeleton, 8 Hz).
    """
    files = [(YOUNG, n, path) for n, path in enumerate(catalogue.available(YOUNG, "straight/*.c3d"), 1)]
    files += [(ADULTS, n, catalogue.locate(ADULTS, name)) for n, name in enumerate(RECORDED, 1)]
    sources = [(dataset, number, list(_recorded(path))) for dataset, number, path in files]
    sources += [(dataset, 1, [_carried(dataset, trial) for trial in trials]) for dataset, trials in OWN.items()]
    rows = []
    for dataset, number, steps in sources:
        each = [_peaks(*step) for step in steps]
        rows.append({"dataset": dataset, "person": number, "steps": len(each)} | pd.DataFrame(each).mean().to_dict())
    return pd.DataFrame(rows)[["dataset", "person", "mass", "steps", *LOADS]]


def _recorded(path: Path) -> Iterator[Landed]:
    """Every whole step of a recording with Plug-in Gait markers."""
    names, trial = marker_map("plug-in-gait"), motion.read_c3d(path)
    forward = face_forward(trial, names)
    _, landed = find_strides(forward, names)
    even = smooth(forward)
    for step in landed[landed["reason"] == ""].to_dict("records"):
        leg = leg_from_markers(even.markers, names, step["side"], subject=trial.subject)
        yield leg, ground_reaction(even), step["plate"], step["start"], step["end"], trial.subject["bodymass"]


def _carried(dataset: str, trial: str) -> Landed:
    """The first step of a trial whose knee markers are carried from a static one."""
    about = OWN_SKELETON[dataset]
    recorded, static = own_skeleton_trial(dataset, trial)
    even, names = smooth(recorded), marker_map(about["map"])
    plate = about["plate"] if isinstance(about["plate"], str) else about["plate"][trial]
    leg = leg_from_markers(even.markers, names, about["side"], static=static.markers)
    step = contacts(ground_reaction(recorded)["force"].sel(plate=plate, axis="y", drop=True)).iloc[0]
    mass = float(participant(dataset)["mass_kg"])
    return leg, ground_reaction(even), plate, float(step["start"]), float(step["end"]), mass


def _peaks(leg: xr.Dataset, loads: xr.Dataset, plate: str, start: float, end: float, mass: float) -> dict[str, Any]:
    moments = knee.knee_moments(leg, loads, plate, method="inverse dynamics", mass=mass)
    now = slice(start, end)
    return {
        "mass": mass,
        "vertical_force": float(loads["force"].sel(plate=plate, axis="y", time=now).max()),
        "knee_adduction_moment": float(moments["knee_adduction_moment"].sel(time=now).max()),
    }


def slope_per_kilogram(table: pd.DataFrame) -> pd.DataFrame:
    """Return how much less a load is per kg of body mass, between people, with its 95 % interval (t, n - 2).

    Parameters
    ----------
    table : of ``peak_loads``.

    Returns
    -------
    One row a load: ``load, unit, n, r``, and ``per_kg, low, high``, unit per kg **less**: negative where lighter
    people carry less.

    Raises
    ------
    GaitStudyError : fewer than three people.

    Examples
    --------
    >>> people = pd.DataFrame({"mass": [50.0, 60, 70, 80], "vertical_force": [550.0, 650, 780, 880]})
    >>> float(slope_per_kilogram(people.assign(knee_adduction_moment=1.0))["per_kg"].iloc[0])
    -11.2
    """
    if len(table) < 3:
        raise GaitStudyError(f"body mass: expected three people or more, found {len(table)}. Give more.")
    rows = []
    for load, unit in LOADS.items():
        found = stats.linregress(table["mass"], table[load])
        half = float(stats.t.ppf(0.975, len(table) - 2)) * found.stderr
        row = {"load": load, "unit": f"{unit}/kg", "n": len(table), "r": found.rvalue, "per_kg": -found.slope}
        rows.append(row | {"low": -found.slope - half, "high": -found.slope + half})
    return pd.DataFrame(rows).round({"per_kg": 12, "low": 12, "high": 12})
