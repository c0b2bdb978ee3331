"""A randomised trial's outcome at all visits: the mixed model for repeated measures, its means, contrasts, residuals.

Tables in, tidy tables out. Arms and visits come in the order of their categories, of rising numbers, or of the one
number in their names (Week 4, Week 10); other names need an order (``pandas.Categorical``) and are refused without. The
first arm is the control. Estimates are differences *arm minus control* in the outcome's unit. A row without an outcome
is never filled in.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np
import pandas as pd

from gaitstudy.conventions import StatisticsError
from gaitstudy.stats import contrasts as combinations
from gaitstudy.stats import mixed
from gaitstudy.stats.designs import is_categorical, refuse

Levels = dict[str, tuple[Any, ...]]
_NUMBER = re.compile(r"\d+(?:\.\d+)?")


@dataclass(frozen=True)
class RepeatedMeasures:
    """A mixed model for repeated measures as fitted: give it to ``ls_means``, ``contrasts``, ``f_test``.

    ``status``: ``converged``, or why there is no number; ``steps``: how many it took. ``structure``, ``method``: of the
    covariance, and of the degrees of freedom. ``columns``: names of the design's columns. ``people``: who was
    analysed, a row each, with arm and covariates. ``outcomes`` (participant, visit), NaN where missing. ``counts``:
    for each arm and visit the participants, how many were observed and how many are missing. ``left_out``: who was
    not analysed, and why. ``covariance`` (visit, visit), outcome's unit squared; ``log_likelihood``: restricted.
    """

    status: str
    steps: int
    structure: str
    method: str
    terms: tuple[str, ...]
    columns: tuple[str, ...]
    names: dict[str, str]
    levels: Levels
    people: pd.DataFrame
    outcomes: pd.DataFrame
    counts: pd.DataFrame
    left_out: pd.DataFrame
    covariance: pd.DataFrame
    log_likelihood: float
    fit: mixed.Fit

    @property
    def arms(self) -> tuple[Any, ...]:
        """The arms, control first."""
        return self.levels[self.names["arm"]]

    @property
    def visits(self) -> tuple[Any, ...]:
        """The visits in their order."""
        return self.levels[self.names["visit"]]


def mmrm(
    table: pd.DataFrame,
    outcome: str = "outcome",
    *,
    participant: str = "participant",
    visit: str = "visit",
    arm: str = "arm",
    baseline: str | None = "baseline",
    terms: Sequence[str] | None = None,
    quantities: Sequence[str] = (),
    control: Any = None,
    covariance: str = "unstructured",
    method: str | None = None,
) -> RepeatedMeasures:
    """Fit the mixed model for repeated measures by restricted maximum likelihood.

    Parameters
    ----------
    table : one row for each participant and visit after baseline; what is missing may be an empty outcome or no row.
    outcome : its column, any unit, a change or the value itself. participant, visit, arm, baseline : their columns.
    terms : the fixed effects beside the intercept, names of columns and their products; by default ``visit``,
        ``baseline``, ``baseline:visit``, ``arm``, ``arm:visit``. Further covariates are constant within a participant:
        numbers, or names of groups (codes of groups as ``pandas.Categorical``).
    quantities : covariates whose whole numbers are amounts, such as an age in years, not codes of groups.
    control : the arm that comes first; without it that of the arm's categories or numbers.
    covariance, method : as in ``gaitstudy.stats.mixed.fit``; Kenward-Roger by default if unstructured.

    Returns
    -------
    The model. If its status is not ``converged`` it holds no number, and what asks for one is refused. It is valid if
    outcomes are missing at random: what was seen of a person tells why the rest was not.

    Raises
    ------
    StatisticsError : columns missing or of the wrong kind, a participant twice at a visit or in two arms, a
        covariate that changes with time, arms or visits that only a guess could order, a product without its parts,
        an arm, a visit or an arm's visit with no outcome; all that can be listed is.

    References
    ----------
    Mallinckrodt et al. 2008, Drug Information Journal 42:303 (general knowledge, not verified).
    """
    first = [name for name in (baseline,) if name is not None]
    if terms is None:
        terms = ("visit", *first, *(f"{name}:visit" for name in first), "arm", "arm:visit")
        terms = tuple(":".join({"visit": visit, "arm": arm}.get(n, n) for n in term.split(":")) for term in terms)
    used = [n for n in dict.fromkeys(name for term in terms for name in term.split(":")) if n not in (visit, arm)]
    _require_columns(table, [participant, visit, arm, outcome, *used], [outcome, *first])
    rows = table[list(dict.fromkeys([participant, arm, visit, outcome, *used]))]
    unsaid = _codes_or_amounts(rows, [name for name in used if name not in (*first, *quantities)])
    refuse("mmrm", _problems(rows, participant, visit, arm, used) + _without_parts(terms) + unsaid)
    levels: Levels = {visit: _levels(rows[visit]), arm: _levels(rows[arm], control)}

    people = rows.drop_duplicates(participant)[list(dict.fromkeys([participant, arm, *used]))]
    people = people.sort_values(participant).set_index(participant)
    wide = rows.pivot(index=participant, columns=visit, values=outcome).reindex(people.index, columns=levels[visit])
    wide = wide.astype(float)
    reasons = pd.Series("", people.index)
    for name in people.columns:
        reasons[people[name].isna()] += f"no {name}; "
    reasons[wide.isna().all(axis=1)] += "no outcome at any visit; "
    kept = reasons == ""
    left_out = reasons[~kept].str.removesuffix("; ").rename("reason").reset_index()
    people, wide = people[kept], wide[kept]
    levels |= {name: _groups(people[name]) for name in used if is_categorical(people[name])}

    within = people[arm].to_numpy(object) == np.array([*levels[arm]], object)[:, None]
    observed = (within.astype(int) @ wide.notna().to_numpy().astype(int)).ravel()
    counts = pd.DataFrame(list(product(levels[arm], levels[visit])), columns=["arm", "visit"])
    counts["participants"] = within.sum(1).repeat(len(levels[visit]))
    counts["observed"], counts["missing"] = observed, counts["participants"] - observed
    refuse("mmrm", _empty(counts, levels[arm]))

    x, columns = _everyone(people, [{visit: v} for v in levels[visit]], terms, levels)
    fit = mixed.fit(wide.to_numpy()[None], x.swapaxes(0, 1), covariance, method)
    status = str(fit.status[0])
    if status.startswith("design column"):
        status = re.sub(r"\d+", lambda found: columns[int(found[0])], status)
    return RepeatedMeasures(
        status, int(fit.steps[0]), covariance, fit.method, tuple(terms), columns,
        {"participant": participant, "visit": visit, "arm": arm}, levels, people, wide, counts, left_out,
        pd.DataFrame(fit.covariance[0], wide.columns, wide.columns.rename("other")), float(fit.log_likelihood[0]), fit,
    )  # fmt: skip


def _codes_or_amounts(rows: pd.DataFrame, covariates: Sequence[str]) -> list[str]:
    """Return the problems of covariates with more than two values, all whole numbers: a slope, or groups."""
    each = {name: rows[name].dropna().unique() for name in covariates if not is_categorical(rows[name])}
    return [
        f"column {name!r}: expected to know whether its whole numbers are amounts or codes of groups; for amounts "
        f"(years) give quantities=[{name!r}], for codes (sites) .astype('category')"
        for name, values in each.items()
        if len(values) > 2 and (values == np.round(values)).all()
    ]


def _levels(column: pd.Series, first: Any = None) -> tuple[Any, ...]:
    """Return a column's levels in the order of its categories, of rising numbers or of the one number in its texts.

    Texts without such an order are refused, but for the others of a control that is known to come ``first``.
    """
    if isinstance(column.dtype, pd.CategoricalDtype):
        found = list(column.cat.categories)
    else:
        found = _sorted(column)
        if len(found) > 1 and isinstance(found[0], str):
            alike = len({tuple(_NUMBER.split(text)) for text in found}) == 1  # but for their numbers
            each = [[float(n) for n in _NUMBER.findall(text)] if alike else [] for text in found]
            numbers = np.array(each)
            differing = np.flatnonzero(np.ptp(numbers, axis=0))
            if len(differing) == 1:
                found = [found[k] for k in np.argsort(numbers[:, differing[0]])]
            elif first is None:
                raise StatisticsError(
                    f"column {column.name!r}: expected an order of its levels, found {len(found)} texts that have "
                    f"none. Give it by pandas.Categorical(table[{column.name!r}], [...]), control or first visit first."
                )
    if first is None:
        return tuple(found)
    return (_control(found, first), *(level for level in found if level != first))


def _groups(column: pd.Series) -> tuple[Any, ...]:
    """Return the groups that some row belongs to; their order serves the coding alone."""
    if isinstance(column.dtype, pd.CategoricalDtype):
        return tuple(level for level in column.cat.categories if (column == level).any())
    return tuple(_sorted(column))


def _sorted(column: pd.Series) -> list[Any]:
    """Return the distinct values of a column."""
    found = list(column.dropna().unique())
    try:
        return sorted(found)
    except TypeError as error:
        kinds = ", ".join(sorted({type(value).__name__ for value in found}))
        raise StatisticsError(
            f"column {column.name!r}: expected values of one kind, found {kinds}; convert it."
        ) from error


def _control(arms: Sequence[Any], control: Any) -> Any:
    """Return the arm that others are compared with, the first one if none is named."""
    if control is not None and control not in arms:
        raise StatisticsError(f"control: expected one of {', '.join(map(str, arms))}; found {control!r}.")
    return arms[0] if control is None else control


def _without_parts(terms: Sequence[str]) -> list[str]:
    """Return the problems of products whose parts are no terms: what they mean hangs on which level comes first."""
    there = {frozenset(term.split(":")) for term in terms}
    found = []
    for term in terms:
        names = term.split(":")
        parts = [[*names[:k], *names[k + 1 :]] for k in range(len(names))] if len(names) > 1 else []
        if missing := [":".join(part) for part in parts if frozenset(part) not in there]:
            found.append(f"term {term!r}: expected {' and '.join(map(repr, missing))} among the terms too; add it")
    return found


def _require_columns(table: pd.DataFrame, wanted: Sequence[str], numbers: Sequence[str]) -> None:
    """Refuse a table that lacks columns, or whose numbers are no numbers."""
    missing = [name for name in dict.fromkeys(wanted) if name not in table.columns]
    problems = [f"expected a column {name!r}, found {', '.join(map(str, table.columns))}" for name in missing]
    for name in (n for n in numbers if n in table.columns):
        if is_categorical(table[name]):
            problems.append(f"column {name!r}: expected numbers, found {table[name].dtype}; convert it first")
        elif np.isinf(table[name].to_numpy(float)).any():
            problems.append(f"column {name!r}: expected numbers or gaps, found infinite values")
    refuse("mmrm", problems)


def _design(
    columns: Mapping[str, np.ndarray], terms: Sequence[str], levels: Levels
) -> tuple[np.ndarray, tuple[str, ...]]:
    """Return the design of some rows, and its columns' names: an intercept, then the products that the terms name.

    Parameters
    ----------
    columns : one array a name, (row,): numbers in any unit, or names of groups.
    terms : such as ``arm``, ``baseline:visit``; a name stands for its number, or for one column of 0 and 1 for each of
        its levels but the first. levels : of the columns that hold names; all others hold numbers.

    Returns
    -------
    (row, coefficient), and a name for each coefficient.
    """
    count = len(next(iter(columns.values())))
    blocks, names = [np.ones((count, 1))], ["intercept"]
    for term in terms:
        block, labels = np.ones((count, 1)), [""]
        for name in term.split(":"):
            if name in levels:
                others = levels[name][1:]
                values = np.asarray(columns[name], object)
                part = (values[:, None] == np.array([*others, None], object)[:-1]).astype(float)
                own = [f"{name}[{level}]" for level in others]
            else:
                part, own = np.asarray(columns[name], float)[:, None], [name]
            block = (block[:, :, None] * part[:, None]).reshape(count, block.shape[1] * part.shape[1])
            labels = [f"{a}:{b}".lstrip(":") for a in labels for b in own]
        blocks.append(block)
        names += labels
    return np.concatenate(blocks, 1), tuple(names)


def _everyone(
    people: pd.DataFrame, settings: Sequence[Mapping[str, Any]], terms: Sequence[str], levels: Levels
) -> tuple[np.ndarray, tuple[str, ...]]:
    """Return the design of everyone in each of several settings, such as visits, and its columns' names.

    Parameters
    ----------
    people : a row for each participant. settings : columns to set to one value for everyone, the same names in each.

    Returns
    -------
    (setting, participant, coefficient), in the columns' own units, and a name for each coefficient.
    """
    columns = {str(name): np.tile(people[name].to_numpy(object), len(settings)) for name in people.columns}
    for name in settings[0]:
        columns[name] = np.repeat(np.array([setting[name] for setting in settings], object), len(people))
    x, names = _design(columns, terms, levels)
    return x.reshape(len(settings), len(people), len(names)), names


def _problems(rows: pd.DataFrame, participant: str, visit: str, arm: str, used: Sequence[str]) -> list[str]:
    """Return what is wrong with a long table's rows."""
    found = []
    for name in (participant, visit):
        if rows[name].isna().any():
            found.append(f"column {name!r}: expected a value in every row, found {rows[name].isna().sum()} gaps")
    twice = rows.loc[rows.duplicated([participant, visit]), [participant, visit]].drop_duplicates()
    if len(twice):
        listed = ", ".join(f"{p} at {v}" for p, v in twice.head(5).itertuples(index=False))
        found.append(f"expected one row for each participant and visit, found {len(twice)} pairs twice: {listed}")
    different = rows.groupby(participant, observed=True)[[arm, *used]].nunique(dropna=False)
    for name in (arm, *used):
        changing = different.index[different[name] > 1]
        if len(changing):
            found.append(
                f"column {name!r}: expected one value for each participant, found several for {len(changing)}: "
                f"{', '.join(map(str, changing[:5]))}; give the value at baseline in every row"
            )
    return found


def _empty(counts: pd.DataFrame, arms: Sequence[Any]) -> list[str]:
    """Return which arms and visits have no outcome."""
    found = [] if len(arms) > 1 else [f"expected at least two arms, found {len(arms)}"]
    for kind in ("arm", "visit"):
        total = counts.groupby(kind, sort=False)["observed"].sum()
        found += [f"{kind} {name}: expected outcomes, found none; leave it out" for name in total[total == 0].index]
        counts = counts[~counts[kind].isin(total[total == 0].index)]
    for row in counts[counts["observed"] == 0].itertuples():
        found.append(f"arm {row.arm}, visit {row.visit}: expected outcomes, found none; leave the visit out")
    return found


def design_rows(model: RepeatedMeasures) -> pd.DataFrame:
    """Return the design's row of each arm's mean at each visit, to be added and subtracted into contrasts.

    It is the mean, over everyone analysed (each person once, however many visits were missed), of the rows they would
    have in that arm at that visit, in the units of the columns.

    Returns
    -------
    Indexed by ``arm`` and ``visit``, a column for each coefficient.
    """
    cells = list(product(model.arms, model.visits))
    settings = [{model.names["arm"]: arm, model.names["visit"]: visit} for arm, visit in cells]
    rows, columns = _everyone(model.people, settings, model.terms, model.levels)
    return pd.DataFrame(rows.mean(1), pd.MultiIndex.from_tuples(cells, names=["arm", "visit"]), list(columns))


def arm_rows(model: RepeatedMeasures, control: Any = None) -> pd.DataFrame:
    """Return the design's rows of arm minus control at each visit, for ``contrasts`` and ``f_test``.

    Returns
    -------
    Indexed by ``arm``, ``control`` and ``visit``, a column for each coefficient; the control is the first arm if not
    given.
    """
    control = _control(model.arms, control)
    rows = design_rows(model)
    others = [arm for arm in model.arms if arm != control]
    parts = {(arm, control): rows.loc[arm] - rows.loc[control] for arm in others}
    return pd.concat(parts, names=["arm", "control"])


def _tested(model: RepeatedMeasures, rows: pd.DataFrame, level: float) -> pd.DataFrame:
    """Return the tests of some rows beside their index, or say why there is no number."""
    _usable(model)
    found = combinations.wald(model.fit, rows.to_numpy(), level)
    return pd.DataFrame({name: values[0] for name, values in found.items()}, rows.index).reset_index()


def _usable(model: RepeatedMeasures) -> None:
    """Refuse a model that has no number."""
    if model.status != mixed.CONVERGED:
        raise StatisticsError(
            f"mmrm: the fit gives no number: {model.status}. Expected a fit that converged; try fewer terms, a "
            "structured covariance, or leave out a visit that few attended."
        )


def ls_means(model: RepeatedMeasures, level: float = 0.95) -> pd.DataFrame:
    """Return each arm's mean at each visit, adjusted to the covariates of everyone analysed.

    Returns
    -------
    ``arm``, ``visit``, ``estimate``, ``se``, ``df``, ``low``, ``high``, in the outcome's unit, and ``observed``, how
    many were seen there.

    Raises
    ------
    StatisticsError : the fit did not converge.
    """
    found = _tested(model, design_rows(model), level).drop(columns=["t", "p"])
    return found.assign(observed=model.counts["observed"].to_numpy())


def contrasts(model: RepeatedMeasures, rows: pd.DataFrame | None = None, level: float = 0.95) -> pd.DataFrame:
    """Return estimates and tests of combinations of coefficients; by default each arm minus control at each visit.

    Parameters
    ----------
    rows : sums and differences of rows of ``design_rows``, or ``arm_rows``; their index leads the result.

    Returns
    -------
    The rows' index, then ``estimate``, ``se``, ``df``, ``t``, ``p`` (two-sided), ``low``, ``high``, in the outcome's
    unit.

    Raises
    ------
    StatisticsError : the fit did not converge, or the rows do not have its columns.
    """
    return _tested(model, arm_rows(model) if rows is None else rows, level)


def f_test(model: RepeatedMeasures, rows: pd.DataFrame | None = None) -> pd.DataFrame:
    """Return the test that some combinations of coefficients are all zero; by default all arm differences.

    Returns
    -------
    One row: ``f``, ``df_numerator``, ``df_denominator``, ``p``; no unit.

    Raises
    ------
    StatisticsError : the fit did not converge, or the rows do not have its columns.
    """
    _usable(model)
    chosen = arm_rows(model) if rows is None else rows
    return pd.DataFrame(combinations.joint(model.fit, chosen.to_numpy()))


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
    observed = model.outcomes.to_numpy()
    people, names = model.people, model.names
    x, _ = _everyone(people, [{names["visit"]: visit} for visit in model.visits], model.terms, model.levels)
    fitted = (x @ model.fit.coefficients[0]).T
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
            "arm": np.repeat(people[names["arm"]].to_numpy(object), len(model.visits)),
            "visit": np.tile(np.array(model.visits), len(people)),
            "outcome": observed.ravel(), "fitted": fitted.ravel(),
            "residual": residual.ravel(), "scaled": scaled.ravel(),
        }
    )  # fmt: skip
    return found[seen.ravel()].reset_index(drop=True)
