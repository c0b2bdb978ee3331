"""What a printed number implies: standard errors, p values, intervals, SDs and correlations from one another.

What rounding leaves open is worked out in ``stats.rounding``.
"""

from __future__ import annotations

import numpy as np
from scipy import stats

from gaitstudy.conventions import StatisticsError


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
