"""Sweeps of uneven, painful, bow-legged and heavy walks: what holds in any body that obeys the walker's equations."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from gaitstudy.conventions import GRAVITY, SIDES, GaitStudyError
from gaitstudy.simulate.walker import Walker, people
from gaitstudy.studies import knee_sweeps

PERSON = Walker()
SECOND = people()[3]
IMPULSES = ["force_impulse", "kam_impulse", "medial_impulse"]


# ---- closed form ----


@pytest.mark.parametrize(
    "walker", [PERSON, replace(PERSON, asymmetry=0.1), knee_sweeps.antalgic(SECOND)], ids=["even", "uneven", "painful"]
)
def test_both_feet_together_carry_body_weight_over_a_stride(walker: Walker) -> None:
    table = knee_sweeps.loads(walker)
    assert table["force_impulse"].sum() == pytest.approx(table["stride_time"].iloc[0], rel=2e-5)
    parts = table["medial_impulse"] + table["lateral_impulse"]
    assert parts.to_numpy() == pytest.approx(table["total_impulse"].to_numpy(), rel=1e-3)
    assert (table["heel_impulse"] + table["forefoot_impulse"] < table["force_impulse"]).all()
    assert (table["heel_peak"] < table["force_peak"]).all()


def test_vertical_impulse_is_shared_as_the_time_between_the_contacts() -> None:
    """Force a share of body weight: in the mean half a stride each, moved by half the asymmetry of the contacts."""
    table = knee_sweeps.loads(replace(PERSON, asymmetry=0.1)).set_index("side")
    share = table["force_impulse"] / table["stride_time"]
    assert share["left"] - 0.5 == pytest.approx(0.05, abs=0.008)


def test_slope_is_that_of_a_made_up_table() -> None:
    indices = pd.DataFrame({"person": 1, "stance_time": [-10.0, 0, 10], "kam1": [-3.0, 1, 5]})
    assert knee_sweeps.follows(indices, "stance_time", ["kam1"])["kam1"].iloc[0] == pytest.approx(0.4)


def test_loads_are_proportional_to_mass_when_nothing_else_changes() -> None:
    table = knee_sweeps.per_kilogram([PERSON], [60.0, 80.0, 100.0])
    assert table["per_kg"].to_numpy() == pytest.approx((-table["value"] / table["mass"]).to_numpy(), rel=1e-9)
    force = table[table["load"] == "foot: vertical force, peak"]
    assert force["per_kg"].iloc[0] == pytest.approx(
        -GRAVITY * knee_sweeps.loads(PERSON).set_index("side").loc["right", "force_peak"], rel=1e-9
    )


def test_alignment_moves_the_knee_and_nothing_under_the_foot() -> None:
    table = knee_sweeps.bow_legs([PERSON], [-4.0, 0.0, 4.0])
    for held in ("across", "medial_share", "sideways"):
        assert np.ptp(table[held]) == pytest.approx(0.0, abs=1e-12)
    assert np.all(np.diff(table["kam1"]) > 0)
    thigh, shank = 0.245, 0.246  # a leg bowed by v tilts its shank by v thigh / (thigh + shank), straightened
    tilt = np.diff(table["shank_tilt"])
    assert tilt == pytest.approx(4.0 * thigh / (thigh + shank), rel=0.06)


def test_speed_that_undoes_a_loss_is_where_the_load_is_what_it_was() -> None:
    found = knee_sweeps.undoing_speed([PERSON], 0.05, np.arange(1.0, 1.45, 0.05), "force_peak").iloc[0]
    lighter = replace(PERSON, mass=0.95 * PERSON.mass, speed=PERSON.speed * found["times"])
    peak = knee_sweeps.loads(lighter).set_index("side").loc["right", "force_peak"] * lighter.mass * GRAVITY
    assert 1 < found["times"] < found["fastest"]
    assert peak == pytest.approx(found["before"], rel=1e-3)
    assert np.isnan(knee_sweeps.undoing_speed([PERSON], 0.5, [1.1, 1.2], "force_peak")["times"].iloc[0])


# ---- invariance ----


def test_sides_change_places_with_the_sign_of_the_asymmetry() -> None:
    table = knee_sweeps.sweep([PERSON, SECOND], "asymmetry", [-0.1, 0.0, 0.1])
    indices = knee_sweeps.symmetry(table, "asymmetry", ["stance_time", *IMPULSES, "kam1"])
    for _, own in indices.groupby("person"):
        for name in ("stance_time", *IMPULSES, "kam1"):
            minus, even, plus = own[name].to_numpy()
            assert plus == pytest.approx(-minus, abs=0.05)
            assert even == pytest.approx(0.0, abs=0.05)
        assert own["stance_time"].iloc[-1] > 0


def test_pain_on_either_side_does_the_same() -> None:
    left, right = (knee_sweeps.painful_walks([PERSON], side) for side in SIDES)
    measures = ["stance_time", "force_peak", *IMPULSES, "heel_impulse", "forefoot_peak"]
    one, two = (knee_sweeps.changes(t, measures).set_index(["walk", "leg"]).sort_index() for t in (left, right))
    assert (one[measures] - two[measures]).abs().to_numpy().max() < 0.1


def test_no_severity_is_no_pain() -> None:
    pd.testing.assert_frame_equal(
        knee_sweeps.loads(knee_sweeps.antalgic(PERSON, severity=0.0)), knee_sweeps.loads(PERSON), check_exact=True
    )


def test_painful_walk_is_recognised() -> None:
    """What every description of it names: less time and less force on the painful side than on the other."""
    table = knee_sweeps.painful_walks([PERSON]).set_index(["walk", "leg"])
    for name in ("stance_time", "force_peak", "force_impulse", "kam_impulse"):
        painful, other = table.loc[("all together", "painful"), name], table.loc[("all together", "other"), name]
        assert painful < other
    natural = knee_sweeps.changes(knee_sweeps.painful_walks([PERSON]), ["force_impulse"], per_distance=True)
    slower = natural[natural["walk"] == "slower"]["force_impulse"]
    assert slower.to_numpy() == pytest.approx(100 * (1 / 0.85 - 1), abs=0.3)  # weight times the time that a km takes


# ---- refusals ----


def test_walks_beyond_the_legs_are_listed_and_left_out() -> None:
    table = knee_sweeps.sweep([people()[1]], "asymmetry", [0.0, 0.15])
    assert table.attrs["refused"] == [(1, 0.15)]
    assert sorted(table["asymmetry"].unique()) == [0.0]


def test_wrong_names_are_refused() -> None:
    with pytest.raises(GaitStudyError, match="sweep: expected an input of the walker, found 'weight'"):
        knee_sweeps.sweep([PERSON], "weight", [1.0])
    with pytest.raises(GaitStudyError, match=r"sweep: expected varus of -12 to 12 deg, found \[40.0\]"):
        knee_sweeps.sweep([PERSON], "varus", [40.0])
    with pytest.raises(GaitStudyError, match=r"antalgic: expected parts of shorter stance, .*found \['limping'\]"):
        knee_sweeps.antalgic(PERSON, ["limping"])
    with pytest.raises(GaitStudyError, match="antalgic: expected a side of left, right, found 'both'"):
        knee_sweeps.antalgic(PERSON, side="both")
