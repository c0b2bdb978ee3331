"""Sweeps of the virtual walker for what an uneven, painful, bow-legged or heavy walk does to both knees and both feet.

Everything is noise-free and without variability. What is moved is an input of the walker and so imposed; what a load
does in return is computed or imposed as ``simulate.walker.ASSUMPTIONS`` says.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr
from scipy.interpolate import CubicSpline

from gaitstudy.conventions import GRAVITY, SIDES, GaitStudyError, pick
from gaitstudy.gait import footprint, pressure
from gaitstudy.gait.symmetry import symmetry_index
from gaitstudy.io import catalogue
from gaitstudy.load import knee
from gaitstudy.simulate.insole import SOLE
from gaitstudy.simulate.knee_load import EARLY, PRESSED
from gaitstudy.simulate.walker import LIMITS, Simulation, Walker, simulate, stances

POINTS = 401
"""Of a stance, from first touch to last, by cubic splines through the frames."""
ANTALGIC: dict[str, dict[str, float]] = {
    "shorter stance": {"asymmetry": 0.06}, "slower": {"speed": -0.15}, "stiffer knee": {"stiff_knee": 0.5},
    "leaning over it": {"painful_lean": 5.0}, "softer step": {"soft_step": 0.4},
}  # fmt: skip
"""What walking with a painful knee is made of here, at a severity of 1: share by which the contact of the other foot
comes early; share of the speed; share of the bend; deg; share of the rise and fall of the force. The kinds are those
by which such a walk is described, the sizes are assumptions of this project: no source was at hand."""
AREAS = {"heel": 0, "forefoot": 2}
"""Which third of the insole's length, from the rear; the front one holds the toes."""


@catalogue.remembered()
def walked(walker: Walker) -> Simulation:
    """Return one noise-free stride of a virtual person, whole on both sides."""
    return simulate(replace(walker, variability=0.0), 1)


def _over_stance(time: np.ndarray, signals: Sequence[np.ndarray], start: float, end: float) -> np.ndarray:
    """Signals over time (s) at ``POINTS`` instants of a stance, (signal, point)."""
    return np.ascontiguousarray(CubicSpline(time, np.column_stack(signals))(np.linspace(start, end, POINTS)).T)


@catalogue.remembered()
def _loads(walker: Walker) -> pd.DataFrame:
    simulation, weight = walked(walker), walker.mass * GRAVITY
    truth, force = simulation.truth, pick(simulation.loads["force"], axis="y") / weight
    moment = knee.normalise_moment(truth["knee_adduction_moment"], walker.mass, walker.height).values
    rows = []
    for k, side in enumerate(SIDES):
        start, end = stances(simulation, side, "touch")[0]
        time = np.linspace(start, end, POINTS)
        early = time <= start + EARLY * (end - start)
        curves = {"force": force[:, k], "kam": moment[k]}
        curves |= {name: truth[f"{name}_contact_force"].values[k] / weight for name in ("medial", "lateral", "total")}
        over = _over_stance(truth["time"].values, list(curves.values()), start, end)
        at = dict(zip(curves, over, strict=True))
        row: dict[str, Any] = {"side": side, "stance_time": end - start, "force_peak": at["force"].max()}
        row |= {"kam1": at["kam"][: POINTS // 2 + 1].max(), "medial_peak1": at["medial"][early].max()}
        row |= {"lateral_peak1": at["lateral"][early].max(), "total_peak": at["total"].max()}
        row |= {f"{name}_impulse": np.trapezoid(np.maximum(values, 0.0), time) for name, values in at.items()}
        rows.append(row | _foot(simulation, side, start, end, weight))
    stride = simulation.numbers["stride_time"]
    return pd.DataFrame(rows).assign(stride_time=stride, stride_length=stride * walker.speed)


def _foot(simulation: Simulation, side: str, start: float, end: float, weight: float) -> dict[str, float]:
    """What the insole feels under heel and forefoot."""
    sole, length = simulation.insoles.sel(side=side, drop=True), simulation.numbers["foot_length"]
    rear, front, _ = (v * length for v in SOLE)
    halves = footprint.regions(sole["position"], rear, front - rear, 0.0).values
    thirds = np.stack([halves[2 * third : 2 * third + 2].any(0) for third in AREAS.values()])
    own = (sole["area"] * xr.DataArray(thirds, dims=("region", "sensor"))).assign_attrs(units="m2")
    forces = pressure.total_force(sole["pressure"], own.transpose("region", "sensor")).transpose("region", "time")
    pressed = sole["pressure"].sel(time=slice(start, end)).values
    time, over = (
        np.linspace(start, end, POINTS),
        _over_stance(sole["time"].values, list(forces.values), start, end) / weight,
    )
    found: dict[str, float] = {}
    for area, third, force in zip(AREAS, thirds, over, strict=True):
        found |= {f"{area}_peak": float(force.max()), f"{area}_impulse": float(np.trapezoid(force, time))}
        found |= {f"{area}_pressure": float(pressed[:, third].max())}
    return found


def loads(walker: Walker) -> pd.DataFrame:
    """Return what both knees and both feet of a virtual person carry in one stride, one row a side.

    Columns: ``side``; ``stance_time, stride_time`` s; ``stride_length`` m; peaks ``force_peak`` (vertical),
    ``medial_peak1, lateral_peak1`` (first third of stance), ``total_peak`` in BW; ``kam1`` %BW*Ht (first half);
    over the stance ``force_impulse, medial_impulse, lateral_impulse, total_impulse`` BW s and ``kam_impulse``
    %BW*Ht s, negative stretches left out; of the insole ``heel_peak, forefoot_peak`` BW, ``heel_impulse,
    forefoot_impulse`` BW s, ``heel_pressure, forefoot_pressure`` kPa (largest of any sensor in any
    frame).

    Raises
    ------
    GaitStudyError : a person that the walker refuses.
    """
    return _loads(replace(walker, variability=0.0)).copy()


def sweep(walkers: Sequence[Walker], name: str, values: Iterable[float]) -> pd.DataFrame:
    """Return ``loads`` of every person at every value of one input.

    Parameters
    ----------
    walkers : virtual people. name : an input of ``Walker`` that is a number. values : in its own unit.

    Returns
    -------
    ``person`` (1, 2, ...), the input, and the columns of ``loads``. ``attrs["refused"]`` lists (person, value) of the
    walks that the walker refuses as impossible for the legs: they are left out.

    Raises
    ------
    GaitStudyError : another input, or a value beyond the walker's limits.
    """
    if name not in (*LIMITS, "mass", "height"):
        raise GaitStudyError(f"sweep: expected an input of the walker, found '{name}'. Use {', '.join(LIMITS)}, mass.")
    low, high, unit = LIMITS.get(name, (0.0, np.inf, ""))
    wanted = [float(v) for v in values]
    if beyond := [v for v in wanted if not low <= v <= high]:
        raise GaitStudyError(f"sweep: expected {name} of {low:g} to {high:g} {unit}, found {beyond}. Use fewer.")
    tables, refused = [], []
    for person, walker in enumerate(walkers, 1):
        for value in wanted:
            changed: dict[str, Any] = {name: value}
            try:
                tables.append(loads(replace(walker, **changed)).assign(person=person, **changed))
            except GaitStudyError:
                refused.append((person, value))
    table = pd.concat(tables, ignore_index=True) if tables else pd.DataFrame(columns=["person", name])
    table = table[["person", name, *(c for c in table.columns if c not in ("person", name))]]
    table.attrs["refused"] = refused
    return table


def symmetry(table: pd.DataFrame, name: str, measures: Sequence[str]) -> pd.DataFrame:
    """Return the symmetry index of every measure, left against right.

    Parameters
    ----------
    table : of ``sweep`` over ``name``. measures : its columns.

    Returns
    -------
    ``person``, the input and the measures, %: 100 (left - right) / mean of both; positive where the left has more.

    Examples
    --------
    >>> two = pd.DataFrame({"person": 1, "asymmetry": 0.1, "side": ["left", "right"], "kam1": [3.3, 2.7]})
    >>> round(float(symmetry(two, "asymmetry", ["kam1"])["kam1"].iloc[0]), 6)
    20.0
    """
    left, right = (table[table["side"] == side].set_index(["person", name])[list(measures)] for side in SIDES)
    right = right.reindex(left.index)
    return pd.DataFrame(symmetry_index(left, right), left.index, left.columns).reset_index()


def follows(indices: pd.DataFrame, by: str, measures: Sequence[str]) -> pd.DataFrame:
    """Return how many per cent of asymmetry of a load come with one per cent of asymmetry of ``by``.

    Parameters
    ----------
    indices : of ``symmetry``. by, measures : its columns.

    Returns
    -------
    One row a person: ``person`` and the measures, each the slope by least squares, % per %.
    """
    rows = []
    for person, own in indices.groupby("person"):
        slope = {m: float(np.polyfit(own[by], own[m], 1)[0]) for m in measures}
        rows.append({"person": person} | slope)
    return pd.DataFrame(rows)


def antalgic(
    walker: Walker, parts: Iterable[str] = tuple(ANTALGIC), side: str = "right", severity: float = 1.0
) -> Walker:
    """Return a person who walks as one does with one painful knee: everything about it is imposed.

    Parameters
    ----------
    walker : the person without pain. parts : of ``ANTALGIC``. side : of the painful knee. severity : times its sizes.

    Raises
    ------
    GaitStudyError : another part or side.
    """
    wanted = list(parts)
    if unknown := [part for part in wanted if part not in ANTALGIC]:
        raise GaitStudyError(f"antalgic: expected parts of {', '.join(ANTALGIC)}; found {unknown}. Use these.")
    if side not in SIDES:
        raise GaitStudyError(f"antalgic: expected a side of {', '.join(SIDES)}, found '{side}'.")
    sizes = {name: severity * size for part in wanted for name, size in ANTALGIC[part].items()}
    if "speed" in sizes:
        sizes["speed"] = walker.speed * (1 + sizes["speed"])
    if "asymmetry" in sizes:
        sizes["asymmetry"] *= 1 if side == "right" else -1
    changed: dict[str, Any] = {**sizes, "painful_side": side}
    return replace(walker, **changed)


def painful_walks(walkers: Sequence[Walker], side: str = "right") -> pd.DataFrame:
    """Return ``loads`` of every person with nothing changed, with each part of ``ANTALGIC`` alone, and with all.

    Columns: ``person, walk`` (natural, the parts, all together), ``leg`` (painful or other), then those of ``loads``.
    """
    walks = {"natural": (), **{part: (part,) for part in ANTALGIC}, "all together": tuple(ANTALGIC)}
    tables = [
        loads(antalgic(walker, parts, side)).assign(person=person, walk=walk)
        for person, walker in enumerate(walkers, 1)
        for walk, parts in walks.items()
    ]
    table = pd.concat(tables, ignore_index=True)
    table["leg"] = np.where(table["side"] == side, "painful", "other")
    first = ["person", "walk", "leg"]
    return table[[*first, *(c for c in table.columns if c not in first)]]


def changes(table: pd.DataFrame, measures: Sequence[str], per_distance: bool = False) -> pd.DataFrame:
    """Return each measure's change from the same leg's natural walk.

    Parameters
    ----------
    table : of ``painful_walks``. measures : its columns. per_distance : divide by the stride's length first.

    Returns
    -------
    ``person, walk, leg`` and the measures, %; the natural walk itself is left out.
    """
    own = table.set_index(["person", "walk", "leg"])
    values = own[list(measures)].div(own["stride_length"], axis=0) if per_distance else own[list(measures)]
    natural = values.xs("natural", level="walk").reindex(values.index.droplevel("walk"))
    changed = (100 * (values / natural.to_numpy() - 1)).reset_index()
    return changed[changed["walk"] != "natural"].reset_index(drop=True)


def bow_legs(walkers: Sequence[Walker], values: Iterable[float]) -> pd.DataFrame:
    """Return what frontal alignment of the knee does to knee and foot, right side.

    Parameters
    ----------
    walkers : virtual people. values : deg, varus positive.

    Returns
    -------
    ``person, varus``; ``kam1`` and ``medial_peak1`` as in ``loads``; ``sideways`` BW, largest sideways force on the
    foot; means over ``PRESSED`` per cent of stance: ``across`` mm, place of the pressure across the foot, medial
    positive, ``medial_share`` 0-1, and ``shank_tilt`` deg, by which the upper end of the shank leans outwards: what
    ankle and rearfoot must give for the sole to lie flat.
    """
    table = sweep(walkers, "varus", values)
    table = table[table["side"] == "right"].reset_index(drop=True)
    more = []
    for person, varus in zip(table["person"], table["varus"], strict=True):
        walker = replace(walkers[person - 1], varus=varus, variability=0.0)
        simulation = walked(walker)
        start, end = stances(simulation, "right", "touch")[0]
        low, high = (start + p / 100 * (end - start) for p in PRESSED)
        up = simulation.legs["right"]["axes"].sel(segment="shank", time=slice(low, high)).isel(direction=1)
        sole = simulation.insoles.sel(side="right", time=slice(low, high))
        place = pressure.centre_of_pressure_in_foot(sole["pressure"], sole["position"], sole["area"])
        share = pressure.medial_share(sole["pressure"], sole["position"], sole["area"])
        push = simulation.loads["force"].sel(plate="right", axis="z", time=slice(start, end))
        row = {"sideways": float(np.abs(push).max()) / (walker.mass * GRAVITY)}
        row |= {"across": 1000 * float(place.sel(foot_axis="across").mean()), "medial_share": float(share.mean())}
        more.append(row | {"shank_tilt": float(np.degrees(np.arctan2(up.sel(axis="z"), up.sel(axis="y")).mean()))})
    return table[["person", "varus", "kam1", "medial_peak1"]].join(pd.DataFrame(more))


def per_kilogram(walkers: Sequence[Walker], masses: Sequence[float]) -> pd.DataFrame:
    """Return loads of the right leg by body mass, everything else as it is, and what one kg less takes off.

    Parameters
    ----------
    walkers : virtual people. masses : kg, two or more.

    Returns
    -------
    One row a person, mass and load: ``person, mass, load``, ``value`` (N; N m for the moment; kPa) and ``per_kg``, its
    change for 1 kg less, from the neighbouring masses: negative where the load falls.
    """
    table = sweep(walkers, "mass", masses)
    own = table[table["side"] == "right"].set_index(["person", "mass"])
    weight = own.index.get_level_values("mass").to_numpy() * GRAVITY
    heights = own.index.get_level_values("person").map(lambda k: walkers[k - 1].height).to_numpy()
    values = pd.DataFrame({
        "knee: total contact force, peak": own["total_peak"] * weight,
        "knee: medial contact force, first peak": own["medial_peak1"] * weight,
        "knee: adduction moment, first peak": own["kam1"] * weight * heights / 100,
        "foot: vertical force, peak": own["force_peak"] * weight,
        "foot: force under the forefoot, peak": own["forefoot_peak"] * weight,
        "foot: force under the heel, peak": own["heel_peak"] * weight,
        "foot: pressure under the forefoot, largest": own["forefoot_pressure"],
    })  # fmt: skip
    made = values.reset_index().melt(["person", "mass"], var_name="load")
    for _, rows in made.groupby(["person", "load"]):
        made.loc[rows.index, "per_kg"] = -np.gradient(rows["value"], rows["mass"])
    return made


def undoing_speed(walkers: Sequence[Walker], lost: float, speeds: Iterable[float], measure: str) -> pd.DataFrame:
    """Return how much faster people who have lost mass may walk before a load is what it was.

    Parameters
    ----------
    walkers : before. lost : share of body mass. speeds : tried, as multiples of each person's own. measure : a peak of
        ``loads``, in BW, right side.

    Returns
    -------
    ``person``; ``before, lighter`` N, at the same speed; ``times`` the own speed, on straight lines between the
    speeds tried, NaN where none that the legs can walk is fast enough; ``fastest``, the fastest they can.
    """
    tried, rows = sorted({1.0, *speeds}), []
    for person, walker in enumerate(walkers, 1):
        own = sweep([walker], "speed", [v for k in tried if (v := k * walker.speed) <= LIMITS["speed"][1]])
        own = own[own["side"] == "right"]
        times, force = own["speed"].to_numpy() / walker.speed, own[measure].to_numpy() * walker.mass * GRAVITY
        before = float(np.interp(1.0, times, force))
        row = {"person": person, "before": before, "lighter": before * (1 - lost), "times": np.nan}
        enough = np.flatnonzero((times > 1) & (force * (1 - lost) >= before))
        if len(enough):
            two = slice(enough[0] - 1, enough[0] + 1)
            row["times"] = float(np.interp(before, force[two] * (1 - lost), times[two]))
        rows.append(row | {"fastest": times.max()})
    return pd.DataFrame(rows)
