"""Thousands of trials at once: the random-intercept model and the repeated-measures model, from arrays."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
import pandas as pd

from gaitstudy.stats.contrasts import wald
from gaitstudy.stats.designs import zero_or_one
from gaitstudy.stats.mixed import CONVERGED, METHODS, STRUCTURES, check, fit, orthonormal

CHUNK = 2**22
"""Numbers in the design of the trials that are fitted together; it bounds the memory, not the result."""
STEPS, PRECISION = 100, 1e-10
"""Most steps of the search for the log of the ratio of variances, and the last step's size."""
LARGEST_RATIO = 1e8
"""Between over within participants, variances; a ratio beyond counts as not identified."""


@dataclass(frozen=True)
class RandomIntercept:
    """Fitted trials; every array has ``trial`` first, and NaN where ``status`` is not ``converged``.

    ``coefficients`` and ``se`` (trial, coefficient), in the outcome's unit per unit of the design's column;
    ``between``, ``within`` (trial,): variances of participants and of visits within them, outcome's unit squared;
    ``log_likelihood`` (trial,): restricted. A between of exactly zero lies at its bound.
    """

    status: np.ndarray
    coefficients: np.ndarray
    se: np.ndarray
    between: np.ndarray
    within: np.ndarray
    log_likelihood: np.ndarray


def visit_design(arm: np.ndarray, baseline: np.ndarray, visits: int) -> np.ndarray:
    """Return the design with an intercept, an arm difference and a baseline slope of its own for every visit.

    It spans the same space as baseline * visit + arm * visit. Column ``3 v + 1`` is the arm difference at visit
    ``v``, in the outcome's unit, so that ``numpy.eye(3 * visits)[3 * v + 1]`` is its contrast.

    Parameters
    ----------
    arm : (..., participant), 0 or 1. baseline : (..., participant), any unit. visits : how many.

    Returns
    -------
    (..., participant, visit, 3 visits).

    Raises
    ------
    StatisticsError : arms other than 0 and 1.

    Examples
    --------
    >>> visit_design(np.array([0, 1]), np.array([4.0, 6.0]), 2)[1].tolist()
    [[1.0, 1.0, 6.0, 0.0, 0.0, 0.0], [0.0, 0.0, 0.0, 1.0, 1.0, 6.0]]
    """
    baseline = np.asarray(baseline, float)
    arm = np.broadcast_to(zero_or_one(arm, "visit_design"), baseline.shape)
    person = np.stack([np.ones_like(baseline), arm, baseline], -1)
    wide = np.eye(visits)[:, :, None] * person[..., None, None, :]
    return wide.reshape(*baseline.shape, visits, 3 * visits)


def mmrm_many(
    y: np.ndarray,
    x: np.ndarray,
    rows: np.ndarray,
    covariance: str = STRUCTURES[0],
    method: str | None = None,
    level: float = 0.95,
) -> pd.DataFrame:
    """Return the tests of some combinations of coefficients in each of many trials.

    Parameters
    ----------
    y : (trial, participant, visit), any unit; NaN where missing. x : (participant, visit, coefficient), or trial first.
    rows : (contrast, coefficient). covariance, method : as in ``gaitstudy.stats.mixed.fit``. level : of the intervals.

    Returns
    -------
    One row for each trial and contrast: ``trial``, ``contrast`` (their numbers), ``estimate``, ``se``, ``df``, ``t``,
    ``p``, ``low``, ``high`` (outcome's unit) and ``status``; NaN in all but the last wherever it is not ``converged``.

    Raises
    ------
    StatisticsError : shapes that do not fit, a gap in x, an unknown structure or method.
    """
    method = method or METHODS[covariance != STRUCTURES[0]]
    y, x = check(y, x, covariance, method)
    rows = np.atleast_2d(np.asarray(rows, float))
    tables = []
    for part in _parts(y, x):
        found = fit(y[part], x[part], covariance, method)
        columns = {name: values.ravel() for name, values in wald(found, rows, level).items()}
        trial = part.start + np.arange(len(found.status))
        index = {"trial": np.repeat(trial, len(rows)), "contrast": np.tile(np.arange(len(rows)), len(trial))}
        tables.append(pd.DataFrame({**index, **columns, "status": np.repeat(found.status, len(rows))}))
    return pd.concat(tables, ignore_index=True)


def random_intercept(y: np.ndarray, x: np.ndarray) -> RandomIntercept:
    """Fit a linear model with one random intercept per participant to each trial, by restricted maximum likelihood.

    The likelihood is profiled to one number, the ratio of the variances between and within participants, whose root is
    found for all trials at once by Newton's steps, bisected where they leave their bracket. The variance between
    participants is at least zero. General knowledge (Laird and Ware 1982, Biometrics 38:963), not verified.

    Parameters
    ----------
    y : (trial, participant, visit), any unit; NaN where missing. x : (participant, visit, coefficient), or trial first.

    Raises
    ------
    StatisticsError : shapes that do not fit, a gap in x, infinite outcomes.
    """
    y, x = check(y, x, "compound symmetry", "satterthwaite")
    found = [_profiled(y[part], x[part]) for part in _parts(y, x)]
    return RandomIntercept(*(np.concatenate([getattr(f, c.name) for f in found]) for c in fields(RandomIntercept)))


def _parts(y: np.ndarray, x: np.ndarray) -> list[slice]:
    """Return the trials that are fitted together."""
    together = max(1, CHUNK // max(1, y[0].size * x.shape[-1]))
    return [slice(first, first + together) for first in range(0, len(y), together)]


def _profiled(y: np.ndarray, x: np.ndarray) -> RandomIntercept:
    """Fit some trials."""
    parts, status = orthonormal(y, x)
    good = status == CONVERGED
    p, trials = x.shape[-1], len(y)
    z, freedom = parts["z"], parts["count"] - p
    number = np.isfinite(y).sum(2)
    sums = z.sum(2)  # (trial, participant, coefficient + 1)
    sizes = np.unique(number[number > 0])
    grouped = np.stack([(sums * (number == k)[..., None]).mT @ sums for k in sizes], 1)
    people = np.stack([(number == k).sum(1) for k in sizes], 1)
    whole = np.broadcast_to(np.eye(p + 1), (trials, p + 1, p + 1)).copy()
    whole[:, -1, -1] = np.maximum(freedom, 1)

    def slope(ratio: np.ndarray, who: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return the first and second derivative of the profiled likelihood by the ratio."""
        k, n, free = sizes[None], people[who], freedom[who]
        shrink = 1 / (1 + k * ratio[:, None])
        a = whole[who] - np.einsum("tk,tkpq->tpq", ratio[:, None] * shrink, grouped[who])
        first = -np.einsum("tk,tkpq->tpq", shrink**2, grouped[who])
        second = 2 * np.einsum("tk,tkpq->tpq", k * shrink**3, grouped[who])
        inverse = np.linalg.inv(a)
        narrow = inverse[:, :p, :p] - inverse[:, :p, p:] * inverse[:, p:, :p] / inverse[:, p:, p:]  # of x alone
        traces = []
        for part, size in ((narrow, p), (inverse, p + 1)):
            one = part @ first[:, :size, :size]
            two = (part * second[:, :size, :size]).sum((1, 2)) - (one * one.mT).sum((1, 2))
            traces.append((np.trace(one, axis1=1, axis2=2), two))
        (x1, x2), (z1, z2) = traces
        rise = (n * k * shrink).sum(1) + (1 - free) * x1 + free * z1
        bend = -(n * (k * shrink) ** 2).sum(1) + (1 - free) * x2 + free * z2
        return -0.5 * rise, -0.5 * bend

    ratio = np.zeros(trials)
    at_zero, _ = slope(ratio[good], np.flatnonzero(good))
    active = np.flatnonzero(good)[at_zero > 0]
    low, high = np.full(trials, np.log(1e-12)), np.full(trials, np.log(LARGEST_RATIO))
    point = np.zeros(trials)
    for _ in range(STEPS):
        r = np.exp(point[active])
        first, second = slope(r, active)
        low[active] = np.where(first > 0, point[active], low[active])
        high[active] = np.where(first > 0, high[active], point[active])
        curvature = r * first + r**2 * second
        newton = point[active] - r * first / np.where(curvature < 0, curvature, np.inf)
        inside = (curvature < 0) & (newton > low[active]) & (newton < high[active])
        after = np.where(inside, newton, (low[active] + high[active]) / 2)
        done = np.abs(after - point[active]) < PRECISION
        point[active] = after
        ratio[active] = np.exp(after)
        active = active[~done]
        if not len(active):
            break
    status[active] = f"not converged after {STEPS} steps"
    status[ratio > LARGEST_RATIO / 2] = "variance within participants not identified"
    a = whole - np.einsum("tk,tkpq->tpq", ratio[:, None] / (1 + sizes * ratio[:, None]), grouped)
    xx, xy = a[:, :p, :p], a[:, :p, p:]
    gamma = np.linalg.solve(xx, xy)
    share = (a[:, p, p] - (xy * gamma).sum((1, 2))) / np.maximum(freedom, 1)
    value = -0.5 * (people * np.log1p(sizes * ratio[:, None])).sum(1)
    value += parts["constant"] - 0.5 * (np.linalg.slogdet(xx)[1] + freedom * (np.log(share) + 1))
    scale = parts["scale"]
    spread = np.linalg.solve(parts["r"], np.linalg.solve(parts["r"], np.linalg.inv(xx)).mT)
    within = share * scale**2
    found = (
        np.linalg.solve(parts["r"], parts["gamma"] + scale[:, None, None] * gamma)[..., 0],
        np.sqrt(within[:, None] * np.diagonal(spread, axis1=1, axis2=2)),
        within * ratio,
        within,
        value,
    )
    for values in found:
        values[status != CONVERGED] = np.nan
    return RandomIntercept(status.astype(str), *found)
