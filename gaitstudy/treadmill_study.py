"""The treadmill study on four virtual people: foot pressure inside, natural and outside, and what the knee carries."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, replace
from functools import cache
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr
from scipy import stats
from statsmodels.formula.api import mixedlm
from statsmodels.stats.power import TTestPower

from gaitstudy.agreement import ground_reaction
from gaitstudy.cases import ingredients
from gaitstudy.conventions import GRAVITY, SIDES
from gaitstudy.gait import signals
from gaitstudy.gait.foot import foot_progression_angle, mean_over_stance, outside_foot
from gaitstudy.gait.pressure import centre_of_pressure_in_foot
from gaitstudy.io.plates import centre_of_pressure
from gaitstudy.load import contact, knee
from gaitstudy.load.landmarks import marker_map
from gaitstudy.load.skeleton import leg_from_markers
from gaitstudy.simulate.walker import Simulation, Walker, simulate
from gaitstudy.trials import face_forward, find_strides, smooth

SEED = 2015
"""Of the four people: the year of the source. Drawn once; nobody was replaced."""
SHIFT = 0.008
"""m; how far the virtual people move the pressure in the foot, inwards and outwards. An assumption: the source gives
no distance."""
CONDITIONS = {"natural": 0.0, "pressure inside": SHIFT, "pressure outside": -SHIFT}
PRESSED = (15.0, 85.0)
"""Per cent of stance over which the place of the pressure is averaged."""
NOISE = {"marker_noise": 0.001, "lost": 0.01, "force_noise": 1.0}
"""Of the virtual laboratory: 1 mm, 1 % of frames, 1 N. Assumptions."""
DRAWN = {
    "height": (1.68, 0.10, "m", "Boswell 2021, 64 people with medial knee osteoarthritis"),
    "mass": (77.2, 15.0, "kg", "Boswell 2021"),
    "speed": (1.16, 0.13, "m/s", "Boswell 2021"),
    "foot_progression_angle": (5.08, 4.62, "deg", "baseline of 36 healthy people in a feedback study"),
    "step_width": (0.11, 0.02, "m", "assumption"),
    "varus": (1.0, 2.0, "deg", "assumption"),
}
"""Mean, SD, unit and source of what differs between the virtual people; 43 of 64 are women (Boswell 2021)."""


def people(count: int = 4, seed: int = SEED) -> list[Walker]:
    """Return virtual people drawn from ``DRAWN``, each independent of the others; units as there."""
    rng = np.random.default_rng(seed)
    drawn = []
    for k in range(count):
        own: dict[str, Any] = {name: float(rng.normal(mean, sd)) for name, (mean, sd, _, _) in DRAWN.items()}
        sex = "female" if rng.random() < 43 / 64 else "male"
        natural = own["foot_progression_angle"]
        drawn.append(Walker(**own, sex=sex, natural_angle=natural, variability=1.0, seed=seed + k))
    return drawn


def people_table(walkers: Sequence[Walker]) -> pd.DataFrame:
    """Return who the virtual people are, one row each, units in the column names."""
    units = {name: unit for name, (_, _, unit, _) in DRAWN.items()}
    rows = [
        {"person": k + 1, "sex": w.sex} | {f"{n} ({u})": asdict(w)[n] for n, u in units.items()}
        for k, w in enumerate(walkers)
    ]
    return pd.DataFrame(rows)


@cache
def recordings(strides: int) -> dict[tuple[int, str], Simulation]:
    """Return the virtual laboratory's recordings by person (1, 2, ...) and condition."""
    return {
        (k + 1, name): simulate(replace(w, pressure_shift=shift, seed=w.seed + 100 * c), strides, **NOISE)
        for k, w in enumerate(people())
        for c, (name, shift) in enumerate(CONDITIONS.items())
    }


def study(strides: int = 60) -> pd.DataFrame:
    """Return every stride of every person and condition, by the functions that real recordings go through.

    Columns: ``person, condition, side, stride``; ``fpa`` deg; ``pressure_plate, pressure_insole`` mm, place of the
    pressure across the foot, medial positive; ``kam1, kam2`` %BW*Ht; first peak of the medial contact force in BW by
    ``reduced`` and ``lab_regression``, and the simulation's own, ``truth``.
    """
    walkers, names = people(), marker_map("walker")
    tables = [
        _strides(simulation, walkers[person - 1], names).assign(person=person, condition=condition)
        for (person, condition), simulation in recordings(strides).items()
    ]
    table = pd.concat(tables, ignore_index=True)
    first = ["person", "condition", "side", "stride"]
    return table[[*first, *(c for c in table.columns if c not in first)]]


def _strides(simulation: Simulation, walker: Walker, names: dict[str, dict[str, Any]]) -> pd.DataFrame:
    trial = face_forward(simulation.recording, names)
    _, landed = find_strides(trial, names)
    even = smooth(trial)
    loads = ground_reaction(even)
    cop, _ = centre_of_pressure(loads)
    tables = []
    for side in SIDES:
        own = landed[(landed["side"] == side) & (landed["reason"] == "")]
        start, end = own["start"].to_numpy(), own["end"].to_numpy()
        leg = leg_from_markers(even.markers, names, side)
        sole = simulation.insoles.sel(side=side, drop=True)
        across = {
            "pressure_plate": outside_foot(cop.sel(plate=side, drop=True), leg["heel"], leg["toe"], side)["beside"],
            "pressure_insole": centre_of_pressure_in_foot(sole["pressure"], sole["position"], sole["area"]).sel(
                foot_axis="across", drop=True
            ),
        }
        inputs = contact.contact_inputs(leg, loads, side, walker.mass, sex=walker.sex)
        moment = signals.normalise_time(
            knee.normalise_moment(inputs["knee_adduction_moment"], walker.mass, walker.height), start, end
        )
        table = knee.peaks(moment)[["peak1", "peak2"]].rename(columns={"peak1": "kam1", "peak2": "kam2"})
        table.insert(0, "fpa", mean_over_stance(foot_progression_angle(leg["heel"], leg["toe"], side), start, end))
        for name, curve in across.items():
            table.insert(1, name, 1000 * mean_over_stance(curve, start, end, PRESSED).values)
        forces = {
            name: contact.ESTIMATORS[name](inputs, walker.mass, walker.height)["medial_contact_force"]
            for name in contact.FROM_MOMENTS
        } | {"truth": simulation.truth["medial_contact_force"].sel(side=side, drop=True)}
        for name, force in forces.items():
            curves = signals.normalise_time(force, start, end)
            table[name] = knee.peaks(curves)["peak1"] / (walker.mass * GRAVITY)
        tables.append(table.rename_axis("stride").reset_index().assign(side=side))
    return pd.concat(tables, ignore_index=True)


def changes(table: pd.DataFrame, outcomes: Sequence[str]) -> pd.DataFrame:
    """Return each person's mean change from natural, in % of their natural mean, one row a person and condition.

    Parameters
    ----------
    table : of ``study``. outcomes : its columns; missing strides are left out of the means.
    """
    means = table.groupby(["person", "condition"])[list(outcomes)].mean()
    natural = means.xs("natural", level="condition")
    percent = 100 * (means / natural.reindex(means.index, level="person") - 1)
    return percent.drop("natural", level="condition").reset_index()


def within_people(percent: pd.DataFrame, outcome: str) -> pd.DataFrame:
    """Return what the people's changes show, one row a condition: mean, 95 % t interval and three p values.

    Parameters
    ----------
    percent : of ``changes``. outcome : its column, %.

    Returns
    -------
    ``condition, n, mean, low, high`` (%), ``p_t``, ``p_sign_flip`` (exact, all 2^n relabelings, two-sided) and
    ``p_wilcoxon`` (exact).
    """
    rows = []
    for condition, own in percent.groupby("condition", sort=False):
        values = own[outcome].to_numpy()
        mean = stats.ttest_1samp(values, 0.0)
        low, high = mean.confidence_interval()
        flips = 1 - 2.0 * ((np.arange(2 ** len(values))[:, None] >> np.arange(len(values))) & 1)
        reached = np.abs((flips * values).mean(1)) >= abs(values.mean()) * (1 - 1e-12)
        rows.append(
            {
                "condition": condition, "n": len(values), "mean": values.mean(), "low": low, "high": high,
                "p_t": mean.pvalue, "p_sign_flip": reached.mean(), "p_wilcoxon": stats.wilcoxon(values).pvalue,
            }
        )  # fmt: skip
    return pd.DataFrame(rows)


def power_of_few(counts: Sequence[int] = (4, 6, 10, 20), effects: Sequence[float] | None = None) -> pd.DataFrame:
    """Return the power of a two-sided paired t test at .05 by number of people and standardised difference ``dz``."""
    sizes = np.linspace(0.25, 3.0, 56) if effects is None else np.asarray(effects, float)
    rows = [
        {"n": n, "dz": d, "power": float(TTestPower().power(d, n, 0.05, alternative="two-sided"))}
        for n in counts
        for d in sizes
    ]
    return pd.DataFrame(rows)


def strides_as_people(table: pd.DataFrame, outcome: str, condition: str) -> pd.DataFrame:
    """Return the same change by three analyses that differ in what they count as independent.

    Parameters
    ----------
    table : of ``study``. outcome : its column. condition : compared with natural.

    Returns
    -------
    ``analysis, counted, estimate, low, high, p``: every stride as if it were a person (Welch); people with a common
    effect (random intercept); people whose effects differ (t over the person means). In the outcome's unit.
    """
    rows = table[table["condition"].isin(["natural", condition])].dropna(subset=[outcome])
    pressed, natural = (rows.loc[rows["condition"] == c, outcome] for c in (condition, "natural"))
    welch = stats.ttest_ind(pressed, natural, equal_var=False)
    coded = rows.assign(y=rows[outcome], moved=(rows["condition"] == condition).astype(float))
    mixed = mixedlm("y ~ moved", coded, groups=coded["person"]).fit(reml=True)
    means = rows.groupby(["person", "condition"])[outcome].mean().unstack()
    paired = stats.ttest_rel(means[condition], means["natural"])
    found = [
        ("each stride counted as a person (Welch)", len(rows), pressed.mean() - natural.mean(),
         *welch.confidence_interval(), welch.pvalue),
        ("one effect for all, people differ in level (mixed model)", len(rows), mixed.params["moved"],
         *mixed.conf_int().loc["moved"], mixed.pvalues["moved"]),
        ("the effect differs between people (paired t on person means)", len(means),
         (means[condition] - means["natural"]).mean(), *paired.confidence_interval(), paired.pvalue),
    ]  # fmt: skip
    return pd.DataFrame(found, columns=["analysis", "counted", "estimate", "low", "high", "p"])


def average_contact(simulation: Simulation, side: str = "right") -> xr.Dataset:
    """Return what the true knee moment of one foot's mean stance is made of (``cases.ingredients``)."""
    events = simulation.events[simulation.events["side"] == side]
    on, off = (events.loc[events["event"] == kind, "time"].to_numpy() for kind in ("initial_contact", "foot_off"))
    pairs = [(start, off[off > start][0]) for start in on if (off > start).any()]
    each = [ingredients(simulation.legs[side], simulation.loads, side, start, end) for start, end in pairs]
    mean = xr.concat(each, "stance").mean("stance")
    for name in mean.data_vars:
        mean[name].attrs = each[0][name].attrs
    return mean


def change_of_moment(condition: str, walker: Walker, frame: str = "lab") -> pd.DataFrame:
    """Return what the change of one noise-free person's first peak is made of, N m: ``condition, part, change``."""
    plain = replace(walker, variability=0.0)
    before, after = (
        average_contact(simulate(replace(plain, pressure_shift=CONDITIONS[c]), 2)) for c in ("natural", condition)
    )
    split = knee.decompose_peak_change(knee.decompose_moment_change(before, after, "right", frame), (5.0, 50.0))
    return pd.DataFrame({"condition": condition, "part": split.index, "change": split.to_numpy()})


def slopes(walker: Walker, shift: float = 0.001) -> pd.DataFrame:
    """Return what one small medial shift of the pressure does to the first peak, N m per mm, held and re-solved.

    ``held``: forces and posture as they were, lab frame; ``re-solved``: the body moves over its new support, lab
    frame, and in tibial axes.
    """
    plain = replace(walker, variability=0.0)
    sims = [simulate(replace(plain, pressure_shift=walker.pressure_shift + s), 2) for s in (0.0, shift)]
    before, after = (average_contact(s) for s in sims)
    moved = before.assign(centre_of_pressure=after["centre_of_pressure"])
    rows = []
    for what, other, frame in (
        ("forces and posture held", moved, "lab"), ("body re-solved", after, "lab"), ("body re-solved", after, "tibia"),
    ):  # fmt: skip
        split = knee.decompose_moment_change(before, other, "right", frame).sel(percent=slice(5.0, 50.0))
        change = float(split["after"].max() - split["before"].max())
        rows.append({"what": what, "frame": frame, "slope": change / (1000 * shift)})
    return pd.DataFrame(rows)


def pressure_knee_map(walker: Walker, pressure: Sequence[float], medialisation: Sequence[float]) -> pd.DataFrame:
    """Return the change of the first medial force peak by shift of the pressure and of the knee, the body re-solved.

    Parameters
    ----------
    walker : variability is left out. pressure, medialisation : mm, medial positive.

    Returns
    -------
    ``cop_shift, knee_shift`` mm; ``change``, % of the natural peak, with the frontal moment in the axes of the tibia,
    which turns inwards with the knee, and ``change_lab``, with the moment in the axes of the lab, which does not.
    """
    plain = replace(walker, variability=0.0)
    base = _first_peaks(simulate(plain, 2), plain)
    rows = []
    for shift in pressure:
        for inwards in medialisation:
            moved = replace(plain, pressure_shift=shift / 1000, knee_medialisation=inwards / 1000)
            tibia, lab = 100 * (_first_peaks(simulate(moved, 2), moved) / base - 1)
            rows.append({"cop_shift": shift, "knee_shift": inwards, "change": tibia, "change_lab": lab})
    return pd.DataFrame(rows)


def _first_peaks(simulation: Simulation, walker: Walker) -> np.ndarray:
    """First medial peak of the right knee, N, with the frontal moment in the tibia's axes and in the lab's."""
    own = simulation.events[simulation.events["side"] == "right"]
    start = float(own.loc[own["event"] == "initial_contact", "time"].iloc[0])
    end = float(own.loc[(own["event"] == "foot_off") & (own["time"] > start), "time"].iloc[0])
    inputs = simulation.truth.sel(side="right", drop=True).drop_dims("foot_axis").assign_attrs(loads=contact.EXTERNAL)
    lab = knee.knee_moments(
        simulation.legs["right"], simulation.loads, "right", method="inverse dynamics", frame="lab", mass=walker.mass,
        sex=walker.sex,
    )["knee_adduction_moment"]  # fmt: skip
    peaks = []
    for moment in (inputs["knee_adduction_moment"], lab):
        force = contact.reduced(inputs.assign(knee_adduction_moment=moment), walker.mass)["medial_contact_force"]
        peaks.append(float(force.sel(time=slice(start, (start + end) / 2)).max()))
    return np.array(peaks)
