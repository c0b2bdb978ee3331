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

ROUNDS = 10
"""Over the variables, of chained equations."""


def impute(
    values: np.ndarray,
    *,
    imputations: int = 20,
    groups: np.ndarray | None = None,
    seed: int | np.random.Generator = 0,
) -> np.ndarray:
    """Fill gaps by chained equations: each variable in turn is drawn given all the others, until it has settled.

    A draw is from the Bayesian linear regression. All imputations, and all trials of a simulation, are drawn together,
    each from its own start.

    Parameters
    ----------
    values : (participant, variable) or (trial, participant, variable), any units; NaN is missing.
    imputations : how many completed data sets, each after ``ROUNDS`` over the variables.
    groups : (participant,); impute each group by itself, e.g. each arm, so that effects of the arm survive.
    seed : of all that is drawn, or a generator.

    Returns
    -------
    (imputation, [trial,] participant, variable): what was measured is untouched.

    Raises
    ------
    StatisticsError : infinite values, people without a group, too few people with a value for the variables.

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
    groups = np.zeros(values.shape[-2]) if groups is None else np.asarray(groups)
    if np.isinf(values).any() or pd.isna(groups).any():
        raise StatisticsError(
            f"impute: expected finite values or NaN and a group of everyone; found {int(np.isinf(values).sum())} "
            f"infinite values and {int(pd.isna(groups).sum())} people without a group."
        )
    rng = np.random.default_rng(seed)
    result = np.empty((imputations, *values.shape))
    for group in np.unique(groups):
        result[..., groups == group, :] = _chained(values[..., groups == group, :], imputations, rng)
    return result


def _chained(values: np.ndarray, imputations: int, rng: np.random.Generator) -> np.ndarray:
    """Return the values of one group ([trial,] participant, variable) completed, (imputation, ...)."""
    data = values if values.ndim == 3 else values[None]
    missing = np.isnan(data)
    filled = _start(data, imputations, rng)
    ones = np.ones((*filled.shape[:-1], 1))
    for _ in range(ROUNDS):
        for k in np.flatnonzero(missing.any((0, 1))):
            design = np.concatenate([ones, np.delete(filled, k, -1)], -1)
            drawn, spread = draw_regression(design, filled[..., k], ~missing[..., k], rng)
            guess = (design @ drawn[..., None])[..., 0]
            new = guess + spread[..., None] * rng.standard_normal(guess.shape)
            filled[..., k] = np.where(missing[..., k], new, filled[..., k])
    return filled if values.ndim == 3 else filled[:, 0]


def draw_regression(
    design: np.ndarray, outcome: np.ndarray, observed: np.ndarray, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Draw coefficients and residual spread of linear regressions from their posterior under the usual flat prior.

    Parameters
    ----------
    design : (..., participant, predictor), with a column of ones. outcome : (..., participant), finite.
    observed : (participant,) or (..., participant); only these rows inform the fit.

    Returns
    -------
    The drawn coefficients (..., predictor) and residual standard deviation (...,), in the outcome's unit.

    Raises
    ------
    StatisticsError : see ``regression.least_squares``.

    References
    ----------
    The usual flat prior; see ``impute``.
    """
    fit = least_squares(design, outcome, np.broadcast_to(observed, outcome.shape).astype(float))
    spread = np.sqrt(fit.residual / rng.chisquare(fit.df))
    noise = fit.root @ rng.standard_normal(fit.coefficients.shape)[..., None]
    return fit.coefficients + spread[..., None] * noise[..., 0], spread


def pool(estimates: np.ndarray, standard_errors: np.ndarray, complete_df: float = np.inf) -> pd.DataFrame:
    """Pool estimates of several imputed data sets by Rubin's rules, with Barnard and Rubin's degrees of freedom.

    Parameters
    ----------
    estimates, standard_errors : (imputation,) or (imputation, quantity), in the quantity's unit.
    complete_df : degrees of freedom the analysis would have without gaps.

    Returns
    -------
    One row a quantity: ``estimate, standard_error, df, low, high`` (95 %), ``p`` (two-sided, against zero), ``within``
    and ``between`` (variances within and between imputations) and ``missing_share`` (lambda: share of the total
    variance that is due to missing values). Without any difference between imputations lambda is 0 (R's mice sets 1e-4
    there).

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
    if means.shape != errors.shape or len(means) < 2 or not (np.isfinite(means).all() and (errors > 0).all()):
        raise StatisticsError(
            "pool: expected finite estimates of at least 2 imputations, each with a standard error above 0; found "
            f"shapes {means.shape} and {errors.shape}. Did every analysis converge?"
        )
    means, errors = (a.reshape(len(a), -1) for a in (means, errors))
    count = len(means)
    estimate, within, between = means.mean(0), (errors**2).mean(0), means.var(0, ddof=1)
    total = within + (1 + 1 / count) * between
    share = (1 + 1 / count) * between / total
    with np.errstate(divide="ignore"):
        large = (count - 1) / share**2
        observed = complete_df if np.isinf(complete_df) else (complete_df + 1) / (complete_df + 3) * complete_df
        df = 1 / (1 / large + 1 / ((1 - share) * observed))
    reach = stats.t.ppf(0.975, df) * np.sqrt(total)
    return pd.DataFrame(
        {
            "estimate": estimate, "standard_error": np.sqrt(total), "df": df, "low": estimate - reach,
            "high": estimate + reach, "p": 2 * stats.t.sf(np.abs(estimate) / np.sqrt(total), df), "within": within,
            "between": between, "missing_share": share,
        }
    )  # fmt: skip


def _start(data: np.ndarray, count: int, rng: np.random.Generator) -> np.ndarray:
    """Return (imputation, trial, participant, variable), each gap filled by the value of someone drawn at random."""
    missing = np.isnan(data)
    measured_first = np.argsort(missing, axis=1, kind="stable")
    known = (~missing).sum(1, keepdims=True)
    pick = (rng.random((count, *data.shape)) * known).astype(int)
    source = np.take_along_axis(measured_first[None], pick, axis=2)
    return np.where(missing, np.take_along_axis(np.broadcast_to(data, pick.shape), source, axis=2), data)
