"""Checks that several models share."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from gaitstudy.conventions import StatisticsError
from gaitstudy.stats.designs import is_categorical, refuse, zero_or_one


def test_names_and_truths_are_no_numbers() -> None:
    assert [is_categorical(pd.Series(v)) for v in (["a"], [True], [1], [1.5])] == [True, True, False, False]


def test_arms_are_zero_and_one() -> None:
    assert zero_or_one(np.array([0, 1, 1]), "here").tolist() == [0, 1, 1]
    with pytest.raises(StatisticsError, match="here: expected arms 0 and 1, found 2"):
        zero_or_one(np.array([1, 2]), "here")


def test_problems_are_listed_and_none_passes() -> None:
    refuse("here", [])
    with pytest.raises(StatisticsError, match=r"here: one; two\."):
        refuse("here", ["one", "two"])
