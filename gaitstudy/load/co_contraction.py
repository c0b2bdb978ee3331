"""Co-contraction of two opposing muscles, by two published indices."""

from __future__ import annotations

import numpy as np

from gaitstudy.conventions import GaitStudyError


def rudolph(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Return the mean over time of (smaller / larger) x (smaller + larger), in the unit of the activations.

    Where both muscles are silent the instant counts as zero.

    Parameters
    ----------
    first, second : activations or normalised envelopes, 0 or more, (..., time), of one shape. NaN stays NaN.

    Raises
    ------
    GaitStudyError : negative activations (a raw signal is no activation: rectify and smooth it), other shapes, no
        samples.

    References
    ----------
    Rudolph KS et al. (2000) Knee Surg Sports Traumatol Arthrosc 8:262 (formula from general knowledge, not verified).

    Examples
    --------
    >>> round(float(rudolph([0.3], [0.6])), 4)
    0.45
    """
    low, high = _ordered(first, second)
    ratio = np.divide(low, high, out=np.where(np.isnan(high), np.nan, 0.0), where=high > 0)
    return (ratio * (low + high)).mean(-1)


def falconer_winter(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Return twice the shared area over the sum of both, 0 to 1, without unit; zero where both are silent throughout.

    Parameters
    ----------
    first, second : as for ``rudolph``, evenly spaced in time.

    Raises
    ------
    GaitStudyError : negative activations, other shapes, fewer than two samples and no way to integrate.

    References
    ----------
    Falconer K, Winter DA (1985) Electromyogr Clin Neurophysiol 25:135, as public code has it; the paper was not seen.

    Examples
    --------
    >>> round(float(falconer_winter([0.3, 0.3], [0.6, 0.6])), 4)
    0.6667
    """
    low, high = _ordered(first, second)
    if low.shape[-1] < 2:
        raise GaitStudyError(f"co-contraction: expected 2 or more samples to integrate, found {low.shape[-1]}.")
    shared, whole = (np.trapezoid(values, axis=-1) for values in (low, low + high))
    silent = np.where(np.isnan(whole), np.nan, 0.0)
    return np.divide(2 * shared, whole, out=silent, where=whole > 0)


def _ordered(first: np.ndarray, second: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the smaller and the larger of two activations at every instant, after checking them."""
    a, b = np.asarray(first, float), np.asarray(second, float)
    problems = []
    if a.shape != b.shape or not a.ndim or not a.size:
        problems.append(f"expected two arrays of one shape with samples, found {a.shape} and {b.shape}")
    below = int((a < 0).sum() + (b < 0).sum())
    if below:
        problems.append(f"expected activations of 0 or more, found {below} negative values; rectify and smooth first")
    if problems:
        raise GaitStudyError("co-contraction: " + "; ".join(problems) + ".")
    return np.minimum(a, b), np.maximum(a, b)
