"""The foot progression angle: toe-out positive on both sides, along any direction of travel."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr

from gaitstudy import pipeline
from gaitstudy.conventions import SIDES, DimensionError, GaitStudyError, side_sign
from gaitstudy.gait.events import contacts
from gaitstudy.gait.foot import WINDOW, foot_progression_angle, mean_over_stance, outside_foot
from gaitstudy.gait.signals import low_pass
from gaitstudy.io import catalogue, motion
from gaitstudy.load.skeleton import find
from tests import synthetic

TIME = np.arange(11) / 10


def pair(forward: float, right: float, up: float = 0.0) -> tuple[xr.DataArray, xr.DataArray]:
    return synthetic.point([0.3, 0.02, -0.1], TIME), synthetic.point([0.3 + forward, 0.02 + up, -0.1 + right], TIME)


# ---- closed form ----


def test_the_methods_sheets_foot() -> None:
    # forward .20, lateral .02: +5.7106 deg
    angle = foot_progression_angle(*pair(0.20, 0.02), "right")
    assert angle.round(4).values.tolist() == [5.7106] * 11
    assert angle["time"].values.tolist() == TIME.tolist()


@pytest.mark.parametrize("side", SIDES)
@pytest.mark.parametrize("degrees", [-30.0, -5.0, 0.0, 7.0, 45.0, 100.0, 170.0])
def test_toe_out_is_positive_on_both_sides_and_past_a_right_angle(side: str, degrees: float) -> None:
    out = side_sign(side)  # lateral is to the right of the right foot
    heel, toe = pair(0.2 * np.cos(np.radians(degrees)), out * 0.2 * np.sin(np.radians(degrees)), up=0.05)
    assert foot_progression_angle(heel, toe, side).values == pytest.approx(degrees, abs=1e-12)


@pytest.mark.parametrize("side", SIDES)
def test_the_direction_of_travel_is_what_it_is_measured_from(side: str) -> None:
    heel, toe = pair(0.2, 0.0)
    for degrees in (-20.0, 10.0, 60.0):  # travel turned towards the walker's right
        direction = (np.cos(np.radians(degrees)), 0.7, np.sin(np.radians(degrees)))
        found = foot_progression_angle(heel, toe, side, direction).values
        assert found == pytest.approx(-side_sign(side) * degrees, abs=1e-12)


def test_a_lost_marker_is_a_lost_angle() -> None:
    heel, toe = pair(0.2, 0.02)
    toe = toe.where(toe["time"] > 0.35)
    angle = foot_progression_angle(heel, toe, "left").values
    assert np.isnan(angle).tolist() == [True] * 4 + [False] * 7


def test_bad_input_is_refused() -> None:
    heel, toe = pair(0.2, 0.02)
    with pytest.raises(
        GaitStudyError, match=r"direction: expected a horizontal direction of travel, found \(0, 1, 0\)"
    ):
        foot_progression_angle(heel, toe, "left", (0, 1, 0))
    with pytest.raises(GaitStudyError, match="expected 'left' or 'right', found 'both'"):
        foot_progression_angle(heel, toe, "both")
    with pytest.raises(DimensionError, match="toe: expected dimensions"):
        foot_progression_angle(heel, toe.rename(time="frame"), "left")


# ---- mean over stance ----


def ramp() -> xr.DataArray:
    time = np.arange(301) / 100
    return synthetic.signal(10 * time, time, "deg")


def test_the_mean_is_over_the_window_with_both_its_ends() -> None:
    # a ramp's mean is its value in the middle of the window
    for window in (WINDOW, (30.0, 60.0), (0.0, 100.0), (7.0, 29.0), (15.0, 50.0)):
        found = mean_over_stance(ramp(), [0.5, 1.5], [1.1, 2.5], window)
        middle = sum(window) / 200
        assert found.values == pytest.approx([10 * (0.5 + 0.6 * middle), 10 * (1.5 + middle)], abs=1e-12)
    assert WINDOW == (15.0, 40.0)
    assert found.dims == ("stride",) and found.attrs["units"] == "deg"
    assert found.attrs["long_name"].endswith("mean 15-50 % of stance")


def test_a_window_with_a_gap_has_no_mean_and_one_beside_it_has() -> None:
    array = ramp()
    array = array.where((array["time"] < 0.7) | (array["time"] > 0.75))
    found = mean_over_stance(array, [0.5, 0.5], [1.5, 1.5], (15.0, 40.0))
    assert np.isnan(found.values).all()
    assert mean_over_stance(array, [0.5], [1.5], (30.0, 60.0)).values == pytest.approx([9.5], abs=1e-12)


@pytest.mark.parametrize("window", [(-5.0, 40.0), (40.0, 15.0), (15.0, 15.0), (60.0, 101.0), (np.nan, 40.0)])
def test_impossible_windows_are_refused(window: tuple[float, float]) -> None:
    with pytest.raises(GaitStudyError, match="window: expected 0 <= from < to <= 100"):
        mean_over_stance(ramp(), [0.5], [1.5], window)


# ---- invariance ----


@pytest.mark.parametrize("angle", [0.3, -1.9, 3.0])
def test_turning_the_lab_with_the_walker_changes_nothing(angle: float) -> None:
    marks = synthetic.markers(np.arange(120) / 100)
    matrix = synthetic.rotation("y", angle)
    for side in SIDES:
        heel, toe = (find(marks, synthetic.NAMES[side][r]) for r in ("heel", "toe"))
        plain = foot_progression_angle(heel, toe, side).values
        turned = foot_progression_angle(
            heel.copy(data=heel.values @ matrix.T), toe.copy(data=toe.values @ matrix.T), side, matrix[:, 0].tolist()
        )
        assert np.abs(turned.values - plain).max() < 1e-9
        away = foot_progression_angle(heel + [9.0, 2.0, -4.0], toe + [9.0, 2.0, -4.0], side)
        assert np.abs(away.values - plain).max() < 1e-9


def test_a_direction_at_every_instant_is_that_instants() -> None:
    marks = synthetic.markers(np.arange(120) / 100)
    heel, toe = (find(marks, synthetic.NAMES["left"][r]) for r in ("heel", "toe"))
    angle = np.linspace(-4.0, 4.0, 120)
    each = np.stack([np.cos(angle), 0.3 + 0 * angle, -np.sin(angle)], -1)
    found = foot_progression_angle(heel, toe, "left", each).values
    for k in (0, 57, 119):
        assert found[k] == foot_progression_angle(heel, toe, "left", each[k].tolist()).values[k]
    each[30] = [0.0, 1.0, 0.0]
    with pytest.raises(GaitStudyError, match=r"horizontal direction of travel, found \(0\.0, 1\.0, 0\.0\)"):
        foot_progression_angle(heel, toe, "left", each)


def test_the_mirrored_left_foot_is_a_right_foot() -> None:
    marks = synthetic.markers(np.arange(120) / 100)
    heel, toe = (find(marks, synthetic.NAMES["left"][r]) for r in ("heel", "toe"))
    flip = np.array([1.0, 1.0, -1.0])
    plain = foot_progression_angle(heel, toe, "left").values
    mirror = foot_progression_angle(
        heel.copy(data=heel.values * flip), toe.copy(data=toe.values * flip), "right"
    ).values
    assert np.array_equal(plain, mirror) and np.ptp(plain) > 5


# ---- real file: one person asked to turn the toes in and out ----


def test_toe_in_natural_and_toe_out_are_in_this_order_on_every_trial() -> None:
    if not catalogue.present("opencap-foot-angle"):
        pytest.skip("dataset not on this machine: opencap-foot-angle")
    plates = {"left": "ground_force_2", "right": "ground_force_1"}
    means: dict[str, dict[str, list[float]]] = {s: {"TI": [], "": [], "TO": []} for s in SIDES}
    for kind in ("TI", "", "TO"):
        for k in (1, 2):
            trc = catalogue.locate("opencap-foot-angle", f"inputs/trc/walking{kind}{k}.trc")
            grf = catalogue.locate("opencap-foot-angle", f"inputs/grf/walking{kind}{k}_grf.mot")
            trial = pipeline.read(trc, "opencap")
            marks = low_pass(trial.markers)
            loads = motion.storage_loads(motion.read_storage(grf))
            for side in SIDES:
                up = loads["force"].sel(plate=plates[side], axis="y", drop=True)
                stance = max(contacts(up).itertuples(), key=lambda c: c.end - c.start)
                angle = foot_progression_angle(*(find(marks, trial.roles[side][r]) for r in ("heel", "toe")), side)
                means[side][kind].append(float(mean_over_stance(angle, [stance.start], [stance.end])[0]))
    for side in SIDES:
        assert max(means[side]["TI"]) < min(means[side][""]), (side, means[side])
        assert max(means[side][""]) < min(means[side]["TO"]), (side, means[side])


# ---- is the force the foot's own? ----


def place(front: float, right: float, side: str = "right", **margins: float) -> dict[str, float]:
    heel, toe = pair(0.2, 0.0)
    found = outside_foot(heel + xr.DataArray([front, 0.0, right], dims="axis"), heel, toe, side, **margins)
    return {str(k): float(v[0]) for k, v in found.data_vars.items()}


def test_distances_of_the_force_from_the_foot() -> None:
    assert place(0.05, -0.03) == pytest.approx({"behind": -0.05, "ahead": -0.15, "beside": 0.03, "outside": 0})
    assert place(0.05, -0.03, "left")["beside"] == pytest.approx(-0.03)
    assert place(0.23, 0.0)["ahead"] == pytest.approx(0.03)


@pytest.mark.parametrize(
    ("front", "right", "outside"),
    [(-0.001, 0, 1), (0.001, 0, 0), (0.299, 0, 0), (0.301, 0, 1), (0.1, 0.101, 1), (0.1, -0.101, 1), (0.1, 0.099, 0)],
)
def test_margins_behind_ahead_and_beside(front: float, right: float, outside: float) -> None:
    assert place(front, right)["outside"] == outside


def test_a_missing_force_is_not_outside() -> None:
    found = place(float("nan"), 0.0)
    assert found["outside"] == 0 and np.isnan(found["behind"])


def test_the_outline_turns_with_the_foot_and_mirrors() -> None:
    heel, toe = pair(0.2, 0.0)
    cop = heel + xr.DataArray([-0.02, 0.0, 0.05], dims="axis")
    turn = synthetic.rotation("y", 0.7)
    plain = outside_foot(cop, heel, toe, "right")
    turned = outside_foot(*(a.copy(data=a.values @ turn.T) for a in (cop, heel, toe)), "right")
    flipped = outside_foot(*(a.copy(data=a.values * [1, 1, -1]) for a in (cop, heel, toe)), "left")
    for other in (turned, flipped):
        for name in plain:
            assert other[name].values == pytest.approx(plain[name].values)
