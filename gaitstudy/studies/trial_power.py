"""How many people does the next trial need? Power by simulated trials, and the one case that has a closed form.

Everything rests on ``simulate.trial_model``: assumed SDs, and effects as published. It is arithmetic on assumptions, no
evidence. A result is a test significant in the effect's direction; a trial whose model gives no number has none.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy import stats
from statsmodels.stats.proportion import proportion_confint

from gaitstudy.conventions import GaitStudyError
from gaitstudy.io.published import studies
from gaitstudy.simulate import cohort, trial_model
from gaitstudy.stats.batched import mmrm_many, visit_design
from gaitstudy.stats.mixed import CONVERGED
from gaitstudy.stats.power import ancova_power
from gaitstudy.stats.regression import least_squares

MODELS = ("MMRM", "ANCOVA")
BLOCK = 500
"""Trials simulated together; it bounds the memory and is part of what the seed means."""
FEWEST = 5
"""People an arm: with fewer the unstructured covariance of five visits is not identified, and ANCOVA hardly."""
CLOSED = {
    "target_10": 1.0, "fpa_bias": 0.0, "fpa_distance": 1e-4, "adherence_spread": 0.0, "t1rho_per_load": 0.0,
}  # fmt: skip
"""Changes after which KAM and T1rho are exactly normal in both arms."""


class Outcome(NamedTuple):
    """An outcome that a trial can be planned on: its name in the model, unit, effect and the SDs behind it."""

    variable: str
    unit: str
    effect: str
    spreads: tuple[str, ...]


OUTCOMES = {
    "pain": Outcome("pain", "NRS points", "pain_between", ("pain_person_sd", "pain_trend_sd", "pain_visit_sd")),
    "KAM": Outcome("kam", "%", "kam_intervention", ("kam_person_sd", "kam_visit_sd")),
    "T1rho": Outcome("t1rho_change", "ms", "t1rho_between", ("t1rho_change_sd",)),
}


def published_effect(outcome: str) -> float:
    """Return the difference between the arms at one year, intervention less sham: NRS points, % of natural, or ms."""
    p = _values()
    return p[OUTCOMES[outcome].effect] - (p["kam_sham"] if outcome == "KAM" else 0.0)


def able_share() -> float:
    """Return the share of screened people who could cut their larger KAM peak by 5 % or more, as published."""
    shares = studies("Uhlrich 2022 (J Biomech)").query("manipulation == 'personal foot angle'")
    return float(shares["value"].iloc[0] / 100)


def published_error() -> float:
    """Return the standard error of measurement of the peak KAM, test and retest, as published, %BW*Ht."""
    return float(studies("Birmingham 2007")["value"].iloc[0])


def power(
    outcome: str = "pain",
    model: str = "MMRM",
    n_per_arm: int = 34,
    *,
    effect: float | None = None,
    spread: float = 1.0,
    error: float = 0.0,
    dropout: float | None = None,
    adherence: float | None = None,
    screened: bool = True,
    able: float | None = None,
    assumptions: Mapping[str, float] | None = None,
    count: int = 2000,
    seed: int = 0,
    alpha: float = 0.05,
) -> pd.DataFrame:
    """Return the power of a trial at one year, from simulated trials, as a table of one row.

    Parameters
    ----------
    outcome : ``pain`` (change, NRS points), ``KAM`` (change of the larger peak, % of natural) or ``T1rho`` (change,
        ms). model : ``MMRM`` (all visits, unstructured, Kenward-Roger) or ``ANCOVA`` (people seen at week 52); both
        with the baseline. T1rho is imaged once after baseline, so it has no MMRM. n_per_arm : people randomised.
    effect : difference between the arms in people who *can* lower their KAM, at the model's own adherence; intervention
        less sham, the outcome's unit; by default as published.
    spread : factor on the outcome's assumed SDs. error : SD of *additional* independent measurement error at each visit
        (NRS points before rounding, %BW*Ht, ms).
    dropout : share who leave within the year at the baseline's mean pain; more pain, more leaving. 0: nobody misses
        a visit. adherence : mean, %; every effect of the treatment is taken as proportional to it.
    screened : only people who can lower their KAM by 5 % are randomised. Otherwise a share of ``1 - able`` of the
        intervention gets no effect. able : that share, by default as published.
    assumptions : further changed parameters of ``trial_model``. count, seed : of the trials. alpha : two-sided.

    Returns
    -------
    ``outcome, model, n_per_arm, expected`` (difference between arms over all randomised, the outcome's unit), ``power,
    low, high`` (95 % Monte-Carlo interval, Clopper-Pearson), ``estimate`` (mean), ``se`` (mean), ``missing`` (share not
    seen at week 52), ``to_screen`` (people, both arms; all of them if not screened), ``trials, without_number``.

    Raises
    ------
    GaitStudyError : a value that cannot be; all are listed.
    """
    p = _values(assumptions)
    _refuse(outcome, model, n_per_arm, effect, spread, error, dropout, adherence, able, count, alpha, p)
    asked = published_effect(outcome) if effect is None else effect
    able = able_share() if able is None else able
    changed = _changed(outcome, asked, spread, error, dropout, adherence, p, dict(assumptions or {}))
    kind = "none" if dropout == 0 else "at random"
    blocks = []
    for number, first in enumerate(range(0, count, BLOCK)):
        root = np.random.SeedSequence([seed, number])
        size, start = min(BLOCK, count - first), int(root.generate_state(1)[0])
        arm, baseline, change = _measured(outcome, size, n_per_arm, start, changed, kind, error)
        if not screened:
            unmoved = {**changed, "kam_intervention": changed.get("kam_sham", p["kam_sham"])}
            unmoved |= dict.fromkeys(("pain_between", "t1rho_between"), 0.0)
            _, still, without = _measured(outcome, size, n_per_arm, start, unmoved, kind, error)
            cannot = np.random.default_rng(root.spawn(1)[0]).random(baseline.shape) >= able
            baseline, change = np.where(cannot, still, baseline), np.where(cannot[..., None], without, change)
        tested = _ancova(change, baseline, arm) if model == "ANCOVA" else _mmrm(change, baseline, arm)
        blocks.append(tested.assign(missing=np.isnan(change[..., -1]).mean(1)))
    found = pd.concat(blocks, ignore_index=True)
    good = found["status"] == CONVERGED
    hits = int((good & (found["p"] < alpha) & (np.sign(found["estimate"]) == np.sign(asked))).sum())
    low, high = proportion_confint(hits, count, method="beta")
    scale = (1.0 if adherence is None else adherence / p["adherence_mean"]) * (1.0 if screened else able)
    row = {
        "outcome": outcome, "model": model, "n_per_arm": n_per_arm, "expected": asked * scale, "power": hits / count,
        "low": low, "high": high, "estimate": found.loc[good, "estimate"].mean(), "se": found.loc[good, "se"].mean(),
        "missing": found["missing"].mean(), "to_screen": int(np.ceil(2 * n_per_arm / (able if screened else 1.0))),
        "trials": count, "without_number": int((~good).sum()),
    }  # fmt: skip
    return pd.DataFrame([row])


def closed_form(outcome: str, n_per_arm: int, effect: float, error: float = 0.0) -> float:
    """Return the exact power of KAM (%) or T1rho (ms) under ``CLOSED``, nobody missing; for MMRM as for ANCOVA.

    With complete data and the same covariates at every visit, MMRM is ANCOVA at each of them. ``effect`` : between the
    arms; ``error`` : ms, for T1rho.
    """
    p = _values(CLOSED)
    if outcome == "KAM":  # the change in % of natural is independent of the natural peak
        return ancova_power(effect, float(np.hypot(p["kam_person_sd"], p["kam_visit_sd"])), 0.0, n_per_arm)
    true, change = p["t1rho_sd"] ** 2, p["t1rho_change_sd"] ** 2
    before, after = true + error**2, true + change + error**2
    return ancova_power(effect, np.sqrt(after), true / np.sqrt(before * after), n_per_arm)


# ---- within the room: one simulated trial after another ----


def _values(changed: Mapping[str, float] | None = None) -> dict[str, float]:
    """Return the parameters of the virtual trial by name."""
    table = trial_model.parameters(changed)
    return dict(zip(table["name"], table["value"].astype(float), strict=True))


def _refuse(
    outcome: str, model: str, n: int, effect: float | None, spread: float, error: float, dropout: float | None,
    adherence: float | None, able: float | None, count: int, alpha: float, p: Mapping[str, float],
) -> None:  # fmt: skip
    """Raise one error that lists what cannot be planned."""
    problems = []
    if outcome not in OUTCOMES:
        problems.append(f"outcome: expected one of {', '.join(OUTCOMES)}, found {outcome!r}")
    if model not in MODELS:
        problems.append(f"model: expected one of {', '.join(MODELS)}, found {model!r}")
    if outcome == "T1rho" and model == "MMRM":
        problems.append("model: T1rho is imaged once after baseline; use ANCOVA")
    if n < FEWEST or n != int(n):
        problems.append(f"n_per_arm: expected a whole number of {FEWEST} or more, found {n}")
    if effect is not None and (not np.isfinite(effect) or effect == 0):
        problems.append(f"effect: expected a finite number other than 0, found {effect}; without an effect there is no "
                        "power, only the error rate of the campaign trial_coverage")  # fmt: skip
    if not 0 < spread < np.inf:
        problems.append(f"spread: expected a factor above 0, found {spread}")
    if not 0 <= error < np.inf:
        problems.append(f"error: expected an SD of 0 or more, found {error}")
    if dropout is not None and not 0 <= dropout < 1:
        problems.append(f"dropout: expected a share from 0 to less than 1, found {dropout}; nobody would be seen at 1")
    if adherence is not None and not 0 < adherence < 100:
        problems.append(f"adherence: expected between 0 and 100 %, found {adherence}")
    if able is not None and not 0 < able <= 1:
        problems.append(f"able: expected a share above 0, up to 1, found {able}")
    if count < 1:
        problems.append(f"count: expected 1 or more, found {count}")
    if not 0 < alpha < 1:
        problems.append(f"alpha: expected between 0 and 1, found {alpha}")
    if problems:
        raise GaitStudyError("power: " + "; ".join(problems) + ".")


def _changed(
    outcome: str, effect: float, spread: float, error: float, dropout: float | None, adherence: float | None,
    p: Mapping[str, float], given: dict[str, float],
) -> dict[str, float]:  # fmt: skip
    """Return the parameters of the virtual trial that a plan asks for."""
    kept = 1.0 if adherence is None else adherence / p["adherence_mean"]
    effects = {name: published_effect(name) for name in OUTCOMES} | {outcome: effect}
    changed = given | {
        "pain_between": effects["pain"] * kept,
        "kam_intervention": p["kam_sham"] + effects["KAM"] * kept,
        "t1rho_between": effects["T1rho"] * kept,
    }
    if adherence is not None:
        changed["adherence_mean"] = adherence
    if dropout:
        changed["dropout"] = 1 - (1 - dropout) ** (1 / (len(trial_model.VISITS) - 1))
    changed |= {name: p[name] * spread for name in OUTCOMES[outcome].spreads}
    if outcome == "pain":
        changed["pain_visit_sd"] = float(np.hypot(changed["pain_visit_sd"], error))
    return changed


def _measured(
    outcome: str, count: int, n: int, seed: int, changed: Mapping[str, float], dropout: str, error: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return arm, baseline (trial, participant) and change (trial, participant, visit), error included."""
    trials = cohort.simulate_trials(count, n, seed, changed, dropout)
    noise = np.random.default_rng([seed, 1])
    values = trials.seen[OUTCOMES[outcome].variable].values
    arm = trials.arm.astype(float)
    if outcome == "pain":  # its error is part of the visit's, before rounding
        return arm, values[..., 0], values[..., 1:] - values[..., :1]
    if outcome == "KAM":
        baseline = trials.seen["kam_natural"].values
        wobble = error * noise.standard_normal((*baseline.shape, values.shape[-1]))
        baseline = baseline + wobble[..., 0]
        return arm, baseline, 100 * ((values[..., 1:] + wobble[..., 1:]) / baseline[..., None] - 1)
    before, after = error * noise.standard_normal((2, *values.shape))
    return arm, trials.seen["t1rho_baseline"].values + before, (values + after - before)[..., None]


def _ancova(change: np.ndarray, baseline: np.ndarray, arm: np.ndarray) -> pd.DataFrame:
    """Return estimate, se, p and status of the last visit's difference, people seen then."""
    seen = np.isfinite(change[..., -1])
    within = np.zeros(len(seen))
    for own in (seen & (arm == 0), seen & (arm == 1)):
        mean = (own * baseline).sum(1) / np.maximum(own.sum(1), 1)
        within += np.where(own.any(1), (own * (baseline - mean[:, None]) ** 2).sum(1), np.nan)
    few = ~(within > 0) | (seen.sum(1) < 4)
    weights = np.where(few[:, None], 1.0, seen)  # so that the others can be fitted with them
    centred = baseline - baseline.mean(1, keepdims=True)
    design = np.stack([np.ones_like(centred), np.broadcast_to(arm, centred.shape), centred], -1)
    fit = least_squares(design, np.where(seen, change[..., -1], 0.0), weights)
    estimate, se = fit.coefficients[:, 1], fit.standard_errors[:, 1]
    estimate[few], se[few] = np.nan, np.nan
    table = pd.DataFrame({"estimate": estimate, "se": se, "p": 2 * stats.t.sf(np.abs(estimate / se), fit.df)})
    return table.assign(status=np.where(few, "too few people seen", CONVERGED))


def _mmrm(change: np.ndarray, baseline: np.ndarray, arm: np.ndarray) -> pd.DataFrame:
    """Return estimate, se, p and status of the last visit's difference from all visits."""
    visits = change.shape[-1]
    design = visit_design(arm, baseline - baseline.mean(1, keepdims=True), visits)
    return mmrm_many(change, design, np.eye(3 * visits)[3 * visits - 2])[["estimate", "se", "p", "status"]]
