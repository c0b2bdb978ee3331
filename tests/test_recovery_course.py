"""What visits and a model can see of a recovery: by hand, and against the truth put in."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from gaitstudy import figures
from gaitstudy.conventions import GaitStudyError
from gaitstudy.io import results
from gaitstudy.studies import recovery_course


def test_schedule_by_hand() -> None:
    found = recovery_course.schedule()
    assert found["gap"].tolist() == [5, 4, 14, 14, 13] and found["since_first"].tolist() == [5, 9, 23, 37, 50]
    assert found["holds_2_to_4"].tolist() == [True, False, False, False, False]
    weekly = recovery_course.schedule(range(8))
    assert not weekly["holds_2_to_4"].any() and (weekly["gap"] == 1).all()


def test_model_sees_what_was_put_in() -> None:
    found = recovery_course.visible((34, 100), trials=60, seed=3)
    assert (found["without_number"] == 0).all() and found["week"].tolist()[:5] == [7, 11, 25, 39, 52]
    error = found["se"] / np.sqrt(60)
    assert ((found["estimate"] - found["truth"]).abs() < stats.norm.isf(0.005 / 10) * error).all()
    small, large = (found[found["n_per_arm"] == n].reset_index() for n in (34, 100))
    assert (small["se"] / large["se"]).to_numpy() == pytest.approx(np.sqrt(100 / 34), rel=0.1)
    ratio = small["smallest"] / small["half_width"]  # (t.975 + t.8) / t.975 with many degrees of freedom
    assert ratio.to_numpy() == pytest.approx(np.full(5, (1.96 + 0.8416) / 1.96), rel=0.02)
    (ax,) = figures.visible_differences(found, "t").axes
    assert [line.get_label() for line in ax.lines] == ["34 people an arm", "100 people an arm", "difference put in"]


def test_the_kept_table_is_whole_and_its_estimates_are_what_was_put_in() -> None:
    kept = results.kept("recovery_course")
    assert kept["n_per_arm"].unique().tolist() == list(recovery_course.SIZES) and len(kept) == 15
    assert kept["trials"].min() >= 2000 and (kept["without_number"] == 0).all()
    reach = stats.norm.isf(0.005 / len(kept)) * kept["se"] / np.sqrt(kept["trials"])
    assert ((kept["estimate"] - kept["truth"]).abs() < reach).all()


def test_agreement_by_hand() -> None:
    row = {"n_per_arm": 34, "week": 7, "estimate": 1.0, "se": 0.3, "found": 0.5, "trials": 300}
    anew = row | {"estimate": 1.1, "se": 9.0, "found": 0.4, "trials": 100}
    other = row | {"week": 11}
    found = recovery_course.agreement(pd.DataFrame([row, other]), pd.DataFrame([anew])).iloc[0]
    draws = np.sqrt(1 / 300 + 1 / 100)
    assert found["estimate_apart"] == pytest.approx(0.1 / (0.3 * draws))
    assert found["found_apart"] == pytest.approx(-0.1 / (0.5 * draws))


def test_a_share_run_anew_agrees() -> None:
    few = recovery_course.visible((34,), trials=60, seed=3)
    found = recovery_course.agreement(results.kept("recovery_course"), few)
    assert len(found) == 5
    assert found[["estimate_apart", "found_apart"]].abs().to_numpy().max() < stats.norm.isf(0.005 / 10)


def test_refusals() -> None:
    with pytest.raises(GaitStudyError, match="rising weeks"):
        recovery_course.schedule([2, 2])
    kept = results.kept("recovery_course")
    with pytest.raises(GaitStudyError, match="sizes and weeks that both tables have"):
        recovery_course.agreement(kept, kept.assign(week=0))
    with pytest.raises(GaitStudyError, match="5 or more people"):
        recovery_course.visible((3,))
