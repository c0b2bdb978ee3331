"""How fast force rises in real walks: single curves by hand, ten people's paces, windows and filters on plates."""

from __future__ import annotations

import numpy as np
import pytest

from gaitstudy.io import catalogue, results
from gaitstudy.tables import loading_rates as L

needs_package = pytest.mark.skipif(not catalogue.present("spm1d"), reason="spm1d is not installed")


def test_one_curve_with_a_transient_by_hand() -> None:
    """Up to .8 in 5 % of stance, down to .5 at 10 %, up to 1.2 at 25 %, then down; 101 points."""
    percent = np.arange(101.0)
    curve = np.interp(percent, [0, 5, 10, 25, 60, 100], [0, 0.8, 0.5, 1.2, 0.9, 0.0])
    found = L._rise(curve)
    assert found["peak"] == pytest.approx(120) and found["transient"] == 100
    assert found["rate_to_first"] == pytest.approx(16.0), ".8 over 5 % of stance"
    ends = np.interp([5, 20], percent, curve)
    assert found["rate_to_hump"] == pytest.approx(100 * (ends[1] - ends[0]) / 15)
    assert found["rate_early"] == pytest.approx(100 * curve[12] / 12)
    smooth = L._rise(np.interp(percent, [0, 25, 60, 100], [0, 1.2, 0.9, 0.0]))
    assert smooth["transient"] == 0 and smooth["rate_to_first"] == smooth["rate_to_hump"] == pytest.approx(4.8)


def test_force_rises_with_speed_in_everyone() -> None:
    paces = results.kept("impact_paces").pivot(index="person", columns="pace")
    assert len(paces) == 10 and (paces["walks"].sum(axis=1) == 60).all()
    for name in ("speed", "peak", "rate_to_first", "rate_early"):
        assert (paces[name, "fast"] > paces[name, "slow"]).all(), name


@needs_package
def test_force_is_relative_to_the_persons_mean() -> None:
    force, speed, pace = L.person_walks(3)
    assert force.mean() == pytest.approx(1.0) and set(pace) == {1, 2, 3} and force.shape == (60, 101)
    means = [speed[pace == k].mean() for k in (1, 2, 3)]
    assert means == sorted(means)


def test_windows_and_filters_on_plates() -> None:
    plates = results.kept("impact_plates")
    assert (plates.groupby("filter")["contact"].nunique() == 29).all(), "every contact at every filter"
    assert plates["person"].nunique() == 12
    assert plates["peak"].between(0.9, 1.5).all() and plates["speed"].between(0.8, 1.6).all()
    assert plates.loc[plates["filter"] == 8, "no_impact"].all(), "an 8 Hz filter leaves no transient"
