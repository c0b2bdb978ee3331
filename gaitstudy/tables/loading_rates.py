"""How fast the force under the foot rises in real walks: of ten people by speed, and of twelve by window and filter.

The ten are those of Pataky (2008), as the package spm1d ships their ground reactions: sixty walks each at their slow,
normal and fast speed (m/s known), 101 points of *stance*, in an unstated unit of force. No time is known, so a rate can
only be given per per cent of stance, and force only relative to the person's mean. Stance gets shorter as people walk
faster, so a rate per second rises by more. The twelve crossed plates of which seconds and newtons are known.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from scipy import signal

from gaitstudy import pipeline
from gaitstudy.gait import signals
from gaitstudy.io import catalogue
from gaitstudy.io.motion import Recording
from gaitstudy.load import impact
from gaitstudy.tables.agreement import MASSES, OWN_SKELETON

FORCES = tuple(f"ex_grf_subj{k:03d}.npy" for k in range(10))
SPEEDS = ("ex_grf_speeds.npy", "ex_grf_speeds_cond.npy")
PACES = {1: "slow", 2: "normal", 3: "fast"}
"""The file's numbers, and the order of the mean speeds under them."""
PER_STANCE = "% of mean force per % of stance"
QUANTITIES = {
    "peak": ("largest force of the first half of stance", "% of mean force"),
    "rate_to_first": ("rise, 20 to 80 % of the time to the first local maximum", PER_STANCE),
    "rate_to_hump": ("rise, 20 to 80 % of the time to the largest value of the first half", PER_STANCE),
    "rate_early": ("rise over the first 12 % of stance", PER_STANCE),
}
"""What is taken from each walk: meaning and unit. A heel-strike transient, where there is one, is the first local
maximum; whether it is also the largest value changes from walk to walk, and the second rate with it."""
FILTERS: tuple[float | None, ...] = (None, 50.0, 15.0, signals.CUT_OFF)
"""Hz, low-pass cut-offs of the force; None as measured."""
YOUNG, ADULT = "mcgill-foot-progression", ("plug-in-gait-kinetics", "btk/PiG_Motion3_FF.c3d")
"""Young people's walks, and the Plug-in Gait walk on plates whose contacts and mass are known beyond doubt."""
OWN = OWN_SKELETON.loc[["p3m6-walk", "gc5-instrumented-knee"]]
"""Walks whose mass comes from the table of participants. Those of ``opencap-foot-angle`` are left out: their forces
come at 100 Hz, too slow for an impact."""
INPUTS: tuple[tuple[str, str], ...] = (
    (YOUNG, "straight/*.c3d"), ADULT,
    *((dataset, f"inputs/c3d/{trial}.c3d") for dataset, trial in OWN.index),
)  # fmt: skip


def person_walks(person: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return one person's vertical forces (walk, percent), speeds (m/s) and paces (1 slow to 3 fast), (walk,).

    Force is relative to the person's mean over all walks and all of stance (1 = that mean; its unit is unstated).

    Raises
    ------
    DatasetUnavailable : the package that ships them is not installed.

    References
    ----------
    Pataky TC et al. (2008) J Biomech 41:1987, doi 10.1016/j.jbiomech.2008.03.034.
    """
    force = np.load(catalogue.locate("spm1d", FORCES[person]))
    speed, pace = (np.load(catalogue.locate("spm1d", name))[:, person] for name in SPEEDS)
    return force / force.mean(), speed.astype(float), pace.astype(int)


def walk_rises() -> pd.DataFrame:
    """Return peak and rise of force of every walk of the ten people, one row a walk.

    Columns: ``person, walk, pace``, ``speed`` m/s, ``QUANTITIES``; ``transient``: 100 if there is a local maximum in
    3-12 % of stance, else 0.
    """
    rows: list[dict[str, Any]] = []
    for person in range(len(FORCES)):
        force, speed, pace = person_walks(person)
        for walk, curve in enumerate(force):
            about = {"person": person, "walk": walk, "pace": PACES[pace[walk]], "speed": speed[walk]}
            rows.append(about | _rise(curve))
    return pd.DataFrame(rows)


def pace_means() -> pd.DataFrame:
    """Return the means of ``walk_rises`` at each pace, one row a person and pace, and ``walks``, how many."""
    walks = walk_rises()
    grouped = walks.groupby(["person", "pace"], sort=False)
    means = grouped[["speed", *QUANTITIES, "transient"]].mean()
    return means.assign(walks=grouped.size()).reset_index()


def plate_rates() -> pd.DataFrame:
    """Return every rate of every whole contact of one foot alone with a plate in the walks of ``INPUTS``, by filter.

    Columns: ``person, contact``; ``speed`` m/s of the walk, ``mass`` kg; ``filter`` Hz (0: as measured); ``peak`` BW
    and ``impact.RATES`` BW/s up to the first peak; ``no_impact``: whether 3-12 % of stance has no local maximum.
    """
    rows: list[dict[str, Any]] = []
    for person, trial, speed in _walks():
        for step in pipeline.prepare(trial, cut_off=None).whole.itertuples():
            raw = trial.ground_reaction["force"].sel(plate=step.plate, axis="y", drop=True)
            about = {"person": person, "speed": speed, "mass": trial.mass, "contact": len(rows) // len(FILTERS)}
            for cut_off in FILTERS:
                force = raw if cut_off is None else signals.low_pass(raw, cut_off)
                found = impact.loading(force, trial.mass, step.start, step.end)
                row = {name: found[name] for name in ("peak", *impact.RATES)}
                rows.append(about | {"filter": cut_off or 0.0, "no_impact": not found["transient"]} | row)
    return pd.DataFrame(rows)


def _walks() -> Iterator[tuple[str, Recording, float]]:
    """Every walk: person, recording and speed (m/s)."""
    vicon: list[tuple[str, Path]] = [(YOUNG, path) for path in catalogue.available(*INPUTS[0])]
    for dataset, path in [*vicon, (ADULT[0], catalogue.locate(*ADULT))]:
        trial = pipeline.read(path)
        pelvis = pipeline.middle_of_pelvis(trial).sel(axis="x").dropna("time")
        person = f"{dataset} {path.stem[:5]}" if dataset == YOUNG else dataset
        yield person, trial, float(np.ptp(pelvis.values) / np.ptp(pelvis["time"].values))
    for row in OWN.itertuples():
        path = catalogue.locate(row.dataset, f"inputs/c3d/{row.trial}.c3d")
        trial = pipeline.read(path, row.markers, mass=MASSES[row.dataset])
        middle = trial.markers.dropna("marker", how="any").mean("marker").sel(axis=["x", "z"])  # trunk and feet alike
        moved = float(np.linalg.norm(middle.values[-1] - middle.values[0]))
        yield row.dataset, trial, moved / float(np.ptp(middle["time"].values))


def _rise(force: np.ndarray) -> dict[str, float]:
    """``QUANTITIES`` of one relative curve over stance, and whether it has a transient (100 or 0)."""
    percent = 100 / (len(force) - 1)
    half = int(impact.FIRST_HALF[1] / percent) + 1
    peaks = signal.find_peaks(force, prominence=impact.PROMINENCE)[0]
    peaks = peaks[peaks < half]
    hump = int(force[:half].argmax())
    low, high = (share / percent for share in impact.IMPACT)
    return {
        "peak": 100 * float(force[hump]),
        "rate_to_first": 100 * slope_to(force, int(peaks[0]) if len(peaks) else hump),
        "rate_to_hump": 100 * slope_to(force, hump),
        "rate_early": 100 * float(force[round(high)] - force[0]) / impact.IMPACT[1],
        "transient": 100.0 * bool(((peaks >= low) & (peaks <= high)).any()),
    }


def slope_to(force: np.ndarray, at: int) -> float:
    """Return the mean slope of a curve over stance between 20 and 80 % of the time to one of its nodes, per per cent.

    Examples
    --------
    >>> slope_to(np.arange(101.0), 20)
    1.0
    """
    ends = np.interp([0.2 * at, 0.8 * at], np.arange(len(force)), force)
    return float((ends[1] - ends[0]) / (0.6 * at * 100 / (len(force) - 1)))
