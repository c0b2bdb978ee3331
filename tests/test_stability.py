"""Margin of stability: published numbers, the treadmill, the mirror, and what cannot be told."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from gaitstudy.conventions import DimensionError, GaitStudyError, SignalError, UnitError
from gaitstudy.gait.steps import extrapolated_centre_of_mass, margins_of_stability
from tests import synthetic

TIME = np.arange(201) / 100
AT = pd.DataFrame({"side": ["left", "right"], "time": [0.5, 1.0]})


def moving(vx: float, vz: float = 0.0) -> xr.DataArray:
    return synthetic.point(np.stack([vx * TIME, 0 * TIME + 0.9, vz * TIME], -1), TIME)


def mirror(point: xr.DataArray) -> xr.DataArray:
    return synthetic.point(point.values * [1.0, 1.0, -1.0], TIME)


def fixed(x: float, z: float) -> xr.DataArray:
    return synthetic.point([x, 0.0, z], TIME)


# ---- closed form ----


@pytest.mark.parametrize(("length", "speed", "lead"), [(1.0, 1.4, 0.44699), (0.90, 1.2, 0.36347)])
def test_lead_of_the_methods_sheet(length: float, speed: float, lead: float) -> None:
    centre = moving(speed)
    found = extrapolated_centre_of_mass(centre, length, gravity=9.81)
    assert (found - centre).sel(axis="x").values == pytest.approx(lead, abs=5e-6)
    assert (found - centre).sel(axis="z").values == pytest.approx(0.0, abs=1e-12)
    assert np.isnan(found.sel(axis="y")).all() and found.attrs["units"] == "m"


def test_margins_by_hand() -> None:
    # at rest at z = 0: the left border .1 m to the left and the right one .08 m to the right are both outside of it
    still = extrapolated_centre_of_mass(moving(0.0), 1.0)
    outer, front = {"left": fixed(0, -0.1), "right": fixed(0, 0.08)}, {"left": fixed(0.2, 0), "right": fixed(-0.1, 0)}
    found = margins_of_stability(still, outer, front, AT)
    assert found["mediolateral"].tolist() == pytest.approx([0.1, 0.08])
    assert found["anterior_posterior"].tolist() == pytest.approx([0.2, -0.1])


def test_falling_to_the_side_is_negative() -> None:
    lead = 0.5 / np.sqrt(9.80665 / 1.0)
    found = margins_of_stability(
        extrapolated_centre_of_mass(moving(0.0, 0.5), 1.0), {"right": fixed(0, 0.6), "left": fixed(0, -0.1)}, {}, AT
    )
    assert found["mediolateral"].tolist() == pytest.approx([0.1 + 0.25 + lead, 0.6 - 0.5 - lead])
    assert found["anterior_posterior"].isna().all()


# ---- invariance ----


def test_a_belt_and_the_ground_give_the_same_margins() -> None:
    speed = 1.3
    back = synthetic.point(np.stack([speed * TIME, 0 * TIME, 0 * TIME], -1), TIME)
    ground = extrapolated_centre_of_mass(moving(speed, 0.1), 0.9)
    belt = extrapolated_centre_of_mass(moving(0.0, 0.1), 0.9, belt=speed)
    edge = {s: fixed(0.8, z) for s, z in (("left", -0.1), ("right", 0.1))}
    carried = {s: (e - back).assign_attrs(units="m") for s, e in edge.items()}
    a, b = (margins_of_stability(x, e, e, AT) for x, e in ((ground, edge), (belt, carried)))
    assert np.allclose(a.iloc[:, 2:], b.iloc[:, 2:], rtol=0, atol=1e-12)


def test_the_mirrored_walker_is_as_stable() -> None:
    centre, edge = moving(1.0, 0.2), fixed(0.5, 0.15)
    right = margins_of_stability(extrapolated_centre_of_mass(centre, 1.0), {"right": edge}, {"right": edge}, AT)
    left = margins_of_stability(
        extrapolated_centre_of_mass(mirror(centre), 1.0), {"left": mirror(edge)}, {"left": mirror(edge)},
        AT.assign(side=["right", "left"]),
    )  # fmt: skip
    assert right.loc[1, "mediolateral"] == pytest.approx(left.loc[1, "mediolateral"])
    assert right.loc[1, "anterior_posterior"] == pytest.approx(left.loc[1, "anterior_posterior"])


# ---- refusals ----


def test_impossible_lengths_and_units_are_refused() -> None:
    with pytest.raises(GaitStudyError, match="length"):
        extrapolated_centre_of_mass(moving(1.0), 900.0)
    with pytest.raises(UnitError):
        extrapolated_centre_of_mass(moving(1.0).assign_attrs(units="mm"), 0.9)
    with pytest.raises(GaitStudyError, match="time"):
        margins_of_stability(moving(1.0), {}, {}, pd.DataFrame({"side": ["left"]}))


def test_impossible_belts_and_clocks_are_refused() -> None:
    for options in ({"belt": 43.0}, {"belt": np.nan}, {"gravity": -9.8}):
        with pytest.raises(GaitStudyError, match="belt speed of at most 10 m/s"):
            extrapolated_centre_of_mass(moving(1.0), 0.9, **options)
    with pytest.raises(DimensionError, match="expected times in s"):
        extrapolated_centre_of_mass(moving(1.0).drop_vars("time"), 0.9)
    for times in (TIME[::-1], np.r_[0.0, TIME[:-1]]):
        with pytest.raises(SignalError, match="evenly spaced"):
            extrapolated_centre_of_mass(moving(1.0).assign_coords(time=times), 0.9)
    still, edge = moving(0.0), fixed(0, -0.1)
    for other in (edge[::2], edge.assign_coords(time=TIME + 0.5)):
        with pytest.raises(DimensionError, match="left: expected a foot's border at the times"):
            margins_of_stability(still, {"left": other}, {}, AT)
    with pytest.raises(SignalError, match="evenly spaced"):
        margins_of_stability(still.assign_coords(time=TIME[::-1]), {"left": edge}, {}, AT)
    with pytest.raises(GaitStudyError, match="found 'L'"):
        margins_of_stability(still, {}, {}, AT.assign(side="L"))


def test_outside_the_recording_nothing_is_known() -> None:
    found = margins_of_stability(
        moving(1.0), {"left": fixed(0, 0)}, {}, pd.DataFrame({"side": "left", "time": [9.0, -1.0, np.nan]})
    )
    assert found["mediolateral"].isna().all()
