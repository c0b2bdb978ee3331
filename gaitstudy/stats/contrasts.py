"""Tests of linear combinations of a mixed model's coefficients, with small-sample degrees of freedom."""

from __future__ import annotations

import numpy as np
from scipy import stats

from gaitstudy.stats.mixed import METHODS, Fit


def wald(fit: Fit, rows: np.ndarray) -> dict[str, np.ndarray]:
    """Return estimate, standard error, degrees of freedom, t, p and 95 % interval of each combination in each trial.

    Parameters
    ----------
    rows : (contrast, coefficient): the combinations.

    Returns
    -------
    ``estimate``, ``se``, ``df``, ``t``, ``p`` (two-sided), ``low``, ``high``, each (trial, contrast); estimate, se and
    interval in the outcome's unit. NaN where the fit has no number. df = 2 v^2 / (g' W g): v the variance that is not
    inflated, g its slopes by the covariance's elements, W their uncertainty.

    References
    ----------
    Kenward MG, Roger JH (1997) Biometrics 53:983, doi 10.2307/2533558.
    """
    given = np.atleast_2d(rows)
    estimate = fit.coefficients @ given.T
    basis = given @ fit.root  # (trial, contrast, coefficient)
    variance = (basis**2).sum(-1)
    slope = np.einsum("tcp,tepq,tcq->tce", basis, fit.slopes, basis, optimize=True)
    spread = np.einsum("tce,tef,tcf->tc", slope, fit.uncertainty, slope, optimize=True)
    with np.errstate(divide="ignore", invalid="ignore"):
        df = 2 * variance**2 / spread
        se = np.sqrt(variance + 2 * np.einsum("tcp,tpq,tcq->tc", basis, fit.inflation, basis, optimize=True))
        t = estimate / se
    half = stats.t.ppf(0.975, df) * se
    p = 2 * stats.t.sf(np.abs(t), df)
    return {"estimate": estimate, "se": se, "df": df, "t": t, "p": p, "low": estimate - half, "high": estimate + half}


def joint(fit: Fit, rows: np.ndarray) -> dict[str, np.ndarray]:
    """Return the F test that all combinations are zero, in each trial; rows that repeat others do not count twice.

    Kenward-Roger scales F and finds its denominator as Kenward and Roger (1997) do; Satterthwaite's denominator is that
    of Fai and Cornelius (1996), from the degrees of freedom of uncorrelated combinations; which ones these are, and
    so the denominator, depends a little on how the rows are written: ask for differences that mean something.

    Returns
    -------
    ``f``, ``df_numerator``, ``df_denominator``, ``p``, each (trial,); no unit. NaN where the fit has no number.
    """
    given = np.atleast_2d(rows)
    _, size, turned = np.linalg.svd(given, full_matrices=False)
    q = int(np.sum(size > 1e-10 * size.max(initial=0.0)))
    if fit.method == METHODS[0]:
        given = turned[:q]
    test = _kenward_roger if fit.method == METHODS[0] else _fai_cornelius
    found = np.full((len(fit.status), 2), np.nan)
    for trial in np.flatnonzero(np.isfinite(fit.coefficients).all(-1)).tolist():
        basis = given @ fit.root[trial]
        found[trial] = test(fit, trial, given @ fit.coefficients[trial], basis, q)
    f, df = found.T
    return {"f": f, "df_numerator": np.full(len(f), q), "df_denominator": df, "p": stats.f.sf(f, q, df)}


def _kenward_roger(fit: Fit, trial: int, estimate: np.ndarray, basis: np.ndarray, q: int) -> tuple[float, float]:
    """Return the scaled F of one trial and its denominator's degrees of freedom."""
    slopes, weights = fit.slopes[trial], fit.uncertainty[trial]
    inflated = basis @ (np.eye(basis.shape[1]) + 2 * fit.inflation[trial]) @ basis.T
    f = estimate @ np.linalg.solve(inflated, estimate) / q
    onto = np.linalg.qr(basis.T)[0]
    within = onto.T @ slopes @ onto
    trace = np.trace(within, axis1=1, axis2=2)
    a1, a2 = trace @ weights @ trace, np.einsum("ef,epq,fpq->", weights, within, within)
    b = (a1 + 6 * a2) / (2 * q)
    g = ((q + 1) * a1 - (q + 4) * a2) / ((q + 2) * a2)
    c1, c2, c3 = (c / (3 * q + 2 * (1 - g)) for c in (g, q - g, q + 2 - g))
    mean = 1 / (1 - a2 / q)
    variance = 2 / q * (1 + c1 * b) / ((1 - c2 * b) ** 2 * (1 - c3 * b))
    ratio = variance / (2 * mean**2)
    df = 4 + (q + 2) / (q * ratio - 1)
    return df / (mean * (df - 2)) * f, df


def _fai_cornelius(fit: Fit, trial: int, estimate: np.ndarray, basis: np.ndarray, q: int) -> tuple[float, float]:
    """Return the F of one trial and its denominator's degrees of freedom; at least 2, as there is no mean below."""
    values, vectors = (part[..., -q:] for part in np.linalg.eigh(basis @ basis.T))
    turned = vectors.T @ basis
    slope = np.einsum("cp,epq,cq->ce", turned, fit.slopes[trial], turned)
    each = 2 * values**2 / np.einsum("ce,ef,cf->c", slope, fit.uncertainty[trial], slope)
    f = np.mean((vectors.T @ estimate) ** 2 / values)
    if np.ptp(each) < 1e-8:
        return f, each.mean()
    if each.min() <= 2:
        return f, 2.0
    expected = (each / (each - 2)).sum()
    return f, 2 * expected / (expected - len(each))
