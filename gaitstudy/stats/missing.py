"""Values that were not measured: chained-equations imputation of many data sets at once, and Rubin's pooling.

Both assume that what is missing is missing at random given the variables in the model; ``reference``
does not.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy import stats

from gaitstudy.conventions import StatisticsError
from gaitstudy.stats.regression import least_squares


def impute(
    values: np.ndarray,
    *,
    imputations: int = 20,
    iterations: int = 10,
    groups: np.ndarray | None = None,
    seed: int | np.random.Generator = 0,
) -> np.ndarray:
    """Fill gaps by chained equations: each variable in turn is drawn given all the others, until it has settled.

    A draw is from the Bayesian linear regression. All imputations, and all trials of a simulation, are drawn together,
    each from its own start.

    Parameters
    ----------
    values : (participant, variable) or (trial, participant, variable), any units; NaN is missing.
    imputations : how many completed data sets. iterations : rounds over the variables.
    groups : (participant,); impute each group by itself, e.g. each arm, so that effects of the arm survive.
    seed : of all that is drawn, or a generator.

    Returns
    -------
    (imputation, [trial,] participant, variable): what was measured is untouched.

    Raises
    ------
    StatisticsError : a variable nobody has, infinite values, too few people for the variables.

    References
    ----------
    van Buuren S, Groothuis-Oudshoorn K (2011) J Stat Softw 45(3), doi 10.18637/jss.v045.i03; Rubin DB (1987)
    Multiple Imputation for Nonresponse in Surveys, Wiley; general knowledge, not verified.

    Examples
    --------
    >>> table = np.array([[1.0, 2.1], [2.0, 3.9], [3.0, 6.2], [4.0, np.nan], [5.0, 9.8]])
    >>> filled = impute(table, imputations=3)
    >>> filled.shape, int(np.isnan(filled).sum()), bool((filled[:, :, 0] == table[:, 0]).all())
    ((3, 5, 2), 0, True)
    """
    values = np.asarray(values, float)
    _refuse_imputation(values, imputations, groups)
    rng = np.random.default_rng(seed)
    if groups is not None:
        result = np.empty((imputations, *values.shape))
        for group in np.unique(groups):
            inside = np.asarray(groups) == group
            part = values[..., inside, :]
            result[..., inside, :] = impute(part, imputations=imputations, iterations=iterations, seed=rng)
        return result
    data = values if values.ndim == 3 else values[None]
    missing = np.isnan(data)
    filled = _start(data, imputations, rng)
    incomplete = np.flatnonzero(missing.any((0, 1)))
    ones = np.ones((*filled.shape[:-1], 1))
    for _ in range(iterations):
        for k in incomplete:
            gap = missing[..., k]
            design = np.concatenate([ones, np.delete(filled, k, -1)], -1)
            _, drawn, spread = draw_regression(design, filled[..., k], ~gap, rng)
            guess = (design @ drawn[..., None])[..., 0]
            new = guess + spread[..., None] * rng.standard_normal(guess.shape)
            filled[..., k] = np.where(gap, new, filled[..., k])
    return filled if values.ndim == 3 else filled[:, 0]


def draw_regression(
    design: np.ndarray, outcome: np.ndarray, observed: np.ndarray, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Draw coefficients and residual spread of linear regressions from their posterior under the usual flat prior.

    Parameters
    ----------
    design : (..., participant, predictor), with a column of ones. outcome : (..., participant), finite.
    observed : (participant,) or (..., participant); only these rows inform the fit.

    Returns
    -------
    estimate and draw (..., predictor), and the drawn residual standard deviation (...,), in the outcome's unit.

    Raises
    ------
    StatisticsError : see ``regression.least_squares``.
    """
    fit = least_squares(design, outcome, np.broadcast_to(observed, outcome.shape).astype(float))
    spread = np.sqrt(fit.residual / rng.chisquare(fit.df))
    noise = fit.root @ rng.standard_normal(fit.coefficients.shape)[..., None]
    return fit.coefficients, fit.coefficients + spread[..., None] * noise[..., 0], spread


def pool(
    estimates: np.ndarray, standard_errors: np.ndarray, complete_df: float = np.inf, confidence: float = 0.95
) -> pd.DataFrame:
    """Pool estimates of several imputed data sets by Rubin's rules, with Barnard and Rubin's degrees of freedom.

    Parameters
    ----------
    estimates, standard_errors : (imputation,) or (imputation, quantity), in the quantity's unit.
    complete_df : degrees of freedom the analysis would have without gaps.

    Returns
    -------
    One row a quantity: ``estimate, standard_error, df, low, high, p`` (two-sided, against zero), ``within`` and
    ``between`` (variances within and between imputations), ``missing_share`` (lambda: share of the total variance
    that is due to missing values), ``df_large`` (Rubin's degrees of freedom, for endless complete data) and
    ``simulation_error`` (standard error of ``estimate`` from having so few imputations). Without any difference
    between imputations lambda is 0 (R's mice sets 1e-4 there).

    Raises
    ------
    StatisticsError : fewer than two imputations, shapes that differ, a standard error that is not positive.

    References
    ----------
    Rubin DB (1987) Multiple Imputation for Nonresponse in Surveys, Wiley; Barnard J, Rubin DB (1999) Biometrika 86:948,
    doi 10.1093/biomet/86.4.948.

    Examples
    --------
    >>> row = pool(np.array([1.0, 1.2, 0.9, 1.1, 1.05]), np.array([0.20, 0.22, 0.19, 0.21, 0.20]), 60).iloc[0]
    >>> [round(float(row[c]), 4) for c in ("estimate", "standard_error", "missing_share", "df")]
    [1.05, 0.2382, 0.2645, 24.4581]
    """
    means, errors = np.asarray(estimates, float), np.asarray(standard_errors, float)
    problems = []
    if means.shape != errors.shape or means.ndim not in (1, 2):
        problems.append(f"expected two arrays (imputation, quantity), found shapes {means.shape} and {errors.shape}")
    if not len(means) >= 2:
        problems.append(f"expected at least 2 imputations, found {len(means)}")
    if not (np.isfinite(means).all() and (errors > 0).all() and np.isfinite(errors).all()):
        problems.append("expected finite estimates with positive standard errors; did every analysis converge?")
    if not (complete_df > 0 and 0 < confidence < 1):
        problems.append(f"expected complete_df > 0 and 0 < confidence < 1, found {complete_df} and {confidence}")
    if problems:
        raise StatisticsError("pool: " + "; ".join(problems) + ".")
    means, errors = (a.reshape(len(a), -1) for a in (means, errors))
    count = len(means)
    estimate, within, between = means.mean(0), (errors**2).mean(0), means.var(0, ddof=1)
    total = within + (1 + 1 / count) * between
    share = (1 + 1 / count) * between / total
    with np.errstate(divide="ignore"):
        large = (count - 1) / share**2
        observed = (1 - share) * (complete_df if np.isinf(complete_df) else _observed_df(complete_df))
        df = 1 / (1 / large + 1 / observed)
    reach = stats.t.ppf((1 + confidence) / 2, df) * np.sqrt(total)
    return pd.DataFrame(
        {
            "estimate": estimate, "standard_error": np.sqrt(total), "df": df, "low": estimate - reach,
            "high": estimate + reach, "p": 2 * stats.t.sf(np.abs(estimate) / np.sqrt(total), df), "within": within,
            "between": between, "missing_share": share, "df_large": large,
            "simulation_error": np.sqrt(between / count),
        }
    )  # fmt: skip


def _observed_df(complete: float) -> float:
    """Degrees of freedom the observed data would have if a share of nothing were missing."""
    return (complete + 1) / (complete + 3) * complete


def _refuse_imputation(values: np.ndarray, count: int, groups: np.ndarray | None) -> None:
    """Raise one error that lists everything that keeps ``impute`` from working."""
    if values.ndim not in (2, 3) or values.shape[-1] < 2:
        raise StatisticsError(
            "impute: expected (participant, variable) or (trial, participant, variable) with at least 2 variables, "
            f"found shape {values.shape}."
        )
    problems = []
    if count < 1:
        problems.append(f"imputations: expected at least 1, found {count}")
    if np.isinf(values).any():
        problems.append(f"values: expected finite numbers or NaN, found {int(np.isinf(values).sum())} infinite")
    if groups is not None and len(groups) != values.shape[-2]:
        problems.append(f"groups: expected one for each of {values.shape[-2]} people, found {len(groups)}")
    if groups is not None and (unnamed := int(pd.isna(np.asarray(groups)).sum())):
        problems.append(f"groups: expected one of everyone, found {unnamed} people without")
    for k in np.unique(np.argwhere(np.isnan(values).all(-2))[..., -1]):
        problems.append(f"variable {k}: nobody has a value; leave it out")
    if problems:
        raise StatisticsError("impute: " + "; ".join(problems) + ".")


def _start(data: np.ndarray, count: int, rng: np.random.Generator) -> np.ndarray:
    """Return (imputation, trial, participant, variable), each gap filled by the value of someone drawn at random."""
    missing = np.isnan(data)
    measured_first = np.argsort(missing, axis=1, kind="stable")
    known = (~missing).sum(1, keepdims=True)
    pick = (rng.random((count, *data.shape)) * known).astype(int)
    source = np.take_along_axis(measured_first[None], pick, axis=2)
    return np.where(missing, np.take_along_axis(np.broadcast_to(data, pick.shape), source, axis=2), data)
