"""Who took part: counts that add up, means by hand, and nothing small in a private run."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from gaitstudy.conventions import GaitStudyError
from gaitstudy.io import disclosure, trial_summary
from gaitstudy.io.disclosure import MASKED
from gaitstudy.io.trial_table import checked
from gaitstudy.simulate.cohort import cohort


@pytest.fixture(scope="module")
def table() -> pd.DataFrame:
    return checked(cohort(11).table)


@pytest.fixture
def private(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(disclosure.TABLE, "some.csv")


def test_missing_and_present_are_everybody(table: pd.DataFrame) -> None:
    found = trial_summary.missingness(table, ["NRS_med", "T1rho_med"])
    assert (found["present"] + found["missing"] == found["people"]).all() and set(found["people"]) == {34.0}
    row = found.query("outcome == 'NRS_med' and visit == 39 and arm == 'sham'").iloc[0]
    assert row["missing"] == table.loc[table["group"] == "C", "NRS_med_wk39"].isna().sum() > 0
    assert set(found.query("outcome == 'T1rho_med'")["visit"]) == {1, 52}


def test_patterns_by_hand(table: pd.DataFrame) -> None:
    some = table.copy()
    weeks = [c for c in some if c.startswith("NRS_med")]
    some[weeks] = 5.0
    some.loc[:2, weeks[2:]] = np.nan
    some.loc[3, weeks[3]] = np.nan
    found = trial_summary.patterns(some, "NRS_med").set_index("pattern")
    assert found["kind"].to_dict() == {"xxxxxx": "complete", "xx....": "left", "xxx.xx": "intermittent"}
    assert found["total"].tolist() == ["64", "3", "1"]


def test_the_flow_adds_up_and_one_that_does_not_is_refused(table: pd.DataFrame) -> None:
    boxes = trial_summary.flow(table)
    trial_summary.check_flow(boxes)
    people = boxes.set_index(["box", "arm"])["people"]
    assert people["randomised", ""] == 68 and people["allocated", "sham"] == 34
    seen = table.loc[table["group"] == "I", "NRS_med_wk52"].notna().sum()
    assert people["seen at week 52", "intervention"] == seen
    assert pd.isna(people["assessed for eligibility", ""])
    wrong = boxes.copy()
    wrong.loc[wrong["box"] == "allocated", "people"] = [34.0, 35.0]
    with pytest.raises(GaitStudyError, match=r"not add up: expected 68 randomised, found 34 .* \+ 35 .*; expected 35"):
        trial_summary.check_flow(wrong)


def test_of_the_published_flow_only_the_known_boxes_are_filled() -> None:
    boxes = trial_summary.published_flow()
    trial_summary.check_flow(boxes)
    known = boxes.dropna(subset="people").set_index(["box", "arm"])["people"].to_dict()
    assert known == {
        ("randomised", ""): 68, ("allocated", "intervention"): 34, ("allocated", "sham"): 34,
        ("withdrawn for more knee pain", "intervention"): 2, ("withdrawn for more knee pain", "sham"): 1,
        ("analysed in all", ""): 68,
    }  # fmt: skip


def test_the_baseline_table_has_means_and_counts_and_no_p_value(table: pd.DataFrame) -> None:
    found = trial_summary.baseline_table(table)
    assert list(found) == ["characteristic", "level", "statistic", "intervention", "sham", "total", "missing"]
    age = found[found["characteristic"].str.startswith("age")].iloc[0]
    ages = table.loc[table["group"] == "I", "age"]
    assert age["intervention"] == f"{ages.mean():.1f} ({ages.std():.1f})" and age["missing"] == "0"
    women = found[(found["characteristic"] == "gender") & (found["level"] == "F")].iloc[0]
    n = (table["gender"] == "F").sum()
    assert women["total"] == f"{n} ({100 * n / 68:.0f} %)"
    gap = table.copy()
    gap.loc[0, ["age", "gender"]] = [np.nan, None]
    found = trial_summary.baseline_table(gap)
    assert found[found["characteristic"].str.startswith("age")].iloc[0]["missing"] == "1"
    assert found[(found["characteristic"] == "gender") & (found["level"] == "missing")].iloc[0]["total"] == "1 (1 %)"


def test_adherence_is_summarised_by_visit(table: pd.DataFrame) -> None:
    found = trial_summary.adherence(table, "FPA_error")
    row = found.query("arm == 'intervention' and visit == 25").iloc[0]
    values = table.loc[table["group"] == "I", "FPA_error_wk25"].dropna()
    assert row["people"] == str(len(values)) and row["median"] == pytest.approx(values.median(), abs=0.1)
    assert row["median"] not in set(values), "a weighted mean of all values and nobody's own"
    assert row["distance"] == pytest.approx(values.abs().mean()) and row["low"] <= row["median"] <= row["high"]
    with pytest.raises(GaitStudyError, match=r"expected one of .*Compliance"):
        trial_summary.adherence(table, "zeal")


def test_nothing_small_is_shown_in_a_private_run(table: pd.DataFrame, private: None) -> None:
    few = table.copy()
    few.loc[few["subject"].isin(["P001", "P002"]), "KL"] = 4
    tables = [
        trial_summary.missingness(few).drop(columns="visit"), trial_summary.patterns(few, "NRS_med"),
        trial_summary.flow(few).astype(object), trial_summary.adherence(few)[["people"]],
        trial_summary.baseline_table(few)[["missing"]],
    ]  # fmt: skip
    for shown in tables:
        cells = [c for c in shown.to_numpy().ravel() if not isinstance(c, str) or c.isdigit()]
        assert all(pd.isna(c) or float(c) >= 5 for c in cells), shown
    assert (trial_summary.patterns(few, "NRS_med")["pattern"] == trial_summary.OTHERS).any()
    grade = trial_summary.baseline_table(few).query("characteristic.str.startswith('Kellgren')").set_index("level")
    assert grade.loc["4", "total"] == MASKED and (grade["total"] == MASKED).sum() >= 2
    lonely = table.copy()
    lonely.loc[lonely["group"] == "I", "steps_wk02"] = np.where(np.arange(34) < 4, 5000.0, np.nan)
    steps = trial_summary.baseline_table(lonely).query("characteristic == 'steps'").iloc[0]
    assert steps["intervention"] == MASKED and steps["sham"] != MASKED
    trial_summary.check_flow(trial_summary.flow(few))


def test_two_tables_side_by_side_tell_of_few_no_more_than_one(table: pd.DataFrame, private: None) -> None:
    some = table.copy()
    sham = some.index[some["group"] == "C"]
    for week, gone in ((7, 6), (11, 8), (25, 13), (39, 13), (52, 14)):
        some.loc[sham, f"NRS_med_wk{week:02d}"] = np.where(np.arange(len(sham)) < gone, np.nan, 4.0)
    found = trial_summary.missingness(some, ["NRS_med"]).query("arm == 'sham'").set_index("visit")["present"]
    assert found.to_dict() == {2: MASKED, 7: MASKED, 11: "26", 25: MASKED, 39: MASKED, 52: "20"}
    shown = trial_summary.patterns(some, "NRS_med")
    assert (shown[["intervention", "sham", "total"]] == MASKED).all(axis=None)
    mean = trial_summary.baseline_table(some).query("characteristic == 'steps'").iloc[0]
    few = [*some.index[some["group"] == "I"][:3], *sham[:6]]
    some.loc[few, "age"] = np.nan
    age = trial_summary.baseline_table(some).query("characteristic == 'age (years)'").iloc[0]
    assert age["missing"] == MASKED, "all, less the sham arm's, would be the other arm's few"
    assert mean["total"] == MASKED, "where it lies between the arms tells how many each lacks"
