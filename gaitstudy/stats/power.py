"""Power of an analysis of covariance in closed form."""

from __future__ import annotations

import numpy as np
from scipy import stats

from gaitstudy.conventions import StatisticsError

NODES = 400
"""Chance imbalances of the covariate over which power is averaged."""


def ancova_power(difference: float, sd: float, correlation: float, n_per_arm: int, alpha: float = 0.05) -> float:
    """Return the power of an analysis of covariance with one normal covariate, complete data, two equal arms.

    The t test has ``2 n - 3`` degrees of freedom and, given the covariate, a noncentral t distribution; it is averaged
    over the chance imbalance of the covariate, which is F distributed. Counts results in the difference's direction.

    Parameters
    ----------
    difference, sd : between the arms, and within them, of the outcome, any one unit. correlation : of outcome and
        covariate, within arms. n_per_arm : people. alpha : two-sided.

    Raises
    ------
    StatisticsError : a value that cannot be.

    References
    ----------
    General knowledge, not verified against a source; checked against simulation.

    Examples
    --------
    >>> round(ancova_power(-1.2, 2.0, 0.6, 34), 3)
    0.856
    """
    if not (sd > 0 and abs(correlation) < 1 and n_per_arm >= 2):
        raise StatisticsError(
            "ancova_power: expected an SD above 0, a correlation between -1 and 1 and 2 people or more; found "
            f"{sd}, {correlation}, {n_per_arm}."
        )
    within = 2 * n_per_arm - 2
    imbalance = stats.f.ppf((np.arange(NODES) + 0.5) / NODES, 1, within)
    error = sd * np.sqrt((1 - correlation**2) * 2 / n_per_arm * (1 + imbalance / within))
    cut = stats.t.isf(alpha / 2, within - 1)
    return float(stats.nct.sf(cut, within - 1, abs(difference) / error).mean())
