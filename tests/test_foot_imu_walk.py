"""The real walk of notebook 18, from the files or as stored, and the errors computed from it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from gaitstudy import figures
from gaitstudy.io import catalogue
from gaitstudy.studies import foot_imu_errors as E
from gaitstudy.studies import foot_imu_walk as F
from tests.recordings import needs

DERIVED = Path(__file__).resolve().parents[1] / "data" / "derived"
KINDS = {("left", "straight"): 25, ("left", "turning"): 2, ("left", "unmatched"): 1, ("right", "straight"): 26,
         ("right", "turning"): 3}  # fmt: skip


def table() -> pd.DataFrame:
    if catalogue.present(F.DATASET):
        return F.strides()
    return pd.read_csv(DERIVED / "foot_imu_strides.csv", keep_default_na=False, na_values=["nan", ""])


def made(errors: dict[str, list[float]], constant: dict[str, float]) -> pd.DataFrame:
    """Strides with these foot-angle errors about each foot's constant, every other one on the way back."""
    rows = []
    for side, own in errors.items():
        for k, error in enumerate(own):
            row = {"side": side, "stride": k, "half": ("out", "back")[k % 2], "kind": "straight"}
            row |= {"foot_progression_angle_mocap": 7.0, "foot_progression_angle_imu": 7.0 + constant[side] + error}
            row |= {"stride_time_mocap": 1.1, "stride_time_imu": 1.1 + error / 1000, "stride_time_markers": 1.1}
            rows.append(row | {"stride_length_mocap": 1.3, "stride_length_imu": 1.3 - 0.2 * error})
    return pd.DataFrame(rows).assign(drift=lambda t: t["foot_progression_angle_imu"] % 1, contact_after_middle=0.2)


# ---- closed form ----


def test_constants_and_errors_by_hand() -> None:
    rows = made({"left": [1.0, -1.0, 1.0, -1.0], "right": [2.0, 2.0, -2.0, -2.0]}, {"left": -10.0, "right": 5.0})
    found = E.constants(rows).set_index(["side", "from"])
    assert found.loc[("left", "all"), "constant"] == pytest.approx(-10)
    assert found.loc[("left", "out"), "constant"] == pytest.approx(-9)
    assert found.loc[("right", "back"), "constant"] == pytest.approx(5)
    assert E.pooled_sd(rows) == pytest.approx(np.sqrt((4 * 1 + 4 * 4) / 6))
    error = E.angle_error(rows, resamples=99).set_index("constant")["estimate"]
    assert error["own strides"] == pytest.approx(np.sqrt((4 + 16) / 8))
    assert error["left out"] == pytest.approx(np.sqrt((4 + 16) / 8) * 4 / 3)
    assert error["other half"] == pytest.approx(np.sqrt((4 * 4 + 16) / 8))  # left: each 2 from the other half's mean
    given = E.differences(rows)
    assert given["angle_error"].to_numpy() == pytest.approx([1, -1, 1, -1, 2, 2, -2, -2])
    assert given["angle_error_other_half"].to_numpy() == pytest.approx([2, -2, 2, -2, 2, 2, -2, -2])


def test_a_constant_makes_no_error_and_stride_times_are_in_ms() -> None:
    errors = {"left": [0.5, -0.5, 0.25, -0.25], "right": [0.0, 1.0, -1.0, 0.0]}
    one, two = (made(errors, {"left": c, "right": -c}) for c in (0.0, 33.0))
    assert E.pooled_sd(one) == pytest.approx(E.pooled_sd(two))
    times = E.stride_time_error(one, resamples=99).set_index("error")["estimate"]
    assert times["bias"] == pytest.approx(0) and times["absolute"] == pytest.approx(3.5 / 8)
    asked = E.asked_and_found(one).set_index("what")
    assert asked["met"].all() and (asked["strides"] == 8).all()
    worse = one.assign(stride_time_imu=one["stride_time_imu"] + 0.0051)
    assert E.asked_and_found(worse)["met"].tolist() == [False, True, True]


def test_velocity_lost_at_contact_explains_lengths_that_were_made_so() -> None:
    rng = np.random.default_rng(0)
    rows = made({"left": rng.normal(size=20).tolist(), "right": rng.normal(size=20).tolist()}, {"left": 0, "right": 0})
    rows["drift"] = rng.normal(size=40)
    rows["stride_length_imu"] = 1.3 - 0.2 * rows["drift"]
    found = E.drift_and_length(rows)
    assert found["slope"] == pytest.approx(-200) and found["expected"] == pytest.approx(-200)
    assert found["left"] == pytest.approx(0, abs=1e-9) and found["r"] == pytest.approx(-1)


def test_simulated_faults_grow_and_the_faultless_sensor_has_none() -> None:
    found = E.simulated_errors(strides=6)
    assert set(found["unit"]) == {"deg/s", "Hz"}
    assert found.loc[(found["value"] == 0), "sd"].max() < 0.01
    for varied in ("offset x", "offset y", "offset z", "noise"):
        assert found.loc[found["varied"] == varied, "sd"].is_monotonic_increasing
    assert found.loc[found["varied"] == "rate", "length"].is_monotonic_decreasing


# ---- the real walk, or as stored ----


def test_the_asked_agreement() -> None:
    rows = table()
    assert rows.groupby(["side", "kind"]).size().to_dict() == KINDS
    assert (rows["turn"] < F.STRAIGHT).sum() == (rows["kind"] == "straight").sum()
    found = E.asked_and_found(rows)
    assert found["asked"].tolist() == [5, 15, 3] and found["met"].all()
    constant = E.constants(rows).set_index(["side", "from"])["constant"]
    assert constant["left", "all"] == pytest.approx(-10.0, abs=0.1)
    assert constant["right", "all"] == pytest.approx(-10.8, abs=0.1)


def test_files_are_what_the_notebook_says() -> None:
    needs(F.DATASET, "gaitmap/*.csv")
    found = F.contents().set_index("what")
    assert (found.loc["position_sample less the heel marker, at most", ["left", "right"]] < 1e-6).all()
    assert (found.loc["clock of the sensor less the cameras'", ["left", "right"]].abs() < 5).all()
    assert (
        found.loc["listed events from the nearest frame, at most", ["left", "right"]] <= 1000 / 204.8 / 2 + 1e-6
    ).all()


def test_one_stride_holds_its_events_in_order() -> None:
    needs(F.DATASET, "gaitmap/*.csv")
    found = F.one_stride()
    assert [e for e in found["event"] if e] == ["foot flat", "foot off", "initial contact", "foot flat again"]
    swing = found["pitch_rate"][
        found.index[found["event"] == "foot off"][0] + 1 : found.index[found["event"] == "initial contact"][0]
    ]
    assert (swing > 0).all()


# ---- figures ----


def test_figures_show_what_they_are_given() -> None:
    rows = table()
    both = E.only(rows, "all")
    limits = E.stride_time_limits(rows)
    drawn = figures.stride_time_agreement(both, limits, 10.0, "a title")
    points = sum(len(c.get_offsets()) for c in drawn.axes[0].collections)
    assert points == len(both) == 56 and drawn.get_suptitle() == "a title"
    drawn = figures.foot_angles_by_stride(both, {"left": -10.0, "right": -10.8}, "t")
    line = drawn.axes[0].lines[1].get_ydata()
    own = both[both["side"] == "left"]
    want = (own["foot_progression_angle_imu"] + 10).where(own["kind"] == "straight")
    np.testing.assert_allclose(line, want)
    drawn = figures.errors_and_causes(E.differences(rows), F.STRAIGHT, -170.0, "t")
    assert sum(len(c.get_offsets()) for c in drawn.axes[0].collections) == 56
    assert sum(len(c.get_offsets()) for c in drawn.axes[1].collections) == 51


def test_signals_paths_and_faults_are_drawn_as_given() -> None:
    stored = {n: pd.read_csv(DERIVED / f"foot_imu_{n}.csv", keep_default_na=False) for n in ("stride_signal", "paths")}
    one = stored["stride_signal"]
    drawn = figures.raw_stride(one, "t")
    np.testing.assert_allclose(drawn.axes[2].lines[0].get_ydata(), one["pitch_rate"])
    assert len(drawn.axes[0].texts) == 4
    drawn = figures.paths_from_above(stored["paths"], "t")
    own = stored["paths"].query("side == 'right' and source == 'sensor'")
    np.testing.assert_allclose(drawn.axes[1].lines[1].get_xdata(), own["forward"])
    faults = pd.DataFrame({"varied": ["noise", "noise", "rate", "rate"], "value": [0.0, 1.0, 100.0, 200.0]})
    drawn = figures.sensor_errors(faults.assign(sd=[0.0, 0.5, 1.0, 1.0], length=[1.0, 1.0, 4.0, 2.0]), "t", ["noise"])
    assert drawn.axes[0].lines[0].get_ydata().tolist() == [0.0, 0.5]
    assert drawn.axes[1].lines[0].get_ydata().tolist() == [4.0, 2.0]
