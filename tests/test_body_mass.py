"""Peak loads beside body mass in real people."""

from __future__ import annotations

import pytest

from gaitstudy.conventions import GRAVITY
from gaitstudy.io import catalogue
from gaitstudy.tables import body_mass


@pytest.mark.skipif(
    not catalogue.present(*body_mass.INPUTS),
    reason="not all walks with force plates are here",
)
def test_real_people_press_with_a_little_more_than_their_weight() -> None:
    table = body_mass.peak_loads()
    assert len(table) == 15
    assert table["dataset"].nunique() == 5
    assert (table["vertical_force"] / (table["mass"] * GRAVITY)).between(0.95, 1.4).all()
    assert (table["knee_adduction_moment"] / table["mass"]).between(0.1, 0.7).all()
