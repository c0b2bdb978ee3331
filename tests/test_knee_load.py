"""Sweeps of the virtual walker: nothing moved gives nothing, and what a knee carries adds up."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from gaitstudy.conventions import GRAVITY
from gaitstudy.simulate import knee_load
from gaitstudy.simulate.walker import Walker, people, simulate, stances

PERSON = Walker()


# ---- closed form ----


def test_a_recorded_row_is_mean_and_span_over_people() -> None:
    table = pd.DataFrame({"setting": "x", "value": 1.0, "frame": "lab", "person": [1, 2, 3], "kam1": [1.0, 2.0, 6.0]})
    assert knee_load.as_row(table, 1.0, "kam1", "lab") == {"value": 3.0, "interval": (1.0, 6.0), "n": 3}
    with pytest.raises(KeyError):
        knee_load.as_row(table, 2.0, "kam1", "lab")


def test_in_tibial_axes_the_load_is_the_simulations_own_truth() -> None:
    simulation = simulate(PERSON, 2)
    start, end = stances(simulation, "right")[0]
    truth = simulation.truth.sel(side="right", time=slice(start, start + knee_load.EARLY * (end - start)))
    found = knee_load.knee_load(PERSON).set_index("frame").loc["tibia"]
    for name in ("medial", "lateral"):
        expected = float(truth[f"{name}_contact_force"].max()) / (PERSON.mass * GRAVITY)
        assert found[name] == pytest.approx(expected, rel=1e-12)
    most = truth.isel(time=int(np.argmax(truth["total_contact_force"].values)))
    share = float(most["medial_contact_force"] / (most["medial_contact_force"] + most["lateral_contact_force"]))
    assert found["share"] == pytest.approx(100 * share, rel=1e-6)
    assert found["peak"] == pytest.approx(found[["kam1", "kam2"]].max() / 100 * GRAVITY * PERSON.height)


def test_nothing_moved_changes_nothing() -> None:
    table = knee_load.sweep("lean", {"trunk_lean": 1.0}, [0.0, 5.0], [PERSON])
    still = table[table["value"] == 0]
    changes = [f"{name}_change" for name in knee_load.LOADS]
    assert (still[changes] == 0).all(axis=None)
    assert (table[table["value"] == 5.0][["kam1_change", "medial_change"]] < -1).all(axis=None)
    moved, base = (table[table["value"] == v].set_index("frame") for v in (5.0, 0.0))
    assert moved["lateral_change"].to_numpy() == pytest.approx((moved["lateral"] - base["lateral"]).to_numpy())
    percent = 100 * (moved["kam2"] / base["kam2"] - 1)
    assert moved["kam2_change"].to_numpy() == pytest.approx(percent.to_numpy())


def test_strides_that_vary_walk_as_equal_ones() -> None:
    assert knee_load.knee_load(replace(PERSON, variability=1.0)).equals(knee_load.knee_load(PERSON))


# ---- invariance ----


def test_mass_does_not_matter_per_body_weight() -> None:
    usual, heavy = (
        knee_load.knee_load(w).drop(columns=["frame", "percent1", "percent2"]).to_numpy()
        for w in (PERSON, replace(PERSON, mass=110.0))
    )
    assert heavy == pytest.approx(
        usual, rel=0.005
    )  # 30 N are a smaller share of a heavier body: contact is found earlier


def test_the_first_peak_is_sought_where_the_persons_own_lies() -> None:
    """With the toes in, the second peak's rise reaches into the first half of stance of some people."""
    person = people()[0]
    inward = replace(person, foot_progression_angle=person.foot_progression_angle - 10)
    natural = knee_load.knee_load(person)
    own, loose = (knee_load.knee_load(inward, n).set_index("frame") for n in (natural, None))
    natural = natural.set_index("frame")
    assert own.loc["lab", "kam1"] < 0.9 * natural.loc["lab", "kam1"] < loose.loc["lab", "kam1"]
    assert abs(own.loc["lab", "percent1"] - natural.loc["lab", "percent1"]) <= 10
