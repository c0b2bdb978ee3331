"""Does jump to reference return what it assumes? Simulated trials whose truth under the assumption is known."""

from __future__ import annotations

import numpy as np
import pandas as pd

from gaitstudy.stats import reference
from gaitstudy.stats.regression import adjusted_difference

NAME = "reference_coverage"
KEY = ["baselines_apart", "rule", "variance"]
JUMP, AT_RANDOM = "jump to reference", "missing at random"
BASELINE = (45.0, 10.0)
"""Mean and standard deviation of the score before treatment, points of 100, higher is worse."""
SLOPE = 0.6
"""Of each later score on the baseline."""
COURSE = (43.0, 42.0, 41.0)
"""Mean of the reference arm at each visit at the mean baseline."""
EFFECT = (-2.0, -4.0, -6.0)
"""Of the treatment at each visit, given the baseline."""
COVARIANCE = 8.0**2 * (0.6 + (1 - 0.6) * np.eye(len(COURSE)))
"""Of what the baseline leaves unexplained: standard deviation of 8 at each visit, correlation of .6 between any two."""
LEAVING = (-2.3, 0.06)
"""Log odds of leaving after a visit at 45 points, and per point above, by the last score seen: missing at random."""
PEOPLE, TRUE_PEOPLE = 68, 2_000_000
"""Of a simulated trial, and of the one that gives the truth."""


def _simulate(people: int, apart: float, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Return a trial of two arms of equal size whose baselines lie so many points apart, the treated higher.

    Values (participant, visit), baseline first, NaN after leaving; treated (participant,), 0 or 1.
    """
    visits = len(COURSE)
    treated = np.arange(people) % 2
    baseline = BASELINE[0] + apart * treated + BASELINE[1] * rng.standard_normal(people)
    root = np.linalg.cholesky(COVARIANCE)
    after = _means(baseline, treated) + rng.standard_normal((people, visits)) @ root.T
    values = np.column_stack([baseline, after])
    for visit in range(visits):
        odds = LEAVING[0] + LEAVING[1] * (values[:, visit] - BASELINE[0])
        leaves = rng.random(people) < 1 / (1 + np.exp(-odds))
        values[leaves, visit + 1 :] = np.nan  # who has left already has nothing more to lose
    return values, treated


def _truth(apart: float, rule: str, people: int = TRUE_PEOPLE) -> tuple[float, float]:
    """Return the difference at the last visit that a rule implies, and the Monte-Carlo error of that number.

    The true means and covariance complete millions of people by the conditional normal, written out here for one
    pattern after the other; the adjusted difference of so many is the truth.
    """
    values, treated = _simulate(people, apart, np.random.default_rng(1))
    baseline, after = values[:, 0], values[:, 1:]
    arm, sham = _means(baseline, treated), _means(baseline, 0 * treated)
    last = after[:, -1].copy()
    for seen in range(after.shape[1]):
        who = np.isnan(after[:, -1]) & (np.isfinite(after).sum(1) == seen)
        mean = sham if rule == JUMP else arm
        slope = np.linalg.solve(COVARIANCE[:seen, :seen], COVARIANCE[:seen, -1])
        last[who] = mean[who, -1] + (after[who, :seen] - arm[who, :seen]) @ slope
    difference, error, _ = adjusted_difference(last, treated.astype(float), [baseline])
    return float(difference), float(error)


def coverage(count: int, seed: int) -> pd.DataFrame:
    """Return how the estimates of a rule lie about the truth in simulated trials, with either variance.

    Parameters
    ----------
    count : trials of each cell; all cells use the same seed.

    Returns
    -------
    One row a cell: ``baselines_apart`` (points), ``rule``, ``variance``; ``truth`` and ``mean`` of the estimates with
    ``error``, the Monte-Carlo standard error of their difference; ``spread`` of the estimates and ``standard_error``,
    the mean of those given (points); ``covered``, the share of 95 % intervals that hold the truth; ``missing``, the
    share of people not seen at the last visit; ``trials``.
    """
    rows = []
    for apart in (0.0, 3.0):
        rng = np.random.default_rng(seed)
        trials = [_simulate(PEOPLE, apart, rng) for _ in range(count)]
        lost = float(np.mean([np.isnan(values[:, -1]) for values, _ in trials]))
        for rule in (JUMP, AT_RANDOM):
            known, doubt = _truth(apart, rule)
            pooled = [reference.rubin(*trial, 0, rule=rule, seed=k) for k, trial in enumerate(trials)]
            left_out = [reference.jackknife(*trial, 0, rule=rule) for trial in trials]
            for variance, found in (("Rubin", pd.DataFrame(pooled)), ("jackknife", pd.DataFrame(left_out))):
                estimate = found["estimate"]
                rows.append(
                    {"baselines_apart": apart, "rule": rule, "variance": variance, "truth": known,
                     "mean": estimate.mean(), "error": np.hypot(estimate.std() / np.sqrt(count), doubt),
                     "spread": estimate.std(), "standard_error": found["standard_error"].mean(),
                     "covered": ((found["low"] <= known) & (known <= found["high"])).mean(), "missing": lost,
                     "trials": count}
                )  # fmt: skip
    return pd.DataFrame(rows)


def _means(baseline: np.ndarray, treated: np.ndarray) -> np.ndarray:
    """Return the true means (participant, visit after baseline), points."""
    return np.array(COURSE) + SLOPE * (baseline[:, None] - BASELINE[0]) + treated[:, None] * np.array(EFFECT)
