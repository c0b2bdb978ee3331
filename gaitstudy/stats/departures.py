"""What if the people who left differ from those who stayed: shifted imputations, tipping point, jump to reference."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd
from scipy.optimize import brentq

from gaitstudy.conventions import StatisticsError
from gaitstudy.stats.missing import draw_regression, impute, pool

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
    StatisticsError : shapes that do not fit, a delta that is not finite.
    """
    imputed = np.asarray(imputed, float)
    if imputed.ndim != 3 or missing.shape != imputed.shape[1:] or people.shape != imputed.shape[1:2]:
        raise StatisticsError(
            "delta_adjusted: expected imputed (imputation, participant, variable), missing (participant, variable) and "
            f"people (participant,), found shapes {imputed.shape}, {missing.shape} and {people.shape}."
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


def jump_to_reference(
    values: np.ndarray,
    reference: np.ndarray,
    *,
    imputations: int = 20,
    iterations: int = 10,
    seed: int | np.random.Generator = 0,
) -> np.ndarray:
    """Impute visits after dropout as if the person had from then on behaved like the reference arm.

    Visits follow a multivariate normal distribution in each arm, with its own means and covariances. After the last
    visit of someone of the active arm, the mean is that of the reference arm; how far the person was from the own arm's
    means up to then is carried on through the regression of later on earlier visits in the reference arm.
    Gaps between visits, and all gaps of the reference arm, are taken as missing at random within the arm
    (``missing.impute``). Parameters are drawn anew for every imputation, visit by visit: for data without gaps between
    visits that is an exact draw from the posterior.

    Parameters
    ----------
    values : (participant, visit) in order of time, baseline first, one unit; NaN is missing.
    reference : (participant,), True for the reference arm.
    imputations, iterations, seed : see ``missing.impute``.

    Returns
    -------
    (imputation, participant, visit): what was measured is untouched.

    Raises
    ------
    StatisticsError : a visit nobody of an arm has, too few people at a visit for the visits before it, a person
        without a baseline.

    Notes
    -----
    Rubin's variance of the effect under this assumption is larger than its variance over repeated trials; Carpenter and
    others hold that this keeps the information the data lost, others prefer the smaller one (general knowledge, not
    verified).

    References
    ----------
    Carpenter JR, Roger JH, Kenward MG (2013) J Biopharm Stat 23:1352, doi 10.1080/10543406.2013.834911.
    """
    values, reference = np.asarray(values, float), np.asarray(reference, bool)
    if values.ndim != 2 or reference.shape != values.shape[:1] or reference.all() or not reference.any():
        raise StatisticsError(
            "jump_to_reference: expected values (participant, visit) and a reference arm that some people are in and "
            f"some are not, found shape {values.shape} and {int(reference.sum())} of {len(reference)} in the reference."
        )
    without = int(np.isnan(values[:, 0]).sum())
    if without:
        raise StatisticsError(f"jump_to_reference: expected a baseline of everyone, found {without} people without.")
    rng = np.random.default_rng(seed)
    last = values.shape[1] - 1 - np.argmax(~np.isnan(values[:, ::-1]), axis=1)
    filled = impute(values, imputations=imputations, iterations=iterations, groups=reference, seed=rng)
    active = ~reference
    theirs, spread, reference_mean = _visit_by_visit(filled[:, reference], last[reference], rng)
    _, _, own_mean = _visit_by_visit(filled[:, active], last[active], rng)
    made, ended = filled[:, active], last[active]
    departure = np.zeros_like(made)
    for visit in range(values.shape[1]):
        left = visit > ended
        carried = np.einsum("mpv,mv->mp", departure[..., :visit], theirs[visit][:, 1:])
        noise = spread[visit][:, None] * rng.standard_normal(carried.shape)
        drawn = reference_mean[:, visit, None] + carried + noise
        made[..., visit] = np.where(left, drawn, made[..., visit])
        mean = np.where(left, reference_mean[:, visit, None], own_mean[:, visit, None])
        departure[..., visit] = made[..., visit] - mean
    filled[:, active] = made
    return filled


def _visit_by_visit(
    filled: np.ndarray, last: np.ndarray, rng: np.random.Generator
) -> tuple[list[np.ndarray], list[np.ndarray], np.ndarray]:
    """Draw each visit's regression on the visits before it, from those still there, and the means these imply.

    filled : (imputation, participant, visit). Returns coefficients (imputation, 1 + visits before) and residual spread
    (imputation,) for each visit, and the means (imputation, visit).
    """
    coefficients, spreads, means = [], [], np.empty((len(filled), filled.shape[-1]))
    ones = np.ones((*filled.shape[:-1], 1))
    for visit in range(filled.shape[-1]):
        design = np.concatenate([ones, filled[..., :visit]], -1)
        _, drawn, spread = draw_regression(design, filled[..., visit], last >= visit, rng)
        means[:, visit] = drawn[:, 0] + np.einsum("mv,mv->m", drawn[:, 1:], means[:, :visit])
        coefficients.append(drawn)
        spreads.append(spread)
    return coefficients, spreads, means
