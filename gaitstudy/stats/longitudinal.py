"""A randomised trial's outcome at all visits: the mixed model for repeated measures, its means, contrasts, residuals.

Tables in, tidy tables out. Arms and visits come in the order of their categories or of rising numbers; the first arm is
the control. Estimates are differences *arm minus control* in the outcome's unit. A row without an outcome is never
filled in.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np
import pandas as pd
import statsmodels.formula.api as smf
from pandas.api import types

from gaitstudy.conventions import StatisticsError
from gaitstudy.stats import contrasts as combinations
from gaitstudy.stats import mixed


@dataclass(frozen=True)
class RepeatedMeasures:
    """A mixed model for repeated measures as fitted: give it to ``ls_means``, ``contrasts``, ``f_test``, ``residuals``.

    ``status``: ``converged``, or why there is no number. ``arms``, control first, and ``visits``. ``people``: who was
    analysed, a row each, with ``arm`` and covariates; ``left_out``: who was not, and why. ``outcomes`` (participant,
    visit), NaN where missing. ``design`` (participant, visit, coefficient). ``rows``, indexed by ``arm`` and ``visit``,
    a column for each coefficient: the design's row of each arm's mean at each visit, to be added and subtracted into
    contrasts; it is the mean, over everyone analysed (each person once, however many visits were missed), of the rows
    they would have in that arm at that visit. ``covariance`` (visit, visit), outcome's unit squared. ``fit``: of
    ``gaitstudy.stats.mixed``.
    """

    status: str
    arms: tuple[Any, ...]
    visits: tuple[Any, ...]
    people: pd.DataFrame
    left_out: pd.DataFrame
    outcomes: pd.DataFrame
    design: np.ndarray
    rows: pd.DataFrame
    covariance: pd.DataFrame
    fit: mixed.Fit


def mmrm(
    formula: str,
    table: pd.DataFrame,
    *,
    participant: str = "participant",
    visit: str = "visit",
    arm: str = "arm",
    covariance: str = "unstructured",
    method: str | None = None,
) -> RepeatedMeasures:
    """Fit the mixed model for repeated measures by restricted maximum likelihood.

    Parameters
    ----------
    formula : outcome (any unit, a change or the value itself) and fixed effects, such as
        ``"change ~ baseline * visit + arm * visit"``, as statsmodels reads it. Visit and arm are always groups; a
        covariate of numbers is an amount, so write ``C(site)`` for codes of groups.
    table : one row for each participant and visit after baseline; what is missing may be an empty outcome or no row.
        Covariates are constant within a participant.
    participant, visit, arm : columns. Arms and visits are numbers, or ``pandas.Categorical`` in their order.
    covariance, method : as in ``gaitstudy.stats.mixed.fit``; Kenward-Roger by default if unstructured.

    Returns
    -------
    The model. If its status is not ``converged`` it holds no number, and what asks for one is refused. It is valid if
    outcomes are missing at random: what was seen of a person tells why the rest was not.

    Raises
    ------
    StatisticsError : a column that is not there, no arm in the formula, gaps in participant or visit, an arm or
        covariate that changes with time, arms or visits whose order is not known, fewer than two arms.

    References
    ----------
    Mallinckrodt et al. 2008, Drug Information Journal 42:303 (general knowledge, not verified).
    """
    outcome, _, terms = (part.strip() for part in formula.partition("~"))
    words = set(re.findall(r"\w+", terms))
    if arm not in words:
        raise StatisticsError(f"mmrm: expected {arm} among the terms of the formula, found none. Add it.")
    words -= {visit, arm}
    if absent := [name for name in (participant, visit, arm, outcome) if name not in table]:
        raise StatisticsError(
            f"mmrm: expected columns {', '.join(map(repr, absent))}, found {', '.join(map(str, table))}. Name the "
            "outcome as the table does, without a function, and the others by participant=, visit=, arm=."
        )
    rows = table[[participant, visit, arm, outcome, *(name for name in table if name in words)]]
    constant = list(rows.columns.drop([participant, visit, outcome]))
    if rows[[participant, visit]].isna().any(axis=None):
        raise StatisticsError(f"mmrm: expected {participant} and {visit} in every row, found gaps.")
    several = rows.groupby(participant, observed=True)[constant].nunique(dropna=False) > 1
    if several.any(axis=None):
        raise StatisticsError(
            "mmrm: expected one value for each participant, found several of "
            f"{', '.join(several.columns[several.any()])} for {several.any(axis=1).sum()} of them, the first "
            f"{several.index[several.any(axis=1)][0]}. Give the value at baseline in every row."
        )
    arms, visits = _levels(rows[arm]), _levels(rows[visit])
    if len(arms) < 2:
        raise StatisticsError(f"mmrm: expected at least two arms, found {len(arms)}.")

    people = rows.drop_duplicates(participant).set_index(participant)[constant].sort_index()
    outcomes = rows.pivot(index=participant, columns=visit, values=outcome)
    outcomes = outcomes.reindex(index=people.index, columns=visits).astype(float)
    reasons = pd.Series("", people.index)
    for name in constant:
        reasons[people[name].isna()] += f"no {name}; "
    reasons[outcomes.isna().all(axis=1)] += "no outcome at any visit; "
    kept = reasons == ""
    people, outcomes = people[kept], outcomes[kept]

    cells = list(product(arms, visits))
    grid = people.loc[people.index.repeat(len(cells))].assign(**{outcome: 0.0})
    for name, levels, values in zip((arm, visit), (arms, visits), zip(*cells, strict=True), strict=True):
        grid[name] = pd.Categorical(values * len(people), levels)
    read = smf.ols(formula, grid, missing="raise")  # for its design alone: everyone, in every arm, at every visit
    x = read.exog.reshape(len(people), len(arms), len(visits), -1)
    design = x[np.arange(len(people)), pd.Categorical(people[arm], arms).codes]
    fit = mixed.fit(outcomes.to_numpy()[None], design, covariance, method)
    status = str(fit.status[0])
    if status.startswith("design column"):
        status = re.sub(r"\d+", lambda found: read.exog_names[int(found[0])], status)
    index = pd.MultiIndex.from_tuples(cells, names=["arm", "visit"])
    return RepeatedMeasures(
        status, arms, visits, people.rename(columns={arm: "arm"}),
        reasons[~kept].str.removesuffix("; ").rename("reason").reset_index(), outcomes, design,
        pd.DataFrame(x.mean(0).reshape(len(cells), -1), index, read.exog_names),
        pd.DataFrame(fit.covariance[0], outcomes.columns, outcomes.columns.rename("other")), fit,
    )  # fmt: skip


def _levels(column: pd.Series) -> tuple[Any, ...]:
    """Return a column's levels in the order of its categories or of rising numbers; texts have none."""
    if isinstance(column.dtype, pd.CategoricalDtype):
        return tuple(column.cat.categories)
    if not types.is_numeric_dtype(column):
        raise StatisticsError(
            f"column {column.name!r}: expected numbers, or an order of its texts; give it by "
            f"pandas.Categorical(table[{column.name!r}], [...]), control or first visit first."
        )
    return tuple(np.sort(column.dropna().unique()).tolist())


def _usable(model: RepeatedMeasures) -> None:
    """Refuse a model that has no number."""
    if model.status != mixed.CONVERGED:
        raise StatisticsError(
            f"mmrm: the fit gives no number: {model.status}. Expected a fit that converged; try fewer terms, a "
            "structured covariance, or leave out a visit that few attended."
        )


def _arm_rows(model: RepeatedMeasures) -> pd.DataFrame:
    """Return the rows of arm minus control at each visit, indexed by ``arm``, ``control`` and ``visit``."""
    control, *others = model.arms
    parts = {(arm, control): model.rows.loc[arm] - model.rows.loc[control] for arm in others}
    return pd.concat(parts, names=["arm", "control"])


def ls_means(model: RepeatedMeasures) -> pd.DataFrame:
    """Return each arm's mean at each visit, adjusted to the covariates of everyone analysed.

    Returns
    -------
    ``arm``, ``visit``, ``estimate``, ``se``, ``df``, ``low``, ``high`` (95 %), in the outcome's unit, and ``observed``,
    how many were seen there.

    Raises
    ------
    StatisticsError : the fit did not converge.

    References
    ----------
    Means as emmeans gives them with proportional weights; general knowledge.
    """
    within = model.people["arm"].to_numpy(object) == np.array([*model.arms], object)[:, None]
    observed = within.astype(int) @ model.outcomes.notna().to_numpy().astype(int)
    return contrasts(model, model.rows).drop(columns=["t", "p"]).assign(observed=observed.ravel())


def contrasts(model: RepeatedMeasures, rows: pd.DataFrame | None = None) -> pd.DataFrame:
    """Return estimates and tests of combinations of coefficients; by default each arm minus control at each visit.

    Parameters
    ----------
    rows : sums and differences of rows of ``model.rows``; their index leads the result.

    Returns
    -------
    The rows' index, then ``estimate``, ``se``, ``df``, ``t``, ``p`` (two-sided), ``low``, ``high`` (95 %), in the
    outcome's unit.

    Raises
    ------
    StatisticsError : the fit did not converge.

    References
    ----------
    See ``contrasts.wald``.
    """
    _usable(model)
    rows = _arm_rows(model) if rows is None else rows
    found = combinations.wald(model.fit, rows.to_numpy())
    return pd.DataFrame({name: values[0] for name, values in found.items()}, rows.index).reset_index()


def f_test(model: RepeatedMeasures, rows: pd.DataFrame | None = None) -> pd.DataFrame:
    """Return the test that some combinations of coefficients are all zero; by default all arm differences.

    Returns
    -------
    One row: ``f``, ``df_numerator``, ``df_denominator``, ``p``; no unit.

    Raises
    ------
    StatisticsError : the fit did not converge.

    References
    ----------
    See ``contrasts.joint``.
    """
    _usable(model)
    rows = _arm_rows(model) if rows is None else rows
    return pd.DataFrame(combinations.joint(model.fit, rows.to_numpy()))


def residuals(model: RepeatedMeasures) -> pd.DataFrame:
    """Return what the model leaves of each outcome seen, and the same freed of its correlation with earlier visits.

    Returns
    -------
    ``participant``, ``arm``, ``visit``, ``outcome``, ``fitted``, ``residual`` (outcome's unit) and ``scaled``: by the
    Cholesky factor of the person's covariance, about standard normal and independent if the model holds.

    Raises
    ------
    StatisticsError : the fit did not converge.
    """
    _usable(model)
    observed, people = model.outcomes.to_numpy(), model.people
    fitted = model.design @ model.fit.coefficients[0]
    residual = observed - fitted
    seen = np.isfinite(observed)
    covariance = model.fit.covariance[0]
    scaled = np.full(observed.shape, np.nan)
    for pattern in np.unique(seen, axis=0):
        who = np.flatnonzero((seen == pattern).all(1))
        factor = np.linalg.cholesky(covariance[np.ix_(pattern, pattern)])
        scaled[np.ix_(who, pattern)] = np.linalg.solve(factor, residual[np.ix_(who, pattern)].T).T
    found = pd.DataFrame(
        {
            "participant": np.repeat(people.index.to_numpy(), len(model.visits)),
            "arm": np.repeat(people["arm"].to_numpy(object), len(model.visits)),
            "visit": np.tile(np.array(model.visits), len(people)),
            "outcome": observed.ravel(), "fitted": fitted.ravel(),
            "residual": residual.ravel(), "scaled": scaled.ravel(),
        }
    )  # fmt: skip
    return found[seen.ravel()].reset_index(drop=True)
