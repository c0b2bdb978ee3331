"""Pressure under the foot: closed forms, invariances, the vendor's own columns, real walks."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr

from gaitstudy.conventions import GaitStudyError, SignalError, UnitError, labelled
from gaitstudy.gait import pressure as P
from gaitstudy.io.insoles import read_insole
from tests.recordings import needs

RANDOM = np.random.default_rng(3)


def kpa(values: object, dims: tuple[str, ...] = ("time", "sensor"), **coords: object) -> xr.DataArray:
    return labelled(values, dims, units="kPa", long_name="pressure", coords=coords)


def layout(points: object, area: object = 1e-4) -> tuple[xr.DataArray, xr.DataArray]:
    places = np.asarray(points, float)
    cells = np.broadcast_to(area, len(places)).astype(float)
    return (
        labelled(places, ("sensor", "foot_axis"), units="m", long_name="place"),
        labelled(cells, ("sensor",), units="m2", long_name="area"),
    )


PLACE, AREA = layout(RANDOM.uniform([0, -0.04], [0.25, 0.04], (99, 2)), RANDOM.uniform(1e-4, 3e-4, 99))
PRESSED = kpa(RANDOM.uniform(0, 200, (50, 99)), time=np.arange(50) / 100)


def test_two_sensors_by_hand() -> None:
    place, area = layout([[0.0, -0.02], [0.2, 0.02]], [1e-3, 2e-3])
    pressed = kpa([[100.0, 50.0], [300.0, 50.0], [0.0, 0.0], [1.0, 1.0]])
    assert P.total_force(pressed, area).values == pytest.approx([200, 400, 0, 3])
    cop = P.centre_of_pressure_in_foot(pressed, place, area)
    assert cop.values[:2] == pytest.approx(np.array([[0.1, 0.0], [0.05, -0.01]]))
    assert np.isnan(cop.values[2:]).all()  # no force, and 3 N: below the threshold
    share = P.medial_share(pressed, place, area)
    assert share.values[:2] == pytest.approx([0.5, 0.25])
    assert np.isnan(share.values[2:]).all()
    half = P.medial_share(pressed, place, area, middle=0.02)
    assert half.values[:2] == pytest.approx([0.25, 0.125])  # a sensor on the line counts half


def test_results_say_what_they_are() -> None:
    cop = P.centre_of_pressure_in_foot(PRESSED, PLACE, AREA)
    found = [P.total_force(PRESSED, AREA), cop, P.medial_share(PRESSED, PLACE, AREA)]
    units = ["N", "m", "1"]
    assert [array.attrs["units"] for array in found] == units
    assert all(array.attrs["long_name"] for array in found)
    assert list(cop["foot_axis"].values) == ["along", "across"]


def bowed(angle: float = 0.0) -> tuple[xr.DataArray, xr.Dataset]:
    """A curve 15 mm lateral of its chord at .667 of 250 mm, and a foot 90 mm wide, both turned by an angle (rad)."""
    level = P.TRISECTION * 0.25
    path = np.array([[0.01, 0.005], [level / 2, -0.006], [level, 0.005 - 0.015], [0.24, 0.005]])
    turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    border = (("end", "foot_axis"), np.array([[0, 0.03], [0.2, 0.03]]) @ turn)
    outline = xr.Dataset({"heel": 0.0, "length": 0.25, "forefoot_width": 0.09, "medial_border": border})
    return labelled(path @ turn, ("time", "foot_axis"), units="m", long_name="cop"), outline


@pytest.mark.parametrize("angle", [0.0, 0.1])
def test_excursion_of_15_in_90(angle: float) -> None:
    cop, outline = bowed(angle)
    found = P.centre_of_pressure_excursion_index(cop, outline)
    assert float(found) == pytest.approx(100 / 6) and found.attrs["units"] == "%"
    assert np.isnan(P.centre_of_pressure_excursion_index(cop[:2], outline))  # never gets there
    assert np.isnan(P.centre_of_pressure_excursion_index(cop[:0], outline))


def test_mirror_scale_and_order_of_dimensions() -> None:
    cop, share = P.centre_of_pressure_in_foot(PRESSED, PLACE, AREA), P.medial_share(PRESSED, PLACE, AREA)
    both = xr.concat([PRESSED, PRESSED * 2], "side").transpose("time", "side", "sensor")
    both.attrs["units"] = "kPa"
    xr.testing.assert_allclose(P.centre_of_pressure_in_foot(both, PLACE, AREA).isel(side=1), cop, rtol=1e-12)
    assert P.total_force(both, AREA).isel(side=1).values == pytest.approx(2 * P.total_force(PRESSED, AREA).values)
    swapped = PLACE * xr.DataArray([1.0, -1.0], dims="foot_axis")
    swapped.attrs["units"] = "m"
    assert P.medial_share(PRESSED, swapped, AREA).values == pytest.approx(1 - share.values)
    assert P.centre_of_pressure_in_foot(PRESSED, swapped, AREA).values == pytest.approx(cop.values * [1, -1])
    shuffled = RANDOM.permutation(99)
    again = P.centre_of_pressure_in_foot(*(a.isel(sensor=shuffled) for a in (PRESSED, PLACE, AREA)))
    assert again.values == pytest.approx(cop.values, rel=1e-12)


def test_equal_to_a_loop_over_rows() -> None:
    cop = P.centre_of_pressure_in_foot(PRESSED, PLACE, AREA).values
    for row, found in zip(PRESSED.values, cop, strict=True):
        load = row * AREA.values
        assert found == pytest.approx((load[:, None] * PLACE.values).sum(0) / load.sum(), rel=1e-12)


def test_missing_values_stay_missing_and_cells_outside_do_not_count() -> None:
    pressed = PRESSED.copy()
    pressed[3, 7] = np.nan
    pressed[:, 9] = np.nan
    area = AREA.copy()
    area[9] = 0.0
    place = PLACE.copy()
    place[9] = np.nan
    cop = P.centre_of_pressure_in_foot(pressed, place, area)
    assert np.flatnonzero(np.isnan(cop.values).any(1)).tolist() == [3]
    without = [a.isel(sensor=np.arange(99) != 9) for a in (PRESSED, PLACE, AREA)]
    assert cop.values[4] == pytest.approx(P.centre_of_pressure_in_foot(*without).values[4], rel=1e-12)


def test_unknown_layouts_and_units_are_refused() -> None:
    unknown = AREA.copy()
    unknown[0] = np.nan
    for area in (unknown, -AREA.assign_attrs(units="m2")):
        area.attrs["units"] = "m2"
        with pytest.raises(SignalError, match="sensors' layout"):
            P.total_force(PRESSED, area)
    with pytest.raises(SignalError, match="sensors' layout"):
        P.medial_share(PRESSED, PLACE * np.nan, AREA)
    with pytest.raises(UnitError):
        P.total_force(PRESSED.assign_attrs(units="N/cm2"), AREA)
    with pytest.raises(UnitError):
        P.total_force(PRESSED, AREA.assign_attrs(units="cm2"))


def test_layout_is_recovered_from_force_and_centre() -> None:
    force, cop = P.total_force(PRESSED, AREA), P.centre_of_pressure_in_foot(PRESSED, PLACE, AREA)
    with pytest.raises(GaitStudyError, match="longer walk"):
        P.implied_layout(PRESSED, force, cop)
    longer = kpa(RANDOM.uniform(0, 200, (400, 99)))
    found = P.implied_layout(
        longer, P.total_force(longer, AREA), P.centre_of_pressure_in_foot(longer, PLACE, AREA)
    )  # fmt: skip
    assert found["area"].values == pytest.approx(AREA.values, rel=1e-8)
    assert found["position"].values == pytest.approx(PLACE.values, abs=1e-8)


@pytest.mark.parametrize("name", ["230927_102114.txt", "230927_102137.txt", "with_events/text_export.txt"])
def test_vendors_force_and_centre_come_out_of_one_layout(name: str) -> None:
    samples, _ = read_insole(needs("moticon-insole", name)[0])
    for side in ("left", "right"):
        one = samples.sel(side=side)
        half = one.isel(time=slice(0, None, 2))
        found = P.implied_layout(half["pressure"], half["force"], half["cop"])
        rest = one.isel(time=slice(1, None, 2))  # not used for the layout
        force = P.total_force(rest["pressure"], found["area"])
        assert float(abs(force - rest["force"]).max()) < 1.0  # exported to 1 N
        cop = P.centre_of_pressure_in_foot(rest["pressure"], found["position"], found["area"])
        assert float(abs(cop - rest["cop"]).where(rest["force"] > 100).max()) < 1e-3
        place = found["position"].values
        assert (place[:2, 0] < -0.3).all() and (place[13:, 0] > 0.3).all()  # heel and toes
        assert place[8, 1] > 0.2 and place[12, 1] < -0.4 and place[8, 0] > place[12, 0] + 0.05  # medial is forward


@pytest.mark.parametrize("letter", ["L", "R"])
def test_real_grid_bears_on_the_lateral_midfoot(letter: str) -> None:
    samples, _ = read_insole(needs("fscan-insole", f"FrasP01{letter}.asf")[0])
    place = samples["position"]
    along = place.sel(foot_axis="along")
    midfoot = samples["area"].where((along > 0.1) & (along < 0.15), 0.0)
    midfoot.attrs["units"] = "m2"
    share = P.medial_share(samples["pressure"], place, midfoot)
    assert float(share.mean()) < 0.3
    force = P.total_force(samples["pressure"], samples["area"])
    assert 300 < float(force.max()) < 2000
    cop = P.centre_of_pressure_in_foot(samples["pressure"], place, samples["area"]).sel(foot_axis="along")
    assert 0 < float(cop.min()) < 0.1 < 0.15 < float(cop.max()) < 0.3
