"""Means of series whose values depend on their neighbours, with the uncertainty that the moving block bootstrap gives.

Blocks of consecutive values are drawn instead of single ones, so that what neighbours share stays together. For a mean
nothing has to be drawn: the variance over all possible draws is that of the block means over the number of blocks.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from gaitstudy.conventions import StatisticsError


class Means(NamedTuple):
    """Means of many series.

    ``mean`` (series, quantity), the values' unit; ``covariance`` (series, quantity, quantity) of that mean, unit
    squared; ``size`` values and ``block`` length, (series,); ``blocks`` (series,): how many blocks fit in side by
    side, less one: about the degrees of freedom behind the covariance.
    """

    mean: np.ndarray
    covariance: np.ndarray
    size: np.ndarray
    block: np.ndarray
    blocks: np.ndarray


def default_block(count: np.ndarray) -> np.ndarray:
    """Return the block length taken for series of ``count`` values: the cube root, rounded up.

    That is near the length of least error for a correlation of about .4 between neighbours (Politis DN, White H (2004)
    Econometric Reviews 23:53, doi 10.1081/ETC-120028836; general knowledge, not verified).

    Examples
    --------
    >>> default_block(np.array([3, 8, 20, 100])).tolist()
    [2, 2, 3, 5]
    """
    cube = np.round(np.cbrt(count), 9)  # the cube root of 8 is 2
    return np.ceil(cube).astype(int)


def block_means(values: np.ndarray, series: np.ndarray, block: int | None = None) -> Means:
    """Return the mean of each series and the covariance of that mean by the moving block bootstrap, nothing drawn.

    With blocks of one value this is the usual standard error. Blocks shorter than the reach of the dependence give too
    small a variance: for neighbours correlated .3, 20 values and blocks of 3, by about a fifth.

    Parameters
    ----------
    values : (row, quantity), any units, every series' rows together and in the order they were measured; no gaps.
    series : (row,), whole numbers that never fall; rows of one number are one series.
    block : values in a block; ``default_block`` of each series without it.

    Returns
    -------
    Means, one for each number of ``series`` from 0 to its largest.

    Raises
    ------
    StatisticsError : rows out of order, gaps, a series shorter than two values, or no longer than its blocks.

    References
    ----------
    Künsch HR (1989) Ann Stat 17:1217, doi 10.1214/aos/1176347265; general knowledge, not verified. The variance is
    taken about the mean of the series and times n / (n - block): exact on average for independent values.

    Examples
    --------
    >>> found = block_means(np.array([[1.0], [2], [3], [4]]), np.zeros(4, int), block=1)
    >>> float(found.mean[0, 0]), float(found.covariance[0, 0, 0])
    (2.5, 0.4166667)
    """
    values, series = np.asarray(values, float), np.asarray(series)
    if values.ndim != 2 or len(values) != len(series) or not len(series) or series[0] != 0:
        raise StatisticsError(
            f"block_means: expected values (row, quantity) and one series each, from 0 on; found {values.shape} and "
            f"{series.shape}."
        )
    count = np.bincount(series)
    length = default_block(count) if block is None else np.full(len(count), block)
    problems = []
    if (np.diff(series) < 0).any():
        problems.append("series: expected the rows of a series together, in rising order; sort them")
    if gaps := int((~np.isfinite(values)).any(axis=1).sum()):
        problems.append(f"values: expected no gaps, found {gaps} rows with one; leave them out and count them")
    for k in np.flatnonzero((count < 2) | (length >= count) | (length < 1)):
        problems.append(
            f"series {k}: expected at least 2 values, and more than a block ({length[k]}), found {count[k]}"
        )
    if problems:
        raise StatisticsError("block_means: " + "; ".join(problems) + ".")
    first = np.concatenate([[0], np.cumsum(count)[:-1]])
    mean = np.add.reduceat(values, first) / count[:, None]
    centred = np.concatenate([np.zeros((1, values.shape[1])), np.cumsum(values - mean[series], axis=0)])
    at, reach = np.arange(len(values)), length[series]
    starts = at[at - first[series] <= count[series] - reach]
    away = (centred[starts + length[series[starts]]] - centred[starts]) / length[series[starts], None]
    groups = np.concatenate([[0], np.cumsum(count - length + 1)[:-1]])
    spread = np.add.reduceat(away[:, :, None] * away[:, None, :], groups) / (count - length + 1)[:, None, None]
    covariance = spread * (length / (count - length))[:, None, None]
    return Means(mean, covariance, count, length, count / length - 1)
