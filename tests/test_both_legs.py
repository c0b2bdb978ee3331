"""Both legs of a virtual person: what holds in any body that obeys the walker's equations."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from gaitstudy.conventions import GRAVITY, GaitStudyError
from gaitstudy.simulate.knee_load import both_legs
from gaitstudy.simulate.walker import Walker, people

PERSON = Walker()
SECOND = replace(people()[3], variability=0.0)
PAIN = {"asymmetry": 0.06, "speed": 0.85 * SECOND.speed, "stiff_knee": 0.5, "painful_lean": 5.0, "soft_step": 0.4}
IMPULSES = ["force_impulse", "kam_impulse", "medial_impulse"]


# ---- closed form ----


@pytest.mark.parametrize(
    "walker", [PERSON, replace(PERSON, asymmetry=0.1), replace(SECOND, **PAIN)], ids=["even", "uneven", "painful"]
)
def test_both_feet_together_carry_body_weight_over_a_stride(walker: Walker) -> None:
    table = both_legs(walker)
    assert table["force_impulse"].sum() == pytest.approx(table["stride_time"].iloc[0], rel=2e-5)
    parts = table["medial_impulse"] + table["lateral_impulse"]
    assert parts.to_numpy() == pytest.approx(table["total_impulse"].to_numpy(), rel=1e-3)
    assert (table["heel_impulse"] + table["forefoot_impulse"] < table["force_impulse"]).all()
    assert (table["heel_peak"] < table["force_peak"]).all()


def test_vertical_impulse_is_shared_as_the_time_between_the_contacts() -> None:
    """Force a share of body weight: in the mean half a stride each, moved by half the asymmetry of the contacts."""
    table = both_legs(replace(PERSON, asymmetry=0.1)).set_index("side")
    share = table["force_impulse"] / table["stride_time"]
    assert share["left"] - 0.5 == pytest.approx(0.05, abs=0.008)


def test_loads_in_body_weights_do_not_change_with_mass() -> None:
    light, heavy = (both_legs(replace(PERSON, mass=mass)) for mass in (60.0, 100.0))
    for name in ("force_peak", "total_peak", "medial_peak1", "kam1", "heel_peak", "forefoot_impulse"):
        assert heavy[name].to_numpy() == pytest.approx(light[name].to_numpy(), rel=1e-9)
    assert (heavy["heel_pressure"] / light["heel_pressure"]).to_numpy() == pytest.approx(100 / 60, rel=1e-9)
    assert GRAVITY * heavy["force_peak"].max() == pytest.approx(11, abs=1), "N per kg under the foot"


# ---- invariance ----


def test_sides_change_places_with_the_sign_of_the_asymmetry() -> None:
    late, early = (both_legs(replace(SECOND, asymmetry=a)).set_index("side") for a in (0.1, -0.1))
    for name in ("stance_time", *IMPULSES, "kam1"):
        assert late.loc["left", name] == pytest.approx(early.loc["right", name], rel=1e-3)
        assert late.loc["right", name] == pytest.approx(early.loc["left", name], rel=1e-3)
    assert late.loc["left", "stance_time"] > late.loc["right", "stance_time"]


def test_a_painful_walk_is_recognised() -> None:
    """What every description of it names: less time and less force on the painful side than on the other."""
    table = both_legs(replace(SECOND, **PAIN)).set_index("side")
    for name in ("stance_time", "force_peak", "force_impulse", "kam_impulse"):
        assert table.loc["right", name] < table.loc["left", name]


# ---- refusals ----


def test_a_walk_beyond_the_legs_is_refused_and_strides_do_not_vary() -> None:
    with pytest.raises(GaitStudyError):
        both_legs(replace(people()[1], asymmetry=0.15))
    assert both_legs(replace(PERSON, variability=1.0)).equals(both_legs(PERSON))
    assert np.isfinite(both_legs(PERSON).drop(columns="side").to_numpy()).all()
