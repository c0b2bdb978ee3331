"""Power of an analysis of covariance in closed form."""

from __future__ import annotations

import numpy as np
from scipy import stats

from gaitstudy.conventions import StatisticsError


def ancova_power(
    difference: float, sd: float, correlation: float, n_per_arm: int, alpha: float = 0.05, nodes: int = 400
) -> float:
    """Return the power of an analysis of covariance with one normal covariate, complete data, two equal arms.

    The t test has ``2 n - 3`` degrees of freedom and, given the covariate, a noncentral t distribution; it is averaged
    over the chance imbalance of the covariate, which is F distributed. Counts results in the difference's direction.

    Parameters
    ----------
    difference, sd : between the arms, and within them, of the outcome, any one unit. correlation : of outcome and
        covariate, within arms. n_per_arm : people. alpha : two-sided. nodes : of the average.

    Raises
    ------
    StatisticsError : a value that cannot be; all are listed.

    References
    ----------
    General knowledge, not verified against a source; checked against simulation.

    Examples
    --------
    >>> round(ancova_power(-1.2, 2.0, 0.6, 34), 3)
    0.856
    """
    checks = {
        f"difference: expected a finite number other than 0, found {difference}": np.isfinite(difference)
        and difference,
        f"sd: expected more than 0, found {sd}": sd > 0,
        f"correlation: expected between -1 and 1, found {correlation}": -1 < correlation < 1,
        f"n_per_arm: expected 2 or more, found {n_per_arm}": n_per_arm >= 2,
        f"alpha: expected between 0 and 1, found {alpha}": 0 < alpha < 1,
    }
    if problems := [text for text, good in checks.items() if not good]:
        raise StatisticsError("ancova_power: " + "; ".join(problems) + ".")
    within = 2 * n_per_arm - 2
    imbalance = stats.f.ppf((np.arange(nodes) + 0.5) / nodes, 1, within)
    error = sd * np.sqrt((1 - correlation**2) * 2 / n_per_arm * (1 + imbalance / within))
    cut = stats.t.isf(alpha / 2, within - 1)
    return float(stats.nct.sf(cut, within - 1, abs(difference) / error).mean())
