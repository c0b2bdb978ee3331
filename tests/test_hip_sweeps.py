"""Alignment, pelvis and trunk: directions, what a motion laboratory would read, and the published drop."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from gaitstudy.io import results
from gaitstudy.simulate import walker as walking
from gaitstudy.simulate.knee_load import FRAMES
from gaitstudy.simulate.walker import Walker
from gaitstudy.studies import hip_sweeps

PERSON = Walker()


# ---- closed form ----


def test_a_drop_asked_for_is_the_drop_read_and_the_hip_adducts_by_it() -> None:
    level = hip_sweeps.hip_angles(PERSON)
    for share in hip_sweeps.TRUNKS.values():
        found = hip_sweeps.hip_angles(hip_sweeps.dropped(share)(PERSON, 5.0))
        assert found["pelvic_drop"] == pytest.approx(5.0, abs=0.05)
        assert 4.5 < found["hip_adduction"] - level["hip_adduction"] < 7.5
    lean = hip_sweeps.hip_angles(replace(PERSON, trunk_lean=6.0))
    assert lean["pelvic_drop"] == pytest.approx(0.0, abs=1e-9)
    rise = -walking._hip_in_pelvis(PERSON.height)[1]  # of the spines over the hips, about which the trunk leans
    neck, angle = walking.NECK * PERSON.height, np.radians(6.0)
    seen = np.degrees(np.arctan2(neck * np.sin(angle), neck * np.cos(angle) - rise))
    assert lean["trunk_lean"] == pytest.approx(seen, abs=0.05) and level["trunk_lean"] == pytest.approx(0.0, abs=1e-9)


def test_the_published_slope_is_the_difference_of_two_means_over_four_degrees() -> None:
    found = hip_sweeps.published_drop()
    assert found["slope"] == pytest.approx(0.0375) and found["percent"] == pytest.approx(37.5) and found["n"] == 15


def test_trunk_sway_is_the_change_of_means_and_the_span_of_pairs() -> None:
    table = pd.DataFrame(
        {
            "condition": ["natural", "natural", "natural", "trunk sway", "trunk sway"],
            "side": ["left", "left", "right", "left", "left"],
            "kam1": [20.0, 25.0, np.nan, 10.0, 5.0],
        }
    )
    found = hip_sweeps.trunk_sway(table)
    assert found["change"] == pytest.approx(100 * (7.5 / 22.5 - 1))
    assert (found["low"], found["high"], found["trials"]) == (pytest.approx(-80.0), pytest.approx(-50.0), 2)


# ---- what the walker says ----


@pytest.mark.parametrize("frame", FRAMES)
def test_knock_knees_take_load_off_the_inner_side_and_put_it_on_the_outer(frame: str) -> None:
    table = hip_sweeps.by_alignment().query(f"frame == '{frame}'")
    for _, rows in table.groupby("person"):
        own = rows.set_index("value").sort_index()
        assert (np.diff(own["medial"]) > 0).all() and (np.diff(own["kam1"]) > 0).all()
        assert (np.diff(own["lateral"]) <= 0).all() and own["lateral"].min() >= 0
        assert own["share"].max() <= 100 + 1e-9
        knocked = own.loc[-6.0]
        assert knocked["lateral_change"] > 0 > knocked["medial_change"]


def test_a_dropping_pelvis_loads_the_knee_by_way_of_the_trunk() -> None:
    slopes = hip_sweeps.drop_slopes().set_index(["setting", "frame"])["slope"].unstack()
    follows, half, upright = (slopes.loc[name] for name in hip_sweeps.TRUNKS)
    assert (follows > 1.7 * half).all() and (half > 3 * upright.abs()).all()
    assert (follows < hip_sweeps.published_drop()["slope"]).all()


def test_a_lean_over_the_foot_lowers_and_one_away_raises() -> None:
    table = hip_sweeps.by_lean().query("frame == 'tibia'").pivot(index="value", columns="person", values="kam1")
    assert (np.diff(table.to_numpy(), axis=0) < 0).all()


# ---- real files ----


def test_three_people_stand_and_walk() -> None:
    table = results.again("standing_alignment")
    assert len(table) == 3 and table["varus"].between(-10, 10).all() and table["kam"].between(0.1, 0.8).all()
