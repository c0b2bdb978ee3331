"""Thousands of trials at once: the mixed model for repeated measures, from arrays."""

from __future__ import annotations

import numpy as np
import pandas as pd

from gaitstudy.stats.contrasts import wald
from gaitstudy.stats.mixed import STRUCTURES, fit

CHUNK = 2**22
"""Numbers in the design of the trials that are fitted together; it bounds the memory, not the result."""


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

    Examples
    --------
    >>> visit_design(np.array([0, 1]), np.array([4.0, 6.0]), 2)[1].tolist()
    [[1.0, 1.0, 6.0, 0.0, 0.0, 0.0], [0.0, 0.0, 0.0, 1.0, 1.0, 6.0]]
    """
    person = np.stack(np.broadcast_arrays(np.ones(baseline.shape), arm, baseline), -1)
    wide = np.eye(visits)[:, :, None] * person[..., None, None, :]
    return wide.reshape(*baseline.shape, visits, 3 * visits)


def mmrm_many(
    y: np.ndarray,
    x: np.ndarray,
    rows: np.ndarray,
    covariance: str = STRUCTURES[0],
) -> pd.DataFrame:
    """Return the tests of some combinations of coefficients in each of many trials.

    Parameters
    ----------
    y : (trial, participant, visit), any unit; NaN where missing. x : (participant, visit, coefficient), or trial first.
    rows : (contrast, coefficient). covariance : as in ``gaitstudy.stats.mixed.fit``.

    Returns
    -------
    One row for each trial and contrast: ``trial``, ``contrast`` (their numbers), ``estimate``, ``se``, ``df``, ``t``,
    ``p``, ``low``, ``high`` (95 %, outcome's unit) and ``status``; NaN in all but the last wherever it is not
    ``converged``.

    Raises
    ------
    StatisticsError : shapes that do not fit, a gap in x, an unknown structure.
    """
    x, rows = np.broadcast_to(x, (*y.shape, x.shape[-1])), np.atleast_2d(rows)
    together = max(1, CHUNK // max(1, y[0].size * x.shape[-1]))
    tables = []
    for first in range(0, len(y), together):
        found = fit(y[first : first + together], x[first : first + together], covariance)
        columns = {name: values.ravel() for name, values in wald(found, rows).items()}
        trial = first + np.arange(len(found.status))
        index = {"trial": np.repeat(trial, len(rows)), "contrast": np.tile(np.arange(len(rows)), len(trial))}
        tables.append(pd.DataFrame({**index, **columns, "status": np.repeat(found.status, len(rows))}))
    return pd.concat(tables, ignore_index=True)
