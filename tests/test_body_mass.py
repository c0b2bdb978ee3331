"""Peak loads beside body mass in real people."""

from __future__ import annotations

from gaitstudy.conventions import GRAVITY
from gaitstudy.io import results


def test_real_people_press_with_a_little_more_than_their_weight() -> None:
    table = results.kept("body_mass_loads")
    assert len(table) == 15
    assert table["dataset"].nunique() == 5
    assert (table["vertical_force"] / (table["mass"] * GRAVITY)).between(0.95, 1.4).all()
    assert (table["knee_adduction_moment"] / table["mass"]).between(0.1, 0.7).all()
