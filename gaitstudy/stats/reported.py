"""What a printed number implies, and whether printed numbers fit together: intervals, p values, SDs, means of counts.

Printed numbers are rounded. Where it matters, functions take ``decimals`` and let every value pass that rounds, up or
down, to what is printed.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy import stats

from gaitstudy.conventions import StatisticsError

_TINY = 1e-9


def standard_error_from_interval(low: float, high: float, level: float = 0.95, df: float | None = None) -> float:
    """Return the standard error of an estimate from its interval, in the interval's unit.

    Parameters
    ----------
    low, high : a symmetric interval; of a ratio, their logarithms. level : of the interval.
    df : degrees of freedom of a t interval; ``None`` for a normal one.

    Raises
    ------
    StatisticsError : bounds that are missing or the wrong way round, a level outside 0-1, df not above 0.

    Examples
    --------
    >>> round(standard_error_from_interval(-1.96, 1.96), 4)
    1.0
    """
    _bounds(low, high, level, df)
    return (high - low) / (2 * _quantile(level, df))


def p_from_interval(
    value: float, low: float, high: float, level: float = 0.95, df: float | None = None, null: float = 0.0
) -> float:
    """Return the two-sided p value of ``value`` against ``null`` that its interval implies.

    Parameters
    ----------
    value, low, high, null : one unit; of ratios, logarithms. level, df : as in ``standard_error_from_interval``.

    Raises
    ------
    StatisticsError : as there, or a value outside its interval.

    References
    ----------
    Altman DG, Bland JM (2011) BMJ 343:d2304, doi 10.1136/bmj.d2304: general knowledge, not verified.

    Examples
    --------
    >>> round(p_from_interval(-0.21, -0.50, 0.08), 2)
    0.16
    """
    error = standard_error_from_interval(low, high, level, df)
    if not low <= value <= high:
        raise StatisticsError(f"p_from_interval: expected low <= value <= high, found {low}, {value}, {high}.")
    ratio = abs(value - null) / error
    return 2 * float(stats.norm.sf(ratio) if df is None else stats.t.sf(ratio, df))


def p_within_rounding(
    value: float,
    low: float,
    high: float,
    decimals: int,
    level: float = 0.95,
    df: float | None = None,
    log: bool = False,
) -> tuple[float, float]:
    """Return the smallest and largest p value against no effect that an interval printed with ``decimals`` allows.

    Parameters
    ----------
    value, low, high : as printed, one unit. decimals : after the point. level, df : as in ``p_from_interval``.
    log : they are ratios, symmetric as logarithms, and no effect is 1.

    Raises
    ------
    StatisticsError : as ``p_from_interval``; ratios that may round from zero.
    """
    p_from_interval(value, low, high, level, df)
    half = 0.5 * 10.0**-decimals
    if log and low <= half:
        raise StatisticsError(f"p_within_rounding: expected ratios above {half:g}, found {low}.")
    corners = np.array([[x - half, x + half] for x in (value, low, high)])
    if log:
        corners = np.log(corners)
    (v0, v1), (l0, l1), (h0, h1) = corners
    wide, narrow = ((a - b) / (2 * _quantile(level, df)) for a, b in ((h1, l0), (h0, l1)))
    far, near = max(abs(v0), abs(v1)), 0.0 if v0 <= 0 <= v1 else min(abs(v0), abs(v1))
    tail = stats.norm.sf if df is None else (lambda x: stats.t.sf(x, df))
    return 2 * float(tail(far / narrow if narrow > 0 else np.inf)), 2 * float(tail(near / wide))


def interval_from_p(
    value: float, p: float, level: float = 0.95, df: float | None = None, null: float = 0.0
) -> tuple[float, float]:
    """Return the interval of an estimate that its exact two-sided p value against ``null`` implies, in its unit.

    Raises
    ------
    StatisticsError : p not between 0 and 1 (a bound such as "p < .05" gives no interval), an estimate at ``null`` or
        not finite, a level outside 0-1, df not above 0.

    References
    ----------
    Altman DG, Bland JM (2011) BMJ 343:d2090, doi 10.1136/bmj.d2090: general knowledge, not verified.

    Examples
    --------
    >>> low, high = interval_from_p(1.0, 0.05)
    >>> round(low, 9), round(high, 4)
    (0.0, 2.0)
    """
    if not (0 < p < 1 and np.isfinite(value) and value != null and 0 < level < 1 and (df is None or df > 0)):
        raise StatisticsError(
            f"interval_from_p: expected 0 < p < 1, a value other than {null}, a level between 0 and 1 and df above 0; "
            f"found {p}, {value}, {level}, {df}."
        )
    ratio = stats.norm.isf(p / 2) if df is None else stats.t.isf(p / 2, df)
    reach = _quantile(level, df) * abs(value - null) / float(ratio)
    return value - reach, value + reach


def sd_from_interval(low: float, high: float, n: int, level: float = 0.95, t: bool = True) -> float:
    """Return the SD of n values from the interval of their mean, in its unit.

    Parameters
    ----------
    low, high, level : of the mean. n : values. t : the interval is a t interval (n - 1); else a normal one.

    Raises
    ------
    StatisticsError : fewer than two values, or as ``standard_error_from_interval``.

    Examples
    --------
    >>> round(sd_from_interval(-1.0, 1.0, 25), 3), round(sd_from_interval(-1.0, 1.0, 25, t=False), 3)
    (2.423, 2.551)
    """
    if n < 2:
        raise StatisticsError(f"sd_from_interval: expected at least 2 values, found {n}.")
    return standard_error_from_interval(low, high, level, n - 1 if t else None) * float(np.sqrt(n))


def off_centre(value: float, low: float, high: float, decimals: int, log: bool = False) -> tuple[float, float]:
    """Return how far a value lies from the middle of its interval, and how far rounding alone could put it.

    Parameters
    ----------
    value, low, high : as printed, one unit. decimals : printed. log : they are ratios, symmetric as logarithms.

    Returns
    -------
    Value less middle, and the largest size of it that printing with ``decimals`` allows for a symmetric interval.

    Raises
    ------
    StatisticsError : a value that is not finite, bounds that are missing or the wrong way round, ratios that may round
        from zero.

    Examples
    --------
    >>> away, allowed = off_centre(-14.7, -22.8, -6.9, 1)
    >>> round(away, 2), round(allowed, 2)
    (0.15, 0.1)
    """
    _bounds(low, high, 0.95, None)
    numbers, half = np.array([value, low, high]), 0.5 * 10.0**-decimals
    if not np.isfinite(value) or (log and numbers.min() <= half):
        raise StatisticsError(
            f"off_centre: expected finite numbers, ratios above {half:g}, found {value}, {low}, {high}."
        )
    inner, outer = numbers - half, numbers + half
    if log:
        numbers, inner, outer = np.log(numbers), np.log(inner), np.log(outer)
    v, a, b = (outer - inner) / 2
    return float(numbers[0] - (numbers[1] + numbers[2]) / 2), float(v + (a + b) / 2)


def grim(mean: float, n: int, decimals: int, items: int = 1) -> pd.DataFrame:
    """Return whether a printed mean of whole numbers is possible: some sum of n x items must round to it.

    Parameters
    ----------
    mean : as printed, in points of the scale; a share of people as a fraction of 1. n : people. decimals : printed.
    items : whole-number answers averaged for each person.

    Returns
    -------
    One row: ``possible`` (rounding a half up or down both allowed), ``below, above`` (the nearest means there are),
    ``telling`` (false if n x items reaches 10^decimals: then every mean is possible and nothing is checked).

    Raises
    ------
    StatisticsError : n, items or decimals that are not whole, fewer than one person or item, decimals below 0, a mean
        that is not finite or has more decimals than were printed.

    References
    ----------
    Brown NJL, Heathers JAJ (2017), doi 10.1177/1948550616673876: general knowledge, not verified.

    Examples
    --------
    >>> grim(5.19, 28, 2)["possible"].item(), grim(5.18, 28, 2)["possible"].item()
    (False, True)
    """
    whole = all(float(x).is_integer() for x in (n, items, decimals))
    if not (whole and n >= 1 and items >= 1 and decimals >= 0 and abs(round(mean, int(decimals)) - mean) < _TINY):
        raise StatisticsError(
            f"grim: expected a finite mean as printed, whole n and items of 1 or more, whole decimals of 0 or more; "
            f"found {mean}, {n}, {items}, {decimals}."
        )
    count = n * items
    below, above = np.floor(mean * count + _TINY) / count, np.ceil(mean * count - _TINY) / count
    half = 0.5 * 10.0**-decimals + _TINY
    possible = bool(mean - below <= half or above - mean <= half)
    row = {"possible": possible, "below": below, "above": above, "telling": count < 10**decimals}
    return pd.DataFrame([row])


def t_from_summaries(
    mean: float, sd: float, n: int, other_mean: float, other_sd: float, other_n: int
) -> tuple[float, float]:
    """Return t and two-sided p of the difference of two independent groups, equal variances, first less second.

    Parameters
    ----------
    mean, sd, n, other_mean, other_sd, other_n : of the groups, means and SDs in one unit.

    Raises
    ------
    StatisticsError : means that are not finite, SDs below zero or both zero, groups of fewer than two.

    Examples
    --------
    >>> t, p = t_from_summaries(0.26, 0.04, 32, 0.22, 0.04, 28)
    >>> round(t, 2), round(p, 4)
    (3.86, 0.0003)
    """
    possible = np.isfinite([mean, other_mean, sd, other_sd]).all() and min(sd, other_sd) >= 0 < max(sd, other_sd)
    if not (possible and n >= 2 and other_n >= 2):
        raise StatisticsError(
            f"groups: expected finite means, SDs of 0 or more (not both 0), 2 people or more in each; found {mean}, "
            f"{sd}, {n} and {other_mean}, {other_sd}, {other_n}."
        )
    found = stats.ttest_ind_from_stats(mean, sd, n, other_mean, other_sd, other_n)
    return float(found.statistic), float(found.pvalue)


def p_of_groups_within_rounding(
    mean: float, sd: float, n: int, other_mean: float, other_sd: float, other_n: int, decimals: int
) -> tuple[float, float]:
    """Return the smallest and largest p value that two printed means and SDs allow; arguments as above, one unit.

    ``decimals`` : of all four. A printed SD that may have been zero gives a smallest p of zero.

    Raises
    ------
    StatisticsError : as ``t_from_summaries``, except that both SDs may be printed as zero.
    """
    if not min(sd, other_sd) >= 0:
        raise StatisticsError(f"groups: expected SDs of 0 or more, found {sd} and {other_sd}.")
    half, apart = 0.5 * 10.0**-decimals, abs(mean - other_mean)
    found = []
    for sign in (1, -1):
        narrow = [max(s - sign * half, 1e-12) for s in (sd, other_sd)]
        found.append(t_from_summaries(max(apart + 2 * sign * half, 0.0), narrow[0], n, 0.0, narrow[1], other_n)[1])
    return found[0], found[1]


def heterogeneity_p(i2: float, studies: int) -> float:
    """Return the p value of Cochran's Q that an I2 (%) of so many studies implies; for 0 %, the least it can be.

    Raises
    ------
    StatisticsError : fewer than two studies, an I2 outside 0 to below 100.

    References
    ----------
    Higgins JPT, Thompson SG (2002), doi 10.1002/sim.1186: I2 = (Q - df) / Q; general knowledge, not verified.

    Examples
    --------
    >>> round(heterogeneity_p(0.0, 13), 2), heterogeneity_p(75.0, 13) < 0.001
    (0.45, True)
    """
    if studies < 2 or not 0 <= i2 < 100:
        raise StatisticsError(f"heterogeneity_p: expected 2 studies or more and 0 <= I2 < 100, found {studies}, {i2}.")
    return float(stats.chi2.sf((studies - 1) / (1 - i2 / 100), studies - 1))


def largest_sd(difference: float, n: int, other_n: int, p: float = 0.05) -> float:
    """Return the SD within groups at which a difference of two means just reaches two-sided ``p``, in its unit.

    Raises
    ------
    StatisticsError : groups too small, p not between 0 and 1, a difference that is not finite.

    Examples
    --------
    >>> round(largest_sd(1.2, 34, 34), 3)
    2.478
    """
    if not (min(n, other_n) >= 2 and 0 < p < 1 and np.isfinite(difference)):
        raise StatisticsError(
            f"largest_sd: expected a finite difference, groups of 2 or more and 0 < p < 1, found {difference}, {n}, "
            f"{other_n}, {p}."
        )
    quantile = float(stats.t.isf(p / 2, n + other_n - 2))
    return abs(difference) / (quantile * float(np.sqrt(1 / n + 1 / other_n)))


def smallest_correlation(change: float, sd: float, other_sd: float, n: int, p: float = 0.05) -> float:
    """Return the correlation over people above which a paired change reaches two-sided ``p``.

    Above 1 it cannot reach it; at -1 or below it does with any correlation.

    Parameters
    ----------
    change, sd, other_sd : of two measurements of the same n people, one unit.

    Raises
    ------
    StatisticsError : a change that is not finite, an SD not above zero, fewer than two people, p not between 0 and 1.
    """
    if not (np.isfinite([change, sd, other_sd]).all() and min(sd, other_sd) > 0 and n >= 2 and 0 < p < 1):
        raise StatisticsError(
            f"smallest_correlation: expected a finite change, SDs above 0, n of 2 or more and 0 < p < 1; found "
            f"{change}, {sd}, {other_sd}, {n}, {p}."
        )
    allowed = abs(change) * np.sqrt(n) / float(stats.t.isf(p / 2, n - 1))
    return float((sd**2 + other_sd**2 - allowed**2) / (2 * sd * other_sd))


def smallest_detectable_change(sem: float, *, multiple: float = 1.96) -> float:
    """Return the change beyond measurement error between two measurements, as a printed error of one implies it.

    From ratings, not print: ``reliability.measurement_error``.

    Parameters
    ----------
    sem : standard error of one measurement, any unit, that of the result. multiple : of the error of a difference.

    Raises
    ------
    StatisticsError : an error that is not above zero.

    Examples
    --------
    >>> round(smallest_detectable_change(9.67), 3)
    26.804
    """
    if not (np.isfinite(sem) and sem > 0):
        raise StatisticsError(f"smallest_detectable_change: expected a standard error above 0, found {sem}.")
    return multiple * float(np.sqrt(2)) * sem


def _quantile(level: float, df: float | None) -> float:
    return float(stats.norm.ppf((1 + level) / 2) if df is None else stats.t.ppf((1 + level) / 2, df))


def _bounds(low: float, high: float, level: float, df: float | None) -> None:
    """Refuse an interval that is none."""
    if not (np.isfinite([low, high]).all() and low < high and 0 < level < 1 and (df is None or df > 0)):
        raise StatisticsError(
            f"interval: expected finite low < high, a level between 0 and 1 and df above 0, found {low}, {high}, "
            f"{level}, {df}."
        )
