"""How many people does the next trial need? Power by simulated trials.

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
from statsmodels.stats.proportion import proportion_confint

from gaitstudy.conventions import GaitStudyError
from gaitstudy.io.published import studies
from gaitstudy.simulate import cohort, trial_model
from gaitstudy.stats.batched import mmrm_many, visit_design
from gaitstudy.stats.mixed import CONVERGED

NAME, KEY = "trial_power", ["part", "setting", "outcome", "model", "n_per_arm"]
MODELS = ("MMRM", "ANCOVA")
BLOCK = 500
"""Trials simulated together; it bounds the memory and is part of what the seed means."""
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


class _Outcome(NamedTuple):
    """An outcome that a trial can be planned on: its name in the model, unit, effect and the SDs behind it."""

    variable: str
    unit: str
    effect: str
    spreads: tuple[str, ...]


OUTCOMES = {
    "pain": _Outcome("pain", "NRS points", "pain_between", ("pain_person_sd", "pain_trend_sd", "pain_visit_sd")),
    "KAM": _Outcome("kam", "%", "kam_intervention", ("kam_person_sd", "kam_visit_sd")),
    "T1rho": _Outcome("t1rho_change", "ms", "t1rho_between", ("t1rho_change_sd",)),
}


def published_effect(outcome: str) -> float:
    """Return the difference between the arms at one year, intervention less sham: NRS points, % of natural, or ms."""
    p = trial_model.values()
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
    ``screened`` : only people who can lower their KAM by 5 % are randomised; otherwise all but a share ``able_share``
    of the intervention get no effect. ``assumptions`` : further changed parameters of ``trial_model``, by name.
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
    assumptions: Mapping[str, float] = field(default_factory=dict)


def power(plan: Plan, count: int = 2000, seed: int = 0) -> pd.DataFrame:
    """Return the power of a trial at one year, tested two-sided at .05, from simulated trials: a table of one row.

    Parameters
    ----------
    count, seed : of the trials.

    Returns
    -------
    ``outcome, model, n_per_arm, expected`` (difference between arms over all randomised, the outcome's unit), ``power,
    low, high`` (95 % Monte-Carlo interval, Clopper-Pearson), ``estimate`` (mean), ``se`` (mean), ``missing`` (share not
    seen at week 52), ``to_screen`` (people, both arms; all of them if not screened), ``trials, without_number``.

    Raises
    ------
    GaitStudyError : another model, no effect, or a dropout that is no share; a parameter beyond its limits.
    """
    effect = published_effect(plan.outcome) if plan.effect is None else plan.effect
    if plan.model not in MODELS or not effect or not 0 <= (plan.dropout or 0) < 1:
        raise GaitStudyError(
            f"power: expected a model of {', '.join(MODELS)}, an effect other than 0 and a dropout from 0 to less than "
            f"1, found {plan.model!r}, {effect}, {plan.dropout}."
        )
    p, able = trial_model.values(plan.assumptions), able_share()
    adherence = 1.0 if plan.adherence is None else plan.adherence / p["adherence_mean"]
    changed = _changed(plan, effect, adherence, p)
    blocks = []
    for number, first in enumerate(range(0, count, BLOCK)):
        root = np.random.SeedSequence([seed, number])
        size, start = min(BLOCK, count - first), int(root.generate_state(1)[0])
        arm, baseline, change = _measured(plan, size, start, changed)
        if not plan.screened:
            unmoved = {"kam_intervention": p["kam_sham"], "pain_between": 0.0, "t1rho_between": 0.0}
            _, still, without = _measured(plan, size, start, {**changed, **unmoved})
            cannot = np.random.default_rng(root.spawn(1)[0]).random(baseline.shape) >= able
            baseline, change = np.where(cannot, still, baseline), np.where(cannot[..., None], without, change)
        if plan.model == "ANCOVA":
            change = change[..., -1:]  # in people seen then: MMRM of a single visit
        visits = change.shape[-1]
        design = visit_design(arm, baseline - baseline.mean(1, keepdims=True), visits)
        tested = mmrm_many(change, design, np.eye(3 * visits)[3 * visits - 2])
        blocks.append(tested.assign(missing=np.isnan(change[..., -1]).mean(1)))
    found = pd.concat(blocks, ignore_index=True)
    good = found["status"] == CONVERGED
    hits = int((good & (found["p"] < 0.05) & (np.sign(found["estimate"]) == np.sign(effect))).sum())
    low, high = proportion_confint(hits, count, method="beta")
    row = {
        "outcome": plan.outcome, "model": plan.model, "n_per_arm": plan.n_per_arm,
        "expected": effect * adherence * (1.0 if plan.screened else able), "power": hits / count, "low": low,
        "high": high, "estimate": found.loc[good, "estimate"].mean(), "se": found.loc[good, "se"].mean(),
        "missing": found["missing"].mean(),
        "to_screen": int(np.ceil(2 * plan.n_per_arm / (able if plan.screened else 1.0))),
        "trials": count, "without_number": int((~good).sum()),
    }  # fmt: skip
    return pd.DataFrame([row])


def _settings() -> list[tuple[str, str, Plan]]:
    """Return part, name and plan of each setting, set before the first run.

    Power curves, one changed assumption at a time, and the case that has a closed form; units as in ``Plan``.
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


def study(count: int, seed: int, workers: int) -> pd.DataFrame:
    """Return ``power`` of every setting: power curves, one changed assumption at a time, and a closed form's case.

    Parameters
    ----------
    count, seed : of the trials of each row, the same seed for all. workers : processes; numbers do not depend on it.

    Returns
    -------
    ``part`` (curve, one change, closed form), ``setting``, and the columns of ``power``.
    """
    with ProcessPoolExecutor(workers) as pool:
        rows = pool.map(_row, [(*setting, count, seed) for setting in _settings()])
        return pd.concat(rows, ignore_index=True)


def _row(job: tuple[str, str, Plan, int, int]) -> pd.DataFrame:
    """Return one row of the study."""
    part, name, plan, count, seed = job
    names = pd.DataFrame({"part": [part], "setting": [name]})
    return pd.concat([names, power(plan, count, seed)], axis=1)


def _changed(plan: Plan, effect: float, adherence: float, p: Mapping[str, float]) -> dict[str, float]:
    """Return the parameters of the virtual trial that a plan changes; adherence relative to the model's."""
    effects = {name: published_effect(name) for name in OUTCOMES} | {plan.outcome: effect}
    changed = dict(plan.assumptions) | {
        "pain_between": effects["pain"] * adherence,
        "kam_intervention": p["kam_sham"] + effects["KAM"] * adherence,
        "t1rho_between": effects["T1rho"] * adherence,
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
