"""Tables of steps: what is taken, what is left out and counted, what is refused."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from gaitstudy.conventions import TrialFormatError
from gaitstudy.io.step_table import CONDITIONS, REASONS, TARGETS, checked


def table(people: int = 2, steps: int = 4, tests: int = 1) -> pd.DataFrame:
    index = pd.MultiIndex.from_product(
        [[f"p{k}" for k in range(people)], range(1, tests + 1), CONDITIONS, range(1, steps + 1)],
        names=["person", "test", "condition", "step"],
    )
    frame = index.to_frame(index=False)
    frame["fpa"] = 3.0 + frame["condition"].map(TARGETS)
    return frame.assign(kam1=3.0, kam2=2.0)


def at(frame: pd.DataFrame, person: str, condition: str, step: int) -> pd.Series:
    return (frame["person"] == person) & (frame["condition"] == condition) & (frame["step"] == step)


# ---- what is taken ----


def test_a_good_table_is_taken_whole_and_sorted() -> None:
    frame = table(tests=2)
    found = checked(frame.sample(frac=1, random_state=1))
    assert set(found) == {*frame, "reason"} and found["reason"].eq("").all() and len(found) == len(frame)
    assert found["condition"].astype(str).tolist() == frame["condition"].tolist()
    assert found["step"].tolist() == frame["step"].tolist()


def test_without_angles_targets_are_not_checked() -> None:
    found = checked(table().drop(columns=["fpa", "test", "step"]).assign(kfm=1.0))
    assert "kfm" in found and set(found["test"]) == {1} and found["reason"].eq("").all()


def test_targets_count_from_the_natural_angle_of_the_same_test() -> None:
    frame = table(tests=2)
    frame.loc[frame["test"] == 2, "fpa"] += 20.0  # a marker set anew turns every condition alike
    assert checked(frame)["reason"].eq("").all()
    frame.loc[(frame["test"] == 2) & (frame["condition"] == "toe-in 10"), "fpa"] += 2.6
    with pytest.raises(TrialFormatError, match=r"p0, test 2, toe-in 10: .* off the target angle"):
        checked(frame)


# ---- what is left out ----


def test_every_reason_is_counted_and_the_rest_taken() -> None:
    frame = table()
    frame.loc[at(frame, "p0", "natural", 1), "kam1"] = np.nan
    frame.loc[at(frame, "p0", "toe-in 5", 2), "kam2"] = -0.1
    frame.loc[at(frame, "p1", "toe-out 5", 3), "fpa"] = 12.0
    found = checked(frame, exclude=True)
    left_out = found[found["reason"] != ""]
    assert left_out[["person", "test", "condition", "step", "reason"]].to_numpy().tolist() == [
        ["p0", 1, "natural", 1, REASONS[0]],
        ["p0", 1, "toe-in 5", 2, REASONS[1]],
        ["p1", 1, "toe-out 5", 3, REASONS[2]],
    ]
    assert len(found) == len(frame)


def test_a_test_that_lacks_a_condition_goes_whole_and_every_step_is_counted() -> None:
    frame = table(tests=2)
    lacking = (frame["person"] == "p0") & (frame["test"] == 1) & (frame["condition"] == "toe-out 10")
    few = at(frame, "p1", "natural", 1) | at(frame, "p1", "natural", 2)
    found = checked(frame[~lacking & ~(few & (frame["test"] == 2))], exclude=True)
    kept = found.loc[found["reason"] == "", ["person", "test"]].drop_duplicates().to_numpy().tolist()
    assert kept == [["p0", 2], ["p1", 1]]
    left_out = found.loc[found["reason"] != "", "reason"]
    assert len(left_out) == 4 * 4 + 2 + 4 * 4
    assert left_out.unique().tolist() == ["fewer than 3 steps in a condition of this test"]


# ---- what is refused ----


def test_without_exclude_a_step_that_cannot_be_used_or_too_few_are_refused() -> None:
    frame = table()
    few = frame[~((frame["person"] == "p1") & (frame["condition"] == "natural") & (frame["step"] > 2))]
    with pytest.raises(TrialFormatError, match=r"p1, test 1, natural: expected 3 usable .* found 2\..*exclude=True"):
        checked(few)
    frame.loc[at(frame, "p0", "toe-in 5", 2), "kam2"] = -0.1
    with pytest.raises(TrialFormatError, match=r"p0, test 1, toe-in 5: .* a KAM peak is negative\..*exclude=True"):
        checked(frame)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda f: f.drop(columns="kam2"), "Add kam2"),
        (
            lambda f: f.replace({"condition": {"natural": "normal"}}),
            "condition: .* found others in 8 rows, first in row 1",
        ),
        (lambda f: f.assign(kam1="high"), "kam1: expected numbers"),
        (lambda f: f.assign(step=1), "each once in a condition of a test, found 30 again"),
        (lambda f: f.assign(person=None), "40 without"),
    ],
)
def test_a_table_that_is_none_is_refused_even_with_exclude(change, message: str) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(TrialFormatError, match=message):
        checked(change(table()), exclude=True)


def test_nothing_left_is_refused() -> None:
    with pytest.raises(TrialFormatError, match=r"3 usable steps in each of natural, .* found none"):
        checked(table(steps=2), exclude=True)
