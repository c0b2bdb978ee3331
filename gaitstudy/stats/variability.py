"""How much strides vary: standard deviation and coefficient of variation, with intervals that know of neighbours."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy import stats

from gaitstudy.conventions import StatisticsError
from gaitstudy.stats.blocks import block_means, default_block

MINIMUM = 20
"""Strides; with fewer, blocks are too few to tell how sure a spread is."""
COLUMNS = (
    "n", "lost", "mean", "mean_low", "mean_high", "sd", "sd_low", "sd_high", "cv", "cv_low", "cv_high", "block",
    "reason",
)  # fmt: skip


def block_for(values: np.ndarray) -> int:
    """Return a block length for one series: the cube root of its size, or more if neighbours are alike.

    The length of least error for the mean of a first-order autoregressive series with the correlation ``r`` seen
    between neighbours: (2 r / (1 - r^2))^(2/3) (1.5 n)^(1/3), rounded up, and at most a quarter of the series.

    Parameters
    ----------
    values : (stride,), any unit, in the order they were walked, no gaps.

    Raises
    ------
    StatisticsError : values of another shape, gaps, none at all.

    References
    ----------
    Politis DN, White H (2004) Econometric Reviews 23:53, doi 10.1081/ETC-120028836; general knowledge, not verified.

    Examples
    --------
    >>> block_for(np.tile([1.0, 2.0], 32))
    4
    """
    values = np.asarray(values, float)
    if values.ndim != 1 or not values.size or not np.isfinite(values).all():
        raise StatisticsError(
            f"block_for: expected values (stride,) without gaps, found {values.shape} with "
            f"{int((~np.isfinite(values)).sum())} gaps. Leave them out and count them."
        )
    count = len(values)
    away = values - values.mean()
    spread = float((away**2).sum())
    r = float((away[1:] * away[:-1]).sum() / spread) if spread > 0 else 0.0
    r = min(max(r, 0.0), 0.99)
    own = np.ceil((2 * r / (1 - r**2)) ** (2 / 3) * (1.5 * count) ** (1 / 3))
    return int(max(1, min(max(own, default_block(np.array([count]))[0]), count // 4)))


def variability(
    values: np.ndarray, *, block: int | None = None, confidence: float = 0.95, minimum: int = MINIMUM
) -> pd.DataFrame:
    """Return mean, standard deviation and coefficient of variation of strides, with block-bootstrap intervals.

    The variances of the mean and of the mean square are those of the moving block bootstrap, which need no drawing
    (``blocks.block_means``); they are carried to the standard deviation and the coefficient by their slopes. Intervals
    of the spreads are symmetric on a logarithmic scale, with t for as many degrees of freedom as there are blocks
    less one.

    Parameters
    ----------
    values : (stride,), any unit, in the order they were walked. Strides without a value (NaN) are left out and
        counted; those beside the gap are then taken for neighbours.
    block : strides in a block; ``block_for`` of the values without it. With 1, strides are taken as independent.
    confidence : of the intervals. minimum : strides below which no interval is given.

    Returns
    -------
    One row, ``COLUMNS``: ``n`` strides, ``lost``; ``mean`` and ``sd`` (n - 1) in the values' unit, ``cv`` = 100 sd /
    |mean| in %, each with ``_low, _high``; ``block``; ``reason``: why something is NaN.

    Raises
    ------
    StatisticsError : values of another shape, confidence or minimum out of range, a block longer than half the series.

    Examples
    --------
    >>> variability(np.array([1.0, 1.1, 0.9]))[["n", "reason"]].to_dict("records")
    [{'n': 3, 'reason': 'fewer than 20 strides: no interval'}]
    """
    found = np.asarray(values, float)
    if found.ndim != 1 or not 0 < confidence < 1 or minimum < 4:
        raise StatisticsError(
            f"variability: expected values (stride,), a confidence between 0 and 1 and a minimum of 4 or more; found "
            f"{found.shape}, {confidence:g} and {minimum}."
        )
    x = found[np.isfinite(found)]
    row: dict[str, object] = dict.fromkeys(COLUMNS, np.nan)
    row |= {"n": len(x), "lost": len(found) - len(x), "block": 0, "reason": ""}
    if len(x) < 2:
        return pd.DataFrame([row | {"reason": f"{len(x)} stride{'s' * (len(x) != 1)}: no spread"}])
    alike = bool(np.ptp(x) == 0)  # the mean of equal numbers may be off by their last digit
    mean, sd = (float(x[0]), 0.0) if alike else (float(x.mean()), float(x.std(ddof=1)))
    row |= {"mean": mean, "sd": sd, "cv": 100 * sd / abs(mean) if mean else np.nan}
    reasons = [] if mean else ["mean of zero: no coefficient"]
    if len(x) < minimum:
        reasons.append(f"fewer than {minimum} strides: no interval")
    elif alike:
        reasons.append("all strides alike: no interval")
    row["reason"] = "; ".join(reasons)
    if len(x) < minimum or alike:
        return pd.DataFrame([row])
    length = block_for(x) if block is None else block
    if not 1 <= length <= len(x) // 2:
        raise StatisticsError(
            f"block: expected 1 to {len(x) // 2} strides (half the series), found {length}. Use a shorter block."
        )
    away = (x - mean) / sd
    made = block_means(np.stack([away, away**2], 1), np.zeros(len(x), int), length)
    reach = float(stats.t.isf((1 - confidence) / 2, made.blocks[0]))
    row["block"] = length
    slopes = {"sd": np.array([0.0, 0.5]), "cv": np.array([-sd / mean if mean else np.nan, 0.5])}
    error = float(np.sqrt(made.covariance[0, 0, 0])) * sd
    row |= {"mean_low": mean - reach * error, "mean_high": mean + reach * error}
    for name, slope in slopes.items():
        width = reach * float(np.sqrt(slope @ made.covariance[0] @ slope))
        row |= {f"{name}_low": float(row[name]) * np.exp(-width), f"{name}_high": float(row[name]) * np.exp(width)}  # type: ignore[arg-type]
    return pd.DataFrame([row])
