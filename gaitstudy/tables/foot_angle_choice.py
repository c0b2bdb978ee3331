"""The laboratory's rule beside the same rule on expected peaks, in simulated people whose truth is known."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import product

import numpy as np
import pandas as pd
from scipy import stats

from gaitstudy.foot_angle import THRESHOLD, Measured, Prior, measured, over_tests, prior, rule
from gaitstudy.io import step_table
from gaitstudy.simulate import foot_angles
from gaitstudy.stats import shrinkage

NAME = "foot_angle_choice"
METHODS = ("rule", "steps alone", "shrunken", "known prior")
"""The rule on means; on means shrunken as if tests did not differ; as they differ, in repeated tests of these people
or, if they have one each, of ``RELIABILITY`` others; with the true mean and covariances of people and tests."""
KEY = ["people", "retested", "steps", "tests", "method"]
STEPS, TESTS = (5, 10, 20, 50), (1, 2, 4)
PEOPLE, FEW = 107, (25, 50)
"""In a cohort: as many as were screened for the trial, and fewer."""
TENTH = 0.1
"""Share of people, those with most to gain, who are looked at apart."""
RELIABILITY, MORE = 31, 93
"""Others tested on two days: as many as in the published study of reliability (Birmingham 2007), and thrice that."""
HONEST = (0.9, 1.1)
"""Slopes of the retest on the promise that count as an honest promise."""


def cohort(
    steps: int,
    tests: int,
    seed: Sequence[int],
    people: int = PEOPLE,
    retested: int = RELIABILITY,
    changed: Mapping[str, float] | None = None,
) -> pd.DataFrame:
    """Return what each method promises and what comes of it, for one cohort of simulated people.

    Parameters
    ----------
    steps, tests : in each condition, and of each person. seed : numbers that name the cohort.
    retested : others tested twice, who say how tests differ if everyone has one. changed : parameters of
        ``foot_angles``.

    Returns
    -------
    One row a person and method: ``method, person``; ``peak, best``: places in PEAKS and MODIFICATIONS; ``promised``,
    ``true``, ``retest``: reduction of the method's peak by its candidate, % of the natural peak, as it says, in truth,
    and in one more test; ``regret``: benefit missed on the peak that the rule would choose if it knew the truth, %
    (benefit: reduction less the threshold, 0 for none); ``most``: reduction of that peak that could be had, %.
    ``left_out``: people without a usable test, the same in each row.
    """
    streams = [np.random.default_rng([*seed, k]) for k in range(4)]
    who = foot_angles.people(people, streams[0], changed)
    walked = foot_angles.walk(who, steps, tests, streams[1])
    again = foot_angles.walk(who, steps, 1, streams[2])
    seen, retest = (measured(step_table.checked(t, exclude=True)) for t in (walked, again))
    both = seen.people.intersection(retest.people)
    at, there = (m.people.get_indexer(both) for m in (seen, retest))
    truth, repeated = who.truth[both], _peaks(retest.values[there, 0])
    priors = _priors(seen, who.model, steps, retested, streams[3])
    goal_peak, _, _, goal = rule(truth)
    everyone = np.arange(len(both))
    gains = goal[everyone, :, goal_peak]
    most, later = gains.max(1), rule(repeated)[3]
    rows = []
    for method in METHODS:
        values, sampling = over_tests(seen, priors.get(method, priors["steps alone"]).between_tests)
        if method in priors:
            values, _ = shrinkage.shrink(values, sampling, priors[method].people)
        peak, best, _, promised = rule(_peaks(values)[at])
        chosen = everyone, best, peak
        benefit = np.where(promised[chosen] >= THRESHOLD, gains[everyone, best] - THRESHOLD, 0.0)
        rows.append(
            pd.DataFrame(
                {"method": method, "person": both, "peak": peak, "best": best, "promised": promised[chosen],
                 "true": goal[chosen], "retest": later[chosen],
                 "regret": np.maximum(most - THRESHOLD, 0.0) - benefit, "most": most}
            )
        )  # fmt: skip
    return pd.concat(rows, ignore_index=True).assign(left_out=people - len(both))


def comparison(
    cohorts: int,
    seed: int,
    steps: Sequence[int] = STEPS,
    tests: Sequence[int] = TESTS,
    people: int = PEOPLE,
    retested: int = RELIABILITY,
) -> pd.DataFrame:
    """Return how the methods do by design, the mean over cohorts and its 95 % t interval (``_low, _high``).

    Parameters
    ----------
    cohorts : of each design; all methods see the same people. seed : of everything. retested : see ``cohort``.

    Returns
    -------
    One row a design and method: ``people``; ``retested`` others, 0 if people have tests enough of their own; ``steps,
    tests, method``; ``curse``: promised less retest, mean over people, % of the natural peak; ``slope`` of the retest
    on the promise over people, 1 for an honest promise; ``regret``: see ``cohort``; ``regret_saved``: the rule's regret
    less the method's, same people; ``tenth``: promised less true, and ``tenth_regret``, among the ``TENTH`` of people
    with most to gain; ``cohorts``, ``left_out``.
    """
    rows = []
    for s, t in product(steps, tests):
        found = [_summary(cohort(s, t, (seed, s, t, k), people, retested)) for k in range(cohorts)]
        together = pd.concat(found, keys=range(cohorts), names=["cohort", "method"])
        others = retested if t == 1 else 0
        for method in METHODS:
            one = together.xs(method, level="method")
            mean = one.mean()
            reach = stats.t.isf(0.025, cohorts - 1) * one.std(ddof=1) / np.sqrt(cohorts)
            row = {"people": people, "retested": others, "steps": s, "tests": t, "method": method}
            for name in one.columns.drop("left_out"):
                row |= {name: mean[name], f"{name}_low": (mean - reach)[name], f"{name}_high": (mean + reach)[name]}
            rows.append(row | {"cohorts": cohorts, "left_out": int(one["left_out"].sum())})
    return pd.DataFrame(rows)


def every_design(cohorts: int, seed: int) -> pd.DataFrame:
    """Return ``comparison`` of all designs, of ``FEW`` people in one of them, and of ``MORE`` others tested twice."""
    tables = [comparison(cohorts, seed), *(comparison(cohorts, seed, (20,), people=n) for n in FEW)]
    return pd.concat([*tables, comparison(cohorts, seed, tests=(1,), retested=MORE)], ignore_index=True)


def assumed_prior(changed: Mapping[str, float] | None = None) -> Prior:
    """Return the prior that the simulation's assumptions amount to, %BW*Ht: for one simulated person alone."""
    made = foot_angles.model(changed)
    known = shrinkage.People(made.mean, made.between, np.zeros_like(made.between), 0, "assumed", float("nan"))
    return Prior(made.names, known, made.day, "assumptions of the simulation")


def _priors(
    seen: Measured, made: foot_angles.Model, steps: int, retested: int, rng: np.random.Generator
) -> dict[str, Prior]:
    """Return the prior of each method that shrinks."""
    unknown, days = np.zeros((len(seen.names), len(seen.names))), None
    if seen.values.shape[1] == 1:
        others = foot_angles.walk(foot_angles.people(retested, rng, made.values), steps, 2, rng)
        twice = measured(step_table.checked(others, exclude=True))
        days = shrinkage.between_tests(twice.values, twice.sampling)
    known = assumed_prior(made.values)
    return {"steps alone": prior(seen, unknown), "shrunken": prior(seen, days), "known prior": known}


def _peaks(values: np.ndarray) -> np.ndarray:
    return values.reshape(len(values), len(step_table.CONDITIONS), -1)


def _summary(rows: pd.DataFrame) -> pd.DataFrame:
    """Return one row a method: means over the people of a cohort."""
    groups = rows.assign(curse=rows["promised"] - rows["retest"]).groupby("method", sort=False)
    table = groups[["curse", "regret"]].mean()
    gained = rows["most"].rank(pct=True) > 1 - TENTH  # each person has a row a method: the same people in all
    few = rows[gained].assign(tenth=rows["promised"] - rows["true"]).groupby("method", sort=False)
    table["tenth"], table["tenth_regret"] = few["tenth"].mean(), few["regret"].mean()
    table["slope"] = groups.apply(lambda g: np.polyfit(g["promised"], g["retest"], 1)[0], include_groups=False)
    table["regret_saved"] = table.loc["rule", "regret"] - table["regret"]
    return table.assign(left_out=groups["left_out"].first())
