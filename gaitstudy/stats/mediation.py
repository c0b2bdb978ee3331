"""Mediation in the order of time: how much of an effect runs through something measured in between, and how sure."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from scipy import stats

from gaitstudy.conventions import StatisticsError
from gaitstudy.stats.regression import TOLERANCE, least_squares
from gaitstudy.stats.resampling import INTERVALS, drawn_counts, interval

MOST_CODES = 6
"""Distinct whole numbers of an exposure up to which they may be codes of arms, of which no slope can be taken."""


def mediation(
    exposure: np.ndarray,
    mediator: np.ndarray,
    outcome: np.ndarray,
    covariates: Sequence[np.ndarray] = (),
    *,
    weeks: tuple[float, float, float],
    resamples: int | np.ndarray = 5000,
    method: str = "percentile",
    confidence: float = 0.95,
    seed: int | np.random.Generator = 0,
) -> pd.DataFrame:
    """Split the effect of an exposure on a later outcome into a part through a mediator in between and the rest.

    Product of coefficients of two linear regressions, without interaction of exposure and mediator.

    **Confounding.** Randomisation protects the effects of an arm on mediator and outcome. It does not protect the
    effect of the mediator on the outcome: whatever moves both after randomisation (activity, adherence, other care)
    makes an indirect effect out of nothing, and adjusting for something the arm has changed does not help. Measure
    the mediator before the outcome, give both baselines as covariates, and show ``mediation_sensitivity`` beside it.
    In a simulated cohort the answer is the assumption that was put in.

    Parameters
    ----------
    exposure : (participant,), e.g. the arm, 0 or 1; three to six whole numbers are refused as codes of arms.
    mediator, outcome : (participant,), any units.
    covariates : each (participant,), from before the exposure.
    weeks : when exposure, mediator and outcome were measured, in weeks; they must follow each other.
    resamples : how often people are drawn anew; or whom, (resample, participant).
    method : of the indirect effect's interval: ``"percentile"``, ``"bias-corrected"`` or ``"BCa"``.

    Returns
    -------
    One row a path: ``path, coefficient, standard_error, low, high``. ``a``: mediator per exposure; ``b``: outcome per
    mediator, exposure held; ``b, exposure not held``; ``total``, ``direct`` and ``indirect`` (a times b): outcome per
    exposure. Intervals by Student's t, of ``indirect`` by bootstrap. ``attrs``: ``n``, ``left_out`` (people with a
    gap), ``method``, ``failed`` (resamples that were left out because they had no solution) and the caution.

    Raises
    ------
    StatisticsError : an order of weeks in which the cause comes last, lengths that differ, too few people, collinear.

    References
    ----------
    MacKinnon DP, Fairchild AJ, Fritz MS (2007) Annu Rev Psychol 58:593, doi 10.1146/annurev.psych.58.110405.085542;
    general knowledge, not verified; Imai K, Keele L, Yamamoto T (2010) Stat Sci 25:51, doi 10.1214/10-STS321.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> arm = np.repeat([0.0, 1.0], 200)
    >>> load = 2 * arm + rng.normal(size=400)
    >>> pain = 0.5 * load + rng.normal(size=400)
    >>> table = mediation(arm, load, pain, weeks=(0, 25, 52), resamples=500).set_index("path")
    >>> bool(table.loc["indirect", "low"] < 1 < table.loc["indirect", "high"])
    True
    """
    if not weeks[0] < weeks[1] < weeks[2]:
        raise StatisticsError(
            f"weeks: expected exposure before mediator before outcome, found {tuple(weeks)}. A mediator measured with "
            "or after the outcome cannot have caused it: use an earlier visit."
        )
    if method not in INTERVALS:
        raise StatisticsError(f"method: expected one of {', '.join(INTERVALS)}, found {method!r}.")
    columns, kept = _complete(exposure, mediator, outcome, covariates)
    x, m, y, *others = columns.T
    n, ones = len(x), np.ones(len(columns))
    fits = {
        "a": (least_squares(np.stack([ones, x, *others], -1), m), 1),
        "b": (least_squares(np.stack([ones, x, m, *others], -1), y), 2),
        "b, exposure not held": (least_squares(np.stack([ones, m, *others], -1), y), 1),
        "total": (least_squares(np.stack([ones, x, *others], -1), y), 1),
        "direct": (least_squares(np.stack([ones, x, m, *others], -1), y), 1),
    }
    rows: list[tuple[str, float, float, float, float]] = []
    for path, (fit, k) in fits.items():
        value, error = float(fit.coefficients[k]), float(fit.standard_errors[k])
        reach = float(stats.t.ppf((1 + confidence) / 2, fit.df)) * error
        rows.append((path, value, error, value - reach, value + reach))
    indirect = rows[0][1] * rows[1][1]
    counts = drawn_counts(int(kept.sum()), resamples, seed)
    drawn = np.prod(_paths(columns, counts)[:2], axis=0)
    solved = drawn[np.isfinite(drawn)]
    left = np.prod(_paths(columns, 1 - np.eye(n))[:2], axis=0) if method == "BCa" else None
    low, high = interval(solved, indirect, method, confidence, left)
    rows.append(("indirect", indirect, float(solved.std(ddof=1)), low, high))
    table = pd.DataFrame(rows, columns=["path", "coefficient", "standard_error", "low", "high"])
    table.attrs = {
        "n": n, "left_out": int((~kept).sum()), "method": method, "resamples": len(drawn),
        "failed": int(len(drawn) - len(solved)),
        "caution": "mediator and outcome may share causes after randomisation: see mediation_sensitivity",
    }  # fmt: skip
    return table


def mediation_sensitivity(
    exposure: np.ndarray,
    mediator: np.ndarray,
    outcome: np.ndarray,
    covariates: Sequence[np.ndarray] = (),
    *,
    rho: Sequence[float] = tuple(np.arange(-9, 10) / 10),
    resamples: int | np.ndarray = 1000,
    confidence: float = 0.95,
    seed: int | np.random.Generator = 0,
) -> pd.DataFrame:
    """Return what the indirect effect would be if mediator and outcome shared unmeasured causes.

    ``rho`` is the correlation of the residuals of the mediator's and the outcome's equation; without a shared cause it
    is zero. The data cannot tell it: the table shows what each value would mean. With r the correlation of the
    residuals of mediator and outcome given the exposure, the effect is
    ``a (s_y / s_m) (r - rho sqrt((1 - r^2) / (1 - rho^2)))``, which vanishes at rho = r.

    Parameters
    ----------
    exposure, mediator, outcome, covariates, resamples : see ``mediation``. rho : each between -1 and 1.

    Returns
    -------
    One row a rho: ``rho, indirect, low, high`` (percentile bootstrap by participant), in the outcome's unit per unit of
    the exposure. ``attrs["rho_at_zero"]``: the rho at which the indirect effect vanishes; ``rho_at_zero_low``,
    ``rho_at_zero_high``: its bootstrap interval; ``explained_at_zero``: its square, the product of the shares
    of both residual variances that the shared cause would have to explain; ``n``, ``left_out``.

    Raises
    ------
    StatisticsError : see ``mediation``; a rho of -1, 1 or beyond.

    References
    ----------
    Imai K, Keele L, Yamamoto T (2010) Stat Sci 25:51, doi 10.1214/10-STS321.
    """
    values = np.asarray(rho, float)
    if not (np.abs(values) < 1).all():
        raise StatisticsError(
            f"rho: expected correlations between -1 and 1, found {values[~(np.abs(values) < 1)].tolist()}."
        )
    columns, kept = _complete(exposure, mediator, outcome, covariates)
    everyone = _paths(columns, np.ones((1, len(columns))))
    drawn = _paths(columns, drawn_counts(int(kept.sum()), resamples, seed))
    effect = _indirect_under(values, *everyone)[0]
    edges = [(1 - confidence) / 2, (1 + confidence) / 2]
    low, high = np.nanquantile(_indirect_under(values, *drawn), edges, axis=0)
    zero, (zero_low, zero_high) = float(everyone[3][0]), np.nanquantile(drawn[3], edges)
    table = pd.DataFrame({"rho": values, "indirect": effect, "low": low, "high": high})
    table.attrs = {
        "rho_at_zero": zero, "rho_at_zero_low": float(zero_low), "rho_at_zero_high": float(zero_high),
        "explained_at_zero": zero**2, "n": len(columns), "left_out": int((~kept).sum()),
    }  # fmt: skip
    return table


def _complete(
    exposure: np.ndarray, mediator: np.ndarray, outcome: np.ndarray, covariates: Sequence[np.ndarray]
) -> tuple[np.ndarray, np.ndarray]:
    """Return exposure, mediator, outcome, covariates (participant, column) of people without gaps, and who that is."""
    parts = [np.asarray(c, float) for c in (exposure, mediator, outcome, *covariates)]
    if len({p.shape for p in parts}) != 1 or parts[0].ndim != 1:
        raise StatisticsError(f"mediation: expected columns (participant,), found shapes {[p.shape for p in parts]}.")
    columns = np.stack(parts, -1)
    kept = np.isfinite(columns).all(1)
    codes = np.unique(parts[0][np.isfinite(parts[0])])
    if 2 < len(codes) <= MOST_CODES and (codes == np.round(codes)).all():
        raise StatisticsError(
            f"exposure: expected two arms or an amount, found {len(codes)} whole numbers, which may be codes of arms. "
            "Take two arms at a time, or an amount less its mean."
        )
    needed = columns.shape[1] + 2
    if kept.sum() < needed:
        raise StatisticsError(
            f"mediation: expected at least {needed} people without gaps, found {int(kept.sum())} of {len(kept)}."
        )
    return columns[kept], kept


def _paths(columns: np.ndarray, counts: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Return a, b, the ratio of residual spreads (outcome over mediator) and their correlation, each (resample,).

    All from cross products, weighted by ``counts`` (resample, participant), of exposure and covariates with everything:
    mediator and outcome are regressed on these, and what is left of the two has four moments. NaN: no solution.
    """
    x, m, y, *others = (columns - columns.mean(0)).T
    table = np.stack([np.ones(len(x)), x, *others, m, y], -1)
    size = np.sqrt((table**2).mean(0))
    table = table / np.where(size > 0, size, 1.0)
    first, second = np.triu_indices(table.shape[1])
    products = counts @ (table[:, first] * table[:, second])
    gram = np.empty((len(counts), table.shape[1], table.shape[1]))
    gram[:, first, second] = gram[:, second, first] = products
    inner, cross, outer = gram[:, :-2, :-2], gram[:, :-2, -2:], gram[:, -2:, -2:]
    solvable = _solvable(inner / counts.sum(1)[:, None, None])
    inner = np.where(solvable[:, None, None], inner, np.eye(inner.shape[-1]))
    slopes = np.linalg.solve(inner, cross)
    rest = outer - np.swapaxes(cross, -1, -2) @ slopes
    units = size[-2:] / size[1]
    a = np.where(solvable, slopes[:, 1, 0], np.nan) * units[0]
    with np.errstate(divide="ignore", invalid="ignore"):
        b = rest[:, 0, 1] / rest[:, 0, 0] * size[-1] / size[-2]
        ratio = np.sqrt(rest[:, 1, 1] / rest[:, 0, 0]) * size[-1] / size[-2]
        correlation = rest[:, 0, 1] / np.sqrt(rest[:, 0, 0] * rest[:, 1, 1])
    return a, b, ratio, correlation


def _solvable(gram: np.ndarray) -> np.ndarray:
    """Return which matrices of cross products (resample, predictor, predictor) are of independent predictors."""
    try:
        lower = np.linalg.cholesky(gram)
    except np.linalg.LinAlgError:
        return np.linalg.cond(gram) < 1 / TOLERANCE
    return np.einsum("...ii->...i", lower).min(-1) ** 2 > TOLERANCE


def _indirect_under(
    rho: np.ndarray, a: np.ndarray, b: np.ndarray, ratio: np.ndarray, correlation: np.ndarray
) -> np.ndarray:
    """Indirect effect (resample, rho) if the residuals correlated by rho."""
    shrink = np.sqrt((1 - correlation[:, None] ** 2) / (1 - rho**2))
    return (a * ratio)[:, None] * (correlation[:, None] - rho * shrink)
