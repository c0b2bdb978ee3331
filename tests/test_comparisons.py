"""Arms compared at one visit: numbers by hand, two ways to the same difference, scipy, tables that cannot be used."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from gaitstudy.conventions import StatisticsError
from gaitstudy.stats.comparisons import ancova, effect_sizes, welch_change

TABLE = pd.DataFrame(
    {
        "baseline": [6, 5, 7, 4, 6, 5, 5, 6, 7, 4, 6, 5],
        "follow_up": [5, 5, 6, 4, 5, 4, 3, 4, 4, 2, 3, 3],
        "arm": [0] * 6 + [1] * 6,
    }
).assign(change=lambda t: t["follow_up"] - t["baseline"])


# ---- closed form, invariance ----


def test_follow_up_and_change_adjust_to_the_same_difference() -> None:
    one, two = ancova(TABLE, "follow_up"), ancova(TABLE, "change")
    for found in (one.iloc[0], two.iloc[0]):
        assert found["term"] == "1 - 0"
        assert found["estimate"] == pytest.approx(-1.666667, abs=5e-7)
        assert found["se"] == pytest.approx(0.211881, abs=5e-7)
        assert found["t"] == pytest.approx(-7.86607, abs=5e-6)
        assert found["p"] == pytest.approx(2.5e-5, abs=5e-7)
        assert (found["df"], found["n"], found["left_out"]) == (9, 12, 0)
    slopes = one.iloc[1]["estimate"], two.iloc[1]["estimate"]
    assert slopes == pytest.approx((0.636364, -0.363636), abs=5e-7)
    half = stats.t.ppf(0.975, 9) * one.loc[0, "se"]
    assert one.loc[0, ["low", "high"]].tolist() == pytest.approx([-1.6666667 - half, -1.6666667 + half])


def test_the_other_control_turns_the_sign_alone() -> None:
    one, two = ancova(TABLE, "change").iloc[0], ancova(TABLE, "change", control=1).iloc[0]
    assert two["term"] == "0 - 1"
    assert two[["estimate", "se", "p"]].tolist() == pytest.approx([-one["estimate"], one["se"], one["p"]])


def test_three_arms_covariates_and_people_left_out() -> None:
    rng = np.random.default_rng(5)
    table = pd.DataFrame({"baseline": rng.normal(size=60), "arm": np.array(["A", "B", "C"])[np.arange(60) % 3]})
    table["sex"] = np.array(["f", "m"])[np.arange(60) // 3 % 2]
    table["change"] = (table["arm"] == "C") * 2 + (table["sex"] == "m") * 1 + 1e-3 * rng.normal(size=60)
    table.loc[[0, 5], "change"] = np.nan
    with pytest.raises(StatisticsError, match="'arm': expected an order of its levels"):
        ancova(table, "change", covariates=("sex",))
    found = ancova(table, "change", covariates=("sex",), control="A").set_index("term")
    assert found.index.tolist() == ["B - A", "C - A", "baseline"]
    assert found["estimate"].tolist() == pytest.approx([0, 2, 0], abs=2e-3)
    assert found["left_out"].tolist() == [2, 2, 2]


def test_effect_size_within_people_by_hand() -> None:
    table = pd.DataFrame({"change": [0.30, 0.10, 0.25, -0.05, 0.20, 0.15, 0.35, 0.05, np.nan]})
    found = effect_sizes(table, "change", arm=None).iloc[0]
    assert found["d"] == pytest.approx(1.26439, abs=5e-6)
    assert found["g"] / found["d"] == pytest.approx(0.88889, abs=5e-6)
    assert found["g"] == pytest.approx(1.12390, abs=5e-6)
    assert found["d"] * np.sqrt(8) == pytest.approx(3.57624, abs=5e-6)  # the t of the same data
    assert found[["n", "n_control", "left_out"]].tolist() == [8, 0, 1]
    assert found["low"] < found["g"] < found["high"]


def test_effect_sizes_between_arms_by_hand() -> None:
    found = effect_sizes(TABLE, "change").iloc[0]
    own, other = TABLE.query("arm == 1")["change"], TABLE.query("arm == 0")["change"]
    d = (own.mean() - other.mean()) / np.sqrt((own.var() + other.var()) / 2)
    g = d * (1 - 3 / (4 * 12 - 9))
    half = stats.t.ppf(0.975, 10) * np.sqrt(1 / 3 + g**2 / 24)
    assert found[["d", "g", "low", "high"]].tolist() == pytest.approx([d, g, g - half, g + half], rel=1e-9)


# ---- an independent program ----


def test_welch_is_scipys() -> None:
    rng = np.random.default_rng(6)
    table = pd.DataFrame(
        {"change": rng.normal(size=30) * np.r_[np.ones(12), 3 * np.ones(18)], "arm": ["C"] * 12 + ["I"] * 18}
    )
    table.loc[3, "change"] = np.nan
    found = welch_change(table, "change", control="C").iloc[0]
    own, other = (table.query("arm == @a")["change"].dropna() for a in ("I", "C"))
    theirs = stats.ttest_ind(own, other, equal_var=False)
    assert found[["t", "df", "p"]].tolist() == pytest.approx([theirs.statistic, theirs.df, theirs.pvalue], rel=1e-9)
    assert found[["low", "high"]].tolist() == pytest.approx(list(theirs.confidence_interval()), rel=1e-9)
    assert found["estimate"] / found["se"] == pytest.approx(found["t"])
    assert found[["arm", "control", "n", "n_control", "left_out"]].tolist() == ["I", "C", 18, 11, 1]


# ---- tables that cannot be used ----


def test_empty_arms_and_columns_that_are_no_numbers_are_refused() -> None:
    empty = TABLE.assign(arm=pd.Categorical(TABLE["arm"], [0, 1, 2]))
    for ask in (
        lambda t: ancova(t, "change"),
        lambda t: welch_change(t, "change"),
        lambda t: effect_sizes(t, "change"),
    ):
        with pytest.raises(StatisticsError, match=r"arm 2: expected \d people or more, found 0"):
            ask(empty)
        with pytest.raises(StatisticsError, match="at least two arms, found 1"):
            ask(TABLE.query("arm == 1"))
        with pytest.raises(StatisticsError, match="'change': expected numbers"):
            ask(TABLE.astype({"change": str}))
    with pytest.raises(StatisticsError, match="one value in 'change'"):
        welch_change(TABLE.assign(change=1.0), "change")
    with pytest.raises(StatisticsError, match="one value in 'change'"):
        effect_sizes(TABLE.assign(change=1.0), "change")
    with pytest.raises(StatisticsError, match="two people or more, found 0"):
        effect_sizes(TABLE.assign(change=np.nan), "change", arm=None)
    with pytest.raises(StatisticsError, match=r"combination of others; found 12 people and columns .*twice"):
        ancova(TABLE.assign(twice=2 * TABLE["baseline"]), "change", covariates=("twice",), quantities=("twice",))


def test_several_rows_of_a_participant_and_unsaid_codes_are_refused() -> None:
    twice = pd.concat([TABLE, TABLE.head(2)]).assign(participant=[*range(12), 0, 1])
    for call in (ancova, welch_change, effect_sizes):
        with pytest.raises(StatisticsError, match="expected one row for each participant, found 2 more"):
            call(twice, "change")
        with pytest.raises(StatisticsError, match="expected one row for each person"):
            call(twice.rename(columns={"participant": "person"}), "change", participant="person")
    coded = TABLE.assign(site=np.arange(12) % 4)
    with pytest.raises(StatisticsError, match=r"'site': expected to know whether.*astype\('category'\)"):
        ancova(coded, "change", covariates=("site",))
    groups = coded.assign(site=pd.Categorical(coded["site"], range(-1, 4)))  # the first category is nobody's
    named = coded.assign(site=coded["site"].map(dict(enumerate("abcd"))))
    number = ancova(coded, "change", covariates=("site",), quantities=("site",)).loc[0]
    by_group, by_name = (ancova(t, "change", covariates=("site",)).loc[0] for t in (groups, named))
    assert by_group["se"] == pytest.approx(by_name["se"]) and by_group["df"] == number["df"] - 2
