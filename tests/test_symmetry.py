"""Symmetry of two sides: published numbers, signs, what is undefined, and the asymmetry of curves."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from gaitstudy.conventions import DimensionError, GaitStudyError, UnitError, labelled
from gaitstudy.gait.symmetry import compare_sides, curve_asymmetry, symmetry_angle, symmetry_index, symmetry_ratio

PERCENT = np.arange(101.0)


def curve(values: np.ndarray, units: str = "N m", percent: np.ndarray = PERCENT) -> xr.DataArray:
    return labelled(values, ("percent",), units=units, long_name="curve", coords={"percent": percent})


# ---- closed form ----


def test_numbers_of_the_methods_sheet() -> None:
    assert float(symmetry_index(0.8, 1.0)) == pytest.approx(-22.2222, abs=5e-5)
    assert float(symmetry_angle(0.8, 1.0)) == pytest.approx(7.0447, abs=5e-5)
    assert float(symmetry_ratio(0.8, 1.0)) == pytest.approx(0.8)
    assert float(symmetry_angle(2.0, 1.0)) == pytest.approx(-20.4833, abs=5e-5)


def test_angle_at_its_corners() -> None:
    found = symmetry_angle([1.0, 0.0, 1.0, -1.0, 1.0, -1.0, -1.0], [1.0, 1.0, 0.0, 0.0, -1.0, 1.0, -1.0])
    assert found == pytest.approx([0, 50, -50, -50, 100, 100, 0])


def test_above_a_hundred_it_turns_round() -> None:
    # left / right = -2: 45 - atan(-2) = 108.4349 deg, 120.48 %, less 200
    assert float(symmetry_angle(-2.0, 1.0)) == pytest.approx((45 + 63.43494882) / 0.9 - 200, abs=1e-7)


def test_what_is_undefined_is_missing() -> None:
    assert np.isnan([symmetry_index(0.0, 0.0), symmetry_angle(0.0, 0.0), symmetry_ratio(1.0, 0.0)]).all()
    assert np.isnan(symmetry_index([1.0, -1.0, -2.0, np.nan], [-1.0, 1.01, -1.0, 1.0])).all()
    assert symmetry_index([0.0, 1.0], [1.0, 0.0]).tolist() == [-200, 200]


def test_a_shift_and_a_delay_of_curves() -> None:
    wave = 3 * np.sin(2 * np.pi * PERCENT / 100)
    found = curve_asymmetry(curve(wave + 1.2), curve(wave))
    assert (float(found["rms"]), float(found["signed"])) == pytest.approx((20.0, 20.0))  # 1.2 of a range of 6
    twice = curve_asymmetry(curve(2 * wave), curve(wave))
    assert float(twice["rms"]) == pytest.approx(100 * np.sqrt((wave**2).mean()) / 9)  # ranges of 12 and 6
    late = curve_asymmetry(curve(3 * np.cos(2 * np.pi * PERCENT / 100)), curve(wave))
    assert float(late["rms"]) > 40 and abs(float(late["signed"])) < 1
    assert found["rms"].attrs["units"] == "%"


def test_means_of_sides_by_hand() -> None:
    table = pd.DataFrame(
        {"side": ["left", "right", "left", "right"], "time": [0.7, 1.0, 0.9, np.nan], "force": [0.0, 0.0, 0.0, 0.0],
         "moment": [1.0, np.nan, 1.0, np.nan], "angle": [-1.0, 3.0, -1.0, 5.0], "lost": [1.0, 0.0, 1.0, 0.0]}
    )  # fmt: skip
    found = compare_sides(table, ["time", "force", "moment", "angle", "lost"]).set_index("outcome")
    time = found.loc["time"]
    assert (time["n_left"], time["n_right"], time["left"]) == (2, 1, pytest.approx(0.8))
    assert time["index"] == pytest.approx(-22.2222, abs=5e-5) and time["reason"] == ""
    assert found.loc["force", "reason"] == "both sides zero" and np.isnan(found.loc["force", "index"])
    assert found.loc["moment", "reason"] == "no stride of the right foot has one"
    assert found.loc["angle", "reason"] == "a side is negative: no index" and np.isnan(found.loc["angle", "index"])
    assert found.loc["angle", "angle"] == pytest.approx(float(symmetry_angle(-1.0, 4.0)))
    assert found.loc["lost", "reason"] == "the right side is zero: no ratio" and found.loc["lost", "index"] == 200


# ---- invariance ----


def test_mirror_and_scale() -> None:
    left, right = np.random.default_rng(3).uniform(0.5, 2, (2, 50))
    for function in (symmetry_index, symmetry_angle):
        assert function(right, left) == pytest.approx(-function(left, right))
        assert function(7 * left, 7 * right) == pytest.approx(function(left, right))
    assert np.sign(symmetry_index(left, right)).tolist() == (-np.sign(symmetry_angle(left, right))).tolist()


# ---- refusals ----


def test_curves_that_cannot_be_compared_are_refused() -> None:
    with pytest.raises(DimensionError, match="same per cent"):
        curve_asymmetry(curve(PERCENT), curve(PERCENT[:51], percent=PERCENT[:51]))
    with pytest.raises(GaitStudyError, match="one unit"):
        curve_asymmetry(curve(PERCENT), curve(PERCENT, "N m/kg"))
    assert np.isnan(curve_asymmetry(curve(0 * PERCENT), curve(0 * PERCENT))["rms"])


def test_curves_of_other_strides_points_or_without_a_unit_are_refused() -> None:
    wave = np.sin(PERCENT / 16)
    five, three = (
        xr.concat([curve(wave + k) for k in range(n)], "stride").assign_coords(stride=np.arange(n)) for n in (5, 3)
    )
    with pytest.raises(DimensionError, match="same coordinates"):
        curve_asymmetry(five, three)
    with pytest.raises(DimensionError, match="same dimensions"):
        curve_asymmetry(five, curve(wave))
    for percent in (PERCENT[::-1], np.r_[0.0, PERCENT[:-1]], PERCENT**2):
        with pytest.raises(DimensionError, match="rise evenly"):
            curve_asymmetry(curve(wave, percent=percent), curve(wave, percent=percent))
    with pytest.raises(UnitError, match="expected a unit"):
        curve_asymmetry(curve(wave).drop_attrs(), curve(wave).drop_attrs())
    five = five.assign_attrs(units="N m").assign_coords(stride=np.arange(5) + 3)
    gap = five.copy()
    gap[1, 4] = np.nan
    both = curve_asymmetry(gap, five)
    assert both["rms"].dims == ("stride",) and both["stride"].values.tolist() == [3, 4, 5, 6, 7]
    for measure in ("rms", "signed"):
        assert np.isnan(both[measure]).values.tolist() == [False, True, False, False, False]


def test_other_sides_and_text_are_named() -> None:
    with pytest.raises(GaitStudyError, match=r"side 'L', text in time"):
        compare_sides(pd.DataFrame({"side": ["left", "L"], "time": ["1", "2"]}), ["time"])


def test_a_missing_column_is_named() -> None:
    with pytest.raises(GaitStudyError, match="no height"):
        compare_sides(pd.DataFrame({"side": ["left"]}), ["height"])
