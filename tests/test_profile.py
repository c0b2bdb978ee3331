"""Gait profile score: the root mean square and not the mean, nine and fifteen variables, and what is refused."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr

from gaitstudy.conventions import GaitStudyError, UnitError, labelled
from gaitstudy.gait.profile import (
    POINTS,
    VARIABLES,
    gait_profile_score,
    gait_variable_scores,
)

GIVEN = np.array([3.0, 4, 5, 6, 7, 2, 8, 5, 4])


def curves(
    values: np.ndarray, names: tuple[str, ...] = VARIABLES, units: str = "deg", points: np.ndarray = POINTS
) -> xr.DataArray:
    return labelled(
        values, ("coordinate", "percent"), units=units, long_name="joint angles",
        coords={"coordinate": list(names), "percent": points},
    )  # fmt: skip


REFERENCE = curves(np.random.default_rng(1).normal(0, 20, (9, 51)))


def scores(values: np.ndarray) -> xr.DataArray:
    return labelled(
        values, ("coordinate",), units="deg", long_name="gait variable score", coords={"coordinate": list(VARIABLES)}
    )


# ---- closed form ----


def test_number_of_the_methods_sheet() -> None:
    found = gait_profile_score(scores(GIVEN))
    assert float(found) == pytest.approx(5.20683, abs=5e-6)
    assert abs(float(found) - GIVEN.mean()) > 0.3 and found.attrs["units"] == "deg"  # the mean would be 4.88889


def test_a_shifted_curve_scores_its_shift() -> None:
    found = gait_variable_scores(curves(REFERENCE.values + GIVEN[:, None]), REFERENCE)
    assert found.values == pytest.approx(GIVEN)
    assert float(gait_profile_score(found)) == pytest.approx(5.20683, abs=5e-6)


def test_half_a_cycle_off_by_six() -> None:
    apart = np.where(np.arange(51) < 25.5, 6.0, 0.0)
    found = gait_variable_scores(curves(REFERENCE.values + apart), REFERENCE)
    assert found.values == pytest.approx(6 * np.sqrt(26 / 51))


# ---- invariance ----


def test_order_and_further_points_do_not_matter() -> None:
    walk = curves(REFERENCE.values + np.random.default_rng(2).normal(0, 5, (9, 51)))
    turned = walk.isel(coordinate=slice(None, None, -1))
    fine = curves(np.repeat(walk.values, 2, axis=1)[:, :-1], points=np.arange(101.0))
    expected = gait_variable_scores(walk, REFERENCE)
    assert gait_variable_scores(turned, REFERENCE).values == pytest.approx(expected.values)
    assert gait_variable_scores(fine, REFERENCE).values == pytest.approx(expected.values)


def test_a_gap_is_missing_and_so_is_the_score() -> None:
    broken = REFERENCE.copy()
    broken[2, 10] = np.nan
    found = gait_variable_scores(broken, REFERENCE)
    assert np.isnan(found.values).tolist() == [k == 2 for k in range(9)] and np.isnan(gait_profile_score(found))


# ---- refusals ----


def test_other_variables_units_and_points_are_refused() -> None:
    with pytest.raises(GaitStudyError, match="ankle rotation"):
        gait_variable_scores(curves(REFERENCE.values, (*VARIABLES[:-1], "ankle rotation")), REFERENCE)
    with pytest.raises(GaitStudyError, match="knee flexion"):
        gait_variable_scores(REFERENCE.drop_sel(coordinate="knee flexion"), REFERENCE)
    with pytest.raises(GaitStudyError, match="points"):
        gait_variable_scores(curves(REFERENCE.values[:, :50], points=POINTS[:50]), REFERENCE)
    with pytest.raises(UnitError):
        gait_variable_scores(curves(REFERENCE.values, units="rad"), REFERENCE)
    with pytest.raises(GaitStudyError, match="nine"):
        gait_profile_score(scores(GIVEN).isel(coordinate=slice(0, 8)))


def test_references_of_other_sides_and_negative_scores_are_refused() -> None:
    both = xr.concat([REFERENCE, REFERENCE + 1], "side").assign_coords(side=["left", "right"]).assign_attrs(units="deg")
    with pytest.raises(GaitStudyError, match="same coordinates"):
        gait_variable_scores(both, both.isel(side=[0]))
    with pytest.raises(GaitStudyError, match=r"further dimensions \['side'\]"):
        gait_variable_scores(REFERENCE, both)
    assert gait_variable_scores(both, REFERENCE).sel(side="right").values == pytest.approx(np.ones(9))
    with pytest.raises(GaitStudyError, match="found negative ones"):
        gait_profile_score(scores(-GIVEN))
    twice = np.r_[0.0, POINTS[:-1]]
    with pytest.raises(GaitStudyError, match="points of the cycle"):
        gait_variable_scores(curves(REFERENCE.values, points=twice), REFERENCE)
