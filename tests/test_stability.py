"""Margin of stability: the closed form, the mirror, and what cannot be told."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from gaitstudy.conventions import GRAVITY, DimensionError, GaitStudyError, SignalError, UnitError
from gaitstudy.gait.steps import margins_of_stability
from tests import synthetic

TIME = np.arange(201) / 100
AT = pd.DataFrame({"side": ["left", "right"], "time": [0.5, 1.0]})


def moving(vz: float) -> xr.DataArray:
    return synthetic.point(np.stack([1.4 * TIME, 0 * TIME + 0.9, vz * TIME], -1), TIME)


def mirror(point: xr.DataArray) -> xr.DataArray:
    return synthetic.point(point.values * [1.0, 1.0, -1.0], TIME)


def fixed(z: float) -> xr.DataArray:
    return synthetic.point([0.3, 0.0, z], TIME)


# ---- closed form and invariance ----


def test_at_rest_a_margin_is_the_distance_to_the_border() -> None:
    found = margins_of_stability(moving(0.0), 1.0, {"left": fixed(-0.1), "right": fixed(0.08)}, AT)
    assert found.tolist() == pytest.approx([0.1, 0.08])


@pytest.mark.parametrize("length", [0.8, 1.0])
def test_falling_to_the_side_is_negative(length: float) -> None:
    lead = 0.5 * np.sqrt(length / GRAVITY)  # 0.5 m/s, a pendulum of g = l w^2
    found = margins_of_stability(moving(0.5), length, {"right": fixed(0.6), "left": fixed(-0.1)}, AT)
    assert found.tolist() == pytest.approx([0.1 + 0.25 + lead, 0.6 - 0.5 - lead])


def test_the_mirrored_walker_is_as_stable() -> None:
    centre, edge = moving(0.2), fixed(0.15)
    right = margins_of_stability(centre, 1.0, {"right": edge}, AT)
    left = margins_of_stability(mirror(centre), 1.0, {"left": mirror(edge)}, AT.assign(side=["right", "left"]))
    assert right[1] == pytest.approx(left[1]) and np.isnan([right[0], left[0]]).all()


# ---- refusals ----


def test_impossible_lengths_units_and_clocks_are_refused() -> None:
    edge = {"left": fixed(-0.1)}
    with pytest.raises(GaitStudyError, match="length"):
        margins_of_stability(moving(1.0), 900.0, edge, AT)
    with pytest.raises(UnitError):
        margins_of_stability(moving(1.0).assign_attrs(units="mm"), 0.9, edge, AT)
    with pytest.raises(SignalError, match="evenly spaced"):
        margins_of_stability(moving(1.0).assign_coords(time=TIME[::-1]), 0.9, edge, AT)
    for other in (edge["left"][::2], edge["left"].assign_coords(time=TIME + 0.5)):
        with pytest.raises(DimensionError):
            margins_of_stability(moving(1.0), 0.9, {"left": other}, AT)
    with pytest.raises(GaitStudyError, match="found 'L'"):
        margins_of_stability(moving(1.0), 0.9, {}, AT.assign(side="L"))


def test_outside_the_recording_nothing_is_known() -> None:
    at = pd.DataFrame({"side": "left", "time": [9.0, -1.0, np.nan]})
    assert np.isnan(margins_of_stability(moving(1.0), 0.9, {"left": fixed(0)}, at)).all()
