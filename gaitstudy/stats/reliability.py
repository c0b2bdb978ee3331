"""Agreement of two ways to measure the same thing."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy import stats

from gaitstudy.conventions import StatisticsError


def bland_altman(
    first: np.ndarray, second: np.ndarray, *, multiple: float = 1.96, confidence: float = 0.95
) -> pd.DataFrame:
    """Return mean difference and limits of agreement of two measurements of the same thing, first minus second.

    Parameters
    ----------
    first, second : (participant,), one unit; pairs with a gap are left out and counted.
    multiple : standard deviations from the mean to a limit. confidence : of the intervals.

    Returns
    -------
    Three rows, ``mean``, ``lower limit``, ``upper limit``: ``value, low, high`` in the measurements' unit (exact for
    the mean; for the limits Bland and Altman's, standard error ``sd sqrt(1/n + multiple^2 / (2 (n - 1)))``).
    ``attrs``: ``sd`` of the differences, ``n``, ``left_out``, and ``slope`` of the difference on the mean of both,
    which is not zero where the disagreement depends on the size.

    Raises
    ------
    StatisticsError : lengths that differ, fewer than 3 pairs.

    References
    ----------
    Bland JM, Altman DG (1986) Lancet 327:307, doi 10.1016/S0140-6736(86)90837-8; general knowledge, not verified.

    Examples
    --------
    >>> bland_altman(np.array([2.0, 4, 6]), np.array([1.0, 4, 4]))["value"].round(2).tolist()
    [1.0, -0.96, 2.96]
    """
    a, b = np.asarray(first, float), np.asarray(second, float)
    kept = np.isfinite(a) & np.isfinite(b) if a.shape == b.shape else np.zeros(0, bool)
    n = int(kept.sum())
    if a.ndim != 1 or n < 3:
        raise StatisticsError(f"bland_altman: expected at least 3 pairs, found {n} in shapes {a.shape} and {b.shape}.")
    difference, size = (a - b)[kept], ((a + b) / 2)[kept]
    mean, sd = float(difference.mean()), float(difference.std(ddof=1))
    away = size - size.mean()
    limits = mean + multiple * sd * np.array([-1.0, 1.0])
    error = sd * np.array([np.sqrt(1 / n), *[np.sqrt(1 / n + multiple**2 / (2 * (n - 1)))] * 2])
    reach = stats.t.ppf((1 + confidence) / 2, n - 1) * error
    value = np.array([mean, *limits])
    result = pd.DataFrame({"of": ["mean", "lower limit", "upper limit"], "value": value, "low": value - reach})
    result["high"] = value + reach
    spread = float(away @ away)
    slope = float(away @ difference) / spread if spread > 0 else float("nan")
    result.attrs = {"sd": sd, "n": n, "left_out": int((~kept).sum()), "slope": slope}
    return result
