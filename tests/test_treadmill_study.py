"""The treadmill study on virtual people: who they are, and what is measured of them."""

from __future__ import annotations

from functools import cache
from itertools import product

import numpy as np
import pandas as pd
import pytest

from gaitstudy.conventions import GRAVITY, SIDES
from gaitstudy.load import contact
from gaitstudy.simulate.walker import LIMITS, Walker, drawn_from, people, simulate
from gaitstudy.stats import within_people
from gaitstudy.studies import treadmill_study as study

PERSON = Walker()
OUTCOMES = ["kam1", "kam2", *contact.from_moments(), "truth"]


@cache
def strides() -> pd.DataFrame:
    return study.study(4)


# ---- the people ----


def test_people_are_drawn_one_after_the_other_whatever_their_number() -> None:
    four, ten = people(4), people(10)
    assert ten[:4] == four and len({w.mass for w in ten}) == 10
    assert people(4) == four and people(4, seed=1) != four
    assert all(w.natural_angle == w.foot_progression_angle for w in ten)


def test_many_people_are_as_they_were_to_be_drawn() -> None:
    many = people(2000)
    for name, mean, sd in drawn_from().query("sd == sd")[["mean", "sd"]].itertuples():
        values = np.array([getattr(w, name) for w in many])
        assert values.mean() == pytest.approx(mean, abs=4 * sd / np.sqrt(2000))
        assert values.std() == pytest.approx(sd, rel=0.08)
    assert np.mean([w.sex == "female" for w in many]) == pytest.approx(43 / 64, abs=0.045)


def test_the_four_lie_within_what_the_walker_takes() -> None:
    for walker, (name, (low, high, _)) in product(people(), LIMITS.items()):
        assert low <= getattr(walker, name) <= high, name
    table = study.people_table(people())
    assert table["person"].tolist() == [1, 2, 3, 4] and {"mass (kg)", "speed (m/s)"} <= set(table)


# ---- the study, on few strides ----


def test_every_person_condition_and_side_is_there_without_a_gap() -> None:
    table = strides()
    assert list(table.columns[:4]) == ["person", "condition", "side", "stride"]
    edges = {f"{outcome}_edge" for outcome in OUTCOMES}
    assert {"fpa", "pressure_plate", "pressure_insole", *OUTCOMES, *edges} == set(table.columns[4:])
    sizes = table.groupby(["person", "condition", "side"]).size()
    assert len(sizes) == 4 * 3 * 2 and sizes.min() >= 4
    assert table.notna().all().all()
    assert not table.duplicated(["person", "condition", "side", "stride"]).any()


def test_no_two_recordings_are_of_the_same_steps() -> None:
    angles = strides().groupby(["person", "condition", "side"])["fpa"].first()
    assert angles.groupby(["person", "side"]).nunique().eq(3).all()
    apart = angles.unstack("condition").diff(axis=1).iloc[:, 1:].abs()
    assert (apart > 0.2).to_numpy().mean() > 0.7, "strides of another condition are drawn anew: 1.5 deg apart or so"


@pytest.mark.parametrize("by", ["pressure_plate", "pressure_insole"])
def test_plate_and_insole_find_the_shift_that_was_made(by: str) -> None:
    """Millimetres; each person's strides wander by 1 mm, so the mean of eight or nine and eight or nine by .5."""
    means = strides().groupby("condition")[by].mean()
    for condition, shift in study.CONDITIONS.items():
        assert means[condition] - means["natural"] == pytest.approx(1000 * shift, abs=0.5)


def test_the_moment_and_every_estimate_of_the_force_rise_with_pressure_inside_and_fall_outside() -> None:
    """At a posture that follows its support: the opposite of the source's claim."""
    for sign, condition in ((1, "pressure inside"), (-1, "pressure outside")):
        found = within_people.changes(strides(), ["kam1", "truth", "reduced", "lab_regression"]).set_index("condition")
        assert (sign * found.loc[condition].drop(columns="person") > 0).all().all()


def test_reduced_on_the_recording_is_near_the_truth_made_with_it() -> None:
    error = strides()["reduced"] - strides()["truth"]
    assert error.abs().max() < 0.15 and abs(error.mean()) < 0.03  # BW, marker noise and filter


# ---- mechanism ----


def test_pressure_moved_alone_moves_the_moment_by_force_times_shift_times_cosine() -> None:
    rows = study.slopes(PERSON).set_index(["what", "frame"])["slope"]
    natural = study.average_contact(simulate(PERSON, 2))
    split = study.knee.decompose_moment_change(natural, natural, "right", "lab").sel(percent=slice(5.0, 50.0))
    at = float(split["percent"][int(np.argmax(split["before"].values))])
    force = float(natural["force"].sel(percent=at, axis="y"))
    expected = 0.001 * force * np.cos(np.radians(PERSON.foot_progression_angle))  # N m per mm
    assert rows["forces and posture held", "lab"] == pytest.approx(expected, rel=0.01)
    assert 0 < rows["body re-solved", "lab"] < rows["forces and posture held", "lab"]


@pytest.mark.parametrize("frame", ["lab", "tibia"])
@pytest.mark.parametrize("condition", ["pressure inside", "pressure outside"])
def test_the_parts_of_a_change_add_up_to_it(condition: str, frame: str) -> None:
    parts = study.change_of_moment(condition, PERSON, frame).set_index("part")["change"]
    assert parts.drop("total").sum() == pytest.approx(parts["total"], abs=1e-9)
    sign = np.sign(study.CONDITIONS[condition])
    assert sign * parts["centre of pressure"] > 0 > sign * parts["force direction"]


def test_no_pressure_moved_is_no_change() -> None:
    assert np.abs(study.change_of_moment("natural", PERSON)["change"]).max() < 1e-9


def test_the_map_rises_with_the_pressure_and_falls_as_the_knee_comes_inwards() -> None:
    table = study.pressure_knee_map(PERSON, [-6.0, 0.0, 6.0], [0.0, 6.0, 12.0])
    for column in ("change", "change_lab"):
        grid = table.pivot(index="knee_shift", columns="cop_shift", values=column)
        assert (np.diff(grid, axis=1) > 0).all() and (np.diff(grid, axis=0) < 0).all()
        assert grid.loc[0.0, 0.0] == pytest.approx(0.0, abs=1e-9)


def test_the_knee_that_is_asked_for_lies_on_a_straight_line_between_two() -> None:
    rows = [(p, k, p / 2 - k) for p in (-4.0, 0.0, 4.0) for k in (0.0, 5.0, 10.0)]
    table = pd.DataFrame(rows, columns=["cop_shift", "knee_shift", "change"])
    found = study.needed_shift(table, ["change"], -6.0).set_index("cop_shift")["change"]
    assert found.to_dict() == pytest.approx({-4.0: 4.0, 0.0: 6.0, 4.0: 8.0})
    assert study.needed_shift(table, ["change"], -18.0)["change"].isna().all()


def test_left_and_right_contacts_are_made_of_the_same() -> None:
    left, right = (study.average_contact(simulate(PERSON, 2), side) for side in SIDES)
    mirror = np.array([1.0, 1.0, -1.0])
    assert left["force"].values == pytest.approx(right["force"].values * mirror, abs=0.02 * PERSON.mass * GRAVITY)
    assert left["knee"].values == pytest.approx(right["knee"].values * mirror, abs=0.01)
    assert left["force"].attrs["units"] == "N" and left["knee"].attrs["units"] == "m"


def test_published_sizes_are_read_and_people_counted_are_no_size() -> None:
    table = study.closest_studies()
    assert table["label"].str.contains("n = |n not stated").all() and set(table["kind"].unique()) <= {
        "moment", "force or pressure in the knee"
    }  # fmt: skip
    assert table["label"].iloc[0].startswith("Regenexx 2015") and table["value"].iloc[0] == -18
    published = pd.read_csv(study.catalogue.data_folder() / "published" / "studies.csv")
    own = published[published["study"].isin(study.CLOSEST)]
    assert len(table) == len(own) and set(own["study"]) == set(study.CLOSEST)
    assert table["value"].isna().sum() == (own["value"].isna() | (own["unit"] == "people")).sum()


# ---- real file ----


def test_pressure_and_moment_of_the_107_go_together_as_known() -> None:
    if not study.catalogue.present("toe-in-107"):
        pytest.skip("dataset not on this machine: toe-in-107")
    row = study.toe_in_pressure().iloc[0]
    assert row["n"] == 107 and row["r"] == pytest.approx(-0.379, abs=0.0005)
    assert row["low"] < row["r"] < row["high"] < 0
