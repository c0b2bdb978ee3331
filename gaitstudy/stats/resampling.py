"""Bootstrap by participant, and permutation of arms as they were randomised."""

from __future__ import annotations

from collections.abc import Callable
from itertools import combinations
from math import comb, prod

import numpy as np
import pandas as pd
from scipy import stats

from gaitstudy.conventions import StatisticsError

INTERVALS = ("percentile", "bias-corrected", "BCa")
ROUNDING = 1e-9
"""Relative difference below which a permuted statistic ties with the one seen."""


def bootstrap(
    values: np.ndarray,
    statistic: Callable[[np.ndarray], np.ndarray],
    *,
    strata: np.ndarray | None = None,
    resamples: int = 5000,
    method: str = "BCa",
    confidence: float = 0.95,
    seed: int | np.random.Generator = 0,
) -> pd.DataFrame:
    """Return the interval of a statistic by drawing participants, with all their visits, again and again.

    Parameters
    ----------
    values : (participant, ...), any units.
    statistic : from resampled values (resample, participant, ...) to one number for each resample; within strata the
        participants keep the order of the strata (sorted), and their numbers.
    strata : (participant,); draw within each, e.g. within each arm.
    method : ``"BCa"`` (bias-corrected and accelerated) or ``"percentile"``. seed : or a generator.

    Returns
    -------
    One row: ``estimate, standard_error, low, high`` in the statistic's unit, ``n`` participants, ``resamples``.

    Raises
    ------
    StatisticsError : another method, a statistic that is no number (gaps?) or has another shape.

    References
    ----------
    Efron B, Tibshirani RJ (1993) An Introduction to the Bootstrap, Chapman & Hall; general knowledge, not verified.
    Computed by scipy.

    Examples
    --------
    >>> changes = np.array([-2.0, -1, 0, -3, -2, -1, -4, 1])
    >>> row = bootstrap(changes, lambda drawn: drawn.mean(1), resamples=999).iloc[0]
    >>> float(row["estimate"]), bool(row["low"] < -1.5 < row["high"])
    (-1.5, True)
    """
    values = np.asarray(values, float)
    if method not in ("BCa", "percentile"):
        raise StatisticsError(f"method: expected 'BCa' or 'percentile', found {method!r}.")
    groups = np.zeros(len(values), int) if strata is None else np.asarray(strata)
    if len(groups) != len(values) or len(values) < 2:
        raise StatisticsError(
            f"bootstrap: expected at least 2 participants and one stratum each, found {len(values)} and {len(groups)}."
        )
    if unnamed := int(pd.isna(groups).sum()):
        raise StatisticsError(f"bootstrap: expected a stratum of everyone, found {unnamed} participants without.")
    members = [np.flatnonzero(groups == g) for g in np.unique(groups)]

    def of_people(*drawn: np.ndarray, axis: int = -1) -> np.ndarray:
        rows = np.concatenate([np.atleast_2d(d).astype(int) for d in drawn], axis=-1)
        found = np.asarray(statistic(values[rows]), float)
        if found.shape != rows.shape[:1]:
            raise StatisticsError(f"statistic: expected {len(rows)} numbers, found shape {found.shape}.")
        return found if np.ndim(drawn[0]) > 1 else found[0]

    estimate = float(of_people(*members))
    if not np.isfinite(estimate):
        raise StatisticsError(f"statistic: expected a number for the sample itself, found {estimate}. Are there gaps?")
    with np.errstate(invalid="ignore"):  # nothing over nothing, if the statistic does not vary: refused below
        made = stats.bootstrap(
            members, of_people, n_resamples=resamples, vectorized=True, method=method, confidence_level=confidence,
            random_state=np.random.default_rng(seed),
        )  # fmt: skip
    low, high = made.confidence_interval
    if not (np.isfinite(low) and np.isfinite(high)):
        raise StatisticsError(
            f"bootstrap: expected a finite interval, found {low} to {high}: the statistic hardly varies, or is no "
            "number in some resamples. Use method='percentile', or another statistic."
        )
    row = {"estimate": estimate, "standard_error": made.standard_error, "low": low, "high": high}
    return pd.DataFrame([row | {"n": len(values), "resamples": resamples}])


def permutation_test(
    outcome: np.ndarray,
    arm: np.ndarray,
    *,
    blocks: np.ndarray | None = None,
    statistic: Callable[[np.ndarray, np.ndarray], np.ndarray] | None = None,
    permutations: int = 10_000,
    seed: int | np.random.Generator = 0,
) -> pd.DataFrame:
    """Test whether the arm matters at all by allotting people again in the way they were randomised.

    The numbers in each arm are kept; with ``blocks``, those within each block. If there are no more than
    ``permutations`` ways to do so, all are taken and p is exact.

    Parameters
    ----------
    outcome : (participant,) or, with a ``statistic``, (participant, ...), any units. arm : (participant,), 0 or 1.
    blocks : (participant,), the block or stratum each was randomised in.
    statistic : from ``outcome`` and arms (permutation, participant) to one number for each; without it the difference
        of means, arm 1 minus arm 0.

    Returns
    -------
    One row: ``statistic`` in its unit, ``p`` (two-sided: share of allotments at least as far from zero; for random
    ones the one seen counts in), ``permutations``, ``exact``, ``simulation_error`` of p, ``n``.

    Raises
    ------
    StatisticsError : gaps in the outcome, arms other than 0 and 1, an empty arm, lengths that differ.

    References
    ----------
    Phipson B, Smyth GK (2010) Stat Appl Genet Mol Biol 9:39, doi 10.2202/1544-6115.1585; general knowledge, not
    verified.

    Examples
    --------
    >>> row = permutation_test(np.array([1.0, 2, 3, 4, 5, 6]), np.array([0, 0, 0, 1, 1, 1])).iloc[0]
    >>> float(row["statistic"]), float(row["p"]), int(row["permutations"])
    (3.0, 0.1, 20)
    """
    outcome, arm = np.asarray(outcome, float), np.asarray(arm)
    places = np.zeros(len(arm), int) if blocks is None else np.asarray(blocks)
    problems = []
    if not len(outcome) == len(arm) == len(places):
        problems.append(f"expected one arm and block each, found {len(outcome)}, {len(arm)} and {len(places)}")
    if not np.isin(arm, (0, 1)).all() or len(np.unique(arm)) != 2:
        problems.append(f"arm: expected 0 and 1, both present, found {np.unique(arm).tolist()}")
    if unnamed := int(pd.isna(places).sum()):
        problems.append(f"blocks: expected one of everyone, found {unnamed} participants without")
    if np.isnan(outcome).any() and statistic is None:
        problems.append(f"outcome: expected no gaps, found {int(np.isnan(outcome).sum())}; leave out or impute them")
    if problems:
        raise StatisticsError("permutation_test: " + "; ".join(problems) + ".")
    if statistic is None:
        if outcome.ndim != 1:
            raise StatisticsError(f"outcome: expected (participant,) without a statistic, found shape {outcome.shape}.")
        statistic = _difference_of_means
    members = [np.flatnonzero(places == b) for b in np.unique(places)]
    ways = prod(comb(len(m), int(arm[m].sum())) for m in members)
    exact = ways <= permutations
    labels = _all_arms(arm, members) if exact else _random_arms(arm, members, permutations, np.random.default_rng(seed))
    seen = float(statistic(outcome, arm[None])[0])
    far = int((np.abs(statistic(outcome, labels)) >= abs(seen) * (1 - ROUNDING)).sum())
    p = far / len(labels) if exact else (far + 1) / (len(labels) + 1)
    error = 0.0 if exact else np.sqrt(p * (1 - p) / len(labels))
    row = {"statistic": seen, "p": p, "permutations": len(labels), "exact": exact, "simulation_error": error}
    return pd.DataFrame([row | {"n": len(arm)}])


def interval(
    drawn: np.ndarray, estimate: float, method: str, confidence: float = 0.95, left_out: np.ndarray | None = None
) -> tuple[float, float]:
    """Return a bootstrap interval from resampled estimates, in their unit.

    Parameters
    ----------
    drawn : (resample,). estimate : of the sample itself.
    method : ``"percentile"``; ``"bias-corrected"``, shifted by the share of resamples below the estimate; ``"BCa"``,
        also bent by the skewness of ``left_out``, (participant,), the estimates with one participant left out.

    References
    ----------
    Efron B (1987) J Am Stat Assoc 82:171, doi 10.1080/01621459.1987.10478410; general knowledge, not verified.
    """
    z = stats.norm.ppf([(1 - confidence) / 2, (1 + confidence) / 2])
    if method != "percentile":
        shift, bend = stats.norm.ppf(np.mean(drawn < estimate)), 0.0
        if method == "BCa" and left_out is not None:
            away = left_out.mean() - left_out
            bend = float((away**3).sum() / (6 * (away**2).sum() ** 1.5))
        z = shift + (shift + z) / (1 - bend * (shift + z))
    low, high = np.quantile(drawn, stats.norm.cdf(z))
    return float(low), float(high)


def _difference_of_means(outcome: np.ndarray, arms: np.ndarray) -> np.ndarray:
    """Arm 1 minus arm 0, for arms (permutation, participant)."""
    ones = arms.sum(1)
    sums = arms @ outcome
    return sums / ones - (outcome.sum() - sums) / (arms.shape[1] - ones)


def _random_arms(arm: np.ndarray, members: list[np.ndarray], count: int, rng: np.random.Generator) -> np.ndarray:
    """Return arms (permutation, participant), shuffled within the blocks."""
    labels = np.empty((count, len(arm)))
    for m in members:
        labels[:, m] = rng.permuted(np.broadcast_to(arm[m], (count, len(m))), axis=1)
    return labels


def _all_arms(arm: np.ndarray, members: list[np.ndarray]) -> np.ndarray:
    """Return every way to allot the arms within the blocks, (permutation, participant)."""
    labels = np.zeros((1, len(arm)))
    for m in members:
        chosen = np.array(list(combinations(m, int(arm[m].sum()))), int)
        block = np.zeros((len(chosen), len(arm)))
        np.put_along_axis(block, chosen, 1.0, axis=1)
        labels = (labels[:, None] + block[None]).reshape(-1, len(arm))
    return labels


def drawn_counts(people: int, resamples: int | np.ndarray, seed: int | np.random.Generator = 0) -> np.ndarray:
    """Return how often each participant was drawn in each bootstrap sample: weights for batched formulas.

    Parameters
    ----------
    people : how many participants. resamples : how many samples; or who is in each, (resample, participant).

    Returns
    -------
    (resample, participant), each row adding to ``people`` if that many were drawn.

    Raises
    ------
    StatisticsError : participants other than 0 to ``people`` - 1.

    Examples
    --------
    >>> drawn_counts(3, np.array([[0, 0, 2], [1, 1, 1]])).tolist()
    [[2.0, 0.0, 1.0], [0.0, 3.0, 0.0]]
    """
    if isinstance(resamples, int):
        rows = np.random.default_rng(seed).integers(people, size=(resamples, people), dtype=np.int32)
    else:
        rows = np.asarray(resamples)
        if rows.ndim != 2 or rows.min() < 0 or rows.max() >= people:
            raise StatisticsError(
                f"resamples: expected (resample, participant) of numbers 0 to {people - 1}, found shape {rows.shape}."
            )
    flat = (rows + people * np.arange(len(rows))[:, None]).ravel()
    return np.bincount(flat, minlength=len(rows) * people).reshape(len(rows), people).astype(float)
