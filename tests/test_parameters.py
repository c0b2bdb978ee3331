"""Tables of assumed parameters: a change is made and marked, and what cannot be is refused in one list."""

from __future__ import annotations

import numpy as np
import pytest

from gaitstudy.conventions import GaitStudyError
from gaitstudy.simulate import foot_angles, trial_model
from gaitstudy.simulate.parameters import Parameter, table

MODEL = (
    Parameter("load_mean", 2.5, "%BW*Ht", "source", "a study"),
    Parameter("load_sd", 0.7, "%BW*Ht", "assumption", "a guess"),
    Parameter("peak_correlation", 0.6, "1", "assumption", "a guess"),
    Parameter("women", 0.5, "share", "source", "a study"),
)


def test_only_what_is_changed_is_marked() -> None:
    plain, changed = table(MODEL, None, "changed"), table(MODEL, {"load_mean": 3, "women": 1.0}, "changed")
    assert plain["value"].tolist() == [2.5, 0.7, 0.6, 0.5] and changed["value"].tolist() == [3.0, 0.7, 0.6, 1.0]
    assert changed["kind"].tolist() == ["assumption"] * 4 and changed["value"].dtype == float
    assert changed["note"].tolist() == ["changed by the caller", "a guess", "a guess", "changed by the caller"]
    assert table(MODEL, {}, "changed").equals(plain)


def test_all_problems_are_listed_in_one_wording() -> None:
    wrong = {"load_men": 1.0, "load_mean": np.inf, "load_sd": -0.1, "peak_correlation": 1.5, "women": 1.2}
    with pytest.raises(GaitStudyError) as found:
        table(MODEL, wrong, "effects")
    assert str(found.value) == (
        "effects: 'load_men' is no parameter, did you mean load_mean or load_sd?; "
        "load_mean: expected a finite number, found inf; load_sd: expected 0 or more, found -0.1; "
        "peak_correlation: expected -1 to 1, found 1.5; women: expected 0 to 1, found 1.2. "
        "parameters() of the model lists them."
    )


@pytest.mark.parametrize("rows", [foot_angles.PARAMETERS, trial_model.PARAMETERS])
def test_both_models_lie_within_their_own_limits(rows: tuple[Parameter, ...]) -> None:
    assert len({row.name for row in rows}) == len(rows)
    assert all(row.limits[0] <= row.value <= row.limits[1] for row in rows)
    assert sum(np.isfinite(row.limits[0]) for row in rows) > 10


def test_both_models_refuse_alike() -> None:
    for read, argument, name in (
        (foot_angles.parameters, "changed", "day_sd"),
        (trial_model.parameters, "effects", "pain_person_sd"),
    ):
        with pytest.raises(GaitStudyError, match=f"^{argument}: {name}: expected 0 or more, found -1. parameters"):
            read({name: -1.0})
