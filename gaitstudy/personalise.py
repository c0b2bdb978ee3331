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
from gaitstudy.foot_angle_tests import Measured, Prior, over_tests, prior
from gaitstudy.io.step_table import CONDITIONS, MODIFICATIONS, PEAKS
from gaitstudy.stats import shrinkage

__all__ = ["BRANCHES", "NONE", "THRESHOLD", "Choice", "choose", "lab_rule", "rule"]

THRESHOLD = 5.0
"""%; the rule's least reduction, and by how much its two peaks may differ for the smaller one to count."""
NONE = "none"
ROUNDING = 1e-9
"""% by which a reduction may fall short of the threshold in the last digits and still reach it."""
BRANCHES = ("larger peak", "swapped to the other peak", "no peak could be reduced")
DRAWS = 2000
CHUNK = 500
"""People whose draws are held at once."""


class Choice(NamedTuple):
    """``choices``, one row a person; ``effects``, one row a person, quantity and modification; the ``prior`` used."""

    choices: pd.DataFrame
    effects: pd.DataFrame
    prior: Prior


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
    StatisticsError : a condition missing or twice, gaps, a natural peak that is not positive; every problem is listed.

    Examples
    --------
    >>> walked = pd.DataFrame({"person": 1, "condition": CONDITIONS, "kam1": [3.0, 2.9, 2.7, 3.0, 3.1],
    ...                        "kam2": [2.0, 2.1, 2.2, 1.9, 1.8]})
    >>> print(*lab_rule(walked).round(6).iloc[0], sep=", ")
    1, kam1, larger peak, toe-in 10, 10.0, toe-in 10
    """
    problems = [f"expected a column {c}" for c in ("person", "condition", *PEAKS) if c not in peaks]
    if not problems:
        count = pd.crosstab(peaks["person"], peaks["condition"]).reindex(columns=list(CONDITIONS), fill_value=0)
        problems = [
            f"person {person}, {condition}: expected one row, found {number}"
            for person, row in count.iterrows() for condition, number in row.items() if number != 1
        ]  # fmt: skip
        unknown = sorted(set(peaks["condition"].astype(str)) - set(CONDITIONS))
        problems += [f"unknown condition {c}" for c in unknown]
    if not problems:
        wide = peaks.assign(condition=pd.Categorical(peaks["condition"], CONDITIONS))
        values = (
            wide.sort_values(["person", "condition"])[list(PEAKS)]
            .to_numpy(float)
            .reshape(-1, len(CONDITIONS), len(PEAKS))
        )
        bad = ~np.isfinite(values).all((1, 2)) | (values[:, 0] <= 0).any(1)
        problems = [f"person {p}: expected numbers, natural peaks above 0" for p in count.index[bad]]
    if problems:
        raise StatisticsError("lab_rule: " + "; ".join(problems) + ". Mend the table, or leave these people out.")
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
    given : from ``prior`` or ``prior_from_table``; ``prior(people)`` without it. One person alone needs one.
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
    by_quantity = [
        _effects(truth, plain[..., k], k, q, people.people, threshold, draws, seed) for k, q in enumerate(quantities)
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
    draws: int, seed: int,
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
        best, most = _drawn(benefit, change @ covariance @ change.T, draws, seed)
        columns["probability_best"] = best
        columns["regret"] = scale * np.maximum(most[:, None] - benefit, 0.0)
        without = scale[:, 0] * most
    return table.assign(**{name: values.ravel() for name, values in columns.items()}), without


def _drawn(mean: np.ndarray, covariance: np.ndarray, draws: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Return how often each benefit is the largest and above 0, and the mean of the largest, 0 if all are below it.

    The same standard normal draws serve everyone, each with its mirror image, so that a sure choice has no regret.
    """
    fresh = np.random.default_rng(seed).standard_normal((draws // 2, mean.shape[1]))
    fresh = np.concatenate([fresh, -fresh])
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
