"""Bootstrap by participant, with all visits of a person, within strata."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
from scipy import stats

from gaitstudy.conventions import StatisticsError


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
