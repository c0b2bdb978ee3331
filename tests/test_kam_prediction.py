"""The published prediction: its numbers to the digits, and what it refuses."""

from __future__ import annotations

import numpy as np
import pytest

from gaitstudy.conventions import GaitStudyError
from gaitstudy.kam_prediction import coefficients, predict_kam_reduction, published_error

AVERAGE = (-0.0930, 0.0069, 0.1069, 0.2068, 0.3068, 0.4067, 0.5067, 0.6066, 0.7065, 0.8065)
"""%BW*Ht of an average person who toes in by 1 to 10 deg: computed from the released model by another program."""


def average() -> dict[str, float]:
    means = coefficients()["mean"]
    return {
        "height": means["height"] / 100, "mass": means["mass"], "speed": means["speed"],
        "natural_fpa": means["natural_fpa"], "alignment": means["alignment"],
    }  # fmt: skip


def test_the_average_person_to_the_digits() -> None:
    found = predict_kam_reduction(**average(), toe_in=np.arange(1, 11))
    assert tuple(found["reduction"].round(4)) == AVERAGE
    assert not found["outside"].any()


def test_the_two_others_to_the_digits() -> None:
    found = predict_kam_reduction(1.70, 75.0, 1.16, 5.0, 0.0, [5.0, 10.0])
    assert tuple(found["reduction"].round(5)) == (0.32674, 0.82649)


def test_people_and_angles_are_matched_by_place_and_each_alone_is_the_same() -> None:
    together = predict_kam_reduction([1.6, 1.8], [60.0, 90.0], 1.1, [0.0, 8.0], [2.0, -2.0], [4.0, 9.0])
    alone = predict_kam_reduction(1.8, 90.0, 1.1, 8.0, -2.0, 9.0)
    assert together["reduction"].iloc[1] == alone["reduction"].iloc[0]


def test_the_uncertainty_is_the_published_one() -> None:
    row = predict_kam_reduction(**average(), toe_in=5).iloc[0]
    assert row["absolute_error"] == published_error() == 0.134
    drawn = np.random.default_rng(1).standard_normal(400_000) * (row["high"] - row["reduction"]) / 1.959964
    assert np.abs(drawn).mean() == pytest.approx(0.134, rel=0.01)  # normal errors of that SD have that mean size
    assert predict_kam_reduction(**average(), toe_in=15)["outside"].all()


def test_the_defect_of_speed_is_there_as_stated() -> None:
    change = [predict_kam_reduction(1.7, 75, v, 5, 0, 5)["reduction"].iloc[0] for v in (1.1, 1.2)]
    assert change[1] - change[0] == pytest.approx(0.05, abs=0.002)


def test_wrong_units_and_gaps_are_all_named() -> None:
    with pytest.raises(GaitStudyError) as caught:
        predict_kam_reduction(170, 75, np.nan, 5, 0, -5)
    for part in (
        "height: expected 1 to 2.3 m, found 170",
        "speed: expected 0.2 to 2.5 m/s, found nan",
        "toe_in: expected 0 to 45",
    ):
        assert part in str(caught.value)
