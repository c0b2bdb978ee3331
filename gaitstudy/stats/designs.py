"""Checks that several models share: names or numbers, arms 0 and 1, one error for every problem."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from pandas.api import types

from gaitstudy.conventions import StatisticsError


def is_categorical(column: pd.Series) -> bool:
    """Return whether a column holds names rather than numbers."""
    return not types.is_numeric_dtype(column) or types.is_bool_dtype(column)


def refuse(what: str, problems: Sequence[str]) -> None:
    """Raise one error that lists every problem; none, and it returns."""
    if problems:
        raise StatisticsError(f"{what}: " + "; ".join(problems) + ".")


def zero_or_one(arm: np.ndarray, what: str) -> np.ndarray:
    """Return arms as numbers 0 and 1; other codes are refused: as numbers they would count as amounts of treatment."""
    given = np.asarray(arm)
    if not np.isin(given, (0, 1)).all():
        others = ", ".join(map(str, pd.unique(given[~np.isin(given, (0, 1))].ravel())[:5]))
        raise StatisticsError(f"{what}: expected arms 0 and 1, found {others}. Compare two arms at a time, recoded.")
    return given.astype(float)
