"""What both knees and both feet of a noise-free virtual person carry in one stance each."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr
from scipy.interpolate import CubicSpline

from gaitstudy.conventions import GRAVITY, SIDES, GaitStudyError, pick
from gaitstudy.gait import footprint, pressure
from gaitstudy.load import knee
from gaitstudy.simulate.insole import SOLE
from gaitstudy.simulate.knee_load import EARLY
from gaitstudy.simulate.walker import Simulation, Walker, simulate, stances

POINTS = 401
"""Of a stance, from first touch to last, by cubic splines through the frames."""
AREAS = {"heel": [0, 1], "forefoot": [4, 5]}
"""Regions of ``gait.footprint.regions`` in the rear and the front third of the insole; the front one holds the toes."""


@cache
def stride(walker: Walker) -> Simulation:
    """Return one stride of a virtual person, whole on both sides; forces in N, moments in N m.

    Raises
    ------
    GaitStudyError : a walker whose strides vary, or whom the legs do not let walk so.
    """
    if walker.variability:
        raise GaitStudyError(f"walker: expected a variability of 0, found {walker.variability:g}. Set it to 0.")
    return simulate(walker, 1)


@cache
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
    GaitStudyError : as ``stride``.
    """
    simulation, weight = stride(walker), walker.mass * GRAVITY
    truth, force = simulation.truth, pick(simulation.loads["force"], axis="y") / weight
    moment = knee.normalise_moment(truth["knee_adduction_moment"], walker.mass, walker.height).values
    rows = []
    for k, side in enumerate(SIDES):
        start, end = stances(simulation, side, "touch")[0]
        time = np.linspace(start, end, POINTS)
        curves = {"force": force[:, k], "kam": moment[k]}
        curves |= {name: truth[f"{name}_contact_force"].values[k] / weight for name in ("medial", "lateral", "total")}
        at = _over_stance(truth["time"].values, curves, time)
        early = time <= start + EARLY * (end - start)
        row: dict[str, Any] = {"side": side, "stance_time": end - start, "force_peak": at["force"].max()}
        row |= {"kam1": at["kam"][: POINTS // 2 + 1].max(), "total_peak": at["total"].max()}
        row |= {f"{name}_peak1": at[name][early].max() for name in ("medial", "lateral")}
        row |= {f"{name}_impulse": np.trapezoid(np.maximum(values, 0.0), time) for name, values in at.items()}
        rows.append(row | _foot(simulation, side, time, weight))
    period = simulation.numbers["stride_time"]
    return pd.DataFrame(rows).assign(stride_time=period, stride_length=period * walker.speed)


def _over_stance(clock: np.ndarray, curves: dict[str, np.ndarray], time: np.ndarray) -> dict[str, np.ndarray]:
    """Curves over a clock (s) at the instants of a stance."""
    values = CubicSpline(clock, np.column_stack(list(curves.values())))(time)
    return dict(zip(curves, np.ascontiguousarray(values.T), strict=True))


def _foot(simulation: Simulation, side: str, time: np.ndarray, weight: float) -> dict[str, float]:
    """What the insole feels under heel and forefoot."""
    sole, length = simulation.insoles.sel(side=side, drop=True), simulation.numbers["foot_length"]
    rear, front, _ = (v * length for v in SOLE)
    regions = footprint.regions(sole["position"], rear, front - rear, 0.0).values
    parts = {area: regions[own].any(0) for area, own in AREAS.items()}
    areas = (sole["area"] * xr.DataArray(np.stack(list(parts.values())), dims=("region", "sensor"))).transpose(
        "region", "sensor"
    )
    forces = pressure.total_force(sole["pressure"], areas.assign_attrs(units="m2")).transpose("region", "time")
    over = _over_stance(sole["time"].values, dict(zip(parts, forces.values, strict=True)), time)
    pressed = sole["pressure"].sel(time=slice(time[0], time[-1])).values
    found: dict[str, float] = {}
    for area, force in over.items():
        found |= {f"{area}_peak": float(force.max()) / weight, f"{area}_impulse": np.trapezoid(force, time) / weight}
        found |= {f"{area}_pressure": float(pressed[:, parts[area]].max())}
    return found
