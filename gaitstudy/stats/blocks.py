"""Means of series whose values depend on their neighbours, with the uncertainty that the moving block bootstrap gives.

Blocks of consecutive values are drawn instead of single ones, so that what neighbours share stays together. For a mean
nothing has to be drawn: the variance over all possible draws is that of the block means over the number of blocks.
"""

from __future__ import annotations

import numpy as np

from gaitstudy.conventions import StatisticsError


def block_means(
    values: np.ndarray, series: np.ndarray, block: int | None = None
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Return the mean of each series and the covariance of that mean by the moving block bootstrap, nothing drawn.

    With blocks of one value this is the usual standard error. Blocks shorter than the reach of the dependence give too
    small a variance: for neighbours correlated .3, 20 values and blocks of 3, by about a fifth.

    Parameters
    ----------
    values : (row, quantity), any units, every series' rows together and in the order they were measured.
    series : (row,), whole numbers that never fall, from 0; rows of one number are one series.
    block : values in a block; without it the cube root of their number, rounded up. That is near the length of least
        error for a correlation of about .4 between neighbours (Politis DN, White H (2004) Econometric Reviews 23:53,
        doi 10.1081/ETC-120028836; general knowledge, not verified).

    Returns
    -------
    mean : (series, quantity), the values' unit. covariance : (series, quantity, quantity) of that mean, unit squared.
    size : (series,), values. blocks : (series,), how many blocks fit in side by side, less one: about the degrees of
    freedom behind the covariance.

    Raises
    ------
    StatisticsError : rows out of order, a series no longer than its blocks.

    References
    ----------
    Künsch HR (1989) Ann Stat 17:1217, doi 10.1214/aos/1176347265; general knowledge, not verified. The variance is
    taken about the mean of the series and times n / (n - block): exact on average for independent values.

    Examples
    --------
    >>> mean, covariance, _, _ = block_means(np.array([[1.0], [2], [3], [4]]), np.zeros(4, int), block=1)
    >>> float(mean[0, 0]), float(covariance[0, 0, 0])
    (2.5, 0.4166667)
    """
    count = np.bincount(series)
    length = np.ceil(np.round(np.cbrt(count), 9)).astype(int) if block is None else np.full(len(count), block)
    if (np.diff(series) < 0).any() or (length >= count).any():
        raise StatisticsError("block_means: expected series in rising order, each with more values than a block.")
    first = np.concatenate([[0], np.cumsum(count)[:-1]])
    mean = np.add.reduceat(values, first) / count[:, None]
    centred = np.concatenate([np.zeros((1, values.shape[1])), np.cumsum(values - mean[series], axis=0)])
    at, reach = np.arange(len(values)), length[series]
    starts = at[at - first[series] <= count[series] - reach]
    away = (centred[starts + length[series[starts]]] - centred[starts]) / length[series[starts], None]
    groups = np.concatenate([[0], np.cumsum(count - length + 1)[:-1]])
    spread = np.add.reduceat(away[:, :, None] * away[:, None, :], groups) / (count - length + 1)[:, None, None]
    covariance = spread * (length / (count - length))[:, None, None]
    return mean, covariance, count, count / length - 1
