"""How many people does the next trial need? Power by simulated trials, and the one case that has a closed form.

Everything rests on ``simulate.trial_model``: assumed SDs, and effects as published. It is arithmetic on assumptions, no
evidence. A result is a test significant in the effect's direction; a trial whose model gives no number has none.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

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

NAME, KEY = "trial_power", ["part", "setting", "outcome", "model", "n_per_arm"]
MODELS = ("MMRM", "ANCOVA")
BLOCK = 500
"""Trials simulated together; it bounds the memory and is part of what the seed means."""
FEWEST = 5
"""People an arm: with fewer the unstructured covariance of five visits is not identified, and ANCOVA hardly."""
CLOSED = {
    "target_10": 1.0, "fpa_bias": 0.0, "fpa_distance": 1e-4, "adherence_spread": 0.0, "t1rho_per_load": 0.0,
}  # fmt: skip
"""Changes after which KAM and T1rho are exactly normal in both arms."""
SIZES: Mapping[str, Sequence[int]] = {
    "pain": (20, 34, 50, 75, 110), "KAM": (8, 14, 24, 34, 75), "T1rho": (8, 14, 24, 34, 75),
}  # fmt: skip
"""People an arm of the power curves, chosen once, around where the published effects put the bend."""
TRIAL = 34
"""People an arm of the published trial, at which one assumption after another is changed."""
SPREADS = (0.75, 1.0, 1.25, 1.5)
"""Times the assumed SDs of the outcome."""


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


@dataclass(frozen=True)
class Plan:
    """A trial of two equal arms over one year.

    ``outcome`` : ``pain`` (change, NRS points), ``KAM`` (change of the larger peak, % of natural) or ``T1rho`` (change,
    ms). ``model`` : ``MMRM`` (all visits, unstructured, Kenward-Roger) or ``ANCOVA`` (people seen at week 52), each
    with the baseline. T1rho is imaged once after baseline, so it has no MMRM. ``n_per_arm`` : people randomised.
    ``effect`` : difference between the arms in people who *can* lower their KAM, at the model's own adherence;
    intervention less sham, the outcome's unit; as published if ``None``. ``spread`` : factor on the outcome's assumed
    SDs. ``error`` : SD of *additional* independent measurement error at each visit (NRS points before rounding, %BW*Ht,
    ms). ``dropout`` : share who leave within the year at the baseline's mean pain; more pain, more leaving; 0: nobody
    misses a visit; as assumed if ``None``. ``adherence`` : mean, %; every effect is proportional to it.
    ``screened`` : only people who can lower their KAM by 5 % are randomised; otherwise a share of ``1 - able`` of the
    intervention gets no effect. ``able`` : that share, as published if ``None``. ``assumptions`` : further changed
    parameters of ``trial_model``, by name.
    """

    outcome: str = "pain"
    model: str = "MMRM"
    n_per_arm: int = TRIAL
    effect: float | None = None
    spread: float = 1.0
    error: float = 0.0
    dropout: float | None = None
    adherence: float | None = None
    screened: bool = True
    able: float | None = None
    assumptions: Mapping[str, float] = field(default_factory=dict)


def power(plan: Plan, count: int = 2000, seed: int = 0, alpha: float = 0.05) -> pd.DataFrame:
    """Return the power of a trial at one year, from simulated trials, as a table of one row.

    Parameters
    ----------
    count, seed : of the trials. alpha : two-sided.

    Returns
    -------
    ``outcome, model, n_per_arm, expected`` (difference between arms over all randomised, the outcome's unit), ``power,
    low, high`` (95 % Monte-Carlo interval, Clopper-Pearson), ``estimate`` (mean), ``se`` (mean), ``missing`` (share not
    seen at week 52), ``to_screen`` (people, both arms; all of them if not screened), ``trials, without_number``.

    Raises
    ------
    GaitStudyError : a value that cannot be; all are listed.
    """
    p = _values(plan.assumptions)
    _refuse(plan, count, alpha)
    effect = published_effect(plan.outcome) if plan.effect is None else plan.effect
    able = able_share() if plan.able is None else plan.able
    changed = _changed(plan, effect, p)
    blocks = []
    for number, first in enumerate(range(0, count, BLOCK)):
        root = np.random.SeedSequence([seed, number])
        size, start = min(BLOCK, count - first), int(root.generate_state(1)[0])
        arm, baseline, change = _measured(plan, size, start, changed)
        if not plan.screened:
            unmoved = {**changed, "kam_intervention": changed.get("kam_sham", p["kam_sham"])}
            unmoved |= dict.fromkeys(("pain_between", "t1rho_between"), 0.0)
            _, still, without = _measured(plan, size, start, unmoved)
            cannot = np.random.default_rng(root.spawn(1)[0]).random(baseline.shape) >= able
            baseline, change = np.where(cannot, still, baseline), np.where(cannot[..., None], without, change)
        tested = (_ancova if plan.model == "ANCOVA" else _mmrm)(change, baseline, arm)
        blocks.append(tested.assign(missing=np.isnan(change[..., -1]).mean(1)))
    found = pd.concat(blocks, ignore_index=True)
    good = found["status"] == CONVERGED
    hits = int((good & (found["p"] < alpha) & (np.sign(found["estimate"]) == np.sign(effect))).sum())
    low, high = proportion_confint(hits, count, method="beta")
    kept = 1.0 if plan.adherence is None else plan.adherence / p["adherence_mean"]
    row = {
        "outcome": plan.outcome, "model": plan.model, "n_per_arm": plan.n_per_arm,
        "expected": effect * kept * (1.0 if plan.screened else able), "power": hits / count, "low": low, "high": high,
        "estimate": found.loc[good, "estimate"].mean(), "se": found.loc[good, "se"].mean(),
        "missing": found["missing"].mean(),
        "to_screen": int(np.ceil(2 * plan.n_per_arm / (able if plan.screened else 1.0))),
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


def settings() -> list[tuple[str, str, Plan]]:
    """Return what the campaign simulates: part, name and plan of each setting, set before the first run.

    Power curves, one changed assumption at a time, and the closed-form case; units as in ``Plan``.
    """
    rows = []
    for outcome, sizes in SIZES.items():
        for n in sizes:
            simple = Plan(outcome, "ANCOVA", n)
            rows += [("curve", f"SD x {s:g}", replace(simple, spread=s)) for s in SPREADS]
            rows += [("curve", "SD x 1", replace(simple, model="MMRM"))] * (outcome != "T1rho")
    error = float(studies("Birmingham 2007")["value"].iloc[0])  # test and retest, %BW*Ht
    shared: dict[str, dict[str, Any]] = {
        "SD x 1.5": {"spread": 1.5}, "nobody missing": {"dropout": 0.0}, "30 % leave": {"dropout": 0.3},
        "adherence 50 %": {"adherence": 50.0}, "no screening": {"screened": False},
    }  # fmt: skip
    own: dict[str, dict[str, dict[str, Any]]] = {
        "pain": {"1 NRS point of error more": {"error": 1.0}},
        "KAM": {"error as published": {"error": error, "assumptions": {"kam_visit_sd": 0.0}}},
    }
    for outcome, special in own.items():
        smaller = {"two thirds of the effect": {"effect": published_effect(outcome) * 2 / 3}}
        for name, changed in (smaller | shared | special).items():
            rows.append(("one change", name, replace(Plan(outcome), **changed)))
    exact = Plan("KAM", n_per_arm=20, dropout=0.0, effect=-5.0, assumptions=CLOSED)
    image = replace(exact, outcome="T1rho", model="ANCOVA", effect=-4.0)
    rows += [("closed form", "effect -5 %", replace(exact, model=model)) for model in MODELS]
    rows.append(("closed form", "effect -4 ms", image))
    return [*rows, ("closed form", "effect -4 ms, error 2 ms", replace(image, error=2.0))]


def study(count: int, seed: int, workers: int = 1, parts: Sequence[str] = ("curve", "one change", "closed form"))\
        -> pd.DataFrame:  # fmt: skip
    """Return ``power`` for all ``settings`` of some parts, with ``exact`` (missing where there is no closed form).

    Parameters
    ----------
    count, seed : of the trials of each row, the same seed for all. workers : processes; numbers do not depend on it.
    """
    jobs = [(*setting, count, seed) for setting in settings() if setting[0] in parts]
    if workers == 1:
        return pd.concat(map(_row, jobs), ignore_index=True)
    with ProcessPoolExecutor(workers) as pool:
        return pd.concat(pool.map(_row, jobs), ignore_index=True)


def _row(job: tuple[str, str, Plan, int, int]) -> pd.DataFrame:
    """Return one row of the study."""
    part, name, plan, count, seed = job
    found = power(plan, count, seed)
    found.insert(0, "setting", name)
    found.insert(0, "part", part)
    exact = np.nan
    if part == "closed form" and plan.effect is not None:
        exact = closed_form(plan.outcome, plan.n_per_arm, plan.effect, plan.error)
    return found.assign(exact=exact)


def _values(changed: Mapping[str, float] | None = None) -> dict[str, float]:
    """Return the parameters of the virtual trial by name."""
    table = trial_model.parameters(changed)
    return dict(zip(table["name"], table["value"].astype(float), strict=True))


def _refuse(plan: Plan, count: int, alpha: float) -> None:
    """Raise one error that lists what cannot be planned."""
    some, effect = plan, plan.effect
    expected = {
        f"outcome: expected one of {', '.join(OUTCOMES)}, found {some.outcome!r}": some.outcome in OUTCOMES,
        f"model: expected one of {', '.join(MODELS)}, found {some.model!r}": some.model in MODELS,
        "model: T1rho is imaged once after baseline; use ANCOVA": (some.outcome, some.model) != ("T1rho", "MMRM"),
        f"n_per_arm: expected a whole number of {FEWEST} or more, found {some.n_per_arm}":
            some.n_per_arm >= FEWEST and some.n_per_arm == int(some.n_per_arm),
        f"effect: expected a finite number other than 0, found {effect}; without an effect there is no power, only the "
        "error rate of the campaign trial_coverage": effect is None or (np.isfinite(effect) and effect != 0),
        f"spread: expected a factor above 0, found {some.spread}": 0 < some.spread < np.inf,
        f"error: expected an SD of 0 or more, found {some.error}": 0 <= some.error < np.inf,
        f"dropout: expected a share from 0 to less than 1, found {some.dropout}; nobody would be seen at 1":
            some.dropout is None or 0 <= some.dropout < 1,
        f"adherence: expected between 0 and 100 %, found {some.adherence}":
            some.adherence is None or 0 < some.adherence < 100,
        f"able: expected a share above 0, up to 1, found {some.able}": some.able is None or 0 < some.able <= 1,
        f"count: expected 1 or more, found {count}": count >= 1,
        f"alpha: expected between 0 and 1, found {alpha}": 0 < alpha < 1,
    }  # fmt: skip
    if problems := [text for text, good in expected.items() if not good]:
        raise GaitStudyError("power: " + "; ".join(problems) + ".")


def _changed(plan: Plan, effect: float, p: Mapping[str, float]) -> dict[str, float]:
    """Return the parameters of the virtual trial that a plan changes."""
    kept = 1.0 if plan.adherence is None else plan.adherence / p["adherence_mean"]
    effects = {name: published_effect(name) for name in OUTCOMES} | {plan.outcome: effect}
    changed = dict(plan.assumptions) | {
        "pain_between": effects["pain"] * kept,
        "kam_intervention": p["kam_sham"] + effects["KAM"] * kept,
        "t1rho_between": effects["T1rho"] * kept,
    }
    if plan.adherence is not None:
        changed["adherence_mean"] = plan.adherence
    if plan.dropout:
        changed["dropout"] = 1 - (1 - plan.dropout) ** (1 / (len(trial_model.VISITS) - 1))
    changed |= {name: p[name] * plan.spread for name in OUTCOMES[plan.outcome].spreads}
    if plan.outcome == "pain":
        changed["pain_visit_sd"] = float(np.hypot(changed["pain_visit_sd"], plan.error))
    return changed


def _measured(
    plan: Plan, count: int, seed: int, changed: Mapping[str, float]
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return arm, baseline (trial, participant) and change (trial, participant, visit), error included."""
    trials = cohort.simulate_trials(count, plan.n_per_arm, seed, changed, "none" if plan.dropout == 0 else "at random")
    noise, error = np.random.default_rng([seed, 1]), plan.error
    values = trials.seen[OUTCOMES[plan.outcome].variable].values
    arm = trials.arm.astype(float)
    if plan.outcome == "pain":  # its error is part of the visit's, before rounding
        return arm, values[..., 0], values[..., 1:] - values[..., :1]
    if plan.outcome == "KAM":
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
