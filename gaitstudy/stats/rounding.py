"""Whether printed numbers fit together once rounding is allowed for: values, p values, means of whole numbers.

Every value passes that rounds, up or down, to what is printed.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy import stats

from gaitstudy.conventions import StatisticsError
from gaitstudy.stats.reported import _bounds, _quantile, p_from_interval, t_from_summaries

_TINY = 1e-9


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
    away = float(numbers[0] - (numbers[1] + numbers[2]) / 2)
    down, up = numbers - inner, outer - numbers  # as logarithms a printed ratio has more room below than above
    v, (low_room, high_room) = (down[0], up[1:]) if away > 0 else (up[0], down[1:])
    return away, float(v + (low_room + high_room) / 2)


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
