"""From a table's columns to a design's: levels, products of columns, and what a table must have for them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from pandas.api import types

from gaitstudy.conventions import StatisticsError

Levels = dict[str, tuple[Any, ...]]


def levels_of(column: pd.Series) -> tuple[Any, ...]:
    """Return the categories of a column, in their order; else its distinct values, sorted."""
    if isinstance(column.dtype, pd.CategoricalDtype):
        return tuple(column.cat.categories)
    found = column.dropna().unique()
    try:
        return tuple(sorted(found))
    except TypeError as error:
        kinds = ", ".join(sorted({type(value).__name__ for value in found}))
        raise StatisticsError(
            f"column {column.name!r}: expected values of one kind, found {kinds}; convert it."
        ) from error


def is_categorical(column: pd.Series) -> bool:
    """Return whether a column holds names rather than numbers."""
    return not types.is_numeric_dtype(column) or types.is_bool_dtype(column)


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
