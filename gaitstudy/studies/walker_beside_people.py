"""The virtual walker beside its own truth and beside real adults whose data gave it nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pandas as pd
import xarray as xr

from gaitstudy import pipeline
from gaitstudy.conventions import GRAVITY, SIDES, GaitStudyError
from gaitstudy.gait import signals, steps
from gaitstudy.gait.foot import foot_progression_angle, mean_over_stance, outside_foot
from gaitstudy.io import catalogue
from gaitstudy.io.plates import centre_of_pressure
from gaitstudy.load import knee
from gaitstudy.simulate.walker import Simulation, Walker, simulate, stances
from gaitstudy.studies import implant
from gaitstudy.tables.agreement import OWN_SKELETON, own_skeleton_trial

PEOPLE = ("p3m6-walk", "plug-in-gait-kinetics")
"""Data sets of adults whose curves may be kept; none of their files is in the templates."""
FLAT = (25.0, 45.0)
"""Per cent of stance in which heel and toe both rest on the belt: where its speed is taken."""
NEAR = 0.2
"""m/s; measured ground reactions at speeds this near to the walker's are shown beside it."""
FILTERS = (None, 15.0, signals.CUT_OFF)


def recovered(
    walker: Walker,
    strides: int = 20,
    marker_noise: float = 0.0,
    shift: float = 0.008,
    filters: Sequence[float | None] = FILTERS,
) -> pd.DataFrame:
    """Return what the package's own analysis finds in the recording of a virtual person, beside the truth.

    Parameters
    ----------
    walker : the person. strides : recorded. marker_noise : m. shift : m, of the pressure between two recordings.
    filters : Hz, None for no filter; noise is always filtered.

    Returns
    -------
    ``what, unit, asked`` (with marker noise nothing is asked: NaN), ``filter`` (Hz, or none) and ``error``: the largest
    of all stances; root mean square for the knee adduction moment. Without noise, events and shift test the bookkeeping
    alone, for plates and truth then agree by construction.
    """
    pressed = [replace(walker, pressure_shift=walker.pressure_shift + s) for s in (0.0, shift)]
    both = [simulate(w, strides, marker_noise=marker_noise) for w in pressed]
    rows = []
    for cut_off in filters:
        if cut_off is None and marker_noise:
            continue
        found = [_analysed(s, walker, cut_off) for s in both]
        first, truth = found[0], both[0]
        label = "none" if cut_off is None else f"{cut_off:g} Hz"
        width = _step_width(first["strides"], first["legs"]) - _step_width(first["strides"], truth.legs)
        rows += [
            ("stances missed or added", "", 0.0, label, first["miscounted"]),
            ("initial contact and foot off", "ms", 10.0, label, first["timing"]),
            ("foot progression angle", "deg", 0.1, label, first["angle"]),
            ("step width", "mm", 1.0, label, 1000 * float(width.abs().max())),
            ("belt speed", "%", 0.1, label, first["speed"]),
            ("shift of the centre of pressure", "mm", 0.5, label,
             1000 * abs(found[1]["across"] - found[0]["across"] - shift)),
            ("knee adduction moment, stance", "N m", 0.5, label, first["moment"]),
            ("knee adduction moment, whole recording", "N m", 0.5, label, first["moment_throughout"]),
        ]  # fmt: skip
    table = pd.DataFrame(rows, columns=["what", "unit", "asked", "filter", "error"])
    if marker_noise:
        return table.assign(asked=np.nan, met="")
    return table.assign(met=np.where(table["error"] <= table["asked"], "yes", "no"))


def _analysed(simulation: Simulation, walker: Walker, cut_off: float | None) -> dict:
    """Everything that the analysis finds, and the largest errors of both feet."""
    recording = pipeline.read(simulation.recording, "walker", mass=walker.mass, height=walker.height)
    walk = pipeline.prepare(recording, cut_off=cut_off)
    cop, _ = centre_of_pressure(walk.loads)
    across, worst, errors, throughout = (
        [],
        {"timing": 0.0, "angle": 0.0, "speed": 0.0, "miscounted": 0.0},
        [],
        [],
    )
    for side in SIDES:
        own, leg = walk.whole[walk.whole["side"] == side], walk.legs[side]
        start, end = own["start"].to_numpy(), own["end"].to_numpy()
        angles = [
            mean_over_stance(foot_progression_angle(x["heel"], x["toe"], side), start, end)
            for x in (leg, simulation.legs[side])
        ]
        events = simulation.events[simulation.events["side"] == side]
        for kind, times in (("initial_contact", start), ("foot_off", end)):
            real = events.loc[events["event"] == kind, "time"].to_numpy()
            apart = np.abs(np.subtract.outer(times, real)).min(1).max()
            worst["timing"] = max(worst["timing"], 1000 * float(apart))
            whole = ((real > start.min() - 0.1) & (real < end.max() + 0.1)).sum()
            worst["miscounted"] = max(worst["miscounted"], abs(float(whole - len(times))))
        worst["angle"] = max(worst["angle"], float(np.abs(angles[0] - angles[1]).max()))
        speed = steps.belt_speed(leg["heel"], start, end, FLAT)
        worst["speed"] = max(worst["speed"], 100 * abs(speed / walker.speed - 1))
        beside = outside_foot(cop.sel(plate=side, drop=True), leg["heel"], leg["toe"], side)["beside"]
        across.append(float(mean_over_stance(beside, start, end, (15.0, 85.0)).mean()))
        moment = knee.knee_moments(leg, walk.loads, side, method="inverse dynamics", mass=walker.mass, sex=walker.sex)
        error = moment["knee_adduction_moment"] - simulation.truth["knee_adduction_moment"].sel(side=side, drop=True)
        errors += [error.sel(time=slice(a, b)).values for a, b in zip(start, end, strict=True)]
        throughout.append(error.values[20:-20])  # both ends of a recording lack a neighbour to filter with
    rms = [float(np.sqrt(np.nanmean(np.concatenate(e) ** 2))) for e in (errors, throughout)]
    return worst | {
        "strides": walk.strides, "legs": walk.legs, "across": np.mean(across), "moment": rms[0],
        "moment_throughout": rms[1],
    }  # fmt: skip


def _step_width(strides: pd.DataFrame, legs: dict[str, xr.Dataset]) -> pd.Series:
    ankles = (legs[side]["centre"].sel(joint="ankle", drop=True) for side in SIDES)
    return steps.spatiotemporal(strides, *ankles)["step_width"]


def adult_curves() -> pd.DataFrame:
    """Return knee moments of real adults at 101 points of stance, every whole contact of ``PEOPLE``.

    Columns: ``dataset, person, contact, percent``; ``kam, kfm`` N m/kg, external, by inverse dynamics in tibial axes,
    own skeleton, 8 Hz; ``vertical`` force in BW.
    """
    about = OWN_SKELETON["p3m6-walk"]
    tables = []
    for trial in about["trials"]:
        curves = pipeline.stances(own_skeleton_trial("p3m6-walk", trial), method="inverse dynamics")
        first = int(np.argmax(curves["plate"].values == about["plate"][trial]))  # the file begins shortly after contact
        tables.append(_over_stance(curves, first).assign(dataset="p3m6-walk", person="P3m6", contact=trial))
    for number, name in enumerate(("PiG_Motion3_FF", "PiG_Motion-FlatFoot-Full"), 1):
        path = catalogue.locate("plug-in-gait-kinetics", f"btk/{name}.c3d")
        curves = pipeline.stances(pipeline.read(path), method="inverse dynamics")
        whole = np.flatnonzero(curves["moment_usable"])
        for k, stance in enumerate(whole[np.argsort(curves["start"].values[whole])], 1):
            who = {"dataset": "plug-in-gait-kinetics", "person": f"adult {number}", "contact": str(k)}
            tables.append(_over_stance(curves, stance).assign(**who))
    return pd.concat(tables, ignore_index=True)


def _over_stance(curves: xr.Dataset, stance: int) -> pd.DataFrame:
    own, mass = curves.isel(stance=stance), curves.attrs["mass"]
    values = {
        "kam": own["knee_adduction_moment"] / mass,
        "kfm": own["knee_flexion_moment"] / mass,
        "vertical": own["ground_reaction"].sel(axis="y") / (mass * GRAVITY),
    }
    return pd.DataFrame({"percent": own["percent"].values, **{k: v.values for k, v in values.items()}})


def walker_curves(walker: Walker) -> pd.DataFrame:
    """Return the walker's mean right stance: ``percent``; ``kam, kfm`` N m/kg; ``vertical, total`` in BW."""
    simulation = simulate(replace(walker, variability=0.0), 4)
    on, off = stances(simulation, "right")[:3].T
    weight = walker.mass * GRAVITY
    scales = {
        "kam": ("knee_adduction_moment", walker.mass), "kfm": ("knee_flexion_moment", walker.mass),
        "vertical": ("vertical_force", weight), "total": ("total_contact_force", weight),
    }  # fmt: skip
    truth = simulation.truth.sel(side="right", drop=True)
    curves = {
        k: signals.normalise_time(truth[name], on, off).mean("stride").values / scale
        for k, (name, scale) in scales.items()
    }
    return pd.DataFrame({"percent": np.arange(101.0), **curves})


def outside_band(people: pd.DataFrame, walker: pd.DataFrame, curves: tuple[str, ...]) -> pd.DataFrame:
    """Return where the walker leaves what the people span: one row a curve and stretch of stance.

    Parameters
    ----------
    people : ``percent`` and the curves, one row a point of every contact. walker : of ``walker_curves``.
    curves : columns of both, each in one unit.

    Returns
    -------
    ``curve, from, to`` (per cent of stance), ``above`` or below, and ``most``: how far at most, in the curve's unit;
    a curve that stays inside has one row without numbers.
    """
    rows = []
    if walker[list(curves)].isna().any(axis=None):
        raise GaitStudyError("outside_band: expected the walker's curves without gaps, found some. Simulate it again.")
    for name in curves:
        span = people.groupby("percent")[name].agg(["min", "max"])
        value = walker.set_index("percent")[name]
        beyond = np.maximum(value - span["max"], 0) - np.maximum(span["min"] - value, 0)
        sign = np.sign(beyond.to_numpy())
        edges = np.flatnonzero(np.diff(np.r_[0, sign, 0]))
        stretches = [(a, b) for a, b in pairwise(edges) if sign[a]]
        rows += [
            (name, float(a), float(b - 1), "above" if sign[a] > 0 else "below",
             float(np.abs(beyond.to_numpy()[a:b]).max()))
            for a, b in stretches
        ] or [(name, np.nan, np.nan, "inside throughout", 0.0)]  # fmt: skip
    return pd.DataFrame(rows, columns=["curve", "from", "to", "where", "most"])


def implant_totals() -> pd.DataFrame:
    """Return the total force that the implant measured, BW, over stance of its five walks: for a picture alone.

    Columns ``person, contact, percent, total``; medial and lateral added up.
    """
    measured = implant.measured_forces()
    total = (measured["medial"] + measured["lateral"]) / implant.body_weight()
    tables = []
    for trial in implant.trials():
        at = np.arange(101.0) / 100 * implant.foot_off_percent(trial)
        values = np.interp(at, total["percent"], total.sel(trial=trial))
        tables.append(pd.DataFrame({"contact": trial, "percent": np.arange(101.0), "total": values}))
    return pd.concat(tables, ignore_index=True).assign(person="PS")


def outside_implant() -> pd.DataFrame:
    """Return where the plain walker's total contact force leaves what the implant measured (``outside_band``), BW."""
    return outside_band(implant_totals(), walker_curves(Walker()), ("total",))


def measured_ground_reactions(speed: float) -> pd.DataFrame:
    """Return the vertical forces that the package ``spm1d`` ships, of one person at speeds near ``speed`` (m/s).

    For a picture, never for a table: the package's licence is GPL. Their unit is not stated there, so each curve is
    divided by its own mean over stance.

    Returns
    -------
    ``trial, percent, relative`` (no unit).

    Raises
    ------
    GaitStudyError : spm1d is not installed.

    References
    ----------
    Pataky TC et al. (2008) J Biomech 41:1987.
    """
    try:
        from spm1d import data
    except ImportError as error:
        raise GaitStudyError(
            "measured ground reactions: expected the package spm1d, found none. Install gaitstudy[spm1d]."
        ) from error
    shipped = data.uv1d.regress.SpeedGRF()
    near = np.abs(shipped.x - speed) <= NEAR
    curves = shipped.Y[near] / shipped.Y[near].mean(1, keepdims=True)
    trial, percent = np.meshgrid(np.arange(len(curves)), np.arange(101.0), indexing="ij")
    return pd.DataFrame({"trial": trial.ravel(), "percent": percent.ravel(), "relative": curves.ravel()})
