"""Scores, responders, changes that matter and numbers needed to treat."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from gaitstudy.conventions import StatisticsError
from gaitstudy.stats.outcomes import (
    KOOS,
    NOT_VERIFIED,
    WOMAC,
    koos,
    koos_from_womac,
    minimal_important_change,
    number_needed_to_treat,
    omeract_oarsi,
    responders,
    womac,
    womac_from_koos,
)

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


def test_womac_and_koos_point_opposite_ways_and_convert() -> None:
    table = pd.DataFrame(np.random.default_rng(0).integers(0, 5, (20, len(ITEMS))), columns=ITEMS)
    daily = koos(table)["daily_living"].to_numpy()
    total = table[WOMAC["function"]].sum(axis=1).to_numpy(float)
    assert koos_from_womac(total) == pytest.approx(daily)
    assert womac_from_koos(daily) == pytest.approx(total)
    assert womac(table)["function"].to_numpy() == pytest.approx(100 - daily)
    assert koos_from_womac(np.array([10.0]), items=5).item() == 50


def test_simple_responders() -> None:
    before, after = np.array([6.0, 6, 5, 0, np.nan, 4]), np.array([4.0, 5, 2.5, 0, 2, np.nan])
    assert responders(before, after, absolute=2)["responder"].tolist() == [True, False, True, False, pd.NA, pd.NA]
    by_percent = responders(before, after, percent=50)["responder"].tolist()
    assert by_percent == [False, False, True, False, pd.NA, pd.NA]
    both = responders(before, after, absolute=2, percent=50)["responder"].tolist()
    assert both == by_percent
    upward = responders(after, before, absolute=2, higher_is_worse=False)["responder"].tolist()
    assert upward == [True, False, True, False, pd.NA, pd.NA]


def test_omeract_oarsi_by_hand() -> None:
    """Much in pain; much in per cent but not in points; somewhat in two; somewhat in one; unknown but decided;
    unknown."""
    nan = np.nan
    pain = (np.array([60.0, 30, 50, 50, 60, nan]), np.array([30.0, 15, 40, 40, 30, 10]))
    function = (np.array([50.0, 50, 50, 50, nan, 50]), np.array([50.0, 50, 40, 50, nan, 50]))
    found = omeract_oarsi(pain, function)
    assert found["high"].tolist() == [True, False, False, False, True, False]
    assert found["low"].tolist() == [False, False, True, False, False, False]
    assert found["responder"].tolist() == [True, False, True, False, True, pd.NA]
    overall = (np.full(6, 50.0), np.array([50.0, 39, 50, 40, 50, 50]))
    assert omeract_oarsi(pain, function, overall)["responder"].tolist() == [True, True, True, True, True, pd.NA]


def test_default_thresholds_say_that_they_are_not_verified() -> None:
    scores = (np.array([50.0]), np.array([20.0]))
    found = omeract_oarsi(scores, scores)
    assert found.attrs == {"thresholds": NOT_VERIFIED, "overall": False}
    assert "not verified" in NOT_VERIFIED and "not verified" in (omeract_oarsi.__doc__ or "")
    stricter = omeract_oarsi(scores, scores, high=(80, 20), low=(70, 10))
    assert stricter.attrs["thresholds"] == "given" and not stricter["responder"].item()


def test_the_change_that_matters_by_hand() -> None:
    change = np.array([1.0, 2, 3, 4, 0, 0, 1, 2, np.nan])
    improved = np.array([1, 1, 1, 1, 0, 0, 0, 0, 1], bool)
    table = minimal_important_change(change, improved).set_index("method")
    mean = table.loc["mean of the improved"]
    assert mean["estimate"] == 2.5
    t = stats.ttest_1samp([1, 2, 3, 4], 0).confidence_interval()
    assert mean[["low", "high"]].tolist() == pytest.approx([t.low, t.high])
    cut = table.loc[
        "best cut"
    ]  # at 2: three of four improved reach it, three of four others do not; at 1: all, and half
    assert cut[["estimate", "sensitivity", "specificity"]].tolist() in ([2, 0.75, 0.75], [1, 1, 0.5])
    assert table[["n_improved", "n_not"]].to_numpy().tolist() == [[4, 4]] * 2 and table.attrs["left_out"] == 1


def test_newcombes_interval_from_two_of_wilsons() -> None:
    def wilson(count: int, n: int) -> np.ndarray:
        z = stats.norm.isf(0.025)
        middle, reach = count + z**2 / 2, z * np.sqrt(count * (n - count) / n + z**2 / 4)
        return (middle + np.array([-1, 1]) * reach) / (n + z**2)

    row = number_needed_to_treat((20, 34), (11, 34)).iloc[0]
    p, q = 20 / 34, 11 / 34
    (l1, u1), (l2, u2) = wilson(20, 34), wilson(11, 34)
    low = p - q - np.hypot(p - l1, u2 - q)
    high = p - q + np.hypot(u1 - p, q - l2)
    assert row[["difference", "low", "high"]].tolist() == pytest.approx([p - q, low, high], rel=1e-9)
    assert row[["nnt", "nnt_low", "nnt_high"]].tolist() == pytest.approx([1 / (p - q), 1 / high, 1 / low], rel=1e-9)
    assert not row["through_infinity"]


# ---- invariance ----


def test_swapping_the_arms_turns_benefit_into_harm() -> None:
    ours, swapped = (number_needed_to_treat(*arms).iloc[0] for arms in (((20, 34), (11, 34)), ((11, 34), (20, 34))))
    assert swapped["nnt"] == pytest.approx(-ours["nnt"])
    assert (swapped["low"], swapped["high"]) == pytest.approx((-ours["high"], -ours["low"]))


def test_an_interval_through_zero_says_so() -> None:
    row = number_needed_to_treat((12, 34), (11, 34)).iloc[0]
    assert row["through_infinity"] and row["nnt_high"] < 0 < row["nnt_low"]
    assert np.isinf(number_needed_to_treat((10, 34), (10, 34)).iloc[0]["nnt"])


# ---- refusals ----


def test_every_wrong_answer_is_listed() -> None:
    table = answers(1, 2).astype(object).drop(columns=["Q4"])
    table.loc[0, "P1"], table.loc[1, "A17"] = 5, "often"
    with pytest.raises(StatisticsError) as error:
        koos(table)
    for part in ("3 problems", "expected Q4", "item P1, row 0: expected 0 to 4, found 5", "A17, row 1", "found often"):
        assert part in str(error.value)


def test_refusals_say_what_was_found() -> None:
    with pytest.raises(StatisticsError, match=r"expected 0 to 68, found 1 outside, e\.g\. 80"):
        koos_from_womac(np.array([80.0, 3]))
    with pytest.raises(StatisticsError, match="KOOS score: expected 0 to 100"):
        womac_from_koos(np.array([-1.0]))
    with pytest.raises(StatisticsError, match="positive threshold"):
        responders(np.ones(2), np.ones(2))
    with pytest.raises(StatisticsError, match=r"found \[-2\]"):
        responders(np.ones(2), np.ones(2), absolute=-2)
    with pytest.raises(StatisticsError, match="before and after"):
        responders(np.ones(2), np.ones(3), absolute=2)
    with pytest.raises(StatisticsError, match="pain: expected 0 to 100"):
        omeract_oarsi((np.array([200.0]), np.array([3.0])), (np.ones(1), np.ones(1)))
    with pytest.raises(StatisticsError, match="as many people"):
        omeract_oarsi((np.ones(2), np.ones(2)), (np.ones(1), np.ones(1)))
    with pytest.raises(StatisticsError, match="found 1 improved and 2 not"):
        minimal_important_change(np.arange(3.0), np.array([True, False, False]))
    with pytest.raises(StatisticsError, match="found 35 of 34"):
        number_needed_to_treat((35, 34), (1, 34))


def test_who_did_not_say_whether_they_improved_is_left_out_and_not_taken_as_improved() -> None:
    change, said = [3.0, 2, 0, 1, 2, 0], [True, True, False, False, None, np.nan]
    found = minimal_important_change(np.array(change), np.array(said, object))
    assert found["n_improved"].tolist() == [2, 2] and found["n_not"].tolist() == [2, 2]
    assert found["estimate"].iloc[0] == 2.5 and found.attrs["left_out"] == 2
    with pytest.raises(StatisticsError, match="improved: expected True, False or missing"):
        minimal_important_change(np.array(change), np.array(["yes", "no"] * 3))
