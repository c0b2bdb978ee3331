"""Template curves of the virtual walker, fitted to ``mcgill-foot-progression`` alone, and where it differs from others.

The adults and the implant that the walker is compared with gave its templates nothing.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from gaitstudy import pipeline
from gaitstudy.conventions import GRAVITY, SIDES
from gaitstudy.gait import signals
from gaitstudy.gait.foot import outside_foot
from gaitstudy.io import catalogue
from gaitstudy.io.motion import Recording
from gaitstudy.io.plates import centre_of_pressure
from gaitstudy.load.skeleton import find
from gaitstudy.simulate.walker import Walker, _early_pitch, simulate, stances
from gaitstudy.tables import implant
from gaitstudy.tables.agreement import OWN_SKELETON, own_skeleton_trial, stored_output

DATASET = "mcgill-foot-progression"
TREADMILL = ("plug-in-gait-kinetics", "gaitalytics/treadmill_events.c3d")
"""Whose double support it is: an adult on a treadmill. The nine are young, small and fast, and their feet overlap too
little for an adult; from them comes only how it shrinks with speed."""
KEY = ["curve", "term", "order"]
ORDERS = {"knee_flexion": 6, "vertical_force": 3, "cop_along": 5, "cop_across": 5}
"""Harmonics kept of each curve: of the stride, of the step, and (cosines) of stance."""
FLAT = slice(20.0, 35.0)
"""Per cent of stance over which the foot is taken to lie flat."""
STANDS_FLAT = (0.25, 0.45)
"""Of stance; the feet on the treadmill lie flat."""
HEEL_RISE = -5.0
"""deg; the heel counts as risen once the foot's pitch has fallen this far below flat: well past the arch's own give."""
LAST = 97
"""Per cent of stance; the last point at which every plate still places the pressure."""
LENGTHS = "heel-to-toe lengths"
UNITS = {"knee_flexion": "deg", "vertical_force": "m g per Froude number", "contact_pitch": "deg", "froude": "1",
         "rocker": "heel-to-toe lengths per rad", "foot_length": "heights"}  # fmt: skip
UNITS |= dict.fromkeys(("double_support_level", "double_support_per_froude", "foot_off", "flat_after", "heel_rise"),
                       "share of stride")  # fmt: skip
"""Of curves and proportions; the others are in heel-to-toe lengths."""
MEANS = ("foot_off", "contact_pitch", "foot_length", "heel_height", "toe_height", "ankle_along", "ankle_across",
         "ankle_height", "froude")  # fmt: skip
"""Proportions that are means over people."""


def fit() -> pd.DataFrame:
    """Return the templates: harmonics of mean curves and mean proportions of all people in the data set.

    Columns: ``curve, term`` (cos, sin, or value), ``order``, ``value``, ``unit``, ``spread`` (SD over people, for
    proportions), ``n``. ``knee_flexion`` over the stride; ``vertical_force`` over the step, in m g and per Froude
    number; ``cop_along`` and ``cop_across`` (medial positive) over stance, in heel-to-toe lengths. Every person with
    two whole plate contacts counts once; nobody is left out.
    """
    people = pd.DataFrame([_person(path) for path in catalogue.available(DATASET, "straight/*.c3d")])
    froude = people["froude"].to_numpy()
    mean = {k: np.nanmean(np.stack(people[k]), 0) for k in (*ORDERS, "pitch")}
    waves = np.stack([force - force.mean() for force in people["vertical_force"]])
    # amplitude proportional to the Froude number: least squares through the origin
    mean["vertical_force"] = (froude[:, None] * waves).sum(0) / (froude**2).sum()
    slope = np.polyfit(froude, people["double_support"], 1)[0]
    own_double, own_froude = _treadmill()
    pitch, phase = mean["pitch"], np.linspace(0, 1, 101) * people["foot_off"].mean()
    widths = np.linspace(0.02, 0.2, 181)
    misfit = [((_early_pitch(phase[:21], pitch[0], w) - pitch[:21]) ** 2).sum() for w in widths]
    proportions = {
        "rocker": (mean["cop_along"][LAST] - 1.0) / np.radians(-pitch[LAST]),
        "double_support_level": own_double - slope * own_froude, "double_support_per_froude": slope,
        "flat_after": widths[np.argmin(misfit)],
        "heel_rise": phase[np.flatnonzero((pitch < HEEL_RISE) & (np.arange(101) > FLAT.stop))[0]],
    } | {name: people[name].mean() for name in MEANS}  # fmt: skip
    rows = [
        (curve, term, k, amount, np.nan)
        for curve, order in ORDERS.items()
        for (term, k), amount in _harmonics(mean[curve], order, curve.startswith("cop")).items()
    ]
    spread = people[list(MEANS)].std()
    rows += [(name, "value", 0, float(share), spread.get(name, np.nan)) for name, share in proportions.items()]
    table = pd.DataFrame(rows, columns=[*KEY, "value", "spread"]).assign(n=len(people))
    table["unit"] = table["curve"].map(UNITS).fillna(LENGTHS)
    return table[[*KEY, "value", "unit", "spread", "n"]]


def _harmonics(mean: np.ndarray, order: int, cosines_only: bool) -> dict[tuple[str, int], float]:
    """Least-squares harmonics of a curve on 0-100 %, by term and order; the points without a value are left out."""
    share, known = np.linspace(0, 1, len(mean)), np.isfinite(mean)
    terms = [("cos", k) for k in range(order + 1)]
    if not cosines_only:
        terms += [("sin", k) for k in range(1, order + 1)]
        known[-1] = False  # 100 % is 0 % again
    turn = np.pi if cosines_only else 2 * np.pi
    waves = np.stack([{"cos": np.cos, "sin": np.sin}[term](turn * k * share) for term, k in terms], 1)
    return dict(zip(terms, np.linalg.lstsq(waves[known], mean[known], rcond=None)[0].tolist(), strict=True))


def _treadmill() -> tuple[float, float]:
    """Double support (share of the stride) and Froude number of the treadmill walker, by the events in the file."""
    trial = pipeline.read(catalogue.locate(*TREADMILL))
    times = {key: np.sort(own["time"].to_numpy()) for key, own in trial.events.groupby(["side", "event"])}
    shares, periods, speeds = [], [], []
    for side, other in (SIDES, SIDES[::-1]):
        on, off, opposite = times[side, "initial_contact"], times[side, "foot_off"], times[other, "foot_off"]
        periods.append(np.diff(on).mean())
        shares.append(np.mean([opposite[opposite > t][0] - t for t in on if (opposite > t).any()]))
        start, end = np.array([(t, off[off > t][0]) for t in on if (off > t).any()]).T
        speeds.append(_belt_speed(find(trial.markers, trial.roles[side]["heel"]), start, end))
    return float(np.mean(shares) / np.mean(periods)), _froude(trial, float(np.mean(speeds)))


def _belt_speed(foot: xr.DataArray, start: np.ndarray, end: np.ndarray) -> float:
    """Speed of the belt under a foot, m/s: its mean backward speed while it stands flat, between contact and foot off.

    While a foot rolls over heel or toe its markers are slower than the belt.
    """
    time, position = foot["time"].values, foot.sel(axis="x").values
    first, last = (np.interp(start + share * (end - start), time, position) for share in STANDS_FLAT)
    return float(np.nanmean((first - last) / ((STANDS_FLAT[1] - STANDS_FLAT[0]) * (end - start))))


def _froude(trial: Recording, speed: float) -> float:
    """Froude number of a walk at a speed (m/s), by the leg lengths that the file states."""
    length = np.mean([trial.subject[f"{s[0]}leglength"] for s in SIDES]) / 1000
    return float(speed**2 / (GRAVITY * length))


def _person(path: Any) -> dict[str, Any]:
    """One person's curves and proportions from their two plate contacts, the means of both feet."""
    trial = pipeline.read(path)
    walk = pipeline.prepare(trial)
    contact = walk.contacts
    first, second = (contact.iloc[k] for k in (0, 1))
    starts = trial.events[trial.events["event"] == "initial_contact"]
    again = float(starts.loc[(starts["side"] == first["side"]) & (starts["time"] > second["start"]), "time"].min())
    stride = again - first["start"]
    total = trial.ground_reaction["force"].sel(axis="y").sum("plate")
    pelvis = pipeline.middle_of_pelvis(walk.recording).sel(axis="x").dropna("time")
    feet = [
        _foot(walk.legs[row["side"]], walk.recording.ground_reaction, row, trial.height)
        for _, row in contact.iterrows()
    ]
    knee = []
    for side in SIDES:
        angle = stored_output(trial, f"{side[0].upper()}KneeAngles", 0)
        own = np.sort(starts.loc[starts["side"] == side, "time"].to_numpy())
        knee.append(signals.normalise_time(angle, own[:-1], own[1:]).mean("stride").values)
    step = signals.normalise_time(total, [second["start"]], [again]).values[0] / (trial.mass * GRAVITY)
    return {k: np.nanmean([f[k] for f in feet], axis=0) for k in feet[0]} | {
        "knee_flexion": np.nanmean(knee, 0),
        "vertical_force": step,
        "froude": _froude(trial, float(np.ptp(pelvis.values) / np.ptp(pelvis["time"].values))),
        "double_support": (first["end"] - second["start"]) / stride,
        "foot_off": np.mean((contact["end"] - contact["start"]) / stride),
    }


def _foot(leg: xr.Dataset, loads: xr.Dataset, contact: pd.Series, height: float) -> dict[str, Any]:
    """One foot on its plate: path of the pressure, pitch and proportions, in heel-to-toe lengths of the flat foot."""
    points = {
        "cop": centre_of_pressure(loads)[0].sel(plate=contact["plate"], drop=True), "heel": leg["heel"],
        "toe": leg["toe"], "ankle": leg["centre"].sel(joint="ankle", drop=True),
    }  # fmt: skip
    curves = {
        k: signals.normalise_time(v, [contact["start"]], [contact["end"]]).isel(stride=0, drop=True)
        for k, v in points.items()
    }
    flat = {k: curves[k].sel(percent=FLAT).mean("percent") for k in ("heel", "toe")}
    heel, toe = (v.expand_dims(time=curves["cop"]["percent"].values) for v in flat.values())
    length = float(np.linalg.norm((flat["toe"] - flat["heel"]).values[[0, 2]]))
    pressed, ankle = (
        outside_foot(curves[k].rename(percent="time"), heel, toe, contact["side"]) / length for k in ("cop", "ankle")
    )
    lean = (curves["toe"] - curves["heel"]).values
    pitch = np.degrees(np.arctan2(lean[:, 1], np.hypot(lean[:, 0], lean[:, 2])))
    at = slice(int(FLAT.start), int(FLAT.stop) + 1)
    return {
        "cop_along": -pressed["behind"].values, "cop_across": pressed["beside"].values,
        "pitch": pitch - pitch[at].mean(), "contact_pitch": pitch[0] - pitch[at].mean(), "foot_length": length / height,
        "heel_height": float(flat["heel"][1]) / length, "toe_height": float(flat["toe"][1]) / length,
        "ankle_along": -ankle["behind"].values[at].mean(), "ankle_across": ankle["beside"].values[at].mean(),
        "ankle_height": curves["ankle"].sel(axis="y").values[at].mean() / length,
    }  # fmt: skip


def adult_curves() -> pd.DataFrame:
    """Return knee moments of three real adults at 101 points of stance, every whole contact.

    Columns: ``dataset, person, contact, percent``; ``kam, kfm`` N m/kg, external, by inverse dynamics in tibial axes,
    own skeleton, 8 Hz; ``vertical`` force in BW. None of their files is in the templates.
    """
    plates, tables = OWN_SKELETON.loc["p3m6-walk"]["plate"], []
    walks = [("p3m6-walk", "P3m6", trial, own_skeleton_trial("p3m6-walk", trial)) for trial in plates.index]
    for number, name in enumerate(("PiG_Motion3_FF", "PiG_Motion-FlatFoot-Full"), 1):
        path = catalogue.locate("plug-in-gait-kinetics", f"btk/{name}.c3d")
        walks.append(("plug-in-gait-kinetics", f"adult {number}", "", pipeline.read(path)))
    for dataset, person, trial, recording in walks:
        curves = pipeline.stances(recording, method="inverse dynamics")
        used = np.flatnonzero(curves["moment_usable"])
        if trial:  # the file begins shortly after contact
            used = np.flatnonzero(curves["plate"] == plates[trial])[:1]
        mass = recording.mass
        for k, stance in enumerate(used[np.argsort(curves["start"].values[used])], 1):
            one = curves.isel(stance=stance)
            table = pd.DataFrame({"percent": one["percent"].values})
            table["kam"], table["kfm"] = (one[f"knee_{n}_moment"].values / mass for n in ("adduction", "flexion"))
            table["vertical"] = one["ground_reaction"].sel(axis="y").values / (mass * GRAVITY)
            tables.append(table.assign(dataset=dataset, person=person, contact=trial or str(k)))
    return pd.concat(tables, ignore_index=True)


def implant_totals() -> pd.DataFrame:
    """Return the total force that an implant measured, BW, over stance of its five walks: for a picture alone.

    Columns ``person, contact, percent, total``; medial and lateral added up.
    """
    total, percent, tables = implant.measured_forces()["total"] / implant.WEIGHT, np.arange(101.0), []
    for trial in implant.TRIALS:
        _, instants, _ = implant.walk(trial)
        stance = percent * instants["foot_off"] / instants["end"]
        values = np.interp(stance, total["percent"], total.sel(trial=trial))
        tables.append(pd.DataFrame({"person": "PS", "contact": trial, "percent": percent, "total": values}))
    return pd.concat(tables, ignore_index=True)


def outside_implant() -> pd.DataFrame:
    """Return where the default walker's total contact force leaves what the implant measured (``outside_band``), BW."""
    return outside_band(implant_totals(), walker_curves(Walker()), ("total",))


def walker_curves(walker: Walker) -> pd.DataFrame:
    """Return the walker's mean right stance: ``percent``; ``kam, kfm`` N m/kg; ``vertical, total`` in BW."""
    simulation = simulate(replace(walker, variability=0.0), 4)
    on, off = stances(simulation, "right")[:3].T
    truth, table = simulation.truth.sel(side="right", drop=True), pd.DataFrame({"percent": np.arange(101.0)})
    names = ("knee_adduction_moment", "knee_flexion_moment", "vertical_force", "total_contact_force")
    for column, name in zip(("kam", "kfm", "vertical", "total"), names, strict=True):
        scale = walker.mass * (GRAVITY if "force" in name else 1.0)
        table[column] = signals.normalise_time(truth[name], on, off).mean("stride").values / scale
    return table


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
    rows: list[tuple[str, float, float, str, float]] = []
    for name in curves:
        span, value = people.groupby("percent")[name].agg(["min", "max"]), walker.set_index("percent")[name]
        beyond = (value - span["max"]).clip(lower=0) - (span["min"] - value).clip(lower=0)
        stretches = [part for _, part in beyond.groupby(np.sign(beyond).diff().ne(0).cumsum()) if part.iloc[0]]
        rows += [
            (name, part.index[0], part.index[-1], "above" if part.iloc[0] > 0 else "below", part.abs().max())
            for part in stretches
        ] or [(name, np.nan, np.nan, "inside throughout", 0.0)]
    return pd.DataFrame(rows, columns=["curve", "from", "to", "where", "most"])
