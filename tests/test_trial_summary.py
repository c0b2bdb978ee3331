"""Who took part: counts that add up, and are told where they do not."""

from __future__ import annotations

import pandas as pd
import pytest

from gaitstudy.conventions import GaitStudyError
from gaitstudy.io import trial_summary
from gaitstudy.io.trial_table import checked
from gaitstudy.simulate.cohort import cohort


@pytest.fixture(scope="module")
def table() -> pd.DataFrame:
    return checked(cohort(11).table)


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
