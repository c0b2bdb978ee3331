"""Effects of several studies, pooled with the variance between studies by restricted maximum likelihood (REML).

``statsmodels.stats.meta_analysis.combine_effects`` has a common effect and the variance between studies by DerSimonian
and Laird or by Paule and Mandel, but no REML; ``effectsize_smd`` there has Hedges' g from printed means and SDs.
Published effects are rows of ``io.published.effects``.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy import optimize, stats

from gaitstudy.conventions import StatisticsError

INTERVALS = ("Wald", "Hartung-Knapp, truncated")
"""Normal; t with the error rescaled by the spread of the effects, never narrower than unscaled."""


def pool(effect: np.ndarray, standard_error: np.ndarray, *, interval: str = INTERVALS[1]) -> pd.DataFrame:
    """Return the pooled effect of independent studies that may differ, by restricted maximum likelihood (REML).

    Parameters
    ----------
    effect : (study,), one scale and unit for all; ratios as logarithms. standard_error : (study,), same unit.
    interval : one of ``INTERVALS``, 95 %.

    Returns
    -------
    One row: ``interval, studies``; ``estimate, standard_error, low, high, p``; ``prediction_low, prediction_high``,
    where the effect of a further study is expected (with the interval's quantile); ``tau2``, variance between studies;
    Cochran's ``q`` with ``q_p``; ``i2`` (%), from tau2 and the typical variance within.

    Raises
    ------
    StatisticsError : fewer than two studies (one is no pooling), an effect that is not finite or an error that is not
        above zero, an unknown interval.

    References
    ----------
    Knapp G, Hartung J (2003), doi 10.1002/sim.1482; Higgins JPT, Thompson SG (2002), doi 10.1002/sim.1186; Viechtbauer
    W (2010), doi 10.18637/jss.v036.i03: general knowledge, not verified; checked against R's metafor.

    Examples
    --------
    >>> float(pool(np.array([0.0, 1.0]), np.array([1.0, 1.0]), interval="Wald")["estimate"].iloc[0])
    0.5
    """
    y, error = np.asarray(effect, float), np.asarray(standard_error, float)
    k, usable = len(y), np.isfinite(y) & np.isfinite(error) & (error > 0)
    if k < 2 or not usable.all() or interval not in INTERVALS:
        raise StatisticsError(
            "pool: expected at least 2 studies with finite effects and standard errors above 0, and an interval of "
            f"{INTERVALS}; found {usable.sum()} usable of {k} studies, {interval!r}. One study is no pooling."
        )
    v = error**2
    tau2 = _between(y, v)
    w, plain = 1 / (v + tau2), 1 / v
    estimate = float(w @ y / w.sum())
    variance, of = 1 / float(w.sum()), stats.norm()
    if interval == INTERVALS[1]:
        scale = float(w @ (y - estimate) ** 2) / (k - 1)
        variance, of = variance * max(scale, 1.0), stats.t(k - 1)
    se, further = np.sqrt(variance), np.sqrt(variance + tau2)
    q = float(plain @ (y - plain @ y / plain.sum()) ** 2)
    typical = (k - 1) * plain.sum() / (plain.sum() ** 2 - (plain**2).sum())
    quantile = of.ppf(0.975)
    row = {
        "interval": interval, "studies": k, "estimate": estimate, "standard_error": se, "low": estimate - quantile * se,
        "high": estimate + quantile * se, "p": 2 * of.sf(abs(estimate) / se),
        "prediction_low": estimate - quantile * further, "prediction_high": estimate + quantile * further,
        "tau2": tau2, "q": q, "q_p": stats.chi2.sf(q, k - 1), "i2": 100 * tau2 / (tau2 + typical),
    }  # fmt: skip
    return pd.DataFrame([row])


def _between(y: np.ndarray, v: np.ndarray) -> float:
    """Return the variance between studies at the top of the restricted likelihood, of which there may be several."""

    def slope(tau2: float) -> float:
        w = 1 / (v + tau2)
        away = y - w @ y / w.sum()
        return float(w**2 @ away**2 - (w.sum() - (w**2).sum() / w.sum()))

    def likelihood(tau2: float) -> float:
        w = 1 / (v + tau2)
        away = y - w @ y / w.sum()
        return float(-0.5 * (np.log(v + tau2).sum() + np.log(w.sum()) + w @ away**2))

    largest = 10 * (float(((y - y.mean()) ** 2).sum()) + float(v.max()))
    grid = np.r_[0.0, np.geomspace(1e-8 * largest, largest, 400)]
    slopes = np.array([slope(t) for t in grid])
    turns = np.flatnonzero((slopes[:-1] > 0) & (slopes[1:] <= 0))
    tops = [optimize.brentq(slope, grid[i], grid[i + 1], xtol=1e-300, rtol=1e-14, maxiter=500) for i in turns]
    return float(max([0.0, *tops], key=likelihood))
