"""What if the people who left differ from those who stayed: shifted imputations and their tipping point."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd
from scipy.optimize import brentq

from gaitstudy.conventions import StatisticsError
from gaitstudy.stats.missing import pool

Analysis = Callable[[np.ndarray], tuple[np.ndarray, np.ndarray]]
"""Completed data (imputation, participant, variable) in; estimate and standard error (imputation,) out."""


def delta_adjusted(imputed: np.ndarray, missing: np.ndarray, people: np.ndarray, delta: float) -> np.ndarray:
    """Return completed data in which every imputed value of some people is shifted.

    Parameters
    ----------
    imputed : (imputation, participant, variable). missing : (participant, variable), where the value was not measured
        and is to be shifted: leave out variables that are no outcome. people : (participant,), e.g. one arm.
    delta : in the outcome's unit, added; a positive one is worse where higher is worse. It is not handed on to later
        visits: each imputed visit of a person gets it once.

    Raises
    ------
    StatisticsError : shapes that do not fit, arms in place of True and False, a delta that is not finite.
    """
    imputed = np.asarray(imputed, float)
    if imputed.ndim != 3 or missing.shape != imputed.shape[1:] or people.shape != imputed.shape[1:2]:
        raise StatisticsError(
            "delta_adjusted: expected imputed (imputation, participant, variable), missing (participant, variable) and "
            f"people (participant,), found shapes {imputed.shape}, {missing.shape} and {people.shape}."
        )
    if missing.dtype != bool or people.dtype != bool:
        raise StatisticsError(
            f"delta_adjusted: expected missing and people as True and False, found {missing.dtype} and {people.dtype}."
        )
    if not np.isfinite(delta):
        raise StatisticsError(f"delta: expected a finite shift, found {delta}.")
    return imputed + delta * (missing & people[:, None])


def tipping_point(
    imputed: np.ndarray,
    missing: np.ndarray,
    people: np.ndarray,
    analyse: Analysis,
    deltas: Sequence[float],
    *,
    complete_df: float = np.inf,
    confidence: float = 0.95,
) -> pd.DataFrame:
    """Find how far the imputed values of one arm must be shifted for the pooled conclusion to change.

    The conclusion is which side of zero the pooled confidence interval lies on, or neither; the one to be overturned
    is that at a shift of zero. All shifts use the same imputations, so that they differ in the shift alone.

    Parameters
    ----------
    imputed, missing, people : see ``delta_adjusted``.
    analyse : from completed data to estimate and standard error (imputation,), e.g. with
        ``regression.adjusted_difference``. complete_df : see ``missing.pool``.
    deltas : shifts to try, in the outcome's unit, all on one side of zero or on both.

    Returns
    -------
    One row a shift, ascending and zero among them: ``delta`` and the columns of ``missing.pool``, and ``conclusion``
    (-1 below zero, 1 above, 0 undecided). ``attrs["tipping_point"]``: the shift nearest to zero, found to 1e-6 of the
    shifts' range, at which the conclusion is another one; NaN if it holds at all shifts tried. ``attrs["shifted"]``:
    how many values were shifted.

    Raises
    ------
    StatisticsError : see ``delta_adjusted``; no value to shift.

    References
    ----------
    Cro S, Morris TP, Kenward MG, Carpenter JR (2020) Stat Med 39:2815, doi 10.1002/sim.8569; general knowledge, not
    verified.
    """
    shifted = int((missing & np.asarray(people)[:, None]).sum())
    if not shifted:
        raise StatisticsError("tipping_point: expected imputed values among these people, found none to shift.")

    def pooled(delta: float) -> pd.DataFrame:
        made = delta_adjusted(imputed, missing, people, delta)
        return pool(*analyse(made), complete_df=complete_df, confidence=confidence).assign(delta=delta)

    grid = np.unique([0.0, *map(float, deltas)])
    table = pd.concat([pooled(delta) for delta in grid], ignore_index=True)
    table["conclusion"] = np.where(table["low"] > 0, 1, np.where(table["high"] < 0, -1, 0))
    here = int(np.flatnonzero(grid == 0)[0])
    changed = np.flatnonzero(table["conclusion"] != table["conclusion"][here])
    found = []
    for beyond in (changed[changed < here][-1:], changed[changed > here][:1]):
        for k in beyond:
            inner = k + (1 if k < here else -1)
            side = table["conclusion"][inner] or table["conclusion"][k]
            bound = "low" if side > 0 else "high"  # the bound that has to pass zero first
            tolerance = 1e-6 * max(float(np.ptp(grid)), 1e-9)
            zero = brentq(lambda d, b=bound: float(pooled(d)[b].iloc[0]), grid[inner], grid[k], xtol=tolerance)
            found.append(float(zero))
    table.attrs = {"tipping_point": min(found, key=abs, default=float("nan")), "shifted": shifted}
    return table[["delta", "conclusion", *(c for c in table.columns if c not in ("delta", "conclusion"))]]
