"""What visits and a model can see of a recovery: by hand, and against the truth put in."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from gaitstudy.io import results
from gaitstudy.tables import recovery_course


def test_model_sees_what_was_put_in() -> None:
    found = recovery_course.visible((34, 100), trials=60, seed=3)
    assert (found["without_number"] == 0).all() and found["week"].tolist()[:5] == [7, 11, 25, 39, 52]
    error = found["se"] / np.sqrt(60)
    assert ((found["estimate"] - found["truth"]).abs() < stats.norm.isf(0.005 / 10) * error).all()
    small, large = (found[found["n_per_arm"] == n].reset_index() for n in (34, 100))
    assert (small["se"] / large["se"]).to_numpy() == pytest.approx(np.sqrt(100 / 34), rel=0.1)
    ratio = small["smallest"] / small["half_width"]  # (t.975 + t.8) / t.975 with many degrees of freedom
    assert ratio.to_numpy() == pytest.approx(np.full(5, (1.96 + 0.8416) / 1.96), rel=0.02)


def test_the_kept_table_is_whole_and_its_estimates_are_what_was_put_in() -> None:
    kept = results.kept("recovery_course")
    assert kept["n_per_arm"].unique().tolist() == list(recovery_course.SIZES) and len(kept) == 15
    assert kept["trials"].min() >= 2000 and (kept["without_number"] == 0).all()
    reach = stats.norm.isf(0.005 / len(kept)) * kept["se"] / np.sqrt(kept["trials"])
    assert ((kept["estimate"] - kept["truth"]).abs() < reach).all()
