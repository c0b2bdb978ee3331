"""Insole and plate clocks: known offsets found, and every case refused in which an offset would be a guess."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr

from gaitstudy.conventions import SignalError, UnitError, labelled
from gaitstudy.gait.clocks import align_clocks
from gaitstudy.gait.signals import low_pass
from gaitstudy.io.insoles import read_insole
from tests.recordings import needs

OFFSET = 3.21057
"""s; no whole number of samples of any rate used here."""


def walk(
    time: np.ndarray, side: str = "right", vary: float = 0.03, start: float = 2.0, stop: float = 1e9
) -> np.ndarray:
    """Vertical force (N) at any times: standing, then two-humped steps of uneven length, then standing."""
    rng = np.random.default_rng(5)
    lengths = 1.1 * (1 + vary * rng.standard_normal(400))
    begins = start + (0.55 if side == "left" else 0.0) + np.r_[0, lengths.cumsum()]
    heights = 1 + vary * rng.standard_normal(401)
    k = np.clip(np.searchsorted(begins, time) - 1, 0, 399)
    phase = (time - begins[k]) / (0.62 * lengths[k])
    step = 700 * heights[k] * (np.sin(np.pi * np.clip(phase, 0, 1)) + 0.25 * np.sin(3 * np.pi * np.clip(phase, 0, 1)))
    return np.where((time < start - 0.5) | (time > stop), 350.0, np.where(time < begins[0], 0.0, step))


def force(values: np.ndarray, time: np.ndarray, sides: list[str] | None = None) -> xr.DataArray:
    coords = {"time": time} | ({"side": sides} if sides else {})
    return labelled(values, ("time", "side") if sides else ("time",), units="N", long_name="force", coords=coords)


def pair(
    rate: float = 100.0, drift: float = 0.0, noise: float = 0.0, length: float = 30.0, **how: float
) -> tuple[xr.DataArray, xr.DataArray]:
    """An insole and a 1,000 Hz plate that saw the same force; plate time = OFFSET + (1 + drift) insole time."""
    rng = np.random.default_rng(8)
    own = np.arange(0, length, 1 / rate)
    clock = np.arange(0, length + 5, 0.001)
    insole = 0.8 * walk((1 + drift) * own, **how) + noise * rng.standard_normal(len(own))
    plate = walk(clock - OFFSET, **how) + noise * rng.standard_normal(len(clock))
    return force(insole, own), force(plate, clock)


@pytest.mark.parametrize("rate", [50.0, 100.0, 31.25, 200.0])
@pytest.mark.parametrize("noise", [0.0, 20.0])
def test_a_known_offset_is_found_to_a_fraction_of_a_sample(rate: float, noise: float) -> None:
    clock = align_clocks(*pair(rate, noise=noise))
    assert abs(float(clock["offset"]) - OFFSET) < 0.1 / rate
    assert float(clock["drift"]) == 0
    assert float(clock["correlation"]) > 0.99 > float(clock["rival"]) and float(clock["margin"]) > 2


def test_a_shifted_clock_shifts_the_offset_and_scale_does_not_matter() -> None:
    insole, plate = pair()
    plain = float(align_clocks(insole, plate)["offset"])
    later = insole.assign_coords(time=insole["time"] + 100)
    assert float(align_clocks(later, plate)["offset"]) == pytest.approx(plain - 100, abs=1e-6)
    larger = (3 * insole).assign_attrs(units="N")
    assert float(align_clocks(larger, plate)["offset"]) == pytest.approx(plain, abs=1e-6)
    back = align_clocks(plate, insole)
    assert float(back["offset"]) == pytest.approx(-plain, abs=1e-4)


@pytest.mark.parametrize("drift", [2e-4, -5e-4])
def test_a_drifting_clock_is_followed(drift: float) -> None:
    insole, plate = pair(drift=drift, noise=5.0, length=80.0)
    clock = align_clocks(insole, plate)
    assert float(clock["drift"]) == pytest.approx(drift, abs=2e-5)
    moved = float(clock["offset"]) + (1 + float(clock["drift"])) * insole["time"].values
    np.testing.assert_allclose(moved, OFFSET + (1 + drift) * insole["time"].values, atol=2e-3)
    assert float(clock["offset"]) == pytest.approx(OFFSET, abs=1e-3)
    steady = align_clocks(*pair(noise=5.0, length=80.0))
    assert float(steady["drift"]) == 0 and float(steady["offset"]) == pytest.approx(OFFSET, abs=1e-3)


def test_clocks_of_other_rates_are_refused() -> None:
    insole, plate = pair(length=80.0)
    with pytest.raises(SignalError, match="sampling rate is wrong"):
        align_clocks(insole.assign_coords(time=insole["time"] * 1.0015), plate)
    with pytest.raises(SignalError, match="wrong sampling rate"):
        align_clocks(insole.assign_coords(time=insole["time"] * 2), plate)
    uneven = insole.assign_coords(time=insole["time"].values ** 1.1)
    with pytest.raises(SignalError, match="evenly spaced"):
        align_clocks(uneven, plate)


def test_steady_walking_is_ambiguous_by_whole_strides() -> None:
    insole, plate = pair(vary=0.0, start=-10.0)
    with pytest.raises(SignalError, match=r"one offset that fits best, found .* steady walking"):
        align_clocks(insole, plate)
    clock = align_clocks(insole, plate, search=(OFFSET - 0.5, OFFSET + 0.5))
    assert float(clock["offset"]) == pytest.approx(OFFSET, abs=1e-3) and np.isnan(clock["rival"])
    with pytest.raises(SignalError, match="its end"):
        align_clocks(insole, plate, search=(OFFSET - 0.5, OFFSET - 0.1))
    stopped = align_clocks(*pair(vary=0.0, stop=20.0))
    assert float(stopped["offset"]) == pytest.approx(OFFSET, abs=1e-3)


def test_one_step_on_a_plate_fits_every_step_of_an_insole() -> None:
    insole, plate = pair(vary=0.001)
    one = plate.sel(time=slice(OFFSET + 9.5, OFFSET + 11.5))
    with pytest.raises(SignalError, match="fits at every stride"):
        align_clocks(insole, one)


def both(insole_sides: list[str], plate_sides: list[str], **how: float) -> tuple[xr.DataArray, xr.DataArray]:
    own, clock = np.arange(0, 30, 0.01), np.arange(0, 35, 0.001)
    left_right = ("left", "right")
    insole = np.stack([walk(own, s, **how) for s in left_right], 1)
    plate = np.stack([walk(clock - OFFSET, s, **how) for s in left_right], 1)
    return force(insole, own, insole_sides), force(plate, clock, plate_sides)


def test_swapped_sides_are_told() -> None:
    right_way = both(["left", "right"], ["left", "right"])
    assert float(align_clocks(*right_way)["offset"]) == pytest.approx(OFFSET, abs=1e-3)
    turned = right_way[1].sel(side=["right", "left"])
    assert float(align_clocks(right_way[0], turned)["offset"]) == pytest.approx(OFFSET, abs=1e-3)
    with pytest.raises(SignalError, match="swapped"):
        align_clocks(*both(["right", "left"], ["left", "right"]))
    with pytest.raises(SignalError, match=r"cannot be told|every stride"):
        align_clocks(*both(["left", "right"], ["left", "right"], vary=0.0, start=-10.0))
    one_side = [force.sel(side="left") for force in right_way]  # names its side
    assert float(align_clocks(*one_side)["offset"]) == pytest.approx(OFFSET, abs=1e-3)
    with pytest.raises(SignalError, match="same sides"):
        align_clocks(one_side[0], right_way[1].sel(side="right"))
    with pytest.raises(SignalError, match="same sides"):
        align_clocks(right_way[0], right_way[1].sel(side="left", drop=True))


def test_gaps_are_left_out() -> None:
    insole, plate = pair()
    insole[1000:1100] = np.nan
    plate[20000:20500] = np.nan
    assert float(align_clocks(insole, plate)["offset"]) == pytest.approx(OFFSET, abs=1e-3)


def test_what_is_no_common_walk_is_refused() -> None:
    insole, plate = pair()
    with pytest.raises(SignalError, match=r"found none\. Give a recording with contacts"):
        align_clocks(insole, force(np.zeros(plate.size), plate["time"].values))
    with pytest.raises(SignalError, match="in common"):
        align_clocks(insole, plate, search=(1000, 1001))
    noise = force(np.random.default_rng(1).standard_normal(plate.size), plate["time"].values)
    with pytest.raises(SignalError, match=r"correlate by 0\.9"):
        align_clocks(insole, noise)
    with pytest.raises(UnitError):
        align_clocks(insole.assign_attrs(units="kPa"), plate)


def test_a_real_walk_against_itself_on_another_clock() -> None:
    own = read_insole(needs("moticon-insole", "230927_102137.txt")[0])[0]["force"]
    even = low_pass(own.sel(side="right", drop=True).interpolate_na("time"), 20.0)
    even.attrs["units"] = "N"
    clock = np.arange(even["time"].values[0] + 1, even["time"].values[-1] - 1, 0.001)
    twin = force(np.interp(clock, even["time"], even), clock + OFFSET)
    found = align_clocks(own.sel(side="right", drop=True), twin)
    assert float(found["offset"]) == pytest.approx(OFFSET, abs=1e-3)
    middle = own.sel(side="right", drop=True).sel(time=slice(3.4, 14))
    other = twin.sel(time=slice(3.4 + OFFSET, 14 + OFFSET))
    assert float(align_clocks(middle, other, search=(OFFSET - 0.7, OFFSET + 0.7))["offset"]) == pytest.approx(
        OFFSET, abs=2e-3
    )
    swapped = own.assign_coords(side=["right", "left"])
    with pytest.raises(SignalError, match="swapped"):
        align_clocks(swapped, own)
