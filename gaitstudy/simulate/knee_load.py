"""What knees and feet of a virtual person carry in one stance, and how one change of their walking changes it.

The person walks without noise and with equal strides, whatever their ``variability``. A sweep says what follows in a
body that obeys the walker's equations (``simulate.walker``; what they impose stands in section 2 of page 03) and does
nothing else on purpose. It is no evidence about patients.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr
from scipy.interpolate import CubicSpline

from gaitstudy.conventions import GRAVITY, SIDES
from gaitstudy.gait import footprint, pressure, signals
from gaitstudy.load import contact, knee
from gaitstudy.simulate.insole import SOLE
from gaitstudy.simulate.walker import Simulation, Walker, people, simulate, stances

FRAMES = ("tibia", "lab")
"""Axes in which the frontal moment is taken; they disagree as soon as the leg turns, so both are always given."""
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
POINTS = 401
"""Of a stance, from first touch to last, by cubic splines through the frames (``both_legs``)."""
AREAS = {"heel": [0, 1], "forefoot": [4, 5]}
"""Regions of ``gait.footprint.regions`` in the rear and the front third of the insole; the front one holds the toes."""


def knee_load(walker: Walker, natural: pd.DataFrame | None = None) -> pd.DataFrame:
    """Return what the right knee of a virtual person carries in one stance, a row a frame of ``FRAMES``.

    Parameters
    ----------
    natural : what this function returns for the same person unchanged; the peaks of the moment are then sought near
        theirs (``knee.peaks``), else in either half of stance.

    Returns
    -------
    ``frame``; the columns of ``LOADS`` in their units; ``percent1, percent2`` of stance at the moment's peaks. Contact
    forces are those of ``contact.reduced`` with the frontal moment taken in that frame, compression positive.
    """
    simulation, weight = simulate(replace(walker, variability=0.0), 2), walker.mass * GRAVITY
    truth, (start, end) = simulation.truth.sel(side="right", drop=True), stances(simulation, "right")[0]
    in_lab = knee.knee_moments(
        simulation.legs["right"], simulation.loads, "right", method="inverse dynamics", frame="lab", mass=walker.mass,
        sex=walker.sex,
    )  # fmt: skip
    rows = []
    for k, moments in enumerate((truth, in_lab)):
        moment = moments["knee_adduction_moment"]
        curve = signals.normalise_time(knee.normalise_moment(moment, walker.mass, walker.height), [start], [end])
        near = None if natural is None else tuple(natural[["percent1", "percent2"]].iloc[k])
        peak = knee.peaks(curve, near).iloc[0]
        forces = contact.reduced(truth.assign(knee_adduction_moment=moment.variable))
        early = forces.sel(time=slice(start, start + EARLY * (end - start))) / weight
        medial, lateral, total = (early[f"{part}_contact_force"].values for part in ("medial", "lateral", "total"))
        row = {"frame": FRAMES[k], "kam1": peak["peak1"], "kam2": peak["peak2"]}
        row |= {"impulse": knee.impulse(curve, np.array([end - start]))[0]}
        row |= {"peak": peak["larger"] * GRAVITY * walker.height / 100, "medial": medial.max()}
        row |= {"lateral": lateral.max(), "share": 100 * medial[total.argmax()] / total.max()}
        rows.append(row | {"percent1": peak["percent1"], "percent2": peak["percent2"]})
    return pd.DataFrame(rows)


def sweep(
    setting: str, inputs: Mapping[str, float], values: Sequence[float], walkers: Sequence[Walker] | None = None
) -> pd.DataFrame:
    """Return what the right knee carries when inputs of each person are changed, each value walked anew.

    Parameters
    ----------
    setting : name of what is changed, with its unit. inputs : of ``Walker``, and by how much each changes, in its unit,
        times the value. values : 0 leaves the person as they are. walkers : without them the four of ``people``.

    Returns
    -------
    ``setting, value, person`` (1, 2, ...), ``frame``, the columns of ``LOADS``, for each ``*_change``: from the same
    person's at 0, in % of it (those of ``ABSOLUTE``: in their own unit).

    Raises
    ------
    GaitStudyError : a person cannot walk so.
    """
    tables = []
    for number, walker in enumerate(walkers or people(), 1):
        base = knee_load(walker)
        for size in values:
            changed = {name: getattr(walker, name) + size * by for name, by in inputs.items()}
            found = knee_load(replace(walker, **changed), base).drop(columns=["percent1", "percent2"])
            table = pd.DataFrame({"setting": setting, "value": float(size), "person": number}, found.index).join(found)
            for name in LOADS:
                apart = found[name] - base[name]
                table[f"{name}_change"] = apart if name in ABSOLUTE else 100 * apart / base[name]
            tables.append(table)
    return pd.concat(tables, ignore_index=True)


def as_row(table: pd.DataFrame, value: float, load: str, frame: str) -> dict[str, Any]:
    """Return mean and span of one load, in its unit, at one value of a sweep over people: ``value, interval, n``.

    Raises
    ------
    KeyError : the sweep has no such value or frame.
    """
    spread = table.groupby(["value", "frame"])[load].agg(["mean", "min", "max", "size"])
    mean, low, high, number = spread.loc[(value, frame)]
    return {"value": float(mean), "interval": (float(low), float(high)), "n": int(number)}


def both_legs(walker: Walker) -> pd.DataFrame:
    """Return what both knees and both feet of a virtual person carry in one stride, one row a side.

    Returns
    -------
    ``side``; ``stance_time, stride_time`` s; ``stride_length`` m; peaks ``force_peak`` (vertical), ``medial_peak1,
    lateral_peak1`` (first third of stance), ``total_peak`` in BW; ``kam1`` %BW*Ht (first half); over the stance
    ``force_impulse, medial_impulse, lateral_impulse, total_impulse`` BW s and ``kam_impulse`` %BW*Ht s, negative
    stretches left out; of the insole ``heel_peak, forefoot_peak`` BW, ``heel_impulse, forefoot_impulse`` BW s,
    ``heel_pressure, forefoot_pressure`` kPa (largest of any sensor in any frame).

    Raises
    ------
    GaitStudyError : the person cannot walk so.
    """
    simulation, weight = simulate(replace(walker, variability=0.0), 1), walker.mass * GRAVITY
    period, rows = simulation.numbers["stride_time"], []
    for side in SIDES:
        start, end = stances(simulation, side, "touch")[0]
        time = np.linspace(start, end, POINTS)
        truth = simulation.truth.sel(side=side, drop=True)
        kam = knee.normalise_moment(truth["knee_adduction_moment"], walker.mass, walker.height)
        pressed = _insole_forces(simulation, side)
        curves = {"force": truth["vertical_force"] / weight, "kam": kam}
        curves |= {part: truth[f"{part}_contact_force"] / weight for part in ("medial", "lateral", "total")}
        curves |= {area: force / weight for area, (_, force) in pressed.items()}
        at = {name: CubicSpline(curve["time"], curve.values)(time) for name, curve in curves.items()}
        row: dict[str, Any] = {"side": side, "stance_time": end - start, "kam1": at["kam"][: POINTS // 2 + 1].max()}
        row |= {f"{name}_peak": at[name].max() for name in ("force", "total", *AREAS)}
        early = time <= start + EARLY * (end - start)
        row |= {f"{name}_peak1": at[name][early].max() for name in ("medial", "lateral")}
        for name, values in at.items():
            row[f"{name}_impulse"] = np.trapezoid(values if name in AREAS else np.maximum(values, 0.0), time)
        sensors = {area: curve.sel(time=slice(start, end)) for area, (curve, _) in pressed.items()}
        rows.append(row | {f"{area}_pressure": float(curve.max()) for area, curve in sensors.items()})
    return pd.DataFrame(rows).assign(stride_time=period, stride_length=period * walker.speed)


def _insole_forces(simulation: Simulation, side: str) -> dict[str, tuple[xr.DataArray, xr.DataArray]]:
    """What the insole feels under heel and forefoot: pressures of their sensors, kPa, and their force, N."""
    sole = simulation.insoles.sel(side=side, drop=True)
    rear, front, _ = (v * simulation.numbers["foot_length"] for v in SOLE)
    regions = footprint.regions(sole["position"], rear, front - rear, 0.0).values
    found = {}
    for area, numbers in AREAS.items():
        part = sole.isel(sensor=np.flatnonzero(regions[numbers].any(0)))
        found[area] = (part["pressure"], pressure.total_force(part["pressure"], part["area"]))
    return found
