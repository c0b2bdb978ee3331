"""From a table's columns to a design's: levels, products of columns, and what a table must have for them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from pandas.api import types

from gaitstudy.conventions import StatisticsError

Levels = dict[str, tuple[Any, ...]]


_NUMBER = re.compile(r"\d+(?:\.\d+)?")


def levels_of(column: pd.Series, first: Any = None) -> tuple[Any, ...]:
    """Return the levels of a column whose order means something, such as arms or visits, in that order.

    Categories keep theirs (a level that no row has is for the caller to refuse), numbers and dates rise, and texts that
    differ in one number alone rise by it: ``Week 4`` comes before ``Week 10``. Other texts have no order of their own;
    the alphabet's is refused, not taken.

    Parameters
    ----------
    first : a level that is known to come first, such as the control arm: the others' order is then theirs, or if they
        have none the alphabet's.

    Raises
    ------
    StatisticsError : values of several kinds, texts without an order, ``first`` is none of the levels.
    """
    if isinstance(column.dtype, pd.CategoricalDtype):
        found = list(column.cat.categories)
    else:
        found = _risen(column, first is None)
    control = control_arm(found, first) if first is not None else None
    return tuple(found if first is None else [control, *(level for level in found if level != control)])


def groups_of(column: pd.Series) -> tuple[Any, ...]:
    """Return the groups that some row of a column of names belongs to; their order serves the coding alone."""
    there = set(column.dropna().unique())
    if isinstance(column.dtype, pd.CategoricalDtype):
        return tuple(level for level in column.cat.categories if level in there)
    return tuple(_risen(column, False))


def _risen(column: pd.Series, ordered: bool) -> list[Any]:
    """Return the distinct values of a column that has no categories, in an order that is theirs."""
    found = list(column.dropna().unique())
    try:
        rising = sorted(found)
    except TypeError as error:
        kinds = ", ".join(sorted({type(value).__name__ for value in found}))
        raise StatisticsError(
            f"column {column.name!r}: expected values of one kind, found {kinds}; convert it."
        ) from error
    if len(found) < 2 or not isinstance(found[0], str):
        return rising
    if len({tuple(_NUMBER.split(text)) for text in found}) == 1:  # all alike but for their numbers
        numbers = np.array([[float(number) for number in _NUMBER.findall(text)] for text in found])
        differing = np.flatnonzero(np.ptp(numbers, axis=0))
        if len(differing) == 1:
            return [found[k] for k in np.argsort(numbers[:, differing[0]])]
    if ordered:
        raise StatisticsError(
            f"column {column.name!r}: expected an order of its levels, found {len(found)} texts that have none. Give "
            f"it: pandas.Categorical(table[{column.name!r}], [...]), the control or the first visit first."
        )
    return rising


def is_categorical(column: pd.Series) -> bool:
    """Return whether a column holds names rather than numbers."""
    return not types.is_numeric_dtype(column) or types.is_bool_dtype(column)


def codes_or_numbers(table: pd.DataFrame, covariates: Sequence[str], quantities: Sequence[str]) -> list[str]:
    """Return the problems of covariates that may be numbers or codes of groups: more than two whole numbers, unsaid.

    Parameters
    ----------
    quantities : covariates that are said to be numbers, such as an age in whole years.
    """
    found = [f"quantities: expected covariates, found {name!r}" for name in quantities if name not in covariates]
    for name in covariates:
        if name in quantities or name not in table or is_categorical(table[name]):
            continue
        values = table[name].dropna().unique()
        if len(values) > 2 and (values == np.round(values)).all():
            found.append(
                f"column {name!r}: expected to know whether its whole numbers are amounts or codes of groups; for "
                f"amounts (years) give quantities=[{name!r}], for codes (sites) .astype('category')"
            )
    return found


def without_margins(terms: Sequence[str]) -> list[str]:
    """Return the problems of products whose parts are no terms: what they mean hangs on which level comes first."""
    there = {frozenset(term.split(":")) for term in terms}
    found = []
    for term in terms:
        names = term.split(":")
        parts = [[*names[:k], *names[k + 1 :]] for k in range(len(names))] if len(names) > 1 else []
        if missing := [":".join(part) for part in parts if frozenset(part) not in there]:
            found.append(
                f"term {term!r}: expected {' and '.join(map(repr, missing))} among the terms too, found none; add it, "
                "or say margins=False: without it the effect is zero at the first level"
            )
    return found


def repeated(table: pd.DataFrame, participant: str) -> list[str]:
    """Return the problem of a table of one row for each participant in which some have several rows."""
    twice = int(table[participant].duplicated().sum()) if participant in table else 0
    return [f"expected one row for each {participant}, found {twice} more; choose a visit"] if twice else []


def refuse(what: str, problems: Sequence[str]) -> None:
    """Raise one error that lists every problem; none, and it returns."""
    if problems:
        raise StatisticsError(f"{what}: " + "; ".join(problems) + ".")


def require_columns(table: pd.DataFrame, wanted: Sequence[str], numbers: Sequence[str], what: str) -> None:
    """Refuse a table that lacks columns, or whose numbers are no numbers."""
    missing = [name for name in dict.fromkeys(wanted) if name not in table.columns]
    problems = [f"expected a column {name!r}, found {', '.join(map(str, table.columns))}" for name in missing]
    for name in numbers:
        if name in table.columns and is_categorical(table[name]):
            problems.append(f"column {name!r}: expected numbers, found {table[name].dtype}; convert it first")
        elif name in table.columns and np.isinf(table[name].to_numpy(float)).any():
            problems.append(f"column {name!r}: expected numbers or gaps, found infinite values")
    refuse(what, problems)


def design(
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


def everyone(
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
    x, names = design(columns, terms, levels)
    return x.reshape(len(settings), len(people), len(names)), names


def control_arm(arms: Sequence[Any], control: Any) -> Any:
    """Return the arm that others are compared with."""
    if control is not None and control not in arms:
        raise StatisticsError(f"control: expected one of {', '.join(map(str, arms))}; found {control!r}.")
    return arms[0] if control is None else control


def zero_or_one(arm: np.ndarray, what: str) -> np.ndarray:
    """Return arms as numbers 0 and 1; other codes are refused: as numbers they would count as amounts of treatment."""
    given = np.asarray(arm)
    if not np.isin(given, (0, 1)).all():
        others = ", ".join(map(str, pd.unique(given[~np.isin(given, (0, 1))].ravel())[:5]))
        raise StatisticsError(f"{what}: expected arms 0 and 1, found {others}. Compare two arms at a time, recoded.")
    return given.astype(float)
