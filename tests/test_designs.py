"""Designs from columns: names, levels, products."""

from __future__ import annotations

import pandas as pd
import pytest

from gaitstudy.conventions import StatisticsError
from gaitstudy.stats.designs import control_arm, design, everyone, is_categorical, levels_of, refuse, require_columns

ROWS = pd.DataFrame({"arm": ["C", "I", "I"], "visit": [2, 2, 7], "age": [60.0, 61, 62]})


def test_products_of_levels_and_numbers() -> None:
    columns = {str(name): ROWS[name].to_numpy() for name in ROWS}
    x, names = design(columns, ("arm", "age:visit", "arm:visit"), {"arm": ("C", "I"), "visit": (2, 7, 11)})
    assert names == (
        "intercept", "arm[I]", "age:visit[7]", "age:visit[11]", "arm[I]:visit[7]", "arm[I]:visit[11]",
    )  # fmt: skip
    assert x.tolist() == [[1, 0, 0, 0, 0, 0], [1, 1, 0, 0, 0, 0], [1, 1, 62, 0, 1, 0]]


def test_everyone_in_every_setting() -> None:
    x, names = everyone(ROWS, [{"visit": 2, "age": 1}, {"visit": 7, "age": 2}], ("visit", "age"), {"visit": (2, 7)})
    assert names == ("intercept", "visit[7]", "age")
    assert x.tolist() == [[[1, 0, 1]] * 3, [[1, 1, 2]] * 3]


def test_levels_keep_the_order_of_categories_and_the_ones_nobody_has() -> None:
    assert levels_of(pd.Series(["b", "a", None])) == ("a", "b")
    assert levels_of(pd.Series(pd.Categorical(["b", "a"], ["b", "c", "a"]))) == ("b", "c", "a")
    with pytest.raises(StatisticsError, match="'arm': expected values of one kind, found int, str"):
        levels_of(pd.Series([1, "a"], name="arm"))
    assert [is_categorical(pd.Series(v)) for v in (["a"], [True], [1], [1.5])] == [True, True, False, False]
    assert (control_arm(("C", "I"), None), control_arm(("C", "I"), "I")) == ("C", "I")


def test_problems_are_listed_and_none_passes() -> None:
    refuse("here", [])
    with pytest.raises(StatisticsError, match=r"here: one; two\."):
        refuse("here", ["one", "two"])
    require_columns(ROWS, ["arm", "age"], ["age"], "here")
    with pytest.raises(StatisticsError, match=r"(?s)'sex'.*found arm, visit, age.*'arm': expected numbers"):
        require_columns(ROWS, ["sex"], ["arm"], "here")
