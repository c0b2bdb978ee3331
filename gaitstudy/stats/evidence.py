"""Evidence from several studies: effects pooled with REML, and Hedges' g from printed means and SDs.

A common effect, and a variance between studies by DerSimonian and Laird or by Paule and Mandel, come from
``statsmodels.stats.meta_analysis.combine_effects``, which has no REML. ``reported`` checks single printed numbers.
Published effects are rows of ``io.published.effects``.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy import optimize, special, stats

from gaitstudy.conventions import StatisticsError

INTERVALS = ("Wald", "Hartung-Knapp", "Hartung-Knapp, truncated")
"""Normal; t with the error rescaled by the spread seen, as it comes; the same, never narrower than unscaled."""


def pool(
    effect: np.ndarray, standard_error: np.ndarray, *, interval: str = "Hartung-Knapp", level: float = 0.95
) -> pd.DataFrame:
    """Return the pooled effect of independent studies that may differ, by restricted maximum likelihood (REML).

    Parameters
    ----------
    effect : (study,), one scale and unit for all; ratios as logarithms. standard_error : (study,), same unit.
    interval : one of ``INTERVALS``. level : of the intervals.

    Returns
    -------
    One row: ``interval, studies``; ``estimate, standard_error, low, high, p`` and ``df`` (missing for normal
    intervals); ``prediction_low, prediction_high``, where the effect of a further study is expected (with the
    interval's quantile); ``tau2``, variance between studies; Cochran's ``q`` on ``q_df``, ``q_p``; ``i2`` (%), from
    tau2 and the typical variance within. ``attrs["weights"]``: of the studies, summing to 1.

    Raises
    ------
    StatisticsError : fewer than two studies (one is no pooling), an effect that is not finite or an error that is not
        above zero, an unknown interval, a level outside 0-1, a variance between studies that is not found, effects all
        alike with an interval that rescales by their spread (it would have no width).

    References
    ----------
    Knapp G, Hartung J (2003), doi 10.1002/sim.1482; Higgins JPT, Thompson SG (2002), doi 10.1002/sim.1186; Viechtbauer
    W (2010), doi 10.18637/jss.v036.i03: general knowledge, not verified; checked against R's metafor.

    Examples
    --------
    >>> float(pool(np.array([0.0, 1.0]), np.array([1.0, 1.0]), interval="Wald")["estimate"].iloc[0])
    0.5
    """
    y, error = _studies(effect, standard_error, interval, level)
    k, v = len(y), error**2
    plain = 1 / v
    q = float(plain @ (y - plain @ y / plain.sum()) ** 2)
    tau2 = _between(y, v)
    w = 1 / (v + tau2)
    estimate = float(w @ y / w.sum())
    variance, df = 1 / float(w.sum()), np.nan
    quantile = float(stats.norm.ppf((1 + level) / 2))
    if interval == "Hartung-Knapp" and np.ptp(y) == 0:
        raise StatisticsError(
            f"pool: expected effects that differ, found {k} of {y[0]:g}: their Hartung-Knapp interval has no width. "
            f"Use {INTERVALS[0]} or {INTERVALS[2]}."
        )
    if interval != "Wald":
        scale = float(w @ (y - estimate) ** 2) / (k - 1)
        variance *= max(scale, 1.0) if interval.endswith("truncated") else scale
        df, quantile = float(k - 1), float(stats.t.ppf((1 + level) / 2, k - 1))
    se = float(np.sqrt(variance))
    reach, further = quantile * se, quantile * float(np.sqrt(variance + tau2))
    typical = (k - 1) * plain.sum() / (plain.sum() ** 2 - (plain**2).sum())
    ratio = abs(estimate) / se
    row = {
        "interval": interval, "studies": k, "estimate": estimate, "standard_error": se, "low": estimate - reach,
        "high": estimate + reach, "p": 2 * float(stats.norm.sf(ratio) if np.isnan(df) else stats.t.sf(ratio, df)),
        "df": df, "prediction_low": estimate - further, "prediction_high": estimate + further, "tau2": tau2, "q": q,
        "q_df": k - 1, "q_p": float(stats.chi2.sf(q, k - 1)), "i2": float(100 * tau2 / (tau2 + typical)),
    }  # fmt: skip
    table = pd.DataFrame([row])
    table.attrs = {"weights": (w / w.sum()).tolist(), "level": level}
    return table


def hedges_g(mean: float, sd: float, n: int, other_mean: float, other_sd: float, other_n: int) -> pd.DataFrame:
    """Return the standardised difference of two independent groups, first less second, corrected for small samples.

    Parameters
    ----------
    mean, sd, n, other_mean, other_sd, other_n : of the groups, means and SDs in one unit.

    Returns
    -------
    One row: ``g`` (in pooled SDs, exact gamma correction), ``variance`` = 1/n + 1/n' + g^2 / (2 (n + n')),
    ``low, high`` (normal, 95 %).

    Raises
    ------
    StatisticsError : an SD that is not above zero, fewer than two people in a group, a mean that is not finite.

    References
    ----------
    Hedges LV (1981), doi 10.3102/10769986006002107: general knowledge, not verified; checked against R's metafor.
    """
    if not (
        sd > 0 and other_sd > 0 and n >= 2 and other_n >= 2 and np.isfinite([mean, other_mean, sd, other_sd]).all()
    ):
        raise StatisticsError(
            f"hedges_g: expected finite means, SDs above 0 and 2 people or more in each group; found {mean}, {sd}, {n} "
            f"and {other_mean}, {other_sd}, {other_n}."
        )
    df = n + other_n - 2
    pooled = np.sqrt(((n - 1) * sd**2 + (other_n - 1) * other_sd**2) / df)
    unbiased = np.exp(special.gammaln(df / 2) - special.gammaln((df - 1) / 2)) / np.sqrt(df / 2) if df > 1 else np.nan
    g = float(unbiased * (mean - other_mean) / pooled)
    variance = 1 / n + 1 / other_n + g**2 / (2 * (n + other_n))
    low, high = stats.norm.interval(0.95, g, np.sqrt(variance))
    return pd.DataFrame([{"g": g, "variance": variance, "low": low, "high": high}])


def group_differences(rows: pd.DataFrame, treated: str, control: str) -> pd.DataFrame:
    """Return Hedges' g of every study that prints means and SDs of two groups.

    Parameters
    ----------
    rows : of ``io.published.effects``, one outcome. treated, control : their exposures; g is treated less control.

    Returns
    -------
    The columns of ``rows``, status C; ``n`` of both groups; ``unit`` is ``Hedges g``; 95 % interval.

    Raises
    ------
    StatisticsError : no study prints both groups.
    """
    own = rows[(rows["measure"] == "mean") & rows["sd"].notna()]
    made = []
    for _, pair in own.groupby("study", sort=False):
        groups = pair.set_index("exposure")
        if {treated, control} <= set(groups.index):
            a, b = groups.loc[treated], groups.loc[control]
            g = hedges_g(a["effect"], a["sd"], int(a["n"]), b["effect"], b["sd"], int(b["n"])).iloc[0]
            found = {"effect": g["g"], "low": g["low"], "high": g["high"], "sd": np.nan, "n": a["n"] + b["n"]}
            row = a.to_dict() | found | {"exposure": f"{treated} against {control}", "measure": "difference"}
            made.append(row | {"unit": "Hedges g", "status": "C", "overlap": ""})
    if not made:
        raise StatisticsError(f"group_differences: expected a study with means of {treated} and {control}, found none.")
    return pd.DataFrame(made)[list(rows.columns)]


def _studies(
    effect: np.ndarray, standard_error: np.ndarray, interval: str, level: float
) -> tuple[np.ndarray, np.ndarray]:
    """Return the studies as arrays; every problem is listed."""
    y, error = np.atleast_1d(np.asarray(effect, float)), np.atleast_1d(np.asarray(standard_error, float))
    problems = []
    if interval not in INTERVALS:
        problems.append(f"interval: expected one of {'; '.join(INTERVALS)}, found {interval!r}")
    if not 0 < level < 1:
        problems.append(f"level: expected between 0 and 1, found {level}")
    if y.shape != error.shape or y.ndim != 1:
        problems.append(f"expected one standard error for each effect, found shapes {y.shape} and {error.shape}")
        raise StatisticsError("pool: " + "; ".join(problems) + ".")
    problems += [
        f"study {k + 1}: expected a finite effect and a standard error above 0, found {y[k]} and {error[k]}"
        for k in np.flatnonzero(~(np.isfinite(y) & np.isfinite(error) & (error > 0)))
    ]
    if len(y) < 2:
        problems.append(f"expected at least 2 studies, found {len(y)}: one study is no pooling, show it as it is")
    if problems:
        raise StatisticsError("pool: " + "; ".join(problems) + ".")
    return y, error


def _between(y: np.ndarray, v: np.ndarray) -> float:
    """Return the variance between studies at the top of the restricted likelihood, of which there may be several."""

    def moments(tau2: float) -> tuple[float, float, float, float]:
        w = 1 / (v + tau2)
        away = y - w @ y / w.sum()
        return float(w.sum()), float((w**2).sum()), float(w @ away**2), float(w**2 @ away**2)

    def slope(tau2: float) -> float:
        total, squares, _, away = moments(tau2)
        return away - (total - squares / total)

    def likelihood(tau2: float) -> float:
        total, _, away, _ = moments(tau2)
        return -0.5 * (float(np.log(v + tau2).sum()) + np.log(total) + away)

    largest = 10 * (float(((y - y.mean()) ** 2).sum()) + float(v.max()))
    grid = np.r_[0.0, np.geomspace(1e-8 * largest, largest, 400)]
    slopes = np.array([slope(t) for t in grid])
    turns = np.flatnonzero((slopes[:-1] > 0) & (slopes[1:] <= 0))
    try:
        found = [optimize.brentq(slope, grid[i], grid[i + 1], xtol=1e-300, rtol=1e-14, maxiter=500) for i in turns]
    except (RuntimeError, ValueError) as error:
        raise StatisticsError(f"pool: expected to find the variance between studies, found none: {error}.") from error
    return float(max([0.0, *found], key=likelihood))
