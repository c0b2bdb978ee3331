"""Peak loads beside body mass in real people."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from gaitstudy.conventions import GRAVITY, GaitStudyError
from gaitstudy.io import catalogue
from gaitstudy.tables import body_mass

NEEDED = [(entry[0], [entry[1]]) if isinstance(entry, tuple) else entry for entry in body_mass.INPUTS]


def test_slope_and_interval_are_those_of_least_squares() -> None:
    """Three points at 1, 2, 3 with 1, 2, 4: slope 1.5, standard error sqrt(1/12), t of one degree of freedom 12.706."""
    table = pd.DataFrame({"mass": [1.0, 2, 3], "vertical_force": [1.0, 2, 4], "knee_adduction_moment": [0.0, 0, 1]})
    found = body_mass.slope_per_kilogram(table).iloc[0]
    assert found["per_kg"] == pytest.approx(-1.5)
    half = 12.706204736 * np.sqrt(1 / 12)
    assert [found["low"], found["high"]] == pytest.approx([-1.5 - half, -1.5 + half], rel=1e-6)
    assert found["unit"] == "N/kg"


def test_slope_does_not_depend_on_the_order_of_people_and_scales_with_the_load() -> None:
    rng = np.random.default_rng(1)
    table = pd.DataFrame(rng.uniform(40, 90, (8, 3)), columns=["mass", *body_mass.LOADS])
    plain, turned = body_mass.slope_per_kilogram(table), body_mass.slope_per_kilogram(table.iloc[::-1])
    assert plain["per_kg"].to_numpy() == pytest.approx(turned["per_kg"].to_numpy(), rel=1e-9)
    twice = body_mass.slope_per_kilogram(table.assign(vertical_force=2 * table["vertical_force"]))
    assert twice["per_kg"].iloc[0] == pytest.approx(2 * plain["per_kg"].iloc[0])


def test_two_people_give_no_slope() -> None:
    table = pd.DataFrame({"mass": [50.0, 60], "vertical_force": [1.0, 2], "knee_adduction_moment": [1.0, 2]})
    with pytest.raises(GaitStudyError, match="body mass: expected three people or more, found 2"):
        body_mass.slope_per_kilogram(table)


@pytest.mark.skipif(
    not all(catalogue.present(*(n if isinstance(n, tuple) else (n,))) for n in NEEDED),
    reason="not all walks with force plates are here",
)
def test_real_people_press_with_a_little_more_than_their_weight() -> None:
    table = body_mass.peak_loads()
    assert len(table) == 15
    assert table["dataset"].nunique() == 5
    assert (table["vertical_force"] / (table["mass"] * GRAVITY)).between(0.95, 1.4).all()
    assert (table["knee_adduction_moment"] / table["mass"]).between(0.1, 0.7).all()
