"""Figures of the trial: what is known and what is not, arms apart, and no mark per person."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from gaitstudy import figures
from gaitstudy.conventions import GaitStudyError
from gaitstudy.io import trial_summary
from gaitstudy.io.trial_table import checked
from gaitstudy.simulate.cohort import cohort


@pytest.fixture(scope="module")
def table() -> pd.DataFrame:
    return checked(cohort(11).table)


def test_the_published_flow_says_not_available() -> None:
    drawn = figures.participant_flow(trial_summary.published_flow(), "Flow (published, 68 people)")
    text = "\n".join(t.get_text() for t in drawn.axes[0].texts)
    for line in ("assessed for eligibility: not available", "randomised: 68", "analysed in all: 68",
                 "withdrawn for more knee pain: 2", "seen at week 52: not available"):  # fmt: skip
        assert line in text
    assert text.count("not available") == 10


def test_a_flow_that_does_not_add_up_is_not_drawn(table: pd.DataFrame) -> None:
    boxes = trial_summary.flow(table)
    figures.participant_flow(boxes, "t")
    boxes.loc[boxes["box"] == "randomised", "people"] = 67.0
    with pytest.raises(GaitStudyError, match="do not add up"):
        figures.participant_flow(boxes, "t")


def test_curves_have_a_point_and_an_interval_a_visit_and_arm() -> None:
    rows = [(arm, week, -1.0, -1.5, -0.5) for arm in ("sham", "intervention") for week in (7, 25, 52)]
    means = pd.DataFrame(rows, columns=["arm", "visit", "estimate", "low", "high"])
    drawn = figures.ls_mean_curves(means, "change (NRS points)", "t")
    assert len(drawn.axes) == 1 and len(drawn.axes[0].containers) == 2
    line, _, (bars,) = drawn.axes[0].containers[0]
    assert len(line.get_xdata()) == 3
    np.testing.assert_allclose(bars.get_segments()[0][:, 1], [-1.5, -0.5])
    both = pd.concat([means.assign(outcome="pain"), means.assign(outcome="load")])
    assert len(figures.ls_mean_curves(both, "change", "t", "outcome").axes) == 2


def test_a_model_without_a_number_says_so_in_the_forest() -> None:
    models = pd.DataFrame(
        {"model": ["a", "b"], "estimate": [-1.0, np.nan], "low": [-2.0, np.nan], "high": [0.0, np.nan]}
    )
    drawn = figures.forest(models, "difference (NRS points)", "t", reported=-1.2)
    assert [t.get_text() for t in drawn.axes[0].texts] == ["not available"]
    assert [t.get_text() for t in drawn.legends[0].get_texts()] == ["published: -1.2"]
    assert sum(line.get_marker() == "s" for line in drawn.axes[0].lines) == 1


def test_adherence_and_patterns_draw_arms_and_not_people() -> None:
    rows = [(arm, week, 60.0, 70.0, 90.0) for arm in ("sham", "intervention") for week in (7, 11, 25, 39, 52)]
    quarters = pd.DataFrame(rows, columns=["arm", "visit", "low", "median", "high"])
    drawn = figures.adherence_curves(quarters, "adherence (%)", "t", target=80.0)
    marks = sum(len(line.get_xdata()) for line in drawn.axes[0].lines if line.get_marker() in ("o", "s"))
    assert marks == 2 * 5
    patterns = pd.DataFrame({"pattern": ["xxx", "x.x"], "intervention": [30, 4], "sham": [33, 1], "total": [63, 5]})
    drawn = figures.missing_patterns(patterns, (2, 7, 52), "t")
    assert len(drawn.axes[0].lines) == 3 * len(patterns)
    filled = [line.get_markerfacecolor() != "none" for line in drawn.axes[0].lines]
    assert filled == [True, True, True, True, False, True]
    assert [t.get_text() for t in drawn.axes[0].texts[:6]] == ["30", "33", "63", "4", "1", "5"]
