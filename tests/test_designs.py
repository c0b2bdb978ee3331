"""Designs from columns: names, levels, products."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from gaitstudy.conventions import StatisticsError
from gaitstudy.stats.designs import (
    codes_or_numbers,
    control_arm,
    design,
    everyone,
    groups_of,
    is_categorical,
    levels_of,
    refuse,
    require_columns,
    without_margins,
    zero_or_one,
)

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
    assert levels_of(pd.Series(["wk2", "wk1", None])) == ("wk1", "wk2")
    assert levels_of(pd.Series(pd.Categorical(["b", "a"], ["b", "c", "a"]))) == ("b", "c", "a")
    with pytest.raises(StatisticsError, match="'arm': expected values of one kind, found int, str"):
        levels_of(pd.Series([1, "a"], name="arm"))
    assert [is_categorical(pd.Series(v)) for v in (["a"], [True], [1], [1.5])] == [True, True, False, False]
    assert (control_arm(("C", "I"), None), control_arm(("C", "I"), "I")) == ("C", "I")


def test_texts_are_ordered_by_their_one_number_or_refused() -> None:
    weeks = pd.Series(["Week 10", "Week 4", "Week 52", "Week 4"], name="visit")
    assert levels_of(weeks) == ("Week 4", "Week 10", "Week 52")
    assert levels_of(pd.Series(["10", "4", "4.5"])) == ("4", "4.5", "10")
    assert levels_of(pd.Series(["V1 wk 2", "V1 wk 10"])) == ("V1 wk 2", "V1 wk 10")
    assert levels_of(pd.Series([52, 4, 10])) == (4, 10, 52)
    for unclear in (
        ["Week 4", "baseline"],
        ["4 weeks", "1 year"],
        ["V2 wk 2", "V1 wk 10"],
        ["wk 4", "wk 04"],
        ["a", "b"],
    ):
        with pytest.raises(StatisticsError, match="'visit': expected an order"):
            levels_of(pd.Series(unclear, name="visit"))
    assert levels_of(pd.Series(["high", "placebo", "low"]), "placebo") == ("placebo", "high", "low")
    assert groups_of(pd.Series(["b", None, "a"])) == ("a", "b")
    assert groups_of(pd.Series(pd.Categorical(["b", "a"], ["c", "b", "a"]))) == ("b", "a")


def test_codes_are_told_from_numbers_and_products_have_their_parts() -> None:
    table = pd.DataFrame({"site": [1, 2, 3], "age": [60.0, 61, 64], "kg": [70.5, 80, 90], "sex": [0, 1, 1]})
    assert len(codes_or_numbers(table, list(table), [])) == 2
    assert codes_or_numbers(table.astype({"site": "category"}), list(table), ["age"]) == []
    assert without_margins(("a", "b", "a:b")) == [] and len(without_margins(("a", "b:a"))) == 1
    assert zero_or_one(np.array([0, 1, 1]), "here").tolist() == [0, 1, 1]
    with pytest.raises(StatisticsError, match="here: expected arms 0 and 1, found 2"):
        zero_or_one(np.array([1, 2]), "here")


def test_problems_are_listed_and_none_passes() -> None:
    refuse("here", [])
    with pytest.raises(StatisticsError, match=r"here: one; two\."):
        refuse("here", ["one", "two"])
    require_columns(ROWS, ["arm", "age"], ["age"], "here")
    with pytest.raises(StatisticsError, match=r"(?s)'sex'.*found arm, visit, age.*'arm': expected numbers"):
        require_columns(ROWS, ["sex"], ["arm"], "here")
