"""Many people measured with error: how they differ in truth, and what to expect of each (empirical Bayes).

Each person's values are normal about that person's truth with a known covariance (the sampling covariance), and the
truths are normal about the mean of all people. Their mean and covariance come from restricted maximum likelihood, by
quasi-Newton steps (scipy's L-BFGS-B) of the covariance's Cholesky root, so that no step leaves the covariances, and at
the end by solving for a slope of zero (MINPACK's hybrd), so that no digit depends on the way there. What is expected of
one person lies between what was measured and the mean of all, the nearer the mean the less certain the measurement was.

Method as in Efron and Morris (1975, J Am Stat Assoc 70:311, doi 10.1080/01621459.1975.10479864): general knowledge, the
paper was not read; R is the check.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy import optimize

from gaitstudy.conventions import StatisticsError

NEAR, TOLERANCE = (1e-3, 1e-8), 1e-10
"""Largest slope of the log likelihood, per person and unit of the root in sampling standard deviations: where the
quasi-Newton steps end, the first and the second time, and at the end."""
MAXIMUM_STEPS = 2000
FLOOR = 1e-2
"""Least share of its sampling variance that a direction's variance between people starts from; from 0 no step leads."""
CONVERGED = "converged"


class People(NamedTuple):
    """How people differ: ``mean`` (quantity,); ``between`` (quantity, quantity), covariance of their truths; ``error``
    (quantity, quantity), covariance of ``mean``, zero if it is taken as known; ``people`` behind it; ``status``:
    ``converged`` or why not; ``log_likelihood``, restricted."""

    mean: np.ndarray
    between: np.ndarray
    error: np.ndarray
    people: int
    status: str
    log_likelihood: float


def between_people(values: np.ndarray, sampling: np.ndarray) -> People:
    """Return the mean of the people's truths and their covariance, by restricted maximum likelihood.

    Parameters
    ----------
    values : (person, quantity), any units, no gaps.
    sampling : (person, quantity, quantity), the known covariance of each person's values about the truth, unit squared.

    Raises
    ------
    StatisticsError : fewer than two people for each quantity.

    References
    ----------
    See the module.

    Examples
    --------
    >>> found = between_people(np.array([[1.0], [3], [5], [7]]), np.full((4, 1, 1), 2.0))
    >>> float(found.mean[0]), round(float(found.between[0, 0]), 3)  # 20 / 3 - 2
    (4.0, 4.667)
    """
    people, size = values.shape
    if people < 2 * size:
        raise StatisticsError(
            f"between_people: expected at least {2 * size} people for {size} quantities (two each), found {people}. "
            "Measure more people, or supply how people differ."
        )
    scale = np.linalg.cholesky(sampling.mean(0))
    white = np.linalg.solve(scale, values.T).T
    noise = np.linalg.solve(scale, np.linalg.solve(scale, sampling).transpose(0, 2, 1))
    near = _climbed(_start(white), white, noise, NEAR[0])
    # Again along the directions of what was found, widest first: there the way is short, and where some directions have
    # no variance the root is unique.
    sizes, turned = (part[..., ::-1] for part in np.linalg.eigh(near @ near.T))
    white, noise, scale = white @ turned, turned.T @ noise @ turned, scale @ turned
    near, lower = _climbed(np.diag(np.sqrt(np.maximum(sizes, FLOOR))), white, noise, NEAR[1]), np.tril_indices(size)
    best = optimize.root(lambda root: _slope(root, white, noise)[1], near[lower], options={"xtol": 1e-12})
    factor = _lower(best.x, size)
    likelihood, mean, error, *_ = _fitted(white, noise, factor @ factor.T)
    status = CONVERGED if np.abs(best.fun).max() <= TOLERANCE else f"not converged: {' '.join(best.message.split())}"
    if likelihood / people < -_slope(near[lower], white, noise)[0] - TOLERANCE:
        status = "not converged: the slope is nought where the likelihood is not highest"
    likelihood -= (people - 1) * float(np.linalg.slogdet(scale)[1])
    between, error = (scale @ m @ scale.T for m in (factor @ factor.T, error))
    return People(scale @ mean, between, error, people, status, likelihood)


def shrink(values: np.ndarray, sampling: np.ndarray, people: People) -> tuple[np.ndarray, np.ndarray]:
    """Return what to expect of each person's truth, given what was measured and how people differ.

    The uncertainty holds that of the mean of all people, not that of their covariance: with few people it is too small.

    Parameters
    ----------
    values, sampling : as for ``between_people``; one person is enough.
    people : from ``between_people``, or supplied.

    Returns
    -------
    mean : (person, quantity). covariance : (person, quantity, quantity).

    References
    ----------
    See the module.

    Examples
    --------
    >>> known = People(np.array([4.0]), np.array([[2.0]]), np.zeros((1, 1)), 0, "supplied", 0.0)
    >>> mean, covariance = shrink(np.array([[7.0]]), np.full((1, 1, 1), 1.0), known)  # two thirds of the way out
    >>> float(mean[0, 0]), round(float(covariance[0, 0, 0]), 4)
    (6.0, 0.6667)
    """
    kept = people.between @ np.linalg.inv(people.between + sampling)
    lost = np.eye(values.shape[1]) - kept
    mean = people.mean + np.einsum("pij,pj->pi", kept, values - people.mean)
    covariance = lost @ people.between + lost @ people.error @ lost.transpose(0, 2, 1)
    return mean, (covariance + covariance.transpose(0, 2, 1)) / 2


def between_tests(values: np.ndarray, sampling: np.ndarray) -> np.ndarray:
    """Return by how much one person's truth differs from test to test, beyond the sampling within a test.

    The covariance of tests about each person's mean, less the mean sampling covariance; variances below zero count as
    zero, direction by direction.

    Parameters
    ----------
    values : (person, test, quantity), NaN where a person had fewer tests.
    sampling : (person, test, quantity, quantity).

    Returns
    -------
    (quantity, quantity), unit squared.

    Raises
    ------
    StatisticsError : nobody was tested twice.

    References
    ----------
    See the module.
    """
    tested = np.isfinite(values).all(-1)
    count = tested.sum(1)
    again = count > 1
    degrees = int((count[again] - 1).sum())
    if not degrees:
        raise StatisticsError("between_tests: expected people tested twice or more, found none. Repeat some tests.")
    weight = tested[again][..., None]
    seen = np.where(weight, values[again], 0.0)
    away = np.where(weight, seen - seen.sum(1, keepdims=True) / count[again][:, None, None], 0.0)
    total = np.einsum("pti,ptj->ij", away, away) / degrees
    share = (1 - 1 / count[again])[:, None] * tested[again]
    within = np.einsum("pt,ptij->ij", share, np.where(weight[..., None], sampling[again], 0.0)) / degrees
    return _positive(total - within)


def _positive(matrix: np.ndarray) -> np.ndarray:
    """Return the covariance nearest to a symmetric matrix: directions with a variance below zero get none."""
    sizes, directions = np.linalg.eigh((matrix + np.swapaxes(matrix, -1, -2)) / 2)
    return (directions * np.maximum(sizes, 0.0)[..., None, :]) @ np.swapaxes(directions, -1, -2)


def root(covariance: np.ndarray) -> np.ndarray:
    """Return the symmetric root of each covariance, (..., quantity, quantity), the units' own root; ranks may be short.

    Draws are multiplied by this one, for it is unique: eigenvectors have any sign, and any basis where variances are
    equal, as the processor's linear algebra has it. Variances of the size of rounding count as zero.

    Examples
    --------
    >>> root(np.array([[2.0, 2.0], [2.0, 2.0]])).round(6).tolist()
    [[1.0, 1.0], [1.0, 1.0]]
    """
    sizes, directions = np.linalg.eigh(covariance)
    least = sizes.shape[-1] * np.finfo(float).eps * sizes[..., -1:]
    sizes = np.where(sizes > least, sizes, 0.0)
    return (directions * np.sqrt(sizes)[..., None, :]) @ np.swapaxes(directions, -1, -2)


def _fitted(
    values: np.ndarray, sampling: np.ndarray, between: np.ndarray
) -> tuple[float, np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Return what follows from a covariance between people.

    Restricted likelihood, mean and its covariance, inverse covariances, residuals times inverse.
    """
    people, size = values.shape
    total = between + sampling
    inverse = np.linalg.inv(total)
    information = inverse.sum(0)
    error = np.linalg.inv(information)
    mean = error @ (inverse @ values[..., None])[..., 0].sum(0)
    away = values - mean
    pulled = (inverse @ away[..., None])[..., 0]
    sizes = np.linalg.slogdet(total)[1].sum() + np.linalg.slogdet(information)[1]
    likelihood = -(sizes + (pulled * away).sum() + (people - 1) * size * np.log(2 * np.pi)) / 2
    return float(likelihood), mean, error, inverse, pulled


def _lower(elements: np.ndarray, size: int) -> np.ndarray:
    """Return the lower triangular root of a covariance from its elements."""
    factor = np.zeros((size, size))
    factor[np.tril_indices(size)] = elements
    return factor


def _slope(root: np.ndarray, values: np.ndarray, sampling: np.ndarray) -> tuple[float, np.ndarray]:
    """Return the restricted log likelihood per person, and its slope by the elements of the root, both negative."""
    people, size = values.shape
    factor = _lower(root, size)
    likelihood, _, error, inverse, pulled = _fitted(values, sampling, factor @ factor.T)
    projected = inverse.sum(0) - (inverse @ error @ inverse).sum(0)
    slope = (projected - pulled.T @ pulled) @ factor
    return -likelihood / people, slope[np.tril_indices(size)] / people


def _climbed(start: np.ndarray, values: np.ndarray, sampling: np.ndarray, slope: float) -> np.ndarray:
    """Return the root from which quasi-Newton steps see no slope above one, or can climb no further."""
    options = {"maxiter": MAXIMUM_STEPS, "gtol": slope, "ftol": 0.0, "maxfun": 2 * MAXIMUM_STEPS}
    begin = start[np.tril_indices(len(start))]
    found = optimize.minimize(_slope, begin, (values, sampling), "L-BFGS-B", jac=True, options=options)
    return _lower(found.x, len(start))


def _start(white: np.ndarray) -> np.ndarray:
    """Return the root that is best if everyone's sampling covariance is one, no direction without variance."""
    sizes, directions = np.linalg.eigh(np.cov(white.T, ddof=1).reshape(white.shape[1], -1))
    return np.linalg.cholesky((directions * np.maximum(sizes - 1, FLOOR)) @ directions.T)
