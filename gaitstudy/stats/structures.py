"""Structures of the covariance between visits: from elements to matrix and derivatives.

``unstructured``: every variance and covariance of its own. ``compound symmetry``: a variance of each visit's own
error and one shared by a participant's visits, which may be negative. ``ar1``: one variance, and a correlation that
falls by one factor from each visit to the next. Units: the outcome's, squared; the factor has none.
"""

from __future__ import annotations

import numpy as np

STRUCTURES = ("unstructured", "compound symmetry", "ar1")


def covariance_of(structure: str, theta: np.ndarray, visits: int) -> np.ndarray:
    """Return the covariance between visits, (trial, visit, visit), from its elements (trial, element)."""
    if structure == "unstructured":
        a, b = np.tril_indices(visits)
        whole = np.empty((len(theta), visits, visits))
        whole[:, a, b] = whole[:, b, a] = theta
        return whole
    first, second = theta[:, 0, None, None], theta[:, -1, None, None]
    if visits == 1:
        return first.copy()
    if structure == "compound symmetry":
        return first * np.eye(visits) + second
    return first * second ** _lag(visits)


def _lag(visits: int) -> np.ndarray:
    """Return how many visits each pair lies apart."""
    return np.abs(np.subtract.outer(np.arange(visits), np.arange(visits)))


def directions(structure: str, theta: np.ndarray, covariance: np.ndarray) -> tuple[np.ndarray, np.ndarray | None]:
    """Return the covariance's derivatives and, unless they are zero, the second ones.

    They are taken by the elements; if unstructured, by the elements of ``s`` in ``root @ s @ root.T``, with the
    covariance's own root, so that a covariance near to singular leaves the information well conditioned.
    """
    trials, visits = covariance.shape[:2]
    if structure == "unstructured":
        a, b = np.tril_indices(visits)
        pairs = np.zeros((len(a), visits, visits))
        pairs[np.arange(len(a)), a, b] = pairs[np.arange(len(a)), b, a] = 1.0
        root = np.linalg.cholesky(covariance)[:, None]
        return root @ pairs @ root.mT, None
    if visits == 1:
        return np.ones((trials, 1, 1, 1)), None
    if structure == "compound symmetry":
        return np.broadcast_to(np.stack([np.eye(visits), np.ones((visits, visits))]), (trials, 2, visits, visits)), None
    lag, variance, rho = _lag(visits), theta[:, 0, None, None], theta[:, 1, None, None]
    power, slope = rho**lag, lag * rho ** np.maximum(lag - 1, 0)
    bend = lag * (lag - 1) * rho ** np.maximum(lag - 2, 0)
    second = np.stack([np.zeros_like(power), slope, slope, variance * bend], 1)
    return np.stack([power, variance * slope], 1), second.reshape(trials, 2, 2, visits, visits)


def start(structure: str, trials: int, visits: int) -> np.ndarray:
    """Return the elements of independent visits with unit variance, one row a trial."""
    if structure == "unstructured":
        a, b = np.tril_indices(visits)
        return np.broadcast_to((a == b).astype(float), (trials, len(a))).copy()
    return np.broadcast_to(np.array([1.0, 0.0])[: min(visits, 2)], (trials, min(visits, 2))).copy()


def distance_from_singular(covariance: np.ndarray) -> np.ndarray:
    """Return how far each covariance is from singular, (trial,); minus one where a variance is not positive.

    It is the smallest eigenvalue of the correlation, or the ratio of the extreme variances if that is smaller; no unit.
    """
    variance = np.diagonal(covariance, axis1=1, axis2=2)
    positive = (variance > 0).all(1) & np.isfinite(covariance).all((1, 2))
    scale = np.where(positive[:, None], variance, 1.0) ** -0.5
    safe = np.where(positive[:, None, None], covariance, 0.0)
    smallest = np.linalg.eigvalsh(scale[:, :, None] * safe * scale[:, None])[:, 0]
    ratio = variance.min(1) / np.where(positive, variance.max(1), 1.0)
    return np.where(positive, np.minimum(smallest, ratio), -1.0)
