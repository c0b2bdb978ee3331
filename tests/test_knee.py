"""Knee moments: signs, frames, peaks and impulse by hand; what a change is made of; nothing hangs on the lab."""

from __future__ import annotations

from itertools import permutations
from typing import Any

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st

from gaitstudy import pipeline
from gaitstudy.conventions import GRAVITY, SIDES, DimensionError, GaitStudyError, UnitError, side_sign
from gaitstudy.io import catalogue, motion
from gaitstudy.io.plates import wrench
from gaitstudy.load.knee import (
    FRAMES,
    METHODS,
    PARTS,
    _expressed,
    _moment_axes,
    decompose_moment_change,
    decompose_peak_change,
    impulse,
    knee_moments,
    normalise_moment,
    peaks,
)
from gaitstudy.load.skeleton import gather_leg, unit
from tests import synthetic

COP, KNEE, FORCE = np.array([0.03, 0.0, -0.005]), np.array([0.0, 0.45, 0.0]), np.array([-60.0, 800.0, -40.0])
"""The worked example of the methods sheet: a right leg, m and N."""


def leg(side: str = "right", shank: Any = None, thigh: Any = None, mirror: bool = False, n: int = 12) -> xr.Dataset:
    """A leg at the example's place; axes are the lab's unless given (rows)."""
    flip = np.array([1.0, 1.0, -1.0 if mirror else 1.0])
    spots = [np.tile(np.array(v) * flip, (n, 1)) for v in ((0.02, 0.9, -0.06), KNEE, (-0.01, 0.08, 0.01))]
    foot = [np.tile(np.array(v) * flip, (n, 1)) for v in ((-0.07, 0.02, 0.0), (0.18, 0.02, 0.01))]
    axes = [np.broadcast_to(np.eye(3) if a is None else np.asarray(a), (n, 3, 3)) for a in (shank, thigh)]
    points = dict(zip(("hip", "knee", "ankle", "heel", "toe"), (*spots, *foot), strict=True))
    return gather_leg(side, np.arange(n) / 100, points, {"shank": axes[0], "thigh": axes[1]})


def plate(mirror: bool = False, n: int = 12) -> xr.Dataset:
    flip = np.array([1.0, 1.0, -1.0 if mirror else 1.0])
    force = np.broadcast_to(FORCE * flip, (n, 1, 3))
    return wrench(np.arange(n) / 100, ["P"], force, np.cross(COP * flip, force), np.zeros(1))


def curves(values: Any, percent: np.ndarray | None = None) -> xr.DataArray:
    values = np.atleast_2d(np.asarray(values, float))
    percent = np.linspace(0, 100, values.shape[1]) if percent is None else percent
    coords = {"stride": np.arange(len(values)), "percent": percent}
    return xr.DataArray(values, dims=("stride", "percent"), coords=coords, attrs={"units": "N m", "long_name": "KAM"})


# ---- closed form: the worked example ----


def test_the_worked_example_by_hand() -> None:
    found = knee_moments(leg(), plate(), "P")
    assert found["moment"].values[0] == pytest.approx([22.0, 1.5, -3.0], abs=1e-12)
    assert found["knee_adduction_moment"].values == pytest.approx(np.full(12, 22.000), abs=1e-12)
    assert found["knee_flexion_moment"].values == pytest.approx(np.full(12, 3.000), abs=1e-12)
    assert found.attrs == {"side": "right", "method": "lever arm", "frame": "tibia"}


def test_force_times_lever_arm_in_the_frontal_plane() -> None:
    frontal = np.linalg.norm(FORCE[1:])
    moment = float(knee_moments(leg(), plate(), "P")["knee_adduction_moment"][0])
    assert round(float(frontal), 4) == 800.9994
    assert round(1000 * moment / frontal, 3) == 27.466
    # the arm as the distance of the knee from the force's line, measured without the moment
    line, away = FORCE[1:] / frontal, (KNEE - COP)[1:]
    assert 1000 * abs(away[0] * line[1] - away[1] * line[0]) == pytest.approx(27.466, abs=5e-4)


def test_the_normalised_moment_of_the_example() -> None:
    moment = knee_moments(leg(), plate(), "P")["knee_adduction_moment"]
    percent = normalise_moment(moment, 75.0, 1.75)
    assert round(float(percent[0]), 4) == 1.7092 and percent.attrs["units"] == "%BW*Ht"
    assert percent.attrs["frame"] == "tibia" and moment.attrs["units"] == "N m"


@given(st.floats(30, 150), st.floats(1.3, 2.1), st.floats(-1.5, 1.5))
def test_moments_per_mass_convert_into_moments_per_weight_and_height(mass: float, height: float, per_kg: float) -> None:
    moment = curves([[per_kg * mass]])
    expected = 100 * per_kg / (GRAVITY * height)
    assert float(normalise_moment(moment, mass, height)[0, 0]) == pytest.approx(expected, rel=1e-12, abs=1e-14)


def test_0_40_newton_metres_per_kilogram_at_1_75_m() -> None:
    assert round(float(normalise_moment(curves([[0.40 * 75]]), 75, 1.75)[0, 0]), 4) == 2.3308


@pytest.mark.parametrize(
    ("mass", "height"), [(0.0, 1.75), (75.0, 0.0), (75.0, 175.0), (75.0, float("nan")), (None, 1.7)]
)
def test_an_impossible_person_has_no_normalised_moment(mass: float, height: float) -> None:
    with pytest.raises(UnitError, match=r"(mass|height): expected"):
        normalise_moment(curves([[1.0]]), mass, height)


# ---- closed form: sides and frames ----


@pytest.mark.parametrize("frame", FRAMES)
@pytest.mark.parametrize("method", METHODS)
def test_the_mirrored_leg_has_the_same_moments(frame: str, method: str) -> None:
    turn = synthetic.rotation("y", 0.2) @ synthetic.rotation("z", -0.3) @ synthetic.rotation("x", 0.1)
    upper = synthetic.rotation("y", -0.1) @ synthetic.rotation("z", 0.4)
    across = np.diag([1.0, 1.0, -1.0])
    right = leg("right", turn.T, upper.T)
    left = leg("left", across @ turn.T @ across, across @ upper.T @ across, mirror=True)
    one = knee_moments(right, plate(), "P", frame=frame, method=method, mass=75.0)
    two = knee_moments(left, plate(mirror=True), "P", frame=frame, method=method, mass=75.0)
    for name in ("knee_adduction_moment", "knee_flexion_moment"):
        assert one[name].values == pytest.approx(two[name].values, abs=1e-12)
        assert abs(float(one[name][0])) > 0.4


def test_a_force_medial_of_the_knee_adducts_and_behind_it_flexes() -> None:
    for side in SIDES:
        medial = -side_sign(side)
        for cop, adducts, flexes in (
            ((0, 0, 0.03 * medial), 1, 0),
            ((0, 0, -0.03 * medial), -1, 0),
            ((-0.05, 0, 0), 0, 1),
        ):
            force = np.broadcast_to([0.0, 800.0, 0.0], (12, 1, 3))
            loads = wrench(np.arange(12) / 100, ["P"], force, np.cross(np.array(cop, float), force), np.zeros(1))
            found = knee_moments(leg(side), loads, "P")
            assert np.sign(np.round(found["knee_adduction_moment"].values[0], 9)) == adducts
            assert np.sign(np.round(found["knee_flexion_moment"].values[0], 9)) == flexes


def test_the_tibias_frame_turns_with_the_tibia_and_the_labs_does_not() -> None:
    moment = np.array([22.0, 1.5, -3.0])
    turn = synthetic.rotation("y", np.radians(20))  # toes to the left
    own = leg("right", turn.T)
    found = knee_moments(own, plate(), "P", frame="tibia")
    c, s = np.cos(np.radians(20)), np.sin(np.radians(20))
    assert float(found["knee_adduction_moment"][0]) == pytest.approx(moment[0] * c - moment[2] * s, abs=1e-12)
    assert float(found["knee_flexion_moment"][0]) == pytest.approx(-(moment[0] * s + moment[2] * c), abs=1e-12)
    lab = knee_moments(own, plate(), "P", frame="lab")
    assert float(lab["knee_adduction_moment"][0]) == pytest.approx(22.0, abs=1e-12)
    assert float(lab["knee_flexion_moment"][0]) == pytest.approx(3.0, abs=1e-12)


def test_the_joint_coordinate_systems_axes_by_its_rotation_matrix() -> None:
    # flexion 20, adduction 5, internal -8 deg in R = Rz Rx Ry (thigh to shank): the sheet's matrix, and its axes
    flex, add, internal = np.radians([20.0, 5.0, -8.0])
    turn = synthetic.rotation("z", flex) @ synthetic.rotation("x", add) @ synthetic.rotation("y", internal)
    assert turn.round(6).tolist() == [
        [0.934696, -0.340719, -0.101261],
        [0.327293, 0.936117, -0.128703],
        [0.138644, 0.087156, 0.986500],
    ]
    angles = np.degrees(
        [np.arctan2(-turn[0, 1], turn[1, 1]), np.arcsin(turn[2, 1]), np.arctan2(-turn[2, 0], turn[2, 2])]
    )
    assert angles == pytest.approx([20.0, 5.0, -8.0], abs=1e-12)
    floating, right = _moment_axes(leg("right", turn.T, np.eye(3)), "joint coordinate system")
    assert right[0] == pytest.approx([0.0, 0.0, 1.0], abs=1e-15)  # flexion about the thigh's own axis
    assert floating[0] == pytest.approx([np.cos(flex), np.sin(flex), 0.0], abs=1e-12)  # the thigh's x, flexed
    assert abs(floating[0] @ turn[:, 1]) < 1e-12, "the floating axis is at right angles to both"


def test_the_joint_coordinate_system_needs_a_thigh_and_frames_have_names() -> None:
    bare = leg().copy(deep=True)
    bare["axes"].loc[{"segment": "thigh"}] = np.nan
    with pytest.raises(GaitStudyError, match="joint coordinate system: expected a thigh, found no hip centre"):
        knee_moments(bare, plate(), "P", frame="joint coordinate system")
    with pytest.raises(
        GaitStudyError, match="frame: expected one of tibia, lab, joint coordinate system, found 'femur'"
    ):
        knee_moments(leg(), plate(), "P", frame="femur")


def test_methods_masses_and_clocks_are_checked() -> None:
    with pytest.raises(GaitStudyError, match="method: expected one of lever arm, inverse dynamics, found 'static'"):
        knee_moments(leg(), plate(), "P", method="static")
    with pytest.raises(UnitError, match="mass: expected 2-350 kg, found nothing"):
        knee_moments(leg(), plate(), "P", method="inverse dynamics")
    for method in METHODS:
        with pytest.raises(GaitStudyError, match="expected forces on the markers' 12 times, found 15 samples"):
            knee_moments(leg(), plate(n=15), "P", method=method, mass=75.0)


def test_inverse_dynamics_of_a_still_leg_adds_the_weight_below_the_knee() -> None:
    own = leg()
    plain = knee_moments(own, plate(), "P")["moment"].values[0]
    full = knee_moments(own, plate(), "P", method="inverse dynamics", mass=75.0, sex="male")["moment"].values[0]
    centre = own["centre"].sel(joint=["knee", "ankle"]).values[0]
    heel, toe = own["heel"].values[0], own["toe"].values[0]
    shank = centre[0] + 0.4395 * (centre[1] - centre[0]) - KNEE
    foot = heel + 0.4415 * (toe - heel) - KNEE
    weight = np.array([0.0, -75.0 * GRAVITY, 0.0])
    expected = plain + np.cross(shank, 0.0433 * weight) + np.cross(foot, 0.0137 * weight)
    assert full == pytest.approx(expected, abs=1e-9)


def test_the_free_moment_is_part_of_the_moment() -> None:
    loads = plate()
    loads["moment"] = loads["moment"] + xr.DataArray([0.0, 5.0, 0.0], dims="axis", coords={"axis": list("xyz")})
    found = knee_moments(leg(), loads, "P")["moment"].values[0]
    assert found == pytest.approx([22.0, 6.5, -3.0], abs=1e-12)


def test_expressed_moments_keep_their_size() -> None:
    rng = np.random.default_rng(1)
    turn = np.linalg.qr(rng.normal(size=(3, 3)))[0]
    turn = turn * np.linalg.det(turn)
    external = rng.normal(size=(12, 3)) * 30
    found = _expressed(external, leg("left", turn), "tibia")
    axial = external @ turn[1]
    size = np.sqrt(found["knee_adduction_moment"].values ** 2 + found["knee_flexion_moment"].values ** 2 + axial**2)
    assert size == pytest.approx(np.linalg.norm(external, axis=1), abs=1e-12)


@pytest.mark.parametrize("angle", [0.3, -2.0])
def test_the_lab_frame_goes_with_the_direction_of_travel(angle: float) -> None:
    rng = np.random.default_rng(5)
    external, turn = rng.normal(size=(12, 3)), synthetic.rotation("y", angle)
    own = leg("left", np.eye(3), np.eye(3))
    plain = _expressed(external, own, "lab")
    for direction in (turn[:, 0], 2.0 * turn[:, 0] + [0.0, 1.0, 0.0], np.tile(turn[:, 0], (12, 1))):
        turned = _expressed(external @ turn.T, own, np.array(direction))
        for name in ("knee_adduction_moment", "knee_flexion_moment"):
            assert turned[name].values == pytest.approx(plain[name].values, abs=1e-12), name
    with pytest.raises(GaitStudyError, match="direction: expected a horizontal direction of travel"):
        _expressed(external, own, np.array([0.0, 1.0, 0.0]))


# ---- closed form: peaks and impulse ----


def test_peaks_are_the_largest_of_each_half_of_stance() -> None:
    percent = np.arange(101.0)
    first = 40 * np.exp(-(((percent - 24) / 8) ** 2)) + 31 * np.exp(-(((percent - 77) / 8) ** 2))
    second = first[::-1]
    found = peaks(curves([first, second, -first - 1]))
    assert found["percent1"].tolist()[:2] == [24.0, 23.0] and found["percent2"].tolist()[:2] == [77.0, 76.0]
    assert found["peak1"].to_numpy()[:2] == pytest.approx([40, 31], abs=1e-9)
    assert found["peak2"].to_numpy()[:2] == pytest.approx([31, 40], abs=1e-9)
    assert found["larger"].to_numpy()[:2] == pytest.approx([40, 40], abs=1e-9)
    assert found.loc[2, "peak1"] == pytest.approx(-1.0, abs=2e-3), "an abducting knee's largest moment is negative"


def test_mid_stance_belongs_to_both_halves() -> None:
    found = peaks(curves(-np.abs(np.arange(101.0) - 50)))
    assert found[["peak1", "peak2", "percent1", "percent2"]].to_numpy().tolist() == [[0.0, 0.0, 50.0, 50.0]]


def test_a_peak_that_only_ends_its_half_of_stance_is_an_edge() -> None:
    percent = np.arange(101.0)
    hump = lambda at: np.exp(-(((percent - at) / 12) ** 2))  # noqa: E731
    cases = {
        "two peaks": (hump(25) + hump(75), (False, False)),
        "rising to the second": (hump(75), (True, False)),
        "falling from the first": (hump(25), (False, True)),
        "one peak in mid-stance": (hump(50), (True, True)),
        "rising throughout": (percent, (True, True)),
        "falling throughout": (-percent, (True, True)),
        "largest at contact": (np.cos(percent / 20), (True, True)),
        "plateaus": (np.clip(hump(25) + hump(75), 0, 0.8), (False, False)),
        "a plateau over mid-stance": (np.clip(hump(50), 0, 0.9), (False, False)),
        "flat": (0 * percent, (False, False)),
        "next to the edge": (-np.abs(percent - 49), (False, True)),
    }
    found = peaks(curves([curve for curve, _ in cases.values()]))
    assert found["edge1"].dtype == found["edge2"].dtype == "boolean"
    for (name, (_, expected)), row in zip(cases.items(), found.itertuples(), strict=True):
        assert (row.edge1, row.edge2) == expected, name


def test_an_edge_belongs_to_the_window_in_which_the_peak_was_sought() -> None:
    percent = np.arange(101.0)
    rising = np.exp(-(((percent - 48) / 12) ** 2)) + np.exp(-(((percent - 80) / 8) ** 2))
    assert peaks(curves(rising))[["edge1", "edge2"]].iloc[0].tolist() == [False, False]
    near = peaks(curves(rising), (30.0, 80.0))
    assert near["percent1"].iloc[0] == 40.0 and near[["edge1", "edge2"]].iloc[0].tolist() == [True, False]


@pytest.mark.parametrize(
    ("reference", "windows"),
    [
        ((25.0, 75.0), ((15, 35), (65, 85))),
        ((44.0, 55.0), ((34, 50), (50, 65))),  # not past mid-stance
        ((5.0, 97.0), ((0, 15), (87, 100))),
        ((50.0, 50.0), ((40, 50), (50, 60))),
    ],
)
def test_peaks_near_a_reference(reference: tuple[float, float], windows: tuple[tuple[int, int], ...]) -> None:
    values = np.random.default_rng(3).normal(size=(20, 101))
    found = peaks(curves(values), reference)
    for k, (low, high) in enumerate(windows, 1):
        part = values[:, low : high + 1]
        assert found[f"peak{k}"].to_numpy() == pytest.approx(part.max(1))
        assert found[f"percent{k}"].tolist() == (low + part.argmax(1)).tolist()


def test_a_gap_in_a_window_takes_its_peak_only() -> None:
    values = np.tile(np.arange(101.0), (3, 1))
    values[1, 20] = np.nan
    values[2, 95] = np.nan
    found = peaks(curves(values))
    assert np.isnan(found["peak1"]).tolist() == [False, True, False] == np.isnan(found["percent1"]).tolist()
    assert np.isnan(found["peak2"]).tolist() == [False, False, True]
    assert np.isnan(found["larger"]).tolist() == [False, True, True]
    assert found["edge1"].isna().tolist() == [False, True, False] and found["edge2"].isna().tolist()[2]
    near = peaks(curves(values), (40.0, 60.0))
    assert near.notna().all().all(), "gaps outside the windows do not matter"
    assert len(peaks(curves(values[:0]))) == 0


@pytest.mark.parametrize("reference", [(60.0, 75.0), (25.0, 40.0), (float("nan"), 75.0), (25.0, float("nan"))])
def test_a_reference_must_lie_in_its_own_half(reference: tuple[float, float]) -> None:
    with pytest.raises(GaitStudyError, match=r"reference: expected peaks at 0-50 and 50-100 % of stance, found"):
        peaks(curves(np.zeros(101)), reference)


def test_impulse_of_a_half_sine() -> None:
    fine, coarse = (curves(3 * np.sin(np.pi * np.linspace(0, 1, n))) for n in (601, 101))
    assert round(float(impulse(fine, np.array([0.6]))[0]), 5) == 1.14591
    assert round(2 * 3 * 0.6 / np.pi, 5) == 1.14592
    assert float(impulse(coarse, np.array([0.6]))[0]) == pytest.approx(1.14592, abs=1e-4)


def test_impulse_leaves_abduction_out() -> None:
    wave = curves(np.sin(2 * np.pi * np.linspace(0, 1, 1001)))
    assert float(impulse(wave, np.array([2.0]))[0]) == pytest.approx(2 / np.pi, abs=1e-5)
    both = curves(np.ones((3, 101)) * [[1.0], [2.0], [np.nan]])
    assert impulse(both, np.array([0.5, 0.7, 0.6]))[:2] == pytest.approx([0.5, 1.4])
    assert np.isnan(impulse(both, np.array([0.5, 0.7, 0.6]))[2])


# ---- what a change is made of ----

INGREDIENTS = ("centre_of_pressure", "knee", "force", "forward")


def condition(seed: int, n: int = 101) -> xr.Dataset:
    """A stance of plausible sizes, random in every number."""
    rng = np.random.default_rng(seed)
    values = {
        "centre_of_pressure": rng.normal(0, 0.05, (n, 3)) * [1, 0, 1],
        "knee": rng.normal(0, 0.05, (n, 3)) + [0.0, 0.45, 0.0],
        "force": rng.normal(0, 60, (n, 3)) + [0.0, 700.0, 0.0],
        "forward": unit(rng.normal(0, 0.2, (n, 3)) + [1.0, 0.0, 0.0]),
    }
    return xr.Dataset({k: (("percent", "axis"), v) for k, v in values.items()},
                      coords={"percent": np.linspace(0, 100, n), "axis": list("xyz")})  # fmt: skip


def parts_of(before: xr.Dataset, after: xr.Dataset, side: str = "right", frame: str = "tibia") -> dict[str, np.ndarray]:
    found = decompose_moment_change(before, after, side, frame)
    return {p: found["contribution"].sel(part=p).values for p in PARTS}


@given(st.integers(0, 10**6), st.integers(0, 10**6), st.sampled_from(SIDES), st.sampled_from(["tibia", "lab"]))
def test_the_parts_add_up_to_the_change(one: int, two: int, side: str, frame: str) -> None:
    before, after = condition(one, 11), condition(two, 11)
    found = decompose_moment_change(before, after, side, frame)
    change = found["after"].values - found["before"].values
    scale = max(1.0, float(np.abs(change).max()))
    assert np.abs(found["contribution"].sum("part").values - change).max() <= 1e-12 * scale
    assert np.array_equal(found["change"].values, change)
    for name, state in (("before", before), ("after", after)):
        moment = np.cross(state["centre_of_pressure"] - state["knee"], state["force"])
        axis = state["forward"].values if frame == "tibia" else np.array([1.0, 0.0, 0.0])
        assert found[name].values == pytest.approx(side_sign(side) * (moment * axis).sum(-1), abs=1e-10)
    assert found["contribution"].dims == ("part", "percent") and found["part"].values.tolist() == list(PARTS)


def test_parts_of_real_sizes_add_up_to_1e_12() -> None:
    worst = 0.0
    for seed in range(50):
        found = decompose_moment_change(condition(seed), condition(seed + 1000), "left")
        worst = max(worst, float(np.abs(found["contribution"].sum("part") - found["change"]).max()))
    assert worst <= 1e-12


def single(what: str, before: xr.Dataset) -> xr.Dataset:
    """Another condition that differs in one ingredient alone."""
    after, other = before.copy(deep=True), condition(99)
    if what == "centre of pressure":
        after["centre_of_pressure"] = before["centre_of_pressure"] + [0.004, 0.0, -0.011]
    elif what == "knee position":
        after["knee"] = other["knee"]
    elif what == "force direction":
        size = np.linalg.norm(before["force"].values, axis=1, keepdims=True)
        after["force"] = before["force"].copy(data=unit(other["force"].values) * size)
    elif what == "force size":
        after["force"] = before["force"] * 1.25
    elif what == "tibial frame":
        after["forward"] = other["forward"]
    return after


@pytest.mark.parametrize("frame", ["tibia", "lab"])
@pytest.mark.parametrize("what", PARTS)
def test_a_change_of_one_ingredient_is_its_part_alone(what: str, frame: str) -> None:
    before = condition(4)
    parts = parts_of(before, single(what, before), frame=frame)
    for name, values in parts.items():
        if name != what:
            assert np.abs(values).max() <= 1e-12, name
    nothing = frame == "lab" and what == "tibial frame"
    assert (np.abs(parts[what]).max() == 0.0) if nothing else (np.abs(parts[what]).max() > 0.5)


def test_a_pure_shift_of_pressure_is_force_times_shift_in_the_lab() -> None:
    before = condition(5)
    after = single("centre of pressure", before)
    for side in SIDES:
        parts = parts_of(before, after, side, "lab")
        expected = side_sign(side) * 0.011 * before["force"].values[:, 1]  # - dz Fy
        assert parts["centre of pressure"] == pytest.approx(expected, abs=1e-12)
        assert all(np.array_equal(parts[p], np.zeros(101)) for p in PARTS[1:]), "exactly nothing else"


def test_no_change_has_no_parts() -> None:
    found = decompose_moment_change(condition(6), condition(6), "left")
    assert not found["contribution"].values.any() and not found["change"].values.any()


def test_the_tibial_part_is_zero_in_the_lab_frame() -> None:
    before, after = condition(7), condition(8)
    assert not parts_of(before, after, frame="lab")["tibial frame"].any()
    assert np.abs(parts_of(before, after, frame="tibia")["tibial frame"]).max() > 1
    plain = [c.drop_vars("forward") for c in (before, after)]
    assert decompose_moment_change(*plain, "left", "lab")["change"].shape == (101,)
    with pytest.raises(KeyError):
        decompose_moment_change(*plain, "left", "tibia")


def test_the_other_way_round_changes_every_sign() -> None:
    before, after = condition(9), condition(10)
    there, back = parts_of(before, after), parts_of(after, before)
    for name in PARTS:
        assert np.abs(there[name] + back[name]).max() < 1e-12


def test_it_is_the_mean_over_all_120_orders() -> None:
    before, after = condition(11, 5), condition(12, 5)

    def moment(changed: set[str]) -> np.ndarray:
        def pick(name: str, value: str) -> np.ndarray:
            return (after if name in changed else before)[value].values

        size = np.linalg.norm(pick("force size", "force"), axis=1)
        direction = unit(pick("force direction", "force"))
        arm = pick("centre of pressure", "centre_of_pressure") - pick("knee position", "knee")
        return (np.cross(arm, direction * size[:, None]) * pick("tibial frame", "forward")).sum(1)

    mean = {p: np.zeros(5) for p in PARTS}
    orders = list(permutations(PARTS))
    for order in orders:
        changed: set[str] = set()
        for name in order:
            earlier = moment(changed)
            changed.add(name)
            mean[name] += (moment(changed) - earlier) / len(orders)
    found = parts_of(before, after)
    assert len(orders) == 120
    for name in PARTS:
        assert np.abs(found[name] - mean[name]).max() < 1e-10


def test_two_factors_have_the_closed_form() -> None:
    # only the lever arm r and the force's size change: mean(r) x dF and dr x mean(F)
    before = condition(13)
    after = single("centre of pressure", before)
    after["force"] = before["force"] * 0.8
    parts = parts_of(before, after, "left", "lab")
    arms = [(c["centre_of_pressure"] - c["knee"]).values for c in (before, after)]
    forces = [c["force"].values for c in (before, after)]
    by_arm = -np.cross(arms[1] - arms[0], (forces[0] + forces[1]) / 2)[:, 0]
    by_force = -np.cross((arms[0] + arms[1]) / 2, forces[1] - forces[0])[:, 0]
    assert parts["centre of pressure"] == pytest.approx(by_arm, abs=1e-11)
    assert parts["force size"] == pytest.approx(by_force, abs=1e-11)
    assert max(np.abs(parts[p]).max() for p in ("knee position", "force direction", "tibial frame")) <= 1e-12


def test_knee_and_pressure_share_a_common_shift() -> None:
    before = condition(14)
    after = before.copy(deep=True)
    for name in ("centre_of_pressure", "knee"):
        after[name] = before[name] + [0.3, 0.0, 0.2]
    parts = parts_of(before, after)
    assert np.abs(parts["centre of pressure"] + parts["knee position"]).max() < 1e-11
    assert np.abs(decompose_moment_change(before, after, "left")["change"]).max() < 1e-11


def test_mirrored_conditions_have_the_same_parts() -> None:
    before, after = condition(15), condition(16)
    flip = xr.DataArray([1.0, 1.0, -1.0], dims="axis", coords={"axis": list("xyz")})
    one, two = parts_of(before, after, "right"), parts_of(before * flip, after * flip, "left")
    for name in PARTS:
        assert np.abs(one[name] - two[name]).max() < 1e-12


def test_turning_and_moving_the_lab_changes_no_part() -> None:
    before, after = condition(17), condition(18)
    turn = synthetic.rotation("y", 2.2)

    def elsewhere(state: xr.Dataset) -> xr.Dataset:
        other = {n: state[n].copy(data=state[n].values @ turn.T) for n in INGREDIENTS}
        for name in ("centre_of_pressure", "knee"):
            other[name] = other[name] + [2.0, 0.5, -3.0]
        return xr.Dataset(other)

    one, two = parts_of(before, after), parts_of(elsewhere(before), elsewhere(after))
    for name in PARTS:
        assert np.abs(one[name] - two[name]).max() < 1e-9


def test_gaps_and_unloaded_instants() -> None:
    before, after = condition(19), condition(20)
    before["force"][30] = np.nan
    before["force"][0] = 0.0
    after["force"][0] = 0.0
    found = decompose_moment_change(before, after, "left")
    assert np.flatnonzero(np.isnan(found["contribution"]).any("part")).tolist() == [30]
    assert not found["contribution"].values[:, 0].any()


def test_conditions_that_do_not_match_are_refused() -> None:
    with pytest.raises(GaitStudyError, match="decomposition: expected frame 'tibia' or 'lab', found 'joint"):
        decompose_moment_change(condition(1), condition(2), "left", "joint coordinate system")
    with pytest.raises(GaitStudyError, match="expected both conditions at the same per cents of stance"):
        decompose_moment_change(condition(1), condition(2).assign_coords(percent=np.linspace(0, 50, 101)), "left")
    with pytest.raises(DimensionError, match="force: expected dimensions"):
        broken = condition(1)
        decompose_moment_change(broken.assign(force=broken["force"].rename(axis="component")), condition(2), "left")


def two_bumps(first: float, second: float, at: float) -> np.ndarray:
    percent = np.arange(101.0)
    return first * np.exp(-(((percent - at) / 9) ** 2)) + second * np.exp(-(((percent - 75) / 9) ** 2))


@given(st.integers(0, 1000), st.floats(18, 32), st.floats(18, 32))
def test_the_change_of_a_peak_adds_up(seed: int, at: float, then: float) -> None:
    before, after = condition(seed), condition(seed + 5)
    for state, bumps in ((before, two_bumps(1.0, 0.8, at)), (after, two_bumps(0.8, 0.9, then))):
        state["centre_of_pressure"] = state["knee"] * [1, 0, 1] * 0 + [0.0, 0.0, -0.03]
        state["knee"] = 0 * state["knee"] + [0.0, 0.45, 0.0]
        state["force"] = (("percent", "axis"), 100 + 700 * bumps[:, None] * [0.05, 1.0, 0.02])
    split = decompose_moment_change(before, after, "right")
    for window in ((0.0, 50.0), (50.0, 100.0)):
        found = decompose_peak_change(split, window)
        assert found.index.tolist() == [*PARTS, "peak timing", "total"]
        inside = split.sel(percent=slice(*window))
        assert found["total"] == pytest.approx(float(inside["after"].max() - inside["before"].max()), abs=1e-12)
        assert found.drop("total").sum() == pytest.approx(found["total"], abs=1e-11)
        assert found["peak timing"] >= 0


def test_a_peak_that_only_comes_later_is_all_timing_and_shape() -> None:
    early, late = condition(21), condition(21)
    for state, at in ((early, 20.0), (late, 30.0)):
        bumps = two_bumps(1.0, 0.5, at)
        state["centre_of_pressure"] = state["centre_of_pressure"] * 0 + [0.0, 0.0, -0.03]
        state["knee"] = state["knee"] * 0 + [0.0, 0.45, 0.0]
        state["force"] = (("percent", "axis"), 800 * bumps[:, None] * [0.0, 1.0, 0.0])
    found = decompose_peak_change(decompose_moment_change(early, late, "right", "lab"))
    assert found["total"] == pytest.approx(0.0, abs=1e-2)
    assert found["peak timing"] == pytest.approx(-found["force size"], abs=1e-2) and found["peak timing"] > 5
    assert (found[["centre of pressure", "knee position", "force direction", "tibial frame"]] == 0).all()


def test_a_peak_change_with_gaps_is_refused() -> None:
    before = condition(22)
    before["force"][20] = np.nan
    split = decompose_moment_change(before, condition(23), "left")
    with pytest.raises(GaitStudyError, match=r"peak change: expected moments throughout \(0.0, 50.0\) % of stance"):
        decompose_peak_change(split)
    assert np.isfinite(decompose_peak_change(split, (50.0, 100.0))).all()


# ---- invariance: mirroring, turning and moving change no outcome ----

ORIGIN = (-2.0, 0.5, 3.0)
"""m; the other corner of the laboratory."""


def test_nothing_about_the_synthetic_walker_hangs_on_the_lab() -> None:
    trial, static, plates = synthetic.recording(), synthetic.static_trial(), {"left": "1", "right": "2"}
    swap = {str(m): synthetic.other_side(str(m)) for m in trial.markers["marker"].values}
    plain = synthetic.outcomes(trial, synthetic.NAMES, plates, synthetic.MASS, static)
    assert len(plain) == 2 * (2 + len(FRAMES) * len(METHODS) * 2 + 2 + 1)
    for angle in (1.1, -2.5, np.pi):
        turned = synthetic.outcomes(synthetic.turned(trial, angle), synthetic.NAMES, plates, synthetic.MASS, static)
        assert synthetic.largest_change(plain, turned) <= 1e-9
    moved = synthetic.outcomes(synthetic.moved(trial, ORIGIN), synthetic.NAMES, plates, synthetic.MASS, static)
    assert synthetic.largest_change(plain, moved) <= 1e-9
    image = synthetic.mirrored(trial, swap)
    still = synthetic.mirrored(motion.Recording("static", static), swap).markers
    mirrored = synthetic.outcomes(image, synthetic.NAMES, {"right": "1", "left": "2"}, synthetic.MASS, still)
    assert synthetic.largest_change(plain, mirrored, swap=True) <= 1e-9
    sides = [plain[s, "adduction, tibia, lever arm"] for s in SIDES]
    assert np.abs(sides[0] - sides[1]).max() > 1, "the walker's two sides must differ, or this tests nothing"


def real_trial(dataset: str) -> tuple[motion.Recording, dict[str, Any], dict[str, str], float, xr.DataArray | None]:
    """A smoothed trial that faces forward, its map, the plate under each side, mass and static markers."""
    if not catalogue.present(dataset):
        pytest.skip(f"dataset not on this machine: {dataset}")
    static = forces = None
    if dataset == "opencap-foot-angle":
        path = catalogue.locate(dataset, "inputs/trc/walkingTS1.trc")
        forces = catalogue.locate(dataset, "inputs/grf/walkingTS1_grf.mot")
        static = motion.read_trc(catalogue.locate(dataset, "inputs/trc/static1.trc")).markers
        name, mass = "opencap", 70.0
    else:
        path = catalogue.locate(dataset, "btk/PiG_Motion3_FF.c3d")
        name, mass = "plug-in-gait", 74.0
    walk = pipeline.prepare(pipeline.read(path, name, forces=forces))
    used = walk.whole.drop_duplicates("side").set_index("side")["plate"]
    events = [
        row
        for s in walk.strides.itertuples()
        for row in ((s.ic_time, "initial_contact", s.side), (s.fo_time, "foot_off", s.side))
    ]
    even = walk.recording
    table = pd.DataFrame(events, columns=["time", "event", "side"])
    trial = motion.Recording(even.name, even.markers, even.loads, events=table, subject=even.subject)
    return trial, even.roles, used.to_dict(), mass, static


def mirror_names(trial: motion.Recording, names: dict[str, Any]) -> dict[str, str]:
    """Which label becomes which in the mirror: by role, then by letter."""
    swap: dict[str, str] = {}
    for role, mine in names["left"].items():
        theirs = names["right"][role]
        for a, b in zip(*([v] if isinstance(v, str) else v for v in (mine, theirs)), strict=True):
            swap |= {a: b, b: a}
    return swap


@pytest.mark.parametrize("dataset", ["opencap-foot-angle", "plug-in-gait-kinetics"])
def test_nothing_about_a_real_walker_hangs_on_the_lab(dataset: str) -> None:
    trial, names, plates, mass, static = real_trial(dataset)
    assert set(plates) == set(SIDES)
    plain = synthetic.outcomes(trial, names, plates, mass, static)
    assert all(
        np.isfinite(plain[s, f"adduction, {frame}, {m}"]).sum() > 50 for s in SIDES for frame in FRAMES for m in METHODS
    )
    turned = synthetic.outcomes(synthetic.turned(trial, 1.1), names, plates, mass, static)
    assert synthetic.largest_change(plain, turned) <= 1e-9
    moved = synthetic.outcomes(synthetic.moved(trial, ORIGIN), names, plates, mass, static)
    assert synthetic.largest_change(plain, moved) <= 1e-9
    swap = mirror_names(trial, names)
    still = None if static is None else synthetic.mirrored(motion.Recording("static", static), swap).markers
    other = {"left": "right", "right": "left"}
    image = synthetic.mirrored(trial, swap)
    mirrored = synthetic.outcomes(image, names, {other[s]: p for s, p in plates.items()}, mass, still)
    assert synthetic.largest_change(plain, mirrored, swap=True) <= 1e-9
