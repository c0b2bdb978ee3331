"""What printed numbers imply, and whether they fit together once rounding is allowed for.

Every value passes that rounds, up or down, to what is printed.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy import stats

from gaitstudy.conventions import StatisticsError

_TINY = 1e-9


def interval_from_p(value: float, p: float, level: float = 0.95, *, df: float) -> tuple[float, float]:
    """Return the interval of an estimate that its exact two-sided p value against 0 implies, in its unit.

    Parameters
    ----------
    value : the estimate. p : of a t test with ``df`` degrees of freedom, infinite for a normal test.

    Raises
    ------
    StatisticsError : p not between 0 and 1 (a bound such as "p < .05" gives no interval), an estimate of 0 or not
        finite.

    References
    ----------
    Altman DG, Bland JM (2011) BMJ 343:d2090, doi 10.1136/bmj.d2090: general knowledge, not verified.

    Examples
    --------
    >>> low, high = interval_from_p(1.0, 0.05, df=np.inf)
    >>> round(low, 9), round(high, 4)
    (0.0, 2.0)
    """
    if not (0 < p < 1 and np.isfinite(value) and value):
        raise StatisticsError(f"interval_from_p: expected 0 < p < 1 and a value other than 0; found {p}, {value}.")
    reach = float(stats.t.ppf((1 + level) / 2, df) * abs(value) / stats.t.isf(p / 2, df))
    return value - reach, value + reach


def p_within_rounding(value: float, low: float, high: float, decimals: int, log: bool = False) -> tuple[float, float]:
    """Return the smallest and largest p value against no effect that an interval printed with ``decimals`` allows.

    Parameters
    ----------
    value, low, high : as printed, one unit, a 95 % interval. decimals : after the point. log : they are ratios,
        symmetric as logarithms, and no effect is 1.

    Raises
    ------
    StatisticsError : a value outside its interval, bounds that are none, ratios that may round from zero.

    References
    ----------
    Altman DG, Bland JM (2011) BMJ 343:d2304, doi 10.1136/bmj.d2304: general knowledge, not verified.

    Examples
    --------
    >>> smallest, largest = p_within_rounding(-0.21, -0.50, 0.08, 2)
    >>> round(smallest, 3), round(largest, 3)
    (0.139, 0.173)
    """
    if not low <= value <= high:
        raise StatisticsError(f"p_within_rounding: expected low <= value <= high, found {low}, {value}, {high}.")
    (v0, v1), (l0, l1), (h0, h1) = _rounded(value, low, high, decimals, log)
    wide, narrow = ((a - b) / (2 * stats.norm.ppf(0.975)) for a, b in ((h1, l0), (h0, l1)))
    far, near = max(abs(v0), abs(v1)), 0.0 if v0 <= 0 <= v1 else min(abs(v0), abs(v1))
    return 2 * float(stats.norm.sf(far / narrow if narrow > 0 else np.inf)), 2 * float(stats.norm.sf(near / wide))


def p_of_groups_within_rounding(
    means: tuple[float, float], sds: tuple[float, float], counts: tuple[int, int], decimals: int
) -> tuple[float, float]:
    """Return the smallest and largest p of a t test, equal variances, that two printed means and SDs allow.

    Parameters
    ----------
    means, sds : of the two groups, one unit. counts : people in them. decimals : of all four numbers. A printed SD that
        may have been zero gives a smallest p of zero.

    References
    ----------
    This project's own arithmetic on the pooled t test.

    Examples
    --------
    >>> [round(p, 5) for p in p_of_groups_within_rounding((0.26, 0.22), (0.04, 0.04), (32, 28), 2)]
    [0.0, 0.01256]
    """
    half, apart = 0.5 * 10.0**-decimals, abs(means[0] - means[1])
    found = []
    for sign in (1, -1):
        first, second = (max(sd - sign * half, 1e-12) for sd in sds)
        difference = max(apart + 2 * sign * half, 0.0)
        found.append(float(stats.ttest_ind_from_stats(difference, first, counts[0], 0.0, second, counts[1]).pvalue))
    return found[0], found[1]


def off_centre(value: float, low: float, high: float, decimals: int, log: bool = False) -> tuple[float, float]:
    """Return how far a value lies from the middle of its interval, and how far rounding alone could put it.

    Parameters
    ----------
    value, low, high : as printed, one unit. decimals : printed. log : they are ratios, symmetric as logarithms.

    Returns
    -------
    Value less middle, and the largest size of it, on that side, that printing with ``decimals`` allows for a symmetric
    interval.

    Raises
    ------
    StatisticsError : a value that is not finite, bounds that are missing or the wrong way round, ratios that may round
        from zero.

    References
    ----------
    This project's own arithmetic.

    Examples
    --------
    >>> away, allowed = off_centre(-14.7, -22.8, -6.9, 1)
    >>> round(away, 2), round(allowed, 2)
    (0.15, 0.1)
    """
    ends = _rounded(value, low, high, decimals, log)
    numbers = np.log([value, low, high]) if log else np.array([value, low, high])
    away = float(numbers[0] - (numbers[1] + numbers[2]) / 2)
    down, up = numbers - ends[:, 0], ends[:, 1] - numbers  # as logarithms a printed ratio has more room below
    v, (low_room, high_room) = (down[0], up[1:]) if away > 0 else (up[0], down[1:])
    return away, float(v + (low_room + high_room) / 2)


def grim(mean: float, n: int, decimals: int) -> pd.DataFrame:
    """Return whether a printed mean of whole numbers is possible: some sum over n people must round to it.

    Parameters
    ----------
    mean : as printed, in points of the scale; a share of people as a fraction of 1. n : people. decimals : printed.

    Returns
    -------
    One row: ``possible`` (rounding a half up or down both allowed), ``below, above`` (the nearest means there are),
    ``telling`` (false if n reaches 10^decimals: then every mean is possible and nothing is checked).

    Raises
    ------
    StatisticsError : fewer than one person, a mean that is not finite or has more decimals than were printed.

    References
    ----------
    Brown NJL, Heathers JAJ (2017), doi 10.1177/1948550616673876: general knowledge, not verified.

    Examples
    --------
    >>> grim(5.19, 28, 2)["possible"].item(), grim(5.18, 28, 2)["possible"].item()
    (False, True)
    """
    if not (n >= 1 and abs(round(mean, decimals) - mean) < _TINY):
        raise StatisticsError(f"grim: expected a mean as printed and 1 person or more; found {mean}, {n}, {decimals}.")
    below, above = np.floor(mean * n + _TINY) / n, np.ceil(mean * n - _TINY) / n
    half = 0.5 * 10.0**-decimals + _TINY
    possible = bool(mean - below <= half or above - mean <= half)
    row = {"possible": possible, "below": below, "above": above, "telling": n < 10**decimals}
    return pd.DataFrame([row])


def _rounded(value: float, low: float, high: float, decimals: int, log: bool) -> np.ndarray:
    """Return the least and the largest number that rounds to each printed one, (3, 2), as logarithms with ``log``."""
    half = 0.5 * 10.0**-decimals
    if not (np.isfinite([value, low, high]).all() and low < high) or (log and min(value, low, high) <= half):
        least = f"ratios above {half:g}" if log else "finite numbers"
        raise StatisticsError(f"interval: expected {least}, low < high, found {value} ({low} to {high}).")
    ends = np.array([[x - half, x + half] for x in (value, low, high)])
    return np.log(ends) if log else ends
