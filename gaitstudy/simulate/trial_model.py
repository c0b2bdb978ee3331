"""The causal model of the virtual trial: its parameters in one table, and the truth they imply.

Foot-angle change and adherence lower the peak knee adduction moment (KAM); the KAM acts on pain and on T1rho; the
treatment also acts on both by other ways ("direct"), and being in a trial relieves pain in both arms ("sham")::

    KAM change (%)  =  drift(t) + slope x (target + error) x adherence [intervention] + person + visit
    latent pain     =  mean(arm, t) + load effect x (KAM change - drift) + person + trend x t + visit
    pain (NRS)      =  latent pain rounded to a whole number and clipped to 0-10
    T1rho change    =  rise + direct [intervention] + load effect x mean over visits of (KAM change - drift) + person

Rounding and clipping shift means, so the latent means are those at which the *expected* whole-number score meets its
target: a sum over scores of normal probabilities, integrated over foot-angle error and adherence by Gauss-Hermite
quadrature, solved by bisection. No random number takes part in it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy import optimize, special

from gaitstudy.conventions import GaitStudyError
from gaitstudy.io.trial_table import CLINIC_WEEKS
from gaitstudy.simulate import parameters as assumed

VISITS = CLINIC_WEEKS
"""Weeks of the visits simulated; KAM and FPA use the same, for week 2 what week 1 measured."""
YEAR = 52.0
SCALE = (0, 10)
NODES = 40


def parameters(effects: Mapping[str, float] | None = None) -> pd.DataFrame:
    """Return the table of parameters, each in its unit, with the changes in place.

    Parameters
    ----------
    effects : new values by name, in the unit of the table; ``NO_EFFECT`` makes the arms alike.

    Raises
    ------
    GaitStudyError : as ``simulate.parameters.table``.
    """
    return assumed.table("virtual_trial.csv", effects)


def values(effects: Mapping[str, float] | None = None) -> dict[str, float]:
    """Return the values of ``parameters`` by name, each in its unit."""
    return parameters(effects).set_index("name")["value"].to_dict()


NO_EFFECT: Mapping[str, float] = {
    "kam_intervention": values()["kam_sham"],
    **dict.fromkeys(("pain_between", "t1rho_between", "t2_between"), 0.0),
}
"""Changes that make the arms alike in all that is measured but the foot angle: no effect of the treatment."""


class Model(NamedTuple):
    """A set of parameters with what follows from it.

    ``values`` by name; ``latent`` mean of latent pain, (arm, visit), NRS points, arms sham and intervention; ``slope``
    KAM change, % per deg of foot-angle change at full adherence; ``error_sd`` deg; ``adherence_logit``;
    ``t1rho_direct`` ms; ``truth`` table ``quantity, arm, visit, value, unit``.
    """

    values: Mapping[str, float]
    latent: np.ndarray
    slope: float
    error_sd: float
    adherence_logit: float
    t1rho_direct: float
    truth: pd.DataFrame


def model(effects: Mapping[str, float] | None = None) -> Model:
    """Return the virtual trial's model: parameters (NRS points, %, ms, deg) calibrated to the targets among them.

    Raises
    ------
    GaitStudyError : an unknown parameter, or targets that no latent mean can meet on a scale of 0 to 10 points.
    """
    p = values(effects)
    if p["fpa_distance"] <= abs(p["fpa_bias"]):
        raise GaitStudyError("fpa_distance: expected more than the size of fpa_bias, deg. Change one of them.")
    error_sd = optimize.brentq(lambda sd: _folded(p["fpa_bias"], sd) - p["fpa_distance"], 1e-6, 50.0)
    nodes, weights = special.roots_hermitenorm(NODES)
    weights = weights / weights.sum()

    def adherence(logit: float) -> np.ndarray:
        return special.expit(logit + p["adherence_spread"] * nodes)

    logit = _solve(lambda m: float(adherence(m) @ weights) - p["adherence_mean"] / 100, "adherence_mean")
    kam = p["kam_intervention"] - p["kam_sham"]
    slope = kam / ((5 + 5 * p["target_10"] + p["fpa_bias"]) * p["adherence_mean"] / 100)
    turned = np.array([5.0, 10.0])[:, None, None] + p["fpa_bias"] + error_sd * nodes[:, None]
    shares = np.array([1 - p["target_10"], p["target_10"]])[:, None, None]
    load = p["pain_per_load"] * (slope * turned * adherence(logit)).ravel()  # on pain, and with which probability:
    chance = (shares * weights[:, None] * weights).ravel()
    latent = np.zeros((2, len(VISITS)))
    rows: list[tuple[str, str, int, float, str]] = []
    for v, (week, sd) in enumerate(zip(VISITS, _latent_sd(p), strict=True)):
        share = p[f"pain_share_{week}"] if v else 0.0
        sham, between = share * p["pain_sham"], share * p["pain_between"]
        start = p["pain_mean"]
        latent[0, v] = _latent_mean(start + sham, np.zeros(1), np.ones(1), sd)
        latent[1, v] = _latent_mean(start + sham + between, load if v else 0 * load, chance, sd)
        if not v:
            continue
        treated = share * (p["pain_sham"] + p["pain_between"])
        through = start + treated - float(_expected_score(latent[1, v], sd))
        drift = p["kam_sham"] * week / YEAR
        rows += [
            ("pain, change", "sham", week, sham, "NRS points"),
            ("pain, change", "intervention", week, treated, "NRS points"),
            ("pain, change", "between", week, between, "NRS points"),
            ("pain, change through the load", "between", week, through, "NRS points"),
            ("pain, change beside the load", "between", week, between - through, "NRS points"),
            ("latent pain through the load", "between", week, p["pain_per_load"] * kam, "NRS points"),
            ("latent pain beside the load", "between", week, latent[1, v] - latent[0, v], "NRS points"),
            ("KAM, change", "sham", week, drift, "%"),
            ("KAM, change", "intervention", week, drift + kam, "%"),
            ("KAM, change", "between", week, kam, "%"),
        ]
    t1rho_direct = p["t1rho_between"] - p["t1rho_per_load"] * kam
    rows += [
        ("T1rho, change", "sham", 52, p["t1rho_sham"], "ms"),
        ("T1rho, change", "intervention", 52, p["t1rho_sham"] + p["t1rho_between"], "ms"),
        ("T1rho, change", "between", 52, p["t1rho_between"], "ms"),
        ("T1rho, change through the load", "between", 52, p["t1rho_per_load"] * kam, "ms"),
        ("T1rho, change beside the load", "between", 52, t1rho_direct, "ms"),
        ("T2, change", "between", 52, p["t2_between"], "ms"),
    ]
    truth = pd.DataFrame(rows, columns=["quantity", "arm", "visit", "value", "unit"])
    return Model(p, latent, slope, error_sd, logit, t1rho_direct, truth)


def _latent_sd(p: Mapping[str, float]) -> np.ndarray:
    """Return the SD of latent pain in an arm that keeps its foot angle, (visit,); unit NRS points."""
    t = np.array(VISITS) / YEAR
    load = p["pain_per_load"] ** 2 * (p["kam_person_sd"] ** 2 + p["kam_visit_sd"] ** 2) * (t > t[0])
    trend = np.where(t > t[0], t * p["pain_trend_sd"], 0.0)
    return np.sqrt(p["pain_person_sd"] ** 2 + p["pain_visit_sd"] ** 2 + trend**2 + load)


def _expected_score(mean: np.ndarray | float, sd: float) -> np.ndarray:
    """Return the expected whole-number score of a normal latent, rounded and clipped to 0-10 points.

    Examples
    --------
    >>> _expected_score([5.0, -3.0], 1e-9)
    array([5., 0.])
    """
    cuts = np.arange(*SCALE) + 0.5
    return special.ndtr((np.asarray(mean, float)[..., None] - cuts) / sd).sum(-1)


def _folded(mean: float, sd: float) -> float:
    """Return the mean absolute value of a normal variable."""
    return float(sd * np.sqrt(2 / np.pi) * np.exp(-((mean / sd) ** 2) / 2) + mean * (1 - 2 * special.ndtr(-mean / sd)))


def _latent_mean(target: float, shifts: np.ndarray, chance: np.ndarray, sd: float) -> float:
    """Return the latent mean at which the expected score, averaged over shifts of the latent, is the target."""
    return _solve(lambda m: float(_expected_score(m + shifts, sd) @ chance) - target, "pain_sham, pain_between")


def _solve(excess: Callable[[float], float], name: str) -> float:
    """Return where a rising function of the latent mean is zero."""
    low, high = -60.0, 70.0
    if not excess(low) < 0 < excess(high):
        raise GaitStudyError(
            f"{name}: expected a target that the model can meet, found one beyond its scale. Change it."
        )
    return float(optimize.brentq(excess, low, high, xtol=1e-12))
