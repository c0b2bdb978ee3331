"""Choosing a foot angle for one person: the trial laboratory's rule, and the same rule on numbers that keep a promise.

The rule takes the best of four measured reductions. The best of several noisy numbers is too good: a retest shows less
(the winner's curse). Here each person's mean peaks are first drawn towards what other people's look like, as far as
their own uncertainty warrants (``stats.shrinkage``); the same rule then chooses, and says how sure it is.

A promise about another day needs tests on two days, of these people or of others: steps of one walk agree with each
other and know nothing of the next time.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy import stats

from gaitstudy.conventions import StatisticsError
from gaitstudy.io.step_table import CONDITIONS, KEY, MODIFICATIONS, PEAKS, QUANTITIES
from gaitstudy.stats import shrinkage
from gaitstudy.stats.blocks import block_means

THRESHOLD = 5.0
"""%; the rule's least reduction, and by how much its two peaks may differ for the smaller one to count."""
NONE = "none"
ROUNDING = 1e-9
"""% by which a reduction may fall short of the threshold in the last digits and still reach it."""
BRANCHES = ("larger peak", "swapped to the other peak", "no peak could be reduced")
DRAWS, SEED = 2000, 0
"""Truths drawn for each person, for ``probability_best`` and ``regret``; all else is exact."""
EFFECTS = ("measured", "percent", "low", "high", "probability_best", "probability_enough", "regret")
POOLING = 10.0
"""Blocks of steps that everyone's step noise counts for beside a person's own; an assumption."""


class Measured(NamedTuple):
    """Mean peaks of people's tests: ``names``, pairs of condition and quantity; ``people``, their labels; ``values``
    (person, test, name), %BW*Ht, NaN where a person had fewer tests; ``sampling`` (person, test, name, name), their
    covariance about the means of endlessly many steps of the same test."""

    names: tuple[tuple[str, str], ...]
    people: pd.Index
    values: np.ndarray
    sampling: np.ndarray


class Prior(NamedTuple):
    """How people and tests differ, %BW*Ht: ``people`` (mean and covariance of truths), ``between_tests`` (name, name),
    covariance of one person's tests, zero if unknown; ``basis``, what both come from."""

    names: tuple[tuple[str, str], ...]
    people: shrinkage.People
    between_tests: np.ndarray
    basis: str


def measured(steps: pd.DataFrame) -> Measured:
    """Return each test's mean peaks, %BW*Ht, with the covariance that the moving block bootstrap of its steps gives.

    Few steps tell little about their own scatter, so each person's is drawn towards everyone's: a mean over blocks, the
    person's own (of all conditions and tests) and ``POOLING`` blocks of everyone's.

    Parameters
    ----------
    steps : from ``step_table.checked``; those with a reason not to be used are left out.
    """
    table, quantities = steps[steps["reason"] == ""], [name for name in QUANTITIES if name in steps]
    groups = table.groupby(KEY, observed=True, sort=True)
    series = groups.ngroup().to_numpy()
    means, covariance, size, blocks = block_means(table[quantities].to_numpy(float), series)
    person, labels = pd.factorize(groups["person"].first(), sort=True)
    firsts = groups.head(1)
    tests = (firsts.groupby("person", observed=True)["test"].rank("dense").to_numpy() - 1).astype(int)
    conditions = firsts["condition"].cat.codes.to_numpy()
    weight = np.bincount(person, blocks)
    own = np.zeros((len(labels), *covariance.shape[1:]))
    np.add.at(own, person, blocks[:, None, None] * (covariance * size[:, None, None]))
    everyone = own.sum(0) / weight.sum()
    scatter = (own + POOLING * everyone) / (weight + POOLING)[:, None, None]
    values = np.full((len(labels), tests.max() + 1, len(CONDITIONS), len(quantities)), np.nan)
    values[person, tests, conditions] = means
    sampling = np.zeros((*values.shape, *values.shape[2:]))
    sampling[person, tests, conditions, :, conditions] = scatter[person] / size[:, None, None]
    names = tuple((c, k) for c in CONDITIONS for k in quantities)
    shape = (*values.shape[:2], len(names))
    return Measured(names, pd.Index(labels, name="person"), values.reshape(shape), sampling.reshape(*shape, len(names)))


def prior(people: Measured, tests: np.ndarray | None = None) -> Prior:
    """Return how people and tests differ, %BW*Ht: what one person's measurement is weighed against.

    Parameters
    ----------
    people : at least two for each mean (20 people without KFM).
    tests : (name, name), (%BW*Ht)^2, covariance of one person's tests, from ``shrinkage.between_tests`` of others.
        Without it these people's own if some were tested twice; else zero, and promises are about that day alone.

    Raises
    ------
    StatisticsError : too few people, or the fit did not converge.
    """
    several = int((np.isfinite(people.values).all(-1).sum(1) > 1).sum())
    basis = "between tests: supplied"
    if tests is None and several:
        tests = shrinkage.between_tests(people.values, people.sampling)
        basis = f"between tests: {several} people tested again"
    elif tests is None:
        tests = np.zeros((len(people.names), len(people.names)))
        basis = "between tests: unknown, a promise for the day of the test alone"
    fitted = shrinkage.between_people(*over_tests(people, tests))
    if fitted.status != shrinkage.CONVERGED:
        raise StatisticsError(f"prior: {fitted.status}. Measure more people, or supply a prior.")
    return Prior(people.names, fitted, tests, f"between people: {fitted.people} people; {basis}")


def over_tests(people: Measured, tests: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return each person's mean over tests, %BW*Ht, and its covariance about the truth: of the tests and of the steps.

    Parameters
    ----------
    tests : (name, name), (%BW*Ht)^2, covariance of one person's tests.

    Returns
    -------
    values : (person, name). sampling : (person, name, name).
    """
    there = np.isfinite(people.values).all(-1)
    count = there.sum(1)
    values = np.where(there[..., None], people.values, 0.0).sum(1) / count[:, None]
    steps = np.where(there[..., None, None], people.sampling, 0.0).sum(1) / (count**2)[:, None, None]
    return values, steps + tests / count[:, None, None]


def rule(peaks: np.ndarray, threshold: float = THRESHOLD) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Return what the laboratory's rule chooses from mean peaks, for many people at once.

    The larger natural peak is the first if 100 (P1 - P2) / P1 > 0, else the second. If its best reduction is below the
    threshold and the natural peaks differ by less than the threshold (of P1), the other peak is tried; if that too is
    reduced by less, the larger is kept and "no peak could be reduced" noted. The candidate is the modification that
    reduces the chosen peak most.

    Parameters
    ----------
    peaks : (person, condition, peak), %BW*Ht, in the order of ``CONDITIONS`` and ``PEAKS``. threshold : %.

    Returns
    -------
    peak : (person,), 0 or 1. best : (person,), the candidate's place in ``MODIFICATIONS``. branch : (person,), place in
    ``BRANCHES``. reductions : (person, modification, peak), % of the natural peak, positive when it falls.

    References
    ----------
    The released code of the trial's laboratory (Uhlrich 2022, J Biomech 144:111312).
    """
    natural = peaks[:, 0]
    reductions = 100 * (natural[:, None] - peaks[:, 1:]) / natural[:, None]
    apart = 100 * (natural[:, 0] - natural[:, 1]) / natural[:, 0]
    larger = np.where(apart > 0, 0, 1)
    most, everyone = reductions.max(1), np.arange(len(peaks))
    least = threshold - ROUNDING
    tried = (most[everyone, larger] < least) & (np.abs(apart) < least)
    swapped = tried & (most[everyone, 1 - larger] >= least)
    peak = np.where(swapped, 1 - larger, larger)
    branch = np.select([swapped, tried], [1, 2], 0)
    return peak, reductions[everyone, :, peak].argmax(1), branch, reductions


def choose(people: Measured, given: Prior, *, threshold: float = THRESHOLD) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return for each person the foot angle to advise, what it can be expected to do, and how sure that is.

    The laboratory's rule on expected instead of measured peaks. A modification that lowers the peak by less than the
    threshold counts as not worth it: its benefit is the reduction less the threshold, that of "none" is 0; with the
    expected peaks the rule takes the largest expected benefit. Regret is the benefit missed against knowing the truth.

    Parameters
    ----------
    given : ``prior(people)``, or supplied: for one person alone.
    threshold : %, of the natural peak.

    Returns
    -------
    choices : one row a person: ``person, peak, candidate`` and the candidate's numbers as below; ``modification``: it,
        or "none", and the ``regret`` of that; ``other_rise``: of the other peak, %; ``kfm_rise``, %BW*Ht; and what the
        plain rule picks (``rule_modification``) and promises (``rule_percent``).
    effects : one row a quantity, person and modification: ``measured``: plain reduction, % of the natural mean (KFM:
        %BW*Ht, here and below); ``percent, low, high``: expected reduction and 95 % interval; ``probability_best``:
        that no other and not "none" is better; ``probability_enough``: of at least the threshold; ``regret``, % of the
        natural peak. KFM has no probabilities.

    Raises
    ------
    StatisticsError : another set of quantities than the prior's, or expected natural peaks that are not positive.
    """
    if given.names != people.names:
        raise StatisticsError(f"prior: expected the quantities {people.names[:3]} ..., found {given.names[:3]} ...")
    values, sampling = over_tests(people, given.between_tests)
    mean, covariance = shrinkage.shrink(values, sampling, given.people)
    quantities = list(dict.fromkeys(q for _, q in people.names))
    plain, expected = (x.reshape(len(values), len(CONDITIONS), -1) for x in (values, mean))
    bad = people.people[expected[:, 0, :2].min(1) <= 0].astype(str)
    if len(bad):
        raise StatisticsError(f"choose: expected natural KAM peaks above 0, found none for person {', '.join(bad)}.")
    fresh = np.random.default_rng(SEED).standard_normal((DRAWS // 2, len(MODIFICATIONS)))
    fresh = np.concatenate([fresh, -fresh])  # each with its mirror image, so that a sure choice has no regret
    found = [_effects(mean, covariance, plain[..., k], k, threshold, fresh) for k in range(len(quantities))]
    numbers, without = (np.stack(parts) for parts in zip(*found, strict=True))
    index = pd.MultiIndex.from_product(
        [quantities, people.people, MODIFICATIONS], names=["quantity", "person", "modification"]
    )
    effects = pd.DataFrame(numbers.reshape(-1, len(EFFECTS)), index, list(EFFECTS)).reset_index()

    everyone, angles = np.arange(len(values)), np.array(MODIFICATIONS, object)
    peak, best, _, reductions = rule(expected[..., :2], threshold)
    nothing = reductions[everyone, best, peak] < threshold - ROUNDING
    plain_peak, plain_best, _, seen = rule(plain[..., :2], threshold)
    promised = seen[everyone, plain_best, plain_peak]
    choices = pd.DataFrame(numbers[peak, everyone, best], columns=list(EFFECTS)).assign(
        person=people.people, peak=np.array(PEAKS, object)[peak], candidate=angles[best],
        modification=np.where(nothing, NONE, angles[best]), other_rise=-numbers[1 - peak, everyone, best, 1],
        rule_modification=np.where(promised < threshold - ROUNDING, NONE, angles[plain_best]), rule_percent=promised,
    )  # fmt: skip
    choices["regret"] = np.where(nothing, without[peak, everyone], choices["regret"])
    if len(quantities) > len(PEAKS):
        choices["kfm_rise"] = -numbers[-1, everyone, best, 1]
    return choices, effects


def _effects(
    mean: np.ndarray, covariance: np.ndarray, plain: np.ndarray, place: int, threshold: float, fresh: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return ``EFFECTS`` on one quantity, (person, modification, effect), and the regret of doing nothing, (person,).

    The same standard normal draws ``fresh`` (draw, modification) serve everyone.
    """
    size = mean.shape[1]
    pick = np.zeros((len(CONDITIONS), size))  # natural, then the four reductions
    pick[:, place] = 1.0
    pick[np.arange(1, len(CONDITIONS)), place + size // len(CONDITIONS) * np.arange(1, len(CONDITIONS))] = -1.0
    mean, covariance = mean @ pick.T, pick @ covariance @ pick.T
    natural, moment, seen = mean[:, :1], mean[:, 1:], plain[:, :1] - plain[:, 1:]
    variance = np.einsum("pmm->pm", covariance[:, 1:, 1:])
    cross, first = covariance[:, 1:, 0], covariance[:, :1, 0]
    if place >= len(PEAKS):
        reach, none = stats.norm.isf(0.025) * np.sqrt(np.maximum(variance, 0.0)), np.full(moment.shape, np.nan)
        return np.stack([seen, moment, moment - reach, moment + reach, none, none, none], -1), none[:, 0]
    ratio, scale, least = moment / natural, 100 / natural, threshold / 100
    reach = stats.norm.isf(0.025) * scale * np.sqrt(np.maximum(variance - 2 * ratio * cross + ratio**2 * first, 0.0))
    benefit = moment - least * natural
    spread = np.sqrt(np.maximum(variance - 2 * least * cross + least**2 * first, 0.0))
    change = np.column_stack([np.full(len(MODIFICATIONS), -least), np.eye(len(MODIFICATIONS))])
    drawn = benefit[:, None] + fresh @ shrinkage.root(change @ covariance @ change.T)
    top = drawn.max(-1)
    most = np.maximum(top, 0.0).mean(1)
    effects = [
        100 * seen / plain[:, :1], scale * moment, scale * moment - reach, scale * moment + reach,
        ((drawn == top[..., None]) & (top > 0)[..., None]).mean(1),
        stats.norm.cdf(benefit / np.maximum(spread, 1e-300)), scale * np.maximum(most[:, None] - benefit, 0.0),
    ]  # fmt: skip
    return np.stack(effects, -1), scale[:, 0] * most
