"""Least squares for many data sets at once: bootstrap samples, imputations, simulated trials."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from gaitstudy.conventions import StatisticsError

TOLERANCE = 1e-10
"""Share of a predictor's size that the predictors before it must leave unexplained; below it they are collinear."""


class Fit(NamedTuple):
    """Regressions, one for each leading index: any unit of the outcome per unit of the predictor."""

    coefficients: np.ndarray
    """(..., predictor)."""
    root: np.ndarray
    """(..., predictor, predictor): lower-triangular root, ``root @ root.T`` is the inverse of the cross products."""
    residual: np.ndarray
    """(...,): sum of squared residuals."""
    df: np.ndarray
    """(...,): residual degrees of freedom."""
    standard_errors: np.ndarray
    """(..., predictor)."""


def least_squares(design: np.ndarray, outcome: np.ndarray, weights: np.ndarray | None = None) -> Fit:
    """Fit one linear regression for each leading index of the arrays.

    Parameters
    ----------
    design : (..., participant, predictor), a column of ones included. outcome : (..., participant).
    weights : (..., participant), how often each row counts: 0 leaves it out, 2 counts it twice. A row that counts
        nothing must hold finite numbers all the same.

    Raises
    ------
    StatisticsError : collinear predictors, or no more rows than predictors, in any of the data sets.

    References
    ----------
    General knowledge.

    Examples
    --------
    >>> fit = least_squares(np.array([[1.0, 0], [1, 1], [1, 2]]), np.array([1.0, 2.0, 4.0]))
    >>> fit.coefficients.round(4).tolist(), int(fit.df)
    ([0.8333, 1.5], 1)
    """
    weighted = design if weights is None else design * weights[..., None]
    transposed = np.swapaxes(weighted, -1, -2)
    gram = transposed @ design
    size = np.sqrt(np.einsum("...ii->...i", gram))
    size = np.where(size > 0, size, 1.0)
    scaled = gram / (size[..., :, None] * size[..., None, :])
    count = np.asarray(design.shape[-2] if weights is None else weights.sum(-1), float)
    df = count - design.shape[-1]
    if (df < 1).any():
        raise StatisticsError(
            f"regression: expected more rows than predictors, found {design.shape[-1]} predictors but only "
            f"{int(count.min())} rows; use fewer predictors."
        )
    try:
        lower = np.linalg.cholesky(scaled)
        alike = (np.einsum("...ii->...i", lower) ** 2 < TOLERANCE).any()
    except np.linalg.LinAlgError:
        alike = True
    if alike:
        raise StatisticsError(
            "regression: expected independent predictors, found some collinear or constant; leave one out, or merge "
            "groups."
        )
    root = np.swapaxes(np.linalg.inv(lower), -1, -2) / size[..., :, None]
    coefficients = (root @ (np.swapaxes(root, -1, -2) @ (transposed @ outcome[..., None])))[..., 0]
    errors = outcome - (design @ coefficients[..., None])[..., 0]
    squares = errors**2 if weights is None else weights * errors**2
    residual = squares.sum(-1)
    standard_errors = np.sqrt((residual / df)[..., None] * (root**2).sum(-1))
    return Fit(coefficients, root, residual, np.broadcast_to(df, residual.shape), standard_errors)


def adjusted_difference(
    outcome: np.ndarray, arm: np.ndarray, covariates: Sequence[np.ndarray] = ()
) -> tuple[np.ndarray, np.ndarray, int]:
    """Return the difference between two arms adjusted for covariates (analysis of covariance), for many data sets.

    Parameters
    ----------
    outcome : (..., participant), without gaps. arm : (participant,), 1 for the intervention, 0 for the comparison.
    covariates : each (..., participant) or (participant,), without gaps.

    Returns
    -------
    difference, its standard error (...,), in the outcome's unit, intervention minus comparison; and the residual
    degrees of freedom.

    Raises
    ------
    StatisticsError : a gap, an arm that is empty, covariates that repeat each other.

    References
    ----------
    General knowledge (analysis of covariance).

    Examples
    --------
    >>> before = np.array([6.0, 5, 7, 4, 6, 5, 5, 6, 7, 4, 6, 5])
    >>> after = np.array([5.0, 5, 6, 4, 5, 4, 3, 4, 4, 2, 3, 3])
    >>> difference, error, df = adjusted_difference(after, np.repeat([0, 1], 6), [before])
    >>> round(float(difference), 6), round(float(error), 6), df
    (-1.666667, 0.211881, 9)
    """
    design = np.stack(np.broadcast_arrays(np.ones(outcome.shape), arm, *covariates), -1)
    if gaps := int(np.isnan(outcome).sum() + np.isnan(design).sum()):
        raise StatisticsError(f"adjusted_difference: expected no gaps, found {gaps}. Impute, or leave the people out.")
    fit = least_squares(design, outcome)
    return fit.coefficients[..., 1], fit.standard_errors[..., 1], outcome.shape[-1] - design.shape[-1]
