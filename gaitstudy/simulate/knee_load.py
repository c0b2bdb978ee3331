"""What the knee of a noise-free virtual person carries in one stance, and how one change of their walking changes it.

The frontal moment is given in two sets of axes. A sweep says what follows in a body that obeys the walker's equations
(``simulate.walker.ASSUMPTIONS``) and does nothing else on purpose. It is no evidence about patients.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import cache, lru_cache
from typing import Any

import numpy as np
import pandas as pd

from gaitstudy.conventions import GRAVITY, GaitStudyError
from gaitstudy.gait import signals
from gaitstudy.load import contact, knee
from gaitstudy.simulate.walker import Simulation, Walker, people, simulate, stances

FRAMES = ("tibia", "lab")
"""Axes in which the frontal moment is taken; they disagree as soon as the leg turns, so both are always given."""
STRIDES = 2
PRESSED = (15.0, 85.0)
"""Per cent of stance over which the place of the pressure is averaged."""
LOADS = {
    "kam1": "%BW*Ht", "kam2": "%BW*Ht", "impulse": "%BW*Ht*s", "peak": "N m/kg", "medial": "BW", "lateral": "BW",
    "share": "% of the total",
}  # fmt: skip
"""What is read of each knee, and in which unit: first and second peak and impulse of the knee adduction moment, its
larger peak per kg; first peak of the medial and of the lateral contact force; the medial side's share of the total at
the first peak of the total."""
EARLY = 1 / 3
"""Of stance; the part in which the first peaks of the forces are sought: past it they rise towards the second."""

ABSOLUTE = ("lateral", "share")
"""Loads whose changes are given in their own unit: in % of next to nothing they would mean little."""

Change = Callable[[Walker, float], Walker]


@lru_cache(maxsize=16)  # whoever is walked twice is walked in close succession
def walked(walker: Walker) -> Simulation:
    """Return ``STRIDES`` strides of a virtual person in an undisturbed laboratory, in the units of ``Simulation``."""
    return simulate(walker, STRIDES)


@cache
def knee_load(walker: Walker, side: str = "right", natural: Walker | None = None) -> pd.DataFrame:
    """Return what one knee carries in one noise-free stance, a row a frame.

    Parameters
    ----------
    walker : its variability must be 0. side : which knee. natural : the same person unchanged; the peaks of the moment
        are then sought near theirs (``knee.peaks``), else in either half of stance.

    Returns
    -------
    ``frame``; the columns of ``LOADS`` in their units; ``percent1, percent2`` of stance at the moment's peaks. Contact
    forces are those of ``contact.reduced`` with the frontal moment taken in that frame, compression positive.

    Raises
    ------
    GaitStudyError : a walker whose strides vary.
    """
    if walker.variability:
        raise GaitStudyError(
            f"walker: expected one whose strides are equal, found a variability of {walker.variability:g}. Set it to 0."
        )
    simulation = walked(walker)
    start, end = stances(simulation, side)[0]
    leg, time = simulation.legs[side], simulation.loads["time"].values
    early = (time >= start) & (time <= start + EARLY * (end - start))
    inputs = contact.contact_inputs(leg, simulation.loads, side, walker.mass, sex=walker.sex)
    in_lab = knee.knee_moments(
        leg, simulation.loads, side, method="inverse dynamics", frame="lab", mass=walker.mass, sex=walker.sex
    )
    moments = dict(zip(FRAMES, (own["knee_adduction_moment"] for own in (inputs, in_lab)), strict=True))
    own = None if natural is None else knee_load(natural, side)[["percent1", "percent2"]].to_numpy()
    rows = []
    for k, (frame, moment) in enumerate(moments.items()):
        curve = signals.normalise_time(knee.normalise_moment(moment, walker.mass, walker.height), [start], [end])
        peak = knee.peaks(curve, None if own is None else (own[k, 0], own[k, 1])).iloc[0]
        forces = contact.reduced(inputs.assign(knee_adduction_moment=moment.variable))
        medial, lateral, total = (
            forces[f"{part}_contact_force"].values[early] / (walker.mass * GRAVITY)
            for part in ("medial", "lateral", "total")
        )
        most = int(np.argmax(total))
        rows.append(
            {
                "frame": frame,
                "kam1": peak["peak1"],
                "kam2": peak["peak2"],
                "impulse": float(knee.impulse(curve, np.array([end - start]))[0]),
                "peak": peak["larger"] * GRAVITY * walker.height / 100,
                "medial": float(medial.max()),
                "lateral": float(lateral.max()),
                "share": 100 * float(medial[most] / total[most]),
                "percent1": peak["percent1"],
                "percent2": peak["percent2"],
            }
        )
    return pd.DataFrame(rows)


def still_people() -> tuple[Walker, ...]:
    """Return the four virtual people (``walker.people``, units there) without stride-to-stride variability."""
    return tuple(replace(walker, variability=0.0) for walker in people())


def adding(inputs: Mapping[str, float]) -> Change:
    """Return a change for ``sweep`` that adds so much, times the value, to inputs of the walker, each in its unit.

    Examples
    --------
    >>> adding({"pressure_shift": 0.001})(Walker(), 8.0).pressure_shift
    0.008
    """
    return lambda walker, value: replace(
        walker, **{name: getattr(walker, name) + value * by for name, by in inputs.items()}
    )


def sweep(
    setting: str,
    change: Change,
    values: Sequence[float],
    walkers: Sequence[Walker] | None = None,
    side: str = "right",
) -> pd.DataFrame:
    """Return what the knee carries when one setting of each person is changed, each value walked anew.

    Parameters
    ----------
    setting : name of what is changed, with its unit. change : gives the changed person. values : for ``change``; 0 must
        leave the person as they are, and is walked whether asked for or not.
    walkers : noise-free; without them ``still_people``. side : which knee.

    Returns
    -------
    ``setting, value, person`` (1, 2, ...), ``frame``, the columns of ``LOADS``, for each ``*_change``: from the same
    person's at 0, in % of it (those of ``ABSOLUTE``: in their own unit).

    Raises
    ------
    GaitStudyError : 0 changes a person, or a person cannot walk so.
    """
    tables = []
    for number, walker in enumerate(still_people() if walkers is None else walkers, 1):
        if change(walker, 0.0) != walker:
            raise GaitStudyError(f"sweep: expected a change of 0 {setting} to leave person {number} as they are.")
        base = knee_load(walker, side)
        for value in values:
            found = knee_load(change(walker, float(value)), side, walker)
            table = found.assign(setting=setting, value=float(value), person=number)
            del table["percent1"], table["percent2"]
            for name in LOADS:
                apart = found[name] - base[name]
                table[f"{name}_change"] = apart if name in ABSOLUTE else 100 * apart / base[name]
            tables.append(table)
    whole = pd.concat(tables, ignore_index=True)
    first = ["setting", "value", "person", "frame"]
    return whole[[*first, *(c for c in whole.columns if c not in first)]]


def crossing(x: Sequence[float], y: Sequence[float], level: float) -> float:
    """Return where a line through swept points of any units, monotone in y, crosses a level; NaN beyond the points.

    Examples
    --------
    >>> crossing([0, 1, 2], [0.0, -1.0, -3.0], -2.0)
    1.5
    """
    across, along = np.asarray(x, float), np.asarray(y, float)
    steps = np.diff(along)
    if not ((steps > 0).all() or (steps < 0).all()):
        raise GaitStudyError(f"crossing: expected values that only rise or only fall, found {along.tolist()}.")
    order = np.argsort(along)
    return float(np.interp(level, along[order], across[order], left=np.nan, right=np.nan))


def as_row(table: pd.DataFrame, value: float, load: str, frame: str) -> dict[str, Any]:
    """Return mean and span of one load, in its unit, at one value of a sweep over people: ``value, interval, n``."""
    own = table[(table["value"] == value) & (table["frame"] == frame)][load]
    if own.empty:
        known = sorted(table["value"].unique())
        raise GaitStudyError(
            f"sweep: expected one of the values {known} and a frame of {FRAMES}, found {value}, {frame}."
        )
    return {"value": float(own.mean()), "interval": (float(own.min()), float(own.max())), "n": len(own)}
