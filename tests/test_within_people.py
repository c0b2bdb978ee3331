"""What few people can show: exact tests, power, changes within people, and strides that are not people."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from gaitstudy.conventions import StatisticsError
from gaitstudy.stats import within_people


def percent(values: list[float], outcome: str = "truth", condition: str = "pressure inside") -> pd.DataFrame:
    return pd.DataFrame({"person": range(1, len(values) + 1), "condition": condition, outcome: values})


# ---- closed form: what few people can show ----


def test_power_of_four_people_is_the_one_known() -> None:
    power = within_people.power_of_few([4], [1.0, 1.5, 2.0, 2.5]).set_index("dz")["power"]
    assert power.round(2).tolist() == [0.29, 0.53, 0.75, 0.90]
    centre, edge = 2.0 * np.sqrt(4), stats.t.ppf(0.975, 3)
    tails = stats.nct.sf(edge, 3, centre) + stats.nct.cdf(-edge, 3, centre)
    assert power[2.0] == pytest.approx(tails, abs=1e-9)


def test_power_grows_with_people_and_with_the_difference_and_has_a_level_of_a_twentieth() -> None:
    table = within_people.power_of_few((4, 10), [0.0, 1.0, 2.0]).pivot(index="n", columns="dz", values="power")
    assert table[0.0].to_numpy() == pytest.approx([0.05, 0.05], abs=1e-9)
    assert (np.diff(table.to_numpy(), axis=1) > 0).all() and (
        table.loc[10, [1.0, 2.0]] > table.loc[4, [1.0, 2.0]]
    ).all()


@pytest.mark.parametrize("values", [[5.0, 4.0, 6.0, 5.5], [1e-9, 2e-9, 3e-9, 1.0], [-18.0, -18.0, -18.0, -18.01]])
def test_four_people_never_reach_an_eighth(values: list[float]) -> None:
    row = within_people.exact_tests(percent(values), "truth").iloc[0]
    assert row["n"] == 4
    assert row["p_sign_flip"] == pytest.approx(0.125) and row["p_wilcoxon"] == pytest.approx(0.125)


def test_sign_flips_by_hand_and_by_scipy() -> None:
    """Of the eight signs of 1, 2, 4: sums 7 5 3 1 and their negatives; |sum| >= 5 in four of eight."""
    assert within_people.exact_tests(percent([1.0, -2.0, 4.0]), "truth").iloc[0]["p_sign_flip"] == pytest.approx(6 / 8)
    assert within_people.exact_tests(percent([-1.0, 2.0, 4.0]), "truth").iloc[0]["p_sign_flip"] == pytest.approx(4 / 8)
    values = [2.3, -0.4, 1.1, 0.9, -1.7, 3.2, 0.25]
    ours = within_people.exact_tests(percent(values), "truth").iloc[0]
    theirs = stats.permutation_test((np.array(values),), np.mean, permutation_type="samples", n_resamples=np.inf)
    assert ours["p_sign_flip"] == pytest.approx(theirs.pvalue, abs=1e-12)
    assert ours["mean"] == pytest.approx(np.mean(values)) and ours["p_t"] == stats.ttest_1samp(values, 0).pvalue
    half = stats.t.ppf(0.975, 6) * np.std(values, ddof=1) / np.sqrt(7)
    assert [ours["low"], ours["high"]] == pytest.approx([ours["mean"] - half, ours["mean"] + half])


def test_signs_of_all_people_may_be_turned_together() -> None:
    values = [2.3, -0.4, 1.1, 0.9, 3.0]
    same, turned = (within_people.exact_tests(percent([s * v for v in values]), "truth").iloc[0] for s in (1, -1))
    assert turned["p_sign_flip"] == same["p_sign_flip"] and turned["mean"] == -same["mean"]


def test_changes_are_per_cent_of_each_persons_own_natural_mean() -> None:
    rows = [
        (1, "natural", 2.0), (1, "natural", 4.0), (1, "pressure inside", 6.0), (1, "pressure inside", np.nan),
        (2, "natural", 10.0), (2, "pressure inside", 9.0),
    ]  # fmt: skip
    table = pd.DataFrame(rows, columns=["person", "condition", "truth"])
    found = within_people.changes(table, ["truth"]).set_index("person")["truth"]
    assert found.to_dict() == pytest.approx({1: 100.0, 2: -10.0})


def test_strides_counted_as_people_make_a_small_effect_certain() -> None:
    """Four people, level 10-40, effects 1 2 3 and -3, ten equal strides each: the people say nothing, strides would."""
    wobble = np.tile([-0.1, 0.1], 5)
    rows = [
        {"person": p, "condition": c, "truth": v}
        for p, effect in ((1, 1.0), (2, 2.0), (3, 3.0), (4, -3.0))
        for c, moved in (("natural", 0.0), ("pressure inside", 1.0))
        for v in 10.0 * p + effect * moved + wobble
    ]
    found = within_people.strides_as_people(pd.DataFrame(rows), "truth", "pressure inside")
    assert found["counted"].tolist() == [80, 80, 4]
    assert found["estimate"].to_numpy() == pytest.approx([0.75] * 3, abs=1e-6)
    paired = stats.ttest_1samp([1.0, 2.0, 3.0, -3.0], 0.0)
    assert found["p"].iloc[2] == pytest.approx(paired.pvalue)
    assert found[["low", "high"]].iloc[2].tolist() == pytest.approx(list(paired.confidence_interval()))
    assert found["p"].iloc[1] < 0.1 < found["p"].iloc[2]


def test_people_without_a_value_are_left_out_and_counted() -> None:
    row = within_people.exact_tests(percent([1.0, 2.0, float("nan"), 3.0]), "truth").iloc[0]
    assert (row["n"], row["missing"]) == (3, 1) and row["p_sign_flip"] == pytest.approx(0.25)


def test_strides_of_nobody_are_refused_and_do_not_vanish() -> None:
    table = pd.DataFrame({"person": ["a", None], "condition": ["pressed", "pressed"], "kam": [1.0, 2.0]})
    with pytest.raises(
        StatisticsError, match="person: expected one of each stride, found 1 without; condition: expected"
    ):
        within_people.changes(table, ["kam"])
