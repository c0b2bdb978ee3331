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
from gaitstudy.simulate.parameters import Parameter

VISITS = CLINIC_WEEKS
"""Weeks of the visits simulated; KAM and FPA use the same, for week 2 what week 1 measured."""
YEAR = 52.0
SCALE = (0, 10)
NODES = 40

_PRESS = "Uhlrich 2025, press summary"
_BOSWELL = "Boswell 2021, 64 people of the same screening"
_ROKHMANOVA = "Rokhmanova 2022, standardisation of the released model"
_FREE = "no source gives it"
PARAMETERS = tuple(Parameter(*row) for row in (  # type: ignore[arg-type]
    ("pain_between", -1.2, "NRS points", "source", f"{_PRESS}; week 52, intervention less sham"),
    ("pain_sham", -1.3, "NRS points", "source", f"{_PRESS}; change to week 52, by subtraction"),
    ("kam_intervention", -4.0, "%", "source", f"{_PRESS}; change to week 52; taken as mean of percents"),
    ("kam_sham", 3.0, "%", "source", f"{_PRESS}; it says more than 3"),
    ("t1rho_between", -3.74, "ms", "source", f"{_PRESS}; change to week 52; taken as difference of means"),
    ("fpa_distance", 1.0, "deg", "source", f"{_PRESS}; taken as mean absolute distance from the target"),
    ("women", 43 / 64, "share", "source", _BOSWELL),
    ("age_mean", 64.6, "years", "source", _BOSWELL),
    ("age_sd", 8.8, "years", "source", _BOSWELL),
    ("bmi_mean", 27.2, "kg/m2", "source", _BOSWELL),
    ("bmi_sd", 3.7, "kg/m2", "source", _BOSWELL),
    ("kl_1", 12 / 64, "share", "source", f"{_BOSWELL}; KL I"),
    ("kl_2", 32 / 64, "share", "source", f"{_BOSWELL}; KL II, the rest is KL III"),
    ("fpa_mean", 3.0973, "deg", "source", _ROKHMANOVA),
    ("fpa_sd", 4.1490, "deg", "source", _ROKHMANOVA),
    ("alignment_mean", 1.2402, "deg", "source", _ROKHMANOVA),
    ("alignment_sd", 3.1620, "deg", "source", _ROKHMANOVA),
    ("target_10", 0.5, "share", "assumption", "people whose target is 10 deg from natural, the others' is 5"),
    ("fpa_bias", -0.4, "deg", "assumption", "mean error in the intervention; negative: short of the target"),
    ("fpa_within", 0.5, "share", "assumption", "variance of the error that is the person's own"),
    ("adherence_mean", 80.0, "%", "assumption", _FREE),
    ("adherence_spread", 0.8, "logit", "assumption", "SD of the logit"),
    ("adherence_within", 0.7, "share", "assumption", "variance of the logit that is the person's own"),
    ("kam_mean", 3.2, "%BW*Ht", "assumption", _FREE),
    ("kam_sd", 0.9, "%BW*Ht", "assumption", "log-normal"),
    ("kam_person_sd", 5.0, "%", "assumption", "lasting change of a person"),
    ("kam_visit_sd", 5.0, "%", "assumption", "from visit to visit"),
    ("pain_mean", 5.0, "NRS points", "assumption", "at week 2; 3-9 was asked at screening"),
    ("pain_person_sd", 1.3, "NRS points", "assumption", "latent, lasting"),
    ("pain_trend_sd", 1.2, "NRS points/year", "assumption", "latent, people drift apart"),
    ("pain_visit_sd", 0.9, "NRS points", "assumption", "latent, from visit to visit"),
    ("pain_per_load", 0.08, "NRS points/%", "assumption", "latent pain per % of KAM change"),
    *((f"pain_share_{week}", share, "of the year's", "assumption", f"share of both pain effects there at week {week}")
      for week, share in zip(VISITS[1:], (0.6, 0.8, 0.95, 1.0, 1.0), strict=True)),
    ("t1rho_mean", 45.0, "ms", "assumption", "depends on the sequence"),
    ("t1rho_sd", 4.0, "ms", "assumption", _FREE),
    ("t1rho_sham", 2.0, "ms", "assumption", "rise in a year"),
    ("t1rho_change_sd", 4.0, "ms", "assumption", "of the change, beside the load's part"),
    ("t1rho_per_load", 0.25, "ms/%", "assumption", "per % of mean KAM change over the year"),
    ("t2_mean", 36.0, "ms", "assumption", "depends on the sequence"),
    ("t2_sd", 3.5, "ms", "assumption", _FREE),
    ("t2_between", 0.0, "ms", "assumption", "no effect: the trial's number is not available"),
    ("t2_sham", 0.5, "ms", "assumption", "rise in a year"),
    ("t2_change_sd", 2.5, "ms", "assumption", _FREE),
    ("voxelwise_sd", 0.5, "ms", "assumption", "voxelwise less regional change; mean 0"),
    ("other_pain_mean", 2.5, "NRS points", "assumption", "lateral and patellofemoral, latent, week 2"),
    ("other_pain_share", 0.5, "1", "assumption", "of the medial pain's latent distance from its mean at week 2"),
    ("other_pain_sd", 1.0, "NRS points", "assumption", "of their own"),
    ("score_per_pain", 7.0, "of 100/NRS point", "assumption", "WOMAC and KOOS per point of latent medial pain"),
    ("score_sd", 8.0, "of 100", "assumption", "of their own, from visit to visit"),
    ("steps_mean", 7000.0, "steps", "assumption", "a day"),
    ("steps_sd", 2500.0, "steps", "assumption", "log-normal"),
    ("dropout", 0.03, "per visit", "assumption", "at the baseline's mean pain; 1 - (1 - .03)^5 is 14 % in a year"),
    ("dropout_pain", 0.35, "logit/NRS point", "assumption", "per point of pain: the last seen, or the unseen one"),
    ("missed", 0.02, "per visit", "assumption", "a visit left out, at random"),
))  # fmt: skip
"""Every number the virtual trial rests on; change one by name with ``effects=``."""
NO_EFFECT: Mapping[str, float] = {
    "kam_intervention": next(row.value for row in PARAMETERS if row.name == "kam_sham"),
    **dict.fromkeys(("pain_between", "t1rho_between", "t2_between"), 0.0),
}
"""Changes that make the arms alike in all that is measured but the foot angle: no effect of the treatment."""


class Model(NamedTuple):
    """A set of parameters with what follows from it.

    ``values`` by name; ``latent`` mean of latent pain, (arm, visit), NRS points, arms sham and intervention; ``direct``
    latent effect on pain beside the load's, (visit,), NRS points; ``slope`` KAM change, % per deg of foot-angle change
    at full adherence; ``error_sd`` deg; ``adherence_logit``; ``t1rho_direct`` ms; ``truth`` table.
    """

    values: Mapping[str, float]
    latent: np.ndarray
    direct: np.ndarray
    slope: float
    error_sd: float
    adherence_logit: float
    t1rho_direct: float
    truth: pd.DataFrame


def parameters(effects: Mapping[str, float] | None = None) -> pd.DataFrame:
    """Return the table of parameters, each in its unit, with the changes made.

    Parameters
    ----------
    effects : new values by name, in the unit of the table; ``NO_EFFECT`` makes the arms alike.

    Raises
    ------
    GaitStudyError : as ``simulate.parameters.table``.
    """
    return assumed.table(PARAMETERS, effects, "effects")


def expected_score(mean: np.ndarray | float, sd: np.ndarray | float) -> np.ndarray:
    """Return the expected whole-number score of a normal latent, rounded and clipped to 0-10 points.

    Parameters
    ----------
    mean, sd : of the latent; unit NRS points; ``mean`` of any shape.

    Examples
    --------
    >>> expected_score([5.0, -3.0], 1e-9)
    array([5., 0.])
    """
    cuts = np.arange(SCALE[0], SCALE[1]) + 0.5
    return SCALE[0] + special.ndtr((np.asarray(mean, float)[..., None] - cuts) / sd).sum(-1)


def model(effects: Mapping[str, float] | None = None) -> Model:
    """Return the virtual trial's model: parameters (NRS points, %, ms, deg) calibrated to the targets among them.

    Raises
    ------
    GaitStudyError : an unknown parameter, or targets that no latent mean can meet on a scale of 0 to 10 points.
    """
    p = dict(zip(*parameters(effects)[["name", "value"]].to_numpy().T, strict=True))
    logit = _solve(lambda m: _adherence(m, p["adherence_spread"]).mean - p["adherence_mean"] / 100, "adherence_mean")
    if p["fpa_distance"] <= abs(p["fpa_bias"]):
        raise GaitStudyError("fpa_distance: expected more than the size of fpa_bias, deg. Change one of them.")
    error_sd = optimize.brentq(lambda s: _folded(p["fpa_bias"], s) - p["fpa_distance"], 1e-6, 50.0)
    kam_effect = p["kam_intervention"] - p["kam_sham"]
    turned = 5 + 5 * p["target_10"] + p["fpa_bias"]
    slope = kam_effect / (turned * p["adherence_mean"] / 100)
    load, weight = _load_effect(p, slope, error_sd, logit)
    shares = np.array([0.0, *(p[f"pain_share_{week}"] for week in VISITS[1:])])
    spread = latent_sd(p)
    latent, no_load = np.zeros((2, len(VISITS))), np.zeros(len(VISITS))
    direct = np.zeros(len(VISITS))
    for v, share in enumerate(shares):
        sham = p["pain_mean"] + share * p["pain_sham"]
        treated = sham + share * p["pain_between"]
        through = p["pain_per_load"] * load if v else np.zeros_like(load)
        latent[0, v] = _latent_mean(sham, np.zeros(1), np.ones(1), spread[v])
        latent[1, v] = _latent_mean(treated, through, weight, spread[v])
        direct[v] = latent[1, v] - latent[0, v]
        no_load[v] = expected_score(latent[1, v], spread[v])
    t1rho_direct = p["t1rho_between"] - p["t1rho_per_load"] * kam_effect
    rows = [("pain, mean", arm, w, p["pain_mean"] + s * (p["pain_sham"] + k * p["pain_between"]), "NRS points")
            for w, s in zip(VISITS, shares, strict=True) for k, arm in enumerate(("sham", "intervention"))]  # fmt: skip
    for v, week in list(enumerate(VISITS))[1:]:
        s = shares[v]
        through_load = p["pain_mean"] + s * (p["pain_sham"] + p["pain_between"]) - no_load[v]
        latent_load = p["pain_per_load"] * kam_effect
        drift = p["kam_sham"] * week / YEAR
        rows += [
            ("pain, change", "sham", week, s * p["pain_sham"], "NRS points"),
            ("pain, change", "intervention", week, s * (p["pain_sham"] + p["pain_between"]), "NRS points"),
            ("pain, change", "between", week, s * p["pain_between"], "NRS points"),
            ("pain, change through the load", "between", week, through_load, "NRS points"),
            ("pain, change beside the load", "between", week, s * p["pain_between"] - through_load, "NRS points"),
            ("latent pain through the load", "between", week, latent_load, "NRS points"),
            ("latent pain beside the load", "between", week, direct[v], "NRS points"),
            ("KAM, change", "sham", week, drift, "%"),
            ("KAM, change", "intervention", week, drift + kam_effect, "%"),
            ("KAM, change", "between", week, kam_effect, "%"),
            ("distance from the target", "intervention", week, p["fpa_distance"], "deg"),
            ("adherence", "intervention", week, p["adherence_mean"], "%"),
        ]
    rows += [
        ("T1rho, change", "sham", 52, p["t1rho_sham"], "ms"),
        ("T1rho, change", "intervention", 52, p["t1rho_sham"] + p["t1rho_between"], "ms"),
        ("T1rho, change", "between", 52, p["t1rho_between"], "ms"),
        ("T1rho, change through the load", "between", 52, p["t1rho_per_load"] * kam_effect, "ms"),
        ("T1rho, change beside the load", "between", 52, t1rho_direct, "ms"),
        ("T2, change", "between", 52, p["t2_between"], "ms"),
    ]
    truth = pd.DataFrame(rows, columns=["quantity", "arm", "visit", "value", "unit"])
    return Model(p, latent, direct, slope, error_sd, logit, t1rho_direct, truth)


def latent_sd(values: Mapping[str, float]) -> np.ndarray:
    """Return the SD of latent pain in an arm that keeps its foot angle, (visit,); unit NRS points."""
    p, t = values, np.array(VISITS) / YEAR
    load = p["pain_per_load"] ** 2 * (p["kam_person_sd"] ** 2 + p["kam_visit_sd"] ** 2) * (t > VISITS[0] / YEAR)
    trend = np.where(t > VISITS[0] / YEAR, t * p["pain_trend_sd"], 0.0)
    return np.sqrt(p["pain_person_sd"] ** 2 + p["pain_visit_sd"] ** 2 + trend**2 + load)


class _Quadrature(NamedTuple):
    points: np.ndarray
    weight: np.ndarray

    @property
    def mean(self) -> float:
        return float(self.points @ self.weight)


def _normal(nodes: int = NODES) -> _Quadrature:
    """Return Gauss-Hermite points and weights of the standard normal distribution."""
    x, w = special.roots_hermitenorm(nodes)
    return _Quadrature(x, w / w.sum())


def _adherence(logit: float, spread: float) -> _Quadrature:
    x, w = _normal()
    return _Quadrature(special.expit(logit + spread * x), w)


def _folded(mean: float, sd: float) -> float:
    """Return the mean absolute value of a normal variable."""
    return float(sd * np.sqrt(2 / np.pi) * np.exp(-((mean / sd) ** 2) / 2) + mean * (1 - 2 * special.ndtr(-mean / sd)))


def _load_effect(p: Mapping[str, float], slope: float, error_sd: float, logit: float) -> tuple[np.ndarray, np.ndarray]:
    """Return the KAM change (%) by the foot angle in the intervention, as points and their probabilities."""
    x, w = _normal()
    kept, wa = _adherence(logit, p["adherence_spread"])
    target, wt = np.array([5.0, 10.0]), np.array([1 - p["target_10"], p["target_10"]])
    turned = target[:, None, None] + p["fpa_bias"] + error_sd * x[:, None]
    return (slope * turned * kept).ravel(), (wt[:, None, None] * w[:, None] * wa).ravel()


def _latent_mean(target: float, shifts: np.ndarray, weight: np.ndarray, sd: float) -> float:
    """Return the latent mean at which the expected score, averaged over shifts of the latent, is the target."""
    return _solve(lambda m: float(expected_score(m + shifts, sd) @ weight) - target, "pain_sham, pain_between")


def _solve(excess: Callable[[float], float], name: str) -> float:
    """Return where a rising function of the latent mean is zero."""
    low, high = -60.0, 70.0
    if not excess(low) < 0 < excess(high):
        raise GaitStudyError(
            f"{name}: expected a target that the model can meet, found one beyond its scale. Change it."
        )
    return float(optimize.brentq(excess, low, high, xtol=1e-12))
