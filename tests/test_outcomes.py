"""Scores of the KOOS and the WOMAC."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from gaitstudy.conventions import StatisticsError
from gaitstudy.stats.outcomes import KOOS, WOMAC, koos, womac

ITEMS = [i for part in KOOS.values() for i in part]


def answers(value: float, people: int = 1) -> pd.DataFrame:
    return pd.DataFrame(float(value), index=range(people), columns=ITEMS)


# ---- closed form ----


@pytest.mark.parametrize(("answer", "score"), [(0, 100.0), (1, 75.0), (4, 0.0)])
def test_the_same_answer_everywhere(answer: int, score: float) -> None:
    found = koos(answers(answer))
    assert found[list(KOOS)].to_numpy().tolist() == [[score] * 5]
    assert womac(answers(answer))[[*WOMAC, "total"]].to_numpy().tolist() == [[100 - score] * 4]


@pytest.mark.parametrize(
    ("scale", "needed"), [("pain", 5), ("symptoms", 4), ("daily_living", 9), ("sport", 3), ("quality_of_life", 2)]
)
def test_half_of_the_items_are_needed(scale: str, needed: int) -> None:
    table = answers(2, 2)
    table.loc[0, KOOS[scale][needed:]] = np.nan
    table.loc[1, KOOS[scale][needed - 1 :]] = np.nan
    found = koos(table)
    assert found[f"{scale}_answered"].tolist() == [needed, needed - 1]
    assert found.loc[0, scale] == 50 and np.isnan(found.loc[1, scale])
    assert found.drop(columns=[scale, f"{scale}_answered"]).notna().all(axis=None)


def test_scales_are_those_of_the_instrument() -> None:
    assert [len(v) for v in KOOS.values()] == [9, 7, 17, 5, 4]
    assert {k: len(v) for k, v in WOMAC.items()} == {"pain": 5, "stiffness": 2, "function": 17}
    table = answers(0)
    table[["P5", "P9"]] = 4.0
    table["A1"] = 2.0
    found = womac(table)
    assert found["pain"].item() == pytest.approx(100 * 8 / 20)
    assert found["function"].item() == pytest.approx(100 * 2 / 68)
    assert found["total"].item() == pytest.approx(100 * 10 / 96)


# ---- refusals ----


def test_every_wrong_answer_is_listed() -> None:
    table = answers(1, 2).astype(object).drop(columns=["Q4"])
    table.loc[0, "P1"], table.loc[1, "A17"] = 5, "often"
    with pytest.raises(StatisticsError) as error:
        koos(table)
    for part in ("3 problems", "expected Q4", "item P1, row 0: expected 0 to 4, found 5", "A17, row 1", "found often"):
        assert part in str(error.value)
