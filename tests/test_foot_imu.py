"""A sensor on the foot: signals made from a known walk must give that walk back, however the sensor sits."""

from __future__ import annotations

from functools import cache

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from gaitstudy.conventions import GRAVITY, GaitStudyError, SignalError, UnitError, labelled, side_sign
from gaitstudy.gait.foot_imu import SHORTEST, _stands, foot_walk
from gaitstudy.simulate import foot_sensor as S
from gaitstudy.simulate.foot_sensor import foot_sensor
from gaitstudy.simulate.walker import Simulation, Walker, simulate
from gaitstudy.tables.foot_sensors import _marker_contacts
from tests import synthetic

NUMBERS = ["stride_length", "foot_progression_angle", "stride_time"]


@cache
def person(variability: float = 1.0, angle: float = 7.0) -> Simulation:
    return simulate(Walker(variability=variability, foot_progression_angle=angle, seed=3), 10)


def seen(
    side: str = "left", walk: Simulation | None = None, mounted: tuple[float, float, float] = (0.0, 0.0, 0.0)
) -> tuple[pd.DataFrame, xr.Dataset, pd.DataFrame]:
    signals = foot_sensor(walk or person(), side, mounted=mounted)
    strides, sensor = foot_walk(signals["acceleration"], signals["angular_rate"], side)
    return strides, sensor, true_strides(signals, strides, side)


def true_strides(signals: xr.Dataset, strides: pd.DataFrame, side: str) -> pd.DataFrame:
    """Return the true length (m) and foot progression angle (deg, toe-out positive) of strides by flat instants."""
    flat, after = (signals.interp(time=strides[name]).sel(axis=["x", "z"]) for name in ("flat_time", "next_flat_time"))
    foot, away = flat["forward"].values.T, after["position"].values.T - flat["position"].values.T
    angle = np.degrees(np.arctan2(foot[1], foot[0]) - np.arctan2(away[1], away[0]))
    turned = side_sign(side) * ((angle + 180.0) % 360.0 - 180.0)
    return pd.DataFrame({"stride_length": np.hypot(*away), "foot_progression_angle": turned}, strides.index)


def hand_made(rate: float = 200.0, travel: float = 0.0) -> tuple[xr.DataArray, xr.DataArray]:
    """Three equal strides of 1.2 m in .6 s with .5 s of standing between, the toes 46 deg down, 28 up and level again.

    Place and pitch are polynomials with no jerk at the ends; the sensor sits at the turning point. ``travel`` deg, to
    the right of where the foot points.
    """
    time = np.arange(round(4.3 * rate)) / rate
    u = np.clip((time[:, None] - 0.5 - 1.1 * np.arange(3)) / 0.6, 0, 1)
    gone = 1.2 * (10 * u**3 - 15 * u**4 + 6 * u**5).sum(1)
    ahead = 1.2 * (60 * u - 180 * u**2 + 120 * u**3).sum(1) / 0.6**2
    pitch = np.radians(20000 * u**3 * (1 - u) ** 3 * (u - 0.55)).sum(1)
    slope = 3 * u**2 * (1 - u) ** 2 * (1 - 2 * u) * (u - 0.55) + u**3 * (1 - u) ** 3
    turning = np.radians(20000 * slope).sum(1) / 0.6
    c, s = np.cos(pitch), np.sin(pitch)
    level = np.radians(travel)
    x, z = ahead * np.cos(level), ahead * np.sin(level)
    force = np.stack([c * x + s * GRAVITY, -s * x + c * GRAVITY, z], -1)
    rate_of = np.degrees(np.stack([0 * turning, 0 * turning, turning], -1))
    assert gone[-1] == pytest.approx(3.6)
    parts = ((force, "m/s2"), (rate_of, "deg/s"))
    first, second = (
        labelled(v, ("time", "axis"), units=u, long_name="made", frame="sensor", coords={"time": time})
        for v, u in parts
    )
    return first, second


# ---- closed form ----


@pytest.mark.parametrize(("side", "travel", "angle"), [("right", 0, 0), ("right", -10, 10), ("left", -10, -10)])
def test_a_hand_made_walk(side: str, travel: float, angle: float) -> None:
    strides, sensor = foot_walk(*hand_made(travel=travel), side)
    assert strides["stride_length"].to_numpy() == pytest.approx([1.2] * 3, abs=2e-3)
    assert strides["foot_progression_angle"].to_numpy() == pytest.approx([angle] * 3, abs=0.01)
    assert strides["stride_time"].to_numpy()[1:] == pytest.approx([1.1, 1.1], abs=1e-6)
    assert np.isnan(strides["stride_time"][0]) and strides["reason"][0] == "starts from standing"
    assert sensor["path"].values[-1] == pytest.approx(
        3.6 * np.array([np.cos(np.radians(travel)), 0, np.sin(np.radians(travel))]), abs=0.01
    )


def test_events_of_a_hand_made_walk_are_where_its_pitch_turns() -> None:
    strides, _ = foot_walk(*hand_made(rate=1000.0), "right")
    u = np.linspace(0, 1, 60001)
    pitch = u**3 * (1 - u) ** 3 * (u - 0.55)
    lowest, highest = u[pitch.argmin()], u[pitch.argmax()]
    assert strides["fo_time"].to_numpy() == pytest.approx(0.5 + 1.1 * np.arange(3) + 0.6 * lowest, abs=1e-3)
    assert strides["next_ic_time"].to_numpy() == pytest.approx(0.5 + 1.1 * np.arange(3) + 0.6 * highest, abs=1e-3)


@pytest.mark.parametrize("side", ["left", "right"])
def test_the_virtual_walker_comes_back(side: str) -> None:
    strides, _, truth = seen(side)
    whole = strides[strides["reason"] == ""]
    assert len(whole) >= 8
    assert (strides["stride_length"] - truth["stride_length"]).abs().max() < 1e-3  # m
    angle = strides["foot_progression_angle"] - truth["foot_progression_angle"]
    assert angle.std() < 0.01 and abs(angle.mean()) < 0.1  # deg; the mean is the constant
    assert truth["foot_progression_angle"].std() > 0.5  # there was something to find
    assert whole["stride_time"].to_numpy() == pytest.approx(person().numbers["stride_time"], abs=2e-3)


def test_an_offset_at_rest_is_taken_out() -> None:
    signals = hand_made()
    wrong = signals[1] + np.array([0.5, -1.0, 0.8])
    wrong.attrs = signals[1].attrs
    strides, sensor = foot_walk(signals[0], wrong, "left")
    assert sensor["offset"].values == pytest.approx([0.5, -1.0, 0.8], abs=1e-6)
    np.testing.assert_allclose(strides["stride_length"], foot_walk(*signals, "left")[0]["stride_length"], atol=1e-6)


def test_stands_and_pauses() -> None:
    _, turning = hand_made()
    arrive, leave = _stands(turning.values, 200.0)
    assert len(arrive) == 4 and (arrive == leave).all()
    arrive, leave = _stands(np.concatenate([turning.values, 0 * turning.values, turning.values]), 200.0)
    assert len(arrive) == 7
    assert leave[3] - arrive[3] > 700 and arrive[3] < 800 and leave[3] > 1680


# ---- invariance ----


@pytest.mark.parametrize("mounted", [(90, 0, 0), (0, 180, 0), (0, 37, 0), (80, -120, 40), (-30, 200, 100)])
def test_however_the_sensor_sits(mounted: tuple[float, float, float]) -> None:
    (plain, sensor, _), (turned, other, _) = seen("right"), seen("right", mounted=mounted)
    for column in (*NUMBERS, "fo_time", "next_ic_time", "direction"):
        np.testing.assert_allclose(turned[column], plain[column], atol=1e-6)
    np.testing.assert_allclose(other["path"], sensor["path"], atol=1e-6)


def test_wherever_the_sensor_is_on_the_foot(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(S, "PLACE", (0.2, 0.02, -0.02))
    toe, _, truth = seen("right")
    assert (toe["stride_length"] - truth["stride_length"]).abs().max() < 2e-3
    assert (toe["foot_progression_angle"] - truth["foot_progression_angle"]).std() < 0.02


def test_mirrored_feet_turn_out_alike() -> None:
    signals = foot_sensor(person(), "left", mounted=(20, 30, -50))
    mirror = np.array([1.0, 1.0, -1.0])
    force, turning = signals["acceleration"] * mirror, signals["angular_rate"] * -mirror
    force.attrs, turning.attrs = signals["acceleration"].attrs, signals["angular_rate"].attrs
    left, _ = foot_walk(signals["acceleration"], signals["angular_rate"], "left")
    right, _ = foot_walk(force, turning, "right")
    for column in ("stride_length", "foot_progression_angle", "stride_time", "fo_time"):
        np.testing.assert_allclose(right[column], left[column], atol=1e-8)
    np.testing.assert_allclose(right["direction"], -left["direction"], atol=1e-8)


def test_a_foot_turned_out_more_is_seen_to_be() -> None:
    found = [seen("left", person(0.0, angle))[0]["foot_progression_angle"].mean() for angle in (0.0, 15.0)]
    assert np.diff(found)[0] == pytest.approx(15.0, abs=0.2)


def test_a_sensor_turned_on_the_foot_only_moves_the_axes() -> None:
    found = seen("right", mounted=(0, 37, 0))[1]["mounting"]
    forward = found.sel(direction="forward").values
    assert np.degrees(np.arctan2(-forward[2], forward[0])) == pytest.approx(37.0, abs=0.1)
    assert found.sel(direction="up").values == pytest.approx([0, 1, 0], abs=1e-3)
    np.testing.assert_allclose(found.values @ found.values.T, np.eye(3), atol=1e-9)


# ---- what is not as it should be ----


def test_lost_samples_cost_their_stride_and_no_other() -> None:
    signals = foot_sensor(person(), "right")
    whole, _ = foot_walk(signals["acceleration"], signals["angular_rate"], "right")
    k = int(np.searchsorted(signals["time"], whole["fo_time"][4])) + 10
    force, turning = signals["acceleration"].copy(deep=True), signals["angular_rate"].copy(deep=True)
    force.values[k], turning.values[k] = np.nan, np.nan
    found, sensor = foot_walk(force, turning, "right")
    assert found["reason"].tolist().count("samples missing") == 1
    assert found["stride_length"].isna().sum() == 1 and np.isnan(found["stride_length"][4])
    np.testing.assert_allclose(found["stride_length"][5:], whole["stride_length"][5:], atol=1e-3)
    assert np.isnan(found["stride_time"][5])  # its contact was in the gap
    assert np.isfinite(found["stride_time"][6]) and np.isnan(sensor["path"].values[-1]).all()


def test_a_gap_does_not_spoil_the_offset_taken_from_a_later_rest() -> None:
    force, turning = hand_made()
    wrong = _like(turning, turning.values + [0.5, -1.0, 0.8])
    wrong[5:60] = np.nan  # what is left of the first rest is too short
    wrong[-110:] = np.nan  # longer than the half second that is looked at
    _, sensor = foot_walk(force, wrong, "left")
    assert sensor["offset"].values == pytest.approx([0.5, -1.0, 0.8], abs=1e-6)


def test_a_turn_on_the_spot_changes_where_the_walk_heads() -> None:
    force, turning = hand_made()
    still = [
        _like(force, 0 * force.values + [0, GRAVITY, 0])[:600],
        _like(turning, 0 * turning.values + [0, -10.0, 0])[:600],
    ]
    whole = [
        xr.concat([a, b.assign_coords(time=b["time"] + 4.3), a.assign_coords(time=a["time"] + 7.3)], "time")
        for a, b in zip((force, turning), still, strict=True)
    ]
    found, sensor = foot_walk(*whole, "right")
    assert found["direction"].to_numpy() == pytest.approx([0, 0, 0, 30, 30, 30], abs=0.2)  # 3 s of 10 deg/s
    assert sensor["path"].values[-1] == pytest.approx(3.6 * np.array([1 + np.sqrt(0.75), 0, 0.5]), abs=0.03)
    assert np.isnan(found["ic_time"][3]) and found["reason"][3] == "starts from standing"
    assert found["ic_time"].notna().tolist() == [False, True, True, False, True, True]


def test_a_push_that_is_none_is_taken_out_as_drift() -> None:
    force, turning = hand_made(travel=-10)
    plain, _ = foot_walk(force, turning, "right")
    middle = (plain["flat_time"][1] + plain["next_flat_time"][1]) / 2
    pushed = force.copy(deep=True)
    near = np.abs(pushed["time"].values - middle) <= 0.05
    pushed.values[near, 2] += 0.5  # to the right: a velocity at the end, and no way gone if it is spread evenly
    found, _ = foot_walk(pushed, turning, "right")
    for column in ("stride_length", "foot_progression_angle"):
        np.testing.assert_allclose(found[column], plain[column], atol=1e-5)
    away = 0.5 * near.sum() / 200 * np.sin(np.radians(-10))
    assert (found["drift"] - plain["drift"]).to_numpy() == pytest.approx([0, away, 0], abs=1e-5)


def test_an_error_in_tilt_is_seen_in_gravity_and_spread_over_the_stride() -> None:
    force, turning = hand_made(travel=-10)
    plain, _ = foot_walk(force, turning, "right")
    rolled = turning.copy(deep=True)
    during = (rolled["time"] >= plain["flat_time"][1]) & (rolled["time"] <= plain["next_flat_time"][1])
    rolled.values[during.values, 0] += 3.0  # 3.3 deg by its end, which would bend the path by a quarter of a metre
    found, _ = foot_walk(force, rolled, "right")
    assert found["foot_progression_angle"].to_numpy() == pytest.approx([10] * 3, abs=0.25)


def test_bad_input_is_refused() -> None:
    force, turning = hand_made()
    resting = _like(turning, 0 * turning.values)
    resting[300:320] = np.nan
    with pytest.raises(SignalError, match="a foot that swings"):
        foot_walk(_like(force, force.values * 0 + [0, GRAVITY, 0]), resting, "left")
    with pytest.raises(UnitError, match="expected units 'deg/s'"):
        foot_walk(force, force, "left")
    with pytest.raises(GaitStudyError, match="found 'both'"):
        foot_walk(force, turning, "both")
    with pytest.raises(SignalError, match="found 1 stands"):
        foot_walk(force, _like(turning, 0 * turning.values), "left")
    with pytest.raises(SignalError, match=r"expected 9.81 m/s2 while the foot stands, found 4.9"):
        foot_walk(_like(force, force.values / 2), turning, "left")
    with pytest.raises(SignalError, match=r"expected 9.81 m/s2 while the foot stands, found 9.2"):
        foot_walk(_like(force, 0.94 * force.values), turning, "left")
    with pytest.raises(SignalError, match="50 Hz or more, found 25"):
        foot_walk(force[::8], turning[::8], "left")
    with pytest.raises(SignalError, match="expected the same times"):
        foot_walk(force[:-5], turning, "left")


def test_a_shuffle_is_called_one() -> None:
    force, turning = hand_made()
    level = force.copy(deep=True)
    pitch = np.cumsum(np.radians(turning.values[:, 2])) / 200
    level.values[:, 0], level.values[:, 1] = GRAVITY * np.sin(pitch), GRAVITY * np.cos(pitch)
    found, _ = foot_walk(level, turning, "left")
    assert (found["stride_length"] < SHORTEST).all() and found["reason"].str.startswith("shorter than").all()


def _like(array: xr.DataArray, values: np.ndarray) -> xr.DataArray:
    return array.copy(data=values)


# ---- the other room's rule on markers ----


def test_a_faster_descent_in_mid_swing_does_not_hide_the_contact() -> None:
    time = np.arange(500) / 100.0
    height = np.zeros_like(time)
    for k in range(-1, 5):
        for when, share, width in ((0.2, 1.0, 0.03), (0.36, -0.7, 0.03), (0.6, -0.3, 0.03)):
            height += 0.06 * share * (1 + np.tanh((time - 1.1 * k - when) / width)) / 2
    path = np.stack([1.2 * time, height, 0 * time], -1)
    ends = [synthetic.point(path, time), synthetic.point(path + [0.2, 0, 0], time)]
    contact = _marker_contacts(xr.concat(ends, pd.Index(["heel", "toe"], name="marker")))
    assert contact == pytest.approx(0.6 + 1.1 * np.arange(4), abs=0.011)
