"""Power and sample size: analysis of covariance in closed form, and sizes read off simulated power."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
import statsmodels.api as sm
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


def sample_size(curve: pd.DataFrame, wanted: Sequence[float] = (0.8, 0.9)) -> pd.DataFrame:
    """Return how many people an arm reach a power, from simulated power at some sizes.

    A probit regression of the results on the square root of the size, inverted; the delta method gives a 95 %
    Monte-Carlo interval, which narrows with more simulated trials and says nothing of what they assume.

    Parameters
    ----------
    curve : ``n_per_arm, power, trials`` and columns that name the curves (``outcome, model, setting``, if there).
        wanted : powers, shares of 1.

    Returns
    -------
    The curve's names, ``power``, ``n_per_arm, low, high`` (people, rounded up; missing where the size lies beyond those
    simulated), and ``misfit``: the largest distance of a simulated power from the line.

    Raises
    ------
    StatisticsError : fewer than three sizes, or a power that is none; all are listed.
    """
    groups = [c for c in ("outcome", "model", "setting") if c in curve]
    curves = list(curve.groupby(groups, sort=False)) if groups else [((), curve)]
    problems = [f"power: expected between 0 and 1, found {w}" for w in wanted if not 0 < w < 1]
    problems += [f"{', '.join(map(str, key)) or 'curve'}: expected three sizes or more, found {count}"
                 for key, own in curves if (count := own["n_per_arm"].nunique()) < 3]  # fmt: skip
    if problems:
        raise StatisticsError("sample_size: " + "; ".join(problems) + ".")
    rows = []
    for key, own in curves:
        hits = np.rint(own["power"] * own["trials"])
        x = sm.add_constant(np.sqrt(own["n_per_arm"].to_numpy(float)))
        family = sm.families.Binomial(sm.families.links.Probit())
        fit = sm.GLM(np.column_stack([hits, own["trials"] - hits]), x, family=family).fit()
        (level, rise), spread = fit.params, fit.cov_params()
        misfit = float(np.abs(fit.predict(x) - own["power"]).max())
        for target in wanted:
            root = (stats.norm.ppf(target) - level) / rise
            slope = np.array([-1, -root]) / rise
            reach = stats.norm.isf(0.025) * np.sqrt(slope @ spread @ slope)
            sizes = np.array([root, root - reach, root + reach]) ** 2
            known = own["n_per_arm"].min() <= sizes[0] <= own["n_per_arm"].max()
            found = dict(zip(("n_per_arm", "low", "high"), np.where(known, np.ceil(sizes), np.nan), strict=True))
            rows.append(dict(zip(groups, key, strict=True)) | {"power": target, **found, "misfit": misfit})
    return pd.DataFrame(rows)
