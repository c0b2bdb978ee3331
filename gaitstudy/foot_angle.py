"""Choosing a foot angle for one person: the trial laboratory's rule, and the same rule on numbers that keep a promise.

The rule takes the best of four measured reductions. The best of several noisy numbers is too good: a retest shows less
(the winner's curse). Here each person's mean peaks are first drawn towards what other people's look like, as far as
their own uncertainty warrants (``stats.shrinkage``); the same rule then chooses, and says how sure it is.

A promise about another day needs tests on two days, of these people or of others: steps of one walk agree with each
other and know nothing of the next time.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy import stats

from gaitstudy.conventions import StatisticsError
from gaitstudy.io.step_table import CONDITIONS, KEY, MODIFICATIONS, PEAKS, Steps
from gaitstudy.stats import shrinkage
from gaitstudy.stats.blocks import block_means

THRESHOLD = 5.0
"""%; the rule's least reduction, and by how much its two peaks may differ for the smaller one to count."""
NONE = "none"
ROUNDING = 1e-9
"""% by which a reduction may fall short of the threshold in the last digits and still reach it."""
BRANCHES = ("larger peak", "swapped to the other peak", "no peak could be reduced")
DRAWS, CHUNK = 2000, 500
"""Truths drawn for each person; people whose draws are held at once."""
POOLING = 10.0
"""Blocks of steps that everyone's step noise counts for beside a person's own; an assumption."""


class Measured(NamedTuple):
    """Mean peaks of people's tests: ``names``, pairs of condition and quantity; ``people``, their labels; ``values``
    (person, test, name), %BW*Ht, NaN where a person had fewer tests; ``sampling`` (person, test, name, name), their
    covariance about the means of endlessly many steps of the same test; ``excluded``, what was left out."""

    names: tuple[tuple[str, str], ...]
    people: pd.Index
    values: np.ndarray
    sampling: np.ndarray
    excluded: pd.DataFrame


class Prior(NamedTuple):
    """How people and tests differ, %BW*Ht: ``people`` (mean and covariance of truths), ``between_tests`` (name, name),
    covariance of one person's tests, zero if unknown; ``basis``, what both come from."""

    names: tuple[tuple[str, str], ...]
    people: shrinkage.People
    between_tests: np.ndarray
    basis: str


class Choice(NamedTuple):
    """``choices``, one row a person; ``effects``, one row a person, quantity and modification; the ``prior`` used."""

    choices: pd.DataFrame
    effects: pd.DataFrame
    prior: Prior


def measured(steps: Steps, *, block: int | None = None, pooling: float = POOLING) -> Measured:
    """Return each test's mean peaks, %BW*Ht, with the covariance that the moving block bootstrap of its steps gives.

    Few steps tell little about their own scatter, so each person's is drawn towards everyone's: a mean over blocks, the
    person's own (of all conditions and tests) and ``pooling`` blocks of everyone's.

    Parameters
    ----------
    steps : from ``step_table.checked``.
    block : steps in a block; without it the cube root of their number, rounded up (``stats.blocks``).
    pooling : blocks; 0 takes each person's own scatter alone.
    """
    table, quantities = steps.table, list(steps.quantities)
    groups = table.groupby(KEY, observed=True, sort=True)
    series = groups.ngroup().to_numpy()
    means = block_means(table[quantities].to_numpy(float), series, block)
    person, labels = pd.factorize(groups["person"].first(), sort=True)
    firsts = groups.head(1)
    tests = (firsts.groupby("person", observed=True)["test"].rank("dense").to_numpy() - 1).astype(int)
    conditions = firsts["condition"].cat.codes.to_numpy()
    long_run = means.covariance * means.size[:, None, None]
    weight = np.bincount(person, means.blocks)
    own = np.zeros((len(labels), *long_run.shape[1:]))
    np.add.at(own, person, means.blocks[:, None, None] * long_run)
    everyone = own.sum(0) / weight.sum()
    scatter = (own + pooling * everyone) / (weight + pooling)[:, None, None]
    size, q = len(CONDITIONS) * len(quantities), len(quantities)
    values = np.full((len(labels), tests.max() + 1, len(CONDITIONS), q), np.nan)
    values[person, tests, conditions] = means.mean
    sampling = np.zeros((*values.shape, len(CONDITIONS), q))
    sampling[person, tests, conditions, :, conditions] = scatter[person] / means.size[:, None, None]
    names = tuple((c, k) for c in CONDITIONS for k in quantities)
    return Measured(
        names, pd.Index(labels, name="person"), values.reshape(*values.shape[:2], size),
        sampling.reshape(*values.shape[:2], size, size), steps.excluded,
    )  # fmt: skip


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
    if tests is not None:
        basis = "between tests: supplied"
    elif several:
        (tests, _), basis = (
            shrinkage.between_tests(people.values, people.sampling),
            f"between tests: {several} people tested again",
        )
    else:
        size = len(people.names)
        tests, basis = np.zeros((size, size)), "between tests: unknown, a promise for the day of the test alone"
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


def lab_rule(peaks: pd.DataFrame, threshold: float = THRESHOLD) -> pd.DataFrame:
    """Return the foot angle that the trial laboratory's rule gives each person (see ``rule``).

    Parameters
    ----------
    peaks : mean peaks, one row a person and condition: ``person, condition, kam1, kam2``, %BW*Ht.
    threshold : %, of the natural peak.

    Returns
    -------
    One row a person: ``peak``; ``branch`` of the rule; ``candidate``, the modification that lowers that peak most, and
    by how much (``percent`` of the natural peak); ``modification``: the candidate, or "none" if that is below the
    threshold. That last reading is ours: the rule says "none" only where both peaks were tried.

    Raises
    ------
    StatisticsError : a condition missing or twice, gaps, a natural peak that is not positive; all are listed.

    Examples
    --------
    >>> walked = pd.DataFrame({"person": 1, "condition": CONDITIONS, "kam1": [3.0, 2.9, 2.7, 3.0, 3.1],
    ...                        "kam2": [2.0, 2.1, 2.2, 1.9, 1.8]})
    >>> print(*lab_rule(walked).round(6).iloc[0], sep=", ")
    1, kam1, larger peak, toe-in 10, 10.0, toe-in 10
    """
    absent = [c for c in ("person", "condition", *PEAKS) if c not in peaks]
    if absent:
        raise StatisticsError(
            f"lab_rule: expected the columns person, condition, kam1 and kam2; add {', '.join(absent)}."
        )
    count = pd.crosstab(peaks["person"], peaks["condition"]).reindex(columns=list(CONDITIONS), fill_value=0)
    numbers = peaks[list(PEAKS)].to_numpy(float)
    usable = np.isfinite(numbers).all(axis=1) & peaks["condition"].isin(CONDITIONS).to_numpy()
    usable &= (peaks["condition"] != CONDITIONS[0]).to_numpy() | (numbers > 0).all(axis=1)
    wrong = {*count.index[(count != 1).any(axis=1)], *peaks.loc[~usable, "person"]}
    if wrong:
        raise StatisticsError(
            f"lab_rule: expected one row of each of {', '.join(CONDITIONS)}, no gaps and natural peaks above 0; "
            f"found otherwise for {', '.join(sorted(map(str, wrong)))}. Mend the table, or leave these people out."
        )
    wide = peaks.assign(condition=pd.Categorical(peaks["condition"], CONDITIONS)).sort_values(["person", "condition"])
    values = wide[list(PEAKS)].to_numpy(float).reshape(-1, len(CONDITIONS), len(PEAKS))
    peak, best, branch, reductions = rule(values, threshold)
    percent = reductions[np.arange(len(best)), best, peak]
    candidate = np.array(MODIFICATIONS, object)[best]
    return pd.DataFrame(
        {
            "person": count.index, "peak": np.array(PEAKS, object)[peak], "branch": np.array(BRANCHES, object)[branch],
            "candidate": candidate, "percent": percent,
            "modification": np.where(percent < threshold - ROUNDING, NONE, candidate),
        }
    )  # fmt: skip


def choose(
    people: Measured, given: Prior | None = None, *, threshold: float = THRESHOLD, draws: int = DRAWS, seed: int = 0
) -> Choice:
    """Return for each person the foot angle to advise, what it can be expected to do, and how sure that is.

    The laboratory's rule on expected instead of measured peaks. A modification that lowers the peak by less than the
    threshold counts as not worth it: its benefit is the reduction less the threshold, that of "none" is 0; with the
    expected peaks the rule takes the largest expected benefit. Regret is the benefit missed against knowing the truth.

    Parameters
    ----------
    given : ``prior(people)`` without it. One person alone needs one.
    threshold : %, of the natural peak.
    draws, seed : of the truths drawn for ``probability_best`` and ``regret``; the rest is exact.

    Returns
    -------
    ``effects``: ``person, quantity, modification``; ``measured``: plain reduction, % of the natural mean (KFM: %BW*Ht,
    here and below); ``percent, low, high``: expected reduction and 95 % interval; ``moment, moment_sd``: the same in
    %BW*Ht; ``probability_best``: that no other and not "none" is better; ``probability_enough``: of at least the
    threshold; ``regret``, % of the natural peak. KFM has no probabilities.
    ``choices``: ``person, peak, branch, candidate`` and the candidate's numbers as above; ``modification``: it, or
    "none", and the ``regret`` of that; ``other_rise``: of the other peak, %, with interval; ``kfm_rise``, %BW*Ht, with
    interval; ``tests``; and what the plain rule picks (``rule_modification``) and promises (``rule_percent``).

    Raises
    ------
    StatisticsError : another set of quantities than the prior's, or expected natural peaks that are not positive.
    """
    known = prior(people) if given is None else given
    if known.names != people.names:
        raise StatisticsError(f"prior: expected the quantities {people.names[:3]} ..., found {known.names[:3]} ...")
    values, sampling = over_tests(people, known.between_tests)
    truth = shrinkage.shrink(values, sampling, known.people)
    quantities = list(dict.fromkeys(q for _, q in people.names))
    shape = (len(values), len(CONDITIONS), len(quantities))
    plain, expected = values.reshape(shape), truth.mean.reshape(shape)
    bad = people.people[expected[:, 0, :2].min(1) <= 0].astype(str)
    if len(bad):
        raise StatisticsError(f"choose: expected natural KAM peaks above 0, found none for person {', '.join(bad)}.")
    fresh = np.random.default_rng(seed).standard_normal((draws // 2, len(MODIFICATIONS)))
    fresh = np.concatenate([fresh, -fresh])  # each with its mirror image, so that a sure choice has no regret
    by_quantity = [
        _effects(truth, plain[..., k], k, q, people.people, threshold, fresh) for k, q in enumerate(quantities)
    ]
    effects = pd.concat([table for table, _ in by_quantity], ignore_index=True)
    without = np.column_stack([none for _, none in by_quantity])
    choices = _choices(expected[..., :2], plain[..., :2], people, by_quantity, without, threshold)
    if len(quantities) > len(PEAKS):
        at = choices["candidate"].map(MODIFICATIONS.index).to_numpy()
        kfm = by_quantity[-1][0][["percent", "low", "high"]].to_numpy().reshape(len(values), -1, 3)
        rows = kfm[np.arange(len(values)), at]
        choices = choices.assign(kfm_rise=-rows[:, 0], kfm_rise_low=-rows[:, 2], kfm_rise_high=-rows[:, 1])
    return Choice(choices, effects, known)


# ---- within the module ----


def _effects(
    truth: shrinkage.Truth, plain: np.ndarray, place: int, quantity: str, labels: pd.Index, threshold: float,
    fresh: np.ndarray,
) -> tuple[pd.DataFrame, np.ndarray]:  # fmt: skip
    """Return what each modification does to one quantity, and the regret of doing nothing, (person,)."""
    people, size = truth.mean.shape
    every = size // len(CONDITIONS)
    pick = np.zeros((len(CONDITIONS), size))  # natural, then the four reductions
    pick[:, place] = 1.0
    pick[np.arange(1, len(CONDITIONS)), place + every * np.arange(1, len(CONDITIONS))] = -1.0
    mean, covariance = truth.mean @ pick.T, pick @ truth.covariance @ pick.T
    natural, moment = mean[:, :1], mean[:, 1:]
    ratio = moment / natural if quantity in PEAKS else np.zeros_like(moment)
    variance = np.einsum("pmm->pm", covariance[:, 1:, 1:])
    cross, first = covariance[:, 1:, 0], covariance[:, :1, 0]
    scale = 100 / natural if quantity in PEAKS else np.ones_like(natural)
    reach = stats.norm.isf(0.025) * scale * np.sqrt(np.maximum(variance - 2 * ratio * cross + ratio**2 * first, 0.0))
    table = pd.DataFrame({"person": np.repeat(labels.to_numpy(), len(MODIFICATIONS)), "quantity": quantity})
    table["modification"] = np.tile(np.array(MODIFICATIONS, object), people)
    seen = plain[:, :1] - plain[:, 1:]
    columns = {
        "measured": 100 * seen / plain[:, :1] if quantity in PEAKS else seen,
        "percent": scale * moment, "low": scale * moment - reach, "high": scale * moment + reach,
        "moment": moment, "moment_sd": np.sqrt(variance),
        **dict.fromkeys(("probability_best", "probability_enough", "regret"), np.full(moment.shape, np.nan)),
    }  # fmt: skip
    without = np.full(people, np.nan)
    if quantity in PEAKS:
        least = threshold / 100
        benefit = moment - least * natural
        spread = np.sqrt(np.maximum(variance - 2 * least * cross + least**2 * first, 0.0))
        columns["probability_enough"] = stats.norm.cdf(benefit / np.maximum(spread, 1e-300))
        change = np.column_stack([np.full(len(MODIFICATIONS), -least), np.eye(len(MODIFICATIONS))])
        best, most = _drawn(benefit, change @ covariance @ change.T, fresh)
        columns["probability_best"] = best
        columns["regret"] = scale * np.maximum(most[:, None] - benefit, 0.0)
        without = scale[:, 0] * most
    return table.assign(**{name: values.ravel() for name, values in columns.items()}), without


def _drawn(mean: np.ndarray, covariance: np.ndarray, fresh: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return how often each benefit is the largest and above 0, and the mean of the largest, 0 if all are below it.

    The same standard normal draws ``fresh`` (draw, modification) serve everyone.
    """
    best, most = np.empty_like(mean), np.empty(len(mean))
    for start in range(0, len(mean), CHUNK):
        part = slice(start, start + CHUNK)
        drawn = mean[part, None] + fresh @ shrinkage.root(covariance[part])
        top = drawn.max(-1)
        winner = (drawn == top[..., None]) & (top > 0)[..., None]
        best[part], most[part] = winner.mean(1), np.maximum(top, 0.0).mean(1)
    return best, most


def _choices(
    expected: np.ndarray, plain: np.ndarray, people: Measured, by_quantity: Sequence[tuple[pd.DataFrame, np.ndarray]],
    without: np.ndarray, threshold: float,
) -> pd.DataFrame:  # fmt: skip
    """Return the rule's choice on expected peaks, with the candidate's numbers and the plain rule's beside them."""
    everyone = np.arange(len(expected))
    peak, best, branch, reductions = rule(expected, threshold)
    names = ["percent", "low", "high", "probability_best", "probability_enough", "regret"]
    numbers = np.stack(
        [t[names].to_numpy().reshape(len(expected), -1, len(names)) for t, _ in by_quantity[: len(PEAKS)]]
    )
    own, other = numbers[peak, everyone, best], numbers[1 - peak, everyone, best]
    candidate = np.array(MODIFICATIONS, object)[best]
    nothing = reductions[everyone, best, peak] < threshold - ROUNDING
    regret = np.where(nothing, without[everyone, peak], own[:, names.index("regret")])
    plain_peak, plain_best, _, seen = rule(plain, threshold)
    promised = seen[everyone, plain_best, plain_peak]
    return pd.DataFrame(
        {
            "person": people.people, "peak": np.array(PEAKS, object)[peak],
            "branch": np.array(BRANCHES, object)[branch], "candidate": candidate,
            **dict(zip(names[:-1], own.T[:-1], strict=True)),
            "modification": np.where(nothing, NONE, candidate), "regret": regret,
            "other_rise": -other[:, 0], "other_rise_low": -other[:, 2], "other_rise_high": -other[:, 1],
            "tests": np.isfinite(people.values).all(-1).sum(1),
            "rule_modification": np.where(
                promised < threshold - ROUNDING, NONE, np.array(MODIFICATIONS, object)[plain_best]
            ),
            "rule_percent": promised,
        }
    )  # fmt: skip
