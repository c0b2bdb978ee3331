"""A knee implant that measured force beside every estimator: trial by trial, nothing fitted unless it says so."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise, product
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr
from scipy import signal, stats

from gaitstudy.load import contact
from gaitstudy.load.calibration import calibrated
from gaitstudy.studies.implant import (
    COMPARTMENTS,
    DATASET,
    HEIGHT,
    HEIGHTS,
    body_weight,
    estimates,
    external_inputs,
    flagged_until,
    foot_off_percent,
    inputs_of,
    measured_forces,
    reaction_inputs,
    trials,
)
from gaitstudy.tables.agreement import compare, participant

FIRST_PEAK = 34.0
"""Per cent of the cycle before which the first, and after which the second, medial peak is sought."""
ASKED = 0.18
"""Share of the first medial peak that the treadmill study's source says was taken off."""
TENTHS, PARTS = tuple(range(0, 101, 10)), (0, 10, 30, 50, 65, 100)
"""Edges in per cent of the cycle: for errors; for the balance (loading, single support in halves, push-off, swing)."""
BOUNDS = {"opensim": 0.30} | {k: e.bound for k, e in sorted(contact.ESTIMATORS.items()) if e.bound is not None}
"""BW; asked of the medial force over the whole cycle, mean of trials."""


def peak(curve: np.ndarray, low: float, high: float) -> tuple[float, float]:
    """Return the highest local maximum within a window of the cycle, and where it is: value and per cent, else NaN.

    Parameters
    ----------
    curve : any unit, 101 points, 0-100 % of the cycle. low, high : per cent; the window's ends do not count as maxima.
    """
    found = signal.find_peaks(curve)[0]
    found = found[(found > low) & (found < high)]
    if not len(found):
        return float("nan"), float("nan")
    best = int(found[np.argmax(curve[found])])
    return float(curve[best]), float(best)


def score(estimate: xr.Dataset, estimator: str) -> pd.DataFrame:
    """Return how far one estimator lies from the implant, one row a trial and compartment.

    Parameters
    ----------
    estimate : ``medial_contact_force``, ``lateral_contact_force``, ``total_contact_force``, N, (trial, percent), of
        some or all trials. estimator : its name in the table.

    Returns
    -------
    ``estimator, trial, compartment``; in BW, estimate minus implant where it is a difference: ``rmse_cycle``,
    ``rmse_stance``, ``rmse_clean`` (cycle without doubtful frames, see ``implant.contamination``), ``bias_stance``,
    ``peak1_error``, ``peak2_error`` (first and second peak of stance, each sought in both curves); ``r_cycle``,
    ``r_stance``.
    Compartments that the estimator does not give are left out.
    """
    rows = []
    percent, weight = np.arange(101.0), body_weight()
    for trial in map(str, estimate["trial"].values):
        off = foot_off_percent(trial)
        stance = percent <= off
        clean = ~(percent <= flagged_until(trial, "doubtful"))
        for compartment in COMPARTMENTS:
            ours = estimate[f"{compartment}_contact_force"].sel(trial=trial).values / weight
            theirs = measured_forces()[compartment].sel(trial=trial).values / weight
            if not np.isfinite(ours).any():
                continue
            cycle, part = compare(ours, theirs), compare(ours, theirs, stance)
            row: dict[str, Any] = {"estimator": estimator, "trial": trial, "compartment": compartment}
            row |= {"rmse_cycle": cycle["rms"], "rmse_stance": part["rms"]}
            row |= {"rmse_clean": compare(ours, theirs, clean)["rms"], "r_cycle": cycle["r"], "r_stance": part["r"]}
            row |= {"bias_stance": float(np.mean(ours[stance] - theirs[stance]))}
            for k, window in enumerate(((0.0, FIRST_PEAK), (FIRST_PEAK, off)), 1):
                row[f"peak{k}_error"] = peak(ours, *window)[0] - peak(theirs, *window)[0]
            rows.append(row)
    return pd.DataFrame(rows)


def errors() -> pd.DataFrame:
    """Return ``score`` of every estimator, nothing fitted, in BW."""
    return pd.concat([score(estimate, name) for name, estimate in estimates().items()], ignore_index=True)


def error_windows() -> pd.DataFrame:
    """Return the mean error of every estimator in each tenth of the cycle, BW, estimate minus implant.

    Columns: ``estimator, compartment, window`` (per cent of the cycle), ``mean_error`` and ``sd`` (n - 1) over trials.
    """
    rows = []
    for name, estimate in estimates().items():
        for compartment in COMPARTMENTS:
            error = (estimate[f"{compartment}_contact_force"] - measured_forces()[compartment]) / body_weight()
            if not bool(error.notnull().any()):
                continue
            for window, part in window_means(error, TENTHS):
                row = {"estimator": name, "compartment": compartment, "window": window}
                rows.append(row | {"mean_error": float(part.mean()), "sd": float(part.std(ddof=1))})
    return pd.DataFrame(rows)


def parameter_band() -> pd.DataFrame:
    """Return what each constant does to the medial and lateral error when it alone moves over its stated range.

    Columns: ``estimator, constant, value``, ``unit``; means over trials, BW: ``medial_cycle``, ``medial_stance``,
    ``lateral_cycle`` (root mean square), ``peak1_error`` (medial). The default's rows are named ``default``.
    """
    mass = float(participant(DATASET)["mass_kg"])
    rows = []
    for estimator, each in contact.ESTIMATORS.items():
        inputs, own = inputs_of(each), [c for c in each.constants if c.low < c.high]
        changes: list[tuple[str, float, str, dict[str, float], float]] = [("default", 0.0, "", {}, HEIGHT)]
        changes += [(c.name, v, c.unit, {c.name: v}, HEIGHT) for c in own for v in (c.low, c.high)]
        if each.needs_height:
            changes += [("height", h, "m", {}, h) for h in HEIGHTS]
        for name, value, unit, change, height in changes:
            table = (
                score(each.function(inputs, mass, height, **change), estimator)
                .groupby("compartment")
                .mean(numeric_only=True)
            )
            row = {"estimator": estimator, "constant": name, "value": value, "unit": unit}
            row |= {f"medial_{k}": float(table.loc["medial", f"rmse_{k}"]) for k in ("cycle", "stance")}
            row |= {"lateral_cycle": float(table["rmse_cycle"].get("lateral", np.nan))}
            rows.append(row | {"peak1_error": float(table.loc["medial", "peak1_error"])})
    return pd.DataFrame(rows)


def calibration_pairs(predictors: Mapping[str, xr.DataArray] | None = None, without: str = "") -> pd.DataFrame:
    """Return each trial predicted without its own measurement, beside the mean of the same training trials, BW.

    Parameters
    ----------
    predictors : by name, (trial, percent), any unit; default: the knee adduction moment and every estimator.
    without : a trial that is neither predicted nor trained on.

    Returns
    -------
    Columns ``predictor, trial``; root-mean-square error of the medial force over the cycle: ``calibrated``,
    ``training_mean``, ``difference`` (negative: the predictor helped); ``gain`` (BW), ``lag`` (% of the cycle),
    ``penalty`` (-1 stands for infinity, the plain mean).
    """
    used = [trial for trial in trials() if trial != without]
    measured = (measured_forces()["medial"] / body_weight()).sel(trial=used).assign_attrs(units="BW")
    if predictors is None:
        medial = {name: estimate["medial_contact_force"] for name, estimate in estimates().items()}
        predictors = {"KAM": external_inputs()["knee_adduction_moment"], **medial}
    rows = []
    for name, x in predictors.items():
        made = calibrated(measured, x.sel(trial=used))
        off = {k: ((made[k] - measured) ** 2).mean("percent") ** 0.5 for k in ("prediction", "training_mean")}
        for k, trial in enumerate(used):
            ours, plain = (float(off[key][k]) for key in off)
            row = {"predictor": name, "trial": trial, "calibrated": ours, "training_mean": plain}
            row |= {"difference": ours - plain, "gain": float(made["gain"][k]), "lag": int(made["lag"][k])}
            penalty = float(made["penalty"][k])
            rows.append(row | {"penalty": penalty if np.isfinite(penalty) else -1.0})
    return pd.DataFrame(rows)


def calibration_summary(pairs: pd.DataFrame) -> pd.DataFrame:
    """Return the mean difference of each predictor's pairs with its t interval (95 %), BW.

    Parameters
    ----------
    pairs : of ``calibration_pairs``. The folds share training trials and the trials are one person's: the interval
        speaks of further trials of this person at best.
    """
    rows = []
    for name, part in pairs.groupby("predictor", sort=False):
        d = part["difference"].to_numpy()
        half = stats.t.ppf(0.975, len(d) - 1) * d.std(ddof=1) / np.sqrt(len(d))
        row = {"predictor": name, "n": len(d), "calibrated": part["calibrated"].mean()}
        row |= {"training_mean": part["training_mean"].mean(), "difference": d.mean()}
        rows.append(row | {"low": d.mean() - half, "high": d.mean() + half, "trials_better": int((d < 0).sum())})
    return pd.DataFrame(rows)


def medial_shares() -> pd.DataFrame:
    """Return the medial share of the total force by trial, measured and estimated.

    Columns: ``source, trial``; ``peak1, peak2`` (at the measured medial peaks), ``total_peak`` (where the measured
    total is largest) and ``stance`` (mean medial over mean total), share 0 to 1.
    """
    given = {"implant": measured_forces()}
    given |= {
        name: estimate.rename({f"{c}_contact_force": c for c in COMPARTMENTS})
        for name, estimate in estimates().items()
        if bool(estimate["total_contact_force"].notnull().any())
    }
    rows = []
    for source, forces in given.items():
        for trial in trials():
            measured = measured_forces().sel(trial=trial)
            off = foot_off_percent(trial)
            at = {
                f"peak{k}": peak(measured["medial"].values, *w)[1]
                for k, w in enumerate(((0.0, FIRST_PEAK), (FIRST_PEAK, off)), 1)
            }
            at["total_peak"] = float(np.argmax(measured["total"].values))
            one = forces.sel(trial=trial)
            share = {k: float(one["medial"].sel(percent=p) / one["total"].sel(percent=p)) for k, p in at.items()}
            stance = one.sel(percent=slice(0, off)).mean("percent")
            rows.append(
                {"source": source, "trial": trial, **share, "stance": float(stance["medial"] / stance["total"])}
            )
    return pd.DataFrame(rows)


def asked_of_the_knee(share: float = ASKED) -> pd.DataFrame:
    """Return what taking a share off the first measured medial peak asks, at constant total force, by trial.

    Parameters
    ----------
    share : of the first medial peak.

    Returns
    -------
    ``trial``; ``at`` (% of the cycle), ``peak`` N, ``asked`` N; ``moment`` N m (asked times the distance of the
    condyles: what one side loses the other gains); ``axial``, ``vertical`` N (external axial force at the knee, ground
    reaction, at that instant) and the change of the lever arm by either, ``arm_axial``, ``arm_vertical``, mm.
    """
    rows = []
    for trial in trials():
        value, at = peak(measured_forces()["medial"].sel(trial=trial).values, 0, FIRST_PEAK)
        asked = share * value
        moment = asked * contact.CONDYLE_DISTANCE
        here = external_inputs().sel(trial=trial, percent=at)
        axial, vertical = float(here["axial_force"]), float(here["vertical_force"])
        row = {"trial": trial, "at": at, "peak": value, "asked": asked, "moment": moment}
        row |= {"axial": axial, "vertical": vertical}
        rows.append(row | {"arm_axial": 1000 * moment / axial, "arm_vertical": 1000 * moment / vertical})
    return pd.DataFrame(rows)


def unloading_map(cop_shift: np.ndarray, knee_shift: np.ndarray, asked: pd.DataFrame) -> pd.DataFrame:
    """Return the change of the first measured medial peak if the foot's force and the knee moved sideways, in %.

    At constant total force and constant direction of the ground reaction: a medial shift of the centre of pressure
    lengthens the frontal lever arm by its own length, a medial shift of the knee shortens it; the lever arm times the
    external axial force, over the distance of the condyles, is what the medial side gains. Not a prediction: people
    who shift one also change the rest.

    Parameters
    ----------
    cop_shift, knee_shift : mm, medial positive. asked : table of ``asked_of_the_knee``.

    Returns
    -------
    One row a pair: ``cop_shift, knee_shift``, ``change`` in % of the peak, mean over trials, and their ``low, high``.
    """
    cop, knee = (a.ravel() for a in np.meshgrid(cop_shift, knee_shift))
    per_mm = 0.1 * (asked["axial"] / asked["peak"]).to_numpy() / contact.CONDYLE_DISTANCE
    change = np.subtract(cop, knee)[:, None] * per_mm
    return pd.DataFrame(
        {"cop_shift": cop, "knee_shift": knee, "change": change.mean(1), "low": change.min(1), "high": change.max(1)}
    )


def balance() -> pd.DataFrame:
    """Return what turns and presses the knee in five parts of the cycle: without muscles, with them, and measured.

    Columns: ``quantity`` (``frontal moment`` N m, adduction positive; ``axial force`` N), ``source`` (``external``, the
    dataset's ``OpenSim 3.3 reactions``, ``implant``), ``window`` (per cent of the cycle), ``mean`` and ``sd`` (n - 1)
    over trials. The implant's frontal moment is (medial - lateral) times half the distance of the condyles.
    """
    external, reactions, measured = external_inputs(), reaction_inputs(), measured_forces()
    turning = (measured["medial"] - measured["lateral"]) * contact.CONDYLE_DISTANCE / 2
    given = {
        ("frontal moment", "external"): external["knee_adduction_moment"],
        ("frontal moment", "OpenSim 3.3 reactions"): reactions["frontal_moment"],
        ("frontal moment", "implant"): turning,
        ("axial force", "external"): external["axial_force"],
        ("axial force", "OpenSim 3.3 reactions"): reactions["axial_force"],
        ("axial force", "implant"): measured["total"],
    }
    rows = [
        {"quantity": quantity, "source": source, "window": window, "mean": part.mean(), "sd": part.std(ddof=1)}
        for (quantity, source), curve in given.items()
        for window, part in window_means(curve, PARTS)
    ]
    return pd.DataFrame(rows)


def window_means(curve: xr.DataArray, edges: Sequence[int]) -> list[tuple[str, np.ndarray]]:
    """Return the mean of a curve of any unit, (trial, percent), between edges (per cent): name and (trial,).

    A window holds its first edge and not its last, but for 100 %.
    """
    ends = [(low, high if high == 100 else high - 1) for low, high in pairwise(edges)]
    names = [f"{low}-{high}" for low, high in pairwise(edges)]
    means = [curve.sel(percent=slice(low, high)).mean("percent").values for low, high in ends]
    return list(zip(names, means, strict=True))


def corners() -> pd.DataFrame:
    """Return the reduced estimate's error with distance and both shares at the ends of their ranges, all eight ways.

    Columns: ``condyle_distance`` m, ``gastrocnemius_share``, ``hamstrings_share``; means over trials of the medial
    force's root-mean-square error, BW: ``medial_cycle``, ``medial_stance``.
    """
    mass = float(participant(DATASET)["mass_kg"])
    names = ("condyle_distance", "gastrocnemius_share", "hamstrings_share")
    moved = [c for c in contact.ESTIMATORS["reduced"].constants if c.name in names]
    rows = []
    for values in product(*((c.low, c.high) for c in moved)):
        change = dict(zip((c.name for c in moved), values, strict=True))
        table = score(contact.reduced(external_inputs(), mass, **change), "reduced")
        medial = table[table["compartment"] == "medial"].mean(numeric_only=True)
        rows.append(change | {f"medial_{k}": float(medial[f"rmse_{k}"]) for k in ("cycle", "stance")})
    return pd.DataFrame(rows)
