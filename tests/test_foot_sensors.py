"""The real walk with foot sensors and motion capture: what its tables hold."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from gaitstudy.conventions import GRAVITY
from gaitstudy.io import catalogue, results
from gaitstudy.tables import foot_sensors

FEET = ["left", "right"]


def test_strides_of_both_instruments() -> None:
    rows = results.kept("foot_imu_strides")
    assert rows.groupby("side").size().to_dict() == {"left": 28, "right": 29}
    assert rows["stride_time_imu"].isna().sum() == 1
    straight = rows[rows["turn"] < 10]
    assert len(straight) == 51
    time = 1000 * (straight["stride_time_imu"] - straight["stride_time_mocap"])
    assert abs(time.mean()) < 5 and time.abs().mean() < 15
    angle = straight["foot_progression_angle_imu"] - straight["foot_progression_angle_mocap"]
    assert angle.groupby(straight["side"]).mean().tolist() == pytest.approx([-10.0, -10.8], abs=0.1)
    assert (angle.groupby(straight["side"]).std() < 3).all()


def test_files_are_what_the_notebook_says() -> None:
    found = results.kept("foot_imu_contents").set_index("what")[FEET]
    assert (found.loc["position_sample less the heel marker, at most"] < 1e-6).all()
    assert (found.loc["clock of the sensor less the cameras'"].abs() < 5).all()
    assert (found.loc["listed events from the nearest frame, at most"] <= 1000 / 204.8 / 2 + 1e-6).all()


def test_real_files() -> None:
    if not catalogue.present(foot_sensors.DATASET):
        pytest.skip(f"dataset not on this machine: {foot_sensors.DATASET}")
    for side, listed_strides in (("left", 28), ("right", 29)):
        samples, markers, listed, _, _ = foot_sensors._foot(side)
        assert dict(samples.sizes) == {"time": 7928, "axis": 3} and not samples.isnull().to_dataarray().any()
        still = samples["acceleration"].sel(time=slice(0.1, 0.6)).mean("time")
        assert np.linalg.norm(still.values) == pytest.approx(GRAVITY, rel=0.01)
        assert markers.sizes == {"time": 3870, "marker": 3, "axis": 3} and not markers.isnull().any()
        foot = markers.sel(marker="toe").values - markers.sel(marker="heel").values
        assert np.median(np.linalg.norm(foot, axis=1)) == pytest.approx(0.25, abs=0.02)
        assert abs(markers.sel(axis="y").min()) < 0.1  # m, up
        assert len(listed) == listed_strides and (np.diff(listed.to_numpy(), axis=1) > 0).all()


def test_one_stride_holds_its_events_in_order() -> None:
    found = results.kept("foot_imu_stride_signal")
    assert [e for e in found["event"] if e] == ["foot flat", "foot off", "initial contact", "foot flat again"]
    off, contact = (found.index[found["event"] == event][0] for event in ("foot off", "initial contact"))
    assert (found["pitch_rate"][off + 1 : contact] > 0).all()


def test_strides_leaves_what_is_remembered_of_a_foot_as_it_was() -> None:
    if not catalogue.present(foot_sensors.DATASET):
        pytest.skip(f"dataset not on this machine: {foot_sensors.DATASET}")
    foot_sensors._foot.cache_clear()
    before = foot_sensors._foot("left")[3].copy()
    foot_sensors.strides((15.0, 40.0), 0.15)
    pd.testing.assert_frame_equal(foot_sensors._foot("left")[3], before)
