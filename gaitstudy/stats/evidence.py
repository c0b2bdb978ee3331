"""Evidence from several studies: pooling of effects, heterogeneity, and the arithmetic of effect sizes.

``reported`` checks single printed numbers; this module puts numbers of independent studies together. Published ones are
rows of ``io.published.effects``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd
from scipy import optimize, special, stats

from gaitstudy.conventions import StatisticsError
from gaitstudy.stats.reported import standard_error_from_interval

METHODS = ("fixed", "REML", "DL", "PM")
"""Fixed effect; random effects with the variance between studies by restricted maximum likelihood, by DerSimonian and
Laird's moments, or by Paule and Mandel's equation."""
INTERVALS = ("Wald", "Hartung-Knapp", "Hartung-Knapp, truncated")
"""Normal; t with the error rescaled by the spread seen, as it comes; the same, never narrower than unscaled."""


def pool(
    effect: np.ndarray,
    standard_error: np.ndarray,
    *,
    method: str = "REML",
    interval: str = "Hartung-Knapp",
    level: float = 0.95,
    incomplete: str = "refuse",
) -> pd.DataFrame:
    """Return the pooled effect of independent studies, its interval, and how much the studies differ.

    Parameters
    ----------
    effect : (study,), one scale and unit for all; ratios as logarithms. standard_error : (study,), same unit.
    method : one of ``METHODS``. interval : one of ``INTERVALS``; a fixed effect takes ``Wald`` only.
    level : of the intervals. incomplete : ``refuse`` a study without a finite effect or a standard error above zero,
        or ``leave out``, which counts them.

    Returns
    -------
    One row: ``method, interval, studies, left_out``; ``estimate, standard_error, low, high, p`` and ``df`` (missing for
    normal intervals); ``prediction_low, prediction_high``, where the effect of a further study is expected (with the
    interval's own quantile; missing for a fixed effect); ``tau2``, variance between studies; Cochran's ``q`` on
    ``q_df``, ``q_p``; ``i2`` (%) and ``h2``, from Q for a fixed effect, else from tau2 and the typical variance within.
    ``attrs["weights"]``: of the studies kept, summing to 1.

    Raises
    ------
    StatisticsError : fewer than two studies (one is no pooling), incomplete ones unless left out, an unknown choice, a
        variance between studies that is not found, effects all alike with an interval that rescales by their spread
        (it would have no width).

    References
    ----------
    DerSimonian R, Laird N (1986), doi 10.1016/0197-2456(86)90046-2; Knapp G, Hartung J (2003), doi 10.1002/sim.1482;
    Higgins JPT, Thompson SG (2002), doi 10.1002/sim.1186; Viechtbauer W (2010), doi 10.18637/jss.v036.i03: general
    knowledge, not verified; checked against R's metafor.

    Examples
    --------
    >>> pool(np.array([0.0, 1.0]), np.array([1.0, 1.0]), method="fixed", interval="Wald")["estimate"].item()
    0.5
    """
    y, error, left_out = _studies(effect, standard_error, method, interval, level, incomplete)
    k, v = len(y), error**2
    plain = 1 / v
    q = float(plain @ (y - plain @ y / plain.sum()) ** 2)
    tau2 = 0.0 if method == "fixed" else _between(y, v, method)
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
    if method == "fixed":
        i2, h2, further = max(0.0, 100 * (q - (k - 1)) / q) if q > 0 else 0.0, q / (k - 1), np.nan
    else:
        i2, h2 = 100 * tau2 / (tau2 + typical), tau2 / typical + 1
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = abs(np.float64(estimate) / se)
    row = {
        "method": method, "interval": interval, "studies": k, "left_out": left_out, "estimate": estimate,
        "standard_error": se, "low": estimate - reach, "high": estimate + reach,
        "p": 2 * float(stats.norm.sf(ratio) if np.isnan(df) else stats.t.sf(ratio, df)), "df": df,
        "prediction_low": estimate - further, "prediction_high": estimate + further, "tau2": tau2, "q": q,
        "q_df": k - 1, "q_p": float(stats.chi2.sf(q, k - 1)), "i2": float(i2), "h2": float(h2),
    }  # fmt: skip
    table = pd.DataFrame([row])
    table.attrs = {"weights": (w / w.sum()).tolist(), "level": level}
    return table


def hedges_g(
    mean: float, sd: float, n: int, other_mean: float, other_sd: float, other_n: int, level: float = 0.95
) -> pd.DataFrame:
    """Return the standardised difference of two independent groups, first less second, corrected for small samples.

    Parameters
    ----------
    mean, sd, n, other_mean, other_sd, other_n : of the groups, means and SDs in one unit.

    Returns
    -------
    One row: ``g`` (in pooled SDs, exact gamma correction), ``variance`` = 1/n + 1/n' + g^2 / (2 (n + n')),
    ``standard_error, low, high`` (normal).

    Raises
    ------
    StatisticsError : an SD that is not above zero, fewer than two people in a group, a mean that is not finite, a level
        outside 0-1.

    References
    ----------
    Hedges LV (1981), doi 10.3102/10769986006002107: general knowledge, not verified; checked against R's metafor.
    """
    _refuse("hedges_g", {"SD above 0": (sd, other_sd), "n of 2 or more": (n - 1.5, other_n - 1.5)}, mean - other_mean,
            level)  # fmt: skip
    df = n + other_n - 2
    pooled = np.sqrt(((n - 1) * sd**2 + (other_n - 1) * other_sd**2) / df)
    g = small_sample(df) * (mean - other_mean) / pooled
    return _standardised(g, 1 / n + 1 / other_n + g**2 / (2 * (n + other_n)), level)


def hedges_g_paired(
    mean: float, sd: float, other_mean: float, other_sd: float, n: int, correlation: float, *, by: str = "other",
    level: float = 0.95,
) -> pd.DataFrame:  # fmt: skip
    """Return the standardised difference of two measurements of the same people, first less second.

    Parameters
    ----------
    mean, sd, other_mean, other_sd, n : of the measurements, one unit, and of the people.
    correlation : of the two measurements over people. Reports often leave it out; it cannot be guessed from SDs.
    by : the SD it is measured in, ``other`` (the second's, natural walking) or ``change`` (of the differences).

    Returns
    -------
    As ``hedges_g``; variance 2 (1 - r)/n + g^2/(2n) by ``other``, 1/n + g^2/(2n) by ``change``.

    Raises
    ------
    StatisticsError : an SD not above zero, fewer than three people (with two there is no correction), a correlation not
        between -1 and 1, a mean that is not finite, a level outside 0-1.

    References
    ----------
    Becker BJ (1988), doi 10.1111/j.2044-8317.1988.tb00901.x: general knowledge, not verified; checked against metafor.
    """
    if by not in ("other", "change"):
        raise StatisticsError(f"hedges_g_paired: by: expected other or change, found {by!r}.")
    checks = {"SD above 0": (sd, other_sd), "n of 3 or more": (n - 2.5,)}
    _refuse("hedges_g_paired", checks | {"correlation between -1 and 1": (1 - abs(correlation),)}, mean - other_mean,
            level)  # fmt: skip
    change = np.sqrt(sd**2 + other_sd**2 - 2 * correlation * sd * other_sd)
    g = small_sample(n - 1) * (mean - other_mean) / (change if by == "change" else other_sd)
    return _standardised(g, (1 if by == "change" else 2 * (1 - correlation)) / n + g**2 / (2 * n), level)


def small_sample(df: float) -> float:
    """Return the factor that takes the bias out of a standardised difference with ``df`` degrees of freedom, no unit.

    NaN with one degree of freedom or fewer.

    References
    ----------
    Hedges LV (1981), doi 10.3102/10769986006002107: general knowledge, not verified.

    Examples
    --------
    >>> round(small_sample(7), 5)
    0.8882
    """
    return (
        float(np.exp(special.gammaln(df / 2) - special.gammaln((df - 1) / 2)) / np.sqrt(df / 2)) if df > 1 else np.nan
    )


def pooled(rows: pd.DataFrame, *, interval: str = "Hartung-Knapp, truncated") -> pd.DataFrame:
    """Return single studies pooled (REML), one scale, if that is honest; otherwise say why not.

    Parameters
    ----------
    rows : of ``effects``. interval : see ``pool``; truncated by default, since two studies that happen
        to agree would otherwise look certain.

    Returns
    -------
    ``pool``'s row, with ``outcome, unit`` and ``names``. Standard errors come from the 95 % intervals,
    read as normal ones; odds ratios are pooled as logarithms.

    Raises
    ------
    StatisticsError : different outcomes, measures or units, figures that others pooled, a study twice, studies that
        share people, fewer than two intervals; every reason is listed.
    """
    if reasons := why_not(rows):
        raise StatisticsError("pooled: " + "; ".join(reasons) + ". Show the rows side by side instead.")
    usable = rows[rows["low"].notna()]
    ratio = usable["measure"].iloc[0] == "odds ratio"
    numbers = usable[["effect", "low", "high"]].to_numpy(float)
    value, low, high = (np.log(numbers) if ratio else numbers).T
    errors = [standard_error_from_interval(a, b) for a, b in zip(low, high, strict=True)]
    found = pool(value, np.array(errors), interval=interval)
    found.insert(0, "unit", f"log {usable['unit'].iloc[0]}" if ratio else usable["unit"].iloc[0])
    found.insert(0, "outcome", usable["outcome"].iloc[0])
    return found.assign(names="; ".join(usable["study"]), left_out=int(rows["low"].isna().sum()))


def why_not(rows: pd.DataFrame) -> list[str]:
    """Return every reason why rows of ``effects`` may not be pooled; none if they may."""
    reasons = [
        f"several {name}s: {', '.join(map(str, rows[name].unique()))}"
        for name in ("exposure", "outcome", "measure", "unit")
        if rows[name].nunique() > 1
    ]
    usable = rows[rows["low"].notna()]
    if rows["pooled"].any():
        reasons.append(f"a figure pooled by others: {', '.join(rows.loc[rows['pooled'], 'study'].unique())}")
    if twice := sorted(usable["study"][usable["study"].duplicated()].unique()):
        reasons.append(f"one study more than once: {', '.join(twice)}")
    shared = usable.loc[usable["overlap"] != "", "overlap"]
    if shared.duplicated().any() and not twice:
        reasons.append(f"shared people: {', '.join(shared[shared.duplicated()].unique())}")
    if usable["study"].nunique() < 2:
        reasons.append(f"{usable['study'].nunique()} study with an interval, two are needed")
    return reasons


def group_differences(rows: pd.DataFrame, treated: str, control: str) -> pd.DataFrame:
    """Return Hedges' g of every study that prints means and SDs of two groups, as rows that ``pooled`` takes.

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


def forest_rows(rows: pd.DataFrame, by: Sequence[str] = ("exposure", "outcome")) -> pd.DataFrame:
    """Return rows of ``effects`` as ``figures.effects_forest`` draws them: ``label, effect, low, high, kind, size``.

    Parameters
    ----------
    by : columns that the label names beside the study. ``size`` says how many studies and people, if that was read.
    """
    what = rows[list(by)].agg(", ".join, axis=1)
    sizes = []
    columns = rows[["studies", "n", "effect", "p", "count_of"]]
    for k, n, effect, p, whole in columns.itertuples(index=False, name=None):
        known = [f"{count:g} {word}" for count, word in ((k, "studies"), (n, "people")) if np.isfinite(count)]
        known = [f"review: {', '.join(known)}"] if whole and known else known
        only_p = [f"p printed: {p.replace('<', 'below ')}"] if p and np.isnan(effect) else []
        sizes.append(", ".join(known or ["size not read"]) + "".join(f"\n{text}" for text in only_p))
    table = rows[["effect", "low", "high"]].reset_index(drop=True)
    table.insert(0, "label", [f"{w}\n{s}" for w, s in zip(what, rows["study"], strict=True)])
    return table.assign(kind=np.where(rows["pooled"], "pooled", "study"), size=sizes)


# ---- within the room ----


def _studies(
    effect: np.ndarray, standard_error: np.ndarray, method: str, interval: str, level: float, incomplete: str
) -> tuple[np.ndarray, np.ndarray, int]:
    """Return the studies that can be pooled, and how many were left out; every problem is listed."""
    y, error = np.atleast_1d(np.asarray(effect, float)), np.atleast_1d(np.asarray(standard_error, float))
    problems = []
    for name, value, known in (("method", method, METHODS), ("interval", interval, INTERVALS),
                               ("incomplete", incomplete, ("refuse", "leave out"))):  # fmt: skip
        if value not in known:
            problems.append(f"{name}: expected one of {'; '.join(known)}, found {value!r}")
    if method == "fixed" and interval != "Wald":
        problems.append(f"interval: expected Wald for a fixed effect, found {interval!r}")
    if not 0 < level < 1:
        problems.append(f"level: expected between 0 and 1, found {level}")
    if y.shape != error.shape or y.ndim != 1:
        problems.append(f"expected one standard error for each effect, found shapes {y.shape} and {error.shape}")
        raise StatisticsError("pool: " + "; ".join(problems) + ".")
    good = np.isfinite(y) & np.isfinite(error) & (error > 0)
    if incomplete == "refuse":
        problems += [
            f"study {k + 1}: expected a finite effect and a standard error above 0, found {y[k]} and {error[k]}"
            for k in np.flatnonzero(~good)
        ]
        good[:] = True
    if good.sum() < 2:
        problems.append(f"expected at least 2 studies, found {good.sum()}: one study is no pooling, show it as it is")
    if problems:
        raise StatisticsError("pool: " + "; ".join(problems) + ".")
    return y[good], error[good], int((~good).sum())


def _between(y: np.ndarray, v: np.ndarray, method: str) -> float:
    """Return the variance between studies, zero or more."""
    k, plain = len(y), 1 / v
    if method == "DL":
        q = plain @ (y - plain @ y / plain.sum()) ** 2
        return max(0.0, float((q - (k - 1)) / (plain.sum() - (plain**2).sum() / plain.sum())))

    def moments(tau2: float) -> tuple[float, float, float, float]:
        w = 1 / (v + tau2)
        away = y - w @ y / w.sum()
        return float(w.sum()), float((w**2).sum()), float(w @ away**2), float(w**2 @ away**2)

    def generalised_q(tau2: float) -> float:
        return moments(tau2)[2] - (k - 1)

    def slope(tau2: float) -> float:
        total, squares, _, away = moments(tau2)
        return away - (total - squares / total)

    def likelihood(tau2: float) -> float:
        total, _, away, _ = moments(tau2)
        return -0.5 * (float(np.log(v + tau2).sum()) + np.log(total) + away)

    largest = 10 * (float(((y - y.mean()) ** 2).sum()) + float(v.max()))
    if method == "PM":
        return _root(generalised_q, 0.0, largest) if generalised_q(0.0) > 0 else 0.0
    grid = np.r_[0.0, np.geomspace(1e-8 * largest, largest, 400)]  # the likelihood may have several tops
    slopes = np.array([slope(t) for t in grid])
    turns = np.flatnonzero((slopes[:-1] > 0) & (slopes[1:] <= 0))
    tops = [0.0, *(_root(slope, grid[i], grid[i + 1]) for i in turns)]
    return max(tops, key=likelihood)


def _root(function: Callable[[float], float], low: float, high: float) -> float:
    try:
        return float(optimize.brentq(function, low, high, xtol=1e-300, rtol=1e-14, maxiter=500))
    except (RuntimeError, ValueError) as error:
        raise StatisticsError(f"pool: expected to find the variance between studies, found none: {error}.") from error


def _refuse(where: str, checks: dict[str, tuple[float, ...]], difference: float, level: float) -> None:
    """Raise if one of the values that must be above zero is not, or the difference or level is impossible."""
    wrong = [what for what, values in checks.items() if not all(np.isfinite(x) and x > 0 for x in values)]
    wrong += ["finite means"] * (not np.isfinite(difference)) + ["a level between 0 and 1"] * (not 0 < level < 1)
    if wrong:
        raise StatisticsError(f"{where}: expected {', '.join(wrong)}; look at the numbers given.")


def _standardised(g: float, variance: float, level: float) -> pd.DataFrame:
    error = float(np.sqrt(variance))
    reach = float(stats.norm.ppf((1 + level) / 2)) * error
    row = {"g": float(g), "variance": float(variance), "standard_error": error, "low": g - reach, "high": g + reach}
    return pd.DataFrame([row])
